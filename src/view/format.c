#include "view/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A wall clock reading. `has_time` and `has_date` say which halves were given. */
struct reading {
        bool has_date, has_time;
        int64_t days; /* since 1970-01-01 */
        int hour, minute;
};

/* Days since 1970-01-01 of a date of the Gregorian calendar, counted in years that begin in March, so that the leap
 * day comes last. */
static int64_t days_from_date(int64_t year, int month, int day) {
        if (month <= 2)
                year--;
        int64_t era = (year >= 0 ? year : year - 399) / 400;
        int64_t year_of_era = year - era * 400;
        int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void date_from_days(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day) {
        days += 719468;
        int64_t era = (days >= 0 ? days : days - 146096) / 146097;
        int64_t day_of_era = days - era * 146097;
        int64_t year = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
        int64_t day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
        int64_t month = (5 * day_of_year + 2) / 153;
        *ret_day = (int) (day_of_year - (153 * month + 2) / 5 + 1);
        *ret_month = (int) (month < 10 ? month + 3 : month - 9);
        *ret_year = year + era * 400 + (*ret_month <= 2);
}

/* 0 is Sunday. */
static int weekday(int64_t days) {
        return (int) (((days + 4) % 7 + 7) % 7);
}

int format_london_offset(int64_t seconds) {
        int64_t days = seconds / 86400 - (seconds % 86400 < 0), year;
        int month, day;
        date_from_days(days, &year, &month, &day);
        int64_t march = days_from_date(year, 3, 31), october = days_from_date(year, 10, 31);
        int64_t from = (march - weekday(march)) * 86400 + 3600, until = (october - weekday(october)) * 86400 + 3600;
        return seconds >= from && seconds < until ? 3600 : 0;
}

/* Reads exactly `n` digits. */
static bool take_digits(const char **s, int n, int *ret) {
        int value = 0;
        for (int i = 0; i < n; i++, (*s)++) {
                if (**s < '0' || **s > '9')
                        return false;
                value = value * 10 + (**s - '0');
        }
        *ret = value;
        return true;
}

static bool take_char(const char **s, const char *any) {
        if (!**s || !strchr(any, **s))
                return false;
        (*s)++;
        return true;
}

static bool take_date(const char **s, int64_t *ret_days) {
        int year, month, day, month_again, day_again;
        int64_t year_again;
        if (!take_digits(s, 4, &year) || !take_char(s, "-") || !take_digits(s, 2, &month) || !take_char(s, "-") ||
            !take_digits(s, 2, &day) || month < 1 || month > 12 || day < 1)
                return false;
        int64_t days = days_from_date(year, month, day);
        date_from_days(days, &year_again, &month_again, &day_again);
        if (day_again != day || month_again != month)
                return false;
        *ret_days = days;
        return true;
}

/* HH:MM, optionally with seconds and a fraction, which are not shown. */
static bool take_time(const char **s, int *ret_hour, int *ret_minute, int *ret_second) {
        int second = 0;
        if (!take_digits(s, 2, ret_hour) || !take_char(s, ":") || !take_digits(s, 2, ret_minute) || *ret_hour > 23 ||
            *ret_minute > 59)
                return false;
        if (take_char(s, ":")) {
                if (!take_digits(s, 2, &second) || second > 60)
                        return false;
                if (take_char(s, "."))
                        while (**s >= '0' && **s <= '9')
                                (*s)++;
        }
        *ret_second = second;
        return true;
}

/* Z, +HH:MM, +HHMM or +HH (PostgreSQL's text form), in seconds east. */
static bool take_zone(const char **s, int *ret_offset) {
        int hours, minutes = 0;
        if (take_char(s, "Zz")) {
                *ret_offset = 0;
                return true;
        }
        int sign = **s == '-' ? -1 : 1;
        if (!take_char(s, "+-") || !take_digits(s, 2, &hours))
                return false;
        if (take_char(s, ":") || **s) {
                if (!take_digits(s, 2, &minutes))
                        return false;
        }
        *ret_offset = sign * (hours * 3600 + minutes * 60);
        return true;
}

/* Reads a date, a time of day, or a moment, which is moved to London time. A moment without a zone is London's. */
static bool read_moment(const char *s, struct reading *ret) {
        struct reading reading = { 0 };
        int second = 0, offset;
        if (strlen(s) > 4 && s[4] == '-') {
                if (!take_date(&s, &reading.days))
                        return false;
                reading.has_date = true;
                if (!*s) {
                        *ret = reading;
                        return true;
                }
                if (!take_char(&s, "Tt "))
                        return false;
        }
        if (!take_time(&s, &reading.hour, &reading.minute, &second))
                return false;
        reading.has_time = true;
        if (*s && reading.has_date) {
                if (!take_zone(&s, &offset))
                        return false;
                int64_t moment = reading.days * 86400 + reading.hour * 3600 + reading.minute * 60 + second - offset;
                moment += format_london_offset(moment);
                reading.days = moment / 86400 - (moment % 86400 < 0);
                int of_day = (int) (moment - reading.days * 86400);
                reading.hour = of_day / 3600;
                reading.minute = of_day % 3600 / 60;
        }
        if (*s)
                return false;
        *ret = reading;
        return true;
}

static const char *word(const struct template_options *options, const char *text) {
        const char *other = options && options->translate ? options->translate(options->userdata, text) : NULL;
        return other ? other : text;
}

static void append_date(const struct reading *reading, const struct template_options *options, struct buffer *out) {
        static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July",
                                              "August", "September", "October", "November", "December" };
        int64_t year;
        int month, day;
        date_from_days(reading->days, &year, &month, &day);
        buffer_append_format(out, "%d %s %" PRId64, day, word(options, months[month - 1]), year);
}

