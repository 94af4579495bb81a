/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: whatever a guest writes into its block ring and console pages
 * between two kicks, the end that serves them touches nothing beyond the pages
 * and the file, answers no request twice, leaves nothing mapped, and ends.
 * Input: records of a 16-bit place, a length byte and that many bytes; a place
 * above the two pages is a kick.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "ring/disk.h"
#include "ring/share.h"
#include "ring/stream.h"

enum { PAGE = 4096, DATA_PAGES = 4, SECTORS = 16 };

static uint8_t *data[DATA_PAGES];
static int mapped;

static int map(void *arg, uint32_t domid, uint32_t ref, bool write, void **ret_page)
{
    (void)arg;
    (void)domid;
    (void)write;
    if (ref >= DATA_PAGES)
        return -1;
    mapped++;
    *ret_page = data[ref];
    return 0;
}

static void unmap(void *arg, uint32_t domid, uint32_t ref, void *page)
{
    (void)arg;
    (void)domid;
    if (ref >= DATA_PAGES || data[ref] != page)
        abort();
    mapped--;
}

/* Pages of their own, so that a step beyond one is seen. */
static uint8_t *new_page(void)
{
    uint8_t *page = malloc(PAGE);

    if (!page)
        abort();
    memset(page, 0, PAGE);
    return page;
}

static void kick(struct ring_disk *d, struct stream *in, struct stream *out)
{
    uint32_t before = d->ring.pushed;
    uint8_t bytes[PAGE];
    ssize_t n;
    bool wanted;
    int rc = ring_disk_serve(d, &wanted);

    if (mapped || (rc < 0 && (wanted || !d->ring.broken)) || d->ring.pushed - before > d->ring.slots)
        abort();
    /* Every request that was taken has been answered, and the guest was shown it. */
    if (rc >= 0 && (d->ring.taken != d->ring.pushed ||
                    (d->ring.pushed != before && share_get(d->ring.page + 8) != d->ring.pushed)))
        abort();
    n = stream_read(out, bytes, sizeof bytes);
    if (n > (ssize_t)out->lane->size)
        abort();
    if (n > 0 && stream_write(in, bytes, (size_t)n) > n)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const struct line_ops ops = {.map = map, .unmap = unmap};
    struct ring_disk disk = {.line = {&ops, NULL}, .domid = 1, .sectors = SECTORS};
    uint8_t *page[2] = {new_page(), new_page()};
    struct stream in, out;
    size_t i = 0;

    for (size_t k = 0; k < DATA_PAGES; k++)
        data[k] = new_page();
    disk.fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (disk.fd < 0 || ftruncate(disk.fd, (off_t)SECTORS * BLK_SECTOR_SIZE) ||
        ring_server_attach(&disk.ring, page[0], BLK_SLOT_SIZE))
        abort();
    stream_writer(&in, &stream_console_in, page[1]);
    stream_reader(&out, &stream_console_out, page[1]);
    while (i + 3 <= len) {
        size_t at = bytes[i] | (size_t)bytes[i + 1] << 8, n = bytes[i + 2];

        i += 3;
        n = n < len - i ? n : len - i;
        if (at < 2 * PAGE)
            memcpy(page[at / PAGE] + at % PAGE, bytes + i, n < PAGE - at % PAGE ? n : PAGE - at % PAGE);
        else
            kick(&disk, &in, &out);
        i += n;
    }
    kick(&disk, &in, &out);
    if (lseek(disk.fd, 0, SEEK_END) != (off_t)SECTORS * BLK_SECTOR_SIZE)
        abort();
    (void)close(disk.fd);
    for (size_t k = 0; k < DATA_PAGES; k++)
        free(data[k]);
    free(page[0]);
    free(page[1]);
    return 0;
}
