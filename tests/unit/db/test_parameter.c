/* What passes parameter_check must be castable by PostgreSQL: outside a function's subtransaction a cast that fails
 * costs a whole batch. */
#include <stdio.h>
#include <string.h>

#include "support.h"

static bool some_code(const char *list, const char *code) {
        return strcmp(list, "pathway") == 0 && strcmp(code, "LADO") == 0;
}

static const struct parameter parameters[] = {
        [PARAMETER_UUID] = { "a", PARAMETER_UUID },
        [PARAMETER_REFERENCE] = { "a", PARAMETER_REFERENCE },
        [PARAMETER_TEXT] = { "a", PARAMETER_TEXT, .most = 8 },
        [PARAMETER_CODE] = { "a", PARAMETER_CODE, .list = "pathway" },
        [PARAMETER_INTEGER] = { "a", PARAMETER_INTEGER, .least = -5, .most = 200 },
        [PARAMETER_DATE] = { "a", PARAMETER_DATE },
        [PARAMETER_BOOLEAN] = { "a", PARAMETER_BOOLEAN },
        [PARAMETER_CURSOR] = { "a", PARAMETER_CURSOR },
        [PARAMETER_JSON] = { "a", PARAMETER_JSON, .most = 8 },
        [PARAMETER_HASH] = { "a", PARAMETER_HASH },
        [PARAMETER_SEALED] = { "a", PARAMETER_SEALED, .most = 8 },
};

static void expect(enum parameter_type type, const char *value, const char *expected) {
        const char *code = "untouched";
        int r = parameter_check(&parameters[type], value, some_code, &code);
        if (r != (expected != NULL) || strcmp(code, expected ? expected : "untouched") != 0)
                fail_msg("type %d, \"%s\": %d %s instead of %s", type, value ? value : "NULL", r, code,
                         expected ? expected : "good");
}

#define GOOD(type, ...) do { const char *values[] = { __VA_ARGS__ }; \
        for (size_t v = 0; v < ELEMENTS(values); v++) expect(type, values[v], NULL); } while (0)
#define BAD(type, code, ...) do { const char *values[] = { __VA_ARGS__ }; \
        for (size_t v = 0; v < ELEMENTS(values); v++) expect(type, values[v], code); } while (0)

static void a_missing_value_is_only_good_where_it_is_optional(void **state) {
        struct parameter optional = { "a", PARAMETER_UUID, .optional = true };
        const char *code = NULL;
        BAD(PARAMETER_UUID, "required", NULL);
        assert_int_equal(parameter_check(&optional, NULL, NULL, &code), 0);
        assert_int_equal(parameter_check(&optional, "", NULL, &code), 1);
        assert_string_equal(code, "not_a_uuid");
}

