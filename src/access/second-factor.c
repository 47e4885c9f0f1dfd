/* Setting up the second factor. Until the first code has been right nothing is stored: the secret rides sealed in the form. */
#include <string.h>
#include <time.h>

#include "crypto/seal.h"
#include "crypto/totp.h"
#include "internal.h"

#define ISSUER "Upstander"

/* "<wrapped data key> <sealed secret>": the key is the account's own, so that erasing one account leaves the others. */
const char *second_factor_seal(struct request *request, const char *account, const char *secret) {
        _cleanup_(data_key_erase) struct data_key key = { 0 };
        _cleanup_free_ char *wrapped = NULL;
        _cleanup_buffer_ struct buffer out = { 0 };
        const char *plain = arena_format(request->arena, "\"%s\"", secret);

        if (seal_data_key_new(request->service->keyring, account, &key, &wrapped) != 0)
                return NULL;
        buffer_append_format(&out, "%s ", wrapped);
        if (seal_value(&key, "second_factor", "secret", account, plain, strlen(plain), &out) != 0)
                return NULL;
        return arena_copy(request->arena, out.data, out.size);
}

int second_factor_open(const struct keyring *keyring, const char *account, const char *sealed, struct buffer *out) {
        _cleanup_(data_key_erase) struct data_key key = { 0 };
        const char *space = sealed ? strchr(sealed, ' ') : NULL;
        if (!space)
                return -1;
        _cleanup_free_ char *wrapped = memory_copy_string(sealed);
        wrapped[space - sealed] = '\0';
        if (seal_data_key_unwrap(keyring, account, wrapped, &key) != 0 ||
            seal_open(&key, "second_factor", "secret", account, space + 1, out) != 0 || out->size < 2)
                return -1;
        /* A JSON string of base32, so the text is what stands between the quotes. */
        memmove(out->data, out->data + 1, out->size - 2);
        out->size -= 2;
        out->data[out->size] = '\0';
        return 0;
}

/* Good for this session alone. */
static const char *purpose(struct request *request) {
        return arena_format(request->arena, "second_factor|%.64s", request->session_hash ? request->session_hash : "");
}

static const char *secret_of(struct request *request, const char *setup) {
        json_t *object = open_object(request, purpose(request), setup);
        const char *secret = keep_text(request, object, "secret");
        json_decref(object);
        return secret;
}

/* Puts a fresh secret into the resource, or the one that somebody is already looking at when their code was wrong. */
static enum step_result offer(struct request *request, json_t *resource) {
        const char *email = json_string_value(json_object_get(resource, "email"));
        const char *setup = json_string_value(json_object_get(request->given, "setup"));
        const char *secret = request->refused && setup ? secret_of(request, setup) : NULL;
        _cleanup_buffer_ struct buffer uri = { 0 }, svg = { 0 };
        char fresh[TOTP_SECRET];

        if (!secret) {
                totp_secret_new(fresh);
                secret = fresh;
        }
        json_t *object = json_pack("{s:s}", "secret", secret);
        setup = seal_object(request, purpose(request), object, SETUP_SECONDS);
        json_decref(object);
        totp_uri(secret, ISSUER, email ? email : "", &uri);
        if (!setup || totp_qr_svg(uri.data, "QR code for your authenticator app", &svg) != 0)
                return STEP_FAULT;
        json_object_set_new(resource, "setup", json_string(setup));
        json_object_set_new(resource, "secret", json_string(secret));
        json_object_set_new(resource, "uri", json_string(uri.data));
        if (!request->is_api) {
                json_object_set_new(resource, "qr_svg", json_string(svg.data));
                bind_form(request, resource, "second-factor", NULL);
        }
        return STEP_REPLY;
}

enum step_result second_factor_show(struct request *request) {
        if (strcmp(request->step.outcome, "ok") != 0)
                return reply_outcome(request);
        json_t *resource = request_resource(request);
        enum step_result result = STEP_REPLY;
        if (!json_is_true(json_object_get(resource, "enrolled")))
                result = offer(request, resource);
        if (result == STEP_REPLY)
                result = request->is_api ? reply_json(request, 200, resource)
                                         : reply_page(request, 200, "account/second-factor", resource);
        json_decref(resource);
        return result;
}

struct enrolment {
        char codes[RECOVERY_CODES][RECOVERY_CODE_TEXT];
};

enum step_result second_factor_prepare(struct request *request) {
        request->state = arena_alloc(request->arena, sizeof(struct enrolment));
        request_call(request, "account/second_factor");
        return STEP_DATABASE;
}

static enum step_result check_first_code(struct request *request) {
        struct enrolment *e = request->state;
        const char *secret = secret_of(request, request_text(request, "setup"));
        char hash[SHA256_HEX];
        int64_t step;

        if (!secret) {
                fault_add(request->faults, "/setup", "expired", "That took longer than half an hour. Scan the new picture");
                return reply_faults(request);
        }
        if (totp_check(secret, request_text(request, "code"), time(NULL), &step) != 0) {
                fault_add(request->faults, "/code", "wrong", "This code is not right. Check that the phone shows the right time");
                return reply_faults(request);
        }
        json_t *body = request_resource(request), *recovery = json_array();
        const char *account = keep_text(request, body, "account");
        json_decref(body);
        recovery_codes_new(e->codes);
        for (size_t i = 0; i < RECOVERY_CODES; i++)
                if (recovery_code_hash(request->service->keyring, account, e->codes[i], hash) == 0)
                        json_array_append_new(recovery, json_string(hash));
        request_call(request, "account/second_factor_set");
        request_value(request, "secret", second_factor_seal(request, account, secret));
        request_value(request, "step", arena_format(request->arena, "%lld", (long long) step));
        request_value_json(request, "recovery", recovery);
        json_decref(recovery);
        return STEP_DATABASE;
}

enum step_result second_factor_finish(struct request *request) {
        struct enrolment *e = request->state;
        if (strcmp(request->step.outcome, "ok") != 0)
                return reply_outcome(request);
        if (request->stage == 1)
                return check_first_code(request);
        json_t *codes = json_array(), *resource = json_pack("{s:o}", "recovery_codes", codes);
        for (size_t i = 0; i < RECOVERY_CODES; i++)
                json_array_append_new(codes, json_string(e->codes[i]));
        memory_erase(e, sizeof(*e));
        enum step_result result = request->is_api ? reply_json(request, 201, resource)
                                                  : reply_page(request, 200, "account/recovery-codes", resource);
        json_decref(resource);
        return result;
}
