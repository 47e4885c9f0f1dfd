#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <string.h>

#include "base/uuid.h"
#include "http/body.h"
#include "http/value.h"

static const struct field ethnicity[] = { { "code", FIELD_CODE, .required = true, .list = "ethnicity|missing" }, { "self_described", FIELD_LINE, .most = 10 }, { 0 } };
static const struct field person[] = { { "name", FIELD_LINE, .required = true, .most = 5 }, { "ethnicity", FIELD_OBJECT, .fields = ethnicity }, { 0 } };
static const struct field fields[] = {
        { "text", FIELD_TEXT, .required = true, .most = 20 },
        { "kind", FIELD_CODE, .list = "kind" },
        { "strands", FIELD_CODES, .list = "kind", .most = 3 },
        { "urgent", FIELD_BOOLEAN },
        { "count", FIELD_INTEGER, .least = 0, .most = 9 },
        { "day", FIELD_DATE },
        { "at", FIELD_TIME },
        { "aware_at", FIELD_INSTANT },
        { "id", FIELD_UUID },
        { "ref", FIELD_REFERENCE },
        { "refs", FIELD_REFERENCES, .most = 3 },
        { "organisation", FIELD_SLUG },
        { "email", FIELD_EMAIL },
        { "password", FIELD_SECRET },
        { "people", FIELD_OBJECTS, .most = 2, .fields = person },
        { "data", FIELD_FREE },
        { 0 },
};

static bool exists(const char *list, const char *code) {
        if (strcmp(list, "kind") == 0)
                return strcmp(code, "A") == 0 || strcmp(code, "B") == 0;
        return strcmp(list, "ethnicity|missing") == 0 && strcmp(code, "X") == 0;
}

/* All faults as "field code" joined by "; ". */
static char *faults_of(json_t *body, bool patch) {
        static char text[2048];
        json_t *faults = json_array(), *fault;
        size_t i;
        if (patch)
                body_check_patch(body, fields, exists, faults);
        else
                body_check(body, fields, "", exists, faults);
        *text = '\0';
        json_array_foreach(faults, i, fault)
                snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s %s", i ? "; " : "",
                         json_string_value(json_object_get(fault, "field")), json_string_value(json_object_get(fault, "code")));
        json_decref(faults);
        return text;
}

static char *check(const char *json) {
        json_t *body = json_loads(json, 0, NULL);
        assert_non_null(body);
        char *faults = faults_of(body, false);
        json_decref(body);
        return faults;
}

static void a_sound_body_has_no_faults(void **state) {
        assert_string_equal(check("{\"text\":\"a\\nb\",\"kind\":\"A\",\"strands\":[\"A\",\"B\"],\"urgent\":false,\"count\":9,\"day\":\"2024-02-29\","
                                  "\"at\":\"23:59\",\"aware_at\":\"2026-03-27T14:30:00+01:00\",\"id\":\"01a20114-a2b2-76f8-ac05-0b7c6a663522\","
                                  "\"organisation\":\"example-school\",\"email\":\"a@b.test\",\"password\":\" x \","
                                  "\"people\":[{\"name\":\"Ann\",\"ethnicity\":{\"code\":\"X\"}}],\"data\":{\"a\":[1]}}"), "");
}

static void every_fault_is_named_at_once(void **state) {
        assert_string_equal(check("{\"$x\":1,\"more\":1,\"kind\":\"C\",\"strands\":[\"A\",\"A\",7],\"urgent\":1,\"count\":10,\"day\":\"2023-02-29\",\"at\":\"24:00\","
                                  "\"aware_at\":\"2026-03-27 14:30\",\"id\":\"x\",\"ref\":\"UP-0000-0000\",\"organisation\":\"-a\",\"email\":\"a\","
                                  "\"password\":\"\",\"people\":[{\"name\":\"too long\",\"ethnicity\":{}},3],\"data\":{\"a\":{\"$b\":1}}}"),
                            "/$x reserved_name; /more unknown_member; /text required; /kind unknown_code; /strands/1 repeated; "
                            "/strands/2 unknown_code; /urgent wrong_type; /count out_of_range; /day not_a_date; /at not_a_time; "
                            "/aware_at not_an_instant; /id not_a_uuid; /ref not_a_reference; /organisation not_a_name; "
                            "/email not_an_email; /password required; /people/0/name too_long; "
                            "/people/0/ethnicity/code required; /people/1 wrong_type; /data/a/$b reserved_name");
}

