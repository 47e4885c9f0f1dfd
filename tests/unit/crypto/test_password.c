#include <argon2.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/memory.h"
#include "crypto/password.h"
#include "ring.h"

static const char password[] = "seven green lanterns";

static void a_password_matches_its_own_hash_alone(void **state) {
        char hash[PASSWORD_HASH];
        bool rehash = true;
        assert_int_equal(password_hash(password, hash), 0);
        assert_memory_equal(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31);
        assert_int_equal(password_verify(hash, password, &rehash), 1);
        assert_false(rehash);
        assert_int_equal(password_verify(hash, "seven green lanternS", NULL), 0);
        assert_int_equal(password_verify(hash, "", NULL), 0);
}

static void two_hashes_of_one_password_differ(void **state) {
        char a[PASSWORD_HASH], b[PASSWORD_HASH];
        assert_int_equal(password_hash(password, a), 0);
        assert_int_equal(password_hash(password, b), 0);
        assert_string_not_equal(a, b);
}


static void hashes_of_the_library_itself_match_and_ask_to_be_made_again(void **state) {
        /* The library's own encoder, with other costs than ours. */
        static const char *const others[] = {
                "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$Bvg88BWk0Yh/JseQuCT19V2KPt3qTf2lAef6i2199mQ",
                "$argon2id$v=19$m=256,t=2,p=4$c29tZXNhbHRzb21lc2FsdA$8xcDHFjSWz8JF0Osjo10oYtwx/V6EWrqQs6a70xEKHQ",
        };
        for (size_t i = 0; i < ELEMENTS(others); i++) {
                bool rehash = false;
                assert_int_equal(password_verify(others[i], password, &rehash), 1);
                assert_true(rehash);
                assert_int_equal(password_verify(others[i], "another password", NULL), 0);
        }
        char hash[PASSWORD_HASH];
        assert_int_equal(password_hash(password, hash), 0);
        assert_int_equal(argon2id_verify(hash, password, strlen(password)), ARGON2_OK);
}

static void a_text_that_is_no_hash_of_ours_is_a_fault(void **state) {
        static const char salt_and_hash[] = "$c29tZXNhbHRzb21lc2FsdA$Bvg88BWk0Yh/JseQuCT19V2KPt3qTf2lAef6i2199mQ";
        static const char *const costs[] = {
                "$argon2i$v=19$m=64,t=1,p=1", "$argon2id$v=16$m=64,t=1,p=1", "$argon2id$v=19$m=64,t=1,p=0",
                "$argon2id$v=19$m=262145,t=1,p=1", "$argon2id$v=19$m=64,t=17,p=1", "$argon2id$v=19$m=64,t=1,p=5",
                "$argon2id$v=19$m=7,t=1,p=1", "$argon2id$v=19$m=31,t=1,p=4", "$argon2id$v=19$m=064,t=1,p=1",
                "$argon2id$v=19$m=99999999999999999999,t=1,p=1", "$argon2id$v=19$m=-64,t=1,p=1", "", "$argon2id",
        };
        for (size_t i = 0; i < ELEMENTS(costs); i++) {
                char hash[256];
                snprintf(hash, sizeof hash, "%s%s", costs[i], salt_and_hash);
                assert_int_equal(password_verify(hash, password, NULL), -EBADMSG);
        }
        char hash[256];
        snprintf(hash, sizeof hash, "$argon2id$v=19$m=64,t=1,p=1%s", salt_and_hash);
        for (size_t size = 0; size < strlen(hash); size++) {
                _cleanup_free_ char *cut = memory_copy_string(hash);
                cut[size] = '\0';
                assert_int_equal(password_verify(cut, password, NULL), -EBADMSG);
        }
        strcat(hash, "A");
        assert_int_equal(password_verify(hash, password, NULL), -EBADMSG);
}

