#include "crypto/index.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "crypto/digest.h"
#include "fold.h"
#include "secret.h"

enum { INDEX_BYTES = (INDEX_TEXT - 1) / 2 };

/* Where the words of a folded name lie in its buffer. */
struct words {
        size_t count;
        struct {
                size_t start, size;
        } at[INDEX_NAME_WORDS];
};

static bool is_title(const char *word, size_t size) {
        static const char *const titles[] = { "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir" };
        for (size_t i = 0; i < ELEMENTS(titles); i++)
                if (strlen(titles[i]) == size && memcmp(titles[i], word, size) == 0)
                        return true;
        return false;
}

static int end_word(const struct buffer *folded, size_t start, struct words *words) {
        size_t size = folded->size - start;
        if (size == 0 || is_title(folded->data + start, size))
                return 0;
        if (words->count == INDEX_NAME_WORDS)
                return -E2BIG;
        words->at[words->count].start = start;
        words->at[words->count++].size = size;
        return 0;
}

static int compare_words(const char *a, size_t a_size, const char *b, size_t b_size) {
        int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
        return order ? order : (a_size > b_size) - (a_size < b_size);
}

/* A few words: the plainest way to sort them. */
static void sort_words(const char *data, struct words *words) {
        for (size_t i = 1; i < words->count; i++)
                for (size_t k = i; k > 0 && compare_words(data + words->at[k].start, words->at[k].size,
                                                          data + words->at[k - 1].start, words->at[k - 1].size) < 0;
                     k--) {
                        __typeof__(words->at[0]) swapped = words->at[k];
                        words->at[k] = words->at[k - 1];
                        words->at[k - 1] = swapped;
                }
}

int index_normalise_name(const char *name, struct buffer *out) {
        _cleanup_secret_ struct buffer folded = { 0 };
        struct words words = { 0 };
        size_t start = 0;
        if (!name)
                return INDEX_NONE;
        if (strnlen(name, INDEX_NAME_MAX + 1) > INDEX_NAME_MAX)
                return -E2BIG;
        for (uint32_t character; *name;) {
                if (!utf8_next(&name, &character))
                        return -EILSEQ;
                if (fold_character(character, &folded) != FOLD_SEPARATOR)
                        continue;
                int r = end_word(&folded, start, &words);
                if (r < 0)
                        return r;
                start = folded.size;
        }
        int r = end_word(&folded, start, &words);
        if (r < 0)
                return r;
        if (words.count == 0)
                return INDEX_NONE;

        sort_words(folded.data, &words);
        for (size_t i = 0; i < words.count; i++) {
                if (i)
                        buffer_append_char(out, ' ');
                buffer_append(out, folded.data + words.at[i].start, words.at[i].size);
        }
        return 0;
}

/* The label ends with a NUL, which stands in nothing that follows it, so no two kinds share an input. */
static void start_message(struct buffer *message, const char *label) {
        buffer_append(message, label, strlen(label) + 1);
}

static void finish(const struct keyring *keyring, const struct buffer *message,
                   char ret_index[static INDEX_TEXT]) {
        unsigned char mac[SHA256_SIZE];
        const struct keyring_key *key = keyring_current(keyring, KEYRING_INDEX);
        digest_hmac_sha256(key->key, sizeof key->key, message->data, message->size, mac);
        hex_encode(mac, INDEX_BYTES, ret_index);
}

int index_name(const struct keyring *keyring, const char *name, char ret_index[static INDEX_TEXT]) {
        _cleanup_secret_ struct buffer message = { 0 };
        start_message(&message, "index/name");
        int r = index_normalise_name(name, &message);
        if (r == 0)
                finish(keyring, &message, ret_index);
        return r;
}

static bool is_date(const char *s) {
        static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        static const char shape[] = "9999-99-99";
        for (size_t i = 0; i < sizeof shape; i++)
                if (shape[i] == '9' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i])
                        return false;
        int year = (s[0] - '0') * 1000 + (s[1] - '0') * 100 + (s[2] - '0') * 10 + s[3] - '0';
        int month = (s[5] - '0') * 10 + s[6] - '0', day = (s[8] - '0') * 10 + s[9] - '0';
        if (year < 1 || month < 1 || month > 12)
                return false;
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        return day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

int index_name_and_birth(const struct keyring *keyring, const char *name, const char *birth,
                         char ret_index[static INDEX_TEXT]) {
        _cleanup_secret_ struct buffer message = { 0 };
        if (!birth || !*birth)
                return INDEX_NONE;
        if (!is_date(birth))
                return -EINVAL;
        start_message(&message, "index/name_and_birth");
        buffer_append_string(&message, birth);
        int r = index_normalise_name(name, &message);
        if (r == 0)
                finish(keyring, &message, ret_index);
        return r;
}

/* Enough to keep what is no address out of the index; whether it exists only a letter can tell. */
static bool is_address(const char *email) {
        const char *at = strchr(email, '@');
        if (!at || at == email || at[1] == '\0' || strchr(at + 1, '@'))
                return false;
        for (; *email; email++)
                if ((unsigned char) *email <= ' ' || *email == 0x7f)
                        return false;
        return true;
}

int index_email(const struct keyring *keyring, const char *email, char ret_index[static INDEX_TEXT]) {
        static const char spaces[] = " \t\r\n";
        if (!email)
                return INDEX_NONE;
        email += strspn(email, spaces);
        size_t size = strnlen(email, INDEX_EMAIL_MAX + 64), characters;
        while (size && strchr(spaces, email[size - 1]))
                size--;
        if (size == 0)
                return INDEX_NONE;
        if (size > INDEX_EMAIL_MAX)
                return -E2BIG;

        char folded[INDEX_EMAIL_MAX + 1];
        for (size_t i = 0; i < size; i++)
                folded[i] = email[i] >= 'A' && email[i] <= 'Z' ? (char) (email[i] | 0x20) : email[i];
        folded[size] = '\0';
        if (!utf8_length(folded, &characters))
                return -EILSEQ;
        if (!is_address(folded))
                return -EINVAL;

        _cleanup_secret_ struct buffer message = { 0 };
        start_message(&message, "index/email");
        buffer_append(&message, folded, size);
        finish(keyring, &message, ret_index);
        return 0;
}
