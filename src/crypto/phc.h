/* The text form of an argon2id hash: $argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>, base64 without padding. */
#ifndef CRYPTO_PHC_H
#define CRYPTO_PHC_H

#include <stdint.h>

#include "crypto/password.h"

enum { PHC_SALT = 16, PHC_HASH = 32 };

struct phc {
        uint32_t memory, passes, lanes; /* memory in KiB */
        unsigned char salt[PHC_SALT], hash[PHC_HASH];
};

void phc_write(const struct phc *phc, char ret_text[static PASSWORD_HASH]);
/* Returns 0, or -EBADMSG for any other text, version, size of salt or hash, or a cost outside what password.h says. */
int phc_read(const char *text, struct phc *ret_phc) _must_check_;

#endif
