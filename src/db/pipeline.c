#include "pipeline.h"

#include <errno.h>

static bool send_call(PGconn *pq, const struct db_call *call) {
        char name[PREPARED_NAME];
        connection_prepared_name(call->query, name);
        return PQsendQueryPrepared(pq, name, (int) call->query->n_parameters, call->values, NULL, NULL, 0);
}

static bool send_transaction(PGconn *pq, const struct transaction *transaction) {
        for (unsigned i = 0; i < transaction->n_steps; i++) {
                const struct db_step *step = transaction->steps[i];
                if ((step->context.query && !send_call(pq, &step->context)) || !send_call(pq, &step->call))
                        return false;
        }
        return PQpipelineSync(pq);
}

/* Where a transaction's next result belongs. A failing commit sends one more than was asked for: it belongs nowhere. */
struct place {
        unsigned step;
        bool call;
};

static void begin_step(const struct transaction *transaction, struct place *place) {
        place->call = place->step < transaction->n_steps && !transaction->steps[place->step]->context.query;
}

static void keep_result(struct transaction *transaction, struct place *place, PGresult *result) {
        if (place->step >= transaction->n_steps) {
                PQclear(result);
                return;
        }
        struct db_step *step = transaction->steps[place->step];
        void **at = place->call ? &step->call_result : &step->context_result;
        PQclear(*at);
        *at = result;
        if (place->call) {
                place->step++;
                begin_step(transaction, place);
        } else
                place->call = true;
}

static int read_transaction(PGconn *pq, struct transaction *transaction, uint64_t deadline_us) {
        struct place place = { 0 };
        begin_step(transaction, &place);
        for (;;) {
                PGresult *result = connection_next_result(pq, deadline_us);
                if (!result)
                        return -EIO;
                switch (PQresultStatus(result)) {
                case PGRES_PIPELINE_SYNC:
                        PQclear(result);
                        if (!transaction->error && place.step != transaction->n_steps)
                                return -EPROTO;
                        transaction->end = transaction->error ? TRANSACTION_FAILED : TRANSACTION_KEPT;
                        return 0;
                case PGRES_PIPELINE_ABORTED:
                        PQclear(result);
                        break;
                case PGRES_TUPLES_OK:
                        keep_result(transaction, &place, result);
                        break;
                default: /* the first error counts; a statement that answers with no rows at all fails as well */
                        if (transaction->error) {
                                PQclear(result);
                                break;
                        }
                        transaction->error = result;
                        transaction->failed = place.step < transaction->n_steps ? transaction->steps[place.step] : NULL;
                }
        }
}

int pipeline_run(PGconn *pq, struct transaction *transactions, unsigned n_transactions, uint64_t deadline_us) {
        for (unsigned i = 0; i < n_transactions; i++) {
                transactions[i].end = TRANSACTION_LOST;
                transactions[i].failed = NULL;
                transactions[i].error = NULL;
        }
        for (unsigned i = 0; i < n_transactions; i++)
                if (!send_transaction(pq, &transactions[i]))
                        return -EIO;
        for (unsigned i = 0; i < n_transactions; i++) {
                int r = read_transaction(pq, &transactions[i], deadline_us);
                if (r < 0) {
                        PQclear(transactions[i].error);
                        transactions[i].error = NULL;
                        return r;
                }
        }
        return 0;
}
