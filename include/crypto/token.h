/* Tokens that prove themselves without the database, and what the browser holds for us.
 *
 * A token is 24 random bytes and a MAC over them and its kind, in base64url. A forged one is refused before it costs
 * a query, and the database stores only a digest of the text. Everything here is made under the current token key and
 * accepted under any, so a key can be replaced without signing people out.
 *
 * Checks return 0; TOKEN_FORGED when the text was not made by this site for this use; TOKEN_EXPIRED. Both leave every
 * output as it was.
 */
#ifndef CRYPTO_TOKEN_H
#define CRYPTO_TOKEN_H

#include <time.h>

#include "base/buffer.h"
#include "crypto/digest.h"
#include "crypto/keyring.h"

/* The byte that is part of the MAC: never change or reuse one. */
enum token_kind {
        TOKEN_BEARER = 'b',     /* a session of the API */
        TOKEN_COOKIE = 'c',     /* a session of the pages */
        TOKEN_INVITATION = 'i', /* sets the first password */
        TOKEN_RESET = 'r',      /* sets another */
        TOKEN_DEVICE = 'd',     /* a browser that has passed the second factor */
};

enum { TOKEN_FORGED = 1, TOKEN_EXPIRED = 2 };

enum {
        TOKEN_TEXT = 55,              /* 54 characters and the NUL */
        CSRF_TEXT = 44,               /* 43 characters and the NUL */
        TOKEN_BLOB_MAX = 256 * 1024,  /* bytes of plaintext */
        CURSOR_MAX = 1024,            /* bytes of payload */
        TOKEN_PURPOSE_MAX = 128,      /* bytes */
};

/* `ret_hash` is what the database stores and finds the token by: SHA-256 of the text, in hex. */
void token_new(const struct keyring *keyring, enum token_kind kind, char ret_text[static TOKEN_TEXT],
               char ret_hash[static SHA256_HEX]);
int token_check(const struct keyring *keyring, enum token_kind kind, const char *text,
                char ret_hash[static SHA256_HEX]) _must_check_;

/* A token that a form of this session must carry. Each call gives another text, so that a compressed page does not
 * leak it; all of them are good as long as the session is. `session_hash` is the token's hash, or any text that only
 * this browser's session has, for instance before sign-in. */
void csrf_token(const struct keyring *keyring, const char *session_hash, char ret_text[static CSRF_TEXT]);
int csrf_check(const struct keyring *keyring, const char *session_hash, const char *text) _must_check_;

/* Something confidential that the browser keeps for us (answers held over an expired session, the state of a sign-in
 * under way): encrypted, authenticated, good until `expires_at` (seconds since 1970) and only for `purpose`. Put into
 * the purpose whom it is for ("held_answers|<account>"), or it can be handed on. Appends URL-safe text.
 * Returns 0, or -E2BIG when the data or the purpose is too long. */
int token_blob_seal(const struct keyring *keyring, const char *purpose, const void *data, size_t size,
                    time_t expires_at, struct buffer *out) _must_check_;
/* Appends what was sealed. */
int token_blob_open(const struct keyring *keyring, const char *purpose, const char *text, time_t now,
                    struct buffer *out) _must_check_;

/* A keyset cursor: readable by whoever holds it, but made by us for `purpose` (the route, the filter and the actor).
 * Appends URL-safe text. Returns 0, or -E2BIG. */
int cursor_sign(const struct keyring *keyring, const char *purpose, const void *payload, size_t size,
                struct buffer *out) _must_check_;
int cursor_check(const struct keyring *keyring, const char *purpose, const char *text, struct buffer *out)
        _must_check_;

#endif
