/* Response times: the figures, and the page that shows them. */
#ifndef SCRUTINY_RESPONSE_TIMES_INTERNAL_H
#define SCRUTINY_RESPONSE_TIMES_INTERNAL_H

#include <jansson.h>

struct request;

/* Adds to each row that may be shown: how many were answered or should have been (`due`) and, where that is not nothing
 * (`calculable`), the percentage on time with its 95% Wilson interval. */
void response_times_complete(json_t *resource);

/* The page: a sentence that answers the question, filters, chart, figures in words. */
void response_times_decorate(struct request *request, json_t *resource);

#endif
