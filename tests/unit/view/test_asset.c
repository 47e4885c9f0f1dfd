#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/embedded.h"
#include "base/macro.h"

static const char *read_styles(void) {
        const struct embedded_file *css = embedded_find(&embedded_assets, "app.css");
        assert_non_null(css);
        assert_true(css->size > 50000);
        return (const char *) css->data;
}

static void the_styles_do_not_carry_the_brand_of_gov_uk(void **state) {
        static const char *const brand[] = { "GDS Transport", "@font-face", "crest", "govuk-header", "crown" };
        const char *styles = read_styles();
        for (size_t i = 0; i < ELEMENTS(brand); i++)
                assert_null(strstr(styles, brand[i]));
        assert_non_null(strstr(styles, "#4b2a63"));
}

static void every_picture_that_the_styles_name_is_there(void **state) {
        size_t n = 0;
        for (const char *at = read_styles(); (at = strstr(at, "url(")); n++) {
                char name[128];
                at += strlen("url(");
                at += *at == '"';
                snprintf(name, sizeof name, "%.*s", (int) strcspn(at, "\")"), at);
                assert_non_null(embedded_find(&embedded_assets, name));
        }
        assert_true(n > 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_styles_do_not_carry_the_brand_of_gov_uk),
                cmocka_unit_test(every_picture_that_the_styles_name_is_there),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
