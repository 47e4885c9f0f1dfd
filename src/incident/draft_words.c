/* Codes and answers of the report form in words, and the choices that a question offers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draft_internal.h"
#include "view/format.h"

static const char *text_of(const json_t *object, const char *name) {
        return json_string_value(json_object_get(object, name));
}

static void add_list(json_t *items, const struct codes *codes, const char *list, size_t size) {
        char name[64];
        size_t n;
        const json_t *code;
        snprintf(name, sizeof name, "%.*s", (int) size, list);
        json_array_foreach (codes_list(codes, name), n, code) {
                if (json_is_true(json_object_get(code, "retired")))
                        continue;
                json_t *item = json_pack("{s:O, s:O}", "value", json_object_get(code, "code"),
                                         "label", json_object_get(code, "label"));
                if (text_of(code, "hint"))
                        json_object_set(item, "hint", json_object_get(code, "hint"));
                if (text_of(code, "group"))
                        json_object_set(item, "group", json_object_get(code, "group"));
                json_array_append_new(items, item);
        }
}

/* The organisations that the actor has a role in, each once. */
static json_t *own_organisations(const json_t *frame) {
        json_t *items = json_array(), *seen = json_object();
        size_t n;
        const json_t *role;
        json_array_foreach (json_object_get(json_object_get(frame, "actor"), "roles"), n, role) {
                const char *slug = text_of(role, "organisation");
                if (!slug || json_object_get(seen, slug))
                        continue;
                json_object_set_new(seen, slug, json_true());
                json_array_append_new(items, json_pack("{s:s, s:s}", "value", slug,
                                                       "label", text_of(role, "organisation_name")));
        }
        json_decref(seen);
        return items;
}

/* "a|b" offers b's codes below a's: that an answer is missing is never one of the answers. */
json_t *draft_items(void *userdata, const char *list) {
        const struct draft_choices *choices = userdata;
        if (strcmp(list, "own_organisation") == 0)
                return own_organisations(choices->frame);
        json_t *items = json_array();
        for (;;) {
                size_t size = strcspn(list, "|");
                add_list(items, choices->codes, list, size);
                if (!list[size])
                        return items;
                list += size + 1;
        }
}

void draft_part_missingness(json_t *form) {
        size_t n;
        json_t *field;
        json_array_foreach (json_object_get(form, "fields"), n, field) {
                const char *list = text_of(field, "list"), *bar = list ? strchr(list, '|') : NULL;
                if (!bar || strcmp(text_of(field, "type"), "radios") != 0)
                        continue;
                _cleanup_(codes_unref_p) struct codes *codes = codes_current();
                json_t *items = json_array();
                add_list(items, codes, list, (size_t) (bar - list));
                json_array_append_new(items, json_pack("{s:s}", "divider", "or"));
                add_list(items, codes, bar + 1, strlen(bar + 1));
                json_object_set_new(field, "items", items);
                json_object_del(field, "list");
        }
}

const json_t *draft_value_at(const json_t *at, const char *name) {
        while (at) {
                char part[DRAFT_ID_MAX];
                size_t size = strcspn(name, "/");
                snprintf(part, sizeof part, "%.*s", (int) size, name);
                at = json_is_array(at) ? json_array_get(at, strtoul(part, NULL, 10)) : json_object_get(at, part);
                if (!name[size])
                        return at;
                name += size + 1;
        }
        return NULL;
}

const char *draft_label(const struct codes *codes, const char *list, const char *code) {
        char name[64];
        const char *label = NULL;
        if (strcmp(list, "own_organisation") == 0)
                list = "organisation";
        while (!label) {
                size_t size = strcspn(list, "|");
                snprintf(name, sizeof name, "%.*s", (int) size, list);
                label = codes_label(codes, name, code);
                if (!list[size])
                        break;
                list += size + 1;
        }
        return label ? label : code;
}

/* How the question itself words an answer, where it has words of its own. */
static const char *item_label(const json_t *field, const char *value) {
        size_t n;
        const json_t *item;
        json_array_foreach (json_object_get(field, "items"), n, item)
                if (text_of(item, "value") && strcmp(text_of(item, "value"), value) == 0)
                        return text_of(item, "label");
        return NULL;
}

void draft_write_value(const struct codes *codes, const json_t *field, const json_t *value, struct buffer *out) {
        const char *list = text_of(field, "list"), *text = json_string_value(value);
        size_t n;
        const json_t *one;
        if (json_is_boolean(value))
                buffer_append_string(out, json_is_true(value) ? "Yes" : "No");
        else if (json_is_array(value))
                json_array_foreach (value, n, one) {
                        if (n > 0)
                                buffer_append_char(out, '\n');
                        draft_write_value(codes, field, one, out);
                }
        else if (text && item_label(field, text))
                buffer_append_string(out, item_label(field, text));
        else if (list && text)
                buffer_append_string(out, draft_label(codes, list, text));
        else if (text && strcmp(text_of(field, "type"), "date") == 0)
                formatter_find("date", strlen("date"))->write(value, NULL, NULL, out);
        else
                format_plain(value, out);
}
