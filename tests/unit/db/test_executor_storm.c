/* Many requests of many actors with everything going wrong at once: refusals, failures, deadlocks avoided, backends
 * killed. Afterwards the table must hold exactly what was acknowledged. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "support.h"

enum { REQUESTS = 50000, CLIENTS = 64, KILLS = 20, ACTORS = 97 };

struct storm {
        struct executor *executor;
        struct call *calls;
        _Atomic unsigned next, n_finished, n_foreign, n_wrong;
        _Atomic unsigned n_results[DB_STEP_FAULT + 1];
        pthread_t killer;
};

static struct storm storm;

/* Which request does what is fixed by its number. */
static void make(unsigned n, struct call *call) {
        char actor[32];
        snprintf(actor, sizeof actor, "%s%u", n % 10 == 3 ? "stranger" : "actor", n % ACTORS);
        if (n % 50 == 7)
                call_make(call, actor, "thing/fail", NULL, "P0001");
        else if (n % 500 == 17)
                call_make(call, actor, "thing/fail", NULL, "40001");
        else if (n % 25 == 11)
                call_make(call, actor, "thing/add_alone", NULL, "alone");
        else if (n % 5 == 4)
                call_make(call, actor, "thing/echo");
        else
                call_make(call, actor, "thing/add", NULL, "batch");
}

static bool is_right(const struct call *call) {
        bool fails = strcmp(call->step.call.query->name, "thing/fail") == 0;
        bool stranger = strncmp(call->actor, "stranger", 8) == 0;
        bool adds = strncmp(call->step.call.query->name, "thing/add", 9) == 0;
        if (call->step.result == DB_STEP_UNAVAILABLE)
                return true;
        if (fails)
                return call->step.result == DB_STEP_FAULT;
        return call->step.result == DB_STEP_DONE &&
               strcmp(call->step.outcome, !adds ? "ok" : stranger ? "denied" : "created") == 0;
}

static void submit_next(void);

static void finish(struct db_step *step) {
        struct call *call = step->owner;
        call->n_done++;
        storm.n_results[step->result]++;
        if (step->result == DB_STEP_DONE && !call_is_own(call))
                storm.n_foreign++;
        if (!is_right(call))
                storm.n_wrong++;
        db_step_release(step);
        storm.n_finished++;
        submit_next();
}

static void submit_next(void) {
        unsigned n = storm.next++;
        if (n >= REQUESTS)
                return;
        struct call *call = &storm.calls[n];
        make(n, call);
        call->step.done = finish;
        assert_int_equal(executor_submit(storm.executor, &call->step), 0);
}

static void *kill_backends(void *unused) {
        PGconn *owner = cluster_connect(cluster.owner);
        /* Spread over the run, whatever its speed. */
        for (unsigned i = 1; i <= KILLS; i++) {
                while (storm.n_finished < i * (REQUESTS / (KILLS + 1)))
                        usleep(1000);
                PQclear(PQexec(owner, "select pg_terminate_backend(pid) from pg_stat_activity"
                                      " where usename = 'runner' order by random() limit 2"));
        }
        PQfinish(owner);
        return NULL;
}

static void load_acknowledged(PGconn *owner) {
        PQclear(PQexec(owner,
                       "create table acknowledged (id uuid not null, actor text not null, class text not null)"));
        PQclear(PQexec(owner, "copy acknowledged from stdin"));
        for (unsigned n = 0; n < REQUESTS; n++) {
                const struct call *call = &storm.calls[n];
                bool adds = strncmp(call->step.call.query->name, "thing/add", 9) == 0 && call->actor[0] == 'a';
                const char *class = call->step.result == DB_STEP_UNAVAILABLE ? (adds ? "unknown" : "none")
                                    : adds ? "kept" : "none";
                char line[160];
                int size = snprintf(line, sizeof line, "%s\t%s\t%s\n", call->id, call->actor, class);
                assert_int_equal(PQputCopyData(owner, line, size), 1);
        }
        assert_int_equal(PQputCopyEnd(owner, NULL), 1);
        PGresult *result = PQgetResult(owner);
        assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
        PQclear(result);
        while ((result = PQgetResult(owner)))
                PQclear(result);
}

static void run_storm(void) {
        log_set_level(LOG_LEVEL_ERROR + 1); /* a thousand faults, all of them wanted */
        storm.calls = memory_new(REQUESTS, sizeof *storm.calls);
        storm.executor = support_executor(4);
        pthread_create(&storm.killer, NULL, kill_backends, NULL);
        for (unsigned i = 0; i < CLIENTS; i++)
                submit_next();
        double until = support_now() + 240;
        while (storm.n_finished < REQUESTS && support_now() < until)
                usleep(10000);
        assert_int_equal(storm.n_finished, REQUESTS);
        pthread_join(storm.killer, NULL);
}

static void no_request_runs_under_anothers_context_and_each_answer_is_kept_exactly_once(void **state) {
        run_storm();
        struct executor_figures figures;
        executor_read_figures(storm.executor, DB_LANE_REQUEST, &figures);
        executor_stop(storm.executor);

        assert_int_equal(storm.n_foreign, 0);
        assert_int_equal(storm.n_wrong, 0);
        for (unsigned n = 0; n < REQUESTS; n++)
                assert_int_equal(storm.calls[n].n_done, 1);
        /* Everything that this test is about did happen. */
        assert_true(figures.connection_losses > 0);
        assert_true(figures.replays > REQUESTS / 50);
        assert_true(figures.retries > 0);
        assert_true(figures.steps / figures.batches >= 2);
        assert_true(storm.n_results[DB_STEP_UNAVAILABLE] > 0);
        assert_true(storm.n_results[DB_STEP_DONE] > REQUESTS / 2);

        PGconn *owner = cluster_connect(cluster.owner);
        load_acknowledged(owner);
        PQfinish(owner);
        assert_int_equal(cluster_count(&cluster,
                                       "select count(*) from (select id from thing group by id having count(*) > 1) d"),
                         0);
        assert_int_equal(cluster_count(&cluster,
                                       "select count(*) from acknowledged a where class = 'kept'"
                                       " and not exists (select from thing t where t.id = a.id and t.actor = a.actor)"),
                         0);
        assert_int_equal(cluster_count(&cluster, "select count(*) from acknowledged a join thing t using (id)"
                                                 " where class = 'none' or t.actor <> a.actor"), 0);
        assert_int_equal(
                cluster_count(&cluster, "select count(*) from thing where id not in (select id from acknowledged)"), 0);
        assert_true(cluster_count(&cluster, "select count(*) from acknowledged where class = 'kept'") > REQUESTS / 2);
        free(storm.calls);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(no_request_runs_under_anothers_context_and_each_answer_is_kept_exactly_once),
        };
        return cmocka_run_group_tests(tests, support_begin, support_end);
}
