#include "component_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
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
        { "option", "value text selected disabled attributes@" },
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

static void prepare_nothing(json_t *context) {
}

static void prepare_label(json_t *context) {
        component_label(context, NULL);
}

static void prepare_button(json_t *context) {
        component_default(context, "type", "submit");
        component_flag_to_text(context, "preventDoubleClick");
        component_set_flag(context, "wrapped", component_text(context, "html") &&
                                                       component_is_true(json_object_get(context, "isStartButton")));
}

static void prepare_back_link(json_t *context) {
        component_default(context, "href", "#");
        component_default(context, "text", "Back");
}

static void prepare_breadcrumbs(json_t *context) {
        component_default(context, "labelText", "Breadcrumb");
}

static void prepare_error_summary(json_t *context) {
        component_flag_to_text(context, "disableAutoFocus");
        component_set_flag(context, "hasErrors", json_array_size(json_object_get(context, "errorList")) > 0);
        component_set_flag(context, "hasDescription", component_text(context, "descriptionText") ||
                                                              component_text(context, "descriptionHtml"));
}

static void prepare_exit_this_page(json_t *context) {
        static const struct {
                const char *member, *attribute;
        } texts[] = {
                { "activatedText", "data-i18n.activated" },
                { "timedOutText", "data-i18n.timed-out" },
                { "pressTwoMoreTimesText", "data-i18n.press-two-more-times" },
                { "pressOneMoreTimeText", "data-i18n.press-one-more-time" },
        };
        for (size_t i = 0; i < ELEMENTS(texts); i++)
                if (component_text(context, texts[i].member))
                        component_add_attribute(context, texts[i].attribute, component_text(context, texts[i].member));
        if (!component_text(context, "text"))
                component_default(context, "html",
                                  "<span class=\"govuk-visually-hidden\">Emergency</span> Exit this page");
        component_default(context, "redirectUrl", "https://www.bbc.co.uk/weather");
        json_t *options = json_pack("{sOsOsOsss{ss}}", "text", json_object_get(context, "text"), "html",
                                    json_object_get(context, "html"), "href", json_object_get(context, "redirectUrl"),
                                    "classes", "govuk-button--warning govuk-exit-this-page__button "
                                               "govuk-js-exit-this-page-button",
                                    "attributes", "rel", "nofollow noreferrer");
        json_object_set_new(context, "button", component_prepare("button", options));
        json_decref(options);
}

static void prepare_generic_header(json_t *context) {
        component_default(context, "url", "/");
        component_default(context, "containerClasses", "govuk-width-container");
}

static void prepare_notification_banner(json_t *context) {
        const char *type = component_text(context, "type");
        bool success = type && !strcmp(type, "success");
        component_set_flag(context, "success", success);
        component_default(context, "role", success ? "alert" : "region");
        component_default(context, "titleText", success ? "Success" : "Important");
        component_default(context, "titleId", "govuk-notification-banner-title");
        component_default(context, "titleHeadingLevel", "2");
        component_flag_to_text(context, "disableAutoFocus");
}

static void prepare_pagination(json_t *context) {
        static const char *const rels[] = { "previous", "next" };
        bool has_items = json_is_array(json_object_get(context, "items"));
        bool block = !has_items && (json_is_object(json_object_get(context, "previous")) ||
                                    json_is_object(json_object_get(context, "next")));
        component_set_flag(context, "hasItems", has_items);
        component_default(context, "landmarkLabel", "Pagination");
        component_set_flag(context, "blockLevel", block);
        for (size_t i = 0; i < ELEMENTS(rels); i++) {
                json_t *link = json_object_get(context, rels[i]);
                if (!json_is_object(link))
                        continue;
                if (!component_text(link, "href")) {
                        json_object_set_new(context, rels[i], json_null());
                        continue;
                }
                bool labelled = component_text(link, "labelText");
                component_set_flag(link, "isPrevious", i == 0);
                component_set_flag(link, "iconFirst", block || i == 0);
                component_set_flag(link, "iconLast", !block && i == 1);
                component_set_flag(link, "decorated", block && !labelled);
                component_set_flag(link, "labelled", block && labelled);
                component_set_flag(link, "hasText", component_text(link, "text") || component_text(link, "html"));
        }
        json_t *items = json_object_get(context, "items");
        for (size_t i = json_array_size(items); i--;) {
                json_t *item = json_array_get(items, i);
                if (json_is_null(json_object_get(item, "number")) && json_is_null(json_object_get(item, "ellipsis"))) {
                        json_array_remove(items, i);
                        continue;
                }
                _cleanup_buffer_ struct buffer number = { 0 };
                buffer_append_string(&number, "Page ");
                format_plain(json_object_get(item, "number"), &number);
                component_default(item, "visuallyHiddenText", number.data);
        }
}

