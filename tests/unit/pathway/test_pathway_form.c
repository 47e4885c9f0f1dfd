#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/buffer.h"
#include "pathway/form.h"

static const char form_text[] =
        "{\"fields\": ["
        " {\"name\": \"outcome\", \"type\": \"radios\", \"label\": \"Outcome\", \"list\": \"outcome_lado\", \"required\": true},"
        " {\"name\": \"evidence\", \"type\": \"textarea\", \"label\": \"Evidence\", \"required\": true, \"max\": 20,"
        "  \"when\": {\"field\": \"outcome\", \"in\": [\"FALSE\", \"MALICIOUS\"]}},"
        " {\"name\": \"criteria\", \"type\": \"checkboxes\", \"label\": \"Criteria\", \"list\": \"lado_criterion\"},"
        " {\"name\": \"area\", \"type\": \"select\", \"label\": \"Area\", \"list\": \"authority\"},"
        " {\"name\": \"met_on\", \"type\": \"date\", \"label\": \"Day\"},"
        " {\"name\": \"met_at\", \"type\": \"time\", \"label\": \"Time\"},"
        " {\"name\": \"people\", \"type\": \"number\", \"label\": \"How many\", \"min\": 1, \"max\": 9}]}";

/* Every code but NONSUCH is known. */
static bool code_exists(const char *list, const char *code) {
        return strcmp(code, "NONSUCH") != 0;
}

/* Reads answers as a browser's form or as JSON; the answers as they are then, and what is wrong with them. */
static void read_answers(const char *answers, bool typed, const char *wanted, const char *faults_wanted) {
        _cleanup_(arena_free_p) struct arena *arena = arena_new();
        json_t *form = json_loads(form_text, 0, NULL), *data = json_loads(answers, 0, NULL), *faults = json_array(), *fault;
        _cleanup_buffer_ struct buffer said = { 0 };
        size_t n;
        assert_non_null(form);
        assert_non_null(data);
        if (typed)
                pathway_form_read(form, data);
        const struct field *fields = pathway_form_fields(arena, form, data);
        assert_non_null(fields);
        body_check(data, fields, "/data", code_exists, faults);
        json_array_foreach (faults, n, fault)
                buffer_append_format(&said, "%s%s %s", n ? ", " : "", json_string_value(json_object_get(fault, "field")),
                                     json_string_value(json_object_get(fault, "code")));
        _cleanup_free_ char *text = json_dumps(data, JSON_COMPACT | JSON_SORT_KEYS);
        if (wanted)
                assert_string_equal(text, wanted);
        assert_string_equal(said.data ? said.data : "", faults_wanted);
        json_decref(faults);
        json_decref(data);
        json_decref(form);
}

static void answers_from_a_browser_arrive_as_their_types(void **state) {
        read_answers("{\"outcome\": \"SUBSTANTIATED\", \"criteria\": \"HARMED\", \"met_on\": \"2026-03-27\", \"met_at\": \"9:30\", \"people\": \"3\"}",
                     true, "{\"criteria\":[\"HARMED\"],\"met_at\":\"09:30\",\"met_on\":\"2026-03-27\",\"outcome\":\"SUBSTANTIATED\",\"people\":3}", "");
        read_answers("{\"outcome\": \"SUBSTANTIATED\", \"criteria\": [\"HARMED\", \"RISK\"]}", true,
                     "{\"criteria\":[\"HARMED\",\"RISK\"],\"outcome\":\"SUBSTANTIATED\"}", "");
}

static void what_cannot_be_made_into_its_type_is_named(void **state) {
        read_answers("{\"outcome\": \"SUBSTANTIATED\", \"met_on\": \"31 2 2026 \", \"met_at\": \"25:00\", \"people\": \"three\"}", true, NULL,
                     "/data/met_on not_a_date, /data/met_at not_a_time, /data/people wrong_type");
        read_answers("{\"outcome\": \"SUBSTANTIATED\", \"people\": \"99999999999999999999\"}", true, NULL, "/data/people wrong_type");
        read_answers("{\"outcome\": \"SUBSTANTIATED\", \"people\": \"12\"}", true, NULL, "/data/people out_of_range");
}

static void an_answer_in_json_must_have_its_type_already(void **state) {
        read_answers("{\"outcome\": \"SUBSTANTIATED\", \"criteria\": \"HARMED\", \"people\": \"3\"}", false, NULL,
                     "/data/criteria wrong_type, /data/people wrong_type");
}

static void a_question_counts_only_with_the_answer_that_it_depends_on(void **state) {
        read_answers("{\"outcome\": \"FALSE\"}", false, NULL, "/data/evidence required");
        read_answers("{\"outcome\": \"FALSE\", \"evidence\": \"She was elsewhere\"}", false, NULL, "");
        read_answers("{\"outcome\": \"UNFOUNDED\", \"evidence\": \"typed before\"}", false, "{\"outcome\":\"UNFOUNDED\"}", "");
        read_answers("{\"evidence\": \"typed before\"}", false, "{}", "/data/outcome required");
}

static void codes_texts_and_unknown_members_are_held_to_the_form(void **state) {
        read_answers("{\"outcome\": \"NONSUCH\", \"mood\": \"bad\", \"criteria\": [\"HARMED\", \"HARMED\"]}", false, NULL,
                     "/data/mood unknown_member, /data/outcome unknown_code, /data/criteria/1 repeated");
        read_answers("{\"outcome\": \"FALSE\", \"evidence\": \"longer than twenty characters\"}", false, NULL, "/data/evidence too_long");
}

static void words_are_told_from_codes_and_codes_of_lists_from_places(void **state) {
        json_t *form = json_loads(form_text, 0, NULL), *codes, *open, *texts;
        json_t *data = json_loads("{\"outcome\": \"FALSE\", \"evidence\": \"Words\", \"criteria\": [\"HARMED\", \"RISK\"], \"area\": \"X12\","
                                  " \"people\": 3}", 0, NULL);
        pathway_form_sort(form, data, &codes, &open, &texts);
        json_t *codes_wanted = json_loads("[{\"field\": \"outcome\", \"list\": \"outcome_lado\", \"code\": \"FALSE\"},"
                                          " {\"field\": \"criteria\", \"list\": \"lado_criterion\", \"code\": \"HARMED\"},"
                                          " {\"field\": \"criteria\", \"list\": \"lado_criterion\", \"code\": \"RISK\"}]", 0, NULL);
        json_t *texts_wanted = json_loads("{\"evidence\": \"Words\"}", 0, NULL);
        assert_true(json_equal(codes, codes_wanted));
        assert_true(json_equal(texts, texts_wanted));
        assert_null(json_object_get(open, "evidence"));
        assert_string_equal(json_string_value(json_object_get(open, "area")), "X12");
        assert_int_equal(json_object_size(open), 4);
        json_decref(texts_wanted);
        json_decref(codes_wanted);
        json_decref(texts);
        json_decref(open);
        json_decref(codes);
        json_decref(data);
        json_decref(form);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(answers_from_a_browser_arrive_as_their_types),
                cmocka_unit_test(what_cannot_be_made_into_its_type_is_named),
                cmocka_unit_test(an_answer_in_json_must_have_its_type_already),
                cmocka_unit_test(a_question_counts_only_with_the_answer_that_it_depends_on),
                cmocka_unit_test(codes_texts_and_unknown_members_are_held_to_the_form),
                cmocka_unit_test(words_are_told_from_codes_and_codes_of_lists_from_places),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
