/* The administration of accounts and roles. The rules are the database's (sql/functions/46 to 49); what is computed here
 * are identifiers, blind indexes and the tokens of invitations. */
#include <string.h>

#include "internal.h"

struct invitation {
        char account[UUID_TEXT], grant[UUID_TEXT], token[TOKEN_TEXT];
};

static const char *fresh_id(struct request *request) {
        char *id = arena_alloc(request->arena, UUID_TEXT);
        uuid_new(id);
        return id;
}

static const char *boolean_text(const struct request *request, const char *member) {
        const json_t *value = json_object_get(request->body, member);
        return json_is_boolean(value) ? (json_is_true(value) ? "true" : "false") : NULL;
}

/* A fresh invitation: its hash for the table, itself sealed for the post. */
static void add_token(struct request *request, struct invitation *invitation) {
        char hash[SHA256_HEX];
        token_new(request->service->keyring, TOKEN_INVITATION, invitation->token, hash);
        json_t *object = json_pack("{s:s}", "token", invitation->token);
        request_value(request, "token", arena_string(request->arena, hash));
        request_value(request, "sealed", seal_object(request, "outbox_token", object, INVITATION_SECONDS));
        json_decref(object);
}

enum step_result invite_prepare(struct request *request) {
        struct invitation *invitation = request->state = arena_alloc(request->arena, sizeof(*invitation));
        const char *email = request_text(request, "email"), *name = request_text(request, "name");
        json_t *indexes = identity_indexes(request->service->keyring, name, NULL, email);
        const char *alternate = boolean_text(request, "alternate");

        uuid_new(invitation->account);
        uuid_new(invitation->grant);
        request_call(request, "account/invite");
        request_value(request, "id", invitation->account);
        request_value(request, "email", email);
        request_value(request, "name", name);
        request_value_json(request, "indexes", indexes);
        request_value(request, "grant", invitation->grant);
        request_value(request, "role", request_text(request, "role"));
        request_value(request, "organisation", request_text(request, "organisation"));
        request_value(request, "alternate", alternate ? alternate : "false");
        add_token(request, invitation);
        json_decref(indexes);
        return STEP_DATABASE;
}

enum step_result invite_again_prepare(struct request *request) {
        struct invitation *invitation = request->state = arena_alloc(request->arena, sizeof(*invitation));
        request_call(request, "account/invite_again");
        request_value(request, "account", request_parameter(request, "account"));
        add_token(request, invitation);
        return STEP_DATABASE;
}

/* The link is shown this once to whoever invited, who may hand it over where mail does not reach. It gives nothing that an
 * administrator could not have by inviting an address of their own: a role that sees most still waits for another, who
 * needs a code that only the account shows and asks the person for it. */
enum step_result invite_finish(struct request *request) {
        const struct invitation *invitation = request->state;
        const char *outcome = request->step.outcome;
        bool created = strcmp(outcome, "created") == 0;
        enum step_result result;

        if (!created && strcmp(outcome, "ok") != 0)
                return reply_outcome(request);
        json_t *resource = request_resource(request);
        json_object_set_new(resource, "invitation", json_pack("{s:o, s:i}", "path", json_sprintf("/invitations/%s", invitation->token),
                                                              "hours", INVITATION_SECONDS / 3600));
        if (request->is_form)
                result = reply_page(request, 200, "account/invited", resource);
        else {
                request->reply.location = arena_format(request->arena, "/api/v1%s", request->step.location);
                request->reply.etag = request->step.etag;
                result = reply_json(request, created ? 201 : 200, resource);
        }
        json_decref(resource);
        return result;
}

/* Both changes need the rest of the person's identity first, since an index is made of name and birth date together. */
enum step_result account_change_prepare(struct request *request) {
        request_call(request, "account/identity");
        request_value(request, "account", request_parameter(request, "account"));
        return STEP_DATABASE;
}

enum step_result account_change_finish(struct request *request) {
        if (request->stage > 1 || strcmp(request->step.outcome, "ok") != 0)
                return reply_outcome(request);
        json_t *body = request_resource(request);
        const char *name = request_text(request, "name"), *email = request_text(request, "email");
        if (!name)
                name = keep_text(request, body, "name");
        if (!email)
                email = keep_text(request, body, "email");
        json_t *indexes = identity_indexes(request->service->keyring, name, keep_text(request, body, "birth_date"), email);
        json_decref(body);
        request_call(request, "account/change");
        request_value(request, "account", request_parameter(request, "account"));
        request_value(request, "name", name);
        request_value(request, "email", email);
        request_value_json(request, "indexes", indexes);
        request_value(request, "change", fresh_id(request));
        json_decref(indexes);
        return STEP_DATABASE;
}

enum step_result second_factor_reset_prepare(struct request *request) {
        request_call(request, "account/second_factor_reset");
        request_value(request, "account", request_parameter(request, "account"));
        request_value(request, "change", fresh_id(request));
        return STEP_DATABASE;
}

enum step_result birth_prepare(struct request *request) {
        request_call(request, "account/identity");
        return STEP_DATABASE;
}

enum step_result birth_finish(struct request *request) {
        if (request->stage > 1 || strcmp(request->step.outcome, "ok") != 0)
                return reply_outcome(request);
        json_t *body = request_resource(request);
        const char *birth = request_text(request, "birth_date");
        json_t *indexes = identity_indexes(request->service->keyring, keep_text(request, body, "name"), birth,
                                           keep_text(request, body, "email"));
        json_decref(body);
        request_call(request, "account/birth");
        request_value(request, "birth_date", birth);
        request_value_json(request, "indexes", indexes);
        json_decref(indexes);
        return STEP_DATABASE;
}

enum step_result grant_prepare(struct request *request) {
        const char *alternate = boolean_text(request, "alternate");
        request_call(request, "grant/add");
        request_value(request, "id", fresh_id(request));
        request_value(request, "account", request_parameter(request, "account"));
        request_value(request, "role", request_text(request, "role"));
        request_value(request, "organisation", request_text(request, "organisation"));
        request_value(request, "alternate", alternate ? alternate : "false");
        request_value(request, "until", request_text(request, "until"));
        return STEP_DATABASE;
}

enum step_result alternate_prepare(struct request *request) {
        request_call(request, "grant/alternate");
        request_value(request, "grant", request_parameter(request, "grant"));
        request_value(request, "alternate", boolean_text(request, "alternate"));
        return STEP_DATABASE;
}

enum step_result confirm_prepare(struct request *request) {
        request_call(request, "grant/confirm");
        request_value(request, "grant", request_parameter(request, "grant"));
        request_value(request, "code", request_text(request, "code"));
        return STEP_DATABASE;
}

void account_decorate(struct request *request, json_t *resource) {
        bool changing = request->route && strcmp(request->route->path, "/accounts/{account}") == 0;
        bind_form(request, resource, changing ? "account" : "grant", resource);
}

void accounts_decorate(struct request *request, json_t *resource) {
        bind_form(request, resource, "invite", NULL);
}

void mine_decorate(struct request *request, json_t *resource) {
        bind_form(request, resource, "birth", resource);
}
