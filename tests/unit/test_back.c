/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a driver on the public header alone serves a guest; whatever that guest writes into its nodes and its ring
 * ends its own device at worst, with the reason in the error node, nothing mapped, and the next device as good as new.
 */
#include "unit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "domo_ctx.h"
#include "fake_link.h"
#include "ring/blk.h"
#include "ring/share.h"

#define BACK  "/local/domain/0/backend/standalone/5/51712"
#define FRONT "/local/domain/5/device/vbd/51712"
#define ERROR "/local/domain/0/error/backend/standalone/5/51712/error"

enum { SECTORS = 64, RING_REF = 1, DATA_REF = 2, INDIRECT_REF = 20 };

struct fixture {
    struct fake *fake;
    struct fake_link link;
    struct domo_ctx ctx;
    struct domo_back *back;
    struct domo_err err;
    char dir[40];
    /* the driver's disk */
    uint8_t disk[SECTORS * DOMO_BLK_SECTOR];
    struct domo_blk_disk facts;
    bool probe_fails;
    int probes, connects, disconnects, removes, failures, served;
    char reason[640];
    /* the guest's end */
    struct ring_client front;
};

/* domo_ctx.h's, which opens hosts in the library. */
struct host *host_of(struct domo_ctx *ctx, struct domo_err *err)
{
    (void)err;
    return ctx->host;
}

/* ---- the driver ---- */

static int probe(void *arg, struct domo_device *d, struct domo_err *err)
{
    struct fixture *f = arg;

    f->probes++;
    if (f->probe_fails)
        return err_set(err, DOMO_E_DISK_BAD_TARGET, "no such disk");
    return domo_blk_offer(d, &f->facts, err);
}

static int connect_disk(void *arg, struct domo_device *d, struct domo_err *err)
{
    (void)d;
    (void)err;
    ((struct fixture *)arg)->connects++;
    return 0;
}

static void carry_out(struct fixture *f, const struct domo_blk_request *q)
{
    uint8_t *at = f->disk + q->sector * DOMO_BLK_SECTOR;
    size_t sum = 0;

    assert_true(q->sector + q->sectors <= SECTORS);
    for (size_t i = 0; i < q->part_count; i++) {
        assert_true(sum + q->parts[i].len <= q->sectors * DOMO_BLK_SECTOR);
        if (q->op == DOMO_BLK_READ)
            memcpy(q->parts[i].bytes, at + sum, q->parts[i].len);
        else
            memcpy(at + sum, q->parts[i].bytes, q->parts[i].len);
        sum += q->parts[i].len;
    }
    assert_true(q->part_count == 0 || sum == q->sectors * DOMO_BLK_SECTOR);
}

static int serve(void *arg, struct domo_device *d, struct domo_err *err)
{
    struct fixture *f = arg;
    struct domo_blk_request q;
    int r;

    while ((r = domo_blk_take(d, &f->facts, &q, err)) == 1) {
        f->served++;
        carry_out(f, &q);
        if (domo_blk_answer(d, &q, DOMO_BLK_OKAY, err))
            return -1;
    }
    return r;
}

static void disconnect(void *arg, struct domo_device *d)
{
    (void)d;
    ((struct fixture *)arg)->disconnects++;
}

static void forget(void *arg, struct domo_device *d)
{
    (void)d;
    ((struct fixture *)arg)->removes++;
}

static void failed(void *arg, struct domo_device *d, const struct domo_err *why)
{
    struct fixture *f = arg;

    (void)d;
    f->failures++;
    (void)snprintf(f->reason, sizeof f->reason, "%s: %s", err_id(why->code), why->msg);
}

static int open_back(struct fixture *f, unsigned flags)
{
    const struct domo_back_driver driver = {
        .kind = DOMO_KIND_DISK,
        .rings = {{"ring-ref", DOMO_BLK_SLOT}},
        .ring_count = 1,
        .max_ring_order = 1,
        .flags = flags,
        .probe = probe,
        .connect = connect_disk,
        .serve = serve,
        .disconnect = disconnect,
        .remove = forget,
        .failed = failed,
        .arg = f,
    };

    return domo_back_open(&f->ctx, &driver, &f->back, &f->err);
}

