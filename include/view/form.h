/* Forms as data: the report form and each transition of a pathway are described in JSON.
 *
 *     {"title": "...", "fields": [{
 *         "name": "rationale",           relative to the base; "people/0/name" reaches into the body
 *         "type": "textarea",            text textarea radios checkboxes date time select number password hidden
 *         "label": "...", "hint": "...",
 *         "list": "outcome",             radios, checkboxes, select: a code list, or
 *         "items": [{"value": "A", "label": "...", "hint": "..."}, {"divider": "or"}],
 *         "required": true,              otherwise the label says (optional)
 *         "max": 4000, "rows": 5,        characters, which shows a count; rows of a textarea
 *         "width": 10,                   of a text or number: 2, 3, 4, 5, 10, 20
 *         "autocomplete": "email",       text, password
 *         "when": {"field": "outcome", "in": ["MALICIOUS"]}
 *     }]}
 *
 * A field with `when` is shown within the choice that asks for it, where that is one choice of an earlier field of
 * radios or checkboxes; otherwise it stands in its place. Whether it must be answered is for the service to say.
 *
 * The name in the HTML is the JSON pointer of the answer in the body, without the first slash: "data/rationale". A date
 * has three: "data/on-day", "data/on-month" and "data/on-year". Ids are the same with "-" for "/".
 */
#ifndef VIEW_FORM_H
#define VIEW_FORM_H

#include <jansson.h>
#include <stdbool.h>

#include "base/macro.h"

enum { FORM_FIELDS_MAX = 100, FORM_ITEMS_MAX = 1000 };

struct form_options {
        const char *base; /* where the answers lie in the body, such as "data"; NULL or "" for the body itself */
        /* A code list as [{"value", "label", "hint"?, "group"?}], a new reference; NULL if it is unknown. May be NULL when no
         * field names a list. */
        json_t *(*items)(void *userdata, const char *list);
        /* As in struct template_options; applied to every text of the definition. May be NULL. */
        const char *(*translate)(void *userdata, const char *text);
        void *userdata;
        bool beside; /* the page has a heading of its own, so that even an only question is none */
};

/* Whether a definition is one that form_bind can show. -1: *ret_error (owned by the caller) says what is wrong. */
_must_check_ int form_check(const json_t *form, char **ret_error);

/* A page context for partial/form/fields, a new reference, of a definition that form_check accepts:
 *
 *     {"title", "heading": the title where it must stand above the fields, or null, "fields": [...],
 *      "error_summary": or null, "has_errors": bool, "action": null, "submit": null}
 *
 * A page may then set "action" (otherwise the form posts to its own address) and "submit" (the button's text).
 * `values` is the body as it was submitted or stored, or NULL. `errors` are the problem's
 * [{"field": "/data/rationale", "code", "message"}], or NULL; those of no field of this form are in the summary without
 * a link. Passwords are never filled in. All are borrowed. */
json_t *form_bind(const json_t *form, const json_t *values, const json_t *errors, const struct form_options *options);

/* The body that a browser's form means: `submitted` is an object of what the fields were named, each a string or an
 * array of strings (a name that came more than once). Members of no field are left out, as are empty answers; dates
 * become "2026-11-22" or, when they are no date, the parts joined by "-"; numbers become integers where they are. A new
 * reference. */
json_t *form_read(const json_t *form, const json_t *submitted, const struct form_options *options);

#endif
