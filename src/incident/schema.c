/* The fields of a report (api.md, domain 4). Perception is enough: nothing here can refuse a report because it looks
 * unproven, and what is not known is said with a missingness code or left out. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "http/value.h"
#include "incident/facts.h"
#include "view/format.h"

enum { WORDS = 20000, SENTENCES = 4000, LINE = 200 };

static const struct field verbatim_fields[] = {
        { "speaker", FIELD_LINE, .most = LINE, .about = "Who said it" },
        { "words", FIELD_TEXT, .required = true, .most = SENTENCES, .about = "The exact words, kept as they were said" },
        { NULL },
};

static const struct field ethnicity_fields[] = {
        { "code", FIELD_CODE, .required = true, .list = "ethnicity|missingness", .about = "Ethnic group, or why it is missing" },
        { "self_described", FIELD_LINE, .most = LINE, .about = "The person's own words" },
        { "source", FIELD_CODE, .list = "ethnicity_source", .about = "Who said so" },
        { NULL },
};

static const struct field interpreter_fields[] = {
        { "offered", FIELD_CODE, .required = true, .list = "interpreter_offered" },
        { "language", FIELD_LINE, .most = 60 },
        { "mode", FIELD_CODE, .list = "interpreter_mode" },
        { NULL },
};

static const struct field impact_fields[] = {
        { "stereotyping", FIELD_TEXT, .most = SENTENCES },
        { "profiling", FIELD_TEXT, .most = SENTENCES },
        { "bias", FIELD_TEXT, .most = SENTENCES },
        { "racism", FIELD_TEXT, .most = SENTENCES },
        { "discrimination", FIELD_TEXT, .most = SENTENCES },
        { NULL },
};

const struct field incident_person_fields[] = {
        { "role", FIELD_CODE, .required = true, .list = "party_role", .about = "How the person is involved" },
        { "name", FIELD_LINE, .most = LINE },
        { "date_of_birth", FIELD_DATE },
        { "age_estimate", FIELD_INTEGER, .least = 0, .most = 120 },
        { "email", FIELD_EMAIL, .about = "Only to keep the person out of the case that names them" },
        { "ethnicity", FIELD_OBJECT, .fields = ethnicity_fields },
        { "culture", FIELD_TEXT, .most = SENTENCES, .about = "How the person describes their culture" },
        { "religion", FIELD_CODE, .list = "religion|missingness" },
        { "first_language", FIELD_LINE, .most = 60 },
        { "interpreter", FIELD_OBJECT, .fields = interpreter_fields },
        { "home_authority", FIELD_CODE, .list = "authority", .about = "Where the person lives" },
        { "looked_after_by", FIELD_CODE, .list = "authority", .about = "Which authority looks after the child" },
        { "care_status", FIELD_CODE, .list = "care_status" },
        { "works_with_children", FIELD_CODE, .list = "works_with_children" },
        { "workplace", FIELD_LINE, .most = LINE, .about = "An organisation of the partnership, or words" },
        { "workplace_authority", FIELD_CODE, .list = "authority" },
        { "impact", FIELD_OBJECT, .fields = impact_fields },
        { "consent", FIELD_CODE, .list = "consent" },
        { NULL },
};

const struct field incident_fields[] = {
        { "kind", FIELD_CODE, .required = true, .list = "incident_kind" },
        { "organisation", FIELD_CODE, .required = true, .list = "organisation", .about = "Whom the reporter reports for" },
        { "occurred_at_organisation", FIELD_CODE, .list = "organisation" },
        { "occurred_in", FIELD_CODE, .list = "authority", .about = "Where it happened" },
        { "setting", FIELD_CODE, .list = "setting" },
        { "occurred_on", FIELD_DATE },
        { "occurred_time", FIELD_TIME },
        { "occurred_precision", FIELD_CODE, .required = true, .list = "occurred_precision" },
        { "aware_at", FIELD_INSTANT, .about = "When the agency became aware; the clocks run from it" },
        { "strands", FIELD_CODES, .most = 30, .list = "racism_strand" },
        { "levels", FIELD_CODES, .most = 5, .list = "racism_level" },
        { "forms", FIELD_CODES, .most = 40, .list = "incident_form" },
        { "perceived_by", FIELD_CODES, .most = 6, .list = "perceived_by", .about = "Perception is enough to record it" },
        { "direction", FIELD_CODE, .list = "direction" },
        { "harm", FIELD_CODE, .required = true, .list = "harm" },
        { "suspected_offence", FIELD_CODE, .required = true, .list = "yes_no_unsure" },
        { "immediate_danger", FIELD_BOOLEAN, .required = true },
        { "narrative", FIELD_TEXT, .required = true, .most = WORDS, .about = "What happened" },
        { "verbatim", FIELD_OBJECTS, .most = 20, .fields = verbatim_fields },
        { "wishes", FIELD_TEXT, .most = SENTENCES, .about = "What the person harmed wants to happen" },
        { "must_not_know", FIELD_TEXT, .most = SENTENCES, .about = "Who must not learn of this report" },
        { "safe_contact", FIELD_TEXT, .most = SENTENCES },
        { "actions_taken", FIELD_TEXT, .most = SENTENCES },
        { "people", FIELD_OBJECTS, .most = INCIDENT_PEOPLE_MAX, .fields = incident_person_fields },
        { NULL },
};

static const char *text_of(const json_t *object, const char *name) {
        return json_string_value(json_object_get(object, name));
}

const char *incident_day(char day[INCIDENT_DAY]) {
        time_t now = time(NULL);
        struct tm tm;
        now += format_london_offset(now);
        gmtime_r(&now, &tm);
        strftime(day, INCIDENT_DAY, "%Y-%m-%d", &tm);
        return day;
}

/* A date that is one; what is none has its fault already. Dates compare as texts. */
static const char *date_of(const json_t *object, const char *name) {
        const char *date = text_of(object, name);
        return date && text_is_date(date) ? date : NULL;
}

