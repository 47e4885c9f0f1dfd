/* The report form's definition: what is refused at start, which pages are walked, and what is sent in the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macro.h"
#include "http/codes.h"
#include "incident/draft.h"
#include "incident/facts.h"

static json_t *parse(const char *text) {
        json_error_t error;
        json_t *value = json_loads(text, 0, &error);
        if (!value)
                fail_msg("%s: %s", error.text, text);
        return value;
}

static void the_definition_that_ships_is_sound(void **state) {
        char *error = NULL;
        assert_int_equal(draft_form_load(&error), 0);
        assert_null(error);
}

static void a_definition_with_a_mistake_is_refused_with_a_reason(void **state) {
#define PAGE(path, name) "{\"path\": \"" path "\", \"form\": {\"title\": \"T\", \"fields\": [{\"name\": \"" name \
                         "\", \"type\": \"text\", \"label\": \"L\"}]}}"
        static const struct {
                const char *form, *words;
        } cases[] = {
                { "{}", "no pages" },
                { "{\"pages\": [{}]}", "needs a path" },
                { "{\"pages\": [{\"path\": \"Kind\"}]}", "needs a path" },
                { "{\"pages\": [{\"path\": \"kind\"}]}", "needs a form" },
                { "{\"pages\": [" PAGE("kind", "colour") "]}", "no colour" },
                { "{\"pages\": [" PAGE("kind", "people/0/colour") "]}", "no people/0/colour" },
                { "{\"pages\": [" PAGE("kind", "kind") ", " PAGE("kind", "harm") "]}", "two pages" },
                { "{\"pages\": [{\"path\": \"a\", \"when\": {\"field\": \"colour\", \"in\": [1]}, \"form\": {\"title\": \"T\", "
                  "\"fields\": []}}]}", "condition" },
                { "{\"pages\": [{\"path\": \"a\", \"when\": {\"field\": \"kind\", \"in\": []}, \"form\": {\"title\": \"T\", "
                  "\"fields\": []}}]}", "condition" },
                { "{\"pages\": [{\"path\": \"a\", \"when\": [{\"field\": \"kind\", \"given\": true}, {\"field\": \"harm\"}], "
                  "\"form\": {\"title\": \"T\", \"fields\": []}}]}", "condition" },
                { "{\"pages\": [{\"path\": \"a\", \"instead\": {\"answers\": {}}, \"form\": {\"title\": \"T\", \"fields\": []}}]}",
                  "needs its words" },
                { "{\"pages\": [{\"path\": \"a\", \"instead\": {\"button\": \"B\", \"answers\": {\"colour\": 1}}, \"form\": "
                  "{\"title\": \"T\", \"fields\": []}}]}", "no colour" },
                { "{\"pages\": [{\"path\": \"a\", \"form\": {\"title\": \"T\", \"fields\": [{\"name\": \"kind-from\", "
                  "\"type\": \"hidden\", \"value\": \"00:00\"}]}}]}", "no kind-from" },
                { "{\"pages\": [{\"path\": \"a\", \"otherwise\": {\"colour\": 1}, \"form\": {\"title\": \"T\", \"fields\": []}}]}",
                  "no colour" },
                { "{\"pages\": [" PAGE("kind", "kind") "], \"person_pages\": [" PAGE("role", "role") "]}", "never asks for" },
        };
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                json_t *form = parse(cases[i].form);
                _cleanup_free_ char *error = NULL;
                assert_true(draft_form_check(form, &error) < 0);
                if (!strstr(error, cases[i].words))
                        fail_msg("\"%s\" does not say \"%s\"", error, cases[i].words);
                json_decref(form);
        }
}

/* The paths of the pages that apply, parted by spaces, walked forwards, and that walking back meets the same ones. */
static void assert_walk(const struct draft_scope *scope, const char *wanted) {
        const json_t *pages[40];
        char walked[600] = "";
        size_t n = 0;
        for (const json_t *page = draft_next(scope, NULL); page; page = draft_next(scope, page)) {
                assert_true(n < ELEMENTS(pages));
                pages[n++] = page;
                strcat(strcat(walked, *walked ? " " : ""), draft_path(page));
        }
        assert_string_equal(walked, wanted);
        for (const json_t *page = draft_previous(scope, NULL); page; page = draft_previous(scope, page))
                assert_ptr_equal(page, pages[--n]);
        assert_int_equal(n, 0);
}

