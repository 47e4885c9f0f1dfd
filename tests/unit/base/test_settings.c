/* The settings: where a value comes from, and how faults are told. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/settings.h"

static char *const nothing[] = { NULL };

/* A file of that text below the test's own folder; the path is valid until the next call. */
static const char *file_of(const char *text) {
        static char path[] = "/tmp/upstander-settings-XXXXXX";
        strcpy(path, "/tmp/upstander-settings-XXXXXX");
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), strlen(text));
        close(fd);
        return path;
}

static struct settings *load(const char *text, char *const *environment) {
        struct settings *settings = NULL;
        char *faults = NULL;
        const char *path = file_of(text);
        int r = settings_load(path, environment, &settings, &faults);
        unlink(path);
        if (r != 0)
                fail_msg("unexpected faults: %s", faults);
        return settings;
}

/* The faults of a file and an environment that must have some. */
static char *faults_of(const char *text, char *const *environment) {
        struct settings *settings = NULL;
        char *faults = NULL;
        const char *path = file_of(text);
        int r = settings_load(path, environment, &settings, &faults);
        unlink(path);
        assert_int_equal(r, 1);
        assert_null(settings);
        return faults;
}

static void expect_fault(const char *text, char *const *environment, const char *words) {
        _cleanup_free_ char *faults = faults_of(text, environment);
        if (!strstr(faults, words))
                fail_msg("\"%s\" is not in: %s", words, faults);
}

static void every_default_is_within_its_own_bounds(void **state) {
        for (enum setting s = 0; s < SETTING_COUNT; s++) {
                char name[SETTING_ENVIRONMENT_NAME], variable[1200];
                setting_environment_name(s, name);
                snprintf(variable, sizeof variable, "%s=%s", name, setting_row(s)->default_value);
                char *const environment[] = { variable, NULL };
                _cleanup_(settings_free_p) struct settings *settings = load("", environment);
                assert_string_equal(settings_text(settings, s), setting_row(s)->default_value);
        }
        assert_null(setting_row(SETTING_COUNT));
}

static void every_row_says_what_it_is_for_and_has_a_key_of_its_own(void **state) {
        for (enum setting s = 0; s < SETTING_COUNT; s++) {
                assert_non_null(setting_row(s)->about);
                assert_true(setting_row(s)->about[strlen(setting_row(s)->about) - 1] == '.');
                assert_non_null(strchr(setting_row(s)->key, '.'));
                for (enum setting t = 0; t < s; t++)
                        assert_string_not_equal(setting_row(s)->key, setting_row(t)->key);
        }
}

static void the_file_comes_before_the_default_and_the_environment_before_the_file(void **state) {
        char *const environment[] = { (char[]) { "HOME=/" }, (char[]) { "UPSTANDER_LISTEN_PORT=3333" }, NULL };
        _cleanup_(settings_free_p) struct settings *settings =
                load("[listen]\naddress = ::1\nport = 2222\n[work]\nin_process = no\n", environment);
        assert_string_equal(settings_text(settings, SETTING_LISTEN_ADDRESS), "::1");
        assert_int_equal(settings_integer(settings, SETTING_LISTEN_PORT), 3333);
        assert_false(settings_boolean(settings, SETTING_WORK_IN_PROCESS));
        assert_string_equal(settings_text(settings, SETTING_LOG_LEVEL), "info");
}

static void an_unknown_key_is_refused_with_the_nearest_name(void **state) {
        expect_fault("[listen]\nprot = 1\n", nothing, ":2: there is no setting listen.prot; the nearest is listen.port\n");
        expect_fault("port = 1\n", nothing, "there is no setting port; the nearest is ");
        char *const environment[] = { (char[]) { "UPSTANDER_DATABASE_CONINFO=x" }, NULL };
        expect_fault("", environment, "UPSTANDER_DATABASE_CONINFO: there is no such setting; the nearest is "
                                      "UPSTANDER_DATABASE_CONNINFO\n");
}

static void a_name_however_long_is_only_an_unknown_key(void **state) {
        char text[190], variable[4096] = "UPSTANDER_";
        snprintf(text, sizeof text, "[a]\n%0150d = 1\n", 7);
        expect_fault(text, nothing, "the nearest is ");
        memset(variable + strlen(variable), 'X', 4000);
        strcpy(variable + 4000, "=1");
        char *const environment[] = { variable, NULL };
        expect_fault("", environment, "there is no such setting");
}

