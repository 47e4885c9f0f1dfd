/* Runs what a worker took from its lane to the end: one transaction, and what must follow when it fails. */
#ifndef SRC_DB_BATCH_H
#define SRC_DB_BATCH_H

#include "lane.h"

struct worker {
        struct lane *lane;
        PGconn *pq; /* NULL while there is no connection */
        unsigned failures; /* to connect, in a row */
        unsigned statement_timeout_ms;
};

/* Calls `done` of every step exactly once. */
void batch_run(struct worker *worker, struct db_step **steps, unsigned n_steps);
/* Closes a connection that is lost or of no more use; nothing if there is none. */
void worker_lose_connection(struct worker *worker);
/* Ends a step that was not run. */
void batch_end_unavailable(struct db_step *step);

#endif
