#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "ring.h"

static char folder[64], path[96];

static int make_folder(void **state) {
        strcpy(folder, "/tmp/keyring-XXXXXX");
        if (!mkdtemp(folder))
                return -1;
        snprintf(path, sizeof path, "%s/keys", folder);
        return 0;
}

static int remove_folder(void **state) {
        char fresh[112];
        snprintf(fresh, sizeof fresh, "%s.new", path);
        unlink(fresh);
        unlink(path);
        return rmdir(folder);
}

static int parse(const char *text, struct keyring_fault *ret_fault) {
        _cleanup_(keyring_free_p) struct keyring *keyring = NULL;
        return keyring_parse(text, strlen(text), &keyring, ret_fault);
}

static void the_last_key_of_a_kind_is_current_and_older_ones_are_found(void **state) {
        WITH_RING;
        assert_int_equal(keyring_count(keyring, KEYRING_SEAL), 2);
        assert_string_equal(keyring_current(keyring, KEYRING_SEAL)->id, "new-2");
        assert_string_equal(keyring_find(keyring, KEYRING_SEAL, "old-1xx", 5)->id, "old-1");
        assert_string_equal(keyring_at(keyring, KEYRING_TOKEN, 0)->id, "t1");
        assert_null(keyring_at(keyring, KEYRING_TOKEN, 2));
        assert_null(keyring_find(keyring, KEYRING_SEAL, "old", 3));
        assert_null(keyring_find(keyring, KEYRING_SEAL, "t1", 2));
}

static void comments_blank_lines_tabs_and_a_missing_last_newline_are_read(void **state) {
        const char *text = "# keys\n\n  \t\n" RING_OLD_SEAL "\t" RING_OLD_TOKEN RING_INDEX;
        _cleanup_free_ char *cut = memory_copy_string(text);
        cut[strlen(cut) - 1] = '\0';
        struct keyring_fault fault;
        assert_int_equal(parse(cut, &fault), 0);
}

static void a_fault_names_its_line_and_reason(void **state) {
        static const struct {
                const char *text;
                unsigned line;
                const char *part;
        } cases[] = {
                { "", 0, "no seal key" },
                { RING_OLD_SEAL RING_INDEX, 0, "no token key" },
                { RING_OLD_SEAL RING_OLD_TOKEN, 0, "no index key" },
                { RING_TEXT "seat a b\n", 6, "kind" },
                { RING_TEXT "seal\n", 6, "kind, an id and a key" },
                { RING_TEXT "seal a\n", 6, "kind, an id and a key" },
                { "\nseal a b c\n", 2, "kind, an id and a key" },
                { "seal A.B AAAA\n", 1, "id" },
                { "seal abcdefghijklmnopqrstuvwxy AAAA\n", 1, "id" },
                { "seal a AAAA\n", 1, "32 bytes" },
                { "seal a AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", 1, "not random" },
                { "seal a AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", 1, "32 bytes" },
                { RING_TEXT RING_OLD_SEAL, 6, "same id" },
                { RING_TEXT RING_OTHER_INDEX, 6, "same id" },
        };
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                struct keyring_fault fault = { 77, NULL };
                assert_int_equal(parse(cases[i].text, &fault), -EINVAL);
                assert_int_equal(fault.line, cases[i].line);
                assert_non_null(strstr(fault.reason, cases[i].part));
        }
}

static void one_key_never_serves_twice(void **state) {
        _cleanup_free_ char *text = memory_copy_string(RING_TEXT RING_OLD_SEAL);
        struct keyring_fault fault;
        /* The same key under another id. */
        memcpy(text + strlen(RING_TEXT), "seal zzz-9", 10);
        assert_int_equal(parse(text, &fault), -EINVAL);
        assert_int_equal(fault.line, 6);
        assert_non_null(strstr(fault.reason, "another line"));
}

static void a_second_index_key_is_refused(void **state) {
        _cleanup_free_ char *text = memory_copy_string(RING_TEXT RING_OTHER_INDEX);
        struct keyring_fault fault;
        text[strlen(RING_TEXT) + strlen("index i")] = '2';
        assert_int_equal(parse(text, &fault), -EINVAL);
        assert_non_null(strstr(fault.reason, "more than one index key"));
}

static void a_carriage_return_or_a_nul_is_not_taken_for_part_of_a_key(void **state) {
        struct keyring_fault fault;
        _cleanup_(keyring_free_p) struct keyring *keyring = NULL;
        char text[] = RING_TEXT;
        text[strlen(RING_OLD_SEAL) - 1] = '\r';
        assert_int_equal(keyring_parse(text, sizeof text - 1, &keyring, &fault), -EINVAL);
        text[strlen(RING_OLD_SEAL) - 1] = '\0';
        assert_int_equal(keyring_parse(text, sizeof text - 1, &keyring, &fault), -EINVAL);
        assert_null(keyring);
}

