#include "script.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

#define LOCK_KEY "7165309001" /* any number that nothing else locks */

int script_refuse(char **ret_error, const char *format, ...) {
        va_list args;
        va_start(args, format);
        if (vasprintf(ret_error, format, args) < 0)
                *ret_error = memory_copy_string(format);
        va_end(args);
        size_t size = strlen(*ret_error);
        while (size && (*ret_error)[size - 1] == '\n')
                (*ret_error)[--size] = '\0';
        return -EINVAL;
}

static void ignore_notice(void *unused, const PGresult *notice) {
}

int script_connect(const char *conninfo, PGconn **ret_pq, char **ret_error) {
        static const char *const names[] = { "connect_timeout", "fallback_application_name", "dbname",
                                             "client_encoding", NULL };
        const char *const values[] = { "10", "upstander migrate", conninfo, "UTF8", NULL };
        _cleanup_(script_finish_p) PGconn *pq = PQconnectdbParams(names, values, 1);
        if (PQstatus(pq) != CONNECTION_OK)
                return script_refuse(ret_error, "%s", PQerrorMessage(pq));
        PQsetNoticeReceiver(pq, ignore_notice, NULL);
        int r = script_do(
                pq,
                "set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0;"
                "set search_path = upstander, pg_catalog",
                ret_error);
        if (r == 0)
                r = script_do(pq, "select pg_advisory_lock(" LOCK_KEY ")", ret_error);
        if (r == 0)
                *ret_pq = TAKE(pq);
        return r;
}

static bool succeeded(const PGresult *result) {
        return PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
}

int script_do(PGconn *pq, const char *sql, char **ret_error) {
        PGresult *result = PQexec(pq, sql);
        int r = succeeded(result) ? 0 : script_refuse(ret_error, "%s", PQerrorMessage(pq));
        PQclear(result);
        return r;
}

static int take_value(PGconn *pq, PGresult *result, char **ret_value, char **ret_error) {
        int r = 0;
        if (!succeeded(result))
                r = script_refuse(ret_error, "%s", PQerrorMessage(pq));
        else
                *ret_value = PQntuples(result) && !PQgetisnull(result, 0, 0)
                                     ? memory_copy_string(PQgetvalue(result, 0, 0))
                                     : NULL;
        PQclear(result);
        return r;
}

int script_ask(PGconn *pq, const char *sql, const char *const *values, int n_values, char **ret_value,
               char **ret_error) {
        return take_value(pq, PQexecParams(pq, sql, n_values, NULL, values, NULL, NULL, 0), ret_value, ret_error);
}

int script_hash(PGconn *pq, const void *data, size_t size, char **ret_hex, char **ret_error) {
        const char *values[] = { data };
        const int sizes[] = { (int) size }, formats[] = { 1 };
        return take_value(
                pq, PQexecParams(pq, "select encode(sha256($1::bytea), 'hex')", 1, NULL, values, sizes, formats, 0),
                ret_hex, ret_error);
}

/* The server counts characters from 1 over the whole text. */
static unsigned find_line(const char *text, const char *position) {
        unsigned line = 1;
        long characters = position ? strtol(position, NULL, 10) - 1 : 0;
        for (; *text && characters > 0; text++) {
                line += *text == '\n';
                characters -= ((unsigned char) text[1] & 0xc0) != 0x80;
        }
        return line;
}

int script_run(PGconn *pq, const struct embedded_file *file, char **ret_error) {
        const char *text = (const char *) file->data;
        if (strlen(text) != file->size)
                return script_refuse(ret_error, "%s: there is a NUL in the file", file->name);
        PGresult *result = PQexec(pq, text);
        int r = 0;
        if (PQresultStatus(result) == PGRES_FATAL_ERROR || PQresultStatus(result) == PGRES_BAD_RESPONSE) {
                const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
                const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);
                const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
                r = script_refuse(ret_error, "%s:%u: %s%s%s", file->name, find_line(text, position),
                                  message ? message : PQerrorMessage(pq), context ? "\n" : "", context ? context : "");
        } else if (PQtransactionStatus(pq) != PQTRANS_INTRANS)
                r = script_refuse(ret_error, "%s: a file does not begin or end transactions", file->name);
        PQclear(result);
        if (r == 0)
                r = script_do(pq, "reset role; set search_path = upstander, pg_catalog", ret_error);
        return r;
}
