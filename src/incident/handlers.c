/* Reporting: preview, filing, adding. Reads need no handler. */
#include "incident/handlers.h"

#include <string.h>

#include "base/uuid.h"
#include "http/service.h"
#include "incident/facts.h"
#include "show.h"

const char *incident_today(struct request *request) {
        char day[INCIDENT_DAY];
        return arena_string(request->arena, incident_day(day));
}

static enum step_result file_prepare(struct request *request) {
        char id[UUID_TEXT], reference[REFERENCE_TEXT];
        json_t *facts;
        uuid_new(id);
        reference_new("UP", reference);
        if (incident_facts_seal(request->service->keyring, id, incident_today(request), request->body, &facts) < 0)
                return STEP_FAULT;
        request_call(request, "incident/file");
        request_value(request, "id", arena_string(request->arena, id));
        request_value(request, "reference", arena_string(request->arena, reference));
        request_value_json(request, "facts", facts);
        json_decref(facts);
        return STEP_DATABASE;
}

bool incident_reference_met(const struct request *request) {
        enum { STEPS_MAX = 8 };
        const struct db_step *step = &request->step;
        return request->stage < STEPS_MAX && step->outcome && strcmp(step->outcome, "invalid") == 0 && step->body
               && strstr(step->body, "_reference_taken\"");
}

static enum step_result file_finish(struct request *request) {
        return incident_reference_met(request) ? file_prepare(request) : reply_outcome(request);
}

static enum step_result preview_prepare(struct request *request) {
        json_t *facts = incident_facts_preview(incident_today(request), request->body);
        request_call(request, "incident/preview");
        request_value_json(request, "facts", facts);
        json_decref(facts);
        return STEP_DATABASE;
}

static const struct field addition_fields[] = {
        { "text", FIELD_TEXT, .required = true, .most = 20000, .about = "What is to be added" },
        { NULL },
};
static const struct body_schema addition_schema = { "addition", addition_fields, NULL };

/* An addition is sealed under the case's own key, so the case is asked for it first. */
static enum step_result addition_prepare(struct request *request) {
        request_call(request, "incident/key");
        request_value(request, "incident", request_parameter(request, "incident"));
        return STEP_DATABASE;
}

static enum step_result addition_finish(struct request *request) {
        if (request->stage > 1 || !request->step.outcome || strcmp(request->step.outcome, "ok") != 0)
                return reply_outcome(request);
        json_t *key_of = request_resource(request);
        request_call(request, "incident/add");
        request_value(request, "incident", request_parameter(request, "incident"));
        int r = request_value_sealed(request, key_of, "addition", "text", "id", json_object_get(request->body, "text"));
        json_decref(key_of);
        return r < 0 ? STEP_FAULT : STEP_DATABASE;
}

static const struct field conflict_fields[] = {
        { "reason", FIELD_TEXT, .required = true, .most = CONFLICT_REASON_MOST, .about = "What the conflict is" },
        { NULL },
};
static const struct body_schema conflict_schema = { "conflict_of_interest", conflict_fields, NULL };

static enum step_result conflict_prepare(struct request *request) {
        request_call(request, "incident/conflict");
        request_value(request, "incident", request_parameter(request, "incident"));
        return STEP_DATABASE;
}

static enum step_result conflict_finish(struct request *request) {
        if (request->stage > 1 || !request->step.outcome || strcmp(request->step.outcome, "ok") != 0)
                return reply_outcome(request);
        json_t *key_of = request_resource(request);
        request_call(request, "incident/conflict_declare");
        request_value(request, "incident", request_parameter(request, "incident"));
        int r = request_value_sealed(request, key_of, "case_exclusion", "reason", "reason_id",
                                     json_object_get(request->body, "reason"));
        json_decref(key_of);
        return r < 0 ? STEP_FAULT : STEP_DATABASE;
}

const struct route incident_routes[] = {
        { METHOD_GET, "/incidents", "INCIDENT_READ", .about = "The reports that one may list, newest first", .action = "VIEW",
          .query = "incident/list", .page = "incident/list", .decorate = incident_decorate_list, .answer = "incident_list" },
        { METHOD_POST, "/incidents", "INCIDENT_CREATE", ROUTE_CREATES | ROUTE_API_ONLY, .about = "Send a report", .action = "CREATE",
          .body = &incident_schema, .prepare = file_prepare, .finish = file_finish, .answer = "incident" },
        { METHOD_POST, "/incidents/preview", "INCIDENT_CREATE", ROUTE_API_ONLY,
          .about = "Which referrals the facts would propose, and why; stores nothing", .action = "VIEW", .body = &incident_schema,
          .prepare = preview_prepare, .finish = reply_outcome, .answer = "incident_preview" },
        { METHOD_GET, "/incidents/{incident}", "INCIDENT_READ", .about = "One report", .action = "VIEW", .query = "incident/get",
          .page = "incident/show", .decorate = incident_decorate_show, .answer = "incident" },
        { METHOD_GET, "/incidents/{incident}/chronology", "INCIDENT_READ", .about = "Everything that happened, newest first",
          .action = "VIEW", .query = "incident/chronology", .page = "incident/chronology",
          .decorate = incident_decorate_chronology, .answer = "chronology" },
        { METHOD_GET, "/incidents/{incident}/additions", "INCIDENT_ADD", ROUTE_PAGE_ONLY, .about = "The form for adding information",
          .action = "VIEW", .query = "incident/get", .page = "incident/add", .decorate = incident_decorate_addition },
        { METHOD_POST, "/incidents/{incident}/additions", "INCIDENT_ADD", ROUTE_CREATES, .about = "Add information to a report",
          .action = "UPDATE", .sight = "incident/sight", .body = &addition_schema, .prepare = addition_prepare, .finish = addition_finish,
          .answer = "addition" },
        { METHOD_GET, "/incidents/{incident}/conflict", "INCIDENT_READ", ROUTE_PAGE_ONLY,
          .about = "The form for declaring a conflict of interest, and what follows from it", .action = "VIEW",
          .query = "incident/conflict", .page = "incident/conflict", .decorate = incident_decorate_conflict },
        { METHOD_POST, "/incidents/{incident}/conflict", "INCIDENT_READ",
          .about = "Declare a conflict of interest: the case is hidden from oneself, and somebody else takes it", .action = "UPDATE",
          .sight = "incident/conflict", .body = &conflict_schema, .prepare = conflict_prepare, .finish = conflict_finish,
          .answer = "conflict" },
};
const size_t incident_routes_count = ELEMENTS(incident_routes);
