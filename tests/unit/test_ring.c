/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: rings carry requests, responses and bytes both ways, for ever (indices wrap), kick only who sleeps, and an
 * other end that writes nonsense into the shared page gets an error or a broken ring, never a crash or a loop.
 */
#include "unit.h"

#include <errno.h>

#include "ring/blk.h"
#include "ring/net.h"
#include "ring/ring.h"
#include "ring/share.h"
#include "ring/stream.h"

static _Alignas(4096) uint8_t page[RING_PAGE_SIZE];

enum { REQ_PROD = 0, RSP_PROD = 8 };

static uint32_t rnd(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return (uint32_t)(*x >> 16);
}

static void test_slots(void **state)
{
    (void)state;
    assert_int_equal(ring_slots(1, BLK_SLOT_SIZE), 32);
    assert_int_equal(ring_slots(1, NET_TX_SLOT_SIZE), 256);
    assert_int_equal(ring_slots(1, NET_RX_SLOT_SIZE), 256);
}

static void test_talk(void **state)
{
    struct ring_client c;
    struct ring_server s;
    uint32_t i, asked = 0, answered = 0;

    (void)state;
    ring_client_init(&c, page, BLK_SLOT_SIZE);
    assert_int_equal(ring_server_attach(&s, page, BLK_SLOT_SIZE), 0);
    for (i = 0; i < 5000; i++) {
        struct blk_request q = {.op = BLK_READ, .segment_count = 1, .handle = 7, .id = i, .sector = i * 8ull};
        struct blk_request got;
        struct blk_response r;

        q.segments[0] = (struct blk_segment){i + 100, 1, 6};
        assert_int_equal(blk_ask(&c, &q), 0);
        asked++;
        if (i % 3)
            continue;
        IGNORE(ring_client_push(&c));
        while (blk_take(&s, &got) == 1) {
            assert_int_equal(got.id, answered);
            assert_int_equal(got.sector, answered * 8ull);
            assert_int_equal(got.segments[0].ref, answered + 100);
            assert_int_equal(got.segments[0].last, 6);
            assert_int_equal(got.handle, 7);
            blk_answer(&s, &(struct blk_response){.id = got.id, .op = got.op, .status = BLK_ERROR});
            answered++;
        }
        assert_int_equal(asked, answered);
        IGNORE(ring_server_push(&s));
        assert_int_equal(blk_answered(&c, &r), 1);
        assert_int_equal(r.status, BLK_ERROR);
        while (blk_answered(&c, &r) == 1)
            ;
        assert_int_equal(r.id, i);
        assert_int_equal(ring_client_open(&c), 0);
    }
}

static void test_full(void **state)
{
    struct ring_client c;
    struct ring_server s;
    struct net_tx q = {.size = 60};
    struct net_tx_done r;

    (void)state;
    ring_client_init(&c, page, NET_TX_SLOT_SIZE);
    assert_int_equal(ring_server_attach(&s, page, NET_TX_SLOT_SIZE), 0);
    for (int i = 0; i < 256; i++)
        assert_int_equal(net_tx_ask(&c, &q), 0);
    assert_int_equal(net_tx_ask(&c, &q), -ENOSPC);
    /* Written, but not shown yet. */
    assert_int_equal(net_tx_take(&s, &q), 0);
    assert_true(ring_client_push(&c));
    assert_int_equal(net_tx_take(&s, &q), 1);
    /* Taken is not answered: there is no room before that. */
    assert_int_equal(net_tx_ask(&c, &q), -ENOSPC);
    net_tx_answer(&s, &(struct net_tx_done){.id = 3, .status = NET_OKAY});
    /* An answer too many is not written over anybody's request. */
    net_tx_answer(&s, &(struct net_tx_done){.id = 4, .status = NET_OKAY});
    assert_true(ring_server_push(&s));
    assert_int_equal(net_tx_answered(&c, &r), 1);
    assert_int_equal(r.id, 3);
    assert_int_equal(net_tx_answered(&c, &r), 0);
    assert_int_equal(net_tx_ask(&c, &q), 0);
}

/* Who is awake is not kicked; who said that it sleeps is, once. */
static void test_kicks(void **state)
{
    struct ring_client c;
    struct ring_server s;
    struct net_rx q = {.id = 1, .ref = 2};

    (void)state;
    ring_client_init(&c, page, NET_RX_SLOT_SIZE);
    assert_int_equal(ring_server_attach(&s, page, NET_RX_SLOT_SIZE), 0);
    assert_int_equal(net_rx_ask(&c, &q), 0);
    assert_true(ring_client_push(&c)); /* a fresh ring wants the first kick */
    assert_false(ring_client_push(&c));
    assert_int_equal(net_rx_ask(&c, &q), 0);
    assert_false(ring_client_push(&c)); /* it was told already and has not said that it sleeps again */
    assert_true(ring_server_more(&s));
    assert_int_equal(net_rx_take(&s, &q), 1);
    assert_int_equal(net_rx_take(&s, &q), 1);
    assert_false(ring_server_more(&s));
    assert_int_equal(net_rx_ask(&c, &q), 0);
    assert_true(ring_client_push(&c));
    assert_false(ring_server_push(&s));
    net_rx_answer(&s, &(struct net_rx_done){.id = 1, .status = 60});
    assert_true(ring_server_push(&s));
    assert_true(ring_client_more(&c));
}

