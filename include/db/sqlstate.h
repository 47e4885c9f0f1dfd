/* What PostgreSQL's error codes and our named constraints mean: the only place that knows either. */
#ifndef DB_SQLSTATE_H
#define DB_SQLSTATE_H

#include <stddef.h>

enum sqlstate_class {
        SQLSTATE_RETRY,   /* two transactions met; the same again may well succeed */
        SQLSTATE_TIMEOUT, /* a statement or a lock took too long */
        SQLSTATE_AWAY,    /* the server cannot serve now: stopping, full, a standby. The connection is replaced */
        SQLSTATE_STALE,   /* the session's prepared statements no longer fit the schema. The connection is replaced */
        SQLSTATE_REFUSED, /* a rule of the data said no */
        SQLSTATE_FAULT,   /* a defect of ours */
};

/* NULL and "" are what libpq gives when a connection breaks: SQLSTATE_AWAY. */
enum sqlstate_class sqlstate_classify(const char *sqlstate);

/* How a refusal is told: `field` is a JSON pointer into the body, "" for the whole. Static texts. */
struct refusal {
        const char *code, *field, *message;
};

/* By the constraint's own row if there is one, else by the SQLSTATE's; always finds something to say. Either may be
 * NULL. Also for a function that caught the violation itself and answers 'invalid' with sqlstate and constraint in its
 * body. */
const struct refusal *sqlstate_refusal(const char *sqlstate, const char *constraint);

/* The named constraints that have a message of their own; the invariant tests hold this against the schema. */
struct constraint_row {
        const char *constraint;
        struct refusal refusal;
};
extern const struct constraint_row constraint_rows[];
extern const size_t n_constraint_rows;

#endif
