/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: the handshake table has a verdict for every phase, event, stand of
 * the hotplug and pair of states; it is the one that the rules give; and no
 * order of events makes it call a device connected that is not.
 */
#include "unit.h"

#include "dev/handshake.h"

static bool closes(int state)
{
    return state == XENBUS_CLOSING || state == XENBUS_CLOSED;
}

static bool has_rings(int front)
{
    return front == XENBUS_INITIALISED || front == XENBUS_CONNECTED;
}

/* Whose move it is between two ends of which neither closes, in words. */
static enum hs_verdict mover(int back, int front)
{
    switch (back) {
    case XENBUS_INIT_WAIT:
    case XENBUS_INITIALISED:
        return has_rings(front) ? HS_WAIT_BACK
                                : HS_WAIT_FRONT; /* the guest publishes its rings, then the back end maps */
    case XENBUS_CONNECTED:
        return front == XENBUS_CONNECTED ? HS_DONE : HS_WAIT_FRONT;
    case XENBUS_RECONFIGURING: /* the front end follows, then the back end goes on */
        return front == XENBUS_RECONFIGURING ? HS_WAIT_BACK : HS_WAIT_FRONT;
    case XENBUS_RECONFIGURED: /* the front end takes over what is new, then the back end connects */
        return front == XENBUS_CONNECTED ? HS_WAIT_BACK : HS_WAIT_FRONT;
    default:
        return HS_WAIT_BACK; /* not begun */
    }
}

static enum hs_verdict closing_rule(int back, int front)
{
    if (back == XENBUS_UNKNOWN || back == XENBUS_CLOSED)
        return HS_DONE;
    return front == XENBUS_UNKNOWN || front == XENBUS_CLOSED ? HS_WAIT_BACK : HS_WAIT_FRONT;
}

/* An end that closes must get to Closed, then open again; the back end only begins after the front end has. */
static enum hs_verdict reopening_rule(int back, int front)
{
    if (back == XENBUS_CLOSING)
        return front == XENBUS_CLOSED || front == XENBUS_UNKNOWN ? HS_WAIT_BACK : HS_WAIT_FRONT;
    if (back == XENBUS_CLOSED)
        return front >= XENBUS_INITIALISING && front <= XENBUS_INITIALISED ? HS_WAIT_BACK : HS_WAIT_FRONT;
    /* The front end has gone from under a back end that worked: that has to follow. */
    return back >= XENBUS_CONNECTED ? HS_WAIT_BACK : HS_WAIT_FRONT;
}

/* What a plain look says, independent of the table. */
static enum hs_verdict look_rule(enum hs_phase phase, int back, int front, enum hs_hotplug hotplug)
{
    bool accepted = back >= XENBUS_INIT_WAIT && !closes(back);

    if (phase == HS_CLOSE)
        return closing_rule(back, front);
    if (back == XENBUS_UNKNOWN)
        return HS_FAIL_BACK;
    if (hotplug == HS_PLUG_ERROR)
        return HS_FAIL_HOTPLUG;
    if (phase == HS_RECONNECT && closes(back))
        return reopening_rule(back, front);
    if (phase != HS_RECONNECT && closes(front))
        return HS_ASK_FRONT;
    if (back == XENBUS_CLOSED && (front == XENBUS_INITIALISING || front == XENBUS_INIT_WAIT) && phase != HS_ACCEPT)
        return HS_ASK_BACK; /* the guest has just opened again, as after a boot loader */
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
    return closes(front) ? reopening_rule(back, front) : mover(back, front);
}

static enum hs_verdict late_rule(enum hs_verdict looked)
{
    switch ((int)looked) {
    case HS_WAIT_BACK:
        return HS_LATE_BACK;
    case HS_WAIT_FRONT:
        return HS_LATE_FRONT;
    case HS_WAIT_HOTPLUG:
        return HS_LATE_HOTPLUG;
    case HS_PLUG:
        return HS_LATE_PLUG;
    default:
        return looked; /* what is done or has failed is not late; errors are asked for first */
    }
}

static enum hs_verdict by_rule(const struct hs_look *l)
{
    enum hs_verdict looked = look_rule(l->phase, (int)l->back, (int)l->front, l->hotplug);

    switch ((int)l->event) {
    case HS_LOOK:
        return looked;
    case HS_LATE:
        return late_rule(looked);
    case HS_GUEST_GONE:
        if (l->phase != HS_CLOSE)
            return HS_FAIL_GUEST;
        return looked == HS_DONE ? HS_DONE : HS_WAIT_BACK; /* nobody else is left to move */
    default:
        return l->phase == HS_CLOSE ? HS_DONE : HS_FAIL_SERVER;
    }
}

