#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "http/target.h"

static struct arena *arena;
static struct target target;

static int open_arena(void **state) {
        arena = arena_new();
        return 0;
}

static int close_arena(void **state) {
        arena_free(arena);
        return 0;
}

static const char *parse(const char *raw) {
        return target_parse(arena, raw, &target) ?: "ok";
}

static void a_path_is_taken_apart_and_decoded(void **state) {
        assert_string_equal(parse("/"), "ok");
        assert_int_equal(target.n_segments, 0);
        assert_string_equal(parse("/referrals/UP-7K3M/caf%C3%A9"), "ok");
        assert_int_equal(target.n_segments, 3);
        assert_string_equal(target.segments[2], "caf\xc3\xa9");
        assert_string_equal(parse("/a+b"), "ok");
        assert_string_equal(target.segments[0], "a+b");
        assert_string_equal(parse("/a/"), "ok");
        assert_int_equal(target.n_segments, 2);
        assert_string_equal(target.segments[1], "");
}

static void what_hides_in_a_path_is_refused(void **state) {
        static const char *const bad[] = {
                "", "*", "a", "http://h/a", "//a", "/a//b", "/a/./b", "/a/../b", "/..", "/%2e%2e/a", "/a%2fb", "/a%2Fb", "/a%5cb",
                "/a\\b", "/a%00b", "/a%0d%0ab", "/a%7f", "/a%c2%80", "/a b", "/a\tb", "/a\x01", "/a\xc3\xa9", "/a%", "/a%4", "/a%zz",
                "/a%c0%af", "/a%ed%a0%80", "/a%ff", "/a#b", "/a\"b", "/a<b", "/a{b}", "/a|b", "/a^b", "/a`b",
        };
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                if (strcmp(parse(bad[i]), "bad_target") != 0)
                        fail_msg("accepted: %s", bad[i]);
}

static void a_query_is_taken_apart_and_decoded(void **state) {
        assert_string_equal(parse("/a?b=1&c=x+y%20z&d&e="), "ok");
        assert_int_equal(target.n_arguments, 4);
        assert_string_equal(target_argument(&target, "b"), "1");
        assert_string_equal(target_argument(&target, "c"), "x y z");
        assert_string_equal(target_argument(&target, "d"), "");
        assert_string_equal(target_argument(&target, "e"), "");
        assert_null(target_argument(&target, "f"));
        assert_string_equal(target.path, "/a");
        assert_string_equal(target.query, "b=1&c=x+y%20z&d&e=");
        assert_string_equal(parse("/a?"), "ok");
        assert_int_equal(target.n_arguments, 0);
        assert_string_equal(parse("/a?b=/../%2f"), "ok");
        assert_string_equal(target_argument(&target, "b"), "/..//");
}

static void a_doubtful_query_is_refused(void **state) {
        assert_string_equal(parse("/a?b=1&b=2"), "repeated_argument");
        assert_string_equal(parse("/a?b=1&%62=2"), "repeated_argument");
        static const char *const bad[] = { "/a?=1", "/a?b=1&", "/a?&b=1", "/a?b=1&&c=2", "/a?b=%00", "/a?b=%", "/a?b=%ff", "/a?b=%1b", "/a?b=<" };
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                if (strcmp(parse(bad[i]), "bad_target") != 0)
                        fail_msg("accepted: %s", bad[i]);
}

static void a_target_is_bounded(void **state) {
        char raw[TARGET_MAX + 2] = "/";
        memset(raw + 1, 'a', TARGET_MAX - 1);
        assert_string_equal(parse(raw), "ok");
        raw[TARGET_MAX] = 'a';
        assert_string_equal(parse(raw), "target_too_long");

        char query[1024] = "/a?x=1";
        for (int i = 1; i < TARGET_ARGUMENTS_MAX; i++)
                snprintf(query + strlen(query), 16, "&n%d=1", i);
        assert_string_equal(parse(query), "ok");
        strcat(query, "&more=1");
        assert_string_equal(parse(query), "too_many_arguments");

        char path[64] = "";
        for (int i = 0; i < TARGET_SEGMENTS_MAX; i++)
                strcat(path, "/a");
        assert_string_equal(parse(path), "ok");
        strcat(path, "/a");
        assert_string_equal(parse(path), "not_found");
}

static void utf8_is_checked_to_the_letter_of_rfc_3629(void **state) {
        static const char *const good[] = { "", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf" };
        static const char *const bad[] = { "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xe2\x82", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff" };
        for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
                assert_true(utf8_is_valid(good[i], strlen(good[i])));
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_false(utf8_is_valid(bad[i], strlen(bad[i])));
}

static void what_is_encoded_decodes_to_itself(void **state) {
        struct buffer out = { 0 };
        target_encode(&out, "a b&c=d/\xc3\xa9+%?#");
        assert_string_equal(out.data, "a%20b%26c%3Dd%2F%C3%A9%2B%25%3F%23");
        assert_string_equal(target_decode(arena, out.data, out.size, ""), "a b&c=d/\xc3\xa9+%?#");
        buffer_clear(&out);
}

/* Any bytes at all: nothing is written past an end and nothing decodes to a control character. */
static void random_bytes_never_come_through_as_control_characters(void **state) {
        unsigned seed = 1;
        for (int round = 0; round < 20000; round++) {
                char raw[40] = "/";
                for (int i = 1; i < 38; i++) {
                        seed = seed * 1103515245u + 12345u;
                        raw[i] = "%02fFeE/.ac=&?+\x01\xc3\xa9"[(seed >> 16) % 18];
                }
                if (target_parse(arena, raw, &target))
                        continue;
                for (size_t s = 0; s < target.n_segments; s++)
                        for (const unsigned char *p = (const unsigned char *) target.segments[s]; *p; p++)
                                assert_true(*p >= 0x20 && *p != 0x7f && *p != '/' && *p != '\\');
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_path_is_taken_apart_and_decoded),
                cmocka_unit_test(what_hides_in_a_path_is_refused),
                cmocka_unit_test(a_query_is_taken_apart_and_decoded),
                cmocka_unit_test(a_doubtful_query_is_refused),
                cmocka_unit_test(a_target_is_bounded),
                cmocka_unit_test(utf8_is_checked_to_the_letter_of_rfc_3629),
                cmocka_unit_test(what_is_encoded_decodes_to_itself),
                cmocka_unit_test(random_bytes_never_come_through_as_control_characters),
        };
        return cmocka_run_group_tests(tests, open_arena, close_arena);
}
