/* The routes of referrals and pathways. */
#ifndef PATHWAY_HANDLERS_H
#define PATHWAY_HANDLERS_H

#include "http/route.h"

extern const struct route pathway_routes[];
extern const size_t pathway_routes_count;

#endif
