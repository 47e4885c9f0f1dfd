#include "base/uuid.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* Thirty-one characters, a prime, so that the weighted sum catches every single slip and every swap of neighbours.
 * Left out: 0 1 I L O, which are misread. */
static const char alphabet[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
enum { BASE = sizeof alphabet - 1, RANDOM_CHARACTERS = 7 };
_Static_assert(BASE == 31, "the check needs a prime alphabet");

void random_bytes(void *data, size_t size) {
        unsigned char *p = data;
        while (size) {
                ssize_t n = getrandom(p, size, 0);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        abort();
                p += n;
                size -= (size_t) n;
        }
}

void uuid_new(char ret_text[static UUID_TEXT]) {
        unsigned char b[16];
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        uint64_t ms = (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;

        random_bytes(b + 6, 10);
        for (int i = 0; i < 6; i++)
                b[i] = (unsigned char) (ms >> (40 - 8 * i));
        b[6] = (unsigned char) (0x70 | (b[6] & 0x0f));
        b[8] = (unsigned char) (0x80 | (b[8] & 0x3f));

        static const char hex[] = "0123456789abcdef";
        char *out = ret_text;
        for (int i = 0; i < 16; i++) {
                if (i == 4 || i == 6 || i == 8 || i == 10)
                        *out++ = '-';
                *out++ = hex[b[i] >> 4];
                *out++ = hex[b[i] & 15];
        }
        *out = '\0';
}

bool uuid_is_valid(const char *s) {
        for (int i = 0; i < 36; i++) {
                bool dash = i == 8 || i == 13 || i == 18 || i == 23;
                if (dash ? s[i] != '-' : !isxdigit((unsigned char) s[i]))
                        return false;
        }
        return s[36] == '\0';
}

static char check_character(const char prefix[static 2], const char random[static RANDOM_CHARACTERS]) {
        unsigned sum = (unsigned) (prefix[0] - 'A' + 1) * 8 + (unsigned) (prefix[1] - 'A' + 1) * 9;
        for (unsigned i = 0; i < RANDOM_CHARACTERS; i++)
                sum += (unsigned) (strchr(alphabet, random[i]) - alphabet) * (i + 1);
        return alphabet[sum % BASE];
}

static void format(const char prefix[static 2], const char random[static RANDOM_CHARACTERS],
                   char ret_text[static REFERENCE_TEXT]) {
        snprintf(ret_text, REFERENCE_TEXT, "%.2s-%.4s-%.3s%c", prefix, random, random + 4,
                 check_character(prefix, random));
}

void reference_new(const char prefix[static 2], char ret_text[static REFERENCE_TEXT]) {
        char random[RANDOM_CHARACTERS];
        unsigned char bytes[2 * RANDOM_CHARACTERS];
        size_t next = sizeof bytes;
        for (int i = 0; i < RANDOM_CHARACTERS;) {
                if (next == sizeof bytes) {
                        random_bytes(bytes, sizeof bytes);
                        next = 0;
                }
                unsigned char byte = bytes[next++];
                if (byte < 248) /* 8 * 31: no character is likelier than another */
                        random[i++] = alphabet[byte % BASE];
        }
        format(prefix, random, ret_text);
}

bool reference_parse(const char *s, char ret_text[static REFERENCE_TEXT]) {
        char plain[2 + RANDOM_CHARACTERS + 1];
        size_t n = 0;
        for (; *s; s++) {
                if (*s == '-' || *s == ' ')
                        continue;
                if (n == sizeof plain)
                        return false;
                plain[n++] = (char) toupper((unsigned char) *s);
        }
        if (n != sizeof plain || !isalpha((unsigned char) plain[0]) || !isalpha((unsigned char) plain[1]))
                return false;
        for (size_t i = 2; i < n; i++)
                if (!strchr(alphabet, plain[i]))
                        return false;
        if (check_character(plain, plain + 2) != plain[n - 1])
                return false;
        format(plain, plain + 2, ret_text);
        return true;
}
