/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: domain 0's back ends walk the states as Linux's do: against a front end that is driven by hand they connect,
 * refuse what is wrong and say why, close, come back, and give up everything when the guest dies.
 */
#include "unit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "ring/blk.h"
#include "ring/net.h"
#include "ring/share.h"
#include "sim/line.h"
#include "sim/xenbus.h"
#include "sim_rig.h"

enum { DISK = RIG_XVDA };

/* A guest whose front ends this test plays. */
struct hand {
    struct rig *rig;
    uint32_t domid;
    struct sim_line own;
    struct line line;
    int port;
    uint32_t ref;
    void *page;
    struct ring_client ring;
    int file;
};

static struct hand *hand_new(struct world *w)
{
    struct hand *h = calloc(1, sizeof *h);

    assert_non_null(h);
    h->rig = rig_new(w);
    h->domid = rig_guest(h->rig, "hand");
    sim_line_init(&h->own, h->rig->machine, h->domid);
    h->line = sim_line(&h->own);
    rig_start(h->rig, h->domid);
    h->file = -1;
    return h;
}

static struct world *lazy_world(void)
{
    return rig_world(GUEST_NEVER_CONNECTS, 0, 1000000000);
}

static int setup(void **state)
{
    struct hand *h = hand_new(lazy_world());

    h->file = rig_disk(h->rig, h->domid, DISK, "w");
    *state = h;
    return 0;
}

static int teardown(void **state)
{
    struct hand *h = *state;

    rig_destroy(h->rig, h->domid);
    assert_false(rig_exists(h->rig, h->domid));
    sim_line_fini(&h->own);
    if (h->file >= 0)
        (void)close(h->file);
    rig_free(h->rig, true);
    free(h);
    return 0;
}

static void front_write(struct hand *h, const char *kind, uint32_t devid, const char *name, const char *value)
{
    rig_write(h->rig, value, "/local/domain/%" PRIu32 "/device/%s/%" PRIu32 "/%s", h->domid, kind, devid, name);
}

static void front_number(struct hand *h, const char *kind, uint32_t devid, const char *name, uint32_t value)
{
    char text[16];

    (void)snprintf(text, sizeof text, "%" PRIu32, value);
    front_write(h, kind, devid, name, text);
}

static void front_state(struct hand *h, const char *kind, uint32_t devid, const char *value)
{
    front_write(h, kind, devid, "state", value);
    (void)rig_run(h->rig, 0);
}

static void offer(struct hand *h)
{
    assert_int_equal(h->line.ops->offer(h->line.arg, 0, false, &h->page, &h->ref), 0);
    ring_client_init(&h->ring, h->page, BLK_SLOT_SIZE);
    h->port = h->line.ops->port_offer(h->line.arg, 0);
    assert_true(h->port > 0);
    front_number(h, "vbd", DISK, "ring-ref", h->ref);
    front_number(h, "vbd", DISK, "event-channel", (uint32_t)h->port);
    front_write(h, "vbd", DISK, "protocol", "x86_64-abi");
}

/* Two rings and one port for a network device. */
static void offer_vif(struct hand *h)
{
    static const struct {
        const char *name;
        size_t slot_size;
    } rings[] = {{"tx-ring-ref", NET_TX_SLOT_SIZE}, {"rx-ring-ref", NET_RX_SLOT_SIZE}};

    for (size_t i = 0; i < ARRAY_LEN(rings); i++) {
        assert_int_equal(h->line.ops->offer(h->line.arg, 0, false, &h->page, &h->ref), 0);
        ring_client_init(&h->ring, h->page, rings[i].slot_size);
        front_number(h, "vif", 0, rings[i].name, h->ref);
    }
    h->port = h->line.ops->port_offer(h->line.arg, 0);
    assert_true(h->port > 0);
    front_number(h, "vif", 0, "event-channel", (uint32_t)h->port);
    front_write(h, "vif", 0, "request-rx-copy", "1");
}

static int back(struct hand *h)
{
    return rig_back(h->rig, "vbd", h->domid, DISK);
}

