#include <errno.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "crypto/seal.h"
#include "ring.h"

#define OWNER "0190a000-0000-7000-8000-00000000000a"
#define OTHER "0190a000-0000-7000-8000-00000000000b"
#define ROW "0190a000-0000-7000-8000-00000000000c"
#define ERASED "incident.account." ROW "." OWNER ".erased"

static struct keyring *keys;
static struct data_key key;
static char *wrapped;

static int start(void **state) {
        keys = ring();
        return seal_data_key_new(keys, OWNER, &key, &wrapped);
}

static int stop(void **state) {
        keyring_free(TAKE(keys));
        data_key_erase(&key);
        free(TAKE(wrapped));
        return 0;
}

/* The envelope of `plain`, owned by the caller. */
static char *envelope(const char *plain) {
        _cleanup_buffer_ struct buffer text = { 0 };
        buffer_append_format(&text, "incident.account.%s.%s.%s.", ROW, OWNER, wrapped);
        assert_int_equal(seal_value(&key, "incident", "account", ROW, plain, strlen(plain), &text), 0);
        return buffer_take(&text, NULL);
}

/* `format` with each @ replaced by the envelope of `plain`. */
static char *fill(const char *format, const char *plain) {
        _cleanup_buffer_ struct buffer text = { 0 };
        buffer_append(&text, "", 0);
        for (; *format; format++) {
                if (*format != '@') {
                        buffer_append_char(&text, *format);
                        continue;
                }
                _cleanup_free_ char *sealed = envelope(plain);
                buffer_append_string(&text, sealed);
        }
        return buffer_take(&text, NULL);
}

static int splice(const char *json, struct buffer *out) {
        /* A block of exactly its size, so that a read past the end is seen. */
        size_t size = strlen(json);
        _cleanup_free_ char *copy = memory_new(1, size);
        memcpy(copy, json, size);
        return seal_splice(keys, copy, size, out);
}

static void becomes(const char *format, const char *plain, const char *expected) {
        _cleanup_buffer_ struct buffer out = { 0 };
        _cleanup_free_ char *json = fill(format, plain);
        buffer_append_string(&out, "before:");
        assert_int_equal(splice(json, &out), 0);
        assert_memory_equal(out.data, "before:", 7);
        assert_string_equal(out.data + 7, expected);
}

static void is_refused(const char *json, int error) {
        _cleanup_buffer_ struct buffer out = { 0 };
        buffer_append_string(&out, "before");
        assert_int_equal(splice(json, &out), error);
        assert_string_equal(out.data, "before");
}

static void an_object_with_nothing_else_becomes_the_value(void **state) {
        becomes("{\"$sealed\":\"@\"}", "\"words\"", "\"words\"");
        becomes("{\"$sealed\": \"@\"}", "{\"a\": 1}", "{\"a\": 1}");
        becomes(" { \"$sealed\" : \"@\" } ", "\"words\"", " \"words\" ");
        becomes("{\n\t\"$sealed\"\r\n:\n\"@\"\n}", "\"words\"", "\"words\"");
        becomes("[{\"$sealed\": \"@\"},{\"$sealed\": \"@\"}]", "{}", "[{},{}]");
        becomes("{\"account\": {\"$sealed\": \"@\"}, \"n\": 1}", "\"words\"", "{\"account\": \"words\", \"n\": 1}");
}

static void a_member_among_others_becomes_the_members_of_the_value(void **state) {
        becomes("{\"id\":1,\"$sealed\":\"@\"}", "{\"a\": 1, \"b\": {}}", "{\"id\":1,\"a\": 1, \"b\": {}}");
        becomes("{\"$sealed\": \"@\", \"id\": 1}", "{\"a\": 1}", "{\"a\": 1, \"id\": 1}");
        becomes("{\"x\": 0, \"$sealed\": \"@\", \"id\": 1}", " { \"a\": 1 } ", "{\"x\": 0, \"a\": 1, \"id\": 1}");
        becomes("{\"x\" : 0 , \"$sealed\" : \"@\" , \"id\" : 1}", "{\"a\":1}", "{\"x\" : 0 , \"a\":1 , \"id\" : 1}");
}

