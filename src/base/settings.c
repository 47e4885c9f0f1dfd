#include "base/settings.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

static const struct setting_row rows[SETTING_COUNT] = {
        [SETTING_LISTEN_ADDRESS] = { "listen.address", SETTING_TYPE_TEXT, .default_value = "127.0.0.1", .least = 2, .most = 45,
                .about = "The IPv4 or IPv6 address to listen on. Only loopback is safe without a proxy that ends TLS." },
        [SETTING_LISTEN_PORT] = { "listen.port", SETTING_TYPE_INTEGER, .default_value = "8080", .least = 1, .most = 65535,
                .about = "The TCP port to listen on." },
        [SETTING_LISTEN_SOCKET] = { "listen.socket", SETTING_TYPE_TEXT, .default_value = "", .least = 0, .most = 107,
                .about = "The path of a unix socket to listen on instead of an address and port." },
        [SETTING_TLS_EXTERNAL] = { "tls.external", SETTING_TYPE_BOOLEAN, .default_value = "no",
                .about = "Whether people reach this service over https through a proxy; browsers are then told never to use "
                         "plain http." },
        [SETTING_PROXY_TRUSTED] = { "proxy.trusted", SETTING_TYPE_TEXT, .default_value = "", .least = 0, .most = 512,
                .about = "The exact addresses, parted by commas, of proxies whose X-Forwarded-For is believed: 127.0.0.1, ::1. "
                         "No names, ranges or masks. What comes over the unix socket is believed always." },
        [SETTING_DATABASE_CONNINFO] = { "database.conninfo", SETTING_TYPE_TEXT, .secret = true,
                .default_value = "dbname=upstander user=upstander_serve", .least = 1, .most = 1024,
                .about = "How to reach PostgreSQL as the role that answers requests (a libpq connection string)." },
        [SETTING_DATABASE_WORK_CONNINFO] = { "database.work_conninfo", SETTING_TYPE_TEXT, .secret = true,
                .default_value = "dbname=upstander user=upstander_work", .least = 1, .most = 1024,
                .about = "How to reach PostgreSQL as the role of the background worker." },
        [SETTING_DATABASE_ADMIN_CONNINFO] = { "database.admin_conninfo", SETTING_TYPE_TEXT, .secret = true,
                .default_value = "dbname=upstander", .least = 1, .most = 1024,
                .about = "How `upstander admin` reaches PostgreSQL, as the role that owns the schema. Serving never uses it." },
        [SETTING_DATABASE_CONNECTIONS] = { "database.connections", SETTING_TYPE_INTEGER, .default_value = "0", .least = 0,
                .most = 64, .about = "The connections, and threads, that answer requests; of three or more one is kept to spare. One more "
                                     "than PostgreSQL has processors is a good number. 0: one more than this machine has." },
        [SETTING_DATABASE_REPORT_CONNECTIONS] = { "database.report_connections", SETTING_TYPE_INTEGER, .default_value = "1",
                .least = 1, .most = 16, .about = "The connections, and threads, kept for reports." },
        [SETTING_DATABASE_QUEUE_LIMIT] = { "database.queue_limit", SETTING_TYPE_INTEGER, .default_value = "1024", .least = 16,
                .most = 65536, .about = "The requests that may wait for the database before more are answered 503." },
        [SETTING_DATABASE_STATEMENT_TIMEOUT] = { "database.statement_timeout_ms", SETTING_TYPE_INTEGER,
                .default_value = "5000", .least = 100, .most = 60000,
                .about = "The milliseconds a statement may take; reports have six times as long." },
        [SETTING_KEY_FILE] = { "key.file", SETTING_TYPE_TEXT, .default_value = "/etc/upstander/keys", .least = 1, .most = 4096,
                .about = "The file of keys, readable by this service alone. `upstander admin key make` makes it. Keep a copy "
                         "away from the database's copies." },
        [SETTING_SESSION_ABSOLUTE] = { "session.absolute_hours", SETTING_TYPE_INTEGER, .default_value = "12", .least = 1,
                .most = 24, .about = "The hours after signing in at which somebody must sign in again." },
        [SETTING_HTTP_CONNECTIONS] = { "http.connections", SETTING_TYPE_INTEGER, .default_value = "2048", .least = 16,
                .most = 16384, .about = "The connections that may be open at once." },
        [SETTING_HTTP_HEADER_SECONDS] = { "http.header_seconds", SETTING_TYPE_INTEGER, .default_value = "10", .least = 1,
                .most = 120, .about = "The seconds in which a request's header and body must have arrived." },
        [SETTING_HTTP_IDLE_SECONDS] = { "http.idle_seconds", SETTING_TYPE_INTEGER, .default_value = "75", .least = 1,
                .most = 600, .about = "The seconds for which a connection may be silent between requests." },
        [SETTING_HTTP_ADDRESS_REQUESTS] = { "http.address_requests", SETTING_TYPE_INTEGER, .default_value = "256", .least = 8,
                .most = 16384, .about = "The requests that one client address may have under way at once before more are "
                                        "answered 429. A school behind one address is many people." },
        [SETTING_POLL_THREADS] = { "poll.threads", SETTING_TYPE_INTEGER, .default_value = "2", .least = 1, .most = 64,
                .about = "The threads that read requests and write replies. They never wait for anything else." },
        [SETTING_WORKER_THREADS] = { "worker.threads", SETTING_TYPE_INTEGER, .default_value = "2", .least = 1, .most = 16,
                .about = "The threads for heavy computing; also the number of passwords that are checked at once, each with "
                         "19 MiB of memory." },
        [SETTING_WORK_IN_PROCESS] = { "work.in_process", SETTING_TYPE_BOOLEAN, .default_value = "yes",
                .about = "Whether `upstander serve` does the background work too; say no where `upstander work` runs beside "
                         "it." },
        [SETTING_LOG_LEVEL] = { "log.level", SETTING_TYPE_CHOICE, .default_value = "info",
                .choices = "debug|info|warning|error", .about = "The least level of the lines that are logged." },
        [SETTING_PRIVACY_CONTACT] = { "privacy.contact", SETTING_TYPE_TEXT, .default_value = "", .least = 0, .most = 300,
                .about = "How to reach the partnership's data protection officer, for the privacy notice: a name, an email "
                         "address, a telephone number, in one line." },
};

