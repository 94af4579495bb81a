/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a wait for "connected" ends only when both ends are, one for a state
 * of the back end at that state alone, and a name that is no state never.
 */
#include "unit.h"

#include <ctype.h>

#include "base/str.h"
#include "dom/device_wait.h"
#include "dom/explain.h"

static void small(enum xenbus_state state, char out[24])
{
    const char *name = xenbus_state_name(state);
    size_t i = 0;

    for (; i < 23 && name[i]; i++)
        out[i] = (char)tolower((unsigned char)name[i]);
    out[i] = '\0';
}

static void test_every_pair_of_states(void **state)
{
    (void)state;
    for (int back = 0; back <= XENBUS_RECONFIGURED; back++) {
        for (int front = 0; front <= XENBUS_RECONFIGURED; front++) {
            enum xenbus_state b = (enum xenbus_state)back, f = (enum xenbus_state)front;

            assert_int_equal(device_wait_is_reached("connected", true, b, f),
                             b == XENBUS_CONNECTED && f == XENBUS_CONNECTED);
            assert_int_equal(device_wait_is_reached("closed", true, b, f), b == XENBUS_CLOSED || b == XENBUS_UNKNOWN);
            assert_false(device_wait_is_reached("gone", true, b, f));
            assert_false(device_wait_is_reached("plugged", true, b, f));
            assert_false(device_wait_is_reached("", true, b, f));
            for (int other = 0; other <= XENBUS_RECONFIGURED; other++) {
                char name[24];

                small((enum xenbus_state)other, name);
                if (other != XENBUS_CONNECTED && other != XENBUS_CLOSED)
                    assert_int_equal(device_wait_is_reached(name, true, b, f), other == back);
            }
        }
    }
}

static void test_what_is_not_there(void **state)
{
    (void)state;
    assert_true(device_wait_is_reached("gone", false, XENBUS_UNKNOWN, XENBUS_UNKNOWN));
    assert_true(device_wait_is_reached("closed", false, XENBUS_UNKNOWN, XENBUS_UNKNOWN));
    assert_false(device_wait_is_reached("connected", false, XENBUS_CONNECTED, XENBUS_CONNECTED));
    assert_false(device_wait_is_reached("unknown", false, XENBUS_UNKNOWN, XENBUS_UNKNOWN));
}

static void test_words_for_devices(void **state)
{
    char kind[DEVICE_KIND_MAX];

    (void)state;
    assert_string_equal(device_word("vif/0", kind), "0");
    assert_string_equal(kind, "vif");
    assert_string_equal(device_word("xvda", kind), "xvda");
    assert_string_equal(kind, "");
    assert_string_equal(device_word("/0", kind), "/0");
    assert_string_equal(device_word("a-kind-with-a-name-that-is-much-too-long/0", kind),
                        "a-kind-with-a-name-that-is-much-too-long/0");
    assert_string_equal(kind, "");
    assert_null(device_word(NULL, kind));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pair_of_states),
        cmocka_unit_test(test_what_is_not_there),
        cmocka_unit_test(test_words_for_devices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
