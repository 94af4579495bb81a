/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: simulated guests live whole lives: boot, connect, get devices while they run, let go of them, shut down when
 * asked, die in any state; and each manner of the world shows what a toolstack would see. Time is virtual.
 */
#include "unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "sim/xenbus.h"
#include "sim_rig.h"

enum { DISK = RIG_XVDA, DISK2 = RIG_XVDB };

#define BACK_STATE  "/local/domain/0/backend/%s/%" PRIu32 "/%d/state"
#define FRONT_STATE "/local/domain/%" PRIu32 "/device/%s/%d/state"

static bool both(struct rig *r, const char *kind, uint32_t domid, uint32_t devid, int state)
{
    return rig_back(r, kind, domid, devid) == state && rig_front(r, kind, domid, devid) == state;
}

static const char *shutdown_node(struct rig *r, uint32_t domid)
{
    return rig_read(r, "/local/domain/%" PRIu32 "/control/shutdown", domid);
}

static void ask(struct rig *r, uint32_t domid, const char *what)
{
    rig_write(r, what, "/local/domain/%" PRIu32 "/control/shutdown", domid);
    (void)rig_run(r, 0);
}

/* A guest with a disk and a vif, started, whatever it then does. */
static uint32_t whole(struct rig *r, const char *name, int *ret_fd)
{
    uint32_t domid = rig_guest(r, name);

    *ret_fd = rig_disk(r, domid, DISK, "w");
    rig_vif(r, domid, 0);
    rig_plug(r, domid, 0);
    assert_int_equal(rig_back(r, "vbd", domid, DISK), XB_INIT_WAIT);
    assert_int_equal(rig_back(r, "vif", domid, 0), XB_INIT_WAIT);
    rig_start(r, domid);
    return domid;
}

static void test_whole_life(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_NORMAL, 0, 5000));
    struct os_iface iface;
    uint32_t domid;
    int fd;

    (void)state;
    domid = whole(r, "life", &fd);
    (void)rig_run(r, 4999);
    assert_int_equal(rig_front(r, "vbd", domid, DISK), XB_INITIALISING);
    (void)rig_run(r, 1);
    assert_true(both(r, "vbd", domid, DISK, XB_CONNECTED));
    assert_true(both(r, "vif", domid, 0, XB_CONNECTED));
    assert_string_equal(rig_read(r, "/local/domain/%" PRIu32 "/control/feature-poweroff", domid), "1");
    assert_true(node_iface(r->node, "vif1.0", &iface));
    /* Detached one by one. */
    rig_unplug(r, "vif", domid, 0);
    assert_true(both(r, "vif", domid, 0, XB_CLOSED));
    assert_false(node_iface(r->node, "vif1.0", &iface));
    assert_true(both(r, "vbd", domid, DISK, XB_CONNECTED));
    rig_remove(r, "vif", domid, 0);
    rig_unplug(r, "vbd", domid, DISK);
    assert_true(both(r, "vbd", domid, DISK, XB_CLOSED));
    assert_int_equal(node_vbd_user_count(r->node), 0);
    rig_remove(r, "vbd", domid, DISK);
    ask(r, domid, "poweroff");
    assert_string_equal(shutdown_node(r, domid), "");
    assert_int_equal(rig_reason(r, domid), MACHINE_POWEROFF);
    rig_destroy(r, domid);
    assert_false(rig_exists(r, domid));
    (void)close(fd);
    rig_free(r, true);
}

