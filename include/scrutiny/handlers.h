/* The routes of scrutiny. */
#ifndef SCRUTINY_HANDLERS_H
#define SCRUTINY_HANDLERS_H

#include "http/route.h"

extern const struct route scrutiny_routes[];
extern const size_t scrutiny_routes_count;

#endif
