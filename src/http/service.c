#include "http/service.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "crypto/digest.h"
#include "http/codes.h"
#include "http/metrics.h"
#include "http/openapi.h"
#include "http/router.h"
#include "internal.h"
#include "openapi-answers.h"

size_t service_route_index(const struct service *service, const struct route *route) {
        if (!route || route == &route_nowhere)
                return service->n_routes;
        if (route >= http_routes && route < http_routes + http_routes_count)
                return (size_t) (route - http_routes);
        return http_routes_count + (size_t) (route - service->routes[http_routes_count]);
}

/* What is wrong with a row, or NULL. */
static const char *check_row(const struct service *service, const struct route *route) {
        unsigned who = !!route->permission + !!(route->flags & ROUTE_ANYONE) + !!(route->flags & ROUTE_SIGNED_IN);
        if (who != 1)
                return "must have a permission, ROUTE_ANYONE or ROUTE_SIGNED_IN, and one of them alone";
        if (!route->about)
                return "must say what it is about";
        if ((route->flags & ROUTE_API_ONLY) && (route->flags & ROUTE_PAGE_ONLY))
                return "cannot be for the API only and for pages only";
        if (route->method != METHOD_GET && !route->prepare && !route->query)
                return "is a write with neither query nor prepare";
        if (route->method == METHOD_GET && !route->query && !route->prepare && !route->page)
                return "is a read of nothing";
        if (route->method == METHOD_GET && route->body)
                return "is a read with a body";
        if ((route->flags & ROUTE_CREATES) && route->method != METHOD_POST)
                return "creates, and is not a POST";
        if (!!(route->flags & ROUTE_CSV) != !!route->csv)
                return "must have both ROUTE_CSV and csv, or neither";
        if ((route->query && !query_find(service->queries, route->query)) ||
            (route->sight && !query_find(service->queries, route->sight)))
                return "names a query that is not there";
        if (route->page && service->templates && !template_exists(service->templates, route->page))
                return "names a template that is not there";
        if (service->schemas && route->answer && !answer_exists(service, route->answer))
                return "names a schema that is not there";
        if (service->schemas && !route->answer && route->method == METHOD_GET && !(route->flags & ROUTE_PAGE_ONLY))
                return "is a read of the API that does not say what it answers with";
        return NULL;
}

static int fail(char **ret_error, const char *where, const char *what) {
        if (asprintf(ret_error, "%s: %s", where, what) < 0)
                abort();
        return -1;
}

static int find_statements(struct service *service, char **ret_error) {
        const struct {
                const char *name;
                const struct query **place;
        } needed[] = { { "access/context", &service->context }, { "access/context_anyone", &service->context_anyone },
                       { "access/nothing", &service->nothing } };
        for (size_t i = 0; service->queries && i < ELEMENTS(needed); i++) {
                *needed[i].place = query_find(service->queries, needed[i].name);
                if (!*needed[i].place)
                        return fail(ret_error, needed[i].name, "there is no such query");
        }
        return 0;
}

static void stamp_assets(struct service *service) {
        size_t n = service->assets ? service->assets->n_files : 0;
        char hex[SHA256_HEX];

        service->asset_etags = memory_new(n + 1, sizeof(service->asset_etags[0]));
        for (size_t i = 0; i < n; i++) {
                digest_sha256_hex(service->assets->files[i].data, service->assets->files[i].size, hex);
                memcpy(service->asset_etags[i], hex, 16);
        }
        digest_sha256_hex(service->asset_etags, n * sizeof(service->asset_etags[0]), hex);
        snprintf(service->assets_base, sizeof(service->assets_base), "/assets/%.16s", hex);
}

int service_prepare(struct service *service, const struct route *routes, size_t n_routes, char **ret_error) {
        int r = find_statements(service, ret_error);
        if (r < 0)
                return r;
        service->n_routes = http_routes_count + n_routes;
        service->routes = memory_new(service->n_routes, sizeof(service->routes[0]));
        for (size_t i = 0; i < service->n_routes; i++) {
                const struct route *route = i < http_routes_count ? &http_routes[i] : &routes[i - http_routes_count];
                const char *wrong = check_row(service, route);
                service->routes[i] = route;
                if (wrong) {
                        char where[256];
                        snprintf(where, sizeof(where), "%s %s", method_name(route->method), route->path);
                        return fail(ret_error, where, wrong);
                }
        }
        r = router_new(service->routes, service->n_routes, &service->router, ret_error);
        if (r < 0)
                return r;
        service->metrics = metrics_new(service->n_routes);
        stamp_assets(service);
        const char *wrong;
        if (openapi_write(service, &service->openapi, &service->openapi_size, &wrong) < 0)
                return fail(ret_error, wrong, "is not a schema, or its name is taken");
        return 0;
}

void service_clear(struct service *service) {
        router_free(service->router);
        metrics_free(service->metrics);
        free(service->routes);
        free(service->openapi);
        free(service->asset_etags);
        service->router = NULL;
        service->metrics = NULL;
        service->routes = NULL;
        service->openapi = NULL;
        service->asset_etags = NULL;
}

int service_read_codes(struct service *service) {
        struct db_step step = { .call.query = query_find(service->queries, "code/list") };
        struct codes *codes = NULL;
        int r = -1;

        if (!step.call.query || executor_run(service->executor, &step) != 0)
                return -1;
        if (step.result == DB_STEP_DONE && step.body)
                r = codes_parse(step.body, step.body_size, &codes);
        if (r == 0) {
                codes_install(codes);
                atomic_store(&service->codes_read, true);
        }
        db_step_release(&step);
        return r;
}
