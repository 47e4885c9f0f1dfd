#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "http/codes.h"

static struct codes *parse(const char *json) {
        struct codes *codes = NULL;
        return codes_parse(json, strlen(json), &codes) == 0 ? codes : NULL;
}

static const char one[] = "{\"kind\":[{\"code\":\"A\",\"label\":\"First\"},{\"code\":\"OLD\",\"label\":\"Was\",\"retired\":true}],\"missing\":[{\"code\":\"NOT_KNOWN\",\"label\":\"Not known\"}]}";
static const char other[] = "{\"kind\":[{\"code\":\"A\",\"label\":\"Other\"}],\"missing\":[]}";

static void codes_are_found_in_their_lists(void **state) {
        assert_false(codes_exist("kind", "A"));
        codes_install(parse(one));
        assert_true(codes_exist("kind", "A"));
        assert_false(codes_exist("kind", "NOT_KNOWN"));
        assert_true(codes_exist("kind|missing", "NOT_KNOWN"));
        assert_false(codes_exist("none", "A"));
        assert_false(codes_exist("kind", "OLD"));
        struct codes *codes = codes_current();
        assert_string_equal(codes_label(codes, "kind", "OLD"), "Was");
        assert_null(codes_label(codes, "kind", "B"));
        assert_int_equal(json_array_size(codes_list(codes, "kind")), 2);
        codes_unref(codes);
}

static void who_holds_a_set_keeps_it_while_another_is_installed(void **state) {
        codes_install(parse(one));
        struct codes *held = codes_current();
        codes_install(parse(other));
        assert_string_equal(codes_label(held, "kind", "A"), "First");
        codes_unref(held);
        held = codes_current();
        assert_string_equal(codes_label(held, "kind", "A"), "Other");
        codes_unref(held);
}

static void *look_up(void *data) {
        for (int i = 0; i < 20000; i++)
                if (!codes_exist("kind", "A"))
                        return data;
        return NULL;
}

static void looking_up_goes_on_while_sets_are_replaced(void **state) {
        pthread_t threads[3];
        void *failed[3];
        codes_install(parse(one));
        for (int i = 0; i < 3; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, look_up, threads), 0);
        for (int i = 0; i < 500; i++)
                codes_install(parse(i % 2 ? one : other));
        for (int i = 0; i < 3; i++) {
                pthread_join(threads[i], &failed[i]);
                assert_null(failed[i]);
        }
}

static void what_is_not_lists_of_codes_is_refused(void **state) {
        assert_null(parse("[]"));
        assert_null(parse("{\"kind\":{}}"));
        assert_null(parse("{\"kind\":[{\"code\":\"A\"}]}"));
        assert_null(parse("{\"kind\":[{\"label\":\"A\"}]}"));
        assert_null(parse("{\"kind\":[{\"code\":\"A\",\"label\":\"1\"},{\"code\":\"A\",\"label\":\"2\"}]}"));
        assert_null(parse("nonsense"));
}

static int tear_down(void **state) {
        codes_install(NULL);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(codes_are_found_in_their_lists),
                cmocka_unit_test(who_holds_a_set_keeps_it_while_another_is_installed),
                cmocka_unit_test(looking_up_goes_on_while_sets_are_replaced),
                cmocka_unit_test(what_is_not_lists_of_codes_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, tear_down);
}
