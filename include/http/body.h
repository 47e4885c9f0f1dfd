/* What a body may hold: tables of fields, checked in one pass that collects every fault with its JSON pointer.
 *
 * The same table checks a JSON body and a form (names are pointers without the first slash, `people/0/name`; a field
 * that repeats is an array), and generates the schema in the OpenAPI document.
 */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

enum field_type {
        FIELD_TEXT,     /* string, 1..most characters after trimming, UTF-8, no control characters but tab and
                           newline */
        FIELD_LINE,     /* the same without newlines */
        FIELD_CODE,     /* a code of `list` */
        FIELD_CODES,    /* array of different codes of `list`, at most `most` */
        FIELD_BOOLEAN,
        FIELD_INTEGER,  /* least..most */
        FIELD_DATE,     /* YYYY-MM-DD, a real day */
        FIELD_TIME,     /* HH:MM */
        FIELD_INSTANT,  /* RFC 3339 with offset */
        FIELD_UUID,
        FIELD_REFERENCE,
        FIELD_REFERENCES, /* array of different references, at most `most` */
        FIELD_SLUG,     /* organisation: a-z 0-9 - */
        FIELD_EMAIL,
        FIELD_SECRET,   /* a password or code: never echoed, logged or kept in values */
        FIELD_OBJECT,   /* `fields` */
        FIELD_OBJECTS,  /* array of objects, at most `most` */
        FIELD_FREE,     /* any object, checked later by the handler (transition data); depth and size are bounded */
};

struct field {
        const char *name;
        enum field_type type;
        bool required;
        long long least, most;
        const char *list;           /* code list; "a|b" allows codes of both */
        const struct field *fields; /* ends with a NULL name */
        const char *about;          /* one sentence for the OpenAPI document */
};

struct body_schema {
        const char *name; /* "incident": the component's name in the OpenAPI document */
        const struct field *fields;
        /* Faults that need more than one field, or NULL. Appends with fault_add. */
        void (*check)(const json_t *body, json_t *faults);
};

/* Appends {"field": pointer, "code": code, "message": message} to the array; all three are copied. */
void fault_add(json_t *faults, const char *pointer, const char *code, const char *message);

typedef bool (*code_exists_fn)(const char *list, const char *code);

/* Checks `body` (an object) against the fields and appends every fault. Strings are trimmed in place; unknown members
 * and members beginning with `$` are faults. `prefix` is the pointer of the object ("" at the top). */
void body_check(json_t *body, const struct field *fields, const char *prefix, code_exists_fn code_exists,
                json_t *faults);
/* The same for a merge patch (RFC 7396): nothing is required, and null, which stays in the body, removes a member that
 * is not required. */
void body_check_patch(json_t *body, const struct field *fields, code_exists_fn code_exists, json_t *faults);

enum { BODY_DEPTH_MAX = 16, BODY_FAULTS_MAX = 200 };

/* Reads a JSON text that must be one object: UTF-8 without NUL, nested at most BODY_DEPTH_MAX deep, names different
 * within each object, whole numbers alone. NULL with *ret_body, or the problem's code. */
const char *body_read_json(const char *data, size_t size, json_t **ret_body);

enum { BODY_FORM_FIELDS_MAX = 500, BODY_FORM_NAME_MAX = 200 };

/* What a form carries besides its answers: `_csrf`, `_etag`, `_key` (idempotency), `_method` (a form can only POST),
 * `_query` (the query string of the page it stood on). NULL when not sent; texts in the arena. */
struct form_hidden {
        const char *csrf, *etag, *key, *method, *query;
};

/* Splits a urlencoded form into *ret_given, an object from each name to its text or array of texts as they were typed,
 * without the hidden ones. NULL, or the problem's code. */
const char *body_split_form(struct arena *arena, const char *data, size_t size, json_t **ret_given,
                      struct form_hidden *ret_hidden);

/* Makes a body of the fields out of what was given. Empty answers are left out; a date may come as NAME-day, NAME-month
 * and NAME-year, an instant with NAME-time besides, or with NAME-from (the time meant) where only its day is asked, as
 * London time; empty objects at the end of an array are dropped. What cannot be made into its type stays text, so that
 * body_check names it. */
json_t *form_to_body(json_t *given, const struct field *fields);
/* Takes the answers of FIELD_SECRET out of what was given. */
void form_forget_secrets(json_t *given, const struct field *fields);

/* Whether a text is a day that exists, as 2026-11-22. */
bool text_is_date(const char *s);

#endif
