/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: whatever a guest does to a disk that a program serves - bytes in its
 * ring and in lists of segments, values of its nodes, states in any order - and
 * whatever the toolstack does meanwhile, the driver is only asked for what its
 * disk has, nothing is left mapped or bound, no directory that was taken away
 * comes back, and the host is never thought to be lost.
 * Input: records of a kind, a place, a length byte and that many bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "domo_ctx.h"
#include "fuzz.h"
#include "ring/blk.h"
#include "unit/fake_link.h"

#define BACK  "/local/domain/0/backend/standalone/5/51712"
#define FRONT "/local/domain/5/device/vbd/51712"

enum { SECTORS = 64, RING_REF = 1 };

struct world {
    struct fake *fake;
    struct fake_link link;
    struct domo_ctx ctx;
    struct domo_back *back;
    uint8_t disk[SECTORS * DOMO_BLK_SECTOR];
    struct domo_blk_disk facts;
    int open; /* probes without their removes, connects without their disconnects */
    int connected;
    bool is_there; /* the back end's directory */
};

struct host *host_of(struct domo_ctx *ctx, struct domo_err *err)
{
    (void)err;
    return ctx->host;
}

static void need(bool ok)
{
    if (!ok)
        abort();
}

/* ---- the driver ---- */

static int probe(void *arg, struct domo_device *d, struct domo_err *err)
{
    struct world *w = arg;

    w->open++;
    return domo_blk_offer(d, &w->facts, err);
}

static int connect_disk(void *arg, struct domo_device *d, struct domo_err *err)
{
    (void)d;
    (void)err;
    ((struct world *)arg)->connected++;
    return 0;
}

static void carry_out(struct world *w, const struct domo_blk_request *q)
{
    size_t at = (size_t)q->sector * DOMO_BLK_SECTOR;

    need(q->sector <= SECTORS && q->sectors <= SECTORS - q->sector);
    for (size_t i = 0; i < q->part_count; i++) {
        need(at + q->parts[i].len <= (q->sector + q->sectors) * DOMO_BLK_SECTOR);
        if (q->op == DOMO_BLK_READ)
            memcpy(q->parts[i].bytes, w->disk + at, q->parts[i].len);
        else
            memcpy(w->disk + at, q->parts[i].bytes, q->parts[i].len);
        at += q->parts[i].len;
    }
}

static int serve(void *arg, struct domo_device *d, struct domo_err *err)
{
    struct world *w = arg;
    struct domo_blk_request q;
    int r = 0;

    for (int i = 0; i < 32 && (r = domo_blk_take(d, &w->facts, &q, err)) == 1; i++) {
        carry_out(w, &q);
        if (domo_blk_answer(d, &q, DOMO_BLK_OKAY, err))
            return -1;
    }
    return r < 0 ? -1 : 0;
}

static void disconnect(void *arg, struct domo_device *d)
{
    (void)d;
    ((struct world *)arg)->connected--;
}

static void forget(void *arg, struct domo_device *d)
{
    (void)d;
    ((struct world *)arg)->open--;
}

/* ---- the world ---- */

static void dispatch(struct world *w)
{
    struct domo_err err = DOMO_ERR_INIT;

    for (int i = 0; i < 4; i++)
        need(domo_back_dispatch(w->back, 0, &err) >= 0);
    need(w->is_there || !fake_read(w->fake, BACK));
    need(w->connected <= 1 && w->open <= 1);
    if (!w->connected)
        need(w->link.map_count == 0 && !w->link.is_bound);
}

static void attach(struct world *w)
{
    fake_write(w->fake, FRONT "/state", "1");
    fake_write(w->fake, BACK "/frontend", FRONT);
    fake_write(w->fake, BACK "/online", "1");
    fake_write(w->fake, BACK "/state", "1");
    w->is_there = true;
}

