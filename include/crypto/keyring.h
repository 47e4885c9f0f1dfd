/* The site's secrets, held outside the database.
 *
 * A keyring is a text file of lines `kind id key`, the key being 32 random bytes in base64url; blank lines and lines
 * that begin with `#` are passed over:
 *
 *     seal  2025-03-7f3a  kZr...     key-encryption keys of sealed values; the last line is current, all can open
 *     token 2025-03-01c9  8Jw...     tokens, cookies, CSRF, cursors, blobs; the last line is current, all are accepted
 *     index 2025-03-b46e  Qx2...     blind indexes and recovery codes; exactly one, since what it made is in tables
 *
 * An id is 1 to 24 of a-z, 0-9 and hyphen, and stands in what was sealed: never reuse one. The keys lie in memory of
 * their own that is locked where the limits of the process allow it, left out of core dumps and erased on release.
 * A keyring does not change once loaded, so threads may share it.
 */
#ifndef CRYPTO_KEYRING_H
#define CRYPTO_KEYRING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

enum keyring_kind { KEYRING_SEAL, KEYRING_TOKEN, KEYRING_INDEX, KEYRING_KINDS };

enum { KEYRING_KEY_SIZE = 32, KEYRING_ID = 25, KEYRING_KEYS_MAX = 32, KEYRING_FILE_MAX = 16 * 1024 };

struct keyring_key {
        char id[KEYRING_ID];
        unsigned char key[KEYRING_KEY_SIZE];
};

/* Why a keyring was refused: a sentence for the operator that never holds any part of a key. */
struct keyring_fault {
        unsigned line; /* from 1; 0 when the fault is the file's as a whole */
        const char *reason;
};

struct keyring;

/* Each load returns 0 with a keyring for keyring_free, or a negative errno with `ret_fault` set: -EINVAL for what the
 * text says, -EPERM for a file that others may read or that somebody else owns, or what open and read said. */

/* A file of mode 0600 or 0400 owned by this process's user or root. */
int keyring_load(const char *path, struct keyring **ret_keyring, struct keyring_fault *ret_fault) _must_check_;
/* The systemd credential `name` (LoadCredential=) under $CREDENTIALS_DIRECTORY, which systemd itself guards. */
int keyring_load_credential(const char *name, struct keyring **ret_keyring, struct keyring_fault *ret_fault)
        _must_check_;
int keyring_parse(const char *text, size_t size, struct keyring **ret_keyring, struct keyring_fault *ret_fault)
        _must_check_;
void keyring_free(struct keyring *keyring);
DEFINE_CLEANUP(struct keyring, keyring_free);

/* Makes a new file of mode 0600 with one key of each kind, on disk when this returns. Refuses to replace a file:
 * -EEXIST. Other faults as the system names them. */
int keyring_generate(const char *path, struct keyring_fault *ret_fault) _must_check_;
/* Adds a fresh key of `kind` behind the others, which makes it current, replacing the file in one step. An index key
 * cannot be added (-EINVAL): everything it made would have to be made again. The file must load first. */
int keyring_add(const char *path, enum keyring_kind kind, struct keyring_fault *ret_fault) _must_check_;

/* Whether the memory could be locked; when not, a page of secrets may reach the swap space. */
bool keyring_is_locked(const struct keyring *keyring);
/* How many keys of a kind there are, and one of them in file order; keyring_current is the last. Valid as long as the
 * keyring. */
size_t keyring_count(const struct keyring *keyring, enum keyring_kind kind);
const struct keyring_key *keyring_at(const struct keyring *keyring, enum keyring_kind kind, size_t n);
const struct keyring_key *keyring_current(const struct keyring *keyring, enum keyring_kind kind);
/* The key whose id is the `size` characters at `id`, or NULL. */
const struct keyring_key *keyring_find(const struct keyring *keyring, enum keyring_kind kind, const char *id,
                                       size_t size);

#endif
