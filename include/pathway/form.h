/* The form of a step, as a pathway's definition describes it, turned into fields that a body can be checked against,
 * and the checked answers sorted into what stands open in the database (codes and dates) and what is sealed
 * (texts). */
#ifndef PATHWAY_FORM_H
#define PATHWAY_FORM_H

#include <jansson.h>

#include "base/memory.h"
#include "http/body.h"

enum { PATHWAY_FIELDS_MAX = 40 };

/* Answers as a browser sent them, all of them texts, become what the questions ask for: one ticked box an array, "12"
 * a number, "9:30" a time. What cannot be made so stays text, and the check names it. */
void pathway_form_read(const json_t *form, json_t *data);

/* Fields that apply to these answers (a field whose `when` does not hold is left out, and its answer is removed from
 * `data`; call it after pathway_form_read). From the arena; NULL when the form is not sound, which the
 * definition's check excludes. */
const struct field *pathway_form_fields(struct arena *arena, const json_t *form, json_t *data);

/* Sorts checked answers: `ret_codes` [{"field", "list", "code"}] for code fields of code lists, `ret_open` {name:
 * value} for codes, dates and numbers, `ret_texts` {name: text}. All new, the caller's. */
void pathway_form_sort(const json_t *form, json_t *data, json_t **ret_codes, json_t **ret_open, json_t **ret_texts);

#endif
