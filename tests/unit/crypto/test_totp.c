#include <ctype.h>
#include <errno.h>
#include <qrencode.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "crypto/totp.h"
#include "ring.h"

/* "12345678901234567890", the secret of RFC 6238's appendix B. */
static const char rfc_secret[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

static void the_codes_of_rfc_6238_match(void **state) {
        /* Its codes have eight digits; ours are their last six. */
        static const struct {
                time_t at;
                const char *code;
        } cases[] = {
                { 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" },
                { 1234567890, "005924" }, { 2000000000, "279037" }, { 20000000000, "353130" },
        };
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                int64_t step = -1;
                assert_int_equal(totp_check(rfc_secret, cases[i].code, cases[i].at, &step), 0);
                assert_int_equal(step, cases[i].at / TOTP_PERIOD);
        }
}

static void a_code_is_good_one_step_early_and_one_step_late(void **state) {
        int64_t step = -1;
        const int64_t its_step = 1111111109 / TOTP_PERIOD;
        const time_t start = its_step * TOTP_PERIOD;
        static const struct {
                int after_start, expected;
        } cases[] = { { -31, TOTP_WRONG }, { 60, TOTP_WRONG }, { -30, 0 }, { 0, 0 }, { 29, 0 }, { 59, 0 } };
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                step = -1;
                int r = totp_check(rfc_secret, "081804", start + cases[i].after_start, &step);
                assert_int_equal(r, cases[i].expected);
                assert_int_equal(step, r == 0 ? its_step : -1);
        }
}

static void spaces_are_passed_over_and_nothing_else(void **state) {
        static const char *const good[] = { "287 082", " 287082 ", "2 8 7 0 8 2" };
        static const char *const bad[] = {
                "", "28708", "2870820", "287-082", "28708a", "087082", "\xef\xbc\x92" "87082", "287082\n",
        };
        int64_t step;
        for (size_t i = 0; i < ELEMENTS(good); i++)
                assert_int_equal(totp_check(rfc_secret, good[i], 59, &step), 0);
        for (size_t i = 0; i < ELEMENTS(bad); i++)
                assert_int_equal(totp_check(rfc_secret, bad[i], 59, &step), TOTP_WRONG);
}

static void a_secret_that_is_none_is_a_fault(void **state) {
        static const char *const bad[] = { "", "GEZDGNBV", "not base32 at all!", "1EZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" };
        int64_t step;
        for (size_t i = 0; i < ELEMENTS(bad); i++)
                assert_int_equal(totp_check(bad[i], "287082", 59, &step), -EINVAL);
}

static void a_fresh_secret_is_base32_and_never_the_same(void **state) {
        char a[TOTP_SECRET], b[TOTP_SECRET];
        bool seen[256] = { 0 };
        unsigned different = 0;
        totp_secret_new(a);
        totp_secret_new(b);
        assert_string_not_equal(a, b);
        for (int i = 0; i < 200; i++) {
                int64_t step;
                totp_secret_new(a);
                assert_int_equal(strlen(a), TOTP_SECRET - 1);
                assert_int_equal(strspn(a, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), TOTP_SECRET - 1);
                assert_true(totp_check(a, "000000", 59, &step) >= 0);
                seen[(unsigned char) a[i % (TOTP_SECRET - 1)]] = true;
        }
        for (size_t i = 0; i < ELEMENTS(seen); i++)
                different += seen[i];
        assert_true(different > 25);
}

