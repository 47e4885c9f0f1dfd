/* Keyed digests of what identifies people, and small sealed things that the browser holds for us. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "crypto/index.h"
#include "internal.h"

static const char *digest(struct request *request, const char *label, const char *text) {
        const struct keyring_key *key = keyring_at(request->service->keyring, KEYRING_INDEX, 0);
        _cleanup_buffer_ struct buffer message = { 0 };
        unsigned char mac[SHA256_SIZE];
        char hex[SHA256_HEX];

        buffer_append_format(&message, "%s\n%s", label, text);
        digest_hmac_sha256(key->key, sizeof(key->key), message.data, message.size, mac);
        hex_encode(mac, sizeof(mac), hex);
        return arena_string(request->arena, hex);
}

const char *digest_address(struct request *request) {
        return digest(request, "sign_in_address", request->address ? request->address : "");
}

const char *digest_email(struct request *request, const char *email) {
        char *lower = arena_string(request->arena, email);
        for (char *p = lower; *p; p++)
                if (*p >= 'A' && *p <= 'Z')
                        *p = (char) (*p - 'A' + 'a');
        return digest(request, "sign_in_email", lower);
}

static void add_index(json_t *indexes, const char *kind, int result, const char *value) {
        if (result == 0)
                json_array_append_new(indexes, json_pack("{s:s, s:s}", "kind", kind, "value", value));
}

json_t *identity_indexes(const struct keyring *keyring, const char *name, const char *birth, const char *email) {
        json_t *indexes = json_array();
        char value[INDEX_TEXT];
        add_index(indexes, "NAME", index_name(keyring, name, value), value);
        add_index(indexes, "NAME_ENDS", index_first_and_last_name(keyring, name, value), value);
        add_index(indexes, "NAME_ENDS", index_initial_and_last_name(keyring, name, value), value);
        add_index(indexes, "NAME_BIRTH", index_name_and_birth(keyring, name, birth, value), value);
        add_index(indexes, "EMAIL", index_email(keyring, email, value), value);
        return indexes;
}

const char *keep_text(struct request *request, const json_t *object, const char *member) {
        const char *text = json_string_value(json_object_get(object, member));
        return text ? arena_string(request->arena, text) : NULL;
}

const char *keep_json(struct request *request, const json_t *object, const char *member) {
        const json_t *value = json_object_get(object, member);
        _cleanup_free_ char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
        return text ? arena_string(request->arena, text) : NULL;
}

const char *seal_object(struct request *request, const char *purpose, const json_t *object, unsigned seconds) {
        _cleanup_free_ char *text = json_dumps(object, JSON_COMPACT);
        _cleanup_buffer_ struct buffer out = { 0 };
        if (!text || token_blob_seal(request->service->keyring, purpose, text, strlen(text), time(NULL) + seconds, &out) != 0)
                return NULL;
        memory_erase(text, strlen(text));
        return arena_copy(request->arena, out.data, out.size);
}

json_t *open_object(struct request *request, const char *purpose, const char *text) {
        _cleanup_buffer_ struct buffer out = { 0 };
        if (!text || token_blob_open(request->service->keyring, purpose, text, time(NULL), &out) != 0)
                return NULL;
        json_t *object = json_loadb(out.data, out.size, 0, NULL);
        memory_erase(out.data, out.size);
        return object;
}

const char *safe_path(const char *path) {
        if (!path || path[0] != '/' || path[1] == '/' || strchr(path, '\\'))
                return "/";
        for (const char *p = path; *p; p++)
                if ((unsigned char) *p <= 0x20 || *p == 0x7f)
                        return "/";
        return path;
}
