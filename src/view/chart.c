#include "view/chart.h"

#include <math.h>
#include <string.h>

/* All in units of the view box, which is as wide as a small telephone, so that 16 units are 16 pixels there. */
enum { WIDTH = 320, BAR = 20, LINE = 22, GAP = 14, VALUE_ROOM = 88, TICKS_MAX = 5, AXIS_ROOM = 28, LABEL_MAX = 36 };

struct layout {
        const struct chart *chart;
        struct buffer *out;
        double step, top; /* between grid lines; the greatest value that has a place */
        double height;
};

static void append_text(struct buffer *out, const char *text) {
        for (; *text; text++)
                switch (*text) {
                case '&':
                        buffer_append_string(out, "&amp;");
                        break;
                case '<':
                        buffer_append_string(out, "&lt;");
                        break;
                case '>':
                        buffer_append_string(out, "&gt;");
                        break;
                case '"':
                        buffer_append_string(out, "&quot;");
                        break;
                default:
                        /* Control characters are not XML. */
                        if ((unsigned char) *text >= ' ' || *text == '\t' || *text == '\n')
                                buffer_append_char(out, *text);
                }
}

/* A label that fits on its line; the table holds the whole. Cut between characters, never within one. */
static void append_label(struct buffer *out, const char *text) {
        size_t bytes = 0, characters = 0;
        for (; text[bytes] && characters < LABEL_MAX; characters++)
                for (bytes++; ((unsigned char) text[bytes] & 0xc0) == 0x80;)
                        bytes++;
        struct buffer label = { 0 };
        buffer_append(&label, text, bytes);
        append_text(out, label.data);
        if (text[bytes])
                buffer_append_string(out, "…");
        buffer_clear(&label);
}

static const struct chart_figure *figure_at(const struct chart *chart, size_t category, size_t series) {
        return &chart->figures[category * chart->n_series + series];
}

static int check(const struct chart *chart) {
        if (!chart->n_categories || chart->n_categories > CHART_CATEGORIES_MAX || !chart->n_series ||
            chart->n_series > CHART_SERIES_MAX)
                return -1;
        for (size_t i = 0; i < chart->n_categories * chart->n_series; i++) {
                const struct chart_figure *figure = &chart->figures[i];
                if (isinf(figure->value) || figure->value < 0 || !isfinite(figure->low) || !isfinite(figure->high) ||
                    figure->low < 0 || figure->high < figure->low)
                        return -1;
        }
        return 0;
}

static double greatest(const struct chart *chart) {
        double most = 0;
        for (size_t c = 0; c < chart->n_categories; c++) {
                double sum = 0;
                for (size_t s = 0; s < chart->n_series; s++) {
                        const struct chart_figure *figure = figure_at(chart, c, s);
                        double value = isnan(figure->value) ? 0 : figure->value;
                        sum = chart->stacked ? sum + value : fmax(value, figure->high);
                        most = fmax(most, sum);
                }
        }
        return most;
}

/* 1, 2 or 5 times a power of ten, so that at most TICKS_MAX of them reach the greatest value. */
static void choose_scale(struct layout *layout) {
        double most = greatest(layout->chart);
        if (most <= 0)
                most = 1;
        double power = pow(10, floor(log10(most / TICKS_MAX)));
        static const double factors[] = { 1, 2, 5, 10 };
        for (size_t i = 0; i < ELEMENTS(factors); i++) {
                layout->step = factors[i] * power;
                if (layout->step * TICKS_MAX >= most * (1 - 1e-9))
                        break;
        }
        layout->top = layout->step * ceil(most / layout->step - 1e-9);
}

static double x_of(const struct layout *layout, double value) {
        return value / layout->top * (WIDTH - VALUE_ROOM);
}

static double bars_of(const struct chart *chart) {
        return chart->stacked ? 1 : (double) chart->n_series;
}

static double key_height(const struct chart *chart) {
        return chart->n_series > 1 ? (double) chart->n_series * LINE + GAP : 0;
}

static void draw_key(const struct layout *layout) {
        const struct chart *chart = layout->chart;
        for (size_t s = 0; s < chart->n_series && chart->n_series > 1; s++) {
                buffer_append_format(layout->out,
                                     "<rect class=\"app-chart__bar app-chart__series-%zu\" x=\"0\" y=\"%zu\" "
                                     "width=\"14\" height=\"14\"/><text x=\"22\" y=\"%zu\">",
                                     s + 1, s * LINE + 2, s * LINE + 15);
                append_label(layout->out, chart->series[s]);
                buffer_append_string(layout->out, "</text>");
        }
}

