/* The sub-commands of the executable: one row each in src/main/main.c, from which every --help is written. */
#ifndef MAIN_COMMAND_H
#define MAIN_COMMAND_H

#include "base/settings.h"

/* What a command's function returns is the process's exit status. */
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct invocation {
        const struct settings *settings;
        char **arguments; /* behind the command's words; n_arguments of them, within the row's bounds */
        int n_arguments;
};

struct command {
        const char *words;     /* "admin key make" */
        const char *arguments; /* for --help: "FILE", "[--example]" */
        int least, most;       /* how many arguments there may be */
        const char *about;     /* one sentence */
        int (*run)(const struct invocation *invocation);
};

int command_serve(const struct invocation *invocation);
int command_work(const struct invocation *invocation);
int command_migrate(const struct invocation *invocation);
int command_definitions_check(const struct invocation *invocation);
int command_key_make(const struct invocation *invocation);
int command_key_add(const struct invocation *invocation);
int command_settings(const struct invocation *invocation);
int command_site(const struct invocation *invocation);
int command_site_set(const struct invocation *invocation);
int command_account_create(const struct invocation *invocation);
int command_calendar_import(const struct invocation *invocation);
int command_demonstration(const struct invocation *invocation);
int command_routes(const struct invocation *invocation);
int command_openapi(const struct invocation *invocation);

/* Prints one line on standard error, "upstander: ...", and returns EXIT_FAILED. */
int command_failed(const char *format, ...) _printf_(1, 2);

#endif
