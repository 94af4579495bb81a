/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a guest's ring carries the protocol in any pieces; a guest that
 * writes anything at any time into its page harms nobody but itself, and its
 * domain stays known until it is destroyed.
 */
#include <errno.h>
#include <stdio.h>

#include "unit.h"

#include "store_client.h"

enum {
    PAGE = 4096,
    REQ_CONS = 2048,
    REQ_PROD = 2052,
    RSP_CONS = 2056,
    RSP_PROD = 2060,
    FEATURES = 2064,
    CONNECTION = 2068,
    ERROR = 2072
};

struct world {
    struct domostore *ds;
    struct client *priv, *guest;
    uint8_t *page[8];
    unsigned notified[8];
    unsigned unmapped;
};

static int ring_map(void *arg, uint16_t domid, uint64_t gfn, uint32_t port, void **ret_page)
{
    struct world *w = arg;

    (void)gfn;
    (void)port;
    if (domid >= 8)
        return -ENOENT;
    *ret_page = w->page[domid];
    return 0;
}

static void ring_unmap(void *arg, uint16_t domid, void *page)
{
    struct world *w = arg;

    assert_ptr_equal(page, w->page[domid]);
    w->unmapped++;
}

static void ring_notify(void *arg, uint16_t domid)
{
    struct world *w = arg;

    w->notified[domid]++;
}

static uint32_t *field(struct world *w, unsigned domid, size_t at)
{
    return (uint32_t *)(void *)(w->page[domid] + at);
}

static int setup(void **state)
{
    struct domostore_ops ops = {.ring_map = ring_map, .ring_unmap = ring_unmap, .ring_notify = ring_notify};
    struct world *w = calloc(1, sizeof *w);
    int i;

    assert_non_null(w);
    for (i = 0; i < 8; i++) {
        /* Exactly one page, so that a sanitizer sees each byte beyond it. */
        w->page[i] = aligned_alloc(PAGE, PAGE);
        memset(w->page[i], 0xa5, PAGE);
    }
    w->ds = domostore_new(&ops, w);
    w->priv = client_mem(w->ds, 0, true);
    assert_int_equal(domostore_introduce(w->ds, 1, 1, 1), 0);
    w->guest = client_ring(w->ds, 1, w->page[1]);
    assert_string_equal(client_path(w->priv, PROTO_MKDIR, 0, "/local/domain/1"), "OK");
    assert_string_equal(client_perms(w->priv, 0, "/local/domain/1", "n1"), "OK");
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    int i;

    client_free(w->priv);
    client_free(w->guest);
    (void)domostore_free(w->ds);
    for (i = 0; i < 8; i++)
        free(w->page[i]);
    free(w);
    return 0;
}

static void test_talk(void **state)
{
    struct world *w = *state;
    char big[3000];

    memset(big, 'x', sizeof big);
    big[1900] = '\0';
    assert_int_equal(*field(w, 1, FEATURES), 7);
    assert_string_equal(client_write(w->guest, 0, "a", big), "OK");
    assert_string_equal(client_path(w->guest, PROTO_READ, 0, "/local/domain/1/a"), big);
    assert_true(w->notified[1] > 0);
    assert_string_equal(client_path(w->guest, PROTO_READ, 0, "/tool"), "EACCES");
    assert_string_equal(client_watch(w->guest, "a", "t"), "OK");
    assert_true(client_has_event(w->guest, "a t"));
}

/* Puts a request into the ring, as far as there is room, and reads nothing. False: it did not fit. */
static bool push(struct world *w, uint32_t type, const char *payload, size_t len)
{
    struct proto_head head = {.type = type, .req_id = 9, .len = (uint32_t)len};
    char msg[PROTO_MSG_MAX];
    size_t i;

    proto_encode(msg, &head);
    memcpy(msg + PROTO_HEAD_SIZE, payload, len);
    for (i = 0; i < PROTO_HEAD_SIZE + len && *field(w, 1, REQ_PROD) - *field(w, 1, REQ_CONS) < 1024; i++)
        w->page[1][(*field(w, 1, REQ_PROD))++ & 1023] = (uint8_t)msg[i];
    domostore_ring_event(w->ds, 1);
    (void)domostore_turn(w->ds);
    return i == PROTO_HEAD_SIZE + len;
}