enum source { SOURCE_DEFAULT, SOURCE_FILE, SOURCE_ENVIRONMENT };

struct settings {
        struct {
                char *text; /* owned */
                enum source source;
        } values[SETTING_COUNT];
};

/* What is under way while a file is read. */
struct reading {
        struct settings *settings;
        const char *file;
        FILE *stream;
        unsigned line;
        bool too_long;
        struct buffer *faults;
};

const struct setting_row *setting_row(enum setting setting) {
        return setting < SETTING_COUNT ? &rows[setting] : NULL;
}

void setting_environment_name(enum setting setting, char ret_name[static SETTING_ENVIRONMENT_NAME]) {
        const char *key = rows[setting].key;
        int n = snprintf(ret_name, SETTING_ENVIRONMENT_NAME, "UPSTANDER_");
        for (; *key && n < SETTING_ENVIRONMENT_NAME - 1; key++)
                ret_name[n++] = *key == '.' ? '_' : (char) toupper((unsigned char) *key);
        ret_name[n] = '\0';
}

/* The number of single-character changes from a to b (Levenshtein), for names of at most 63 characters. */
static unsigned distance(const char *a, const char *b) {
        unsigned row[64];
        size_t width = strnlen(b, ELEMENTS(row) - 1);
        for (unsigned j = 0; j <= width; j++)
                row[j] = j;
        for (unsigned i = 1; *a; a++, i++) {
                unsigned diagonal = row[0];
                row[0] = i;
                for (unsigned j = 1; j <= width; j++) {
                        unsigned best = diagonal + (*a != b[j - 1]);
                        diagonal = row[j];
                        if (row[j] + 1 < best)
                                best = row[j] + 1;
                        if (row[j - 1] + 1 < best)
                                best = row[j - 1] + 1;
                        row[j] = best;
                }
        }
        return row[width];
}

/* The setting whose name, in the file or the environment, is nearest to `name`. */
static const char *nearest(const char *name, bool environment, char ret_name[static SETTING_ENVIRONMENT_NAME]) {
        unsigned least = ~0u;
        for (enum setting s = 0; s < SETTING_COUNT; s++) {
                char candidate[SETTING_ENVIRONMENT_NAME];
                if (environment)
                        setting_environment_name(s, candidate);
                else
                        snprintf(candidate, sizeof candidate, "%s", rows[s].key);
                unsigned d = distance(name, candidate);
                if (d < least) {
                        least = d;
                        memcpy(ret_name, candidate, sizeof candidate);
                }
        }
        return ret_name;
}

