/* Response times: the database counts, this computes proportion and interval, and the same figures go out as JSON, CSV, chart
 * and table. A row of fewer than five carries no figure in any of them. */
#include <math.h>
#include <string.h>

#include "base/buffer.h"
#include "scrutiny/handlers.h"
#include "scrutiny/statistics.h"
#include "view/chart.h"

static double number(const json_t *item, const char *name) {
        return json_number_value(json_object_get(item, name));
}

static const char *text(const json_t *item, const char *name) {
        const char *value = json_string_value(json_object_get(item, name));
        return value ? value : "";
}

/* Adds to each row: how many were answered or should have been (`due`), the percentage on time and its 95% Wilson interval. */
static void complete(json_t *resource) {
        static const struct {
                const char *name;
                size_t offset;
        } members[] = {
                { "on_time_percent", offsetof(struct interval, value) },
                { "on_time_lower", offsetof(struct interval, lower) },
                { "on_time_upper", offsetof(struct interval, upper) },
        };
        size_t n;
        json_t *item;
        json_array_foreach (json_object_get(resource, "items"), n, item) {
                double due = number(item, "on_time") + number(item, "late") + number(item, "open_past_due");
                struct interval on_time;
                if (json_is_true(json_object_get(item, "suppressed")))
                        continue;
                json_object_set_new(item, "due", json_integer((json_int_t) due));
                if (statistics_wilson(number(item, "on_time"), due, STATISTICS_Z95, &on_time) != 0)
                        continue;
                json_object_set_new(item, "calculable", json_true());
                for (size_t i = 0; i < ELEMENTS(members); i++) {
                        double proportion = *(const double *) ((const char *) &on_time + members[i].offset);
                        json_object_set_new(item, members[i].name, json_real(statistics_percent(proportion, 1)));
                }
        }
}

static enum step_result finish(struct request *request) {
        if (!request->is_api || request->accepts_csv || !request->step.outcome || strcmp(request->step.outcome, "ok") != 0)
                return reply_outcome(request);
        json_t *resource = request_resource(request);
        if (!resource)
                return STEP_FAULT;
        complete(resource);
        enum step_result result = reply_json(request, 200, resource);
        json_decref(resource);
        return result;
}

/* A bar for each row that has a figure: the percentage on time with its interval. */
static int draw(struct request *request, const json_t *items, struct buffer *out) {
        size_t rows = json_array_size(items), used = 0, n;
        const char **categories = arena_alloc(request->arena, (rows + 1) * sizeof *categories);
        struct chart_figure *figures = arena_alloc(request->arena, (rows + 1) * sizeof *figures);
        static const char *const series[] = { "Answered on time" };
        json_t *item;
        json_array_foreach (items, n, item) {
                if (!json_object_get(item, "calculable") || used == CHART_CATEGORIES_MAX)
                        continue;
                categories[used] = arena_format(request->arena, "%s, %s: %s", text(item, "organisation_name"), text(item, "pathway"),
                                                text(item, "clock"));
                figures[used++] = (struct chart_figure) {
                        .value = number(item, "on_time_percent"),
                        .low = number(item, "on_time_lower"),
                        .high = number(item, "on_time_upper"),
                        .text = arena_format(request->arena, "%.1f%%", number(item, "on_time_percent")),
                };
        }
        const struct chart chart = {
                .id = "on-time",
                .title = "Share answered on time, by agency and clock",
                .description = "A bar for each agency, pathway and clock, with its 95% interval. The table below has the same figures.",
                .categories = categories, .n_categories = used, .series = series, .n_series = 1, .figures = figures,
        };
        return used > 0 ? chart_draw(&chart, out) : 1;
}

static void decorate(struct request *request, json_t *resource) {
        _cleanup_buffer_ struct buffer svg = { 0 };
        complete(resource);
        if (draw(request, json_object_get(resource, "items"), &svg) == 0)
                json_object_set_new(resource, "chart_svg", json_stringn(svg.data, svg.size));
}

/* A cell that a spreadsheet would read as a formula is made text. */
static void append_cell(struct buffer *out, const char *cell) {
        if (strchr("=+-@\t\r", cell[0]) && cell[0])
                buffer_append_char(out, '\'');
        if (!strpbrk(cell, ",\"\r\n")) {
                buffer_append_string(out, cell);
                return;
        }
        buffer_append_char(out, '"');
        for (; *cell; cell++) {
                if (*cell == '"')
                        buffer_append_char(out, '"');
                buffer_append_char(out, *cell);
        }
        buffer_append_char(out, '"');
}

static const struct {
        const char *heading, *member;
} columns[] = {
        { "Organisation", "organisation_name" }, { "Authority", "area" }, { "Pathway", "pathway" }, { "Clock", "clock" },
        { "Indicator", "indicator" }, { "Number", "n" }, { "On time", "on_time" }, { "Late", "late" },
        { "Open past due", "open_past_due" }, { "Running", "running" }, { "Paused", "paused" },
        { "On time (%)", "on_time_percent" }, { "Lower 95% (%)", "on_time_lower" }, { "Upper 95% (%)", "on_time_upper" },
        { "Median (hours)", "median_hours" }, { "90th percentile (hours)", "p90_hours" },
};

static void csv(json_t *resource, struct buffer *out) {
        complete(resource);
        for (size_t i = 0; i < ELEMENTS(columns); i++)
                buffer_append_format(out, "%s%s", i ? "," : "", columns[i].heading);
        buffer_append_string(out, "\r\n");
        size_t n;
        json_t *item;
        json_array_foreach (json_object_get(resource, "items"), n, item) {
                bool suppressed = json_is_true(json_object_get(item, "suppressed"));
                for (size_t i = 0; i < ELEMENTS(columns); i++) {
                        const json_t *value = json_object_get(item, columns[i].member);
                        if (i)
                                buffer_append_char(out, ',');
                        if (json_is_string(value))
                                append_cell(out, json_string_value(value));
                        else if (json_is_integer(value))
                                buffer_append_format(out, "%lld", (long long) json_integer_value(value));
                        else if (json_is_real(value))
                                buffer_append_format(out, "%.1f", json_real_value(value));
                        else if (suppressed && i >= 5)
                                buffer_append_string(out, "c");
                }
                buffer_append_string(out, "\r\n");
        }
}

const struct route scrutiny_routes[] = {
        { METHOD_GET, "/scrutiny/response-times", "SCRUTINY_OWN", ROUTE_CSV | ROUTE_REPORT,
          .about = "Response times of each agency, pathway and clock", .action = "VIEW", .query = "scrutiny/response_times",
          .page = "scrutiny/response_times", .finish = finish, .decorate = decorate, .csv = csv },
};
const size_t scrutiny_routes_count = ELEMENTS(scrutiny_routes);