static void test_hotplug(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_NORMAL, 0, 0));
    uint32_t domid;
    int fd, fd2;

    (void)state;
    domid = whole(r, "hot", &fd);
    for (int i = 0; i < 20; i++) {
        fd2 = rig_disk(r, domid, DISK2, i % 2 ? "r" : "w");
        assert_true(both(r, "vbd", domid, DISK2, XB_CONNECTED));
        rig_vif(r, domid, 7);
        /* The guest is connected; the back end waits for hotplug. */
        assert_int_equal(rig_front(r, "vif", domid, 7), XB_CONNECTED);
        assert_int_equal(rig_back(r, "vif", domid, 7), XB_INIT_WAIT);
        rig_plug(r, domid, 7);
        assert_true(both(r, "vif", domid, 7, XB_CONNECTED));
        rig_unplug(r, "vbd", domid, DISK2);
        rig_unplug(r, "vif", domid, 7);
        assert_true(both(r, "vbd", domid, DISK2, XB_CLOSED));
        assert_true(both(r, "vif", domid, 7, XB_CLOSED));
        if (i % 3) {
            rig_remove(r, "vbd", domid, DISK2);
            rig_remove(r, "vif", domid, 7);
        } else { /* the next ones are made over the old ones' nodes */
            rig_forget_loop(r, domid, DISK2);
        }
        (void)close(fd2);
    }
    assert_true(both(r, "vbd", domid, DISK, XB_CONNECTED));
    rig_destroy(r, domid);
    (void)close(fd);
    rig_free(r, true);
}

static void test_requests(void **state)
{
    static const struct {
        const char *word;
        int reason;
    } rows[] = {
        {"poweroff", MACHINE_POWEROFF},
        {"halt", MACHINE_POWEROFF},
        {"reboot", MACHINE_REBOOT},
        {"suspend", MACHINE_SUSPEND},
        {"dance", -1},
        {"", -1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig *r = rig_new(rig_world(GUEST_NORMAL, 0, 0));
        uint32_t domid = rig_guest(r, "asked");

        rig_start(r, domid);
        ask(r, domid, rows[i].word);
        assert_string_equal(shutdown_node(r, domid), "");
        assert_int_equal(rig_reason(r, domid), rows[i].reason);
        rig_destroy(r, domid);
        rig_free(r, true);
    }
}

/* Nothing happens in a paused guest, neither by its timer nor by the store; then all of it does. */
static void test_paused(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_NORMAL, 0, 1000));
    uint32_t domid;
    int fd;

    (void)state;
    domid = whole(r, "paused", &fd);
    assert_int_equal(machine_pause(r->machine, domid), 0);
    (void)rig_run(r, 1000000);
    assert_int_equal(rig_front(r, "vbd", domid, DISK), XB_INITIALISING);
    rig_start(r, domid);
    assert_true(both(r, "vbd", domid, DISK, XB_CONNECTED));
    assert_int_equal(machine_pause(r->machine, domid), 0);
    rig_unplug(r, "vbd", domid, DISK);
    assert_int_equal(rig_front(r, "vbd", domid, DISK), XB_CONNECTED);
    rig_start(r, domid);
    assert_true(both(r, "vbd", domid, DISK, XB_CLOSED));
    rig_destroy(r, domid);
    (void)close(fd);
    rig_free(r, true);
}

static void test_balloon(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_NORMAL, 0, 0));
    uint32_t domid = rig_guest(r, "balloon");
    struct hyp_host_info before, after;
    struct hyp_info info;

    (void)state;
    rig_start(r, domid);
    assert_int_equal(machine_info(r->machine, &before), 0);
    rig_write(r, "4096", "/local/domain/%" PRIu32 "/memory/target", domid);
    (void)rig_run(r, 0);
    assert_int_equal(machine_domain(r->machine, domid, &info), 0);
    assert_int_equal(info.mem_kib, 4096);
    assert_int_equal(machine_info(r->machine, &after), 0);
    assert_int_equal(after.free_kib - before.free_kib, RIG_GUEST_KIB - 4096);
    /* Above its limit, nothing at all, and nonsense: refused, and what it has stays. */
    rig_write(r, "99999999", "/local/domain/%" PRIu32 "/memory/target", domid);
    (void)rig_run(r, 0);
    rig_write(r, "many", "/local/domain/%" PRIu32 "/memory/target", domid);
    (void)rig_run(r, 0);
    assert_int_equal(machine_domain(r->machine, domid, &info), 0);
    assert_int_equal(info.mem_kib, 4096);
    rig_write(r, "0", "/local/domain/%" PRIu32 "/memory/target", domid);
    (void)rig_run(r, 0);
    assert_int_equal(machine_domain(r->machine, domid, &info), 0);
    assert_int_equal(info.mem_kib, 2048);
    rig_write(r, "8192", "/local/domain/%" PRIu32 "/memory/target", domid);
    (void)rig_run(r, 0);
    rig_destroy(r, domid);
    rig_free(r, true);
}

