#include "crypto/totp.h"

#include <errno.h>
#include <liboath/oath.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "base/uuid.h"

enum { DIGITS = 6, SECRET_BYTES = 20, SECRET_MIN = 16, SECRET_MAX = 64 };

static void start_library(void) {
        if (oath_init() != OATH_OK)
                abort();
}

static void ensure_library(void) {
        static pthread_once_t once = PTHREAD_ONCE_INIT;
        pthread_once(&once, start_library);
}

void totp_secret_new(char ret_secret[static TOTP_SECRET]) {
        static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        unsigned char bytes[SECRET_BYTES];
        random_bytes(bytes, sizeof bytes);
        /* Twenty bytes are four groups of five, each eight characters: no padding to think of. */
        for (size_t i = 0; i < TOTP_SECRET - 1; i++) {
                size_t bit = i * 5;
                unsigned pair = (unsigned) bytes[bit / 8] << 8 | (bit / 8 + 1 < sizeof bytes ? bytes[bit / 8 + 1] : 0);
                ret_secret[i] = alphabet[pair >> (11 - bit % 8) & 31];
        }
        ret_secret[TOTP_SECRET - 1] = '\0';
        memory_erase(bytes, sizeof bytes);
}

/* The six digits, without the spaces that apps show and people copy. */
static bool read_code(const char *text, char ret_code[static DIGITS + 1]) {
        size_t n = 0;
        for (; *text; text++) {
                if (*text == ' ')
                        continue;
                if (*text < '0' || *text > '9' || n == DIGITS)
                        return false;
                ret_code[n++] = *text;
        }
        ret_code[n] = '\0';
        return n == DIGITS;
}

/* The library's own check compares with strcmp; this one tries every step and tells nothing by its time. */
static int match_step(const char *secret, size_t size, const char code[static DIGITS], time_t now,
                      int64_t *ret_step) {
        int64_t current = (int64_t) now / TOTP_PERIOD, matched = -1;
        for (int64_t step = current - 1; step <= current + 1; step++) {
                char expected[DIGITS + 1];
                if (step < 0)
                        continue;
                if (oath_hotp_generate(secret, size, (uint64_t) step, DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION,
                                       expected) != OATH_OK)
                        return -EINVAL;
                if (digest_equal(expected, code, DIGITS))
                        matched = step;
        }
        if (matched < 0)
                return TOTP_WRONG;
        *ret_step = matched;
        return 0;
}

int totp_check(const char *secret, const char *code, time_t now, int64_t *ret_step) {
        char digits[DIGITS + 1], *bytes = NULL;
        size_t size = 0, length = strnlen(secret, 2 * SECRET_MAX);
        ensure_library();
        if (oath_base32_decode(secret, length, &bytes, &size) != OATH_OK)
                return -EINVAL;
        int r = size < SECRET_MIN || size > SECRET_MAX ? -EINVAL
                : !read_code(code, digits)             ? TOTP_WRONG
                                                       : match_step(bytes, size, digits, now, ret_step);
        memory_erase(bytes, size);
        free(bytes);
        return r;
}

/* RFC 3986: everything but the unreserved characters. */
static void append_encoded(struct buffer *out, const char *s) {
        static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
        for (; *s; s++) {
                if (strchr(plain, *s))
                        buffer_append_char(out, *s);
                else
                        buffer_append_format(out, "%%%02X", (unsigned char) *s);
        }
}

void totp_uri(const char *secret, const char *issuer, const char *account, struct buffer *out) {
        buffer_append_string(out, "otpauth://totp/");
        append_encoded(out, issuer);
        buffer_append_char(out, ':');
        append_encoded(out, account);
        buffer_append_string(out, "?secret=");
        append_encoded(out, secret);
        buffer_append_string(out, "&issuer=");
        append_encoded(out, issuer);
        buffer_append_format(out, "&algorithm=SHA1&digits=%d&period=%d", DIGITS, TOTP_PERIOD);
}
