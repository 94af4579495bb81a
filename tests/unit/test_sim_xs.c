/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: the store client inside the simulation asks and is answered, over memory and over a guest's ring page alike:
 * values of any size, transactions, watches, errors; and it survives a server that makes it wait.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "sim_rig.h"

struct both {
    struct rig *rig;
    uint32_t domid;
    struct xsc *xs[2]; /* domain 0's, the guest's */
};

static void no_kick(void *arg)
{
    (void)arg;
}

static int setup(void **state)
{
    struct both *b = calloc(1, sizeof *b);
    uint64_t gfn, console_gfn;
    uint32_t port, console_port;

    assert_non_null(b);
    b->rig = rig_new(rig_world(GUEST_NORMAL, 0, 0));
    b->domid = rig_guest(b->rig, "xs");
    assert_int_equal(machine_rings(b->rig->machine, b->domid, &gfn, &port, &console_gfn, &console_port), 0);
    b->xs[0] = xsc_new(sim_store(b->rig->sim), 0);
    b->xs[1] = xsc_new_ring(sim_store(b->rig->sim), (uint16_t)b->domid, machine_page(b->rig->machine, b->domid, gfn),
                            no_kick, NULL);
    assert_non_null(b->xs[0]);
    assert_non_null(b->xs[1]);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct both *b = *state;

    (void)xsc_free(b->xs[0]);
    (void)xsc_free(b->xs[1]);
    rig_destroy(b->rig, b->domid);
    rig_free(b->rig, true);
    free(b);
    return 0;
}

static void test_values(void **state)
{
    struct both *b = *state;
    char big[4000];

    memset(big, 'x', sizeof big);
    big[sizeof big - 1] = '\0';
    for (size_t i = 0; i < 2; i++) {
        struct xsc *xs = b->xs[i];
        const char *dir = "/local/domain/1/data";
        char **names;
        char *text;
        uint32_t n32;
        size_t n;

        assert_int_equal(xsc_write(xs, 0, dir, "a", "1"), 0);
        assert_int_equal(xsc_writef(xs, 0, dir, "b", "%d", 22), 0);
        assert_int_equal(xsc_read_u32(xs, 0, dir, "b", &n32), 0);
        assert_int_equal(n32, 22);
        assert_int_equal(xsc_write(xs, 0, dir, "b", "x22"), 0);
        assert_int_equal(xsc_read_u32(xs, 0, dir, "b", &n32), -EINVAL);
        assert_int_equal(xsc_mkdir(xs, 0, dir, "c"), 0);
        assert_int_equal(xsc_list(xs, 0, dir, NULL, &names, &n), 0);
        assert_int_equal(n, 3);
        assert_string_equal(names[2], "c");
        free(names);
        assert_int_equal(xsc_list(xs, 0, dir, "c", &names, &n), 0);
        assert_int_equal(n, 0);
        free(names);
        assert_true(xsc_exists(xs, 0, dir, "a"));
        assert_int_equal(xsc_rm(xs, 0, dir, "a"), 0);
        assert_false(xsc_exists(xs, 0, dir, "a"));
        assert_int_equal(xsc_read(xs, 0, dir, "a", &text), -ENOENT);
        assert_int_equal(xsc_set_perms(xs, 0, dir, "b", "n1 r0 b7"), 0);
        assert_int_equal(xsc_set_perms(xs, 0, dir, "b", "nonsense"), -EINVAL);
        /* Many times the ring's size, and more than the protocol allows. */
        assert_int_equal(xsc_rm(xs, 0, dir, NULL), 0);
        assert_int_equal(xsc_mkdir(b->xs[0], 0, dir, NULL), 0);
        assert_int_equal(xsc_set_perms(b->xs[0], 0, dir, NULL, "n1"), 0);
        big[1900] = '\0';
        assert_int_equal(xsc_write(xs, 0, dir, "big", big), 0);
        assert_int_equal(xsc_read(xs, 0, dir, "big", &text), 0);
        assert_string_equal(text, big);
        free(text);
        big[1900] = 'x';
        assert_int_equal(xsc_write(xs, 0, big, NULL, big), -E2BIG);
        assert_int_equal(xsc_rm(xs, 0, dir, "big"), 0);
    }
    assert_int_equal(xsc_write(b->xs[1], 0, "/local/domain/0/x", NULL, "1"), -EACCES);
    assert_int_equal(xsc_write(b->xs[1], 0, "/not:allowed", NULL, "1"), -EINVAL);
}

static int count_up(struct xsc *xs, uint32_t tx, void *arg)
{
    struct both *b = arg;
    uint32_t n;
    int rc = xsc_read_u32(xs, tx, "/local/domain/1/data/n", NULL, &n);

    /* Somebody is in between, the first time. */
    if (rc == 0 && n == 0)
        assert_int_equal(xsc_write(b->xs[0], 0, "/local/domain/1/data/n", NULL, "5"), 0);
    return rc ? rc : xsc_writef(xs, tx, "/local/domain/1/data/n", NULL, "%u", n + 1);
}

