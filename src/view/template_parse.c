#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "template_internal.h"

enum { DELIMITER_MAX = 16 };

struct open_section {
        struct node *node;
        struct node **tail; /* where the next node of the section goes */
        const char *inside; /* the first byte after the opening tag */
};

struct parser {
        struct arena *arena;
        const char *file;
        bool raw_by_suffix; /* under layout/ or partial/ */

        const char *begin, *end, *at;
        const char *counted; /* `line` is the line of this byte */
        unsigned line;

        char open[DELIMITER_MAX], close[DELIMITER_MAX];
        size_t open_size, close_size;

        struct open_section stack[TEMPLATE_NESTING_MAX + 1]; /* [0] is the file itself */
        size_t depth;

        char *error;
};

/* A tag as it lies in the source. */
struct tag {
        char kind; /* one of # ^ / > ! = & {, or 0 for a value */
        const char *start, *after;
        const char *content; /* without spaces around it */
        size_t size;
        unsigned line;
};

static int _printf_(3, 4) fail(struct parser *parser, unsigned line, const char *format, ...) {
        char text[400];
        va_list args;
        va_start(args, format);
        vsnprintf(text, sizeof text, format, args);
        va_end(args);
        struct buffer message = { 0 };
        buffer_append_format(&message, "%s:%u: %s", parser->file, line, text);
        parser->error = buffer_take(&message, NULL);
        return -1;
}

static unsigned line_of(struct parser *parser, const char *at) {
        for (; parser->counted < at; parser->counted++)
                if (*parser->counted == '\n')
                        parser->line++;
        return parser->line;
}

static bool begins_line(const struct parser *parser, const char *at) {
        return at == parser->begin || at[-1] == '\n';
}

static struct node *add_node(struct parser *parser, enum node_type type, const char *at, unsigned line) {
        struct node *node = arena_alloc(parser->arena, sizeof *node);
        node->type = type;
        node->line = line;
        node->begins_line = begins_line(parser, at);
        struct open_section *section = &parser->stack[parser->depth];
        *section->tail = node;
        section->tail = &node->next;
        return node;
}

static void add_text(struct parser *parser, const char *from, const char *until) {
        if (from >= until)
                return;
        struct node *node = add_node(parser, NODE_TEXT, from, line_of(parser, from));
        node->text = from;
        node->size = (size_t) (until - from);
}

