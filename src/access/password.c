/* Changing one's password, and asking for a way back in when it is forgotten. */
#include <string.h>

#include "crypto/password.h"
#include "internal.h"

struct change {
        const char *current, *chosen;           /* as given */
        const char *stored, *attempts, *name, *email;
        bool is_right;
        const char *refusal;
        char hash[PASSWORD_HASH];
};

const char *password_refusal(const char *password, const char *email, const char *name) {
        const char *reason = NULL;
        if (password_check(password, email, name, &reason) != 0)
                return reason;
        return strcmp(password, DEMONSTRATION_PASSWORD) == 0 ? "Choose a password that is harder to guess" : NULL;
}

enum step_result password_prepare(struct request *request) {
        struct change *c = request->state = arena_alloc(request->arena, sizeof(*c));
        c->current = request_text(request, "current");
        c->chosen = request_text(request, "password");
        request_call(request, "account/password_begin");
        request_value(request, "address", digest_address(request));
        return STEP_DATABASE;
}

/* On a worker: two hashes. */
static void compare_and_hash(struct request *request) {
        struct change *c = request->state;
        c->is_right = password_verify(c->stored, c->current, NULL) == 1;
        if (!c->is_right)
                return;
        c->refusal = password_refusal(c->chosen, c->email, c->name);
        if (!c->refusal && strcmp(c->current, c->chosen) == 0)
                c->refusal = "Choose a password that you have not been using";
        if (!c->refusal && password_hash(c->chosen, c->hash) != 0)
                c->refusal = "This password cannot be used";
}

static enum step_result after_begin(struct request *request) {
        struct change *c = request->state;
        if (strcmp(request->step.outcome, "ok") != 0)
                return reply_outcome(request);
        json_t *body = request_resource(request);
        c->stored = keep_text(request, body, "password");
        c->name = keep_text(request, body, "name");
        c->email = keep_text(request, body, "email");
        c->attempts = keep_json(request, body, "attempts");
        json_decref(body);
        request->work = compare_and_hash;
        return STEP_WORK;
}

static enum step_result after_compare(struct request *request) {
        struct change *c = request->state;
        if (!c->is_right) {
                fault_add(request->faults, "/current", "wrong", "This is not your current password");
                return reply_faults(request);
        }
        request_call(request, c->refusal ? "session/half" : "account/password_set");
        request_value(request, "attempts", c->attempts);
        if (!c->refusal) {
                request_value(request, "present", c->stored);
                request_value(request, "password", c->hash);
        }
        return STEP_DATABASE;
}

enum step_result password_finish(struct request *request) {
        const struct change *c = request->state;
        switch (request->stage) {
        case 1: return after_begin(request);
        case 2: return after_compare(request);
        }
        if (!c->refusal)
                return reply_outcome(request);
        fault_add(request->faults, "/password", "weak", c->refusal);
        return reply_faults(request);
}

void password_decorate(struct request *request, json_t *resource) {
        bind_form(request, resource, "password", NULL);
}

/* The same work and the same answer for an address that nobody has. */
enum step_result reset_prepare(struct request *request) {
        char text[TOKEN_TEXT], hash[SHA256_HEX];
        token_new(request->service->keyring, TOKEN_RESET, text, hash);
        json_t *object = json_pack("{s:s}", "token", text);
        request_call(request, "account/reset_ask");
        request_value(request, "email", request_text(request, "email"));
        request_value(request, "address", digest_address(request));
        request_value(request, "token", arena_string(request->arena, hash));
        request_value(request, "sealed", seal_object(request, "outbox_token", object, RESET_SECONDS));
        json_decref(object);
        return STEP_DATABASE;
}

enum step_result reset_finish(struct request *request) {
        if (strcmp(request->step.outcome, "ok") != 0)
                return reply_outcome(request);
        if (request->is_form)
                return reply_see_other(request, "/sign-in?done=reset");
        json_t *body = json_pack("{s:b}", "asked", 1);
        enum step_result result = reply_json(request, 202, body);
        json_decref(body);
        return result;
}

void reset_decorate(struct request *request, json_t *resource) {
        bind_form(request, resource, "reset", NULL);
}
