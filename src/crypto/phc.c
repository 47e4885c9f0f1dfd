#include "phc.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "crypto/digest.h"

enum { MEMORY_MAX = 256 * 1024, PASSES_MAX = 16, LANES_MAX = 4, MEMORY_PER_LANE_MIN = 8 };

/* PHC uses the standard alphabet; the rest of this room the one for URLs. */
static void exchange(char *text, size_t size, char a, char for_a, char b, char for_b) {
        for (size_t i = 0; i < size; i++)
                text[i] = text[i] == a ? for_a : text[i] == b ? for_b : text[i];
}

static void write_bytes(const unsigned char *bytes, size_t size, char *ret_text) {
        base64url_encode(bytes, size, ret_text);
        exchange(ret_text, BASE64URL_LENGTH(size), '-', '+', '_', '/');
}

void phc_write(const struct phc *phc, char ret_text[static PASSWORD_HASH]) {
        char salt[BASE64URL_LENGTH(PHC_SALT) + 1], hash[BASE64URL_LENGTH(PHC_HASH) + 1];
        write_bytes(phc->salt, sizeof phc->salt, salt);
        write_bytes(phc->hash, sizeof phc->hash, hash);
        snprintf(ret_text, PASSWORD_HASH, "$argon2id$v=19$m=%u,t=%u,p=%u$%s$%s", phc->memory, phc->passes, phc->lanes,
                 salt, hash);
        memory_erase(hash, sizeof hash);
}

static bool skip(const char **text, const char *word) {
        size_t size = strlen(word);
        if (strncmp(*text, word, size) != 0)
                return false;
        *text += size;
        return true;
}

static bool read_number(const char **text, uint32_t most, uint32_t *ret) {
        uint32_t n = 0;
        const char *p = *text;
        if (*p < '1' || *p > '9')
                return false;
        for (; *p >= '0' && *p <= '9'; p++) {
                n = n * 10 + (uint32_t) (*p - '0');
                if (n > most)
                        return false;
        }
        *text = p;
        *ret = n;
        return true;
}

/* Exactly `size` bytes. */
static bool read_bytes(const char **text, unsigned char *ret, size_t size) {
        char copy[BASE64URL_LENGTH(PHC_HASH) + 1];
        size_t length = BASE64URL_LENGTH(size), decoded;
        if (strnlen(*text, length) != length)
                return false;
        memcpy(copy, *text, length);
        if (memchr(copy, '-', length) || memchr(copy, '_', length))
                return false;
        exchange(copy, length, '+', '-', '/', '_');
        *text += length;
        return base64url_decode(copy, length, ret, size, &decoded) == 0 && decoded == size;
}

int phc_read(const char *text, struct phc *ret_phc) {
        struct phc phc;
        if (!skip(&text, "$argon2id$v=19$m=") || !read_number(&text, MEMORY_MAX, &phc.memory) ||
            !skip(&text, ",t=") || !read_number(&text, PASSES_MAX, &phc.passes) ||
            !skip(&text, ",p=") || !read_number(&text, LANES_MAX, &phc.lanes) ||
            !skip(&text, "$") || !read_bytes(&text, phc.salt, sizeof phc.salt) ||
            !skip(&text, "$") || !read_bytes(&text, phc.hash, sizeof phc.hash) || *text ||
            phc.memory < MEMORY_PER_LANE_MIN * phc.lanes)
                return -EBADMSG;
        *ret_phc = phc;
        return 0;
}