static void the_uri_is_percent_encoded(void **state) {
        _cleanup_buffer_ struct buffer uri = { 0 };
        totp_uri(rfc_secret, "Upstander & Co: Old Quay", "zo\xc3\xab+1@example.org", &uri);
        assert_string_equal(uri.data, "otpauth://totp/Upstander%20%26%20Co%3A%20Old%20Quay:zo%C3%AB%2B1%40example.org"
                                      "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                                      "&issuer=Upstander%20%26%20Co%3A%20Old%20Quay&algorithm=SHA1&digits=6&period=30");
}

/* Paints the path's bars, each "M<x> <y>h<n>v1h-<n>z", into a square of side `side`. */
static void paint(const char *path, int side, unsigned char *ret_modules) {
        while (*path != '"') {
                int x, y, n, back, used = 0;
                assert_int_equal(sscanf(path, "M%d %dh%dv1h-%dz%n", &x, &y, &n, &back, &used), 4);
                assert_true(used > 0 && n == back && n > 0 && x >= 0 && y >= 0 && x + n <= side && y < side);
                memset(ret_modules + y * side + x, 1, (size_t) n);
                path += used;
        }
}

static void the_picture_has_the_modules_of_the_code_and_a_quiet_zone(void **state) {
        static const char text[] = "otpauth://totp/Upstander:grace%40example.org?secret=GEZDGNBVGY3TQOJQ";
        _cleanup_buffer_ struct buffer svg = { 0 };
        assert_int_equal(totp_qr_svg(text, "Scan this with your app", &svg), 0);

        QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
        int side = code->width + 8, given_width, given_height;
        assert_int_equal(sscanf(strstr(svg.data, "viewBox="), "viewBox=\"0 0 %d %d\"", &given_width, &given_height), 2);
        assert_int_equal(given_width, side);
        assert_int_equal(given_height, side);
        _cleanup_free_ unsigned char *modules = memory_new((size_t) side, (size_t) side);
        paint(strstr(svg.data, " d=\"") + 4, side, modules);
        for (int y = 0; y < side; y++)
                for (int x = 0; x < side; x++) {
                        bool inside = x >= 4 && y >= 4 && x < side - 4 && y < side - 4;
                        int dark = inside ? code->data[(y - 4) * code->width + x - 4] & 1 : 0;
                        assert_int_equal(modules[y * side + x], dark);
                }
        QRcode_free(code);
}

static void the_picture_stands_under_a_strict_policy_and_has_a_name(void **state) {
        _cleanup_buffer_ struct buffer svg = { 0 };
        assert_int_equal(totp_qr_svg("text", "<b> & \"you\"", &svg), 0);
        assert_null(strstr(svg.data, "style"));
        assert_null(strstr(svg.data, "<b>"));
        assert_non_null(strstr(svg.data, "role=\"img\""));
        assert_non_null(strstr(svg.data, "<title>&lt;b&gt; &amp; \"you\"</title>"));
        const char *path = strstr(svg.data, "<path");
        assert_non_null(path);
        assert_null(strstr(path + 1, "<path"));
}

static void a_text_that_is_too_long_makes_no_picture(void **state) {
        _cleanup_buffer_ struct buffer svg = { 0 };
        char text[1002];
        memset(text, 'x', sizeof text);
        text[1001] = '\0';
        assert_int_equal(totp_qr_svg(text, "t", &svg), -E2BIG);
        assert_int_equal(svg.size, 0);
        text[1000] = '\0';
        assert_int_equal(totp_qr_svg(text, "t", &svg), 0);
}

static void recovery_codes_are_ten_different_ones_without_letters_that_are_misread(void **state) {
        char codes[RECOVERY_CODES][RECOVERY_CODE_TEXT];
        recovery_codes_new(codes);
        for (int i = 0; i < RECOVERY_CODES; i++) {
                assert_int_equal(strlen(codes[i]), 14);
                for (int k = 0; k < 14; k++) {
                        assert_null(strchr("01ilo", codes[i][k]));
                        assert_true(k % 5 == 4 ? codes[i][k] == '-' : islower((unsigned char) codes[i][k]) ||
                                                                              isdigit((unsigned char) codes[i][k]));
                }
                for (int k = 0; k < i; k++)
                        assert_string_not_equal(codes[i], codes[k]);
        }
}

static void a_recovery_code_is_known_however_it_is_typed(void **state) {
        static const char *const same[] = { "7k3m-9q2x-b4tn", "7K3M9Q2XB4TN", " 7k3m 9q2x b4tn ", "7-k-3-m-9q2xb4tn" };
        static const char *const bad[] = {
                "", "7k3m-9q2x-b4t", "7k3m-9q2x-b4tnn", "7k3m-9q2x-b4t0", "7k3m-9q2x-b4t\xc3\xa9", "7k3m_9q2x_b4tn",
        };
        WITH_RING;
        char first[SHA256_HEX], hash[SHA256_HEX] = "untouched";
        for (size_t i = 0; i < ELEMENTS(bad); i++)
                assert_int_equal(recovery_code_hash(keyring, "account", bad[i], hash), TOTP_WRONG);
        assert_string_equal(hash, "untouched");
        assert_int_equal(recovery_code_hash(keyring, "account", same[0], first), 0);
        assert_int_equal(strlen(first), 64);
        for (size_t i = 0; i < ELEMENTS(same); i++) {
                assert_int_equal(recovery_code_hash(keyring, "account", same[i], hash), 0);
                assert_string_equal(hash, first);
        }
}

static void the_hash_of_a_recovery_code_depends_on_account_and_key(void **state) {
        _cleanup_(keyring_free_p) struct keyring *other = ring_of(RING_OLD_SEAL RING_OLD_TOKEN RING_OTHER_INDEX);
        WITH_RING;
        char a[SHA256_HEX], b[SHA256_HEX], c[SHA256_HEX], d[SHA256_HEX];
        assert_int_equal(recovery_code_hash(keyring, "one", "7k3m-9q2x-b4tn", a), 0);
        assert_int_equal(recovery_code_hash(keyring, "two", "7k3m-9q2x-b4tn", b), 0);
        assert_int_equal(recovery_code_hash(other, "one", "7k3m-9q2x-b4tn", c), 0);
        assert_int_equal(recovery_code_hash(keyring, "one", "7k3m-9q2x-b4tp", d), 0);
        assert_string_not_equal(a, b);
        assert_string_not_equal(a, c);
        assert_string_not_equal(a, d);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_codes_of_rfc_6238_match),
                cmocka_unit_test(a_code_is_good_one_step_early_and_one_step_late),
                cmocka_unit_test(spaces_are_passed_over_and_nothing_else),
                cmocka_unit_test(a_secret_that_is_none_is_a_fault),
                cmocka_unit_test(a_fresh_secret_is_base32_and_never_the_same),
                cmocka_unit_test(the_uri_is_percent_encoded),
                cmocka_unit_test(the_picture_has_the_modules_of_the_code_and_a_quiet_zone),
                cmocka_unit_test(the_picture_stands_under_a_strict_policy_and_has_a_name),
                cmocka_unit_test(a_text_that_is_too_long_makes_no_picture),
                cmocka_unit_test(recovery_codes_are_ten_different_ones_without_letters_that_are_misread),
                cmocka_unit_test(a_recovery_code_is_known_however_it_is_typed),
                cmocka_unit_test(the_hash_of_a_recovery_code_depends_on_account_and_key),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
