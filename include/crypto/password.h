/* Passwords: argon2id (RFC 9106) with m = 19456 KiB, t = 2, p = 1, and the rules for choosing one.
 *
 * One hash takes about a tenth of a second and 19 MiB, so the number under way at once is bounded; callers wait their
 * turn and belong on a worker lane. The memory is mapped for one hash and handed back after it.
 *
 * A password is UTF-8 and is hashed as it was typed. The rules follow the NCSC: length instead of kinds of characters,
 * and none that is easily guessed.
 */
#ifndef CRYPTO_PASSWORD_H
#define CRYPTO_PASSWORD_H

#include <stdbool.h>

#include "base/macro.h"

enum { PASSWORD_MIN = 12, PASSWORD_MAX = 128 /* characters */, PASSWORD_HASH = 128 /* bytes of PHC text and NUL */ };

/* How many hashes may be under way at once, at least 1; 2 unless set. For start-up. */
void password_set_concurrency(unsigned n);

/* Returns 0 with a PHC string ($argon2id$v=19$...); -EINVAL when the length is outside PASSWORD_MIN..PASSWORD_MAX or
 * the text is not UTF-8; -ENOMEM when the memory could not be mapped. */
int password_hash(const char *password, char ret_hash[static PASSWORD_HASH]) _must_check_;

/* Returns 1 when the password is the one that was hashed, 0 when not; -EBADMSG when `hash` is no PHC string of
 * argon2id within the bounds that we accept (m up to 256 MiB, t up to 16, p up to 4), -ENOMEM.
 * Give NULL for `hash` when there is no such account: the answer is 0 after the same work. `ret_needs_rehash`, which
 * may be NULL, is set on a match: true when the hash was made with other parameters than today's. */
int password_verify(const char *hash, const char *password, bool *ret_needs_rehash) _must_check_;

enum password_fault {
        PASSWORD_NOT_TEXT = 1, /* invalid UTF-8 */
        PASSWORD_TOO_SHORT,
        PASSWORD_TOO_LONG,
        PASSWORD_ONE_CHARACTER, /* the same one over and over */
        PASSWORD_HAS_NAME,      /* contains a part of the person's name or of the e-mail address before its @ */
        PASSWORD_COMMON,
};

/* Whether somebody may choose this password: 0, or a password_fault with a sentence for the form in `ret_reason`,
 * which is static. `email` and `name` may be NULL. Parts of fewer than four letters are not looked for. */
int password_check(const char *password, const char *email, const char *name, const char **ret_reason) _must_check_;

#endif