enum { CELLS = HS_PHASES * HS_EVENTS * HS_PLUGS * XENBUS_STATES * XENBUS_STATES };

/* The cells in one row: a number to a cell. */
static struct hs_look cell(int i)
{
    struct hs_look l;

    l.front = (enum xenbus_state)(i % XENBUS_STATES);
    i /= XENBUS_STATES;
    l.back = (enum xenbus_state)(i % XENBUS_STATES);
    i /= XENBUS_STATES;
    l.hotplug = (enum hs_hotplug)(i % HS_PLUGS);
    i /= HS_PLUGS;
    l.event = (enum hs_event)(i % HS_EVENTS);
    l.phase = (enum hs_phase)(i / HS_EVENTS);
    return l;
}

static void test_every_cell_follows_the_rules(void **state)
{
    bool seen[HS_VERDICTS] = {false};

    (void)state;
    for (int i = 0; i < CELLS; i++) {
        struct hs_look l = cell(i);
        enum hs_verdict have = handshake_step(&l);

        assert_in_range(have, 0, HS_VERDICTS - 1);
        seen[have] = true;
        if (have != by_rule(&l))
            fail_msg("phase %s event %d hotplug %d back %s front %s: %d, not %d", handshake_phase_name(l.phase),
                     l.event, l.hotplug, xenbus_state_name(l.back), xenbus_state_name(l.front), have, by_rule(&l));
    }
    /* No verdict is there that no cell has. */
    for (int v = 0; v < HS_VERDICTS; v++)
        assert_true(seen[v]);
}

static void test_who_is_asked_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < CELLS; i++) {
        struct hs_look l = cell(i);
        enum hs_verdict v = handshake_step(&l);
        bool waits = v == HS_WAIT_BACK || v == HS_WAIT_FRONT || v == HS_WAIT_HOTPLUG || v >= HS_LATE_PLUG;

        if (waits)
            assert_non_null(handshake_mover(v));
    }
    assert_null(handshake_mover(HS_DONE));
    assert_int_equal(handshake_unblamed(HS_ASK_FRONT, HS_LOOK), HS_WAIT_FRONT);
    assert_int_equal(handshake_unblamed(HS_ASK_BACK, HS_LOOK), HS_WAIT_BACK);
    assert_int_equal(handshake_unblamed(HS_ASK_FRONT, HS_LATE), HS_LATE_FRONT);
    assert_int_equal(handshake_unblamed(HS_ASK_BACK, HS_LATE), HS_LATE_BACK);
}

/* ---- a long walk ---- */

/* xorshift64: the same walk on every machine. */
static uint64_t draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* What a driver of Linux does next at its own end, seeing the other one; most of the time. A hostile or broken one
 * writes anything. */
static int drive(bool is_front, int own, int other, uint64_t *seed)
{
    static const int front_next[] = {1, 1, 3, 4, 4, 6, 1, 7, 8}, back_next[] = {1, 2, 4, 4, 4, 6, 2, 8, 4};
    int next = is_front ? front_next[own] : back_next[own];

    if (draw(seed) % 8 == 0)
        return (int)(draw(seed) % XENBUS_STATES);
    if (closes(other) && draw(seed) % 2)
        return own == XENBUS_CLOSING ? XENBUS_CLOSED : XENBUS_CLOSING;
    return next;
}

static bool may_be_done(const struct hs_look *l)
{
    if (l->phase == HS_CLOSE)
        return l->back == XENBUS_UNKNOWN || l->back == XENBUS_CLOSED || l->event == HS_SERVER_GONE;
    if (l->event == HS_GUEST_GONE || l->event == HS_SERVER_GONE || l->hotplug != HS_PLUG_DONE)
        return false;
    if (l->phase == HS_ACCEPT)
        return l->back >= XENBUS_INIT_WAIT && !closes((int)l->back);
    return l->back == XENBUS_CONNECTED && l->front == XENBUS_CONNECTED;
}

