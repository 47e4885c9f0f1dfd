#include "pathway/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "view/format.h"

static void append_formatted(struct buffer *out, const char *formatter, const char *text) {
        json_t *value = json_string(text);
        formatter_find(formatter, strlen(formatter))->write(value, "", NULL, out);
        json_decref(value);
}

/* Whether `day` is `days` after `from`; both begin with YYYY-MM-DD. */
static bool is_days_after(const char *day, const char *from, int days) {
        struct tm tm = { 0 };
        char text[16];
        if (sscanf(from, "%4d-%2d-%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday) != 3)
                return false;
        tm.tm_year -= 1900;
        tm.tm_mon -= 1;
        time_t at = timegm(&tm) + (time_t) days * 24 * 60 * 60;
        gmtime_r(&at, &tm);
        strftime(text, sizeof text, "%Y-%m-%d", &tm);
        return strncmp(day, text, 10) == 0;
}

static void append_when(struct buffer *out, const char *due, const char *as_at) {
        if (is_days_after(due, as_at, 0))
                buffer_append_string(out, "today");
        else if (is_days_after(due, as_at, 1))
                buffer_append_string(out, "tomorrow");
        else if (is_days_after(due, as_at, -1))
                buffer_append_string(out, "yesterday");
        else {
                buffer_append_string(out, "on ");
                append_formatted(out, "day", due);
        }
        buffer_append_string(out, " at ");
        append_formatted(out, "time", due);
}

static void append_days(struct buffer *out, long long days) {
        buffer_append_format(out, "%lld working %s", days, days == 1 ? "day" : "days");
}

enum clock_tone clock_words(const json_t *clock, const char *status, const char *as_at, struct buffer *out) {
        const char *due = json_string_value(json_object_get(clock, "due_at"));
        const char *stands = json_string_value(json_object_get(clock, status));
        long long days = json_integer_value(json_object_get(clock, "working_days_late"));
        if (!due || !stands || !as_at)
                return CLOCK_QUIET;
        if (strcmp(stands, "BREACHED") == 0) {
                buffer_append_string(out, days > 0 ? "Late by " : "Late: was due ");
                if (days > 0)
                        append_days(out, days);
                else
                        append_when(out, due, as_at);
                return CLOCK_LATE;
        }
        if (strcmp(stands, "MET_LATE") == 0) {
                buffer_append_string(out, "Met late");
                if (days > 0) {
                        buffer_append_string(out, ", by ");
                        append_days(out, days);
                }
                return CLOCK_QUIET;
        }
        if (strcmp(stands, "RUNNING") == 0) {
                buffer_append_string(out, "Due ");
                append_when(out, due, as_at);
                return is_days_after(due, as_at, 0) ? CLOCK_SOON : CLOCK_QUIET;
        }
        buffer_append_string(out, strcmp(stands, "MET") == 0    ? "Met in time"
                                  : strcmp(stands, "PAUSED") == 0 ? "Paused"
                                                                  : "Does not apply");
        return CLOCK_QUIET;
}
