/* One sound definition, and each fault that a definition can have, made by changing one thing in it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/memory.h"
#include "pathway/definition.h"

static const char vocabulary_text[] =
        "{\"roles\": [\"AGENCY_LEAD\", \"LADO\", \"MASH_SCREENER\", \"MASH_MANAGER\"], \"capabilities\": [\"LADO\", \"MASH\"], \"retention_classes\": [\"INCIDENT\", \"LADO\"], \"lists\": {"
        " \"party_role\": [\"TARGET_CHILD\", \"WITNESS\"], \"harm\": [\"LIKELY\", \"HAPPENED\"], \"works_with_children\": [\"YES\", \"UNKNOWN\"],"
        " \"rag\": [\"RED\", \"GREEN\"]}}";

static const char sound[] =
        "{\"pathway\": \"TRIAL\", \"name\": \"A trial\", \"sort\": 1, \"valid_from\": \"2026-01-01\", \"verified_on\": \"2026-01-01\","
        " \"source\": \"A test\", \"desk\": \"MASH\", \"states\": ["
        "  {\"state\": \"BEGUN\", \"label\": \"Begun\", \"about\": \"x\", \"reporter_label\": \"x\", \"held_by\": \"FROM\", \"initial\": true},"
        "  {\"state\": \"OPEN\", \"label\": \"Open\", \"about\": \"x\", \"reporter_label\": \"x\", \"held_by\": \"DESK\"},"
        "  {\"state\": \"DONE\", \"label\": \"Done\", \"about\": \"x\", \"reporter_label\": \"x\", \"held_by\": \"NOBODY\", \"final\": true}],"
        " \"transitions\": ["
        "  {\"transition\": \"send\", \"from\": [\"BEGUN\"], \"to\": \"OPEN\", \"label\": \"Send\", \"side\": \"FROM\", \"roles\": [\"AGENCY_LEAD\"]},"
        "  {\"transition\": \"pass\", \"from\": [\"BEGUN\"], \"to\": \"OPEN\", \"label\": \"Pass\", \"side\": \"SYSTEM\", \"trigger\": \"SILENCE\"},"
        "  {\"transition\": \"finish\", \"from\": [\"OPEN\"], \"to\": \"DONE\", \"label\": \"Finish\", \"side\": \"DESK\","
        "   \"roles\": [\"MASH_MANAGER\"], \"form\": {\"title\": \"Finish\", \"fields\": ["
        "    {\"name\": \"rag\", \"type\": \"radios\", \"label\": \"How urgent?\", \"list\": \"rag\", \"required\": true},"
        "    {\"name\": \"why\", \"type\": \"textarea\", \"label\": \"Why?\", \"max\": 100, \"when\": {\"field\": \"rag\", \"in\": [\"RED\"]}}]}}],"
        " \"clocks\": [{\"clock\": \"C\", \"label\": \"In a day\", \"amount\": 1, \"unit\": \"WORKING_DAYS\", \"start\": \"ENTER\","
        "  \"start_state\": \"OPEN\", \"stops\": [\"DONE\"], \"source\": \"A test\", \"verified_on\": \"2026-01-01\"}],"
        " \"rules\": [{\"person_roles\": [\"TARGET_CHILD\"], \"harm\": [\"HAPPENED\"], \"geography\": [\"organisation\"], \"because\": \"x\"}]}";

/* The text with the first `from` replaced; the test is wrong when there is none. */
static char *change(const char *text, const char *from, const char *to) {
        struct buffer out = { 0 };
        const char *at = strstr(text, from);
        if (!at)
                fail_msg("the definition does not hold %s", from);
        buffer_append(&out, text, (size_t) (at - text));
        buffer_append_string(&out, to);
        buffer_append_string(&out, at + strlen(from));
        return buffer_take(&out, NULL);
}

static unsigned check(const char *text, struct buffer *errors) {
        json_t *vocabulary = json_loads(vocabulary_text, 0, NULL);
        assert_non_null(vocabulary);
        unsigned n = pathway_definition_check("trial.json", text, strlen(text), vocabulary, errors);
        json_decref(vocabulary);
        return n;
}

static void a_sound_definition_has_no_fault(void **state) {
        _cleanup_buffer_ struct buffer errors = { 0 };
        if (check(sound, &errors) > 0)
                fail_msg("%s", errors.data);
}

