/* Everything that this service can refuse or fail with, as one table: the API's `application/problem+json` (RFC 9457),
 * the error page, the page at /problems/{code} and the responses in the OpenAPI document are all made from its rows. */
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

#include <jansson.h>
#include <stddef.h>

#include "base/buffer.h"
#include "db/outcome.h"

struct problem {
        const char *code;
        unsigned status;
        const char *title;
        const char *detail; /* what it means and what to do, for people */
};

/* NULL when there is none. */
const struct problem *problem_find(const char *code);
size_t problem_count(void);
const struct problem *problem_at(size_t n);

/* Appends the problem as JSON. `errors` is an array of faults or NULL; an empty array is left out. */
void problem_write(const struct problem *problem, const char *request_id, json_t *errors, struct buffer *out);
/* The same as a new object, for the error page. */
json_t *problem_to_json(const struct problem *problem, const char *request_id, json_t *errors);

/* The code of the problem that a verdict of the context statement or an outcome of a call is answered with; NULL when
 * the word means success. */
const char *problem_of_verdict(enum verdict verdict);
const char *problem_of_outcome(enum outcome outcome);

#endif
