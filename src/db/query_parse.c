#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "query_internal.h"

enum { WORDS_MAX = 8, LINE_MAX_BYTES = 400, SQL_MOST = 64 * 1024, NAME_MOST = 100, SIZE_MOST = 16 * 1024 * 1024 };

struct parser {
        struct arena *arena;
        const struct embedded_file *file;
        struct query *query;
        unsigned line;
        const char *at; /* the rest of the file */
        bool has_words, has_mode;
        char **ret_error;
};

static _printf_(2, 3) int refuse(struct parser *parser, const char *format, ...) {
        _cleanup_free_ char *text = NULL;
        va_list args;
        va_start(args, format);
        int r = vasprintf(&text, format, args);
        va_end(args);
        _cleanup_buffer_ struct buffer error = { 0 };
        buffer_append_format(&error, "%s:%u: %s", parser->file->name, parser->line, r < 0 ? "malformed" : text);
        *parser->ret_error = buffer_take(&error, NULL);
        return -EINVAL;
}

/* "referral/list.sql" names the query "referral/list". */
static int parse_name(struct parser *parser) {
        const char *name = parser->file->name;
        size_t size = strlen(name), slashes = 0;
        if (size <= 4 || size > NAME_MOST || strcmp(name + size - 4, ".sql") != 0)
                return refuse(parser, "a query's file is <resource>/<verb>.sql");
        for (size_t i = 0; i < size - 4; i++) {
                bool edge = i == 0 || i == size - 5 || name[i - 1] == '/';
                if (name[i] == '/' && !edge)
                        slashes++;
                else if (!islower((unsigned char) name[i]) && !isdigit((unsigned char) name[i]) && name[i] != '_')
                        return refuse(parser, "a query's name is of a-z, 0-9 and _");
        }
        if (slashes != 1)
                return refuse(parser, "a query's file is <resource>/<verb>.sql");
        parser->query->name = arena_copy(parser->arena, name, size - 4);
        parser->query->is_context = strncmp(strchr(name, '/'), "/context", strlen("/context")) == 0;
        return 0;
}

static bool parse_number(const char *text, long long *ret_number) {
        char *end;
        errno = 0;
        long long n = strtoll(text, &end, 10);
        if (errno || end == text || *end || isspace((unsigned char) *text) || *text == '+')
                return false;
        *ret_number = n;
        return true;
}

static bool parse_range(const char *text, struct parameter *parameter) {
        const char *dots = strstr(text, "..");
        if (!dots || dots - text > 20)
                return false;
        char least[24];
        snprintf(least, sizeof least, "%.*s", (int) (dots - text), text);
        return parse_number(least, &parameter->least) && parse_number(dots + 2, &parameter->most) &&
               parameter->least <= parameter->most;
}

static bool parse_size(const char *text, struct parameter *parameter) {
        return parse_number(text, &parameter->most) && parameter->most >= 1 && parameter->most <= SIZE_MOST;
}

static bool parse_list(struct parser *parser, const char *text, struct parameter *parameter) {
        for (const char *c = text; *c; c++)
                if (!islower((unsigned char) *c) && !isdigit((unsigned char) *c) && *c != '_' && *c != '|')
                        return false;
        parameter->list = arena_string(parser->arena, text);
        return true;
}

enum argument { ARGUMENT_NONE, ARGUMENT_SIZE, ARGUMENT_RANGE, ARGUMENT_LIST };

static const struct {
        const char *word;
        enum parameter_type type;
        enum argument argument;
        const char *says;
} types[] = {
        { "uuid", PARAMETER_UUID, ARGUMENT_NONE, NULL },
        { "reference", PARAMETER_REFERENCE, ARGUMENT_NONE, NULL },
        { "text", PARAMETER_TEXT, ARGUMENT_SIZE, "text needs its most bytes, as in text 200" },
        { "code", PARAMETER_CODE, ARGUMENT_LIST, "code needs its list, as in code pathway" },
        { "integer", PARAMETER_INTEGER, ARGUMENT_RANGE, "integer needs its bounds, as in integer 1..200" },
        { "date", PARAMETER_DATE, ARGUMENT_NONE, NULL },
        { "boolean", PARAMETER_BOOLEAN, ARGUMENT_NONE, NULL },
        { "cursor", PARAMETER_CURSOR, ARGUMENT_NONE, NULL },
        { "json", PARAMETER_JSON, ARGUMENT_SIZE, "json needs its most bytes, as in json 4000" },
        { "hash", PARAMETER_HASH, ARGUMENT_NONE, NULL },
        { "sealed", PARAMETER_SEALED, ARGUMENT_SIZE, "sealed needs its most bytes, as in sealed 8000" },
};