static void values_out_of_bounds_are_refused_with_what_they_must_be(void **state) {
        static const struct {
                const char *line, *words;
        } rows[] = {
                { "[listen]\nport = 0\n", "listen.port must be a whole number from 1 to 65535" },
                { "[listen]\nport = 65536\n", "listen.port must be" },
                { "[listen]\nport = 80x\n", "listen.port must be" },
                { "[listen]\nport = +80\n", "listen.port must be" },
                { "[listen]\nport =\n", "listen.port must be" },
                { "[listen]\nport = 99999999999999999999\n", "listen.port must be" },
                { "[tls]\nexternal = true\n", "tls.external must be yes or no" },
                { "[log]\nlevel = loud\n", "log.level must be one of debug|info|warning|error" },
                { "[log]\nlevel = inf\n", "log.level must be one of" },
                { "[log]\nlevel = info|warning\n", "log.level must be one of" },
                { "[log]\nlevel =\n", "log.level must be one of" },
                { "[listen]\naddress = \001\001\n", "listen.address must have 2 to 45 bytes and no control characters" },
        };
        for (size_t i = 0; i < ELEMENTS(rows); i++)
                expect_fault(rows[i].line, nothing, rows[i].words);
}

static void all_faults_are_named_at_once(void **state) {
        char *const environment[] = { (char[]) { "UPSTANDER_LOG_LEVEL=x" }, NULL };
        _cleanup_free_ char *faults = faults_of("[listen]\nport = x\nprot = 1\nnonsense\n", environment);
        assert_non_null(strstr(faults, "listen.port must"));
        assert_non_null(strstr(faults, "no setting listen.prot"));
        assert_non_null(strstr(faults, ":4: is neither [section] nor name = value"));
        assert_non_null(strstr(faults, "UPSTANDER_LOG_LEVEL: log.level must"));
}

static void a_key_given_twice_or_over_two_lines_is_refused(void **state) {
        expect_fault("[listen]\nport = 1\nport = 2\n", nothing, ":3: listen.port is given twice\n");
        expect_fault("[listen]\naddress = 127.0.0.1\n  ::1\n", nothing, ":3: listen.address is given twice\n");
}

static void a_line_too_long_to_be_read_whole_is_refused(void **state) {
        char text[400];
        snprintf(text, sizeof text, "[database]\nconninfo = host=%0250d\n", 1);
        expect_fault(text, nothing, ":2: the line is longer than 198 bytes\n");
}

static void a_fault_never_tells_the_value(void **state) {
        char long_secret[1200] = "UPSTANDER_DATABASE_CONNINFO=password=";
        memset(long_secret + strlen(long_secret), 's', 1100);
        char *const environment[] = { long_secret, NULL };
        _cleanup_free_ char *faults = faults_of("", environment);
        assert_null(strstr(faults, "sss"));
}

static void a_secret_is_not_printed(void **state) {
        char *const environment[] = { (char[]) { "UPSTANDER_DATABASE_CONNINFO=password=opensesame" }, (char[]) { "UPSTANDER_LISTEN_PORT=4711" }, NULL };
        _cleanup_(settings_free_p) struct settings *settings = load("", environment);
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        settings_print(settings, out);
        fclose(out);
        assert_null(strstr(text, "opensesame"));
        assert_non_null(strstr(text, "4711"));
}

static void a_file_that_was_asked_for_must_be_there(void **state) {
        struct settings *settings = NULL;
        _cleanup_free_ char *faults = NULL;
        assert_int_equal(settings_load("/nonexistent/upstander.ini", nothing, &settings, &faults), 1);
        assert_non_null(strstr(faults, "/nonexistent/upstander.ini: cannot be read"));
}

static void the_example_loads_and_changes_nothing(void **state) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        settings_print_example(out);
        fclose(out);
        _cleanup_(settings_free_p) struct settings *settings = load(text, nothing);
        for (char *line = text; (line = strstr(line, "\n;")); line += 2) /* take the semicolons of the values away */
                if (line[2] != ' ')
                        memmove(line + 1, line + 2, strlen(line + 2) + 1);
        _cleanup_(settings_free_p) struct settings *uncommented = load(text, nothing);
        for (enum setting s = 0; s < SETTING_COUNT; s++) {
                assert_string_equal(settings_text(settings, s), setting_row(s)->default_value);
                assert_string_equal(settings_text(uncommented, s), setting_row(s)->default_value);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_default_is_within_its_own_bounds),
                cmocka_unit_test(every_row_says_what_it_is_for_and_has_a_key_of_its_own),
                cmocka_unit_test(the_file_comes_before_the_default_and_the_environment_before_the_file),
                cmocka_unit_test(an_unknown_key_is_refused_with_the_nearest_name),
                cmocka_unit_test(a_name_however_long_is_only_an_unknown_key),
                cmocka_unit_test(values_out_of_bounds_are_refused_with_what_they_must_be),
                cmocka_unit_test(all_faults_are_named_at_once),
                cmocka_unit_test(a_key_given_twice_or_over_two_lines_is_refused),
                cmocka_unit_test(a_line_too_long_to_be_read_whole_is_refused),
                cmocka_unit_test(a_fault_never_tells_the_value),
                cmocka_unit_test(a_secret_is_not_printed),
                cmocka_unit_test(a_file_that_was_asked_for_must_be_there),
                cmocka_unit_test(the_example_loads_and_changes_nothing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
