/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: what lib/ring reads and writes lies where Xen's public headers say.
 */
#include "unit.h"

#include <xen/xen.h>
/* These need the one above. */
#include <xen/io/blkif.h>
#include <xen/io/console.h>
#include <xen/io/netif.h>
#include <xen/io/xs_wire.h>

#include "ring/blk.h"
#include "ring/net.h"
#include "ring/stream.h"

#define AT(ring, member) (offsetof(struct ring, member))

static void test_rings(void **state)
{
    (void)state;
    assert_int_equal(AT(blkif_sring, req_prod), 0);
    assert_int_equal(AT(blkif_sring, req_event), 4);
    assert_int_equal(AT(blkif_sring, rsp_prod), 8);
    assert_int_equal(AT(blkif_sring, rsp_event), 12);
    assert_int_equal(AT(blkif_sring, ring), RING_HEAD_SIZE);
    assert_int_equal(sizeof(union blkif_sring_entry), BLK_SLOT_SIZE);
    assert_int_equal(sizeof(union netif_tx_sring_entry), NET_TX_SLOT_SIZE);
    assert_int_equal(sizeof(union netif_rx_sring_entry), NET_RX_SLOT_SIZE);
    assert_int_equal(ring_slots(1, BLK_SLOT_SIZE), __CONST_RING_SIZE(blkif, RING_PAGE_SIZE));
    assert_int_equal(ring_slots(1, NET_TX_SLOT_SIZE), __CONST_RING_SIZE(netif_tx, RING_PAGE_SIZE));
    assert_int_equal(BLK_SEGMENTS, BLKIF_MAX_SEGMENTS_PER_REQUEST);
}

static _Alignas(4096) uint8_t page[RING_PAGE_SIZE];

/* What we ask is what the header's structure shows, and the other way round. */
static void test_blk(void **state)
{
    const blkif_request_t *q = (const void *)(page + RING_HEAD_SIZE);
    blkif_response_t *r = (void *)(page + RING_HEAD_SIZE);
    struct blk_request ours = {
        .op = BLK_WRITE, .segment_count = 3, .handle = 9, .id = 1ull << 40, .sector = 1ull << 41};
    struct blk_response got;
    struct ring_client c;

    (void)state;
    ours.segments[2] = (struct blk_segment){77, 3, 4};
    ring_client_init(&c, page, BLK_SLOT_SIZE);
    assert_int_equal(blk_ask(&c, &ours), 0);
    assert_int_equal(q->operation, BLKIF_OP_WRITE);
    assert_int_equal(q->nr_segments, 3);
    assert_int_equal(q->handle, 9);
    assert_int_equal(q->id, 1ull << 40);
    assert_int_equal(q->sector_number, 1ull << 41);
    assert_int_equal(q->seg[2].gref, 77);
    assert_int_equal(q->seg[2].first_sect, 3);
    assert_int_equal(q->seg[2].last_sect, 4);
    IGNORE(ring_client_push(&c));
    r->id = 5;
    r->operation = BLKIF_OP_WRITE;
    r->status = BLKIF_RSP_EOPNOTSUPP;
    *(uint32_t *)(void *)(page + 8) = 1;
    assert_int_equal(blk_answered(&c, &got), 1);
    assert_int_equal(got.id, 5);
    assert_int_equal(got.status, BLK_UNSUPPORTED);
    assert_int_equal(BLK_FLUSH, BLKIF_OP_FLUSH_DISKCACHE);
    assert_int_equal(BLK_DISCARD, BLKIF_OP_DISCARD);
    assert_int_equal(BLK_INDIRECT, BLKIF_OP_INDIRECT);
}

static void test_net(void **state)
{
    const netif_tx_request_t *q = (const void *)(page + RING_HEAD_SIZE);
    const netif_rx_response_t *r = (const void *)(page + RING_HEAD_SIZE);
    struct net_tx ours = {.ref = 5, .offset = 6, .flags = NET_TX_MORE_DATA, .id = 7, .size = 8};
    struct ring_client c;
    struct ring_server s;
    struct net_rx rx;

    (void)state;
    ring_client_init(&c, page, NET_TX_SLOT_SIZE);
    assert_int_equal(net_tx_ask(&c, &ours), 0);
    assert_int_equal(q->gref, 5);
    assert_int_equal(q->offset, 6);
    assert_int_equal(q->flags, NETTXF_more_data);
    assert_int_equal(q->id, 7);
    assert_int_equal(q->size, 8);
    ring_client_init(&c, page, NET_RX_SLOT_SIZE);
    assert_int_equal(ring_server_attach(&s, page, NET_RX_SLOT_SIZE), 0);
    assert_int_equal(net_rx_ask(&c, &(struct net_rx){.id = 3, .ref = 4}), 0);
    assert_int_equal(((const netif_rx_request_t *)(const void *)r)->gref, 4);
    IGNORE(ring_client_push(&c));
    assert_int_equal(net_rx_take(&s, &rx), 1);
    net_rx_answer(&s, &(struct net_rx_done){.id = rx.id, .offset = 2, .flags = 1, .status = 60});
    assert_int_equal(r->id, 3);
    assert_int_equal(r->offset, 2);
    assert_int_equal(r->flags, 1);
    assert_int_equal(r->status, 60);
}

#define LANE(lane, type, ring, c, p)                                                                                   \
    do {                                                                                                               \
        assert_int_equal((lane).bytes, offsetof(type, ring));                                                          \
        assert_int_equal((lane).size, sizeof(((type *)0)->ring));                                                      \
        assert_int_equal((lane).cons, offsetof(type, c));                                                              \
        assert_int_equal((lane).prod, offsetof(type, p));                                                              \
    } while (0)

static void test_streams(void **state)
{
    (void)state;
    LANE(stream_console_in, struct xencons_interface, in, in_cons, in_prod);
    LANE(stream_console_out, struct xencons_interface, out, out_cons, out_prod);
    LANE(stream_store_req, struct xenstore_domain_interface, req, req_cons, req_prod);
    LANE(stream_store_rsp, struct xenstore_domain_interface, rsp, rsp_cons, rsp_prod);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rings),
        cmocka_unit_test(test_blk),
        cmocka_unit_test(test_net),
        cmocka_unit_test(test_streams),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
