/* The code lists of the database, in memory: what bodies and parameters are checked against, and the labels that pages
 * show. One current set for the process, replaced as a whole when it is read again; whoever holds the earlier one keeps
 * it until released. */
#ifndef HTTP_CODES_H
#define HTTP_CODES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

struct codes;

/* Reads {"strand": [{"code": "ISLAMOPHOBIA", "label": "..."}, ...], ...}; items may have further members ("valid_to",
 * "group"), which codes_list hands on. One with "retired": true keeps its label but may not be given any more.
 * 0, or negative when the text is not of this form. */
int codes_parse(const char *json, size_t size, struct codes **ret_codes) _must_check_;
struct codes *codes_ref(struct codes *codes);
void codes_unref(struct codes *codes);
DEFINE_CLEANUP(struct codes, codes_unref);

/* Makes `codes` (taken) the current set. */
void codes_install(struct codes *codes);
/* A reference to the current set, or NULL before the first one: codes_unref. */
struct codes *codes_current(void);

/* Array of the list's items, borrowed and not to be changed; NULL when there is no such list. */
const json_t *codes_list(const struct codes *codes, const char *list);
/* The label, or NULL. */
const char *codes_label(const struct codes *codes, const char *list, const char *code);
/* Whether the current set has the code in the list; "a|b" names two lists. Fits parameter_check and body_check. */
bool codes_exist(const char *list, const char *code);
/* The whole set as an object of arrays, borrowed. */
const json_t *codes_all(const struct codes *codes);

#endif
