#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "view/component.h"
#include "view/template.h"

/* Renders a component's partial within a page that has members of the same names. */
static char *render_within(const char *component, const char *options, const char *page) {
        struct template_set *set = NULL;
        char *error = NULL, name[64];
        if (template_set_parse(&embedded_templates, &set, &error) < 0)
                fail_msg("%s", error);
        json_t *given = json_loads(options, 0, NULL), *contexts[2];
        contexts[0] = json_loads(page, 0, NULL);
        contexts[1] = component_prepare(component, given);
        assert_non_null(contexts[0]);
        assert_non_null(contexts[1]);
        struct buffer out = { 0 };
        snprintf(name, sizeof name, "partial/govuk/%s", component);
        assert_int_equal(template_render(set, name, contexts, 2, NULL, &out), 0);
        json_decref(given);
        json_decref(contexts[0]);
        json_decref(contexts[1]);
        template_set_free(set);
        return buffer_take(&out, NULL);
}

static void a_component_takes_nothing_from_the_page_around_it(void **state) {
        static const char page[] = "{\"id\":\"LEAK\",\"text\":\"LEAK\",\"html\":\"LEAK\",\"classes\":\"LEAK\",\"hint\":{\"text\":"
                                   "\"LEAK\"},\"label\":{\"text\":\"LEAK\"},\"errorMessage\":{\"text\":\"LEAK\"},\"value\":"
                                   "\"LEAK\",\"href\":\"LEAK\",\"attributes\":[{\"name\":\"LEAK\"}],\"name\":\"LEAK\","
                                   "\"describedBy\":\"LEAK\",\"title\":\"LEAK\",\"status\":\"LEAK\",\"caption\":\"LEAK\","
                                   "\"disabled\":true,\"items\":[{\"text\":\"LEAK\"}],\"actions\":{\"items\":[{}]},"
                                   "\"current\":true,\"open\":true,\"card\":{\"title\":{\"text\":\"LEAK\"}}}";
        static const struct {
                const char *component, *options;
        } cases[] = {
                { "input", "{\"name\":\"a\"}" },
                { "textarea", "{\"name\":\"a\",\"label\":{\"text\":\"A\"}}" },
                { "radios", "{\"name\":\"a\",\"items\":[{\"value\":\"1\",\"text\":\"One\"}]}" },
                { "checkboxes", "{\"name\":\"a\",\"fieldset\":{\"legend\":{\"text\":\"?\"}},\"items\":[{\"value\":\"1\",\"text\":"
                                "\"One\"}]}" },
                { "select", "{\"name\":\"a\",\"items\":[{\"text\":\"One\"}]}" },
                { "date-input", "{\"id\":\"a\"}" },
                { "button", "{\"text\":\"Go\"}" },
                { "table", "{\"rows\":[[{\"text\":\"1\"}]]}" },
                { "summary-list", "{\"rows\":[{\"key\":{\"text\":\"k\"},\"value\":{\"text\":\"v\"}}]}" },
                { "task-list", "{\"items\":[{\"title\":{\"text\":\"t\"},\"status\":{\"text\":\"s\"}}]}" },
                { "pagination", "{\"items\":[{\"number\":1,\"href\":\"/1\"}]}" },
                { "details", "{\"summaryText\":\"s\",\"text\":\"t\"}" },
        };
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                _cleanup_free_ char *html = render_within(cases[i].component, cases[i].options, page);
                if (strstr(html, "LEAK") || strstr(html, " disabled") || strstr(html, "aria-current") ||
                    strstr(html, " open"))
                        fail_msg("%s: %s", cases[i].component, html);
        }
}

static void text_is_escaped_and_unknown_options_are_dropped(void **state) {
        json_t *options = json_pack("{ssss}", "text", "<b>", "onclick", "x");
        json_t *context = component_prepare("tag", options);
        assert_null(json_object_get(context, "onclick"));
        json_decref(context);
        json_decref(options);
        _cleanup_free_ char *html = render_within("tag", "{\"text\":\"<b>\",\"attributes\":{\"title\":\"\\\"\"}}", "{}");
        assert_non_null(strstr(html, "&lt;b&gt;"));
        assert_non_null(strstr(html, "title=\"&quot;\""));
}

static void an_unknown_component_is_nothing(void **state) {
        json_t *options = json_object();
        assert_null(component_prepare("marquee", options));
        json_decref(options);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_component_takes_nothing_from_the_page_around_it),
                cmocka_unit_test(text_is_escaped_and_unknown_options_are_dropped),
                cmocka_unit_test(an_unknown_component_is_nothing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