static void test_connects(void **state)
{
    struct hand *h = *state;

    assert_int_equal(back(h), XB_INIT_WAIT);
    offer(h);
    assert_int_equal(back(h), XB_INIT_WAIT);
    front_state(h, "vbd", DISK, "3");
    assert_int_equal(back(h), XB_CONNECTED);
    assert_string_equal(rig_read(h->rig, "/local/domain/0/backend/vbd/%" PRIu32 "/%d/sectors", h->domid, DISK), "2048");
    assert_string_equal(rig_read(h->rig, "/local/domain/0/backend/vbd/%" PRIu32 "/%d/sector-size", h->domid, DISK),
                        "512");
    assert_string_equal(rig_read(h->rig, "/local/domain/0/backend/vbd/%" PRIu32 "/%d/info", h->domid, DISK), "0");
    front_state(h, "vbd", DISK, "4");
    assert_int_equal(back(h), XB_CONNECTED);
    assert_string_equal(rig_error(h->rig, "vbd", h->domid, DISK), "");
    assert_int_equal(node_vbd_user_count(h->rig->node), 1);
}

/* One request over the ring that the test made; the status. */
static int ask(struct hand *h, uint8_t op, uint64_t sector, uint32_t ref)
{
    struct blk_request q = {.op = op, .segment_count = 1, .id = 1, .sector = sector};
    struct blk_response r;

    q.segments[0] = (struct blk_segment){ref, 0, 0};
    assert_int_equal(blk_ask(&h->ring, &q), 0);
    if (ring_client_push(&h->ring))
        h->line.ops->port_kick(h->line.arg, (uint32_t)h->port);
    (void)rig_run(h->rig, 0);
    if (blk_answered(&h->ring, &r) != 1)
        return 1;
    return r.status;
}

static void test_bytes(void **state)
{
    struct hand *h = *state;
    char got[8] = "";
    uint32_t ref, secret;
    void *page, *other;

    offer(h);
    front_state(h, "vbd", DISK, "3");
    assert_int_equal(h->line.ops->offer(h->line.arg, 0, false, &page, &ref), 0);
    assert_int_equal(h->line.ops->offer(h->line.arg, 7, false, &other, &secret), 0);
    strcpy(page, "hello");
    assert_int_equal(ask(h, BLK_WRITE, 2047, ref), BLK_OKAY);
    assert_int_equal(pread(h->file, got, 5, 2047 * 512), 5);
    assert_string_equal(got, "hello");
    memset(page, 0, 8);
    assert_int_equal(ask(h, BLK_READ, 2047, ref), BLK_OKAY);
    assert_string_equal(page, "hello");
    assert_int_equal(ask(h, BLK_READ, 2048, ref), BLK_ERROR);
    assert_int_equal(ask(h, BLK_READ, 0, 4000000), BLK_ERROR);
    assert_int_equal(ask(h, BLK_READ, 0, secret), BLK_ERROR); /* granted to somebody else */
    assert_int_equal(ask(h, BLK_DISCARD, 0, ref), BLK_UNSUPPORTED);
    assert_int_equal(ask(h, 77, 0, ref), BLK_UNSUPPORTED);
    assert_int_equal(ask(h, BLK_READ, 0, ref), BLK_OKAY);
}

/* Indices that make no sense: the ring is not served any more, everything else goes on, and it can be closed. */
static void test_bad_indices(void **state)
{
    struct hand *h = *state;

    offer(h);
    front_state(h, "vbd", DISK, "3");
    share_set(h->page, 5000);
    h->line.ops->port_kick(h->line.arg, (uint32_t)h->port);
    assert_int_equal(rig_run(h->rig, 0) >= -1, 1);
    share_set(h->page, 0);
    assert_int_equal(ask(h, BLK_READ, 0, 8), 1);
    front_state(h, "vbd", DISK, "6");
    assert_int_equal(back(h), XB_CLOSED);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *name, *value, *error;
    } rows[] = {
        {"ring-ref", "banana", "22 reading /local/domain/1/device/vbd/51712/ring-ref"},
        {"ring-ref", "4294967295", "22 mapping ring-ref port"},
        {"ring-ref", "1", "5 mapping ring-ref port"},
        {"event-channel", "-1", "22 reading /local/domain/1/device/vbd/51712/event-channel"},
        {"event-channel", "", "22 reading /local/domain/1/device/vbd/51712/event-channel"},
        {"event-channel", "999", "22 mapping ring-ref port 999"},
        {"protocol", "sparc", "38 unknown fe protocol sparc"},
        {"multi-queue-num-queues", "9", "38 guest requested 9 queues"},
        {"ring-page-order", "4", "22 invalid ring-page-order 4"},
        {"state", "99", "22 saw state 99 at frontend"},
        {"state", "-3", "22 saw state -3 at frontend"},
        {"state", "2", "22 saw state 2 at frontend"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct hand *h;
        void *p;

        assert_int_equal(setup(&p), 0);
        h = p;
        offer(h);
        /* The store's page is granted too, and mapped; but it is no block ring. */
        front_write(h, "vbd", DISK, rows[i].name, rows[i].value);
        if (strcmp(rows[i].value, "1") == 0)
            share_set(machine_page(h->rig->machine, h->domid, RIG_GUEST_KIB / 4 - 1), 4000);
        if (strcmp(rows[i].name, "state") == 0)
            (void)rig_run(h->rig, 0);
        else
            front_state(h, "vbd", DISK, "3");
        if (strncmp(rig_error(h->rig, "vbd", h->domid, DISK), rows[i].error, strlen(rows[i].error)) != 0)
            fail_msg("row %zu: %s", i, rig_error(h->rig, "vbd", h->domid, DISK));
        assert_int_equal(back(h), XB_CLOSING);
        /* Nothing of it stays mapped or bound. */
        h->line.ops->withdraw(h->line.arg, h->ref);
        assert_int_equal(h->own.offers.len, 0);
        assert_int_equal(teardown(&p), 0);
    }
}

