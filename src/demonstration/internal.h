/* What the parts of the demonstration share. */
#ifndef DEMONSTRATION_INTERNAL_H
#define DEMONSTRATION_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/uuid.h"
#include "crypto/keyring.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, INSTANT_TEXT = 21 };

/* Everything that is chosen comes from one sequence, so that every installation tells the same stories. Identifiers and
 * references do not: they are random, as they must be. */
struct chance {
        uint64_t state;
};
/* 0 to n - 1. */
unsigned chance_below(struct chance *chance, unsigned n);
bool chance_percent(struct chance *chance, unsigned percent);
int64_t chance_between(struct chance *chance, int64_t least, int64_t most);
/* A member of an array that is not empty; borrowed. */
json_t *chance_item(struct chance *chance, const json_t *array);
const char *chance_text(struct chance *chance, const json_t *array);

/* What a report is made from; borrowed. */
struct material {
        const struct keyring *keyring;
        const json_t *scenarios, *first_names, *last_names, *texts, *pathways /* {"LADO": definition, ...} */;
        int64_t now;
};

/* Seconds since 1970 as 2026-11-22T16:05:00Z, and the London date as 2026-11-22. */
void instant_write(int64_t at, char ret_text[static INSTANT_TEXT]);
void london_day_write(int64_t at, char ret_text[static 11]);
/* The same time of day on the next working day where it falls on a weekend. */
int64_t past_weekend(int64_t at);

/* One report as of `at`: what demonstration_file takes of it, a new reference. NULL on a fault. */
json_t *report_make(const struct material *material, struct chance *chance, int64_t at);
/* The steps that its referrals went through since, {pathway: [step, ...]}; texts are sealed under the report's own key. */
json_t *steps_make(const struct material *material, struct chance *chance, const char *incident, const char *wrapped, int64_t at);

#endif
