#include "words.h"

#include <ctype.h>

const char *words_member(const json_t *object, const char *name) {
        return json_string_value(json_object_get(object, name));
}

void words_set(json_t *object, const char *name, const char *text) {
        json_object_set_new(object, name, json_string(text));
}

const char *words_label(const struct codes *codes, const char *list, const char *code) {
        const char *label = codes && list && code ? codes_label(codes, list, code) : NULL;
        return label ? label : code ? code : "";
}

void words_list(const struct codes *codes, const char *list, const json_t *array, struct buffer *out) {
        size_t n, count = json_array_size(array);
        json_t *code;
        json_array_foreach (array, n, code) {
                const char *label = words_label(codes, list, json_string_value(code));
                if (n > 0)
                        buffer_append_string(out, n + 1 == count ? " and " : ", ");
                buffer_append_char(out, n > 0 ? (char) tolower((unsigned char) *label) : *label);
                buffer_append_string(out, *label ? label + 1 : "");
        }
}