static void test_not_for_us(void **state)
{
    struct hand *h = *state;
    uint32_t ref;
    int port;

    offer(h);
    port = h->line.ops->port_offer(h->line.arg, h->domid); /* for somebody else */
    front_number(h, "vbd", DISK, "event-channel", (uint32_t)port);
    front_state(h, "vbd", DISK, "3");
    assert_int_equal(back(h), XB_CLOSING);
    assert_int_equal(h->line.ops->offer(h->line.arg, 0, true, &h->page, &ref), 0); /* for reading alone */
    front_number(h, "vbd", DISK, "ring-ref", ref);
    front_number(h, "vbd", DISK, "event-channel", (uint32_t)h->port);
    front_state(h, "vbd", DISK, "4");
    assert_int_equal(back(h), XB_CLOSING);
    assert_non_null(strstr(rig_error(h->rig, "vbd", h->domid, DISK), " mapping ring-ref port "));
}

static void test_closes_and_comes_back(void **state)
{
    struct hand *h = *state;

    for (int i = 0; i < 5; i++) {
        offer(h);
        front_state(h, "vbd", DISK, "3");
        assert_int_equal(back(h), XB_CONNECTED);
        front_state(h, "vbd", DISK, "5");
        assert_int_equal(back(h), XB_CLOSING);
        front_state(h, "vbd", DISK, "6");
        assert_int_equal(back(h), XB_CLOSED);
        h->line.ops->port_close(h->line.arg, (uint32_t)h->port);
        h->line.ops->withdraw(h->line.arg, h->ref);
        assert_int_equal(h->own.offers.len, 0);
        front_state(h, "vbd", DISK, "1");
        assert_int_equal(back(h), XB_INIT_WAIT);
    }
}

static void test_detach(void **state)
{
    struct hand *h = *state;

    offer(h);
    front_state(h, "vbd", DISK, "3");
    front_state(h, "vbd", DISK, "4");
    rig_unplug(h->rig, "vbd", h->domid, DISK);
    assert_int_equal(back(h), XB_CLOSING);
    assert_int_equal(node_vbd_user_count(h->rig->node), 1);
    front_state(h, "vbd", DISK, "6");
    assert_int_equal(back(h), XB_CLOSED);
    assert_int_equal(node_vbd_user_count(h->rig->node), 0);
    /* It is gone: nobody answers any more. */
    front_state(h, "vbd", DISK, "1");
    assert_int_equal(back(h), XB_CLOSED);
    rig_remove(h->rig, "vbd", h->domid, DISK);
    assert_int_equal(node_loop_count(h->rig->node), 0);
    (void)close(h->file);
    h->file = rig_disk(h->rig, h->domid, DISK, "r");
    assert_int_equal(back(h), XB_INIT_WAIT);
    offer(h);
    front_state(h, "vbd", DISK, "3");
    assert_int_equal(back(h), XB_CONNECTED);
    assert_string_equal(rig_read(h->rig, "/local/domain/0/backend/vbd/%" PRIu32 "/%d/info", h->domid, DISK), "4");
    assert_int_equal(ask(h, BLK_WRITE, 0, h->ref), BLK_ERROR);
}

