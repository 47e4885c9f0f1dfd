#include "rows.h"

#include <string.h>

#include "view/format.h"
#include "words.h"

void row_add(json_t *rows, const char *key, const char *value) {
        if (key && value && *value)
                json_array_append_new(rows, json_pack("{s:s, s:s}", "key", key, "value", value));
}

/* "ethnicity|missingness": whichever knows the code. */
static const char *label_in(const struct codes *codes, const char *lists, const char *code) {
        char list[64];
        for (const char *p = lists; codes && *p; p += strspn(p, "|")) {
                size_t size = strcspn(p, "|");
                if (size < sizeof list) {
                        memcpy(list, p, size);
                        list[size] = '\0';
                        if (codes_label(codes, list, code))
                                return codes_label(codes, list, code);
                }
                p += size;
        }
        return code;
}

void row_value(const json_t *value, const char *list, const char *formatter, const struct codes *codes,
               struct buffer *out) {
        if (json_is_array(value) && list && !strchr(list, '|'))
                words_list(codes, list, value, out);
        else if (json_is_string(value) && list)
                buffer_append_string(out, label_in(codes, list, json_string_value(value)));
        else if (formatter)
                formatter_find(formatter, strlen(formatter))->write(value, "", NULL, out);
        else if (json_is_boolean(value))
                buffer_append_string(out, json_is_true(value) ? "Yes" : "No");
        else
                format_plain(value, out);
}

static const json_t *member_at(const json_t *object, const char *path) {
        char name[64];
        while (object) {
                size_t size = strcspn(path, "/");
                if (size >= sizeof name)
                        return NULL;
                memcpy(name, path, size);
                name[size] = '\0';
                object = json_object_get(object, name);
                if (!path[size])
                        return object;
                path += size + 1;
        }
        return NULL;
}

json_t *rows_of(const json_t *object, const struct row_description *table, const struct codes *codes) {
        json_t *rows = json_array();
        for (; table->member; table++) {
                _cleanup_buffer_ struct buffer text = { 0 };
                const json_t *value = member_at(object, table->member);
                if (value && !json_is_null(value))
                        row_value(value, table->list, table->formatter, codes, &text);
                row_add(rows, table->key, text.data);
        }
        return rows;
}
