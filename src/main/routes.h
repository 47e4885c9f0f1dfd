/* THE route table: one row a route, the whole truth about it. Each room lists its own; here they are joined. */
#ifndef MAIN_ROUTES_H
#define MAIN_ROUTES_H

#include <stddef.h>

#include "http/route.h"

/* All rows, made at the first call, which must come before any thread starts. Valid for the life of the process. */
const struct route *routes_all(size_t *ret_n);

#endif
