#include "frame.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "base/macro.h"

enum { WARNING_SECONDS = 300 };

/* What stands in the service navigation, in order: for whom it is there, its words, and where it leads. */
static const struct {
        const char *permission, *text, *href;
        bool counts; /* shows how many are new to this actor's units */
} items[] = {
        { "INCIDENT_CREATE", "Make a report", "/report" },
        { "REFERRAL_READ", "Referrals", "/referrals", true },
        { "INCIDENT_READ", "Reports", "/incidents" },
        { "SCRUTINY_OWN", "Response times", "/scrutiny/response-times" },
        { "AUDIT_READ", "Audit trail", "/audit/events" },
        { "ACCOUNT_MANAGE", "Accounts", "/accounts" },
        { "ACCOUNT_MANAGE", "Organisations", "/organisations" },
        { "GRANT_CONFIRM", "Roles to confirm", "/grants" },
        { "EXCLUSION_CLEAR", "Name matches", "/exclusions" },
};

static json_t *item_text(const char *text, json_int_t count) {
        if (count <= 0)
                return json_string(text);
        return count > 99 ? json_sprintf("%s (99+ new)", text) : json_sprintf("%s (%d new)", text, (int) count);
}

static json_t *navigation(const json_t *frame) {
        const char *path = json_string_value(json_object_get(frame, "path"));
        const json_t *may = json_object_get(frame, "may");
        json_t *list = json_array();
        for (size_t i = 0; i < ELEMENTS(items); i++) {
                if (!json_object_get(may, items[i].permission))
                        continue;
                json_int_t count = items[i].counts ? json_integer_value(json_object_get(frame, "new")) : 0;
                size_t size = strlen(items[i].href);
                bool current = path && strncmp(path, items[i].href, size) == 0 && (path[size] == '/' || path[size] == '\0');
                json_array_append_new(list, json_pack("{s:o, s:s, s:b}", "text", item_text(items[i].text, count), "href",
                                                      items[i].href, "current", current));
        }
        return list;
}

static bool is_demonstration; /* written before the server listens */

void frame_begin(bool demonstration) {
        is_demonstration = demonstration;
}

void frame_complete(struct request *request, json_t *frame) {
        json_object_set_new(frame, "demonstration", json_boolean(is_demonstration));
        const json_t *actor = json_object_get(frame, "actor");
        if (!actor)
                return;
        json_t *list = navigation(frame);
        json_object_set_new(frame, "has_navigation", json_boolean(json_array_size(list) > 0));
        json_object_set_new(frame, "navigation", list);
        json_object_set_new(frame, "user", json_pack("{s:O, s:s}", "name", json_object_get(actor, "name"), "sign_out", "/sign-out"));
        json_int_t minutes = json_integer_value(json_object_get(frame, "idle_minutes"));
        json_object_set_new(frame, "session", json_pack("{s:I, s:i, s:s, s:s}", "seconds", minutes * 60, "warning_seconds",
                                                        WARNING_SECONDS, "extend", "/session", "ended", "/sign-in"));
}
