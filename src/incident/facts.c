#include "incident/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "crypto/index.h"
#include "crypto/seal.h"

/* What of a report may stand open in the database: codes, dates and places. Everything else is sealed. */
static const char *const open_members[] = {
        "kind", "organisation", "occurred_at_organisation", "occurred_in", "setting", "occurred_on", "occurred_time",
        "occurred_precision", "aware_at", "strands", "levels", "forms", "perceived_by", "direction", "harm",
        "suspected_offence", "immediate_danger",
};
static const char *const sealed_members[] = {
        "narrative", "verbatim", "wishes", "must_not_know", "safe_contact", "actions_taken",
};
static const char *const open_person_members[] = {
        "role", "religion", "home_authority", "looked_after_by", "care_status", "workplace_authority",
};
static const char *const sealed_person_members[] = {
        "name", "date_of_birth", "age_estimate", "email", "ethnicity", "culture", "first_language", "interpreter",
        "workplace", "impact", "consent",
};

static json_t *pick(json_t *object, const char *const names[], size_t n_names) {
        json_t *picked = json_object();
        for (size_t i = 0; i < n_names; i++) {
                json_t *value = json_object_get(object, names[i]);
                if (value && !json_is_null(value))
                        json_object_set(picked, names[i], value);
        }
        return picked;
}

/* Whole years between two dates written YYYY-MM-DD, or -1. */
static int years_between(const char *birth, const char *today) {
        if (!birth || strlen(birth) != 10 || strlen(today) != 10)
                return -1;
        int years = atoi(today) - atoi(birth);
        return strcmp(today + 4, birth + 4) < 0 ? years - 1 : years;
}

static int age_of(const json_t *person, const char *today) {
        int age = years_between(json_string_value(json_object_get(person, "date_of_birth")), today);
        const json_t *estimate = json_object_get(person, "age_estimate");
        if (age < 0 && estimate)
                age = (int) json_integer_value(estimate);
        return age > 120 ? -1 : age;
}

/* What nobody was asked is said so (missingness NOT_ASKED), never left empty. */
static void say_not_asked(json_t *object, const char *member, json_t *not_asked) {
        if (!json_object_get(object, member))
                json_object_set(object, member, not_asked);
        json_decref(not_asked);
}

bool incident_asks_about_work(const char *role) {
        return role && strncmp(role, "ALLEGED_PERPETRATOR_", strlen("ALLEGED_PERPETRATOR_")) == 0
               && strcmp(role, "ALLEGED_PERPETRATOR_CHILD") != 0 && strcmp(role, "ALLEGED_PERPETRATOR_ORGANISATION") != 0;
}

bool incident_tells_about_work(const json_t *person) {
        const char *works = json_string_value(json_object_get(person, "works_with_children"));
        return works && (strcmp(works, "NO") != 0 || incident_asks_about_work(json_string_value(json_object_get(person, "role"))));
}

/* The open facts of a person. A missing ethnicity is NOT_ASKED, and whether somebody whose behaviour was reported works with
 * children is UNKNOWN until said: never empty. */
static json_t *person_facts(json_t *person, const char *today) {
        json_t *facts = pick(person, open_person_members, ELEMENTS(open_person_members));
        const char *role = json_string_value(json_object_get(person, "role"));
        const json_t *ethnicity = json_object_get(person, "ethnicity");
        const char *code = json_string_value(json_object_get(ethnicity, "code"));
        const char *works = json_string_value(json_object_get(person, "works_with_children"));
        bool reported_adult = incident_asks_about_work(role);

        if (!code)
                code = "NOT_ASKED";
        bool missing = strncmp(code, "NOT_", 4) == 0 || strcmp(code, "ASKED_DECLINED") == 0;
        json_object_set_new(facts, "ethnicity", json_string(code));
        json_object_set_new(facts, "ethnicity_list", json_string(missing ? "missingness" : "ethnicity"));
        json_t *source = json_object_get(ethnicity, "source");
        if (source)
                json_object_set(facts, "ethnicity_source", source);
        say_not_asked(facts, "religion", json_string("NOT_ASKED"));
        json_object_set_new(facts, "works_with_children", json_string(works ? works : reported_adult ? "UNKNOWN" : "NO"));
        int age = age_of(person, today);
        if (age >= 0)
                json_object_set_new(facts, "age", json_integer(age));
        return facts;
}

static int seal_object(const struct data_key *key, const char *table, const char *column, const char *row,
                       const json_t *content, json_t *facts, const char *member) {
        _cleanup_buffer_ struct buffer sealed = { 0 };
        int r = seal_json(key, table, column, row, content, &sealed);
        return r < 0 ? r : json_object_set_new(facts, member, json_string(sealed.data));
}

static int add_index(json_t *facts, const char *member, int r, const char *index) {
        if (r == 0)
                json_object_set_new(facts, member, json_string(index));
        /* A name that cannot be indexed, too long say, is no reason to refuse a report. */
        return r == -EINVAL || r == -E2BIG ? 0 : r < 0 ? r : 0;
}

