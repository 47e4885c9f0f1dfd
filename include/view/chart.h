/* Charts: horizontal bars as SVG, drawn on the server.
 *
 * One bar a category, or one for each series of it, or the series stacked. Everything that is drawn is also for a
 * reader: a title and a description for those who do not see it, and the figure at the end of each bar. Put the table
 * of the same figures after it. Colours come from classes (src/assets/styles/_app.scss), so that no style attribute is
 * needed. The picture scales with its place; its text stays readable at a width of 320 pixels.
 */
#ifndef VIEW_CHART_H
#define VIEW_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

enum { CHART_SERIES_MAX = 4, CHART_CATEGORIES_MAX = 100 };

struct chart_figure {
        double value;       /* 0 or more; NAN where the figure is not given, which shows `text` alone */
        double low, high;   /* the interval around it; both 0 for none; not drawn in stacked bars */
        const char *text;   /* how the figure is written: "12.5%", "fewer than 5"; NULL for the number */
};

struct chart {
        const char *id; /* unique on the page, letters and hyphens: names the title and description */
        const char *title, *description;
        const char *const *categories;
        size_t n_categories;
        const char *const *series; /* their names; the key is left out when there is one */
        size_t n_series;
        bool stacked;
        const struct chart_figure *figures; /* n_categories times n_series, category by category */
};

/* Appends the SVG. -1: too many or no categories or series, or a negative or infinite figure; nothing is appended. */
_must_check_ int chart_draw(const struct chart *chart, struct buffer *out);

#endif
