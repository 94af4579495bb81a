/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: the table of a guest's life has a word for each event in each
 * state: what is asked is done or refused, with a reason, what happens is
 * acted on or ignored; an end can't be undone, the way of a guest leads from
 * nothing to nothing; and each guest that a hypervisor can show has a state.
 */
#include "unit.h"

#include <string.h>

#include "dom/lifecycle.h"

static bool has_ended(enum life_state s)
{
    return s == LIFE_POWEROFF || s == LIFE_REBOOT || s == LIFE_CRASH || s == LIFE_WATCHDOG || s == LIFE_SOFT_RESET;
}

static bool is_dead(enum life_state s)
{
    return s == LIFE_DYING || s == LIFE_ZOMBIE;
}

static bool is_command(enum life_event e)
{
    return life_event_source(e) == LIFE_BY_USER;
}

static void check_refusal(enum life_state s, enum life_event e)
{
    struct domo_err err = DOMO_ERR_INIT;

    assert_int_equal(life_may(s, e, &err), -1);
    assert_int_equal(err.code, s == LIFE_ABSENT ? DOMO_E_DOMAIN_NOT_FOUND : DOMO_E_DOMAIN_STATE);
    assert_non_null(strstr(err.msg, "the guest can't be "));
    assert_null(strstr(err.msg, "(null)"));
}

static void test_every_cell(void **state)
{
    (void)state;
    for (enum life_event e = 0; e < LIFE_EVENTS; e++) {
        for (enum life_state s = 0; s < LIFE_STATES; s++) {
            const struct life_cell *c = life_cell(s, e);

            print_message("%s in %s\n", life_event_name(e), life_state_name(s));
            /* Only people are refused something, and they get an answer. */
            assert_true(c->verdict == LIFE_GO || c->verdict == (is_command(e) ? LIFE_REFUSE : LIFE_IGNORE));
            if (c->verdict == LIFE_REFUSE)
                check_refusal(s, e);
            else
                assert_int_equal(life_may(s, e, NULL), 0);
            if (c->verdict != LIFE_GO)
                continue;
            assert_in_range(c->next, 0, LIFE_STATES - 1);
            assert_in_range(c->action, 0, LIFE_ACTIONS - 1);
            /* Something changes, or is done. */
            assert_true(c->next != s || c->action != LIFE_DO_NONE);
        }
    }
}

/* What is true of all rows, said without the table. */
static void test_ends_stand(void **state)
{
    (void)state;
    for (enum life_event e = 0; e < LIFE_EVENTS; e++) {
        for (enum life_state s = 0; s < LIFE_STATES; s++) {
            const struct life_cell *c = life_cell(s, e);

            if (c->verdict != LIFE_GO)
                continue;
            /* Only a new domain follows on one that has ended: nothing makes the old one run again. */
            if (has_ended(s) || is_dead(s))
                assert_true(
                    c->next == s || is_dead(c->next) || c->next == LIFE_ABSENT ||
                    (c->next == LIFE_BUILDING && (c->action == LIFE_DO_MAKE || c->action == LIFE_DO_MAKE_ANEW)));
            /* What on_*= says is done once: on the way into an end. */
            if (c->action == LIFE_DO_BY_CONFIG)
                assert_true(has_ended(c->next) && !has_ended(s));
            /* Out of nothing comes only what is made. */
            if (s == LIFE_ABSENT)
                assert_int_equal(c->next, LIFE_BUILDING);
        }
    }
    for (enum life_state s = LIFE_ABSENT + 1; s < LIFE_STATES; s++) {
        assert_int_equal(life_cell(s, LIFE_ON_GONE)->next, LIFE_ABSENT);
        assert_int_equal(life_cell(s, LIFE_ON_DESTROY)->verdict, LIFE_GO);
    }
}

static void test_every_state_is_reached(void **state)
{
    bool seen[LIFE_STATES] = {[LIFE_ABSENT] = true};

    (void)state;
    for (size_t round = 0; round < LIFE_STATES; round++)
        for (enum life_state s = 0; s < LIFE_STATES; s++)
            for (enum life_event e = 0; seen[s] && e < LIFE_EVENTS; e++)
                if (life_cell(s, e)->verdict == LIFE_GO)
                    seen[life_cell(s, e)->next] = true;
    for (enum life_state s = 0; s < LIFE_STATES; s++)
        assert_true(seen[s]);
}

/* All that a hypervisor and the store can show of a guest. */
static void test_every_guest_has_a_state(void **state)
{
    static const enum life_state by_reason[] = {LIFE_POWEROFF, LIFE_REBOOT,     LIFE_SUSPENDED, LIFE_CRASH,
                                                LIFE_WATCHDOG, LIFE_SOFT_RESET, LIFE_CRASH};

    (void)state;
    for (unsigned bits = 0; bits < 64; bits++) {
        for (uint32_t reason = 0; reason < 7; reason++) {
            const struct hyp_info info = {
                .is_dying = bits & 1, .is_shutdown = bits & 2, .is_paused = bits & 4, .shutdown_reason = reason};
            const struct life_facts f = {
                .info = &info, .has_nodes = bits & 8, .is_building = bits & 16, .is_saving = bits & 32};
            enum life_state s = life_state(&f), expected;

            if (info.is_dying)
                expected = f.has_nodes ? LIFE_DYING : LIFE_ZOMBIE;
            else if (f.is_saving)
                expected = LIFE_SAVING;
            else if (info.is_shutdown)
                expected = by_reason[reason];
            else if (f.is_building)
                expected = LIFE_BUILDING;
            else
                expected = info.is_paused ? LIFE_PAUSED : LIFE_RUNNING;
            assert_int_equal(s, expected);
        }
    }
    assert_int_equal(life_state(&(struct life_facts){.info = NULL}), LIFE_ABSENT);
}

/* Each reason is the event that leads into the state that the hypervisor then shows. */
static void test_reasons(void **state)
{
    (void)state;
    for (uint32_t reason = 0; reason < 8; reason++) {
        const struct hyp_info info = {.is_shutdown = true, .shutdown_reason = reason};
        const struct life_cell *c = life_cell(LIFE_RUNNING, life_ended(reason));

        assert_int_equal(c->verdict, LIFE_GO);
        assert_int_equal(c->next, life_state(&(struct life_facts){.info = &info}));
    }
    assert_string_equal(life_reason_name(2), "suspend");
    assert_string_equal(life_reason_name(77), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cell),
        cmocka_unit_test(test_ends_stand),
        cmocka_unit_test(test_every_state_is_reached),
        cmocka_unit_test(test_every_guest_has_a_state),
        cmocka_unit_test(test_reasons),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
