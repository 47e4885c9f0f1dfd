/* Forms as browsers send them (application/x-www-form-urlencoded), into the body that the same schema has as JSON. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "http/body.h"
#include "http/target.h"
#include "http/value.h"
#include "view/format.h"

static void give(json_t *given, const char *name, const char *value) {
        json_t *earlier = json_object_get(given, name);
        if (!earlier)
                json_object_set_new(given, name, json_string(value));
        else if (json_is_array(earlier))
                json_array_append_new(earlier, json_string(value));
        else
                json_object_set_new(given, name, json_pack("[O, s]", earlier, value));
}

static const char **find_hidden(struct form_hidden *hidden, const char *name) {
        const struct {
                const char *name;
                const char **place;
        } known[] = { { "_csrf", &hidden->csrf }, { "_etag", &hidden->etag }, { "_key", &hidden->key },
                      { "_method", &hidden->method }, { "_query", &hidden->query } };
        for (size_t i = 0; i < ELEMENTS(known); i++)
                if (strcmp(known[i].name, name) == 0)
                        return known[i].place;
        return NULL;
}

const char *body_split_form(struct arena *arena, const char *data, size_t size, json_t **ret_given,
                      struct form_hidden *ret_hidden) {
        json_t *given = json_object();
        const char *end = data + size, *p = data;
        unsigned n = 0;

        *ret_hidden = (struct form_hidden) { 0 };
        while (p < end) {
                const char *stop = memchr(p, '&', (size_t) (end - p));
                if (!stop)
                        stop = end;
                const char *equals = memchr(p, '=', (size_t) (stop - p));
                char *name = equals ? target_decode(arena, p, (size_t) (equals - p), "") : NULL;
                char *value = equals ? target_decode(arena, equals + 1, (size_t) (stop - equals - 1), "\t\n\r") : NULL;
                if (!name || !*name || !value || stop + 1 == end)
                        goto malformed;
                if (strlen(name) > BODY_FORM_NAME_MAX || ++n > BODY_FORM_FIELDS_MAX)
                        goto malformed;
                const char **hidden = find_hidden(ret_hidden, name);
                if (hidden && *hidden)
                        goto malformed;
                if (hidden)
                        *hidden = value;
                else
                        give(given, name, value);
                p = stop + 1;
        }
        *ret_given = given;
        return NULL;
malformed:
        json_decref(given);
        return "malformed_form";
}

/* The member of that name, made when it is missing; NULL when it is there and is something else. */
static json_t *child(json_t *object, const char *name, json_type type) {
        json_t *found = json_object_get(object, name);
        if (found)
                return json_typeof(found) == type ? found : NULL;
        found = type == JSON_ARRAY ? json_array() : json_object();
        json_object_set_new(object, name, found);
        return found;
}

static const struct field *find_field(const struct field *fields, const char *name, size_t size) {
        for (; fields && fields->name; fields++)
                if (strlen(fields->name) == size && memcmp(fields->name, name, size) == 0)
                        return fields;
        return NULL;
}

static json_t *make_value(const struct field *field, const char *text) {
        char *end;
        switch (field ? field->type : FIELD_TEXT) {
        case FIELD_BOOLEAN:
                if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
                        return json_boolean(text[0] == 't');
                return json_string(text);
        case FIELD_INTEGER: {
                size_t digits = strspn(text + (*text == '-'), "0123456789");
                long long n = strtoll(text, &end, 10);
                return digits > 0 && digits < 19 && !*end ? json_integer(n) : json_string(text);
        }
        case FIELD_TIME: /* 9:30 is how people write it */
                return text[0] && text[1] == ':' ? json_sprintf("0%s", text) : json_string(text);
        default:
                return json_string(text);
        }
}

static void put_leaf(json_t *object, const char *name, const struct field *field, const char *text) {
        json_t *earlier = json_object_get(object, name);
        if (field && (field->type == FIELD_CODES || field->type == FIELD_REFERENCES))
                json_array_append_new(child(object, name, JSON_ARRAY), json_string(text));
        else if (!earlier)
                json_object_set_new(object, name, make_value(field, text));
        else if (json_is_array(earlier))
                json_array_append_new(earlier, json_string(text));
        else
                json_object_set_new(object, name, json_pack("[O, s]", earlier, text));
}

/* NAME-day and the like: where the hyphen is, or NULL. */
static const char *part_of_date(const char *name) {
        static const char *const parts[] = { "-day", "-month", "-year", "-time", "-from" };
        const char *hyphen = strrchr(name, '-');
        for (size_t i = 0; hyphen && i < ELEMENTS(parts); i++)
                if (strcmp(hyphen, parts[i]) == 0)
                        return hyphen;
        return NULL;
}

/* An object of parts, under a name that no field has, until finish_dates takes it out again. */
static void put_part(json_t *object, const char *name, const char *hyphen, const char *text) {
        char key[BODY_FORM_NAME_MAX + 2];
        snprintf(key, sizeof(key), "-%.*s", (int) (hyphen - name), name);
        json_object_set_new(child(object, key, JSON_OBJECT), hyphen + 1, json_string(text));
}

static void put(json_t *object, const struct field *fields, bool free_form, const char *path, const char *text);

/* people/0/name: the items come in order, so an index is at most one past the last. NULL when it is not so. */
static json_t *find_item(json_t *array, const char *rest, const char **ret_rest) {
        char *end;
        size_t index = rest[0] >= '0' && rest[0] <= '9' ? strtoul(rest, &end, 10) : SIZE_MAX;
        if (!array || index > json_array_size(array) || *end != '/')
                return NULL;
        if (index == json_array_size(array))
                json_array_append_new(array, json_object());
        *ret_rest = end + 1;
        return json_array_get(array, index);
}