static void too_many_keys_and_too_large_a_file_are_refused(void **state) {
        _cleanup_buffer_ struct buffer text = { 0 };
        struct keyring_fault fault;
        for (int i = 0; i < KEYRING_KEYS_MAX + 1; i++) {
                static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
                buffer_append_format(&text, "seal k%d %c%s", i, digits[i], RING_OLD_SEAL + strlen("seal old-1 ") + 1);
        }
        assert_int_equal(parse(text.data, &fault), -EINVAL);
        assert_int_equal(fault.line, KEYRING_KEYS_MAX + 1);
        while (text.size <= KEYRING_FILE_MAX)
                buffer_append_string(&text, "# a comment that fills the file\n");
        assert_int_equal(parse(text.data, &fault), -EINVAL);
        assert_non_null(strstr(fault.reason, "16 KiB"));
}

static void a_generated_file_loads_and_is_for_its_owner_alone(void **state) {
        struct keyring_fault fault = { 0 };
        struct stat st;
        _cleanup_(keyring_free_p) struct keyring *keyring = NULL;
        assert_int_equal(keyring_generate(path, &fault), 0);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(keyring_load(path, &keyring, &fault), 0);
        for (enum keyring_kind kind = 0; kind < KEYRING_KINDS; kind++)
                assert_int_equal(keyring_count(keyring, kind), 1);
        assert_int_equal(keyring_generate(path, &fault), -EEXIST);
}

static void a_file_that_others_may_read_is_refused(void **state) {
        static const mode_t bad[] = { 0640, 0604, 0660, 0644, 0700, 0601 }, good[] = { 0600, 0400 };
        struct keyring_fault fault = { 0 };
        assert_int_equal(keyring_generate(path, &fault), 0);
        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                _cleanup_(keyring_free_p) struct keyring *keyring = NULL;
                assert_int_equal(chmod(path, bad[i]), 0);
                assert_int_equal(keyring_load(path, &keyring, &fault), -EPERM);
                assert_non_null(strstr(fault.reason, "0600 or 0400"));
        }
        for (size_t i = 0; i < ELEMENTS(good); i++) {
                _cleanup_(keyring_free_p) struct keyring *keyring = NULL;
                assert_int_equal(chmod(path, good[i]), 0);
                assert_int_equal(keyring_load(path, &keyring, &fault), 0);
        }
}

static void a_missing_file_a_folder_and_a_large_file_are_refused(void **state) {
        struct keyring_fault fault = { 0 };
        _cleanup_(keyring_free_p) struct keyring *keyring = NULL;
        assert_int_equal(keyring_load(path, &keyring, &fault), -ENOENT);
        assert_int_equal(keyring_load(folder, &keyring, &fault), -EPERM);
        assert_int_equal(keyring_generate(path, &fault), 0);
        assert_int_equal(truncate(path, 1 << 20), 0);
        assert_int_equal(keyring_load(path, &keyring, &fault), -EINVAL);
        assert_non_null(strstr(fault.reason, "16 KiB"));
}

static void a_credential_may_carry_the_access_list_that_systemd_gives_it(void **state) {
        struct keyring_fault fault = { 0 };
        _cleanup_(keyring_free_p) struct keyring *keyring = NULL;
        unsetenv("CREDENTIALS_DIRECTORY");
        assert_int_equal(keyring_load_credential("keys", &keyring, &fault), -ENOENT);
        setenv("CREDENTIALS_DIRECTORY", folder, 1);
        assert_int_equal(keyring_generate(path, &fault), 0);
        assert_int_equal(keyring_load_credential("../keys", &keyring, &fault), -EINVAL);
        assert_int_equal(keyring_load_credential("", &keyring, &fault), -EINVAL);
        assert_int_equal(chmod(path, 0440), 0);
        /* Only root's own files have that excuse. */
        assert_int_equal(keyring_load_credential("keys", &keyring, &fault), geteuid() == 0 ? 0 : -EPERM);
        keyring_free(TAKE(keyring));
        assert_int_equal(chmod(path, 0444), 0);
        assert_int_equal(keyring_load_credential("keys", &keyring, &fault), -EPERM);
        assert_int_equal(chmod(path, 0400), 0);
        assert_int_equal(keyring_load_credential("keys", &keyring, &fault), 0);
        unsetenv("CREDENTIALS_DIRECTORY");
}

