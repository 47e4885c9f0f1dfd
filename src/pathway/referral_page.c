/* The page of a referral. */
#include <string.h>

#include "http/target.h"
#include "incident/facts.h"
#include "pathway/clock.h"
#include "pathway/pages.h"
#include "rows.h"
#include "words.h"

static const struct row_description incident_rows[] = {
        { "narrative", "What happened", NULL, NULL },
        { "occurred_on", "When", NULL, "date" },
        { "occurred_time", "At what time", NULL, NULL },
        { "occurred_precision", "How exactly that is known", "occurred_precision", NULL },
        { "setting", "Where", "setting", NULL },
        { "occurred_in", "In which authority", "authority", NULL },
        { "occurred_at_organisation", "At which organisation", "organisation", NULL },
        { "organisation_name", "Reported by", NULL, NULL },
        { "aware_at", "When the agency became aware", NULL, "datetime" },
        { "submitted_at", "When the report was sent", NULL, "datetime" },
        { "harm", "Harm", "harm", NULL },
        { "suspected_offence", "Could it be a crime?", "yes_no_unsure", NULL },
        { "strands", "What kind of racism", "racism_strand", NULL },
        { "forms", "What form it took", "incident_form", NULL },
        { "levels", "At what level", "racism_level", NULL },
        { "direction", "Who it was from, and towards", "direction", NULL },
        { "actions_taken", "What was done already", NULL, NULL },
        { "wishes", "What the person harmed wants to happen", NULL, NULL },
        { "safe_contact", "How to get in touch safely", NULL, NULL },
        { NULL, NULL, NULL, NULL },
};

static const struct row_description person_rows[] = {
        { "date_of_birth", "Date of birth", NULL, "date" },
        { "age_estimate", "Age, about", NULL, NULL },
        { "ethnicity/self_described", "Ethnicity, in their own words", NULL, NULL },
        { "ethnicity/code", "Ethnic group", "ethnicity|missingness", NULL },
        { "ethnicity/source", "Who said so", "ethnicity_source", NULL },
        { "culture", "Culture", NULL, NULL },
        { "religion", "Religion", "religion|missingness", NULL },
        { "first_language", "First language", NULL, NULL },
        { "interpreter/offered", "Interpreter", "interpreter_offered", NULL },
        { "interpreter/language", "Interpreter’s language", NULL, NULL },
        { "home_authority", "Lives in", "authority", NULL },
        { "looked_after_by", "Looked after by", "authority", NULL },
        { "care_status", "Care status", "care_status", NULL },
        { "works_with_children", "Works or volunteers with children", "works_with_children", NULL },
        { "workplace", "Workplace", "organisation", NULL },
        { "workplace_authority", "Workplace is in", "authority", NULL },
        { "impact/stereotyping", "Impact: stereotyping", NULL, NULL },
        { "impact/profiling", "Impact: profiling", NULL, NULL },
        { "impact/bias", "Impact: bias", NULL, NULL },
        { "impact/racism", "Impact: racism", NULL, NULL },
        { "impact/discrimination", "Impact: discrimination", NULL, NULL },
        { "consent", "Consent to sharing", "consent", NULL },
        { NULL, NULL, NULL, NULL },
};

static void add_clocks(json_t *resource) {
        const char *as_at = words_member(resource, "as_at");
        size_t n;
        json_t *clock;
        json_array_foreach (json_object_get(resource, "clocks"), n, clock) {
                _cleanup_buffer_ struct buffer text = { 0 };
                enum clock_tone tone = clock_words(clock, "status", as_at, &text);
                bool open = json_is_null(json_object_get(clock, "stopped_at"));
                json_object_set_new(clock, "words", json_string(text.size ? text.data : ""));
                json_object_set_new(clock, "late", json_boolean(tone == CLOCK_LATE));
                json_object_set_new(clock, "soon", json_boolean(tone == CLOCK_SOON));
                /* The clock that runs out first says until when. */
                if (open && text.size && !json_object_get(resource, "until"))
                        json_object_set_new(resource, "until",
                                            json_pack("{s:s, s:O, s:b}", "words", text.data,
                                                      "label", json_object_get(clock, "label"),
                                                      "late", tone == CLOCK_LATE));
        }
}

