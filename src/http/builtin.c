/* The rows of this room: what every site has, whatever its domain. */
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "http/metrics.h"
#include "http/problem.h"

static enum step_result reply_literal(struct request *request, unsigned status, const char *type, const char *text) {
        request->reply.status = status;
        request->reply.content_type = type;
        request->reply.borrowed = text;
        request->reply.size = strlen(text);
        return STEP_REPLY;
}

static enum step_result live(struct request *request) {
        return reply_literal(request, 200, "application/json", "{\"live\":true}");
}

static enum step_result ready(struct request *request) {
        struct service *service = request->service;
        bool is_ready = !atomic_load(&service->draining) &&
                        (!service->executor ||
                         (executor_ready(service->executor) && atomic_load(&service->codes_read)));
        return reply_literal(request, is_ready ? 200 : 503, "application/json",
                             is_ready ? "{\"ready\":true}" : "{\"ready\":false}");
}

/* Figures say how busy a site is: they are for its own network, and a proxy's request comes with the client's
 * address. */
static enum step_result figures(struct request *request) {
        static const char *const own[] = { "127.0.0.1", "::1", "local" };
        struct buffer out = { 0 };
        size_t size;

        for (size_t i = 0; i < ELEMENTS(own); i++)
                if (strcmp(request->address, own[i]) == 0) {
                        metrics_write(request->service, &out);
                        char *data = buffer_take(&out, &size);
                        return reply_bytes(request, 200, "text/plain; version=0.0.4; charset=utf-8", data, size);
                }
        return reply_problem(request, "not_found");
}

static const char *type_of(const char *name) {
        static const struct {
                const char *suffix, *type;
        } types[] = {
                { ".css", "text/css; charset=utf-8" },
                { ".js", "text/javascript; charset=utf-8" },
                { ".svg", "image/svg+xml" },
                { ".png", "image/png" },
                { ".ico", "image/x-icon" },
                { ".woff2", "font/woff2" },
                { ".webmanifest", "application/manifest+json" },
                { ".json", "application/json" },
                { ".txt", "text/plain; charset=utf-8" },
        };
        const char *suffix = strrchr(name, '.');
        for (size_t i = 0; suffix && i < ELEMENTS(types); i++)
                if (strcmp(types[i].suffix, suffix) == 0)
                        return types[i].type;
        return "application/octet-stream";
}

static enum step_result asset(struct request *request) {
        const struct service *service = request->service;
        const char *name = request_parameter(request, "name");
        const struct embedded_file *file = service->assets ? embedded_find(service->assets, name) : NULL;
        if (!file)
                return reply_problem(request, "not_found");
        const char *etag = service->asset_etags[file - service->assets->files];
        const char *version = request_parameter(request, "version"), *known = request->private->if_none_match;

        request->reply.etag = etag;
        /* The address of this version changes when a file does. A page of another server's version gets what there
         * is. */
        request->reply.cache_control = strcmp(version, strrchr(service->assets_base, '/') + 1) == 0
                                               ? "public, max-age=31536000, immutable"
                                               : "public, no-cache";
        request->reply.status = known && strstr(known, etag) ? 304 : 200;
        if (request->reply.status == 304)
                return STEP_REPLY;
        request->reply.content_type = type_of(file->name);
        request->reply.borrowed = file->data;
        request->reply.size = file->size;
        return STEP_REPLY;
}

/* What `type` of a problem resolves to. */
static enum step_result explain(struct request *request) {
        const struct problem *problem = problem_find(request_parameter(request, "code"));
        if (!problem)
                return reply_problem(request, "not_found");
        json_t *resource = json_pack("{s:s, s:s, s:i, s:s, s:b}", "code", problem->code, "title", problem->title,
                                     "status", (int) problem->status, "detail", problem->detail, "explained", 1);
        enum step_result result = request->private->wants_html && request->service->templates
                                          ? reply_page(request, 200, "error", resource)
                                          : reply_json(request, 200, resource);
        json_decref(resource);
        return result;
}

static enum step_result document(struct request *request) {
        request->reply.cache_control = "public, max-age=300";
        request->reply.status = 200;
        request->reply.content_type = "application/json";
        request->reply.borrowed = request->service->openapi;
        request->reply.size = request->service->openapi_size;
        return STEP_REPLY;
}

/* Where "Exit this page" leads: out of here, to a page that anybody might be reading, with nothing of ours left
 * behind. */
static enum step_result leave(struct request *request) {
        reply_cookie(request, COOKIE_SESSION, NULL, 0);
        request->reply.clear_site_data = "\"cache\", \"cookies\", \"storage\"";
        request->reply.status = 303;
        request->reply.location = "https://www.bbc.co.uk/weather";
        return STEP_REPLY;
}

enum { OURS = ROUTE_ANYONE | ROUTE_QUIET };

const struct route http_routes[] = {
        { METHOD_GET, "/health/live", NULL, OURS | ROUTE_PAGE_ONLY, "Whether the process answers.", .prepare = live,
          .answer = "live" },
        { METHOD_GET, "/health/ready", NULL, OURS | ROUTE_PAGE_ONLY,
          "Whether the service can work: database up, schema as expected, code lists read, not stopping.",
          .prepare = ready, .answer = "ready" },
        { METHOD_GET, "/metrics", NULL, OURS | ROUTE_PAGE_ONLY, "Figures for Prometheus, to this machine alone.",
          .prepare = figures, .answer = "metrics" },
        { METHOD_GET, "/leave", NULL, OURS | ROUTE_PAGE_ONLY, "Leaves this service at once, signed out.",
          .prepare = leave },
        { METHOD_GET, "/assets/{version}/{name...}", NULL, OURS | ROUTE_PAGE_ONLY,
          "Styles, scripts and pictures of the pages.",
          .prepare = asset },
        { METHOD_GET, "/problems/{code}", NULL, OURS | ROUTE_PAGE_ONLY, "What a problem means and what to do.",
          .prepare = explain, .answer = "problem_kind" },
        { METHOD_GET, "/openapi.json", NULL, OURS | ROUTE_API_ONLY, "This document.", .prepare = document,
          .answer = "document" },
};
const size_t http_routes_count = ELEMENTS(http_routes);