static void only_text_of_12_to_128_characters_is_hashed(void **state) {
        char hash[PASSWORD_HASH], text[4 * PASSWORD_MAX + 8] = { 0 };
        assert_int_equal(password_hash("eleven char", hash), -EINVAL);
        assert_int_equal(password_hash("twelve chars", hash), 0);
        assert_int_equal(password_hash("twelve char\xff", hash), -EINVAL);
        for (int i = 0; i < PASSWORD_MAX; i++)
                strcat(text, "\xf0\x9f\x98\x80");
        assert_int_equal(password_hash(text, hash), 0);
        assert_int_equal(password_verify(hash, text, NULL), 1);
        strcat(text, "a");
        assert_int_equal(password_hash(text, hash), -EINVAL);
        assert_int_equal(password_verify(hash, text, NULL), 0);
        /* Eleven characters in twelve bytes. */
        assert_int_equal(password_hash("eleven cha\xc3\xa9", hash), -EINVAL);
}

static double seconds_to_verify(const char *hash) {
        double best = 1e9;
        for (int i = 0; i < 3; i++) {
                struct timespec a, b;
                clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
                assert_int_equal(password_verify(hash, "not that password", NULL), 0);
                clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
                double seconds = (double) (b.tv_sec - a.tv_sec) + (double) (b.tv_nsec - a.tv_nsec) / 1e9;
                best = seconds < best ? seconds : best;
        }
        return best;
}

static void an_absent_account_costs_what_a_wrong_password_costs(void **state) {
        char hash[PASSWORD_HASH];
        assert_int_equal(password_hash(password, hash), 0);
        double present = seconds_to_verify(hash), absent = seconds_to_verify(NULL);
        assert_true(absent > present * 0.6 && absent < present * 1.6);
}

/* In KiB, as /proc/self/status has it. */
static long status_of(const char *name) {
        char line[256];
        long value = -1;
        FILE *status = fopen("/proc/self/status", "re");
        assert_non_null(status);
        while (fgets(line, sizeof line, status))
                if (strncmp(line, name, strlen(name)) == 0)
                        value = strtol(line + strlen(name) + 1, NULL, 10);
        fclose(status);
        assert_true(value > 0);
        return value;
}

static void forget_the_peak(void) {
        FILE *refs = fopen("/proc/self/clear_refs", "we");
        assert_non_null(refs);
        fputs("5", refs);
        assert_int_equal(fclose(refs), 0);
}

enum { HASH_KIB = 19456, SLACK_KIB = 6144, THREADS = 6 };
static pthread_barrier_t together;
static atomic_int failures;

static void *hash_once(void *unused) {
        char hash[PASSWORD_HASH];
        pthread_barrier_wait(&together);
        if (password_hash(password, hash) != 0)
                failures++;
        return NULL;
}

/* How far above what it was the memory went, in KiB, with every thread hashing under this bound. */
static long peak_with(unsigned bound) {
        pthread_t threads[THREADS];
        password_set_concurrency(bound);
        pthread_barrier_init(&together, NULL, THREADS);
        forget_the_peak();
        long before = status_of("VmRSS:");
        for (int i = 0; i < THREADS; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, hash_once, NULL), 0);
        for (int i = 0; i < THREADS; i++)
                pthread_join(threads[i], NULL);
        pthread_barrier_destroy(&together);
        password_set_concurrency(2);
        assert_int_equal(failures, 0);
        return status_of("VmHWM:") - before;
}

static void no_more_hashes_are_under_way_than_the_bound_allows(void **state) {
        peak_with(2); /* the threads' first stacks and heaps */
        long one = peak_with(1), two = peak_with(2), all = peak_with(THREADS);
        assert_in_range(one, HASH_KIB - SLACK_KIB, HASH_KIB + SLACK_KIB);
        assert_true(two <= 2 * HASH_KIB + SLACK_KIB);
        /* Without a bound they would have been. */
        assert_true(all > 2 * HASH_KIB + SLACK_KIB);
}