/* The toolstack takes the front end's nodes by force. */
static void test_forced(void **state)
{
    struct hand *h = *state;

    offer(h);
    front_state(h, "vbd", DISK, "3");
    assert_int_equal(xsc_rm(h->rig->xs, 0, "/local/domain/1/device/vbd/51712", NULL), 0);
    (void)rig_run(h->rig, 0);
    assert_int_equal(node_vbd_user_count(h->rig->node), 0);
    h->line.ops->withdraw(h->line.arg, h->ref);
    assert_int_equal(h->own.offers.len, 0);
}

static int take_away(struct xsc *xs, uint32_t tx, void *arg)
{
    (void)arg;
    assert_int_equal(xsc_rm(xs, tx, "/local/domain/1/device/vbd/51712", NULL), 0);
    assert_int_equal(xsc_write(xs, tx, "/local/domain/0/backend/vbd/1/51712/online", NULL, "0"), 0);
    return xsc_write(xs, tx, "/local/domain/0/backend/vbd/1/51712/state", NULL, "5");
}

/* A device that its guest has never looked at is taken away: the back end says Closed all the same. */
static void test_unused(void **state)
{
    struct hand *h = *state;

    assert_int_equal(back(h), XB_INIT_WAIT);
    assert_int_equal(xsc_transact(h->rig->xs, take_away, NULL), 0);
    (void)rig_run(h->rig, 0);
    assert_int_equal(back(h), XB_CLOSED);
    assert_int_equal(node_vbd_user_count(h->rig->node), 0);
}

/* The back end's own nodes vanish, alone or with all above them. */
static void test_nodes_vanish(void **state)
{
    static const char *const dirs[] = {"/local/domain/0/backend/vbd/1/51712", "/local/domain/0/backend/vbd/1",
                                       "/local/domain/0/backend/vbd"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
        struct hand *h = hand_new(lazy_world());
        void *p = h;

        h->file = rig_disk(h->rig, h->domid, DISK, "w");
        offer(h);
        front_state(h, "vbd", DISK, "3");
        assert_int_equal(node_vbd_user_count(h->rig->node), 1);
        assert_int_equal(node_loop_detach(h->rig->node, 0), 0);
        assert_int_equal(xsc_rm(h->rig->xs, 0, dirs[i], NULL), 0);
        (void)rig_run(h->rig, 0);
        assert_int_equal(node_vbd_user_count(h->rig->node), 0);
        IGNORE(xsc_rm(h->rig->xs, 0, dirs[1], NULL));
        IGNORE(xsc_mkdir(h->rig->xs, 0, dirs[2], NULL));
        assert_int_equal(teardown(&p), 0);
    }
}

/* Death in each state of the walk. */
static void test_death(void **state)
{
    static const char *const walk[] = {"1", "3", "4", "5", "6"};

    (void)state;
    for (size_t last = 0; last < ARRAY_LEN(walk); last++) {
        struct hand *h;
        void *p;

        assert_int_equal(setup(&p), 0);
        h = p;
        offer(h);
        for (size_t i = 0; i <= last; i++)
            front_state(h, "vbd", DISK, walk[i]);
        assert_int_equal(machine_destroy(h->rig->machine, h->domid), 0);
        (void)rig_run(h->rig, 0);
        assert_false(rig_exists(h->rig, h->domid));
        assert_int_equal(node_vbd_user_count(h->rig->node), 0);
        rig_remove(h->rig, "vbd", h->domid, DISK);
        assert_int_equal(teardown(&p), 0);
    }
}

static void test_no_driver(void **state)
{
    struct world *w = lazy_world();
    struct hand *h;
    void *p;

    (void)state;
    assert_int_equal(world_set_back(w, "vbd", false), 0);
    h = hand_new(w);
    p = h;
    h->file = rig_disk(h->rig, h->domid, DISK, "w");
    rig_vif(h->rig, h->domid, 0);
    (void)rig_run(h->rig, 1000000);
    assert_int_equal(back(h), XB_INITIALISING);
    assert_int_equal(rig_back(h->rig, "vif", h->domid, 0), XB_INIT_WAIT);
    assert_int_equal(teardown(&p), 0);
}

/* Events for 20 MB, of which the store keeps 16 for one reader, before the back ends have looked once: what was lost is
 * found all the same. */
