/* The route table, for people and for the tests that walk it. */
#include <string.h>

#include "internal.h"
#include "http/openapi.h"

static const struct {
        unsigned flag;
        const char *word;
} flags[] = {
        { ROUTE_ANYONE, "anyone" },   { ROUTE_PAGE_ONLY, "page_only" }, { ROUTE_API_ONLY, "api_only" },
        { ROUTE_CREATES, "creates" }, { ROUTE_VERSIONED, "versioned" }, { ROUTE_CSV, "csv" },
        { ROUTE_REPORT, "report" },   { ROUTE_SIGNED_IN, "signed_in" },
        { ROUTE_BEFORE_SECOND_FACTOR, "before_second_factor" },
        { ROUTE_QUIET, "quiet" },
};

static int by_path(const void *a, const void *b) {
        const struct route *one = *(const struct route *const *) a, *other = *(const struct route *const *) b;
        int order = strcmp(one->path, other->path);
        return order ? order : (int) one->method - (int) other->method;
}

void routes_write_markdown(const struct service *service, struct buffer *out) {
        const struct route **sorted = memory_new(service->n_routes, sizeof(sorted[0]));

        memcpy(sorted, service->routes, service->n_routes * sizeof(sorted[0]));
        qsort(sorted, service->n_routes, sizeof(sorted[0]), by_path);
        buffer_append_string(out, "# Routes\n\nWritten by `upstander admin routes` from the route table. Those of the "
                                  "API stand under " API_PREFIX ";\n`GET " API_PREFIX "/openapi.json` says what they "
                                  "take and answer "
                                  "with (src/schemas).\n\n"
                                  "| method | path | who | as | answer | what |\n|---|---|---|---|---|---|\n");
        for (size_t i = 0; i < service->n_routes; i++) {
                const struct route *route = sorted[i];
                const char *who = route->permission             ? route->permission
                                  : route->flags & ROUTE_ANYONE ? "anyone"
                                                                : "anybody signed in";
                const char *as = route->flags & ROUTE_PAGE_ONLY  ? "page"
                                 : route->flags & ROUTE_API_ONLY ? "API"
                                 : route->method == METHOD_GET && !route->page && !route->prepare ? "API"
                                                                                                  : "API and page";
                buffer_append_format(out, "| %s | `%s` | %s | %s | %s | %s |\n", method_name(route->method),
                                     route->path,
                                     who, as, route->answer ? route->answer : "", route->about);
        }
        free(sorted);
}

static void set_text(json_t *object, const char *name, const char *value) {
        json_object_set_new(object, name, value ? json_string(value) : json_null());
}

void routes_write_json(const struct service *service, struct buffer *out) {
        json_t *rows = json_array();

        for (size_t i = 0; i < service->n_routes; i++) {
                const struct route *route = service->routes[i];
                json_t *row = json_object(), *words = json_array();
                for (size_t f = 0; f < ELEMENTS(flags); f++)
                        if (route->flags & flags[f].flag)
                                json_array_append_new(words, json_string(flags[f].word));
                set_text(row, "method", method_name(route->method));
                set_text(row, "path", route->path);
                set_text(row, "permission", route->permission);
                json_object_set_new(row, "flags", words);
                set_text(row, "action", route->action);
                set_text(row, "query", route->query);
                set_text(row, "page", route->page);
                set_text(row, "body", route->body ? route->body->name : NULL);
                set_text(row, "answer", route->answer);
                set_text(row, "about", route->about);
                json_array_append_new(rows, row);
        }
        char *text = json_dumps(rows, JSON_INDENT(2));
        buffer_append_string(out, text);
        buffer_append_char(out, '\n');
        free(text);
        json_decref(rows);
}
