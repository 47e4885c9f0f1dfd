/* The parts of a definition: states, steps and their forms, clocks, rules. */
#include <stdio.h>
#include <string.h>

#include "definition.h"
#include "pathway/form.h"
#include "view/form.h"

static const struct member top_members[] = {
        { "pathway", KIND_UPPER },
        { "name", KIND_TEXT },
        { "sort", KIND_INTEGER, .most = 10000 },
        { "valid_from", KIND_DATE },
        { "verified_on", KIND_DATE },
        { "source", KIND_TEXT },
        { "desk", KIND_CAPABILITY },
        { "retention", KIND_RETENTION, .optional = true },
        { "states", KIND_OTHER },
        { "transitions", KIND_OTHER },
        { "clocks", KIND_OTHER },
        { "rules", KIND_OTHER },
        { NULL },
};

static const struct member state_members[] = {
        { "state", KIND_UPPER },
        { "label", KIND_TEXT },
        { "about", KIND_TEXT },
        { "reporter_label", KIND_TEXT },
        { "held_by", KIND_CHOICE, .words = "FROM DESK NOBODY" },
        { "initial", KIND_BOOLEAN, .optional = true },
        { "final", KIND_BOOLEAN, .optional = true },
        { NULL },
};

static const struct member transition_members[] = {
        { "transition", KIND_LOWER },
        { "from", KIND_STATES },
        { "to", KIND_STATE },
        { "label", KIND_TEXT },
        { "side", KIND_CHOICE, .words = "FROM DESK SYSTEM" },
        { "roles", KIND_ROLES, .optional = true },
        { "trigger", KIND_CHOICE, .optional = true, .words = "SILENCE IMMEDIATE_DANGER NO_FREE_LEAD" },
        { "form", KIND_OTHER, .optional = true },
        { NULL },
};

static const struct member form_members[] = {
        { "title", KIND_TEXT },
        { "hint", KIND_TEXT, .optional = true },
        { "warning", KIND_TEXT, .optional = true },
        { "show", KIND_CHOICE, .optional = true, .words = "DESK" },
        { "shared", KIND_BOOLEAN, .optional = true },
        { "records", KIND_OTHER, .optional = true },
        { "fields", KIND_OTHER },
        { NULL },
};

static const struct member field_members[] = {
        { "name", KIND_LOWER },
        { "type", KIND_CHOICE, .words = "text textarea radios checkboxes select date time number" },
        { "label", KIND_TEXT },
        { "hint", KIND_TEXT, .optional = true },
        { "list", KIND_TEXT, .optional = true },
        { "required", KIND_BOOLEAN, .optional = true },
        { "min", KIND_INTEGER, .optional = true, .most = 1000000 },
        { "max", KIND_INTEGER, .optional = true, .least = 1, .most = 1000000 },
        { "rows", KIND_INTEGER, .optional = true, .least = 1, .most = 50 },
        { "width", KIND_INTEGER, .optional = true, .least = 2, .most = 20 },
        { "when", KIND_OTHER, .optional = true },
        { NULL },
};

static const struct member clock_members[] = {
        { "clock", KIND_UPPER },
        { "label", KIND_TEXT },
        { "indicator", KIND_UPPER, .optional = true },
        { "amount", KIND_INTEGER, .most = 1000 },
        { "unit", KIND_CHOICE, .words = "WORKING_DAYS DAYS HOURS MONTHS" },
        { "start", KIND_CHOICE, .words = "AWARE ENTER" },
        { "start_state", KIND_STATE, .optional = true },
        { "stops", KIND_STATES },
        { "not_applicable", KIND_STATES, .optional = true },
        { "source", KIND_TEXT },
        { "verified_on", KIND_DATE },
        { NULL },
};

static const struct member rule_members[] = {
        { "kinds", KIND_CODES, .optional = true, .words = "incident_kind" },
        { "otherwise", KIND_BOOLEAN, .optional = true },
        { "person_roles", KIND_CODES, .optional = true, .words = "party_role" },
        { "works_with_children", KIND_CODES, .optional = true, .words = "works_with_children" },
        { "harm", KIND_CODES, .optional = true, .words = "harm" },
        { "immediate_danger", KIND_BOOLEAN, .optional = true },
        { "age_from", KIND_INTEGER, .optional = true, .most = 120 },
        { "age_to", KIND_INTEGER, .optional = true, .most = 120 },
        { "geography", KIND_CHOICES,
          .words = "workplace_authority home_authority looked_after_by occurred_in organisation" },
        { "because", KIND_TEXT },
        { "not_known", KIND_TEXT, .optional = true },
        { NULL },
};

static bool is_text(const json_t *object, const char *name, const char *text) {
        const char *own = definition_text(object, name);
        return own && strcmp(own, text) == 0;
}

static void check_state(struct check *check, json_t *state, const char *pointer) {
        bool initial = json_is_true(json_object_get(state, "initial"));
        bool final = json_is_true(json_object_get(state, "final"));
        definition_check_object(check, state, state_members, pointer);
        if (initial && final)
                definition_fault(check, pointer, "the state that a referral begins in cannot be its end");
        if (final != is_text(state, "held_by", "NOBODY"))
                definition_fault(check, pointer, "a referral waits for nobody at its end, and only there");
}

