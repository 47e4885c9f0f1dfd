#include "crypto/token.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "base/uuid.h"

enum {
        RANDOM = 24,
        MAC = 16, /* 2^-128 for each guess is plenty, and half the length of the whole */
        CSRF_NONCE = 16,
};
_Static_assert(TOKEN_TEXT == BASE64URL_LENGTH(RANDOM + MAC) + 1, "token text");
_Static_assert(CSRF_TEXT == BASE64URL_LENGTH(CSRF_NONCE + MAC) + 1, "CSRF text");

/* The label tells a token from a CSRF token, so that neither can be made to pass for the other. */
static void token_mac(const struct keyring_key *key, enum token_kind kind, const unsigned char random[static RANDOM],
                      unsigned char ret_mac[static SHA256_SIZE]) {
        unsigned char message[6 + 1 + RANDOM] = "token/";
        message[6] = (unsigned char) kind;
        memcpy(message + 7, random, RANDOM);
        digest_hmac_sha256(key->key, sizeof key->key, message, sizeof message, ret_mac);
}

void token_new(const struct keyring *keyring, enum token_kind kind, char ret_text[static TOKEN_TEXT],
               char ret_hash[static SHA256_HEX]) {
        unsigned char token[RANDOM + MAC], mac[SHA256_SIZE];
        random_bytes(token, RANDOM);
        token_mac(keyring_current(keyring, KEYRING_TOKEN), kind, token, mac);
        memcpy(token + RANDOM, mac, MAC);
        base64url_encode(token, sizeof token, ret_text);
        digest_sha256_hex(ret_text, TOKEN_TEXT - 1, ret_hash);
        memory_erase(token, sizeof token);
}

int token_check(const struct keyring *keyring, enum token_kind kind, const char *text,
                char ret_hash[static SHA256_HEX]) {
        unsigned char token[RANDOM + MAC], mac[SHA256_SIZE];
        size_t size, length = text ? strnlen(text, TOKEN_TEXT) : 0;
        if (length != TOKEN_TEXT - 1 || base64url_decode(text, length, token, sizeof token, &size) < 0)
                return TOKEN_FORGED;
        bool good = false;
        for (size_t n = 0; n < keyring_count(keyring, KEYRING_TOKEN); n++) {
                token_mac(keyring_at(keyring, KEYRING_TOKEN, n), kind, token, mac);
                good |= digest_equal(mac, token + RANDOM, MAC);
        }
        memory_erase(token, sizeof token);
        if (!good)
                return TOKEN_FORGED;
        digest_sha256_hex(text, length, ret_hash);
        return 0;
}

/* The nonce has a fixed length, so the session's text behind it can have any. */
static void csrf_mac(const struct keyring_key *key, const char *session_hash,
                     const unsigned char nonce[static CSRF_NONCE], unsigned char ret_mac[static SHA256_SIZE]) {
        unsigned char message[5 + CSRF_NONCE + SHA256_SIZE] = "csrf/";
        memcpy(message + 5, nonce, CSRF_NONCE);
        digest_sha256(session_hash, strlen(session_hash), message + 5 + CSRF_NONCE);
        digest_hmac_sha256(key->key, sizeof key->key, message, sizeof message, ret_mac);
}

void csrf_token(const struct keyring *keyring, const char *session_hash, char ret_text[static CSRF_TEXT]) {
        unsigned char token[CSRF_NONCE + MAC], mac[SHA256_SIZE];
        random_bytes(token, CSRF_NONCE);
        csrf_mac(keyring_current(keyring, KEYRING_TOKEN), session_hash, token, mac);
        memcpy(token + CSRF_NONCE, mac, MAC);
        base64url_encode(token, sizeof token, ret_text);
}

int csrf_check(const struct keyring *keyring, const char *session_hash, const char *text) {
        unsigned char token[CSRF_NONCE + MAC], mac[SHA256_SIZE];
        size_t size, length = text ? strnlen(text, CSRF_TEXT) : 0;
        if (length != CSRF_TEXT - 1 || base64url_decode(text, length, token, sizeof token, &size) < 0)
                return TOKEN_FORGED;
        bool good = false;
        for (size_t n = 0; n < keyring_count(keyring, KEYRING_TOKEN); n++) {
                csrf_mac(keyring_at(keyring, KEYRING_TOKEN, n), session_hash, token, mac);
                good |= digest_equal(mac, token + CSRF_NONCE, MAC);
        }
        return good ? 0 : TOKEN_FORGED;
}
