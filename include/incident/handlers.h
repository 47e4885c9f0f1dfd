/* The routes of reporting. */
#ifndef INCIDENT_HANDLERS_H
#define INCIDENT_HANDLERS_H

#include "http/route.h"

extern const struct route incident_routes[];
extern const size_t incident_routes_count;

/* The report form, its drafts, and the pages of words. */
extern const struct route report_routes[];
extern const size_t report_routes_count;

/* The date in London, YYYY-MM-DD, in the request's arena. */
const char *incident_today(struct request *request);

#endif
