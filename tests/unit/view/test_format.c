#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "view/format.h"

static const char *welsh(void *userdata, const char *text) {
        return !strcmp(text, "November") ? "Tachwedd" : !strcmp(text, "at") ? "am" : NULL;
}

static const char *label(void *userdata, const char *list, const char *code) {
        return !strcmp(list, "incident_status") && !strcmp(code, "OPEN") ? "Open" : NULL;
}

/* Formats a JSON value and compares. */
static void assert_format(const char *json, const char *formatter, const char *argument,
                          const struct template_options *options, const char *expected) {
        json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
        assert_non_null(value);
        const struct formatter *found = formatter_find(formatter, strlen(formatter));
        assert_non_null(found);
        _cleanup_buffer_ struct buffer out = { 0 };
        found->write(value, argument, options, &out);
        assert_string_equal(out.data ? out.data : "", expected);
        json_decref(value);
}

static void moments_are_shown_in_london_time(void **state) {
        static const struct {
                const char *json, *formatter, *expected;
        } cases[] = {
                { "\"2026-11-22T16:05:00Z\"", "datetime", "22 November 2026 at 4:05pm" },
                { "\"2026-07-01T23:30:00Z\"", "datetime", "2 July 2026 at 12:30am" },
                { "\"2026-07-01T12:00:00.123456+02:00\"", "time", "11:00am" },
                { "\"2026-07-01 12:00:00+00\"", "time", "1:00pm" },
                { "\"2026-12-31T23:59:59-01:00\"", "date", "1 January 2027" },
                { "\"2026-11-23\"", "day", "Monday 23 November 2026" },
                { "\"2026-11-22\"", "date", "22 November 2026" },
                { "\"2026-11-22\"", "datetime", "22 November 2026" },
                { "\"16:05\"", "time", "4:05pm" },
                { "\"00:00:00\"", "time", "12:00am" },
                { "\"2024-02-29\"", "day", "Thursday 29 February 2024" },
                { "\"1969-12-31\"", "day", "Wednesday 31 December 1969" },
        };
        for (size_t i = 0; i < ELEMENTS(cases); i++)
                assert_format(cases[i].json, cases[i].formatter, NULL, NULL, cases[i].expected);
}

static void text_that_is_no_date_is_shown_as_it_is(void **state) {
        static const char *const cases[] = { "last Tuesday", "2026-02-30", "2026-13-01", "2026-11-22T25:00:00Z",
                                             "2026-11-22T16:05:00Zx", "" };
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                _cleanup_buffer_ struct buffer json = { 0 };
                buffer_append_format(&json, "\"%s\"", cases[i]);
                assert_format(json.data, "datetime", NULL, NULL, cases[i]);
        }
        assert_format("null", "date", NULL, NULL, "");
        assert_format("\"2026-11-22\"", "time", NULL, NULL, "2026-11-22");
}

static void summer_time_begins_and_ends_on_the_last_sunday(void **state) {
        assert_int_equal(format_london_offset(1774745999), 0);    /* 2026-03-29T00:59:59Z */
        assert_int_equal(format_london_offset(1774746000), 3600); /* 2026-03-29T01:00:00Z */
        assert_int_equal(format_london_offset(1792889999), 3600); /* 2026-10-25T00:59:59Z */
        assert_int_equal(format_london_offset(1792890000), 0);    /* 2026-10-25T01:00:00Z */
}

/* The rule against the C library's own table, every six hours from 1996 (when the rule began) to 2037. */
static void summer_time_agrees_with_the_system(void **state) {
        setenv("TZ", "Europe/London", 1);
        tzset();
        for (time_t at = 820454400; at < 2145916800; at += 21600) {
                struct tm local;
                localtime_r(&at, &local);
                assert_int_equal(format_london_offset(at), local.tm_gmtoff);
        }
}

static void figures_have_separators(void **state) {
        assert_format("0", "count", NULL, NULL, "0");
        assert_format("999", "count", NULL, NULL, "999");
        assert_format("1000", "count", NULL, NULL, "1,000");
        assert_format("-123456", "count", NULL, NULL, "-123,456");
        assert_format("1234567", "count", NULL, NULL, "1,234,567");
        assert_format("\"fewer than 5\"", "count", NULL, NULL, "fewer than 5");
}

static void yes_and_no_are_words_and_null_is_nothing(void **state) {
        assert_format("true", "yesno", NULL, NULL, "Yes");
        assert_format("false", "yesno", NULL, NULL, "No");
        assert_format("null", "yesno", NULL, NULL, "");
}

static void codes_have_labels_and_unknown_codes_show_themselves(void **state) {
        const struct template_options options = { .label = label };
        assert_format("\"OPEN\"", "label", "incident_status", &options, "Open");
        assert_format("\"OPEN\"", "label", "outcome", &options, "OPEN");
        assert_format("\"OPEN\"", "label", "incident_status", NULL, "OPEN");
        assert_format("null", "label", "incident_status", &options, "");
}

static void words_of_a_date_are_translated(void **state) {
        const struct template_options options = { .translate = welsh };
        assert_format("\"2026-11-22T16:05:00Z\"", "datetime", NULL, &options, "22 Tachwedd 2026 am 4:05pm");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(moments_are_shown_in_london_time),
                cmocka_unit_test(text_that_is_no_date_is_shown_as_it_is),
                cmocka_unit_test(summer_time_begins_and_ends_on_the_last_sunday),
                cmocka_unit_test(summer_time_agrees_with_the_system),
                cmocka_unit_test(figures_have_separators),
                cmocka_unit_test(yes_and_no_are_words_and_null_is_nothing),
                cmocka_unit_test(codes_have_labels_and_unknown_codes_show_themselves),
                cmocka_unit_test(words_of_a_date_are_translated),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
