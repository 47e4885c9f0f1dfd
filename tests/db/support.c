#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct cluster cluster;
struct query_set *queries;

static int begin(bool durable) {
        _cleanup_free_ char *error = NULL;
        if (query_set_parse(&embedded_test_queries, &queries, &error) < 0) {
                fprintf(stderr, "%s\n", error);
                return -1;
        }
        cluster_make(&cluster, durable);
        cluster_run_file(&cluster, TEST_SCHEMA);
        return 0;
}

int support_begin(void **state) {
        return begin(false);
}

int support_begin_durable(void **state) {
        return begin(true);
}

int support_end(void **state) {
        cluster_remove(&cluster);
        query_set_free(queries);
        return 0;
}

double support_now(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

void support_await_ready(struct executor *executor, bool ready, double seconds) {
        double until = support_now() + seconds;
        while (executor_ready(executor) != ready) {
                if (support_now() > until)
                        fail_msg("the executor did not become %s", ready ? "ready" : "unready");
                usleep(5000);
        }
}

struct executor *support_executor_with(struct executor_options options) {
        struct executor *executor;
        if (!options.conninfo)
                options.conninfo = cluster.runner;
        if (!options.connections[DB_LANE_REPORT])
                options.connections[DB_LANE_REPORT] = 1;
        assert_int_equal(executor_start(&options, queries, &executor), 0);
        return executor;
}

struct executor *support_executor(unsigned connections) {
        struct executor *executor = support_executor_with((struct executor_options) {
                .connections = { [DB_LANE_REQUEST] = connections }, .queue_limit = 4096 });
        double until = support_now() + 10;
        struct executor_figures figures;
        do {
                executor_read_figures(executor, DB_LANE_REQUEST, &figures);
                if (support_now() > until)
                        fail_msg("the connections did not come up");
                usleep(1000);
        } while (figures.connected < connections || !executor_ready(executor));
        return executor;
}

static void note_done(struct db_step *step) {
        struct call *call = step->owner;
        call->n_done++;
        call->done = true;
}

void call_make(struct call *call, const char *actor, const char *query, ...) {
        memset(call, 0, sizeof *call);
        snprintf(call->actor, sizeof call->actor, "%s", actor);
        uuid_new(call->request);
        uuid_new(call->id);
        call->step.context.query = query_find(queries, "access/context");
        call->step.context.values[0] = call->actor;
        call->step.context.values[1] = call->request;
        call->step.call.query = query_find(queries, query);
        assert_non_null(call->step.call.query);
        va_list args;
        va_start(args, query);
        for (unsigned i = 0; i < call->step.call.query->n_parameters; i++) {
                const char *value = va_arg(args, const char *);
                call->step.call.values[i] = value ? value : call->id;
        }
        va_end(args);
        call->step.request_id = call->request;
        call->step.done = note_done;
        call->step.owner = call;
}

void call_submit(struct executor *executor, struct call *call) {
        call->done = false;
        assert_int_equal(executor_submit(executor, &call->step), 0);
}

void call_await(struct call *call) {
        double until = support_now() + 60;
        while (!call->done) {
                if (support_now() > until)
                        fail_msg("no answer");
                usleep(200);
        }
}

void call_run(struct executor *executor, struct call *call) {
        call_submit(executor, call);
        call_await(call);
}

static bool names(const char *body, const char *member, const char *value) {
        char text[128];
        snprintf(text, sizeof text, "\"%s\" : \"%s\"", member, value);
        return body && strstr(body, text);
}

bool call_is_own(const struct call *call) {
        bool stranger = strncmp(call->actor, "stranger", 8) == 0;
        return names(call->step.body, "request", call->request) &&
               names(call->step.body, "actor", stranger ? "" : call->actor) &&
               strcmp(call->step.verdict, stranger ? "forbidden" : "ok") == 0;
}

uint64_t call_number(const struct call *call, const char *member) {
        char text[32];
        snprintf(text, sizeof text, "\"%s\" : ", member);
        const char *at = call->step.body ? strstr(call->step.body, text) : NULL;
        if (!at)
                return 0;
        at += strlen(text);
        return strtoull(at + (*at == '"'), NULL, 10);
}

void support_block(struct executor *executor, struct call *blocker, const char *milliseconds) {
        call_make(blocker, "blocker", "thing/sleep", milliseconds);
        call_submit(executor, blocker);
        struct executor_figures figures;
        do {
                usleep(500);
                executor_read_figures(executor, DB_LANE_REQUEST, &figures);
        } while (figures.waiting);
}
