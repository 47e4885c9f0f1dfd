#include <errno.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "crypto/token.h"
#include "ring.h"

static const enum token_kind kinds[] = { TOKEN_BEARER, TOKEN_COOKIE, TOKEN_INVITATION, TOKEN_RESET, TOKEN_DEVICE };

static void a_token_is_good_for_its_kind_alone(void **state) {
        WITH_RING;
        for (size_t i = 0; i < ELEMENTS(kinds); i++) {
                char text[TOKEN_TEXT], hash[SHA256_HEX], expected[SHA256_HEX];
                token_new(keyring, kinds[i], text, hash);
                assert_int_equal(strlen(text), TOKEN_TEXT - 1);
                digest_sha256_hex(text, strlen(text), expected);
                assert_string_equal(hash, expected);
                for (size_t k = 0; k < ELEMENTS(kinds); k++) {
                        char checked[SHA256_HEX] = "untouched";
                        assert_int_equal(token_check(keyring, kinds[k], text, checked), i == k ? 0 : TOKEN_FORGED);
                        assert_string_equal(checked, i == k ? hash : "untouched");
                }
        }
}

static void no_two_tokens_are_alike(void **state) {
        WITH_RING;
        char a[TOKEN_TEXT], b[TOKEN_TEXT], hash[SHA256_HEX];
        token_new(keyring, TOKEN_BEARER, a, hash);
        token_new(keyring, TOKEN_BEARER, b, hash);
        assert_string_not_equal(a, b);
}

static void a_token_with_any_bit_changed_is_forged(void **state) {
        WITH_RING;
        char text[TOKEN_TEXT], hash[SHA256_HEX];
        token_new(keyring, TOKEN_COOKIE, text, hash);
        for (size_t bit = 0; bit < 8 * (TOKEN_TEXT - 1); bit++) {
                text[bit / 8] ^= (char) (1 << bit % 8);
                assert_int_equal(token_check(keyring, TOKEN_COOKIE, text, hash), TOKEN_FORGED);
                text[bit / 8] ^= (char) (1 << bit % 8);
        }
        assert_int_equal(token_check(keyring, TOKEN_COOKIE, text, hash), 0);
}

