/* The routes of reporting. */
#ifndef INCIDENT_HANDLERS_H
#define INCIDENT_HANDLERS_H

#include <stdbool.h>

#include "http/route.h"

extern const struct route incident_routes[];
extern const size_t incident_routes_count;

/* The report form, its drafts, and the pages of words. */
extern const struct route report_routes[];
extern const size_t report_routes_count;

/* The date in London, YYYY-MM-DD, in the request's arena. */
const char *incident_today(struct request *request);

/* Whether a report was refused only because one of its references, which are made by chance, is taken: tried again it has
 * others. Not for ever, since chance that fails so often is a fault. */
bool incident_reference_met(const struct request *request);

#endif
