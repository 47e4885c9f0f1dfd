/* What the pages of a report need beyond its JSON: labels of two lists, words of steps as a list, a form. */
#include <string.h>

#include "http/codes.h"
#include "http/filter.h"
#include "incident/facts.h"
#include "incident/handlers.h"
#include "show.h"
#include "view/form.h"

/* A code of the list, or of the reasons why an answer is missing. */
static void add_label(json_t *object, const char *member, const struct codes *codes, const char *list, const char *to) {
        const char *code = json_string_value(json_object_get(object, member));
        const char *label = code ? codes_label(codes, list, code) : NULL;
        if (code && !label)
                label = codes_label(codes, "missingness", code);
        json_object_set_new(object, to, label ? json_string(label) : json_null());
}

void incident_decorate_list(struct request *request, json_t *resource) {
        static const char *const names[] = { "ref", "status", "pathway", NULL };
        json_t *asked = filter_values(request, names);
        json_object_set(resource, "filtered", json_object_get(asked, "any"));
        json_object_set_new(resource, "asked", asked);
        json_object_set_new(resource, "filters",
                            json_pack("[o, o]", filter_select(request, "status", "Status", "incident_status", "Any status"),
                                      filter_select(request, "pathway", "Pathway", "pathway", "All pathways")));
}

void incident_decorate_show(struct request *request, json_t *resource) {
        json_object_set_new(resource, "somewhere", json_boolean(json_array_size(json_object_get(resource, "referrals")) > 0));
        _cleanup_(codes_unref_p) struct codes *codes = codes_current();
        size_t n;
        json_t *person;
        json_array_foreach (json_object_get(resource, "people"), n, person) {
                json_t *ethnicity = json_object_get(person, "ethnicity");
                if (ethnicity)
                        add_label(ethnicity, "code", codes, "ethnicity", "label");
                add_label(person, "religion", codes, "religion", "religion_label");
                if (incident_tells_about_work(person))
                        add_label(person, "works_with_children", codes, "works_with_children", "works_label");
                else
                        json_object_set_new(person, "works_label", json_null());
        }
}

/* "what_follows" is shown as "What follows". */
static json_t *title_of(const char *name) {
        char text[64];
        size_t size = 0;
        for (; name[size] && size < sizeof text - 1; size++)
                text[size] = name[size] == '_' ? ' ' : name[size];
        text[size] = '\0';
        if (text[0] >= 'a' && text[0] <= 'z')
                text[0] = (char) (text[0] - 'a' + 'A');
        return json_string(text);
}

void incident_decorate_chronology(struct request *request, json_t *resource) {
        size_t n;
        json_t *item;
        json_array_foreach (json_object_get(resource, "items"), n, item) {
                json_t *words = json_array(), *text;
                const char *name;
                json_object_foreach (json_object_get(item, "texts"), name, text)
                        if (json_is_string(text))
                                json_array_append_new(words, json_pack("{s:o, s:O}", "label", title_of(name), "text", text));
                json_object_set_new(item, "words", words);
                /* "Proposed: Proposed" says nothing twice. */
                if (json_equal(json_object_get(item, "title"), json_object_get(item, "state_label")))
                        json_object_set_new(item, "state_label", json_null());
        }
}

/* Binds a form of one question to the page. `form` is taken. */
static void add_form(struct request *request, json_t *resource, json_t *form, bool beside) {
        const struct form_options options = { .base = "", .beside = beside };
        const json_t *errors = json_array_size(request->faults) > 0 ? request->faults : NULL;
        json_object_set_new(resource, "form", form_bind(form, request->body, errors, &options));
        json_decref(form);
}

void incident_decorate_addition(struct request *request, json_t *resource) {
        add_form(request, resource, json_pack(
                "{s:s, s:[{s:s, s:s, s:s, s:s, s:b, s:i, s:i}]}", "title", "Add information", "fields",
                "name", "text", "type", "textarea", "label", "What do you want to add?",
                "hint", "It is added to the report with your name and the time, and cannot be changed afterwards.",
                "required", 1, "max", 20000, "rows", 8), false);
}

void incident_decorate_conflict(struct request *request, json_t *resource) {
        add_form(request, resource, json_pack(
                "{s:s, s:[{s:s, s:s, s:s, s:s, s:b, s:i, s:i}]}", "title", "Conflict of interest", "fields",
                "name", "reason", "type", "textarea", "label", "What is the conflict?",
                "hint", "For example, you are related to somebody in the case, or you know them outside work.",
                "required", 1, "max", CONFLICT_REASON_MOST, "rows", 4), true); /* the page has a heading of its own */
}
