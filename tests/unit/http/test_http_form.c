#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/body.h"

static const struct field ethnicity[] = { { "code", FIELD_CODE, .required = true, .list = "e" }, { 0 } };
static const struct field person[] = { { "name", FIELD_LINE, .most = 50 }, { "born", FIELD_DATE }, { "ethnicity", FIELD_OBJECT, .fields = ethnicity }, { 0 } };
static const struct field fields[] = {
        { "text", FIELD_TEXT, .most = 100 },
        { "strands", FIELD_CODES, .list = "kind" },
        { "urgent", FIELD_BOOLEAN },
        { "count", FIELD_INTEGER, .most = 9 },
        { "day", FIELD_DATE },
        { "at", FIELD_TIME },
        { "happened_at", FIELD_INSTANT },
        { "password", FIELD_SECRET },
        { "people", FIELD_OBJECTS, .most = 3, .fields = person },
        { "data", FIELD_FREE },
        { 0 },
};

static struct arena *arena;
static struct form_hidden hidden;

static int open_arena(void **state) {
        arena = arena_new();
        return 0;
}

static int close_arena(void **state) {
        arena_free(arena);
        return 0;
}

static const char *read_form(const char *form, json_t **ret_given) {
        return body_split_form(arena, form, strlen(form), ret_given, &hidden);
}

/* The body of a form, as compact JSON with sorted names. */
static const char *body_of(const char *form) {
        json_t *given = NULL;
        const char *problem = read_form(form, &given);
        if (problem)
                return problem;
        json_t *body = form_to_body(given, fields);
        char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
        const char *copy = arena_string(arena, text);
        free(text);
        json_decref(body);
        json_decref(given);
        return copy;
}

static void answers_become_their_types(void **state) {
        assert_string_equal(body_of("text=a+b%0D%0Ac&strands=A&urgent=true&count=7&at=9%3A30"),
                            "{\"at\":\"09:30\",\"count\":7,\"strands\":[\"A\"],\"text\":\"a b\\r\\nc\",\"urgent\":true}");
        assert_string_equal(body_of("strands=A&strands=B"), "{\"strands\":[\"A\",\"B\"]}");
        assert_string_equal(body_of("urgent=maybe&count=1.5"), "{\"count\":\"1.5\",\"urgent\":\"maybe\"}");
        assert_string_equal(body_of("text=1&text=2"), "{\"text\":[\"1\",\"2\"]}");
}

static void an_empty_answer_is_none(void **state) {
        assert_string_equal(body_of("text=&count=++&strands=&day-day=&day-month=&day-year=&urgent="), "{}");
        assert_string_equal(body_of(""), "{}");
}

static void pointers_lead_into_objects_and_lists(void **state) {
        assert_string_equal(body_of("people/0/name=Ann&people/0/ethnicity/code=X&people/1/name=Bo"),
                            "{\"people\":[{\"ethnicity\":{\"code\":\"X\"},\"name\":\"Ann\"},{\"name\":\"Bo\"}]}");
        assert_string_equal(body_of("people/0/name=&people/0/ethnicity/code=&people/1/name="), "{\"people\":[]}");
        assert_string_equal(body_of("people/0/name=&people/1/name=Bo"), "{\"people\":[{},{\"name\":\"Bo\"}]}");
        assert_string_equal(body_of("data/a/b=1&data/c=2&data/c=3"), "{\"data\":{\"a\":{\"b\":\"1\"},\"c\":[\"2\",\"3\"]}}");
}

static void a_pointer_that_leads_nowhere_stays_a_name_that_no_question_has(void **state) {
        assert_string_equal(body_of("people/5/name=x"), "{\"people\":[],\"people/5/name\":\"x\"}");
        assert_string_equal(body_of("people/x/name=1"), "{\"people\":[],\"people/x/name\":\"1\"}");
        assert_string_equal(body_of("people=1&people/0/name=x"), "{\"people\":\"1\",\"people/0/name\":\"x\"}");
        assert_string_equal(body_of("data=1&data/a=2"), "{\"data\":\"1\",\"data/a\":\"2\"}");
        assert_string_equal(body_of("text/a=1&other=2"), "{\"other\":\"2\",\"text/a\":\"1\"}");
}

static void a_date_comes_in_three_parts(void **state) {
        assert_string_equal(body_of("day-day=7&day-month=3&day-year=2026"), "{\"day\":\"2026-03-07\"}");
        assert_string_equal(body_of("day=2026-03-07"), "{\"day\":\"2026-03-07\"}");
        assert_string_equal(body_of("day-day=31&day-month=2&day-year=2026"), "{\"day\":\"31 2 2026 \"}");
        assert_string_equal(body_of("day-day=7&day-month=&day-year=2026"), "{\"day\":\"7  2026 \"}");
        assert_string_equal(body_of("people/0/born-day=1&people/0/born-month=12&people/0/born-year=2014"),
                            "{\"people\":[{\"born\":\"2014-12-01\"}]}");
        assert_string_equal(body_of("data/met_on-day=1&data/met_on-month=12&data/met_on-year=2025"), "{\"data\":{\"met_on\":\"2025-12-01\"}}");
}