static void toolstack(struct world *w, unsigned what)
{
    switch (what % 5) {
    case 0:
        attach(w);
        break;
    case 1:
        fake_rm(w->fake, FRONT);
        break;
    case 2:
        fake_rm(w->fake, BACK);
        w->is_there = false;
        break;
    case 3:
        if (w->is_there) {
            fake_write(w->fake, BACK "/online", "0");
            fake_write(w->fake, BACK "/state", "5");
        }
        break;
    default:
        if (w->is_there)
            fake_write(w->fake, BACK "/online", "1");
        break;
    }
}

static void node(struct world *w, unsigned which, const uint8_t *bytes, size_t len)
{
    static const char *const names[] = {"state",           "ring-ref",  "event-channel", "protocol",
                                        "ring-page-order", "ring-ref0", "ring-ref1",     "multi-queue-num-queues"};
    char path[128], value[256];

    memcpy(value, bytes, len);
    value[len] = '\0';
    (void)snprintf(path, sizeof path, FRONT "/%s", names[which % ARRAY_LEN(names)]);
    fake_write(w->fake, path, value);
}

static void begin(struct world *w)
{
    const struct domo_back_driver driver = {
        .kind = DOMO_KIND_DISK,
        .rings = {{"ring-ref", DOMO_BLK_SLOT}},
        .ring_count = 1,
        .max_ring_order = 1,
        .flags = DOMO_BACK_ADOPT,
        .probe = probe,
        .connect = connect_disk,
        .serve = serve,
        .disconnect = disconnect,
        .remove = forget,
        .arg = w,
    };
    struct domo_err err = DOMO_ERR_INIT;

    w->fake = fake_new();
    w->fake->kernel.front_absent = true;
    /* No lock is held for longer than this call. */
    (void)snprintf(w->fake->host.paths.own_run, sizeof w->fake->host.paths.own_run, "/tmp/domo-fuzz-back.%d",
                   (int)getpid());
    fake_link_init(&w->link, w->fake);
    w->ctx.host = &w->fake->host;
    w->facts = (struct domo_blk_disk){.sectors = SECTORS, .discards = true};
    fake_add_guest(w->fake, 5, "five", 5);
    need(domo_back_open(&w->ctx, &driver, &w->back, &err) == 0);
    attach(w);
    dispatch(w);
}

static void end(struct world *w)
{
    char path[300];

    domo_back_close(w->back);
    need(w->open == 0 && w->connected == 0);
    fake_link_fini(&w->link);
    (void)snprintf(path, sizeof path, "%s/backend-standalone.lock", w->fake->host.paths.own_run);
    (void)unlink(path);
    (void)rmdir(w->fake->host.paths.own_run);
    w->fake = fake_free(w->fake);
}

enum { RECORD_KICK, RECORD_RING, RECORD_PAGE, RECORD_NODE, RECORD_TOOLSTACK, RECORD_KINDS };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct world *w = calloc(1, sizeof *w);
    size_t i = 0;

    need(w);
    begin(w);
    while (i + 4 <= len) {
        unsigned kind = bytes[i] % RECORD_KINDS, at = bytes[i + 1] | (unsigned)bytes[i + 2] << 8;
        size_t n = bytes[i + 3];

        i += 4;
        n = n < len - i ? n : len - i;
        if (kind == RECORD_KICK) {
            fake_link_kick(&w->link);
            dispatch(w);
        } else if (kind == RECORD_RING) {
            at %= HOST_PAGE_SIZE;
            memcpy(fake_link_page(&w->link, RING_REF) + at, bytes + i,
                   n < HOST_PAGE_SIZE - at ? n : HOST_PAGE_SIZE - at);
        } else if (kind == RECORD_PAGE) {
            memcpy(fake_link_page(&w->link, 2 + at % 8), bytes + i, n);
        } else if (kind == RECORD_NODE) {
            node(w, at, bytes + i, n);
            dispatch(w);
        } else {
            toolstack(w, at);
            dispatch(w);
        }
        i += n;
    }
    dispatch(w);
    end(w);
    free(w);
    return 0;
}
