/* Signing in: the database says what is stored and counts the try, a worker compares the password, the database starts the
 * session. Every refusal is the same answer after the same work, whether or not there is such an account. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "crypto/password.h"
#include "crypto/totp.h"
#include "internal.h"

#define TICKET_PURPOSE "sign_in_ticket"

struct sign_in {
        const char *email, *password, *code, *recovery_code; /* as given; password NULL with a ticket */
        const char *ticket_account, *ticket_password;        /* of a ticket: the account, digest of its stored password */
        const char *next, *held;

        const char *account, *stored, *secret, *attempts;    /* as the database has them */
        bool demonstration;

        const char *why;       /* of a refusal, for the trail; NULL when all is right */
        bool code_missing;     /* the password is right, and the second factor is still to come */
        int64_t step;          /* of the code that was right; 0 without */
        char recovery[SHA256_HEX], rehash[PASSWORD_HASH];
        char token[TOKEN_TEXT], hash[SHA256_HEX];
};

static const char *number(struct request *request, int64_t n) {
        return arena_format(request->arena, "%lld", (long long) n);
}

/* The form belongs to this browser: it had our page, with this cookie, before. Otherwise somebody could sign others in to an
 * account of theirs and read what they write. */
static bool form_is_ours(const struct request *request) {
        const struct keyring *keyring = request->service->keyring;
        const char *token = request_text(request, "form_token");
        return token && ((request->device_hash && csrf_check(keyring, request->device_hash, token) == 0) ||
                         (request->session_hash && csrf_check(keyring, request->session_hash, token) == 0));
}

static enum step_result begin(struct request *request) {
        const struct sign_in *s = request->state;
        request_call(request, "session/begin");
        request_value(request, "email", s->email);
        request_value(request, "bucket", digest_email(request, s->email));
        request_value(request, "device", request->device_hash);
        request_value(request, "address", digest_address(request));
        return STEP_DATABASE;
}

enum step_result sign_in_prepare(struct request *request) {
        struct sign_in *s = request->state = arena_alloc(request->arena, sizeof(*s));
        s->email = request_text(request, "email");
        s->password = request_text(request, "password");
        s->code = request_text(request, "totp");
        s->recovery_code = request_text(request, "recovery_code");
        s->next = request_text(request, "next");
        s->held = request_text(request, "held");
        if (request->is_form && !form_is_ours(request)) {
                fault_add(request->faults, "", "form_expired", "This page had been open for too long. Enter your password again");
                return reply_faults(request);
        }
        return begin(request);
}

/* The second page of the form: the password was right a moment ago. */
enum step_result sign_in_code_prepare(struct request *request) {
        struct sign_in *s = request->state = arena_alloc(request->arena, sizeof(*s));
        json_t *ticket = open_object(request, TICKET_PURPOSE, request_text(request, "ticket"));
        s->ticket_account = keep_text(request, ticket, "account");
        s->ticket_password = keep_text(request, ticket, "password");
        s->email = keep_text(request, ticket, "email");
        json_decref(ticket);
        s->next = request_text(request, "next");
        s->held = request_text(request, "held");
        if (!s->ticket_account || !s->ticket_password || !s->email)
                return reply_see_other(request, "/sign-in?done=again");
        /* Six digits are a code; a recovery code is longer and has letters. */
        const char *code = request_text(request, "code");
        if (strlen(code) < 10)
                s->code = code;
        else
                s->recovery_code = code;
        return begin(request);
}

/* A code is checked against the sealed secret, a recovery code by its digest; that each is good once is the database's. */
static const char *check_second_factor(struct request *request) {
        struct sign_in *s = request->state;
        const struct keyring *keyring = request->service->keyring;
        _cleanup_buffer_ struct buffer secret = { 0 };
        const char *why = "second_factor";

        if (s->recovery_code)
                return recovery_code_hash(keyring, s->account, s->recovery_code, s->recovery) == 0 ? NULL : why;
        if (second_factor_open(keyring, s->account, s->secret, &secret) != 0)
                return "second_factor_unreadable";
        if (totp_check(secret.data, s->code, time(NULL), &s->step) == 0)
                why = NULL;
        memory_erase(secret.data, secret.size);
        return why;
}

static void stored_digest(const char *stored, char ret_hex[static SHA256_HEX]) {
        digest_sha256_hex(stored, strlen(stored), ret_hex);
}

static const char *check_ticket(const struct sign_in *s) {
        char hex[SHA256_HEX];
        if (!s->account || !s->stored || strcmp(s->account, s->ticket_account) != 0)
                return "ticket";
        stored_digest(s->stored, hex);
        return strcmp(hex, s->ticket_password) == 0 ? NULL : "ticket";
}

static const char *check_password(struct sign_in *s) {
        bool needs_rehash = false;
        if (password_verify(s->stored, s->password, &needs_rehash) != 1)
                return "password";
        if (!s->demonstration && strcmp(s->password, DEMONSTRATION_PASSWORD) == 0)
                return "demonstration_password";
        if (needs_rehash && password_hash(s->password, s->rehash) != 0)
                s->rehash[0] = '\0';
        return NULL;
}