static void an_empty_object_takes_one_comma_with_it(void **state) {
        becomes("{\"id\":1,\"$sealed\":\"@\"}", "{}", "{\"id\":1}");
        becomes("{\"id\": 1, \"$sealed\": \"@\"}", " { } ", "{\"id\": 1}");
        becomes("{\"$sealed\": \"@\", \"id\": 1}", "{}", "{\"id\": 1}");
        becomes("{\"a\": 1 , \"$sealed\": \"@\" , \"id\": 1}", "{}", "{\"a\": 1 , \"id\": 1}");
        becomes("{\"$sealed\": \"@\", \"$sealed\": \"@\"}", "{}", "{}");
        becomes("{\"a\": 1, \"$sealed\": \"@\", \"$sealed\": \"@\"}", "{}", "{\"a\": 1}");
        becomes("{\"$sealed\": \"@\", \"$sealed\": \"@\", \"a\": 1}", "{}", "{\"a\": 1}");
}

static void what_was_opened_is_not_searched_again(void **state) {
        becomes("{\"$sealed\":\"@\"}", "{\"$sealed\": \"x\"}", "{\"$sealed\": \"x\"}");
        becomes("{\"a\":1,\"$sealed\":\"@\"}", "{\"$sealed\": \"x\"}", "{\"a\":1,\"$sealed\": \"x\"}");
}

static void an_erased_envelope_says_that_it_is_erased(void **state) {
        becomes("{\"$sealed\": \"" ERASED "\"}", "{}", "{\"erased\": true}");
        becomes("{\"$sealed\": \"" ERASED ".s1.AAAA\"}", "{}", "{\"erased\": true}");
        becomes("{\"id\": 1, \"$sealed\": \"" ERASED "\"}", "{}", "{\"id\": 1, \"erased\": true}");
        is_refused("{\"$sealed\": \"incident.account." ROW ".erased\"}", -EBADMSG);
        is_refused("{\"$sealed\": \"erased\"}", -EBADMSG);
}

static void a_null_envelope_is_null_or_nothing(void **state) {
        becomes("{\"$sealed\": null}", "{}", "null");
        becomes("{\"id\": 1, \"$sealed\" : null}", "{}", "{\"id\": 1}");
        becomes("{\"$sealed\" :null, \"id\": 1}", "{}", "{\"id\": 1}");
        is_refused("{\"$sealed\": nullx}", -EBADMSG);
}

static void a_name_within_a_string_is_left_alone(void **state) {
        static const char *const texts[] = {
                "{\"a\": \"\\\"$sealed\\\": \\\"x\\\"\"}",
                "{\"a\": \"{\\\"$sealed\\\": \\\"x\\\"}\"}",
                "{\"a\": \", \\\"$sealed\\\":\\\"x\\\"\"}",
                "{\"a\\\"$sealed\": \"x\"}",
                "{\",\\\"$sealed\": \"x\"}",
                "{\"a\": \"$sealed\"}",
                "[\"$sealed\", \"$sealed\"]",
                "[\"x\", \"$sealed\"]",
                "{\"$sealed_at\": 1, \"x$sealed\": 2, \"$Sealed\": 3}",
                "\"$sealed\"",
                "{\"a\": \"\\\\\", \"b\": \"$sealed\\\\\"}",
                "$", "", "\"$", "\"$sealed", "\"$sealed\"", "{}", "\"$sealed\" ",
        };
        for (size_t i = 0; i < ELEMENTS(texts); i++)
                is_refused(texts[i], SEAL_NOTHING);
}

static void a_backslash_before_the_name_belongs_to_the_string_before_it(void **state) {
        becomes("{\"a\":\"\\\\\",\"$sealed\":\"@\"}", "{\"b\":1}", "{\"a\":\"\\\\\",\"b\":1}");
        becomes("{\"a\":\"\\\"\",\"$sealed\":\"@\"}", "{\"b\":1}", "{\"a\":\"\\\"\",\"b\":1}");
        becomes("{\"a\":\"{,\",\"$sealed\":\"@\"}", "{}", "{\"a\":\"{,\"}");
}

