#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view/chart.h"

static const char *const categories[] = { "Verbal <abuse> & \"threats\"", "Online" };
static const char *const series[] = { "Met", "Not met" };

static struct chart chart_of(const struct chart_figure *figures, size_t n_series, bool stacked) {
        return (struct chart) { .id = "c", .title = "A < B", .description = "By type & year", .categories = categories,
                                .n_categories = 2, .series = series, .n_series = n_series, .stacked = stacked,
                                .figures = figures };
}

static size_t count(const char *text, const char *part) {
        size_t n = 0;
        for (; (text = strstr(text, part)); text++)
                n++;
        return n;
}

/* Whether every element is closed in order and every & begins an entity: what an XML reader would refuse. */
static void assert_well_formed(const char *xml) {
        char open[16][16];
        size_t depth = 0;
        for (const char *at = xml; *at; at++) {
                if (*at == '&')
                        assert_true(!strncmp(at, "&amp;", 5) || !strncmp(at, "&lt;", 4) || !strncmp(at, "&gt;", 4) ||
                                    !strncmp(at, "&quot;", 6));
                if (*at != '<')
                        continue;
                const char *end = strchr(at, '>');
                assert_non_null(end);
                assert_null(memchr(at + 1, '<', (size_t) (end - at - 1)));
                if (at[1] == '/') {
                        assert_true(depth > 0);
                        size_t size = strlen(open[--depth]);
                        assert_memory_equal(at + 2, open[depth], size);
                        assert_ptr_equal(at + 2 + size, end);
                } else if (end[-1] != '/') {
                        assert_true(depth < 16);
                        snprintf(open[depth++], sizeof open[0], "%.*s", (int) strcspn(at + 1, " >"), at + 1);
                }
                at = end;
        }
        assert_int_equal(depth, 0);
}

static void bars_are_drawn_with_title_description_and_figures(void **state) {
        const struct chart_figure figures[] = { { .value = 120 }, { .value = 30, .text = "fewer than 31" } };
        const struct chart chart = chart_of(figures, 1, false);
        _cleanup_buffer_ struct buffer out = { 0 };
        assert_int_equal(chart_draw(&chart, &out), 0);
        assert_well_formed(out.data);
        assert_non_null(strstr(out.data, "role=\"img\""));
        assert_non_null(strstr(out.data, "aria-labelledby=\"c-title c-description\""));
        assert_non_null(strstr(out.data, "<title id=\"c-title\">A &lt; B</title>"));
        assert_non_null(strstr(out.data, "By type &amp; year"));
        assert_non_null(strstr(out.data, "Verbal &lt;abuse&gt; &amp; &quot;threats&quot;"));
        assert_non_null(strstr(out.data, ">120</text>"));
        assert_non_null(strstr(out.data, ">fewer than 31</text>"));
        /* 120 of 150 (the scale's end) of the 232 units that bars may take, and 30 of them. */
        assert_non_null(strstr(out.data, "width=\"185.6\""));
        assert_non_null(strstr(out.data, "width=\"46.4\""));
        assert_null(strstr(out.data, "style="));
        assert_null(strstr(out.data, "Met"));
}

static void series_have_a_key_and_stack_on_demand(void **state) {
        const struct chart_figure figures[] = { { .value = 1 }, { .value = 3 }, { .value = 2 }, { .value = 2 } };
        struct chart chart = chart_of(figures, 2, true);
        _cleanup_buffer_ struct buffer out = { 0 };
        assert_int_equal(chart_draw(&chart, &out), 0);
        assert_well_formed(out.data);
        assert_int_equal(count(out.data, ">4</text>"), 3); /* both sums and the end of the scale */
        assert_non_null(strstr(out.data, ">Not met</text>"));
        assert_non_null(strstr(out.data, "x=\"58.0\"")); /* the second part begins where the first ends */
        buffer_clear(&out);
        chart.stacked = false;
        assert_int_equal(chart_draw(&chart, &out), 0);
        assert_int_equal(count(out.data, "app-chart__series-2"), 3);
}

static void intervals_are_drawn_and_widen_the_scale(void **state) {
        const struct chart_figure figures[] = { { .value = 10, .low = 8, .high = 49 }, { .value = NAN, .text = "not shown" } };
        const struct chart chart = chart_of(figures, 1, false);
        _cleanup_buffer_ struct buffer out = { 0 };
        assert_int_equal(chart_draw(&chart, &out), 0);
        assert_well_formed(out.data);
        assert_int_equal(count(out.data, "app-chart__whisker"), 1);
        assert_non_null(strstr(out.data, ">50</text>"));
        assert_non_null(strstr(out.data, ">not shown</text>"));
}

static void nothing_but_zeros_is_drawn_too(void **state) {
        const struct chart_figure figures[] = { { .value = 0 }, { .value = 0 } };
        const struct chart chart = chart_of(figures, 1, false);
        _cleanup_buffer_ struct buffer out = { 0 };
        assert_int_equal(chart_draw(&chart, &out), 0);
        assert_well_formed(out.data);
        assert_null(strstr(out.data, "nan"));
        assert_null(strstr(out.data, "inf"));
}

static void figures_that_have_no_place_are_refused(void **state) {
        static const struct chart_figure wrong[] = { { .value = -1 }, { .value = INFINITY }, { .low = 2, .high = 1 },
                                                     { .low = NAN } };
        _cleanup_buffer_ struct buffer out = { 0 };
        for (size_t i = 0; i < ELEMENTS(wrong); i++) {
                const struct chart_figure figures[] = { { .value = 1 }, wrong[i] };
                const struct chart chart = chart_of(figures, 1, false);
                assert_int_equal(chart_draw(&chart, &out), -1);
        }
        struct chart chart = chart_of(wrong, 5, false);
        assert_int_equal(chart_draw(&chart, &out), -1);
        chart.n_series = 0;
        assert_int_equal(chart_draw(&chart, &out), -1);
        assert_int_equal(out.size, 0);
}

static void long_labels_are_cut_between_characters(void **state) {
        static const char *const labels[] = { "ééééééééééééééééééééééééééééééééééééééé", "short" };
        const struct chart_figure figures[] = { { .value = 1 }, { .value = 2 } };
        struct chart chart = chart_of(figures, 1, false);
        chart.categories = labels;
        _cleanup_buffer_ struct buffer out = { 0 };
        assert_int_equal(chart_draw(&chart, &out), 0);
        assert_int_equal(count(out.data, "é"), 36);
        assert_non_null(strstr(out.data, "é…</text>"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(bars_are_drawn_with_title_description_and_figures),
                cmocka_unit_test(series_have_a_key_and_stack_on_demand),
                cmocka_unit_test(intervals_are_drawn_and_widen_the_scale),
                cmocka_unit_test(nothing_but_zeros_is_drawn_too),
                cmocka_unit_test(figures_that_have_no_place_are_refused),
                cmocka_unit_test(long_labels_are_cut_between_characters),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
