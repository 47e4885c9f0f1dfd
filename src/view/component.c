/* The components that show something; those that take input are in component_field.c. */
#include "component_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "view/format.h"

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
