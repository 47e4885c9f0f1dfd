/* Batches: who goes with whom, under whose context, and what is answered when. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

enum { MANY = 16 };

static void a_step_answers_under_its_own_context(void **state) {
        struct executor *executor = support_executor(1);
        struct call call;
        call_make(&call, "ada", "thing/add", NULL, "new");
        call_run(executor, &call);
        assert_int_equal(call.step.result, DB_STEP_DONE);
        assert_string_equal(call.step.verdict, "ok");
        assert_string_equal(call.step.account, "ada");
        assert_string_equal(call.step.frame, "{}");
        assert_int_equal(call.step.frame_size, 2);
        assert_string_equal(call.step.outcome, "created");
        assert_int_equal(call.step.body_size, strlen(call.step.body));
        assert_null(call.step.etag);
        assert_null(call.step.location);
        assert_true(call_is_own(&call));
        assert_true(call.step.queued_us <= call.step.started_us && call.step.started_us <= call.step.finished_us);
        db_step_release(&call.step);
        assert_null(call.step.body);
        executor_stop(executor);
}

static void a_refused_actor_is_told_so_and_writes_nothing(void **state) {
        struct executor *executor = support_executor(1);
        struct call call;
        char sql[128];
        call_make(&call, "stranger", "thing/add", NULL, "new");
        call_run(executor, &call);
        assert_int_equal(call.step.result, DB_STEP_DONE);
        assert_string_equal(call.step.verdict, "forbidden");
        assert_null(call.step.account);
        assert_string_equal(call.step.outcome, "denied");
        db_step_release(&call.step);
        executor_stop(executor);
        snprintf(sql, sizeof sql, "select count(*) from thing where id = '%s'", call.id);
        assert_int_equal(cluster_count(&cluster, sql), 0);
}

static void steps_that_wait_share_one_transaction_and_an_alone_step_has_its_own(void **state) {
        struct executor *executor = support_executor(1);
        struct call blocker, calls[MANY], alone;
        support_block(executor, &blocker, "100");
        for (int i = 0; i < MANY; i++) {
                call_make(&calls[i], i % 2 ? "ada" : "bea", "thing/add", NULL, "new");
                call_submit(executor, &calls[i]);
                if (i == MANY / 2) {
                        call_make(&alone, "cyd", "thing/add_alone", NULL, "new");
                        call_submit(executor, &alone);
                }
        }
        for (int i = 0; i < MANY; i++) {
                call_await(&calls[i]);
                assert_true(call_is_own(&calls[i]));
                assert_int_equal(call_number(&calls[i], "xid"), call_number(&calls[0], "xid"));
                assert_true(call_number(&calls[i], "xid") != 0);
        }
        call_await(&alone);
        assert_true(call_is_own(&alone));
        assert_true(call_number(&alone, "xid") != 0);
        assert_int_not_equal(call_number(&alone, "xid"), call_number(&calls[0], "xid"));
        struct executor_figures figures;
        executor_read_figures(executor, DB_LANE_REQUEST, &figures);
        assert_int_equal(figures.steps, MANY + 2);
        assert_int_equal(figures.batches, 3);
        executor_stop(executor);
        for (int i = 0; i < MANY; i++)
                db_step_release(&calls[i].step);
        db_step_release(&alone.step);
        db_step_release(&blocker.step);
}

static void an_older_alone_step_goes_first(void **state) {
        struct executor *executor = support_executor(1);
        struct call blocker, alone, batched;
        support_block(executor, &blocker, "50");
        call_make(&alone, "ada", "thing/add_alone", NULL, "new");
        call_submit(executor, &alone);
        call_make(&batched, "bea", "thing/add", NULL, "new");
        call_submit(executor, &batched);
        call_await(&batched);
        call_await(&alone);
        assert_true(alone.step.started_us < batched.step.started_us);
        assert_true(alone.step.finished_us <= batched.step.started_us);
        executor_stop(executor);
        db_step_release(&blocker.step);
        db_step_release(&alone.step);
        db_step_release(&batched.step);
}

static void a_step_without_a_context_never_runs_under_anothers(void **state) {
        struct executor *executor = support_executor(1);
        struct call blocker, first, bare;
        support_block(executor, &blocker, "50");
        call_make(&first, "ada", "thing/add", NULL, "new");
        call_make(&bare, "", "thing/add", NULL, "new");
        bare.step.context.query = NULL;
        call_submit(executor, &first);
        call_submit(executor, &bare);
        call_await(&first);
        call_await(&bare);
        assert_int_equal(bare.step.result, DB_STEP_DONE);
        assert_null(bare.step.verdict);
        assert_string_equal(bare.step.outcome, "denied");
        assert_non_null(strstr(bare.step.body, "\"actor\" : \"\""));
        executor_stop(executor);
        db_step_release(&blocker.step);
        db_step_release(&first.step);
        db_step_release(&bare.step);
}

static void two_slow_requests_overlap(void **state) {
        struct executor *executor = support_executor(4);
        struct call calls[2];
        double begin = support_now();
        for (int i = 0; i < 2; i++) {
                call_make(&calls[i], "ada", "thing/sleep", "500");
                call_submit(executor, &calls[i]);
        }
        for (int i = 0; i < 2; i++)
                call_await(&calls[i]);
        double took = support_now() - begin;
        assert_true(took >= 0.5);
        assert_true(took < 0.9);
        assert_int_not_equal(call_number(&calls[0], "pid"), call_number(&calls[1], "pid"));
        executor_stop(executor);
        for (int i = 0; i < 2; i++)
                db_step_release(&calls[i].step);
}

static void a_spare_connection_serves_when_the_others_are_held_up(void **state) {
        struct executor *executor = support_executor(3);
        struct call slow[2], quick;
        for (int i = 0; i < 2; i++) {
                call_make(&slow[i], "ada", "thing/sleep", "500");
                call_submit(executor, &slow[i]);
        }
        usleep(20000); /* both are under way */
        call_make(&quick, "bea", "thing/sleep", "0");
        call_run(executor, &quick);
        uint64_t waited_us = quick.step.started_us - quick.step.queued_us;
        assert_true(waited_us >= 50 * 1000); /* one of the others might have been done by then */
        assert_true(waited_us < 300 * 1000);
        for (int i = 0; i < 2; i++) {
                call_await(&slow[i]);
                assert_true(slow[i].step.finished_us > quick.step.finished_us);
                assert_int_not_equal(call_number(&slow[i], "pid"), call_number(&quick, "pid"));
        }
        executor_stop(executor);
        for (int i = 0; i < 2; i++)
                db_step_release(&slow[i].step);
        db_step_release(&quick.step);
}

