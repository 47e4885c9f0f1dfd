/* Showing and keeping a page of the report form, and the people in it. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "crypto/seal.h"
#include "draft_internal.h"
#include "http/service.h"
#include "incident/facts.h"
#include "incident/handlers.h"

/* What a page of the form sends. It is checked as a merge patch, so that nothing has to be there yet. */
static const struct field page_fields[] = {
        { "answers", FIELD_OBJECT, .fields = incident_fields, .about = "Answers of the report" },
        { "person", FIELD_OBJECT, .fields = incident_person_fields, .about = "Answers about one person in it" },
        { "then", FIELD_SLUG, .most = 10, .about = "later: save and come back; more: another of the same; instead: the "
                                                "page’s answer for those who have none" },
        { "back", FIELD_SLUG, .most = 10, .about = "check: back to the answers" },
        { NULL },
};
const struct body_schema draft_page_schema = { "report_page", page_fields, NULL };

static bool says(const struct request *request, const char *member, const char *word) {
        const char *text = request_text(request, member);
        return text && strcmp(text, word) == 0;
}

char *draft_address(struct request *request, size_t person, const char *path, const char *back) {
        const char *draft = request_parameter(request, "draft"), *query = back ? "?back=check" : "";
        return person ? arena_format(request->arena, "/report/%s/person/%zu/%s%s", draft, person, path, query)
                      : arena_format(request->arena, "/report/%s/%s%s", draft, path, query);
}

bool draft_several_organisations(const struct request *request) {
        const json_t *roles = json_object_get(json_object_get(request->frame, "actor"), "roles"), *role;
        const json_t *first = json_object_get(json_array_get(roles, 0), "organisation");
        size_t n;
        json_array_foreach (roles, n, role)
                if (!json_equal(first, json_object_get(role, "organisation")))
                        return true;
        return false;
}

bool draft_is_open(struct request *request, enum step_result *ret) {
        const char *outcome = request->step.outcome;
        if (outcome && strcmp(outcome, "ok") == 0)
                return true;
        if (outcome && strcmp(outcome, "replayed") == 0 && request->step.location)
                *ret = reply_see_other(request, request->step.location);
        else
                *ret = reply_outcome(request);
        return false;
}

enum step_result draft_ask(struct request *request) {
        request_call(request, "draft/get");
        request_value(request, "draft", request_parameter(request, "draft"));
        return STEP_DATABASE;
}

/* Finds the page that the address means, in the report or in one of its people; one number past the last is a new
 * person. Positive when there is no such page. */
static int find_place(struct request *request, json_t *draft, struct draft_place *ret) {
        const char *number = request_parameter(request, "n"), *path = request_parameter(request, "page");
        struct draft_place place = { .answers = json_object_get(draft, "answers") };
        json_t *people = json_object_get(place.answers, "people");

        place.target = place.answers;
        place.scope = draft_scope_report(place.answers, draft_several_organisations(request));
        if (number) {
                if (strspn(number, "0123456789") != strlen(number) || strlen(number) > 2)
                        return 1;
                place.person = strtoul(number, NULL, 10);
                size_t most = json_array_size(people) + 1;
                if (place.person < 1 || place.person > most || place.person > INCIDENT_PEOPLE_MAX)
                        return 1;
                if (!people)
                        json_object_set_new(place.answers, "people", people = json_array());
                if (place.person > json_array_size(people))
                        json_array_append_new(people, json_object());
                place.target = json_array_get(people, place.person - 1);
                place.scope = draft_scope_person(place.target);
        }
        place.page = path ? draft_page(&place.scope, path) : NULL;
        if (path && !place.page)
                return 1;
        *ret = place;
        return 0;
}

static void describe_draft(json_t *context, const json_t *draft) {
        json_object_set(context, "draft", json_object_get(draft, "id"));
        json_object_set(context, "version", json_object_get(draft, "version"));
        json_object_set(context, "kept_until", json_object_get(draft, "kept_until"));
}

/* Where the form goes on after this page. */
static char *next_address(struct request *request, const struct draft_place *place) {
        const json_t *next = draft_next(&place->scope, place->page);
        bool to_check = says(request, "back", "check");
        if (says(request, "then", "later"))
                return arena_format(request->arena, "/report?saved=%s", request_parameter(request, "draft"));
        if (says(request, "then", "more"))
                return draft_address(request, place->person, draft_path(place->page), to_check ? "check" : NULL);
        bool to_read = next && !draft_is(next, "people")
                       && json_array_size(json_object_get(json_object_get(next, "form"), "fields")) == 0;
        if (to_check && !to_read)
                return draft_address(request, 0, "check", NULL);
        if (next)
                return draft_address(request, place->person, draft_path(next), to_check ? "check" : NULL);
        return draft_address(request, 0, place->person ? "people" : "check", NULL);
}

static enum step_result show_place(struct request *request, json_t *draft) {
        struct draft_place place;
        if (find_place(request, draft, &place) != 0)
                return reply_problem(request, "not_found");
        if (!draft_applies(&place.scope, place.page)) {
                const json_t *next = draft_next(&place.scope, place.page);
                const char *path = next ? draft_path(next) : place.person ? "people" : "check";
                return reply_see_other(request, draft_address(request, next ? place.person : 0, path, NULL));
        }
        json_t *context = draft_view_questions(request, &place);
        bool people = draft_is(place.page, "people");
        describe_draft(context, draft);
        if (people) {
                json_t *listed = draft_view_people(place.answers);
                json_object_set_new(context, "next_person", json_integer((json_int_t) json_array_size(listed) + 1));
                json_object_set_new(context, "can_add", json_boolean(json_array_size(listed) < INCIDENT_PEOPLE_MAX));
                json_object_set_new(context, "people", listed);
        }
        return draft_show(request, people ? "report/people" : "report/question", context);
}

