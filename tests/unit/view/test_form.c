#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "view/form.h"
#include "view/template.h"

static const char form_text[] =
        "{\"title\":\"Record the outcome\",\"fields\":["
        "{\"name\":\"outcome\",\"type\":\"radios\",\"label\":\"What was the outcome?\",\"list\":\"outcome\",\"required\":true},"
        "{\"name\":\"reason\",\"type\":\"text\",\"label\":\"Why malicious?\",\"when\":{\"field\":\"outcome\",\"in\":[\"MALICIOUS\"]}},"
        "{\"name\":\"rationale\",\"type\":\"textarea\",\"label\":\"Rationale\",\"hint\":\"Be exact\",\"required\":true,\"max\":4000,"
        "\"rows\":8,\"when\":{\"field\":\"outcome\",\"in\":[\"MALICIOUS\",\"FALSE\"]}},"
        "{\"name\":\"steps\",\"type\":\"checkboxes\",\"label\":\"Steps\",\"items\":[{\"value\":\"A\",\"label\":\"Call\"},"
        "{\"divider\":\"or\"},{\"value\":\"B\",\"label\":\"None\"}]},"
        "{\"name\":\"on\",\"type\":\"date\",\"label\":\"When?\",\"required\":true},"
        "{\"name\":\"at\",\"type\":\"time\",\"label\":\"At?\"},"
        "{\"name\":\"area\",\"type\":\"select\",\"label\":\"Area\",\"list\":\"outcome\"},"
        "{\"name\":\"people/0/age\",\"type\":\"number\",\"label\":\"Age\"},"
        "{\"name\":\"secret\",\"type\":\"password\",\"label\":\"Password\"},"
        "{\"name\":\"version\",\"type\":\"hidden\"}]}";

static json_t *items(void *userdata, const char *list) {
        return strcmp(list, "outcome") ? NULL : json_pack("[{ssss},{ssssss}]", "value", "MALICIOUS", "label", "Malicious",
                                                          "value", "FALSE", "label", "False <b>", "hint", "Not true");
}

static const struct form_options options = { .base = "data", .items = items };

static json_t *load(const char *text) {
        json_error_t error;
        json_t *value = json_loads(text, 0, &error);
        if (!value)
                fail_msg("%s: %s", error.text, text);
        return value;
}

static char *render(const char *form_json, const char *values_json, const char *errors_json) {
        struct template_set *set = NULL;
        char *error = NULL;
        json_t *form = load(form_json), *values = values_json ? load(values_json) : NULL,
               *errors = errors_json ? load(errors_json) : NULL;
        if (template_set_parse(&embedded_templates, &set, &error) < 0)
                fail_msg("%s", error);
        if (form_check(form, &error) < 0)
                fail_msg("%s", error);
        json_t *context = form_bind(form, values, errors, &options);
        assert_non_null(context);
        json_t *contexts[] = { json_pack("{ssss}", "action", "LEAK", "submit", "LEAK"), context };
        struct buffer out = { 0 };
        assert_int_equal(template_render(set, "partial/form/form", contexts, 2, NULL, &out), 0);
        json_decref(contexts[0]);
        json_decref(form);
        json_decref(values);
        json_decref(errors);
        json_decref(context);
        template_set_free(set);
        return buffer_take(&out, NULL);
}

static void assert_holds(const char *html, const char *part) {
        if (!strstr(html, part))
                fail_msg("no '%s' in\n%s", part, html);
}

static void fields_are_named_by_their_place_in_the_body(void **state) {
        _cleanup_free_ char *html = render(form_text, NULL, NULL);
        assert_holds(html, "id=\"data-outcome\" name=\"data/outcome\" type=\"radio\" value=\"MALICIOUS\"");
        assert_holds(html, "id=\"data-outcome-2\" name=\"data/outcome\" type=\"radio\" value=\"FALSE\"");
        assert_holds(html, "id=\"data-rationale\" name=\"data/rationale\" rows=\"8\" aria-describedby=\"data-rationale-info "
                           "data-rationale-hint\"");
        assert_holds(html, "id=\"data-on-day\" name=\"data/on-day\"");
        assert_holds(html, "name=\"data/people/0/age\" type=\"text\"");
        assert_holds(html, "name=\"data/version\" value=\"\"");
        assert_holds(html, "<h1 class=\"govuk-heading-l\">Record the outcome</h1>");
        assert_holds(html, "False &lt;b&gt;");
        assert_holds(html, "Steps (optional)");
        assert_holds(html, "<form method=\"post\" novalidate>");
        assert_null(strstr(html, "LEAK"));
        assert_null(strstr(html, "There is a problem"));
}

static void values_are_filled_in_but_passwords_are_not(void **state) {
        _cleanup_free_ char *html =
                render(form_text, "{\"data\":{\"outcome\":\"FALSE\",\"rationale\":\"<i>\",\"steps\":[\"B\"],\"on\":\"2026-11-05\","
                                  "\"area\":\"FALSE\",\"people\":[{\"age\":9}],\"secret\":\"hunter2\",\"version\":7}}", NULL);
        assert_holds(html, "value=\"FALSE\" checked");
        assert_null(strstr(html, "value=\"MALICIOUS\" checked"));
        assert_holds(html, ">&lt;i&gt;</textarea>");
        assert_holds(html, "value=\"B\" checked");
        assert_holds(html, "name=\"data/on-day\" type=\"text\" value=\"05\"");
        assert_holds(html, "name=\"data/on-month\" type=\"text\" value=\"11\"");
        assert_holds(html, "name=\"data/on-year\" type=\"text\" value=\"2026\"");
        assert_holds(html, "<option value=\"FALSE\" selected>");
        assert_holds(html, "name=\"data/people/0/age\" type=\"text\" spellcheck=\"false\" value=\"9\"");
        assert_holds(html, "name=\"data/version\" value=\"7\"");
        assert_null(strstr(html, "hunter2"));
}