static void an_added_key_becomes_current_and_the_older_stays(void **state) {
        struct keyring_fault fault = { 0 };
        _cleanup_(keyring_free_p) struct keyring *before = NULL, *after = NULL;
        assert_int_equal(keyring_generate(path, &fault), 0);
        assert_int_equal(keyring_load(path, &before, &fault), 0);
        assert_int_equal(keyring_add(path, KEYRING_SEAL, &fault), 0);
        assert_int_equal(keyring_load(path, &after, &fault), 0);
        const struct keyring_key *old = keyring_current(before, KEYRING_SEAL);
        const struct keyring_key *current = keyring_current(after, KEYRING_SEAL);
        assert_int_equal(keyring_count(after, KEYRING_SEAL), 2);
        assert_string_not_equal(old->id, current->id);
        assert_memory_equal(keyring_find(after, KEYRING_SEAL, old->id, strlen(old->id))->key, old->key, 32);
        assert_int_equal(keyring_add(path, KEYRING_INDEX, &fault), -EINVAL);
}

static void adding_keys_ends_at_the_limit_with_the_file_as_it_was(void **state) {
        struct keyring_fault fault = { 0 };
        _cleanup_(keyring_free_p) struct keyring *keyring = NULL;
        assert_int_equal(keyring_generate(path, &fault), 0);
        for (int i = 1; i < KEYRING_KEYS_MAX; i++)
                assert_int_equal(keyring_add(path, KEYRING_TOKEN, &fault), 0);
        assert_int_equal(keyring_add(path, KEYRING_TOKEN, &fault), -EINVAL);
        assert_int_equal(keyring_load(path, &keyring, &fault), 0);
        assert_int_equal(keyring_count(keyring, KEYRING_TOKEN), KEYRING_KEYS_MAX);
}

static bool vm_flags_of(const void *p, const char *flag) {
        char line[512];
        bool inside = false, found = false;
        FILE *maps = fopen("/proc/self/smaps", "re");
        assert_non_null(maps);
        while (fgets(line, sizeof line, maps)) {
                unsigned long from, to;
                if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
                        inside = from <= (unsigned long) p && (unsigned long) p < to;
                else if (inside && strncmp(line, "VmFlags:", 8) == 0)
                        found = strstr(line, flag) != NULL;
        }
        fclose(maps);
        return found;
}

static void the_keys_stay_out_of_core_dumps_and_cannot_be_written(void **state) {
        WITH_RING;
        const struct keyring_key *key = keyring_current(keyring, KEYRING_SEAL);
        assert_true(vm_flags_of(key, " dd "));
        assert_false(vm_flags_of(key, " wr "));
#ifndef __SANITIZE_ADDRESS__ /* which makes mlock do nothing and say that it did */
        assert_int_equal(vm_flags_of(key, " lo "), keyring_is_locked(keyring));
#endif
        assert_false(vm_flags_of(folder, " dd "));
}

static void no_text_however_damaged_is_read_out_of_bounds(void **state) {
        static const char seed[] = RING_TEXT;
        for (int round = 0; round < 20000; round++) {
                unsigned char dice[8];
                random_bytes(dice, sizeof dice);
                size_t size = dice[0] % 4 ? sizeof seed - 1 : (size_t) (dice[1] << 8 | dice[2]) % sizeof seed;
                /* A block of its own size, so that a read past its end is seen. */
                _cleanup_free_ char *text = memory_new(1, size);
                memcpy(text, seed, size);
                for (int i = 0; size && i < dice[3] % 4; i++) {
                        random_bytes(dice + 4, 3);
                        text[(size_t) (dice[4] << 8 | dice[5]) % size] = (char) dice[6];
                }
                _cleanup_(keyring_free_p) struct keyring *keyring = NULL;
                struct keyring_fault fault = { 0, NULL };
                int r = keyring_parse(text, size, &keyring, &fault);
                assert_true(r == 0 ? keyring && !fault.reason : r == -EINVAL && !keyring && fault.reason);
        }
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_last_key_of_a_kind_is_current_and_older_ones_are_found),
                cmocka_unit_test(comments_blank_lines_tabs_and_a_missing_last_newline_are_read),
                cmocka_unit_test(a_fault_names_its_line_and_reason),
                cmocka_unit_test(one_key_never_serves_twice),
                cmocka_unit_test(a_second_index_key_is_refused),
                cmocka_unit_test(a_carriage_return_or_a_nul_is_not_taken_for_part_of_a_key),
                cmocka_unit_test(too_many_keys_and_too_large_a_file_are_refused),
                IN_FOLDER(a_generated_file_loads_and_is_for_its_owner_alone),
                IN_FOLDER(a_file_that_others_may_read_is_refused),
                IN_FOLDER(a_missing_file_a_folder_and_a_large_file_are_refused),
                IN_FOLDER(a_credential_may_carry_the_access_list_that_systemd_gives_it),
                IN_FOLDER(an_added_key_becomes_current_and_the_older_stays),
                IN_FOLDER(adding_keys_ends_at_the_limit_with_the_file_as_it_was),
                cmocka_unit_test(the_keys_stay_out_of_core_dumps_and_cannot_be_written),
                cmocka_unit_test(no_text_however_damaged_is_read_out_of_bounds),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
