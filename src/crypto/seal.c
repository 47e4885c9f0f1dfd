#include "crypto/seal.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "aead.h"
#include "base/memory.h"
#include "crypto/digest.h"
#include "sealed-text.h"
#include "secret.h"

_Static_assert((int) AEAD_OVERHEAD == (int) SEAL_OVERHEAD, "the header promises what is added");
_Static_assert((int) AEAD_KEY == (int) KEYRING_KEY_SIZE, "one size of key");

void data_key_erase(struct data_key *key) {
        memory_erase(key, sizeof *key);
}

bool seal_name_is_valid(const char *s, size_t size) {
        if (size == 0 || size > SEAL_NAME_MAX || s[0] < 'a' || s[0] > 'z')
                return false;
        for (size_t i = 1; i < size; i++)
                if (!(s[i] >= 'a' && s[i] <= 'z') && !(s[i] >= '0' && s[i] <= '9') && s[i] != '_')
                        return false;
        return true;
}

bool seal_uuid_fold(const char *s, size_t size, char ret_uuid[static UUID_TEXT]) {
        char folded[UUID_TEXT];
        if (size != UUID_TEXT - 1)
                return false;
        for (size_t i = 0; i < size; i++)
                folded[i] = s[i] >= 'A' && s[i] <= 'F' ? (char) (s[i] | 0x20) : s[i];
        folded[size] = '\0';
        if (!uuid_is_valid(folded))
                return false;
        memcpy(ret_uuid, folded, sizeof folded);
        return true;
}

/* What a data key is bound to: no name or id holds a bar, so two different places never give one text. */
static size_t data_key_aad(char ret_aad[static SEAL_AAD], const char *owner, const char *kek_id) {
        return (size_t) snprintf(ret_aad, SEAL_AAD, "data_key|%s|%s", owner, kek_id);
}

int seal_value_aad(const struct data_key *key, const char *table, const char *column, const char *row,
                   char ret_aad[static SEAL_AAD], size_t *ret_size) {
        char uuid[UUID_TEXT];
        if (!seal_name_is_valid(table, strlen(table)) || !seal_name_is_valid(column, strlen(column)) ||
            !seal_uuid_fold(row, strlen(row), uuid))
                return -EINVAL;
        *ret_size = (size_t) snprintf(ret_aad, SEAL_AAD, "%s|%s|%s|%s", table, column, uuid, key->owner);
        return 0;
}

int seal_data_key_new(const struct keyring *keyring, const char *owner, struct data_key *ret_key,
                      char **ret_wrapped) {
        const struct keyring_key *kek = keyring_current(keyring, KEYRING_SEAL);
        unsigned char wrapped[KEYRING_KEY_SIZE + AEAD_OVERHEAD];
        char uuid[UUID_TEXT], aad[SEAL_AAD];
        if (!seal_uuid_fold(owner, strlen(owner), uuid))
                return -EINVAL;

        random_bytes(ret_key->key, sizeof ret_key->key);
        memcpy(ret_key->kek_id, kek->id, sizeof ret_key->kek_id);
        memcpy(ret_key->owner, uuid, sizeof ret_key->owner);
        size_t aad_size = data_key_aad(aad, uuid, kek->id);
        aead_seal(kek->key, aad, aad_size, ret_key->key, sizeof ret_key->key, wrapped);

        _cleanup_buffer_ struct buffer text = { 0 };
        buffer_append_format(&text, "k1.%s.", kek->id);
        base64url_append(&text, wrapped, sizeof wrapped);
        *ret_wrapped = buffer_take(&text, NULL);
        return 0;
}

int seal_unwrap(const struct keyring *keyring, const char *owner, const char *kek_id, size_t kek_id_size,
                const char *text, size_t size, struct data_key *ret_key) {
        unsigned char wrapped[KEYRING_KEY_SIZE + AEAD_OVERHEAD];
        _cleanup_(data_key_erase) struct data_key key = { 0 };
        char aad[SEAL_AAD];
        size_t wrapped_size;
        if (base64url_decode(text, size, wrapped, sizeof wrapped, &wrapped_size) < 0 || wrapped_size != sizeof wrapped)
                return -EBADMSG;
        const struct keyring_key *kek = keyring_find(keyring, KEYRING_SEAL, kek_id, kek_id_size);
        if (!kek)
                return -ENOKEY;

        size_t aad_size = data_key_aad(aad, owner, kek->id);
        int r = aead_open(kek->key, aad, aad_size, wrapped, sizeof wrapped, key.key);
        if (r < 0)
                return r;
        memcpy(key.kek_id, kek->id, sizeof key.kek_id);
        memcpy(key.owner, owner, sizeof key.owner);
        *ret_key = key;
        return 0;
}