static void test_lost_events(void **state)
{
    enum { EVENTS = 10000, NAME = 1950 };
    struct hand *h = *state;
    char path[NAME + 100];
    int fd;

    for (int i = 0; i < EVENTS; i++) {
        (void)snprintf(path, sizeof path, "/local/domain/0/backend/vbd/noise/%0*d", NAME, i);
        assert_int_equal(xsc_write(h->rig->xs, 0, path, NULL, ""), 0);
    }
    fd = rig_disk(h->rig, h->domid, RIG_XVDB, "w");
    assert_int_equal(rig_back(h->rig, "vbd", h->domid, RIG_XVDB), XB_INIT_WAIT);
    for (int i = 0; i < EVENTS; i++) {
        (void)snprintf(path, sizeof path, "/local/domain/0/backend/vbd/noise/%0*d", NAME, i);
        assert_int_equal(xsc_rm(h->rig->xs, 0, path, NULL), 0);
    }
    rig_remove(h->rig, "vbd", h->domid, RIG_XVDB);
    assert_int_equal(node_vbd_user_count(h->rig->node), 1);
    assert_int_equal(xsc_rm(h->rig->xs, 0, "/local/domain/0/backend/vbd/noise", NULL), 0);
    (void)close(fd);
}

/* Each step takes its time. */
static void test_slow(void **state)
{
    struct world *w = lazy_world();
    struct hand *h;
    int64_t began;
    void *p;

    (void)state;
    w->back_delay_ms = 100;
    h = hand_new(w);
    p = h;
    began = sim_now_ms(h->rig->sim);
    h->file = rig_disk(h->rig, h->domid, DISK, "w");
    assert_int_equal(back(h), XB_INITIALISING);
    assert_true(rig_wait(h->rig, 1000, "2", "/local/domain/0/backend/vbd/1/51712/state"));
    assert_int_equal(sim_now_ms(h->rig->sim) - began, 100);
    offer(h);
    began = sim_now_ms(h->rig->sim);
    front_state(h, "vbd", DISK, "3");
    assert_int_equal(back(h), XB_INIT_WAIT);
    assert_true(rig_wait(h->rig, 1000, "4", "/local/domain/0/backend/vbd/1/51712/state"));
    assert_in_range(sim_now_ms(h->rig->sim) - began, 90, 200);
    assert_int_equal(teardown(&p), 0);
}

