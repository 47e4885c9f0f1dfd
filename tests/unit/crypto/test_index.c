#include <errno.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "crypto/index.h"
#include "ring.h"

static void a_name_is_normalised_as_the_header_says(void **state) {
        static const char *const cases[][2] = {
                { "Okafor, Grace", "grace okafor" },
                { "Grace Okafor", "grace okafor" },
                { "  Dr.  GRACE \t okafor ", "grace okafor" },
                { "Prof Sir Grace (Okafor)", "grace okafor" },
                { "Mrs Ms Miss Mr Mx Grace", "grace" },
                { "O'Neill", "oneill" },
                { "O\xe2\x80\x99Neill", "oneill" },
                { "Smith-Jones", "smithjones" },
                { "Smith\xe2\x80\x90Jones", "smithjones" },
                { "Zo\xc3\xab Bront\xc3\x8b", "bronte zoe" },
                { "Zoe\xcc\x88", "zoe" },
                { "Jos\xc3\xa9 Mu\xc3\xb1oz", "jose munoz" },
                { "\xc5\x81ukasz Wa\xc5\x82\xc4\x99sa", "lukasz walesa" },
                { "Stra\xc3\x9f" "e \xc3\x86r\xc3\xb8 \xc5\x92uvre \xc3\x9eor", "aero oeuvre strasse thor" },
                { "\xc4\xb0pek I\xc5\x9f\xc4\xb1k", "ipek isik" },
                { "\xc8\x98tefan \xc8\x9b" "ara", "stefan tara" },
                { "Nguy\xe1\xbb\x85n V\xc4\x83n \xc4\x90\xe1\xbb\xa9" "c", "duc nguyen van" },
                { "a\xc2\xa0" "b\xe3\x80\x80" "c", "a b c" },
                { "Gra\xe2\x80\x8b" "ce", "grace" },
                { "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd", "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd" },
                { "\xd9\x85\xd8\xad\xd9\x85\xd8\xaf", "\xd9\x85\xd8\xad\xd9\x85\xd8\xaf" },
                { "\xe6\x9d\x8e \xe5\xb0\x8f\xe9\xbe\x8d", "\xe5\xb0\x8f\xe9\xbe\x8d \xe6\x9d\x8e" },
                { "\xf0\x90\x80\x80", "\xf0\x90\x80\x80" },
                { "3\xc3\x97" "4", "3\xc3\x97" "4" },
                { "b a b", "a b b" },
                { "Mrss Drs", "drs mrss" },
        };
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                _cleanup_buffer_ struct buffer out = { 0 };
                assert_int_equal(index_normalise_name(cases[i][0], &out), 0);
                assert_string_equal(out.data, cases[i][1]);
        }
}

static void the_first_and_last_name_stand_for_the_rest(void **state) {
        static const char *const cases[][3] = {
                { "Grace Okafor", "grace okafor", "g okafor" },
                { "Dr Grace Mary Okafor, RN", "grace okafor", "g okafor" },
                { "Okafor, Grace M. B.", "grace okafor", "g okafor" },
                { "Rev. Grace A Okafor B.Sc. Ph.D.", "grace okafor", "g okafor" },
                { "Nurse Grace Okafor RGN BSc", "grace okafor", "g okafor" },
                { "G. Okafor", "g okafor", "g okafor" },
                { "G M Okafor MBE", "g okafor", "g okafor" },
                { "Okafor, Rev Grace", "grace okafor", "g okafor" },
                { "Rev Nurse", "nurse rev", "nurse r" },
                { "Anna van der Berg", "anna berg", "a berg" },
                { "van der Berg, Anna Maria", "anna berg", "a berg" },
                { "Wei Ma", "ma wei", "ma w" },
                { "Grace O", "grace o", "g o" },
                { "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd Petrov", "petrov \xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd", "petrov \xd0\x98" },
        };
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                _cleanup_buffer_ struct buffer ends = { 0 }, initial = { 0 };
                assert_int_equal(index_normalise_ends(cases[i][0], false, &ends), 0);
                assert_string_equal(ends.data, cases[i][1]);
                assert_int_equal(index_normalise_ends(cases[i][0], true, &initial), 0);
                assert_string_equal(initial.data, cases[i][2]);
        }
}

