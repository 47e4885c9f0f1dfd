/* The parts of a form that are not about showing it: definitions, names, and what a browser sends. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "component_internal.h"
#include "form_internal.h"

static const char *const types[] = { "text", "textarea", "radios", "checkboxes", "date", "time",
                                     "select", "number", "password", "hidden" };

static bool is_type(const json_t *field, const char *type) {
        const char *own = component_text(field, "type");
        return own && !strcmp(own, type);
}

static bool has_choices(const json_t *field) {
        return is_type(field, "radios") || is_type(field, "checkboxes") || is_type(field, "select");
}

static int _printf_(3, 4) wrong(char **ret_error, const json_t *field, const char *format, ...) {
        char text[256];
        va_list args;
        va_start(args, format);
        vsnprintf(text, sizeof text, format, args);
        va_end(args);
        const char *name = component_text(field, "name");
        struct buffer message = { 0 };
        buffer_append_format(&message, "field '%s' %s", name ? name : "", text);
        *ret_error = buffer_take(&message, NULL);
        return -1;
}

/* The value in `when.in` if it is a single one; NULL otherwise. */
static const char *single_condition(const json_t *when) {
        const json_t *in = json_object_get(when, "in");
        return json_array_size(in) == 1 ? json_string_value(json_array_get(in, 0)) : NULL;
}

static int check_when(const json_t *fields, size_t i, const json_t *field, char **ret_error) {
        const json_t *when = json_object_get(field, "when"), *other;
        const char *name = component_text(when, "field");
        size_t j;
        if (!when)
                return 0;
        if (!name || !json_array_size(json_object_get(when, "in")))
                return wrong(ret_error, field, "has a condition without a field or without values");
        json_array_foreach (fields, j, other)
                if (j < i && component_text(other, "name") && !strcmp(component_text(other, "name"), name))
                        return 0;
        return wrong(ret_error, field, "depends on '%s', which is not an earlier field", name);
}

static int check_field(const json_t *fields, size_t i, const json_t *field, char **ret_error) {
        const char *name = component_text(field, "name");
        bool known = false;
        for (size_t t = 0; t < ELEMENTS(types); t++)
                known |= is_type(field, types[t]);
        if (!name || strlen(name) > 100 || strpbrk(name, " \"'<>&~"))
                return wrong(ret_error, field, "needs a name of at most 100 letters, digits and slashes");
        if (!known)
                return wrong(ret_error, field, "has no type that a form knows");
        if (!is_type(field, "hidden") && !component_text(field, "label"))
                return wrong(ret_error, field, "needs a label");
        bool list = component_text(field, "list"), items = json_array_size(json_object_get(field, "items"));
        if (has_choices(field) && list == items)
                return wrong(ret_error, field, "needs a list or items, one of the two");
        if (json_array_size(json_object_get(field, "items")) > FORM_ITEMS_MAX)
                return wrong(ret_error, field, "has more than %d items", FORM_ITEMS_MAX);
        return check_when(fields, i, field, ret_error);
}

int form_check(const json_t *form, char **ret_error) {
        const json_t *fields = json_object_get(form, "fields"), *field;
        size_t i;
        if (!json_is_array(fields) || json_array_size(fields) > FORM_FIELDS_MAX)
                return wrong(ret_error, NULL, "of a form: there must be a list of at most %d", FORM_FIELDS_MAX);
        json_array_foreach (fields, i, field)
                if (check_field(fields, i, field, ret_error) < 0)
                        return -1;
        return 0;
}

void form_open(struct bind *bind, const json_t *form) {
        const char *base = bind->options->base ? bind->options->base : "";
        const json_t *field;
        size_t i;
        json_array_foreach (json_object_get(form, "fields"), i, field) {
                const char *name = component_text(field, "name");
                if (bind->n_fields == FORM_FIELDS_MAX || !name)
                        continue;
                bind->fields[bind->n_fields].definition = field;
                snprintf(bind->fields[bind->n_fields++].name, FORM_NAME_MAX, "%s%s%s", base, *base ? "/" : "", name);
        }
}

void form_id(const char *name, char ret[static FORM_NAME_MAX]) {
        size_t i = 0;
        for (; name[i] && i < FORM_NAME_MAX - 1; i++)
                ret[i] = name[i];
        ret[i] = '\0';
        for (char *c = ret; *c; c++)
                if (*c == '/')
                        *c = '-';
}

/* The member or element that a part of a name means. */
static json_t *step(const json_t *at, const char *part, size_t size) {
        char key[FORM_NAME_MAX], *end;
        snprintf(key, sizeof key, "%.*s", (int) size, part);
        if (json_is_object(at))
                return json_object_get(at, key);
        unsigned long index = strtoul(key, &end, 10);
        return json_is_array(at) && size && !*end && *key >= '0' && *key <= '9' ? json_array_get(at, index) : NULL;
}

