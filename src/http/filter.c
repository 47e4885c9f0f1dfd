#include "http/filter.h"

#include <string.h>

#include "http/codes.h"
#include "http/target.h"
#include "view/component.h"

json_t *filter_select(const struct request *request, const char *name, const char *label, const char *list,
                      const char *all) {
        _cleanup_(codes_unref_p) struct codes *codes = codes_current();
        const char *chosen = request_parameter(request, name);
        json_t *items = json_array(), *code;
        size_t n;
        json_array_append_new(items, json_pack("{s:s, s:s, s:b}", "value", "", "text", all, "selected", !chosen));
        json_array_foreach (codes ? codes_list(codes, list) : NULL, n, code) {
                const char *value = json_string_value(json_object_get(code, "code"));
                const char *text = json_string_value(json_object_get(code, "label"));
                bool selected = chosen && value && strcmp(chosen, value) == 0;
                if (value)
                        json_array_append_new(items, json_pack("{s:s, s:s, s:b, s:O*}", "value", value,
                                                               "text", text ? text : value, "selected", selected,
                                                               "group", json_object_get(code, "group")));
        }
        component_group_items(items);
        return json_pack("{s:s, s:s, s:o}", "name", name, "label", label, "items", items);
}

const char *filter_link(const struct request *request, const char *path, const char *const *names, const char *name,
                        const char *value) {
        _cleanup_buffer_ struct buffer link = { 0 };
        char mark = strchr(path, '?') ? '&' : '?';
        buffer_append_string(&link, path);
        for (; *names; names++) {
                const char *given = strcmp(*names, name) == 0 ? value : request_parameter(request, *names);
                if (!given || !*given)
                        continue;
                buffer_append_char(&link, mark);
                target_encode(&link, *names);
                buffer_append_char(&link, '=');
                target_encode(&link, given);
                mark = '&';
        }
        return arena_copy(request->arena, link.data, link.size);
}

json_t *filter_values(const struct request *request, const char *const *names) {
        json_t *values = json_object();
        bool any = false;
        for (; *names; names++) {
                const char *given = request_parameter(request, *names);
                json_object_set_new(values, *names, given ? json_string(given) : json_null());
                any |= given != NULL;
        }
        json_object_set_new(values, "any", json_boolean(any));
        return values;
}
