/* The audit trail for somebody who is not a programmer: who did what, when, in which case. */
#include "audit/pages.h"

#include <string.h>

#include "http/filter.h"

#define PATH "/audit/events"

static const struct {
        const char *action, *object; /* the object's first word; NULL for any */
        const char *words;
        const char *end; /* its last word; NULL for any */
} sentences[] = {
        { "VIEW", "incident", "read the report" },
        { "VIEW", "incidents", "looked at a list of reports" },
        { "VIEW", "chronology", "read everything that happened in the case" },
        { "VIEW", "referral", "read the referral" },
        { "VIEW", "referrals", "looked at the queue" },
        { "VIEW", "response-times", "looked at response times" },
        { "VIEW", "audit", "looked at the audit trail" },
        { "VIEW", "account", "looked at an account" },
        { "VIEW", "accounts", "looked at the list of accounts" },
        { "VIEW", "grants", "looked at who holds which role" },
        { "VIEW", "exclusions", "looked at who is kept out of cases" },
        { "VIEW", "organisation", "looked at an organisation" },
        { "VIEW", "organisations", "looked at the list of organisations" },
        { "VIEW", "draft", "read their own unsent report" },
        { "CREATE", "incident", "sent the report" },
        { "CREATE", "draft", "began a report" },
        { "CREATE", "account", "made an account" },
        { "CREATE", "grant", "asked for a role to be given" },
        { "CREATE", "organisation", "made an organisation" },
        { "UPDATE", "addition", "added information to the report" },
        { "UPDATE", "referral", "acknowledged the referral", "acknowledge" },
        { "UPDATE", "referral", "took a step of the referral" },
        { "UPDATE", "draft", "went on with their report" },
        { "UPDATE", "account", "changed an account" },
        { "UPDATE", "grant", "decided on a role, or ended it" },
        { "UPDATE", "exclusion", "cleared somebody who had been kept out of the case" },
        { "UPDATE", "organisation", "changed an organisation" },
        { "UPDATE", "password", "asked for another password" },
        { "UPDATE", "session", "ended a session" },
        { "UPDATE", "sessions", "ended their other sessions" },
        { "UPDATE", "site", "changed a setting of the site" },
        { "DELETE_DISPOSAL", "draft", "threw an unsent report away" },
        { "LOGIN", NULL, "signed in" },
        { "DENY", "session", "tried to sign in" },
        { "DENY", "route", "asked for a page that is not for them" },
        { "DENY", "incident", "asked for a report that is not there, or not for them" },
        { "DENY", "referral", "asked for a referral or a step that is not there, or not for them" },
        { "DENY", "grant", "asked for a role that may not be given so" },
        { "DENY", NULL, "asked for something that is not there, or not for them" },
        { "SEARCH", NULL, "searched" },
        { "EXPORT", NULL, "took a copy out" },
        { "PRINT", NULL, "printed" },
        { "SHARE", NULL, "recorded what was shared, and with whom" },
        { "BREAK_GLASS", NULL, "opened a case in an emergency" },
        { "REVEAL_SEALED", NULL, "opened what was sealed" },
};

const char *audit_words(const char *action, const char *object) {
        size_t size = strcspn(object, " ");
        const char *space = strrchr(object, ' '), *last = space ? space + 1 : object;
        for (size_t i = 0; i < ELEMENTS(sentences); i++) {
                const char *own = sentences[i].object, *end = sentences[i].end;
                bool fits = !own || (strlen(own) == size && strncmp(own, object, size) == 0);
                fits = fits && (!end || strcmp(end, last) == 0);
                if (fits && strcmp(sentences[i].action, action) == 0)
                        return sentences[i].words;
        }
        return NULL;
}

static const char *const filters[] = { "actor", "action", "case", "organisation", "from", "to", NULL };

static void set_text(json_t *object, const char *name, const char *text) {
        json_object_set_new(object, name, json_string(text));
}

static const char *member(const json_t *object, const char *name) {
        const char *text = json_string_value(json_object_get(object, name));
        return text ? text : "";
}

/* Links narrow the list: to a person, to a case, to one person in one case. */
static void add_links(struct request *request, json_t *item) {
        const char *actor = member(item, "actor"), *reference = member(item, "case");
        const char *of_case = arena_format(request->arena, PATH "?case=%s", reference);
        set_text(item, "person_href", filter_link(request, PATH, filters, "actor", actor));
        set_text(item, "case_href", of_case);
        bool narrowed = request_parameter(request, "actor") && request_parameter(request, "case");
        if (*actor && *reference && !narrowed)
                json_object_set_new(item, "both_href", json_sprintf("%s&actor=%s", of_case, actor));
}

/* Who did it where no account did. */
static const char *who_without_account(const char *role) {
        if (strcmp(role, "NONE") == 0)
                return "Nobody who was signed in";
        return strcmp(role, "OPERATOR") == 0 ? "The operator of the server" : "Upstander itself";
}

void audit_decorate_list(struct request *request, json_t *resource) {
        const json_t *said = json_object_get(resource, "asked");
        json_t *asked = filter_values(request, filters), *item;
        size_t n;
        json_array_foreach (json_object_get(resource, "items"), n, item) {
                const char *action = member(item, "action"), *object = member(item, "object");
                const char *words = audit_words(action, object), *role = member(item, "role");
                json_object_set_new(item, "words", words ? json_string(words) : json_sprintf("%s %s", action, object));
                json_object_set_new(item, "refused", json_boolean(strcmp(action, "DENY") == 0));
                set_text(item, "nobody", who_without_account(role));
                add_links(request, item);
        }
        bool both = request_parameter(request, "actor") && request_parameter(request, "case");
        json_t *what = filter_select(request, "action", "What", "audit_action", "Everything");
        json_t *whose = filter_select(request, "organisation", "Organisation of the person", "organisation",
                                      "All organisations");
        set_text(asked, "person", member(said, "actor_name"));
        json_object_set_new(asked, "both", json_boolean(both));
        json_object_set_new(resource, "asked", asked);
        json_object_set_new(resource, "filters", json_pack("[o, o]", what, whose));
        set_text(resource, "everybody", filter_link(request, PATH, filters, "actor", NULL));
        json_object_set_new(resource, "empty", json_boolean(n == 0));
}
