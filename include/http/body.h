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

enum field_type {
        FIELD_TEXT,     /* string, 1..most characters after trimming, UTF-8, no control characters but tab and newline */
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

/* Checks `body` (an object) against the fields and appends every fault. Strings are trimmed in place; unknown members and
 * members beginning with `$` are faults. `prefix` is the pointer of the object ("" at the top). */
void body_check(json_t *body, const struct field *fields, const char *prefix, code_exists_fn code_exists, json_t *faults);

#endif