/* Until all is quiet. */
static void settle(struct fixture *f)
{
    for (int i = 0; i < 20; i++)
        assert_true(domo_back_dispatch(f->back, 0, &f->err) >= 0);
    /* All that was to do is done. */
    assert_int_equal(domo_back_dispatch(f->back, 0, &f->err), 0);
}

/* ---- the toolstack and the guest ---- */

static void attach(struct fixture *f)
{
    fake_write(f->fake, FRONT "/state", "1");
    fake_write(f->fake, FRONT "/backend", BACK);
    fake_write(f->fake, BACK "/frontend", FRONT);
    fake_write(f->fake, BACK "/online", "1");
    fake_write(f->fake, BACK "/state", "1");
    settle(f);
}

static void publish(struct fixture *f)
{
    ring_client_init(&f->front, fake_link_page(&f->link, RING_REF), BLK_SLOT_SIZE);
    fake_write(f->fake, FRONT "/ring-ref", "1");
    fake_write(f->fake, FRONT "/event-channel", "7");
    fake_write(f->fake, FRONT "/protocol", "x86_64-abi");
    fake_write(f->fake, FRONT "/state", "3");
    settle(f);
}

#define STATE(f) fake_read((f)->fake, BACK "/state")

static void connected(struct fixture *f)
{
    attach(f);
    assert_string_equal(STATE(f), "2");
    publish(f);
    assert_string_equal(STATE(f), "4");
    fake_write(f->fake, FRONT "/state", "4");
    settle(f);
}

/* Its device has ended, for that reason, and holds nothing. */
static void ended(struct fixture *f, const char *reason)
{
    assert_string_equal(STATE(f), "5");
    assert_int_equal(f->failures, 1);
    if (!strstr(f->reason, reason))
        fail_msg("'%s' is not '%s'", f->reason, reason);
    /* The node says the same, behind a number. */
    assert_non_null(fake_read(f->fake, ERROR));
    assert_non_null(strstr(fake_read(f->fake, ERROR), strchr(f->reason, ' ') + 1));
    assert_int_equal(f->link.map_count, 0);
    assert_false(f->link.is_bound);
}

/* One request; the answer's status. */
static int ask(struct fixture *f, const struct blk_request *q)
{
    struct blk_response r = {0};

    assert_int_equal(blk_ask(&f->front, q), 0);
    IGNORE(ring_client_push(&f->front));
    fake_link_kick(&f->link);
    settle(f);
    assert_int_equal(blk_answered(&f->front, &r), 1);
    assert_int_equal(r.id, q->id);
    assert_int_equal(r.op, q->op);
    assert_int_equal(f->link.map_count, 1); /* the ring alone */
    return r.status;
}

static struct blk_request one(uint8_t op, uint64_t sector, uint32_t ref, uint8_t first, uint8_t last)
{
    return (struct blk_request){
        .op = op, .segment_count = 1, .id = 77, .sector = sector, .segments = {{ref, first, last}}};
}

/* A slot as the guest's raw bytes; "op" is what it does. */
static int ask_raw(struct fixture *f, const void *slot, size_t len, uint8_t op)
{
    struct blk_response r = {0};

    assert_int_equal(ring_client_ask(&f->front, slot, len), 0);
    IGNORE(ring_client_push(&f->front));
    fake_link_kick(&f->link);
    settle(f);
    assert_int_equal(blk_answered(&f->front, &r), 1);
    assert_int_equal(r.op, op);
    return r.status;
}

struct raw_indirect {
    uint8_t op, indirect_op;
    uint16_t count;
    uint32_t pad;
    uint64_t id, sector;
    uint16_t handle, pad2;
    uint32_t refs[8];
};

