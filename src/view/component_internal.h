/* What the components share. */
#ifndef VIEW_COMPONENT_INTERNAL_H
#define VIEW_COMPONENT_INTERNAL_H

#include <stdbool.h>

#include "base/macro.h"
#include "view/component.h"

/* What nunjucks takes as true: not null, false, 0 or "". */
bool component_is_true(const json_t *value);
/* A member's text, or NULL when it is not a string or is empty. */
const char *component_text(const json_t *object, const char *member);
void component_set_text(json_t *object, const char *member, const char *format, ...) _printf_(3, 4);
void component_set_flag(json_t *object, const char *member, bool value);
/* Sets the member if it is not a true value. */
void component_default(json_t *object, const char *member, const char *text);
/* Turns true and false into text, because an attribute shows both. */
void component_flag_to_text(json_t *object, const char *member);
/* Appends words to a member that is a list of words, such as class names or ids. */
void component_append_word(json_t *object, const char *member, const char *word);
/* Adds an attribute to the object's list; a NULL value writes the name alone. */
void component_add_attribute(json_t *object, const char *name, const char *value);
/* A new object with the members of a shape, all null but those of `options`. */
json_t *component_shape(const char *shape, const json_t *options);

void component_label(json_t *context, const char *id);
void component_input(json_t *context);
void component_textarea(json_t *context);
void component_character_count(json_t *context);
void component_password_input(json_t *context);
void component_select(json_t *context);
void component_radios(json_t *context);
void component_checkboxes(json_t *context);
void component_date_input(json_t *context);

#endif
