/* Migration: once, in order, unchanged; sets again when they change; and nothing half done. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "db/migrate.h"
#include "support.h"

#define FILE_OF(name, text) { name, (const unsigned char *) (text), sizeof(text) - 1 }
#define SET_OF(...) (&(struct embedded_set) { (const struct embedded_file[]) { __VA_ARGS__ }, \
        sizeof((const struct embedded_file[]) { __VA_ARGS__ }) / sizeof(struct embedded_file) })

#define FIRST \
        FILE_OF("migrations/0001_first.sql", "create schema upstander; grant usage on schema upstander to public;" \
                                             "create table upstander.a (n integer primary key)")
#define SECOND FILE_OF("migrations/0002_second.sql", "set role runner; reset role; create table b (n integer)")

static char reported[1000];

static void note(void *data, const char *line) {
        size_t size = strlen(reported);
        snprintf(reported + size, sizeof reported - size, "%s\n", line);
}

static struct migrate_target target;

/* Each test begins with an empty database of its own. */
static int make_database(void **state) {
        static char conninfo[128];
        cluster_run(&cluster, "drop database if exists fresh");
        cluster_run(&cluster, "create database fresh");
        snprintf(conninfo, sizeof conninfo, "host=%s user=postgres dbname=fresh", cluster.folder);
        target = (struct migrate_target) { .conninfo = conninfo, .report = note };
        return 0;
}

static void expect(const struct embedded_set *schema, const char *reports, const char *error) {
        _cleanup_free_ char *actual = NULL;
        *reported = '\0';
        int r = migrate_run(&target, schema, &actual);
        if ((r < 0) != (error != NULL))
                fail_msg("%s", actual ? actual : "no error");
        if (error && !strstr(actual, error))
                fail_msg("\"%s\" instead of \"%s\"", actual, error);
        assert_string_equal(reported, reports);
}

static char *ask(const char *sql) {
        PGconn *pq = cluster_connect(target.conninfo);
        PGresult *result = PQexec(pq, sql);
        char *value = memory_copy_string(PQntuples(result) ? PQgetvalue(result, 0, 0) : PQerrorMessage(pq));
        PQclear(result);
        PQfinish(pq);
        return value;
}

static void expect_answer(const char *sql, const char *value) {
        _cleanup_free_ char *actual = ask(sql);
        assert_string_equal(actual, value);
}

static void an_empty_database_gets_everything_once(void **state) {
        const struct embedded_set *schema =
                SET_OF(FILE_OF("access/10_grants.sql", "grant select on v to runner"),
                       FILE_OF("functions/10_f.sql",
                               "create or replace function f() returns integer language plpgsql as $$begin "
                               "return (select count(*) from upstander.a); end;$$"),
                       FIRST, SECOND, FILE_OF("query/a/b.sql", "this is not run"),
                       FILE_OF("reference/10_a.sql", "insert into a values (7) on conflict do nothing"),
                       FILE_OF("views/10_v.sql", "create or replace view v as select f() as n"));
        expect(schema, "applied migrations/0001_first.sql\napplied migrations/0002_second.sql\n"
                       "ran functions, views and access\nran reference data\n", NULL);
        expect_answer("select n from upstander.v", "1");
        expect_answer("select version from upstander.schema_version", "2");
        expect_answer("select string_agg(version || ' ' || name || ' ' || length(checksum), ',' order by version)"
                     " from upstander.schema_migration", "1 0001_first.sql 64,2 0002_second.sql 64");
        expect_answer("select tableowner from pg_tables where tablename = 'b'", "postgres");
        expect(schema, "", NULL);
}

static void a_set_runs_again_whole_when_one_file_changes(void **state) {
        expect(SET_OF(FILE_OF("functions/a.sql", "create table if not exists ran (n serial)"), FIRST),
               "applied migrations/0001_first.sql\nran functions, views and access\nran reference data\n", NULL);
        expect(SET_OF(FILE_OF("functions/a.sql", "create table if not exists ran (n serial)"), FIRST,
                      FILE_OF("views/b.sql", "insert into ran default values")),
               "ran functions, views and access\nran reference data\n", NULL);
        expect_answer("select count(*) from upstander.ran", "1");
        /* A new migration runs the sets as well: what they stand on may have changed. */
        expect(SET_OF(FILE_OF("functions/a.sql", "create table if not exists ran (n serial)"), FIRST, SECOND,
                      FILE_OF("views/b.sql", "insert into ran default values")),
               "applied migrations/0002_second.sql\nran functions, views and access\nran reference data\n", NULL);
        expect_answer("select count(*) from upstander.ran", "2");
}

