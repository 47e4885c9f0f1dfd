/* The golden values of domain 5.2, which R and PHEindicatormethods agree on. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "scrutiny/statistics.h"

static void near(double value, double wanted) {
        if (fabs(value - wanted) > 5e-9)
                fail_msg("%.10f is not %.10f", value, wanted);
}

static void wilson_intervals_are_those_of_the_published_method(void **state) {
        static const struct {
                double x, n, value, lower, upper;
        } golden[] = {
                { 65, 100, 0.65, 0.552544433, 0.736357518 },
                { 0, 10, 0, 0, 0.27753280 },
                { 10, 10, 1, 0.7224672, 1 },
        };
        for (size_t i = 0; i < ELEMENTS(golden); i++) {
                struct interval interval;
                assert_int_equal(statistics_wilson(golden[i].x, golden[i].n, STATISTICS_Z95, &interval), 0);
                near(interval.value, golden[i].value);
                near(interval.lower, golden[i].lower);
                near(interval.upper, golden[i].upper);
        }
}

static void an_interval_holds_its_value_and_narrows_with_more_cases(void **state) {
        double before = 2;
        for (double n = 4; n <= 4e9; n *= 4) {
                struct interval interval;
                assert_int_equal(statistics_wilson(n / 4, n, STATISTICS_Z95, &interval), 0);
                assert_true(interval.lower >= 0 && interval.lower < interval.value);
                assert_true(interval.upper <= 1 && interval.upper > interval.value);
                assert_true(interval.upper - interval.lower < before);
                before = interval.upper - interval.lower;
        }
}

static void what_cannot_be_calculated_is_refused_and_leaves_the_output_alone(void **state) {
        static const double refused[][3] = {
                { 0, 0, 1.96 }, { 1, 0, 1.96 }, { 11, 10, 1.96 }, { -1, 10, 1.96 }, { 5, 10, 0 }, { NAN, 10, 1.96 },
                        { 5, NAN, 1.96 },
        };
        for (size_t i = 0; i < ELEMENTS(refused); i++) {
                struct interval interval = { 7, 8, 9 };
                assert_int_equal(statistics_wilson(refused[i][0], refused[i][1], refused[i][2], &interval), 1);
                assert_true(interval.value == 7 && interval.lower == 8 && interval.upper == 9);
        }
}

static void percentages_are_rounded_half_up_as_published_figures_are(void **state) {
        static const struct {
                double proportion;
                int places;
                double percent;
        } rounded[] = {
                { 0.65, 1, 65 }, { 1.0 / 3, 1, 33.3 }, { 2.0 / 3, 1, 66.7 }, { 0.0005, 1, 0.1 }, { 0.00049, 1, 0 },
                { 0.125, 0, 13 }, { 0.285, 0, 29 }, { 1, 1, 100 }, { 0, 1, 0 }, { 0.1234567, 4, 12.3457 },
        };
        for (size_t i = 0; i < ELEMENTS(rounded); i++)
                near(statistics_percent(rounded[i].proportion, rounded[i].places), rounded[i].percent);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(wilson_intervals_are_those_of_the_published_method),
                cmocka_unit_test(an_interval_holds_its_value_and_narrows_with_more_cases),
                cmocka_unit_test(what_cannot_be_calculated_is_refused_and_leaves_the_output_alone),
                cmocka_unit_test(percentages_are_rounded_half_up_as_published_figures_are),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
