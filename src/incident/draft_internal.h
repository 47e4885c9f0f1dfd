/* What the parts of the report form's pages share. */
#ifndef INCIDENT_DRAFT_INTERNAL_H
#define INCIDENT_DRAFT_INTERNAL_H

#include <jansson.h>

#include "http/codes.h"
#include "http/route.h"
#include "incident/draft.h"

/* A page of the report, or of a person in it, within a draft that was opened. */
struct draft_place {
        struct draft_scope scope;
        const json_t *page;
        json_t *answers; /* of the whole report */
        json_t *target;  /* what this page's answers belong to: the report, or the person */
        size_t person;   /* 1 for the first; 0 for the report itself */
};

/* draft_pages.c */
/* The address of a page in the request's arena; `back` (NULL or "check") is where to go afterwards. */
char *draft_address(struct request *request, size_t person, const char *path, const char *back);
bool draft_several_organisations(const struct request *request);
/* When the draft is not open, *ret is the reply's result: it was sent, or is not there. */
bool draft_is_open(struct request *request, enum step_result *ret);
/* Seals the answers and asks for them to be kept. `draft` is what draft/get gave. */
enum step_result draft_keep(struct request *request, const json_t *draft, const json_t *answers);

/* What a page of the form sends, the first step of every page, and what follows it. */
extern const struct body_schema draft_page_schema;
enum step_result draft_ask(struct request *request);
enum step_result draft_page_finish(struct request *request);
enum step_result draft_save_finish(struct request *request);
enum step_result draft_remove_finish(struct request *request);
enum step_result draft_remove_person_finish(struct request *request);

/* draft_words.c */
struct draft_choices {
        const struct codes *codes;
        const json_t *frame;
};
/* What a list offers, for form_options.items; `userdata` is a struct draft_choices. */
json_t *draft_items(void *userdata, const char *list);
/* Radios of an "a|b" part the two with a word; a select has no place for one. */
void draft_part_missingness(json_t *form);
/* What lies at a name in the answers, or NULL. */
const json_t *draft_value_at(const json_t *at, const char *name);
/* The label of a code of "a|b"; the code itself when there is none. */
const char *draft_label(const struct codes *codes, const char *list, const char *code);
/* An answer in words. */
void draft_write_value(const struct codes *codes, const json_t *field, const json_t *value, struct buffer *out);

/* draft_view.c */
/* Shows a page of the form, with the button for leaving in a hurry. `context` is taken. */
enum step_result draft_show(struct request *request, const char *page, json_t *context);
/* What the page of questions shows. A new reference. */
json_t *draft_view_questions(struct request *request, const struct draft_place *place);
/* The people of the report as [{"n", "name", "role"}]; `draft_view_name` is a person's name, or what they are. */
json_t *draft_view_people(const json_t *answers);
/* {"rows": [{"label", "text", "href"}], "people": [{"title", "rows"}]}: all answers in words. */
json_t *draft_view_answers(struct request *request, json_t *answers);
/* The rows of one page. */
json_t *draft_view_rows(struct request *request, const struct draft_place *place, const char *back);
/* The error summary of faults of the whole report, each leading to the page that asks. NULL when there are none. */
json_t *draft_view_faults(struct request *request, json_t *answers, json_t *faults);

/* draft_send.c */
enum step_result draft_check_prepare(struct request *request);
enum step_result draft_check_finish(struct request *request);
enum step_result draft_send_prepare(struct request *request);
enum step_result draft_send_finish(struct request *request);

#endif
