/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a driver domain's daemon has a move for whatever it sees of a
 * device, never forgets one that holds something, never plugs one twice, and
 * comes to rest.
 */
#include "unit.h"

#include <stdbool.h>

#include "dev/serve.h"

/* The rules in words, independent of the table. */
static enum serve_move by_rule(int stand, int seen)
{
    bool has_gone = seen == SERVE_SEEN_GONE || seen == SERVE_SEEN_OVER;

    if (stand == SERVE_UNPLUGGING)
        return SERVE_GO_ON;
    if (stand == SERVE_NEW && seen == SERVE_SEEN_GONE)
        return SERVE_FORGET;
    if (has_gone)
        return SERVE_UNPLUG;
    if (stand == SERVE_PLUGGING)
        return SERVE_GO_ON;
    if (stand == SERVE_NEW && seen == SERVE_SEEN_PLUGGED)
        return SERVE_ADOPT;
    if (stand == SERVE_NEW)
        return seen == SERVE_SEEN_WAITS || seen == SERVE_SEEN_REFUSED ? SERVE_PLUG : SERVE_NOTHING;
    return seen == SERVE_SEEN_WAITS ? SERVE_UNPLUG : SERVE_NOTHING;
}

static void test_every_cell_follows_the_rules(void **state)
{
    (void)state;
    for (int stand = 0; stand < SERVE_STANDS; stand++)
        for (int seen = 0; seen < SERVE_SEENS; seen++)
            assert_int_equal(serve_decide((enum serve_stand)stand, (enum serve_seen)seen), by_rule(stand, seen));
}

/* What a device holds, and what moves do to it: the daemon in miniature. */
struct model {
    enum serve_stand stand;
    bool holds;
};

static void plug(struct model *m, bool works)
{
    assert_false(m->holds);
    m->holds = works;
    m->stand = works ? SERVE_ON : SERVE_FAILED;
}

/* A move, with all that is done at once. False: it is forgotten. */
static bool act(struct model *m, enum serve_seen seen, unsigned chance)
{
    switch (serve_decide(m->stand, seen)) {
    case SERVE_NOTHING:
        return true;
    case SERVE_FORGET:
        assert_false(m->holds);
        return false;
    case SERVE_ADOPT:
        m->holds = true;
        m->stand = SERVE_ON;
        return true;
    case SERVE_PLUG:
        m->stand = SERVE_PLUGGING;
        return true;
    case SERVE_UNPLUG:
        m->stand = SERVE_UNPLUGGING;
        return true;
    case SERVE_GO_ON:
        if (chance % 2) /* still running */
            return true;
        if (m->stand == SERVE_PLUGGING) {
            plug(m, chance % 4 == 0);
        } else {
            m->holds = false;
            m->stand = SERVE_NEW;
        }
        return true;
    }
    return true;
}

static void test_random_lives_leave_nothing(void **state)
{
    unsigned seed = 4711;

    (void)state;
    for (int life = 0; life < 20000; life++) {
        struct model m = {.stand = SERVE_NEW};
        bool known = true;

        for (int i = 0; i < 20 && known; i++) {
            seed = seed * 1103515245u + 12345u;
            known = act(&m, (enum serve_seen)((seed >> 16) % SERVE_SEENS), seed >> 20);
        }
        /* The directory goes for good: a few looks later nothing is held, and the device is forgotten. */
        for (int i = 0; i < 40 && known; i++)
            known = act(&m, SERVE_SEEN_GONE, (unsigned)i * 2);
        assert_false(known);
        assert_false(m.holds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cell_follows_the_rules),
        cmocka_unit_test(test_random_lives_leave_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