static void the_memory_of_a_hash_is_given_back(void **state) {
        char hash[PASSWORD_HASH];
        assert_int_equal(password_hash(password, hash), 0);
        forget_the_peak();
        long before = status_of("VmRSS:");
        for (int i = 0; i < 4; i++)
                assert_int_equal(password_verify(hash, password, NULL), 1);
        assert_true(status_of("VmHWM:") - before > HASH_KIB - SLACK_KIB);
        assert_true(status_of("VmRSS:") - before < 1024);
}

#define TWELVE(c) c c c c c c c c c c c c

static void a_choice_is_refused_with_its_reason(void **state) {
        static const struct {
                const char *password, *email, *name;
                int fault;
        } cases[] = {
                { "seven green lanterns", "grace.okafor@example.org", "Grace Okafor", 0 },
                { "seven green lanterns", NULL, NULL, 0 },
                { "upstander-demo", "lead@example.org", "Demo Lead", PASSWORD_HAS_NAME },
                { "upstander-demo", "lead@example.org", "Ama Lead", 0 },
                { "twelve\xff" "chars", NULL, NULL, PASSWORD_NOT_TEXT },
                { "eleven char", NULL, NULL, PASSWORD_TOO_SHORT },
                { "eleven cha\xc3\xa9", NULL, NULL, PASSWORD_TOO_SHORT },
                { "", NULL, NULL, PASSWORD_TOO_SHORT },
                { "aaaaaaaaaaaa", NULL, NULL, PASSWORD_ONE_CHARACTER },
                { TWELVE("\xc3\xa9"), NULL, NULL, PASSWORD_ONE_CHARACTER },
                { "password1234", NULL, NULL, PASSWORD_COMMON },
                { "Pass-Word 1234!", NULL, NULL, PASSWORD_COMMON },
                { "P\xc3\xa1ssword12345", NULL, NULL, PASSWORD_COMMON },
                { "i am grace okay", NULL, "Grace Okafor", PASSWORD_HAS_NAME },
                { "12 GRACEful 34", NULL, "Dr Gr\xc3\xa2" "ce Okafor", PASSWORD_HAS_NAME },
                { "the zoebronte way", NULL, "Zo\xc3\xab Bront\xc3\xab", PASSWORD_HAS_NAME },
                { "my okafor-family", "grace.okafor@example.org", NULL, PASSWORD_HAS_NAME },
                { "example.org rocks", "grace.okafor@example.org", NULL, 0 },
                { "live by the sea", "li@example.org", "Li Sea", 0 },
                { "seven green lanterns", "", "", 0 },
        };
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                const char *reason = NULL;
                int fault = password_check(cases[i].password, cases[i].email, cases[i].name, &reason);
                assert_int_equal(fault, cases[i].fault);
                assert_int_equal(reason != NULL, cases[i].fault != 0);
        }
}

static void what_passes_the_check_can_be_hashed(void **state) {
        char text[PASSWORD_MAX + 2], hash[PASSWORD_HASH];
        const char *reason;
        for (size_t i = 0; i < sizeof text; i++)
                text[i] = "abcdefg hijk"[i % 12];
        text[PASSWORD_MAX + 1] = '\0';
        assert_int_equal(password_check(text, NULL, NULL, &reason), PASSWORD_TOO_LONG);
        text[PASSWORD_MAX] = '\0';
        assert_int_equal(password_check(text, NULL, NULL, &reason), 0);
        assert_int_equal(password_hash(text, hash), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_password_matches_its_own_hash_alone),
                cmocka_unit_test(two_hashes_of_one_password_differ),
                cmocka_unit_test(hashes_of_the_library_itself_match_and_ask_to_be_made_again),
                cmocka_unit_test(a_text_that_is_no_hash_of_ours_is_a_fault),
                cmocka_unit_test(only_text_of_12_to_128_characters_is_hashed),
                cmocka_unit_test(an_absent_account_costs_what_a_wrong_password_costs),
                cmocka_unit_test(no_more_hashes_are_under_way_than_the_bound_allows),
                cmocka_unit_test(the_memory_of_a_hash_is_given_back),
                cmocka_unit_test(a_choice_is_refused_with_its_reason),
                cmocka_unit_test(what_passes_the_check_can_be_hashed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