struct raw_discard {
    uint8_t op, flag;
    uint16_t handle;
    uint32_t pad;
    uint64_t id, sector, count;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    f->fake = fake_new();
    f->fake->kernel.front_absent = true;
    (void)strcpy(f->dir, "/tmp/domo-test-back-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(f->fake->host.paths.own_run, sizeof f->fake->host.paths.own_run, "%s", f->dir);
    fake_link_init(&f->link, f->fake);
    f->ctx.host = &f->fake->host;
    f->facts = (struct domo_blk_disk){.sectors = SECTORS, .discards = true};
    fake_add_guest(f->fake, 5, "five", 5);
    if (open_back(f, 0))
        fail_msg("%s", f->err.msg);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    char *AUTO_FREE lock = str_format("%s/backend-standalone.lock", f->dir);

    domo_back_close(f->back);
    assert_int_equal(f->connects, f->disconnects);
    assert_int_equal(f->probes, f->removes);
    fake_link_fini(&f->link);
    f->fake = fake_free(f->fake);
    (void)unlink(lock);
    (void)rmdir(f->dir);
    free(f);
    return 0;
}

/* ---- a good guest ---- */

static void test_serves(void **state)
{
    struct fixture *f = *state;
    uint8_t *page = fake_link_page(&f->link, DATA_REF);
    struct blk_request q;

    connected(f);
    assert_string_equal(fake_read(f->fake, BACK "/sectors"), "64");
    assert_string_equal(fake_read(f->fake, BACK "/feature-max-indirect-segments"), "128");
    memset(page + DOMO_BLK_SECTOR, 'x', (size_t)2 * DOMO_BLK_SECTOR);
    q = one(BLK_WRITE, 10, DATA_REF, 1, 2);
    assert_int_equal(ask(f, &q), BLK_OKAY);
    assert_true(f->disk[(size_t)10 * DOMO_BLK_SECTOR] == 'x' && f->disk[(size_t)12 * DOMO_BLK_SECTOR - 1] == 'x' &&
                f->disk[(size_t)12 * DOMO_BLK_SECTOR] == 0);
    q = one(BLK_READ, 11, DATA_REF, 7, 7);
    assert_int_equal(ask(f, &q), BLK_OKAY);
    assert_int_equal(page[(size_t)7 * DOMO_BLK_SECTOR], 'x');
    q = (struct blk_request){.op = BLK_FLUSH, .id = 3};
    assert_int_equal(ask(f, &q), BLK_OKAY);
    assert_true(f->link.kicks > 0);
}

static void test_indirect(void **state)
{
    struct fixture *f = *state;
    struct raw_indirect q = {.op = BLK_INDIRECT, .indirect_op = BLK_WRITE, .count = 3, .id = 9, .sector = 0};
    uint8_t *list = fake_link_page(&f->link, INDIRECT_REF);

    connected(f);
    q.refs[0] = INDIRECT_REF;
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t ref = DATA_REF + i;

        memcpy(list + (size_t)i * 8, &ref, sizeof ref);
        list[(size_t)i * 8 + 4] = 0;
        list[(size_t)i * 8 + 5] = 7;
        memset(fake_link_page(&f->link, ref), (int)('a' + i), HOST_PAGE_SIZE);
    }
    assert_int_equal(ask_raw(f, &q, sizeof q, q.indirect_op), BLK_OKAY);
    assert_true(f->disk[0] == 'a' && f->disk[HOST_PAGE_SIZE] == 'b' && f->disk[(size_t)3 * HOST_PAGE_SIZE - 1] == 'c');
    /* More than the disk has room for; more than was offered; a page that is not granted; none at all. */
    q.sector = SECTORS - 23;
    assert_int_equal(ask_raw(f, &q, sizeof q, q.indirect_op), BLK_ERROR);
    q.sector = 0;
    q.count = 129;
    assert_int_equal(ask_raw(f, &q, sizeof q, q.indirect_op), BLK_ERROR);
    q.count = 0;
    assert_int_equal(ask_raw(f, &q, sizeof q, q.indirect_op), BLK_ERROR);
    q.count = 3;
    q.refs[0] = 4000;
    assert_int_equal(ask_raw(f, &q, sizeof q, q.indirect_op), BLK_ERROR);
    q.refs[0] = INDIRECT_REF;
    q.indirect_op = BLK_INDIRECT;
    assert_int_equal(ask_raw(f, &q, sizeof q, q.indirect_op), BLK_UNSUPPORTED);
    assert_int_equal(f->served, 1);
}

static void test_discard(void **state)
{
    struct fixture *f = *state;
    struct raw_discard q = {.op = BLK_DISCARD, .id = 1, .sector = 8, .count = 8};

    connected(f);
    assert_int_equal(ask_raw(f, &q, sizeof q, BLK_DISCARD), BLK_OKAY);
    q.count = UINT64_MAX;
    assert_int_equal(ask_raw(f, &q, sizeof q, BLK_DISCARD), BLK_ERROR);
    f->facts.read_only = true;
    q.count = 1;
    assert_int_equal(ask_raw(f, &q, sizeof q, BLK_DISCARD), BLK_UNSUPPORTED);
}

