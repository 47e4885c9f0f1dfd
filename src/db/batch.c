#include "batch.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/uuid.h"
#include "db/sqlstate.h"
#include "pipeline.h"

enum { GRACE_US = 5 * 1000 * 1000, RETRY_PAUSE_MS = 2 };

static void clear_results(struct db_step *step) {
        PQclear(step->context_result);
        PQclear(step->call_result);
        step->context_result = step->call_result = NULL;
        step->verdict = step->account = step->frame = NULL;
        step->outcome = step->body = step->etag = step->location = NULL;
        step->body_size = step->frame_size = 0;
        step->sqlstate[0] = step->constraint[0] = '\0';
}

void db_step_release(struct db_step *step) {
        clear_results(step);
}

/* `done` may free the step: nobody touches it afterwards. */
static void end(struct db_step *step, enum db_step_result result) {
        step->result = result;
        step->finished_us = connection_now_us();
        step->done(step);
}

void batch_end_unavailable(struct db_step *step) {
        clear_results(step);
        end(step, DB_STEP_UNAVAILABLE);
}

static const char *text_at(const PGresult *result, int column, size_t *ret_size) {
        if (PQgetisnull(result, 0, column))
                return NULL;
        if (ret_size)
                *ret_size = (size_t) PQgetlength(result, 0, column);
        return PQgetvalue(result, 0, column);
}

/* The texts of a step whose transaction was kept. */
static void end_kept(struct db_step *step) {
        const PGresult *context = step->context_result, *call = step->call_result;
        if ((context && PQntuples(context) != 1) || PQntuples(call) != 1) {
                log_error("query_answered_not_one_row", "query", step->call.query->name,
                          "context", step->context.query ? step->context.query->name : "");
                clear_results(step);
                end(step, DB_STEP_FAULT);
                return;
        }
        if (context) {
                step->verdict = text_at(context, 0, NULL);
                step->account = text_at(context, 1, NULL);
                step->frame = text_at(context, 2, &step->frame_size);
        }
        step->outcome = text_at(call, 0, NULL);
        step->body = text_at(call, 1, &step->body_size);
        step->etag = text_at(call, 2, NULL);
        step->location = text_at(call, 3, NULL);
        end(step, DB_STEP_DONE);
}

static const char *error_field(const PGresult *error, int field) {
        const char *text = error ? PQresultErrorField(error, field) : NULL;
        return text ? text : "";
}

/* The first line of the context that names a function of ours; other lines may quote data. */
static void copy_function_line(const PGresult *error, char *ret_line, size_t room) {
        static const char start[] = "PL/pgSQL function ";
        const char *line = error_field(error, PG_DIAG_CONTEXT);
        while (strncmp(line, start, strlen(start)) != 0) {
                line += strcspn(line, "\n");
                if (!*line++) {
                        line--;
                        break;
                }
        }
        size_t size = strcspn(line, "\n");
        snprintf(ret_line, room, "%.*s", (int) (size < room ? size : room - 1), line);
}

static void log_failure(enum log_level level, const char *event, const struct db_step *step, const PGresult *error) {
        char where[200];
        copy_function_line(error, where, sizeof where);
        /* Messages quote values, but for class 42 (names that do not exist, missing rights), which quotes only ours. */
        bool safe = strncmp(step->sqlstate, "42", 2) == 0;
        log_set_request(step->request_id);
        log_line(level, event, "query", step->call.query->name, "sqlstate", step->sqlstate,
                 "constraint", step->constraint, "table", error_field(error, PG_DIAG_TABLE_NAME), "where", where,
                 "message", safe ? error_field(error, PG_DIAG_MESSAGE_PRIMARY) : "", NULL);
        log_set_request(NULL);
}

/* For a step that failed in a transaction of its own. */
static void end_failed(struct db_step *step, const PGresult *error) {
        enum sqlstate_class class = sqlstate_classify(error_field(error, PG_DIAG_SQLSTATE));
        clear_results(step);
        snprintf(step->sqlstate, sizeof step->sqlstate, "%s", error_field(error, PG_DIAG_SQLSTATE));
        snprintf(step->constraint, sizeof step->constraint, "%s", error_field(error, PG_DIAG_CONSTRAINT_NAME));
        switch (class) {
        case SQLSTATE_TIMEOUT:
                end(step, DB_STEP_TIMEOUT);
                break;
        case SQLSTATE_REFUSED:
                end(step, DB_STEP_REFUSED);
                break;
        case SQLSTATE_RETRY: /* more often than is reasonable: the caller may try again later */
        case SQLSTATE_AWAY:
        case SQLSTATE_STALE:
                log_failure(LOG_LEVEL_WARNING, "query_unavailable", step, error);
                end(step, DB_STEP_UNAVAILABLE);
                break;
        case SQLSTATE_FAULT:
                log_failure(LOG_LEVEL_ERROR, "query_failed", step, error);
                end(step, DB_STEP_FAULT);
                break;
        }
}

