#include "db/migrate.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "script.h"

enum { VERSION_DIGITS = 4 };

static const char migrations[] = "migrations/";

/* The ledger's tables, behind the first migration. Only who migrates writes them; anybody may read the version. */
static const char ledger_sql[] =
        "create table if not exists schema_migration ("
        "    version integer primary key, name text not null, checksum text not null,"
        "    applied_at timestamptz not null default clock_timestamp());"
        "create table if not exists schema_set ("
        "    name text primary key, checksum text not null, applied_at timestamptz not null default clock_timestamp());"
        "create table if not exists schema_version (only_row boolean primary key default true check (only_row),"
        "    version integer not null);"
        "comment on table schema_migration is 'The migrations that were applied, with the checksums of their files.';"
        "comment on table schema_set is 'The checksums of the replaceable sets and seeds as they were last run.';"
        "comment on table schema_version is 'The newest migration. serve is unready on another than its own.';"
        "alter table schema_migration enable row level security, force row level security;"
        "alter table schema_set enable row level security, force row level security;"
        "alter table schema_version enable row level security, force row level security;"
        "create policy migrate on schema_migration to current_user using (true);"
        "create policy migrate on schema_set to current_user using (true);"
        "create policy migrate on schema_version to current_user using (true);"
        "create policy anybody on schema_version for select using (true);"
        "revoke all on schema_migration, schema_set, schema_version from public;"
        "grant select on schema_version to public";

static bool begins(const char *text, const char *with) {
        return strncmp(text, with, strlen(with)) == 0;
}

static bool is_sql(const struct embedded_file *file) {
        size_t size = strlen(file->name);
        return size > 4 && strcmp(file->name + size - 4, ".sql") == 0;
}

/* Files are sorted by name, and numbers have four digits: the n-th migration must be number n. */
static int check_number(const struct embedded_file *file, unsigned expected, char **ret_error) {
        const char *name = file->name + strlen(migrations);
        char digits[VERSION_DIGITS + 1] = { 0 };
        size_t n = 0;
        while (n < VERSION_DIGITS && isdigit((unsigned char) name[n])) {
                digits[n] = name[n];
                n++;
        }
        if (n != VERSION_DIGITS || name[n] != '_' || !is_sql(file) || strchr(name, '/'))
                return script_refuse(ret_error, "%s: a migration's file is NNNN_name.sql", file->name);
        if (strtoul(digits, NULL, 10) != expected)
                return script_refuse(ret_error, "%s: the next migration has number %04u", file->name, expected);
        return 0;
}

int migrate_newest(const struct embedded_set *schema, unsigned *ret_version, char **ret_error) {
        unsigned version = 0;
        for (size_t i = 0; i < schema->n_files; i++) {
                if (!begins(schema->files[i].name, migrations))
                        continue;
                int r = check_number(&schema->files[i], ++version, ret_error);
                if (r < 0)
                        return r;
        }
        *ret_version = version;
        return 0;
}

static void report(const struct migrate_target *target, const char *what, const char *name) {
        char line[300];
        if (!target->report)
                return;
        snprintf(line, sizeof line, "%s%s%s", what, *name ? " " : "", name);
        target->report(target->data, line);
}

/* The newest applied migration, 0 when there is no ledger yet. */
static int read_version(PGconn *pq, unsigned *ret_version, char **ret_error) {
        _cleanup_free_ char *ledger = NULL, *version = NULL;
        int r = script_ask(pq, "select to_regclass('schema_migration')::text", NULL, 0, &ledger, ret_error);
        if (r == 0 && ledger)
                r = script_ask(pq, "select max(version)::text from schema_migration", NULL, 0, &version, ret_error);
        if (r == 0)
                *ret_version = version ? (unsigned) strtoul(version, NULL, 10) : 0;
        return r;
}

static int check_applied(PGconn *pq, const struct embedded_file *file, const char *version, char **ret_error) {
        _cleanup_free_ char *hash = NULL, *known = NULL;
        const char *values[] = { version, file->name + strlen(migrations) };
        int r = script_hash(pq, file->data, file->size, &hash, ret_error);
        if (r == 0)
                r = script_ask(pq, "select checksum from schema_migration where version = $1::integer and name = $2",
                               values, 2, &known, ret_error);
        if (r == 0 && (!known || strcmp(known, hash) != 0))
                r = script_refuse(ret_error, "%s: this migration was applied and has been changed since", file->name);
        return r;
}

/* Inside the transaction: the file, and its line in the ledger. */
static int apply_inside(PGconn *pq, const struct embedded_file *file, const char *version, char **ret_error) {
        _cleanup_free_ char *hash = NULL, *unused = NULL;
        int r = script_run(pq, file, ret_error);
        if (r == 0 && strcmp(version, "1") == 0)
                r = script_do(pq, ledger_sql, ret_error);
        if (r == 0)
                r = script_hash(pq, file->data, file->size, &hash, ret_error);
        const char *values[] = { version, file->name + strlen(migrations), hash };
        if (r == 0)
                r = script_ask(pq,
                               "insert into schema_migration (version, name, checksum) values ($1::integer, $2, $3)",
                               values, 3, &unused, ret_error);
        if (r == 0)
                r = script_ask(pq,
                               "insert into schema_version (version) values ($1::integer)"
                               " on conflict (only_row) do update set version = excluded.version",
                               values, 1, &unused, ret_error);
        return r;
}

