/* Everything that lives as long as the server and that a request may need. Filled by `upstander serve` (and by tests),
 * prepared once, and then only read, except where a member keeps its own lock. */
#ifndef HTTP_SERVICE_H
#define HTTP_SERVICE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/embedded.h"
#include "base/macro.h"
#include "base/settings.h"
#include "crypto/keyring.h"
#include "db/executor.h"
#include "db/query.h"
#include "http/route.h"
#include "view/template.h"

struct router;
struct worker;
struct metrics;

struct service {
        /* Set before service_prepare; borrowed. */
        const struct settings *settings;
        const struct keyring *keyring;
        const struct query_set *queries;
        const struct template_set *templates;
        const struct embedded_set *assets;
        const struct embedded_set *schemas; /* of answers; NULL in tests that need no OpenAPI document */
        struct executor *executor; /* NULL in tests without a database: then only routes that need none answer */
        struct worker *worker;
        bool tls_external; /* people come over https */
        /* Adds to the frame of a page what the layout shows of the site and the actor (navigation, user, session); the
         * frame holds what the context statement said, or nothing for a page that anyone sees. May be NULL. */
        void (*frame)(struct request *request, json_t *frame);
        /* Told of every session that the context said yes to: its idle limit begins anew. Must not block. May be
         * NULL. */
        void (*seen)(const char *session_hash);

        /* Made by service_prepare. */
        const struct route **routes; /* this room's own and those given */
        size_t n_routes;
        struct router *router;
        struct metrics *metrics;
        const struct query *context, *context_anyone, *nothing; /* NULL without queries */
        char *openapi; /* the document, made once */
        size_t openapi_size;
        char (*asset_etags)[17]; /* one for each asset */
        char assets_base[32];     /* "/assets/VERSION", which changes when any asset does */

        atomic_bool draining;   /* no new work: /health/ready says no */
        atomic_bool codes_read; /* the code lists have been read once */
};

/* Builds what is built once. Every row is held to its rules: paths do not collide, named queries and pages exist, a
 * permission or a flag says who may call. 0, or negative with *ret_error (free()) naming the row. `routes` must outlive
 * the service. */
int service_prepare(struct service *service, const struct route *routes, size_t n_routes,
                    char **ret_error) _must_check_;
/* Releases what service_prepare made. */
void service_clear(struct service *service);

/* Reads the code lists by query "code/list" and installs them. 0, or negative when the database is away or says
 * something else. Waits for the database: not for a poll thread. */
int service_read_codes(struct service *service) _must_check_;

/* The position of a row in service->routes. */
size_t service_route_index(const struct service *service, const struct route *route);

/* The rows that this room brings: health, metrics, assets, problem pages, the OpenAPI document. */
extern const struct route http_routes[];
extern const size_t http_routes_count;

#endif