void worker_lose_connection(struct worker *worker) {
        if (!worker->pq)
                return;
        PQfinish(worker->pq);
        worker->pq = NULL;
        lane_remove_connection(worker->lane, true);
}

static void run(struct worker *worker, struct transaction *transactions, unsigned n) {
        uint64_t statements = 0;
        for (unsigned i = 0; i < n; i++)
                statements += 2 * transactions[i].n_steps + 1; /* the commit may take its time as well */
        uint64_t most_us = statements * worker->statement_timeout_ms * 1000 + GRACE_US;
        if (pipeline_run(worker->pq, transactions, n, connection_now_us() + most_us) < 0) {
                log_warning("connection_lost", "steps", log_number(n == 1 ? transactions[0].n_steps : n));
                worker_lose_connection(worker);
        }
}

static void clear_transaction(struct transaction *transaction) {
        PQclear(transaction->error);
        transaction->error = NULL;
}

/* Whether to run a failed step again, having waited a moment of random length, so that two which met part. */
static bool should_retry(struct worker *worker, struct db_step *step, const struct transaction *transaction) {
        if (!worker->pq || transaction->end != TRANSACTION_FAILED || step->attempts >= EXECUTOR_RETRIES ||
            sqlstate_classify(error_field(transaction->error, PG_DIAG_SQLSTATE)) != SQLSTATE_RETRY)
                return false;
        unsigned char random;
        random_bytes(&random, sizeof random);
        unsigned pause = (unsigned) RETRY_PAUSE_MS << step->attempts++;
        lane_pause(worker->lane, pause / 2 + random % pause);
        return true;
}

/* Ends a step that had a transaction to itself, running it again as long as that makes sense. */
static void settle(struct worker *worker, struct transaction *transaction) {
        struct db_step *step = transaction->steps[0];
        while (should_retry(worker, step, transaction)) {
                clear_transaction(transaction);
                lane_count(worker->lane, 0, 0, 0, 1);
                run(worker, transaction, 1);
        }
        enum sqlstate_class class = sqlstate_classify(error_field(transaction->error, PG_DIAG_SQLSTATE));
        if (transaction->end == TRANSACTION_FAILED && (class == SQLSTATE_STALE || class == SQLSTATE_AWAY))
                worker_lose_connection(worker);
        if (transaction->end == TRANSACTION_KEPT)
                end_kept(step);
        else if (transaction->end == TRANSACTION_FAILED)
                end_failed(step, transaction->error);
        else
                batch_end_unavailable(step);
        clear_transaction(transaction);
}

/* Nothing was kept of a batch: each of its steps again, in a transaction of its own, all sent at once. */
static void replay(struct worker *worker, struct db_step **steps, unsigned n_steps) {
        struct transaction transactions[EXECUTOR_BATCH];
        for (unsigned i = 0; i < n_steps; i++)
                transactions[i] = (struct transaction) { .steps = &steps[i], .n_steps = 1 };
        lane_count(worker->lane, 0, 0, n_steps, 0);
        run(worker, transactions, n_steps);
        /* Those that wait for a retry come last and keep nobody. */
        for (int waiting = 0; waiting < 2; waiting++)
                for (unsigned i = 0; i < n_steps; i++) {
                        const char *sqlstate = error_field(transactions[i].error, PG_DIAG_SQLSTATE);
                        bool retried = transactions[i].error && sqlstate_classify(sqlstate) == SQLSTATE_RETRY;
                        if (transactions[i].steps && retried == (waiting == 1)) {
                                settle(worker, &transactions[i]);
                                transactions[i].steps = NULL;
                        }
                }
}

static void end_batch(struct worker *worker, struct transaction *batch) {
        if (batch->end != TRANSACTION_FAILED) {
                for (unsigned i = 0; i < batch->n_steps; i++)
                        if (batch->end == TRANSACTION_KEPT)
                                end_kept(batch->steps[i]);
                        else
                                batch_end_unavailable(batch->steps[i]);
                return;
        }
        /* A statement that used up its time does not get it twice; its neighbours were only beside it. */
        bool timed_out = sqlstate_classify(error_field(batch->error, PG_DIAG_SQLSTATE)) == SQLSTATE_TIMEOUT;
        struct db_step *again[EXECUTOR_BATCH], *late = timed_out ? batch->failed : NULL;
        unsigned n = 0;
        for (unsigned i = 0; i < batch->n_steps; i++)
                if (batch->steps[i] != late)
                        again[n++] = batch->steps[i];
        if (late)
                end_failed(late, batch->error);
        clear_transaction(batch);
        replay(worker, again, n);
}

void batch_run(struct worker *worker, struct db_step **steps, unsigned n_steps) {
        struct transaction batch = { .steps = steps, .n_steps = n_steps };
        uint64_t now = connection_now_us();
        for (unsigned i = 0; i < n_steps; i++) {
                clear_results(steps[i]);
                steps[i]->started_us = now;
        }
        lane_count(worker->lane, n_steps, 1, 0, 0);
        run(worker, &batch, 1);
        if (n_steps == 1)
                settle(worker, &batch);
        else
                end_batch(worker, &batch);
}
