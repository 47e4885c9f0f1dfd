/* Response times: the database counts, this computes proportion and interval, and the same figures go out as JSON,
 * CSV, chart and table. What is withheld because it is small is withheld in every one of them. */
#include <math.h>
#include <string.h>

#include "base/buffer.h"
#include "response_times.h"
#include "scrutiny/handlers.h"
#include "scrutiny/statistics.h"

static double number(const json_t *item, const char *name) {
        return json_number_value(json_object_get(item, name));
}

void response_times_complete(json_t *resource) {
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
        if (!request->is_api || request->accepts_csv || !request->step.outcome ||
            strcmp(request->step.outcome, "ok") != 0)
                return reply_outcome(request);
        json_t *resource = request_resource(request);
        if (!resource)
                return STEP_FAULT;
        response_times_complete(resource);
        enum step_result result = reply_json(request, 200, resource);
        json_decref(resource);
        return result;
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
        { "Organisation", "organisation_name" }, { "Authority", "area" }, { "Pathway", "pathway_name" },
        { "Clock", "label" },
        { "Indicator", "indicator" }, { "Number", "n" }, { "On time", "on_time" }, { "Late", "late" },
        { "Open past due", "open_past_due" }, { "Running", "running" }, { "Paused", "paused" },
        { "On time (%)", "on_time_percent" }, { "Lower 95% (%)", "on_time_lower" },
        { "Upper 95% (%)", "on_time_upper" },
        { "Median (hours)", "median_hours" }, { "90th percentile (hours)", "p90_hours" },
};

static void csv(json_t *resource, struct buffer *out) {
        response_times_complete(resource);
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
          .about = "Response times of each agency, pathway and clock", .action = "VIEW",
          .query = "scrutiny/response_times",
          .page = "scrutiny/response_times", .finish = finish, .decorate = response_times_decorate, .csv = csv,
          .answer = "response_times" },
};
const size_t scrutiny_routes_count = ELEMENTS(scrutiny_routes);