static void test_bad_indices(void **state)
{
    static const uint32_t bad[] = {1025, 4096, 0x7fffffff, 0x80000000, 0xffffffff};
    struct world *w = *state;
    size_t i;
    bool introduced;

    for (i = 0; i < ARRAY_LEN(bad); i++) {
        *field(w, 1, REQ_PROD) = *field(w, 1, REQ_CONS) + bad[i];
        domostore_ring_event(w->ds, 1);
        assert_int_equal(*field(w, 1, ERROR), 2);
        /* Deaf, but known. */
        assert_string_equal(client_path(w->guest, PROTO_READ, 0, "a"), "(none)");
        assert_int_equal(domostore_next_domain(w->ds, 0, &introduced), 1);
        assert_true(introduced);
        assert_int_equal(domostore_check(w->ds, NULL), 0);
        /* Introduced again it may speak again. */
        assert_int_equal(domostore_introduce(w->ds, 1, 1, 1), 0);
        assert_int_equal(*field(w, 1, ERROR), 0);
        assert_int_equal(*field(w, 1, REQ_PROD), 0);
        w->guest->have = 0;
        assert_string_equal(client_write(w->guest, 0, "a", "v"), "OK");
    }
    for (i = 0; i < ARRAY_LEN(bad); i++) {
        *field(w, 1, RSP_CONS) = *field(w, 1, RSP_PROD) - bad[i];
        assert_true(push(w, PROTO_READ, "a", 2));
        assert_int_equal(*field(w, 1, ERROR), 2);
        assert_string_equal(client_path(w->priv, PROTO_READ, 0, "/tool"), "");
        assert_int_equal(domostore_introduce(w->ds, 1, 1, 1), 0);
    }
}

/* What the server wrote into the page it does not believe: its own indices are its own. */
static void test_own_indices(void **state)
{
    struct world *w = *state;
    uint32_t prod, cons;

    assert_string_equal(client_write(w->guest, 0, "a", "v"), "OK");
    prod = *field(w, 1, REQ_PROD);
    cons = *field(w, 1, RSP_CONS);
    *field(w, 1, REQ_CONS) = prod - 500;
    *field(w, 1, RSP_PROD) = cons + 300;
    *field(w, 1, REQ_PROD) = prod;
    domostore_ring_event(w->ds, 1);
    assert_int_equal(*field(w, 1, ERROR), 0);
    *field(w, 1, REQ_CONS) = prod; /* as the guest's own end needs it; the server's has not moved */
    assert_true(push(w, PROTO_READ, "a", 2));
    assert_int_equal(*field(w, 1, RSP_PROD), cons + PROTO_HEAD_SIZE + 1);
    assert_int_equal(w->page[1][1024 + ((cons + PROTO_HEAD_SIZE) & 1023)], 'v');
    assert_int_equal(*field(w, 1, REQ_CONS), prod + PROTO_HEAD_SIZE + 2);
}

static void test_bad_length(void **state)
{
    static const uint32_t bad[] = {4097, 0x7fffffff, 0x80000000, 0xffffffff};
    struct world *w = *state;
    struct proto_head head = {.type = PROTO_READ};
    size_t i, j;

    for (i = 0; i < ARRAY_LEN(bad); i++) {
        head.len = bad[i];
        for (j = 0; j < sizeof head; j++)
            w->page[1][(*field(w, 1, REQ_PROD))++ & 1023] = ((uint8_t *)&head)[j];
        domostore_ring_event(w->ds, 1);
        assert_int_equal(*field(w, 1, ERROR), 3);
        assert_int_equal(domostore_introduce(w->ds, 1, 1, 1), 0);
    }
}

