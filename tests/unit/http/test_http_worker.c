/* The worker lane, and its end together with the database lane: each may still ask the other while both are closed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/log.h"
#include "db/executor.h"
#include "http/worker.h"

/* What one request shares with the two lanes. */
struct errand {
        struct worker *worker;
        struct executor *executor;
        struct db_step step;
        atomic_bool started, go_on;
        atomic_int answered, refused;
};

static void count(void *data) {
        struct errand *errand = data;
        errand->answered++;
}

static void linger(void *data) {
        struct errand *errand = data;
        errand->started = true;
        while (!errand->go_on)
                usleep(1000);
        errand->answered++;
}

static void await(const atomic_bool *what) {
        for (int i = 0; i < 5000 && !*what; i++)
                usleep(1000);
        assert_true(*what);
}

static void a_full_queue_refuses_and_what_was_taken_is_done_before_the_end(void **state) {
        struct errand errand = { 0 };
        struct worker_figures figures;
        assert_int_equal(worker_start(1, 2, &errand.worker), 0);
        assert_int_equal(worker_submit(errand.worker, linger, &errand), 0);
        await(&errand.started);
        assert_int_equal(worker_submit(errand.worker, count, &errand), 0);
        assert_int_equal(worker_submit(errand.worker, count, &errand), 0);
        assert_true(worker_submit(errand.worker, count, &errand) > 0);
        worker_read_figures(errand.worker, &figures);
        assert_int_equal(figures.waiting, 2);
        assert_int_equal(figures.running, 1);
        errand.go_on = true;
        worker_close(errand.worker);
        assert_int_equal(errand.answered, 3);
        assert_true(worker_submit(errand.worker, count, &errand) > 0);
        worker_read_figures(errand.worker, &figures);
        assert_int_equal(figures.done, 3);
        assert_int_equal(figures.rejected, 2);
        worker_free(errand.worker);
        worker_close(NULL);
        worker_free(NULL);
}

static void on_step(struct db_step *step) {
        struct errand *errand = step->owner;
        errand->refused += worker_submit(errand->worker, count, errand) > 0;
        errand->answered++;
}

/* A password is being hashed while the database lane closes; what it found is then to be written. */
static void hash_and_ask(void *data) {
        struct errand *errand = data;
        linger(data);
        errand->refused += executor_submit(errand->executor, &errand->step) > 0;
}

static const struct query question = { .name = "a/b", .sql = "select 1" };

static void begin(struct errand *errand) {
        /* Nothing listens there: a step waits until the lane closes. */
        const struct executor_options options = { .conninfo = "host=/nonexistent" };
        struct query_set *none = NULL;
        assert_int_equal(worker_start(1, 2, &errand->worker), 0);
        assert_int_equal(executor_start(&options, none, &errand->executor), 0);
        errand->step = (struct db_step) { .call = { .query = &question }, .done = on_step, .owner = errand };
}

static void work_that_outlasts_the_database_lane_is_refused_by_it(void **state) {
        struct errand errand = { 0 };
        begin(&errand);
        assert_int_equal(worker_submit(errand.worker, hash_and_ask, &errand), 0);
        await(&errand.started);
        executor_close(errand.executor);
        errand.go_on = true;
        worker_close(errand.worker);
        assert_int_equal(errand.answered, 1);
        assert_int_equal(errand.refused, 1);
        executor_free(errand.executor);
        worker_free(errand.worker);
}

static void a_step_that_outlasts_the_worker_lane_is_refused_by_it(void **state) {
        struct errand errand = { 0 };
        begin(&errand);
        assert_int_equal(executor_submit(errand.executor, &errand.step), 0);
        worker_close(errand.worker);
        executor_close(errand.executor);
        assert_int_equal(errand.answered, 1);
        assert_int_equal(errand.refused, 1);
        assert_int_equal(errand.step.result, DB_STEP_UNAVAILABLE);
        assert_true(executor_submit(errand.executor, &errand.step) > 0);
        worker_free(errand.worker);
        executor_free(errand.executor);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_full_queue_refuses_and_what_was_taken_is_done_before_the_end),
                cmocka_unit_test(work_that_outlasts_the_database_lane_is_refused_by_it),
                cmocka_unit_test(a_step_that_outlasts_the_worker_lane_is_refused_by_it),
        };
        log_set_level(LOG_LEVEL_ERROR);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
