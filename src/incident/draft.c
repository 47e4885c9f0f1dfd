/* The definition of the report form: reading, checking, and walking its pages. */
#include "incident/draft.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/embedded.h"
#include "base/memory.h"
#include "incident/facts.h"
#include "view/form.h"

#define FORM_FILE "forms/report.json"

static const char *text_of(const json_t *object, const char *name) {
        return json_string_value(json_object_get(object, name));
}

/* Read once, then never changed: it lives as long as the process. */
static struct {
        pthread_once_t once;
        json_t *form;
        char *error;
} loaded = { .once = PTHREAD_ONCE_INIT };

static int _printf_(2, 3) wrong(char **ret_error, const char *format, ...) {
        va_list arguments;
        va_start(arguments, format);
        if (vasprintf(ret_error, format, arguments) < 0)
                abort();
        va_end(arguments);
        return -EINVAL;
}

/* The schema's field that a name means; numbers are places in an array. */
static const struct field *find_field(const struct field *fields, const char *name) {
        const struct field *field = NULL;
        while (fields) {
                size_t size = strcspn(name, "/");
                for (field = fields; field->name; field++)
                        if (strlen(field->name) == size && memcmp(field->name, name, size) == 0)
                                break;
                if (!field->name || !name[size])
                        return field->name ? field : NULL;
                name += size + 1;
                if (field->type == FIELD_OBJECTS)
                        name += strspn(name, "0123456789") + 1;
                fields = field->fields;
        }
        return NULL;
}

static int check_condition(const json_t *when, const struct field *schema, const char *path, char **ret_error) {
        const char *field = text_of(when, "field");
        const json_t *one;
        size_t n;
        json_array_foreach (when, n, one)
                if (check_condition(one, schema, path, ret_error) < 0)
                        return -EINVAL;
        if (!when || json_is_array(when) || json_object_get(when, "several_organisations"))
                return 0;
        bool judged = json_array_size(json_object_get(when, "in")) > 0 || json_is_true(json_object_get(when, "given"))
                      || json_array_size(json_object_get(when, "except")) > 0;
        if (!field || !find_field(schema, field) || !judged)
                return wrong(ret_error, "page %s: a condition needs a field of the report and its values", path);
        return 0;
}

/* The time of day of an instant of which only the day is asked is a hidden field beside the date's own. */
static bool is_from(const struct field *schema, const json_t *field) {
        char name[DRAFT_ID_MAX];
        const char *own = text_of(field, "name"), *suffix = strstr(own, "-from");
        if (!suffix || suffix[strlen("-from")] || strcmp(text_of(field, "type"), "hidden") != 0)
                return false;
        snprintf(name, sizeof name, "%.*s", (int) (suffix - own), own);
        const struct field *known = find_field(schema, name);
        return known && known->type == FIELD_INSTANT;
}

static int check_members(json_t *object, const struct field *schema, const char *path, char **ret_error) {
        const char *name;
        json_t *value;
        json_object_foreach (object, name, value)
                if (!find_field(schema, name))
                        return wrong(ret_error, "page %s: the report has no %s", path, name);
        return 0;
}

static int check_page(const json_t *page, const struct field *schema, char **ret_error) {
        const char *path = text_of(page, "path");
        if (!path || !*path || strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(path))
                return wrong(ret_error, "a page needs a path of a-z, 0-9 and -");
        _cleanup_free_ char *error = NULL;
        const json_t *form = json_object_get(page, "form"), *field;
        if (!text_of(form, "title") || form_check(form, &error) < 0)
                return wrong(ret_error, "page %s: %s", path, error ? error : "needs a form with a title");
        int r = check_condition(json_object_get(page, "when"), schema, path, ret_error);
        size_t n;
        json_array_foreach (json_object_get(form, "fields"), n, field) {
                const struct field *known = find_field(schema, text_of(field, "name"));
                if (r == 0 && !known && !is_from(schema, field))
                        return wrong(ret_error, "page %s: the report has no %s", path, text_of(field, "name"));
                if (r == 0)
                        r = check_condition(json_object_get(field, "required_when"), schema, path, ret_error);
        }
        const json_t *instead = json_object_get(page, "instead");
        if (r == 0 && instead && (!text_of(instead, "button") || !json_is_object(json_object_get(instead, "answers"))))
                return wrong(ret_error, "page %s: a button instead of an answer needs its words and its answers", path);
        if (r == 0)
                r = check_members(json_object_get(instead, "answers"), schema, path, ret_error);
        return r < 0 ? r : check_members(json_object_get(page, "otherwise"), schema, path, ret_error);
}