/* ---- manners ---- */

static void test_slow(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_SLOW, 3000, 0));
    int64_t began = sim_now_ms(r->sim);
    uint32_t domid;
    int fd;

    (void)state;
    domid = whole(r, "slow", &fd);
    assert_int_equal(rig_front(r, "vbd", domid, DISK), XB_INITIALISING);
    assert_true(rig_wait(r, 100000, "4", FRONT_STATE, domid, "vbd", DISK));
    assert_int_equal(sim_now_ms(r->sim) - began, 6000); /* publishes, looks */
    rig_unplug(r, "vbd", domid, DISK);
    assert_int_equal(rig_front(r, "vbd", domid, DISK), XB_CONNECTED);
    assert_true(rig_wait(r, 100000, "6", BACK_STATE, "vbd", domid, DISK));
    assert_int_equal(sim_now_ms(r->sim) - began, 9000);
    ask(r, domid, "poweroff");
    assert_string_equal(shutdown_node(r, domid), "");
    assert_int_equal(rig_reason(r, domid), -1);
    (void)rig_run(r, 3000);
    assert_int_equal(rig_reason(r, domid), MACHINE_POWEROFF);
    rig_destroy(r, domid);
    (void)close(fd);
    rig_free(r, true);
}

static void test_never_connects(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_NEVER_CONNECTS, 0, 0));
    uint32_t domid;
    int fd;

    (void)state;
    domid = whole(r, "never", &fd);
    (void)rig_run(r, 1000000);
    assert_int_equal(rig_front(r, "vbd", domid, DISK), XB_INITIALISING);
    assert_int_equal(rig_back(r, "vbd", domid, DISK), XB_INIT_WAIT);
    assert_int_equal(rig_back(r, "vif", domid, 0), XB_INIT_WAIT);
    ask(r, domid, "reboot");
    assert_int_equal(rig_reason(r, domid), MACHINE_REBOOT);
    rig_destroy(r, domid);
    (void)close(fd);
    rig_free(r, true);
}

static void test_crashes(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_CRASHES, 0, 700));
    uint32_t domid;
    int fd;

    (void)state;
    domid = whole(r, "crash", &fd);
    (void)rig_run(r, 699);
    assert_int_equal(rig_reason(r, domid), -1);
    (void)rig_run(r, 1);
    assert_int_equal(rig_reason(r, domid), MACHINE_CRASH);
    assert_int_equal(rig_front(r, "vbd", domid, DISK), XB_INITIALISING);
    rig_destroy(r, domid);
    (void)close(fd);
    rig_free(r, true);
}

static void test_ignores_shutdown(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_IGNORES_SHUTDOWN, 0, 0));
    uint32_t domid;
    int fd;

    (void)state;
    domid = whole(r, "deaf", &fd);
    assert_true(both(r, "vbd", domid, DISK, XB_CONNECTED));
    ask(r, domid, "poweroff");
    (void)rig_run(r, 1000000);
    assert_string_equal(shutdown_node(r, domid), "poweroff");
    assert_int_equal(rig_reason(r, domid), -1);
    rig_destroy(r, domid);
    (void)close(fd);
    rig_free(r, true);
}

static void test_refuses_unplug(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_REFUSES_UNPLUG, 0, 0));
    uint32_t domid;
    int fd;

    (void)state;
    domid = whole(r, "clings", &fd);
    rig_unplug(r, "vbd", domid, DISK);
    (void)rig_run(r, 1000000);
    /* What a toolstack waits for does not come, and the disk works on. */
    assert_int_equal(rig_front(r, "vbd", domid, DISK), XB_CONNECTED);
    assert_int_equal(rig_back(r, "vbd", domid, DISK), XB_CLOSING);
    assert_int_equal(node_vbd_user_count(r->node), 1);
    rig_unplug(r, "vif", domid, 0);
    assert_true(both(r, "vif", domid, 0, XB_CLOSED));
    /* By force. */
    rig_remove(r, "vbd", domid, DISK);
    assert_int_equal(node_vbd_user_count(r->node), 0);
    rig_destroy(r, domid);
    (void)close(fd);
    rig_free(r, true);
}