static void test_reconnect(void **state)
{
    struct world *w = *state;
    struct domostore_stats before, after;

    domostore_stats(w->ds, &before);
    assert_string_equal(client_watch(w->guest, "a", "t"), "OK");
    assert_int_equal(client_start(w->guest), 1);
    /* Half a message, then a new driver asks to start over. */
    w->page[1][(*field(w, 1, REQ_PROD))++ & 1023] = 1;
    domostore_ring_event(w->ds, 1);
    *field(w, 1, CONNECTION) = 1;
    *field(w, 1, REQ_PROD) = 0xdead;
    domostore_ring_event(w->ds, 1);
    assert_int_equal(*field(w, 1, CONNECTION), 0);
    assert_int_equal(*field(w, 1, REQ_PROD), 0);
    domostore_stats(w->ds, &after);
    assert_int_equal(before.watches, after.watches);
    assert_int_equal(before.transactions, after.transactions);
    w->guest->have = 0;
    assert_string_equal(client_write(w->guest, 0, "b", "v"), "OK");
}

/* A column of domain 1 in the memory report: 2 = bytes besides nodes, 5 = bytes queued for it. */
static long held(struct world *w, int column)
{
    long v[6];
    const char *row = strstr(client_path(w->priv, PROTO_CONTROL, 0, "memreport"), "\n1 ");

    assert_non_null(row);
    assert_int_equal(sscanf(row, "\n1 %ld %ld %ld %ld %ld %ld", &v[0], &v[1], &v[2], &v[3], &v[4], &v[5]), 6);
    return v[column];
}

/* What others do and it watches. */
static void noise(struct world *w, int i)
{
    char path[64];

    (void)snprintf(path, sizeof path, "/local/domain/1/w/%d", i);
    assert_string_equal(client_write(w->priv, 0, path, "x"), "OK");
}

/* A guest that never reads is held: its queue stays small, nothing else suffers; when it reads again all is there,
 * and the last change was told. */
static void test_never_reads(void **state)
{
    struct world *w = *state;
    int i = 0;

    assert_string_equal(client_write(w->guest, 0, "a", "v"), "OK");
    assert_string_equal(client_watch(w->guest, "w", "t"), "OK");
    while (push(w, PROTO_READ, "a", 2) && i < 2000)
        noise(w, i++);
    assert_true(i < 2000); /* its requests are not taken any more */
    for (; i < 30000; i++)
        noise(w, i % 500);
    assert_in_range(held(w, 5), 1000, 33 << 10);
    assert_in_range(held(w, 2), 1000, 80 << 10);
    assert_int_equal(domostore_check(w->ds, NULL), 0);
    client_take(w->guest);
    assert_true(w->guest->event_count > 100);
    assert_int_equal(held(w, 5), 0);
    assert_string_equal(client_write(w->priv, 0, "/local/domain/1/w/last", "x"), "OK");
    client_take(w->guest);
    assert_true(client_has_event(w->guest, "w/last t"));
}

/* With all watches that it may have, on everything that changes: the same bound, and no watch misses that there was
 * something. */
static void test_watch_storm(void **state)
{
    struct world *w = *state;
    char payload[64];
    bool told = false;
    int i;

    assert_string_equal(client_watch(w->guest, "z", "last"), "OK");
    for (i = 0; i < 127; i++) {
        (void)snprintf(payload, sizeof payload, "%d", i);
        assert_string_equal(client_watch(w->guest, "w", payload), "OK");
    }
    for (i = 0; i < 3000; i++)
        noise(w, i % 700);
    assert_string_equal(client_write(w->priv, 0, "/local/domain/1/z", "v"), "OK"); /* finds no room any more */
    assert_in_range(held(w, 5), 1000, 33 << 10);
    assert_in_range(held(w, 2), 1000, 120 << 10);
    client_take(w->guest);
    for (i = 0; i < 8; i++) { /* the events that say "look again" come when the queue is empty */
        told |= client_has_event(w->guest, "z last");
        client_take(w->guest);
    }
    assert_true(told);
    assert_string_equal(client_path(w->priv, PROTO_RM, 0, "/local/domain/1/w"), "OK");
    client_take(w->guest);
    assert_int_equal(w->guest->event_count, 127); /* each watch at most once, though it matches 700 nodes */
    assert_int_equal(domostore_check(w->ds, NULL), 0);
}

