/* A private PostgreSQL for a test: made in a short folder under /tmp, gone when the test ends. */
#ifndef TESTS_DB_CLUSTER_H
#define TESTS_DB_CLUSTER_H

#include <libpq-fe.h>
#include <stdbool.h>

struct cluster {
        char folder[32];
        char owner[96];  /* conninfo of the superuser */
        char runner[96]; /* conninfo of a role that owns nothing */
};

/* Each ends the program with a message if it does not succeed: a test without its database is a failure. */
void cluster_make(struct cluster *ret_cluster, bool durable);
void cluster_stop(const struct cluster *cluster);
void cluster_start(const struct cluster *cluster);
void cluster_remove(const struct cluster *cluster);

PGconn *cluster_connect(const char *conninfo);
void cluster_run(const struct cluster *cluster, const char *sql);
void cluster_run_file(const struct cluster *cluster, const char *path);
/* The first value of the first row; free(). */
char *cluster_ask(const struct cluster *cluster, const char *sql);
long cluster_count(const struct cluster *cluster, const char *sql);

#endif
