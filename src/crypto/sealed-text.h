/* What seal.c and splice.c share: the parts of the sealed text forms. */
#ifndef CRYPTO_SEALED_TEXT_H
#define CRYPTO_SEALED_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/uuid.h"
#include "crypto/seal.h"

enum {
        SEAL_NAME_MAX = 63, /* PostgreSQL's longest identifier */
        SEAL_AAD = 2 * (SEAL_NAME_MAX + 1) + UUID_TEXT + KEYRING_ID + 1,
};

bool seal_name_is_valid(const char *s, size_t size);
/* Writes the UUID in lower case; false when it is none. */
bool seal_uuid_fold(const char *s, size_t size, char ret_uuid[static UUID_TEXT]);

/* The additional data of a value. Returns 0, or -EINVAL. */
int seal_value_aad(const struct data_key *key, const char *table, const char *column, const char *row,
                   char ret_aad[static SEAL_AAD], size_t *ret_size) _must_check_;
/* Unwraps the `size` characters at `text` for `owner`, which is in lower case. */
int seal_unwrap(const struct keyring *keyring, const char *owner, const char *kek_id, size_t kek_id_size,
                const char *text, size_t size, struct data_key *ret_key) _must_check_;

#endif
