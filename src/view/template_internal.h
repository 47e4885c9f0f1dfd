/* What the parser makes and the renderer reads. */
#ifndef VIEW_TEMPLATE_INTERNAL_H
#define VIEW_TEMPLATE_INTERNAL_H

#include <stdbool.h>

#include "base/memory.h"
#include "view/format.h"
#include "view/template.h"

enum node_type { NODE_TEXT, NODE_VALUE, NODE_RAW, NODE_SECTION, NODE_INVERTED, NODE_TRANSLATED, NODE_PARTIAL };

struct node {
        enum node_type type;
        struct node *next;
        unsigned line;
        /* The node begins a line of its file: where a partial is indented, the indentation goes before it. */
        bool begins_line;

        const char *text; /* text: the bytes; translated: the key, NUL-terminated; otherwise the name as written */
        size_t size;

        char **path; /* value, raw, sections: the parts of the name; none for "." */
        size_t n_path;
        const struct formatter *formatter; /* value: or NULL */
        const char *argument;              /* of the formatter, or NULL */

        struct node *children; /* sections and translated */

        const char *indent; /* partial that stands alone on its line: what it is indented by */
        const struct template *partial;
};

struct template {
        const char *name; /* without the suffix */
        const char *file; /* with it, for messages */
        struct node *nodes;
};

struct template_set {
        struct arena *arena;
        struct template *templates; /* sorted by name */
        size_t n_templates;
};

const struct template *template_find(const struct template_set *set, const char *name);

/* Parses one file into `template`, whose name and file are set. Partials are left unresolved.
 * -1: *ret_error (owned by the caller) says what is wrong. */
int template_parse_file(struct arena *arena, const struct embedded_file *source, struct template *template,
                        char **ret_error);

#endif