static void prepare_panel(json_t *context) {
        const char *classes = component_text(context, "classes");
        bool interruption = classes && strstr(classes, "govuk-panel--interruption");
        component_default(context, "headingLevel", "1");
        component_set_flag(context, "confirmation", !interruption);
        component_set_flag(context, "hasBody", component_text(context, "text") || component_text(context, "html"));
        if (!interruption)
                json_object_set_new(context, "actions", json_null());
        size_t i;
        json_t *action, *actions = json_object_get(context, "actions");
        if (json_is_object(actions))
                component_set_flag(actions, "hasItems", json_array_size(json_object_get(actions, "items")) > 0);
        json_array_foreach (json_object_get(actions, "items"), i, action) {
                const char *type = component_text(action, "type");
                bool button = !component_text(action, "href") || (type && !strcmp(type, "button"));
                _cleanup_buffer_ struct buffer words = { 0 };
                buffer_append_string(&words, button ? "govuk-button--inverse" : "govuk-link govuk-link--inverse");
                if (component_text(action, "classes"))
                        buffer_append_format(&words, " %s", component_text(action, "classes"));
                json_object_set_new(action, "classes", json_string(words.data));
                if (button)
                        component_default(action, "type", "button");
                json_t *prepared = component_prepare("button", action);
                component_set_flag(prepared, "isButton", button);
                json_array_set_new(json_object_get(actions, "items"), i, prepared);
        }
}

static void prepare_service_navigation(json_t *context) {
        static const char *const slots[] = { "start", "end", "navigationStart", "navigationEnd" };
        bool any_navigation_slot = false;
        for (size_t i = 0; i < ELEMENTS(slots); i++) {
                json_t *slot = json_object_get(json_object_get(context, "slots"), slots[i]);
                char member[32];
                snprintf(member, sizeof member, "%s_html", slots[i]);
                if (json_is_object(slot)) {
                        const char *align = component_text(slot, "align");
                        component_set_flag(context, "inlineEnd", align && !strcmp(align, "inline"));
                        slot = json_object_get(slot, "html");
                }
                json_object_set(context, member, slot ? slot : json_null());
                any_navigation_slot |= i >= 2 && component_is_true(slot);
        }
        component_default(context, "menuButtonText", "Menu");
        component_default(context, "navigationId", "navigation");
        component_default(context, "navigationLabel", component_text(context, "menuButtonText"));
        if (!json_is_string(json_object_get(context, "ariaLabel")))
                component_set_text(context, "ariaLabel", "Service information");
        const char *label = component_text(context, "menuButtonLabel");
        if (label && !strcmp(label, component_text(context, "menuButtonText")))
                json_object_set_new(context, "menuButtonLabel", json_null());
        json_t *items = json_object_get(context, "navigation"), *item;
        component_set_flag(context, "hasNavigation", json_array_size(items) || any_navigation_slot);
        if (!json_is_boolean(json_object_get(context, "collapseNavigationOnMobile")))
                component_set_flag(context, "collapseNavigationOnMobile", json_array_size(items) > 1);
        component_set_flag(context, "isSection", component_text(context, "serviceName") ||
                                                         component_text(context, "start_html") ||
                                                         component_text(context, "end_html"));
        size_t i;
        json_array_foreach (items, i, item) {
                bool current = component_is_true(json_object_get(item, "current"));
                if (current || component_is_true(json_object_get(item, "active")))
                        component_set_text(item, "ariaCurrent", "%s", current ? "page" : "true");
                else
                        json_object_set_new(item, "ariaCurrent", json_null());
        }
}

static void prepare_skip_link(json_t *context) {
        component_default(context, "href", "#content");
}

/* One action is a link, several are a list; each names its card. */
static void prepare_actions(json_t *actions, const json_t *title) {
        json_t *items = json_object_get(actions, "items"), *item;
        size_t i, n = json_array_size(items);
        component_set_flag(actions, "single", n == 1);
        json_array_foreach (items, i, item) {
                json_object_set(item, "cardTitle", title ? (json_t *) (uintptr_t) title : json_null());
                component_set_flag(item, "hidden", title || component_text(item, "visuallyHiddenText"));
        }
}

