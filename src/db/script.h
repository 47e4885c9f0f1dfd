/* Runs SQL files for migrate.c. The one place that sends several statements as one text, and only our own files. */
#ifndef SRC_DB_SCRIPT_H
#define SRC_DB_SCRIPT_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "base/embedded.h"
#include "base/macro.h"

/* Writes *ret_error (free()) and returns a negative value. */
int script_refuse(char **ret_error, const char *format, ...) _printf_(2, 3);

/* Connects, waits for the lock that keeps migrations apart, and sets the session up. */
int script_connect(const char *conninfo, PGconn **ret_pq, char **ret_error);

/* A statement of ours without a result. */
int script_do(PGconn *pq, const char *sql, char **ret_error);
/* One value with text parameters; *ret_value (free()) is NULL without a row or for NULL. */
int script_ask(PGconn *pq, const char *sql, const char *const *values, int n_values, char **ret_value,
               char **ret_error);
/* The SHA-256 of bytes as hex, by the server; free(). */
int script_hash(PGconn *pq, const void *data, size_t size, char **ret_hex, char **ret_error);

/* A file inside the open transaction; an error names file and line. */
int script_run(PGconn *pq, const struct embedded_file *file, char **ret_error);

static inline void script_finish_p(PGconn **pq) {
        PQfinish(*pq);
}

#endif
