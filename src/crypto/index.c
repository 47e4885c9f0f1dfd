#include "crypto/index.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "crypto/digest.h"
#include "fold.h"
#include "secret.h"

enum { INDEX_BYTES = (INDEX_TEXT - 1) / 2 };

/* A word of a folded name, in its buffer. */
struct word {
        size_t start, size;
};

/* The words of a folded name, and how many of them stand before its first comma: 0 without one. */
struct words {
        size_t count, before_comma;
        struct word at[INDEX_NAME_WORDS];
};

static bool is_among(const char *const *list, const char *data, struct word word) {
        for (; *list; list++)
                if (strlen(*list) == word.size && memcmp(*list, data + word.start, word.size) == 0)
                        return true;
        return false;
}

static bool is_title(const char *data, struct word word) {
        static const char *const titles[] = { "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", NULL };
        return is_among(titles, data, word);
}

static int end_word(const struct buffer *folded, size_t start, struct words *words) {
        struct word word = { start, folded->size - start };
        if (word.size == 0 || is_title(folded->data, word))
                return 0;
        if (words->count == INDEX_NAME_WORDS)
                return -E2BIG;
        words->at[words->count++] = word;
        return 0;
}

static int compare_words(const char *data, struct word a, struct word b) {
        int order = memcmp(data + a.start, data + b.start, a.size < b.size ? a.size : b.size);
        return order ? order : (a.size > b.size) - (a.size < b.size);
}

/* Appends the words in the order of their bytes. A few words: the plainest way to sort them. */
static void append_sorted(const char *data, struct word *words, size_t count, struct buffer *out) {
        for (size_t i = 1; i < count; i++)
                for (size_t k = i; k > 0 && compare_words(data, words[k], words[k - 1]) < 0; k--) {
                        struct word swapped = words[k];
                        words[k] = words[k - 1];
                        words[k - 1] = swapped;
                }
        for (size_t i = 0; i < count; i++) {
                if (i)
                        buffer_append_char(out, ' ');
                buffer_append(out, data + words[i].start, words[i].size);
        }
}

/* 0, INDEX_NONE or a fault, as the header says of a name. */
static int split_name(const char *name, struct buffer *folded, struct words *words) {
        size_t start = 0;
        int r;
        if (!name)
                return INDEX_NONE;
        if (strnlen(name, INDEX_NAME_MAX + 1) > INDEX_NAME_MAX)
                return -E2BIG;
        for (uint32_t character; *name;) {
                if (!utf8_next(&name, &character))
                        return -EILSEQ;
                if (fold_character(character, folded) != FOLD_SEPARATOR)
                        continue;
                r = end_word(folded, start, words);
                if (r < 0)
                        return r;
                start = folded->size;
                if (character == ',' && words->before_comma == 0)
                        words->before_comma = words->count;
        }
        r = end_word(folded, start, words);
        return r < 0 ? r : words->count == 0 ? INDEX_NONE : 0;
}

int index_normalise_name(const char *name, struct buffer *out) {
        _cleanup_secret_ struct buffer folded = { 0 };
        struct words words = { 0 };
        int r = split_name(name, &folded, &words);
        if (r == 0)
                append_sorted(folded.data, words.at, words.count, out);
        return r;
}

/* What stands before a name besides the titles that are no part of any; what stands behind it. */
static bool is_further_title(const char *data, struct word word) {
        static const char *const titles[] = {
                "doctor", "professor", "rev", "revd", "reverend", "fr", "lord", "lady", "dame", "hon", "judge", "cllr",
                "councillor", "nurse", "sister", "constable", "sergeant", "sgt", "pc", "dc", "ds", NULL,
        };
        return is_among(titles, data, word);
}

static bool is_post_nominal(const char *data, struct word word) {
        static const char *const letters[] = {
                "rn", "rgn", "rmn", "rnc", "rscn", "rm", "rsw", "cqsw", "dipsw", "ba", "bsc", "bed", "llb", "ma", "msc", "med",
                "mphil", "mba", "mres", "llm", "phd", "dphil", "edd", "ph", "sc", "md", "mb", "mbbs", "mbchb", "bmbs", "bm",
                "bch", "mrcp", "frcp", "mrcpch", "frcpch", "mrcgp", "frcgp", "mrcpsych", "frcpsych", "frcs", "pgce", "pgdip",
                "pgcert", "qts", "npqh", "jp", "qc", "kc", "obe", "mbe", "cbe", "dl", "esq", "jr", "junior", "snr", "senior",
                "ii", "iii", NULL,
        };
        return word.size == 1 || is_among(letters, data, word);
}

/* Of the first character of UTF-8 that was checked. */
static size_t character_size(const char *text) {
        size_t size = 1;
        while (((unsigned char) text[size] & 0xc0) == 0x80)
                size++;
        return size;
}

int index_normalise_ends(const char *name, bool initial, struct buffer *out) {
        _cleanup_secret_ struct buffer folded = { 0 };
        struct words words = { 0 };
        int r = split_name(name, &folded, &words);
        if (r != 0)
                return r;
        while (words.count > 2 && is_post_nominal(folded.data, words.at[words.count - 1]))
                words.count--;
        if (words.count < 2)
                return INDEX_NONE;
        bool turned = words.before_comma > 0 && words.before_comma < words.count; /* "Okafor, Grace" */
        size_t first = turned ? words.before_comma : 0, last = (turned ? first : words.count) - 1;
        while (first + (turned ? 1 : 2) < words.count && is_further_title(folded.data, words.at[first]))
                first++;
        struct word ends[2] = { words.at[first], words.at[last] };
        if (initial)
                ends[0].size = character_size(folded.data + ends[0].start);
        append_sorted(folded.data, ends, 2, out);
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

/* One label for both: a report that gives an initial meets the account that stands under it besides. */
static int index_ends(const struct keyring *keyring, const char *name, bool initial, char ret_index[static INDEX_TEXT]) {
        _cleanup_secret_ struct buffer message = { 0 };
        start_message(&message, "index/name_ends");
        int r = index_normalise_ends(name, initial, &message);
        if (r == 0)
                finish(keyring, &message, ret_index);
        return r;
}

int index_first_and_last_name(const struct keyring *keyring, const char *name, char ret_index[static INDEX_TEXT]) {
        return index_ends(keyring, name, false, ret_index);
}

int index_initial_and_last_name(const struct keyring *keyring, const char *name, char ret_index[static INDEX_TEXT]) {
        return index_ends(keyring, name, true, ret_index);
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
