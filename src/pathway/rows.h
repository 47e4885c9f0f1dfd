/* Rows of a summary list, {"key", "value"}, made from members of a resource by a table. */
#ifndef PATHWAY_ROWS_H
#define PATHWAY_ROWS_H

#include <jansson.h>

#include "base/buffer.h"
#include "http/codes.h"

struct row_description {
        const char *member; /* "ethnicity/self_described" reaches into an object */
        const char *key;
        const char *list;   /* code list of a text or an array of texts; "a|b": the first that has the code */
        const char *formatter;
};

/* A row; none when there is nothing to say. */
void row_add(json_t *rows, const char *key, const char *value);
/* A row for each member that is there. The table ends with a NULL member. A new array. */
json_t *rows_of(const json_t *object, const struct row_description *table, const struct codes *codes);
/* A value in words: label of a code, labels of an array, yes or no, number. Nothing for null. */
void row_value(const json_t *value, const char *list, const char *formatter, const struct codes *codes,
               struct buffer *out);

#endif