static void a_time_of_day_is_london_time(void **state) {
        assert_string_equal(body_of("happened_at-day=7&happened_at-month=7&happened_at-year=2026&happened_at-from=00:00"),
                            "{\"happened_at\":\"2026-07-07T00:00:00+01:00\"}");
        assert_string_equal(body_of("happened_at-day=&happened_at-month=&happened_at-year=&happened_at-from=00:00"), "{}");
        assert_string_equal(body_of("happened_at-day=&happened_at-month=&happened_at-year=&happened_at-time=09:00"),
                            "{\"happened_at\":\"   09:00\"}");
        assert_string_equal(body_of("happened_at-day=7&happened_at-month=7&happened_at-year=2026&happened_at-time=9:05"),
                            "{\"happened_at\":\"2026-07-07T09:05:00+01:00\"}");
        assert_string_equal(body_of("happened_at-day=7&happened_at-month=1&happened_at-year=2026&happened_at-time=14.30"),
                            "{\"happened_at\":\"2026-01-07T14:30:00+00:00\"}");
        assert_string_equal(body_of("happened_at-day=7&happened_at-month=1&happened_at-year=2026"), "{\"happened_at\":\"7 1 2026 \"}");
        /* 29 March 2026: clocks go from 01:00 to 02:00; 25 October: back from 02:00 to 01:00 */
        assert_string_equal(body_of("happened_at-day=29&happened_at-month=3&happened_at-year=2026&happened_at-time=00:59"),
                            "{\"happened_at\":\"2026-03-29T00:59:00+00:00\"}");
        assert_string_equal(body_of("happened_at-day=29&happened_at-month=3&happened_at-year=2026&happened_at-time=02:00"),
                            "{\"happened_at\":\"2026-03-29T02:00:00+01:00\"}");
        assert_string_equal(body_of("happened_at-day=25&happened_at-month=10&happened_at-year=2026&happened_at-time=02:00"),
                            "{\"happened_at\":\"2026-10-25T02:00:00+00:00\"}");
}

static void hidden_inputs_are_lifted_out(void **state) {
        assert_string_equal(body_of("_csrf=c&_etag=7&_key=k&_method=PUT&_query=a%3D1&text=x"), "{\"text\":\"x\"}");
        assert_string_equal(hidden.csrf, "c");
        assert_string_equal(hidden.etag, "7");
        assert_string_equal(hidden.key, "k");
        assert_string_equal(hidden.method, "PUT");
        assert_string_equal(hidden.query, "a=1");
        assert_string_equal(body_of("_csrf=a&_csrf=b"), "malformed_form");
}

static void what_no_browser_sends_is_refused(void **state) {
        static const char *const bad[] = { "text", "=1", "text=%", "text=%zz", "text=%00", "text=%ff", "text=%1b", "a%00=1", "text=1&", "&text=1", "text=1&&count=2", "te%0axt=1" };
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                if (strcmp(body_of(bad[i]), "malformed_form") != 0)
                        fail_msg("accepted: %s", bad[i]);
        char many[8 * BODY_FORM_FIELDS_MAX] = "a=1";
        for (int i = 1; i < BODY_FORM_FIELDS_MAX; i++)
                strcat(many, "&a=1");
        assert_string_not_equal(body_of(many), "malformed_form");
        strcat(many, "&a=1");
        assert_string_equal(body_of(many), "malformed_form");
        char name[BODY_FORM_NAME_MAX + 8];
        memset(name, 'n', BODY_FORM_NAME_MAX + 1);
        strcpy(name + BODY_FORM_NAME_MAX + 1, "=1");
        assert_string_equal(body_of(name), "malformed_form");
}

static void what_was_typed_is_kept_but_no_secret(void **state) {
        json_t *given = NULL;
        assert_null(read_form("password=hunter&text=+a+&strands=A&strands=B&day-day=32", &given));
        form_forget_secrets(given, fields);
        assert_null(json_object_get(given, "password"));
        assert_string_equal(json_string_value(json_object_get(given, "text")), " a ");
        assert_int_equal(json_array_size(json_object_get(given, "strands")), 2);
        assert_string_equal(json_string_value(json_object_get(given, "day-day")), "32");
        json_decref(given);
}

static void random_forms_never_break_anything(void **state) {
        static const char *const names[] = { "people", "people/0", "people/0/name", "people/1/born-day", "data", "data/a", "data/a/b", "data/-a", "data/a-day", "day-day", "day", "-day", "day-day-day", "text/", "/text", "people//name", "people/-1/name", "people/18446744073709551616/name", "strands/0", "-day-day" };
        unsigned seed = 7;
        for (int round = 0; round < 5000; round++) {
                char form[1024] = "text=1";
                for (int i = 0; i < 8; i++) {
                        seed = seed * 1103515245u + 12345u;
                        snprintf(form + strlen(form), 128, "&%s=%s", names[(seed >> 16) % 20], (seed >> 9) % 3 ? "1" : "");
                }
                assert_string_not_equal(body_of(form), "malformed_form");
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(answers_become_their_types),
                cmocka_unit_test(an_empty_answer_is_none),
                cmocka_unit_test(pointers_lead_into_objects_and_lists),
                cmocka_unit_test(a_pointer_that_leads_nowhere_stays_a_name_that_no_question_has),
                cmocka_unit_test(a_date_comes_in_three_parts),
                cmocka_unit_test(a_time_of_day_is_london_time),
                cmocka_unit_test(hidden_inputs_are_lifted_out),
                cmocka_unit_test(what_no_browser_sends_is_refused),
                cmocka_unit_test(what_was_typed_is_kept_but_no_secret),
                cmocka_unit_test(random_forms_never_break_anything),
        };
        return cmocka_run_group_tests(tests, open_arena, close_arena);
}
