/* Renders components for tests/view/fixtures.mjs: reads lines of {"component", "options"}, writes for each a line with
 * the HTML as a JSON string. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "view/component.h"
#include "view/template.h"

static int render_line(const struct template_set *set, const char *line) {
        json_t *request = json_loads(line, 0, NULL);
        const char *component = json_string_value(json_object_get(request, "component"));
        json_t *context = component ? component_prepare(component, json_object_get(request, "options")) : NULL;
        _cleanup_buffer_ struct buffer html = { 0 };
        char name[128];
        snprintf(name, sizeof name, "partial/govuk/%s", component ? component : "");
        int r = context ? template_render(set, name, &context, 1, NULL, &html) : -1;
        if (r < 0)
                fprintf(stderr, "render: component '%s' did not render (%d)\n", component ? component : "", r);
        else {
                json_t *text = json_stringn(html.data ? html.data : "", html.size);
                r = text ? json_dumpf(text, stdout, JSON_ENCODE_ANY) : -1;
                putchar('\n');
                json_decref(text);
        }
        json_decref(context);
        json_decref(request);
        return r;
}

int main(void) {
        _cleanup_(template_set_free_p) struct template_set *set = NULL;
        _cleanup_free_ char *error = NULL, *line = NULL;
        size_t room = 0;
        if (template_set_parse(&embedded_templates, &set, &error) < 0) {
                fprintf(stderr, "%s\n", error);
                return EXIT_FAILURE;
        }
        while (getline(&line, &room, stdin) > 0)
                if (render_line(set, line) < 0)
                        return EXIT_FAILURE;
        return EXIT_SUCCESS;
}
