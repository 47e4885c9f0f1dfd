/* The form of a step. What was typed is never lost: a form that is refused comes back with it, and where the step
 * itself is gone, because somebody else took one meanwhile, the page still shows it. */
#include <string.h>

#include "http/codes.h"
#include "pathway/pages.h"
#include "rows.h"
#include "view/form.h"
#include "words.h"

/* The step may have happened earlier than it is written down; the clocks count by when it happened. */
static const char when_form[] =
        "{\"fields\": ["
        "{\"name\": \"happened_at\", \"type\": \"date\", \"label\": \"When did this happen?\","
        " \"hint\": \"Leave this empty if it is happening now. Otherwise enter the day and the time, for example"
        " 27 3 2026.\"},"
        "{\"name\": \"happened_at-time\", \"type\": \"time\", \"label\": \"At what time?\","
        " \"hint\": \"For example, 14:30\"}]}";

static json_t *items_of(void *userdata, const char *list) {
        json_t *items = json_array(), *code;
        size_t n;
        json_array_foreach (userdata ? codes_list(userdata, list) : NULL, n, code)
                if (!json_is_true(json_object_get(code, "retired")))
                        json_array_append_new(items, json_pack("{s:O, s:O, s:O*, s:O*}", "value", json_object_get(code, "code"),
                                                               "label", json_object_get(code, "label"),
                                                               "hint", json_object_get(code, "hint"),
                                                               "group", json_object_get(code, "group")));
        return items;
}

static const json_t *field_named(const json_t *form, const char *name) {
        size_t n;
        json_t *field;
        json_array_foreach (json_object_get(form, "fields"), n, field)
                if (name && words_member(field, "name") && strcmp(words_member(field, "name"), name) == 0)
                        return field;
        return NULL;
}

/* Without scripts every question stands open, so one that depends on an answer says on which: "Only if you answered
 * ‘False’ to ‘What is the outcome?’." A label is shortened to what stands before its colon. */
static void say_when(const json_t *form, json_t *field, const struct codes *codes) {
        _cleanup_buffer_ struct buffer hint = { 0 };
        const json_t *when = json_object_get(field, "when"), *asked = field_named(form, words_member(when, "field"));
        const json_t *in = json_object_get(when, "in");
        const char *own = words_member(field, "hint");
        size_t n;
        json_t *code;
        if (!asked)
                return;
        if (own)
                buffer_append_format(&hint, "%s ", own);
        buffer_append_string(&hint, "Only if you answered ");
        json_array_foreach (in, n, code) {
                const char *label = words_label(codes, words_member(asked, "list"), json_string_value(code));
                buffer_append_format(&hint, "%s‘%.*s’", n == 0 ? "" : n + 1 == json_array_size(in) ? " or " : ", ",
                                     (int) strcspn(label, ":"), label);
        }
        buffer_append_format(&hint, " to ‘%s’", words_member(asked, "label"));
        json_object_set_new(field, "hint", json_string(hint.data));
}

static void say_conditions(json_t *form, const struct codes *codes) {
        size_t n;
        json_t *field;
        json_array_foreach (json_object_get(form, "fields"), n, field)
                say_when(form, field, codes);
}

/* The step's questions and, behind them, when it happened, as one form over the body of the request. */
static json_t *whole_form(const json_t *step) {
        json_t *form = json_loads(when_form, 0, NULL), *fields = json_array(), *field;
        size_t n;
        json_array_foreach (json_object_get(step, "fields"), n, field) {
                json_t *when = json_object_get(field, "when");
                json_object_set_new(field, "name", json_sprintf("data/%s", words_member(field, "name")));
                if (when)
                        json_object_set_new(when, "field", json_sprintf("data/%s", words_member(when, "field")));
                json_array_append(fields, field);
        }
        json_array_extend(fields, json_object_get(form, "fields"));
        json_object_set_new(form, "fields", fields);
        return form;
}

/* What is wrong, for somebody who filled the form in. */
static json_t *faults_for_form(const struct request *request) {
        json_t *faults = json_array(), *fault;
        size_t n;
        json_array_foreach (request->faults, n, fault) {
                const char *field = words_member(fault, "field"), *code = words_member(fault, "code");
                json_t *shown = json_copy(fault);
                if (field && code && strcmp(field, "/happened_at") == 0 && strcmp(code, "not_an_instant") == 0)
                        words_set(shown, "message", "Enter when it happened as a day, a month, a year and a time, "
                                                    "like 27 3 2026 and 14:30");
                json_array_append_new(faults, shown);
        }
        return faults;
}

static void add_form(const struct request *request, json_t *resource, json_t *step, struct codes *codes) {
        const struct form_options options = { .items = items_of, .userdata = codes };
        say_conditions(step, codes);
        json_t *form = whole_form(step), *faults = request->refused ? faults_for_form(request) : json_array();
        json_t *values = request->refused && request->given ? form_read(form, request->given, &options) : NULL;
        json_t *bound = form_bind(form, values, faults, &options);
        json_object_set(bound, "title", json_object_get(step, "title"));
        json_object_set(bound, "warning", json_object_get(step, "warning"));
        json_object_set(bound, "hint", json_object_get(step, "hint"));
        json_object_set_new(resource, "form", bound);
        json_decref(values);
        json_decref(faults);
        json_decref(form);
}

/* The step cannot be taken any more: what was typed is shown so that it can be copied. */
static void add_typed(const struct request *request, json_t *resource) {
        json_t *typed = json_array(), *value, *item;
        const char *name;
        size_t n;
        json_object_foreach (request->given, name, value) {
                if (strncmp(name, "data/", 5) != 0)
                        continue;
                if (json_is_string(value))
                        row_add(typed, "Your answer", json_string_value(value));
                json_array_foreach (value, n, item)
                        row_add(typed, "Your answer", json_string_value(item));
        }
        if (json_array_size(typed) > 0)
                json_object_set(resource, "typed", typed);
        json_decref(typed);
}

void pathway_decorate_step(struct request *request, json_t *resource) {
        _cleanup_(codes_unref_p) struct codes *codes = codes_current();
        json_t *form = json_incref(json_object_get(resource, "form"));
        bool stale = request->refused && (request->refused_status == 412 || request->refused_status == 409);
        json_object_set_new(resource, "stale", json_boolean(stale));
        if (stale)
                /* nothing is wrong with the answers: the page says what happened in words */
                json_array_clear(request->faults);
        if (json_is_object(form))
                add_form(request, resource, form, codes);
        else
                add_typed(request, resource);
        json_object_set_new(resource, "gone", json_boolean(!json_is_object(form)));
        json_decref(form);
}
