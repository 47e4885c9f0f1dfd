/* AES-256-GCM as this room uses it: a random 96-bit nonce in front, a 128-bit tag behind. */
#ifndef CRYPTO_AEAD_H
#define CRYPTO_AEAD_H

#include <stddef.h>

#include "base/macro.h"

enum { AEAD_KEY = 32, AEAD_NONCE = 12, AEAD_TAG = 16, AEAD_OVERHEAD = AEAD_NONCE + AEAD_TAG };

/* Writes size + AEAD_OVERHEAD bytes: nonce, ciphertext, tag. At most INT_MAX bytes. */
void aead_seal(const unsigned char key[static AEAD_KEY], const char *aad, size_t aad_size, const void *plain,
               size_t size, unsigned char *ret_sealed);
/* Writes size - AEAD_OVERHEAD bytes, which must not overlap `sealed`. Returns 0, or -EBADMSG having written nothing
 * that may be used. */
int aead_open(const unsigned char key[static AEAD_KEY], const char *aad, size_t aad_size, const unsigned char *sealed,
              size_t size, unsigned char *ret_plain) _must_check_;

#endif
