#include "view/form.h"

#include <stdio.h>
#include <string.h>

#include "component_internal.h"
#include "form_internal.h"

#include "base/buffer.h"

static const char *word(const struct bind *bind, const char *text) {
        const struct form_options *options = bind->options;
        const char *other = options->translate && text ? options->translate(options->userdata, text) : NULL;
        return other ? other : text;
}

static void set_words(const struct bind *bind, json_t *object, const char *member, const char *text) {
        if (text)
                json_object_set_new(object, member, json_string(word(bind, text)));
}

/* {"text": words}, or null. */
static json_t *text_object(const struct bind *bind, const char *text) {
        return text ? json_pack("{ss}", "text", word(bind, text)) : json_null();
}

static bool is_prefix(const char *pointer, const char *field) {
        size_t size = strlen(pointer);
        return !strncmp(pointer, field, size) && (!field[size] || field[size] == '/');
}

/* The errors that belong to a field: its pointer's and those below it. */
static const char *error_of(const struct bind *bind, const char *name) {
        const json_t *error;
        size_t i;
        char pointer[FORM_NAME_MAX + 1];
        snprintf(pointer, sizeof pointer, "/%s", name);
        json_array_foreach (bind->errors, i, error) {
                const char *field = component_text(error, "field");
                if (field && is_prefix(pointer, field))
                        return component_text(error, "message");
        }
        return NULL;
}

/* The label, or the legend of a group: the only question of a page is its heading. */
static json_t *question(const struct bind *bind, const json_t *field, const char *size_class) {
        char classes[64];
        const char *label = component_text(field, "label");
        snprintf(classes, sizeof classes, "govuk-%s--%s", size_class, bind->single ? "l" : "s");
        _cleanup_buffer_ struct buffer text = { 0 };
        buffer_append_string(&text, word(bind, label ? label : ""));
        if (!json_is_true(json_object_get(field, "required")))
                buffer_append_format(&text, " %s", word(bind, "(optional)"));
        return json_pack("{sssssb}", "text", text.data, "classes", classes, "isPageHeading", bind->single);
}

/* What every component takes: name, id, hint, error message. */
static json_t *common_options(const struct bind *bind, const json_t *field, const char *name) {
        char id[FORM_NAME_MAX];
        form_id(name, id);
        json_t *options = json_pack("{ssssso}", "name", name, "id", id, "hint",
                                    text_object(bind, component_text(field, "hint")));
        const char *error = error_of(bind, name);
        if (error)
                json_object_set_new(options, "errorMessage", json_pack("{ssss}", "text", error, "visuallyHiddenText",
                                                                       word(bind, "Error")));
        return options;
}

static void copy_option(json_t *options, const char *to, const json_t *field, const char *from) {
        json_t *value = json_object_get(field, from);
        if (value)
                json_object_set(options, to, value);
}

static json_t *bind_input(const struct bind *bind, const json_t *field, const char *name, const char **ret_kind) {
        const char *type = component_text(field, "type");
        json_t *options = common_options(bind, field, name), *value = form_value(bind->values, name);
        json_int_t width = json_integer_value(json_object_get(field, "width"));
        json_object_set_new(options, "label", question(bind, field, "label"));
        copy_option(options, "autocomplete", field, "autocomplete");
        if (!strcmp(type, "password")) {
                *ret_kind = "password_input";
                return options;
        }
        *ret_kind = "input";
        if (value && !json_is_object(value) && !json_is_array(value))
                json_object_set(options, "value", value);
        if (!strcmp(type, "number"))
                json_object_set_new(options, "inputmode", json_string("numeric"));
        if (strcmp(type, "text"))
                component_set_flag(options, "spellcheck", false);
        if (!width && strcmp(type, "text"))
                width = 5;
        if (width)
                component_set_text(options, "classes", "govuk-input--width-%d", (int) width);
        return options;
}

static json_t *bind_textarea(const struct bind *bind, const json_t *field, const char *name, const char **ret_kind) {
        json_t *options = common_options(bind, field, name), *value = form_value(bind->values, name);
        bool counted = json_is_integer(json_object_get(field, "max"));
        json_object_set_new(options, "label", question(bind, field, "label"));
        copy_option(options, "rows", field, "rows");
        copy_option(options, "maxlength", field, "max");
        if (json_is_string(value))
                json_object_set(options, "value", value);
        if (counted)
                set_words(bind, options, "textareaDescriptionText", "You can enter up to %{count} characters");
        if (counted) /* nobody who writes a few lines has to hear how much room is left */
                json_object_set_new(options, "threshold", json_integer(75));
        *ret_kind = counted ? "character_count" : "textarea";
        return options;
}