static void test_bad_server_side(void **state)
{
    static const uint32_t bad[] = {257, 1000, 0x80000000, 0xffffffff};
    struct ring_client c;
    struct ring_server s;
    struct net_rx q = {.id = 1, .ref = 2};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        ring_client_init(&c, page, NET_RX_SLOT_SIZE);
        assert_int_equal(ring_server_attach(&s, page, NET_RX_SLOT_SIZE), 0);
        share_set(page + REQ_PROD, bad[i]);
        assert_int_equal(net_rx_take(&s, &q), -EPROTO);
        assert_false(ring_server_more(&s));
        share_set(page + REQ_PROD, 1);
        assert_int_equal(net_rx_take(&s, &q), -EPROTO); /* for good */
        share_set(page + REQ_PROD, bad[i]);
        assert_int_equal(ring_server_attach(&s, page, NET_RX_SLOT_SIZE), -EPROTO);
    }
    /* Requests that were taken cannot be taken back. */
    ring_client_init(&c, page, NET_RX_SLOT_SIZE);
    assert_int_equal(ring_server_attach(&s, page, NET_RX_SLOT_SIZE), 0);
    share_set(page + REQ_PROD, 3);
    assert_int_equal(net_rx_take(&s, &q), 1);
    assert_int_equal(net_rx_take(&s, &q), 1);
    share_set(page + REQ_PROD, 1);
    assert_int_equal(net_rx_take(&s, &q), -EPROTO);
}

static void test_bad_client_side(void **state)
{
    struct ring_client c;
    struct net_rx q = {.id = 1, .ref = 2};
    struct net_rx_done r;

    (void)state;
    ring_client_init(&c, page, NET_RX_SLOT_SIZE);
    assert_int_equal(net_rx_ask(&c, &q), 0);
    share_set(page + RSP_PROD, 1); /* an answer to what was not shown yet */
    assert_int_equal(net_rx_answered(&c, &r), -EPROTO);
    assert_int_equal(net_rx_ask(&c, &q), -EPROTO);
    assert_false(ring_client_more(&c));
    assert_false(ring_client_push(&c));
}

static void test_stream(void **state)
{
    struct stream in, out;
    char got[4096];
    uint64_t x = 7;

    (void)state;
    memset(page, 0, sizeof page);
    stream_writer(&in, &stream_console_in, page);
    stream_reader(&out, &stream_console_in, page);
    assert_int_equal(stream_room(&in), 1024);
    for (uint32_t i = 0, sent = 0, read = 0; i < 20000; i++) {
        uint8_t bytes[700];
        size_t len = rnd(&x) % sizeof bytes;
        ssize_t n;

        for (size_t k = 0; k < len; k++)
            bytes[k] = (uint8_t)(sent + k);
        n = stream_write(&in, bytes, len);
        assert_true(n >= 0 && (size_t)n <= len);
        sent += (uint32_t)n;
        n = stream_read(&out, got, rnd(&x) % 700);
        assert_true(n >= 0);
        for (ssize_t k = 0; k < n; k++)
            assert_int_equal((uint8_t)got[k], (uint8_t)(read + (uint32_t)k));
        read += (uint32_t)n;
        assert_int_equal(stream_waiting(&out), sent - read);
    }
}

static void test_bad_stream(void **state)
{
    struct stream r, w;
    char bytes[4096];

    (void)state;
    memset(page, 0, sizeof page);
    stream_reader(&r, &stream_console_out, page);
    stream_writer(&w, &stream_console_in, page);
    share_set(page + stream_console_out.prod, 2049);
    assert_int_equal(stream_read(&r, bytes, sizeof bytes), -EPROTO);
    assert_int_equal(stream_waiting(&r), -EPROTO);
    share_set(page + stream_console_in.cons, 1);
    assert_int_equal(stream_write(&w, bytes, 1), -EPROTO);
    assert_int_equal(stream_room(&w), -EPROTO);
    /* Mended. */
    share_set(page + stream_console_out.prod, 2048);
    share_set(page + stream_console_in.cons, 0);
    assert_int_equal(stream_read(&r, bytes, sizeof bytes), 2048);
    assert_int_equal(stream_write(&w, bytes, sizeof bytes), 1024);
    assert_int_equal(stream_write(&w, bytes, sizeof bytes), 0);
}

