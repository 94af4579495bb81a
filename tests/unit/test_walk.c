/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a back end of ours has an answer to every state of the other end, connects only with an end that has
 * published its rings, and always comes to its end when the guest is gone.
 */
#include "unit.h"

#include "ring/walk.h"

static const enum walk_state own_states[] = {WALK_INIT_WAIT, WALK_CONNECTED, WALK_CLOSING, WALK_CLOSED};

/* Where the action leads; as bus_device.c does it. */
static enum walk_state after(enum walk_state own, enum walk_action action)
{
    switch (action) {
    case WALK_STAY:
        return own;
    case WALK_CONNECT:
        return WALK_CONNECTED;
    case WALK_CLOSE:
    case WALK_REFUSE:
        return WALK_CLOSING;
    case WALK_END:
        return WALK_CLOSED;
    case WALK_REOPEN:
        return WALK_INIT_WAIT;
    }
    fail();
    return own;
}

static void test_every_cell(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof own_states / sizeof own_states[0]; i++)
        for (int front = 0; front < WALK_STATES; front++)
            for (int online = 0; online < 2; online++) {
                enum walk_state own = own_states[i], to;
                enum walk_action a = walk_step(own, (enum walk_state)front, online);

                to = after(own, a);
                if (a == WALK_CONNECT)
                    assert_true(online && own == WALK_INIT_WAIT &&
                                (front == WALK_INITIALISED || front == WALK_CONNECTED));
                if (a == WALK_REOPEN)
                    assert_true(online && own == WALK_CLOSED && front == WALK_INITIALISING);
                /* Nobody is there any more. */
                if (front == WALK_UNKNOWN)
                    assert_int_equal(to, WALK_CLOSED);
                if (front == WALK_CLOSED)
                    assert_int_equal(to, WALK_CLOSED);
                if (front == WALK_CLOSING && own != WALK_CLOSED)
                    assert_int_equal(to, WALK_CLOSING);
                /* What nobody wants never begins. */
                if (!online && own != WALK_CONNECTED)
                    assert_int_not_equal(to, WALK_CONNECTED);
                /* A second look at the same world changes nothing more than two steps can. */
                for (int again = 0; again < 2; again++)
                    to = after(to, walk_step(to, (enum walk_state)front, online));
                assert_int_equal(walk_step(to, (enum walk_state)front, online), WALK_STAY);
            }
}

/* The usual way, there and back. */
static void test_usual(void **state)
{
    (void)state;
    assert_int_equal(walk_step(WALK_INIT_WAIT, WALK_INITIALISING, true), WALK_STAY);
    assert_int_equal(walk_step(WALK_INIT_WAIT, WALK_INITIALISED, true), WALK_CONNECT);
    assert_int_equal(walk_step(WALK_CONNECTED, WALK_CONNECTED, true), WALK_STAY);
    /* A detach: the guest is asked, and may refuse. */
    assert_int_equal(walk_step(WALK_CONNECTED, WALK_CONNECTED, false), WALK_STAY);
    assert_int_equal(walk_step(WALK_CONNECTED, WALK_CLOSING, false), WALK_CLOSE);
    assert_int_equal(walk_step(WALK_CLOSING, WALK_CLOSED, false), WALK_END);
    /* The guest begins anew by itself. */
    assert_int_equal(walk_step(WALK_CLOSED, WALK_INITIALISING, true), WALK_REOPEN);
    assert_int_equal(walk_step(WALK_CONNECTED, WALK_NONSENSE, true), WALK_REFUSE);
}

/* From any state, a guest that goes brings the device to its end, whatever it did before. */
static void test_random_walk(void **state)
{
    unsigned seed = 1;
    enum walk_state own = WALK_INIT_WAIT;

    (void)state;
    for (int i = 0; i < 1000000; i++) {
        enum walk_state front;
        bool online;

        seed = seed * 1664525u + 1013904223u;
        front = (enum walk_state)((seed >> 16) % WALK_STATES);
        online = (seed >> 8) & 1;
        own = after(own, walk_step(own, front, online));
        assert_true(own == WALK_INIT_WAIT || own == WALK_CONNECTED || own == WALK_CLOSING || own == WALK_CLOSED);
    }
    own = after(own, walk_step(own, WALK_UNKNOWN, false));
    assert_int_equal(own, WALK_CLOSED);
}

static void test_parse(void **state)
{
    (void)state;
    assert_int_equal(walk_parse(NULL), WALK_UNKNOWN);
    assert_int_equal(walk_parse("0"), WALK_UNKNOWN);
    assert_int_equal(walk_parse("4"), WALK_CONNECTED);
    assert_int_equal(walk_parse("8"), WALK_RECONFIGURED);
    assert_int_equal(walk_parse("9"), WALK_NONSENSE);
    assert_int_equal(walk_parse("04"), WALK_NONSENSE);
    assert_int_equal(walk_parse("-1"), WALK_NONSENSE);
    assert_int_equal(walk_parse(""), WALK_NONSENSE);
    assert_int_equal(walk_parse("banana"), WALK_NONSENSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cell),
        cmocka_unit_test(test_usual),
        cmocka_unit_test(test_random_walk),
        cmocka_unit_test(test_parse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
