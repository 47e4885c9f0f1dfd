#include "connection.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OPEN_DEADLINE_US = 10 * 1000 * 1000, NULLS_MOST = 4 };

uint64_t connection_now_us(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

void connection_prepared_name(const struct query *query, char ret_name[static PREPARED_NAME]) {
        snprintf(ret_name, PREPARED_NAME, "q%u", query->index);
}

bool connection_is_alive(PGconn *pq) {
        struct pollfd fd = { .fd = PQsocket(pq), .events = POLLIN };
        /* A server that goes away sends its reason first: what is readable is read until nothing or the end is left. */
        for (int i = 0; i < NULLS_MOST; i++) {
                if (fd.fd < 0 || PQstatus(pq) != CONNECTION_OK)
                        return false;
                if (poll(&fd, 1, 0) <= 0)
                        return true;
                if (!PQconsumeInput(pq))
                        return false;
        }
        return PQstatus(pq) == CONNECTION_OK;
}

/* Sends and receives what it can. False when the connection is lost or time is up. */
static bool exchange(PGconn *pq, uint64_t deadline_us) {
        int unsent = PQflush(pq);
        if (unsent < 0)
                return false;
        uint64_t now = connection_now_us();
        struct pollfd fd = { .fd = PQsocket(pq), .events = (short) (POLLIN | (unsent ? POLLOUT : 0)) };
        if (now >= deadline_us || fd.fd < 0)
                return false;
        int r = poll(&fd, 1, (int) ((deadline_us - now) / 1000 + 1));
        if (r < 0)
                return errno == EINTR;
        return !(fd.revents & (POLLIN | POLLERR | POLLHUP)) || PQconsumeInput(pq);
}

PGresult *connection_next_result(PGconn *pq, uint64_t deadline_us) {
        /* NULL separates the results of two commands; more of them in a row would mean that we wait for nothing. */
        for (int nulls = 0; nulls < NULLS_MOST;) {
                if (PQstatus(pq) != CONNECTION_OK)
                        return NULL;
                if (PQflush(pq) < 0)
                        return NULL;
                if (PQisBusy(pq)) {
                        if (!exchange(pq, deadline_us))
                                return NULL;
                        continue;
                }
                PGresult *result = PQgetResult(pq);
                if (result)
                        return result;
                nulls++;
        }
        return NULL;
}

/* A notice may quote data; libpq would print it. */
static void ignore_notice(void *unused, const PGresult *notice) {
}

static PGconn *dial(const char *conninfo) {
        /* What stands before dbname may be overridden by the conninfo, what stands behind may not. */
        static const char *const names[] = {
                "connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
                "fallback_application_name", "dbname", "client_encoding", NULL,
        };
        const char *const values[] = { "3", "30", "10", "3", "15000", "upstander", conninfo, "UTF8", NULL };
        return PQconnectdbParams(names, values, 1);
}

/* Plans are made once and kept, so none may be one that was good while a table was small: a request looks up and never scans,
 * nor merges, which reads a small table's index from end to end.
 * Settings are of the session; a connection is never reset, only replaced. Logging of parameters can be refused to a
 * role, and is then the server's business (deploy/ sets it there). */
static bool send_settings(PGconn *pq, const struct connection_options *options) {
        static const char sql[] =
                "select set_config(name, value, false)"
                "  from (values ('plan_cache_mode', 'force_generic_plan'), ('jit', 'off'), ('random_page_cost', '1.1'),"
                "               ('statement_timeout', $1), ('lock_timeout', $2), ('enable_seqscan', $3), ('enable_mergejoin', $3),"
                "               ('idle_in_transaction_session_timeout', '10000'), ('TimeZone', 'Europe/London'),"
                "               ('log_parameter_max_length', '0'), ('log_parameter_max_length_on_error', '0')"
                "       ) as wanted (name, value)"
                "  join pg_catalog.pg_settings using (name)"
                " where context = 'user' or has_parameter_privilege(name, 'set')";
        char statement_timeout[16], lock_timeout[16];
        snprintf(statement_timeout, sizeof statement_timeout, "%u", options->statement_timeout_ms);
        snprintf(lock_timeout, sizeof lock_timeout, "%u", options->lock_timeout_ms);
        const char *values[] = { statement_timeout, lock_timeout, options->may_scan ? "on" : "off" };
        return PQsendQueryParams(pq, sql, 3, NULL, values, NULL, NULL, 0) && PQpipelineSync(pq);
}

static int fail(char *ret_reason, const char *what, const char *detail) {
        snprintf(ret_reason, 256, "%s%s%s", what, detail ? ": " : "", detail ? detail : "");
        ret_reason[strcspn(ret_reason, "\n")] = '\0';
        return -EIO;
}

/* Reads one result and the Sync behind it. */
static int read_single(PGconn *pq, uint64_t deadline_us, const char *what, char *ret_value, size_t room,
                       char *ret_reason) {
        int r = -EIO;
        PGresult *result;
        while ((result = connection_next_result(pq, deadline_us)) && PQresultStatus(result) != PGRES_PIPELINE_SYNC) {
                if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) >= 1) {
                        snprintf(ret_value, room, "%s", PQgetvalue(result, 0, 0));
                        r = 0;
                } else
                        r = fail(ret_reason, what, PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
                PQclear(result);
        }
        if (!result)
                return fail(ret_reason, what, "the connection was lost");
        PQclear(result);
        return r < 0 && !*ret_reason ? fail(ret_reason, what, NULL) : r;
}

