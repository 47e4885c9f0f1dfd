#include "db/executor.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "batch.h"

enum {
        QUEUE_LIMIT = 1024,
        LOCK_TIMEOUT_MS = 2000,
        WATCH_MS = 100,
        BACK_OFF_LEAST_MS = 50,
        BACK_OFF_MOST_MS = 1000, /* below EXECUTOR_AWAY_MS, so that each waiting step sees an attempt */
        LOG_EVERY = 60,          /* failures to connect after the first */
};

struct executor_worker {
        struct worker worker;
        struct executor *executor;
        struct connection_options options;
        pthread_t thread;
};

struct executor {
        const struct query_set *queries;
        char *conninfo;
        struct lane lanes[DB_LANE_COUNT];
        unsigned n_workers;
        struct executor_worker *workers;
        pthread_t watch;
        struct lane clock; /* only to sleep on; its closing ends the watch */
};

/* True when there is a connection. Otherwise it has waited a while, longer after each failure. */
static bool ensure_connection(struct executor_worker *self) {
        struct worker *worker = &self->worker;
        if (worker->pq && connection_is_alive(worker->pq))
                return true;
        worker_lose_connection(worker);
        char reason[256];
        if (connection_open(&self->options, self->executor->queries, &worker->pq, reason) == 0) {
                worker->failures = 0;
                lane_add_connection(worker->lane);
                return true;
        }
        if (worker->failures % LOG_EVERY == 0)
                log_warning("database_unavailable", "reason", reason);
        unsigned pause = (unsigned) BACK_OFF_LEAST_MS << (worker->failures < 5 ? worker->failures : 5);
        worker->failures++;
        unsigned char random;
        random_bytes(&random, sizeof random);
        pause = pause < BACK_OFF_MOST_MS ? pause : BACK_OFF_MOST_MS;
        lane_pause(worker->lane, pause / 2 + pause * random / 512);
        return false;
}

static void *serve(void *data) {
        struct executor_worker *self = data;
        struct worker *worker = &self->worker;
        struct db_step *steps[EXECUTOR_BATCH];
        while (!lane_is_over(worker->lane, worker->pq)) {
                if (!ensure_connection(self))
                        continue;
                lane_wait(worker->lane);
                /* Asked again before anything is taken: no step is sent down a connection that died in the meantime. */
                if (!connection_is_alive(worker->pq))
                        continue;
                unsigned n = lane_take(worker->lane, steps);
                if (!n)
                        continue;
                batch_run(worker, steps, n);
                lane_done(worker->lane);
        }
        if (worker->pq)
                lane_remove_connection(worker->lane, false);
        PQfinish(worker->pq);
        return NULL;
}

static void end_all(struct db_step *list) {
        while (list) {
                struct db_step *step = list;
                list = step->next;
                batch_end_unavailable(step);
        }
}

/* Answers those who wait for a database that is away, even while every worker is stuck in connecting. */
static void *watch(void *data) {
        struct executor *executor = data;
        while (!lane_is_over(&executor->clock, false)) {
                lane_pause(&executor->clock, WATCH_MS);
                uint64_t now = connection_now_us();
                for (int i = 0; i < DB_LANE_COUNT; i++)
                        end_all(lane_take_overdue(&executor->lanes[i], now - EXECUTOR_AWAY_MS * 1000ULL));
        }
        return NULL;
}

static unsigned or_default(unsigned value, unsigned otherwise) {
        return value ? value : otherwise;
}

/* As many backends as can compute at once, since more only push each other out of the processors' caches, and one to spare for
 * when these are held up (docs/decisions/0009). */
static unsigned request_connections(void) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        return processors < 2 ? 3 : processors < EXECUTOR_CONNECTIONS_MOST ? (unsigned) processors + 1 : EXECUTOR_CONNECTIONS_MOST;
}

static unsigned usual_workers(unsigned connections) {
        return connections > 2 ? connections - 1 : connections;
}

static void fill_workers(struct executor *executor, const struct executor_options *options, const unsigned *connections) {
        static const unsigned timeouts_ms[DB_LANE_COUNT] = { [DB_LANE_REQUEST] = 5000, [DB_LANE_REPORT] = 30000 };
        executor->workers = memory_new(DB_LANE_COUNT * EXECUTOR_CONNECTIONS_MOST, sizeof *executor->workers);
        for (int lane = 0; lane < DB_LANE_COUNT; lane++)
                for (unsigned i = 0; i < connections[lane]; i++) {
                        struct executor_worker *self = &executor->workers[executor->n_workers++];
                        self->executor = executor;
                        self->options = (struct connection_options) {
                                .conninfo = executor->conninfo,
                                .statement_timeout_ms =
                                        or_default(options->statement_timeout_ms[lane], timeouts_ms[lane]),
                                .lock_timeout_ms = or_default(options->lock_timeout_ms, LOCK_TIMEOUT_MS),
                                .expected_version = options->expected_version,
                                .may_scan = lane == DB_LANE_REPORT,
                        };
                        self->worker.lane = &executor->lanes[lane];
                        self->worker.statement_timeout_ms = self->options.statement_timeout_ms;
                }
}