/* A ring of two pages, and the same without the nodes of one. */
static void test_large_ring(void **state)
{
    struct fixture *f = *state;
    struct blk_request q = one(BLK_READ, 0, DATA_REF, 0, 0);

    attach(f);
    /* Pages 30 and 31 are neighbours for the guest, too. */
    ring_client_init_pages(&f->front, fake_link_page(&f->link, 30), 2, BLK_SLOT_SIZE);
    fake_write(f->fake, FRONT "/ring-page-order", "1");
    fake_write(f->fake, FRONT "/ring-ref0", "30");
    fake_write(f->fake, FRONT "/ring-ref1", "31");
    fake_write(f->fake, FRONT "/event-channel", "7");
    fake_write(f->fake, FRONT "/state", "3");
    settle(f);
    assert_string_equal(STATE(f), "4");
    assert_int_equal(f->front.slots, 64);
    for (int i = 0; i < 200; i++)
        assert_int_equal(ask(f, &q), BLK_OKAY);
}

static void test_detach(void **state)
{
    struct fixture *f = *state;

    connected(f);
    fake_write(f->fake, BACK "/online", "0");
    fake_write(f->fake, BACK "/state", "5");
    settle(f);
    /* The guest has not answered: it is served on, and may refuse. */
    assert_true(f->link.is_bound);
    fake_write(f->fake, FRONT "/state", "5");
    settle(f);
    fake_write(f->fake, FRONT "/state", "6");
    settle(f);
    assert_string_equal(STATE(f), "6");
    assert_int_equal(f->removes, 1);
    assert_int_equal(f->link.map_count, 0);
    fake_rm(f->fake, BACK);
    settle(f);
    assert_null(fake_read(f->fake, BACK));
}

/* The guest closes by itself, and opens again: a boot loader, then the kernel. */
static void test_reopen(void **state)
{
    struct fixture *f = *state;
    struct blk_request q = one(BLK_READ, 0, DATA_REF, 0, 0);

    connected(f);
    fake_write(f->fake, FRONT "/state", "5");
    settle(f);
    fake_write(f->fake, FRONT "/state", "6");
    settle(f);
    assert_string_equal(STATE(f), "6");
    fake_write(f->fake, FRONT "/state", "1");
    settle(f);
    assert_string_equal(STATE(f), "2");
    publish(f);
    assert_string_equal(STATE(f), "4");
    assert_int_equal(ask(f, &q), BLK_OKAY);
    assert_int_equal(f->probes, 1);
}

/* Directories that vanish at any time are not made again. */
static void test_vanishes(void **state)
{
    struct fixture *f = *state;

    connected(f);
    fake_rm(f->fake, FRONT);
    fake_rm(f->fake, BACK);
    settle(f);
    assert_null(fake_read(f->fake, BACK));
    assert_int_equal(f->removes, 1);
    connected(f);
    fake_rm(f->fake, "/local/domain/0/backend/standalone");
    settle(f);
    assert_null(fake_read(f->fake, BACK));
    assert_int_equal(f->removes, 2);
    assert_int_equal(f->link.map_count, 0);
}

static void test_probe_fails(void **state)
{
    struct fixture *f = *state;

    f->probe_fails = true;
    attach(f);
    ended(f, "disk.bad-target: no such disk");
    /* It stays so, whatever the guest does. */
    publish(f);
    fake_write(f->fake, FRONT "/state", "6");
    settle(f);
    fake_write(f->fake, FRONT "/state", "1");
    settle(f);
    assert_string_equal(STATE(f), "6");
    assert_int_equal(f->connects, 0);
}

/* The toolstack's own mistake. */
static void test_no_front(void **state)
{
    struct fixture *f = *state;

    fake_write(f->fake, BACK "/online", "1");
    fake_write(f->fake, BACK "/state", "1");
    settle(f);
    assert_int_equal(f->failures, 1);
    assert_non_null(strstr(f->reason, "names no front end"));
    fake_write(f->fake, BACK "/online", "0");
    settle(f);
    assert_string_equal(STATE(f), "6");
}