/* An RFC 3339 date-time in seconds since 1970. */
static time_t seconds_of(const char *instant) {
        struct tm tm = { .tm_year = atoi(instant) - 1900, .tm_mon = atoi(instant + 5) - 1, .tm_mday = atoi(instant + 8),
                         .tm_hour = atoi(instant + 11), .tm_min = atoi(instant + 14), .tm_sec = atoi(instant + 17) };
        const char *offset = strpbrk(instant + 19, "+-");
        time_t seconds = timegm(&tm);
        if (offset)
                seconds -= (*offset == '-' ? -60 : 60) * (atoi(offset + 1) * 60 + atoi(offset + 4));
        return seconds;
}

/* Nobody is born tomorrow, nothing is reported before it happened, and clocks may differ by a minute. */
static void check_times(const json_t *body, const char *today, json_t *faults) {
        const char *occurred = date_of(body, "occurred_on"), *aware = text_of(body, "aware_at");
        if (occurred && strcmp(occurred, today) > 0)
                fault_add(faults, "/occurred_on", "in_the_future", "The date must be today or in the past");
        if (aware && value_is_instant(aware) && seconds_of(aware) > time(NULL) + 60)
                fault_add(faults, "/aware_at", "in_the_future", "This must not be in the future");
}

static void check_birth(const json_t *person, size_t n, const char *today, json_t *faults) {
        char pointer[64];
        const char *birth = date_of(person, "date_of_birth");
        snprintf(pointer, sizeof pointer, "/people/%zu/date_of_birth", n);
        if (birth && strcmp(birth, today) > 0)
                fault_add(faults, pointer, "in_the_future", "The date must be today or in the past");
        else if (birth && strcmp(birth, "1900-01-01") < 0)
                fault_add(faults, pointer, "too_early", "The year of birth must be 1900 or later");
}

static void check_person(const json_t *person, size_t n, json_t *faults) {
        char pointer[64];
        const json_t *ethnicity = json_object_get(person, "ethnicity");
        const char *code = text_of(ethnicity, "code");
        bool source = json_object_get(ethnicity, "source") != NULL;
        bool missing = code && (strncmp(code, "NOT_", 4) == 0 || strcmp(code, "ASKED_DECLINED") == 0);

        snprintf(pointer, sizeof pointer, "/people/%zu/ethnicity/source", n);
        if (missing && source)
                fault_add(faults, pointer, "not_with_missing", "Leave out who said it when the ethnicity is not known");
        else if (code && !missing && !source)
                fault_add(faults, pointer, "required", "Say who described the ethnicity");
        if (json_object_get(person, "date_of_birth") && json_object_get(person, "age_estimate")) {
                snprintf(pointer, sizeof pointer, "/people/%zu/age_estimate", n);
                fault_add(faults, pointer, "not_with_date_of_birth", "Give a date of birth or an age, not both");
        }
}

static void check_incident(const json_t *body, json_t *faults) {
        const char *precision = text_of(body, "occurred_precision");
        char day[INCIDENT_DAY];
        const char *today = incident_day(day);
        if (precision && strcmp(precision, "EXACT") == 0 && !json_object_get(body, "occurred_on"))
                fault_add(faults, "/occurred_on", "required", "Enter the date, or say that you know it only roughly");
        check_times(body, today, faults);
        size_t n;
        json_t *person;
        json_array_foreach (json_object_get(body, "people"), n, person) {
                check_person(person, n, faults);
                check_birth(person, n, today, faults);
        }
}

const struct body_schema incident_schema = { "incident", incident_fields, check_incident };