static void test_garbage(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_GARBAGE, 0, 0));
    uint32_t domid;
    int fd;

    (void)state;
    domid = whole(r, "garbage", &fd);
    assert_int_equal(rig_back(r, "vbd", domid, DISK), XB_CLOSING);
    assert_int_equal(rig_back(r, "vif", domid, 0), XB_CLOSING);
    assert_string_equal(rig_read(r, "/local/domain/1/device/vbd/51712/ring-ref"), "banana");
    assert_string_equal(rig_read(r, "/local/domain/1/device/vbd/51712/state"), "99");
    assert_string_equal(rig_error(r, "vbd", domid, DISK), "22 saw state 99 at frontend");
    rig_unplug(r, "vbd", domid, DISK);
    (void)rig_run(r, 1000000);
    assert_int_equal(rig_back(r, "vbd", domid, DISK), XB_CLOSING);
    rig_remove(r, "vbd", domid, DISK);
    assert_int_equal(node_vbd_user_count(r->node), 0);
    rig_destroy(r, domid);
    (void)close(fd);
    rig_free(r, true);
}

/* A thousand seconds of closing and opening: nothing is used up by it. */
static void test_reconnects(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_RECONNECTS, 500, 0));
    uint32_t domid;
    int fd, turns = 0;

    (void)state;
    domid = whole(r, "again", &fd);
    assert_true(both(r, "vbd", domid, DISK, XB_CONNECTED));
    for (int64_t end = sim_now_ms(r->sim) + 1000000; sim_now_ms(r->sim) < end; turns++) {
        char before[32];

        (void)snprintf(before, sizeof before, "%s", rig_read(r, "/local/domain/1/device/vbd/51712/event-channel"));
        (void)rig_run(r, 499);
        assert_true(both(r, "vbd", domid, DISK, XB_CONNECTED));
        assert_true(both(r, "vif", domid, 0, XB_CONNECTED));
        (void)rig_run(r, 1);
    }
    assert_int_equal(turns, 2000);
    rig_unplug(r, "vbd", domid, DISK);
    assert_int_equal(rig_back(r, "vbd", domid, DISK), XB_CLOSED);
    rig_destroy(r, domid);
    (void)close(fd);
    rig_free(r, true);
}

/* ---- misfortunes ---- */

/* Destroyed after each millisecond of a slow life: nothing is left of it, whatever it was doing. */
static void test_death_at_any_time(void **state)
{
    (void)state;
    for (int64_t ms = 0; ms < 130; ms += 3) {
        struct world *w = rig_world(GUEST_RECONNECTS, 20, 5);
        struct rig *r;
        uint32_t domid;
        int fd;

        w->back_delay_ms = 4;
        r = rig_new(w);
        domid = rig_guest(r, "doomed");
        fd = rig_disk(r, domid, DISK, "w");
        rig_vif(r, domid, 0);
        (void)rig_run(r, 20);
        rig_plug(r, domid, 0);
        rig_start(r, domid);
        (void)rig_run(r, ms);
        assert_int_equal(machine_destroy(r->machine, domid), 0);
        (void)rig_run(r, 50);
        assert_false(rig_exists(r, domid));
        rig_destroy(r, domid);
        (void)rig_run(r, 50);
        (void)close(fd);
        rig_free(r, true);
    }
}

static void test_missing_driver(void **state)
{
    struct world *w = rig_world(GUEST_NORMAL, 0, 0);
    struct rig *r;
    uint32_t domid;
    int fd;

    (void)state;
    assert_int_equal(world_set_back(w, "vif", false), 0);
    r = rig_new(w);
    domid = rig_guest(r, "lonely");
    fd = rig_disk(r, domid, DISK, "w");
    rig_vif(r, domid, 0);
    rig_start(r, domid);
    (void)rig_run(r, 1000000);
    assert_true(both(r, "vbd", domid, DISK, XB_CONNECTED));
    assert_true(both(r, "vif", domid, 0, XB_INITIALISING));
    rig_destroy(r, domid);
    (void)close(fd);
    rig_free(r, true);
}