/* ---- another process takes over ---- */

static void test_adopts(void **state)
{
    struct fixture *f = *state;
    struct blk_request q = one(BLK_READ, 0, DATA_REF, 0, 0);
    struct blk_response r;

    connected(f);
    for (q.id = 100; q.id < 110; q.id++)
        assert_int_equal(ask(f, &q), BLK_OKAY);
    domo_back_close(f->back);
    f->back = NULL;
    /* While nobody was there the guest has asked. */
    q.id = 200;
    assert_int_equal(blk_ask(&f->front, &q), 0);
    IGNORE(ring_client_push(&f->front));
    assert_int_equal(open_back(f, DOMO_BACK_ADOPT), 0);
    settle(f);
    assert_string_equal(STATE(f), "4");
    assert_int_equal(blk_answered(&f->front, &r), 1);
    assert_int_equal(r.id, 200);
    assert_int_equal(ask(f, &q), BLK_OKAY);
}

/* A driver that can't go on says so, and the guest may begin anew. */
static void test_does_not_adopt(void **state)
{
    struct fixture *f = *state;

    connected(f);
    domo_back_close(f->back);
    f->back = NULL;
    assert_int_equal(open_back(f, 0), 0);
    settle(f);
    ended(f, "device.backend-failed: the back end was started again");
    fake_write(f->fake, FRONT "/state", "6");
    settle(f);
    fake_write(f->fake, FRONT "/state", "1");
    settle(f);
    publish(f);
    assert_string_equal(STATE(f), "4");
}

static void test_one_process(void **state)
{
    struct fixture *f = *state;
    struct domo_back *first = f->back;

    assert_int_equal(open_back(f, 0), -1);
    assert_int_equal(f->err.code, DOMO_E_DEVICE_IN_USE);
    assert_ptr_equal(f->back, first);
    err_clear(&f->err);
}

/* ---- a bad guest ---- */

static void test_bad_nodes(void **state)
{
    static const struct {
        const char *node, *value, *reason;
    } rows[] = {
        {"ring-ref", "banana", "device.bad-ring"},
        {"ring-ref", "-1", "device.bad-ring"},
        {"ring-ref", "99999999999999999999", "device.bad-ring"},
        {"ring-ref", "4294967295", "host.hypervisor"},
        {"ring-ref", "", "device.bad-ring"},
        {"event-channel", "4294967295", "host.hypervisor"},
        {"event-channel", "x", "device.bad-ring"},
        {"protocol", "x86_32-abi", "unsupported"},
        {"protocol", "\x01\xff../../..", "unsupported"},
        {"multi-queue-num-queues", "4096", "device.bad-ring"},
        {"ring-page-order", "2", "device.bad-ring"},
        {"ring-page-order", "31", "device.bad-ring"},
        {"ring-page-order", "1", "device.bad-ring"}, /* and no ring-ref0 */
        {"state", "banana", "device.bad-ring"},
        {"state", "9", "device.bad-ring"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture *f;
        void *one_state;
        char path[128];

        /* Each with a device of its own. */
        (void)teardown(state);
        (void)setup(&one_state);
        f = *state = one_state;
        attach(f);
        fake_write(f->fake, FRONT "/ring-ref", "1");
        fake_write(f->fake, FRONT "/event-channel", "7");
        (void)snprintf(path, sizeof path, FRONT "/%s", rows[i].node);
        fake_write(f->fake, path, rows[i].value);
        if (strcmp(rows[i].node, "state") != 0)
            fake_write(f->fake, FRONT "/state", "3");
        settle(f);
        ended(f, rows[i].reason);
        assert_int_equal(f->connects, 0);
    }
}

static void test_bad_indices(void **state)
{
    static const uint32_t jumps[] = {33, 1000, 0x80000000u, 0xffffffffu};

    for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
        struct fixture *f;
        void *one_state;

        (void)teardown(state);
        (void)setup(&one_state);
        f = *state = one_state;
        connected(f);
        share_set(fake_link_page(&f->link, RING_REF), jumps[i]);
        fake_link_kick(&f->link);
        settle(f);
        ended(f, "device.bad-ring");
        assert_int_equal(f->served, 0);
        /* The guest comes to its senses. */
        fake_write(f->fake, FRONT "/state", "6");
        settle(f);
        fake_write(f->fake, FRONT "/state", "1");
        settle(f);
        publish(f);
        assert_string_equal(STATE(f), "4");
        assert_null(fake_read(f->fake, ERROR));
    }
}