static const struct {
        const char *from, *to, *line; /* the line that must be among the errors */
} broken[] = {
        { "{\"pathway\"", "[\"pathway\"", "#: this is not JSON: ']' expected near ':' on line 1" },
        { "\"sort\": 1,", "\"sort\": 1, \"sort\": 2,", "#: this is not JSON: duplicate object key near '\"sort\"' on line 1" },
        { "\"source\": \"A test\", \"desk\"", "\"desk\"", "#/source: this is missing" },
        { "\"sort\": 1", "\"sort\": -1", "#/sort: this must be a number from 0 to 10000" },
        { "\"sort\": 1", "\"sort\": 1, \"colour\": \"red\"", "#: there is no member colour" },
        { "\"valid_from\": \"2026-01-01\"", "\"valid_from\": \"2026-02-30\"", "#/valid_from: this must be a date, like 2026-03-27" },
        { "\"pathway\": \"TRIAL\"", "\"pathway\": \"Trial\"", "#/pathway: a code is made of A to Z, 0 to 9 and _" },
        { "\"desk\": \"MASH\"", "\"desk\": \"MOON\"", "#/desk: there is no capability MOON" },
        { "\"desk\": \"MASH\"", "\"desk\": \"MASH\", \"retention\": \"LADO\"", NULL },
        { "\"desk\": \"MASH\"", "\"desk\": \"MASH\", \"retention\": \"FOREVER\"", "#/retention: there is no class of retention FOREVER" },
        { "\"held_by\": \"FROM\"", "\"held_by\": \"SOMEBODY\"", "#/states/0/held_by: SOMEBODY is none of FROM DESK NOBODY" },
        { "\"held_by\": \"DESK\"}", "\"held_by\": \"NOBODY\"}", "#/states/1: a referral waits for nobody at its end, and only there" },
        { "\"NOBODY\", \"final\"", "\"DESK\", \"final\"", "#/states/2: a referral waits for nobody at its end, and only there" },
        { ", \"initial\": true", "", "#/states: there must be one initial state, and there are 0" },
        { "\"held_by\": \"DESK\"}", "\"held_by\": \"DESK\", \"initial\": true}", "#/states: there must be one initial state, and there are 2" },
        { "\"state\": \"OPEN\"", "\"state\": \"BEGUN\"", "#/states/1/state: there is another state BEGUN" },
        { "\"from\": [\"OPEN\"]", "\"from\": [\"NONSUCH\"]", "#/transitions/2/from/0: there is no state NONSUCH" },
        { "\"to\": \"DONE\"", "\"to\": \"NONSUCH\"", "#/transitions/2/to: there is no state NONSUCH" },
        { "\"from\": [\"OPEN\"]", "\"from\": []", "#/transitions/2/from: this must be a list of 1 to 50" },
        { "\"from\": [\"OPEN\"]", "\"from\": [\"OPEN\", \"OPEN\"]", "#/transitions/2/from/1: this stands here twice" },
        { "[\"MASH_MANAGER\"]", "[\"NONSUCH\"]", "#/transitions/2/roles/0: there is no role NONSUCH" },
        { ", \"roles\": [\"AGENCY_LEAD\"]", "", "#/transitions/0: say which roles may take this step" },
        { "\"trigger\": \"SILENCE\"", "\"trigger\": \"SILENCE\", \"roles\": [\"LADO\"]", "#/transitions/1: nobody takes a step of the system: leave out its roles" },
        { ", \"trigger\": \"SILENCE\"", "", "#/transitions/1: say what triggers this step" },
        { "\"trigger\": \"SILENCE\"", "\"trigger\": \"FULL_MOON\"", "#/transitions/1/trigger: FULL_MOON is none of SILENCE IMMEDIATE_DANGER NO_FREE_LEAD" },
        { "\"transition\": \"pass\"", "\"transition\": \"send\"", "#/transitions/1: there is another step send from BEGUN" },
        { "\"label\": \"How urgent?\", ", "", "#/transitions/2/form/fields/0/label: this is missing" },
        { "\"type\": \"textarea\"", "\"type\": \"crayon\"", "#/transitions/2/form/fields/1/type: crayon is none of text textarea radios checkboxes select date time number" },
        { "\"list\": \"rag\"", "\"list\": \"nonsuch\"", "#/transitions/2/form/fields/0: there is no list nonsuch" },
        { ", \"list\": \"rag\"", "", "#/transitions/2/form/fields/0: a choice needs a list" },
        { "\"type\": \"textarea\"", "\"type\": \"number\", \"list\": \"rag\"", "#/transitions/2/form/fields/1: only a choice has a list" },
        { "\"name\": \"why\"", "\"name\": \"rag\"", "#/transitions/2/form/fields/1: there is another field rag" },
        { "\"field\": \"rag\"", "\"field\": \"why\"", "#/transitions/2/form/fields/1: this depends on why, which is not a choice asked before it" },
        { "\"in\": [\"RED\"]", "\"in\": [\"PINK\"]", "#/transitions/2/form/fields/1: no answer to rag has the code PINK" },
        { "\"title\": \"Finish\"", "\"title\": \"Finish\", \"records\": [{\"list\": \"rag\", \"code\": \"PINK\"}]", "#/transitions/2/form: there is no code PINK in list rag" },
        { "\"unit\": \"WORKING_DAYS\"", "\"unit\": \"MOONS\"", "#/clocks/0/unit: MOONS is none of WORKING_DAYS DAYS HOURS MONTHS" },
        { "\"start_state\": \"OPEN\", ", "", "#/clocks/0: a clock that starts with ENTER, and no other, says with which state" },
        { "\"stops\": [\"DONE\"]", "\"stops\": [\"NONSUCH\"]", "#/clocks/0/stops/0: there is no state NONSUCH" },
        { "\"stops\": [\"DONE\"]", "\"stops\": [\"BEGUN\"]", "#/clocks/0/stops: the clock is never stopped: none of these follows OPEN" },
        { "\"to\": \"OPEN\", \"label\": \"Send\"", "\"to\": \"DONE\", \"label\": \"Send\"", NULL },
        { "\"person_roles\": [\"TARGET_CHILD\"]", "\"person_roles\": [\"NONSUCH\"]", "#/rules/0/person_roles/0: there is no code NONSUCH in list party_role" },
        { "\"geography\": [\"organisation\"]", "\"geography\": [\"moon\"]", "#/rules/0/geography/0: moon is none of workplace_authority home_authority looked_after_by occurred_in organisation" },
        { "\"harm\": [\"HAPPENED\"]", "\"harm\": [\"HAPPENED\"], \"age_from\": 18, \"age_to\": 16", "#/rules/0: age_from is above age_to" },
        { "\"person_roles\": [\"TARGET_CHILD\"], \"harm\"", "\"harm\"", "#/rules/0: a rule says which people it is about, or that it is for what is left otherwise" },
        { "\"person_roles\": [\"TARGET_CHILD\"]", "\"person_roles\": [\"TARGET_CHILD\"], \"otherwise\": true", "#/rules/0: a rule says which people it is about, or that it is for what is left otherwise" },
        { "\"person_roles\": [\"TARGET_CHILD\"]", "\"otherwise\": true, \"works_with_children\": [\"YES\"]", "#/rules/0: what is left otherwise is about no person: leave out works_with_children" },
        { "\"person_roles\": [\"TARGET_CHILD\"]", "\"otherwise\": true, \"age_from\": 16", "#/rules/0: what is left otherwise is about no person: leave out age_from" },
        { "\"person_roles\": [\"TARGET_CHILD\"]", "\"otherwise\": true, \"age_to\": 17", "#/rules/0: what is left otherwise is about no person: leave out age_to" },
        { "\"person_roles\": [\"TARGET_CHILD\"]", "\"otherwise\": 1", "#/rules/0/otherwise: this must be true or false" },
        { "\"person_roles\": [\"TARGET_CHILD\"]", "\"otherwise\": true", NULL },
        { "\"stops\": [\"DONE\"]", "\"stops\": [\"DONE\"], \"not_applicable\": [\"DONE\"]", "#/clocks/0: DONE cannot both stop the clock and make it not apply" },
        { "\"stops\": [\"DONE\"]", "\"stops\": [\"DONE\"], \"not_applicable\": [\"NONSUCH\"]", "#/clocks/0/not_applicable/0: there is no state NONSUCH" },
        { "\"stops\": [\"DONE\"]", "\"not_applicable\": [\"DONE\"]", "#/clocks/0/stops: this is missing" },
        /* The graph. */
        { "\"from\": [\"OPEN\"], \"to\": \"DONE\"", "\"from\": [\"BEGUN\"], \"to\": \"DONE\"", "#/states/1: OPEN is a dead end: nobody can take a step from it" },
        { "\"from\": [\"OPEN\"], \"to\": \"DONE\"", "\"from\": [\"OPEN\"], \"to\": \"BEGUN\"", "#/states/2: no steps lead to DONE" },
        { "\"from\": [\"OPEN\"], \"to\": \"DONE\"", "\"from\": [\"OPEN\"], \"to\": \"BEGUN\"", "#/states/1: no steps lead from OPEN to an end" },
        { "\"start\": \"ENTER\",  \"start_state\": \"OPEN\", \"stops\": [\"DONE\"]", "\"start\": \"AWARE\", \"stops\": [\"OPEN\"]", NULL },
};

