/* The routes of the audit trail. */
#ifndef AUDIT_HANDLERS_H
#define AUDIT_HANDLERS_H

#include "http/route.h"

extern const struct route audit_routes[];
extern const size_t audit_routes_count;

#endif