static void draw_grid(const struct layout *layout) {
        double from = key_height(layout->chart), until = layout->height - AXIS_ROOM;
        size_t n = (size_t) round(layout->top / layout->step);
        for (size_t i = 0; i <= n; i++) {
                double value = layout->step * (double) i, x = x_of(layout, value);
                buffer_append_format(layout->out,
                                     "<line class=\"app-chart__%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
                                     i ? "grid" : "axis", x, from, x, until);
                /* At 320 pixels only the ends have room for their figures. */
                if (i == 0 || i == n)
                        buffer_append_format(layout->out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%.10g</text>",
                                             i ? "app-chart__tick" : "app-chart__zero", x, until + 18, value);
        }
}

static void draw_value(const struct layout *layout, const struct chart_figure *figure, double x, double y) {
        buffer_append_format(layout->out, "<text class=\"app-chart__value\" x=\"%.1f\" y=\"%.1f\">", x + 6, y + 16);
        if (figure->text)
                append_label(layout->out, figure->text);
        else if (!isnan(figure->value))
                buffer_append_format(layout->out, "%.10g", figure->value);
        buffer_append_string(layout->out, "</text>");
}

static void draw_whisker(const struct layout *layout, const struct chart_figure *figure, double y) {
        double low = x_of(layout, figure->low), high = x_of(layout, figure->high), middle = y + BAR / 2.0;
        buffer_append_format(layout->out,
                             "<path class=\"app-chart__whisker\" fill=\"none\" d=\"M%.1f %.1fv8m0-4H%.1fm0-4v8\"/>",
                             low, middle - 4, high);
}

static void draw_bar(const struct layout *layout, size_t series, double from, double width, double y) {
        buffer_append_format(layout->out,
                             "<rect class=\"app-chart__bar app-chart__series-%zu\" x=\"%.1f\" y=\"%.1f\" "
                             "width=\"%.1f\" height=\"%d\"/>",
                             series + 1, from, y, width, BAR);
}

static void draw_category(const struct layout *layout, size_t c, double y) {
        const struct chart *chart = layout->chart;
        double stacked = 0;
        buffer_append_format(layout->out, "<text class=\"app-chart__label\" x=\"4\" y=\"%.1f\">", y + 16);
        append_label(layout->out, chart->categories[c]);
        buffer_append_string(layout->out, "</text>");
        y += LINE;
        for (size_t s = 0; s < chart->n_series; s++) {
                const struct chart_figure *figure = figure_at(chart, c, s);
                double value = isnan(figure->value) ? 0 : figure->value;
                draw_bar(layout, s, x_of(layout, stacked), x_of(layout, value), y);
                if (chart->stacked) {
                        stacked += value;
                        continue;
                }
                bool interval = figure->high > 0;
                if (interval)
                        draw_whisker(layout, figure, y);
                draw_value(layout, figure, x_of(layout, fmax(value, figure->high)), y);
                y += BAR;
        }
        if (chart->stacked)
                draw_value(layout, &(struct chart_figure) { .value = stacked }, x_of(layout, stacked), y);
}

int chart_draw(const struct chart *chart, struct buffer *out) {
        struct layout layout = { .chart = chart, .out = out };
        if (check(chart) < 0)
                return -1;
        choose_scale(&layout);
        double each = LINE + bars_of(chart) * BAR + GAP;
        layout.height = key_height(chart) + (double) chart->n_categories * each + AXIS_ROOM;
        buffer_append_format(out,
                             "<svg class=\"app-chart\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" "
                             "viewBox=\"0 0 %d %.0f\" width=\"100%%\" aria-labelledby=\"%s-title %s-description\">"
                             "<title id=\"%s-title\">",
                             WIDTH, layout.height, chart->id, chart->id, chart->id);
        append_text(out, chart->title);
        buffer_append_format(out, "</title><desc id=\"%s-description\">", chart->id);
        append_text(out, chart->description);
        buffer_append_string(out, "</desc>");
        draw_key(&layout);
        draw_grid(&layout);
        for (size_t c = 0; c < chart->n_categories; c++)
                draw_category(&layout, c, key_height(chart) + (double) c * each);
        buffer_append_string(out, "</svg>");
        return 0;
}
