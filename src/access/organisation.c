/* Organisations, and the clearing of matches by name alone. */
#include <string.h>

#include "internal.h"

enum step_result organisation_prepare(struct request *request) {
        char *id = arena_alloc(request->arena, UUID_TEXT);
        uuid_new(id);
        request_call(request, "organisation/add");
        request_value(request, "id", id);
        request_value(request, "slug", request_text(request, "slug"));
        request_value(request, "name", request_text(request, "name"));
        request_value(request, "kind", request_text(request, "kind"));
        request_value(request, "area", request_text(request, "area"));
        return STEP_DATABASE;
}

enum step_result organisation_change_prepare(struct request *request) {
        const json_t *reports = json_object_get(request->body, "reports");
        request_call(request, "organisation/change");
        request_value(request, "organisation", request_parameter(request, "organisation"));
        request_value(request, "name", request_text(request, "name"));
        request_value(request, "kind", request_text(request, "kind"));
        /* Left out, it stays; null takes it away. */
        request_value(request, "area", json_is_null(json_object_get(request->body, "area")) ? "" : request_text(request, "area"));
        request_value(request, "reports", json_is_boolean(reports) ? (json_is_true(reports) ? "true" : "false") : NULL);
        return STEP_DATABASE;
}

/* Of a match by name: which one. */
static void call_exclusion(struct request *request, const char *query) {
        request_call(request, query);
        request_value(request, "incident", request_parameter(request, "incident"));
        request_value(request, "account", request_parameter(request, "account"));
}

/* The reason speaks of a person in a case, so it is sealed under the case's key, which is asked for first. */
enum step_result clear_prepare(struct request *request) {
        call_exclusion(request, "exclusion/key");
        return STEP_DATABASE;
}

enum step_result clear_finish(struct request *request) {
        if (request->stage > 1 || !request->step.outcome || strcmp(request->step.outcome, "ok") != 0)
                return reply_outcome(request);
        json_t *key_of = request_resource(request);
        call_exclusion(request, "exclusion/clear");
        int r = request_value_sealed(request, key_of, "case_exclusion", "reason", "reason_id",
                                     json_object_get(request->body, "reason"));
        json_decref(key_of);
        return r < 0 ? STEP_FAULT : STEP_DATABASE;
}

void organisation_decorate(struct request *request, json_t *resource) {
        bind_form(request, resource, "organisation-change", resource);
}

void organisations_decorate(struct request *request, json_t *resource) {
        bind_form(request, resource, "organisation", NULL);
}