/* Reads the type and its argument from words[0] on; the number of words used, or negative. */
static int parse_type(struct parser *parser, char **words, size_t n_words, struct parameter *parameter) {
        for (size_t i = 0; i < ELEMENTS(types) && n_words; i++) {
                if (strcmp(words[0], types[i].word) != 0)
                        continue;
                parameter->type = types[i].type;
                const char *argument = n_words > 1 ? words[1] : "";
                bool good =
                        types[i].argument == ARGUMENT_NONE ||
                        (types[i].argument == ARGUMENT_SIZE && parse_size(argument, parameter)) ||
                        (types[i].argument == ARGUMENT_RANGE && parse_range(argument, parameter)) ||
                        (types[i].argument == ARGUMENT_LIST && *argument && parse_list(parser, argument, parameter));
                if (!good)
                        return refuse(parser, "%s", types[i].says);
                return types[i].argument == ARGUMENT_NONE ? 1 : 2;
        }
        return refuse(parser, "there is no type \"%s\"", n_words ? words[0] : "");
}

static bool any_code(const char *list, const char *code) {
        return true;
}

static int parse_rest(struct parser *parser, char **words, size_t n_words, struct parameter *parameter) {
        const char *code;
        if (n_words == 0)
                return 0;
        if (n_words == 1 && strcmp(words[0], "optional") == 0) {
                parameter->optional = true;
                return 0;
        }
        if (n_words != 2 || strcmp(words[0], "default") != 0)
                return refuse(parser, "after the type comes nothing, \"optional\" or \"default VALUE\"");
        if (parameter_check(parameter, words[1], any_code, &code))
                return refuse(parser, "the default \"%s\" does not fit: %s", words[1], code);
        parameter->default_value = arena_string(parser->arena, words[1]);
        return 0;
}

static bool is_known(const struct query *query, const char *name) {
        for (unsigned i = 0; i < query->n_parameters; i++)
                if (strcmp(query->parameters[i].name, name) == 0)
                        return true;
        return false;
}

static int parse_parameter(struct parser *parser, char **words, size_t n_words) {
        struct query *query = parser->query;
        long long number;
        if (parser->has_mode)
                return refuse(parser, "parameters come before batch or alone");
        if (!parse_number(words[0] + 1, &number) || number != (long long) query->n_parameters + 1)
                return refuse(parser, "the next parameter is $%u", query->n_parameters + 1);
        if (number > QUERY_PARAMETERS_MAX)
                return refuse(parser, "a query has at most %d parameters", QUERY_PARAMETERS_MAX);
        if (n_words < 3)
                return refuse(parser, "a parameter is $n, its name and its type");
        for (const char *c = words[1]; *c; c++)
                if (!islower((unsigned char) *c) && !(c > words[1] && (isdigit((unsigned char) *c) || *c == '_')))
                        return refuse(parser, "a parameter's name is of a-z, 0-9 and _");
        if (is_known(query, words[1]))
                return refuse(parser, "there are two parameters \"%s\"", words[1]);

        struct parameter parameter = { .name = arena_string(parser->arena, words[1]) };
        int used = parse_type(parser, words + 2, n_words - 2, &parameter);
        if (used < 0)
                return used;
        int r = parse_rest(parser, words + 2 + used, n_words - 2 - (size_t) used, &parameter);
        if (r < 0)
                return r;
        query->parameters[query->n_parameters++] = parameter;
        return 0;
}

static int parse_header_line(struct parser *parser, char *line) {
        char *words[WORDS_MAX + 1], *saved = NULL;
        size_t n_words = 0;
        bool mode = strcmp(line, "-- batch") == 0 || strcmp(line, "-- alone") == 0;
        bool parameter = line[2 + strspn(line + 2, " \t")] == '$';
        if (parameter && !parser->has_words)
                return refuse(parser, "a query begins with a line that says what it is for");
        if (mode && parser->has_mode)
                return refuse(parser, "batch or alone is said twice");
        if (mode) {
                parser->has_mode = true;
                parser->query->alone = strcmp(line, "-- alone") == 0;
                return 0;
        }
        if (!parameter) {
                if (parser->query->n_parameters || parser->has_mode)
                        return refuse(parser,
                                      "after the words come the parameters, then batch or alone, and nothing else");
                parser->has_words = parser->has_words || line[2 + strspn(line + 2, " \t")];
                return 0;
        }
        for (char *word = strtok_r(line + 2, " \t", &saved); word; word = strtok_r(NULL, " \t", &saved)) {
                if (n_words == WORDS_MAX)
                        return refuse(parser, "too many words for a parameter");
                words[n_words++] = word;
        }
        return parse_parameter(parser, words, n_words);
}

