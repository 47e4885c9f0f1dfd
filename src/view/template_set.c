#include <stdlib.h>
#include <string.h>

#include "template_internal.h"

static const char suffix[] = ".mustache";

static int compare_templates(const void *a, const void *b) {
        return strcmp(((const struct template *) a)->name, ((const struct template *) b)->name);
}

static int compare_name(const void *name, const void *template) {
        return strcmp(name, ((const struct template *) template)->name);
}

const struct template *template_find(const struct template_set *set, const char *name) {
        if (!set->n_templates)
                return NULL;
        return bsearch(name, set->templates, set->n_templates, sizeof *set->templates, compare_name);
}

bool template_exists(const struct template_set *set, const char *name) {
        return template_find(set, name) != NULL;
}

/* Gives every partial its template. */
static int resolve(const struct template_set *set, const struct template *template, struct node *nodes,
                   char **ret_error) {
        for (struct node *node = nodes; node; node = node->next) {
                if (node->type == NODE_PARTIAL && !(node->partial = template_find(set, node->text))) {
                        struct buffer message = { 0 };
                        buffer_append_format(&message, "%s:%u: there is no partial '%s'", template->file, node->line,
                                             node->text);
                        *ret_error = buffer_take(&message, NULL);
                        return -1;
                }
                if (resolve(set, template, node->children, ret_error) < 0)
                        return -1;
        }
        return 0;
}

int template_set_parse(const struct embedded_set *files, struct template_set **ret_set, char **ret_error) {
        _cleanup_(template_set_free_p) struct template_set *set = memory_new(1, sizeof *set);
        set->arena = arena_new();
        set->templates = arena_alloc(set->arena, (files->n_files + 1) * sizeof *set->templates);
        for (size_t i = 0; i < files->n_files; i++) {
                const struct embedded_file *file = &files->files[i];
                size_t size = strlen(file->name);
                if (size <= strlen(suffix) || strcmp(file->name + size - strlen(suffix), suffix))
                        continue;
                struct template *template = &set->templates[set->n_templates++];
                template->file = file->name;
                template->name = arena_copy(set->arena, file->name, size - strlen(suffix));
                if (template_parse_file(set->arena, file, template, ret_error) < 0)
                        return -1;
        }
        qsort(set->templates, set->n_templates, sizeof *set->templates, compare_templates);
        for (size_t i = 0; i < set->n_templates; i++)
                if (resolve(set, &set->templates[i], set->templates[i].nodes, ret_error) < 0)
                        return -1;
        *ret_set = TAKE(set);
        return 0;
}

void template_set_free(struct template_set *set) {
        if (!set)
                return;
        arena_free(set->arena);
        free(set);
}

struct walk {
        void (*found)(void *userdata, const struct template_variable *variable);
        void *userdata;
        const char *sections[TEMPLATE_CONTEXTS_MAX];
        size_t n_sections;
        const struct template *templates[TEMPLATE_PARTIALS_MAX + 1];
        size_t n_templates;
};

static void walk_template(struct walk *walk, const struct template *template);

static void walk_nodes(struct walk *walk, const struct node *nodes) {
        static const enum template_use uses[] = {
                [NODE_VALUE] = TEMPLATE_USE_VALUE, [NODE_RAW] = TEMPLATE_USE_RAW,
                [NODE_SECTION] = TEMPLATE_USE_SECTION, [NODE_INVERTED] = TEMPLATE_USE_INVERTED,
        };
        for (const struct node *node = nodes; node; node = node->next) {
                if (node->type == NODE_PARTIAL) {
                        walk_template(walk, node->partial);
                        continue;
                }
                if (node->type != NODE_TEXT && node->type != NODE_TRANSLATED)
                        walk->found(walk->userdata, &(struct template_variable) {
                                .name = node->text, .sections = walk->sections, .n_sections = walk->n_sections,
                                .use = uses[node->type], .line = node->line,
                                .file = walk->templates[walk->n_templates - 1]->file,
                        });
                bool enters = node->type == NODE_SECTION && walk->n_sections < TEMPLATE_CONTEXTS_MAX;
                if (enters)
                        walk->sections[walk->n_sections++] = node->text;
                walk_nodes(walk, node->children);
                if (enters)
                        walk->n_sections--;
        }
}

static void walk_template(struct walk *walk, const struct template *template) {
        for (size_t i = 0; i < walk->n_templates; i++)
                if (walk->templates[i] == template)
                        return;
        if (walk->n_templates == ELEMENTS(walk->templates))
                return;
        walk->templates[walk->n_templates++] = template;
        walk_nodes(walk, template->nodes);
        walk->n_templates--;
}

int template_variables(const struct template_set *set, const char *name,
                       void (*found)(void *userdata, const struct template_variable *variable), void *userdata) {
        const struct template *template = template_find(set, name);
        if (!template)
                return -1;
        walk_template(&(struct walk) { .found = found, .userdata = userdata }, template);
        return 0;
}