static void test_a_million_events_never_lie(void **state)
{
    enum { STEPS = 1000000 };
    uint64_t seed = 20261121;
    struct hs_look l = {.phase = HS_CONNECT, .back = XENBUS_INITIALISING, .front = XENBUS_INITIALISING};
    int done[HS_PHASES] = {0}, verdicts[HS_VERDICTS] = {0};

    (void)state;
    for (int i = 0; i < STEPS; i++) {
        uint64_t r = draw(&seed);
        enum hs_verdict v;

        if (r % 2)
            l.front = (enum xenbus_state)drive(true, (int)l.front, (int)l.back, &seed);
        else
            l.back = (enum xenbus_state)drive(false, (int)l.back, (int)l.front, &seed);
        if (r % 64 < 4)
            l.phase = (enum hs_phase)(r / 64 % HS_PHASES);
        if (r % 32 < 4)
            l.hotplug = (enum hs_hotplug)(r / 32 % HS_PLUGS);
        l.event = r % 16 ? HS_LOOK : (enum hs_event)(r / 16 % HS_EVENTS);
        v = handshake_step(&l);
        assert_true((unsigned)v < HS_VERDICTS);
        verdicts[v]++;
        done[l.phase] += v == HS_DONE;
        if (v == HS_DONE && !may_be_done(&l))
            fail_msg("step %d: phase %s is called done with back end %s, front end %s", i,
                     handshake_phase_name(l.phase), xenbus_state_name(l.back), xenbus_state_name(l.front));
        if (v != HS_DONE && l.event == HS_LOOK && l.phase != HS_CLOSE && may_be_done(&l) && l.phase != HS_ACCEPT)
            fail_msg("step %d: both ends are Connected, and phase %s goes on", i, handshake_phase_name(l.phase));
    }
    /* The walk came everywhere. */
    for (int p = 0; p < HS_PHASES; p++)
        assert_true(done[p] > 1000);
    for (int v = 0; v < HS_VERDICTS; v++)
        assert_true(verdicts[v] > 0);
}

/* Two ends that do as Linux's drivers, from any pair of states: a front end that closed opens again. Reconnecting ends
 * at Connected, and whoever the table says must move is one whose move changes something. */
static void test_honest_drivers_always_reconnect(void **state)
{
    (void)state;
    for (int back = XENBUS_INITIALISING; back < XENBUS_STATES; back++) {
        for (int front = 0; front < XENBUS_STATES; front++) {
            struct hs_look l = {
                .phase = HS_RECONNECT, .back = (enum xenbus_state)back, .front = (enum xenbus_state)front};
            enum hs_verdict v = handshake_step(&l);
            int moves = 0;

            for (; v != HS_DONE && moves < 30; moves++) {
                /* The mover of the table does what that end does to get on. */
                assert_true(v == HS_WAIT_BACK || v == HS_WAIT_FRONT);
                if (v == HS_WAIT_FRONT && l.back == XENBUS_CLOSING)
                    l.front = XENBUS_CLOSED;
                else if (v == HS_WAIT_FRONT && (l.back == XENBUS_CLOSED || closes((int)l.front)))
                    l.front = XENBUS_INITIALISING;
                else if (v == HS_WAIT_FRONT && l.back == XENBUS_RECONFIGURING)
                    l.front = XENBUS_RECONFIGURING;
                else if (v == HS_WAIT_FRONT)
                    l.front = l.back == XENBUS_INIT_WAIT || l.back == XENBUS_INITIALISED ? XENBUS_INITIALISED
                                                                                         : XENBUS_CONNECTED;
                else if (closes((int)l.front))
                    l.back = XENBUS_CLOSED;
                else if (l.back == XENBUS_RECONFIGURING)
                    l.back = XENBUS_RECONFIGURED;
                else
                    l.back = l.back == XENBUS_CLOSING                                   ? XENBUS_CLOSED
                             : l.back == XENBUS_INITIALISING || l.back == XENBUS_CLOSED ? XENBUS_INIT_WAIT
                                                                                        : XENBUS_CONNECTED;
                v = handshake_step(&l);
            }
            if (v != HS_DONE)
                fail_msg("from back end %s, front end %s: stuck at %s, %s", xenbus_state_name((enum xenbus_state)back),
                         xenbus_state_name((enum xenbus_state)front), xenbus_state_name(l.back),
                         xenbus_state_name(l.front));
        }
    }
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
        cmocka_unit_test(test_who_is_asked_has_a_name),
        cmocka_unit_test(test_a_million_events_never_lie),
        cmocka_unit_test(test_honest_drivers_always_reconnect),
        cmocka_unit_test(test_idle_is_only_before_anybody_connects),
        cmocka_unit_test(test_states_are_parsed_strictly),
        cmocka_unit_test(test_states_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