/* Lines that begin with two hyphens, up to the first that does not. */
static int parse_header(struct parser *parser) {
        while (strncmp(parser->at, "--", 2) == 0) {
                size_t size = strcspn(parser->at, "\n");
                parser->line++;
                if (size >= LINE_MAX_BYTES)
                        return refuse(parser, "the line is too long");
                char line[LINE_MAX_BYTES];
                memcpy(line, parser->at, size);
                line[size] = '\0';
                int r = parse_header_line(parser, line);
                if (r < 0)
                        return r;
                parser->at += size + (parser->at[size] == '\n');
        }
        if (!parser->has_words)
                return refuse(parser, "a query begins with a line that says what it is for");
        return parser->has_mode ? 0 : refuse(parser, "the header does not say batch or alone");
}

/* The end of the quoted piece or comment at `p`, or `p` when there is none: a $1 inside is no parameter. A dollar quote
 * is not a thing for a query file and ends as an unknown parameter. */
static const char *skip_quoted(const char *p) {
        if (*p == '\'' || *p == '"') {
                const char *end = strchr(p + 1, *p);
                return end ? end + 1 : p + strlen(p);
        }
        if (strncmp(p, "--", 2) == 0)
                return p + strcspn(p, "\n");
        if (strncmp(p, "/*", 2) == 0) {
                const char *end = strstr(p + 2, "*/");
                return end ? end + 2 : p + strlen(p);
        }
        return p;
}

static int note_parameter(struct parser *parser, const char **at, uint64_t *used) {
        char *end = NULL;
        long n = isdigit((unsigned char) (*at)[1]) ? strtol(*at + 1, &end, 10) : 0;
        if (n < 1 || n > (long) parser->query->n_parameters)
                return refuse(parser, "the statement uses a $ that is not declared");
        *used |= UINT64_C(1) << (n - 1);
        *at = end;
        return 0;
}

static int parse_statement(struct parser *parser) {
        uint64_t used = 0;
        bool ended = false, empty = true;
        _Static_assert(QUERY_PARAMETERS_MAX <= 64, "one bit a parameter");
        if (strlen(parser->at) > SQL_MOST)
                return refuse(parser, "the statement is too long");
        parser->query->sql = arena_string(parser->arena, parser->at);
        parser->line++;
        for (const char *p = parser->at; *p;) {
                const char *after = skip_quoted(p);
                bool comment = after != p && (*p == '-' || *p == '/');
                if (ended && !comment && !isspace((unsigned char) *p))
                        return refuse(parser, "a query is one statement");
                empty = empty && (comment || isspace((unsigned char) *p));
                if (after == p && *p == '$') {
                        int r = note_parameter(parser, &after, &used);
                        if (r < 0)
                                return r;
                }
                ended = ended || *p == ';';
                after += after == p;
                for (; p < after; p++)
                        parser->line += *p == '\n';
        }
        if (empty)
                return refuse(parser, "there is no statement");
        for (unsigned i = 0; i < parser->query->n_parameters; i++)
                if (!(used & (UINT64_C(1) << i)))
                        return refuse(parser, "the statement does not use $%u", i + 1);
        return 0;
}

int query_parse(struct arena *arena, const struct embedded_file *file, struct query *ret_query, char **ret_error) {
        struct query query = { 0 };
        struct parser parser = { .arena = arena, .file = file, .query = &query, .ret_error = ret_error,
                                 .at = (const char *) file->data };
        int r = parse_name(&parser);
        if (r == 0 && memchr(file->data, '\0', file->size))
                r = refuse(&parser, "there is a NUL in the file");
        if (r == 0)
                r = parse_header(&parser);
        if (r == 0)
                r = parse_statement(&parser);
        if (r == 0)
                *ret_query = query;
        return r;
}
