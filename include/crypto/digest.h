/* Digests and the text forms of bytes: SHA-256, HMAC-SHA-256, hex, base64url, and comparison in constant time.
 *
 * Base64url here is RFC 4648 section 5 without padding, read strictly: one text for one run of bytes, so that a token
 * or an envelope cannot be given a second spelling.
 */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

enum {
        SHA256_SIZE = 32,
        SHA256_HEX = 2 * SHA256_SIZE + 1, /* with the NUL */
};

void digest_sha256(const void *data, size_t size, unsigned char ret_digest[static SHA256_SIZE]);
/* Lower case. */
void digest_sha256_hex(const void *data, size_t size, char ret_hex[static SHA256_HEX]);
void digest_hmac_sha256(const void *key, size_t key_size, const void *data, size_t size,
                        unsigned char ret_mac[static SHA256_SIZE]);

/* Whether two runs of bytes are the same, in a time that tells nothing about where they differ. */
bool digest_equal(const void *a, const void *b, size_t size);

/* Writes 2 * size lower-case digits and a NUL. */
void hex_encode(const void *data, size_t size, char *ret_hex);
/* Reads exactly `size` bytes from 2 * size digits of either case that end the string; false, having written nothing
 * of use, otherwise. */
bool hex_decode(const char *hex, size_t size, void *ret_data);

/* Characters that base64url needs for `size` bytes, without a NUL. */
#define BASE64URL_LENGTH(size) (((size) * 4 + 2) / 3)
/* Writes BASE64URL_LENGTH(size) characters and a NUL. */
void base64url_encode(const void *data, size_t size, char *ret_text);
void base64url_append(struct buffer *buffer, const void *data, size_t size);
/* Reads `size` characters into `ret_data`, which has room for `room` bytes. Returns 0, or -EBADMSG for a character,
 * length or unused bit that the encoder would not have written, -E2BIG when the room is too small. */
int base64url_decode(const char *text, size_t size, void *ret_data, size_t room, size_t *ret_size) _must_check_;

#endif
