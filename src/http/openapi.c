#include "http/openapi.h"

#include <string.h>

#include "internal.h"
#include "openapi-schema.h"
#include "http/problem.h"

/* Problems that any route can answer with, beside those of its own flags. */
static const char *const always[] = { "not_acceptable", "throttled", "busy", "defect" };

static void add_response(json_t *responses, unsigned status, const char *description) {
        char key[4];
        snprintf(key, sizeof(key), "%u", status % 1000);
        if (json_object_get(responses, key))
                return;
        json_object_set_new(responses, key, json_pack("{s:s, s:{s:{s:{s:s}}}}", "description", description, "content",
                                                      "application/problem+json", "schema", "$ref",
                                                      "#/components/schemas/problem"));
}

static void add_problem(json_t *responses, const char *code) {
        const struct problem *problem = problem_find(code);
        add_response(responses, problem->status, problem->title);
}

static void add_success(json_t *responses, const struct route *route) {
        bool creates = route->flags & ROUTE_CREATES;
        json_t *content = json_pack("{s:{s:{s:s}}}", "application/json", "schema", "type", "object");
        if (route->flags & ROUTE_CSV)
                json_object_set_new(content, "text/csv", json_pack("{s:{s:s}}", "schema", "type", "string"));
        json_object_set_new(responses, creates ? "201" : "200",
                            json_pack("{s:s, s:o}", "description", creates ? "Made." : "As asked.", "content", content));
        if (route->method == METHOD_DELETE)
                json_object_set_new(responses, "204", json_pack("{s:s}", "description", "Done; there is nothing to say."));
}

static json_t *write_responses(const struct route *route) {
        json_t *responses = json_object();

        add_success(responses, route);
        for (size_t i = 0; i < ELEMENTS(always); i++)
                add_problem(responses, always[i]);
        if (!(route->flags & ROUTE_ANYONE)) {
                add_problem(responses, "unauthenticated");
                add_problem(responses, "forbidden");
        }
        add_response(responses, 400, "What was sent cannot be read, or a header or name is missing or wrong.");
        if (strchr(route->path, '{'))
                add_problem(responses, "not_found");
        if (route->method != METHOD_GET) {
                static const char *const writes[] = { "conflict", "body_too_large", "unsupported_media_type", "invalid" };
                for (size_t i = 0; i < ELEMENTS(writes); i++)
                        add_problem(responses, writes[i]);
        }
        if (route->flags & ROUTE_VERSIONED) {
                add_problem(responses, "stale");
                add_problem(responses, "precondition_required");
        }
        return responses;
}

static json_t *parameter_object(const char *name, const char *in, bool required, const char *about, json_t *schema) {
        json_t *object = json_pack("{s:s, s:s, s:b, s:o}", "name", name, "in", in, "required", required, "schema", schema);
        if (about)
                json_object_set_new(object, "description", json_string(about));
        return object;
}

static bool names_in_path(const char *path, const char *name) {
        char braced[80];
        snprintf(braced, sizeof(braced), "{%.60s}", name);
        return strstr(path, braced);
}

static const struct parameter *declared(const struct query *query, const char *name, size_t size) {
        for (unsigned i = 0; query && i < query->n_parameters; i++)
                if (strlen(query->parameters[i].name) == size && memcmp(query->parameters[i].name, name, size) == 0)
                        return &query->parameters[i];
        return NULL;
}

static json_t *write_parameters(const struct service *service, const struct route *route) {
        const struct query *query = route->query ? query_find(service->queries, route->query) : NULL;
        json_t *parameters = json_array();

        for (const char *p = strchr(route->path, '{'); p; p = strchr(p, '{')) {
                size_t size = strcspn(++p, "}."), n = size < 60 ? size : 60;
                char name[61];
                memcpy(name, p, n);
                name[n] = '\0';
                const struct parameter *parameter = declared(query, p, size);
                json_array_append_new(parameters, parameter_object(name, "path", true, NULL,
                                                                   parameter ? schema_of_parameter(parameter)
                                                                             : json_pack("{s:s}", "type", "string")));
        }
        for (unsigned i = 0; query && i < query->n_parameters; i++) {
                const struct parameter *parameter = &query->parameters[i];
                if (!names_in_path(route->path, parameter->name))
                        json_array_append_new(parameters,
                                              parameter_object(parameter->name, "query",
                                                               !parameter->optional && !parameter->default_value, NULL,
                                                               schema_of_parameter(parameter)));
        }
        if (route->flags & ROUTE_CREATES)
                json_array_append_new(parameters, parameter_object("Idempotency-Key", "header", true,
                                                                   problem_find("key_required")->detail,
                                                                   json_pack("{s:s}", "type", "string")));
        if (route->flags & ROUTE_VERSIONED)
                json_array_append_new(parameters, parameter_object("If-Match", "header", true,
                                                                   "The ETag of the record as it was read.",
                                                                   json_pack("{s:s}", "type", "string")));
        return parameters;
}

