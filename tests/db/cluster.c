#include "cluster.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"

#define BINARIES "/usr/lib/postgresql/15/bin"

static _Noreturn void give_up(const char *what, const char *why) {
        fprintf(stderr, "the test's database: %s: %s\n", what, why);
        exit(1);
}

/* PostgreSQL refuses to run as root, so root becomes the user that Debian made for it. */
static _printf_(1, 2) void shell(const char *format, ...) {
        char command[512], line[700];
        va_list args;
        va_start(args, format);
        vsnprintf(command, sizeof command, format, args);
        va_end(args);
        snprintf(line, sizeof line, geteuid() == 0 ? "runuser -u postgres -- sh -c \"%s\"" : "%s", command);
        if (system(line) != 0)
                give_up("this failed", line);
}

void cluster_start(const struct cluster *cluster) {
        shell("cd %s && %s/pg_ctl -D data -l log -w -t 30 start >/dev/null", cluster->folder, BINARIES);
}

void cluster_stop(const struct cluster *cluster) {
        shell("cd %s && %s/pg_ctl -D data -m fast -w -t 30 stop >/dev/null", cluster->folder, BINARIES);
}

static void write_settings(const struct cluster *cluster, bool durable) {
        char path[64];
        snprintf(path, sizeof path, "%s/data/postgresql.conf", cluster->folder);
        FILE *file = fopen(path, "a");
        if (!file)
                give_up("cannot write", path);
        fprintf(file,
                "unix_socket_directories = '%s'\nlisten_addresses = ''\nfsync = %s\ndeadlock_timeout = 100ms\n"
                "max_connections = 60\nautovacuum = off\n",
                cluster->folder, durable ? "on" : "off");
        if (fclose(file) != 0)
                give_up("cannot write", path);
}

void cluster_make(struct cluster *ret_cluster, bool durable) {
        struct cluster cluster = { .folder = "/tmp/pgdb-XXXXXX" };
        if (!mkdtemp(cluster.folder))
                give_up("a folder", cluster.folder);
        if (geteuid() == 0) {
                char line[96];
                snprintf(line, sizeof line, "chown postgres: %s", cluster.folder);
                if (system(line) != 0)
                        give_up("this failed", line);
        }
        shell("cd %s && %s/initdb -D data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null",
              cluster.folder, BINARIES);
        write_settings(&cluster, durable);
        snprintf(cluster.owner, sizeof cluster.owner, "host=%s user=postgres dbname=postgres", cluster.folder);
        snprintf(cluster.runner, sizeof cluster.runner, "host=%s user=runner dbname=postgres", cluster.folder);
        cluster_start(&cluster);
        cluster_run(&cluster, "create role runner login");
        *ret_cluster = cluster;
}

void cluster_remove(const struct cluster *cluster) {
        /* A test may have stopped it already; a server that is there and does not stop is a failure. */
        shell("cd %1$s && if %2$s/pg_ctl -D data status >/dev/null; then %2$s/pg_ctl -D data -m immediate -w stop >/dev/null; fi",
              cluster->folder, BINARIES);
        char line[64];
        snprintf(line, sizeof line, "rm -rf %s", cluster->folder);
        if (system(line) != 0)
                give_up("this failed", line);
}

PGconn *cluster_connect(const char *conninfo) {
        PGconn *pq = PQconnectdb(conninfo);
        if (PQstatus(pq) != CONNECTION_OK)
                give_up("connecting", PQerrorMessage(pq));
        return pq;
}

void cluster_run(const struct cluster *cluster, const char *sql) {
        free(cluster_ask(cluster, sql));
}

void cluster_run_file(const struct cluster *cluster, const char *path) {
        _cleanup_buffer_ struct buffer sql = { 0 };
        FILE *file = fopen(path, "r");
        if (!file)
                give_up("there is no file", path);
        char data[4096];
        for (size_t n; (n = fread(data, 1, sizeof data, file));)
                buffer_append(&sql, data, n);
        fclose(file);
        cluster_run(cluster, sql.data);
}

char *cluster_ask(const struct cluster *cluster, const char *sql) {
        PGconn *pq = cluster_connect(cluster->owner);
        PGresult *result = PQexec(pq, sql);
        ExecStatusType status = PQresultStatus(result);
        if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
                give_up(sql, PQerrorMessage(pq));
        char *value = memory_copy_string(PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
        PQclear(result);
        PQfinish(pq);
        return value;
}

long cluster_count(const struct cluster *cluster, const char *sql) {
        _cleanup_free_ char *value = cluster_ask(cluster, sql);
        return strtol(value, NULL, 10);
}
