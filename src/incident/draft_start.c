/* Beginning, resuming and deleting a draft, and the routes of the report form. */
#include <string.h>

#include "base/buffer.h"
#include "base/settings.h"
#include "crypto/seal.h"
#include "draft_internal.h"
#include "http/service.h"
#include "incident/handlers.h"

static enum step_result list_prepare(struct request *request) {
        request_call(request, "draft/list");
        return STEP_DATABASE;
}

/* Whoever has just kept a report for later is told for how long, and where it is. */
static enum step_result list_finish(struct request *request) {
        const char *outcome = request->step.outcome, *saved = request_parameter(request, "saved");
        if (!outcome || strcmp(outcome, "ok") != 0)
                return reply_outcome(request);
        json_t *resource = request_resource(request), *draft;
        size_t n;
        if (!resource)
                return STEP_FAULT;
        json_object_set_new(resource, "saved", json_null());
        json_array_foreach (json_object_get(resource, "drafts"), n, draft)
                if (saved && strcmp(saved, json_string_value(json_object_get(draft, "id"))) == 0)
                        json_object_set(resource, "saved", draft);
        enum step_result result = reply_page(request, 200, "report/start", resource);
        json_decref(resource);
        return result;
}

/* The page made the draft's id (its idempotency key), so that pressing the button twice begins one. */
static enum step_result start_prepare(struct request *request) {
        _cleanup_(data_key_erase) struct data_key key = { 0 };
        _cleanup_buffer_ struct buffer sealed = { 0 };
        _cleanup_free_ char *wrapped = NULL;
        const char *id = request->idempotency_key;
        if (!id || !uuid_is_valid(id))
                return reply_problem(request, "key_required");
        if (seal_data_key_new(request->service->keyring, id, &key, &wrapped) < 0
            || seal_value(&key, "draft", "sealed", id, "{}", 2, &sealed) < 0)
                return STEP_FAULT;
        request_call(request, "draft/start");
        request_value(request, "id", id);
        request_value(request, "form", "report");
        request_value(request, "wrapped", arena_string(request->arena, wrapped));
        request_value(request, "sealed", arena_copy(request->arena, sealed.data, sealed.size));
        return STEP_DATABASE;
}

static enum step_result start_finish(struct request *request) {
        const char *outcome = request->step.outcome;
        if (!outcome || (strcmp(outcome, "created") != 0 && strcmp(outcome, "ok") != 0))
                return reply_outcome(request);
        const struct draft_scope scope = draft_scope_report(NULL, false);
        const char *first = draft_path(draft_next(&scope, NULL));
        return reply_see_other(request, arena_format(request->arena, "/report/%s/%s", request->idempotency_key, first));
}

/* The first page whose question has to be answered and was not; the answers when there is none. */
static const char *resume_path(struct request *request, json_t *answers) {
        struct draft_scope scope = draft_scope_report(answers, draft_several_organisations(request));
        for (const json_t *page = draft_next(&scope, NULL); page; page = draft_next(&scope, page)) {
                size_t n;
                const json_t *field;
                json_array_foreach (json_object_get(json_object_get(page, "form"), "fields"), n, field) {
                        const char *name = json_string_value(json_object_get(field, "name"));
                        if (json_is_true(json_object_get(field, "required")) && !json_object_get(answers, name))
                                return draft_path(page);
                }
        }
        return "check";
}

static enum step_result resume_finish(struct request *request) {
        enum step_result result;
        if (!draft_is_open(request, &result))
                return result;
        json_t *draft = request_resource(request);
        if (!draft)
                return STEP_FAULT;
        const char *path = resume_path(request, json_object_get(draft, "answers"));
        result = reply_see_other(request, draft_address(request, 0, path, NULL));
        json_decref(draft);
        return result;
}

static enum step_result delete_show(struct request *request) {
        enum step_result result;
        return draft_is_open(request, &result) ? reply_outcome(request) : result;
}

static enum step_result delete_prepare(struct request *request) {
        request_call(request, "draft/remove");
        request_value(request, "draft", request_parameter(request, "draft"));
        return STEP_DATABASE;
}

static void sent_decorate(struct request *request, json_t *resource) {
        json_object_set_new(resource, "somewhere", json_boolean(json_array_size(json_object_get(resource, "referrals")) > 0));
}

static void privacy_decorate(struct request *request, json_t *resource) {
        const struct settings *settings = request->service->settings;
        json_object_set_new(resource, "contact", json_string(settings ? settings_text(settings, SETTING_PRIVACY_CONTACT) : ""));
}

