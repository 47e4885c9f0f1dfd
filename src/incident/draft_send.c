/* Checking the answers, and sending them: through the same statement as a report by the API. */
#include <string.h>

#include "base/uuid.h"
#include "crypto/seal.h"
#include "draft_internal.h"
#include "http/service.h"
#include "incident/facts.h"
#include "incident/handlers.h"

/* The report as it would be sent, with the one organisation of a reporter who has one. A new reference. */
static json_t *report_of(struct request *request, const json_t *draft) {
        bool several = draft_several_organisations(request);
        json_t *report = draft_finished(json_object_get(draft, "answers"), several);
        const json_t *roles = json_object_get(json_object_get(request->frame, "actor"), "roles");
        json_t *own = json_object_get(json_array_get(roles, 0), "organisation");
        if (!several && own)
                json_object_set(report, "organisation", own);
        return report;
}

enum step_result draft_check_prepare(struct request *request) {
        request_call(request, "draft/get");
        request_value(request, "draft", request_parameter(request, "draft"));
        return STEP_DATABASE;
}

/* The draft is kept in the request's body, which owns it, while the database says where the report would go. */
static enum step_result ask_where(struct request *request) {
        json_t *draft = request_resource(request);
        if (!draft)
                return STEP_FAULT;
        json_t *report = report_of(request, draft), *facts = incident_facts_preview(incident_today(request), report);
        if (!request->body)
                request->body = json_object();
        json_object_set_new(request->body, "draft", draft);
        request_call(request, "draft/preview");
        request_value_json(request, "facts", facts);
        json_decref(facts);
        json_decref(report);
        return STEP_DATABASE;
}

static enum step_result show_check(struct request *request, json_t *where) {
        json_t *draft = json_object_get(request->body, "draft"), *report = report_of(request, draft);
        json_t *answers = json_object_get(draft, "answers"), *referrals = json_object_get(where, "referrals");
        json_t *faults = json_array(), *context = draft_view_answers(request, answers);

        draft_check(report, incident_today(request), faults);
        bool complete = json_array_size(faults) == 0;
        /* Before it is sent what is missing is only named; a refusal of ours comes first. */
        json_t *summary = request->refused ? draft_view_faults(request, answers, request->faults) : NULL;
        json_object_set_new(context, "form", json_pack("{s:b, s:o?}", "has_errors", summary != NULL,
                                                       "error_summary", summary));
        json_object_set_new(context, "complete", json_boolean(complete));
        json_object_set(context, "draft", json_object_get(draft, "id"));
        json_object_set(context, "version", json_object_get(draft, "version"));
        json_object_set(context, "at_once", json_object_get(where, "at_once"));
        json_object_set(context, "referrals", referrals);
        json_object_set_new(context, "somewhere", json_boolean(json_array_size(referrals) > 0));
        json_object_set_new(context, "back_href", json_string(draft_address(request, 0, "actions", NULL)));
        json_decref(faults);
        json_decref(report);
        return draft_show(request, "report/check", context);
}

enum step_result draft_check_finish(struct request *request) {
        enum step_result result;
        if (!draft_is_open(request, &result))
                return result;
        if (request->stage == 1)
                return ask_where(request);
        json_t *where = request_resource(request);
        result = where ? show_check(request, where) : STEP_FAULT;
        json_decref(where);
        return result;
}

enum step_result draft_send_prepare(struct request *request) {
        request_call(request, "draft/sending");
        request_value(request, "draft", request_parameter(request, "draft"));
        return STEP_DATABASE;
}

static enum step_result send(struct request *request, json_t *report) {
        char id[UUID_TEXT], reference[REFERENCE_TEXT];
        json_t *facts;
        draft_check(report, incident_today(request), request->faults);
        if (json_array_size(request->faults) > 0)
                return reply_faults(request);
        uuid_new(id);
        reference_new("UP", reference);
        if (incident_facts_seal(request->service->keyring, id, incident_today(request), report, &facts) < 0)
                return STEP_FAULT;
        request_call(request, "draft/file");
        request_value(request, "draft", request_parameter(request, "draft"));
        request_value(request, "id", arena_string(request->arena, id));
        request_value(request, "reference", arena_string(request->arena, reference));
        request_value_json(request, "facts", facts);
        json_decref(facts);
        return STEP_DATABASE;
}

/* Whoever presses the button twice is led to the report that the first press made. */
enum step_result draft_send_finish(struct request *request) {
        enum step_result result;
        if (request->stage % 2 == 0) /* the draft was read, and then sent */
                return incident_reference_met(request) ? draft_send_prepare(request) : reply_outcome(request);
        if (!draft_is_open(request, &result))
                return result;
        json_t *draft = request_resource(request);
        if (!draft)
                return STEP_FAULT;
        json_t *report = report_of(request, draft);
        result = send(request, report);
        json_decref(report);
        json_decref(draft);
        return result;
}
