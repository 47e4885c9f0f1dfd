/* What the components are made of: the members of their options, and how they are copied and changed. */
#include "component_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "view/format.h"

/* The members of each kind of object: `name` is copied, `name@` is an object of attributes, `name:shape` an object,
 * `name[]:shape` a list of objects, `name[][]:shape` a list of lists of them. */
static const struct shape {
        const char *name, *members;
} shapes[] = {
        { "content", "text html" },
        { "styled", "text html classes attributes@" },
        { "label", "text html classes isPageHeading attributes@ for" },
        { "hint", "text html classes attributes@ id" },
        { "error-message", "text html classes attributes@ id visuallyHiddenText" },
        { "legend", "text html classes isPageHeading" },
        { "fieldset", "classes role describedBy attributes@ legend:legend html" },
        { "group", "classes attributes@ beforeInput:content afterInput:content beforeInputs:content "
                   "afterInputs:content" },
        { "input", "id name type inputmode value disabled describedBy label:label hint:hint "
                   "errorMessage:error-message prefix:styled suffix:styled formGroup:group classes autocomplete "
                   "pattern spellcheck autocapitalize inputWrapper:styled attributes@ toggle" },
        { "password-input", "id name value disabled describedBy label:label hint:hint errorMessage:error-message "
                            "prefix suffix formGroup:group classes autocomplete attributes@ inputWrapper:styled type "
                            "inputmode pattern spellcheck autocapitalize button:styled toggle showPasswordText "
                            "hidePasswordText showPasswordAriaLabelText hidePasswordAriaLabelText "
                            "passwordShownAnnouncementText passwordHiddenAnnouncementText" },
        { "textarea", "id name spellcheck rows value disabled describedBy label:label hint:hint "
                      "errorMessage:error-message formGroup:group classes autocomplete attributes@ countInfo" },
        { "character-count", "id name spellcheck rows value disabled describedBy label:label hint:hint "
                             "errorMessage:error-message formGroup:group classes autocomplete attributes@ countInfo "
                             "maxlength maxwords threshold countType countMessage:styled textareaDescriptionText "
                             "charactersUnderLimitText charactersAtLimitText charactersOverLimitText "
                             "wordsUnderLimitText wordsAtLimitText wordsOverLimitText" },
        { "select", "id name items[]:option value disabled describedBy label:label hint:hint "
                    "errorMessage:error-message formGroup:group classes attributes@" },
        { "option", "value text selected disabled attributes@ group" },
        { "radios", "idPrefix name value items[]:choice classes attributes@ fieldset:fieldset hint:hint "
                    "errorMessage:error-message formGroup:group" },
        { "checkboxes", "idPrefix name values items[]:choice classes attributes@ fieldset:fieldset hint:hint "
                        "errorMessage:error-message formGroup:group describedBy" },
        { "choice", "id name value text html label:label hint:hint divider checked behaviour disabled attributes@ "
                    "conditional:conditional" },
        { "conditional", "html fields" },
        { "date-input", "id namePrefix values items[]:date-item day:date-item month:date-item year:date-item hint:hint "
                        "errorMessage:error-message formGroup:group fieldset:fieldset classes attributes@" },
        { "date-item", "id name label value error autocomplete inputmode pattern classes attributes" },
        { "button", "text html name type value disabled href classes attributes@ preventDoubleClick isStartButton id" },
        { "back-link", "text html href classes attributes@" },
        { "breadcrumbs", "items[]:link classes collapseOnMobile attributes@ labelText" },
        { "link", "text html href classes attributes@ visuallyHiddenText current active" },
        { "details", "summaryText summaryHtml text html id open classes attributes@" },
        { "error-summary", "titleText titleHtml descriptionText descriptionHtml errorList[]:link disableAutoFocus "
                           "classes attributes@" },
        { "exit-this-page", "text html redirectUrl id classes attributes@ activatedText timedOutText "
                            "pressTwoMoreTimesText pressOneMoreTimeText" },
        { "generic-header", "logoText logoHtml url containerClasses classes attributes@" },
        { "inset-text", "text html id classes attributes@" },
        { "notification-banner", "text html titleText titleHtml titleHeadingLevel type role titleId disableAutoFocus "
                                 "classes attributes@" },
        { "pagination", "items[]:page previous:page-link next:page-link landmarkLabel classes attributes@" },
        { "page", "number visuallyHiddenText href current ellipsis attributes@" },
        { "page-link", "text html href labelText attributes@" },
        { "panel", "titleText titleHtml headingLevel text html classes attributes@ actions:panel-actions" },
        { "panel-actions", "items[]:panel-action classes attributes@" },
        { "panel-action", "text href type classes attributes" },
        { "phase-banner", "text html tag:styled classes attributes@" },
        { "service-navigation", "navigation[]:link classes attributes@ ariaLabel menuButtonText menuButtonLabel "
                                "navigationLabel navigationId navigationClasses collapseNavigationOnMobile "
                                "serviceName serviceUrl slots" },
        { "skip-link", "text html href classes attributes@" },
        { "summary-list", "rows[]:summary-row card:card classes attributes@" },
        { "summary-row", "classes key:styled value:styled actions:summary-actions" },
        { "summary-actions", "items[]:link classes" },
        { "card", "title:card-title actions:summary-actions classes attributes@" },
        { "card-title", "text html headingLevel classes" },
        { "table", "rows[][]:cell head[]:cell caption captionClasses firstCellIsHeader classes attributes@" },
        { "cell", "text html format colspan rowspan classes attributes@" },
        { "tag", "text html classes attributes@" },
        { "task-list", "items[]:task idPrefix classes attributes@" },
        { "task", "title:styled hint:content status:task-status href classes" },
        { "task-status", "text html tag:styled classes" },
        { "warning-text", "text html iconFallbackText classes attributes@" },
};