void executor_free(struct executor *executor) {
        if (!executor)
                return;
        for (int i = 0; i < DB_LANE_COUNT; i++)
                lane_clear(&executor->lanes[i]);
        lane_clear(&executor->clock);
        free(executor->workers);
        free(executor->conninfo);
        free(executor);
}

static void close_lanes(struct executor *executor, unsigned n_started) {
        for (int i = 0; i < DB_LANE_COUNT; i++)
                lane_close(&executor->lanes[i]);
        for (unsigned i = 0; i < n_started; i++)
                pthread_join(executor->workers[i].thread, NULL);
}

int executor_start(const struct executor_options *options, const struct query_set *queries,
                   struct executor **ret_executor) {
        if (!PQisthreadsafe())
                return -ENOTSUP;
        for (int i = 0; i < DB_LANE_COUNT; i++)
                if (options->connections[i] > EXECUTOR_CONNECTIONS_MOST)
                        return -EINVAL;
        struct executor *executor = memory_new(1, sizeof *executor);
        executor->queries = queries;
        executor->conninfo = memory_copy_string(options->conninfo);
        const unsigned connections[DB_LANE_COUNT] = {
                [DB_LANE_REQUEST] = or_default(options->connections[DB_LANE_REQUEST], request_connections()),
                [DB_LANE_REPORT] = or_default(options->connections[DB_LANE_REPORT], 1),
        };
        for (int i = 0; i < DB_LANE_COUNT; i++)
                lane_init(&executor->lanes[i], or_default(options->queue_limit, QUEUE_LIMIT), usual_workers(connections[i]));
        lane_init(&executor->clock, 0, 0);
        fill_workers(executor, options, connections);

        unsigned n = 0;
        int r = 0;
        while (n < executor->n_workers &&
               (r = pthread_create(&executor->workers[n].thread, NULL, serve, &executor->workers[n])) == 0)
                n++;
        if (r == 0)
                r = pthread_create(&executor->watch, NULL, watch, executor);
        if (r != 0) {
                close_lanes(executor, n);
                executor_free(executor);
                return -r;
        }
        *ret_executor = executor;
        return 0;
}

void executor_close(struct executor *executor) {
        if (!executor)
                return;
        close_lanes(executor, executor->n_workers);
        lane_close(&executor->clock);
        pthread_join(executor->watch, NULL);
        /* What nobody could serve. */
        for (int i = 0; i < DB_LANE_COUNT; i++)
                end_all(lane_take_overdue(&executor->lanes[i], UINT64_MAX));
}

void executor_stop(struct executor *executor) {
        executor_close(executor);
        executor_free(executor);
}

int executor_submit(struct executor *executor, struct db_step *step) {
        return lane_put(&executor->lanes[step->lane], step);
}

struct waiter {
        pthread_mutex_t lock;
        pthread_cond_t cond;
        bool done;
};

static void wake(struct db_step *step) {
        struct waiter *waiter = step->owner;
        pthread_mutex_lock(&waiter->lock);
        waiter->done = true;
        pthread_cond_signal(&waiter->cond);
        pthread_mutex_unlock(&waiter->lock);
}

int executor_run(struct executor *executor, struct db_step *step) {
        struct waiter waiter = { .lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER };
        step->done = wake;
        step->owner = &waiter;
        int r = executor_submit(executor, step);
        pthread_mutex_lock(&waiter.lock);
        while (r == 0 && !waiter.done)
                pthread_cond_wait(&waiter.cond, &waiter.lock);
        pthread_mutex_unlock(&waiter.lock);
        pthread_cond_destroy(&waiter.cond);
        pthread_mutex_destroy(&waiter.lock);
        return r;
}

bool executor_ready(struct executor *executor) {
        for (int i = 0; i < DB_LANE_COUNT; i++) {
                struct executor_figures figures;
                executor_read_figures(executor, i, &figures);
                if (!figures.connected)
                        return false;
        }
        return true;
}

void executor_read_figures(struct executor *executor, enum db_lane lane, struct executor_figures *ret_figures) {
        lane_read_figures(&executor->lanes[lane], ret_figures);
}
