#include <errno.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "crypto/seal.h"
#include "ring.h"

#define OWNER "0190a000-0000-7000-8000-00000000000a"
#define OTHER "0190a000-0000-7000-8000-00000000000b"
#define ROW "0190a000-0000-7000-8000-00000000000c"

static void value_opens(const struct data_key *key, const char *plain) {
        _cleanup_buffer_ struct buffer sealed = { 0 }, opened = { 0 };
        assert_int_equal(seal_value(key, "incident", "account", ROW, plain, strlen(plain), &sealed), 0);
        assert_null(strstr(sealed.data, plain));
        assert_int_equal(seal_open(key, "incident", "account", ROW, sealed.data, &opened), 0);
        assert_int_equal(opened.size, strlen(plain));
        assert_memory_equal(opened.data, plain, opened.size);
}

static void what_was_sealed_opens_to_the_same_bytes(void **state) {
        WITH_RING;
        _cleanup_(data_key_erase) struct data_key key = { 0 };
        _cleanup_free_ char *wrapped = NULL;
        assert_int_equal(seal_data_key_new(keyring, OWNER, &key, &wrapped), 0);
        value_opens(&key, "\"Words that were spoken\"");
        value_opens(&key, "{}");
        value_opens(&key, " {\"a\" : [1, {\"b\": null}]}\n");
        value_opens(&key, "\"\\ud83d\\ude00 \xf0\x9f\x98\x80\"");
}

static void the_texts_have_the_promised_forms(void **state) {
        WITH_RING;
        _cleanup_(data_key_erase) struct data_key key = { 0 };
        _cleanup_free_ char *wrapped = NULL;
        _cleanup_buffer_ struct buffer sealed = { 0 };
        assert_int_equal(seal_data_key_new(keyring, OWNER, &key, &wrapped), 0);
        assert_string_equal(key.kek_id, "new-2");
        assert_memory_equal(wrapped, "k1.new-2.", 9);
        assert_int_equal(strlen(wrapped), 9 + 80); /* (12 + 32 + 16) bytes */
        assert_int_equal(seal_value(&key, "a", "b", ROW, "\"\"", 2, &sealed), 0);
        assert_memory_equal(sealed.data, "s1.", 3);
        assert_int_equal(sealed.size, 3 + 40); /* (12 + 2 + 16) bytes */
}

static void two_sealings_of_one_value_have_nothing_in_common(void **state) {
        WITH_RING;
        _cleanup_(data_key_erase) struct data_key a = { 0 }, b = { 0 };
        _cleanup_free_ char *wrapped_a = NULL, *wrapped_b = NULL;
        _cleanup_buffer_ struct buffer first = { 0 }, second = { 0 };
        assert_int_equal(seal_data_key_new(keyring, OWNER, &a, &wrapped_a), 0);
        assert_int_equal(seal_data_key_new(keyring, OWNER, &b, &wrapped_b), 0);
        assert_memory_not_equal(a.key, b.key, sizeof a.key);
        assert_int_equal(seal_value(&a, "a", "b", ROW, "{}", 2, &first), 0);
        assert_int_equal(seal_value(&a, "a", "b", ROW, "{}", 2, &second), 0);
        assert_string_not_equal(first.data, second.data);
}

static void a_data_key_unwraps_for_its_owner_alone(void **state) {
        WITH_RING;
        _cleanup_(data_key_erase) struct data_key key = { 0 }, again = { 0 };
        _cleanup_free_ char *wrapped = NULL;
        assert_int_equal(seal_data_key_new(keyring, OWNER, &key, &wrapped), 0);
        assert_int_equal(seal_data_key_unwrap(keyring, OTHER, wrapped, &again), -EBADMSG);
        assert_int_equal(again.kek_id[0], 0);
        assert_int_equal(seal_data_key_unwrap(keyring, "0190A000-0000-7000-8000-00000000000A", wrapped, &again), 0);
        assert_memory_equal(again.key, key.key, sizeof key.key);
        assert_string_equal(again.kek_id, key.kek_id);
        assert_int_equal(seal_data_key_unwrap(keyring, "nobody", wrapped, &again), -EINVAL);
}