static bool is_list(const struct check *check, const char *list) {
        return definition_codes(check, list) || strcmp(list, "authority") == 0 || strcmp(list, "organisation") == 0;
}

static void check_field(struct check *check, json_t *field, const char *pointer) {
        const char *list = definition_text(field, "list");
        bool chooses = is_text(field, "type", "radios") || is_text(field, "type", "checkboxes") ||
                       is_text(field, "type", "select");
        definition_check_object(check, field, field_members, pointer);
        if (chooses && !list)
                definition_fault(check, pointer, "a choice needs a list");
        else if (!chooses && list)
                definition_fault(check, pointer, "only a choice has a list");
        else if (list && !is_list(check, list))
                definition_fault(check, pointer, "there is no list %s", list);
        if (is_text(field, "type", "number") && !json_object_get(field, "max"))
                definition_fault(check, pointer, "a number needs the largest that it may be");
}

/* The field that `name` means among the first `n`, or NULL. */
static const json_t *earlier_field(const json_t *fields, size_t n, const char *name) {
        for (size_t i = 0; i < n; i++)
                if (is_text(json_array_get(fields, i), "name", name))
                        return json_array_get(fields, i);
        return NULL;
}

/* A question may depend on an answer to a choice that was asked before it. */
static void check_when(struct check *check, const json_t *fields, size_t n, const json_t *when, const char *pointer) {
        const char *name = definition_text(when, "field");
        const json_t *asked = name ? earlier_field(fields, n, name) : NULL;
        const char *list = definition_text(asked, "list");
        size_t i;
        json_t *answer;
        if (!asked || !list)
                definition_fault(check, pointer, "this depends on %s, which is not a choice asked before it",
                                 name ? name : "nothing");
        else if (json_array_size(json_object_get(when, "in")) == 0)
                definition_fault(check, pointer, "this depends on no answer");
        else
                json_array_foreach (json_object_get(when, "in"), i, answer) {
                        const char *code = json_is_string(answer) ? json_string_value(answer) : "that stands here";
                        if (!definition_holds(definition_codes(check, list), code))
                                definition_fault(check, pointer, "no answer to %s has the code %s", name, code);
                }
}

static void check_records(struct check *check, const json_t *records, const char *pointer) {
        size_t n;
        json_t *record;
        json_array_foreach (records, n, record) {
                const char *list = definition_text(record, "list"), *code = definition_text(record, "code");
                if (!list || !code)
                        definition_fault(check, pointer, "a record is a list and a code of it");
                else if (!definition_holds(definition_codes(check, list), code))
                        definition_fault(check, pointer, "there is no code %s in list %s", code, list);
        }
}

static void check_form(struct check *check, json_t *form, const char *prefix) {
        char pointer[DEFINITION_POINTER_MAX + 32];
        const json_t *fields = json_object_get(form, "fields");
        _cleanup_free_ char *reason = NULL;
        size_t n;
        json_t *field;
        unsigned before = check->faults;
        definition_check_object(check, form, form_members, prefix);
        check_records(check, json_object_get(form, "records"), prefix);
        if (!json_is_array(fields) || json_array_size(fields) > PATHWAY_FIELDS_MAX)
                definition_fault(check, prefix, "fields must be a list of at most %d", PATHWAY_FIELDS_MAX);
        json_array_foreach (fields, n, field) {
                const char *name = definition_text(field, "name");
                snprintf(pointer, sizeof pointer, "%s/fields/%zu", prefix, n);
                check_field(check, field, pointer);
                if (name && earlier_field(fields, n, name))
                        definition_fault(check, pointer, "there is another field %s", name);
                if (json_object_get(field, "when"))
                        check_when(check, fields, n, json_object_get(field, "when"), pointer);
        }
        /* What the pages ask for besides. */
        if (check->faults == before && form_check(form, &reason) < 0)
                definition_fault(check, prefix, "%s", reason);
}

static bool leaves_from(const json_t *transition, const char *state) {
        return definition_holds(json_object_get(transition, "from"), state);
}

/* Within a state a step's name, and what triggers one by itself, must be unambiguous. */
static void check_twins(struct check *check, const json_t *transitions, size_t n, const char *pointer) {
        const json_t *own = json_array_get(transitions, n);
        const char *name = definition_text(own, "transition"), *trigger = definition_text(own, "trigger");
        size_t i;
        json_t *from;
        json_array_foreach (json_object_get(own, "from"), i, from)
                for (size_t other = 0; other < n && json_is_string(from); other++) {
                        const json_t *one = json_array_get(transitions, other);
                        if (!leaves_from(one, json_string_value(from)))
                                continue;
                        if (name && is_text(one, "transition", name))
                                definition_fault(check, pointer, "there is another step %s from %s", name,
                                                 json_string_value(from));
                        if (trigger && is_text(one, "trigger", trigger))
                                definition_fault(check, pointer, "another step from %s has the trigger %s",
                                                 json_string_value(from), trigger);
                }
}

