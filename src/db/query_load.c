/* Apart from query.c, so that a program without the embedded queries need not link them. */
#include "db/query.h"

int query_set_load(struct query_set **ret_set, char **ret_error) {
        return query_set_parse(&embedded_queries, ret_set, ret_error);
}
