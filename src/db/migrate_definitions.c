#include <stdio.h>
#include <string.h>

#include "db/migrate.h"
#include "script.h"

/* Clocks need the calendar, so it comes first. */
const struct migrate_definition migrate_definitions[] = {
        { "calendars/", "select calendar_import($1::jsonb)", false },
        { "pathways/", "select pathway_install($1::jsonb)", false },
        { NULL, NULL, false },
};

static int load_file(PGconn *pq, const struct migrate_definition *definition, const struct embedded_file *file,
                     char **ret_error) {
        char name[100];
        const char *text = (const char *) file->data, *base = file->name + strlen(definition->folder);
        size_t size = strlen(base) - strlen(".json");
        _cleanup_free_ char *unused = NULL, *reason = NULL;
        if (strlen(text) != file->size)
                return script_refuse(ret_error, "%s: there is a NUL in the file", file->name);
        if (size >= sizeof name)
                return script_refuse(ret_error, "%s: the name is too long", file->name);
        snprintf(name, sizeof name, "%.*s", (int) size, base);
        const char *values[] = { text, name };
        if (script_ask(pq, definition->sql, values, definition->with_name ? 2 : 1, &unused, &reason) < 0)
                return script_refuse(ret_error, "%s: %s", file->name, reason);
        return 0;
}

static bool belongs(const struct migrate_definition *definition, const struct embedded_file *file) {
        size_t size = strlen(file->name), folder = strlen(definition->folder);
        return strncmp(file->name, definition->folder, folder) == 0 && size > folder + strlen(".json") &&
               strcmp(file->name + size - strlen(".json"), ".json") == 0;
}

int migrate_load_definitions(const struct migrate_target *target, const struct embedded_set *config,
                             const struct migrate_definition *list, char **ret_error) {
        _cleanup_(script_finish_p) PGconn *pq = NULL;
        int r = script_connect(target->conninfo, &pq, ret_error);
        for (; r == 0 && list->folder; list++) {
                unsigned n = 0;
                r = script_do(pq, "begin", ret_error);
                for (size_t i = 0; r == 0 && i < config->n_files; i++)
                        if (belongs(list, &config->files[i])) {
                                r = load_file(pq, list, &config->files[i], ret_error);
                                n++;
                        }
                /* On a fault the connection is closed, which rolls back. */
                if (r == 0)
                        r = script_do(pq, "commit", ret_error);
                char line[100];
                snprintf(line, sizeof line, "loaded %u of %s", n, list->folder);
                if (r == 0 && target->report)
                        target->report(target->data, line);
        }
        return r;
}
