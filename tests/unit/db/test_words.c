/* The tables of words: outcomes, verdicts, SQLSTATEs and constraints. */
#include <string.h>

#include "db/outcome.h"
#include "db/sqlstate.h"
#include "support.h"

static void each_outcome_and_verdict_has_one_word(void **state) {
        for (int i = 0; i < OUTCOME_COUNT; i++)
                assert_int_equal(outcome_parse(outcome_word(i)), i);
        for (int i = 0; i < VERDICT_COUNT; i++)
                assert_int_equal(verdict_parse(verdict_word(i)), i);
        assert_int_equal(outcome_parse("in_progress"), OUTCOME_IN_PROGRESS);
        assert_int_equal(verdict_parse("second_factor"), VERDICT_SECOND_FACTOR);
}

static void unknown_words_are_no_outcome(void **state) {
        assert_int_equal(outcome_parse(NULL), OUTCOME_UNKNOWN);
        assert_int_equal(outcome_parse("OK"), OUTCOME_UNKNOWN);
        assert_int_equal(verdict_parse(""), VERDICT_UNKNOWN);
        assert_null(outcome_word(OUTCOME_UNKNOWN));
        assert_null(verdict_word(VERDICT_UNKNOWN));
}

static void a_sqlstate_has_one_class(void **state) {
        static const struct {
                const char *sqlstate;
                enum sqlstate_class class;
        } rows[] = {
                { NULL, SQLSTATE_AWAY },       { "", SQLSTATE_AWAY },         { "40001", SQLSTATE_RETRY },
                { "40P01", SQLSTATE_RETRY },   { "40003", SQLSTATE_FAULT },   { "57014", SQLSTATE_TIMEOUT },
                { "55P03", SQLSTATE_TIMEOUT }, { "57P01", SQLSTATE_AWAY },    { "57P03", SQLSTATE_AWAY },
                { "53100", SQLSTATE_AWAY },    { "08006", SQLSTATE_AWAY },    { "25006", SQLSTATE_AWAY },
                { "26000", SQLSTATE_STALE },   { "0A000", SQLSTATE_STALE },   { "23505", SQLSTATE_REFUSED },
                { "23503", SQLSTATE_REFUSED }, { "23514", SQLSTATE_REFUSED }, { "23P01", SQLSTATE_REFUSED },
                { "UP003", SQLSTATE_REFUSED }, { "UP001", SQLSTATE_FAULT },   { "22P02", SQLSTATE_FAULT },
                { "42501", SQLSTATE_FAULT },   { "P0001", SQLSTATE_FAULT },   { "XX000", SQLSTATE_FAULT },
        };
        for (size_t i = 0; i < ELEMENTS(rows); i++)
                if (sqlstate_classify(rows[i].sqlstate) != rows[i].class)
                        fail_msg("%s", rows[i].sqlstate);
}

static void a_refusal_always_has_words(void **state) {
        assert_string_equal(sqlstate_refusal("23505", "account_email_taken")->field, "/email");
        assert_string_equal(sqlstate_refusal(NULL, "account_email_taken")->code, "taken");
        assert_string_equal(sqlstate_refusal("23505", "no_such_constraint")->code, "taken");
        assert_string_equal(sqlstate_refusal("23514", NULL)->code, "not_allowed");
        assert_string_equal(sqlstate_refusal(NULL, NULL)->code, "fault");
        for (size_t i = 0; i < n_constraint_rows; i++) {
                const struct refusal *refusal = &constraint_rows[i].refusal;
                assert_ptr_equal(sqlstate_refusal("23514", constraint_rows[i].constraint), refusal);
                assert_true(*refusal->code && (!*refusal->field || *refusal->field == '/'));
                assert_int_equal(refusal->message[strlen(refusal->message) - 1], '.');
                if (i) /* in order, so that each is there once */
                        assert_true(strcmp(constraint_rows[i - 1].constraint, constraint_rows[i].constraint) < 0);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_outcome_and_verdict_has_one_word),
                cmocka_unit_test(unknown_words_are_no_outcome),
                cmocka_unit_test(a_sqlstate_has_one_class),
                cmocka_unit_test(a_refusal_always_has_words),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