static void add_steps(struct request *request, json_t *resource) {
        size_t n;
        json_t *step;
        json_array_foreach (json_object_get(resource, "transitions"), n, step) {
                _cleanup_buffer_ struct buffer link = { 0 };
                buffer_append_format(&link, "/referrals/%s/transitions?transition=",
                                     request_parameter(request, "referral"));
                target_encode(&link, words_member(step, "transition"));
                json_object_set_new(step, "href", json_string(link.data));
                json_object_set_new(step, "first", json_boolean(n == 0));
        }
        json_object_set_new(resource, "has_transitions", json_boolean(n > 0));
}

/* A card for each person: how they are involved and their name as its title. */
static void add_people(const struct codes *codes, json_t *incident) {
        size_t n;
        json_t *person;
        json_array_foreach (json_object_get(incident, "people"), n, person) {
                if (!incident_tells_about_work(person))
                        json_object_del(person, "works_with_children");
                json_t *rows = rows_of(person, person_rows, codes);
                words_set(person, "role_label", words_label(codes, "party_role", words_member(person, "role")));
                json_object_set_new(person, "no_rows", json_boolean(json_array_size(rows) == 0));
                json_object_set_new(person, "rows", rows);
        }
        json_object_set_new(incident, "rows", rows_of(incident, incident_rows, codes));
}

static const json_t *question_of(const json_t *event, const char *name) {
        size_t n;
        json_t *question;
        json_array_foreach (json_object_get(event, "questions"), n, question)
                if (words_member(question, "name") && strcmp(words_member(question, "name"), name) == 0)
                        return question;
        return NULL;
}

/* What was answered, under the words of the question, in the order in which it was asked. */
static json_t *answers_of(const json_t *event, const struct codes *codes) {
        json_t *rows = json_array(), *question;
        size_t n;
        json_array_foreach (json_object_get(event, "questions"), n, question) {
                _cleanup_buffer_ struct buffer text = { 0 };
                const char *name = words_member(question, "name");
                const json_t *value = json_object_get(json_object_get(event, "data"), name);
                if (!value)
                        value = json_object_get(json_object_get(event, "texts"), name);
                if (value)
                        row_value(value, words_member(question, "list"), NULL, codes, &text);
                row_add(rows, words_member(question, "label"), text.data);
        }
        return rows;
}

/* Perception and outcome stand together. */
static void add_standing(const struct codes *codes, json_t *resource) {
        _cleanup_buffer_ struct buffer perceived = { 0 };
        const json_t *incident = json_object_get(resource, "incident");
        json_t *rows = json_array(), *answers = json_object_get(resource, "answers"), *answer;
        const char *name;
        words_list(codes, "perceived_by", json_object_get(incident, "perceived_by"), &perceived);
        row_add(rows, "Perceived as racist by", perceived.size ? perceived.data : "Nobody has said so yet");
        json_object_foreach (answers, name, answer) {
                _cleanup_buffer_ struct buffer text = { 0 };
                const json_t *question = NULL;
                size_t n, i;
                json_t *event, *code;
                json_array_foreach (json_object_get(resource, "history"), n, event)
                        question = question ? question : question_of(event, name);
                json_array_foreach (answer, i, code)
                        buffer_append_format(&text, "%s%s", i ? "; " : "",
                                             words_label(codes, words_member(code, "list"),
                                                         words_member(code, "code")));
                row_add(rows, question ? words_member(question, "label") : "Decision", text.data);
        }
        json_object_set_new(resource, "undecided", json_boolean(json_object_size(answers) == 0));
        json_object_set_new(resource, "standing", rows);
}

void pathway_decorate_referral(struct request *request, json_t *resource) {
        _cleanup_(codes_unref_p) struct codes *codes = codes_current();
        json_t *incident = json_object_get(resource, "incident"), *event;
        size_t n;
        json_array_foreach (json_object_get(resource, "history"), n, event) {
                json_t *rows = answers_of(event, codes);
                json_object_set_new(event, "answered", json_boolean(json_array_size(rows) > 0));
                json_object_set_new(event, "rows", rows);
        }
        add_clocks(resource);
        add_steps(request, resource);
        add_people(codes, incident);
        add_standing(codes, resource);
        words_set(resource, "area_label", words_label(codes, "authority", words_member(resource, "area")));
}
