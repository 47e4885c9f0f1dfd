/* A definition while it is being checked. */
#ifndef PATHWAY_DEFINITION_INTERNAL_H
#define PATHWAY_DEFINITION_INTERNAL_H

#include <stdbool.h>

#include "pathway/definition.h"

struct check {
        const char *name;
        json_t *definition;
        const json_t *vocabulary;
        struct buffer *errors;
        unsigned faults;
};

/* Appends one line; `pointer` is a JSON pointer into the file. */
void definition_fault(struct check *check, const char *pointer, const char *format, ...) _printf_(3, 4);

/* The text member of an object, or NULL. */
const char *definition_text(const json_t *object, const char *name);
/* The position of a state, or -1. */
int definition_state(const struct check *check, const char *state);

enum { DEFINITION_POINTER_MAX = 128 };

enum kind {
        KIND_TEXT,       /* not empty */
        KIND_DATE,
        KIND_INTEGER,    /* least..most */
        KIND_BOOLEAN,
        KIND_UPPER,      /* a code: A-Z, 0-9, _ */
        KIND_LOWER,      /* a step's or question's name: a-z, 0-9, _ */
        KIND_CHOICE,     /* one of `words`, parted by spaces */
        KIND_CHOICES,    /* array of them, not empty, each once */
        KIND_ROLES,      /* array of roles */
        KIND_STATE, KIND_STATES,
        KIND_CODES,      /* array of codes of the list `words` */
        KIND_CAPABILITY,
        KIND_RETENTION,  /* a class of retention */
        KIND_OTHER,      /* checked by code of its own */
};

struct member {
        const char *name;
        enum kind kind;
        bool optional;
        const char *words;
        int least, most;
};

/* definition-members.c: the object has every member that it must have and no other, and what they name exists. The
 * table ends with a NULL name. */
void definition_check_object(struct check *check, json_t *object, const struct member *members, const char *prefix);
/* The codes of a list, NULL when there is no such list; whether an array holds a text. */
const json_t *definition_codes(const struct check *check, const char *list);
bool definition_holds(const json_t *array, const char *text);

/* definition-parts.c: the parts of a definition, each by its table. */
void definition_check_parts(struct check *check);
/* definition-graph.c: states can be reached and left, and clocks stop. For a definition whose parts are sound. */
void definition_check_graph(struct check *check);

#endif