static void an_older_key_still_opens_and_a_lost_one_does_not(void **state) {
        _cleanup_(keyring_free_p) struct keyring *before = ring_of(RING_OLD_SEAL RING_OLD_TOKEN RING_INDEX);
        _cleanup_(keyring_free_p) struct keyring *lost = ring_of(RING_NEW_SEAL RING_OLD_TOKEN RING_INDEX);
        WITH_RING;
        _cleanup_(data_key_erase) struct data_key key = { 0 }, again = { 0 };
        _cleanup_free_ char *wrapped = NULL;
        assert_int_equal(seal_data_key_new(before, OWNER, &key, &wrapped), 0);
        assert_int_equal(seal_data_key_unwrap(keyring, OWNER, wrapped, &again), 0);
        assert_int_equal(seal_data_key_unwrap(lost, OWNER, wrapped, &again), -ENOKEY);
}

static void a_value_moved_elsewhere_does_not_open(void **state) {
        WITH_RING;
        _cleanup_(data_key_erase) struct data_key key = { 0 }, other = { 0 };
        _cleanup_free_ char *wrapped = NULL, *other_wrapped = NULL;
        _cleanup_buffer_ struct buffer sealed = { 0 }, opened = { 0 };
        assert_int_equal(seal_data_key_new(keyring, OWNER, &key, &wrapped), 0);
        assert_int_equal(seal_data_key_new(keyring, OTHER, &other, &other_wrapped), 0);
        assert_int_equal(seal_value(&key, "incident", "account", ROW, "{}", 2, &sealed), 0);
        assert_int_equal(seal_open(&key, "person", "account", ROW, sealed.data, &opened), -EBADMSG);
        assert_int_equal(seal_open(&key, "incident", "words", ROW, sealed.data, &opened), -EBADMSG);
        assert_int_equal(seal_open(&key, "incident", "account", OTHER, sealed.data, &opened), -EBADMSG);
        assert_int_equal(seal_open(&other, "incident", "account", ROW, sealed.data, &opened), -EBADMSG);
        strcpy(key.owner, OTHER);
        assert_int_equal(seal_open(&key, "incident", "account", ROW, sealed.data, &opened), -EBADMSG);
        assert_int_equal(opened.size, 0);
}

/* Every bit of every character. A NUL ends the text early, which must not open either. */
static void no_changed_bit_of_a_sealed_value_or_wrapped_key_is_overlooked(void **state) {
        WITH_RING;
        _cleanup_(data_key_erase) struct data_key key = { 0 }, again = { 0 };
        _cleanup_free_ char *wrapped = NULL;
        _cleanup_buffer_ struct buffer sealed = { 0 }, opened = { 0 };
        assert_int_equal(seal_data_key_new(keyring, OWNER, &key, &wrapped), 0);
        assert_int_equal(seal_value(&key, "a", "b", ROW, "\"Three short words\"", 19, &sealed), 0);
        for (size_t bit = 0; bit < 8 * sealed.size; bit++) {
                sealed.data[bit / 8] ^= (char) (1 << bit % 8);
                assert_true(seal_open(&key, "a", "b", ROW, sealed.data, &opened) < 0);
                sealed.data[bit / 8] ^= (char) (1 << bit % 8);
        }
        for (size_t bit = 0; bit < 8 * strlen(wrapped); bit++) {
                wrapped[bit / 8] ^= (char) (1 << bit % 8);
                assert_true(seal_data_key_unwrap(keyring, OWNER, wrapped, &again) < 0);
                wrapped[bit / 8] ^= (char) (1 << bit % 8);
        }
        assert_int_equal(seal_open(&key, "a", "b", ROW, sealed.data, &opened), 0);
        assert_int_equal(seal_data_key_unwrap(keyring, OWNER, wrapped, &again), 0);
}

static void a_text_cut_short_or_made_longer_does_not_open(void **state) {
        WITH_RING;
        _cleanup_(data_key_erase) struct data_key key = { 0 };
        _cleanup_free_ char *wrapped = NULL;
        _cleanup_buffer_ struct buffer sealed = { 0 }, opened = { 0 };
        assert_int_equal(seal_data_key_new(keyring, OWNER, &key, &wrapped), 0);
        assert_int_equal(seal_value(&key, "a", "b", ROW, "{\"a\": 1}", 8, &sealed), 0);
        for (size_t size = 0; size < sealed.size; size++) {
                _cleanup_free_ char *cut = memory_copy_string(sealed.data);
                cut[size] = '\0';
                assert_true(seal_open(&key, "a", "b", ROW, cut, &opened) < 0);
        }
        buffer_append_string(&sealed, "AAAA");
        assert_int_equal(seal_open(&key, "a", "b", ROW, sealed.data, &opened), -EBADMSG);
}

