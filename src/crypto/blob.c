#include <errno.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "aead.h"
#include "base/memory.h"
#include "crypto/token.h"

/* A blob is `b1.<token key id>.<base64url of expiry (8 bytes, big-endian), nonce, ciphertext, tag>`; a cursor is
 * base64url of MAC and payload. */
enum {
        EXPIRY = 8,
        CURSOR_MAC = 16,
        BLOB_AAD = 8 + TOKEN_PURPOSE_MAX + KEYRING_ID + 2 * EXPIRY + 4,
        BLOB_BYTES_MAX = EXPIRY + AEAD_OVERHEAD + TOKEN_BLOB_MAX,
};

/* A key of its own for each purpose, so that no key of the ring is ever used with two algorithms. */
static void derive_key(const struct keyring_key *key, const char *purpose, unsigned char ret_key[static SHA256_SIZE]) {
        char message[8 + TOKEN_PURPOSE_MAX + 1];
        int size = snprintf(message, sizeof message, "blobkey/%s", purpose);
        digest_hmac_sha256(key->key, sizeof key->key, message, (size_t) size, ret_key);
}

/* The purpose comes last because it may hold bars. */
static size_t blob_aad(char ret_aad[static BLOB_AAD], const char *key_id, const unsigned char expiry[static EXPIRY],
                       const char *purpose) {
        char hex[2 * EXPIRY + 1];
        hex_encode(expiry, EXPIRY, hex);
        return (size_t) snprintf(ret_aad, BLOB_AAD, "blob|%s|%s|%s", key_id, hex, purpose);
}

int token_blob_seal(const struct keyring *keyring, const char *purpose, const void *data, size_t size,
                    time_t expires_at, struct buffer *out) {
        if (size > TOKEN_BLOB_MAX || strnlen(purpose, TOKEN_PURPOSE_MAX + 1) > TOKEN_PURPOSE_MAX)
                return -E2BIG;
        const struct keyring_key *key = keyring_current(keyring, KEYRING_TOKEN);
        size_t total = EXPIRY + AEAD_OVERHEAD + size;
        _cleanup_free_ unsigned char *bytes = memory_new(1, total);
        unsigned char derived[SHA256_SIZE];
        char aad[BLOB_AAD];

        for (int i = 0; i < EXPIRY; i++)
                bytes[i] = (unsigned char) ((uint64_t) expires_at >> (56 - 8 * i));
        derive_key(key, purpose, derived);
        aead_seal(derived, aad, blob_aad(aad, key->id, bytes, purpose), data, size, bytes + EXPIRY);
        memory_erase(derived, sizeof derived);
        buffer_append_format(out, "b1.%s.", key->id);
        base64url_append(out, bytes, total);
        return 0;
}

static time_t expiry_of(const unsigned char bytes[static EXPIRY]) {
        uint64_t seconds = 0;
        for (int i = 0; i < EXPIRY; i++)
                seconds = seconds << 8 | bytes[i];
        return (time_t) seconds;
}

int token_blob_open(const struct keyring *keyring, const char *purpose, const char *text, time_t now,
                    struct buffer *out) {
        if (!text || strncmp(text, "b1.", 3) != 0 || strnlen(purpose, TOKEN_PURPOSE_MAX + 1) > TOKEN_PURPOSE_MAX)
                return TOKEN_FORGED;
        const char *id = text + 3, *dot = memchr(id, '.', strnlen(id, KEYRING_ID));
        const struct keyring_key *key = dot ? keyring_find(keyring, KEYRING_TOKEN, id, (size_t) (dot - id)) : NULL;
        size_t length = key ? strlen(dot + 1) : 0, size;
        if (!key || length > BASE64URL_LENGTH(BLOB_BYTES_MAX))
                return TOKEN_FORGED;

        size_t room = length / 4 * 3 + 3;
        _cleanup_free_ unsigned char *bytes = memory_new(1, room);
        if (base64url_decode(dot + 1, length, bytes, room, &size) < 0 || size < EXPIRY + AEAD_OVERHEAD)
                return TOKEN_FORGED;
        size_t plain_size = size - EXPIRY - AEAD_OVERHEAD;
        _cleanup_free_ unsigned char *plain = memory_new(1, plain_size);
        unsigned char derived[SHA256_SIZE];
        char aad[BLOB_AAD];
        derive_key(key, purpose, derived);
        int r = aead_open(derived, aad, blob_aad(aad, key->id, bytes, purpose), bytes + EXPIRY, size - EXPIRY, plain);
        memory_erase(derived, sizeof derived);
        if (r < 0)
                return TOKEN_FORGED;
        /* Only now is the expiry known to be ours. */
        bool expired = now >= expiry_of(bytes);
        if (!expired)
                buffer_append(out, plain, plain_size);
        memory_erase(plain, plain_size);
        return expired ? TOKEN_EXPIRED : 0;
}

/* The purpose is digested first: a fixed length in front of the payload. */
static void cursor_mac(const struct keyring_key *key, const char *purpose, const void *payload, size_t size,
                       unsigned char ret_mac[static SHA256_SIZE]) {
        unsigned char message[7 + SHA256_SIZE + CURSOR_MAX] = "cursor/";
        digest_sha256(purpose, strlen(purpose), message + 7);
        if (size)
                memcpy(message + 7 + SHA256_SIZE, payload, size);
        digest_hmac_sha256(key->key, sizeof key->key, message, 7 + SHA256_SIZE + size, ret_mac);
}

int cursor_sign(const struct keyring *keyring, const char *purpose, const void *payload, size_t size,
                struct buffer *out) {
        unsigned char bytes[SHA256_SIZE + CURSOR_MAX];
        if (size > CURSOR_MAX)
                return -E2BIG;
        cursor_mac(keyring_current(keyring, KEYRING_TOKEN), purpose, payload, size, bytes);
        if (size)
                memcpy(bytes + CURSOR_MAC, payload, size);
        base64url_append(out, bytes, CURSOR_MAC + size);
        return 0;
}

int cursor_check(const struct keyring *keyring, const char *purpose, const char *text, struct buffer *out) {
        unsigned char bytes[CURSOR_MAC + CURSOR_MAX], mac[SHA256_SIZE];
        size_t size;
        if (!text || base64url_decode(text, strnlen(text, 2 * sizeof bytes), bytes, sizeof bytes, &size) < 0 ||
            size < CURSOR_MAC)
                return TOKEN_FORGED;
        bool good = false;
        for (size_t n = 0; n < keyring_count(keyring, KEYRING_TOKEN); n++) {
                cursor_mac(keyring_at(keyring, KEYRING_TOKEN, n), purpose, bytes + CURSOR_MAC, size - CURSOR_MAC, mac);
                good |= digest_equal(mac, bytes, CURSOR_MAC);
        }
        if (!good)
                return TOKEN_FORGED;
        buffer_append(out, bytes + CURSOR_MAC, size - CURSOR_MAC);
        return 0;
}