static bool is_space(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void trim(const char **content, size_t *size) {
        while (*size && is_space(**content)) {
                (*content)++;
                (*size)--;
        }
        while (*size && is_space((*content)[*size - 1]))
                (*size)--;
}

/* Finds the next tag. 1: there is none. */
static int next_tag(struct parser *parser, struct tag *ret) {
        const char *start = memmem(parser->at, (size_t) (parser->end - parser->at), parser->open, parser->open_size);
        if (!start)
                return 1;
        struct tag tag = { .start = start, .line = line_of(parser, start) };
        const char *content = start + parser->open_size;
        char close[DELIMITER_MAX + 2];
        size_t close_size = parser->close_size;
        memcpy(close, parser->close, close_size);
        if (content < parser->end && *content && strchr("#^/>!=&{", *content)) {
                tag.kind = *content++;
                if (tag.kind == '{' || tag.kind == '=') {
                        memmove(close + 1, close, close_size++);
                        close[0] = tag.kind == '{' ? '}' : '=';
                }
        }
        const char *stop = memmem(content, (size_t) (parser->end - content), close, close_size);
        if (!stop)
                return fail(parser, tag.line, "a tag is never closed");
        tag.after = stop + close_size;
        tag.content = content;
        tag.size = (size_t) (stop - content);
        trim(&tag.content, &tag.size);
        *ret = tag;
        return 0;
}

/* Whether the tag is alone on its line. Then *ret_line is where the line begins and *ret_next where the next does. */
static bool stands_alone(const struct parser *parser, const struct tag *tag, const char **ret_line,
                         const char **ret_next) {
        const char *line = tag->start, *next = tag->after;
        if (!strchr("#^/>!=", tag->kind) || !tag->kind)
                return false;
        while (line > parser->begin && (line[-1] == ' ' || line[-1] == '\t'))
                line--;
        while (next < parser->end && (*next == ' ' || *next == '\t'))
                next++;
        if (!begins_line(parser, line))
                return false;
        if (next < parser->end && *next == '\r' && next + 1 < parser->end && next[1] == '\n')
                next++;
        if (next < parser->end && *next != '\n')
                return false;
        *ret_line = line;
        *ret_next = next < parser->end ? next + 1 : next;
        return true;
}

static int check_name(struct parser *parser, const struct tag *tag, const char *name, size_t size) {
        bool part_is_empty = true;
        if (size == 1 && *name == '.')
                return 0;
        for (size_t i = 0; i < size; i++) {
                unsigned char c = (unsigned char) name[i];
                if (c <= ' ' || strchr("\"'<>&={}#^|", c))
                        return fail(parser, tag->line, "'%.*s' is not a name", (int) size, name);
                if (c == '.' && part_is_empty)
                        break;
                part_is_empty = c == '.';
        }
        if (part_is_empty)
                return fail(parser, tag->line, "'%.*s' is not a name", (int) size, name);
        return 0;
}

static void set_name(struct parser *parser, struct node *node, const char *name, size_t size) {
        node->text = arena_copy(parser->arena, name, size);
        node->size = size;
        if (size == 1 && *name == '.')
                return;
        size_t parts = 1;
        for (size_t i = 0; i < size; i++)
                parts += name[i] == '.';
        node->path = arena_alloc(parser->arena, parts * sizeof *node->path);
        for (const char *end = name + size;; name++) {
                const char *dot = memchr(name, '.', (size_t) (end - name));
                if (!dot)
                        dot = end;
                node->path[node->n_path++] = arena_copy(parser->arena, name, (size_t) (dot - name));
                if (dot == end)
                        break;
                name = dot;
        }
}

static bool ends_in(const char *s, const char *suffix) {
        size_t size = strlen(s), n = strlen(suffix);
        return size >= n && !strcmp(s + size - n, suffix);
}

static bool may_be_raw(const struct parser *parser, const char *name) {
        static const char *const anywhere[] = { "body_html", "chart_svg", "qr_svg" };
        if (parser->raw_by_suffix)
                return !strcmp(name, "html") || ends_in(name, ".html") || ends_in(name, "_html") || ends_in(name, "Html") ||
                       ends_in(name, "_svg");
        for (size_t i = 0; i < ELEMENTS(anywhere); i++)
                if (!strcmp(name, anywhere[i]))
                        return true;
        return false;
}

static int parse_value(struct parser *parser, const struct tag *tag) {
        const char *bar = memchr(tag->content, '|', tag->size);
        const char *name = tag->content;
        size_t size = bar ? (size_t) (bar - name) : tag->size;
        trim(&name, &size);
        if (check_name(parser, tag, name, size) < 0)
                return -1;
        struct node *node = add_node(parser, tag->kind ? NODE_RAW : NODE_VALUE, tag->start, tag->line);
        set_name(parser, node, name, size);
        if (tag->kind && !may_be_raw(parser, node->text))
                return fail(parser, tag->line, "'%s' may not be put in without escaping here", node->text);
        if (!bar)
                return 0;
        if (tag->kind)
                return fail(parser, tag->line, "a formatter needs an escaped value");
        const char *formatter = bar + 1;
        size = (size_t) (tag->content + tag->size - formatter);
        trim(&formatter, &size);
        const char *colon = memchr(formatter, ':', size);
        size_t name_size = colon ? (size_t) (colon - formatter) : size;
        node->formatter = formatter_find(formatter, name_size);
        if (!node->formatter)
                return fail(parser, tag->line, "there is no formatter '%.*s'", (int) name_size, formatter);
        if (node->formatter->takes_argument != (colon && name_size + 1 < size))
                return fail(parser, tag->line, "formatter '%s' %s argument", node->formatter->name,
                            node->formatter->takes_argument ? "needs an" : "takes no");
        if (colon)
                node->argument = arena_copy(parser->arena, colon + 1, size - name_size - 1);
        return 0;
}

static int open_section(struct parser *parser, const struct tag *tag, const char *inside) {
        bool translated = tag->kind == '#' && tag->size == 1 && *tag->content == '_';
        if (check_name(parser, tag, tag->content, tag->size) < 0)
                return -1;
        if (parser->stack[parser->depth].node && parser->stack[parser->depth].node->type == NODE_TRANSLATED)
                return fail(parser, tag->line, "translated text holds plain text and values only");
        if (parser->depth == TEMPLATE_NESTING_MAX)
                return fail(parser, tag->line, "more than %d sections within each other", TEMPLATE_NESTING_MAX);
        enum node_type type = translated ? NODE_TRANSLATED : tag->kind == '#' ? NODE_SECTION : NODE_INVERTED;
        struct node *node = add_node(parser, type, tag->start, tag->line);
        set_name(parser, node, tag->content, tag->size);
        parser->stack[++parser->depth] = (struct open_section) { node, &node->children, inside };
        return 0;
}

/* The key of translated text is its source; it must be what a translator can be shown. */
static int finish_translated(struct parser *parser, const struct tag *tag, struct node *node, const char *inside) {
        node->text = inside;
        node->size = (size_t) (tag->start - inside);
        trim(&node->text, &node->size);
        node->text = arena_copy(parser->arena, node->text, node->size);
        if (!node->size)
                return fail(parser, node->line, "there is no text to translate");
        if (strpbrk(node->text, "<>"))
                return fail(parser, node->line, "translated text holds no markup");
        for (const struct node *child = node->children; child; child = child->next)
                if (child->type != NODE_TEXT && child->type != NODE_VALUE)
                        return fail(parser, child->line, "translated text holds plain text and values only");
        return 0;
}

static int close_section(struct parser *parser, const struct tag *tag) {
        if (!parser->depth)
                return fail(parser, tag->line, "'%.*s' is closed but was not opened", (int) tag->size, tag->content);
        struct open_section section = parser->stack[parser->depth];
        if (strlen(section.node->text) != tag->size || memcmp(section.node->text, tag->content, tag->size))
                return fail(parser, tag->line, "'%.*s' is closed where '%s' (line %u) is open", (int) tag->size,
                            tag->content, section.node->text, section.node->line);
        parser->depth--;
        if (section.node->type == NODE_TRANSLATED)
                return finish_translated(parser, tag, section.node, section.inside);
        return 0;
}

static int set_delimiters(struct parser *parser, const struct tag *tag) {
        const char *open = tag->content, *end = open + tag->size, *stop = open;
        while (stop < end && !is_space(*stop))
                stop++;
        const char *close = stop;
        while (close < end && is_space(*close))
                close++;
        size_t open_size = (size_t) (stop - open), close_size = (size_t) (end - close);
        if (!open_size || !close_size || open_size > DELIMITER_MAX || close_size > DELIMITER_MAX ||
            memchr(open, '=', tag->size) || memchr(close, ' ', close_size))
                return fail(parser, tag->line, "'%.*s' is not a pair of delimiters", (int) tag->size, open);
        memcpy(parser->open, open, parser->open_size = open_size);
        memcpy(parser->close, close, parser->close_size = close_size);
        return 0;
}

static int parse_partial(struct parser *parser, const struct tag *tag, const char *line) {
        if (check_name(parser, tag, tag->content, tag->size) < 0)
                return -1;
        struct node *node = add_node(parser, NODE_PARTIAL, tag->start, tag->line);
        node->text = arena_copy(parser->arena, tag->content, tag->size);
        node->size = tag->size;
        if (line) {
                node->indent = arena_copy(parser->arena, line, (size_t) (tag->start - line));
                node->begins_line = false;
        }
        return 0;
}

static int parse_tag(struct parser *parser, const struct tag *tag) {
        const char *line = NULL, *next = tag->after;
        bool alone = stands_alone(parser, tag, &line, &next);
        add_text(parser, parser->at, alone ? line : tag->start);
        parser->at = next;
        struct node **tail = parser->stack[parser->depth].tail;
        int r = 0;
        switch (tag->kind) {
        case '!':
                break;
        case '=':
                r = set_delimiters(parser, tag);
                break;
        case '>':
                r = parse_partial(parser, tag, line);
                break;
        case '#':
        case '^':
                r = open_section(parser, tag, next);
                /* The line of a tag that stands alone is not part of the output, nor is its indentation. */
                if (!r && alone)
                        (*tail)->begins_line = false;
                break;
        case '/':
                r = close_section(parser, tag);
                break;
        default:
                r = parse_value(parser, tag);
        }
        return r;
}

int template_parse_file(struct arena *arena, const struct embedded_file *source, struct template *template,
                        char **ret_error) {
        const char *text = (const char *) source->data;
        struct parser parser = {
                .arena = arena, .file = template->file, .begin = text, .end = text + source->size, .at = text,
                .counted = text, .line = 1, .open = "{{", .close = "}}", .open_size = 2, .close_size = 2,
                .raw_by_suffix = !strncmp(template->name, "layout/", 7) || !strncmp(template->name, "partial/", 8),
        };
        parser.stack[0].tail = &template->nodes;
        struct tag tag;
        int r;
        while ((r = next_tag(&parser, &tag)) == 0)
                if ((r = parse_tag(&parser, &tag)) < 0)
                        break;
        if (r >= 0 && parser.depth)
                r = fail(&parser, parser.stack[parser.depth].node->line, "section '%s' is never closed",
                         parser.stack[parser.depth].node->text);
        if (r < 0) {
                *ret_error = parser.error;
                return -1;
        }
        add_text(&parser, parser.at, parser.end);
        return 0;
}
