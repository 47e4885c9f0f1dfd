/* One connection to PostgreSQL: made whole (settings, schema version, every query prepared) or not at all. */
#ifndef SRC_DB_CONNECTION_H
#define SRC_DB_CONNECTION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "db/query.h"

enum { PREPARED_NAME = 16 };

struct connection_options {
        const char *conninfo;
        unsigned statement_timeout_ms, lock_timeout_ms, expected_version;
        bool may_scan; /* whole tables, for figures of everything */
};

/* A connection in pipeline mode on which nothing is pending. 0, or negative with a reason in `ret_reason`, which never
 * holds data. May block for some seconds. */
int connection_open(const struct connection_options *options, const struct query_set *queries, PGconn **ret_pq,
                    char ret_reason[static 256]);
/* Whether an idle connection is still there, so that nothing is sent down a dead one. */
bool connection_is_alive(PGconn *pq);

/* The name that a query is prepared under. */
void connection_prepared_name(const struct query *query, char ret_name[static PREPARED_NAME]);

/* The next result, sending what is still unsent; never NULL but when the connection is lost or the deadline
 * (CLOCK_MONOTONIC, microseconds) has passed, after which it is of no use. */
PGresult *connection_next_result(PGconn *pq, uint64_t deadline_us);
uint64_t connection_now_us(void);

#endif