static void a_member_that_is_no_envelope_refuses_the_text(void **state) {
        static const char *const texts[] = {
                "{\"$sealed\": 1}", "{\"$sealed\": {}}", "{\"$sealed\": [\"x\"]}", "{\"$sealed\": \"\"}",
                "{\"$sealed\": \"x\"}", "{\"$sealed\": true}", "{\"$sealed\":", "{\"$sealed\": \"",
                "{\"$sealed\": \"x\"",
                "{\"$sealed\": \"a.b." ROW "." OWNER ".k1\"}",
                "{\"$sealed\": \"a.b." ROW "." OWNER ".k1.new-2.A.s1.A\"}",
                "[\"$sealed\": \"x\"]", "\"$sealed\":\"x\"", "{\"$sealed\": \"\\u0061\"}", "{\"$sealed\": n",
        };
        for (size_t i = 0; i < ELEMENTS(texts); i++)
                is_refused(texts[i], -EBADMSG);
}

static void a_good_envelope_where_no_member_can_stand_refuses_the_text(void **state) {
        static const char *const formats[] = {
                "[\"$sealed\": \"@\"]", "\"$sealed\": \"@\"}", "{1\"$sealed\": \"@\"}", "{\"$sealed\": \"@\"]",
                "{\"$sealed\": \"@\"", "{\"$sealed\": \"@\" \"a\": 1}",
        };
        for (size_t i = 0; i < ELEMENTS(formats); i++) {
                _cleanup_free_ char *json = fill(formats[i], "{}");
                is_refused(json, -EBADMSG);
        }
}

static void a_string_cannot_stand_in_for_members(void **state) {
        _cleanup_free_ char *string = fill("{\"id\": 1, \"$sealed\": \"@\"}", "\"{}\"");
        is_refused(string, -EBADMSG);
}

static void one_bad_envelope_among_good_ones_refuses_everything(void **state) {
        _cleanup_free_ char *json = fill("[{\"$sealed\": \"@\"}, {\"$sealed\": \"@\"}, {\"$sealed\": \"@\"}]",
                                         "\"a secret that must not stay behind\"");
        strrchr(json, '"')[-3] ^= 1;
        _cleanup_buffer_ struct buffer out = { 0 };
        assert_int_equal(splice(json, &out), -EBADMSG);
        assert_int_equal(out.size, 0);
        for (size_t i = 0; i < out.room; i++)
                assert_int_not_equal(out.data[i], 'm');
}

static void replace_once(char *text, const char *from, const char *to) {
        char *at = strstr(text, from);
        assert_non_null(at);
        memcpy(at, to, strlen(to));
}

static void an_envelope_moved_to_another_place_is_refused(void **state) {
        static const char *const changes[][2] = {
                { "incident", "incidenz" }, { "account", "accounz" }, { ROW, OTHER }, { OWNER, OTHER },
                { "k1.new-2", "k1.old-1" },
        };
        for (size_t i = 0; i < ELEMENTS(changes); i++) {
                _cleanup_free_ char *json = fill("{\"$sealed\": \"@\"}", "{}");
                replace_once(json, changes[i][0], changes[i][1]);
                is_refused(json, -EBADMSG);
        }
        _cleanup_free_ char *json = fill("{\"$sealed\": \"@\"}", "{}");
        replace_once(json, "k1.new-2", "k1.non-3");
        is_refused(json, -ENOKEY);
}

/* The data key kept from the envelope before must not open what belongs to another owner, key or wrapped text. */
static void the_kept_data_key_opens_nothing_it_should_not(void **state) {
        static const char *const changes[][2] = { { OWNER, OTHER }, { "k1.new-2", "k1.old-1" } };
        for (size_t i = 0; i < ELEMENTS(changes); i++) {
                _cleanup_free_ char *json = fill("[{\"$sealed\": \"@\"}, {\"$sealed\": \"@\"}]", "{}");
                replace_once(strstr(json, "}, {"), changes[i][0], changes[i][1]);
                is_refused(json, -EBADMSG);
        }
        _cleanup_free_ char *json = fill("[{\"$sealed\": \"@\"}, {\"$sealed\": \"@\"}]", "{}");
        char *second = strstr(strstr(json, "}, {"), "k1.new-2.") + 9;
        *second = *second == 'A' ? 'B' : 'A';
        is_refused(json, -EBADMSG);
}

