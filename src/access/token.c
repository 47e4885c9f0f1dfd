/* Invitations and password resets: a link that is good once and for a while. */
#include <string.h>

#include "crypto/password.h"
#include "internal.h"

struct use {
        const char *purpose, *hash;
        const char *name, *birth, *chosen; /* as given */
        const char *email, *invited; /* address and name as the account has them */
        const char *refusal;
        char password[PASSWORD_HASH];
};

static enum step_result look_up(struct request *request, enum token_kind kind, const char *purpose) {
        struct use *u = request->state = arena_alloc(request->arena, sizeof(*u));
        const char *text = request_parameter(request, "token");
        char hash[SHA256_HEX];

        u->purpose = purpose;
        u->name = request_text(request, "name");
        u->birth = request_text(request, "birth_date");
        u->chosen = request_text(request, "password");
        if (!text || token_check(request->service->keyring, kind, text, hash) != 0)
                memset(hash, '0', sizeof(hash) - 1), hash[sizeof(hash) - 1] = '\0'; /* fits no token: absent like the others */
        u->hash = arena_string(request->arena, hash);
        request_call(request, "account/token");
        request_value(request, "hash", u->hash);
        request_value(request, "purpose", u->purpose);
        return STEP_DATABASE;
}

enum step_result invitation_prepare(struct request *request) {
        return look_up(request, TOKEN_INVITATION, "INVITATION");
}

enum step_result password_token_prepare(struct request *request) {
        return look_up(request, TOKEN_RESET, "RESET");
}

/* A link that is no longer good deserves a kinder page than "not found". */
static enum step_result gone(struct request *request) {
        if (request->is_api)
                return reply_outcome(request);
        json_t *resource = json_object();
        enum step_result result = reply_page(request, 404, "account/link-gone", resource);
        json_decref(resource);
        return result;
}

enum step_result token_show_finish(struct request *request) {
        return strcmp(request->step.outcome, "absent") == 0 ? gone(request) : reply_outcome(request);
}

void token_decorate(struct request *request, json_t *resource) {
        const char *purpose = json_string_value(json_object_get(resource, "purpose"));
        if (purpose)
                bind_form(request, resource, strcmp(purpose, "INVITATION") == 0 ? "invitation" : "choose", resource);
}

/* On a worker. */
static void hash_password(struct request *request) {
        struct use *u = request->state;
        u->refusal = password_refusal(u->chosen, u->email, u->name);
        if (!u->refusal && password_hash(u->chosen, u->password) != 0)
                u->refusal = "This password cannot be used";
}

static enum step_result after_look_up(struct request *request) {
        struct use *u = request->state;
        if (strcmp(request->step.outcome, "ok") != 0)
                return gone(request);
        json_t *body = request_resource(request);
        u->email = keep_text(request, body, "email");
        u->invited = keep_text(request, body, "name");
        if (!u->name)
                u->name = u->invited;
        json_decref(body);
        request->work = hash_password;
        return STEP_WORK;
}

static enum step_result after_hash(struct request *request) {
        struct use *u = request->state;
        if (u->refusal) {
                fault_add(request->faults, "/password", "weak", u->refusal);
                return reply_faults(request);
        }
        json_t *indexes = identity_indexes(request->service->keyring, u->name, u->birth, u->email);
        /* The birth date is matched with the name by which somebody was invited too: they may have given another. */
        json_t *others = identity_indexes(request->service->keyring, u->invited, u->birth, NULL);
        json_array_extend(indexes, others);
        json_decref(others);
        request_call(request, "account/token_use");
        request_value(request, "hash", u->hash);
        request_value(request, "purpose", u->purpose);
        request_value(request, "password", u->password);
        request_value(request, "name", u->name);
        request_value(request, "birth_date", u->birth);
        request_value_json(request, "indexes", indexes);
        json_decref(indexes);
        return STEP_DATABASE;
}

static enum step_result use_finish(struct request *request) {
        switch (request->stage) {
        case 1: return after_look_up(request);
        case 2: return after_hash(request);
        }
        if (request->is_form && strcmp(request->step.outcome, "ok") == 0)
                return reply_see_other(request, "/sign-in?done=password");
        return strcmp(request->step.outcome, "absent") == 0 ? gone(request) : reply_outcome(request);
}

enum step_result invitation_use_finish(struct request *request) {
        return use_finish(request);
}

enum step_result password_token_use_finish(struct request *request) {
        return use_finish(request);
}
