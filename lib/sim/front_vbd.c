/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The block front end: one ring of one page, one page for data, one request at
 * a time (the shell's).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "sim/guest.h"

enum { INFO_READ_ONLY = 4 };

static int publish_nodes(struct xsc *xs, uint32_t tx, void *arg)
{
    const struct front *f = arg;
    int rc = xsc_writef(xs, tx, f->dir, "ring-ref", "%" PRIu32, f->vbd.ring_page.ref);

    if (rc == 0)
        rc = xsc_writef(xs, tx, f->dir, "event-channel", "%d", f->port);
    if (rc == 0)
        rc = xsc_write(xs, tx, f->dir, "protocol", "x86_64-abi");
    return rc ? rc : xsc_write(xs, tx, f->dir, "feature-persistent", "0");
}

static int vbd_publish(struct front *f)
{
    int rc = front_offer(f, false, &f->vbd.ring_page);

    if (rc)
        return rc;
    ring_client_init(&f->vbd.ring, f->vbd.ring_page.page, BLK_SLOT_SIZE);
    rc = front_open_port(f);
    return rc ? rc : xsc_transact(f->guest->xs, publish_nodes, f);
}

static int vbd_publish_garbage(struct front *f)
{
    int rc = xsc_write(f->guest->xs, 0, f->dir, "ring-ref", "banana");

    return rc ? rc : xsc_write(f->guest->xs, 0, f->dir, "event-channel", "4294967295");
}

static int vbd_look(struct front *f)
{
    uint32_t sectors, info = 0;
    int rc = xsc_read_u32(f->guest->xs, 0, f->back, "sectors", &sectors);

    if (rc == 0)
        rc = xsc_read_u32(f->guest->xs, 0, f->back, "info", &info);
    if (rc)
        return rc;
    f->vbd.sectors = sectors;
    f->vbd.is_read_only = info & INFO_READ_ONLY;
    return 0;
}

static void vbd_release(struct front *f)
{
    front_withdraw(f, &f->vbd.ring_page);
    front_withdraw(f, &f->vbd.data);
}

static void vbd_serve(struct front *f)
{
    struct blk_response r;

    if (!f->vbd.ring_page.page)
        return;
    do {
        while (blk_answered(&f->vbd.ring, &r) == 1)
            shell_disk_done(f->guest->shell, f, r.status);
    } while (ring_client_more(&f->vbd.ring));
}

const struct front_kind front_kind_vbd = {
    .name = "vbd",
    .off_word = "noblk",
    .published = XB_INITIALISED,
    .publish = vbd_publish,
    .publish_garbage = vbd_publish_garbage,
    .look = vbd_look,
    .release = vbd_release,
    .serve = vbd_serve,
};

/* ---- what the shell asks ---- */

void *front_vbd_data(struct front *f)
{
    if (f->state != XB_CONNECTED || (!f->vbd.data.page && front_offer(f, false, &f->vbd.data)))
        return NULL;
    return f->vbd.data.page;
}

int front_vbd_ask(struct front *f, enum blk_op op, uint64_t sector, uint32_t count)
{
    struct blk_request q = {.op = (uint8_t)op, .segment_count = op != BLK_FLUSH, .id = sector, .sector = sector};
    int rc;

    if (!front_vbd_data(f))
        return -ENXIO;
    q.segments[0] = (struct blk_segment){f->vbd.data.ref, 0, (uint8_t)(count - 1)};
    rc = blk_ask(&f->vbd.ring, &q);
    if (rc == 0 && ring_client_push(&f->vbd.ring))
        front_kick(f);
    return rc;
}

void front_vbd_name(const struct front *f, char out[24])
{
    enum { MAJOR_XVD = 202, PARTITIONS = 16, EXTENDED = 1 << 28, EXTENDED_PARTITIONS = 256 };
    uint32_t minor = f->devid & 0xff, disk = minor / PARTITIONS, part = minor % PARTITIONS;

    if (f->devid & EXTENDED) {
        disk = (f->devid & (EXTENDED - 1)) / EXTENDED_PARTITIONS;
        part = f->devid % EXTENDED_PARTITIONS;
    } else if (f->devid >> 8 != MAJOR_XVD) {
        (void)snprintf(out, 24, "vbd%" PRIu32, f->devid);
        return;
    }
    if (disk < 26)
        (void)snprintf(out, 24, "xvd%c", (char)('a' + disk));
    else
        (void)snprintf(out, 24, "xvd%c%c", (char)('a' + (disk / 26 - 1) % 26), (char)('a' + disk % 26));
    if (part)
        (void)snprintf(out + strlen(out), 24 - strlen(out), "%" PRIu32, part);
}