static void what_is_no_token_is_forged(void **state) {
        static const char *const bad[] = { NULL, "", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
        WITH_RING;
        char hash[SHA256_HEX], text[TOKEN_TEXT + 1] = { 0 };
        for (size_t i = 0; i < ELEMENTS(bad); i++)
                assert_int_equal(token_check(keyring, TOKEN_COOKIE, bad[i], hash), TOKEN_FORGED);
        token_new(keyring, TOKEN_COOKIE, text, hash);
        text[TOKEN_TEXT - 1] = 'A';
        assert_int_equal(token_check(keyring, TOKEN_COOKIE, text, hash), TOKEN_FORGED);
}

static void tokens_of_an_older_key_stay_good_and_those_of_another_site_do_not(void **state) {
        _cleanup_(keyring_free_p) struct keyring *before = ring_of(RING_OLD_SEAL RING_OLD_TOKEN RING_INDEX);
        _cleanup_(keyring_free_p) struct keyring *stranger = ring_of(RING_OLD_SEAL RING_OTHER_TOKEN RING_INDEX);
        WITH_RING;
        char text[TOKEN_TEXT], hash[SHA256_HEX], csrf[CSRF_TEXT];
        _cleanup_buffer_ struct buffer blob = { 0 }, cursor = { 0 }, out = { 0 };
        token_new(before, TOKEN_BEARER, text, hash);
        csrf_token(before, hash, csrf);
        assert_int_equal(token_blob_seal(before, "p", "x", 1, 100, &blob), 0);
        assert_int_equal(cursor_sign(before, "p", "x", 1, &cursor), 0);
        assert_int_equal(token_check(keyring, TOKEN_BEARER, text, hash), 0);
        assert_int_equal(csrf_check(keyring, hash, csrf), 0);
        assert_int_equal(token_blob_open(keyring, "p", blob.data, 99, &out), 0);
        assert_int_equal(cursor_check(keyring, "p", cursor.data, &out), 0);
        assert_string_equal(out.data, "xx");
        assert_int_equal(token_check(stranger, TOKEN_BEARER, text, hash), TOKEN_FORGED);
        assert_int_equal(csrf_check(stranger, hash, csrf), TOKEN_FORGED);
        assert_int_equal(token_blob_open(stranger, "p", blob.data, 99, &out), TOKEN_FORGED);
        assert_int_equal(cursor_check(stranger, "p", cursor.data, &out), TOKEN_FORGED);
}

static void a_csrf_token_is_good_for_its_session_and_looks_new_each_time(void **state) {
        WITH_RING;
        char a[CSRF_TEXT], b[CSRF_TEXT];
        csrf_token(keyring, "session one", a);
        csrf_token(keyring, "session one", b);
        assert_string_not_equal(a, b);
        assert_int_equal(strlen(a), CSRF_TEXT - 1);
        assert_int_equal(csrf_check(keyring, "session one", a), 0);
        assert_int_equal(csrf_check(keyring, "session one", b), 0);
        assert_int_equal(csrf_check(keyring, "session two", a), TOKEN_FORGED);
        assert_int_equal(csrf_check(keyring, "", a), TOKEN_FORGED);
        assert_int_equal(csrf_check(keyring, "session one", NULL), TOKEN_FORGED);
        assert_int_equal(csrf_check(keyring, "session one", ""), TOKEN_FORGED);
        for (size_t bit = 0; bit < 8 * (CSRF_TEXT - 1); bit++) {
                a[bit / 8] ^= (char) (1 << bit % 8);
                assert_int_equal(csrf_check(keyring, "session one", a), TOKEN_FORGED);
                a[bit / 8] ^= (char) (1 << bit % 8);
        }
}

static void a_blob_opens_for_its_purpose_until_it_expires(void **state) {
        static const char data[] = "{\"held\": \"answers\"}";
        WITH_RING;
        _cleanup_buffer_ struct buffer blob = { 0 }, out = { 0 };
        assert_int_equal(token_blob_seal(keyring, "held|a", data, sizeof data - 1, 1000, &blob), 0);
        assert_null(strstr(blob.data, "held"));
        static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
        assert_int_equal(strspn(blob.data, safe), blob.size);
        assert_int_equal(token_blob_open(keyring, "held|b", blob.data, 999, &out), TOKEN_FORGED);
        assert_int_equal(token_blob_open(keyring, "held|", blob.data, 999, &out), TOKEN_FORGED);
        assert_int_equal(token_blob_open(keyring, "held|a", blob.data, 1000, &out), TOKEN_EXPIRED);
        assert_int_equal(token_blob_open(keyring, "held|b", blob.data, 1000, &out), TOKEN_FORGED);
        assert_int_equal(out.size, 0);
        assert_int_equal(token_blob_open(keyring, "held|a", blob.data, 999, &out), 0);
        assert_string_equal(out.data, data);
}

static void a_blob_with_any_bit_changed_is_forged(void **state) {
        WITH_RING;
        _cleanup_buffer_ struct buffer blob = { 0 }, out = { 0 };
        assert_int_equal(token_blob_seal(keyring, "p", "short", 5, 1000, &blob), 0);
        for (size_t bit = 0; bit < 8 * blob.size; bit++) {
                blob.data[bit / 8] ^= (char) (1 << bit % 8);
                assert_int_equal(token_blob_open(keyring, "p", blob.data, 1, &out), TOKEN_FORGED);
                blob.data[bit / 8] ^= (char) (1 << bit % 8);
        }
        for (size_t size = 0; size < blob.size; size++) {
                _cleanup_free_ char *cut = memory_copy_string(blob.data);
                cut[size] = '\0';
                assert_int_equal(token_blob_open(keyring, "p", cut, 1, &out), TOKEN_FORGED);
        }
        assert_int_equal(token_blob_open(keyring, "p", NULL, 1, &out), TOKEN_FORGED);
        assert_int_equal(token_blob_open(keyring, "p", blob.data, 1, &out), 0);
}

static void a_cursor_is_good_for_its_purpose_alone(void **state) {
        WITH_RING;
        _cleanup_buffer_ struct buffer cursor = { 0 }, out = { 0 };
        static const char payload[] = "2026-01-02|0190a000";
        assert_int_equal(cursor_sign(keyring, "GET /incidents|mine", payload, sizeof payload - 1, &cursor), 0);
        assert_int_equal(cursor_check(keyring, "GET /incidents|all", cursor.data, &out), TOKEN_FORGED);
        for (size_t bit = 0; bit < 8 * cursor.size; bit++) {
                cursor.data[bit / 8] ^= (char) (1 << bit % 8);
                assert_int_equal(cursor_check(keyring, "GET /incidents|mine", cursor.data, &out), TOKEN_FORGED);
                cursor.data[bit / 8] ^= (char) (1 << bit % 8);
        }
        assert_int_equal(out.size, 0);
        assert_int_equal(cursor_check(keyring, "GET /incidents|mine", cursor.data, &out), 0);
        assert_string_equal(out.data, payload);
        assert_int_equal(cursor_check(keyring, "GET /incidents|mine", NULL, &out), TOKEN_FORGED);
        assert_int_equal(cursor_check(keyring, "GET /incidents|mine", "", &out), TOKEN_FORGED);
}

static void the_limits_hold(void **state) {
        WITH_RING;
        _cleanup_free_ char *data = memory_new(1, TOKEN_BLOB_MAX + 1);
        char purpose[TOKEN_PURPOSE_MAX + 2] = { 0 };
        _cleanup_buffer_ struct buffer out = { 0 }, back = { 0 };
        memset(purpose, 'p', TOKEN_PURPOSE_MAX);
        assert_int_equal(token_blob_seal(keyring, purpose, data, TOKEN_BLOB_MAX, 9, &out), 0);
        assert_int_equal(token_blob_open(keyring, purpose, out.data, 1, &back), 0);
        assert_int_equal(back.size, TOKEN_BLOB_MAX);
        buffer_clear(&out);
        assert_int_equal(token_blob_seal(keyring, purpose, data, TOKEN_BLOB_MAX + 1, 9, &out), -E2BIG);
        purpose[TOKEN_PURPOSE_MAX] = 'p';
        assert_int_equal(token_blob_seal(keyring, purpose, data, 1, 9, &out), -E2BIG);
        assert_int_equal(cursor_sign(keyring, "p", data, CURSOR_MAX + 1, &out), -E2BIG);
        assert_int_equal(out.size, 0);
        assert_int_equal(cursor_sign(keyring, "p", data, CURSOR_MAX, &out), 0);
        back.size = 0;
        assert_int_equal(cursor_check(keyring, "p", out.data, &back), 0);
        assert_int_equal(back.size, CURSOR_MAX);
        buffer_append_string(&out, "AAAA");
        assert_int_equal(cursor_check(keyring, "p", out.data, &back), TOKEN_FORGED);
}

static void random_text_is_never_ours(void **state) {
        WITH_RING;
        for (int i = 0; i < 20000; i++) {
                unsigned char bytes[80];
                char hash[SHA256_HEX];
                _cleanup_buffer_ struct buffer text = { 0 }, blob = { 0 }, out = { 0 };
                random_bytes(bytes, sizeof bytes);
                base64url_append(&text, bytes + 1, i % 4 ? 40 : bytes[0] % (sizeof bytes - 1));
                buffer_append_format(&blob, "b1.t%d.%s", i % 2 + 1, text.data ? text.data : "");
                assert_int_equal(token_check(keyring, TOKEN_BEARER, text.data, hash), TOKEN_FORGED);
                assert_int_equal(cursor_check(keyring, "p", text.data, &out), TOKEN_FORGED);
                assert_int_equal(token_blob_open(keyring, "p", blob.data, 0, &out), TOKEN_FORGED);
                assert_int_equal(csrf_check(keyring, "s", text.data), TOKEN_FORGED);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_token_is_good_for_its_kind_alone),
                cmocka_unit_test(no_two_tokens_are_alike),
                cmocka_unit_test(a_token_with_any_bit_changed_is_forged),
                cmocka_unit_test(what_is_no_token_is_forged),
                cmocka_unit_test(tokens_of_an_older_key_stay_good_and_those_of_another_site_do_not),
                cmocka_unit_test(a_csrf_token_is_good_for_its_session_and_looks_new_each_time),
                cmocka_unit_test(a_blob_opens_for_its_purpose_until_it_expires),
                cmocka_unit_test(a_blob_with_any_bit_changed_is_forged),
                cmocka_unit_test(a_cursor_is_good_for_its_purpose_alone),
                cmocka_unit_test(the_limits_hold),
                cmocka_unit_test(random_text_is_never_ours),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