static void large_steps_do_not_fill_a_batch_without_bound(void **state) {
        enum { LARGE = 100 * 1024 };
        struct executor *executor = support_executor(1);
        struct call blocker, calls[6];
        char *text = malloc(LARGE + 1);
        memset(text, 'x', LARGE);
        text[LARGE] = '\0';
        support_block(executor, &blocker, "50");
        for (int i = 0; i < 6; i++) {
                call_make(&calls[i], "ada", "thing/add", NULL, text);
                call_submit(executor, &calls[i]);
        }
        for (int i = 0; i < 6; i++) {
                call_await(&calls[i]);
                assert_int_equal(calls[i].step.result, DB_STEP_DONE);
        }
        struct executor_figures figures;
        executor_read_figures(executor, DB_LANE_REQUEST, &figures);
        assert_int_equal(figures.batches, 1 + 3); /* 256 KiB hold two */
        executor_stop(executor);
        for (int i = 0; i < 6; i++)
                db_step_release(&calls[i].step);
        db_step_release(&blocker.step);
        free(text);
}

static void a_full_lane_refuses_at_once_and_the_other_lane_does_not_care(void **state) {
        struct executor *executor = support_executor_with((struct executor_options) {
                .connections = { [DB_LANE_REQUEST] = 1 }, .queue_limit = 3 });
        support_await_ready(executor, true, 10);
        struct call blocker, calls[3], extra, report;
        support_block(executor, &blocker, "200");
        for (int i = 0; i < 3; i++) {
                call_make(&calls[i], "ada", "thing/echo");
                call_submit(executor, &calls[i]);
        }
        call_make(&extra, "ada", "thing/echo");
        assert_true(executor_submit(executor, &extra.step) > 0);
        call_make(&report, "ada", "thing/echo");
        report.step.lane = DB_LANE_REPORT;
        call_run(executor, &report);
        assert_int_equal(report.step.result, DB_STEP_DONE);
        assert_false(blocker.done);
        for (int i = 0; i < 3; i++)
                call_await(&calls[i]);
        struct executor_figures figures;
        executor_read_figures(executor, DB_LANE_REQUEST, &figures);
        assert_int_equal(figures.rejected, 1);
        executor_stop(executor);
        assert_false(extra.done);
        for (int i = 0; i < 3; i++)
                db_step_release(&calls[i].step);
        db_step_release(&blocker.step);
        db_step_release(&report.step);
}