static json_t *field_items(const struct bind *bind, const json_t *field) {
        const char *list = component_text(field, "list");
        if (!list)
                return json_incref(json_object_get(field, "items"));
        return bind->options->items ? bind->options->items(bind->options->userdata, list) : NULL;
}

/* The fields that show within a choice. */
static json_t *conditional_fields(struct bind *bind, const json_t *field, const char *value) {
        json_t *fields = json_array();
        for (size_t i = 0; i < bind->n_fields; i++)
                if (value && form_shown_within(bind, i, field, value)) {
                        bool single = bind->single;
                        bind->single = false;
                        json_array_append_new(fields, form_bind_field(bind, i));
                        bind->single = single;
                }
        return fields;
}

static json_t *bind_item(struct bind *bind, const json_t *field, const json_t *item) {
        if (component_text(item, "divider"))
                return json_pack("{ss}", "divider", word(bind, component_text(item, "divider")));
        const char *label = component_text(item, "label");
        json_t *value = json_object_get(item, "value");
        json_t *bound = json_pack("{ssso}", "text", word(bind, label ? label : ""), "hint",
                                  text_object(bind, component_text(item, "hint")));
        json_object_set(bound, "value", value ? value : json_null());
        copy_option(bound, "behaviour", item, "behaviour");
        copy_option(bound, "group", item, "group");
        json_t *fields = conditional_fields(bind, field, json_string_value(value));
        if (json_array_size(fields))
                json_object_set_new(bound, "conditional", json_pack("{sO}", "fields", fields));
        json_decref(fields);
        return bound;
}

static json_t *bind_items(struct bind *bind, const json_t *field) {
        json_t *items = field_items(bind, field), *bound = json_array(), *item;
        size_t i;
        json_array_foreach (items, i, item) {
                if (i == FORM_ITEMS_MAX)
                        break;
                json_array_append_new(bound, bind_item(bind, field, item));
        }
        json_decref(items);
        return bound;
}

static json_t *bind_choices(struct bind *bind, const json_t *field, const char *name, const char **ret_kind) {
        const char *type = component_text(field, "type");
        json_t *options = common_options(bind, field, name), *value = form_value(bind->values, name);
        json_object_set(options, "idPrefix", json_object_get(options, "id"));
        json_object_set_new(options, "fieldset", json_pack("{so}", "legend", question(bind, field, "fieldset__legend")));
        json_object_set_new(options, "items", bind_items(bind, field));
        bool many = !strcmp(type, "checkboxes");
        *ret_kind = many ? "checkboxes" : "radios";
        if (many && value)
                json_object_set_new(options, "values", json_is_array(value) ? json_incref(value)
                                                                            : json_pack("[O]", value));
        else if (value)
                json_object_set(options, "value", value);
        if (json_is_true(json_object_get(field, "inline")) && !many)
                component_set_text(options, "classes", "govuk-radios--inline");
        return options;
}

static json_t *bind_select(struct bind *bind, const json_t *field, const char *name, const char **ret_kind) {
        json_t *options = common_options(bind, field, name), *value = form_value(bind->values, name);
        json_t *items = bind_items(bind, field);
        json_object_set_new(options, "label", question(bind, field, "label"));
        json_array_insert_new(items, 0, json_pack("{ssss}", "value", "", "text", word(bind, "Select an answer")));
        json_object_set_new(options, "items", items);
        if (value)
                json_object_set(options, "value", value);
        *ret_kind = "select";
        return options;
}

/* The parts of "2026-11-22", or of what somebody typed and form_read joined. */
static json_t *bind_date(const struct bind *bind, const json_t *field, const char *name, const char **ret_kind) {
        static const struct {
                const char *part, *label;
        } parts[] = { { "year", "Year" }, { "month", "Month" }, { "day", "Day" } };
        json_t *options = common_options(bind, field, name), *items = json_array();
        const char *rest = json_string_value(form_value(bind->values, name));
        json_object_set_new(options, "fieldset", json_pack("{so}", "legend", question(bind, field, "fieldset__legend")));
        for (size_t i = 0; i < ELEMENTS(parts); i++) {
                size_t size = rest ? strcspn(rest, i < 2 ? "-" : "T ") : 0;
                json_t *item = json_pack("{ssssss%}", "name", parts[i].part, "label", word(bind, parts[i].label),
                                         "value", rest ? rest : "", size);
                json_array_insert_new(items, 0, item);
                if (rest)
                        rest = rest[size] ? rest + size + 1 : NULL;
        }
        json_object_set_new(options, "namePrefix", json_string(name));
        json_object_set_new(options, "items", items);
        *ret_kind = "date_input";
        return options;
}

