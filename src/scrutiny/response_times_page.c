/* The page of response times. */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "http/filter.h"
#include "response_times.h"
#include "scrutiny/statistics.h"
#include "view/chart.h"

#define PATH "/scrutiny/response-times"

static const char *const filters[] = { "from", "to", "organisation", "area", "pathway", NULL };

static double number(const json_t *item, const char *name) {
        return json_number_value(json_object_get(item, name));
}

static const char *text(const json_t *item, const char *name) {
        const char *value = json_string_value(json_object_get(item, name));
        return value ? value : "";
}

/* The question is whether people were answered in time; the page begins with the answer, from the rows
 * that are shown. */
static void add_headline(json_t *resource) {
        double on_time = 0, due = 0;
        size_t n;
        json_t *item;
        json_array_foreach (json_object_get(resource, "items"), n, item) {
                on_time += number(item, "on_time");
                due += number(item, "due");
        }
        json_object_set_new(resource, "headline",
                            due > 0 ? json_sprintf("%.0f of %.0f deadlines were met on time (%.1f%%)", on_time, due,
                                                   statistics_percent(on_time / due, 1))
                                    : json_string("No deadline has passed yet that could be counted"));
}

/* "21.5 hours", "3.2 days"; nothing where no clock was answered. */
static json_t *duration(const json_t *hours) {
        double value = json_number_value(hours);
        if (!json_is_number(hours))
                return json_string("–");
        return value < 48 ? json_sprintf("%.1f hours", value) : json_sprintf("%.1f days", value / 24);
}

static void add_words(json_t *item) {
        /* "LADO: allegation against a person who works with children" */
        const char *pathway = text(item, "pathway_name");
        json_object_set_new(item, "pathway_short", json_stringn(pathway, strcspn(pathway, ":")));
        json_object_set_new(item, "median_text", duration(json_object_get(item, "median_hours")));
        json_object_set_new(item, "p90_text", duration(json_object_get(item, "p90_hours")));
        if (json_object_get(item, "calculable"))
                json_object_set_new(item, "on_time_text",
                                    json_sprintf("%.1f%% (%.1f to %.1f)", number(item, "on_time_percent"),
                                                 number(item, "on_time_lower"),
                                                 number(item, "on_time_upper")));
}

/* A bar for each row that has a figure: the percentage on time with its interval. */
static int draw(struct request *request, const json_t *items, struct buffer *out) {
        static const char *const series[] = { "Answered on time" };
        size_t rows = json_array_size(items), used = 0, n;
        const char **categories = arena_alloc(request->arena, (rows + 1) * sizeof *categories);
        struct chart_figure *figures = arena_alloc(request->arena, (rows + 1) * sizeof *figures);
        json_t *item;
        json_array_foreach (items, n, item) {
                if (!json_object_get(item, "calculable") || used == CHART_CATEGORIES_MAX)
                        continue;
                categories[used] = arena_format(request->arena, "%s: %s", text(item, "organisation_name"),
                                                text(item, "pathway_short"));
                figures[used++] = (struct chart_figure) {
                        .value = number(item, "on_time_percent"),
                        .low = number(item, "on_time_lower"),
                        .high = number(item, "on_time_upper"),
                        .text = arena_format(request->arena, "%.1f%%", number(item, "on_time_percent")),
                };
        }
        const struct chart chart = {
                .id = "on-time",
                .title = "Share answered on time, by agency and pathway",
                .description = "A bar for each clock of an agency and pathway, with its 95% interval. "
                               "The table below has the same figures.",
                .categories = categories, .n_categories = used, .series = series, .n_series = 1, .figures = figures,
        };
        return used > 0 ? chart_draw(&chart, out) : 1;
}

void response_times_decorate(struct request *request, json_t *resource) {
        _cleanup_buffer_ struct buffer svg = { 0 }, csv = { 0 };
        const json_t *items = json_object_get(resource, "items");
        size_t n;
        json_t *item;
        response_times_complete(resource);
        json_array_foreach (items, n, item)
                add_words(item);
        add_headline(resource);
        if (draw(request, items, &svg) == 0)
                json_object_set_new(resource, "chart_svg", json_stringn(svg.data, svg.size));
        json_object_set_new(resource, "empty", json_boolean(n == 0));
        json_t *agency = filter_select(request, "organisation", "Agency", "organisation", "All agencies");
        json_t *area = filter_select(request, "area", "Authority", "authority", "All authorities");
        json_t *pathway = filter_select(request, "pathway", "Pathway", "pathway", "All pathways");
        json_object_set_new(resource, "filters", json_pack("[o, o, o]", agency, area, pathway));
        json_object_set_new(resource, "csv", json_string(filter_link(request, PATH "?format=csv", filters, "", NULL)));
}
