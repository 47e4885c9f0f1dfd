#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "view/asset.h"

static int find(const char *name, struct asset *ret) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", asset_base(), name);
        return asset_find(path, ret);
}

static void assets_are_found_with_their_type(void **state) {
        struct asset asset;
        assert_int_equal(find("/app.css", &asset), 0);
        assert_string_equal(asset.content_type, "text/css; charset=utf-8");
        assert_true(asset.file->size > 50000);
        assert_int_equal(find("/init.js", &asset), 0);
        assert_string_equal(asset.content_type, "text/javascript; charset=utf-8");
        assert_int_equal(find("/favicon.svg", &asset), 0);
        assert_string_equal(asset.content_type, "image/svg+xml");
}

static void other_versions_and_other_names_are_not_found(void **state) {
        struct asset asset;
        assert_int_equal(asset_find("/assets/000000000000/app.css", &asset), 1);
        assert_int_equal(find("", &asset), 1);
        assert_int_equal(find("/", &asset), 1);
        assert_int_equal(find("/../app.css", &asset), 1);
        assert_int_equal(find("/version", &asset), 1);
        assert_int_equal(find("x/app.css", &asset), 1);
}

static void the_styles_do_not_carry_the_brand_of_gov_uk(void **state) {
        static const char *const brand[] = { "GDS Transport", "@font-face", "crest", "govuk-header", "crown" };
        struct asset css;
        assert_int_equal(find("/app.css", &css), 0);
        for (size_t i = 0; i < ELEMENTS(brand); i++)
                assert_null(strstr((const char *) css.file->data, brand[i]));
        assert_non_null(strstr((const char *) css.file->data, "#4b2a63"));
}

static void every_picture_that_the_styles_name_is_there(void **state) {
        struct asset css, picture;
        size_t n = 0;
        assert_int_equal(find("/app.css", &css), 0);
        for (const char *at = (const char *) css.file->data; (at = strstr(at, "url(")); n++) {
                char name[128];
                at += strlen("url(");
                at += *at == '"';
                snprintf(name, sizeof name, "/%.*s", (int) strcspn(at, "\")"), at);
                assert_int_equal(find(name, &picture), 0);
        }
        assert_true(n > 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(assets_are_found_with_their_type),
                cmocka_unit_test(other_versions_and_other_names_are_not_found),
                cmocka_unit_test(the_styles_do_not_carry_the_brand_of_gov_uk),
                cmocka_unit_test(every_picture_that_the_styles_name_is_there),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
