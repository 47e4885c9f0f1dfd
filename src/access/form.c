/* The forms of this room, as data (view/form.h). A field whose items come from the database names them with "choices": a
 * member of the resource's `choices`. */
#include <string.h>

#include "base/log.h"
#include "http/codes.h"
#include "internal.h"
#include "view/form.h"

#define FIELD_NEW_PASSWORD \
        "{\"name\":\"password\",\"type\":\"password\",\"label\":\"New password\",\"required\":true," \
        "\"autocomplete\":\"new-password\",\"hint\":\"At least 12 characters. Three words that do not belong together are " \
        "easy to remember and hard to guess.\"}"
#define FIELD_BIRTH \
        "{\"name\":\"birth_date\",\"type\":\"date\",\"label\":\"Your date of birth\",\"hint\":\"Only used so that a report " \
        "which names you is never shown to you. Nobody else sees it.\"}"
#define FIELDS_GRANT \
        "{\"name\":\"role\",\"type\":\"select\",\"label\":\"Role\",\"required\":true,\"choices\":\"roles\"}," \
        "{\"name\":\"organisation\",\"type\":\"select\",\"label\":\"Organisation\",\"required\":true,\"choices\":\"organisations\"}," \
        "{\"name\":\"alternate\",\"type\":\"radios\",\"label\":\"Do they stand in for others in this role?\",\"items\":[" \
        "{\"value\":\"true\",\"label\":\"Yes\"},{\"value\":\"false\",\"label\":\"No\"}]}"
#define FIELD_NAME "{\"name\":\"name\",\"type\":\"text\",\"label\":\"Full name\",\"required\":true,\"autocomplete\":\"name\"}"
#define FIELDS_ORGANISATION \
        "{\"name\":\"name\",\"type\":\"text\",\"label\":\"Name\",\"required\":true}," \
        "{\"name\":\"kind\",\"type\":\"select\",\"label\":\"Kind of organisation\",\"required\":true,\"list\":\"agency_type\"}," \
        "{\"name\":\"area\",\"type\":\"select\",\"label\":\"Authority\",\"list\":\"authority\"}"

static const struct {
        const char *name, *definition;
} forms[] = {
        { "sign-in",
          "{\"title\":\"Sign in\",\"fields\":["
          "{\"name\":\"email\",\"type\":\"text\",\"label\":\"Email address\",\"required\":true,\"autocomplete\":\"username\"},"
          "{\"name\":\"password\",\"type\":\"password\",\"label\":\"Password\",\"required\":true,"
          "\"autocomplete\":\"current-password\"}]}" },
        { "code",
          "{\"title\":\"Enter your code\",\"fields\":["
          "{\"name\":\"code\",\"type\":\"password\",\"label\":\"Code\",\"required\":true,\"autocomplete\":\"one-time-code\","
          "\"hint\":\"The six digits that your authenticator app shows now, or one of your recovery codes.\"}]}" },
        { "second-factor",
          "{\"title\":\"Set up your second factor\",\"fields\":["
          "{\"name\":\"code\",\"type\":\"password\",\"label\":\"Code\",\"required\":true,\"autocomplete\":\"one-time-code\","
          "\"hint\":\"The six digits that the app shows now.\"}]}" },
        { "password",
          "{\"title\":\"Change your password\",\"fields\":["
          "{\"name\":\"current\",\"type\":\"password\",\"label\":\"Current password\",\"required\":true,"
          "\"autocomplete\":\"current-password\"}," FIELD_NEW_PASSWORD "]}" },
        { "reset",
          "{\"title\":\"Reset your password\",\"fields\":["
          "{\"name\":\"email\",\"type\":\"text\",\"label\":\"Email address\",\"required\":true,\"autocomplete\":\"username\","
          "\"hint\":\"We will send you a link with which you can choose another password.\"}]}" },
        { "choose", "{\"title\":\"Choose another password\",\"fields\":[" FIELD_NEW_PASSWORD "]}" },
        { "invitation", "{\"title\":\"Take up your account\",\"fields\":[" FIELD_NAME "," FIELD_BIRTH "," FIELD_NEW_PASSWORD "]}" },
        { "birth", "{\"title\":\"Your date of birth\",\"fields\":[" FIELD_BIRTH "]}" },
        { "invite",
          "{\"title\":\"Invite somebody\",\"fields\":["
          "{\"name\":\"email\",\"type\":\"text\",\"label\":\"Email address\",\"required\":true}," FIELD_NAME "," FIELDS_GRANT "]}" },
        { "account",
          "{\"title\":\"Name and email address\",\"fields\":[" FIELD_NAME
          ",{\"name\":\"email\",\"type\":\"text\",\"label\":\"Email address\",\"required\":true}]}" },
        { "grant",
          "{\"title\":\"Give a role\",\"fields\":[" FIELDS_GRANT
          ",{\"name\":\"until\",\"type\":\"date\",\"label\":\"Last day\",\"hint\":\"Leave empty for a role without an end.\"}]}" },
        { "organisation",
          "{\"title\":\"Add an organisation\",\"fields\":["
          "{\"name\":\"slug\",\"type\":\"text\",\"label\":\"Short name\",\"required\":true,"
          "\"hint\":\"Small letters, digits and hyphens, such as example-school. It never changes.\"}," FIELDS_ORGANISATION "]}" },
        { "organisation-change",
          "{\"title\":\"Change this organisation\",\"fields\":[" FIELDS_ORGANISATION ","
          "{\"name\":\"reports\",\"type\":\"radios\",\"label\":\"Do its people send reports?\",\"hint\":\"It then needs two "
          "safeguarding leads, so that one can be passed over when a report concerns them.\",\"items\":["
          "{\"value\":\"true\",\"label\":\"Yes\"},{\"value\":\"false\",\"label\":\"No\"}]}]}" },
};

static json_t *list_items(void *userdata, const char *list) {
        _cleanup_(codes_unref_p) struct codes *codes = codes_current();
        const json_t *items = codes ? codes_list(codes, list) : NULL;
        json_t *result = json_array(), *item;
        size_t i;
        json_array_foreach(items, i, item)
                json_array_append_new(result, json_pack("{s:O, s:O, s:O*}", "value", json_object_get(item, "code"),
                                                        "label", json_object_get(item, "label"),
                                                        "group", json_object_get(item, "group")));
        return result;
}

static json_t *definition_of(const char *name, const json_t *resource) {
        json_t *form = NULL, *field;
        size_t i;
        for (i = 0; i < ELEMENTS(forms) && !form; i++)
                if (strcmp(forms[i].name, name) == 0)
                        form = json_loads(forms[i].definition, 0, NULL);
        json_array_foreach(json_object_get(form, "fields"), i, field) {
                const char *choices = json_string_value(json_object_get(field, "choices"));
                json_t *items = choices ? json_object_get(json_object_get(resource, "choices"), choices) : NULL;
                if (choices)
                        json_object_set_new(field, "items", items ? json_incref(items) : json_array());
                json_object_del(field, "choices");
        }
        return form;
}

void bind_form(struct request *request, json_t *resource, const char *name, const json_t *values) {
        const struct form_options options = { .items = list_items, .beside = true };
        json_t *form = definition_of(name, resource), *given = NULL, *bound;

        if (request->refused && request->given)
                given = form_read(form, request->given, &options);
        bound = form_bind(form, given ? given : values, request->refused ? request->faults : NULL, &options);
        if (!bound)
                log_error("form_not_bound", "form", name);
        else
                json_object_set_new(resource, "form", bound);
        json_decref(given);
        json_decref(form);
}
