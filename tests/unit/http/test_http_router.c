#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "http/router.h"

static enum step_result nothing(struct request *request) {
        return STEP_FAULT;
}

static const struct route rows[] = {
        { METHOD_GET, "/", .page = "home" },
        { METHOD_GET, "/incidents", .query = "incident/list", .page = "incident/list" },
        { METHOD_POST, "/incidents", .prepare = nothing },
        { METHOD_POST, "/incidents/preview", .flags = ROUTE_API_ONLY, .prepare = nothing },
        { METHOD_GET, "/incidents/{incident}", .query = "incident/get", .page = "incident/show" },
        { METHOD_PATCH, "/incidents/{incident}", .prepare = nothing },
        { METHOD_POST, "/incidents/{ref}/additions", .prepare = nothing },
        { METHOD_GET, "/pathways", .query = "pathway/list" },
        { METHOD_GET, "/audit/tile/{path...}", .query = "audit/tile" },
        { METHOD_GET, "/sign-in", .flags = ROUTE_PAGE_ONLY, .page = "sign-in" },
};

static struct arena *arena;
static struct router *router;
static struct target target;
static struct router_match match;

static int build(const struct route *table, size_t n, struct router **ret_router, char **ret_error) {
        const struct route *pointers[16];
        for (size_t i = 0; i < n; i++)
                pointers[i] = &table[i];
        return router_new(pointers, n, ret_router, ret_error);
}

static int set_up(void **state) {
        char *error;
        arena = arena_new();
        return build(rows, ELEMENTS(rows), &router, &error);
}

static int tear_down(void **state) {
        router_free(router);
        arena_free(arena);
        return 0;
}

static const struct route *find(enum method method, const char *path) {
        assert_null(target_parse(arena, path, &target));
        return router_find(router, &target, &match) ? match.by_method[method] : NULL;
}

static void a_path_finds_its_row(void **state) {
        assert_ptr_equal(find(METHOD_GET, "/"), &rows[0]);
        assert_ptr_equal(find(METHOD_GET, "/incidents"), &rows[1]);
        assert_ptr_equal(find(METHOD_POST, "/api/v1/incidents"), &rows[2]);
        assert_true(match.is_api);
        assert_ptr_equal(find(METHOD_GET, "/incidents/UP-1"), &rows[4]);
        assert_false(match.is_api);
        assert_ptr_equal(find(METHOD_POST, "/incidents/UP-1/additions"), &rows[6]);
}

static void a_literal_wins_over_a_name(void **state) {
        assert_ptr_equal(find(METHOD_POST, "/api/v1/incidents/preview"), &rows[3]);
        assert_null(find(METHOD_GET, "/api/v1/incidents/preview"));
}

static void what_is_not_there_is_not_found(void **state) {
        assert_null(find(METHOD_GET, "/nothing"));
        assert_null(find(METHOD_GET, "/incidents/UP-1/nothing"));
        assert_null(find(METHOD_GET, "/incidents/"));
        assert_null(find(METHOD_GET, "/api/v1"));
        assert_null(find(METHOD_GET, "/api/v2/incidents"));
        assert_null(find(METHOD_GET, "/INCIDENTS"));
}

static void a_row_has_only_the_twins_that_it_has(void **state) {
        assert_null(find(METHOD_GET, "/pathways"));
        assert_ptr_equal(find(METHOD_GET, "/api/v1/pathways"), &rows[7]);
        assert_null(find(METHOD_GET, "/api/v1/sign-in"));
        assert_ptr_equal(find(METHOD_GET, "/sign-in"), &rows[9]);
        assert_null(find(METHOD_POST, "/incidents/preview"));
}

static void parameters_are_named_by_their_own_row(void **state) {
        json_t *parameters = json_object();
        router_parameters(find(METHOD_PATCH, "/api/v1/incidents/UP-1"), &target, parameters);
        assert_string_equal(json_string_value(json_object_get(parameters, "incident")), "UP-1");
        json_object_clear(parameters);
        router_parameters(find(METHOD_POST, "/incidents/caf%C3%A9/additions"), &target, parameters);
        assert_string_equal(json_string_value(json_object_get(parameters, "ref")), "caf\xc3\xa9");
        assert_int_equal(json_object_size(parameters), 1);
        json_object_clear(parameters);
        router_parameters(find(METHOD_GET, "/api/v1/audit/tile/0/x001/067"), &target, parameters);
        assert_string_equal(json_string_value(json_object_get(parameters, "path")), "0/x001/067");
        json_decref(parameters);
        assert_null(find(METHOD_GET, "/api/v1/audit/tile/0/"));
        assert_null(find(METHOD_GET, "/api/v1/audit/tile"));
}

static void allow_names_the_methods_of_the_place(void **state) {
        find(METHOD_GET, "/api/v1/incidents");
        assert_string_equal(router_allow(&match, arena), "GET, HEAD, POST");
        find(METHOD_GET, "/api/v1/incidents/UP-1");
        assert_string_equal(router_allow(&match, arena), "GET, HEAD, PATCH");
}

static void rows_that_collide_or_are_malformed_are_refused_at_start(void **state) {
        static const struct route bad[][2] = {
                { { METHOD_GET, "/a/{b}" }, { METHOD_GET, "/a/{c}" } },
                { { METHOD_GET, "/a" }, { METHOD_GET, "/a" } },
                { { METHOD_GET, "/a" }, { METHOD_GET, "a" } },
                { { METHOD_GET, "/a" }, { METHOD_GET, "/b/" } },
                { { METHOD_GET, "/a" }, { METHOD_GET, "/b//c" } },
                { { METHOD_GET, "/a" }, { METHOD_GET, "/b/{c" } },
                { { METHOD_GET, "/a" }, { METHOD_GET, "/b/{}" } },
                { { METHOD_GET, "/a" }, { METHOD_GET, "/b/x{c}" } },
                { { METHOD_GET, "/a" }, { METHOD_GET, "/b/{c...}/d" } },
        };
        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                struct router *none = NULL;
                char *error = NULL;
                if (build(bad[i], 2, &none, &error) == 0)
                        fail_msg("accepted: %s and %s", bad[i][0].path, bad[i][1].path);
                assert_non_null(error);
                assert_null(none);
                free(error);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_path_finds_its_row),
                cmocka_unit_test(a_literal_wins_over_a_name),
                cmocka_unit_test(what_is_not_there_is_not_found),
                cmocka_unit_test(a_row_has_only_the_twins_that_it_has),
                cmocka_unit_test(parameters_are_named_by_their_own_row),
                cmocka_unit_test(allow_names_the_methods_of_the_place),
                cmocka_unit_test(rows_that_collide_or_are_malformed_are_refused_at_start),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
