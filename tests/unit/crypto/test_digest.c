#include <errno.h>

#include "base/uuid.h"
#include "crypto/digest.h"
#include "ring.h"

static void sha256_gives_the_published_digests(void **state) {
        char hex[SHA256_HEX];
        digest_sha256_hex("", 0, hex);
        assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        digest_sha256_hex("abc", 3, hex);
        assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void hmac_gives_the_digests_of_rfc_4231(void **state) {
        unsigned char key[131], mac[SHA256_SIZE];
        char hex[SHA256_HEX];
        memset(key, 0x0b, 20);
        digest_hmac_sha256(key, 20, "Hi There", 8, mac);
        hex_encode(mac, sizeof mac, hex);
        assert_string_equal(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        memset(key, 0xaa, sizeof key);
        digest_hmac_sha256(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First", 54, mac);
        hex_encode(mac, sizeof mac, hex);
        assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void base64url_gives_the_texts_of_rfc_4648_without_padding(void **state) {
        static const char *const texts[] = { "", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy" };
        for (size_t n = 0; n < ELEMENTS(texts); n++) {
                char text[16];
                base64url_encode("foobar", n, text);
                assert_string_equal(text, texts[n]);
                assert_int_equal(BASE64URL_LENGTH(n), strlen(text));
        }
        char text[8];
        base64url_encode("\xfb\xff\xfe", 3, text);
        assert_string_equal(text, "-__-");
}

static void what_was_encoded_decodes_to_itself_at_every_length(void **state) {
        unsigned char data[2000], back[2000];
        random_bytes(data, 256);
        for (size_t i = 256; i < sizeof data; i++)
                data[i] = (unsigned char) (data[i - 256] * 31 + i);
        for (size_t n = 0; n < sizeof data; n += n < 300 ? 1 : 97) {
                _cleanup_buffer_ struct buffer text = { 0 };
                size_t size;
                base64url_append(&text, data, n);
                assert_int_equal(text.size, BASE64URL_LENGTH(n));
                assert_int_equal(base64url_decode(text.data ? text.data : "", text.size, back, n, &size), 0);
                assert_int_equal(size, n);
                assert_memory_equal(back, data, n);
        }
}

static void no_run_of_bytes_has_a_second_spelling(void **state) {
        /* Every text of two and of three characters that decodes is the one that encoding gives. */
        for (unsigned n = 0; n < 1u << 24; n += 1 + (n >> 16) % 3) {
                char text[4] = { (char) (n >> 16), (char) (n >> 8), (char) n, 0 }, again[8];
                unsigned char bytes[4];
                size_t size, length = n & 1 ? 3 : 2;
                if (base64url_decode(text, length, bytes, sizeof bytes, &size) != 0)
                        continue;
                base64url_encode(bytes, size, again);
                assert_int_equal(strlen(again), length);
                assert_memory_equal(again, text, length);
        }
}

static void padding_spaces_and_the_other_alphabet_are_refused(void **state) {
        static const char *const bad[] = {
                "Zg==", "Zm8=", "Zm 8", "Zm9v\n", "A", "AAAAA", "+_+_", "/AAA", "AB", "AAB",
        };
        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                unsigned char bytes[16];
                size_t size = 99;
                assert_int_equal(base64url_decode(bad[i], strlen(bad[i]), bytes, sizeof bytes, &size), -EBADMSG);
                assert_int_equal(size, 99);
        }
}

static void decoding_stays_within_the_room_it_is_given(void **state) {
        unsigned char bytes[5] = { 0, 0, 0, 0, 0x77 };
        size_t size;
        assert_int_equal(base64url_decode("Zm9vYmE", 7, bytes, 4, &size), -E2BIG);
        assert_int_equal(base64url_decode("Zm9vYg", 6, bytes, 4, &size), 0);
        assert_int_equal(size, 4);
        assert_int_equal(bytes[4], 0x77);
}

static void hex_is_read_in_either_case_and_at_its_exact_length(void **state) {
        unsigned char bytes[3];
        char hex[7];
        assert_true(hex_decode("00fFa5", 3, bytes));
        assert_memory_equal(bytes, "\x00\xff\xa5", 3);
        hex_encode(bytes, 3, hex);
        assert_string_equal(hex, "00ffa5");
        assert_false(hex_decode("00ffa", 3, bytes));
        assert_false(hex_decode("00ffa50", 3, bytes));
        assert_false(hex_decode("00ffag", 3, bytes));
        assert_false(hex_decode("", 3, bytes));
}

static void comparison_sees_every_single_difference(void **state) {
        unsigned char a[64], b[64];
        random_bytes(a, sizeof a);
        memcpy(b, a, sizeof a);
        assert_true(digest_equal(a, b, sizeof a));
        for (size_t bit = 0; bit < 8 * sizeof a; bit++) {
                b[bit / 8] ^= (unsigned char) (1 << bit % 8);
                assert_false(digest_equal(a, b, sizeof a));
                b[bit / 8] ^= (unsigned char) (1 << bit % 8);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(sha256_gives_the_published_digests),
                cmocka_unit_test(hmac_gives_the_digests_of_rfc_4231),
                cmocka_unit_test(base64url_gives_the_texts_of_rfc_4648_without_padding),
                cmocka_unit_test(what_was_encoded_decodes_to_itself_at_every_length),
                cmocka_unit_test(no_run_of_bytes_has_a_second_spelling),
                cmocka_unit_test(padding_spaces_and_the_other_alphabet_are_refused),
                cmocka_unit_test(decoding_stays_within_the_room_it_is_given),
                cmocka_unit_test(hex_is_read_in_either_case_and_at_its_exact_length),
                cmocka_unit_test(comparison_sees_every_single_difference),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
