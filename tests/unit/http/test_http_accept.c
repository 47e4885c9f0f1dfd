#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "internal.h"

static bool takes(const char *accept, const char *type) {
        struct header header = { "Accept", 6, accept, strlen(accept) };
        return accept_takes(&header, type);
}

static void the_most_exact_range_decides(void **state) {
        assert_true(accept_takes(NULL, "application/json"));
        assert_true(takes("", "application/json"));
        assert_true(takes("*/*", "application/json"));
        assert_true(takes("application/*", "application/json"));
        assert_true(takes("text/html, APPLICATION/JSON;q=0.5", "application/json"));
        assert_true(takes("*/*;q=0, application/json", "application/json"));
        assert_false(takes("text/html", "application/json"));
        assert_false(takes("application/json;q=0", "application/json"));
        assert_false(takes("*/*, application/json; q=0.000", "application/json"));
        assert_false(takes("application/jsonx", "application/json"));
        assert_false(takes("text/*", "application/json"));
        assert_true(takes("application/json;q=0.001", "application/json"));
}

static bool is(const char *content_type, const char *type) {
        struct header header = { "Content-Type", 12, content_type, strlen(content_type) };
        return media_type_is(&header, type);
}

static void a_media_type_has_no_parameter_but_its_charset(void **state) {
        assert_false(media_type_is(NULL, "application/json"));
        assert_true(is("application/json", "application/json"));
        assert_true(is("Application/JSON; charset=UTF-8", "application/json"));
        assert_true(is("application/json;charset=\"utf-8\"", "application/json"));
        assert_false(is("application/json; charset=latin1", "application/json"));
        assert_false(is("application/jsonp", "application/json"));
        assert_false(is("text/plain", "application/json"));
        assert_false(is("application/json; boundary=x", "application/json"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_most_exact_range_decides),
                cmocka_unit_test(a_media_type_has_no_parameter_but_its_charset),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