json_t *form_bind_field(struct bind *bind, size_t i) {
        static const char *const kinds[] = { "hidden", "input", "password_input", "textarea", "character_count",
                                             "radios", "checkboxes", "select", "date_input" };
        const json_t *field = bind->fields[i].definition;
        const char *type = component_text(field, "type"), *name = bind->fields[i].name, *kind = NULL;
        json_t *options, *bound = json_object();
        for (size_t k = 0; k < ELEMENTS(kinds); k++)
                json_object_set_new(bound, kinds[k], json_null());
        if (!strcmp(type, "hidden")) {
                json_t *value = form_value(bind->values, name);
                if (!value)
                        value = json_object_get(field, "value");
                json_object_set_new(bound, "hidden", json_pack("{sssO?}", "name", name, "value", value));
                return bound;
        }
        if (!strcmp(type, "textarea"))
                options = bind_textarea(bind, field, name, &kind);
        else if (!strcmp(type, "radios") || !strcmp(type, "checkboxes"))
                options = bind_choices(bind, field, name, &kind);
        else if (!strcmp(type, "select"))
                options = bind_select(bind, field, name, &kind);
        else if (!strcmp(type, "date"))
                options = bind_date(bind, field, name, &kind);
        else
                options = bind_input(bind, field, name, &kind);
        char component[32];
        snprintf(component, sizeof component, "%s", kind);
        for (char *c = component; *c; c++)
                if (*c == '_')
                        *c = '-';
        json_object_set_new(bound, kind, component_prepare(component, options));
        json_decref(options);
        return bound;
}

/* "Enter an answer" alone does not say to what; beside its field it does. */
static json_t *summary_text(const struct bind *bind, const json_t *field, const char *message) {
        static const char *const bare[] = { "Enter an answer", "Choose an answer" };
        const char *label = component_text(field, "label");
        for (size_t i = 0; i < ELEMENTS(bare) && label; i++)
                if (!strcmp(message, bare[i])) {
                        const char *words = word(bind, label);
                        bool asks = *words && words[strlen(words) - 1] == '?';
                        return json_sprintf("%s%s %s", words, asks ? "" : ":", word(bind, message));
                }
        return json_string(message);
}

/* Where the link of an error goes: the day of a date, the first choice of a group, otherwise the field itself. */
static json_t *summary_entry(const struct bind *bind, const json_t *error) {
        const char *field = component_text(error, "field"), *message = component_text(error, "message");
        json_t *entry = json_pack("{ss}", "text", message ? message : "");
        for (size_t i = 0; i < bind->n_fields && field; i++) {
                char pointer[FORM_NAME_MAX + 1], id[FORM_NAME_MAX];
                snprintf(pointer, sizeof pointer, "/%s", bind->fields[i].name);
                if (!is_prefix(pointer, field))
                        continue;
                form_id(bind->fields[i].name, id);
                json_object_set_new(entry, "text", summary_text(bind, bind->fields[i].definition, message ? message : ""));
                const char *type = component_text(bind->fields[i].definition, "type");
                if (strcmp(type, "hidden"))
                        component_set_text(entry, "href", "#%s%s", id, !strcmp(type, "date") ? "-day" : "");
                break;
        }
        return entry;
}

static json_t *error_summary(const struct bind *bind) {
        json_t *list = json_array(), *error;
        size_t i;
        json_array_foreach (bind->errors, i, error)
                json_array_append_new(list, summary_entry(bind, error));
        json_t *options = json_pack("{ssso}", "titleText", word(bind, "There is a problem"), "errorList", list);
        json_t *summary = component_prepare("error-summary", options);
        json_decref(options);
        return summary;
}

json_t *form_bind(const json_t *form, const json_t *values, const json_t *errors, const struct form_options *options) {
        struct bind bind = { .options = options, .values = values, .errors = errors };
        form_open(&bind, form);
        size_t visible = 0;
        json_t *fields = json_array();
        for (size_t i = 0; i < bind.n_fields; i++)
                visible += strcmp(component_text(bind.fields[i].definition, "type"), "hidden") && !form_is_nested(&bind, i);
        bind.single = visible == 1 && !options->beside;
        for (size_t i = 0; i < bind.n_fields; i++)
                if (!form_is_nested(&bind, i))
                        json_array_append_new(fields, form_bind_field(&bind, i));
        bool has_errors = json_array_size(errors) > 0;
        const char *title = component_text(form, "title");
        title = word(&bind, title);
        return json_pack("{ss? ss? so so sb sn sn}", "title", title, "heading", bind.single ? NULL : title, "fields", fields,
                         "error_summary", has_errors ? error_summary(&bind) : json_null(), "has_errors", has_errors, "action", "submit");
}
