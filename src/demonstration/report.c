/* One invented report. */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "incident/facts.h"
#include "internal.h"

struct cast {
        char child[80], other[80]; /* the person harmed, and the person whose behaviour was reported */
};

static void name_write(const struct material *material, struct chance *chance, char ret_name[static 80]) {
        snprintf(ret_name, 80, "%s %s", chance_text(chance, material->first_names), chance_text(chance, material->last_names));
}

/* Puts the names in: {child} and {other}. */
static void tell(const char *story, const struct cast *cast, struct buffer *out) {
        for (const char *p = story; *p;) {
                if (strncmp(p, "{child}", 7) == 0 || strncmp(p, "{other}", 7) == 0) {
                        const char *name = p[1] == 'c' ? cast->child : cast->other;
                        buffer_append(out, name, strcspn(name, " "));
                        p += 7;
                } else
                        buffer_append_char(out, *p++);
        }
}

static void set_told(json_t *body, const char *member, const char *story, const struct cast *cast) {
        _cleanup_buffer_ struct buffer text = { 0 };
        tell(story, cast, &text);
        json_object_set_new(body, member, json_string(text.data));
}

/* Most people say how they describe their ethnicity; some do not, and some are not asked. */
static json_t *ethnicity_make(struct chance *chance, const json_t *kinds) {
        static const char *const missing[] = { "NOT_ASKED", "ASKED_DECLINED", "NOT_KNOWN" };
        if (json_array_size(kinds) == 0 || chance_percent(chance, 15))
                return json_pack("{s:s}", "code", missing[chance_below(chance, ELEMENTS(missing))]);
        const json_t *kind = chance_item(chance, kinds);
        return json_pack("{s:O, s:O, s:s}", "code", json_object_get(kind, "code"), "self_described", json_object_get(kind, "words"),
                         "source", chance_percent(chance, 70) ? "SELF" : "PARENT_CARER");
}

static json_t *person_make(struct chance *chance, const json_t *part, const char *name, const char *area) {
        const char *role = json_string_value(json_object_get(part, "role"));
        const json_t *ages = json_object_get(part, "ages");
        json_t *works = json_object_get(part, "works_with_children");
        json_t *person = json_pack("{s:s}", "role", role);
        bool is_person = strcmp(role, "ALLEGED_PERPETRATOR_ORGANISATION") != 0;

        if (is_person) {
                json_object_set_new(person, "name", json_string(name));
                json_object_set_new(person, "ethnicity", ethnicity_make(chance, json_object_get(part, "ethnicities")));
        }
        if (ages)
                json_object_set_new(person, "age_estimate", json_integer(chance_between(chance,
                        json_integer_value(json_array_get(ages, 0)), json_integer_value(json_array_get(ages, 1)))));
        if (works) {
                json_object_set(person, "works_with_children", works);
                json_object_set_new(person, "workplace_authority", json_string(area));
        }
        if (strstr(role, "CHILD"))
                json_object_set_new(person, "home_authority", json_string(area));
        return person;
}

static unsigned weight_of(const json_t *scenario) {
        return (unsigned) json_integer_value(json_object_get(scenario, "weight"));
}

static const json_t *scenario_choose(const struct material *material, struct chance *chance) {
        size_t n = json_array_size(material->scenarios), i = 0;
        unsigned total = 0;
        for (size_t k = 0; k < n; k++)
                total += weight_of(json_array_get(material->scenarios, k));
        unsigned at = chance_below(chance, total);
        for (; i + 1 < n && at >= weight_of(json_array_get(material->scenarios, i)); i++)
                at -= weight_of(json_array_get(material->scenarios, i));
        return json_array_get(material->scenarios, i);
}

static json_t *body_make(const struct material *material, struct chance *chance, const json_t *scenario, const char *organisation,
                         int64_t at) {
        static const char *const copied[] = { "kind", "setting", "strands", "levels", "forms", "perceived_by", "direction", "harm",
                                              "suspected_offence" };
        const json_t *target = json_object_get(scenario, "target"), *other = json_object_get(scenario, "other");
        const char *area = chance_percent(chance, 14) ? "X01" : "X12", *wishes = json_string_value(json_object_get(scenario, "wishes"));
        int64_t aware = at - chance_between(chance, 10 * MINUTE, 5 * HOUR), happened = aware - chance_between(chance, 0, 3 * DAY);
        json_t *body = json_object(), *people = json_array();
        struct cast cast;
        char text[INSTANT_TEXT];

        for (size_t i = 0; i < ELEMENTS(copied); i++)
                json_object_set(body, copied[i], json_object_get(scenario, copied[i]));
        name_write(material, chance, cast.child);
        name_write(material, chance, cast.other);
        json_object_set_new(body, "organisation", json_string(organisation));
        json_object_set_new(body, "occurred_in", json_string(area));
        json_object_set_new(body, "occurred_precision", json_string(chance_percent(chance, 70) ? "EXACT" : "APPROXIMATE"));
        london_day_write(happened, text);
        json_object_set_new(body, "occurred_on", json_string(text));
        instant_write(aware, text);
        json_object_set_new(body, "aware_at", json_string(text));
        json_object_set_new(body, "immediate_danger", json_boolean(target && chance_percent(chance, 4)));
        set_told(body, "narrative", chance_text(chance, json_object_get(scenario, "narratives")), &cast);
        if (wishes)
                set_told(body, "wishes", wishes, &cast);
        if (target)
                json_object_set_new(body, "actions_taken",
                                    json_string(chance_text(chance, json_object_get(material->texts, "actions"))));
        if (target)
                json_array_append_new(people, person_make(chance, target, cast.child, area));
        if (other)
                json_array_append_new(people, person_make(chance, other, cast.other, area));
        json_object_set_new(body, "people", people);
        return body;
}

static const char *reporter_of(const char *organisation) {
        return strcmp(organisation, "example-trust") == 0 ? "practitioner.nhs@example.test"
               : strcmp(organisation, "example-ips") == 0 ? "practitioner.ips@example.test" : "practitioner@example.test";
}

/* The first 48 bits of a version 7 identifier are its time, by which lists are sorted. */
static void uuid_at(int64_t at, char ret_text[static UUID_TEXT]) {
        char time_text[13];
        uuid_new(ret_text);
        snprintf(time_text, sizeof(time_text), "%012llx", (unsigned long long) at * 1000);
        memcpy(ret_text, time_text, 8);
        memcpy(ret_text + 9, time_text + 8, 4);
}

json_t *report_make(const struct material *material, struct chance *chance, int64_t at) {
        const json_t *scenario = scenario_choose(material, chance);
        const char *organisation = chance_text(chance, json_object_get(scenario, "organisations"));
        json_t *body = body_make(material, chance, scenario, organisation, at), *facts = NULL, *report = NULL;
        char id[UUID_TEXT], reference[REFERENCE_TEXT], at_text[INSTANT_TEXT], today[11];

        uuid_at(at, id);
        reference_new("UP", reference);
        instant_write(at, at_text);
        london_day_write(at, today);
        if (incident_facts_seal(material->keyring, id, today, body, &facts) == 0) {
                json_t *steps = steps_make(material, chance, id, json_string_value(json_object_get(facts, "wrapped")), at);
                if (steps)
                        report = json_pack("{s:s, s:s, s:s, s:s, s:O, s:o}", "id", id, "reference", reference, "email",
                                           reporter_of(organisation), "at", at_text, "facts", facts, "steps", steps);
                json_decref(facts);
        }
        json_decref(body);
        return report;
}