static void identifiers_are_canonical(void **state) {
        char reference[REFERENCE_TEXT];
        reference_new("UP", reference);
        GOOD(PARAMETER_UUID, "01890a5d-ac96-774b-bcce-b302099a8057", "01890A5D-AC96-774B-BCCE-B302099A8057");
        BAD(PARAMETER_UUID, "not_a_uuid", "", "01890a5dac96774bbcceb302099a8057", "01890a5d-ac96-774b-bcce-b302099a805",
            "01890a5d-ac96-774b-bcce-b302099a80577", "g1890a5d-ac96-774b-bcce-b302099a8057");
        GOOD(PARAMETER_REFERENCE, reference);
        reference[11] ^= 1;
        BAD(PARAMETER_REFERENCE, "not_a_reference", reference, "", "UP", "up-7k3m-9q2x");
        GOOD(PARAMETER_HASH, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
        BAD(PARAMETER_HASH, "not_a_hash", "", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefa",
            "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef");
}

static void a_text_is_short_utf_8_without_controls(void **state) {
        GOOD(PARAMETER_TEXT, "", "a", "\n\t\r", "12345678", "\u00e9\u00a0", "\u0800\uffff", "\U00010000\U0010ffff");
        BAD(PARAMETER_TEXT, "too_long", "123456789");
        BAD(PARAMETER_TEXT, "not_text", "\x01", "\x1b", "\x7f", "\xc2\x85", "a\x80", "\xff", "\xfe", "\xc3", "\xc3(",
            "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xe2\x82",
            "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf0\x9f\x98");
}

static void codes_are_looked_up_in_their_list(void **state) {
        const char *code = NULL;
        GOOD(PARAMETER_CODE, "LADO");
        BAD(PARAMETER_CODE, "unknown_code", "", "MASH", "LADO ", "LA-DO");
        assert_int_equal(parameter_check(&parameters[PARAMETER_CODE], "LADO", NULL, &code), 1);
}

static void integers_are_plain_and_in_range(void **state) {
        GOOD(PARAMETER_INTEGER, "0", "200", "-5", "007", "-0");
        BAD(PARAMETER_INTEGER, "out_of_range", "201", "-6", "9223372036854775808", "99999999999999999999",
            "999999999999999999999999999999999");
        BAD(PARAMETER_INTEGER, "not_an_integer", "", "-", "+1", " 1", "1 ", "1.0", "1e2", "0x10", "one", "--1");
}

static void dates_are_real_days(void **state) {
        GOOD(PARAMETER_DATE, "2024-02-29", "2000-02-29", "2023-12-31", "0001-01-01", "9999-12-31");
        BAD(PARAMETER_DATE, "not_a_date", "", "2023-02-29", "1900-02-29", "2024-02-30", "2024-04-31", "2024-13-01",
            "2024-00-10", "2024-01-00", "0000-01-01", "2024-1-1", "24-01-01", "2024/01/01", "2024-01-01 ",
            "2024-01-01T00", "today", "infinity", "-001-01-01");
}

static void the_other_types_have_their_characters_and_bounds(void **state) {
        char longest[514];
        memset(longest, 'a', sizeof longest - 1);
        longest[513] = '\0';
        GOOD(PARAMETER_BOOLEAN, "true", "false");
        BAD(PARAMETER_BOOLEAN, "not_a_boolean", "", "yes", "TRUE", "1", "t");
        GOOD(PARAMETER_CURSOR, "aZ09-_.x", longest + 1);
        BAD(PARAMETER_CURSOR, "not_a_cursor", "", "a b", "a/b", "a+b", "a=", "\xc3\xa9", longest);
        GOOD(PARAMETER_JSON, "", "{\"a\":1}", "[1,2,34]");
        BAD(PARAMETER_JSON, "too_long", "[1,2,345]");
        GOOD(PARAMETER_SEALED, "a.B-_/+=", "1:x");
        BAD(PARAMETER_SEALED, "not_sealed", "", "a b", "a\n", "\"", "\xc3\xa9");
        BAD(PARAMETER_SEALED, "too_long", "123456789");
}

/* Every bound of every type, said to PostgreSQL itself. */
static void whatever_passes_can_be_cast(void **state) {
        static const struct {
                enum parameter_type type;
                const char *cast, *value;
        } values[] = {
                { PARAMETER_UUID, "uuid", "01890A5D-AC96-774B-BCCE-B302099A8057" },
                { PARAMETER_TEXT, "text", "\n\t\r" }, { PARAMETER_TEXT, "text", "\U0010ffff\uffff" },
                { PARAMETER_TEXT, "text", "\xed\x9f\xbf" }, { PARAMETER_TEXT, "text", "" },
                { PARAMETER_INTEGER, "integer", "-5" }, { PARAMETER_INTEGER, "integer", "007" },
                { PARAMETER_INTEGER, "integer", "-0" }, { PARAMETER_INTEGER, "integer", "00000000000000000001" },
                { PARAMETER_DATE, "date", "0001-01-01" }, { PARAMETER_DATE, "date", "9999-12-31" },
                { PARAMETER_DATE, "date", "2000-02-29" }, { PARAMETER_BOOLEAN, "boolean", "true" },
        };
        PGconn *pq = cluster_connect(cluster.owner);
        for (size_t i = 0; i < ELEMENTS(values); i++) {
                char sql[64];
                expect(values[i].type, values[i].value, NULL);
                snprintf(sql, sizeof sql, "select $1::text::%s", values[i].cast);
                PGresult *result = PQexecParams(pq, sql, 1, NULL, &values[i].value, NULL, NULL, 0);
                if (PQresultStatus(result) != PGRES_TUPLES_OK)
                        fail_msg("\"%s\" is no %s: %s", values[i].value, values[i].cast, PQerrorMessage(pq));
                PQclear(result);
        }
        PQfinish(pq);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_missing_value_is_only_good_where_it_is_optional),
                cmocka_unit_test(identifiers_are_canonical),
                cmocka_unit_test(a_text_is_short_utf_8_without_controls),
                cmocka_unit_test(codes_are_looked_up_in_their_list),
                cmocka_unit_test(integers_are_plain_and_in_range),
                cmocka_unit_test(dates_are_real_days),
                cmocka_unit_test(the_other_types_have_their_characters_and_bounds),
                cmocka_unit_test(whatever_passes_can_be_cast),
        };
        return cmocka_run_group_tests(tests, support_begin, support_end);
}