static int check_pages(const json_t *pages, const struct field *schema, char **ret_error) {
        size_t n, m;
        const json_t *page;
        if (json_array_size(pages) == 0)
                return wrong(ret_error, "the report form has no pages");
        json_array_foreach (pages, n, page) {
                int r = check_page(page, schema, ret_error);
                if (r < 0)
                        return r;
                for (m = 0; m < n; m++)
                        if (strcmp(draft_path(page), draft_path(json_array_get(pages, m))) == 0)
                                return wrong(ret_error, "two pages are at %s", text_of(page, "path"));
        }
        return 0;
}

/* What the API insists on must be asked, or be sent where it is not asked. */
static int check_complete(const json_t *pages, const struct field *schema, char **ret_error) {
        for (const struct field *field = schema; field->name; field++) {
                bool asked = false;
                size_t n;
                const json_t *page;
                json_array_foreach (pages, n, page)
                        asked |= draft_asks(page, field->name, strlen(field->name));
                if (field->required && !asked)
                        return wrong(ret_error, "the report form never asks for %s", field->name);
        }
        return 0;
}

int draft_form_check(const json_t *form, char **ret_error) {
        const json_t *pages = json_object_get(form, "pages"), *person = json_object_get(form, "person_pages");
        int r = check_pages(pages, incident_fields, ret_error);
        if (r == 0)
                r = check_pages(person, incident_person_fields, ret_error);
        if (r == 0)
                r = check_complete(pages, incident_fields, ret_error);
        return r < 0 ? r : check_complete(person, incident_person_fields, ret_error);
}

static void load(void) {
        const struct embedded_file *file = embedded_find(&embedded_config, FORM_FILE);
        json_error_t error;
        json_t *form = file ? json_loadb((const char *) file->data, file->size, JSON_REJECT_DUPLICATES, &error) : NULL;
        if (!form)
                wrong(&loaded.error, FORM_FILE ": %s", file ? error.text : "is not there");
        else if (draft_form_check(form, &loaded.error) < 0)
                json_decref(form);
        else
                loaded.form = form;
}

int draft_form_load(char **ret_error) {
        pthread_once(&loaded.once, load);
        if (loaded.form)
                return 0;
        *ret_error = memory_copy_string(loaded.error);
        return -EINVAL;
}

static struct draft_scope scope_of(const char *pages, json_t *answers, bool several) {
        pthread_once(&loaded.once, load);
        return (struct draft_scope) { json_object_get(loaded.form, pages), answers, several };
}

struct draft_scope draft_scope_report(json_t *answers, bool several_organisations) {
        return scope_of("pages", answers, several_organisations);
}

struct draft_scope draft_scope_person(json_t *person) {
        return scope_of("person_pages", person, false);
}

const char *draft_path(const json_t *page) {
        return text_of(page, "path");
}

bool draft_is(const json_t *page, const char *special) {
        const char *own = text_of(page, "special");
        return own && strcmp(own, special) == 0;
}

const json_t *draft_page(const struct draft_scope *scope, const char *path) {
        size_t n;
        const json_t *page;
        json_array_foreach (scope->pages, n, page)
                if (path && strcmp(draft_path(page), path) == 0)
                        return page;
        return NULL;
}

