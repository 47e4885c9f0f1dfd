/* The database goes away, comes back, or is not the one that this program needs. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

static void starting_succeeds_while_the_database_is_away_and_steps_wait_two_seconds(void **state) {
        struct executor *executor = support_executor_with((struct executor_options) {
                .conninfo = "host=/nonexistent user=runner dbname=postgres", .queue_limit = 2 });
        struct call calls[3];
        double begin = support_now();
        for (int i = 0; i < 3; i++)
                call_make(&calls[i], "ada", "thing/echo");
        call_submit(executor, &calls[0]);
        call_submit(executor, &calls[1]);
        assert_true(executor_submit(executor, &calls[2].step) > 0);
        assert_false(executor_ready(executor));
        for (int i = 0; i < 2; i++) {
                call_await(&calls[i]);
                assert_int_equal(calls[i].step.result, DB_STEP_UNAVAILABLE);
                assert_int_equal(calls[i].step.started_us, 0);
        }
        double took = support_now() - begin;
        assert_true(took >= 1.9 && took < 2.6);
        executor_stop(executor);
}

static void stopping_while_the_database_is_away_answers_everybody(void **state) {
        struct executor *executor = support_executor_with((struct executor_options) {
                .conninfo = "host=/nonexistent user=runner dbname=postgres" });
        struct call call;
        call_make(&call, "ada", "thing/echo");
        call_submit(executor, &call);
        double begin = support_now();
        executor_stop(executor);
        assert_true(support_now() - begin < 1.5);
        assert_int_equal(call.n_done, 1);
        assert_int_equal(call.step.result, DB_STEP_UNAVAILABLE);
}

static void a_restart_of_the_database_needs_no_restart_of_ours(void **state) {
        struct executor *executor = support_executor(4);
        struct call call, waits;
        cluster_stop(&cluster);
        support_await_ready(executor, false, 5);
        call_make(&call, "ada", "thing/echo");
        call_run(executor, &call);
        assert_int_equal(call.step.result, DB_STEP_UNAVAILABLE);
        cluster_start(&cluster);
        /* One that comes while the connections are being made waits for them. */
        call_make(&waits, "ada", "thing/echo");
        call_run(executor, &waits);
        assert_int_equal(waits.step.result, DB_STEP_DONE);
        support_await_ready(executor, true, 5);
        executor_stop(executor);
        db_step_release(&waits.step);
}

static void another_schema_version_is_not_served(void **state) {
        struct executor *executor = support_executor_with((struct executor_options) { .expected_version = 8 });
        struct call call;
        call_make(&call, "ada", "thing/echo");
        call_run(executor, &call);
        assert_int_equal(call.step.result, DB_STEP_UNAVAILABLE);
        assert_false(executor_ready(executor));
        cluster_run(&cluster, "update schema_version set version = 8");
        support_await_ready(executor, true, 5);
        executor_stop(executor);

        executor = support_executor_with((struct executor_options) { .expected_version = 8 });
        support_await_ready(executor, true, 5);
        executor_stop(executor);
}

/* A set that does not fit the database never becomes ready, instead of failing request by request. */
static void expect_never_ready(const char *sql) {
        const struct embedded_file files[] = {
                { "access/context.sql",
                  (const unsigned char *) "-- x\n-- batch\nselect 'ok' as verdict, '' as account, "
                                          "'' as frame",
                  0 },
                { "thing/odd.sql", (const unsigned char *) sql, 0 },
        };
        _cleanup_(query_set_free_p) struct query_set *set = NULL;
        _cleanup_free_ char *error = NULL;
        assert_int_equal(query_set_parse(&(struct embedded_set) { files, 2 }, &set, &error), 0);
        struct executor_options options = { .conninfo = cluster.runner };
        struct executor *executor;
        assert_int_equal(executor_start(&options, set, &executor), 0);
        usleep(300 * 1000);
        assert_false(executor_ready(executor));
        executor_stop(executor);
}

static void a_statement_that_does_not_fit_the_schema_keeps_the_server_unready(void **state) {
        expect_never_ready("-- x\n-- batch\nselect outcome, body, etag, location from no_such_table");
        expect_never_ready("-- x\n-- batch\nselect 'ok' as outcome, null as body, null as etag");
        expect_never_ready("-- x\n-- batch\nselect 'ok' as outcome, null as etag, null as body, null as location");
        expect_never_ready("-- x\n-- batch\ninsert into thing values (gen_random_uuid(), 'a', 'b')");
}

static void a_bad_number_of_connections_is_refused(void **state) {
        struct executor_options options = { .conninfo = cluster.runner,
                                            .connections = { EXECUTOR_CONNECTIONS_MOST + 1 } };
        struct executor *executor = NULL;
        assert_true(executor_start(&options, queries, &executor) < 0);
        assert_null(executor);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(starting_succeeds_while_the_database_is_away_and_steps_wait_two_seconds),
                cmocka_unit_test(stopping_while_the_database_is_away_answers_everybody),
                cmocka_unit_test(a_restart_of_the_database_needs_no_restart_of_ours),
                cmocka_unit_test(another_schema_version_is_not_served),
                cmocka_unit_test(a_statement_that_does_not_fit_the_schema_keeps_the_server_unready),
                cmocka_unit_test(a_bad_number_of_connections_is_refused),
        };
        return cmocka_run_group_tests(tests, support_begin, support_end);
}