static json_t *write_operation(const struct service *service, const struct route *route, json_t *schemas) {
        json_t *operation = json_pack("{s:s, s:o, s:o}", "summary", route->about, "responses", write_responses(route),
                                      "operationId", json_sprintf("%s%s", method_name(route->method), route->path));
        json_t *parameters = write_parameters(service, route);
        if (json_array_size(parameters) > 0)
                json_object_set(operation, "parameters", parameters);
        json_decref(parameters);
        if (route->permission)
                json_object_set_new(operation, "x-permission", json_string(route->permission));
        json_object_set_new(operation, "security", route->flags & ROUTE_ANYONE ? json_array()
                                                                               : json_pack("[{s:[]}]", "bearer"));
        if (!route->body)
                return operation;
        bool patch = route->method == METHOD_PATCH;
        json_t *name = json_sprintf("%s%s", route->body->name, patch ? "_patch" : "");
        if (!json_object_get(schemas, json_string_value(name)))
                json_object_set_new(schemas, json_string_value(name),
                                    patch ? schema_of_patch(route->body) : schema_of_body(route->body));
        json_object_set_new(operation, "requestBody",
                            json_pack("{s:b, s:{s:{s:{s:o}}}}", "required", 1, "content",
                                      patch ? "application/merge-patch+json" : "application/json", "schema", "$ref",
                                      json_sprintf("#/components/schemas/%s", json_string_value(name))));
        json_decref(name);
        return operation;
}

static json_t *problem_schema(void) {
        json_t *codes = json_array();
        for (size_t i = 0; i < problem_count(); i++)
                json_array_append_new(codes, json_string(problem_at(i)->code));
        return json_pack("{s:s, s:[s,s,s,s,s], s:{s:{s:s,s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s,s:o}, s:{s:s}, "
                         "s:{s:s, s:{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s}}}}}}",
                         "type", "object", "required", "type", "title", "status", "detail", "request_id", "properties",
                         "type", "type", "string", "format", "uri-reference", "title", "type", "string",
                         "status", "type", "integer", "detail", "type", "string", "code", "type", "string", "enum", codes,
                         "request_id", "type", "string", "errors", "type", "array", "items", "type", "object",
                         "properties", "field", "type", "string", "code", "type", "string", "message", "type", "string");
}

/* {name...} is a notation of our own. */
static void plain_path(const char *path, char *out, size_t room) {
        size_t n = 0;
        for (; *path && n + 1 < room; path++)
                if (*path != '.' || path[1] != '.')
                        out[n++] = *path;
                else
                        path += 2;
        out[n] = '\0';
}

char *openapi_write(const struct service *service, size_t *ret_size) {
        json_t *paths = json_object(), *schemas = json_pack("{s:o}", "problem", problem_schema());

        for (size_t i = 0; i < service->n_routes; i++) {
                const struct route *route = service->routes[i];
                char path[256], method[8];
                size_t n = 0;
                if (route->flags & ROUTE_PAGE_ONLY)
                        continue;
                plain_path(route->path, path, sizeof(path));
                for (const char *m = method_name(route->method); *m; m++)
                        method[n++] = (char) (*m | 0x20);
                method[n] = '\0';
                json_t *item = json_object_get(paths, path);
                if (!item)
                        json_object_set_new(paths, path, item = json_object());
                json_object_set_new(item, method, write_operation(service, route, schemas));
        }
        json_t *document = json_pack(
                "{s:s, s:{s:s, s:s, s:s, s:{s:s, s:s}}, s:[{s:s}], s:o, s:{s:o, s:{s:{s:s, s:s}}}}", "openapi", "3.1.0",
                "info", "title",
                "Upstander", "version", "1", "description",
                "Racist incidents and observations, and the safeguarding pathways that answer them.", "license", "name",
                "As the repository says", "identifier", "LicenseRef-Upstander", "servers", "url", API_PREFIX, "paths",
                paths,
                "components", "schemas", schemas, "securitySchemes", "bearer", "type", "http", "scheme", "bearer");
        char *text = json_dumps(document, JSON_COMPACT);
        json_decref(document);
        *ret_size = strlen(text);
        return text;
}
