/* Queries as files: the header is the only declaration, and a malformed one is named with its line. */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "support.h"

static int parse(const char *name, const char *text, struct query_set **ret_set, char **ret_error) {
        const struct embedded_file file = { name, (const unsigned char *) text, strlen(text) };
        return query_set_parse(&(struct embedded_set) { &file, 1 }, ret_set, ret_error);
}

static void a_header_says_everything_about_a_query(void **state) {
        static const char text[] =
                "-- The referrals that this actor may act on.\n"
                "-- What is due first stands first.\n"
                "-- $1 pathway  code pathway optional\n"
                "-- $2 limit    integer 1..200 default 50\n"
                "-- $3 words    text 200\n"
                "-- $4 note     json 4000 optional\n"
                "-- alone\n"
                "-- not $9, which is a comment of the statement? no: of the header\n";
        struct query_set *set = NULL;
        _cleanup_free_ char *error = NULL;
        assert_true(parse("referral/list.sql", text, &set, &error) < 0);
        assert_null(set);

        _cleanup_(query_set_free_p) struct query_set *good = NULL;
        static const char statement[] =
                "select $1, '$9', $2 /* $8 */, $3, \"$7\" -- $6\n  , $4::jsonb;\n\n-- end; of it\n";
        char whole[1024];
        snprintf(whole, sizeof whole, "%.*s\n%s", (int) (strstr(text, "\n-- not") - text), text, statement);
        free(TAKE(error));
        assert_int_equal(parse("referral/list.sql", whole, &good, &error), 0);
        assert_int_equal(query_count(good), 1);
        const struct query *query = query_find(good, "referral/list");
        assert_ptr_equal(query, query_at(good, 0));
        assert_string_equal(query->name, "referral/list");
        assert_string_equal(query->sql, statement);
        assert_true(query->alone);
        assert_false(query->is_context);
        assert_int_equal(query->n_parameters, 4);
        assert_string_equal(query->parameters[0].name, "pathway");
        assert_int_equal(query->parameters[0].type, PARAMETER_CODE);
        assert_string_equal(query->parameters[0].list, "pathway");
        assert_true(query->parameters[0].optional);
        assert_int_equal(query->parameters[1].least, 1);
        assert_int_equal(query->parameters[1].most, 200);
        assert_string_equal(query->parameters[1].default_value, "50");
        assert_false(query->parameters[1].optional);
        assert_int_equal(query->parameters[2].most, 200);
        assert_null(query->parameters[2].default_value);
        assert_int_equal(query->parameters[3].type, PARAMETER_JSON);
        assert_null(query_find(good, "referral/lis"));
        assert_null(query_find(good, "referral/list.sql"));
}

