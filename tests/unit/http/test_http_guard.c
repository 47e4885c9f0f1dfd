#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "http/guard.h"

/* "Name: value" lines into a list. */
static struct header_list list_of(const char *const *lines) {
        struct header_list list = { .n = 0 };
        for (; *lines; lines++) {
                const char *colon = strchr(*lines, ':'), *value = colon + 1 + (colon[1] == ' ');
                list.header[list.n++] = (struct header) { *lines, (size_t) (colon - *lines), value, strlen(value) };
        }
        return list;
}

#define GUARD(version, ...) \
        ({ struct header_list _list = list_of((const char *const[]) { __VA_ARGS__, NULL }); guard_check(&_list, "GET", version); })
#define REFUSED(code, ...) assert_string_equal(GUARD("HTTP/1.1", __VA_ARGS__) ?: "accepted", code)
#define ACCEPTED(...) assert_null(GUARD("HTTP/1.1", __VA_ARGS__))

static void a_request_has_one_host_that_is_a_host(void **state) {
        ACCEPTED("Host: example.test");
        ACCEPTED("host: 127.0.0.1:8080");
        ACCEPTED("Host: [::1]:8080");
        REFUSED("bad_host", "Accept: */*");
        REFUSED("bad_host", "Host: a", "Host: b");
        REFUSED("bad_host", "Host: a", "HOST: a");
        REFUSED("bad_host", "Host: ");
        REFUSED("bad_host", "Host: a b");
        REFUSED("bad_host", "Host: a/b");
        REFUSED("bad_host", "Host: user@a");
        REFUSED("bad_host", "Host: a:");
        REFUSED("bad_host", "Host: a:80x");
        REFUSED("bad_host", "Host: a:123456");
        REFUSED("bad_host", "Host: [::1");
        REFUSED("bad_host", "Host: [zz]");
}

static void the_end_of_a_body_is_never_in_doubt(void **state) {
        ACCEPTED("Host: a", "Content-Length: 10");
        ACCEPTED("Host: a", "Transfer-Encoding: chunked");
        ACCEPTED("Host: a", "Transfer-Encoding: CHUNKED");
        REFUSED("bad_framing", "Host: a", "Content-Length: 10", "Content-Length: 10");
        REFUSED("bad_framing", "Host: a", "Content-Length: 10", "Transfer-Encoding: chunked");
        REFUSED("bad_framing", "Host: a", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked");
        REFUSED("bad_framing", "Host: a", "Content-Length: +10");
        REFUSED("bad_framing", "Host: a", "Content-Length: 1,1");
        REFUSED("bad_framing", "Host: a", "Content-Length: 0x10");
        REFUSED("bad_framing", "Host: a", "Content-Length: ");
        REFUSED("unknown_coding", "Host: a", "Transfer-Encoding: gzip");
        REFUSED("unknown_coding", "Host: a", "Transfer-Encoding: chunked, identity");
        assert_string_equal(GUARD("HTTP/1.0", "Host: a", "Transfer-Encoding: chunked"), "bad_framing");
}

static void names_are_tokens_and_values_hold_no_control_characters(void **state) {
        REFUSED("bad_header", "Host: a", "X y: 1");
        REFUSED("bad_header", "Host: a", "X(y): 1");
        REFUSED("bad_header", "Host: a", ": 1");
        REFUSED("bad_header", "Host: a", "X: a\x01");
        REFUSED("bad_header", "Host: a", "X: a\x7f");
        REFUSED("bad_header", "Host: a", "X: a\rb");
        ACCEPTED("Host: a", "X: tab\tand caf\xc3\xa9");
}

static void what_may_appear_once_does(void **state) {
        REFUSED("repeated_header", "Host: a", "Authorization: Bearer x", "authorization: Bearer y");
        REFUSED("repeated_header", "Host: a", "Content-Type: text/plain", "Content-Type: application/json");
        REFUSED("repeated_header", "Host: a", "Idempotency-Key: \"1\"", "Idempotency-Key: \"2\"");
        ACCEPTED("Host: a", "Accept: a/b", "Accept: c/d");
}

static void only_the_versions_we_speak_are_accepted(void **state) {
        assert_null(GUARD("HTTP/1.0", "Host: a"));
        assert_string_equal(GUARD("HTTP/1.2", "Host: a"), "bad_version");
        assert_string_equal(GUARD("HTTP/2.0", "Host: a"), "bad_version");
        struct header_list list = list_of((const char *const[]) { "Host: a", NULL });
        assert_string_equal(guard_check(&list, "GE T", "HTTP/1.1"), "bad_request_line");
        list.overflow = true;
        assert_string_equal(guard_check(&list, "GET", "HTTP/1.1"), "too_many_headers");
}

static int cookie(const char *const *lines, char *ret_value) {
        struct header_list list = list_of(lines);
        return cookie_find(&list, "__Host-session", ret_value);
}

static void a_cookie_is_read_by_its_own_grammar(void **state) {
        char value[COOKIE_MAX] = "before";
        assert_int_equal(cookie((const char *const[]) { "Cookie: a=1; __Host-session=tok-en_1; b=2", NULL }, value), 0);
        assert_string_equal(value, "tok-en_1");
        assert_int_equal(cookie((const char *const[]) { "Cookie: a=1", "Cookie: __Host-session=second", NULL }, value), 0);
        assert_string_equal(value, "second");
        assert_int_equal(cookie((const char *const[]) { "Cookie: x__Host-session=1; __Host-sessions=2; __Host-session", NULL }, value), 0);
        assert_string_equal(value, "");
}

static void two_session_cookies_are_refused_wherever_they_stand(void **state) {
        char value[COOKIE_MAX];
        assert_int_equal(cookie((const char *const[]) { "Cookie: __Host-session=1; __Host-session=2", NULL }, value), 1);
        assert_int_equal(cookie((const char *const[]) { "Cookie: __Host-session=1", "Cookie: __Host-session=1", NULL }, value), 1);
        assert_int_equal(cookie((const char *const[]) { "Cookie: __Host-session=\"1\"", NULL }, value), 1);
        assert_int_equal(cookie((const char *const[]) { "Cookie: __Host-session=a,b", NULL }, value), 1);
        char line[700] = "Cookie: __Host-session=";
        memset(line + strlen(line), 'a', 600);
        assert_int_equal(cookie((const char *const[]) { line, NULL }, value), 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_request_has_one_host_that_is_a_host),
                cmocka_unit_test(the_end_of_a_body_is_never_in_doubt),
                cmocka_unit_test(names_are_tokens_and_values_hold_no_control_characters),
                cmocka_unit_test(what_may_appear_once_does),
                cmocka_unit_test(only_the_versions_we_speak_are_accepted),
                cmocka_unit_test(a_cookie_is_read_by_its_own_grammar),
                cmocka_unit_test(two_session_cookies_are_refused_wherever_they_stand),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
