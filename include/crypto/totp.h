/* The second factor: time-based one-time passwords (RFC 6238: SHA-1, six digits, 30 seconds), the picture that an
 * authenticator app scans, and recovery codes for the day the phone is lost.
 */
#ifndef CRYPTO_TOTP_H
#define CRYPTO_TOTP_H

#include <stdint.h>
#include <time.h>

#include "base/buffer.h"
#include "crypto/digest.h"
#include "crypto/keyring.h"

enum {
        TOTP_WRONG = 1,
        TOTP_SECRET = 33, /* 20 bytes as 32 characters of base32, and the NUL */
        TOTP_PERIOD = 30, /* seconds */
        RECOVERY_CODES = 10,
        RECOVERY_CODE_TEXT = 15, /* 7k3m-9q2x-b4tn and the NUL */
};

/* A fresh secret. Seal it; it is as good as the phone. */
void totp_secret_new(char ret_secret[static TOTP_SECRET]);

/* Whether `code` (six digits; spaces are passed over) is right at `now` or one step before or after it. Returns 0 with
 * the matched step (seconds since 1970 / 30), TOTP_WRONG, or -EINVAL when the secret is no base32 of 16 to 64 bytes.
 * A code is good once: the caller must store the step and refuse one that is not greater than the last (RFC 6238
 * section 5.2). */
int totp_check(const char *secret, const char *code, time_t now, int64_t *ret_step) _must_check_;

/* Appends otpauth://totp/<issuer>:<account>?..., percent-encoded. */
void totp_uri(const char *secret, const char *issuer, const char *account, struct buffer *out);

/* Appends a QR code of `text` (error correction M) as one SVG element: viewBox in modules with the quiet zone of four,
 * role="img", a title, one path, no style attributes, so that it stands under a strict content security policy.
 * Returns 0, or -E2BIG when the text is over 1,000 bytes. */
int totp_qr_svg(const char *text, const char *title, struct buffer *out) _must_check_;

/* Ten different codes, to be shown once. 58 bits each, from an alphabet without 0, 1, i, l and o. */
void recovery_codes_new(char ret_codes[static RECOVERY_CODES][RECOVERY_CODE_TEXT]);
/* What the database stores for a code of this account: HMAC-SHA-256 under the index key, in hex. Accepts what people
 * type: upper case, spaces, no hyphens. Returns 0, or TOTP_WRONG when the text cannot be a recovery code. */
int recovery_code_hash(const struct keyring *keyring, const char *account, const char *code,
                       char ret_hash[static SHA256_HEX]) _must_check_;

#endif
