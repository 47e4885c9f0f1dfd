#include "crypto/digest.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

/* libcrypto fails at these only when it has no memory or no provider: neither is a state to go on from. */
static void must(bool done) {
        if (!done)
                abort();
}

static EVP_MD *sha256;
static EVP_MAC_CTX *hmac; /* over SHA-256, with no key: copied for each use */

__attribute__((constructor)) static void fetch_sha256(void) {
        /* Once, because looking an algorithm up costs more than hashing a token. */
        sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
        must(sha256);
        EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
        must(mac);
        char digest[] = "SHA256";
        const OSSL_PARAM parameters[] = {
                OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end(),
        };
        hmac = EVP_MAC_CTX_new(mac);
        must(hmac && EVP_MAC_CTX_set_params(hmac, parameters) == 1);
        EVP_MAC_free(mac);
}

void digest_sha256(const void *data, size_t size, unsigned char ret_digest[static SHA256_SIZE]) {
        must(EVP_Digest(data, size, ret_digest, NULL, sha256, NULL) == 1);
}

void digest_sha256_hex(const void *data, size_t size, char ret_hex[static SHA256_HEX]) {
        unsigned char digest[SHA256_SIZE];
        digest_sha256(data, size, digest);
        hex_encode(digest, sizeof digest, ret_hex);
}

void digest_hmac_sha256(const void *key, size_t key_size, const void *data, size_t size,
                        unsigned char ret_mac[static SHA256_SIZE]) {
        EVP_MAC_CTX *mac = EVP_MAC_CTX_dup(hmac);
        must(mac && EVP_MAC_init(mac, key, key_size, NULL) == 1 && EVP_MAC_update(mac, data, size) == 1 &&
             EVP_MAC_final(mac, ret_mac, NULL, SHA256_SIZE) == 1);
        EVP_MAC_CTX_free(mac);
}

bool digest_equal(const void *a, const void *b, size_t size) {
        return CRYPTO_memcmp(a, b, size) == 0;
}

void hex_encode(const void *data, size_t size, char *ret_hex) {
        static const char digits[] = "0123456789abcdef";
        const unsigned char *p = data;
        for (size_t i = 0; i < size; i++) {
                *ret_hex++ = digits[p[i] >> 4];
                *ret_hex++ = digits[p[i] & 15];
        }
        *ret_hex = '\0';
}

static int hex_value(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_decode(const char *hex, size_t size, void *ret_data) {
        unsigned char *out = ret_data;
        for (size_t i = 0; i < size; i++) {
                int high = hex_value(hex[2 * i]);
                int low = high < 0 ? -1 : hex_value(hex[2 * i + 1]);
                if (low < 0)
                        return false;
                out[i] = (unsigned char) (high << 4 | low);
        }
        return hex[2 * size] == '\0';
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void base64url_encode(const void *data, size_t size, char *ret_text) {
        const unsigned char *p = data;
        char *out = ret_text;
        for (; size >= 3; size -= 3, p += 3) {
                *out++ = alphabet[p[0] >> 2];
                *out++ = alphabet[(p[0] & 3) << 4 | p[1] >> 4];
                *out++ = alphabet[(p[1] & 15) << 2 | p[2] >> 6];
                *out++ = alphabet[p[2] & 63];
        }
        if (size) {
                *out++ = alphabet[p[0] >> 2];
                *out++ = alphabet[(p[0] & 3) << 4 | (size == 2 ? p[1] >> 4 : 0)];
                if (size == 2)
                        *out++ = alphabet[(p[1] & 15) << 2];
        }
        *out = '\0';
}

void base64url_append(struct buffer *buffer, const void *data, size_t size) {
        char text[1024 + 1];
        enum { PIECE = sizeof text / 4 * 3 };
        const unsigned char *p = data;
        while (size) {
                size_t piece = size < PIECE ? size : PIECE;
                base64url_encode(p, piece, text);
                buffer_append(buffer, text, BASE64URL_LENGTH(piece));
                p += piece;
                size -= piece;
        }
}

/* 1 to 64 for the characters of the alphabet, 0 for every other byte. */
static unsigned char values[256];

__attribute__((constructor)) static void fill_values(void) {
        for (unsigned i = 0; i < 64; i++)
                values[(unsigned char) alphabet[i]] = (unsigned char) (i + 1);
}

/* The 2 to 4 characters at `s` as 24 bits, or -1. */
static long group(const unsigned char *s, size_t n) {
        long bits = 0;
        for (size_t i = 0; i < 4; i++) {
                unsigned value = i < n ? values[s[i]] : 1;
                if (!value)
                        return -1;
                bits = bits << 6 | (long) (value - 1);
        }
        return bits;
}

int base64url_decode(const char *text, size_t size, void *ret_data, size_t room, size_t *ret_size) {
        const unsigned char *s = (const unsigned char *) text;
        unsigned char *out = ret_data;
        size_t rest = size % 4, length = size / 4 * 3 + (rest ? rest - 1 : 0);
        if (rest == 1)
                return -EBADMSG;
        if (length > room)
                return -E2BIG;
        for (; size >= 4; size -= 4, s += 4, out += 3) {
                long bits = group(s, 4);
                if (bits < 0)
                        return -EBADMSG;
                out[0] = (unsigned char) (bits >> 16);
                out[1] = (unsigned char) (bits >> 8);
                out[2] = (unsigned char) bits;
        }
        if (rest) {
                long bits = group(s, rest);
                /* The bits behind the last whole byte must be zero, as the encoder leaves them. */
                if (bits < 0 || bits & (rest == 2 ? 0xffff : 0xff))
                        return -EBADMSG;
                *out++ = (unsigned char) (bits >> 16);
                if (rest == 3)
                        *out++ = (unsigned char) (bits >> 8);
        }
        *ret_size = length;
        return 0;
}
