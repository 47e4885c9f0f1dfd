#include "job/job.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "db/executor.h"

static const struct job {
        const char *query;
        unsigned seconds;
        const char *values[1]; /* of the query's parameters */
} table[] = {
        { "job/pass_by", 15, { "200" } },
        { "job/sweep", 600 },
};

struct jobs {
        const struct query_set *queries;
        struct executor *executor;
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t wake;
        bool stopping;
};

/* Runs one job. A job that fails is logged and tried again at its next turn. */
static void run(struct jobs *jobs, const struct job *job) {
        char request[UUID_TEXT];
        uuid_new(request);
        struct db_step step = {
                .context = { .query = query_find(jobs->queries, "job/context"), .values = { request } },
                .call = { .query = query_find(jobs->queries, job->query) },
        };
        memcpy(step.call.values, job->values, sizeof job->values);
        log_set_request(request);
        if (executor_run(jobs->executor, &step) != 0 || step.result == DB_STEP_UNAVAILABLE)
                log_warning("job_waits_for_database", "job", job->query);
        else if (step.result != DB_STEP_DONE)
                log_error("job_failed", "job", job->query, "sqlstate", step.sqlstate);
        else
                log_debug("job_done", "job", job->query, "result", step.body ? step.body : "");
        db_step_release(&step);
        log_set_request(NULL);
}

/* Waits until `at` (CLOCK_MONOTONIC seconds). False when the worker is to stop. */
static bool wait_until(struct jobs *jobs, time_t at) {
        const struct timespec until = { .tv_sec = at };
        pthread_mutex_lock(&jobs->mutex);
        while (!jobs->stopping && pthread_cond_timedwait(&jobs->wake, &jobs->mutex, &until) != ETIMEDOUT)
                ;
        bool go_on = !jobs->stopping;
        pthread_mutex_unlock(&jobs->mutex);
        return go_on;
}

static void *loop(void *data) {
        struct jobs *jobs = data;
        time_t due[ELEMENTS(table)];
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        for (size_t i = 0; i < ELEMENTS(table); i++)
                due[i] = now.tv_sec + 1;
        for (;;) {
                size_t first = 0;
                for (size_t i = 1; i < ELEMENTS(table); i++)
                        if (due[i] < due[first])
                                first = i;
                if (!wait_until(jobs, due[first]))
                        return NULL;
                run(jobs, &table[first]);
                clock_gettime(CLOCK_MONOTONIC, &now);
                due[first] = now.tv_sec + (time_t) table[first].seconds;
        }
}

int jobs_start(const char *conninfo, const struct query_set *queries, struct jobs **ret_jobs) {
        struct jobs *jobs = memory_new(1, sizeof *jobs);
        const struct executor_options options = {
                .conninfo = conninfo,
                .connections = { [DB_LANE_REQUEST] = 1, [DB_LANE_REPORT] = 1 },
                .statement_timeout_ms = { 60000, 60000 },
        };
        pthread_condattr_t monotonic;
        jobs->queries = queries;
        int r = executor_start(&options, queries, &jobs->executor);
        if (r < 0) {
                free(jobs);
                return r;
        }
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&jobs->wake, &monotonic);
        pthread_condattr_destroy(&monotonic);
        pthread_mutex_init(&jobs->mutex, NULL);
        r = pthread_create(&jobs->thread, NULL, loop, jobs);
        if (r != 0) {
                executor_stop(jobs->executor);
                free(jobs);
                return -r;
        }
        *ret_jobs = jobs;
        return 0;
}

void jobs_stop(struct jobs *jobs) {
        if (!jobs)
                return;
        pthread_mutex_lock(&jobs->mutex);
        jobs->stopping = true;
        pthread_cond_signal(&jobs->wake);
        pthread_mutex_unlock(&jobs->mutex);
        pthread_join(jobs->thread, NULL);
        executor_stop(jobs->executor);
        pthread_cond_destroy(&jobs->wake);
        pthread_mutex_destroy(&jobs->mutex);
        free(jobs);
}