static int give_up(struct xsc *xs, uint32_t tx, void *arg)
{
    (void)arg;
    assert_int_equal(xsc_write(xs, tx, "/local/domain/1/data/n", NULL, "77"), 0);
    return -ENODEV;
}

static void test_transactions(void **state)
{
    struct both *b = *state;

    rig_write(b->rig, "0", "/local/domain/1/data/n");
    assert_int_equal(xsc_set_perms(b->xs[0], 0, "/local/domain/1/data/n", NULL, "n1"), 0);
    assert_int_equal(xsc_transact(b->xs[1], count_up, b), 0);
    assert_string_equal(rig_read(b->rig, "/local/domain/1/data/n"), "6");
    assert_int_equal(xsc_transact(b->xs[1], give_up, b), -ENODEV);
    assert_string_equal(rig_read(b->rig, "/local/domain/1/data/n"), "6");
}

static void test_watches(void **state)
{
    struct both *b = *state;

    for (size_t i = 0; i < 2; i++) {
        struct xsc *xs = b->xs[i];
        struct xsc_event e;
        int events = 0;

        assert_int_equal(xsc_watch(xs, "/local/domain/1/data", "token"), 0);
        assert_int_equal(xsc_watch(xs, "/local/domain/1/data", "token"), -EEXIST);
        assert_true(xsc_next(xs, &e));
        assert_string_equal(e.path, "/local/domain/1/data");
        assert_string_equal(e.token, "token");
        free(e.path);
        assert_false(xsc_next(xs, &e));
        /* Events between questions are kept, in order. */
        for (int k = 0; k < 300; k++) {
            char name[24];

            (void)snprintf(name, sizeof name, "/local/domain/1/data/n%d", k % 10);
            assert_int_equal(xsc_write(b->xs[0], 0, name, NULL, "x"), 0);
            if (k % 3 == 0)
                assert_true(xsc_exists(xs, 0, "/local/domain/1/data", NULL));
        }
        while (xsc_next(xs, &e)) {
            char name[40];

            (void)snprintf(name, sizeof name, "/local/domain/1/data/n%d", events++ % 10);
            assert_string_equal(e.path, name);
            free(e.path);
        }
        assert_int_equal(events, 300);
        assert_int_equal(xsc_unwatch(xs, "/local/domain/1/data", "token"), 0);
        assert_int_equal(xsc_unwatch(xs, "/local/domain/1/data", "token"), -ENOENT);
    }
}

/* The server gives a privileged transaction that has lost often the way, and makes guests wait: the guest is told to
 * come again, late answers disturb nothing, and no transaction stays open. */
static void test_made_to_wait(void **state)
{
    struct both *b = *state;
    struct domostore_stats stats;
    struct xsc *xs = b->xs[1];
    uint32_t tx, n, guest_tx;
    int tries = 0;

    domostore_set_guard(sim_store(b->rig->sim), 1);
    rig_write(b->rig, "1", "/local/domain/1/data/n");
    assert_int_equal(xsc_set_perms(b->xs[0], 0, "/local/domain/1/data/n", NULL, "n1"), 0);
    assert_int_equal(xsc_begin(b->xs[0], &tx), 0);
    assert_int_equal(xsc_read_u32(b->xs[0], tx, "/local/domain/1/data/n", NULL, &n), 0);
    assert_int_equal(xsc_write(b->xs[0], tx, "/local/domain/1/data/n", NULL, "2"), 0);
    assert_int_equal(xsc_write(xs, 0, "/local/domain/1/data/n", NULL, "3"), 0);
    assert_int_equal(xsc_end(b->xs[0], tx, true), -EAGAIN);
    assert_int_equal(xsc_begin(b->xs[0], &tx), 0); /* guarded */
    assert_int_equal(xsc_begin(xs, &guest_tx), -EAGAIN);
    assert_int_equal(xsc_read_u32(xs, 0, "/local/domain/1/data/n", NULL, &n), -EAGAIN);
    assert_int_equal(xsc_end(b->xs[0], tx, true), 0);
    while (xsc_read_u32(xs, 0, "/local/domain/1/data/n", NULL, &n) == -EAGAIN && tries++ < 10)
        (void)rig_run(b->rig, 1);
    assert_int_equal(n, 3);
    (void)rig_run(b->rig, 1);
    assert_true(xsc_exists(xs, 0, "/local/domain/1/data/n", NULL));
    domostore_stats(sim_store(b->rig->sim), &stats);
    assert_int_equal(stats.transactions, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_values),
        TEST(test_transactions),
        TEST(test_watches),
        TEST(test_made_to_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
