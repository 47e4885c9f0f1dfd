#include "http/openapi.h"

#include <string.h>

#include "internal.h"
#include "openapi-answers.h"
#include "openapi-schema.h"
#include "http/problem.h"

static json_t *parameter_object(const char *name, const char *in, bool required, json_t *schema) {
        return json_pack("{s:s, s:s, s:b, s:o}", "name", name, "in", in, "required", required, "schema", schema);
}

static json_t *reference_to(const char *kind, const char *name) {
        return json_pack("{s:o}", "$ref", json_sprintf("#/components/%s/%s", kind, name));
}

static const struct query *query_of(const struct service *service, const char *name) {
        return name && service->queries ? query_find(service->queries, name) : NULL;
}

static const struct parameter *declared(const struct query *query, const char *name) {
        for (unsigned i = 0; query && i < query->n_parameters; i++)
                if (strcmp(query->parameters[i].name, name) == 0)
                        return &query->parameters[i];
        return NULL;
}

static bool names_in_path(const char *path, const char *name) {
        char braced[80];
        snprintf(braced, sizeof(braced), "{%.60s}", name);
        return strstr(path, braced);
}

/* What a name in a path is: as the row's own statements declare it, or those of any row with that name in its path. */
static json_t *path_schema(const struct service *service, const struct route *route, const char *name) {
        const struct parameter *parameter = declared(query_of(service, route->query), name);
        if (!parameter)
                parameter = declared(query_of(service, route->sight), name);
        for (size_t i = 0; !parameter && i < service->n_routes; i++)
                if (names_in_path(service->routes[i]->path, name))
                        parameter = declared(query_of(service, service->routes[i]->query), name);
        return parameter ? schema_of_parameter(parameter) : json_pack("{s:s}", "type", "string");
}

static void add_path_parameters(const struct service *service, const struct route *route, json_t *parameters) {
        for (const char *p = strchr(route->path, '{'); p; p = strchr(p, '{')) {
                char name[61];
                p++;
                snprintf(name, sizeof(name), "%.*s", (int) strcspn(p, "}."), p);
                json_array_append_new(parameters,
                                      parameter_object(name, "path", true, path_schema(service, route, name)));
        }
}

static json_t *write_parameters(const struct service *service, const struct route *route) {
        const struct query *query = route->method == METHOD_GET ? query_of(service, route->query) : NULL;
        json_t *parameters = json_array();

        add_path_parameters(service, route, parameters);
        for (unsigned i = 0; query && i < query->n_parameters; i++) {
                const struct parameter *parameter = &query->parameters[i];
                bool required = !parameter->optional && !parameter->default_value;
                if (!names_in_path(route->path, parameter->name))
                        json_array_append_new(parameters, parameter_object(parameter->name, "query", required,
                                                                           schema_of_parameter(parameter)));
        }
        if (route->flags & ROUTE_CSV)
                json_array_append_new(parameters, reference_to("parameters", "format"));
        if (route->flags & ROUTE_CREATES)
                json_array_append_new(parameters, reference_to("parameters", "Idempotency-Key"));
        if (route->flags & ROUTE_VERSIONED)
                json_array_append_new(parameters, reference_to("parameters", "If-Match"));
        return parameters;
}

static json_t *shared_parameters(void) {
        json_t *format = parameter_object("format", "query", false,
                                          json_pack("{s:s, s:[s]}", "type", "string", "enum", "csv"));
        json_t *key = parameter_object("Idempotency-Key", "header", true,
                                       json_pack("{s:s, s:s}", "type", "string", "pattern", "^\"[!-~]{1,64}\"$"));
        json_t *match = parameter_object("If-Match", "header", true,
                                         json_pack("{s:s, s:s}", "type", "string", "pattern", "^\"[!-~]*\"$"));
        json_object_set_new(format, "description", json_string("The same as Accept: text/csv, for a link."));
        json_object_set_new(key, "description", json_string(problem_find("key_required")->detail));
        json_object_set_new(match, "description", json_string("The ETag of the record as it was read."));
        return json_pack("{s:o, s:o, s:o}", "format", format, "Idempotency-Key", key, "If-Match", match);
}

/* "post_incidents_incident_additions" */
static json_t *operation_id(const struct route *route) {
        _cleanup_buffer_ struct buffer id = { 0 };
        for (const char *p = method_name(route->method); *p; p++)
                buffer_append_char(&id, (char) (*p | 0x20));
        for (const char *p = route->path; *p; p++)
                if ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9'))
                        buffer_append_char(&id, *p);
                else if (id.data[id.size - 1] != '_')
                        buffer_append_char(&id, '_');
        while (id.data[id.size - 1] == '_')
                id.data[--id.size] = '\0';
        return json_string(id.data);
}

