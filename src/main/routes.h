/* THE route table: one row a route, the whole truth about it. */
#ifndef MAIN_ROUTES_H
#define MAIN_ROUTES_H

#include <stddef.h>

#include "http/route.h"

extern const struct route routes[];
extern const size_t n_routes;

#endif