static void prepare_summary_list(json_t *context) {
        json_t *card = json_object_get(context, "card"), *title = json_object_get(card, "title"), *row;
        if (!json_is_object(title))
                title = NULL;
        bool any_actions = false;
        size_t i;
        json_array_foreach (json_object_get(context, "rows"), i, row)
                any_actions |= json_array_size(json_object_get(json_object_get(row, "actions"), "items")) > 0;
        json_array_foreach (json_object_get(context, "rows"), i, row) {
                json_t *actions = json_object_get(row, "actions");
                component_set_flag(row, "noActions", any_actions && !json_is_array(json_object_get(actions, "items")));
                if (!json_array_size(json_object_get(actions, "items")))
                        json_object_set_new(row, "actions", json_null());
                else
                        prepare_actions(actions, title);
        }
        if (title)
                component_default(title, "headingLevel", "2");
        json_t *actions = json_object_get(card, "actions");
        if (!json_array_size(json_object_get(actions, "items"))) {
                if (json_is_object(card))
                        json_object_set_new(card, "actions", json_null());
        } else
                prepare_actions(actions, title);
}

static void prepare_table(json_t *context) {
        size_t i, j;
        json_t *row, *cell;
        bool header = component_is_true(json_object_get(context, "firstCellIsHeader"));
        component_set_flag(context, "hasHead", json_is_array(json_object_get(context, "head")));
        json_array_foreach (json_object_get(context, "rows"), i, row) {
                json_array_foreach (row, j, cell)
                        component_set_flag(cell, "isHeader", header && j == 0);
        }
}

static void prepare_task_list(json_t *context) {
        component_default(context, "idPrefix", "task-list");
        const char *prefix = component_text(context, "idPrefix");
        size_t i;
        json_t *item;
        json_array_foreach (json_object_get(context, "items"), i, item) {
                int index = (int) json_integer_value(json_object_get(item, "index"));
                component_set_text(item, "hintId", "%s-%d-hint", prefix, index);
                component_set_text(item, "statusId", "%s-%d-status", prefix, index);
        }
}

static void prepare_warning_text(json_t *context) {
        component_default(context, "iconFallbackText", "Warning");
}

static void prepare_phase_banner(json_t *context) {
        json_t *tag = json_object_get(context, "tag");
        if (!json_is_object(tag))
                json_object_set_new(context, "tag", tag = component_shape("styled", NULL));
        _cleanup_free_ char *own = component_text(tag, "classes") ? memory_copy_string(component_text(tag, "classes"))
                                                                  : NULL;
        component_set_text(tag, "classes", "govuk-phase-banner__content__tag");
        component_append_word(tag, "classes", own);
}

json_t *component_prepare(const char *name, const json_t *options) {
        static const struct {
                const char *name;
                void (*prepare)(json_t *context);
        } components[] = {
                { "back-link", prepare_back_link },
                { "breadcrumbs", prepare_breadcrumbs },
                { "button", prepare_button },
                { "character-count", component_character_count },
                { "checkboxes", component_checkboxes },
                { "date-input", component_date_input },
                { "details", prepare_nothing },
                { "error-message", prepare_nothing },
                { "error-summary", prepare_error_summary },
                { "exit-this-page", prepare_exit_this_page },
                { "fieldset", prepare_nothing },
                { "generic-header", prepare_generic_header },
                { "hint", prepare_nothing },
                { "input", component_input },
                { "inset-text", prepare_nothing },
                { "label", prepare_label },
                { "notification-banner", prepare_notification_banner },
                { "pagination", prepare_pagination },
                { "panel", prepare_panel },
                { "password-input", component_password_input },
                { "phase-banner", prepare_phase_banner },
                { "radios", component_radios },
                { "select", component_select },
                { "service-navigation", prepare_service_navigation },
                { "skip-link", prepare_skip_link },
                { "summary-list", prepare_summary_list },
                { "table", prepare_table },
                { "tag", prepare_nothing },
                { "task-list", prepare_task_list },
                { "textarea", component_textarea },
                { "warning-text", prepare_warning_text },
        };
        for (size_t i = 0; i < ELEMENTS(components); i++)
                if (!strcmp(components[i].name, name)) {
                        json_t *context = component_shape(name, options);
                        components[i].prepare(context);
                        return context;
                }
        return NULL;
}
