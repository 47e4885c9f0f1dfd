/* The words with which statements answer (docs/architecture.md, "Statements"). What HTTP makes of them is http's. */
#ifndef DB_OUTCOME_H
#define DB_OUTCOME_H

enum outcome {
        OUTCOME_OK,
        OUTCOME_CREATED,
        OUTCOME_REPLAYED,    /* the first answer under this idempotency key, again */
        OUTCOME_ABSENT,      /* not there, or not for this actor */
        OUTCOME_DENIED,      /* the verdict says why */
        OUTCOME_STALE,       /* changed since the actor read it */
        OUTCOME_CONFLICT,    /* not possible in the state that it is in */
        OUTCOME_IN_PROGRESS, /* another request with this key, or a lock, is under way */
        OUTCOME_INVALID,     /* body {"errors": [{"field", "code", "message"}]} */
        OUTCOME_THROTTLED,
        OUTCOME_COUNT,
        OUTCOME_UNKNOWN = OUTCOME_COUNT, /* a defect */
};

enum verdict {
        VERDICT_OK,
        VERDICT_UNAUTHENTICATED, /* no session, ended or expired */
        VERDICT_IDLE,            /* expired by the idle limit */
        VERDICT_FORBIDDEN,       /* signed in, and no role has the route's permission */
        VERDICT_SECOND_FACTOR,   /* must enrol or give one first */
        VERDICT_PENDING,         /* the password must be changed first */
        VERDICT_COUNT,
        VERDICT_UNKNOWN = VERDICT_COUNT, /* a defect */
};

/* NULL and unknown words are _UNKNOWN. */
enum outcome outcome_parse(const char *word);
enum verdict verdict_parse(const char *word);
/* NULL for _UNKNOWN. */
const char *outcome_word(enum outcome outcome);
const char *verdict_word(enum verdict verdict);

#endif
