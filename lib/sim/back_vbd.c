/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The block back ends: one opens what physical-device names, as the kernel's
 * does; one opens the file that params names, as QEMU does. Both map the
 * guest's ring, and serve it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "sim/back.h"
#include "sim/node.h"

/* Flags of the node "info". */
enum { INFO_CDROM = 1, INFO_READ_ONLY = 4 };

static bool vbd_probe(struct back *b)
{
    struct xsc *xs = b->all->xs;

    b->vbd.port = b->vbd.file = -1;
    if (xsc_write(xs, 0, b->dir, "multi-queue-max-queues", "1") || xsc_write(xs, 0, b->dir, "max-ring-page-order", "0"))
        return false;
    back_switch(b, XB_INIT_WAIT);
    return true;
}

/* ---- the ring ---- */

static void disconnect(struct back *b)
{
    back_unbind(b, &b->vbd.port);
    back_unmap(b, &b->vbd.ring);
}

static int check_protocol(struct back *b)
{
    char *AUTO_FREE protocol = NULL;

    if (xsc_read(b->all->xs, 0, b->front, "protocol", &protocol) || str_eq(protocol, "x86_64-abi"))
        return 0;
    back_fail(b, ENOSYS, "unknown fe protocol %s", protocol);
    return -ENOSYS;
}

/* More than one ring or page was not offered. */
static int check_queues(struct back *b)
{
    uint32_t n;

    if (xsc_read_u32(b->all->xs, 0, b->front, "multi-queue-num-queues", &n) == 0 && n > 1) {
        back_fail(b, ENOSYS, "guest requested %" PRIu32 " queues, exceeding the maximum of 1.", n);
        return -ENOSYS;
    }
    if (xsc_read_u32(b->all->xs, 0, b->front, "ring-page-order", &n) == 0 && n > 0) {
        back_fail(b, EINVAL, "invalid ring-page-order %" PRIu32, n);
        return -EINVAL;
    }
    return 0;
}

static int read_front(struct back *b, const char *name, uint32_t *ret)
{
    if (xsc_read_u32(b->all->xs, 0, b->front, name, ret) == 0)
        return 0;
    back_fail(b, EINVAL, "reading %s/%s", b->front, name);
    return -EINVAL;
}

static int map_ring(struct back *b, uint32_t ref, uint32_t port)
{
    struct back_vbd *v = &b->vbd;
    int rc = back_map(b, ref, &v->ring);

    if (rc == 0)
        rc = ring_server_attach(&v->disk.ring, v->ring.page, BLK_SLOT_SIZE) ? -EIO : 0;
    if (rc == 0) {
        v->port = back_bind(b, port);
        rc = v->port < 0 ? v->port : 0;
    }
    if (rc)
        back_fail(b, -rc, "mapping ring-ref port %" PRIu32, port);
    return rc;
}

static int connect_ring(struct back *b)
{
    uint32_t ref, port;
    int rc = check_protocol(b) || check_queues(b) ? -EINVAL : 0;

    if (rc == 0)
        rc = read_front(b, "event-channel", &port);
    if (rc == 0)
        rc = read_front(b, "ring-ref", &ref);
    if (rc == 0)
        rc = map_ring(b, ref, port);
    if (rc)
        disconnect(b);
    return rc;
}

/* ---- connected ---- */

static int describe(struct xsc *xs, uint32_t tx, void *arg)
{
    const struct back *b = arg;
    const struct back_vbd *v = &b->vbd;
    unsigned info = (v->is_cdrom ? (unsigned)INFO_CDROM : 0) | (v->disk.read_only ? (unsigned)INFO_READ_ONLY : 0);
    int rc = xsc_write(xs, tx, b->dir, "feature-flush-cache", "1");

    if (rc == 0)
        rc = xsc_write(xs, tx, b->dir, "feature-barrier", "0");
    if (rc == 0)
        rc = xsc_write(xs, tx, b->dir, "feature-persistent", "0");
    if (rc == 0)
        rc = xsc_writef(xs, tx, b->dir, "sectors", "%" PRIu64, v->disk.sectors);
    if (rc == 0)
        rc = xsc_writef(xs, tx, b->dir, "info", "%u", info);
    if (rc == 0)
        rc = xsc_writef(xs, tx, b->dir, "sector-size", "%d", BLK_SECTOR_SIZE);
    return rc ? rc : xsc_writef(xs, tx, b->dir, "physical-sector-size", "%d", BLK_SECTOR_SIZE);
}

/* When both halves are there: the disk, and the guest's ring. */
static void connect_if_ready(struct back *b)
{
    int rc;

    if (!b->vbd.is_open || b->vbd.port < 0 || b->state == XB_CONNECTED)
        return;
    rc = xsc_transact(b->all->xs, describe, b);
    if (rc) {
        back_fail(b, -rc, "writing %s", b->dir);
        return;
    }
    back_switch(b, XB_CONNECTED);
    back_kicked(b); /* requests may wait already */
}

