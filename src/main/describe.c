/* What can be said of the route table without a database: for the documentation, clients and tests. */

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/embedded.h"
#include "command.h"
#include "http/openapi.h"
#include "http/service.h"
#include "routes.h"

/* Writes to standard output what `write` says of the routes. */
static int describe(const struct invocation *invocation, void (*write)(const struct service *service, struct buffer *out)) {
        _cleanup_(query_set_free_p) struct query_set *queries = NULL;
        _cleanup_(template_set_free_p) struct template_set *templates = NULL;
        _cleanup_(service_clear) struct service service = { .settings = invocation->settings };
        _cleanup_buffer_ struct buffer out = { 0 };
        _cleanup_free_ char *error = NULL;
        size_t n_routes;
        if (query_set_load(&queries, &error) != 0 || template_set_parse(&embedded_templates, &templates, &error) != 0)
                return command_failed("%s", error);
        service.queries = queries;
        service.templates = templates;
        service.schemas = &embedded_schemas;
        const struct route *routes = routes_all(&n_routes);
        if (service_prepare(&service, routes, n_routes, &error) != 0)
                return command_failed("%s", error);
        write(&service, &out);
        fwrite(out.data, 1, out.size, stdout);
        return EXIT_DONE;
}

static void write_openapi(const struct service *service, struct buffer *out) {
        buffer_append(out, service->openapi, service->openapi_size);
        buffer_append_char(out, '\n');
}

int command_routes(const struct invocation *invocation) {
        if (invocation->n_arguments == 0)
                return describe(invocation, routes_write_markdown);
        if (strcmp(invocation->arguments[0], "--json") == 0)
                return describe(invocation, routes_write_json);
        return command_failed("admin routes takes --json or nothing, not %s", invocation->arguments[0]);
}

int command_openapi(const struct invocation *invocation) {
        return describe(invocation, write_openapi);
}
