/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public functions on the block protocol.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "domo_ctx.h"
#include "ring/blk_io.h"
#include "ring/bus.h"

/* Bits of the node "info". */
enum { INFO_CDROM = 1, INFO_READ_ONLY = 4 };

_Static_assert((int)DOMO_BLK_SLOT == (int)BLK_SLOT_SIZE, "the public header's number");
_Static_assert((int)DOMO_BLK_SECTOR == (int)BLK_SECTOR_SIZE, "the public header's number");
_Static_assert((int)DOMO_BLK_SEGMENTS == (int)BLK_IO_SEGMENTS, "the public header's number");
_Static_assert((int)DOMO_PAGES_MAX >= (int)BLK_IO_SEGMENTS, "all pages of a request are mapped at once");
_Static_assert((int)DOMO_BLK_FLUSH == (int)BLK_FLUSH && (int)DOMO_BLK_DISCARD == (int)BLK_DISCARD, "Xen's numbers");

static struct bus_device *to_bus(struct domo_device *d)
{
    return (struct bus_device *)d;
}

/* ---- what the guest wants to know ---- */

int domo_blk_offer(struct domo_device *d, const struct domo_blk_disk *disk, struct domo_err *err)
{
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"sectors", disk->sectors},
        {"sector-size", DOMO_BLK_SECTOR},
        {"physical-sector-size", DOMO_BLK_SECTOR},
        {"info", (disk->cdrom ? (unsigned)INFO_CDROM : 0) | (disk->read_only ? (unsigned)INFO_READ_ONLY : 0)},
        {"feature-flush-cache", 1},
        {"feature-barrier", 0},
        {"feature-persistent", 0},
        {"feature-max-indirect-segments", DOMO_BLK_SEGMENTS},
        {"feature-discard", disk->discards && !disk->read_only},
        {"discard-granularity", DOMO_PAGE_SIZE},
        {"discard-alignment", 0},
        {"discard-secure", 0},
    };

    struct bus_node nodes[ARRAY_LEN(rows)];
    char texts[ARRAY_LEN(rows)][24];

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)snprintf(texts[i], sizeof texts[i], "%" PRIu64, rows[i].value);
        nodes[i] = (struct bus_node){.name = rows[i].name, .value = texts[i]};
    }
    return bus_write_all(to_bus(d), nodes, ARRAY_LEN(rows), err);
}

/* ---- requests ---- */

/* A page with segments of an indirect request: mapped, copied, unmapped. */
static int fetch(void *arg, uint32_t ref, uint8_t page[RING_PAGE_SIZE])
{
    struct bus_device *d = arg;
    void *theirs;

    if (bus_map(d, &ref, 1, false, &theirs, NULL))
        return -1;
    memcpy(page, theirs, RING_PAGE_SIZE);
    return bus_unmap(d, theirs, 1, NULL);
}

static int map_parts(struct bus_device *d, const struct blk_io *io, struct domo_blk_request *ret)
{
    uint32_t refs[BLK_IO_SEGMENTS];

    for (size_t i = 0; i < io->count; i++)
        refs[i] = io->segments[i].ref;
    /* To read the disk is to write the guest's pages. */
    if (io->count && bus_map(d, refs, io->count, io->op == BLK_READ, &ret->pages_, NULL))
        return -1;
    ret->page_count_ = ret->part_count = io->count;
    for (size_t i = 0; i < io->count; i++) {
        const struct blk_segment *s = &io->segments[i];

        ret->parts[i].bytes = (uint8_t *)ret->pages_ + i * RING_PAGE_SIZE + (size_t)s->first * BLK_SECTOR_SIZE;
        ret->parts[i].len = ((size_t)(s->last - s->first) + 1) * BLK_SECTOR_SIZE;
    }
    return 0;
}

/* BLK_OKAY: it is *ret's. */
static enum blk_status read_request(struct bus_device *d, const struct blk_request *q, const struct blk_disk *disk,
                                    struct domo_blk_request *ret)
{
    struct blk_io io;
    enum blk_status status = blk_io_read(q, disk, fetch, d, &io);

    memset(ret, 0, offsetof(struct domo_blk_request, parts));
    ret->pages_ = NULL;
    ret->page_count_ = 0;
    ret->id_ = io.id;
    ret->op_ = io.answer_op;
    if (status != BLK_OKAY)
        return status;
    ret->op = (int)io.op;
    ret->sector = io.sector;
    ret->sectors = io.sectors;
    return map_parts(d, &io, ret) ? BLK_ERROR : BLK_OKAY;
}

static int ring_of(struct domo_device *d, struct ring_server **ret, struct domo_err *err)
{
    *ret = bus_ring(to_bus(d), 0);
    if (!*ret || (*ret)->slot_size != BLK_SLOT_SIZE)
        return err_set(err, DOMO_E_USAGE, "the device has no ring of the block protocol while it is not connected");
    return 0;
}

static int broken(struct domo_err *err)
{
    return err_set(err, DOMO_E_DEVICE_RING, "the guest's indices in its ring make no sense");
}

int domo_blk_take(struct domo_device *d, const struct domo_blk_disk *disk, struct domo_blk_request *ret,
                  struct domo_err *err)
{
    const struct blk_disk on = {
        .sectors = disk->sectors, .read_only = disk->read_only, .discards = disk->discards && !disk->read_only};
    struct ring_server *s;

    if (ring_of(d, &s, err))
        return -1;
    /* A guest that asks for nonsense all the time keeps us for one ring full, not for ever. */
    for (uint32_t i = 0; i < s->slots; i++) {
        struct blk_request q;
        enum blk_status status;
        int rc = blk_take(s, &q);

        if (rc <= 0)
            return rc < 0 ? broken(err) : 0;
        status = read_request(to_bus(d), &q, &on, ret);
        if (status == BLK_OKAY)
            return 1;
        if (domo_blk_answer(d, ret, (int)status, err))
            return -1;
    }
    return 0;
}

int domo_blk_answer(struct domo_device *d, struct domo_blk_request *q, int status, struct domo_err *err)
{
    const struct blk_response r = {.id = q->id_, .op = q->op_, .status = (int16_t)status};
    struct ring_server *s;

    if (q->page_count_ && bus_unmap(to_bus(d), q->pages_, q->page_count_, err))
        return -1;
    q->page_count_ = q->part_count = 0;
    if (ring_of(d, &s, err))
        return -1;
    if (s->broken)
        return broken(err);
    if (s->answered == s->taken)
        return err_set(err, DOMO_E_USAGE, "no request waits for an answer");
    blk_answer(s, &r);
    bus_show(to_bus(d));
    return 0;
}