/* The answer lies within member `name`: whether it found its place there. */
static bool put_inside(json_t *object, const struct field *field, bool free_form, const char *name, const char *rest,
                       const char *text) {
        bool within_free = free_form || (field && field->type == FIELD_FREE);
        json_t *inner = NULL;

        if (within_free || (field && field->type == FIELD_OBJECT))
                inner = child(object, name, JSON_OBJECT);
        else if (field && field->type == FIELD_OBJECTS)
                inner = find_item(child(object, name, JSON_ARRAY), rest, &rest);
        if (inner)
                put(inner, within_free ? NULL : field->fields, within_free, rest, text);
        return inner;
}

static void put(json_t *object, const struct field *fields, bool free_form, const char *path, const char *text) {
        size_t size = strcspn(path, "/");
        const struct field *field = find_field(fields, path, size);
        char name[BODY_FORM_NAME_MAX + 1];
        snprintf(name, sizeof(name), "%.*s", (int) size, path);

        if (path[size] && put_inside(object, field, free_form, name, path + size + 1, text))
                return;
        if (text[strspn(text, " \t\r\n")] == '\0')
                return;
        if (!path[size] && part_of_date(path))
                put_part(object, path, part_of_date(path), text);
        else if (!path[size] && (field || free_form))
                put_leaf(object, name, field, text);
        else /* no such field: body_check says so */
                json_object_set_new(object, path, json_string(text));
}

static const char *part(json_t *parts, const char *name) {
        const char *text = json_string_value(json_object_get(parts, name));
        return text ? text : "";
}

static bool is_number(const char *s, size_t most) {
        size_t size = strlen(s);
        return size >= 1 && size <= most && strspn(s, "0123456789") == size;
}

/* NAME-from is the time of day that a form means which asks for the day of an instant alone. By itself it is no answer. */
static bool only_from(const json_t *parts) {
        return json_object_size(parts) == 1 && json_object_get(parts, "from");
}

/* What the parts say, as 2026-03-27 or 2026-03-27T14:30:00+00:00; with something missing, the parts as they are. */
static json_t *join_date(json_t *parts, bool with_time) {
        const char *day = part(parts, "day"), *month = part(parts, "month"), *year = part(parts, "year");
        const char *time_text = part(parts, json_object_get(parts, "from") ? "from" : "time");
        char date[32], time_of_day[8];

        snprintf(date, sizeof(date), "%04d-%02d-%02d", atoi(year), atoi(month), atoi(day));
        bool is_date = is_number(day, 2) && is_number(month, 2) && is_number(year, 4) && text_is_date(date);
        snprintf(time_of_day, sizeof(time_of_day), "%s%.5s", strcspn(time_text, ":.") == 1 ? "0" : "", time_text);
        if (strlen(time_of_day) > 2 && time_of_day[2] == '.')
                time_of_day[2] = ':';
        if (is_date && !with_time && !*time_text)
                return json_string(date);
        if (!is_date || !with_time || !value_is_time(time_of_day))
                return json_sprintf("%s %s %s %s", day, month, year, time_text);
        struct tm tm = { .tm_year = atoi(year) - 1900, .tm_mon = atoi(month) - 1, .tm_mday = atoi(day),
                         .tm_hour = atoi(time_of_day), .tm_min = atoi(time_of_day + 3) };
        /* The offset is a function of the instant; the hour that the clocks go back over is read as winter time. */
        time_t wall = timegm(&tm);
        int offset = format_london_offset((int64_t) wall - format_london_offset((int64_t) wall));
        return json_sprintf("%sT%s:00+%02d:00", date, time_of_day, offset / 3600);
}

static void finish_dates(json_t *object, const struct field *fields) {
        const char *name;
        json_t *value;
        void *next;

        json_object_foreach_safe(object, next, name, value) {
                if (name[0] != '-' || !json_is_object(value))
                        continue;
                const struct field *field = find_field(fields, name + 1, strlen(name + 1));
                if (only_from(value)) {
                        json_object_del(object, name);
                        continue;
                }
                bool with_time = field ? field->type == FIELD_INSTANT : json_object_get(value, "time") != NULL;
                json_object_set_new(object, name + 1, join_date(value, with_time));
                json_object_del(object, name);
        }
}

static void finish(json_t *object, const struct field *fields) {
        const char *name;
        json_t *value, *item;
        void *next;
        size_t i;

        finish_dates(object, fields);
        json_object_foreach_safe(object, next, name, value) {
                const struct field *field = find_field(fields, name, strlen(name));
                if (json_is_object(value)) {
                        finish(value, field ? field->fields : NULL);
                        if (json_object_size(value) == 0)
                                json_object_del(object, name);
                        continue;
                }
                if (!json_is_array(value) || !field || field->type != FIELD_OBJECTS)
                        continue;
                json_array_foreach(value, i, item)
                        finish(item, field->fields);
                for (i = json_array_size(value); i > 0 && json_object_size(json_array_get(value, i - 1)) == 0; i--)
                        json_array_remove(value, i - 1);
        }
}

json_t *form_to_body(json_t *given, const struct field *fields) {
        json_t *body = json_object(), *value, *item;
        const char *name;
        size_t i;

        json_object_foreach(given, name, value) {
                if (json_is_string(value))
                        put(body, fields, false, name, json_string_value(value));
                json_array_foreach(value, i, item)
                        put(body, fields, false, name, json_string_value(item));
        }
        finish(body, fields);
        return body;
}

void form_forget_secrets(json_t *given, const struct field *fields) {
        for (; fields && fields->name; fields++)
                if (fields->type == FIELD_SECRET)
                        json_object_del(given, fields->name);
}
