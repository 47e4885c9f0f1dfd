#include "view/page.h"

#include <stdbool.h>
#include <stdio.h>

/* Renders the part "name.part" into a member of the layout's context; a part that is not there leaves it null. */
static int render_part(const struct template_set *set, const char *name, const char *part, json_t *const *contexts,
                       size_t n_contexts, const struct template_options *options, json_t *layout, const char *member) {
        char full[128];
        _cleanup_buffer_ struct buffer html = { 0 };
        snprintf(full, sizeof full, "%s%s", name, part);
        json_object_set_new(layout, member, json_null());
        if (*part && !template_exists(set, full))
                return 0;
        int r = template_render(set, full, contexts, n_contexts, options, &html);
        if (r == 0)
                json_object_set_new(layout, member, json_stringn_nocheck(html.data ? html.data : "", html.size));
        return r;
}

static bool form_has_errors(const json_t *context) {
        return json_is_true(json_object_get(json_object_get(context, "form"), "has_errors")) ||
               json_is_true(json_object_get(context, "has_errors"));
}

static int render_parts(const struct template_set *set, const char *name, json_t *const *contexts, size_t n,
                        const struct template_options *options, json_t *layout) {
        static const struct {
                const char *part, *member;
        } parts[] = { { "", "body_html" }, { ".title", "title_html" }, { ".before", "before_html" } };
        for (size_t i = 0; i < ELEMENTS(parts); i++) {
                int r = render_part(set, name, parts[i].part, contexts, n, options, layout, parts[i].member);
                if (r < 0)
                        return r;
        }
        return 0;
}

int page_render(const struct template_set *set, const char *name, json_t *frame, json_t *page, json_t *resource,
                const struct template_options *options, struct buffer *out) {
        json_t *contexts[3] = { frame }, *layout = json_object();
        size_t n = 1;
        if (page)
                contexts[n++] = page;
        size_t n_layout = n;
        if (resource)
                contexts[n++] = resource;
        int r = render_parts(set, name, contexts, n, options, layout);
        if (r == 0) {
                json_object_set_new(layout, "has_errors",
                                    json_boolean(form_has_errors(page) || form_has_errors(resource)));
                json_object_set_new(layout, "has_navigation",
                                    json_boolean(json_array_size(json_object_get(frame, "navigation")) > 0));
                contexts[n_layout++] = layout;
                r = template_render(set, "layout/page", contexts, n_layout, options, out);
        }
        json_decref(layout);
        return r;
}