static void add_body(const struct route *route, json_t *operation, json_t *schemas) {
        bool patch = route->method == METHOD_PATCH;
        json_t *name = json_sprintf("%s_%s", route->body->name, patch ? "patch" : "body");
        if (!json_object_get(schemas, json_string_value(name)))
                json_object_set_new(schemas, json_string_value(name),
                                    patch ? schema_of_patch(route->body) : schema_of_body(route->body));
        json_object_set_new(operation, "requestBody",
                            json_pack("{s:b, s:{s:{s:o}}}", "required", 1, "content",
                                      patch ? "application/merge-patch+json" : "application/json", "schema",
                                      reference_to("schemas", json_string_value(name))));
        json_decref(name);
}

static json_t *write_operation(const struct service *service, const struct route *route, json_t *schemas) {
        json_t *security = route->flags & ROUTE_ANYONE ? json_array() : json_pack("[{s:[]}]", "bearer");
        json_t *operation = json_pack("{s:s, s:o, s:o, s:o}", "summary", route->about, "operationId",
                                      operation_id(route), "security", security, "responses",
                                      answer_responses(service, route, schemas));
        json_t *parameters = write_parameters(service, route);
        if (json_array_size(parameters) > 0)
                json_object_set(operation, "parameters", parameters);
        json_decref(parameters);
        if (route->permission)
                json_object_set_new(operation, "x-permission", json_string(route->permission));
        /* Health and figures stand at the root. */
        if (route->flags & ROUTE_PAGE_ONLY)
                json_object_set_new(operation, "servers", json_pack("[{s:s}]", "url", "/"));
        if (route->body)
                add_body(route, operation, schemas);
        return operation;
}

static json_t *problem_schema(void) {
        json_t *codes = json_array();
        for (size_t i = 0; i < problem_count(); i++)
                json_array_append_new(codes, json_string(problem_at(i)->code));
        json_t *fault = json_pack("{s:s, s:[s,s,s], s:{s:{s:s}, s:{s:s}, s:{s:s}}}", "type", "object", "required",
                                  "field", "code", "message", "properties", "field", "type", "string", "code", "type",
                                  "string", "message", "type", "string");
        return json_pack("{s:s, s:s, s:[s,s,s,s,s,s], s:{s:{s:s,s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s,s:o}, "
                         "s:{s:s,s:s}, s:{s:s,s:o}}}",
                         "type", "object", "description", "RFC 9457. `type` leads to a page that says what it means.",
                         "required", "type", "title", "status", "detail", "code", "request_id", "properties",
                         "type", "type", "string", "format", "uri-reference", "title", "type", "string",
                         "status", "type", "integer", "detail", "type", "string", "code", "type", "string", "enum",
                         codes, "request_id", "type", "string", "format", "uuid", "errors", "type", "array", "items",
                         fault);
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

static json_t *write_paths(const struct service *service, json_t *schemas) {
        json_t *paths = json_object();
        for (size_t i = 0; i < service->n_routes; i++) {
                const struct route *route = service->routes[i];
                char path[256], method[8];
                size_t n = 0;
                if ((route->flags & ROUTE_PAGE_ONLY) && !route->answer)
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
        return paths;
}

int openapi_write(const struct service *service, char **ret_text, size_t *ret_size, const char **ret_wrong) {
        json_t *schemas = json_pack("{s:o}", "problem", problem_schema());
        int r = answer_schemas(service, schemas, ret_wrong);
        if (r < 0) {
                json_decref(schemas);
                return r;
        }
        json_t *paths = write_paths(service, schemas);
        json_t *document = json_pack(
                "{s:s, s:{s:s, s:s, s:s, s:{s:s, s:s}}, s:[{s:s}], s:o, s:{s:o, s:o, s:o, s:{s:{s:s, s:s, s:s}}}}",
                "openapi", "3.1.0", "info", "title", "Upstander", "version", "1", "description",
                "Racist incidents and observations, and the safeguarding pathways that answer them.", "license", "name",
                "As the repository says", "identifier", "LicenseRef-Upstander", "servers", "url", API_PREFIX, "paths",
                paths, "components", "schemas", schemas, "responses", answer_problems(), "parameters",
                shared_parameters(), "securitySchemes", "bearer", "type", "http", "scheme", "bearer", "description",
                "The token that POST /session answers with.");
        *ret_text = json_dumps(document, JSON_COMPACT);
        *ret_size = strlen(*ret_text);
        json_decref(document);
        return 0;
}