static void append_time(const struct reading *reading, struct buffer *out) {
        int hour = reading->hour % 12 ? reading->hour % 12 : 12;
        buffer_append_format(out, "%d:%02d%s", hour, reading->minute, reading->hour < 12 ? "am" : "pm");
}

/* Whether the value is a moment with the halves that are needed; otherwise shows it as it is. */
static bool read_or_show(const json_t *value, bool date, bool time, struct reading *ret, struct buffer *out) {
        if (json_is_string(value) && read_moment(json_string_value(value), ret) && (ret->has_date || !date) &&
            (ret->has_time || !time))
                return true;
        format_plain(value, out);
        return false;
}

static void write_date(const json_t *value, const char *argument, const struct template_options *options,
                       struct buffer *out) {
        struct reading reading;
        if (read_or_show(value, true, false, &reading, out))
                append_date(&reading, options, out);
}

static void write_datetime(const json_t *value, const char *argument, const struct template_options *options,
                           struct buffer *out) {
        struct reading reading;
        if (!read_or_show(value, true, false, &reading, out))
                return;
        append_date(&reading, options, out);
        if (reading.has_time) {
                buffer_append_format(out, " %s ", word(options, "at"));
                append_time(&reading, out);
        }
}

static void write_time(const json_t *value, const char *argument, const struct template_options *options,
                       struct buffer *out) {
        struct reading reading;
        if (read_or_show(value, false, true, &reading, out))
                append_time(&reading, out);
}

static void write_day(const json_t *value, const char *argument, const struct template_options *options,
                      struct buffer *out) {
        static const char *const names[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
                                             "Saturday" };
        struct reading reading;
        if (!read_or_show(value, true, false, &reading, out))
                return;
        buffer_append_format(out, "%s ", word(options, names[weekday(reading.days)]));
        append_date(&reading, options, out);
}

static void write_yesno(const json_t *value, const char *argument, const struct template_options *options,
                        struct buffer *out) {
        if (json_is_boolean(value))
                buffer_append_string(out, word(options, json_is_true(value) ? "Yes" : "No"));
        else
                format_plain(value, out);
}

static void write_count(const json_t *value, const char *argument, const struct template_options *options,
                        struct buffer *out) {
        if (!json_is_integer(value)) {
                format_plain(value, out);
                return;
        }
        char digits[24];
        int n = snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        for (int i = 0; i < n; i++) {
                if (i && (n - i) % 3 == 0 && digits[i - 1] != '-')
                        buffer_append_char(out, ',');
                buffer_append_char(out, digits[i]);
        }
}

static void write_label(const json_t *value, const char *argument, const struct template_options *options,
                        struct buffer *out) {
        const char *label = NULL;
        if (json_is_string(value) && options && options->label)
                label = options->label(options->userdata, argument, json_string_value(value));
        if (label)
                buffer_append_string(out, label);
        else
                format_plain(value, out);
}

void format_plain(const json_t *value, struct buffer *out) {
        switch (value ? json_typeof(value) : JSON_NULL) {
        case JSON_STRING:
                buffer_append(out, json_string_value(value), json_string_length(value));
                break;
        case JSON_INTEGER:
                buffer_append_format(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
                break;
        case JSON_REAL: {
                char text[32];
                for (int digits = 15; digits <= 17; digits++) {
                        snprintf(text, sizeof text, "%.*g", digits, json_real_value(value));
                        if (strtod(text, NULL) == json_real_value(value))
                                break;
                }
                buffer_append_string(out, text);
                break;
        }
        case JSON_TRUE:
                buffer_append_string(out, "true");
                break;
        case JSON_FALSE:
                buffer_append_string(out, "false");
                break;
        default:
                break;
        }
}

const struct formatter *formatter_find(const char *name, size_t size) {
        static const struct formatter formatters[] = {
                { "date", false, write_date },         { "datetime", false, write_datetime },
                { "time", false, write_time },         { "day", false, write_day },
                { "yesno", false, write_yesno },       { "count", false, write_count },
                { "label", true, write_label },
        };
        for (size_t i = 0; i < ELEMENTS(formatters); i++)
                if (strlen(formatters[i].name) == size && !memcmp(formatters[i].name, name, size))
                        return &formatters[i];
        return NULL;
}
