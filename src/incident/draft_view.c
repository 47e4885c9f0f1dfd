/* What the pages of the report form show. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "draft_internal.h"
#include "view/component.h"
#include "view/form.h"

static const char *text_of(const json_t *object, const char *name) {
        return json_string_value(json_object_get(object, name));
}

/* Radios send words: true is "true" there. */
static void words_for_choices(const json_t *form, json_t *target) {
        size_t n;
        const json_t *field;
        json_array_foreach (json_object_get(form, "fields"), n, field) {
                const json_t *value = draft_value_at(target, text_of(field, "name"));
                if (json_is_boolean(value))
                        json_object_set_new(target, text_of(field, "name"),
                                            json_string(json_is_true(value) ? "true" : "false"));
        }
}

/* A date that is none goes back into its three boxes as it was typed. */
static void dates_as_typed(const json_t *form, const char *base, const json_t *given, json_t *target) {
        static const char *const parts[] = { "year", "month", "day" };
        size_t n;
        const json_t *field;
        json_array_foreach (json_object_get(form, "fields"), n, field) {
                const char *typed[ELEMENTS(parts)];
                if (strcmp(text_of(field, "type"), "date") != 0)
                        continue;
                for (size_t i = 0; i < ELEMENTS(parts); i++) {
                        char name[128];
                        snprintf(name, sizeof name, "%s/%s-%s", base, text_of(field, "name"), parts[i]);
                        typed[i] = text_of(given, name);
                }
                if (typed[0] || typed[1] || typed[2])
                        json_object_set_new(target, text_of(field, "name"),
                                            json_sprintf("%s-%s-%s", typed[0] ? typed[0] : "", typed[1] ? typed[1] : "",
                                                         typed[2] ? typed[2] : ""));
        }
}

enum step_result draft_show(struct request *request, const char *page, json_t *context) {
        if (request->frame)
                json_object_set_new(request->frame, "exit_this_page", json_true());
        enum step_result result = reply_page(request, 200, page, context);
        json_decref(context);
        return result;
}

static const char *back_of(const struct request *request) {
        const char *back = request_parameter(request, "back");
        return back && strcmp(back, "check") == 0 ? back : NULL;
}

static const char *back_address(struct request *request, const struct draft_place *place) {
        const char *back = back_of(request);
        const json_t *before = draft_previous(&place->scope, place->page);
        if (back || place->page == NULL)
                return draft_address(request, 0, "check", NULL);
        if (before)
                return draft_address(request, place->person, draft_path(before), NULL);
        return place->person ? draft_address(request, 0, "people", NULL) : "/report";
}

/* The form with the stored answers, or, when it was refused, with what was given. */
static json_t *bind(struct request *request, const struct draft_place *place) {
        _cleanup_(codes_unref_p) struct codes *codes = codes_current();
        struct draft_choices choices = { codes, request->frame };
        const char *base = place->person ? "person" : "answers";
        const struct form_options options = { .base = base, .items = draft_items, .userdata = &choices };
        json_t *target = json_deep_copy(place->target);

        if (request->refused)
                draft_take(place->page, json_object_get(request->body, base), target);
        const struct draft_scope scope = { place->scope.pages, target, place->scope.several_organisations };
        json_t *form = draft_form(&scope, place->page, 1);
        draft_part_missingness(form);
        if (request->refused)
                dates_as_typed(form, base, request->given, target);
        words_for_choices(form, target);
        json_t *values = json_pack("{s:o}", base, target);
        json_t *bound = form_bind(form, values, request->faults, &options);
        json_decref(values);
        json_decref(form);
        return bound;
}

json_t *draft_view_questions(struct request *request, const struct draft_place *place) {
        static const char *const copied[] = { "about", "warning", "more" };
        json_t *context = json_object();
        for (size_t i = 0; i < ELEMENTS(copied); i++) {
                json_t *value = json_object_get(place->page, copied[i]);
                json_object_set_new(context, copied[i], value ? json_incref(value) : json_null());
        }
        const char *instead = text_of(json_object_get(place->page, "instead"), "button");
        json_object_set_new(context, "instead", instead ? json_string(instead) : json_null());
        json_object_set_new(context, "form", bind(request, place));
        const char *action = draft_address(request, place->person, draft_path(place->page), NULL);
        json_object_set_new(context, "action", json_string(action));
        json_object_set_new(context, "back", json_string(back_of(request) ? back_of(request) : ""));
        json_object_set_new(context, "back_href", json_string(back_address(request, place)));
        bool stale = request->refused && request->refused_status == 412;
        json_object_set_new(context, "has_stored", json_boolean(stale));
        json_object_set_new(context, "stored", stale ? draft_view_rows(request, place, NULL) : json_null());
        return context;
}