static void a_single_word_has_no_first_and_last_name(void **state) {
        static const char *const names[] = { "Grace", "Dr Okafor", "Okafor,", "", "Mr", NULL };
        for (size_t i = 0; i < ELEMENTS(names); i++) {
                _cleanup_buffer_ struct buffer out = { 0 };
                assert_int_equal(index_normalise_ends(names[i], false, &out), INDEX_NONE);
                assert_int_equal(out.size, 0);
        }
}

static void an_initial_in_a_report_meets_the_account_and_not_the_other_way_round(void **state) {
        WITH_RING;
        char full[INDEX_TEXT], by_initial[INDEX_TEXT], given[INDEX_TEXT], whole[INDEX_TEXT];
        assert_int_equal(index_first_and_last_name(keyring, "Grace Mary Okafor", full), 0);
        assert_int_equal(index_initial_and_last_name(keyring, "Grace Mary Okafor", by_initial), 0);
        assert_int_equal(index_first_and_last_name(keyring, "Mrs G Okafor", given), 0);
        assert_string_equal(given, by_initial);
        assert_string_not_equal(given, full);
        assert_int_equal(index_name(keyring, "Grace Okafor", whole), 0);
        assert_string_not_equal(whole, full); /* a kind of its own, though the words are the same */
}

static void normalising_twice_changes_nothing_more(void **state) {
        static const char *const names[] = { "Okafor, Dr Grace", "\xe1\xba\x9e \xc5\x89 \xc4\xb2", "O'Neill-\xc3\x9e" };
        for (size_t i = 0; i < ELEMENTS(names); i++) {
                _cleanup_buffer_ struct buffer once = { 0 }, twice = { 0 };
                assert_int_equal(index_normalise_name(names[i], &once), 0);
                assert_int_equal(index_normalise_name(once.data, &twice), 0);
                assert_string_equal(once.data, twice.data);
        }
}

static void every_accented_latin_letter_folds_to_ascii(void **state) {
        for (unsigned c = 0xc0; c < 0x1f00; c = c == 0x17f ? 0x1e00 : c + 1) {
                _cleanup_buffer_ struct buffer out = { 0 };
                char text[4] = { 0 };
                if (c == 0xd7 || c == 0xf7) /* times and divided by */
                        continue;
                if (c < 0x800)
                        snprintf(text, sizeof text, "%c%c", (char) (0xc0 | c >> 6), (char) (0x80 | (c & 63)));
                else
                        snprintf(text, sizeof text, "%c%c%c", (char) (0xe0 | c >> 12), (char) (0x80 | (c >> 6 & 63)),
                                 (char) (0x80 | (c & 63)));
                assert_int_equal(index_normalise_name(text, &out), 0);
                assert_in_range(out.size, 1, 2);
                for (size_t i = 0; i < out.size; i++)
                        assert_in_range(out.data[i], 'a', 'z');
        }
}

static void nothing_to_index_gives_no_index(void **state) {
        static const char *const empty[] = {
                NULL, "", "  ", "Mr", "dr. prof", "-'-", ",;()", "\xcc\x81", "\xe2\x80\x8b",
        };
        WITH_RING;
        char index[INDEX_TEXT] = "untouched";
        for (size_t i = 0; i < ELEMENTS(empty); i++) {
                assert_int_equal(index_name(keyring, empty[i], index), INDEX_NONE);
                assert_int_equal(index_name_and_birth(keyring, empty[i], "2014-03-02", index), INDEX_NONE);
        }
        assert_int_equal(index_name_and_birth(keyring, "Grace", NULL, index), INDEX_NONE);
        assert_int_equal(index_name_and_birth(keyring, "Grace", "", index), INDEX_NONE);
        assert_int_equal(index_email(keyring, NULL, index), INDEX_NONE);
        assert_int_equal(index_email(keyring, " \t", index), INDEX_NONE);
        assert_string_equal(index, "untouched");
}

