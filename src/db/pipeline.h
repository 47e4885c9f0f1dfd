/* Transactions of steps on one connection: all sent at once, each with its own Sync, and none believed before its
 * Sync's result has come: a deferred constraint or a lost connection voids results that looked good. */
#ifndef SRC_DB_PIPELINE_H
#define SRC_DB_PIPELINE_H

#include "connection.h"
#include "db/executor.h"

enum transaction_end {
        TRANSACTION_LOST,   /* the connection went before the Sync's result: kept or not, nobody knows */
        TRANSACTION_KEPT,
        TRANSACTION_FAILED, /* nothing was kept */
};

struct transaction {
        struct db_step **steps;
        unsigned n_steps;

        enum transaction_end end;
        struct db_step *failed; /* whose statement failed; NULL when it was the commit */
        PGresult *error;        /* FAILED; owned by the caller */
};

/* Runs the transactions in order; the results of each step lie in it afterwards. 0, or negative when the connection is
 * lost and must be replaced. */
int pipeline_run(PGconn *pq, struct transaction *transactions, unsigned n_transactions, uint64_t deadline_us);

#endif