static void every_malformed_file_is_refused_with_its_name_and_line(void **state) {
        static const struct {
                const char *name, *text, *error;
        } files[] = {
                { "list.sql", "-- x\n-- batch\nselect 1", "list.sql:0: a query's file is <resource>/<verb>.sql" },
                { "a/b/c.sql", "-- x\n-- batch\nselect 1", "a/b/c.sql:0: a query's file is" },
                { "a/b.txt", "-- x\n-- batch\nselect 1", "a/b.txt:0: a query's file is" },
                { "a/B.sql", "-- x\n-- batch\nselect 1", "a/B.sql:0: a query's name is of" },
                { "a/.sql", "-- x\n-- batch\nselect 1", "a/.sql:0: a query's name is of" },
                { "a/b.sql", "", "a/b.sql:0: a query begins with a line that says what it is for" },
                { "a/b.sql", "-- batch\nselect 1", "a/b.sql:1: a query begins with" },
                { "a/b.sql", "--\n-- batch\nselect 1", "a/b.sql:2: a query begins with" },
                { "a/b.sql", "-- $1 a uuid\n-- batch\nselect $1", "a/b.sql:1: a query begins with" },
                { "a/b.sql", "-- x\nselect 1", "a/b.sql:1: the header does not say batch or alone" },
                { "a/b.sql", "-- x\n-- batch\n-- alone\nselect 1", "a/b.sql:3: batch or alone is said twice" },
                { "a/b.sql", "-- x\n-- batch (as it only reads)\nselect 1", "a/b.sql:2: the header does not say" },
                { "a/b.sql", "-- x\n-- batch\n-- $1 a uuid\nselect $1", "a/b.sql:3: parameters come before" },
                { "a/b.sql", "-- x\n-- batch\n-- more\nselect 1", "a/b.sql:3: after the words come" },
                { "a/b.sql", "-- x\n-- $2 a uuid\n-- batch\nselect $2", "a/b.sql:2: the next parameter is $1" },
                { "a/b.sql", "-- x\n-- $ a uuid\n-- batch\nselect 1", "a/b.sql:2: the next parameter is $1" },
                { "a/b.sql", "-- x\n-- $1 a uuid\n-- $1 b uuid\n-- batch\nselect $1",
                  "a/b.sql:3: the next parameter is $2" },
                { "a/b.sql", "-- x\n-- $1 a uuid\n-- $2 a uuid\n-- batch\nselect $1, $2", "a/b.sql:3: there are two" },
                { "a/b.sql", "-- x\n-- $1 A uuid\n-- batch\nselect $1", "a/b.sql:2: a parameter's name is of" },
                { "a/b.sql", "-- x\n-- $1 a\n-- batch\nselect $1",
                  "a/b.sql:2: a parameter is $n, its name and its type" },
                { "a/b.sql", "-- x\n-- $1 a string\n-- batch\nselect $1", "a/b.sql:2: there is no type \"string\"" },
                { "a/b.sql", "-- x\n-- $1 a text\n-- batch\nselect $1", "a/b.sql:2: text needs its most bytes" },
                { "a/b.sql", "-- x\n-- $1 a text 0\n-- batch\nselect $1", "a/b.sql:2: text needs its most bytes" },
                { "a/b.sql", "-- x\n-- $1 a json 999999999999\n-- batch\nselect $1", "a/b.sql:2: json needs its most" },
                { "a/b.sql", "-- x\n-- $1 a sealed x\n-- batch\nselect $1", "a/b.sql:2: sealed needs its most" },
                { "a/b.sql", "-- x\n-- $1 a integer 1\n-- batch\nselect $1", "a/b.sql:2: integer needs its bounds" },
                { "a/b.sql", "-- x\n-- $1 a integer 9..1\n-- batch\nselect $1", "a/b.sql:2: integer needs its bounds" },
                { "a/b.sql", "-- x\n-- $1 a code\n-- batch\nselect $1", "a/b.sql:2: code needs its list" },
                { "a/b.sql", "-- x\n-- $1 a code optional\n-- batch\nselect $2", "a/b.sql:4: the statement uses a $" },
                { "a/b.sql", "-- x\n-- $1 a uuid maybe\n-- batch\nselect $1", "a/b.sql:2: after the type comes" },
                { "a/b.sql", "-- x\n-- $1 a uuid optional default x\n-- batch\nselect $1",
                  "a/b.sql:2: after the type" },
                { "a/b.sql", "-- x\n-- $1 a integer 1..9 default 10\n-- batch\nselect $1",
                  "a/b.sql:2: the default \"10\"" },
                { "a/b.sql", "-- x\n-- $1 a text 9 a b c d e f g\n-- batch\nselect $1", "a/b.sql:2: too many words" },
                { "a/b.sql", "-- x\n-- batch\n", "a/b.sql:3: there is no statement" },
                { "a/b.sql", "-- x\n-- batch\n\n/* nothing */", "a/b.sql:4: there is no statement" },
                { "a/b.sql", "-- x\n-- $1 a uuid\n-- batch\nselect\n 1", "a/b.sql:5: the statement does not use $1" },
                { "a/b.sql", "-- x\n-- $1 a uuid\n-- batch\nselect '$1'", "a/b.sql:4: the statement does not use $1" },
                { "a/b.sql", "-- x\n-- batch\nselect\n $1", "a/b.sql:4: the statement uses a $ that is not declared" },
                { "a/b.sql", "-- x\n-- batch\nselect $$a$$", "a/b.sql:3: the statement uses a $ that is not declared" },
                { "a/b.sql", "-- x\n-- batch\nselect 1;\nselect 2", "a/b.sql:4: a query is one statement" },
        };
        for (size_t i = 0; i < ELEMENTS(files); i++) {
                struct query_set *set = NULL;
                _cleanup_free_ char *error = NULL;
                if (parse(files[i].name, files[i].text, &set, &error) >= 0)
                        fail_msg("this was taken:\n%s", files[i].text);
                assert_null(set);
                if (strncmp(error, files[i].error, strlen(files[i].error)) != 0)
                        fail_msg("\"%s\" instead of \"%s\"", error, files[i].error);
        }
}

