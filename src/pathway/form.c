#include "pathway/form.h"

#include <stdlib.h>
#include <string.h>

static const char *member(const json_t *object, const char *name) {
        return json_string_value(json_object_get(object, name));
}

static const struct {
        const char *name;
        enum field_type type;
        bool sealed; /* words of people are sealed; codes, dates and numbers stand open */
} types[] = {
        { "text", FIELD_LINE, true },       { "textarea", FIELD_TEXT, true },   { "radios", FIELD_CODE, false },
        { "select", FIELD_CODE, false },    { "checkboxes", FIELD_CODES, false }, { "date", FIELD_DATE, false },
        { "time", FIELD_TIME, false },      { "number", FIELD_INTEGER, false },
};

static int type_of(const json_t *described) {
        const char *name = member(described, "type");
        for (size_t i = 0; name && i < ELEMENTS(types); i++)
                if (strcmp(types[i].name, name) == 0)
                        return (int) i;
        return -1;
}

/* Whether a field applies: it has no `when`, or the field named there has one of the answers named there. */
static bool applies(const json_t *described, const json_t *data) {
        const json_t *when = json_object_get(described, "when");
        if (!when)
                return true;
        const char *given = member(data, member(when, "field") ? member(when, "field") : "");
        size_t n;
        json_t *one;
        json_array_foreach (json_object_get(when, "in"), n, one)
                if (given && strcmp(given, json_string_value(one)) == 0)
                        return true;
        return false;
}

const struct field *pathway_form_fields(struct arena *arena, const json_t *form, json_t *data) {
        const json_t *described = json_object_get(form, "fields");
        size_t count = json_array_size(described);
        if (count > PATHWAY_FIELDS_MAX)
                return NULL;
        struct field *fields = arena_alloc(arena, (count + 1) * sizeof *fields);
        size_t n, used = 0;
        json_t *one;
        json_array_foreach (described, n, one) {
                int type = type_of(one);
                const char *name = member(one, "name");
                if (type < 0 || !name)
                        return NULL;
                if (!applies(one, data)) {
                        json_object_del(data, name);
                        continue;
                }
                const json_t *most = json_object_get(one, "max"), *least = json_object_get(one, "min");
                fields[used++] = (struct field) {
                        .name = arena_string(arena, name),
                        .type = types[type].type,
                        .required = json_is_true(json_object_get(one, "required")),
                        .least = json_integer_value(least),
                        .most = most ? json_integer_value(most) : types[type].type == FIELD_CODES ? 60 : 4000,
                        .list = arena_string(arena, member(one, "list")),
                };
        }
        return fields;
}

/* "12" as 12; anything else stays text, so that the check names it. */
static json_t *integer_of(json_t *given) {
        const char *text = json_string_value(given), *number = text + (*text == '-');
        size_t digits = strspn(number, "0123456789");
        bool whole = digits > 0 && digits < 19 && !number[digits];
        return whole ? json_integer(strtoll(text, NULL, 10)) : json_incref(given);
}

void pathway_form_read(const json_t *form, json_t *data) {
        size_t n;
        json_t *described;
        json_array_foreach (json_object_get(form, "fields"), n, described) {
                int type = type_of(described);
                const char *name = member(described, "name"), *text = member(data, name ? name : "");
                json_t *given = name ? json_object_get(data, name) : NULL;
                if (type < 0 || !text)
                        continue;
                if (types[type].type == FIELD_CODES)
                        json_object_set_new(data, name, json_pack("[O]", given));
                else if (types[type].type == FIELD_INTEGER)
                        json_object_set_new(data, name, integer_of(given));
                else if (types[type].type == FIELD_TIME && text[0] && text[1] == ':')
                        json_object_set_new(data, name, json_sprintf("0%s", text)); /* 9:30 is how people write it */
        }
}

static void sort_codes(json_t *codes, const char *name, const char *list, json_t *value) {
        size_t n;
        json_t *one;
        if (json_is_string(value))
                json_array_append_new(codes, json_pack("{s:s, s:s, s:O}", "field", name, "list", list, "code", value));
        else
                json_array_foreach (value, n, one)
                        sort_codes(codes, name, list, one);
}

void pathway_form_sort(const json_t *form, json_t *data, json_t **ret_codes, json_t **ret_open, json_t **ret_texts) {
        json_t *codes = json_array(), *open = json_object(), *texts = json_object();
        size_t n;
        json_t *described;
        json_array_foreach (json_object_get(form, "fields"), n, described) {
                const char *name = member(described, "name"), *list = member(described, "list");
                json_t *value = json_object_get(data, name);
                if (!value)
                        continue;
                json_object_set(types[type_of(described)].sealed ? texts : open, name, value);
                /* Authorities and organisations are tables of their own, not lists of code. */
                if (list && strcmp(list, "authority") != 0 && strcmp(list, "organisation") != 0)
                        sort_codes(codes, name, list, value);
        }
        *ret_codes = codes;
        *ret_open = open;
        *ret_texts = texts;
}
