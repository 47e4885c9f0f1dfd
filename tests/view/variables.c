/* Lists for tests/invariants/templates.py what the templates ask for: a line of JSON for each variable of each template. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "view/template.h"

#define ENDING ".mustache"

static void print_variable(void *userdata, const struct template_variable *variable) {
        json_t *sections = json_array();
        for (size_t i = 0; i < variable->n_sections; i++)
                json_array_append_new(sections, json_string(variable->sections[i]));
        json_t *line = json_pack("{s:s, s:s, s:o, s:s, s:i}", "template", (const char *) userdata, "name", variable->name,
                                 "sections", sections, "file", variable->file, "line", (int) variable->line);
        json_dumpf(line, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(line);
}

int main(void) {
        _cleanup_(template_set_free_p) struct template_set *set = NULL;
        _cleanup_free_ char *error = NULL;
        if (template_set_parse(&embedded_templates, &set, &error) < 0) {
                fprintf(stderr, "%s\n", error);
                return EXIT_FAILURE;
        }
        for (size_t i = 0; i < embedded_templates.n_files; i++) {
                char name[256];
                size_t size = strlen(embedded_templates.files[i].name) - strlen(ENDING);
                snprintf(name, sizeof name, "%.*s", (int) size, embedded_templates.files[i].name);
                if (template_variables(set, name, print_variable, name) < 0)
                        return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
}