static bool is_choice(const char *choices, const char *value) {
        size_t size = strlen(value);
        for (const char *at = choices; size > 0 && at; at = strchr(at, '|'), at = at ? at + 1 : NULL)
                if (strcspn(at, "|") == size && memcmp(at, value, size) == 0)
                        return true;
        return false;
}

static bool parse_integer(const char *value, long long *ret) {
        char *end;
        errno = 0;
        long long n = strtoll(value, &end, 10);
        if (errno != 0 || end == value || *end || isspace((unsigned char) *value) || *value == '+')
                return false;
        *ret = n;
        return true;
}

/* Appends what `value` must be to the faults when it is not; true when it is. */
static bool check_value(const struct setting_row *row, const char *value, struct buffer *faults) {
        long long n;
        switch (row->type) {
        case SETTING_TYPE_INTEGER:
                if (parse_integer(value, &n) && n >= row->least && n <= row->most)
                        return true;
                buffer_append_format(faults, "must be a whole number from %lld to %lld", row->least, row->most);
                return false;
        case SETTING_TYPE_BOOLEAN:
                if (is_choice("yes|no", value))
                        return true;
                buffer_append_string(faults, "must be yes or no");
                return false;
        case SETTING_TYPE_CHOICE:
                if (is_choice(row->choices, value))
                        return true;
                buffer_append_format(faults, "must be one of %s", row->choices);
                return false;
        case SETTING_TYPE_TEXT:
                n = (long long) strlen(value);
                for (const char *c = value; *c; c++)
                        if ((unsigned char) *c < 0x20 || *c == 0x7f)
                                n = -1;
                if (n >= row->least && n <= row->most)
                        return true;
                buffer_append_format(faults, "must have %lld to %lld bytes and no control characters", row->least, row->most);
                return false;
        }
        return false;
}

static void set_value(struct settings *settings, enum setting setting, const char *value, enum source source) {
        free(settings->values[setting].text);
        settings->values[setting].text = memory_copy_string(value);
        settings->values[setting].source = source;
}

/* Never names the value: it may be a secret. */
static void take(struct settings *settings, enum setting setting, const char *value, enum source source, const char *place,
                 struct buffer *faults) {
        _cleanup_buffer_ struct buffer why = { 0 };
        if (check_value(&rows[setting], value, &why))
                set_value(settings, setting, value, source);
        else
                buffer_append_format(faults, "%s: %s %s\n", place, rows[setting].key, why.data);
}

static int take_line(void *user, const char *section, const char *name, const char *value) {
        struct reading *reading = user;
        char place[4224], key[128], near[SETTING_ENVIRONMENT_NAME];
        snprintf(place, sizeof place, "%.4096s:%u", reading->file, reading->line);
        snprintf(key, sizeof key, "%s%s%s", section, *section ? "." : "", name);
        for (enum setting s = 0; s < SETTING_COUNT; s++) {
                if (strcmp(rows[s].key, key) != 0)
                        continue;
                if (reading->settings->values[s].source == SOURCE_FILE)
                        buffer_append_format(reading->faults, "%s: %s is given twice\n", place, key);
                else
                        take(reading->settings, s, value, SOURCE_FILE, place, reading->faults);
                return 1;
        }
        buffer_append_format(reading->faults, "%s: there is no setting %s; the nearest is %s\n", place, key,
                             nearest(key, false, near));
        return 1;
}

/* As fgets, but counts lines and notes one that does not fit, which inih would take for two. */
static char *read_line(char *line, int room, void *user) {
        struct reading *reading = user;
        if (reading->too_long || !fgets(line, room, reading->stream))
                return NULL;
        reading->line++;
        size_t size = strlen(line);
        if (size + 1 >= (size_t) room && line[size - 1] != '\n') {
                reading->too_long = true;
                buffer_append_format(reading->faults, "%s:%u: the line is longer than %d bytes\n", reading->file,
                                     reading->line, room - 2);
                return NULL;
        }
        return line;
}

static void load_file(struct settings *settings, const char *file, struct buffer *faults) {
        struct reading reading = { .settings = settings, .file = file ? file : SETTINGS_DEFAULT_FILE, .faults = faults };
        reading.stream = fopen(reading.file, "re");
        if (!reading.stream) {
                if (file || errno != ENOENT)
                        buffer_append_format(faults, "%s: cannot be read: %s\n", reading.file, strerror(errno));
                return;
        }
        int line = ini_parse_stream(read_line, &reading, take_line, &reading);
        if (line > 0)
                buffer_append_format(faults, "%s:%d: is neither [section] nor name = value\n", reading.file, line);
        if (ferror(reading.stream))
                buffer_append_format(faults, "%s: cannot be read\n", reading.file);
        fclose(reading.stream);
}