/* A store that allows a guest next to nothing: it does without its devices, and nobody else suffers. */
static void test_quota(void **state)
{
    static const struct {
        const char *name;
        uint32_t value;
        int front, back;
    } rows[] = {
        {"watches", 2, XB_INITIALISING, XB_INIT_WAIT},
        {"transactions", 1, XB_CONNECTED, XB_CONNECTED},
        {"nodes", 22, XB_CLOSED, XB_CLOSED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world *w = rig_world(GUEST_NORMAL, 0, 0);
        struct rig *r;
        uint32_t domid;
        int fd;

        w->quotas = calloc(1, sizeof *w->quotas);
        assert_non_null(w->quotas);
        w->quota_count = 1;
        w->quotas[0] = (struct world_quota){.name = strdup(rows[i].name), .value = rows[i].value};
        r = rig_new(w);
        domid = whole(r, "poor", &fd);
        (void)rig_run(r, 1000);
        assert_int_equal(rig_front(r, "vbd", domid, DISK), rows[i].front);
        assert_int_equal(rig_back(r, "vbd", domid, DISK), rows[i].back);
        ask(r, domid, "poweroff");
        assert_int_equal(rig_reason(r, domid), MACHINE_POWEROFF);
        rig_destroy(r, domid);
        (void)close(fd);
        rig_free(r, true);
    }
}

/* Rules: by name, kernel, and order; each guest has its own. */
static void test_rules(void **state)
{
    struct world *w = rig_world(GUEST_CRASHES, 0, 0);
    struct rig *r;
    uint32_t a, b, c;

    (void)state;
    free(w->guests);
    w->guests = calloc(2, sizeof *w->guests);
    assert_non_null(w->guests);
    w->guest_count = 2;
    w->guests[0] = (struct world_guest){.name = strdup("bad*"), .manner = GUEST_CRASHES};
    w->guests[1] = (struct world_guest){.order = 3, .manner = GUEST_CRASHES};
    r = rig_new(w);
    a = rig_guest(r, "good");
    b = rig_guest(r, "badly");
    c = rig_guest(r, "third");
    /* It is the making that counts, not the start. */
    rig_start(r, c);
    rig_start(r, b);
    rig_start(r, a);
    (void)rig_run(r, 100000);
    assert_int_equal(rig_reason(r, a), -1);
    assert_int_equal(rig_reason(r, b), MACHINE_CRASH);
    assert_int_equal(rig_reason(r, c), MACHINE_CRASH);
    rig_destroy(r, a);
    rig_destroy(r, b);
    rig_destroy(r, c);
    rig_free(r, true);
}

static void test_many(void **state)
{
    enum { GUESTS = 200 };
    struct rig *r = rig_new(rig_world(GUEST_NORMAL, 0, 10));
    uint32_t domids[GUESTS];
    int fds[GUESTS];

    (void)state;
    for (int i = 0; i < GUESTS; i++)
        domids[i] = whole(r, "many", &fds[i]);
    (void)rig_run(r, 10);
    for (int i = 0; i < GUESTS; i++) {
        assert_true(both(r, "vbd", domids[i], DISK, XB_CONNECTED));
        assert_true(both(r, "vif", domids[i], 0, XB_CONNECTED));
    }
    for (int i = 0; i < GUESTS; i++) {
        rig_destroy(r, domids[i]);
        (void)close(fds[i]);
    }
    rig_free(r, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_life),
        cmocka_unit_test(test_hotplug),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_paused),
        cmocka_unit_test(test_balloon),
        cmocka_unit_test(test_slow),
        cmocka_unit_test(test_never_connects),
        cmocka_unit_test(test_crashes),
        cmocka_unit_test(test_ignores_shutdown),
        cmocka_unit_test(test_refuses_unplug),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_reconnects),
        cmocka_unit_test(test_death_at_any_time),
        cmocka_unit_test(test_missing_driver),
        cmocka_unit_test(test_quota),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
