/* Requests that fail, and their neighbours. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

enum { MANY = 12 };

static long count_things(const struct call *call) {
        char sql[128];
        snprintf(sql, sizeof sql, "select count(*) from thing where id = '%s'", call->id);
        return cluster_count(&cluster, sql);
}

/* One batch of `MANY` additions with `odd` in the middle; the additions must be done, each exactly once. */
static void run_among_neighbours(struct call *odd, struct executor_figures *ret_figures) {
        struct executor *executor = support_executor(1);
        struct call blocker, calls[MANY];
        support_block(executor, &blocker, "50");
        for (int i = 0; i < MANY; i++) {
                call_make(&calls[i], i % 2 ? "ada" : "stranger", "thing/add", NULL, "new");
                call_submit(executor, &calls[i]);
                if (i == MANY / 2)
                        call_submit(executor, odd);
        }
        call_await(odd);
        for (int i = 0; i < MANY; i++) {
                call_await(&calls[i]);
                assert_int_equal(calls[i].step.result, DB_STEP_DONE);
                assert_string_equal(calls[i].step.outcome, i % 2 ? "created" : "denied");
                assert_true(call_is_own(&calls[i]));
        }
        executor_read_figures(executor, DB_LANE_REQUEST, ret_figures);
        executor_stop(executor);
        for (int i = 0; i < MANY; i++) {
                assert_int_equal(calls[i].n_done, 1);
                assert_int_equal(count_things(&calls[i]), i % 2);
                db_step_release(&calls[i].step);
        }
        db_step_release(&blocker.step);
}

static void a_failing_request_never_harms_its_neighbours(void **state) {
        struct executor_figures figures;
        struct call odd;
        call_make(&odd, "eve", "thing/fail", NULL, "P0001");
        run_among_neighbours(&odd, &figures);
        assert_int_equal(odd.step.result, DB_STEP_FAULT);
        assert_string_equal(odd.step.sqlstate, "P0001");
        assert_null(odd.step.verdict);
        assert_null(odd.step.outcome);
        assert_int_equal(count_things(&odd), 0);
        assert_int_equal(figures.replays, MANY + 1);
        db_step_release(&odd.step);
}

static void a_constraint_refuses_its_own_request_by_name(void **state) {
        struct executor_figures figures;
        struct call odd;
        cluster_run(&cluster, "insert into taken values ('mine')");
        call_make(&odd, "eve", "thing/take", "mine");
        run_among_neighbours(&odd, &figures);
        assert_int_equal(odd.step.result, DB_STEP_REFUSED);
        assert_string_equal(odd.step.sqlstate, "23505");
        assert_string_equal(odd.step.constraint, "taken_name");
        db_step_release(&odd.step);
}

static void a_commit_that_fails_voids_answers_that_looked_good(void **state) {
        struct executor_figures figures;
        struct call odd;
        call_make(&odd, "eve", "thing/orphan", "9");
        run_among_neighbours(&odd, &figures);
        assert_int_equal(odd.step.result, DB_STEP_REFUSED);
        assert_string_equal(odd.step.constraint, "child_parent");
        assert_null(odd.step.outcome);
        assert_int_equal(cluster_count(&cluster, "select count(*) from child"), 0);
        db_step_release(&odd.step);
}

static void a_context_that_fails_is_its_own_requests_fault(void **state) {
        struct executor_figures figures;
        struct call odd;
        call_make(&odd, "eve", "thing/add", NULL, "new");
        odd.step.context.query = query_find(queries, "access/context_broken");
        run_among_neighbours(&odd, &figures);
        assert_int_equal(odd.step.result, DB_STEP_FAULT);
        assert_string_equal(odd.step.sqlstate, "22012");
        assert_int_equal(count_things(&odd), 0);
        db_step_release(&odd.step);
}

static void a_statement_without_a_row_is_a_fault_and_nobody_elses(void **state) {
        struct executor_figures figures;
        struct call odd;
        call_make(&odd, "eve", "thing/nothing");
        run_among_neighbours(&odd, &figures);
        assert_int_equal(odd.step.result, DB_STEP_FAULT);
        assert_string_equal(odd.step.sqlstate, "");
        assert_int_equal(figures.replays, 0);
        db_step_release(&odd.step);
}