static void the_wrong_type_is_a_fault_of_each_field(void **state) {
        for (const struct field *field = fields; field->name; field++) {
                json_t *body = json_pack("{s:s, s:n}", "text", "a", field->name);
                char *faults = faults_of(body, false);
                if (!*faults)
                        fail_msg("null was accepted for %s", field->name);
                json_decref(body);
        }
}

static void text_is_trimmed_and_measured_in_characters(void **state) {
        json_t *body = json_pack("{s:s}", "text", "  a\r\nb \n");
        assert_string_equal(faults_of(body, false), "");
        assert_string_equal(json_string_value(json_object_get(body, "text")), "a\nb");
        json_decref(body);
        assert_string_equal(check("{\"text\":\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"}"), "");
        assert_string_equal(check("{\"text\":\"123456789012345678901\"}"), "/text too_long");
        assert_string_equal(check("{\"text\":\"   \"}"), "/text required");
        assert_string_equal(check("{\"text\":\"a\\u0007\"}"), "/text control_characters");
        assert_string_equal(check("{\"text\":\"a\\u0085\"}"), "/text control_characters");
        assert_string_equal(check("{\"text\":\"a\",\"people\":[{\"name\":\"a\\nb\"}]}"), "/people/0/name control_characters");
}

static void a_list_has_its_bounds(void **state) {
        assert_string_equal(check("{\"text\":\"a\",\"strands\":[\"A\",\"B\",\"A\",\"B\"]}"), "/strands too_many");
        assert_string_equal(check("{\"text\":\"a\",\"people\":[{\"name\":\"1\"},{\"name\":\"2\"},{\"name\":\"3\"}]}"), "/people too_many");
}

static void references_of_a_list_are_kept_as_they_are_written_here(void **state) {
        char reference[REFERENCE_TEXT], typed[REFERENCE_TEXT];
        reference_new("UP", reference);
        for (size_t i = 0; i < sizeof(typed); i++)
                typed[i] = (char) tolower((unsigned char) reference[i]);
        json_t *body = json_pack("{s:s, s:[s]}", "text", "a", "refs", typed);
        assert_string_equal(faults_of(body, false), "");
        assert_string_equal(json_string_value(json_array_get(json_object_get(body, "refs"), 0)), reference);
        json_decref(body);
        body = json_pack("{s:s, s:[s, s]}", "text", "a", "refs", typed, reference);
        assert_string_equal(faults_of(body, false), "/refs/1 repeated");
        json_decref(body);
        assert_string_equal(check("{\"text\":\"a\",\"refs\":[\"UP-1\"]}"), "/refs/0 not_a_reference");
}

static void a_patch_requires_nothing_and_keeps_null(void **state) {
        json_t *body = json_pack("{s:n, s:s}", "day", "kind", "A");
        assert_string_equal(faults_of(body, true), "");
        assert_true(json_is_null(json_object_get(body, "day")));
        json_decref(body);
        body = json_pack("{s:n}", "text");
        assert_string_equal(faults_of(body, true), "/text wrong_type");
        json_decref(body);
}

static void names_in_faults_are_escaped_and_bounded(void **state) {
        assert_string_equal(check("{\"text\":\"a\",\"a/b~c\":1}"), "/a~1b~0c unknown_member");
        char json[2000] = "{\"text\":\"a\",\"";
        memset(json + strlen(json), 'n', 1500);
        strcat(json, "\":1}");
        assert_true(strlen(check(json)) < 300);
}

static const char *read_text(const char *data, size_t size) {
        json_t *body = NULL;
        const char *problem = body_read_json(data, size, &body);
        json_decref(body);
        return problem ?: "ok";
}
#define READ(text) read_text(text, sizeof(text) - 1)

static void a_json_text_is_read_strictly(void **state) {
        assert_string_equal(READ("{\"a\":[1,-2,true,null,\"1.5e3\"]}"), "ok");
        assert_string_equal(READ(""), "malformed_json");
        assert_string_equal(READ("[]"), "malformed_json");
        assert_string_equal(READ("\"a\""), "malformed_json");
        assert_string_equal(READ("{\"a\":1} x"), "malformed_json");
        assert_string_equal(READ("{\"a\":1,}"), "malformed_json");
        assert_string_equal(READ("{'a':1}"), "malformed_json");
        assert_string_equal(READ("{\"a\":1,\"a\":2}"), "duplicate_member");
        assert_string_equal(READ("{\"a\":1,\"\\u0061\":2}"), "duplicate_member");
        assert_string_equal(READ("{\"a\":\"\\u0000\"}"), "invalid_utf8");
        assert_string_equal(READ("{\"a\\u0000\":1}"), "invalid_utf8");
        assert_string_equal(READ("{\"a\":\"b\0c\"}"), "invalid_utf8");
        assert_string_equal(READ("{\"a\":\"\xff\"}"), "invalid_utf8");
        assert_string_equal(READ("{\"a\":\"\xed\xa0\x80\"}"), "invalid_utf8");
        assert_string_equal(READ("{\"a\":99999999999999999999}"), "malformed_json");
}

static void numbers_are_whole(void **state) {
        assert_string_equal(READ("{\"a\":1.0}"), "number_not_whole");
        assert_string_equal(READ("{\"a\":1e3}"), "number_not_whole");
        assert_string_equal(READ("{\"a\":[-0.5]}"), "number_not_whole");
        assert_string_equal(READ("{\"a\":1E400}"), "number_not_whole");
        assert_string_equal(READ("{\"a\":\"1.5\",\"b\":\"\\\"1.5\"}"), "ok");
}

static void nesting_is_bounded_before_anything_is_parsed(void **state) {
        char text[256] = "{\"a\":";
        for (int i = 0; i < BODY_DEPTH_MAX - 1; i++)
                strcat(text, "[");
        for (int i = 0; i < BODY_DEPTH_MAX - 1; i++)
                strcat(text, "]");
        strcat(text, "}");
        assert_string_equal(read_text(text, strlen(text)), "ok");
        char deep[40000] = "{\"a\":";
        memset(deep + 5, '[', 30000);
        assert_string_equal(read_text(deep, strlen(deep)), "too_deep");
        assert_string_equal(READ("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}"), "ok");
}

static void shapes_are_what_they_say(void **state) {
        assert_true(text_is_date("2000-02-29"));
        assert_false(text_is_date("1900-02-29"));
        assert_false(text_is_date("2026-13-01"));
        assert_false(text_is_date("2026-04-31"));
        assert_false(text_is_date("2026-4-30"));
        assert_false(text_is_date("0000-01-01"));
        assert_true(value_is_instant("2026-03-27T14:30:00Z"));
        assert_true(value_is_instant("2026-03-27T14:30:00.123456-05:30"));
        assert_false(value_is_instant("2026-03-27T14:30:00"));
        assert_false(value_is_instant("2026-03-27T14:30:60Z"));
        assert_false(value_is_instant("2026-02-30T14:30:00Z"));
        assert_false(value_is_instant("2026-03-27T14:30:00+1:00"));
        assert_false(value_is_instant("2026-03-27T14:30:00."));
        assert_true(value_is_email("first.last+tag@sub.example.test"));
        assert_false(value_is_email("a@b@c"));
        assert_false(value_is_email("@b.test"));
        assert_false(value_is_email("a@"));
        assert_false(value_is_email("a b@c.test"));
        assert_false(value_is_email("ol\xc3\xa9@c.test"));
        assert_false(value_is_email("a@c..test"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_sound_body_has_no_faults),
                cmocka_unit_test(every_fault_is_named_at_once),
                cmocka_unit_test(the_wrong_type_is_a_fault_of_each_field),
                cmocka_unit_test(text_is_trimmed_and_measured_in_characters),
                cmocka_unit_test(a_list_has_its_bounds),
                cmocka_unit_test(references_of_a_list_are_kept_as_they_are_written_here),
                cmocka_unit_test(a_patch_requires_nothing_and_keeps_null),
                cmocka_unit_test(names_in_faults_are_escaped_and_bounded),
                cmocka_unit_test(a_json_text_is_read_strictly),
                cmocka_unit_test(numbers_are_whole),
                cmocka_unit_test(nesting_is_bounded_before_anything_is_parsed),
                cmocka_unit_test(shapes_are_what_they_say),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