static void each_fault_is_named_with_its_place(void **state) {
        for (size_t i = 0; i < ELEMENTS(broken); i++) {
                _cleanup_free_ char *text = change(sound, broken[i].from, broken[i].to);
                _cleanup_buffer_ struct buffer errors = { 0 }, line = { 0 };
                unsigned n = check(text, &errors);
                if (!broken[i].line) {
                        if (n > 0)
                                fail_msg("%s is sound, and yet: %s", broken[i].to, errors.data);
                        continue;
                }
                buffer_append_format(&line, "trial.json%s\n", broken[i].line);
                if (n == 0 || !strstr(errors.data, line.data))
                        fail_msg("%s: wanted %sgot %s", broken[i].to, line.data, errors.data ? errors.data : "nothing\n");
        }
}

static void every_fault_is_named_at_once(void **state) {
        _cleanup_free_ char *once = change(sound, "\"to\": \"DONE\"", "\"to\": \"NONSUCH\"");
        _cleanup_free_ char *twice = change(once, "[\"AGENCY_LEAD\"]", "[\"NOBODY\"]");
        _cleanup_free_ char *thrice = change(twice, "\"label\": \"Why?\", ", "");
        _cleanup_buffer_ struct buffer errors = { 0 };
        assert_int_equal(check(thrice, &errors), 3);
}