/* How the disk is to be opened. */
static int read_mode(struct back *b)
{
    char *AUTO_FREE mode = NULL;
    char *AUTO_FREE type = NULL;

    if (xsc_read(b->all->xs, 0, b->dir, "mode", &mode)) {
        back_fail(b, ENOENT, "reading mode");
        return -ENOENT;
    }
    if (xsc_read(b->all->xs, 0, b->dir, "device-type", &type) == 0)
        b->vbd.is_cdrom = str_eq(type, "cdrom");
    b->vbd.disk.read_only = strchr(mode, 'w') == NULL;
    return 0;
}

static void opened(struct back *b, int fd, uint64_t size)
{
    struct back_vbd *v = &b->vbd;

    v->is_open = true;
    v->disk.line = b->all->line;
    v->disk.domid = b->domid;
    v->disk.fd = fd;
    v->disk.sectors = size / BLK_SECTOR_SIZE;
}

static int open_disk(struct back *b, uint32_t major, uint32_t minor)
{
    struct back_vbd *v = &b->vbd;
    uint64_t size;
    int fd;

    if (read_mode(b))
        return -ENOENT;
    if (node_block_open(b->all->node, b->domid, b->devid, major, minor, !v->disk.read_only, &fd, &size)) {
        back_fail(b, ENOENT, "creating vbd structure");
        return -ENOENT;
    }
    v->major = major;
    v->minor = minor;
    opened(b, fd, size);
    return 0;
}

/* Raw images are served; of others the size of the file is all that is known, and every request fails. An empty drive
 * has neither. */
static int open_image(struct back *b, const char *params)
{
    const char *path = strchr(params, ':');
    bool is_raw = str_starts(params, "aio:");
    struct stat st = {.st_size = 0};

    if (read_mode(b))
        return -ENOENT;
    if (!path || !path[1]) {
        opened(b, -1, 0);
        return 0;
    }
    b->vbd.file = open(path + 1, (b->vbd.disk.read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (b->vbd.file < 0 || fstat(b->vbd.file, &st)) {
        back_fail(b, errno, "opening %s", path + 1);
        return -ENOENT;
    }
    opened(b, is_raw ? b->vbd.file : -1, (uint64_t)st.st_size);
    return 0;
}

/* params. One that is open already stays. */
static void qdisk_own_changed(struct back *b)
{
    char *AUTO_FREE text = NULL;

    if (b->vbd.is_open || xsc_read(b->all->xs, 0, b->dir, "params", &text))
        return;
    if (open_image(b, text) == 0)
        connect_if_ready(b);
}

/* physical-device. One that is open already stays. */
static void vbd_own_changed(struct back *b)
{
    char *AUTO_FREE text = NULL;
    uint32_t major, minor;

    if (xsc_read(b->all->xs, 0, b->dir, "physical-device", &text))
        return;
    if (sscanf(text, "%" SCNx32 ":%" SCNx32, &major, &minor) != 2) {
        back_fail(b, EINVAL, "reading physical-device");
        return;
    }
    if (!b->vbd.is_open && open_disk(b, major, minor) == 0)
        connect_if_ready(b);
}

static bool vbd_front_changed(struct back *b, int state)
{
    switch (state) {
    case XB_INITIALISING:
        if (b->state == XB_CLOSED)
            back_switch(b, XB_INIT_WAIT);
        return false;
    case XB_INITIALISED:
    case XB_CONNECTED:
        if (b->state == XB_CONNECTED)
            return false;
        disconnect(b);
        if (connect_ring(b) == 0)
            connect_if_ready(b);
        return false;
    case XB_CLOSING:
        back_switch(b, XB_CLOSING);
        return false;
    case XB_CLOSED:
        disconnect(b);
        back_switch(b, XB_CLOSED);
        return !back_is_online(b);
    case XB_UNKNOWN:
        return true;
    default:
        back_fail(b, EINVAL, "saw state %d at frontend", state);
        return false;
    }
}

static bool vbd_serve(struct back *b)
{
    struct back_vbd *v = &b->vbd;
    bool kick;
    int rc;

    if (b->state != XB_CONNECTED || v->port < 0)
        return false;
    rc = ring_disk_serve(&v->disk, &kick);
    if (kick)
        b->all->line.ops->port_kick(b->all->line.arg, (uint32_t)v->port);
    return rc > 0;
}

static void vbd_remove(struct back *b)
{
    disconnect(b);
    if (b->vbd.is_open)
        node_block_close(b->all->node, b->domid, b->devid);
    b->vbd.is_open = false;
}

const struct back_kind back_kind_vbd = {
    .name = "vbd",
    .probe = vbd_probe,
    .front_changed = vbd_front_changed,
    .own_changed = vbd_own_changed,
    .watched = "physical-device",
    .serve = vbd_serve,
    .remove = vbd_remove,
};

static void qdisk_remove(struct back *b)
{
    disconnect(b);
    if (b->vbd.file >= 0)
        (void)close(b->vbd.file);
    b->vbd.file = -1;
    b->vbd.is_open = false;
}

const struct back_kind back_kind_qdisk = {
    .name = "qdisk",
    .probe = vbd_probe,
    .front_changed = vbd_front_changed,
    .own_changed = qdisk_own_changed,
    .watched = "params",
    .serve = vbd_serve,
    .remove = qdisk_remove,
};
