/* Pages: a template's body within the layout.
 *
 * "incident/show" is made of up to three templates: incident/show (the body, what stands in <main>),
 * incident/show.title (plain text of the title; otherwise the page's "title") and incident/show.before (breadcrumbs or
 * a back link). All see frame, page and resource, in this order from outside to inside; the layout sees frame and page.
 * docs/view.md shows an example and lists the members of the frame.
 */
#ifndef VIEW_PAGE_H
#define VIEW_PAGE_H

#include "view/template.h"

/* The one inline script of the layout, as a Content-Security-Policy names it. */
#define PAGE_SCRIPT_HASH "'sha256-GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw='"

/* Appends the whole HTML document. `page` and `resource` are objects or NULL; all are borrowed. The title begins with
 * "Error:" where page or resource has a form with errors. Returns as template_render does. */
_must_check_ int page_render(const struct template_set *set, const char *name, json_t *frame, json_t *page,
                             json_t *resource, const struct template_options *options, struct buffer *out);

#endif
