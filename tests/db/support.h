/* What the executor's tests share: steps of the test's queries, run and waited for. */
#ifndef TESTS_DB_SUPPORT_H
#define TESTS_DB_SUPPORT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/uuid.h"
#include "cluster.h"
#include "db/executor.h"

extern const struct embedded_set embedded_test_queries;

/* A cluster with tests/db/schema.sql, made once a program, and its queries. */
extern struct cluster cluster;
extern struct query_set *queries;
int support_begin(void **state);
int support_begin_durable(void **state);
int support_end(void **state);

/* An executor with `connections` in the request lane, and one for reports; waits until it is ready. */
struct executor *support_executor(unsigned connections);
struct executor *support_executor_with(struct executor_options options);
/* Waits until the executor is ready, or is not; fails the test after `seconds`. */
void support_await_ready(struct executor *executor, bool ready, double seconds);
double support_now(void);

/* One request, with the texts that its step borrows. */
struct call {
        struct db_step step;
        char actor[32], request[UUID_TEXT], id[UUID_TEXT];
        _Atomic bool done;
        _Atomic unsigned n_done; /* how often it was called back */
};
/* Fills in the context of `actor` and the call; the arguments are texts, as many as the query declares. An argument
 * "id" given as NULL for a uuid parameter is the call's own fresh id. */
void call_make(struct call *call, const char *actor, const char *query, ...);
void call_submit(struct executor *executor, struct call *call);
void call_await(struct call *call);
void call_run(struct executor *executor, struct call *call);
/* Whether the answer names this call's own actor and request. */
bool call_is_own(const struct call *call);
/* A number in the body, such as "xid" or "pid"; 0 when there is none. */
uint64_t call_number(const struct call *call, const char *member);

/* Keeps the only connection of an executor busy for a moment, so that what follows gathers into one batch. */
void support_block(struct executor *executor, struct call *blocker, const char *milliseconds);

#endif
