/* The components that take input: ids, what describes what, and which choice is checked. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "component_internal.h"
#include "view/format.h"

/* A label without words is no label. */
void component_label(json_t *label, const char *id) {
        component_set_flag(label, "hasContent", component_text(label, "html") || component_text(label, "text"));
        if (id)
                json_object_set_new(label, "for", json_string(id));
}

/* The id falls back to the name; hint and error message get ids from it and describe the input. */
static void prepare_field(json_t *context, const char *id_member, json_t *described) {
        if (!component_text(context, id_member))
                json_object_set(context, id_member, json_object_get(context, "name"));
        const char *id = component_text(context, id_member);
        if (!id)
                id = "";
        json_t *label = json_object_get(context, "label"), *hint = json_object_get(context, "hint"),
               *error = json_object_get(context, "errorMessage");
        if (json_is_object(label))
                component_label(label, id);
        if (json_is_object(hint)) {
                component_set_text(hint, "id", "%s-hint", id);
                component_append_word(described, "describedBy", component_text(hint, "id"));
        }
        if (json_is_object(error)) {
                component_set_text(error, "id", "%s-error", id);
                component_append_word(described, "describedBy", component_text(error, "id"));
        }
}

static bool has_content(const json_t *context, const char *member) {
        const json_t *content = json_object_get(context, member);
        return component_text(content, "text") || component_text(content, "html");
}

void component_input(json_t *context) {
        static const char *const affixes[] = { "prefix", "suffix" };
        prepare_field(context, "id", context);
        component_default(context, "type", "text");
        component_flag_to_text(context, "spellcheck");
        const json_t *value = json_object_get(context, "value"), *group = json_object_get(context, "formGroup");
        component_set_flag(context, "hasValue", !json_is_null(value) && !json_is_false(value));
        for (size_t i = 0; i < ELEMENTS(affixes); i++)
                if (!has_content(context, affixes[i]))
                        json_object_set_new(context, affixes[i], json_null());
        component_set_flag(context, "wrapped", json_is_object(json_object_get(context, "prefix")) ||
                                                       json_is_object(json_object_get(context, "suffix")) ||
                                                       json_is_object(json_object_get(context, "toggle")) ||
                                                       has_content(group, "beforeInput") ||
                                                       has_content(group, "afterInput"));
}

void component_textarea(json_t *context) {
        prepare_field(context, "id", context);
        component_default(context, "rows", "5");
        component_flag_to_text(context, "spellcheck");
}

static json_t *form_group(json_t *context) {
        json_t *group = json_object_get(context, "formGroup");
        if (!json_is_object(group))
                json_object_set_new(context, "formGroup", group = component_shape("group", NULL));
        return group;
}

/* Puts our class names before the ones that were given. */
static void prepend_classes(json_t *object, const char *ours) {
        _cleanup_free_ char *given =
                component_text(object, "classes") ? memory_copy_string(component_text(object, "classes")) : NULL;
        component_set_text(object, "classes", "%s", ours);
        component_append_word(object, "classes", given);
}

/* Our attributes come before the ones that were given: takes those off and returns them. */
static json_t *take_attributes(json_t *object) {
        json_t *given = json_incref(json_object_get(object, "attributes"));
        json_object_set_new(object, "attributes", json_null());
        return given;
}

static void give_attributes(json_t *object, json_t *given) {
        if (json_is_array(given)) {
                if (json_is_array(json_object_get(object, "attributes")))
                        json_array_extend(json_object_get(object, "attributes"), given);
                else
                        json_object_set(object, "attributes", given);
        }
        json_decref(given);
}

static void add_if_given(json_t *group, const char *attribute, const json_t *value) {
        _cleanup_buffer_ struct buffer text = { 0 };
        if (!value || json_is_null(value) || json_is_false(value))
                return;
        format_plain(value, &text);
        component_add_attribute(group, attribute, text.data ? text.data : "");
}