static void only_the_pages_that_apply_are_walked(void **state) {
        static const struct {
                const char *answers, *walk;
                bool several;
        } cases[] = {
                { "{\"kind\": \"GOOD_PRACTICE\"}", "kind what-happened words when place people actions", false },
                { "{\"kind\": \"GOOD_PRACTICE\", \"occurred_precision\": \"PERIOD\"}",
                  "kind organisation what-happened words when date place people actions", true },
                { "{\"kind\": \"INCIDENT\", \"immediate_danger\": true}",
                  "kind what-happened words when aware place danger call-999 people harm offence racism form perceived-by wishes "
                  "must-not-know safe-contact actions",
                  false },
        };
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                json_t *answers = parse(cases[i].answers);
                struct draft_scope scope = draft_scope_report(answers, cases[i].several);
                assert_walk(&scope, cases[i].walk);
                json_decref(answers);
        }
}

static void a_person_is_asked_what_belongs_to_their_role(void **state) {
        static const struct {
                const char *person, *walk;
        } cases[] = {
                { "{\"role\": \"TARGET_CHILD\"}", "role name age home care ethnicity language faith culture impact agreement" },
                { "{\"role\": \"TARGET_CHILD\", \"first_language\": \"English\"}",
                  "role name age home care ethnicity language faith culture impact agreement" },
                { "{\"role\": \"TARGET_ADULT\", \"first_language\": \"Somali\"}",
                  "role name age ethnicity language interpreter faith culture impact agreement" },
                { "{\"role\": \"ALLEGED_PERPETRATOR_STAFF\"}", "role name account age work workplace ethnicity" },
                { "{\"role\": \"ALLEGED_PERPETRATOR_STAFF\", \"works_with_children\": \"UNKNOWN\"}",
                  "role name account age work workplace ethnicity" },
                { "{\"role\": \"ALLEGED_PERPETRATOR_STAFF\", \"works_with_children\": \"NO\"}", "role name account age work ethnicity" },
                { "{\"role\": \"ALLEGED_PERPETRATOR_CHILD\"}", "role name age home care ethnicity" },
                { "{\"role\": \"TARGET_COMMUNITY\"}", "role name" },
                { "{\"role\": \"INTERPRETER\"}", "role name account" },
        };
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                json_t *person = parse(cases[i].person);
                struct draft_scope scope = draft_scope_person(person);
                assert_walk(&scope, cases[i].walk);
                json_decref(person);
        }
}

static void a_page_replaces_its_own_answers_and_no_others(void **state) {
        json_t *answers = parse("{\"kind\": \"INCIDENT\", \"occurred_in\": \"X12\", \"setting\": \"HOME\", \"wishes\": \"old\"}");
        json_t *given = parse("{\"setting\": \"COURT\", \"kind\": \"OBSERVATION\"}");
        json_t *wanted = parse("{\"kind\": \"INCIDENT\", \"setting\": \"COURT\", \"wishes\": \"old\"}");
        struct draft_scope scope = draft_scope_report(answers, false);
        draft_take(draft_page(&scope, "place"), given, answers);
        assert_true(json_equal(answers, wanted));
        json_decref(answers);
        json_decref(given);
        json_decref(wanted);
}

static void empty_items_are_dropped_and_repeat_once_more(void **state) {
        json_t *answers = json_object(), *given = parse("{\"verbatim\": [{}, {\"words\": \"a\"}, {}, {\"words\": \"b\"}]}");
        struct draft_scope scope = draft_scope_report(answers, false);
        const json_t *page = draft_page(&scope, "words");
        draft_take(page, given, answers);
        assert_int_equal(json_array_size(json_object_get(answers, "verbatim")), 2);
        json_t *form = draft_form(&scope, page, 1), *fields = json_object_get(form, "fields");
        assert_int_equal(json_array_size(fields), 6);
        assert_string_equal(json_string_value(json_object_get(json_array_get(fields, 4), "name")), "verbatim/2/words");
        json_decref(form);
        json_decref(given);
        json_decref(answers);
}

/* The clocks count working days of London: the day is what matters, and it begins an hour earlier in summer. */
static void the_button_instead_of_an_answer_answers_for_the_page(void **state) {
        struct draft_scope report = draft_scope_report(NULL, false), person = draft_scope_person(NULL);
        static const struct {
                const char *page, *day, *wanted;
                bool person;
        } cases[] = {
                { "aware", "2026-01-15", "{\"aware_at\": \"2026-01-15T00:00:00+00:00\"}", false },
                { "aware", "2026-07-15", "{\"aware_at\": \"2026-07-15T00:00:00+01:00\"}", false },
                { "wishes", "2026-07-15", "{}", false },
                { "ethnicity", "2026-07-15", "{\"ethnicity\": {\"code\": \"NOT_KNOWN\"}}", true },
                { "work", "2026-07-15", "{\"works_with_children\": \"UNKNOWN\"}", true },
        };
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                const json_t *page = draft_page(cases[i].person ? &person : &report, cases[i].page);
                json_t *answers = draft_instead(page, cases[i].day), *wanted = parse(cases[i].wanted);
                assert_true(json_equal(answers, wanted));
                json_decref(wanted);
                json_decref(answers);
        }
}