/* Events that a guest's own requests caused count as outstanding until it takes them; those of others do not, so that
 * nobody can keep it from being served. */
static void test_outstanding(void **state)
{
    struct world *w = *state;
    char payload[64];
    int i;

    for (i = 0; i < 30; i++) {
        (void)snprintf(payload, sizeof payload, "token%d", i);
        assert_string_equal(client_watch(w->guest, "e", payload), "OK");
    }
    assert_string_equal(client_watch(w->guest, "w", "t"), "OK");
    for (i = 0; i < 200; i++)
        noise(w, i);
    for (i = 0; i < 12; i++) {
        int n = snprintf(payload, sizeof payload, "e/%d", i) + 1;

        payload[n] = 'v';
        assert_true(push(w, PROTO_WRITE, payload, (size_t)n + 1));
    }
    assert_string_equal(client_path(w->priv, PROTO_READ, 0, "/local/domain/1/e/0"), "v");
    assert_string_equal(client_path(w->priv, PROTO_READ, 0, "/local/domain/1/e/1"), "ENOENT");
    client_take(w->guest);
    assert_string_equal(client_path(w->priv, PROTO_READ, 0, "/local/domain/1/e/11"), "v");
    assert_true(w->guest->event_count >= 200 + 12 * 30);
}

static uint32_t rnd(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return (uint32_t)(*x >> 16);
}

/* Garbage everywhere in the page, all the time. */
static void test_storm(void **state)
{
    struct world *w = *state;
    uint64_t x = 88172645463325252u;
    int i;

    for (i = 0; i < 60000; i++) {
        uint32_t at = rnd(&x) % 4, k;

        for (k = rnd(&x) % 200; k > 0; k--)
            w->page[1][rnd(&x) % 2048] = (uint8_t)(rnd(&x) % 3 ? rnd(&x) % 30 : 0);
        if (rnd(&x) % 4 == 0)
            *field(w, 1, REQ_CONS + 4 * at) = rnd(&x) % 2 ? rnd(&x) : *field(w, 1, REQ_CONS + 4 * at) + rnd(&x) % 1024;
        else
            *field(w, 1, REQ_PROD) = *field(w, 1, REQ_CONS) + rnd(&x) % 1025;
        if (rnd(&x) % 3 == 0)
            *field(w, 1, RSP_CONS) = *field(w, 1, RSP_PROD);
        if (rnd(&x) % 16 == 0)
            *field(w, 1, CONNECTION) = 1;
        if (rnd(&x) % 16 == 0)
            (void)domostore_introduce(w->ds, 1, 1, 1);
        domostore_ring_event(w->ds, 1);
        if (i % 64 == 0)
            assert_string_equal(client_write(w->priv, 0, "/ok", "v"), "OK");
        if (i % 512 == 0)
            assert_int_equal(domostore_check(w->ds, NULL), 0);
    }
}

