/* Random documents, written twice side by side: as PostgreSQL would with envelopes in them, and as they should read
 * once opened. Then damage of every kind. The seed is printed so that a failure can be run again with SEED=n. */
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "crypto/seal.h"
#include "ring.h"

enum { DOCUMENTS = 3000, OWNERS = 4, DEPTH = 5 };

static struct keyring *keys;
static struct {
        char id[UUID_TEXT];
        struct data_key key;
        char *wrapped;
} owners[OWNERS];
static uint64_t seed;

/* xorshift64: its whole sequence follows from the seed, which the kernel's generator cannot offer. */
static unsigned roll(unsigned sides) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        return (unsigned) (seed >> 20) % sides;
}

static int start(void **state) {
        const char *given = getenv("SEED");
        random_bytes(&seed, sizeof seed);
        seed = given ? strtoull(given, NULL, 10) : seed | 1;
        fprintf(stderr, "SEED=%llu\n", (unsigned long long) seed);
        keys = ring();
        for (int i = 0; i < OWNERS; i++) {
                uuid_new(owners[i].id);
                assert_int_equal(seal_data_key_new(keys, owners[i].id, &owners[i].key, &owners[i].wrapped), 0);
        }
        return 0;
}

static int stop(void **state) {
        for (int i = 0; i < OWNERS; i++)
                free(TAKE(owners[i].wrapped));
        keyring_free(TAKE(keys));
        return 0;
}

struct pair {
        struct buffer sealed, plain;
        unsigned names, envelopes;
};

static void both(struct pair *pair, const char *s) {
        buffer_append_string(&pair->sealed, s);
        buffer_append_string(&pair->plain, s);
}

static const char *space(void) {
        static const char *const spaces[] = { "", "", "", " ", " ", "\n", "  ", " \t" };
        return spaces[roll(ELEMENTS(spaces))];
}

static void add_string(struct buffer *out) {
        /* Whatever could be mistaken for structure. */
        static const char *const pieces[] = {
                "\\\"$sealed\\\"", "\\\"$sealed\\\": \\\"x\\\"", "{\\\"$sealed\\\":\\\"a.b\\\"}", "$sealed", "$",
                "\\\\",
                "\\\"", ",", "{", "}", ":", ", ", "a", "\\u0024sealed", "\xc3\xa9", "\\n", "null", "\\/", "[", "]",
        };
        buffer_append_char(out, '"');
        for (unsigned n = roll(6); n; n--)
                buffer_append_string(out, pieces[roll(ELEMENTS(pieces))]);
        buffer_append_char(out, '"');
}

static void add_name(struct pair *pair, struct buffer *out) {
        buffer_append_format(out, "\"%sn%u%s\"", roll(4) ? "" : "\\\"$sealed\\\":", pair->names++,
                             roll(4) ? "" : "\\\"$sealed");
}

static void add_plain_members(struct pair *pair, struct buffer *out, unsigned n) {
        for (unsigned i = 0; i < n; i++) {
                buffer_append_string(out, i ? "," : "");
                buffer_append_string(out, space());
                add_name(pair, out);
                buffer_append_string(out, space());
                buffer_append_char(out, ':');
                add_string(out);
                buffer_append_string(out, space());
        }
}

static void add_envelope(struct pair *pair, const struct buffer *plain) {
        char row[UUID_TEXT];
        unsigned owner = roll(OWNERS);
        uuid_new(row);
        buffer_append_format(&pair->sealed, "\"$sealed\"%s:%s\"people.who_said_1.%s.%s.%s.", space(), space(), row,
                             owners[owner].id, owners[owner].wrapped);
        assert_int_equal(seal_value(&owners[owner].key, "people", "who_said_1", row, plain->data, plain->size,
                                    &pair->sealed), 0);
        buffer_append_char(&pair->sealed, '"');
        pair->envelopes++;
}

static void add_sealed_value(struct pair *pair) {
        _cleanup_buffer_ struct buffer plain = { 0 };
        if (roll(2))
                add_string(&plain);
        else {
                buffer_append_char(&plain, '{');
                add_plain_members(pair, &plain, roll(3));
                buffer_append_char(&plain, '}');
        }
        buffer_append_format(&pair->sealed, "{%s", space());
        add_envelope(pair, &plain);
        buffer_append_format(&pair->sealed, "%s}", space());
        buffer_append(&pair->plain, plain.data, plain.size);
}