/* Ends the transaction; the first error is the one that is told. */
static int end_transaction(PGconn *pq, int r, char **ret_error) {
        if (r == 0)
                return script_do(pq, "commit", ret_error);
        _cleanup_free_ char *unused = NULL;
        (void) script_do(pq, "rollback; reset role; set search_path = upstander, pg_catalog", &unused);
        return r;
}

static int apply_migrations(const struct migrate_target *target, PGconn *pq, const struct embedded_set *schema,
                            unsigned newest, bool *ret_changed, char **ret_error) {
        unsigned applied = 0, n = 0;
        int r = read_version(pq, &applied, ret_error);
        if (r == 0 && applied > newest)
                r = script_refuse(ret_error, "the database has version %u and this program knows only %u", applied,
                                  newest);
        for (size_t i = 0; r == 0 && i < schema->n_files; i++) {
                const struct embedded_file *file = &schema->files[i];
                char version[16];
                if (!begins(file->name, migrations))
                        continue;
                snprintf(version, sizeof version, "%u", ++n);
                if (n <= applied) {
                        r = check_applied(pq, file, version, ret_error);
                        continue;
                }
                r = script_do(pq, "begin", ret_error);
                if (r == 0)
                        r = end_transaction(pq, apply_inside(pq, file, version, ret_error), ret_error);
                if (r == 0)
                        report(target, "applied", file->name);
                *ret_changed = true;
        }
        return r;
}

/* Sets that are run whole: one transaction each, its folders in order. */
static const struct {
        const char *name;
        const char *folders[4];
} sets[] = {
        { "functions, views and access", { "functions/", "views/", "access/" } },
        { "reference data", { "reference/" } },
};

/* Calls `visit` for each file of the set, in the order in which they are run. */
static int for_each_file(const char *const *folders, const struct embedded_set *schema,
                         int (*visit)(const struct embedded_file *file, void *data, char **ret_error), void *data,
                         char **ret_error) {
        int r = 0;
        for (; *folders; folders++)
                for (size_t i = 0; r == 0 && i < schema->n_files; i++)
                        if (begins(schema->files[i].name, *folders) && is_sql(&schema->files[i]))
                                r = visit(&schema->files[i], data, ret_error);
        return r;
}

static int visit_collect(const struct embedded_file *file, void *data, char **ret_error) {
        struct buffer *all = data;
        buffer_append_format(all, "%s %zu\n", file->name, file->size);
        buffer_append(all, file->data, file->size);
        return 0;
}

static int visit_run(const struct embedded_file *file, void *data, char **ret_error) {
        return script_run(data, file, ret_error);
}

static int run_set(PGconn *pq, size_t set, const struct embedded_set *schema, const char *hash, char **ret_error) {
        _cleanup_free_ char *unused = NULL;
        const char *values[] = { sets[set].name, hash };
        int r = script_do(pq, "begin", ret_error);
        if (r < 0)
                return r;
        r = for_each_file(sets[set].folders, schema, visit_run, pq, ret_error);
        if (r == 0)
                r = script_ask(pq,
                               "insert into schema_set (name, checksum) values ($1, $2)"
                               " on conflict (name) do update set checksum = excluded.checksum, applied_at = "
                               "clock_timestamp()",
                               values, 2, &unused, ret_error);
        return end_transaction(pq, r, ret_error);
}

static int apply_set(const struct migrate_target *target, PGconn *pq, size_t set, const struct embedded_set *schema,
                     bool *changed, char **ret_error) {
        _cleanup_buffer_ struct buffer all = { 0 };
        _cleanup_free_ char *hash = NULL, *known = NULL;
        int r = for_each_file(sets[set].folders, schema, visit_collect, &all, ret_error);
        if (r == 0)
                r = script_hash(pq, all.data ? all.data : "", all.size, &hash, ret_error);
        if (r == 0)
                r = script_ask(pq, "select checksum from schema_set where name = $1", &sets[set].name, 1, &known,
                               ret_error);
        if (r < 0 || (!*changed && known && strcmp(known, hash) == 0))
                return r;
        r = run_set(pq, set, schema, hash, ret_error);
        if (r == 0)
                report(target, "ran", sets[set].name);
        *changed = true; /* what comes after may stand on it */
        return r;
}

int migrate_run(const struct migrate_target *target, const struct embedded_set *schema, char **ret_error) {
        _cleanup_(script_finish_p) PGconn *pq = NULL;
        unsigned newest;
        bool changed = false;
        int r = migrate_newest(schema, &newest, ret_error);
        if (r == 0 && newest == 0)
                r = script_refuse(ret_error, "there is no migration");
        if (r == 0)
                r = script_connect(target->conninfo, &pq, ret_error);
        if (r == 0)
                r = apply_migrations(target, pq, schema, newest, &changed, ret_error);
        for (size_t i = 0; r == 0 && i < ELEMENTS(sets); i++)
                r = apply_set(target, pq, i, schema, &changed, ret_error);
        return r;
}
