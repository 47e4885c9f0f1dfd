/* Brings a database to this program's schema: `admin migrate`.
 *
 * Connects as the superuser or owner, alone (an advisory lock), and runs what lies under sql/:
 *
 *  - migrations/NNNN_name.sql, numbered from 0001 without a gap, each once and in a transaction of its own. A file that
 *    was applied and has changed since is refused, and so is a database newer than this program;
 *  - functions/, views/, access/, in that order and sorted by name, all in one transaction, whenever one of them has
 *    changed or a migration was applied;
 *  - reference/, likewise, after them. Seeds must be fit to run again.
 *
 * A file is run as it is, with search_path = upstander, pg_catalog; roles it sets are reset behind it; it does not
 * begin or end transactions. The ledger (schema_migration, schema_set, schema_version) is made behind the first
 * migration, which makes the schema.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include <stdbool.h>

#include "base/embedded.h"
#include "base/macro.h"

struct migrate_target {
        const char *conninfo;
        void (*report)(void *data, const char *line); /* what was done, one line at a time; may be NULL */
        void *data;
};

/* The number of the newest migration, which is executor_options.expected_version. 0, or negative with *ret_error
 * (free()) when the numbers have a gap or a name is malformed. */
int migrate_newest(const struct embedded_set *schema, unsigned *ret_version, char **ret_error) _must_check_;

/* 0 when the database now has the schema, whether anything had to be done or not; negative with *ret_error (free())
 * naming file and line, in which case everything up to the file before it was kept. */
int migrate_run(const struct migrate_target *target, const struct embedded_set *schema, char **ret_error) _must_check_;

/* Gives each JSON file of a folder of config/ to a function of the schema, in the order of their names. */
struct migrate_definition {
        const char *folder; /* "pathways/" */
        const char *sql; /* "select pathway_install($1::jsonb)"; $2, if with_name, is the file's name without .json */
        bool with_name;
};
extern const struct migrate_definition migrate_definitions[]; /* ends with a NULL folder */

/* One transaction for each row of the list. 0, or negative with *ret_error (free()) naming the file. */
int migrate_load_definitions(const struct migrate_target *target, const struct embedded_set *config,
                             const struct migrate_definition *list, char **ret_error) _must_check_;

#endif