/* A text for the script: one message, or one for each plural form. */
static void add_i18n(json_t *group, const json_t *context, const char *member, const char *key) {
        json_t *value = json_object_get(context, member), *message;
        const char *form;
        char attribute[96];
        snprintf(attribute, sizeof attribute, "data-i18n.%s", key);
        if (!json_is_object(value)) {
                if (component_is_true(value))
                        add_if_given(group, attribute, value);
                return;
        }
        json_object_foreach (value, form, message) {
                snprintf(attribute, sizeof attribute, "data-i18n.%s.%s", key, form);
                add_if_given(group, attribute, message);
        }
}

/* "You can enter up to 200 characters", with the limit in place of %{count}. */
static void write_description(struct buffer *out, const char *text, const json_t *limit) {
        static const char place[] = "%{count}";
        for (const char *at; (at = strstr(text, place)); text = at + strlen(place)) {
                buffer_append(out, text, (size_t) (at - text));
                format_plain(limit, out);
        }
        buffer_append_string(out, text);
}

static void add_count_texts(json_t *group, const json_t *context) {
        static const struct {
                const char *member, *key;
        } texts[] = {
                { "charactersUnderLimitText", "characters-under-limit" },
                { "charactersAtLimitText", "characters-at-limit" },
                { "charactersOverLimitText", "characters-over-limit" },
                { "wordsUnderLimitText", "words-under-limit" },
                { "wordsAtLimitText", "words-at-limit" },
                { "wordsOverLimitText", "words-over-limit" },
        };
        for (size_t i = 0; i < ELEMENTS(texts); i++)
                add_i18n(group, context, texts[i].member, texts[i].key);
}

void component_character_count(json_t *context) {
        json_t *group = form_group(context), *given = take_attributes(group);
        const json_t *words = json_object_get(context, "maxwords"), *length = json_object_get(context, "maxlength");
        const json_t *limit = component_is_true(words) ? words : component_is_true(length) ? length : NULL;
        if (component_is_true(words))
                component_default(context, "countType", "words");
        const char *type = component_text(context, "countType"), *own = component_text(context, "textareaDescriptionText");
        bool by_words = type && !strcmp(type, "words");

        component_add_attribute(group, "data-module", "govuk-character-count");
        add_if_given(group, "data-maxlength", length);
        add_if_given(group, "data-maxwords", words);
        add_if_given(group, "data-threshold", json_object_get(context, "threshold"));
        add_if_given(group, "data-count-type", json_object_get(context, "countType"));
        if (!limit && own)
                component_add_attribute(group, "data-i18n.textarea-description.other", own);
        add_count_texts(group, context);
        give_attributes(group, given);
        prepend_classes(group, "govuk-character-count");

        if (!component_text(context, "id"))
                json_object_set(context, "id", json_object_get(context, "name"));
        _cleanup_buffer_ struct buffer text = { 0 };
        if (limit)
                write_description(&text, own ? own : by_words ? "You can enter up to %{count} words"
                                                              : "You can enter up to %{count} characters", limit);
        json_t *info = component_shape("hint", NULL);
        component_set_text(info, "id", "%s-info", component_text(context, "id") ? component_text(context, "id") : "");
        component_set_text(info, "classes", "govuk-character-count__message");
        component_append_word(info, "classes", component_text(json_object_get(context, "countMessage"), "classes"));
        json_object_set_new(info, "text", json_string(text.data ? text.data : ""));
        json_object_set(context, "describedBy", json_object_get(info, "id"));
        json_object_set_new(context, "countInfo", info);
        prepend_classes(context, "govuk-js-character-count");
        /* What the textarea has and this component does not. */
        json_object_set_new(context, "disabled", json_null());
        json_object_set_new(context, "autocomplete", json_null());
        component_textarea(context);
}