json_t *form_value(const json_t *values, const char *name) {
        const json_t *at = values;
        for (;;) {
                size_t size = strcspn(name, "/");
                json_t *value = at ? step(at, name, size) : NULL;
                if (!name[size])
                        return value;
                at = value;
                name += size + 1;
        }
}

bool form_shown_within(const struct bind *bind, size_t i, const json_t *field, const char *value) {
        const json_t *when = json_object_get(bind->fields[i].definition, "when");
        const char *only = single_condition(when), *of = component_text(when, "field"),
                   *name = component_text(field, "name");
        bool shows = is_type(field, "radios") || is_type(field, "checkboxes");
        return only && of && name && shows && !strcmp(of, name) && !strcmp(only, value);
}

bool form_is_nested(const struct bind *bind, size_t i) {
        const json_t *when = json_object_get(bind->fields[i].definition, "when");
        const char *only = single_condition(when);
        const json_t *item;
        size_t k;
        for (size_t j = 0; j < i && only; j++) {
                const json_t *field = bind->fields[j].definition;
                if (!form_shown_within(bind, i, field, only))
                        continue;
                json_t *items = NULL;
                const char *list = component_text(field, "list");
                if (list && bind->options->items)
                        items = bind->options->items(bind->options->userdata, list);
                else
                        items = json_incref(json_object_get(field, "items"));
                bool found = false;
                json_array_foreach (items, k, item)
                        found |= component_text(item, "value") && !strcmp(component_text(item, "value"), only);
                json_decref(items);
                if (found)
                        return true;
        }
        return false;
}

/* Puts a value at a name, making objects on the way, and arrays where a part is the next number. */
static void put(json_t *body, const char *name, json_t *value) {
        json_t *at = body;
        for (;;) {
                char key[FORM_NAME_MAX];
                size_t size = strcspn(name, "/");
                snprintf(key, sizeof key, "%.*s", (int) size, name);
                json_t *next = name[size] ? step(at, key, size) : value;
                if (!next) {
                        const char *after = name + size + 1;
                        next = *after >= '0' && *after <= '9' ? json_array() : json_object();
                } else
                        json_incref(next);
                if (json_is_object(at))
                        json_object_set_new(at, key, next);
                else if (!json_is_array(at)) {
                        /* A name that reaches into what another name made a text. */
                        json_decref(next);
                        break;
                } else if (step(at, key, size))
                        json_array_set_new(at, strtoul(key, NULL, 10), next);
                else
                        json_array_append_new(at, next);
                if (!name[size])
                        break;
                at = next;
                name += size + 1;
        }
        json_decref(value);
}

/* The first text that was sent under a name, or NULL when it is empty or absent. */
static const char *sent(const json_t *submitted, const char *name) {
        const json_t *value = json_object_get(submitted, name);
        if (json_is_array(value))
                value = json_array_get(value, 0);
        const char *text = json_string_value(value);
        return text && *text ? text : NULL;
}

static json_t *read_date(const json_t *submitted, const char *name) {
        static const char *const parts[] = { "year", "month", "day" };
        const char *texts[ELEMENTS(parts)];
        bool any = false, numbers = true;
        for (size_t i = 0; i < ELEMENTS(parts); i++) {
                char part[FORM_NAME_MAX + 8];
                snprintf(part, sizeof part, "%s-%s", name, parts[i]);
                texts[i] = sent(submitted, part);
                any |= texts[i] != NULL;
                numbers &= texts[i] && strlen(texts[i]) <= 4 && !texts[i][strspn(texts[i], "0123456789")];
        }
        if (!any)
                return NULL;
        if (!numbers)
                return json_sprintf("%s-%s-%s", texts[0] ? texts[0] : "", texts[1] ? texts[1] : "",
                                    texts[2] ? texts[2] : "");
        return json_sprintf("%04d-%02d-%02d", atoi(texts[0]), atoi(texts[1]), atoi(texts[2]));
}

static json_t *read_number(const char *text) {
        char *end;
        errno = 0;
        long long number = strtoll(text, &end, 10);
        return errno || *end ? json_string(text) : json_integer(number);
}

json_t *form_read(const json_t *form, const json_t *submitted, const struct form_options *options) {
        struct bind bind = { .options = options };
        json_t *body = json_object();
        form_open(&bind, form);
        for (size_t i = 0; i < bind.n_fields; i++) {
                const json_t *field = bind.fields[i].definition;
                const char *name = bind.fields[i].name, *text = sent(submitted, name);
                json_t *value = NULL;
                if (is_type(field, "date"))
                        value = read_date(submitted, name);
                else if (is_type(field, "checkboxes")) {
                        json_t *all = json_object_get(submitted, name);
                        value = !text ? NULL : json_is_array(all) ? json_incref(all) : json_pack("[O]", all);
                } else if (text)
                        value = is_type(field, "number") ? read_number(text) : json_string(text);
                if (value)
                        put(body, name, value);
        }
        return body;
}
