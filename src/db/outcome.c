#include "db/outcome.h"

#include <stddef.h>
#include <string.h>

static const char *const outcomes[OUTCOME_COUNT] = {
        [OUTCOME_OK] = "ok",
        [OUTCOME_CREATED] = "created",
        [OUTCOME_REPLAYED] = "replayed",
        [OUTCOME_ABSENT] = "absent",
        [OUTCOME_DENIED] = "denied",
        [OUTCOME_STALE] = "stale",
        [OUTCOME_CONFLICT] = "conflict",
        [OUTCOME_IN_PROGRESS] = "in_progress",
        [OUTCOME_INVALID] = "invalid",
        [OUTCOME_THROTTLED] = "throttled",
};

static const char *const verdicts[VERDICT_COUNT] = {
        [VERDICT_OK] = "ok",
        [VERDICT_UNAUTHENTICATED] = "unauthenticated",
        [VERDICT_IDLE] = "idle",
        [VERDICT_FORBIDDEN] = "forbidden",
        [VERDICT_SECOND_FACTOR] = "second_factor",
        [VERDICT_PENDING] = "pending",
};

static size_t find(const char *const words[], size_t n, const char *word) {
        size_t i = 0;
        while (i < n && (!word || strcmp(words[i], word) != 0))
                i++;
        return i;
}

enum outcome outcome_parse(const char *word) {
        return (enum outcome) find(outcomes, OUTCOME_COUNT, word);
}

enum verdict verdict_parse(const char *word) {
        return (enum verdict) find(verdicts, VERDICT_COUNT, word);
}

const char *outcome_word(enum outcome outcome) {
        return outcome < OUTCOME_COUNT ? outcomes[outcome] : NULL;
}

const char *verdict_word(enum verdict verdict) {
        return verdict < VERDICT_COUNT ? verdicts[verdict] : NULL;
}
