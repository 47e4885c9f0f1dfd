/* From a path to a route: a tree of path segments, built once from the route table and then only read.
 *
 * A literal segment wins over a {name} at the same place, and there is no going back, so that finding a route takes one
 * step for each segment. {name...} as the last segment takes one or more segments, joined with slashes.
 */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "http/route.h"
#include "http/target.h"

struct router;

/* Builds the tree over `n` rows, which must outlive it. 0, or negative with *ret_error (free()) when a path is
 * malformed or two rows claim the same method and path. */
int router_new(const struct route *const *routes, size_t n, struct router **ret_router, char **ret_error) _must_check_;
void router_free(struct router *router);
DEFINE_CLEANUP(struct router, router_free);

struct router_match {
        const struct route *by_method[METHOD_COUNT]; /* of the place that was found; NULL where it takes no such
                                                        method */
        bool is_api;
};

/* Finds the place of a target ("/api/v1" in front means the API). False when there is none. Rows that have no twin of
 * this kind (ROUTE_API_ONLY, ROUTE_PAGE_ONLY, a read without page) are left out, and a place with none left is none. */
bool router_find(const struct router *router, const struct target *target, struct router_match *ret_match);

/* Puts the path's parameters into `parameters`, named as in the row's path. */
void router_parameters(const struct route *route, const struct target *target, json_t *parameters);

const char *method_name(enum method method);
/* METHOD_COUNT when it is none of ours; HEAD is GET. */
enum method method_parse(const char *name);

/* "GET, HEAD, POST": the methods of a place, for Allow. */
const char *router_allow(const struct router_match *match, struct arena *arena);

#endif
