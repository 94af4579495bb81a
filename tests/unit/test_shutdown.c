/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: for everything that can be known of a guest, and every goal, the
 * goal counts as reached when it is, and not before.
 */
#include "unit.h"

#include "dom/shutdown.h"

/* Each row: is_there, has_ended, has_request, answers_late, and whether each goal is reached. A guest that is not there
 * has ended. */
static const struct {
    struct shutdown_facts facts;
    bool answer, ended, gone;
} rows[] = {
    {{true, false, true, false}, false, false, false}, /* asked */
    {{true, false, false, false}, true, false, false}, /* has taken it */
    {{true, false, true, true}, true, false, false},   /* its button was pressed */
    {{true, false, false, true}, true, false, false},  /* the same */
    {{true, true, true, false}, true, true, false},    /* ended without an answer: it crashed, or was asked twice */
    {{true, true, false, false}, true, true, false},   {{true, true, true, true}, true, true, false},
    {{true, true, false, true}, true, true, false},    {{false, true, true, false}, true, true, true},
    {{false, true, false, false}, true, true, true},   {{false, true, true, true}, true, true, true},
    {{false, true, false, true}, true, true, true},
};

static void test_every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(shutdown_reached(&rows[i].facts, SHUTDOWN_UNTIL_ANSWER), rows[i].answer);
        assert_int_equal(shutdown_reached(&rows[i].facts, SHUTDOWN_UNTIL_ENDED), rows[i].ended);
        assert_int_equal(shutdown_reached(&rows[i].facts, SHUTDOWN_UNTIL_GONE), rows[i].gone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_row)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