/* Garbage everywhere in the page, all the time: each call ends, takes at most a ring full, and stays inside. */
static void test_storm(void **state)
{
    uint64_t x = 88172645463325252u;
    uint32_t attached = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct ring_server s;
        struct ring_client c;
        struct blk_request q;
        struct blk_response r;
        uint32_t n = 0;

        for (size_t k = 0; k < sizeof page; k += 4)
            share_set(page + k, rnd(&x));
        if (rnd(&x) % 2)
            share_set(page + REQ_PROD, share_get(page + RSP_PROD) + rnd(&x) % 33);
        attached += ring_server_attach(&s, page, BLK_SLOT_SIZE) == 0;
        while (blk_take(&s, &q) == 1) {
            uint64_t sectors;
            enum blk_status status = blk_judge(&q, 100, rnd(&x) % 2, &sectors);

            assert_true(status != BLK_OKAY || sectors <= 88);
            blk_answer(&s, &(struct blk_response){.id = q.id, .op = q.op, .status = (int16_t)status});
            if (rnd(&x) % 8 == 0)
                share_set(page + REQ_PROD, rnd(&x));
            assert_true(++n <= 32);
        }
        IGNORE(ring_server_push(&s));
        ring_client_init(&c, page, BLK_SLOT_SIZE);
        assert_int_equal(blk_ask(&c, &q), 0);
        IGNORE(ring_client_push(&c));
        share_set(page + RSP_PROD, rnd(&x) % 3);
        for (n = 0; blk_answered(&c, &r) == 1; n++)
            assert_true(n < 32);
    }
    assert_true(attached > 5000);
}

/* Each kind of request and each number just inside and just outside. */
static void test_judge(void **state)
{
    static const struct {
        uint8_t op, count, first, last;
        uint64_t sector;
        bool read_only;
        enum blk_status status;
    } rows[] = {
        {BLK_READ, 1, 0, 7, 0, false, BLK_OKAY},
        {BLK_READ, 1, 0, 7, 92, true, BLK_OKAY},
        {BLK_READ, 1, 0, 7, 93, false, BLK_ERROR},
        {BLK_READ, 1, 0, 7, UINT64_MAX, false, BLK_ERROR},
        {BLK_READ, 1, 0, 7, UINT64_MAX - 7, false, BLK_ERROR},
        {BLK_READ, 11, 0, 7, 12, false, BLK_OKAY},
        {BLK_READ, 11, 0, 7, 13, false, BLK_ERROR},
        {BLK_READ, 12, 0, 7, 0, false, BLK_ERROR},
        {BLK_READ, 255, 0, 7, 0, false, BLK_ERROR},
        {BLK_READ, 0, 0, 7, 0, false, BLK_ERROR},
        {BLK_READ, 1, 0, 8, 0, false, BLK_ERROR},
        {BLK_READ, 1, 255, 255, 0, false, BLK_ERROR},
        {BLK_READ, 1, 5, 4, 0, false, BLK_ERROR},
        {BLK_READ, 1, 7, 7, 99, false, BLK_OKAY},
        {BLK_WRITE, 1, 0, 7, 0, false, BLK_OKAY},
        {BLK_WRITE, 1, 0, 7, 0, true, BLK_ERROR},
        {BLK_FLUSH, 0, 0, 0, 0, false, BLK_OKAY},
        {BLK_FLUSH, 0, 0, 0, 0, true, BLK_OKAY},
        {BLK_FLUSH, 1, 0, 0, 0, false, BLK_UNSUPPORTED},
        {BLK_BARRIER, 1, 0, 7, 0, false, BLK_UNSUPPORTED},
        {BLK_RESERVED, 0, 0, 0, 0, false, BLK_UNSUPPORTED},
        {BLK_DISCARD, 0, 0, 0, 0, false, BLK_UNSUPPORTED},
        {BLK_INDIRECT, 1, 0, 0, 0, false, BLK_UNSUPPORTED},
        {200, 1, 0, 0, 0, false, BLK_UNSUPPORTED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct blk_request q = {.op = rows[i].op, .segment_count = rows[i].count, .sector = rows[i].sector};
        uint64_t sectors;

        for (size_t k = 0; k < BLK_SEGMENTS; k++)
            q.segments[k] = (struct blk_segment){1, rows[i].first, rows[i].last};
        if (blk_judge(&q, 100, rows[i].read_only, &sectors) != rows[i].status)
            fail_msg("row %zu", i);
    }
    assert_true(net_tx_is_sane(&(struct net_tx){.offset = 4000, .size = 96}));
    assert_false(net_tx_is_sane(&(struct net_tx){.offset = 4000, .size = 97}));
    assert_false(net_tx_is_sane(&(struct net_tx){.offset = 65535, .size = 65535}));
    assert_false(net_tx_is_sane(&(struct net_tx){.size = 13}));
    assert_false(net_tx_is_sane(&(struct net_tx){.size = 60, .flags = NET_TX_EXTRA_INFO}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slots),
        cmocka_unit_test(test_talk),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_kicks),
        cmocka_unit_test(test_bad_server_side),
        cmocka_unit_test(test_bad_client_side),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_bad_stream),
        cmocka_unit_test(test_storm),
        cmocka_unit_test(test_judge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