void component_password_input(json_t *context) {
        static const struct {
                const char *member, *key;
        } texts[] = {
                { "showPasswordText", "show-password" },
                { "hidePasswordText", "hide-password" },
                { "showPasswordAriaLabelText", "show-password-aria-label" },
                { "hidePasswordAriaLabelText", "hide-password-aria-label" },
                { "passwordShownAnnouncementText", "password-shown-announcement" },
                { "passwordHiddenAnnouncementText", "password-hidden-announcement" },
        };
        json_t *group = form_group(context), *given = take_attributes(group);
        component_add_attribute(group, "data-module", "govuk-password-input");
        for (size_t i = 0; i < ELEMENTS(texts); i++)
                add_i18n(group, context, texts[i].member, texts[i].key);
        give_attributes(group, given);
        prepend_classes(group, "govuk-password-input");

        if (!component_text(context, "id"))
                json_object_set(context, "id", json_object_get(context, "name"));
        json_t *wrapper = component_shape("styled", NULL), *button = component_shape("button", NULL);
        component_set_text(wrapper, "classes", "govuk-password-input__wrapper");
        json_object_set_new(context, "inputWrapper", wrapper);
        component_set_text(button, "classes", "govuk-button--secondary govuk-password-input__toggle "
                                              "govuk-js-password-input-toggle");
        component_append_word(button, "classes", component_text(json_object_get(context, "button"), "classes"));
        const char *show = component_text(context, "showPasswordText"),
                   *aria = component_text(context, "showPasswordAriaLabelText"), *id = component_text(context, "id");
        json_object_set_new(button, "text", json_string(show ? show : "Show"));
        json_object_set_new(button, "type", json_string("button"));
        component_set_flag(button, "wrapped", false);
        component_add_attribute(button, "aria-controls", id ? id : "");
        component_add_attribute(button, "aria-label", aria ? aria : "Show password");
        component_add_attribute(button, "hidden", NULL);
        json_object_set_new(context, "toggle", button);

        prepend_classes(context, "govuk-password-input__input govuk-js-password-input-input");
        component_set_text(context, "type", "password");
        component_set_flag(context, "spellcheck", false);
        component_set_text(context, "autocapitalize", "none");
        component_default(context, "autocomplete", "current-password");
        component_input(context);
}

static bool same_text(const json_t *a, const json_t *b) {
        _cleanup_buffer_ struct buffer left = { 0 }, right = { 0 };
        format_plain(a, &left);
        format_plain(b, &right);
        return left.size == right.size && (!left.size || !memcmp(left.data, right.data, left.size));
}

/* Whether a choice is on: by its own word, or because it is the value of the field. */
static bool is_on(const json_t *item, const char *own, const json_t *value, const json_t *of_field) {
        const json_t *said = json_object_get(item, own);
        if (component_is_true(said))
                return true;
        return component_is_true(of_field) && !json_is_false(said) && same_text(value, of_field);
}

void component_group_items(json_t *items) {
        size_t i;
        json_t *item;
        const char *before = NULL;
        json_array_foreach (items, i, item) {
                const char *group = component_text(item, "group"), *next = component_text(json_array_get(items, i + 1), "group");
                bool opens = group && (!before || strcmp(before, group) != 0), closes = group && (!next || strcmp(next, group) != 0);
                json_object_set_new(item, "opens", opens ? json_string(group) : json_null());
                json_object_set_new(item, "closes", json_boolean(closes));
                before = group;
        }
}

/* Choices of one group, one after another, stand together under its name: our own addition, the macro has none. */
void component_select(json_t *context) {
        prepare_field(context, "id", context);
        component_group_items(json_object_get(context, "items"));
        size_t i;
        json_t *item;
        json_array_foreach (json_object_get(context, "items"), i, item) {
                const json_t *value = json_object_get(item, "value");
                component_set_flag(item, "hasValue", !json_is_null(value));
                component_set_flag(item, "selected",
                                   is_on(item, "selected", json_is_null(value) ? json_object_get(item, "text") : value,
                                         json_object_get(context, "value")));
        }
}

/* The label and hint of a choice as the label and hint partials take them. */
static void prepare_choice_texts(json_t *item, const char *component, const char *id) {
        char classes[64];
        json_t *label = json_object_get(item, "label"), *hint = json_object_get(item, "hint");
        if (!json_is_object(label))
                json_object_set_new(item, "label", label = component_shape("label", NULL));
        json_object_set(label, "text", json_object_get(item, "text"));
        json_object_set(label, "html", json_object_get(item, "html"));
        json_object_set_new(label, "isPageHeading", json_null());
        snprintf(classes, sizeof classes, "govuk-%s__label", component);
        prepend_classes(label, classes);
        component_label(label, id);
        if (!has_content(item, "hint")) {
                json_object_set_new(item, "hint", json_null());
                return;
        }
        component_set_text(hint, "id", "%s-item-hint", id);
        snprintf(classes, sizeof classes, "govuk-%s__hint", component);
        prepend_classes(hint, classes);
}