/* A guest that was silenced is still there: its end is told when it comes, not before (XSA-325). */
static void test_silenced_dies(void **state)
{
    struct world *w = *state;

    assert_string_equal(client_watch(w->priv, "@releaseDomain", "r"), "OK");
    client_take(w->priv);
    *field(w, 1, REQ_PROD) = *field(w, 1, REQ_CONS) + 5000;
    domostore_ring_event(w->ds, 1);
    assert_int_equal(*field(w, 1, ERROR), 2);
    client_take(w->priv);
    assert_int_equal(w->priv->event_count, 0);
    assert_string_equal(client_path(w->priv, PROTO_READ, 0, "/local/domain/1"), "");
    assert_int_equal(w->unmapped, 0);
    domostore_domain_destroyed(w->ds, 1);
    client_take(w->priv);
    assert_true(client_has_event(w->priv, "@releaseDomain r"));
    assert_string_equal(client_path(w->priv, PROTO_READ, 0, "/local/domain/1"), "ENOENT");
    while (!domostore_turn(w->ds))
        ;
    assert_int_equal(w->unmapped, 1);
}

/* Exactly as many replies wait as the limit says. */
static void test_outstanding_limit(void **state)
{
    static const unsigned limits[] = {1, 7, 15};
    struct world *w = *state;
    char value[1009], text[64];
    size_t i;
    int k;

    memset(value, 'v', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    assert_string_equal(client_write(w->guest, 0, "a", value), "OK");
    for (i = 0; i < ARRAY_LEN(limits); i++) {
        assert_int_equal(domostore_set_quota(w->ds, "outstanding", limits[i]), 0);
        for (k = 0; k < 40; k++) /* the first reply fills the ring */
            (void)push(w, PROTO_READ, "a", 2);
        (void)snprintf(text, sizeof text, "outstanding     : %8u\n", limits[i]);
        assert_non_null(strstr(client_ask(w->priv, PROTO_CONTROL, 0, "quota\0001", 8), text));
        client_take(w->guest);
        client_take(w->guest);
        assert_non_null(strstr(client_ask(w->priv, PROTO_CONTROL, 0, "quota\0001", 8), "outstanding     :        0\n"));
    }
}

/* What a guest can be in the middle of. */
static void busy(struct world *w, unsigned in)
{
    int i;

    if (in & 1) {
        assert_string_equal(client_watch(w->guest, "a", "t"), "OK");
        assert_string_equal(client_write(w->guest, client_start(w->guest), "a/b", "v"), "OK");
    }
    for (i = 0; (in & 2) && i < 60; i++) { /* replies and requests wait */
        (void)push(w, PROTO_GET_PERMS, "/local/domain/1", 16);
        noise(w, i);
    }
    if (in & 4) {
        w->page[1][(*field(w, 1, REQ_PROD))++ & 1023] = PROTO_READ;
        domostore_ring_event(w->ds, 1);
    }
}

static void introduce(struct world *w)
{
    assert_string_equal(client_ask(w->priv, PROTO_INTRODUCE, 0, "1\0001\0001", 6), "OK");
}

static void release(struct world *w)
{
    assert_string_equal(client_path(w->priv, PROTO_RELEASE, 0, "1"), "OK");
}

static void die(struct world *w)
{
    domostore_domain_destroyed(w->ds, 1);
}

static void reconnect(struct world *w)
{
    *field(w, 1, CONNECTION) = 1;
    domostore_ring_event(w->ds, 1);
}

static void reset_watches(struct world *w)
{
    (void)push(w, PROTO_RESET_WATCHES, "", 1);
    client_take(w->guest);
}

/* Whatever is done to a guest, whatever it is in the middle of: the books are right, nothing of it is left, and it can
 * be introduced and speak again. */
static void test_in_the_middle(void **state)
{
    static void (*const acts[])(struct world *) = {introduce, release, die, reconnect, reset_watches};
    struct world *w = *state;
    struct domostore_stats first, last;
    unsigned in;
    size_t i;

    assert_string_equal(client_path(w->priv, PROTO_RM, 0, "/local/domain/1"), "OK");
    domostore_stats(w->ds, &first);
    for (i = 0; i < ARRAY_LEN(acts); i++) {
        for (in = 0; in < 8; in++) {
            if (acts[i] == reset_watches && (in & 6))
                continue; /* it has to be able to ask for it */
            assert_string_equal(client_path(w->priv, PROTO_MKDIR, 0, "/local/domain/1"), "OK");
            assert_string_equal(client_perms(w->priv, 0, "/local/domain/1", "n1"), "OK");
            busy(w, in);
            acts[i](w);
            assert_int_equal(domostore_check(w->ds, NULL), 0);
            while (!domostore_turn(w->ds))
                ;
            (void)client_path(w->priv, PROTO_RM, 0, "/local/domain/1");
            introduce(w);
            domostore_stats(w->ds, &last);
            assert_int_equal(first.nodes, last.nodes);
            assert_int_equal(first.watches, last.watches);
            assert_int_equal(first.transactions, last.transactions);
            assert_int_equal(first.connections, last.connections);
            w->guest->have = 0;
            assert_string_equal(client_path(w->guest, PROTO_GET_DOMAIN_PATH, 0, "1"), "/local/domain/1");
            assert_int_equal(domostore_check(w->ds, NULL), 0);
        }
    }
}

/* Release, introduction and death while output waits and transactions are open. */
static void test_life(void **state)
{
    struct world *w = *state;
    struct domostore_stats first, last;
    int i;

    assert_string_equal(client_watch(w->priv, "@releaseDomain", "r"), "OK");
    assert_string_equal(client_watch(w->priv, "@introduceDomain", "i"), "OK");
    domostore_domain_destroyed(w->ds, 1);
    while (!domostore_turn(w->ds))
        ;
    domostore_stats(w->ds, &first);
    for (i = 0; i < 50; i++) {
        assert_int_equal(domostore_introduce(w->ds, 1, 1, 1), 0);
        w->guest->have = 0;
        assert_string_equal(client_path(w->priv, PROTO_MKDIR, 0, "/local/domain/1"), "OK");
        assert_string_equal(client_perms(w->priv, 0, "/local/domain/1", "n1"), "OK");
        assert_string_equal(client_write(w->guest, client_start(w->guest), "x", "v"), "OK");
        assert_string_equal(client_watch(w->guest, "x", "t"), "OK");
        assert_string_equal(client_write(w->guest, 0, "x", "v"), "OK");
        if (i % 2)
            assert_string_equal(client_path(w->priv, PROTO_RELEASE, 0, "1"), "OK");
        else
            domostore_domain_destroyed(w->ds, 1);
        client_take(w->priv);
        while (!domostore_turn(w->ds))
            ;
        domostore_stats(w->ds, &last);
        assert_int_equal(first.nodes, last.nodes);
        assert_int_equal(first.domains, last.domains);
        assert_int_equal(first.watches, last.watches);
        assert_int_equal(first.transactions, last.transactions);
        assert_int_equal(first.connections, last.connections);
    }
    assert_int_equal(w->unmapped, 51);
    assert_string_equal(client_path(w->priv, PROTO_RELEASE, 0, "0"), "EINVAL");
    assert_string_equal(client_path(w->priv, PROTO_RESUME, 0, "0"), "EINVAL");
    assert_string_equal(client_path(w->priv, PROTO_RELEASE, 0, "1"), "ENOENT");
    /* So that teardown has a ring to leave. */
    assert_int_equal(domostore_introduce(w->ds, 1, 1, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_talk, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_indices, setup, teardown),
        cmocka_unit_test_setup_teardown(test_own_indices, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_length, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reconnect, setup, teardown),
        cmocka_unit_test_setup_teardown(test_never_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(test_watch_storm, setup, teardown),
        cmocka_unit_test_setup_teardown(test_outstanding, setup, teardown),
        cmocka_unit_test_setup_teardown(test_storm, setup, teardown),
        cmocka_unit_test_setup_teardown(test_silenced_dies, setup, teardown),
        cmocka_unit_test_setup_teardown(test_outstanding_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_in_the_middle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_life, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
