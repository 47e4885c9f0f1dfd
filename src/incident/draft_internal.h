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

/* draft_view.c */
/* Shows a page of the form, with the button for leaving in a hurry. `context` is taken. */
enum step_result draft_show(struct request *request, const char *page, json_t *context);
/* What the page of questions shows. A new reference. */
json_t *draft_view_questions(struct request *request, const struct draft_place *place);
/* The people of the report as [{"n", "name", "role"}]; `draft_view_name` is a person's name, or what they are. */
json_t *draft_view_people(const json_t *answers);
/* The answers as groups of rows [{"title", "change", "rows": [{"label", "text", "href"}]}]: the report, then its people. */
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