static void stopping_finishes_what_was_taken(void **state) {
        struct executor *executor = support_executor(1);
        struct call blocker, calls[40];
        support_block(executor, &blocker, "100");
        for (int i = 0; i < 40; i++) {
                call_make(&calls[i], "ada", i % 10 ? "thing/add" : "thing/add_alone", NULL, "new");
                call_submit(executor, &calls[i]);
        }
        executor_stop(executor);
        assert_int_equal(blocker.step.result, DB_STEP_DONE);
        for (int i = 0; i < 40; i++) {
                assert_int_equal(calls[i].n_done, 1);
                assert_int_equal(calls[i].step.result, DB_STEP_DONE);
                db_step_release(&calls[i].step);
        }
        db_step_release(&blocker.step);
        executor_stop(NULL);
}

static void a_step_can_be_run_and_waited_for(void **state) {
        struct executor *executor = support_executor(1);
        struct call call;
        call_make(&call, "ada", "thing/echo");
        for (int i = 0; i < 2; i++) { /* and again with the same step */
                assert_int_equal(executor_run(executor, &call.step), 0);
                assert_int_equal(call.step.result, DB_STEP_DONE);
                assert_true(call_is_own(&call));
                db_step_release(&call.step);
        }
        executor_stop(executor);
}

static void the_session_has_the_settings_that_keep_the_rules(void **state) {
        static const char *const settings[] = {
                "plan_cache_mode=force_generic_plan", "statement_timeout=5s", "lock_timeout=2s", "jit=off",
                "idle_in_transaction_session_timeout=10s", "log_parameter_max_length_on_error=0",
        };
        struct executor *executor = support_executor(1);
        for (size_t i = 0; i < ELEMENTS(settings); i++) {
                char name[64], value[64];
                struct call call;
                assert_int_equal(sscanf(settings[i], "%63[^=]=%63s", name, value), 2);
                call_make(&call, "ada", "thing/setting", name);
                call_run(executor, &call);
                assert_string_equal(call.step.body, value);
                db_step_release(&call.step);
        }
        executor_stop(executor);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_step_answers_under_its_own_context),
                cmocka_unit_test(a_refused_actor_is_told_so_and_writes_nothing),
                cmocka_unit_test(steps_that_wait_share_one_transaction_and_an_alone_step_has_its_own),
                cmocka_unit_test(an_older_alone_step_goes_first),
                cmocka_unit_test(a_step_without_a_context_never_runs_under_anothers),
                cmocka_unit_test(two_slow_requests_overlap),
                cmocka_unit_test(a_spare_connection_serves_when_the_others_are_held_up),
                cmocka_unit_test(large_steps_do_not_fill_a_batch_without_bound),
                cmocka_unit_test(a_full_lane_refuses_at_once_and_the_other_lane_does_not_care),
                cmocka_unit_test(stopping_finishes_what_was_taken),
                cmocka_unit_test(a_step_can_be_run_and_waited_for),
                cmocka_unit_test(the_session_has_the_settings_that_keep_the_rules),
        };
        return cmocka_run_group_tests(tests, support_begin, support_end);
}