static void a_serialisation_failure_is_tried_again_until_it_succeeds(void **state) {
        struct executor_figures figures;
        struct call odd;
        cluster_run(&cluster, "alter sequence attempt restart");
        call_make(&odd, "eve", "thing/serialise", "4");
        run_among_neighbours(&odd, &figures);
        assert_int_equal(odd.step.result, DB_STEP_DONE);
        assert_true(call_is_own(&odd));
        assert_int_equal(figures.retries, 2); /* the batch, its replay, and two more */
        db_step_release(&odd.step);
}

static void a_serialisation_failure_is_not_tried_for_ever(void **state) {
        struct executor_figures figures;
        struct call odd;
        cluster_run(&cluster, "alter sequence attempt restart");
        call_make(&odd, "eve", "thing/serialise", "50");
        run_among_neighbours(&odd, &figures);
        assert_int_equal(odd.step.result, DB_STEP_UNAVAILABLE);
        assert_int_equal(figures.retries, EXECUTOR_RETRIES);
        db_step_release(&odd.step);
}

static void two_requests_that_deadlock_both_succeed(void **state) {
        struct executor *executor = support_executor(2);
        struct call calls[2];
        cluster_run(&cluster, "update hot set n = 0");
        call_make(&calls[0], "ada", "thing/touch", "1", "2");
        call_make(&calls[1], "bea", "thing/touch", "2", "1");
        for (int i = 0; i < 2; i++)
                call_submit(executor, &calls[i]);
        for (int i = 0; i < 2; i++) {
                call_await(&calls[i]);
                assert_int_equal(calls[i].step.result, DB_STEP_DONE);
                assert_true(call_is_own(&calls[i]));
                db_step_release(&calls[i].step);
        }
        struct executor_figures figures;
        executor_read_figures(executor, DB_LANE_REQUEST, &figures);
        assert_in_range(figures.retries, 1, 2 * EXECUTOR_RETRIES);
        assert_int_equal(cluster_count(&cluster, "select sum(n) from hot"), 4);
        executor_stop(executor);
}

static void a_statement_that_takes_too_long_is_stopped_and_only_that_one(void **state) {
        struct executor *executor = support_executor_with((struct executor_options) {
                .connections = { [DB_LANE_REQUEST] = 1 }, .statement_timeout_ms = { [DB_LANE_REQUEST] = 300 } });
        support_await_ready(executor, true, 10);
        struct call blocker, calls[MANY], slow;
        support_block(executor, &blocker, "50");
        double begin = support_now();
        for (int i = 0; i < MANY; i++) {
                /* Longer than the limit together, but not each. */
                call_make(&calls[i], "ada", i < 4 ? "thing/sleep" : "thing/echo", "100");
                call_submit(executor, &calls[i]);
                if (i == MANY / 2) {
                        call_make(&slow, "eve", "thing/sleep", "20000");
                        call_submit(executor, &slow);
                }
        }
        call_await(&slow);
        assert_int_equal(slow.step.result, DB_STEP_TIMEOUT);
        for (int i = 0; i < MANY; i++) {
                call_await(&calls[i]);
                assert_int_equal(calls[i].step.result, DB_STEP_DONE);
                assert_true(call_is_own(&calls[i]));
                db_step_release(&calls[i].step);
        }
        assert_true(support_now() - begin < 2.5);
        executor_stop(executor);
        db_step_release(&slow.step);
        db_step_release(&blocker.step);
}