static void a_migration_that_fails_leaves_what_came_before_and_names_its_line(void **state) {
        expect(SET_OF(FIRST, FILE_OF("migrations/0002_bad.sql",
                                     "create table c (n integer);\n-- \u00e9\u00e9\u00e9\n\nselect nonsense")),
               "applied migrations/0001_first.sql\n", "migrations/0002_bad.sql:4: column \"nonsense\" does not exist");
        expect_answer("select version from upstander.schema_version", "1");
        expect_answer("select to_regclass('upstander.c') is null", "t");
        expect(SET_OF(FIRST, SECOND),
               "applied migrations/0002_second.sql\nran functions, views and access\nran reference data\n", NULL);
}

static void a_set_that_fails_is_not_half_done(void **state) {
        expect(SET_OF(FILE_OF("functions/a.sql", "create table c (n integer)"), FIRST,
                      FILE_OF("views/v.sql", "select nonsense")),
               "applied migrations/0001_first.sql\n", "views/v.sql:1:");
        expect_answer("select to_regclass('upstander.c') is null", "t");
}

static void an_applied_file_that_has_changed_is_refused_by_name(void **state) {
        expect(SET_OF(FIRST, SECOND),
               "applied migrations/0001_first.sql\napplied migrations/0002_second.sql\n"
               "ran functions, views and access\nran reference data\n", NULL);
        expect(SET_OF(FIRST, FILE_OF("migrations/0002_second.sql", "-- other\n")), "",
               "migrations/0002_second.sql: this migration was applied and has been changed since");
        expect(SET_OF(FIRST, FILE_OF("migrations/0002_renamed.sql",
                                     "set role runner; reset role; create table b (n integer)")),
               "", "migrations/0002_renamed.sql: this migration was applied and has been changed since");
        expect(SET_OF(FIRST), "", "the database has version 2 and this program knows only 1");
}

static void a_gap_or_a_bad_name_is_refused_before_anything_is_done(void **state) {
        expect(SET_OF(FIRST, FILE_OF("migrations/0003_third.sql", "select 1")), "",
               "migrations/0003_third.sql: the next migration has number 0002");
        expect(SET_OF(FIRST, FILE_OF("migrations/0001_zweite.sql", "select 1")), "",
               "the next migration has number 0002");
        expect(SET_OF(SECOND), "", "migrations/0002_second.sql: the next migration has number 0001");
        expect(SET_OF(FIRST, FILE_OF("migrations/02_x.sql", "select 1")), "", "a migration's file is NNNN_name.sql");
        expect(SET_OF(FIRST, FILE_OF("migrations/0002_x.txt", "select 1")), "", "a migration's file is NNNN_name.sql");
        expect(SET_OF(FIRST, FILE_OF("migrations/0002x.sql", "select 1")), "", "a migration's file is NNNN_name.sql");
        expect(SET_OF(FILE_OF("views/a.sql", "select 1")), "", "there is no migration");
        expect_answer("select to_regclass('upstander.a') is null", "t");
        unsigned version = 0;
        char *error = NULL;
        assert_int_equal(migrate_newest(SET_OF(FIRST, SECOND), &version, &error), 0);
        assert_int_equal(version, 2);
}

static void a_file_that_ends_its_transaction_is_refused(void **state) {
        expect(SET_OF(FIRST, FILE_OF("migrations/0002_x.sql", "create table c (n integer); commit")),
               "applied migrations/0001_first.sql\n",
               "migrations/0002_x.sql: a file does not begin or end transactions");
        expect_answer("select version from upstander.schema_version", "1");
}

