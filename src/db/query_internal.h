/* Between query.c, which holds the set, and query_parse.c, which reads one file. */
#ifndef SRC_DB_QUERY_INTERNAL_H
#define SRC_DB_QUERY_INTERNAL_H

#include "base/memory.h"
#include "db/query.h"

/* Reads one file into *ret_query, with all texts in the arena. 0, or negative with *ret_error (free()). */
int query_parse(struct arena *arena, const struct embedded_file *file, struct query *ret_query, char **ret_error);

#endif