static void envelopes_of_many_owners_and_keys_open_in_one_text(void **state) {
        _cleanup_(keyring_free_p) struct keyring *before = ring_of(RING_OLD_SEAL RING_OLD_TOKEN RING_INDEX);
        _cleanup_buffer_ struct buffer json = { 0 }, expected = { 0 }, out = { 0 };
        for (int i = 0; i < 200; i++) {
                _cleanup_(data_key_erase) struct data_key its_key = { 0 };
                _cleanup_free_ char *its_wrapped = NULL;
                char owner[UUID_TEXT], row[UUID_TEXT], plain[32];
                uuid_new(owner);
                uuid_new(row);
                snprintf(plain, sizeof plain, "\"value %d\"", i);
                assert_int_equal(seal_data_key_new(i % 3 ? keys : before, owner, &its_key, &its_wrapped), 0);
                buffer_append_format(&json, "%c{\"$sealed\": \"t.c.%s.%s.%s.", i ? ',' : '[', row, owner, its_wrapped);
                assert_int_equal(seal_value(&its_key, "t", "c", row, plain, strlen(plain), &json), 0);
                buffer_append_string(&json, "\"}");
                buffer_append_format(&expected, "%c%s", i ? ',' : '[', plain);
        }
        assert_int_equal(seal_splice(keys, json.data, json.size, &out), 0);
        assert_string_equal(out.data, expected.data);
}

static void the_limits_hold(void **state) {
        _cleanup_free_ char *large = memory_new(1, SEAL_SPLICE_MAX + 1);
        _cleanup_buffer_ struct buffer many = { 0 }, out = { 0 };
        memset(large, ' ', SEAL_SPLICE_MAX + 1);
        assert_int_equal(seal_splice(keys, large, SEAL_SPLICE_MAX, &out), SEAL_NOTHING);
        assert_int_equal(seal_splice(keys, large, SEAL_SPLICE_MAX + 1, &out), -E2BIG);
        for (int i = 0; i < SEAL_ENVELOPES_MAX; i++)
                buffer_append_string(&many, i ? ",{\"$sealed\":null}" : "[{\"$sealed\":null}");
        assert_int_equal(seal_splice(keys, many.data, many.size, &out), 0);
        out.size = 0;
        buffer_append_string(&many, ",{\"$sealed\":null}]");
        assert_int_equal(seal_splice(keys, many.data, many.size, &out), -E2BIG);
        assert_int_equal(out.size, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_object_with_nothing_else_becomes_the_value),
                cmocka_unit_test(a_member_among_others_becomes_the_members_of_the_value),
                cmocka_unit_test(an_empty_object_takes_one_comma_with_it),
                cmocka_unit_test(what_was_opened_is_not_searched_again),
                cmocka_unit_test(an_erased_envelope_says_that_it_is_erased),
                cmocka_unit_test(a_null_envelope_is_null_or_nothing),
                cmocka_unit_test(a_name_within_a_string_is_left_alone),
                cmocka_unit_test(a_backslash_before_the_name_belongs_to_the_string_before_it),
                cmocka_unit_test(a_member_that_is_no_envelope_refuses_the_text),
                cmocka_unit_test(a_good_envelope_where_no_member_can_stand_refuses_the_text),
                cmocka_unit_test(a_string_cannot_stand_in_for_members),
                cmocka_unit_test(one_bad_envelope_among_good_ones_refuses_everything),
                cmocka_unit_test(an_envelope_moved_to_another_place_is_refused),
                cmocka_unit_test(the_kept_data_key_opens_nothing_it_should_not),
                cmocka_unit_test(envelopes_of_many_owners_and_keys_open_in_one_text),
                cmocka_unit_test(the_limits_hold),
        };
        return cmocka_run_group_tests(tests, start, stop);
}
