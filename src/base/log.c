#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"

static _Atomic int least_level = LOG_LEVEL_INFO;
static _Thread_local const char *request;

void log_set_level(enum log_level least) {
        atomic_store(&least_level, (int) least);
}

void log_set_request(const char *request_id) {
        request = request_id;
}

const char *log_number(long long n) {
        static _Thread_local char ring[8][24];
        static _Thread_local unsigned at;
        char *text = ring[at++ % 8];
        snprintf(text, sizeof ring[0], "%lld", n);
        return text;
}

static void append_quoted(struct buffer *line, const char *s) {
        buffer_append_char(line, '"');
        for (; *s; s++) {
                unsigned char c = (unsigned char) *s;
                if (c == '"' || c == '\\') {
                        buffer_append_char(line, '\\');
                        buffer_append_char(line, (char) c);
                } else if (c < 0x20 || c == 0x7f)
                        buffer_append_format(line, "\\u%04x", c);
                else
                        buffer_append_char(line, (char) c);
        }
        buffer_append_char(line, '"');
}

static void append_member(struct buffer *line, const char *name, const char *value) {
        buffer_append_char(line, ',');
        append_quoted(line, name);
        buffer_append_char(line, ':');
        append_quoted(line, value ? value : "");
}

void log_line(enum log_level level, const char *event, ...) {
        static const char *const names[] = { "debug", "info", "warning", "error" };
        if ((int) level < atomic_load(&least_level))
                return;

        struct timespec now;
        struct tm utc;
        char at[32];
        clock_gettime(CLOCK_REALTIME, &now);
        gmtime_r(&now.tv_sec, &utc);
        strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%S", &utc);

        _cleanup_buffer_ struct buffer line = { 0 };
        buffer_append_format(&line, "{\"at\":\"%s.%03ldZ\",\"level\":\"%s\"", at, now.tv_nsec / 1000000, names[level]);
        append_member(&line, "event", event);
        if (request)
                append_member(&line, "request_id", request);

        va_list args;
        va_start(args, event);
        for (const char *name; (name = va_arg(args, const char *));)
                append_member(&line, name, va_arg(args, const char *));
        va_end(args);
        buffer_append_string(&line, "}\n");

        /* One write, so that lines of two threads never mix. A log that cannot be written stops nothing. */
        ssize_t written = write(STDERR_FILENO, line.data, line.size);
        (void) written;
}
