/* Sealed values: what the database holds but cannot read.
 *
 * Each incident (the owner) has a data key, wrapped by a key-encryption key of the keyring; the narratives, words and
 * identities that belong to it are sealed under that data key. AES-256-GCM throughout, a random 96-bit nonce each
 * time, base64url text. Destroying the wrapped data key erases the record for good.
 *
 *     wrapped data key   k1.<kek id>.<nonce|ciphertext|tag>      AAD  data_key|<owner uuid>|<kek id>
 *     sealed value       s1.<nonce|ciphertext|tag>               AAD  <table>|<column>|<row uuid>|<owner uuid>
 *     envelope           <table>.<column>.<row uuid>.<owner uuid>.<wrapped data key>.<sealed value>
 *     erased envelope    <table>.<column>.<row uuid>.<owner uuid>.erased[.<anything>]
 *
 * A data key's id is its owner, so moving an incident to a newer key-encryption key wraps its data key again and touches no
 * value; until then the older keys stay in the keyring. A value moved to another row, column, table or owner does not open.
 *
 * UUIDs are compared in lower case. Tables and columns are a-z, 0-9 and _, beginning with a letter, at most 63 long.
 * The plaintext of a value is always a JSON text, a string or an object, so that it can stand in a reply verbatim.
 *
 * Every function returns 0, or a negative errno: -EBADMSG when a text is malformed or fails authentication, -ENOKEY
 * when the keyring lacks the key-encryption key, -EINVAL when a name or plaintext is not as described above, -E2BIG
 * past a limit. No outcome tells how far the opening got.
 */
#ifndef CRYPTO_SEAL_H
#define CRYPTO_SEAL_H

#include <jansson.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/uuid.h"
#include "crypto/keyring.h"

enum {
        SEAL_VALUE_MAX = 1024 * 1024,       /* bytes of plaintext */
        SEAL_SPLICE_MAX = 16 * 1024 * 1024, /* bytes of JSON text */
        SEAL_ENVELOPES_MAX = 100000,        /* in one text */
        SEAL_OVERHEAD = 12 + 16,            /* bytes that nonce and tag add */
};

/* An unwrapped data key. Erase it when done: `_cleanup_(data_key_erase) struct data_key key = { 0 };` */
struct data_key {
        unsigned char key[KEYRING_KEY_SIZE];
        char kek_id[KEYRING_ID]; /* what it is wrapped under */
        char owner[UUID_TEXT];   /* lower case: the data key's id */
};
void data_key_erase(struct data_key *key);

/* A fresh data key for the incident `owner`, under the current key-encryption key. `ret_wrapped` is the caller's. */
int seal_data_key_new(const struct keyring *keyring, const char *owner, struct data_key *ret_key, char **ret_wrapped)
        _must_check_;
int seal_data_key_unwrap(const struct keyring *keyring, const char *owner, const char *wrapped,
                         struct data_key *ret_key) _must_check_;

/* Appends the sealed value to `out`. The plaintext must be one JSON string or object. */
int seal_value(const struct data_key *key, const char *table, const char *column, const char *row,
               const char *plaintext, size_t size, struct buffer *out) _must_check_;
/* The same for a value that has not been written out yet, which spares reading it again to see that it is JSON. */
int seal_json(const struct data_key *key, const char *table, const char *column, const char *row, const json_t *value,
              struct buffer *out) _must_check_;
/* Appends the plaintext of a sealed value to `out`. */
int seal_open(const struct data_key *key, const char *table, const char *column, const char *row, const char *sealed,
              struct buffer *out) _must_check_;

/* The same for bytes that are no JSON (attachments, in chunks): nonce, ciphertext and tag as they are, for a bytea. */
int seal_bytes(const struct data_key *key, const char *table, const char *column, const char *row, const void *data,
               size_t size, struct buffer *out) _must_check_;
int seal_open_bytes(const struct data_key *key, const char *table, const char *column, const char *row,
                    const void *sealed, size_t size, struct buffer *out) _must_check_;

/* seal_splice found nothing to open: `out` is as it was and `json` can be sent as it is. */
enum { SEAL_NOTHING = 1 };

/* Appends `json`, a JSON text as PostgreSQL wrote it (json or jsonb), to `out` with its envelopes opened, without
 * parsing it:
 *
 *     {"$sealed": "<envelope>"}                       the object becomes the opened value, a string or an object
 *     {"id": 1, "$sealed": "<envelope>", "n": 2}      the member becomes the members of the opened value, which must
 *                                                     be an object; an empty one leaves nothing
 *
 * An erased envelope opens to {"erased": true}; `"$sealed": null` to null in the first form and to nothing in the
 * second. What was opened is not searched again. Two members that open to the same name both appear, so SQL gives an
 * object at most one envelope of the second form.
 *
 * Returns 0, SEAL_NOTHING, or a fault as above with `out` as it was: one envelope that does not open refuses the whole
 * text, so none is ever sent unopened. -EBADMSG also when a `$sealed` member is not of these forms. */
int seal_splice(const struct keyring *keyring, const char *json, size_t size, struct buffer *out) _must_check_;

#endif
