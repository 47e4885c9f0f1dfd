/* What a route answers with: its schema from src/schemas, and the problems that it may meet instead. */
#include <string.h>

#include "openapi-answers.h"
#include "http/problem.h"

static const struct embedded_file *answer_file(const struct service *service, const char *answer) {
        char name[80];
        snprintf(name, sizeof(name), "%.70s.json", answer);
        return service->schemas ? embedded_find(service->schemas, name) : NULL;
}

bool answer_exists(const struct service *service, const char *answer) {
        return answer_file(service, answer) != NULL;
}

/* Problems of every route, then those that its flags and method bring. */
static bool may_meet(const struct route *route, const char *code) {
        static const char *const always[] = { "bad_target", "not_acceptable", "throttled", "defect", "busy" };
        static const char *const signed_in[] = { "unauthenticated", "forbidden" };
        static const char *const writes[] = { "conflict", "body_too_large", "unsupported_media_type", "invalid" };
        static const char *const reports[] = { "invalid" }; /* a period that ends before it begins */
        static const char *const versioned[] = { "stale", "precondition_required" };
        const struct {
                bool holds;
                const char *const *codes;
                size_t n;
        } groups[] = {
                { true, always, ELEMENTS(always) },
                { !(route->flags & ROUTE_ANYONE), signed_in, ELEMENTS(signed_in) },
                { route->method != METHOD_GET, writes, ELEMENTS(writes) },
                { route->flags & ROUTE_REPORT, reports, ELEMENTS(reports) },
                { route->flags & ROUTE_VERSIONED, versioned, ELEMENTS(versioned) },
        };
        for (size_t i = 0; i < ELEMENTS(groups); i++)
                for (size_t k = 0; groups[i].holds && k < groups[i].n; k++)
                        if (strcmp(groups[i].codes[k], code) == 0)
                                return true;
        if (strcmp(code, "sign_in_refused") == 0)
                return route->action && strcmp(route->action, "LOGIN") == 0;
        return strcmp(code, "not_found") == 0 && strchr(route->path, '{');
}

/* One response for each status that problems have, shared by all routes. */
static void problem_key(unsigned status, char ret_key[static 16]) {
        snprintf(ret_key, 16, "problem_%u", status % 1000);
}

static void add_header(json_t *response, const char *name, const char *about, const char *type) {
        json_t *headers = json_object_get(response, "headers");
        if (!headers)
                json_object_set_new(response, "headers", headers = json_object());
        json_object_set_new(headers, name, json_pack("{s:s, s:{s:s}}", "description", about, "schema", "type", type));
}

static json_t *write_problem(unsigned status) {
        _cleanup_buffer_ struct buffer titles = { 0 };
        for (size_t i = 0; i < problem_count(); i++) {
                const struct problem *problem = problem_at(i);
                if (problem->status == status && (!titles.data || !strstr(titles.data, problem->title)))
                        buffer_append_format(&titles, "%s%s", titles.size ? "; " : "", problem->title);
        }
        json_t *response = json_pack("{s:o, s:{s:{s:{s:s}}}}", "description", json_sprintf("%s.", titles.data),
                                     "content", "application/problem+json", "schema", "$ref",
                                     "#/components/schemas/problem");
        if (status == 401)
                add_header(response, "WWW-Authenticate", "Bearer.", "string");
        if (status == 429 || status == 503)
                add_header(response, "Retry-After", "The seconds to wait.", "integer");
        return response;
}

json_t *answer_problems(void) {
        json_t *responses = json_object();
        for (size_t i = 0; i < problem_count(); i++) {
                char key[16];
                problem_key(problem_at(i)->status, key);
                if (!json_object_get(responses, key))
                        json_object_set_new(responses, key, write_problem(problem_at(i)->status));
        }
        return responses;
}

unsigned answer_status(const struct route *route) {
        if (route->answer_status)
                return route->answer_status;
        return route->flags & ROUTE_CREATES ? 201 : route->answer ? 200 : 204;
}

static json_t *write_success(const struct service *service, const struct route *route, const json_t *schemas) {
        unsigned status = answer_status(route);
        if (status == 204)
                return json_pack("{s:s}", "description", "Done; there is nothing to say.");
        const json_t *schema = route->answer ? json_object_get(schemas, route->answer) : NULL;
        const char *type = json_string_value(json_object_get(schema, "type"));
        json_t *reference = schema ? json_pack("{s:o}", "$ref", json_sprintf("#/components/schemas/%s", route->answer))
                                   : json_pack("{s:s}", "type", "object");
        const char *media_type = type && strcmp(type, "string") == 0 ? "text/plain" : "application/json";
        json_t *response = json_pack("{s:s, s:{s:{s:o}}}", "description", status == 201 ? "Made." : "As asked.",
                                     "content", media_type, "schema", reference);
        const struct query *query = route->query ? query_find(service->queries, route->query) : NULL;
        for (unsigned i = 0; query && i < query->n_parameters; i++)
                if (query->parameters[i].type == PARAMETER_CURSOR)
                        add_header(response, "Link", "The next page, rel=\"next\", unless this is the last.", "string");
        if (route->flags & ROUTE_CSV)
                json_object_set_new(json_object_get(response, "content"), "text/csv",
                                    json_pack("{s:{s:s}}", "schema", "type", "string"));
        if (route->flags & ROUTE_CREATES)
                add_header(response, "Location", "Where it is.", "string");
        if (route->method != METHOD_GET || strchr(route->path, '{'))
                add_header(response, "ETag", "For If-Match, where the record can be changed.", "string");
        return response;
}

json_t *answer_responses(const struct service *service, const struct route *route, const json_t *schemas) {
        json_t *responses = json_object();
        char status[8], key[16];

        snprintf(status, sizeof(status), "%u", answer_status(route) % 1000);
        json_object_set_new(responses, status, write_success(service, route, schemas));
        for (size_t i = 0; i < problem_count(); i++) {
                const struct problem *problem = problem_at(i);
                snprintf(status, sizeof(status), "%u", problem->status % 1000);
                if (json_object_get(responses, status) || !may_meet(route, problem->code))
                        continue;
                problem_key(problem->status, key);
                json_object_set_new(responses, status,
                                    json_pack("{s:o}", "$ref", json_sprintf("#/components/responses/%s", key)));
        }
        return responses;
}

int answer_schemas(const struct service *service, json_t *schemas, const char **ret_wrong) {
        for (size_t i = 0; service->schemas && i < service->schemas->n_files; i++) {
                const struct embedded_file *file = &service->schemas->files[i];
                json_t *schema = json_loadb((const char *) file->data, file->size, JSON_REJECT_DUPLICATES, NULL);
                char name[80];
                snprintf(name, sizeof(name), "%.*s", (int) strcspn(file->name, "."), file->name);
                if (!json_is_object(schema) || json_object_get(schemas, name)) {
                        json_decref(schema);
                        *ret_wrong = file->name;
                        return -1;
                }
                json_object_set_new(schemas, name, schema);
        }
        return 0;
}
