/* The schema and the queries of the program itself: they migrate into an empty database and fit each other. */
#include <stdio.h>

#include "db/migrate.h"
#include "db/sqlstate.h"
#include "support.h"

static struct query_set *own_queries;

static int migrate_own(void **state) {
        _cleanup_free_ char *error = NULL;
        struct migrate_target target = { 0 };
        cluster_make(&cluster, false);
        target.conninfo = cluster.owner;
        if (query_set_load(&own_queries, &error) < 0 || migrate_run(&target, &embedded_schema, &error) < 0) {
                fprintf(stderr, "%s\n", error);
                return -1;
        }
        return 0;
}

static int leave_own(void **state) {
        query_set_free(own_queries);
        cluster_remove(&cluster);
        return 0;
}

static void every_query_prepares_for_the_runtime_role_at_this_version(void **state) {
        char conninfo[128];
        unsigned version;
        _cleanup_free_ char *error = NULL;
        struct executor *executor;
        assert_int_equal(migrate_newest(&embedded_schema, &version, &error), 0);
        assert_true(version > 0 && query_count(own_queries) > 0);
        snprintf(conninfo, sizeof conninfo, "host=%s user=upstander_serve dbname=postgres", cluster.folder);
        struct executor_options options = { .conninfo = conninfo, .expected_version = version };
        assert_int_equal(executor_start(&options, own_queries, &executor), 0);
        support_await_ready(executor, true, 10); /* the log says which query it is that does not fit */
        executor_stop(executor);
}

static void migrating_again_does_nothing(void **state) {
        _cleanup_free_ char *before = cluster_ask(
                &cluster, "select string_agg(applied_at::text, ',' order by name) from upstander.schema_set");
        _cleanup_free_ char *error = NULL;
        struct migrate_target target = { .conninfo = cluster.owner };
        assert_int_equal(migrate_run(&target, &embedded_schema, &error), 0);
        _cleanup_free_ char *after = cluster_ask(
                &cluster, "select string_agg(applied_at::text, ',' order by name) from upstander.schema_set");
        assert_string_equal(before, after);
}

/* Messages are keyed by names that the schema really has: a constraint renamed there would lose its words here. */
static void every_constraint_with_a_message_is_one_of_the_schema(void **state) {
        for (size_t i = 0; i < n_constraint_rows; i++) {
                char sql[200];
                snprintf(sql, sizeof sql, "select count(*) from pg_constraint where conname = '%s'",
                         constraint_rows[i].constraint);
                if (cluster_count(&cluster, sql) == 0)
                        fail_msg("the schema has no constraint %s", constraint_rows[i].constraint);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_query_prepares_for_the_runtime_role_at_this_version),
                cmocka_unit_test(migrating_again_does_nothing),
                cmocka_unit_test(every_constraint_with_a_message_is_one_of_the_schema),
        };
        return cmocka_run_group_tests(tests, migrate_own, leave_own);
}
