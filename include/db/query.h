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
 * The header is the file's first lines, as far as each begins with `--`: first at least one line of words, then the
 * parameters, then `batch` or `alone`, which is not left out, so that somebody thought about it. One statement follows,
 * and it uses every parameter declared and no other.
 *
 * Types: uuid, reference, text N (bytes), code LIST, integer MIN..MAX, date, boolean, cursor, json N, hash (64 hex),
 * sealed N. After the type comes `optional` (may be NULL), or `default VALUE` (what a read uses when the query string
 * has none), or nothing. A read's parameters are taken by name from the path and the query string and checked against
 * this before the database is asked; a write's `prepare` fills them. Every parameter is sent as text.
 *
 * Every statement returns exactly one row: outcome text, body text (JSON), etag text, location text. `outcome` is a
 * word of the outcome table (db/outcome.h). A query "<resource>/context..." is a context statement and returns verdict,
 * account and frame instead. The number and the names of the columns are checked when a connection is made.
 */
#ifndef DB_QUERY_H
#define DB_QUERY_H

#include <stdbool.h>

#include "base/embedded.h"
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
        bool is_context;  /* named "<resource>/context..." */
        const char *sql;
        bool alone;
        unsigned index; /* position in the set: the prepared statement is named q<index> */
        unsigned n_parameters;
        struct parameter parameters[QUERY_PARAMETERS_MAX];
};

struct query_set;

/* Parses the headers of all files; the set borrows nothing from `files`. 0, or negative with *ret_error (free()) naming
 * file and line. */
int query_set_parse(const struct embedded_set *files, struct query_set **ret_set, char **ret_error) _must_check_;
/* The same for the queries in the executable; needs the library embedded_queries. */
int query_set_load(struct query_set **ret_set, char **ret_error) _must_check_;
void query_set_free(struct query_set *set);
DEFINE_CLEANUP(struct query_set, query_set_free);
/* NULL when there is none. Valid as long as the set. */
const struct query *query_find(const struct query_set *set, const char *name);
unsigned query_count(const struct query_set *set);
const struct query *query_at(const struct query_set *set, unsigned index);

/* Whether `value` (NUL-terminated, any bytes; or NULL) fits the parameter's type and bounds; `code_exists` answers for
 * CODE. Whatever passes can be cast by PostgreSQL to the type without an error. JSON is only held to its size: it comes
 * from our own writer. 0, or positive with *ret_code one of "required", "not_a_uuid", "not_a_reference", "not_text",
 * "too_long", "unknown_code", "not_an_integer", "out_of_range", "not_a_date", "not_a_boolean", "not_a_cursor",
 * "not_a_hash", "not_sealed". */
int parameter_check(const struct parameter *parameter, const char *value,
                    bool (*code_exists)(const char *list, const char *code), const char **ret_code);

#endif