/* On a worker: comparing takes a tenth of a second. */
static void compare(struct request *request) {
        struct sign_in *s = request->state;
        s->why = s->password ? check_password(s) : check_ticket(s);
        if (s->why || !s->secret)
                return;
        if (s->code || s->recovery_code)
                s->why = check_second_factor(request);
        else
                s->code_missing = true;
}

static enum step_result after_begin(struct request *request) {
        struct sign_in *s = request->state;
        if (strcmp(request->step.outcome, "ok") != 0)
                return reply_outcome(request);
        json_t *body = request_resource(request);
        s->account = keep_text(request, body, "account");
        s->stored = keep_text(request, body, "password");
        s->secret = keep_text(request, body, "secret");
        s->attempts = keep_json(request, body, "attempts");
        s->demonstration = json_is_true(json_object_get(body, "demonstration"));
        json_decref(body);
        request->work = compare;
        return STEP_WORK;
}

static enum step_result after_compare(struct request *request) {
        struct sign_in *s = request->state;
        if (s->why) {
                request_call(request, "session/refuse");
                request_value(request, "account", s->account);
                request_value(request, "why", s->why);
                return STEP_DATABASE;
        }
        if (s->code_missing) {
                request_call(request, "session/half");
                request_value(request, "attempts", s->attempts);
                return STEP_DATABASE;
        }
        token_new(request->service->keyring, request->is_api ? TOKEN_BEARER : TOKEN_COOKIE, s->token, s->hash);
        struct held held;
        const char *held_session = NULL;
        if (s->held && request_open_held(request, s->held, &held) == 0) {
                held_session = held.session_hash;
                json_decref(held.given);
        }
        request_call(request, "session/start");
        request_value(request, "account", s->account);
        request_value(request, "attempts", s->attempts);
        request_value(request, "hash", s->hash);
        request_value(request, "kind", request->is_api ? "BEARER" : "COOKIE");
        request_value(request, "hours", number(request, settings_integer(request->service->settings, SETTING_SESSION_ABSOLUTE)));
        request_value(request, "device", request->device_hash);
        request_value(request, "about", device_describe(request));
        request_value(request, "step", s->step ? number(request, s->step) : NULL);
        request_value(request, "recovery", *s->recovery ? s->recovery : NULL);
        request_value(request, "rehash", *s->rehash ? s->rehash : NULL);
        request_value(request, "held", held_session);
        return STEP_DATABASE;
}

static enum step_result refuse(struct request *request) {
        const struct sign_in *s = request->state;
        if (!request->is_form)
                return reply_problem(request, "sign_in_refused");
        if (s->ticket_account)
                fault_add(request->faults, "/code", "wrong", "This code is not right, or has been used. Wait for the next one");
        else
                fault_add(request->faults, "/email", "wrong", "The email address or password is not right");
        return reply_faults(request);
}

static enum step_result ask_for_code(struct request *request) {
        const struct sign_in *s = request->state;
        char hex[SHA256_HEX];
        if (!request->is_form)
                return reply_problem(request, "second_factor");
        stored_digest(s->stored, hex);
        json_t *ticket = json_pack("{s:s, s:s, s:s}", "account", s->account, "email", s->email, "password", hex);
        const char *sealed = seal_object(request, TICKET_PURPOSE, ticket, TICKET_SECONDS);
        json_decref(ticket);
        if (!sealed)
                return STEP_FAULT;
        json_t *resource = json_pack("{s:s, s:s?, s:s?}", "ticket", sealed, "next", s->next, "held", s->held);
        sign_in_code_decorate(request, resource);
        enum step_result result = reply_page(request, 200, "access/sign-in-code", resource);
        json_decref(resource);
        return result;
}

static enum step_result welcome(struct request *request) {
        const struct sign_in *s = request->state;
        enum step_result result;
        json_t *body = request_resource(request);
        if (!body)
                return STEP_FAULT;
        if (request->is_form) {
                bool mine = json_is_true(json_object_get(body, "held_is_mine"));
                reply_cookie(request, COOKIE_SESSION, s->token, 0);
                result = s->held && *s->held ? held_page(request, s->held, s->hash, mine)
                                             : reply_see_other(request, safe_path(s->next));
        } else {
                json_object_del(body, "held_is_mine");
                json_object_set_new(body, "token", json_string(s->token));
                result = reply_json(request, 201, body);
        }
        json_decref(body);
        return result;
}

enum step_result sign_in_finish(struct request *request) {
        const struct sign_in *s = request->state;
        switch (request->stage) {
        case 1: return after_begin(request);
        case 2: return after_compare(request);
        }
        if (s->why || strcmp(request->step.outcome, "absent") == 0)
                return refuse(request);
        if (strcmp(request->step.outcome, "ok") != 0 && strcmp(request->step.outcome, "created") != 0)
                return reply_outcome(request);
        return s->code_missing ? ask_for_code(request) : welcome(request);
}