static void add_value(struct pair *pair, unsigned depth);

/* An object with up to two envelopes among its members; `plain` gets a comma only between what is there. */
static void add_object(struct pair *pair, unsigned depth) {
        unsigned n = roll(5);
        bool first = true;
        both(pair, "{");
        for (unsigned i = 0; i < n; i++) {
                buffer_append_format(&pair->sealed, "%s%s", i ? "," : "", space());
                if (n > 1 && roll(3) == 0) {
                        _cleanup_buffer_ struct buffer object = { 0 }, members = { 0 };
                        unsigned count = roll(3);
                        add_plain_members(pair, &members, count);
                        buffer_append_format(&object, "{%s%s}", count ? members.data : "", space());
                        add_envelope(pair, &object);
                        if (count)
                                buffer_append_format(&pair->plain, "%s%s", first ? "" : ",", members.data);
                        first = first && count == 0;
                } else {
                        _cleanup_buffer_ struct buffer name = { 0 };
                        add_name(pair, &name);
                        buffer_append_string(&pair->plain, first ? "" : ",");
                        both(pair, name.data);
                        buffer_append_string(&pair->sealed, space());
                        both(pair, ":");
                        add_value(pair, depth + 1);
                        first = false;
                }
                buffer_append_string(&pair->sealed, space());
        }
        both(pair, "}");
}

static void add_array(struct pair *pair, unsigned depth) {
        both(pair, "[");
        for (unsigned n = roll(5), i = 0; i < n; i++) {
                both(pair, i ? "," : "");
                buffer_append_string(&pair->sealed, space());
                add_value(pair, depth + 1);
        }
        both(pair, "]");
}

static void add_value(struct pair *pair, unsigned depth) {
        static const char *const words[] = { "null", "true", "-12", "\"$sealed\"", "0", "\"\"" };
        switch (roll(depth < DEPTH ? 8 : 4)) {
        case 0:
                both(pair, words[roll(ELEMENTS(words))]);
                break;
        case 1: {
                _cleanup_buffer_ struct buffer string = { 0 };
                add_string(&string);
                both(pair, string.data);
                break;
        }
        case 2:
        case 3:
                add_sealed_value(pair);
                break;
        case 4:
                add_array(pair, depth);
                break;
        default:
                add_object(pair, depth);
        }
}

static void pair_clear(struct pair *pair) {
        buffer_clear(&pair->sealed);
        buffer_clear(&pair->plain);
}

static void make(struct pair *pair) {
        if (roll(2))
                add_object(pair, 0);
        else
                add_array(pair, 0);
}

/* In a block of exactly its size, so that the sanitiser sees a read beyond it. */
static int splice(const struct buffer *json, struct buffer *out) {
        _cleanup_free_ char *copy = memory_new(1, json->size);
        memcpy(copy, json->data, json->size);
        return seal_splice(keys, copy, json->size, out);
}

static json_t *parse(const struct buffer *text) {
        json_error_t error;
        json_t *json = json_loadb(text->data, text->size, JSON_REJECT_DUPLICATES, &error);
        if (!json)
                fail_msg("%s: %s", error.text, text->data);
        return json;
}

static void every_document_opens_to_what_was_meant(void **state) {
        unsigned with_envelopes = 0;
        for (int i = 0; i < DOCUMENTS; i++) {
                _cleanup_(pair_clear) struct pair pair = { 0 };
                _cleanup_buffer_ struct buffer out = { 0 };
                make(&pair);
                int r = splice(&pair.sealed, &out);
                assert_int_equal(r, pair.envelopes ? 0 : SEAL_NOTHING);
                with_envelopes += pair.envelopes > 0;
                json_t *got = parse(r == 0 ? &out : &pair.sealed), *meant = parse(&pair.plain);
                if (!json_equal(got, meant))
                        fail_msg("%s\nopened to\n%s\nand not to\n%s", pair.sealed.data, out.data, pair.plain.data);
                json_decref(got);
                json_decref(meant);
        }
        assert_true(with_envelopes > DOCUMENTS / 3);
}