static void prepare_choice(json_t *item, const json_t *context, const char *component) {
        const char *prefix = component_text(context, "idPrefix");
        int index = (int) json_integer_value(json_object_get(item, "index"));
        if (!component_text(item, "id")) {
                if (index > 1)
                        component_set_text(item, "id", "%s-%d", prefix ? prefix : "", index);
                else
                        component_set_text(item, "id", "%s", prefix ? prefix : "");
        }
        if (!component_text(item, "name"))
                json_object_set(item, "name", json_object_get(context, "name"));
        prepare_choice_texts(item, component, component_text(item, "id"));

        json_t *conditional = json_object_get(item, "conditional");
        if (!component_text(conditional, "html") && !json_array_size(json_object_get(conditional, "fields")))
                json_object_set_new(item, "conditional", json_null());
        else
                component_set_text(conditional, "id", "conditional-%s", component_text(item, "id"));
}

/* What describes the group: the fieldset where there is one, or what the component was told. */
static json_t *prepare_choices(json_t *context, const char *component, size_t *ret_n) {
        json_t *fieldset = json_object_get(context, "fieldset");
        bool has_fieldset = json_is_object(fieldset);
        component_set_flag(context, "hasFieldset", has_fieldset);
        if (has_fieldset && !component_text(fieldset, "describedBy"))
                json_object_set(fieldset, "describedBy", json_object_get(context, "describedBy") ?: json_null());
        json_t *described = has_fieldset ? fieldset : context;
        prepare_field(context, "idPrefix", described);
        json_t *items = json_object_get(context, "items"), *item;
        size_t i;
        json_array_foreach (items, i, item)
                prepare_choice(item, context, component);
        *ret_n = json_array_size(items);
        return items;
}

void component_radios(json_t *context) {
        size_t n;
        json_t *items = prepare_choices(context, "radios", &n);
        for (size_t i = 0; i < n; i++) {
                json_t *item = json_array_get(items, i);
                component_set_flag(item, "checked", is_on(item, "checked", json_object_get(item, "value"),
                                                          json_object_get(context, "value")));
                json_object_set(item, "name", json_object_get(context, "name"));
                json_object_set(item, "describedBy", json_object_get(json_object_get(item, "hint"), "id") ?: json_null());
        }
}

void component_checkboxes(json_t *context) {
        size_t n;
        json_t *items = prepare_choices(context, "checkboxes", &n);
        for (size_t i = 0; i < n; i++) {
                json_t *item = json_array_get(items, i), *value;
                size_t j;
                bool on = component_is_true(json_object_get(item, "checked"));
                json_array_foreach (json_object_get(context, "values"), j, value)
                        on |= is_on(item, "checked", json_object_get(item, "value"), value);
                component_set_flag(item, "checked", on);
                json_object_set_new(item, "describedBy", json_null());
                if (!json_is_object(json_object_get(context, "fieldset")))
                        component_append_word(item, "describedBy", component_text(context, "describedBy"));
                component_append_word(item, "describedBy", component_text(json_object_get(item, "hint"), "id"));
        }
}

static bool holds(const char *text, const char *part) {
        return text && strstr(text, part);
}

