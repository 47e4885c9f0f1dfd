/* The report form as data: which questions it asks, in which order, of whom, and what becomes of the answers.
 *
 * config/forms/report.json describes it, and adding a page is adding an object there:
 *
 *     {"pages": [...],            of the report, in order
 *      "person_pages": [...]}     of each person in it
 *
 *     {"path": "harm",            the last segment of its address
 *      "form": {...},             the questions (view/form.h); names are JSON pointers into the report, or the person,
 *                                 without the first slash. A field may also say "missing" (the words when it must be
 *                                 answered and was not), "required_when" (a condition) and "not_future" (a date).
 *                                 "row" is its label among all answers, where that of its page says too little alone.
 *                                 An instant of which only the day is asked is a date and a hidden NAME-from.
 *                                 Without fields the page is there to be read.
 *      "when": {"field": "kind", "in": [...]}, "except": [...] for any other answer or none, "given": true for any;
 *              {"several_organisations": true}; or an array of conditions that must all hold
 *      "instead": {"button": "I do not know", "answers": {"religion": "NOT_KNOWN"}},  a second button, and what it
 *                 answers; "today" for an instant is the day on which it is pressed
 *      "empty": "...",            what the check page says when nothing was answered, if not "Not provided"
 *      "otherwise": {"harm": "NONE_KNOWN"},  what is sent where the page does not apply
 *      "repeat": "verbatim",      the fields are those of the first item of an array and repeat; "more" is the button
 *      "special": "people",       the list of people
 *      "about": ["..."], "warning": "..."}   texts above the questions
 *
 * The answers are the body of POST /incidents in the making: a page's answers replace whole members of it, and what must
 * be answered is what the body's own schema says.
 */
#ifndef INCIDENT_DRAFT_H
#define INCIDENT_DRAFT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

enum { DRAFT_ANSWERS_MAX = 128 * 1024 /* bytes of JSON */, DRAFT_ID_MAX = 64 };

/* Reads and checks the definition that ships with the executable; to be called once at start, before any page is asked
 * for. 0, or negative with *ret_error (free()). */
int draft_form_load(char **ret_error) _must_check_;
/* Checks a definition. */
int draft_form_check(const json_t *form, char **ret_error) _must_check_;

/* What conditions are judged on, and which pages are walked. */
struct draft_scope {
        const json_t *pages;
        json_t *answers;            /* the report so far, or the person in it */
        bool several_organisations; /* the reporter may report for more than one */
};
struct draft_scope draft_scope_report(json_t *answers, bool several_organisations);
struct draft_scope draft_scope_person(json_t *person);

/* NULL when there is no such page. */
const json_t *draft_page(const struct draft_scope *scope, const char *path);
bool draft_applies(const struct draft_scope *scope, const json_t *page);
/* The next or the one before that applies; NULL past the end. From NULL: the first. */
const json_t *draft_next(const struct draft_scope *scope, const json_t *page);
const json_t *draft_previous(const struct draft_scope *scope, const json_t *page);
const char *draft_path(const json_t *page);
bool draft_is(const json_t *page, const char *special);

/* The page's form for these answers, with repeated fields and what must be answered worked out; `spare` empty items
 * follow those that have answers. A new reference. */
json_t *draft_form(const struct draft_scope *scope, const json_t *page, size_t spare);

/* Whether a member of the answers, by its name, is asked on this page. */
bool draft_asks(const json_t *page, const char *member, size_t size);
/* Replaces the members that this page asks for by those in `given`. */
void draft_take(const json_t *page, const json_t *given, json_t *answers);
/* What the page's button instead of an answer answers, `today` being a London date. A new reference. */
json_t *draft_instead(const json_t *page, const char *today);

/* Faults of the whole report, with pointers into it: what the API would say, in the words of the form. `today` is a
 * London date. */
void draft_check(json_t *answers, const char *today, json_t *faults);
/* What is sent: the answers of the pages that apply, and `otherwise` of those that do not. A new reference. */
json_t *draft_finished(json_t *answers, bool several_organisations);

#endif