enum step_result draft_page_finish(struct request *request) {
        enum step_result result;
        if (!draft_is_open(request, &result))
                return result;
        json_t *draft = request_resource(request);
        result = draft ? show_place(request, draft) : STEP_FAULT;
        json_decref(draft);
        return result;
}

/* The whole report is held to the API's own rules; what they say of this page's answers is told now. */
static void check_place(struct request *request, const struct draft_place *place) {
        json_t *whole = json_deep_copy(place->answers), *faults = json_array(), *fault;
        _cleanup_free_ char *prefix = NULL;
        size_t n;
        if (asprintf(&prefix, place->person ? "/people/%zu/" : "/", place->person - 1) < 0)
                abort();
        draft_check(whole, incident_today(request), faults);
        json_array_foreach (faults, n, fault) {
                const char *field = json_string_value(json_object_get(fault, "field"));
                if (strncmp(field, prefix, strlen(prefix)) != 0)
                        continue;
                field += strlen(prefix);
                if (draft_asks(place->page, field, strcspn(field, "/"))) {
                        const char *base = place->person ? "person" : "answers";
                        json_object_set_new(fault, "field", json_sprintf("/%s/%s", base, field));
                        json_array_append(request->faults, fault);
                }
        }
        json_decref(faults);
        json_decref(whole);
}

enum step_result draft_keep(struct request *request, const json_t *draft, const json_t *answers) {
        _cleanup_(data_key_erase) struct data_key key = { 0 };
        _cleanup_buffer_ struct buffer sealed = { 0 };
        const char *id = json_string_value(json_object_get(draft, "id"));
        const char *wrapped = json_string_value(json_object_get(draft, "wrapped"));
        _cleanup_free_ char *text = json_dumps(answers, JSON_COMPACT);

        if (!id || !wrapped || !text)
                return STEP_FAULT;
        if (strlen(text) > DRAFT_ANSWERS_MAX) {
                memory_erase(text, strlen(text));
                fault_add(request->faults, "", "too_long", "This report holds more text than can be sent at once. "
                          "Shorten an answer; you can add information after it is sent");
                return reply_faults(request);
        }
        int r = seal_data_key_unwrap(request->service->keyring, id, wrapped, &key);
        if (r == 0)
                r = seal_value(&key, "draft", "sealed", id, text, strlen(text), &sealed);
        memory_erase(text, strlen(text));
        if (r < 0)
                return STEP_FAULT;
        request_call(request, "draft/save");
        request_value(request, "draft", request_parameter(request, "draft"));
        request_value(request, "sealed", arena_copy(request->arena, sealed.data, sealed.size));
        return STEP_DATABASE;
}

static enum step_result save_place(struct request *request, json_t *draft) {
        struct draft_place place;
        if (find_place(request, draft, &place) != 0)
                return reply_problem(request, "not_found");
        json_t *instead = says(request, "then", "instead") ? draft_instead(place.page, incident_today(request)) : NULL;
        const char *base = place.person ? "person" : "answers";
        draft_take(place.page, instead ? instead : json_object_get(request->body, base), place.target);
        json_decref(instead);
        if (!says(request, "then", "later"))
                check_place(request, &place);
        else if (place.person && json_object_size(place.target) == 0)
                json_array_remove(json_object_get(place.answers, "people"), place.person - 1);
        if (json_array_size(request->faults) > 0)
                return reply_faults(request);
        request->state = next_address(request, &place);
        return draft_keep(request, draft, place.answers);
}

/* First the draft as it is, then the draft as it is kept. */
enum step_result draft_save_finish(struct request *request) {
        enum step_result result;
        if (!draft_is_open(request, &result))
                return result;
        if (request->stage > 1)
                return reply_see_other(request, request->state);
        json_t *draft = request_resource(request);
        result = draft ? save_place(request, draft) : STEP_FAULT;
        json_decref(draft);
        return result;
}

static enum step_result remove_show(struct request *request, json_t *draft) {
        struct draft_place place;
        size_t n = json_array_size(json_object_get(json_object_get(draft, "answers"), "people"));
        if (find_place(request, draft, &place) != 0 || place.person > n)
                return reply_problem(request, "not_found");
        json_t *people = draft_view_people(place.answers), *context = json_object();
        describe_draft(context, draft);
        json_object_set(context, "person", json_array_get(people, place.person - 1));
        json_decref(people);
        return draft_show(request, "report/remove", context);
}

enum step_result draft_remove_finish(struct request *request) {
        enum step_result result;
        if (!draft_is_open(request, &result))
                return result;
        json_t *draft = request_resource(request);
        result = draft ? remove_show(request, draft) : STEP_FAULT;
        json_decref(draft);
        return result;
}

static enum step_result remove_save(struct request *request, json_t *draft) {
        struct draft_place place;
        size_t n = json_array_size(json_object_get(json_object_get(draft, "answers"), "people"));
        if (find_place(request, draft, &place) != 0 || place.person > n)
                return reply_problem(request, "not_found");
        json_array_remove(json_object_get(place.answers, "people"), place.person - 1);
        request->state = draft_address(request, 0, "people", NULL);
        return draft_keep(request, draft, place.answers);
}

enum step_result draft_remove_person_finish(struct request *request) {
        enum step_result result;
        if (!draft_is_open(request, &result))
                return result;
        if (request->stage > 1)
                return reply_see_other(request, request->state);
        json_t *draft = request_resource(request);
        result = draft ? remove_save(request, draft) : STEP_FAULT;
        json_decref(draft);
        return result;
}