static int add_person(const struct keyring *keyring, const struct data_key *key, json_t *person, const char *today,
                      json_t *people) {
        char id[UUID_TEXT], index[INDEX_TEXT];
        const char *name = json_string_value(json_object_get(person, "name"));
        json_t *facts = person_facts(person, today);
        json_array_append_new(people, facts);
        uuid_new(id);
        json_object_set_new(facts, "id", json_string(id));
        json_t *workplace = json_object_get(person, "workplace");
        if (workplace)
                json_object_set(facts, "workplace", workplace);

        int r = add_index(facts, "name_index", index_name(keyring, name, index), index);
        if (r == 0)
                r = add_index(facts, "name_ends_index", index_first_and_last_name(keyring, name, index), index);
        if (r == 0)
                r = add_index(facts, "name_birth_index",
                              index_name_and_birth(keyring, name, json_string_value(json_object_get(person, "date_of_birth")), index),
                              index);
        if (r == 0)
                r = add_index(facts, "email_index",
                              index_email(keyring, json_string_value(json_object_get(person, "email")), index), index);
        if (r < 0)
                return r;
        json_t *details = pick(person, sealed_person_members, ELEMENTS(sealed_person_members));
        say_not_asked(details, "ethnicity", json_pack("{s:s}", "code", "NOT_ASKED"));
        r = seal_object(key, "incident_person", "details", id, details, facts, "sealed");
        json_decref(details);
        return r;
}

/* Ids and references for the referrals that may come of it: they are made here, never by the database. */
static json_t *spare_references(size_t people) {
        json_t *spare = json_array();
        for (size_t i = 0; i < INCIDENT_REFERRALS(people); i++) {
                char id[UUID_TEXT], reference[REFERENCE_TEXT];
                uuid_new(id);
                reference_new("RF", reference);
                json_array_append_new(spare, json_pack("{s:s, s:s}", "id", id, "reference", reference));
        }
        return spare;
}

static void add_youngest(json_t *facts) {
        json_int_t youngest = -1;
        size_t n;
        json_t *person;
        json_array_foreach (json_object_get(facts, "people"), n, person) {
                const json_t *age = json_object_get(person, "age");
                if (age && json_integer_value(age) < 18 && (youngest < 0 || json_integer_value(age) < youngest))
                        youngest = json_integer_value(age);
        }
        if (youngest >= 0)
                json_object_set_new(facts, "youngest_age", json_integer(youngest));
}

static int compare_codes(const void *a, const void *b) {
        return strcmp(json_string_value(*(json_t *const *) a), json_string_value(*(json_t *const *) b));
}

/* Lists of codes stand in the order in which they are read back, so that a report's first answer is what every later one is. */
static void sort_codes(json_t *facts) {
        static const char *const lists[] = { "strands", "levels", "forms", "perceived_by" };
        for (size_t i = 0; i < ELEMENTS(lists); i++) {
                const json_t *codes = json_object_get(facts, lists[i]);
                size_t n = json_array_size(codes);
                if (n < 2)
                        continue;
                _cleanup_free_ json_t **order = memory_new(n, sizeof *order);
                for (size_t k = 0; k < n; k++)
                        order[k] = json_array_get(codes, k);
                qsort(order, n, sizeof *order, compare_codes);
                json_t *sorted = json_array();
                for (size_t k = 0; k < n; k++)
                        json_array_append(sorted, order[k]);
                json_object_set_new(facts, lists[i], sorted);
        }
}

int incident_facts_seal(const struct keyring *keyring, const char *incident, const char *today, json_t *body,
                        json_t **ret_facts) {
        _cleanup_(data_key_erase) struct data_key key = { 0 };
        _cleanup_free_ char *wrapped = NULL;
        int r = seal_data_key_new(keyring, incident, &key, &wrapped);
        if (r < 0)
                return r;

        json_t *facts = pick(body, open_members, ELEMENTS(open_members));
        sort_codes(facts);
        json_t *account = pick(body, sealed_members, ELEMENTS(sealed_members));
        json_t *people = json_array();
        json_object_set_new(facts, "people", people);
        json_object_set_new(facts, "wrapped", json_string(wrapped));
        r = seal_object(&key, "incident", "account", incident, account, facts, "account_sealed");
        json_decref(account);

        size_t n;
        json_t *person;
        json_array_foreach (json_object_get(body, "people"), n, person)
                if (r == 0)
                        r = add_person(keyring, &key, person, today, people);
        if (r < 0) {
                json_decref(facts);
                return r;
        }
        add_youngest(facts);
        json_object_set_new(facts, "spare", spare_references(json_array_size(people)));
        *ret_facts = facts;
        return 0;
}

json_t *incident_facts_preview(const char *today, json_t *body) {
        json_t *facts = pick(body, open_members, ELEMENTS(open_members));
        json_t *people = json_array();
        size_t n;
        json_t *person;
        json_array_foreach (json_object_get(body, "people"), n, person)
                json_array_append_new(people, person_facts(person, today));
        json_object_set_new(facts, "people", people);
        return facts;
}
