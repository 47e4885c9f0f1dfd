/* What the parts of the forms share. */
#ifndef VIEW_FORM_INTERNAL_H
#define VIEW_FORM_INTERNAL_H

#include <stdbool.h>

#include "view/form.h"

enum { FORM_NAME_MAX = 160 };

struct bind {
        const struct form_options *options;
        const json_t *values, *errors;
        struct {
                const json_t *definition;
                char name[FORM_NAME_MAX]; /* the pointer without its first slash */
        } fields[FORM_FIELDS_MAX];
        size_t n_fields;
        bool single; /* one visible question, which is the page's heading */
};

/* Fills `fields` from a definition that form_check accepts. */
void form_open(struct bind *bind, const json_t *form);
/* The id of a name. */
void form_id(const char *name, char ret[static FORM_NAME_MAX]);
/* What lies at a name in the body; borrowed, NULL if nothing does. */
json_t *form_value(const json_t *values, const char *name);
/* Whether field `i` shows within the choice `value` of `field`. */
bool form_shown_within(const struct bind *bind, size_t i, const json_t *field, const char *value);
/* Whether field `i` shows within any choice of another. */
bool form_is_nested(const struct bind *bind, size_t i);
/* One field as partial/form/field takes it. */
json_t *form_bind_field(struct bind *bind, size_t i);

#endif
