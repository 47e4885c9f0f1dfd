#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "pathway/clock.h"

static const char now[] = "2026-03-27T10:00:00+00:00";

/* What is said of a clock, and how loudly. */
static void says(const char *status, const char *due, int days, const char *words, enum clock_tone tone) {
        _cleanup_buffer_ struct buffer out = { 0 };
        json_t *clock = json_pack("{s:s, s:s?, s:i}", "status", status, "due_at", due, "working_days_late", days);
        assert_int_equal(clock_words(clock, "status", now, &out), tone);
        assert_string_equal(out.data ? out.data : "", words);
        json_decref(clock);
}

static void a_running_clock_says_until_when(void **state) {
        says("RUNNING", "2026-03-27T23:59:59+00:00", 0, "Due today at 11:59pm", CLOCK_SOON);
        says("RUNNING", "2026-03-28T17:00:00+00:00", 0, "Due tomorrow at 5:00pm", CLOCK_QUIET);
        says("RUNNING", "2026-03-30T23:59:59+01:00", 0, "Due on Monday 30 March 2026 at 11:59pm", CLOCK_QUIET);
}

static void the_day_after_the_hour_that_is_lost_is_still_tomorrow(void **state) {
        _cleanup_buffer_ struct buffer out = { 0 };
        json_t *clock = json_pack("{s:s, s:s}", "status", "RUNNING", "due_at", "2026-03-30T09:00:00+01:00");
        clock_words(clock, "status", "2026-03-29T00:30:00+00:00", &out);
        assert_string_equal(out.data, "Due tomorrow at 9:00am");
        json_decref(clock);
}

static void lateness_is_told_in_working_days(void **state) {
        says("BREACHED", "2026-03-25T23:59:59+00:00", 2, "Late by 2 working days", CLOCK_LATE);
        says("BREACHED", "2026-03-26T23:59:59+00:00", 1, "Late by 1 working day", CLOCK_LATE);
        says("BREACHED", "2026-03-27T09:00:00+00:00", 0, "Late: was due today at 9:00am", CLOCK_LATE);
        says("BREACHED", "2026-03-26T09:00:00+00:00", 0, "Late: was due yesterday at 9:00am", CLOCK_LATE);
}

static void a_stopped_clock_says_how_it_ended(void **state) {
        says("MET", "2026-03-25T23:59:59+00:00", 0, "Met in time", CLOCK_QUIET);
        says("MET_LATE", "2026-03-25T23:59:59+00:00", 3, "Met late, by 3 working days", CLOCK_QUIET);
        says("MET_LATE", "2026-03-25T09:00:00+00:00", 0, "Met late", CLOCK_QUIET);
        says("PAUSED", "2026-03-25T23:59:59+00:00", 0, "Paused", CLOCK_QUIET);
        says("NOT_APPLICABLE", "2026-03-25T23:59:59+00:00", 0, "Does not apply", CLOCK_QUIET);
}

static void where_nothing_is_due_nothing_is_said(void **state) {
        says("RUNNING", NULL, 0, "", CLOCK_QUIET);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_running_clock_says_until_when),
                cmocka_unit_test(the_day_after_the_hour_that_is_lost_is_still_tomorrow),
                cmocka_unit_test(lateness_is_told_in_working_days),
                cmocka_unit_test(a_stopped_clock_says_how_it_ended),
                cmocka_unit_test(where_nothing_is_due_nothing_is_said),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
