/* The database lane: requests of many people, batched into pipelines on few connections (docs/architecture.md, "The
 * executor", has the rules and their measurements).
 *
 * A step is a context statement and one query, sent together. Each connection has a thread that takes up to
 * EXECUTOR_BATCH waiting steps (never more than its fair share while other connections are idle, so that two slow
 * requests overlap), sends them all and one Sync, and only after the Sync's own result hands them back. A batch is one
 * transaction. A step whose query says `alone` has a Sync to itself.
 *
 * When a statement of a batch fails with a real error, nothing of the batch was kept: each step is run again alone, and
 * only the one at fault fails. 40001 and 40P01 are retried. A lost connection answers DB_STEP_UNAVAILABLE for what was
 * under way, and never guesses.
 */
#ifndef DB_EXECUTOR_H
#define DB_EXECUTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/query.h"

enum { EXECUTOR_BATCH = 16 };

enum db_lane { DB_LANE_REQUEST, DB_LANE_REPORT, DB_LANE_COUNT };

enum db_step_result {
        DB_STEP_DONE,        /* both statements answered and the Sync succeeded */
        DB_STEP_UNAVAILABLE, /* connection lost, database away or shutting down: the effect is unknown or none */
        DB_STEP_TIMEOUT,     /* statement_timeout or lock_timeout; nothing was kept */
        DB_STEP_REFUSED,     /* a constraint or SQLSTATE of ours; nothing was kept; see sqlstate and constraint */
        DB_STEP_FAULT,       /* any other error: a defect, logged; nothing was kept */
};

struct db_call {
        const struct query *query;
        const char *values[QUERY_PARAMETERS_MAX]; /* borrowed until `done`; NULL is SQL NULL */
};

struct pg_result; /* owned by the executor room; freed by db_step_release */

struct db_step {
        /* Set by the caller, borrowed until `done` */
        enum db_lane lane;
        struct db_call context; /* query "access/context..." ; returns verdict, account, frame */
        struct db_call call;
        void (*done)(struct db_step *step); /* on an executor thread, exactly once, after the Sync; must not block */
        void *owner;

        /* Set before `done`; texts live until db_step_release. NULL for SQL NULL. */
        enum db_step_result result;
        const char *verdict, *account, *frame;              /* of the context statement */
        const char *outcome, *body, *etag, *location;       /* of the call; all NULL unless DONE */
        size_t body_size, frame_size;
        char sqlstate[6], constraint[64];                   /* REFUSED and FAULT */
        uint64_t queued_us, started_us, finished_us;        /* CLOCK_MONOTONIC, for /metrics */

        /* Private */
        struct db_step *next;
        void *context_result, *call_result;
        unsigned attempts;
};

struct executor;

struct executor_options {
        const char *conninfo;             /* libpq; the runtime role */
        unsigned connections[DB_LANE_COUNT]; /* threads and connections per lane: 4 and 1 by default */
        unsigned queue_limit;             /* steps waiting per lane before executor_submit answers "full" */
        unsigned statement_timeout_ms;    /* 5000; reports 30000 */
};

/* Starts the threads; connections are made (and made again after a loss, with back-off) in the background, so this
 * succeeds while the database is away. */
int executor_start(const struct executor_options *options, const struct query_set *queries, struct executor **ret_executor);
/* Stops taking steps, finishes those taken, joins the threads. NULL-safe. */
void executor_stop(struct executor *executor);

/* Queues the step. 0, or positive when the lane is full or stopping: nothing was done and `done` will not be called. */
int executor_submit(struct executor *executor, struct db_step *step) _must_check_;
void db_step_release(struct db_step *step);

/* Runs one step and waits for it; for start-up, administration and tests, never on a poll thread. */
int executor_run(struct executor *executor, struct db_step *step) _must_check_;

/* At least one connection of each lane is up and its schema version is this program's. */
bool executor_ready(struct executor *executor);

struct executor_figures {
        uint64_t steps, batches, replays, retries, connection_losses, rejected;
        unsigned waiting, connected;
};
void executor_read_figures(struct executor *executor, enum db_lane lane, struct executor_figures *ret_figures);

#endif
