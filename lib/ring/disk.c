/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ring/disk.h"

#include <errno.h>
#include <unistd.h>

/* Reads or writes all of it; a file that ends early is an error. */
static bool move_all(int fd, bool write, uint8_t *bytes, size_t len, off_t at)
{
    while (len) {
        ssize_t n = write ? pwrite(fd, bytes, len, at) : pread(fd, bytes, len, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool move_segment(struct ring_disk *d, const struct blk_segment *s, bool write, uint64_t sector)
{
    size_t len = ((size_t)(s->last - s->first) + 1) * BLK_SECTOR_SIZE;
    void *page;
    bool ok;

    /* To read the disk is to write the guest's page. */
    if (d->line.ops->map(d->line.arg, d->domid, s->ref, !write, &page))
        return false;
    ok = move_all(d->fd, write, (uint8_t *)page + (size_t)s->first * BLK_SECTOR_SIZE, len,
                  (off_t)(sector * BLK_SECTOR_SIZE));
    d->line.ops->unmap(d->line.arg, d->domid, s->ref, page);
    return ok;
}

static enum blk_status carry_out(struct ring_disk *d, const struct blk_request *q)
{
    uint64_t sectors, sector = q->sector;
    enum blk_status status = blk_judge(q, d->sectors, d->read_only, &sectors);

    if (status != BLK_OKAY)
        return status;
    if (q->op == BLK_FLUSH)
        return fdatasync(d->fd) ? BLK_ERROR : BLK_OKAY;
    for (size_t i = 0; i < q->segment_count; i++) {
        const struct blk_segment *s = &q->segments[i];

        if (!move_segment(d, s, q->op == BLK_WRITE, sector))
            return BLK_ERROR;
        sector += (uint64_t)(s->last - s->first) + 1;
    }
    *(q->op == BLK_WRITE ? &d->writes : &d->reads) += sectors;
    return BLK_OKAY;
}

int ring_disk_serve(struct ring_disk *d, bool *ret_kick)
{
    struct blk_request q;
    int rc = 0;

    *ret_kick = false;
    for (uint32_t n = 0; n < d->ring.slots; n++) {
        struct blk_response r;

        rc = blk_take(&d->ring, &q);
        if (rc <= 0)
            break;
        r = (struct blk_response){.id = q.id, .op = q.op, .status = (int16_t)carry_out(d, &q)};
        blk_answer(&d->ring, &r);
    }
    if (rc < 0)
        return rc;
    *ret_kick = ring_server_push(&d->ring);
    return rc > 0 || ring_server_more(&d->ring);
}
