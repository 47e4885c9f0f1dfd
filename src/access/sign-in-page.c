/* The pages around signing in. */
#include <string.h>

#include "http/target.h"
#include "internal.h"

/* What a page says when it is the end of something else: /sign-in?done=... */
static const struct {
        const char *done, *text;
} notices[] = {
        { "out", "You have signed out." },
        { "password", "Your password is set. Sign in with it." },
        { "reset", "If there is an account with that email address, a message with a link is on its way to it. "
                   "The link can be used once, within an hour." },
        { "again", "That took longer than ten minutes. Start again." },
};

/* A hidden answer of the form, as it was given or as the page's own address has it. */
static void carry(struct request *request, json_t *resource, const char *name) {
        const char *value = json_string_value(json_object_get(request->given, name));
        if (!value)
                value = request_parameter(request, name);
        if (value && *value && !json_object_get(resource, name))
                json_object_set_new(resource, name, json_string(value));
}

void sign_in_decorate(struct request *request, json_t *resource) {
        const struct keyring *keyring = request->service->keyring;
        char text[TOKEN_TEXT], hash[SHA256_HEX], form_token[CSRF_TEXT];
        const char *device = request->device_hash, *done = request_parameter(request, "done");

        if (!device) {
                token_new(keyring, TOKEN_DEVICE, text, hash);
                reply_cookie(request, COOKIE_DEVICE, text, DEVICE_SECONDS);
                device = hash;
        }
        csrf_token(keyring, device, form_token);
        json_object_set_new(resource, "form_token", json_string(form_token));
        carry(request, resource, "next");
        carry(request, resource, "held");
        for (size_t i = 0; done && i < ELEMENTS(notices); i++)
                if (strcmp(notices[i].done, done) == 0)
                        json_object_set_new(resource, "notice", json_string(notices[i].text));
        bind_form(request, resource, "sign-in", NULL);
}

void sign_in_code_decorate(struct request *request, json_t *resource) {
        carry(request, resource, "ticket");
        carry(request, resource, "next");
        carry(request, resource, "held");
        bind_form(request, resource, "code", NULL);
}

enum step_result sign_out_finish(struct request *request) {
        if (request->is_api || strcmp(request->step.outcome, "ok") != 0)
                return reply_outcome(request);
        reply_cookie(request, COOKIE_SESSION, NULL, 0);
        return reply_see_other(request, "/sign-in?done=out");
}

static void add_answer(json_t *answers, const char *name, const char *value) {
        if (value)
                json_array_append_new(answers, json_pack("{s:s, s:s}", "name", name, "value", value));
}

enum step_result held_page(struct request *request, const char *held_text, const char *session_hash, bool is_mine) {
        struct held held;
        char csrf[CSRF_TEXT], key[UUID_TEXT];
        const char *name;
        json_t *value, *item, *answers = json_array(), *resource = json_pack("{s:o}", "answers", answers);
        size_t i;

        if (is_mine && request_open_held(request, held_text, &held) == 0) {
                csrf_token(request->service->keyring, session_hash, csrf);
                uuid_new(key);
                json_object_foreach(held.given, name, value) {
                        add_answer(answers, name, json_string_value(value));
                        json_array_foreach(value, i, item)
                                add_answer(answers, name, json_string_value(item));
                }
                json_object_set_new(resource, "kept", json_pack("{s:s, s:s, s:s, s:s}", "target", safe_path(held.target),
                                                                "query", held.query, "form_token", csrf, "form_key", key));
                json_decref(held.given);
        }
        enum step_result result = reply_page(request, 200, "session/held", resource);
        json_decref(resource);
        return result;
}