static void waiting_for_a_lock_ends_as_a_timeout(void **state) {
        struct executor *executor = support_executor_with((struct executor_options) {
                .connections = { [DB_LANE_REQUEST] = 1 }, .lock_timeout_ms = 200 });
        support_await_ready(executor, true, 10);
        PGconn *other = cluster_connect(cluster.owner);
        PQclear(PQexec(other, "begin; update hot set n = n where id = 1"));
        struct call call;
        call_make(&call, "ada", "thing/touch", "1", "2");
        call_run(executor, &call);
        assert_int_equal(call.step.result, DB_STEP_TIMEOUT);
        PQfinish(other);
        call_run(executor, &call);
        assert_int_equal(call.step.result, DB_STEP_DONE);
        executor_stop(executor);
        db_step_release(&call.step);
}

static void a_backend_killed_in_mid_batch_leaves_everybody_without_a_guess(void **state) {
        struct executor *executor = support_executor(1);
        struct call blocker, calls[MANY], after;
        support_block(executor, &blocker, "50");
        for (int i = 0; i < MANY; i++) {
                call_make(&calls[i], "ada", i == MANY / 2 ? "thing/die" : "thing/add", NULL, "new");
                call_submit(executor, &calls[i]);
        }
        for (int i = 0; i < MANY; i++) {
                call_await(&calls[i]);
                assert_int_equal(calls[i].step.result, DB_STEP_UNAVAILABLE);
                assert_null(calls[i].step.outcome);
                assert_int_equal(count_things(&calls[i]), 0);
                db_step_release(&calls[i].step);
        }
        /* The connection comes back by itself. */
        call_make(&after, "ada", "thing/echo");
        call_run(executor, &after);
        assert_int_equal(after.step.result, DB_STEP_DONE);
        struct executor_figures figures;
        executor_read_figures(executor, DB_LANE_REQUEST, &figures);
        assert_int_equal(figures.connection_losses, 1);
        executor_stop(executor);
        db_step_release(&after.step);
        db_step_release(&blocker.step);
}

static void a_connection_that_died_while_idle_costs_nobody_anything(void **state) {
        struct executor *executor = support_executor(1);
        struct call call;
        for (int i = 0; i < 5; i++) {
                cluster_run(&cluster,
                            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = 'runner'");
                call_make(&call, "ada", "thing/echo");
                call_run(executor, &call);
                assert_int_equal(call.step.result, DB_STEP_DONE);
                db_step_release(&call.step);
        }
        executor_stop(executor);
}

static void a_statement_changed_under_the_session_is_prepared_again(void **state) {
        struct executor *executor = support_executor(1);
        struct call call;
        call_make(&call, "ada", "thing/echo");
        call_run(executor, &call);
        assert_int_equal(call.step.result, DB_STEP_DONE);
        cluster_run(&cluster, "drop function echo(); create function echo() returns json language sql as "
                              "$$select json_build_object('actor', 'new')$$");
        call_run(executor, &call); /* the plan's result type has changed */
        assert_int_equal(call.step.result, DB_STEP_UNAVAILABLE);
        call_run(executor, &call);
        assert_int_equal(call.step.result, DB_STEP_DONE);
        executor_stop(executor);
        db_step_release(&call.step);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_failing_request_never_harms_its_neighbours),
                cmocka_unit_test(a_constraint_refuses_its_own_request_by_name),
                cmocka_unit_test(a_commit_that_fails_voids_answers_that_looked_good),
                cmocka_unit_test(a_context_that_fails_is_its_own_requests_fault),
                cmocka_unit_test(a_statement_without_a_row_is_a_fault_and_nobody_elses),
                cmocka_unit_test(a_serialisation_failure_is_tried_again_until_it_succeeds),
                cmocka_unit_test(a_serialisation_failure_is_not_tried_for_ever),
                cmocka_unit_test(two_requests_that_deadlock_both_succeed),
                cmocka_unit_test(a_statement_that_takes_too_long_is_stopped_and_only_that_one),
                cmocka_unit_test(waiting_for_a_lock_ends_as_a_timeout),
                cmocka_unit_test(a_backend_killed_in_mid_batch_leaves_everybody_without_a_guess),
                cmocka_unit_test(a_connection_that_died_while_idle_costs_nobody_anything),
                cmocka_unit_test(a_statement_changed_under_the_session_is_prepared_again),
        };
        return cmocka_run_group_tests(tests, support_begin, support_end);
}
