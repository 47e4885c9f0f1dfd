#include <string.h>

#include "template_internal.h"

struct render {
        const struct template_options *options;
        struct buffer *out;
        size_t out_begin, out_max;
        const json_t *contexts[TEMPLATE_CONTEXTS_MAX];
        size_t n_contexts;
        unsigned partials;
        struct buffer indent;  /* of the template being rendered */
        struct buffer scratch; /* a value before it is escaped */
};

static int render_nodes(struct render *render, const struct node *nodes);

static const json_t *look_up(const struct render *render, const struct node *node) {
        if (!node->n_path)
                return render->contexts[render->n_contexts - 1];
        const json_t *value = NULL;
        for (size_t i = render->n_contexts; i-- && !value;)
                value = json_object_get(render->contexts[i], node->path[0]);
        for (size_t i = 1; i < node->n_path && value; i++)
                value = json_object_get(value, node->path[i]);
        return value;
}

static bool is_true(const json_t *value) {
        switch (value ? json_typeof(value) : JSON_NULL) {
        case JSON_NULL:
        case JSON_FALSE:
                return false;
        case JSON_ARRAY:
                return json_array_size(value) > 0;
        case JSON_STRING:
                return json_string_length(value) > 0;
        default:
                return true;
        }
}

static void append_escaped(struct buffer *out, const char *s, size_t size) {
        for (const char *end = s + size; s < end;) {
                const char *stop = s;
                while (stop < end && *stop != '&' && *stop != '<' && *stop != '>' && *stop != '"' && *stop != '\'')
                        stop++;
                buffer_append(out, s, (size_t) (stop - s));
                if (stop < end)
                        buffer_append_string(out, *stop == '&'   ? "&amp;"
                                                  : *stop == '<' ? "&lt;"
                                                  : *stop == '>' ? "&gt;"
                                                  : *stop == '"' ? "&quot;"
                                                                 : "&#39;");
                s = stop + 1;
        }
}

/* Puts the indentation of the enclosing partial before every line that begins inside the text. */
static void render_text(struct render *render, const struct node *node) {
        const char *at = node->text, *end = at + node->size;
        if (!render->indent.size) {
                buffer_append(render->out, at, node->size);
                return;
        }
        for (bool begins = node->begins_line; at < end; begins = true) {
                const char *stop = memchr(at, '\n', (size_t) (end - at));
                stop = stop ? stop + 1 : end;
                if (begins && *at != '\n' && *at != '\r')
                        buffer_append(render->out, render->indent.data, render->indent.size);
                buffer_append(render->out, at, (size_t) (stop - at));
                at = stop;
        }
}

static void render_value(struct render *render, const struct node *node) {
        const json_t *value = look_up(render, node);
        if (json_is_string(value) && !node->formatter) {
                append_escaped(render->out, json_string_value(value), json_string_length(value));
                return;
        }
        render->scratch.size = 0;
        if (node->formatter)
                node->formatter->write(value, node->argument, render->options, &render->scratch);
        else
                format_plain(value, &render->scratch);
        append_escaped(render->out, render->scratch.data, render->scratch.size);
}

/* Writes a translation, putting each {{name}} that the original has where the translation has it. */
static void render_translation(struct render *render, const struct node *node, const char *text) {
        for (;;) {
                const char *open = strstr(text, "{{"), *close = open ? strstr(open, "}}") : NULL;
                if (!close)
                        break;
                append_escaped(render->out, text, (size_t) (open - text));
                const char *name = open + 2;
                size_t size = (size_t) (close - name);
                size_t bar = strcspn(name, "|}");
                if (bar < size)
                        size = bar;
                for (const struct node *child = node->children; child; child = child->next)
                        if (child->type == NODE_VALUE && child->size == size && !memcmp(child->text, name, size)) {
                                render_value(render, child);
                                break;
                        }
                text = close + 2;
        }
        append_escaped(render->out, text, strlen(text));
}

static void render_translated(struct render *render, const struct node *node) {
        const struct template_options *options = render->options;
        const char *text = options && options->translate ? options->translate(options->userdata, node->text) : NULL;
        render_translation(render, node, text ? text : node->text);
}

static int render_within(struct render *render, const json_t *context, const struct node *nodes) {
        if (render->n_contexts == TEMPLATE_CONTEXTS_MAX)
                return TEMPLATE_TOO_DEEP;
        render->contexts[render->n_contexts++] = context;
        int r = render_nodes(render, nodes);
        render->n_contexts--;
        return r;
}

static int render_section(struct render *render, const struct node *node) {
        const json_t *value = look_up(render, node);
        if (!is_true(value))
                return 0;
        if (!json_is_array(value))
                return render_within(render, value, node->children);
        for (size_t i = 0; i < json_array_size(value); i++) {
                int r = render_within(render, json_array_get(value, i), node->children);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int render_partial(struct render *render, const struct node *node) {
        if (render->partials == TEMPLATE_PARTIALS_MAX)
                return TEMPLATE_TOO_DEEP;
        /* A partial within a line is not indented; one alone on its line is indented by that and by what its own
         * template is indented by. */
        struct buffer outer = render->indent;
        render->indent = (struct buffer) { 0 };
        if (node->indent) {
                buffer_append(&render->indent, outer.data, outer.size);
                buffer_append_string(&render->indent, node->indent);
        }
        render->partials++;
        int r = render_nodes(render, node->partial->nodes);
        render->partials--;
        buffer_clear(&render->indent);
        render->indent = outer;
        return r;
}

static int render_node(struct render *render, const struct node *node) {
        if (node->begins_line && node->type != NODE_TEXT && render->indent.size)
                buffer_append(render->out, render->indent.data, render->indent.size);
        switch (node->type) {
        case NODE_TEXT:
                render_text(render, node);
                return 0;
        case NODE_VALUE:
                render_value(render, node);
                return 0;
        case NODE_RAW:
                format_plain(look_up(render, node), render->out);
                return 0;
        case NODE_TRANSLATED:
                render_translated(render, node);
                return 0;
        case NODE_SECTION:
                return render_section(render, node);
        case NODE_INVERTED:
                return is_true(look_up(render, node)) ? 0 : render_nodes(render, node->children);
        case NODE_PARTIAL:
                return render_partial(render, node);
        }
        return 0;
}

static int render_nodes(struct render *render, const struct node *nodes) {
        for (const struct node *node = nodes; node; node = node->next) {
                int r = render_node(render, node);
                if (r < 0)
                        return r;
                if (render->out->size - render->out_begin > render->out_max)
                        return TEMPLATE_TOO_LARGE;
        }
        return 0;
}

int template_render(const struct template_set *set, const char *name, json_t *const *contexts, size_t n_contexts,
                    const struct template_options *options, struct buffer *out) {
        const struct template *template = template_find(set, name);
        if (!template)
                return TEMPLATE_UNKNOWN;
        if (n_contexts >= TEMPLATE_CONTEXTS_MAX)
                return TEMPLATE_TOO_DEEP;
        struct render render = {
                .options = options, .out = out, .out_begin = out->size, .n_contexts = n_contexts,
                .out_max = options && options->output_max ? options->output_max : TEMPLATE_OUTPUT_MAX,
        };
        for (size_t i = 0; i < n_contexts; i++)
                render.contexts[i] = contexts[i];
        if (!n_contexts)
                render.n_contexts = 1; /* nothing: every name is absent */
        int r = render_nodes(&render, template->nodes);
        buffer_clear(&render.scratch);
        buffer_clear(&render.indent);
        if (r < 0) {
                out->size = render.out_begin;
                if (out->data)
                        out->data[out->size] = '\0';
        }
        return r;
}
