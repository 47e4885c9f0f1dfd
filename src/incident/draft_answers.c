/* The answers of the report form: taking a page's, checking the whole, and what of them is sent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/codes.h"
#include "incident/draft.h"
#include "incident/facts.h"
#include "view/format.h"

static const char *text_of(const json_t *object, const char *name) {
        return json_string_value(json_object_get(object, name));
}

/* Items that were left empty are not items. */
static void drop_empty_items(json_t *value) {
        for (size_t n = json_array_size(value); n-- > 0;) {
                const json_t *item = json_array_get(value, n);
                if (json_is_object(item) && json_object_size(item) == 0)
                        json_array_remove(value, n);
        }
}

void draft_take(const json_t *page, const json_t *given, json_t *answers) {
        size_t n;
        const json_t *field;
        json_array_foreach (json_object_get(json_object_get(page, "form"), "fields"), n, field) {
                char member[DRAFT_ID_MAX];
                const char *name = text_of(field, "name");
                snprintf(member, sizeof member, "%.*s", (int) strcspn(name, "/"), name);
                json_t *value = json_object_get(given, member);
                drop_empty_items(value);
                if (!value || (json_is_array(value) && json_array_size(value) == 0))
                        json_object_del(answers, member);
                else
                        json_object_set(answers, member, value);
        }
}

/* The start of a London day as an instant. */
static json_t *start_of(const char *day) {
        struct tm tm = { .tm_year = atoi(day) - 1900, .tm_mon = atoi(day + 5) - 1, .tm_mday = atoi(day + 8) };
        time_t wall = timegm(&tm);
        int offset = format_london_offset((int64_t) wall - format_london_offset((int64_t) wall));
        return json_sprintf("%sT00:00:00+%02d:00", day, offset / 3600);
}

json_t *draft_instead(const json_t *page, const char *today) {
        json_t *answers = json_deep_copy(json_object_get(json_object_get(page, "instead"), "answers")), *value;
        const char *name;
        json_object_foreach (answers, name, value)
                if (json_is_string(value) && strcmp(json_string_value(value), "today") == 0)
                        json_object_set_new(answers, name, start_of(today));
        return answers;
}

static bool has_fault(const json_t *faults, const char *pointer) {
        size_t n;
        const json_t *fault;
        json_array_foreach (faults, n, fault)
                if (strcmp(text_of(fault, "field"), pointer) == 0)
                        return true;
        return false;
}

/* Dates that cannot be still to come, where the report's own rules do not say so. */
static void check_past(const json_t *pages, const json_t *answers, const char *prefix, const char *today,
                       json_t *faults) {
        size_t n, m;
        const json_t *page, *field;
        json_array_foreach (pages, n, page)
                json_array_foreach (json_object_get(json_object_get(page, "form"), "fields"), m, field) {
                        const char *name = text_of(field, "name"), *date = text_of(answers, name);
                        char pointer[128];
                        if (!json_is_true(json_object_get(field, "not_future")) || !date || strcmp(date, today) <= 0)
                                continue;
                        snprintf(pointer, sizeof pointer, "%s/%s", prefix, name);
                        if (!has_fault(faults, pointer))
                                fault_add(faults, pointer, "in_the_future", "The date must be today or in the past");
                }
}

/* The words of the form for an answer that has to be given. */
static const char *words_for(const json_t *pages, const char *name) {
        size_t n, m;
        const json_t *page, *field;
        json_array_foreach (pages, n, page)
                json_array_foreach (json_object_get(json_object_get(page, "form"), "fields"), m, field)
                        if (strcmp(text_of(field, "name"), name) == 0)
                                return text_of(field, "missing");
        return NULL;
}

static void use_own_words(json_t *faults, const json_t *report, const json_t *person) {
        size_t n;
        json_t *fault;
        json_array_foreach (faults, n, fault) {
                const char *field = text_of(fault, "field") + 1, *words;
                if (strcmp(text_of(fault, "code"), "required") != 0)
                        continue;
                if (strncmp(field, "people/", 7) == 0 && strchr(field + 7, '/'))
                        words = words_for(person, strchr(field + 7, '/') + 1);
                else
                        words = words_for(report, field);
                if (words)
                        json_object_set_new(fault, "message", json_string(words));
        }
}

void draft_check(json_t *answers, const char *today, json_t *faults) {
        const struct draft_scope report = draft_scope_report(answers, false), person = draft_scope_person(NULL);
        char prefix[32];
        size_t n;
        const json_t *one;
        body_check(answers, incident_fields, "", codes_exist, faults);
        incident_schema.check(answers, faults);
        use_own_words(faults, report.pages, person.pages);
        check_past(report.pages, answers, "", today, faults);
        json_array_foreach (json_object_get(answers, "people"), n, one) {
                snprintf(prefix, sizeof prefix, "/people/%zu", n);
                check_past(person.pages, one, prefix, today, faults);
        }
}

/* The members of pages that apply, and what the others say instead. */
static json_t *finish(const struct draft_scope *scope) {
        json_t *finished = json_object();
        size_t n;
        const json_t *page;
        json_array_foreach (scope->pages, n, page) {
                bool applies = draft_applies(scope, page);
                const char *name;
                json_t *value;
                json_object_foreach (scope->answers, name, value)
                        if (applies && draft_asks(page, name, strlen(name)))
                                json_object_set(finished, name, value);
                if (!applies)
                        json_object_update(finished, json_object_get(page, "otherwise"));
        }
        return finished;
}

json_t *draft_finished(json_t *answers, bool several_organisations) {
        struct draft_scope scope = draft_scope_report(answers, several_organisations);
        json_t *finished = finish(&scope), *people = json_array();
        size_t n;
        json_t *person;
        json_array_foreach (json_object_get(answers, "people"), n, person) {
                struct draft_scope one = draft_scope_person(person);
                json_array_append_new(people, finish(&one));
        }
        if (json_array_size(people) > 0)
                json_object_set(finished, "people", people);
        json_decref(people);
        /* Whoever reports for one organisation is not asked which: the page that asks does not apply. */
        json_t *organisation = json_object_get(answers, "organisation");
        if (organisation)
                json_object_set(finished, "organisation", organisation);
        return finished;
}