/* One input of a date. `width` is what it has when the item does not say; `error` marks it. */
static json_t *prepare_date_item(const json_t *context, json_t *item, const char *width, bool error) {
        const char *name = component_text(item, "name"), *prefix = component_text(context, "namePrefix"),
                   *id = component_text(context, "id"), *classes = component_text(item, "classes"),
                   *label = component_text(item, "label"), *inputmode = component_text(item, "inputmode");
        if (!name)
                name = "";
        json_t *options = json_pack("{ss ss ss sO sO sO}", "type", "text", "inputmode", inputmode ? inputmode : "numeric",
                                    "classes", "govuk-date-input__input", "autocomplete",
                                    json_object_get(item, "autocomplete"), "pattern", json_object_get(item, "pattern"),
                                    "attributes", json_object_get(item, "attributes"));
        component_set_text(options, "name", "%s%s%s", prefix ? prefix : "", prefix ? "-" : "", name);
        if (component_text(item, "id"))
                json_object_set(options, "id", json_object_get(item, "id"));
        else
                component_set_text(options, "id", "%s-%s", id ? id : "", name);
        if (error && !holds(classes, "govuk-input--error"))
                component_append_word(options, "classes", "govuk-input--error");
        if (!holds(classes, "govuk-input--width-"))
                component_append_word(options, "classes", width);
        component_append_word(options, "classes", classes);
        json_t *value = json_object_get(item, "value");
        if (json_is_null(value))
                value = json_object_get(json_object_get(context, "values"), component_text(options, "name"));
        if (value)
                json_object_set(options, "value", value);
        char words[64];
        snprintf(words, sizeof words, "%s", label ? label : name);
        if (!label && *words >= 'a' && *words <= 'z')
                *words = (char) (*words - 'a' + 'A');
        json_object_set_new(options, "label", json_pack("{ssss}", "text", words, "classes", "govuk-date-input__label"));
        json_t *prepared = component_prepare("input", options);
        json_decref(options);
        return prepared;
}

/* Day, month and year, or the items given; an item called as one of the three takes its value from there. */
static json_t *date_items(json_t *context) {
        static const char *const parts[] = { "day", "month", "year" };
        json_t *given = json_object_get(context, "items"), *item;
        json_t *items = json_array_size(given) ? json_incref(given) : json_array();
        for (size_t i = 0; i < ELEMENTS(parts); i++) {
                json_t *part = json_object_get(context, parts[i]);
                bool named = json_is_object(part);
                if (json_is_false(part))
                        continue;
                if (!named) {
                        json_object_set_new(context, parts[i], part = component_shape("date-item", NULL));
                        json_object_set(part, "value",
                                        json_object_get(json_object_get(context, "values"), parts[i]) ?: json_null());
                }
                component_default(part, "name", parts[i]);
                if (!json_array_size(given)) {
                        json_array_append(items, part);
                        continue;
                }
                size_t j;
                json_array_foreach (given, j, item) {
                        const char *name = component_text(item, "name");
                        if (name && (!strcmp(name, parts[i]) || !strcmp(name, component_text(part, "name"))) &&
                            json_is_null(json_object_get(item, "value")))
                                json_object_set(item, "value", json_object_get(part, "value"));
                }
        }
        return items;
}

void component_date_input(json_t *context) {
        json_t *fieldset = json_object_get(context, "fieldset");
        component_set_flag(context, "hasFieldset", json_is_object(fieldset));
        if (json_is_object(fieldset))
                component_set_text(fieldset, "role", "group");
        json_object_set_new(context, "describedBy", json_null());
        prepare_field(context, "id", json_is_object(fieldset) ? fieldset : context);

        json_t *items = date_items(context), *prepared = json_array(), *item;
        bool any_error = false;
        size_t i;
        json_array_foreach (items, i, item)
                any_error |= component_is_true(json_object_get(item, "error")) ||
                             holds(component_text(item, "classes"), "govuk-input--error");
        json_array_foreach (items, i, item) {
                const json_t *said = json_object_get(item, "error");
                const char *name = component_text(item, "name"),
                           *year = component_text(json_object_get(context, "year"), "name");
                bool error = component_is_true(said) || (!json_is_false(said) && !any_error &&
                                                         json_is_object(json_object_get(context, "errorMessage")));
                bool wide = name && (!strcmp(name, "year") || (year && !strcmp(name, year)));
                json_array_append_new(prepared, prepare_date_item(context, item, wide ? "govuk-input--width-4"
                                                                                     : "govuk-input--width-2", error));
        }
        json_decref(items);
        json_object_set_new(context, "items", prepared);
}