static void text_that_is_not_utf8_is_refused(void **state) {
        static const char *const bad[] = {
                "\xff", "\x80", "a\xc3", "\xc0\xaf", "\xc1\x81", "\xe0\x80\xaf", "\xe2\x82", "\xed\xa0\x80",
                "\xf0\x80\x80\x80",
                "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "Grace \xe9", "\xf0\x9f\x98", "\xc3\xc3",
        };
        WITH_RING;
        char index[INDEX_TEXT];
        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                char email[32];
                snprintf(email, sizeof email, "%s@example.org", bad[i]);
                assert_int_equal(index_name(keyring, bad[i], index), -EILSEQ);
                assert_int_equal(index_email(keyring, email, index), -EILSEQ);
        }
}

static void the_index_is_lower_case_hex_and_the_same_for_one_person(void **state) {
        WITH_RING;
        char a[INDEX_TEXT], b[INDEX_TEXT];
        assert_int_equal(index_name(keyring, "Okafor, Grace", a), 0);
        assert_int_equal(index_name(keyring, "dr grace OKAFOR", b), 0);
        assert_string_equal(a, b);
        assert_int_equal(strlen(a), 32);
        assert_int_equal(strspn(a, "0123456789abcdef"), 32);
        assert_int_equal(index_name(keyring, "Grace Okafors", b), 0);
        assert_string_not_equal(a, b);
}

static void kinds_dates_and_keys_each_give_another_index(void **state) {
        WITH_RING;
        _cleanup_(keyring_free_p) struct keyring *other = ring_of(RING_OLD_SEAL RING_OLD_TOKEN RING_OTHER_INDEX);
        char all[6][INDEX_TEXT];
        assert_int_equal(index_name(keyring, "g@example.org", all[0]), 0);
        assert_int_equal(index_email(keyring, "g@example.org", all[1]), 0);
        assert_int_equal(index_name_and_birth(keyring, "g@example.org", "2014-03-02", all[2]), 0);
        assert_int_equal(index_name_and_birth(keyring, "g@example.org", "2014-03-03", all[3]), 0);
        assert_int_equal(index_name(other, "g@example.org", all[4]), 0);
        assert_int_equal(index_email(other, "g@example.org", all[5]), 0);
        for (size_t i = 0; i < ELEMENTS(all); i++)
                for (size_t k = 0; k < i; k++)
                        assert_string_not_equal(all[i], all[k]);
}

static void only_a_day_of_the_calendar_is_a_birth_date(void **state) {
        static const char *const bad[] = {
                "2014-02-29", "2014-13-01", "2014-00-01", "2014-01-00", "2014-04-31", "0000-01-01", "2014-1-1",
                "2014-01-01 ", "2014/01/01", "1900-02-29", "20140101", "2014-01-0", "x", "02-03-2014",
        };
        WITH_RING;
        char index[INDEX_TEXT];
        for (size_t i = 0; i < ELEMENTS(bad); i++)
                assert_int_equal(index_name_and_birth(keyring, "Grace", bad[i], index), -EINVAL);
        assert_int_equal(index_name_and_birth(keyring, "Grace", "2000-02-29", index), 0);
        assert_int_equal(index_name_and_birth(keyring, "Grace", "2014-12-31", index), 0);
}

static void an_address_is_one_without_its_case_and_spaces(void **state) {
        static const char *const bad[] = {
                "grace", "@example.org", "grace@", "a@b@c", "a b@c", "a@b c", "a\x01@b", "a@b\x7f",
        };
        WITH_RING;
        char a[INDEX_TEXT], b[INDEX_TEXT];
        assert_int_equal(index_email(keyring, "Grace.Okafor@Example.ORG", a), 0);
        assert_int_equal(index_email(keyring, "\t grace.okafor@example.org \r\n", b), 0);
        assert_string_equal(a, b);
        assert_int_equal(index_email(keyring, "graceokafor@example.org", b), 0);
        assert_string_not_equal(a, b);
        for (size_t i = 0; i < ELEMENTS(bad); i++)
                assert_int_equal(index_email(keyring, bad[i], a), -EINVAL);
}