static void errors_are_summed_up_and_stand_at_their_fields(void **state) {
        _cleanup_free_ char *html = render(
                form_text, NULL,
                "[{\"field\":\"/data/rationale\",\"code\":\"missing\",\"message\":\"Enter <why>\"},"
                "{\"field\":\"/data/on\",\"code\":\"date\",\"message\":\"Enter a real date\"},"
                "{\"field\":\"/data/steps/0\",\"code\":\"code\",\"message\":\"Select a step\"},"
                "{\"field\":\"/data/people\",\"code\":\"x\",\"message\":\"Of the whole\"}]");
        assert_holds(html, "There is a problem");
        assert_holds(html, "<a href=\"#data-rationale\">Enter &lt;why&gt;</a>");
        assert_holds(html, "<a href=\"#data-on-day\">Enter a real date</a>");
        assert_holds(html, "<a href=\"#data-steps\">Select a step</a>");
        assert_null(strstr(html, "<a href=\"#data-people"));
        assert_holds(html, "Of the whole");
        assert_holds(html, "<p id=\"data-rationale-error\" class=\"govuk-error-message\">");
        assert_holds(html, "aria-describedby=\"data-steps-error\"");
}

static void a_field_of_one_choice_stands_within_it(void **state) {
        _cleanup_free_ char *html = render(form_text, NULL, NULL);
        const char *within = strstr(html, "id=\"conditional-data-outcome\"");
        assert_non_null(within);
        assert_true(strstr(html, "name=\"data/reason\"") > within);
        assert_null(strstr(strstr(html, "name=\"data/reason\"") + 1, "name=\"data/reason\""));
        assert_holds(html, "data-aria-controls=\"conditional-data-outcome\"");
        assert_true(strstr(html, "name=\"data/rationale\"") > strstr(html, "value=\"FALSE\""));
}

static void the_only_question_is_the_heading(void **state) {
        _cleanup_free_ char *html = render(
                "{\"title\":\"T\",\"fields\":[{\"name\":\"a\",\"type\":\"text\",\"label\":\"Who?\",\"required\":true},"
                "{\"name\":\"h\",\"type\":\"hidden\"}]}", NULL, NULL);
        assert_holds(html, "<h1 class=\"govuk-label-wrapper\">");
        assert_holds(html, "govuk-label--l");
        assert_null(strstr(html, ">T<"));
}

static void wrong_definitions_are_refused(void **state) {
        static const struct {
                const char *form, *expected;
        } cases[] = {
                { "{}", "field '' of a form: there must be a list of at most 100" },
                { "{\"fields\":[{\"type\":\"text\",\"label\":\"L\"}]}",
                  "field '' needs a name of at most 100 letters, digits and slashes" },
                { "{\"fields\":[{\"name\":\"a\",\"type\":\"slider\",\"label\":\"L\"}]}",
                  "field 'a' has no type that a form knows" },
                { "{\"fields\":[{\"name\":\"a\",\"type\":\"text\"}]}", "field 'a' needs a label" },
                { "{\"fields\":[{\"name\":\"a\",\"type\":\"radios\",\"label\":\"L\"}]}",
                  "field 'a' needs a list or items, one of the two" },
                { "{\"fields\":[{\"name\":\"a\",\"type\":\"text\",\"label\":\"L\",\"when\":{\"field\":\"b\",\"in\":[\"X\"]}}]}",
                  "field 'a' depends on 'b', which is not an earlier field" },
        };
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                json_t *form = load(cases[i].form);
                _cleanup_free_ char *error = NULL;
                assert_int_equal(form_check(form, &error), -1);
                assert_string_equal(error, cases[i].expected);
                json_decref(form);
        }
}

static void a_submitted_form_becomes_the_body(void **state) {
        json_t *form = load(form_text);
        json_t *submitted = load("{\"data/outcome\":\"FALSE\",\"data/rationale\":\"\",\"data/steps\":[\"A\",\"B\"],"
                                 "\"data/on-day\":\"5\",\"data/on-month\":\"11\",\"data/on-year\":\"2026\","
                                 "\"data/people/0/age\":\"9\",\"data/at\":\"2pm\",\"data/else\":\"x\",\"csrf\":\"t\"}");
        json_t *expected = load("{\"data\":{\"outcome\":\"FALSE\",\"steps\":[\"A\",\"B\"],\"on\":\"2026-11-05\","
                                "\"people\":[{\"age\":9}],\"at\":\"2pm\"}}");
        json_t *body = form_read(form, submitted, &options);
        assert_true(json_equal(body, expected));
        json_decref(body);
        json_object_set_new(submitted, "data/on-day", json_string("soon"));
        json_object_set_new(submitted, "data/steps", json_string("A"));
        body = form_read(form, submitted, &options);
        assert_string_equal(json_string_value(json_object_get(json_object_get(body, "data"), "on")), "2026-11-soon");
        assert_int_equal(json_array_size(json_object_get(json_object_get(body, "data"), "steps")), 1);
        json_decref(body);
        json_decref(expected);
        json_decref(submitted);
        json_decref(form);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(fields_are_named_by_their_place_in_the_body),
                cmocka_unit_test(values_are_filled_in_but_passwords_are_not),
                cmocka_unit_test(errors_are_summed_up_and_stand_at_their_fields),
                cmocka_unit_test(a_field_of_one_choice_stands_within_it),
                cmocka_unit_test(the_only_question_is_the_heading),
                cmocka_unit_test(wrong_definitions_are_refused),
                cmocka_unit_test(a_submitted_form_becomes_the_body),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
