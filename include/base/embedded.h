/* Files that are part of the executable: templates, queries, assets, definitions.
 *
 * tools/embed.py turns a folder into one set at build time. Names are paths below that folder, sorted bytewise. A NUL
 * stands behind each file's data, so that text can be used as a C string. Sets are constants: nothing is released.
 */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
        const char *name;
        const unsigned char *data;
        size_t size; /* without the NUL */
};

struct embedded_set {
        const struct embedded_file *files;
        size_t n_files;
};

/* The file of that exact name, or NULL. */
const struct embedded_file *embedded_find(const struct embedded_set *set, const char *name);

/* Each is defined by a library of the build of the same name: link it before using the set. */
extern const struct embedded_set embedded_templates; /* src/templates; see view/template.h */
extern const struct embedded_set embedded_assets;    /* built styles and scripts; see docs/view.md */
extern const struct embedded_set embedded_schemas;   /* src/schemas: what the API answers with */
extern const struct embedded_set embedded_queries;   /* sql/query */
extern const struct embedded_set embedded_schema;    /* sql */
extern const struct embedded_set embedded_config;    /* config */

#endif
