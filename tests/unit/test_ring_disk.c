/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a disk served over a block ring moves the right bytes of the file, answers every request once, unmaps all
 * that it mapped, and a guest that asks for nonsense harms only itself.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "ring/disk.h"
#include "ring/share.h"

enum { PAGES = 16, SECTORS = 64 };

/* A guest with a few granted pages; reference i is page i, the odd ones are granted for reading alone. */
struct fixture {
    _Alignas(4096) uint8_t pages[PAGES][RING_PAGE_SIZE];
    _Alignas(4096) uint8_t ring[RING_PAGE_SIZE];
    struct ring_disk disk;
    struct ring_client front;
    int mapped;
};

static int fake_map(void *arg, uint32_t domid, uint32_t ref, bool write, void **ret)
{
    struct fixture *f = arg;

    assert_int_equal(domid, 5);
    if (ref >= PAGES)
        return -EINVAL;
    if (write && ref % 2)
        return -EPERM;
    f->mapped++;
    *ret = f->pages[ref];
    return 0;
}

static void fake_unmap(void *arg, uint32_t domid, uint32_t ref, void *page)
{
    struct fixture *f = arg;

    assert_int_equal(domid, 5);
    assert_ptr_equal(page, f->pages[ref]);
    f->mapped--;
}

static const struct line_ops ops = {.map = fake_map, .unmap = fake_unmap};

static int setup(void **state)
{
    struct fixture *f = aligned_alloc(4096, sizeof *f);
    char path[] = "/tmp/test-ring-disk-XXXXXX";

    assert_non_null(f);
    memset(f, 0, sizeof *f);
    f->disk = (struct ring_disk){.line = {&ops, f}, .domid = 5, .sectors = SECTORS};
    f->disk.fd = mkstemp(path);
    assert_true(f->disk.fd >= 0);
    (void)unlink(path);
    assert_int_equal(ftruncate(f->disk.fd, (off_t)SECTORS * BLK_SECTOR_SIZE), 0);
    ring_client_init(&f->front, f->ring, BLK_SLOT_SIZE);
    assert_int_equal(ring_server_attach(&f->disk.ring, f->ring, BLK_SLOT_SIZE), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(f->mapped, 0);
    (void)close(f->disk.fd);
    free(f);
    return 0;
}

/* One request of one segment; its status. */
static int ask(struct fixture *f, uint8_t op, uint64_t sector, uint32_t ref, uint8_t first, uint8_t last)
{
    struct blk_request q = {.op = op, .segment_count = op != BLK_FLUSH, .id = sector + 1, .sector = sector};
    struct blk_response r;
    bool kick;

    q.segments[0] = (struct blk_segment){ref, first, last};
    assert_int_equal(blk_ask(&f->front, &q), 0);
    assert_true(ring_client_push(&f->front));
    assert_int_equal(ring_disk_serve(&f->disk, &kick), 0);
    assert_true(kick);
    assert_int_equal(blk_answered(&f->front, &r), 1);
    assert_int_equal(r.id, sector + 1);
    assert_int_equal(r.op, op);
    assert_false(ring_client_more(&f->front));
    return r.status;
}

static void test_bytes(void **state)
{
    struct fixture *f = *state;
    char got[16] = "";

    memcpy(f->pages[2] + 3 * 512, "hello", 5);
    assert_int_equal(ask(f, BLK_WRITE, 10, 2, 3, 4), BLK_OKAY);
    assert_int_equal(pread(f->disk.fd, got, 5, 10 * 512), 5);
    assert_string_equal(got, "hello");
    assert_int_equal(ask(f, BLK_READ, 10, 4, 0, 0), BLK_OKAY);
    assert_memory_equal(f->pages[4], "hello\0", 6);
    assert_int_equal(ask(f, BLK_FLUSH, 0, 0, 0, 0), BLK_OKAY);
    assert_int_equal(f->disk.writes, 2);
    assert_int_equal(f->disk.reads, 1);
}

static void test_refused(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(ask(f, BLK_READ, SECTORS, 2, 0, 0), BLK_ERROR);
    assert_int_equal(ask(f, BLK_READ, 0, 99, 0, 0), BLK_ERROR); /* no such grant */
    assert_int_equal(ask(f, BLK_READ, 0, 3, 0, 0), BLK_ERROR);  /* would write a page granted for reading */
    assert_int_equal(ask(f, BLK_WRITE, 0, 3, 0, 0), BLK_OKAY);  /* reads it */
    assert_int_equal(ask(f, BLK_READ, 0, 2, 9, 9), BLK_ERROR);
    assert_int_equal(ask(f, BLK_DISCARD, 0, 2, 0, 0), BLK_UNSUPPORTED);
    f->disk.read_only = true;
    assert_int_equal(ask(f, BLK_WRITE, 0, 2, 0, 0), BLK_ERROR);
    assert_int_equal(ask(f, BLK_READ, 0, 2, 0, 0), BLK_OKAY);
    /* The file has become shorter than it was said to be. */
    assert_int_equal(ftruncate(f->disk.fd, 512), 0);
    assert_int_equal(ask(f, BLK_READ, 8, 2, 0, 0), BLK_ERROR);
}

static uint32_t rnd(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return (uint32_t)(*x >> 16);
}

/* Slots and indices full of random bytes: served in bounded time, nothing stays mapped, each request is answered. */
static void test_storm(void **state)
{
    struct fixture *f = *state;
    uint64_t x = 1234567;
    uint32_t broken = 0, served = 0;

    for (int i = 0; i < 3000; i++) {
        bool kick;
        int rc;

        for (size_t k = RING_HEAD_SIZE; k < RING_PAGE_SIZE; k++)
            f->ring[k] = (uint8_t)(rnd(&x) % 3 ? rnd(&x) % 12 : rnd(&x));
        share_set(f->ring, rnd(&x) % 50 ? share_get(f->ring + 8) + rnd(&x) % 33 : rnd(&x));
        share_set(f->ring + 12, rnd(&x));
        rc = ring_disk_serve(&f->disk, &kick);
        assert_int_equal(f->mapped, 0);
        if (rc < 0) {
            assert_false(kick);
            assert_int_equal(ring_disk_serve(&f->disk, &kick), -EPROTO);
            share_set(f->ring, share_get(f->ring + 8));
            assert_int_equal(ring_server_attach(&f->disk.ring, f->ring, BLK_SLOT_SIZE), 0);
            broken++;
        } else {
            assert_int_equal(share_get(f->ring), share_get(f->ring + 8)); /* as many answers as requests */
            served++;
        }
    }
    assert_true(broken > 10);
    assert_true(served > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_storm, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