static void test_wrong_disk(void **state)
{
    static const struct {
        const char *device, *error;
    } rows[] = {
        {"7:63", "2 creating vbd structure"},
        {"fe:1", "2 creating vbd structure"},
        {"loop0", "22 reading physical-device"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct hand *h;
        void *p;

        assert_int_equal(setup(&p), 0);
        h = p;
        rig_remove(h->rig, "vbd", h->domid, DISK);
        rig_vif(h->rig, h->domid, 0); /* another device of the guest is not touched by it */
        (void)close(h->file);
        h->file = -1;
        rig_write(h->rig, "/local/domain/1/device/vbd/51712", "/local/domain/0/backend/vbd/1/51712/frontend");
        rig_write(h->rig, "w", "/local/domain/0/backend/vbd/1/51712/mode");
        rig_write(h->rig, "1", "/local/domain/1/device/vbd/51712/state");
        rig_write(h->rig, "1", "/local/domain/0/backend/vbd/1/51712/state");
        (void)rig_run(h->rig, 0);
        assert_int_equal(back(h), XB_INIT_WAIT);
        rig_write(h->rig, rows[i].device, "/local/domain/0/backend/vbd/1/51712/physical-device");
        (void)rig_run(h->rig, 0);
        assert_string_equal(rig_error(h->rig, "vbd", h->domid, DISK), rows[i].error);
        assert_int_equal(back(h), XB_CLOSING);
        assert_int_equal(rig_back(h->rig, "vif", h->domid, 0), XB_INIT_WAIT);
        assert_int_equal(teardown(&p), 0);
    }
}

static int vif_back(struct hand *h)
{
    return rig_back(h->rig, "vif", h->domid, 0);
}

/* The whole walk of a network back end: hotplug before and after the guest, closing, coming back. */
static void test_vif(void **state)
{
    struct hand *h = *state;
    struct os_iface iface;

    rig_vif(h->rig, h->domid, 0);
    assert_int_equal(vif_back(h), XB_INIT_WAIT);
    assert_true(node_iface(h->rig->node, "vif1.0", &iface));
    offer_vif(h);
    front_state(h, "vif", 0, "4");
    assert_int_equal(vif_back(h), XB_INIT_WAIT);
    rig_write(h->rig, "busy", "/local/domain/0/backend/vif/1/0/hotplug-status");
    (void)rig_run(h->rig, 0);
    assert_int_equal(vif_back(h), XB_INIT_WAIT);
    rig_plug(h->rig, h->domid, 0);
    assert_int_equal(vif_back(h), XB_CONNECTED);
    for (int i = 0; i < 3; i++) {
        front_state(h, "vif", 0, "5");
        assert_int_equal(vif_back(h), XB_CLOSING);
        front_state(h, "vif", 0, "6");
        assert_int_equal(vif_back(h), XB_CLOSED);
        assert_true(node_iface(h->rig->node, "vif1.0", &iface)); /* it is online */
        front_state(h, "vif", 0, "1");
        assert_int_equal(vif_back(h), XB_INIT_WAIT);
        offer_vif(h);
        front_state(h, "vif", 0, "4");
        assert_int_equal(vif_back(h), XB_CONNECTED);
    }
    rig_unplug(h->rig, "vif", h->domid, 0);
    front_state(h, "vif", 0, "6");
    assert_int_equal(vif_back(h), XB_CLOSED);
    assert_false(node_iface(h->rig->node, "vif1.0", &iface));
}

static void test_vif_renamed(void **state)
{
    struct os_iface_change change = {.rename = "lan0", .bridge = "xenbr0", .up = true};
    struct hand *h = *state;
    struct os_iface iface;

    rig_vif(h->rig, h->domid, 0);
    assert_int_equal(node_iface_change(h->rig->node, "vif1.0", &change), 0);
    assert_true(node_iface(h->rig->node, "lan0", &iface));
    rig_remove(h->rig, "vif", h->domid, 0);
    assert_false(node_iface(h->rig->node, "lan0", &iface));
}

static void test_vif_refusals(void **state)
{
    static const struct {
        const char *name, *value, *error;
        int back;
    } rows[] = {
        {"tx-ring-ref", "banana", "22 reading /local/domain/1/device/vif/0/ring-ref", XB_CLOSING},
        {"rx-ring-ref", "-1", "22 reading /local/domain/1/device/vif/0/ring-ref", XB_CLOSING},
        {"rx-ring-ref", "7", "22 mapping shared-frames ", XB_CLOSING},
        {"tx-ring-ref", "4000000000", "22 mapping shared-frames ", XB_CLOSING},
        {"event-channel", "x", "22 reading /local/domain/1/device/vif/0/event-channel(-tx/rx)", XB_CLOSING},
        {"event-channel", "77", "22 mapping shared-frames ", XB_CLOSING},
        {"multi-queue-num-queues", "4", "22 guest requested 4 queues", XB_CLOSING},
        {"request-rx-copy", "0", "", XB_INIT_WAIT},
        {"state", "99", "22 saw state 99 at frontend", XB_CLOSING},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct hand *h = hand_new(lazy_world());
        void *p = h;

        rig_vif(h->rig, h->domid, 0);
        rig_plug(h->rig, h->domid, 0);
        offer_vif(h);
        front_write(h, "vif", 0, rows[i].name, rows[i].value);
        if (strcmp(rows[i].name, "state") == 0)
            (void)rig_run(h->rig, 0);
        else
            front_state(h, "vif", 0, "4");
        if (strncmp(rig_error(h->rig, "vif", h->domid, 0), rows[i].error, strlen(rows[i].error)) != 0)
            fail_msg("row %zu: %s", i, rig_error(h->rig, "vif", h->domid, 0));
        assert_int_equal(vif_back(h), rows[i].back);
        for (int k = 0; k < 2; k++)
            h->line.ops->withdraw(h->line.arg, h->own.offers.at[0].ref);
        assert_int_equal(h->own.offers.len, 0); /* so nothing of it was mapped any more */
        assert_int_equal(teardown(&p), 0);
    }
}

static uint32_t rnd(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return (uint32_t)(*x >> 16);
}

/* One thing that a guest may do to its devices, chosen by chance. */
static void misbehave(struct hand *h, uint64_t *x)
{
    static const char *const names[] = {"ring-ref",         "event-channel",
                                        "protocol",         "state",
                                        "tx-ring-ref",      "rx-ring-ref",
                                        "request-rx-copy",  "event-channel-tx",
                                        "event-channel-rx", "multi-queue-num-queues",
                                        "backend"};
    static const char *const values[] = {"",    "1",  "3",  "4",      "5",          "6",          "8",
                                         "9",   "99", "-1", "banana", "4294967296", "x86_64-abi", "/local/domain/0",
                                         "%s%n"};
    bool is_vif = rnd(x) % 2;
    const char *kind = is_vif ? "vif" : "vbd";
    uint32_t devid = is_vif ? 0 : DISK, i;

    switch (rnd(x) % 9) {
    case 0:
        if (h->own.offers.len < 40)
            offer(h);
        break;
    case 1:
        h->line.ops->withdraw(h->line.arg, 8 + rnd(x) % 40);
        break;
    case 2:
        h->line.ops->port_close(h->line.arg, 3 + rnd(x) % 40);
        break;
    case 3:
        for (i = 0; h->page && i < RING_PAGE_SIZE / 4; i++)
            share_set((uint8_t *)h->page + (size_t)i * 4, rnd(x) % 3 ? rnd(x) % 40 : rnd(x));
        for (i = 0; i < 60; i++)
            h->line.ops->port_kick(h->line.arg, i);
        break;
    case 4:
        front_number(h, kind, devid, names[rnd(x) % 2], 8 + rnd(x) % 8);
        break;
    case 5:
        front_state(h, kind, devid, rnd(x) % 4 ? "3" : "1");
        break;
    case 6:
        if (h->own.offers.len < 40)
            offer_vif(h);
        front_state(h, "vif", 0, "4");
        break;
    default:
        front_write(h, kind, devid, names[rnd(x) % ARRAY_LEN(names)], values[rnd(x) % ARRAY_LEN(values)]);
    }
    /* The page may be given back by now. */
    h->page = NULL;
    for (i = 0; i < h->own.offers.len; i++)
        h->page = machine_page(h->rig->machine, h->domid, h->own.offers.at[i].gfn);
}

/* Whatever a guest does to its nodes, pages and ports: the others are served, and it can be taken away. */
static void test_storm(void **state)
{
    struct hand *h = *state;
    uint32_t other = rig_guest(h->rig, "other");
    struct hyp_info info;
    uint64_t x = 20261121;
    int fd, disks = 0, nets = 0;
    char *why = NULL;

    rig_vif(h->rig, h->domid, 0);
    rig_plug(h->rig, h->domid, 0);
    for (int i = 0; i < 20000; i++) {
        misbehave(h, &x);
        (void)rig_run(h->rig, 0);
        disks += back(h) == XB_CONNECTED;
        nets += rig_back(h->rig, "vif", h->domid, 0) == XB_CONNECTED;
        if (i % 200 == 0) {
            assert_int_equal(machine_check(h->rig->machine, &why), 0);
            assert_int_equal(machine_domain(h->rig->machine, h->domid, &info), 0);
            assert_false(info.is_shutdown);
        }
        if (i % 50 == 49) { /* a new pair of devices */
            rig_remove(h->rig, "vbd", h->domid, DISK);
            rig_remove(h->rig, "vif", h->domid, 0);
            (void)close(h->file);
            h->file = rig_disk(h->rig, h->domid, DISK, "w");
            rig_vif(h->rig, h->domid, 0);
            rig_plug(h->rig, h->domid, 0);
            assert_int_equal(back(h), XB_INIT_WAIT);
        }
    }
    assert_true(disks > 100);
    assert_true(nets > 100);
    fd = rig_disk(h->rig, other, DISK, "w");
    assert_int_equal(rig_back(h->rig, "vbd", other, DISK), XB_INIT_WAIT);
    rig_destroy(h->rig, other);
    (void)close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_connects),
        TEST(test_bytes),
        TEST(test_bad_indices),
        cmocka_unit_test(test_refusals),
        TEST(test_not_for_us),
        TEST(test_closes_and_comes_back),
        TEST(test_detach),
        TEST(test_forced),
        TEST(test_unused),
        cmocka_unit_test(test_nodes_vanish),
        cmocka_unit_test(test_death),
        cmocka_unit_test(test_no_driver),
        cmocka_unit_test(test_slow),
        cmocka_unit_test(test_wrong_disk),
        TEST(test_lost_events),
        TEST(test_vif),
        TEST(test_vif_renamed),
        cmocka_unit_test(test_vif_refusals),
        TEST(test_storm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