static const char *person_name(const struct codes *codes, const json_t *person) {
        const char *name = text_of(person, "name"), *role = text_of(person, "role");
        return name ? name : role ? draft_label(codes, "party_role", role) : "Somebody";
}

json_t *draft_view_people(const json_t *answers) {
        _cleanup_(codes_unref_p) struct codes *codes = codes_current();
        json_t *people = json_array();
        size_t n;
        const json_t *person;
        json_array_foreach (json_object_get(answers, "people"), n, person) {
                const char *role = text_of(person, "role");
                bool both = role && text_of(person, "name");
                json_array_append_new(people, json_pack("{s:I, s:s, s:s}", "n", (json_int_t) n + 1,
                                                        "name", person_name(codes, person),
                                                        "role", both ? draft_label(codes, "party_role", role) : ""));
        }
        return people;
}

static void add_row(json_t *rows, const char *label, const char *text, const char *href) {
        json_array_append_new(rows, json_pack("{s:s, s:s?, s:s}", "label", label, "text", text, "href", href));
}

json_t *draft_view_rows(struct request *request, const struct draft_place *place, const char *back) {
        _cleanup_(codes_unref_p) struct codes *codes = codes_current();
        const char *href = draft_address(request, place->person, draft_path(place->page), back);
        json_t *form = draft_form(&place->scope, place->page, 0), *rows = json_array();
        size_t n;
        const json_t *field;
        json_array_foreach (json_object_get(form, "fields"), n, field) {
                _cleanup_buffer_ struct buffer text = { 0 };
                const json_t *value = draft_value_at(place->target, text_of(field, "name"));
                if (value)
                        draft_write_value(codes, field, value, &text);
                const char *own = text_of(field, "row");
                if (text.size > 0)
                        add_row(rows, own ? own : text_of(field, "label"), text.data, href);
        }
        if (json_array_size(rows) == 0 && json_array_size(json_object_get(form, "fields")) > 0)
                add_row(rows, text_of(form, "title"), text_of(place->page, "empty"), href);
        json_decref(form);
        return rows;
}

/* All rows of the pages that apply. */
static json_t *all_rows(struct request *request, struct draft_place *place) {
        json_t *rows = json_array();
        while ((place->page = draft_next(&place->scope, place->page))) {
                json_t *some = draft_view_rows(request, place, "check");
                json_array_extend(rows, some);
                json_decref(some);
        }
        return rows;
}

json_t *draft_view_answers(struct request *request, json_t *answers) {
        _cleanup_(codes_unref_p) struct codes *codes = codes_current();
        json_t *people = json_array(), *person;
        size_t n;
        const struct draft_scope scope = draft_scope_report(answers, draft_several_organisations(request));
        struct draft_place place = { scope, NULL, answers, answers, 0 };
        json_t *rows = all_rows(request, &place);
        json_array_foreach (json_object_get(answers, "people"), n, person) {
                struct draft_place one = { draft_scope_person(person), NULL, answers, person, n + 1 };
                json_array_append_new(people, json_pack("{s:s, s:o}", "title", person_name(codes, person),
                                                        "rows", all_rows(request, &one)));
        }
        return json_pack("{s:o, s:o}", "rows", rows, "people", people);
}

/* The page that asks for what a pointer into the report means. */
static const char *page_asking(struct request *request, json_t *answers, const char *pointer) {
        struct draft_scope scope = draft_scope_report(answers, draft_several_organisations(request));
        size_t person = 0;
        const char *member = pointer + (*pointer == '/');
        if (strncmp(member, "people/", 7) == 0) {
                person = strtoul(member + 7, NULL, 10) + 1;
                scope = draft_scope_person(json_array_get(json_object_get(answers, "people"), person - 1));
                member = strchr(member + 7, '/') ? strchr(member + 7, '/') + 1 : "role";
        }
        for (const json_t *page = draft_next(&scope, NULL); page; page = draft_next(&scope, page))
                if (draft_asks(page, member, strcspn(member, "/")))
                        return draft_address(request, person, draft_path(page), "check");
        return NULL;
}

json_t *draft_view_faults(struct request *request, json_t *answers, json_t *faults) {
        json_t *list = json_array(), *summary = NULL;
        size_t n;
        const json_t *fault;
        json_array_foreach (faults, n, fault) {
                const char *href = page_asking(request, answers, text_of(fault, "field"));
                json_array_append_new(list, json_pack("{s:s, s:s*}", "text", text_of(fault, "message"), "href", href));
        }
        if (n > 0) {
                json_t *options = json_pack("{s:s, s:O}", "titleText", "There is a problem", "errorList", list);
                summary = component_prepare("error-summary", options);
                json_decref(options);
        }
        json_decref(list);
        return summary;
}