/* The start of the envelope number `n`, and where it ends. */
static size_t find_envelope(const struct buffer *json, unsigned n, size_t *ret_end) {
        const char *at = json->data;
        for (unsigned i = 0; i <= n; i++)
                at = strstr(at + 1, "\"people.who_said_1.");
        assert_non_null(at);
        *ret_end = (size_t) (strchr(at + 1, '"') - json->data);
        return (size_t) (at + 1 - json->data);
}

static void no_changed_byte_of_an_envelope_is_overlooked(void **state) {
        for (int i = 0; i < DOCUMENTS; i++) {
                _cleanup_(pair_clear) struct pair pair = { 0 };
                _cleanup_buffer_ struct buffer out = { 0 };
                make(&pair);
                if (!pair.envelopes)
                        continue;
                size_t end, from = find_envelope(&pair.sealed, roll(pair.envelopes), &end);
                char *at = pair.sealed.data + from + roll((unsigned) (end - from)), old = *at;
                do
                        *at = (char) roll(256);
                while (*at == old);
                /* A UUID is the same in either case. */
                enum { UUIDS_AT = sizeof "people.who_said_1." - 1, UUIDS_END = UUIDS_AT + 2 * UUID_TEXT };
                size_t offset = (size_t) (at - pair.sealed.data) - from;
                bool same_uuid = (*at ^ old) == 0x20 && isalpha((unsigned char) old) && offset >= UUIDS_AT &&
                                 offset < UUIDS_END;
                int r = splice(&pair.sealed, &out);
                assert_true(same_uuid ? r == 0 : r < 0);
                if (r < 0)
                        assert_int_equal(out.size, 0);
        }
}

static void two_envelopes_that_exchange_their_rows_or_owners_are_refused(void **state) {
        unsigned tried = 0;
        for (int i = 0; i < DOCUMENTS; i++) {
                _cleanup_(pair_clear) struct pair pair = { 0 };
                _cleanup_buffer_ struct buffer out = { 0 };
                make(&pair);
                if (pair.envelopes < 2)
                        continue;
                size_t end, a = find_envelope(&pair.sealed, 0, &end), b = find_envelope(&pair.sealed, 1, &end);
                enum { ROW_AT = sizeof "people.who_said_1." - 1, UUID = UUID_TEXT - 1 };
                size_t offset = ROW_AT + (roll(2) ? UUID + 1 : 0);
                char *x = pair.sealed.data + a + offset, *y = pair.sealed.data + b + offset, swapped[UUID];
                if (memcmp(x, y, UUID) == 0)
                        continue;
                memcpy(swapped, x, UUID);
                memcpy(x, y, UUID);
                memcpy(y, swapped, UUID);
                assert_int_equal(splice(&pair.sealed, &out), -EBADMSG);
                tried++;
        }
        assert_true(tried > 100);
}

static void damaged_text_is_never_read_or_written_out_of_bounds(void **state) {
        static const char *const bits[] = { "\"$sealed\"", "{", "}", ",", ":", "\"", "\\", "null", ".", "$",
                " ", "erased" };
        for (int i = 0; i < 4 * DOCUMENTS; i++) {
                _cleanup_(pair_clear) struct pair pair = { 0 };
                _cleanup_buffer_ struct buffer out = { 0 };
                make(&pair);
                struct buffer *json = &pair.sealed;
                for (unsigned n = 1 + roll(4); n && json->size; n--) {
                        const char *bit = bits[roll(ELEMENTS(bits))];
                        size_t at = roll((unsigned) json->size), room = json->size - at;
                        size_t size = strlen(bit) < room ? strlen(bit) : room;
                        if (roll(4))
                                memcpy(json->data + at, bit, size);
                        else
                                json->size = at + 1;
                }
                int r = splice(json, &out);
                if (r != 0)
                        assert_int_equal(out.size, 0);
                else
                        assert_true(out.size <= json->size + 16u * pair.envelopes + 16);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_document_opens_to_what_was_meant),
                cmocka_unit_test(no_changed_byte_of_an_envelope_is_overlooked),
                cmocka_unit_test(two_envelopes_that_exchange_their_rows_or_owners_are_refused),
                cmocka_unit_test(damaged_text_is_never_read_or_written_out_of_bounds),
        };
        return cmocka_run_group_tests(tests, start, stop);
}