static void a_referral_cannot_end_with_a_clock_running(void **state) {
        _cleanup_free_ char *text = change(sound, "\"transition\": \"finish\"",
                "\"transition\": \"give_up\", \"from\": [\"BEGUN\"], \"to\": \"DONE\", \"label\": \"Give up\", \"side\": \"FROM\", "
                "\"roles\": [\"AGENCY_LEAD\"]}, {\"transition\": \"finish\"");
        _cleanup_free_ char *aware = change(text, "\"start\": \"ENTER\",  \"start_state\": \"OPEN\", \"stops\": [\"DONE\"]",
                                            "\"start\": \"AWARE\", \"stops\": [\"OPEN\"]");
        _cleanup_buffer_ struct buffer errors = { 0 };
        assert_int_equal(check(aware, &errors), 1);
        assert_string_equal(errors.data, "trial.json#/clocks/0/stops: the referral can end without stopping this clock\n");
}

/* As for the LADO: the clock stops where the case is sent on, and does not apply where the lead declines. */
static void a_clock_may_stop_in_one_state_and_not_apply_in_another(void **state) {
        static const char begins[] = "\"start\": \"ENTER\",  \"start_state\": \"OPEN\", \"stops\": [\"DONE\"]";
        _cleanup_free_ char *declined = change(sound, "\"transitions\": [",
                "\"transitions\": [{\"transition\": \"decline\", \"from\": [\"BEGUN\"], \"to\": \"OFF\", \"label\": \"Decline\", "
                "\"side\": \"FROM\", \"roles\": [\"AGENCY_LEAD\"]},");
        _cleanup_free_ char *text = change(declined, "\"final\": true}],",
                "\"final\": true}, {\"state\": \"OFF\", \"label\": \"Off\", \"about\": \"x\", \"reporter_label\": \"x\", "
                "\"held_by\": \"NOBODY\", \"final\": true}],");
        _cleanup_free_ char *both = change(text, begins,
                                           "\"start\": \"AWARE\", \"stops\": [\"OPEN\"], \"not_applicable\": [\"OFF\"]");
        _cleanup_free_ char *half = change(text, begins, "\"start\": \"AWARE\", \"stops\": [\"OPEN\"]");
        _cleanup_buffer_ struct buffer errors = { 0 }, left = { 0 };
        if (check(both, &errors) > 0)
                fail_msg("%s", errors.data);
        assert_int_equal(check(half, &left), 1);
        assert_string_equal(left.data, "trial.json#/clocks/0/stops: the referral can end without stopping this clock\n");
}

static void a_file_that_is_too_large_is_not_read(void **state) {
        _cleanup_buffer_ struct buffer errors = { 0 };
        char *text = memory_new(1, DEFINITION_SIZE_MAX + 2);
        memset(text, ' ', DEFINITION_SIZE_MAX + 1);
        assert_int_equal(check(text, &errors), 1);
        assert_non_null(strstr(errors.data, "larger than"));
        free(text);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_sound_definition_has_no_fault),
                cmocka_unit_test(each_fault_is_named_with_its_place),
                cmocka_unit_test(every_fault_is_named_at_once),
                cmocka_unit_test(a_referral_cannot_end_with_a_clock_running),
                cmocka_unit_test(a_clock_may_stop_in_one_state_and_not_apply_in_another),
                cmocka_unit_test(a_file_that_is_too_large_is_not_read),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