static bool is_one_of(const json_t *value, const json_t *values) {
        const json_t *one;
        size_t n;
        json_array_foreach (values, n, one)
                if (value && json_equal(value, one))
                        return true;
        return false;
}

/* Whether a condition, or each of several, holds; one that is not there does. */
static bool holds(const struct draft_scope *scope, const json_t *when) {
        const json_t *one, *in = json_object_get(when, "in");
        size_t n;
        json_array_foreach (when, n, one)
                if (!holds(scope, one))
                        return false;
        if (!when || json_is_array(when))
                return true;
        if (json_object_get(when, "several_organisations"))
                return scope->several_organisations;
        const json_t *answer = json_object_get(scope->answers, text_of(when, "field"));
        if (json_object_get(when, "given") && !answer)
                return false;
        return (!in || is_one_of(answer, in)) && !is_one_of(answer, json_object_get(when, "except"));
}

bool draft_applies(const struct draft_scope *scope, const json_t *page) {
        return holds(scope, json_object_get(page, "when"));
}

static size_t place_of(const struct draft_scope *scope, const json_t *page) {
        size_t n;
        const json_t *one;
        json_array_foreach (scope->pages, n, one)
                if (one == page)
                        return n;
        return SIZE_MAX; /* one more is the first */
}

const json_t *draft_next(const struct draft_scope *scope, const json_t *page) {
        for (size_t n = place_of(scope, page) + 1; n < json_array_size(scope->pages); n++)
                if (draft_applies(scope, json_array_get(scope->pages, n)))
                        return json_array_get(scope->pages, n);
        return NULL;
}

const json_t *draft_previous(const struct draft_scope *scope, const json_t *page) {
        size_t n = page ? place_of(scope, page) : json_array_size(scope->pages);
        while (n-- > 0)
                if (draft_applies(scope, json_array_get(scope->pages, n)))
                        return json_array_get(scope->pages, n);
        return NULL;
}

bool draft_asks(const json_t *page, const char *member, size_t size) {
        size_t n;
        const json_t *field;
        json_array_foreach (json_object_get(json_object_get(page, "form"), "fields"), n, field) {
                const char *name = text_of(field, "name");
                if (strcspn(name, "/") == size && memcmp(name, member, size) == 0)
                        return true;
        }
        return false;
}

/* The fields once more, for item n of the array that repeats. */
static void add_item(json_t *fields, const json_t *field, const char *array, size_t n) {
        json_t *copy = json_deep_copy(field);
        const char *rest = text_of(field, "name") + strlen(array) + strlen("/0");
        json_object_set_new(copy, "name", json_sprintf("%s/%zu%s", array, n, rest));
        if (n > 0)
                json_object_set_new(copy, "label", json_sprintf("%s (%zu)", text_of(field, "label"), n + 1));
        json_array_append_new(fields, copy);
}

static json_t *repeat(const json_t *described, const char *array, size_t items) {
        json_t *fields = json_array();
        size_t n;
        const json_t *field;
        for (size_t i = 0; i < items; i++)
                json_array_foreach (described, n, field)
                        add_item(fields, field, array, i);
        return fields;
}

json_t *draft_form(const struct draft_scope *scope, const json_t *page, size_t spare) {
        json_t *form = json_deep_copy(json_object_get(page, "form")), *fields = json_object_get(form, "fields"), *field;
        const char *array = text_of(page, "repeat");
        size_t n;
        if (array) {
                size_t items = json_array_size(json_object_get(scope->answers, array)) + spare;
                json_object_set_new(form, "fields", repeat(fields, array, items > 20 ? 20 : items ? items : 1));
        }
        json_array_foreach (json_object_get(form, "fields"), n, field) {
                const json_t *when = json_object_get(field, "required_when");
                if (when && holds(scope, when))
                        json_object_set_new(field, "required", json_true());
        }
        return form;
}