static void anybody_reads_the_version_and_nothing_else_of_the_ledger(void **state) {
        expect(SET_OF(FIRST),
               "applied migrations/0001_first.sql\nran functions, views and access\nran reference data\n", NULL);
        expect_answer("set role runner; select version from upstander.schema_version", "1");
        expect_answer(
                "select has_table_privilege('runner', 'upstander.schema_migration', 'select, insert, update, delete')"
                "    or has_table_privilege('runner', 'upstander.schema_set', 'select, insert, update, delete')"
                "    or has_table_privilege('runner', 'upstander.schema_version', 'insert, update, delete')",
                "f");
}

static void two_migrations_at_once_wait_for_each_other(void **state) {
        PGconn *other = cluster_connect(target.conninfo);
        PQclear(PQexec(other, "select pg_advisory_lock(7165309001)"));
        double begin = support_now();
        assert_true(PQsendQuery(other, "select pg_sleep(0.3), pg_advisory_unlock_all()"));
        expect(SET_OF(FIRST),
               "applied migrations/0001_first.sql\nran functions, views and access\nran reference data\n", NULL);
        assert_true(support_now() - begin >= 0.3);
        PQfinish(other);
}

static void definitions_go_to_their_functions_in_order(void **state) {
        const struct embedded_set *config = SET_OF(FILE_OF("calendars/england.json", "{\"n\": 1}"),
                FILE_OF("pathways/a.json", "{\"n\": 2}"), FILE_OF("pathways/b.json", "{\"n\": 3}"),
                FILE_OF("pathways/readme.md", "no"));
        const struct migrate_definition list[] = {
                { "pathways/", "select install($1::jsonb, $2)", true },
                { "calendars/", "select install($1::jsonb, 'calendar')", false },
                { NULL, NULL, false },
        };
        _cleanup_free_ char *error = NULL;
        expect(SET_OF(FILE_OF("functions/f.sql",
                              "create function install(d jsonb, name text) returns void language plpgsql as $$"
                              "begin insert into got (n, name) values ((d ->> 'n')::integer, name); end;$$"),
                      FIRST,
                      FILE_OF("migrations/0002_got.sql",
                              "create table got (i serial, n integer check (n < 9), name text)")),
               "applied migrations/0001_first.sql\napplied migrations/0002_got.sql\nran functions, views and access\n"
               "ran reference data\n",
               NULL);
        *reported = '\0';
        assert_int_equal(migrate_load_definitions(&target, config, list, &error), 0);
        assert_string_equal(reported, "loaded 2 of pathways/\nloaded 1 of calendars/\n");
        expect_answer("select string_agg(n || name, ',' order by i) from upstander.got", "2a,3b,1calendar");

        const struct embedded_set *bad =
                SET_OF(FILE_OF("pathways/a.json", "{\"n\": 4}"), FILE_OF("pathways/b.json", "{\"n\": 9}"));
        assert_true(migrate_load_definitions(&target, bad, list, &error) < 0);
        assert_non_null(strstr(error, "pathways/b.json: "));
        expect_answer("select count(*) from upstander.got", "3");
}

static void a_database_that_is_away_is_said_so(void **state) {
        target.conninfo = "host=/nonexistent";
        expect(SET_OF(FIRST), "", "/nonexistent");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(an_empty_database_gets_everything_once, make_database),
                cmocka_unit_test_setup(a_set_runs_again_whole_when_one_file_changes, make_database),
                cmocka_unit_test_setup(a_migration_that_fails_leaves_what_came_before_and_names_its_line,
                                       make_database),
                cmocka_unit_test_setup(a_set_that_fails_is_not_half_done, make_database),
                cmocka_unit_test_setup(an_applied_file_that_has_changed_is_refused_by_name, make_database),
                cmocka_unit_test_setup(a_gap_or_a_bad_name_is_refused_before_anything_is_done, make_database),
                cmocka_unit_test_setup(a_file_that_ends_its_transaction_is_refused, make_database),
                cmocka_unit_test_setup(anybody_reads_the_version_and_nothing_else_of_the_ledger, make_database),
                cmocka_unit_test_setup(two_migrations_at_once_wait_for_each_other, make_database),
                cmocka_unit_test_setup(definitions_go_to_their_functions_in_order, make_database),
                cmocka_unit_test_setup(a_database_that_is_away_is_said_so, make_database),
        };
        return cmocka_run_group_tests(tests, support_begin, support_end);
}
