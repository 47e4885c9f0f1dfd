/* Labels of codes, for the pages of this room. */
#ifndef PATHWAY_WORDS_H
#define PATHWAY_WORDS_H

#include <jansson.h>

#include "base/buffer.h"
#include "http/codes.h"

/* The label of a code, or the code itself where the list has none such; "" for NULL. */
const char *words_label(const struct codes *codes, const char *list, const char *code);
/* "The person harmed, a witness and a parent or carer": labels of an array of codes, the later ones begun small. */
void words_list(const struct codes *codes, const char *list, const json_t *array, struct buffer *out);
/* Sets a member to a text. */
void words_set(json_t *object, const char *name, const char *text);
/* The member's text, or NULL. */
const char *words_member(const json_t *object, const char *name);

#endif
