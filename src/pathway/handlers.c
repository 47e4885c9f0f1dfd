/* Taking a step of a pathway: the referral is asked for the step's form and key, the answers are checked and sealed,
 * and the step is taken under the case's lock. */
#include "pathway/handlers.h"

#include <string.h>

#include "http/codes.h"
#include "http/service.h"
#include "pathway/form.h"
#include "pathway/pages.h"

static const struct field transition_fields[] = {
        { "transition", FIELD_LINE, .required = true, .most = 60,
          .about = "A step that the referral offers this actor" },
        { "happened_at", FIELD_INSTANT, .about = "When it happened, if not now" },
        { "data", FIELD_FREE, .about = "The answers that the step's form asks for" },
        { NULL },
};
static const struct body_schema transition_schema = { "transition", transition_fields, NULL };

static enum step_result step_prepare(struct request *request) {
        request_call(request, "referral/form");
        request_value(request, "referral", request_parameter(request, "referral"));
        request_value(request, "transition", request_text(request, "transition"));
        request_value(request, "etag", request->if_match);
        return STEP_DATABASE;
}

static enum step_result step_take(struct request *request, const json_t *asked) {
        const json_t *form = json_object_get(asked, "form");
        json_t *data = json_object_get(request->body, "data");
        if (!data) {
                data = json_object();
                json_object_set_new(request->body, "data", data);
        }
        if (request->is_form)
                pathway_form_read(form, data);
        const struct field *fields = pathway_form_fields(request->arena, form, data);
        if (!fields)
                return STEP_FAULT;
        body_check(data, fields, "/data", codes_exist, request->faults);
        if (json_array_size(request->faults) > 0)
                return reply_faults(request);

        json_t *codes, *open, *texts;
        pathway_form_sort(form, data, &codes, &open, &texts);
        request_call(request, "referral/take");
        request_value(request, "referral", request_parameter(request, "referral"));
        request_value(request, "transition", request_text(request, "transition"));
        request_value(request, "etag", request->if_match);
        request_value(request, "happened_at", request_text(request, "happened_at"));
        request_value_json(request, "data", open);
        request_value_json(request, "codes", codes);
        int r = json_object_size(texts) == 0 ? 0 : request_value_sealed(request, asked, "referral_event", "texts", "sealed_id", texts);
        json_decref(codes);
        json_decref(open);
        json_decref(texts);
        return r < 0 ? STEP_FAULT : STEP_DATABASE;
}

static enum step_result step_finish(struct request *request) {
        if (request->stage > 1 || !request->step.outcome || strcmp(request->step.outcome, "ok") != 0)
                return reply_outcome(request);
        json_t *asked = request_resource(request);
        if (!asked)
                return STEP_FAULT;
        enum step_result result = step_take(request, asked);
        json_decref(asked);
        return result;
}

/* The page of a step that cannot be taken is shown only to somebody who was just filling it in. */
static enum step_result step_page_finish(struct request *request) {
        json_t *page = request->refused ? NULL : request_resource(request);
        bool gone = json_is_null(json_object_get(page, "form"));
        json_decref(page);
        return gone ? reply_problem(request, "conflict") : reply_outcome(request);
}

static const struct field acknowledgement_fields[] = {
        { "referrals", FIELD_REFERENCES, .required = true, .most = 200, .about = "References of new referrals" },
        { NULL },
};
static const struct body_schema acknowledgement_schema = { "acknowledgement", acknowledgement_fields, NULL };

static enum step_result acknowledge_prepare(struct request *request) {
        request_call(request, "referral/acknowledge");
        request_value_json(request, "references", json_object_get(request->body, "referrals"));
        return STEP_DATABASE;
}

/* Back to the list that was chosen, so that a morning's work goes on where it was. */
static enum step_result acknowledge_finish(struct request *request) {
        const char *outcome = request->step.outcome;
        if (request->is_api || !outcome || strcmp(outcome, "ok") != 0)
                return reply_outcome(request);
        request_take_page_query(request);
        return reply_see_other(request, pathway_queue_address(request));
}

const struct route pathway_routes[] = {
        { METHOD_GET, "/referrals", "REFERRAL_READ",
          .about = "The queue: what waits for one's units, what is due first", .action = "VIEW",
          .query = "referral/list", .page = "referral/list", .decorate = pathway_decorate_queue,
          .answer = "referral_list" },
        { METHOD_GET, "/referrals/{referral}", "REFERRAL_READ", .about = "One referral", .action = "VIEW",
          .query = "referral/get", .page = "referral/show", .decorate = pathway_decorate_referral,
          .answer = "referral" },
        { METHOD_GET, "/referrals/{referral}/transitions", "REFERRAL_TAKE", ROUTE_PAGE_ONLY,
          .about = "The form of a step", .action = "VIEW", .query = "referral/step", .finish = step_page_finish,
          .page = "referral/step", .decorate = pathway_decorate_step },
        { METHOD_POST, "/referrals/{referral}/transitions", "REFERRAL_TAKE", ROUTE_VERSIONED, .about = "Take a step",
          .action = "UPDATE", .sight = "referral/sight", .body = &transition_schema, .prepare = step_prepare,
          .finish = step_finish, .answer = "step" },
        /* The queue once more, where a form that acknowledged nothing comes back to. */
        { METHOD_GET, "/referrals/acknowledgements", "REFERRAL_READ", ROUTE_PAGE_ONLY,
          .about = "The queue, for acknowledging", .action = "VIEW", .query = "referral/list",
          .page = "referral/list", .decorate = pathway_decorate_queue },
        { METHOD_POST, "/referrals/acknowledgements", "REFERRAL_TAKE",
          .about = "Acknowledge several new referrals at once", .action = "UPDATE", .body = &acknowledgement_schema,
          .prepare = acknowledge_prepare, .finish = acknowledge_finish, .answer = "acknowledged" },
        { METHOD_GET, "/pathways", .flags = ROUTE_SIGNED_IN | ROUTE_API_ONLY, .about = "The pathways in force",
          .action = "VIEW", .query = "pathway/list", .answer = "pathway_list" },
        { METHOD_GET, "/pathways/{pathway}", .flags = ROUTE_SIGNED_IN | ROUTE_API_ONLY,
          .about = "A pathway's definition in force", .action = "VIEW", .query = "pathway/get",
          .answer = "pathway" },
};
const size_t pathway_routes_count = ELEMENTS(pathway_routes);