/* Indices that are nonsense from the start. */
static void test_bad_page(void **state)
{
    struct fixture *f = *state;

    attach(f);
    fake_write(f->fake, FRONT "/ring-ref", "1");
    fake_write(f->fake, FRONT "/event-channel", "7");
    memset(fake_link_page(&f->link, RING_REF), 0, HOST_PAGE_SIZE);
    share_set(fake_link_page(&f->link, RING_REF), 5000);
    fake_write(f->fake, FRONT "/state", "3");
    settle(f);
    ended(f, "device.bad-ring");
}

static void test_bad_requests(void **state)
{
    struct fixture *f = *state;
    struct blk_request q;

    connected(f);
    f->link.read_only[40] = true;
    q = one(BLK_READ, SECTORS, DATA_REF, 0, 0);
    assert_int_equal(ask(f, &q), BLK_ERROR);
    q = one(BLK_READ, UINT64_MAX, DATA_REF, 0, 7);
    assert_int_equal(ask(f, &q), BLK_ERROR);
    q = one(BLK_READ, 0, DATA_REF, 3, 2);
    assert_int_equal(ask(f, &q), BLK_ERROR);
    q = one(BLK_READ, 0, DATA_REF, 0, 8);
    assert_int_equal(ask(f, &q), BLK_ERROR);
    q = one(BLK_READ, 0, 4000, 0, 0);
    assert_int_equal(ask(f, &q), BLK_ERROR);
    q = one(BLK_READ, 0, 40, 0, 0); /* granted for reading: it can't be filled */
    assert_int_equal(ask(f, &q), BLK_ERROR);
    q = one(BLK_WRITE, 0, 40, 0, 0); /* but written from */
    assert_int_equal(ask(f, &q), BLK_OKAY);
    q = one(BLK_READ, 0, DATA_REF, 0, 0);
    q.segment_count = 12;
    assert_int_equal(ask(f, &q), BLK_ERROR);
    q.segment_count = 0;
    assert_int_equal(ask(f, &q), BLK_ERROR);
    q = one(200, 0, DATA_REF, 0, 0);
    assert_int_equal(ask(f, &q), BLK_UNSUPPORTED);
    q = one(BLK_BARRIER, 0, DATA_REF, 0, 0);
    assert_int_equal(ask(f, &q), BLK_UNSUPPORTED);
    f->facts.read_only = true;
    q = one(BLK_WRITE, 0, DATA_REF, 0, 0);
    assert_int_equal(ask(f, &q), BLK_ERROR);
    assert_int_equal(f->served, 1);
    assert_int_equal(f->failures, 0);
}

/* One number for many requests at the same time: each gets its own answer, and the disk one after the other. */
static void test_same_id(void **state)
{
    struct fixture *f = *state;
    struct blk_request q = one(BLK_WRITE, 0, DATA_REF, 0, 0);
    struct blk_response r;
    int answers = 0;

    connected(f);
    for (int i = 0; i < 32; i++)
        assert_int_equal(blk_ask(&f->front, &q), 0);
    IGNORE(ring_client_push(&f->front));
    fake_link_kick(&f->link);
    settle(f);
    while (blk_answered(&f->front, &r) == 1)
        answers += r.id == 77 && r.status == BLK_OKAY;
    assert_int_equal(answers, 32);
    assert_int_equal(f->link.map_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_serves, setup, teardown),
        cmocka_unit_test_setup_teardown(test_indirect, setup, teardown),
        cmocka_unit_test_setup_teardown(test_discard, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large_ring, setup, teardown),
        cmocka_unit_test_setup_teardown(test_detach, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reopen, setup, teardown),
        cmocka_unit_test_setup_teardown(test_vanishes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_front, setup, teardown),
        cmocka_unit_test_setup_teardown(test_adopts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_does_not_adopt, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_process, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_nodes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_indices, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_page, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_requests, setup, teardown),
        cmocka_unit_test_setup_teardown(test_same_id, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
