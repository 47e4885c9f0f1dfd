/* Blind indexes: keyed digests by which the database can match people without knowing them.
 *
 * A name is normalised first, so that "Okafor, Grace" and "Dr Grace OKAFOR" are one:
 *
 *  - UTF-8 is checked; invalid text is refused, never repaired
 *  - A-Z becomes a-z; letters of Latin-1, Latin Extended-A and Latin Extended Additional, and the Romanian and
 *    Vietnamese letters of Extended-B, become their base letters (ß ss, æ ae, œ oe, þ th, ø o, ð and đ d, ł l, ı i);
 *    combining marks U+0300 to U+036F are dropped, so composed and decomposed text agree
 *  - hyphens, apostrophes of every kind and invisible characters are dropped: O'Neill is oneill
 *  - spaces of every kind and other ASCII punctuation separate words
 *  - mr, mrs, ms, miss, mx, dr, prof and sir are dropped where they are whole words
 *  - the words are sorted by their bytes and joined with one space
 *  - every other script stays as it is
 *
 * Names are seldom written twice alike, so a second index is of the first and the last name alone: middle names, further
 * titles ("Rev", "Nurse") and what stands behind a name ("RN", "PhD", a lone letter) are left out while two words remain, and
 * "Okafor, Grace" is turned round. Where a report gives an initial, it meets accounts by their initial, under which they are
 * indexed besides; an account that gives an initial does not meet every name that begins with it.
 *
 * An e-mail address loses surrounding spaces and its ASCII upper case. The digest is HMAC-SHA-256 under the keyring's
 * index key with a label of its own for each kind, cut to 16 bytes: 32 lower-case hex digits.
 *
 * Each index function returns 0; INDEX_NONE, writing nothing, when there is nothing to index (NULL, empty, or only
 * spaces, punctuation and titles); or -EILSEQ for invalid UTF-8, -E2BIG past the limits, -EINVAL for a date or an
 * address that is none.
 */
#ifndef CRYPTO_INDEX_H
#define CRYPTO_INDEX_H

#include <stdbool.h>

#include "base/buffer.h"
#include "crypto/keyring.h"

enum {
        INDEX_NONE = 1,
        INDEX_TEXT = 33,         /* with the NUL */
        INDEX_NAME_MAX = 512,    /* bytes */
        INDEX_NAME_WORDS = 32,
        INDEX_EMAIL_MAX = 254,   /* bytes; RFC 5321's longest path without its brackets */
};

int index_name(const struct keyring *keyring, const char *name, char ret_index[static INDEX_TEXT]) _must_check_;
/* The first and last name alone, as above; the second with the initial of the first. INDEX_NONE also for a single word. */
int index_first_and_last_name(const struct keyring *keyring, const char *name, char ret_index[static INDEX_TEXT]) _must_check_;
int index_initial_and_last_name(const struct keyring *keyring, const char *name, char ret_index[static INDEX_TEXT])
        _must_check_;
/* `birth` is a date as 2014-03-02. NULL or empty: INDEX_NONE. */
int index_name_and_birth(const struct keyring *keyring, const char *name, const char *birth,
                         char ret_index[static INDEX_TEXT]) _must_check_;
int index_email(const struct keyring *keyring, const char *email, char ret_index[static INDEX_TEXT]) _must_check_;

/* Appends the normalised form of a name, which is as confidential as the name. Returns as above. */
int index_normalise_name(const char *name, struct buffer *out) _must_check_;
/* The same of the first and last name alone, or of the initial and the last name. */
int index_normalise_ends(const char *name, bool initial, struct buffer *out) _must_check_;

#endif