static void load_environment(struct settings *settings, char *const *environment, struct buffer *faults) {
        static const char prefix[] = "UPSTANDER_";
        for (; environment && *environment; environment++) {
                if (strncmp(*environment, prefix, sizeof prefix - 1) != 0)
                        continue;
                const char *value = strchr(*environment, '=');
                if (!value)
                        continue;
                char given[128], name[SETTING_ENVIRONMENT_NAME];
                snprintf(given, sizeof given, "%.*s", (int) (value++ - *environment), *environment);
                enum setting s = 0;
                for (; s < SETTING_COUNT; s++) {
                        setting_environment_name(s, name);
                        if (strcmp(name, given) == 0)
                                break;
                }
                if (s < SETTING_COUNT)
                        take(settings, s, value, SOURCE_ENVIRONMENT, given, faults);
                else
                        buffer_append_format(faults, "%s: there is no such setting; the nearest is %s\n", given,
                                             nearest(given, true, name));
        }
}

int settings_load(const char *file, char *const *environment, struct settings **ret_settings, char **ret_faults) {
        _cleanup_(settings_free_p) struct settings *settings = memory_new(1, sizeof *settings);
        _cleanup_buffer_ struct buffer faults = { 0 };
        for (enum setting s = 0; s < SETTING_COUNT; s++)
                set_value(settings, s, rows[s].default_value, SOURCE_DEFAULT);
        load_file(settings, file, &faults);
        load_environment(settings, environment, &faults);
        if (faults.size > 0) {
                *ret_faults = buffer_take(&faults, NULL);
                return 1;
        }
        *ret_settings = TAKE(settings);
        return 0;
}

void settings_free(struct settings *settings) {
        if (!settings)
                return;
        for (enum setting s = 0; s < SETTING_COUNT; s++) {
                char *text = settings->values[s].text;
                if (text && rows[s].secret)
                        memory_erase(text, strlen(text));
                free(text);
        }
        free(settings);
}

const char *settings_text(const struct settings *settings, enum setting setting) {
        return settings->values[setting].text;
}

long long settings_integer(const struct settings *settings, enum setting setting) {
        return strtoll(settings->values[setting].text, NULL, 10);
}

bool settings_boolean(const struct settings *settings, enum setting setting) {
        return strcmp(settings->values[setting].text, "yes") == 0;
}

void settings_print(const struct settings *settings, FILE *out) {
        static const char *const sources[] = { "default", "file", "environment" };
        for (enum setting s = 0; s < SETTING_COUNT; s++)
                fprintf(out, "%-29s %-11s %s\n", rows[s].key, sources[settings->values[s].source],
                        rows[s].secret ? "(hidden)" : settings->values[s].text);
}

static void print_bounds(const struct setting_row *row, FILE *out) {
        switch (row->type) {
        case SETTING_TYPE_INTEGER: fprintf(out, "; A whole number from %lld to %lld.\n", row->least, row->most); break;
        case SETTING_TYPE_BOOLEAN: fprintf(out, "; yes or no.\n"); break;
        case SETTING_TYPE_CHOICE: fprintf(out, "; One of %s.\n", row->choices); break;
        case SETTING_TYPE_TEXT: fprintf(out, "; Text of at most %lld bytes.\n", row->most); break;
        }
}

void settings_print_example(FILE *out) {
        char name[SETTING_ENVIRONMENT_NAME];
        const char *section = "";
        fprintf(out, "; Upstander's settings. Every line shows the default; take the semicolon away to change it.\n"
                     "; A variable of the environment comes before this file.\n"
                     "; Written by `upstander admin settings --example`.\n");
        for (enum setting s = 0; s < SETTING_COUNT; s++) {
                const char *dot = strchr(rows[s].key, '.');
                size_t size = (size_t) (dot - rows[s].key);
                if (strncmp(section, rows[s].key, size + 1) != 0)
                        fprintf(out, "\n[%.*s]\n", (int) size, rows[s].key);
                else
                        fputc('\n', out);
                section = rows[s].key;
                setting_environment_name(s, name);
                fprintf(out, "; %s\n", rows[s].about);
                print_bounds(&rows[s], out);
                fprintf(out, "; %s\n;%s = %s\n", name, dot + 1, rows[s].default_value);
        }
}
