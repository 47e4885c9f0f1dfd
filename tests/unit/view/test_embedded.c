#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "base/embedded.h"

static void a_file_is_found_by_its_exact_name(void **state) {
        const struct embedded_file *file = embedded_find(&embedded_templates, "partial/govuk/tag.mustache");
        assert_non_null(file);
        assert_int_equal(file->size, strlen((const char *) file->data));
        assert_null(embedded_find(&embedded_templates, "partial/govuk/tag"));
        assert_null(embedded_find(&embedded_templates, ""));
        assert_null(embedded_find(&(struct embedded_set) { 0 }, "x"));
}

static void every_file_is_found_and_the_order_is_bytewise(void **state) {
        assert_true(embedded_templates.n_files > 40);
        for (size_t i = 0; i < embedded_templates.n_files; i++) {
                const struct embedded_file *file = &embedded_templates.files[i];
                assert_ptr_equal(embedded_find(&embedded_templates, file->name), file);
                if (i)
                        assert_true(strcmp(file[-1].name, file->name) < 0);
                assert_int_equal(file->data[file->size], 0);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_file_is_found_by_its_exact_name),
                cmocka_unit_test(every_file_is_found_and_the_order_is_bytewise),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