bool component_is_true(const json_t *value) {
        switch (value ? json_typeof(value) : JSON_NULL) {
        case JSON_NULL:
        case JSON_FALSE:
                return false;
        case JSON_STRING:
                return json_string_length(value) > 0;
        case JSON_INTEGER:
                return json_integer_value(value) != 0;
        default:
                return true;
        }
}

const char *component_text(const json_t *object, const char *member) {
        const char *text = json_string_value(json_object_get(object, member));
        return text && *text ? text : NULL;
}

void component_set_text(json_t *object, const char *member, const char *format, ...) {
        char text[1024];
        va_list args;
        va_start(args, format);
        vsnprintf(text, sizeof text, format, args);
        va_end(args);
        /* A cut in the middle of a character would not be UTF-8; such a member stays null. */
        json_t *value = json_string(text);
        json_object_set_new(object, member, value ? value : json_null());
}

void component_set_flag(json_t *object, const char *member, bool value) {
        json_object_set_new(object, member, json_boolean(value));
}

void component_default(json_t *object, const char *member, const char *text) {
        if (!component_is_true(json_object_get(object, member)))
                json_object_set_new(object, member, json_string(text));
}

void component_flag_to_text(json_t *object, const char *member) {
        const json_t *value = json_object_get(object, member);
        if (json_is_boolean(value))
                json_object_set_new(object, member, json_string(json_is_true(value) ? "true" : "false"));
}

void component_append_word(json_t *object, const char *member, const char *word) {
        const char *before = component_text(object, member);
        if (!word || !*word)
                return;
        _cleanup_buffer_ struct buffer words = { 0 };
        buffer_append_format(&words, "%s%s%s", before ? before : "", before ? " " : "", word);
        json_object_set_new(object, member, json_string(words.data));
}

void component_add_attribute(json_t *object, const char *name, const char *value) {
        json_t *list = json_object_get(object, "attributes");
        if (!json_is_array(list)) {
                list = json_array();
                json_object_set_new(object, "attributes", list);
        }
        json_array_append_new(list, json_pack("{sssbss}", "name", name, "has_value", value != NULL, "value",
                                              value ? value : ""));
}

/* GOV.UK's `attributes`: each a value, or {value, optional}; an optional one is left out when it is null or false and
 * has no value when it is true. */
static void copy_attributes(json_t *object, json_t *attributes) {
        const char *name;
        json_t *value;
        json_object_foreach (attributes, name, value) {
                bool optional = false;
                if (json_is_object(value)) {
                        optional = json_is_true(json_object_get(value, "optional"));
                        value = json_object_get(value, "value");
                }
                if (optional && (!value || json_is_null(value) || json_is_false(value)))
                        continue;
                _cleanup_buffer_ struct buffer text = { 0 };
                format_plain(value, &text);
                component_add_attribute(object, name,
                                        optional && json_is_true(value) ? NULL : text.data ? text.data : "");
        }
}

static json_t *copy_list(const char *shape, const json_t *list, int depth) {
        json_t *copy = json_array(), *element;
        size_t i;
        json_array_foreach (list, i, element) {
                if (!component_is_true(element))
                        continue;
                json_t *item = depth > 1 ? copy_list(shape, element, depth - 1) : component_shape(shape, element);
                if (depth == 1)
                        json_object_set_new(item, "index", json_integer((json_int_t) i + 1));
                json_array_append_new(copy, item);
        }
        return copy;
}

static void copy_member(json_t *object, const char *word, size_t size, const json_t *options) {
        char name[64], shape[64] = "";
        const char *colon = memchr(word, ':', size);
        size_t name_size = colon ? (size_t) (colon - word) : size;
        if (colon)
                snprintf(shape, sizeof shape, "%.*s", (int) (size - name_size - 1), colon + 1);
        int depth = 0;
        while (name_size > 2 && word[name_size - 1] == ']') {
                depth++;
                name_size -= 2;
        }
        bool attributes = word[name_size - 1] == '@';
        snprintf(name, sizeof name, "%.*s", (int) (name_size - attributes), word);

        json_t *value = json_object_get(options, name);
        json_object_set_new(object, name, json_null());
        if (!value || json_is_null(value))
                return;
        if (attributes)
                copy_attributes(object, value);
        else if (depth)
                json_object_set_new(object, name, copy_list(shape, value, depth));
        else if (colon) {
                if (json_is_object(value))
                        json_object_set_new(object, name, component_shape(shape, value));
                else if (json_is_false(value))
                        json_object_set_new(object, name, json_false());
        } else
                json_object_set(object, name, value);
}

json_t *component_shape(const char *name, const json_t *options) {
        json_t *object = json_object();
        const char *members = "";
        for (size_t i = 0; i < ELEMENTS(shapes); i++)
                if (!strcmp(shapes[i].name, name))
                        members = shapes[i].members;
        for (const char *word = members; *word;) {
                size_t size = strcspn(word, " ");
                copy_member(object, word, size, options);
                word += size + strspn(word + size, " ");
        }
        /* An error is announced as one unless the options say otherwise. */
        if (!strcmp(name, "error-message") && !json_object_get(options, "visuallyHiddenText"))
                component_set_text(object, "visuallyHiddenText", "Error");
        return object;
}
