/* The routes of signing in, sessions, one's own account, and the administration of accounts and organisations. */
#ifndef ACCESS_HANDLERS_H
#define ACCESS_HANDLERS_H

#include "http/route.h"

extern const struct route access_routes[];
extern const size_t access_routes_count;

#endif