/* What was answered before another answer made its page go away is not sent. */
static void what_does_not_apply_is_not_sent(void **state) {
        json_t *answers = parse("{\"kind\": \"GOOD_PRACTICE\", \"harm\": \"HAPPENED\", \"strands\": [\"CASTE\"], \"people\": ["
                                "{\"role\": \"WITNESS\", \"works_with_children\": \"YES\", \"name\": \"A\"}]}");
        json_t *wanted = parse("{\"kind\": \"GOOD_PRACTICE\", \"harm\": \"NONE_KNOWN\", \"suspected_offence\": \"NO\", "
                               "\"immediate_danger\": false, \"people\": [{\"role\": \"WITNESS\", \"name\": \"A\"}]}");
        json_t *finished = draft_finished(answers, false);
        assert_true(json_equal(finished, wanted));
        json_decref(finished);
        json_decref(wanted);
        json_decref(answers);
}

static bool has_fault(const json_t *faults, const char *field, const char *code) {
        size_t n;
        const json_t *fault;
        json_array_foreach (faults, n, fault)
                if (strcmp(json_string_value(json_object_get(fault, "field")), field) == 0
                    && strcmp(json_string_value(json_object_get(fault, "code")), code) == 0)
                        return true;
        return false;
}

static void the_whole_report_is_held_to_the_rules_of_the_api(void **state) {
        json_t *answers = parse("{\"occurred_precision\": \"EXACT\", \"people\": [{\"ethnicity\": {\"self_described\": \"x\"}, "
                                "\"date_of_birth\": \"2026-11-23\"}]}");
        json_t *faults = json_array();
        draft_check(answers, "2026-11-22", faults);
        assert_true(has_fault(faults, "/kind", "required"));
        assert_true(has_fault(faults, "/harm", "required"));
        assert_true(has_fault(faults, "/occurred_on", "required"));
        assert_true(has_fault(faults, "/people/0/role", "required"));
        assert_true(has_fault(faults, "/people/0/ethnicity/code", "required"));
        assert_true(has_fault(faults, "/people/0/date_of_birth", "in_the_future"));
        json_decref(faults);
        json_decref(answers);
}

static void times_that_cannot_be_are_named_all_at_once(void **state) {
        json_t *body = parse("{\"occurred_on\": \"2999-01-01\", \"aware_at\": \"2999-01-01T00:30:00+01:00\", \"people\": ["
                             "{\"date_of_birth\": \"2999-01-01\"}, {\"date_of_birth\": \"1899-12-31\"}, "
                             "{\"date_of_birth\": \"1900-01-01\"}]}");
        json_t *faults = json_array();
        incident_schema.check(body, faults);
        assert_int_equal(json_array_size(faults), 4);
        assert_true(has_fault(faults, "/occurred_on", "in_the_future"));
        assert_true(has_fault(faults, "/aware_at", "in_the_future"));
        assert_true(has_fault(faults, "/people/0/date_of_birth", "in_the_future"));
        assert_true(has_fault(faults, "/people/1/date_of_birth", "too_early"));
        json_decref(faults);
        json_decref(body);
        body = parse("{\"occurred_on\": \"2020-02-29\", \"aware_at\": \"2020-02-29T23:59:59-12:00\"}");
        faults = json_array();
        incident_schema.check(body, faults);
        assert_int_equal(json_array_size(faults), 0);
        json_decref(faults);
        json_decref(body);
}

int main(void) {
        struct codes *codes;
        static const char list[] = "{\"occurred_precision\": [{\"code\": \"EXACT\", \"label\": \"I know when\"}]}";
        if (codes_parse(list, sizeof list - 1, &codes) != 0)
                return 1;
        codes_install(codes);
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_definition_that_ships_is_sound),
                cmocka_unit_test(a_definition_with_a_mistake_is_refused_with_a_reason),
                cmocka_unit_test(only_the_pages_that_apply_are_walked),
                cmocka_unit_test(a_person_is_asked_what_belongs_to_their_role),
                cmocka_unit_test(a_page_replaces_its_own_answers_and_no_others),
                cmocka_unit_test(empty_items_are_dropped_and_repeat_once_more),
                cmocka_unit_test(the_button_instead_of_an_answer_answers_for_the_page),
                cmocka_unit_test(what_does_not_apply_is_not_sent),
                cmocka_unit_test(the_whole_report_is_held_to_the_rules_of_the_api),
                cmocka_unit_test(times_that_cannot_be_are_named_all_at_once),
        };
        return cmocka_run_group_tests_name("incident/draft", tests, NULL, NULL);
}
