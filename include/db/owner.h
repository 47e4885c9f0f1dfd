/* Single statements of the operator at the server's own command line (`upstander admin`), as the schema's owner or the
 * superuser. Requests never come this way. */
#ifndef DB_OWNER_H
#define DB_OWNER_H

#include "base/macro.h"

/* Connects, waits for the lock that keeps migrations and operators apart, runs one statement with text parameters and gives
 * the first value of its first row (free(); NULL without a row or for NULL). 0, or negative with *ret_error (free()). */
int owner_ask(const char *conninfo, const char *sql, const char *const *values, int n_values, char **ret_value,
              char **ret_error) _must_check_;

#endif
