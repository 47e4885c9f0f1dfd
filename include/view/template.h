/* Templates: HTML from JSON, logic-less, after the Mustache specification.
 *
 * All templates are parsed once at start; rendering then only reads, so any number of threads may share a set. A
 * template is named by its path below src/templates without ".mustache": "incident/show".
 *
 * What a name finds. A name is looked up in the stack of contexts, innermost first; a member that is present ends the
 * search, even when it is null. `a.b` finds `a` that way and then only the `b` inside it. False, null, an absent
 * member, an empty array and an empty string are false to a section; 0 is true, because it is a figure.
 *
 * Departures from Mustache:
 *   {{#_}}Referred by {{name}}{{/_}}   text that is translated; plain text and {{names}} only, never markup. The key is
 *                                      the source between the tags; a translation may place the same {{names}} anew.
 *   {{received_at|date}}               a formatter, one of: date, datetime, time, day, yesno, count, label:LIST
 *                                      (view/format.h).
 *   {{>partial/x}}                     of a partial that is not there is an error when parsing, not silence.
 *   {{{x_html}}} and {{&x_html}}       put text in without escaping. Under layout/ and partial/ the name must be
 *                                      "html" or end in _html, Html or _svg; elsewhere only body_html, chart_svg and qr_svg
 *                                      are allowed. Anything else is an error when parsing.
 * Lambdas, dynamic names and inheritance are left out.
 */
#ifndef VIEW_TEMPLATE_H
#define VIEW_TEMPLATE_H

#include <jansson.h>

#include "base/buffer.h"
#include "base/embedded.h"
#include "base/macro.h"

enum {
        TEMPLATE_NESTING_MAX = 32,            /* sections within sections in one file */
        TEMPLATE_PARTIALS_MAX = 32,           /* partials within partials while rendering */
        TEMPLATE_CONTEXTS_MAX = 256,          /* contexts on the stack while rendering */
        TEMPLATE_OUTPUT_MAX = 8 * 1024 * 1024, /* bytes */
};

/* Faults of template_render. */
enum {
        TEMPLATE_UNKNOWN = -1,   /* no template of that name */
        TEMPLATE_TOO_DEEP = -2,  /* more partials or contexts than allowed */
        TEMPLATE_TOO_LARGE = -3, /* more output than allowed */
};

struct template_options {
        /* The text in the reader's language, or NULL to keep it as it is. May be NULL. Called by formatters too, for
         * the words Yes, No, at, and the names of months and days. */
        const char *(*translate)(void *userdata, const char *text);
        /* The label of a code, or NULL if it is unknown, which shows the code. May be NULL. */
        const char *(*label)(void *userdata, const char *list, const char *code);
        void *userdata;
        size_t output_max; /* bytes; 0 for TEMPLATE_OUTPUT_MAX */
};

struct template_set;

/* Parses every file whose name ends in ".mustache". The set refers to the files' data and must not outlive it.
 * -1: a template is wrong; *ret_error says which ("incident/show.mustache:12: ..."), owned by the caller. */
_must_check_ int template_set_parse(const struct embedded_set *files, struct template_set **ret_set, char **ret_error);
void template_set_free(struct template_set *set);
DEFINE_CLEANUP(struct template_set, template_set_free);

/* Whether the set holds a template of that name. */
_Bool template_exists(const struct template_set *set, const char *name);

/* Appends the rendered template to `out`. `contexts` are objects, outermost first (frame, page, resource); they are
 * borrowed. `options` may be NULL. Returns 0 or a fault above, which leaves `out` as it was. */
_must_check_ int template_render(const struct template_set *set, const char *name, json_t *const *contexts,
                                 size_t n_contexts, const struct template_options *options, struct buffer *out);

enum template_use { TEMPLATE_USE_VALUE, TEMPLATE_USE_RAW, TEMPLATE_USE_SECTION, TEMPLATE_USE_INVERTED };

struct template_variable {
        const char *name;            /* as written: "person.name", or "." */
        const char *const *sections; /* the names of the sections around it, outermost first, through partials */
        size_t n_sections;
        enum template_use use;
        const char *file; /* the template it stands in */
        unsigned line;
};

/* Reports every variable that a template and its partials use, in order of appearance; a partial is not entered again
 * from within itself. -1: no template of that name. */
int template_variables(const struct template_set *set, const char *name,
                       void (*found)(void *userdata, const struct template_variable *variable), void *userdata);

#endif