static void only_a_json_string_or_object_is_sealed(void **state) {
        static const char *const bad[] = {
                "", " ", "1", "null", "true", "[1]", "words", "\"a\" \"b\"", "\"a\",\"b\"", "{} {}",
                "{\"a\":1,\"a\":2}",
                "\"\xff\"", "{", "\"a", "]", "\"a\"],[\"b\"", "{}]", "\"\\u0000\"", "\"a\nb\"",
        };
        WITH_RING;
        _cleanup_(data_key_erase) struct data_key key = { 0 };
        _cleanup_free_ char *wrapped = NULL;
        _cleanup_buffer_ struct buffer sealed = { 0 };
        assert_int_equal(seal_data_key_new(keyring, OWNER, &key, &wrapped), 0);
        for (size_t i = 0; i < ELEMENTS(bad); i++)
                assert_int_equal(seal_value(&key, "a", "b", ROW, bad[i], strlen(bad[i]), &sealed), -EINVAL);
        assert_int_equal(sealed.size, 0);
}

static void names_that_could_be_read_two_ways_are_refused(void **state) {
        WITH_RING;
        _cleanup_(data_key_erase) struct data_key key = { 0 };
        _cleanup_free_ char *wrapped = NULL;
        _cleanup_buffer_ struct buffer sealed = { 0 };
        assert_int_equal(seal_data_key_new(keyring, OWNER, &key, &wrapped), 0);
        static const char *const bad[] = {
                "", "a|b", "a.b", "A", "1a", "_a", "a b", "\xc3\xa9",
                "a23456789012345678901234567890123456789012345678901234567890abcd",
        };
        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                assert_int_equal(seal_value(&key, bad[i], "b", ROW, "{}", 2, &sealed), -EINVAL);
                assert_int_equal(seal_value(&key, "a", bad[i], ROW, "{}", 2, &sealed), -EINVAL);
        }
        assert_int_equal(seal_value(&key, "a", "b", "", "{}", 2, &sealed), -EINVAL);
        assert_int_equal(seal_value(&key, "a", "b", ROW "0", "{}", 2, &sealed), -EINVAL);
}

static void bytes_are_sealed_too_and_the_limit_holds_for_both(void **state) {
        WITH_RING;
        _cleanup_(data_key_erase) struct data_key key = { 0 };
        _cleanup_free_ char *wrapped = NULL, *data = memory_new(1, SEAL_VALUE_MAX + 1);
        _cleanup_buffer_ struct buffer sealed = { 0 }, opened = { 0 }, none = { 0 };
        assert_int_equal(seal_data_key_new(keyring, OWNER, &key, &wrapped), 0);
        random_bytes(data, 4096);
        assert_int_equal(seal_bytes(&key, "chunk", "data", ROW, data, SEAL_VALUE_MAX, &sealed), 0);
        assert_int_equal(sealed.size, SEAL_VALUE_MAX + SEAL_OVERHEAD);
        assert_int_equal(seal_open_bytes(&key, "chunk", "data", ROW, sealed.data, sealed.size, &opened), 0);
        assert_int_equal(opened.size, SEAL_VALUE_MAX);
        assert_memory_equal(opened.data, data, SEAL_VALUE_MAX);
        assert_int_equal(seal_bytes(&key, "chunk", "data", ROW, data, SEAL_VALUE_MAX + 1, &none), -E2BIG);
        assert_int_equal(seal_value(&key, "chunk", "data", ROW, data, SEAL_VALUE_MAX + 1, &none), -E2BIG);
        assert_int_equal(seal_open_bytes(&key, "chunk", "data", ROW, sealed.data, SEAL_OVERHEAD - 1, &none), -EBADMSG);
        assert_int_equal(none.size, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_was_sealed_opens_to_the_same_bytes),
                cmocka_unit_test(the_texts_have_the_promised_forms),
                cmocka_unit_test(two_sealings_of_one_value_have_nothing_in_common),
                cmocka_unit_test(a_data_key_unwraps_for_its_owner_alone),
                cmocka_unit_test(an_older_key_still_opens_and_a_lost_one_does_not),
                cmocka_unit_test(a_value_moved_elsewhere_does_not_open),
                cmocka_unit_test(no_changed_bit_of_a_sealed_value_or_wrapped_key_is_overlooked),
                cmocka_unit_test(a_text_cut_short_or_made_longer_does_not_open),
                cmocka_unit_test(only_a_json_string_or_object_is_sealed),
                cmocka_unit_test(names_that_could_be_read_two_ways_are_refused),
                cmocka_unit_test(bytes_are_sealed_too_and_the_limit_holds_for_both),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