int seal_data_key_unwrap(const struct keyring *keyring, const char *owner, const char *wrapped,
                         struct data_key *ret_key) {
        char uuid[UUID_TEXT];
        if (!seal_uuid_fold(owner, strlen(owner), uuid))
                return -EINVAL;
        if (strncmp(wrapped, "k1.", 3) != 0)
                return -EBADMSG;
        const char *kek_id = wrapped + 3, *dot = strchr(kek_id, '.');
        if (!dot)
                return -EBADMSG;
        return seal_unwrap(keyring, uuid, kek_id, (size_t) (dot - kek_id), dot + 1, strlen(dot + 1), ret_key);
}

/* Whether the text is one JSON string or object. The brackets let the parser, which we want strict, take a string. */
static bool is_json_string_or_object(const char *text, size_t size) {
        _cleanup_secret_ struct buffer list = { 0 };
        buffer_append_char(&list, '[');
        buffer_append(&list, text, size);
        buffer_append_char(&list, ']');

        json_t *parsed = json_loadb(list.data, list.size, JSON_REJECT_DUPLICATES, NULL);
        const json_t *value = json_array_size(parsed) == 1 ? json_array_get(parsed, 0) : NULL;
        bool good = json_is_string(value) || json_is_object(value);
        json_decref(parsed);
        return good;
}

int seal_bytes(const struct data_key *key, const char *table, const char *column, const char *row, const void *data,
               size_t size, struct buffer *out) {
        char aad[SEAL_AAD];
        size_t aad_size;
        if (size > SEAL_VALUE_MAX)
                return -E2BIG;
        int r = seal_value_aad(key, table, column, row, aad, &aad_size);
        if (r < 0)
                return r;
        _cleanup_free_ unsigned char *sealed = memory_new(1, size + AEAD_OVERHEAD);
        aead_seal(key->key, aad, aad_size, data, size, sealed);
        buffer_append(out, sealed, size + AEAD_OVERHEAD);
        return 0;
}

int seal_open_bytes(const struct data_key *key, const char *table, const char *column, const char *row,
                    const void *sealed, size_t size, struct buffer *out) {
        char aad[SEAL_AAD];
        size_t aad_size;
        if (size < AEAD_OVERHEAD)
                return -EBADMSG;
        if (size - AEAD_OVERHEAD > SEAL_VALUE_MAX)
                return -E2BIG;
        int r = seal_value_aad(key, table, column, row, aad, &aad_size);
        if (r < 0)
                return r;
        size_t length = size - AEAD_OVERHEAD;
        _cleanup_free_ unsigned char *plain = memory_new(1, length);
        r = aead_open(key->key, aad, aad_size, sealed, size, plain);
        if (r == 0)
                buffer_append(out, plain, length);
        memory_erase(plain, length);
        return r;
}

static int seal_text(const struct data_key *key, const char *table, const char *column, const char *row,
                     const char *plaintext, size_t size, struct buffer *out) {
        _cleanup_buffer_ struct buffer sealed = { 0 };
        int r = seal_bytes(key, table, column, row, plaintext, size, &sealed);
        if (r < 0)
                return r;
        buffer_append_string(out, "s1.");
        base64url_append(out, sealed.data, sealed.size);
        return 0;
}

int seal_value(const struct data_key *key, const char *table, const char *column, const char *row,
               const char *plaintext, size_t size, struct buffer *out) {
        if (size > SEAL_VALUE_MAX)
                return -E2BIG;
        if (!is_json_string_or_object(plaintext, size))
                return -EINVAL;
        return seal_text(key, table, column, row, plaintext, size, out);
}

static int append_text(const char *text, size_t size, void *data) {
        struct buffer *plain = data;
        buffer_append(plain, text, size);
        return 0;
}

int seal_json(const struct data_key *key, const char *table, const char *column, const char *row, const json_t *value,
              struct buffer *out) {
        _cleanup_secret_ struct buffer plain = { 0 };
        if (!json_is_string(value) && !json_is_object(value))
                return -EINVAL;
        if (json_dump_callback(value, append_text, &plain, JSON_COMPACT | JSON_ENCODE_ANY) < 0)
                return -EINVAL;
        return seal_text(key, table, column, row, plain.data, plain.size, out);
}

int seal_open(const struct data_key *key, const char *table, const char *column, const char *row, const char *sealed,
              struct buffer *out) {
        if (strncmp(sealed, "s1.", 3) != 0)
                return -EBADMSG;
        const char *text = sealed + 3;
        size_t length = strlen(text), room = length / 4 * 3 + 3, size;
        if (length > BASE64URL_LENGTH((size_t) SEAL_VALUE_MAX + AEAD_OVERHEAD))
                return -E2BIG;
        _cleanup_free_ unsigned char *bytes = memory_new(1, room);
        int r = base64url_decode(text, length, bytes, room, &size);
        return r < 0 ? r : seal_open_bytes(key, table, column, row, bytes, size, out);
}
