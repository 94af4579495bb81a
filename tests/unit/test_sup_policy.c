/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: for each reason that a guest ends with, its config's key for it
 * decides; a reason that nobody knows is a crash, a suspended guest is left
 * alone; pauses between restarts grow to their limit and no further.
 */
#include "unit.h"

#include "dom/lifecycle.h"
#include "sup/policy.h"

static void test_each_reason_has_its_key(void **state)
{
    const struct spec s = {.on_poweroff = SPEC_ACTION_PRESERVE,
                           .on_reboot = SPEC_ACTION_RESTART,
                           .on_crash = SPEC_ACTION_COREDUMP_DESTROY,
                           .on_watchdog = SPEC_ACTION_DESTROY,
                           .on_soft_reset = SPEC_ACTION_SOFT_RESET};
    static const struct {
        uint32_t reason;
        enum spec_action action;
        const char *name;
    } rows[] = {
        {SUP_POWEROFF, SPEC_ACTION_PRESERVE, "poweroff"},       {SUP_REBOOT, SPEC_ACTION_RESTART, "reboot"},
        {SUP_CRASH, SPEC_ACTION_COREDUMP_DESTROY, "crash"},     {SUP_WATCHDOG, SPEC_ACTION_DESTROY, "watchdog"},
        {SUP_SOFT_RESET, SPEC_ACTION_SOFT_RESET, "soft-reset"}, {77, SPEC_ACTION_COREDUMP_DESTROY, "unknown"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(sup_action(&s, rows[i].reason), rows[i].action);
        assert_string_equal(life_reason_name(rows[i].reason), rows[i].name);
    }
    assert_int_equal(sup_action(&s, SUP_SUSPEND), SPEC_ACTION_PRESERVE);
}

static void test_pauses_grow_and_end(void **state)
{
    const struct sup_limits l = {.quick_ms = 100, .pause_ms = 10, .pause_max_ms = 50, .quick_max = 6};
    static const int64_t pauses[] = {0, 0, 10, 20, 40, 50, -1, -1};

    (void)state;
    for (uint32_t i = 0; i < sizeof pauses / sizeof *pauses; i++)
        assert_int_equal(sup_pause_ms(&l, i), pauses[i]);
    assert_int_equal(sup_pause_ms(&l, UINT32_MAX), -1);
    assert_int_equal(sup_count_quick(&l, 3, 99), 4);
    assert_int_equal(sup_count_quick(&l, 3, 100), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_reason_has_its_key),
                                       cmocka_unit_test(test_pauses_grow_and_end)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
