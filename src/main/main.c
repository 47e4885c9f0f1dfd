/* upstander [--config FILE] COMMAND [ARGUMENT...]: finds the row of the command and calls it. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "command.h"

static const struct command commands[] = {
        { "serve", "", 0, 0, "Answers requests until SIGTERM.", command_serve },
        { "work", "", 0, 0, "Does the background work until SIGTERM, where serve does not (work.in_process).", command_work },
        { "admin migrate", "", 0, 0, "Brings the database to this program's schema and loads the definitions.", command_migrate },
        { "admin definitions check", "FOLDER", 1, 1, "Checks the pathway definitions in a folder and installs nothing.",
          command_definitions_check },
        { "admin key make", "", 0, 0, "Makes the file of keys named by key.file, which must not exist yet.", command_key_make },
        { "admin key add", "seal|token", 1, 1,
          "Adds a key of that kind and makes it the current one; what older keys sealed or signed stays readable.",
          command_key_add },
        { "admin settings", "[--example]", 0, 1,
          "Shows every setting with where its value came from, or writes the example file.", command_settings },
        { "admin site set", "KEY VALUE", 2, 2, "Sets what the database itself must know of this site.", command_site_set },
        { "admin site", "", 0, 0, "Shows what the database itself knows of this site.", command_site },
        { "admin account create", "EMAIL NAME ROLE [ORGANISATION]", 3, 4,
          "Makes an account with a role and prints its invitation; the organisation is the partnership unless given.",
          command_account_create },
        { "admin calendar import", "FILE", 1, 1, "Adds the bank holidays of a file in the shape of GOV.UK's.",
          command_calendar_import },
        { "admin demonstration", "", 0, 0,
          "Fills an empty database with an invented partnership, and marks it as a demonstration for good.", command_demonstration },
        { "admin routes", "[--json]", 0, 1, "Lists every route with who may call it.", command_routes },
        { "admin openapi", "", 0, 0, "Writes the OpenAPI document.", command_openapi },
};

int command_failed(const char *format, ...) {
        va_list args;
        fputs("upstander: ", stderr);
        va_start(args, format);
        vfprintf(stderr, format, args);
        va_end(args);
        fputc('\n', stderr);
        return EXIT_FAILED;
}

/* How many leading arguments are the words of `row`; 0 when they are not. */
static int match(const struct command *row, char **arguments, int n_arguments) {
        const char *word = row->words;
        for (int n = 0; n < n_arguments; n++) {
                size_t size = strcspn(word, " ");
                if (strlen(arguments[n]) != size || memcmp(arguments[n], word, size) != 0)
                        return 0;
                word += size;
                if (!*word)
                        return n + 1;
                word++;
        }
        return 0;
}

/* Whether the row's words begin with the given ones; all rows do when there are none. */
static bool begins_with(const struct command *row, char **words, int n_words) {
        const char *word = row->words;
        for (int n = 0; n < n_words; n++) {
                size_t size = strcspn(word, " ");
                if (strlen(words[n]) != size || memcmp(words[n], word, size) != 0)
                        return false;
                word += size + (word[size] == ' ');
        }
        return true;
}

static unsigned print_help(FILE *out, char **words, int n_words) {
        unsigned n = 0;
        for (size_t i = 0; i < ELEMENTS(commands); i++)
                if (begins_with(&commands[i], words, n_words)) {
                        if (n++ == 0)
                                fprintf(out, "upstander [--config FILE] COMMAND\n");
                        fprintf(out, "\n  upstander %s %s\n      %s\n", commands[i].words, commands[i].arguments,
                                commands[i].about);
                }
        if (n > 0)
                fprintf(out, "\nSettings come from %s or the file given, and from UPSTANDER_* variables.\n",
                        SETTINGS_DEFAULT_FILE);
        return n;
}

static int run(const struct command *row, const char *file, char **arguments, int n_arguments) {
        static const char *const levels[] = { "debug", "info", "warning", "error" };
        extern char **environ;
        _cleanup_(settings_free_p) struct settings *settings = NULL;
        _cleanup_free_ char *faults = NULL;
        if (n_arguments < row->least || n_arguments > row->most) {
                fprintf(stderr, "upstander %s %s\n", row->words, row->arguments);
                return EXIT_USAGE;
        }
        if (settings_load(file, environ, &settings, &faults) != 0) {
                fprintf(stderr, "The settings have faults:\n%s", faults);
                return EXIT_FAILED;
        }
        for (enum log_level level = 0; level < ELEMENTS(levels); level++)
                if (strcmp(levels[level], settings_text(settings, SETTING_LOG_LEVEL)) == 0)
                        log_set_level(level);
        const struct invocation invocation = { settings, arguments, n_arguments };
        return row->run(&invocation);
}

int main(int argc, char **argv) {
        const char *file = NULL;
        char **arguments = argv + 1;
        int n = argc - 1, words;
        if (n >= 2 && strcmp(arguments[0], "--config") == 0) {
                file = arguments[1];
                arguments += 2;
                n -= 2;
        }
        if (n > 0 && (strcmp(arguments[n - 1], "--help") == 0 || strcmp(arguments[n - 1], "-h") == 0) &&
            print_help(stdout, arguments, n - 1) > 0)
                return EXIT_DONE;
        for (size_t i = 0; i < ELEMENTS(commands); i++)
                if ((words = match(&commands[i], arguments, n)) > 0)
                        return run(&commands[i], file, arguments + words, n - words);
        if (print_help(stderr, arguments, n) == 0)
                print_help(stderr, NULL, 0);
        return EXIT_USAGE;
}
