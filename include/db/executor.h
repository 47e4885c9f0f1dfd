/* The database lane: requests of many people, batched into pipelines on few connections. The rules come from
 * experiments, and tests/unit/db holds each of them.
 *
 * A step is a context statement and one query, sent together. Each connection has a thread that takes up to
 * EXECUTOR_BATCH waiting steps (never more than its fair share while other connections are idle, so that two slow
 * requests overlap), sends them all and one Sync, and only after the Sync's own result hands them back. A batch is one
 * transaction. A step whose query says `alone` has a transaction to itself.
 *
 * When a statement of a batch fails with a real error, nothing of the batch was kept: each step is run again in a
 * transaction of its own, and only the one at fault fails; a statement that ran out of time is not run again. 40001 and
 * 40P01 are retried. A lost connection answers DB_STEP_UNAVAILABLE for what was under way, and never guesses. While no
 * connection is up a step waits EXECUTOR_AWAY_MS and is then answered so too.
 */
#ifndef DB_EXECUTOR_H
#define DB_EXECUTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/query.h"

enum {
        EXECUTOR_BATCH = 32, /* docs/decisions/0009 */
        EXECUTOR_BATCH_BYTES = 256 * 1024, /* of values; a larger step goes with nobody */
        EXECUTOR_RETRIES = 5,
        EXECUTOR_AWAY_MS = 2000,
        EXECUTOR_CONNECTIONS_MOST = 64, /* of one lane */
};

enum db_lane { DB_LANE_REQUEST, DB_LANE_REPORT, DB_LANE_COUNT };

enum db_step_result {
        DB_STEP_DONE,        /* both statements answered and the Sync succeeded */
        DB_STEP_UNAVAILABLE, /* connection lost, database away, retries used up or shutting down: perhaps kept */
        DB_STEP_TIMEOUT,     /* statement_timeout or lock_timeout; nothing was kept */
        DB_STEP_REFUSED,     /* a constraint or SQLSTATE of ours; nothing was kept; see sqlstate and constraint */
        DB_STEP_FAULT,       /* any other error: a defect, logged. Nothing was kept, unless sqlstate is empty: then the
                                statements ran and did not answer with one row */
};

struct db_call {
        const struct query *query;
        const char *values[QUERY_PARAMETERS_MAX]; /* borrowed until `done`; NULL is SQL NULL */
};

struct db_step {
        /* Set by the caller, borrowed until `done` */
        enum db_lane lane;
        struct db_call context; /* query "<resource>/context..."; returns verdict, account, frame. Without a query the
                                   call has no context and so a transaction to itself: start-up, administration */
        struct db_call call;
        const char *request_id; /* for the log, or NULL */
        void (*done)(struct db_step *step); /* exactly once, after the Sync, on a thread of the executor or in
                                               executor_close; must not block; may free the step or submit it again */
        void *owner;

        /* Set before `done`; texts live until db_step_release. NULL for SQL NULL. */
        enum db_step_result result;
        const char *verdict, *account, *frame;              /* of the context statement; all NULL unless DONE */
        const char *outcome, *body, *etag, *location;       /* of the call; all NULL unless DONE */
        size_t body_size, frame_size;
        char sqlstate[6], constraint[64];                   /* REFUSED and FAULT; empty when there is none */
        uint64_t queued_us, started_us, finished_us;        /* CLOCK_MONOTONIC, for /metrics; started 0: never sent */

        /* Private. Zero before the first submit. */
        struct db_step *next;
        void *context_result, *call_result;
        uint64_t ticket;
        size_t bytes;
        unsigned attempts;
};

struct executor;

/* Zero stands for the default. */
struct executor_options {
        const char *conninfo;                /* libpq; the runtime role; copied */
        unsigned connections[DB_LANE_COUNT]; /* threads and connections of each lane; 0: one more than there are processors, and 1 */
        unsigned queue_limit; /* steps waiting per lane before executor_submit answers "full": 1024 */
        unsigned statement_timeout_ms[DB_LANE_COUNT]; /* of each statement: 5000 and 30000 */
        unsigned lock_timeout_ms;  /* 2000 */
        unsigned expected_version; /* of table schema_version (migrate_newest); 0: not asked */
};

/* Starts the threads; connections are made (and made again after a loss, with back-off) in the background, so this
 * succeeds while the database is away. `queries` is borrowed until executor_free. 0, or negative errno. */
int executor_start(const struct executor_options *options, const struct query_set *queries,
                   struct executor **ret_executor) _must_check_;
/* Stops taking steps, finishes those taken, joins the threads. From then on executor_submit refuses, so that whoever
 * still runs elsewhere may go on asking until executor_free. Once; NULL-safe. */
void executor_close(struct executor *executor);
/* After executor_close, when nobody asks any more. NULL-safe. */
void executor_free(struct executor *executor);
/* Both, for whoever asks alone. */
void executor_stop(struct executor *executor);

/* Queues the step. 0, or positive when the lane is full or stopping: nothing was done and `done` will not be called. */
int executor_submit(struct executor *executor, struct db_step *step) _must_check_;
/* Frees the results, sets the texts to NULL and makes the step fit to be submitted again. */
void db_step_release(struct db_step *step);

/* Runs one step and waits for it, as executor_submit with a `done` and `owner` of its own; for start-up, administration
 * and tests, never on a poll thread. */
int executor_run(struct executor *executor, struct db_step *step) _must_check_;

/* At least one connection of each lane is up; none is without the expected schema version and every query prepared. */
bool executor_ready(struct executor *executor);

struct executor_figures {
        uint64_t steps;             /* handed back */
        uint64_t batches;           /* transactions sent first; replays and retries are not among them */
        uint64_t replays, retries;  /* of steps */
        uint64_t connection_losses;
        uint64_t rejected;          /* refused by executor_submit */
        unsigned waiting, connected;
};
void executor_read_figures(struct executor *executor, enum db_lane lane, struct executor_figures *ret_figures);

#endif