static void a_file_has_bounds_and_no_nul(void **state) {
        struct query_set *set = NULL;
        _cleanup_free_ char *error = NULL;
        static const char nul[] = "-- x\n-- batch\nselect 1\0 from x";
        const struct embedded_file file = { "a/b.sql", (const unsigned char *) nul, sizeof nul - 1 };
        assert_true(query_set_parse(&(struct embedded_set) { &file, 1 }, &set, &error) < 0);
        assert_non_null(strstr(error, "NUL"));
        free(TAKE(error));

        char line[600] = "-- ";
        memset(line + 3, 'x', sizeof line - 4);
        assert_true(parse("a/b.sql", line, &set, &error) < 0);
        assert_string_equal(error, "a/b.sql:1: the line is too long");
        free(TAKE(error));

        static char statement[70000] = "-- x\n-- batch\n";
        memset(statement + strlen(statement), ' ', sizeof statement - strlen(statement) - 1);
        assert_true(parse("a/b.sql", statement, &set, &error) < 0);
        assert_non_null(strstr(error, "the statement is too long"));
        free(TAKE(error));

        _cleanup_buffer_ struct buffer many = { 0 };
        buffer_append_string(&many, "-- x\n");
        for (int i = 1; i <= QUERY_PARAMETERS_MAX + 1; i++)
                buffer_append_format(&many, "-- $%d p%c%c uuid\n", i, 'a' + i / 26, 'a' + i % 26);
        assert_true(parse("a/b.sql", many.data, &set, &error) < 0);
        assert_non_null(strstr(error, "at most 48 parameters"));
}

static void queries_are_found_by_name_among_many(void **state) {
        static const char text[] = "-- x\n-- batch\nselect 1";
        static const char *const names[] = { "a/b.sql", "a/b_c.sql", "a/bc.sql", "a_b/c.sql", "access/context.sql",
                                             "access/context_public.sql", "access/nothing.sql", "job/context.sql" };
        struct embedded_file files[ELEMENTS(names)];
        for (size_t i = 0; i < ELEMENTS(names); i++)
                files[i] = (struct embedded_file) { names[i], (const unsigned char *) text, strlen(text) };
        _cleanup_(query_set_free_p) struct query_set *set = NULL;
        _cleanup_free_ char *error = NULL;
        assert_int_equal(query_set_parse(&(struct embedded_set) { files, ELEMENTS(names) }, &set, &error), 0);
        for (unsigned i = 0; i < ELEMENTS(names); i++) {
                char name[64];
                snprintf(name, sizeof name, "%.*s", (int) strlen(names[i]) - 4, names[i]);
                assert_ptr_equal(query_find(set, name), query_at(set, i));
                assert_int_equal(query_at(set, i)->index, i);
                assert_int_equal(query_at(set, i)->is_context, strstr(name, "/context") != NULL);
        }
        query_set_free(NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_header_says_everything_about_a_query),
                cmocka_unit_test(every_malformed_file_is_refused_with_its_name_and_line),
                cmocka_unit_test(a_file_has_bounds_and_no_nul),
                cmocka_unit_test(queries_are_found_by_name_among_many),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
