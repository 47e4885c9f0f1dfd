#include "crypto/keyring.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"
#include "crypto/digest.h"

static const char *const kind_names[KEYRING_KINDS] = { "seal", "token", "index" };

/* Lies in a mapping of its own, so that locking and erasing it touch nothing else. */
struct keyring {
        size_t counts[KEYRING_KINDS];
        bool locked;
        struct keyring_key keys[KEYRING_KINDS][KEYRING_KEYS_MAX];
};

static struct keyring *keyring_new(void) {
        struct keyring *keyring = mmap(NULL, sizeof *keyring, PROT_READ | PROT_WRITE,
                                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (keyring == MAP_FAILED)
                abort();
        keyring->locked = mlock(keyring, sizeof *keyring) == 0;
        madvise(keyring, sizeof *keyring, MADV_DONTDUMP);
        return keyring;
}

void keyring_free(struct keyring *keyring) {
        if (!keyring)
                return;
        mprotect(keyring, sizeof *keyring, PROT_READ | PROT_WRITE);
        memory_erase(keyring, sizeof *keyring);
        munmap(keyring, sizeof *keyring);
}

static int refuse(struct keyring_fault *ret_fault, unsigned line, const char *reason) {
        *ret_fault = (struct keyring_fault) { line, reason };
        return -EINVAL;
}

/* A run of characters other than space and tab, cut off the front of the line. */
struct word {
        const char *text;
        size_t size;
};

static struct word next_word(const char **line, const char *end) {
        while (*line < end && (**line == ' ' || **line == '\t'))
                (*line)++;
        struct word word = { *line, 0 };
        while (*line < end && **line != ' ' && **line != '\t')
                (*line)++;
        word.size = (size_t) (*line - word.text);
        return word;
}

static bool word_is(struct word word, const char *s) {
        return word.size == strlen(s) && memcmp(word.text, s, word.size) == 0;
}

static bool is_id(struct word word) {
        if (word.size == 0 || word.size >= KEYRING_ID)
                return false;
        for (size_t i = 0; i < word.size; i++) {
                char c = word.text[i];
                if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
                        return false;
        }
        return true;
}

/* Whether the bytes can have come from a generator: the usual slip is a file of zeroes or a typed pattern. */
static bool looks_random(const unsigned char key[static KEYRING_KEY_SIZE]) {
        unsigned char seen[256] = { 0 };
        unsigned different = 0;
        for (size_t i = 0; i < KEYRING_KEY_SIZE; i++)
                if (!seen[key[i]]++)
                        different++;
        return different >= KEYRING_KEY_SIZE / 2;
}

static bool has_key(const struct keyring *keyring, const unsigned char key[static KEYRING_KEY_SIZE]) {
        bool found = false;
        for (size_t kind = 0; kind < KEYRING_KINDS; kind++)
                for (size_t n = 0; n < keyring->counts[kind]; n++)
                        found |= digest_equal(keyring->keys[kind][n].key, key, KEYRING_KEY_SIZE);
        return found;
}

static int take_key(struct keyring *keyring, struct word kind_word, struct word id, struct word text, unsigned line,
                    struct keyring_fault *ret_fault) {
        enum keyring_kind kind = 0;
        while (kind < KEYRING_KINDS && !word_is(kind_word, kind_names[kind]))
                kind++;
        if (kind == KEYRING_KINDS)
                return refuse(ret_fault, line, "the kind is not one of seal, token and index");
        if (!is_id(id))
                return refuse(ret_fault, line, "the id is not 1 to 24 of a-z, 0-9 and hyphen");
        if (keyring_find(keyring, kind, id.text, id.size))
                return refuse(ret_fault, line, "another key of this kind has the same id");
        if (keyring->counts[kind] == (kind == KEYRING_INDEX ? 1 : KEYRING_KEYS_MAX))
                return refuse(ret_fault, line, kind == KEYRING_INDEX ? "there is more than one index key"
                                                                     : "there are more than 32 keys of this kind");

        /* Decoded where it stays, so that no copy is left on a stack. */
        struct keyring_key *key = &keyring->keys[kind][keyring->counts[kind]];
        size_t size;
        if (base64url_decode(text.text, text.size, key->key, sizeof key->key, &size) < 0 || size != sizeof key->key)
                return refuse(ret_fault, line, "the key is not 32 bytes in base64url without padding");
        if (!looks_random(key->key))
                return refuse(ret_fault, line, "the key is not random");
        if (has_key(keyring, key->key))
                return refuse(ret_fault, line, "the key stands in another line already");
        memcpy(key->id, id.text, id.size);
        keyring->counts[kind]++;
        return 0;
}

static int take_line(struct keyring *keyring, const char *line, const char *end, unsigned number,
                     struct keyring_fault *ret_fault) {
        struct word kind = next_word(&line, end), id = next_word(&line, end), key = next_word(&line, end),
                    rest = next_word(&line, end);
        if (kind.size == 0 || kind.text[0] == '#')
                return 0;
        if (key.size == 0 || rest.size)
                return refuse(ret_fault, number, "the line is not a kind, an id and a key");
        return take_key(keyring, kind, id, key, number, ret_fault);
}

int keyring_parse(const char *text, size_t size, struct keyring **ret_keyring, struct keyring_fault *ret_fault) {
        if (size > KEYRING_FILE_MAX)
                return refuse(ret_fault, 0, "the keyring is larger than 16 KiB");

        _cleanup_(keyring_free_p) struct keyring *keyring = keyring_new();
        const char *end = text + size;
        for (unsigned number = 1; text < end; number++) {
                const char *stop = memchr(text, '\n', (size_t) (end - text));
                const char *line_end = stop ? stop : end;
                int r = take_line(keyring, text, line_end, number, ret_fault);
                if (r < 0)
                        return r;
                text = stop ? stop + 1 : end;
        }

        static const char *const missing[KEYRING_KINDS] = {
                "there is no seal key", "there is no token key", "there is no index key",
        };
        for (size_t kind = 0; kind < KEYRING_KINDS; kind++)
                if (keyring->counts[kind] == 0)
                        return refuse(ret_fault, 0, missing[kind]);
        /* From here on a stray write ends the process instead of changing a key. */
        mprotect(keyring, sizeof *keyring, PROT_READ);
        *ret_keyring = TAKE(keyring);
        return 0;
}

bool keyring_is_locked(const struct keyring *keyring) {
        return keyring->locked;
}

size_t keyring_count(const struct keyring *keyring, enum keyring_kind kind) {
        return keyring->counts[kind];
}

const struct keyring_key *keyring_at(const struct keyring *keyring, enum keyring_kind kind, size_t n) {
        return n < keyring->counts[kind] ? &keyring->keys[kind][n] : NULL;
}

const struct keyring_key *keyring_current(const struct keyring *keyring, enum keyring_kind kind) {
        return &keyring->keys[kind][keyring->counts[kind] - 1];
}

const struct keyring_key *keyring_find(const struct keyring *keyring, enum keyring_kind kind, const char *id,
                                       size_t size) {
        for (size_t n = 0; n < keyring->counts[kind]; n++)
                if (strlen(keyring->keys[kind][n].id) == size && memcmp(keyring->keys[kind][n].id, id, size) == 0)
                        return &keyring->keys[kind][n];
        return NULL;
}