static void the_limits_hold(void **state) {
        WITH_RING;
        char text[INDEX_NAME_MAX + 2], index[INDEX_TEXT];
        memset(text, 'a', sizeof text);
        text[INDEX_NAME_MAX] = '\0';
        assert_int_equal(index_name(keyring, text, index), 0);
        text[INDEX_NAME_MAX] = 'a';
        text[INDEX_NAME_MAX + 1] = '\0';
        assert_int_equal(index_name(keyring, text, index), -E2BIG);
        for (int i = 0; i < 2 * INDEX_NAME_WORDS; i++)
                text[i] = i % 2 ? ' ' : 'a';
        text[2 * INDEX_NAME_WORDS] = '\0';
        assert_int_equal(index_name(keyring, text, index), 0);
        text[2 * INDEX_NAME_WORDS] = 'a';
        text[2 * INDEX_NAME_WORDS + 1] = '\0';
        assert_int_equal(index_name(keyring, text, index), -E2BIG);
        memset(text, 'a', sizeof text);
        text[3] = '@';
        text[INDEX_EMAIL_MAX] = '\0';
        assert_int_equal(index_email(keyring, text, index), 0);
        text[INDEX_EMAIL_MAX] = 'a';
        text[INDEX_EMAIL_MAX + 1] = '\0';
        assert_int_equal(index_email(keyring, text, index), -E2BIG);
}

static void random_text_is_taken_or_refused_but_never_overrun(void **state) {
        static const char *const pieces[] = {
                "a", "Z", " ", "-", "Dr ", "\xc3\xa9", "\xcc\x81", "\xe1\xba\x9e", "\xd0\x98", ",", "\xf0\x90\x80\x80",
                "\xe2\x80\x8b", "\xff", "\xc3", "\xe1\xba", "\xf0\x90",
        };
        unsigned taken = 0, none = 0, refused = 0;
        for (int i = 0; i < 50000; i++) {
                unsigned char dice[12];
                _cleanup_buffer_ struct buffer text = { 0 }, once = { 0 }, twice = { 0 };
                random_bytes(dice, sizeof dice);
                for (size_t k = 0; k < dice[0] % 8u; k++)
                        buffer_append_string(&text, pieces[dice[k + 1] % (dice[9] % 4 ? 12 : ELEMENTS(pieces))]);
                /* A block of exactly its size, so that a read past the end is seen. */
                _cleanup_free_ char *name = memory_copy_string(text.data ? text.data : "");
                int r = index_normalise_name(name, &once);
                assert_true(r == 0 || r == INDEX_NONE || r == -EILSEQ);
                taken += r == 0;
                none += r == INDEX_NONE;
                refused += r < 0;
                if (r == 0) {
                        assert_int_equal(index_normalise_name(once.data, &twice), 0);
                        assert_string_equal(once.data, twice.data);
                }
        }
        assert_true(taken > 1000 && none > 1000 && refused > 1000);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_name_is_normalised_as_the_header_says),
                cmocka_unit_test(the_first_and_last_name_stand_for_the_rest),
                cmocka_unit_test(a_single_word_has_no_first_and_last_name),
                cmocka_unit_test(an_initial_in_a_report_meets_the_account_and_not_the_other_way_round),
                cmocka_unit_test(normalising_twice_changes_nothing_more),
                cmocka_unit_test(every_accented_latin_letter_folds_to_ascii),
                cmocka_unit_test(nothing_to_index_gives_no_index),
                cmocka_unit_test(text_that_is_not_utf8_is_refused),
                cmocka_unit_test(the_index_is_lower_case_hex_and_the_same_for_one_person),
                cmocka_unit_test(kinds_dates_and_keys_each_give_another_index),
                cmocka_unit_test(only_a_day_of_the_calendar_is_a_birth_date),
                cmocka_unit_test(an_address_is_one_without_its_case_and_spaces),
                cmocka_unit_test(the_limits_hold),
                cmocka_unit_test(random_text_is_taken_or_refused_but_never_overrun),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