static void check_transition(struct check *check, json_t *transition, const char *pointer) {
        char inner[DEFINITION_POINTER_MAX];
        bool system = is_text(transition, "side", "SYSTEM"), roles = json_object_get(transition, "roles");
        bool trigger = json_object_get(transition, "trigger");
        json_t *form = json_object_get(transition, "form");
        definition_check_object(check, transition, transition_members, pointer);
        if (system && roles)
                definition_fault(check, pointer, "nobody takes a step of the system: leave out its roles");
        if (!system && !roles)
                definition_fault(check, pointer, "say which roles may take this step");
        if (system && !trigger)
                definition_fault(check, pointer, "say what triggers this step");
        if (!system && trigger)
                definition_fault(check, pointer, "only a step of the system has a trigger");
        snprintf(inner, sizeof inner, "%s/form", pointer);
        if (form)
                check_form(check, form, inner);
}

static void check_clock(struct check *check, json_t *clock, const char *pointer) {
        size_t n;
        json_t *state;
        definition_check_object(check, clock, clock_members, pointer);
        json_array_foreach (json_object_get(clock, "not_applicable"), n, state)
                if (json_is_string(state) && definition_holds(json_object_get(clock, "stops"), json_string_value(state)))
                        definition_fault(check, pointer, "%s cannot both stop the clock and make it not apply",
                                         json_string_value(state));
        if (is_text(clock, "start", "ENTER") != (json_object_get(clock, "start_state") != NULL))
                definition_fault(check, pointer, "a clock that starts with ENTER, and no other, says with which state");
}

static void check_rule(struct check *check, json_t *rule, const char *pointer) {
        const json_t *from = json_object_get(rule, "age_from"), *to = json_object_get(rule, "age_to");
        static const char *const of_people[] = { "works_with_children", "age_from", "age_to" };
        bool otherwise = json_is_true(json_object_get(rule, "otherwise"));
        definition_check_object(check, rule, rule_members, pointer);
        if (otherwise == (json_object_get(rule, "person_roles") != NULL))
                definition_fault(check, pointer, "a rule says which people it is about, or that it is for what is left otherwise");
        for (size_t i = 0; otherwise && i < ELEMENTS(of_people); i++)
                if (json_object_get(rule, of_people[i]))
                        definition_fault(check, pointer, "what is left otherwise is about no person: leave out %s",
                                         of_people[i]);
        if (from && to && json_integer_value(from) > json_integer_value(to))
                definition_fault(check, pointer, "age_from is above age_to");
}

static void check_unique(struct check *check, const json_t *array, const char *name, const char *part) {
        char pointer[DEFINITION_POINTER_MAX];
        size_t n, i;
        json_t *one, *other;
        json_array_foreach (array, n, one)
                json_array_foreach (array, i, other)
                        if (i < n && definition_text(one, name) && is_text(other, name, definition_text(one, name))) {
                                snprintf(pointer, sizeof pointer, "/%s/%zu/%s", part, n, name);
                                definition_fault(check, pointer, "there is another %s %s", name,
                                                 definition_text(one, name));
                        }
}

static void check_initial(struct check *check) {
        unsigned initial = 0;
        size_t n;
        json_t *state;
        json_array_foreach (json_object_get(check->definition, "states"), n, state)
                initial += json_is_true(json_object_get(state, "initial"));
        if (initial != 1)
                definition_fault(check, "/states", "there must be one initial state, and there are %u", initial);
}

void definition_check_parts(struct check *check) {
        static const struct {
                const char *name;
                size_t least, most;
                void (*check)(struct check *check, json_t *object, const char *pointer);
        } parts[] = {
                { "states", 2, DEFINITION_STATES_MAX, check_state },
                { "transitions", 1, DEFINITION_TRANSITIONS_MAX, check_transition },
                { "clocks", 0, DEFINITION_CLOCKS_MAX, check_clock },
                { "rules", 0, DEFINITION_RULES_MAX, check_rule },
        };
        char pointer[DEFINITION_POINTER_MAX];
        definition_check_object(check, check->definition, top_members, "");
        for (size_t i = 0; i < ELEMENTS(parts); i++) {
                json_t *array = json_object_get(check->definition, parts[i].name), *object;
                size_t n, size = json_array_size(array);
                snprintf(pointer, sizeof pointer, "/%s", parts[i].name);
                if (!json_is_array(array) || size < parts[i].least || size > parts[i].most) {
                        definition_fault(check, pointer, "this must be a list of %zu to %zu", parts[i].least,
                                         parts[i].most);
                        return;
                }
                json_array_foreach (array, n, object) {
                        snprintf(pointer, sizeof pointer, "/%s/%zu", parts[i].name, n);
                        parts[i].check(check, object, pointer);
                        if (i == 1)
                                check_twins(check, array, n, pointer);
                }
        }
        check_unique(check, json_object_get(check->definition, "states"), "state", "states");
        check_unique(check, json_object_get(check->definition, "clocks"), "clock", "clocks");
        check_initial(check);
}
