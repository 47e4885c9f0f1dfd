#include "http/target.h"

#include <stdint.h>
#include <string.h>

#include "base/buffer.h"

/* Never in a target without percent-encoding. The WHATWG URL parser leaves | ^ ` { } bare in a query. */
static const char path_refused[] = "\"<>#\\^`{|}";
static const char query_refused[] = "\"<>#\\";

bool utf8_is_valid(const char *s, size_t size) {
        const unsigned char *p = (const unsigned char *) s, *end = p + size;
        while (p < end) {
                unsigned char c = *p++;
                unsigned more;
                uint32_t point, least;
                if (c < 0x80)
                        continue;
                if (c >= 0xc2 && c <= 0xdf)
                        more = 1, point = c & 0x1f, least = 0x80;
                else if (c >= 0xe0 && c <= 0xef)
                        more = 2, point = c & 0x0f, least = 0x800;
                else if (c >= 0xf0 && c <= 0xf4)
                        more = 3, point = c & 0x07, least = 0x10000;
                else
                        return false;
                if ((size_t) (end - p) < more)
                        return false;
                for (; more; more--, p++) {
                        if ((*p & 0xc0) != 0x80)
                                return false;
                        point = point << 6 | (*p & 0x3f);
                }
                if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
                        return false;
        }
        return true;
}

static int hex_digit(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

/* Control characters: C0, DEL, and C1 as UTF-8 writes it. */
static bool has_control(const char *s, size_t size, const char *allowed) {
        for (size_t i = 0; i < size; i++) {
                unsigned char c = (unsigned char) s[i];
                if ((c < 0x20 || c == 0x7f) && (c == 0 || !strchr(allowed, c)))
                        return true;
                if (c == 0xc2 && i + 1 < size && (unsigned char) s[i + 1] < 0xa0)
                        return true;
        }
        return false;
}

static char *decode(struct arena *arena, const char *text, size_t size, bool plus_is_space, const char *allowed) {
        char *out = arena_alloc(arena, size + 1);
        size_t n = 0;
        for (size_t i = 0; i < size; i++) {
                if (text[i] == '%') {
                        if (size - i < 3)
                                return NULL;
                        int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
                        if (high < 0 || low < 0)
                                return NULL;
                        out[n++] = (char) (high << 4 | low);
                        i += 2;
                } else
                        out[n++] = plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
        out[n] = '\0';
        return utf8_is_valid(out, n) && !has_control(out, n, allowed) ? out : NULL;
}

char *target_decode(struct arena *arena, const char *text, size_t size, const char *allowed) {
        return decode(arena, text, size, true, allowed);
}

static const char *parse_segments(struct arena *arena, struct target *target) {
        const char *p = target->path + 1;
        if (!*p)
                return NULL;
        for (;;) {
                size_t size = strcspn(p, "/");
                bool last = p[size] == '\0';
                if (size == 0 && !last)
                        return "bad_target";
                if (target->n_segments == TARGET_SEGMENTS_MAX)
                        return "not_found";
                char *segment = decode(arena, p, size, false, "");
                if (!segment || strpbrk(segment, "/\\") || strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0)
                        return "bad_target";
                target->segments[target->n_segments++] = segment;
                if (last)
                        return NULL;
                p += size + 1;
        }
}

const char *target_parse_query(struct arena *arena, const char *query, struct target *ret_target) {
        ret_target->query = query;
        ret_target->n_arguments = 0;
        if (strlen(query) > TARGET_MAX)
                return "bad_target";
        for (const char *p = query; *p;) {
                size_t size = strcspn(p, "&"), name_size = strcspn(p, "=&");
                if (ret_target->n_arguments == TARGET_ARGUMENTS_MAX)
                        return "too_many_arguments";
                size_t value_at = name_size < size ? name_size + 1 : size;
                char *name = decode(arena, p, name_size, true, "");
                char *value = decode(arena, p + value_at, size - value_at, true, "\t\n\r");
                if (!name || !*name || !value)
                        return "bad_target";
                if (target_argument(ret_target, name))
                        return "repeated_argument";
                ret_target->arguments[ret_target->n_arguments++] = (struct target_argument) { name, value };
                p += size;
                if (*p == '&' && !*++p)
                        return "bad_target";
        }
        return NULL;
}

const char *target_parse(struct arena *arena, const char *raw, struct target *ret_target) {
        size_t size = strlen(raw);
        *ret_target = (struct target) { .query = "" };
        if (size > TARGET_MAX)
                return "target_too_long";
        if (raw[0] != '/')
                return "bad_target";
        const char *question = strchr(raw, '?');
        size_t path_size = question ? (size_t) (question - raw) : size;
        for (size_t i = 0; i < size; i++) {
                unsigned char c = (unsigned char) raw[i];
                if (c <= 0x20 || c >= 0x7f || strchr(i < path_size ? path_refused : query_refused, c))
                        return "bad_target";
        }
        ret_target->path = arena_copy(arena, raw, path_size);
        const char *problem = parse_segments(arena, ret_target);
        if (problem)
                return problem;
        return target_parse_query(arena, question ? arena_string(arena, question + 1) : "", ret_target);
}

bool target_is_api(const struct target *target) {
        return target->n_segments >= 2 && strcmp(target->segments[0], "api") == 0 &&
               strcmp(target->segments[1], "v1") == 0;
}

const char *target_argument(const struct target *target, const char *name) {
        for (size_t i = 0; i < target->n_arguments; i++)
                if (strcmp(target->arguments[i].name, name) == 0)
                        return target->arguments[i].value;
        return NULL;
}

void target_encode(struct buffer *out, const char *text) {
        static const char digits[] = "0123456789ABCDEF";
        for (const unsigned char *p = (const unsigned char *) text; *p; p++) {
                if ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                    strchr("-._~", *p))
                        buffer_append_char(out, (char) *p);
                else {
                        buffer_append_char(out, '%');
                        buffer_append_char(out, digits[*p >> 4]);
                        buffer_append_char(out, digits[*p & 15]);
                }
        }
}
