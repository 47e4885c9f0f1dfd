/* Reading a JSON body. jansson accepts nesting of 2,048 and turns numbers with a point into doubles, so the text is
 * looked over first; everything else is the parser's own strictness. */
#include <string.h>

#include "http/body.h"
#include "http/target.h"

/* The end of the string that begins behind `p`, or `end`. */
static const char *skip_string(const char *p, const char *end) {
        for (; p < end && *p != '"'; p++)
                if (*p == '\\' && p + 1 < end)
                        p++;
        return p;
}

static const char *look_over(const char *data, size_t size) {
        unsigned depth = 0;
        const char *end = data + size;

        for (const char *p = data; p < end; p++) {
                if (*p == '"')
                        p = skip_string(p + 1, end);
                else if (*p == '{' || *p == '[') {
                        if (++depth > BODY_DEPTH_MAX)
                                return "too_deep";
                } else if (*p == '}' || *p == ']')
                        depth -= depth > 0;
                else if (*p == '-' || (*p >= '0' && *p <= '9'))
                        for (; p + 1 < end && p[1] && strchr("0123456789+-.eE", p[1]); p++)
                                if (strchr(".eE", p[1]))
                                        return "number_not_whole";
        }
        return NULL;
}

const char *body_read_json(const char *data, size_t size, json_t **ret_body) {
        json_error_t error;

        if (memchr(data, '\0', size) || !utf8_is_valid(data, size))
                return "invalid_utf8";
        const char *problem = look_over(data, size);
        if (problem)
                return problem;
        json_t *body = json_loadb(data, size, JSON_REJECT_DUPLICATES, &error);
        if (!body)
                switch (json_error_code(&error)) {
                case json_error_duplicate_key: return "duplicate_member";
                case json_error_null_character:
                case json_error_null_byte_in_key:
                case json_error_invalid_utf8: return "invalid_utf8";
                default: return "malformed_json";
                }
        if (!json_is_object(body)) {
                json_decref(body);
                return "malformed_json";
        }
        *ret_body = body;
        return NULL;
}
