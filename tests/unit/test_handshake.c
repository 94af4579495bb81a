/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: the handshake table has a verdict for every pair of states, and it
 * is the one that the rules give.
 */
#include "unit.h"

#include "dev/handshake.h"

static bool closes(int state)
{
    return state == XENBUS_CLOSING || state == XENBUS_CLOSED;
}

/* The rules in words, independent of the table. */
static enum hs_verdict by_rule(enum hs_phase phase, int back, int front, enum hs_hotplug hotplug)
{
    bool accepted = back == XENBUS_INIT_WAIT || back == XENBUS_INITIALISED || back == XENBUS_CONNECTED;

    if (phase == HS_CLOSE) {
        if (back == XENBUS_UNKNOWN || back == XENBUS_CLOSED)
            return HS_DONE;
        return front == XENBUS_UNKNOWN || front == XENBUS_CLOSED ? HS_WAIT_BACK : HS_WAIT_FRONT;
    }
    if (back == XENBUS_UNKNOWN)
        return HS_FAIL_BACK;
    if (hotplug == HS_PLUG_ERROR)
        return HS_FAIL_HOTPLUG;
    if (closes(front))
        return HS_ASK_ERRORS;
    if (closes(back))
        return HS_FAIL_BACK;
    if (!accepted)
        return HS_WAIT_BACK;
    if (hotplug == HS_PLUG_OURS)
        return HS_PLUG;
    if (hotplug == HS_PLUG_THEIRS)
        return HS_WAIT_HOTPLUG;
    if (phase == HS_ACCEPT)
        return HS_DONE;
    if (back == XENBUS_CONNECTED)
        return front == XENBUS_CONNECTED ? HS_DONE : HS_WAIT_FRONT;
    return front == XENBUS_INITIALISED || front == XENBUS_CONNECTED ? HS_WAIT_BACK : HS_WAIT_FRONT;
}

static void test_every_cell_follows_the_rules(void **state)
{
    int cells = 0;

    (void)state;
    for (int phase = 0; phase < HS_PHASES; phase++) {
        for (int plug = 0; plug < HS_PLUGS; plug++) {
            for (int back = 0; back < XENBUS_STATES; back++) {
                for (int front = 0; front < XENBUS_STATES; front++, cells++) {
                    enum hs_verdict have = handshake_step(phase, back, front, plug);

                    if (have != by_rule(phase, back, front, plug))
                        fail_msg("phase %d hotplug %d back %d front %d: %d", phase, plug, back, front, have);
                }
            }
        }
    }
    assert_int_equal(cells, HS_PHASES * HS_PLUGS * XENBUS_STATES * XENBUS_STATES);
}

static void test_idle_is_only_before_anybody_connects(void **state)
{
    (void)state;
    for (int back = 0; back < XENBUS_STATES; back++) {
        for (int front = 0; front < XENBUS_STATES; front++)
            assert_int_equal(handshake_idle(back, front), (back == 1 || back == 2) && front <= 2);
    }
}

static void test_states_are_parsed_strictly(void **state)
{
    static const char *const bad[] = {"", "9", "-1", "04", "4 ", "44", "x", NULL};

    (void)state;
    assert_int_equal(xenbus_state_parse("0"), XENBUS_UNKNOWN);
    assert_int_equal(xenbus_state_parse("4"), XENBUS_CONNECTED);
    assert_int_equal(xenbus_state_parse("8"), XENBUS_RECONFIGURED);
    assert_int_equal(xenbus_state_parse(NULL), XENBUS_UNKNOWN);
    for (size_t i = 0; bad[i]; i++)
        assert_int_equal(xenbus_state_parse(bad[i]), XENBUS_UNKNOWN);
}

static void test_states_have_names(void **state)
{
    (void)state;
    assert_string_equal(xenbus_state_name(XENBUS_INIT_WAIT), "InitWait");
    assert_string_equal(xenbus_state_name(XENBUS_CLOSED), "Closed");
    assert_string_equal(xenbus_state_name((enum xenbus_state)77), "Unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cell_follows_the_rules),
        cmocka_unit_test(test_idle_is_only_before_anybody_connects),
        cmocka_unit_test(test_states_are_parsed_strictly),
        cmocka_unit_test(test_states_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
