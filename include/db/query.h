/* The statements under sql/query/, embedded and prepared on every connection.
 *
 * A query is one file, `sql/query/<resource>/<verb>.sql`, named "<resource>/<verb>". Its header comment says what it is
 * for and declares its parameters, one a line in order, and that declaration is the only one:
 *
 *     -- The referrals that this actor may act on, what is due first.
 *     -- $1 pathway  code pathway optional
 *     -- $2 due      code due_filter optional
 *     -- $3 cursor   cursor optional
 *     -- $4 limit    integer 1..200 default 50
 *     -- batch | alone                 (alone: locks rows that existed before, has a Sync to itself)
 *
 * Types: uuid, reference, text N (bytes), code LIST, integer MIN..MAX, date, boolean, cursor, json N, hash (64 hex),
 * sealed N. A read's parameters are taken by name from the path and the query string and checked against this before the
 * database is asked; a write's `prepare` fills them. Every parameter is sent as text; `optional` may be NULL.
 *
 * Every statement returns exactly one row: outcome text, body text (JSON), etag text, location text. `outcome` is a word of
 * the outcome table (src/db/outcome.c): 'ok', 'created', 'absent', 'denied', 'conflict', 'stale', 'invalid', 'replayed', ...
 */
#ifndef DB_QUERY_H
#define DB_QUERY_H

#include <stdbool.h>

#include "base/macro.h"

enum { QUERY_PARAMETERS_MAX = 48 };

enum parameter_type {
        PARAMETER_UUID,
        PARAMETER_REFERENCE,
        PARAMETER_TEXT,
        PARAMETER_CODE,
        PARAMETER_INTEGER,
        PARAMETER_DATE,
        PARAMETER_BOOLEAN,
        PARAMETER_CURSOR,
        PARAMETER_JSON,
        PARAMETER_HASH,
        PARAMETER_SEALED,
};

struct parameter {
        const char *name;
        enum parameter_type type;
        bool optional;
        long long least, most;     /* INTEGER: bounds; TEXT, JSON, SEALED: most bytes */
        const char *list;          /* CODE: the code list */
        const char *default_value; /* or NULL */
};

struct query {
        const char *name; /* "referral/list" */
        const char *sql;
        bool alone;
        unsigned index; /* position in the set: the prepared statement is named q<index> */
        unsigned n_parameters;
        struct parameter parameters[QUERY_PARAMETERS_MAX];
};

struct query_set;

/* Parses the headers of all embedded queries. 0, or negative with *ret_error (free()) naming file and line. */
int query_set_load(struct query_set **ret_set, char **ret_error);
void query_set_free(struct query_set *set);
DEFINE_CLEANUP(struct query_set, query_set_free);
/* NULL when there is none. Valid as long as the set. */
const struct query *query_find(const struct query_set *set, const char *name);
unsigned query_count(const struct query_set *set);
const struct query *query_at(const struct query_set *set, unsigned index);

/* Whether `value` (a NUL-terminated UTF-8 text) fits the parameter's type and bounds; `code_exists` answers for CODE.
 * 0, or positive with *ret_code a static error code ("unknown_code", "not_a_date", "out_of_range", ...). */
int parameter_check(const struct parameter *parameter, const char *value,
                    bool (*code_exists)(const char *list, const char *code), const char **ret_code);

#endif
