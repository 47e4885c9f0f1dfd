#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "http/peer.h"

static struct trusted trusted;

static const char *client(const char *socket_address, const char *forwarded) {
        static char address[PEER_TEXT];
        peer_address(&trusted, socket_address, forwarded, forwarded ? strlen(forwarded) : 0, address);
        return address;
}

static void only_a_trusted_proxy_is_believed(void **state) {
        assert_int_equal(trusted_parse("127.0.0.1, 2001:db8::1", &trusted), 0);
        assert_string_equal(client("192.0.2.1", "198.51.100.7"), "192.0.2.1");
        assert_string_equal(client("127.0.0.1", "198.51.100.7"), "198.51.100.7");
        assert_string_equal(client("2001:DB8:0::1", "198.51.100.7"), "198.51.100.7");
        assert_string_equal(client("::ffff:127.0.0.1", "198.51.100.7"), "198.51.100.7");
        assert_string_equal(client("127.0.0.1", NULL), "127.0.0.1");
        assert_string_equal(client(NULL, "198.51.100.7"), "198.51.100.7");
        assert_string_equal(client(NULL, NULL), "local");
}

static void what_a_client_wrote_in_front_does_not_count(void **state) {
        assert_int_equal(trusted_parse("127.0.0.1,10.0.0.2", &trusted), 0);
        assert_string_equal(client("127.0.0.1", "1.1.1.1, 198.51.100.7"), "198.51.100.7");
        assert_string_equal(client("127.0.0.1", "1.1.1.1, 198.51.100.7, 10.0.0.2"), "198.51.100.7");
        assert_string_equal(client("127.0.0.1", "198.51.100.7, rubbish"), "127.0.0.1");
        assert_string_equal(client("127.0.0.1", "rubbish, 10.0.0.2"), "10.0.0.2");
        assert_string_equal(client("127.0.0.1", ""), "127.0.0.1");
        assert_string_equal(client("127.0.0.1", ",,,"), "127.0.0.1");
}

static void a_list_of_proxies_is_addresses(void **state) {
        assert_int_equal(trusted_parse("", &trusted), 0);
        assert_int_equal(trusted.n, 0);
        assert_int_equal(trusted_parse("localhost", &trusted), -1);
        assert_int_equal(trusted_parse("127.0.0.1,,", &trusted), -1);
        assert_int_equal(trusted_parse("10.0.0.0/8", &trusted), -1);
}

static void one_address_has_so_many_under_way(void **state) {
        struct crowd *crowd = crowd_new(2);
        assert_true(crowd_enter(crowd, "192.0.2.1"));
        assert_true(crowd_enter(crowd, "192.0.2.1"));
        assert_false(crowd_enter(crowd, "192.0.2.1"));
        assert_true(crowd_enter(crowd, "192.0.2.2"));
        crowd_leave(crowd, "192.0.2.1");
        assert_true(crowd_enter(crowd, "192.0.2.1"));
        crowd_free(crowd);
        crowd = crowd_new(0);
        for (int i = 0; i < 1000; i++)
                assert_true(crowd_enter(crowd, "192.0.2.1"));
        crowd_free(crowd);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(only_a_trusted_proxy_is_believed),
                cmocka_unit_test(what_a_client_wrote_in_front_does_not_count),
                cmocka_unit_test(a_list_of_proxies_is_addresses),
                cmocka_unit_test(one_address_has_so_many_under_way),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
