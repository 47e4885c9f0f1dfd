/* The settings: ONE table of keys with type, default, bounds and meaning.
 *
 * A value comes from the table's default, then from the INI file ([listen] port = 8080 is the key listen.port), then from
 * the environment (UPSTANDER_LISTEN_PORT). Unknown keys, values out of bounds and keys given twice in the file are faults,
 * and all of them are named at once. Settings are read once, at start, and never change afterwards.
 */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/macro.h"

enum setting {
        SETTING_LISTEN_ADDRESS,
        SETTING_LISTEN_PORT,
        SETTING_LISTEN_SOCKET,
        SETTING_TLS_EXTERNAL,
        SETTING_PROXY_TRUSTED,
        SETTING_DATABASE_CONNINFO,
        SETTING_DATABASE_WORK_CONNINFO,
        SETTING_DATABASE_ADMIN_CONNINFO,
        SETTING_DATABASE_CONNECTIONS,
        SETTING_DATABASE_REPORT_CONNECTIONS,
        SETTING_DATABASE_QUEUE_LIMIT,
        SETTING_DATABASE_STATEMENT_TIMEOUT,
        SETTING_KEY_FILE,
        SETTING_SESSION_ABSOLUTE,
        SETTING_HTTP_CONNECTIONS,
        SETTING_HTTP_HEADER_SECONDS,
        SETTING_HTTP_IDLE_SECONDS,
        SETTING_HTTP_ADDRESS_REQUESTS,
        SETTING_POLL_THREADS,
        SETTING_WORKER_THREADS,
        SETTING_WORK_IN_PROCESS,
        SETTING_LOG_LEVEL,
        SETTING_PRIVACY_CONTACT,
        SETTING_COUNT
};

enum setting_type {
        SETTING_TYPE_TEXT,    /* least..most bytes, no control characters */
        SETTING_TYPE_INTEGER, /* least..most */
        SETTING_TYPE_BOOLEAN, /* yes or no */
        SETTING_TYPE_CHOICE,  /* one of `choices`, words parted by '|' */
};

struct setting_row {
        const char *key; /* section.name, lower case */
        enum setting_type type;
        bool secret; /* never printed */
        const char *default_value;
        long long least, most;
        const char *choices;
        const char *about; /* one sentence, for the example file and `admin settings` */
};

enum { SETTING_ENVIRONMENT_NAME = 64 };
#define SETTINGS_DEFAULT_FILE "/etc/upstander/upstander.ini"

/* The row of a setting; NULL past the end of the table. */
const struct setting_row *setting_row(enum setting setting);
/* UPSTANDER_LISTEN_PORT for listen.port. */
void setting_environment_name(enum setting setting, char ret_name[static SETTING_ENVIRONMENT_NAME]);

struct settings;

/* Reads `file`, or where that is NULL the default file if there is one, and the variables of `environment` (NAME=value,
 * ends with NULL). 0; positive with *ret_faults (free()) holding one line of plain words for every fault. */
int settings_load(const char *file, char *const *environment, struct settings **ret_settings, char **ret_faults)
        _must_check_;
void settings_free(struct settings *settings);
DEFINE_CLEANUP(struct settings, settings_free);

/* TEXT and CHOICE; never NULL, valid as long as the settings. */
const char *settings_text(const struct settings *settings, enum setting setting);
long long settings_integer(const struct settings *settings, enum setting setting);
bool settings_boolean(const struct settings *settings, enum setting setting);

/* Every key with its value, its default and where the value came from; a secret's value is never written. */
void settings_print(const struct settings *settings, FILE *out);
/* The example file: every key, commented out, with its meaning, bounds and default. */
void settings_print_example(FILE *out);

#endif
