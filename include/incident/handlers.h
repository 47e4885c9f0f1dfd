/* The routes of reporting. */
#ifndef INCIDENT_HANDLERS_H
#define INCIDENT_HANDLERS_H

#include "http/route.h"

extern const struct route incident_routes[];
extern const size_t incident_routes_count;

#endif
