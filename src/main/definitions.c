/* Pathway definitions are checked whole before any of them is installed, against the roles and code lists of the
 * database. */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/embedded.h"
#include "base/memory.h"
#include "command.h"
#include "db/owner.h"
#include "definitions.h"
#include "pathway/definition.h"

static json_t *vocabulary_of(const char *conninfo, char **ret_error) {
        _cleanup_free_ char *text = NULL;
        if (owner_ask(conninfo, "select definition_vocabulary()", NULL, 0, &text, ret_error) < 0)
                return NULL;
        json_t *vocabulary = text ? json_loads(text, 0, NULL) : NULL;
        if (!vocabulary)
                *ret_error = memory_copy_string("the database did not say which roles and code lists there are");
        return vocabulary;
}

static bool is_definition(const char *name) {
        size_t size = strlen(name);
        return size > strlen(".json") && strcmp(name + size - strlen(".json"), ".json") == 0;
}

int definitions_check_embedded(const char *conninfo, char **ret_error) {
        static const char folder[] = "pathways/";
        _cleanup_buffer_ struct buffer faults = { 0 };
        json_t *vocabulary = vocabulary_of(conninfo, ret_error);
        unsigned n = 0;
        if (!vocabulary)
                return -1;
        for (size_t i = 0; i < embedded_config.n_files; i++) {
                const struct embedded_file *file = &embedded_config.files[i];
                if (strncmp(file->name, folder, strlen(folder)) == 0 && is_definition(file->name))
                        n += pathway_definition_check(file->name, (const char *) file->data, file->size, vocabulary,
                                                      &faults);
        }
        json_decref(vocabulary);
        if (n == 0)
                return 0;
        buffer_append_format(&faults, "%u %s in the definitions; none was installed", n, n == 1 ? "fault" : "faults");
        *ret_error = buffer_take(&faults, NULL);
        return -1;
}

/* One file of the folder, read up to one byte more than a definition may have. */
static int check_file(const char *folder, const char *name, const json_t *vocabulary, struct buffer *faults,
                      unsigned *n) {
        _cleanup_buffer_ struct buffer path = { 0 };
        buffer_append_format(&path, "%s/%s", folder, name);
        FILE *file = fopen(path.data, "re");
        if (!file)
                return -errno;
        char *text = memory_new(1, DEFINITION_SIZE_MAX + 1);
        size_t size = fread(text, 1, DEFINITION_SIZE_MAX + 1, file);
        int r = ferror(file) ? -EIO : 0;
        fclose(file);
        if (r == 0)
                *n += pathway_definition_check(path.data, text, size, vocabulary, faults);
        free(text);
        return r;
}

int command_definitions_check(const struct invocation *invocation) {
        const char *folder = invocation->arguments[0];
        _cleanup_buffer_ struct buffer faults = { 0 };
        _cleanup_free_ char *error = NULL;
        struct dirent **entries;
        unsigned n = 0, files = 0;
        json_t *vocabulary = vocabulary_of(settings_text(invocation->settings, SETTING_DATABASE_ADMIN_CONNINFO),
                                           &error);
        if (!vocabulary)
                return command_failed("%s", error);
        int r = 0, found = scandir(folder, &entries, NULL, alphasort);
        if (found < 0)
                r = -errno;
        for (int i = 0; i < found; i++) {
                if (r == 0 && is_definition(entries[i]->d_name)) {
                        r = check_file(folder, entries[i]->d_name, vocabulary, &faults, &n);
                        files++;
                }
                free(entries[i]);
        }
        if (found >= 0)
                free(entries);
        json_decref(vocabulary);
        if (r < 0)
                return command_failed("%s: %s", folder, strerror(-r));
        if (files == 0)
                return command_failed("there is no definition in %s", folder);
        if (faults.size > 0)
                fputs(faults.data, stdout);
        printf("%u %s checked, ", files, files == 1 ? "definition" : "definitions");
        printf("%u %s\n", n, n == 1 ? "fault" : "faults");
        return n > 0 ? EXIT_FAILED : EXIT_DONE;
}