enum { FORM_PAGE = ROUTE_PAGE_ONLY, FORM_SAVE = ROUTE_PAGE_ONLY | ROUTE_VERSIONED };

const struct route report_routes[] = {
        { METHOD_GET, "/", NULL, ROUTE_SIGNED_IN | ROUTE_PAGE_ONLY,
          "What this is, and what one may do here", "VIEW", .page = "page/home" },
        { METHOD_GET, "/accessibility", NULL, ROUTE_ANYONE | ROUTE_PAGE_ONLY | ROUTE_QUIET, "Accessibility statement",
          .page = "page/accessibility" },
        { METHOD_GET, "/privacy", NULL, ROUTE_ANYONE | ROUTE_PAGE_ONLY | ROUTE_QUIET,
          "Privacy notice", .page = "page/privacy", .decorate = privacy_decorate },

        { METHOD_GET, "/report", "INCIDENT_CREATE", FORM_PAGE,
          "Before a report: who will read it; and the reports one has begun", "VIEW",
          .page = "report/start", .prepare = list_prepare, .finish = list_finish },
        { METHOD_POST, "/report", "INCIDENT_CREATE", ROUTE_PAGE_ONLY | ROUTE_CREATES, "Begin a report", "CREATE",
          .prepare = start_prepare, .finish = start_finish },
        { METHOD_GET, "/report/{draft}", "INCIDENT_CREATE", FORM_PAGE,
          "Go on with a report", "VIEW", .prepare = draft_ask,
          .finish = resume_finish },
        { METHOD_GET, "/report/{draft}/delete", "INCIDENT_CREATE", FORM_PAGE,
          "Ask whether to delete a report that was not sent", "VIEW",
          .query = "draft/get", .page = "report/delete", .finish = delete_show },
        { METHOD_POST, "/report/{draft}/delete", "INCIDENT_CREATE", FORM_PAGE,
          "Delete a report that was not sent", "DELETE_DISPOSAL",
          .prepare = delete_prepare },
        { METHOD_GET, "/report/{draft}/check", "INCIDENT_CREATE", FORM_PAGE,
          "The answers, and where the report will go", "VIEW",
          .page = "report/check", .prepare = draft_check_prepare, .finish = draft_check_finish },
        { METHOD_POST, "/report/{draft}/check", "INCIDENT_CREATE", FORM_SAVE, "Send the report", "CREATE",
          .sight = "draft/sending", .prepare = draft_send_prepare, .finish = draft_send_finish },
        { METHOD_GET, "/report/{draft}/{page}", "INCIDENT_CREATE", FORM_PAGE, "A page of the report form", "VIEW",
          .page = "report/question", .prepare = draft_ask, .finish = draft_page_finish },
        { METHOD_PATCH, "/report/{draft}/{page}", "INCIDENT_CREATE", FORM_SAVE, "Keep the answers of a page", "UPDATE",
          .sight = "draft/sending", .body = &draft_page_schema, .prepare = draft_ask, .finish = draft_save_finish },
        { METHOD_GET, "/report/{draft}/person/{n}/remove", "INCIDENT_CREATE", FORM_PAGE,
          "Ask whether to take a person out of a report",
          "VIEW", .page = "report/remove", .prepare = draft_ask, .finish = draft_remove_finish },
        { METHOD_POST, "/report/{draft}/person/{n}/remove", "INCIDENT_CREATE", FORM_SAVE,
          "Take a person out of a report", "UPDATE",
          .sight = "draft/sending", .prepare = draft_ask, .finish = draft_remove_person_finish },
        { METHOD_GET, "/report/{draft}/person/{n}/{page}", "INCIDENT_CREATE", FORM_PAGE,
          "A page about a person in a report", "VIEW",
          .page = "report/question", .prepare = draft_ask, .finish = draft_page_finish },
        { METHOD_PATCH, "/report/{draft}/person/{n}/{page}", "INCIDENT_CREATE", FORM_SAVE,
          "Keep the answers about a person", "UPDATE",
          .sight = "draft/sending", .body = &draft_page_schema, .prepare = draft_ask, .finish = draft_save_finish },
        { METHOD_GET, "/incidents/{incident}/sent", "INCIDENT_CREATE", FORM_PAGE,
          "What happens next with a report that was sent", "VIEW",
          .query = "incident/sent", .page = "report/sent", .decorate = sent_decorate },
};
const size_t report_routes_count = ELEMENTS(report_routes);