static int check_version(PGconn *pq, unsigned expected, uint64_t deadline_us, char *ret_reason) {
        char version[16];
        if (!PQsendQueryParams(pq, "select version::text from schema_version", 0, NULL, NULL, NULL, NULL, 0) ||
            !PQpipelineSync(pq))
                return fail(ret_reason, "schema version", PQerrorMessage(pq));
        int r = read_single(pq, deadline_us, "schema version", version, sizeof version, ret_reason);
        if (r == 0 && strtoul(version, NULL, 10) != expected) {
                snprintf(ret_reason, 256, "the schema has version %s and this program needs %u", version, expected);
                return -EPROTO;
        }
        return r;
}

static bool send_prepares(PGconn *pq, const struct query_set *queries) {
        for (unsigned i = 0; i < query_count(queries); i++) {
                char name[PREPARED_NAME];
                connection_prepared_name(query_at(queries, i), name);
                if (!PQsendPrepare(pq, name, query_at(queries, i)->sql, 0, NULL) || !PQsendDescribePrepared(pq, name))
                        return false;
        }
        return PQpipelineSync(pq);
}

/* Whether the statement has the parameters that its header declares and answers as every statement must. */
static int check_description(const struct query *query, const PGresult *description, char *ret_reason) {
        static const char *const context[] = { "verdict", "account", "frame" };
        static const char *const call[] = { "outcome", "body", "etag", "location" };
        const char *const *columns = query->is_context ? context : call;
        int n = query->is_context ? (int) ELEMENTS(context) : (int) ELEMENTS(call);
        if (PQnparams(description) != (int) query->n_parameters)
                return fail(ret_reason, query->name, "the statement has other parameters than its header declares");
        bool good = PQnfields(description) == n;
        for (int i = 0; good && i < n; i++)
                good = strcmp(PQfname(description, i), columns[i]) == 0;
        return good ? 0 : fail(ret_reason, query->name, query->is_context
                                       ? "a context answers (verdict, account, frame)"
                                       : "a statement answers (outcome, body, etag, location)");
}

static int read_prepares(PGconn *pq, const struct query_set *queries, uint64_t deadline_us, char *ret_reason) {
        int r = 0;
        for (unsigned n = 0;; n++) {
                PGresult *result = connection_next_result(pq, deadline_us);
                if (!result)
                        return fail(ret_reason, "preparing", "the connection was lost");
                ExecStatusType status = PQresultStatus(result);
                const struct query *query = n / 2 < query_count(queries) ? query_at(queries, n / 2) : NULL;
                if (r == 0 && status == PGRES_FATAL_ERROR)
                        r = fail(ret_reason, query ? query->name : "preparing",
                                 PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
                else if (r == 0 && status == PGRES_COMMAND_OK && query && n % 2 == 1)
                        r = check_description(query, result, ret_reason);
                PQclear(result);
                if (status == PGRES_PIPELINE_SYNC)
                        return r;
        }
}

static int set_up(PGconn *pq, const struct connection_options *options, const struct query_set *queries,
                  char *ret_reason) {
        uint64_t deadline_us = connection_now_us() + OPEN_DEADLINE_US;
        char unused[64];
        if (PQstatus(pq) != CONNECTION_OK)
                return fail(ret_reason, "connecting", PQerrorMessage(pq));
        PQsetNoticeReceiver(pq, ignore_notice, NULL);
        if (PQsetnonblocking(pq, 1) != 0 || !PQenterPipelineMode(pq) || !send_settings(pq, options))
                return fail(ret_reason, "settings", PQerrorMessage(pq));
        int r = read_single(pq, deadline_us, "settings", unused, sizeof unused, ret_reason);
        if (r == 0 && options->expected_version)
                r = check_version(pq, options->expected_version, deadline_us, ret_reason);
        if (r < 0)
                return r;
        if (!send_prepares(pq, queries))
                return fail(ret_reason, "preparing", PQerrorMessage(pq));
        return read_prepares(pq, queries, deadline_us, ret_reason);
}

int connection_open(const struct connection_options *options, const struct query_set *queries, PGconn **ret_pq,
                    char ret_reason[static 256]) {
        *ret_reason = '\0';
        PGconn *pq = dial(options->conninfo);
        int r = set_up(pq, options, queries, ret_reason);
        if (r < 0)
                PQfinish(pq);
        else
                *ret_pq = pq;
        return r;
}
