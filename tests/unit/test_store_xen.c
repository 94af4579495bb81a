/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: on a hypervisor the daemon serves every guest that can be served,
 * gives back all that it held for one that is gone, and goes on after a live
 * update; a guest that breaks its own ring or port costs nobody else anything.
 */
#include <errno.h>
#include <stdio.h>

#include "unit.h"

#include "fake_stored.h"
#include "store_client.h"
#include "xenside.h"

struct world {
    struct domostore *ds;
    struct xenside *x;
    struct client *priv;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct domostore_ops ops = {0};

    assert_non_null(w);
    fake_stored_setup();
    assert_int_equal(xenside_open(&fake_stored_ops, &ops, &w->x), 0);
    w->ds = domostore_new(&ops, w->x);
    assert_non_null(w->ds);
    assert_int_equal(xenside_attach(w->x, w->ds), 0);
    w->priv = client_mem(w->ds, 0, true);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    client_free(w->priv);
    w->ds = domostore_free(w->ds);
    assert_int_equal(fake_hv.maps, 0);
    assert_int_equal(fake_stored_bound(), 0);
    xenside_close(w->x);
    fake_stored_teardown();
    free(w);
    return 0;
}

/* What the tool stack asks. */
static const char *introduce(struct world *w, unsigned domid, uint32_t port)
{
    char text[64];
    int n = snprintf(text, sizeof text, "%u%c%u%c%u", domid, 0, 1, 0, port);

    return client_ask(w->priv, PROTO_INTRODUCE, 0, text, (size_t)n + 1);
}

static const char *release(struct world *w, unsigned domid)
{
    char text[16];

    (void)snprintf(text, sizeof text, "%u", domid);
    return client_path(w->priv, PROTO_RELEASE, 0, text);
}

static struct client *add_guest(struct world *w, uint16_t domid)
{
    char home[32], perms[16];

    fake_stored_add(domid);
    assert_string_equal(introduce(w, domid, 10U + domid), "OK");
    (void)snprintf(home, sizeof home, "/local/domain/%u", (unsigned)domid);
    (void)snprintf(perms, sizeof perms, "n%u", (unsigned)domid);
    assert_string_equal(client_path(w->priv, PROTO_MKDIR, 0, home), "OK");
    assert_string_equal(client_perms(w->priv, 0, home, perms), "OK");
    return client_ring(w->ds, domid, fake_hv.dom[domid].page);
}

static void serve(struct world *w)
{
    while (domostore_dispatch(w->ds, 0) > 0)
        ;
    while (!domostore_turn(w->ds))
        ;
}

static bool is_known(struct world *w, int domid)
{
    return domostore_next_domain(w->ds, domid - 1, NULL) == domid;
}

/* A request put into the ring as a guest does, without anybody being told. */
static void put_request(uint8_t *page, uint32_t type, const char *path)
{
    struct proto_head head = {.type = type, .req_id = 9, .len = (uint32_t)strlen(path) + 1};
    uint32_t *prod = (uint32_t *)(void *)(page + 2052);
    char msg[256];
    size_t i, n = PROTO_HEAD_SIZE + head.len;

    proto_encode(msg, &head);
    memcpy(msg + PROTO_HEAD_SIZE, path, head.len);
    for (i = 0; i < n; i++)
        page[(*prod)++ & 1023] = (uint8_t)msg[i];
}

static uint32_t answered(const uint8_t *page)
{
    return *(const uint32_t *)(const void *)(page + 2060);
}

static void test_kick(void **state)
{
    struct world *w = *state;
    struct client *one = add_guest(w, 1), *two = add_guest(w, 2);
    unsigned before = fake_hv.dom[2].kicks;

    put_request(fake_hv.dom[1].page, PROTO_GET_DOMAIN_PATH, "1");
    fake_stored_kick(1);
    serve(w);
    client_take(one);
    assert_string_equal(one->reply, "/local/domain/1");
    assert_int_equal(fake_hv.dom[2].kicks, before);
    assert_true(fake_hv.dom[1].kicks > 0);
    client_free(one);
    client_free(two);
}

static void test_exists(void **state)
{
    struct world *w = *state;

    fake_stored_add(5);
    fake_stored_add(6);
    fake_hv.dom[6].dying = true;
    assert_string_equal(client_path(w->priv, PROTO_MKDIR, 0, "/a"), "OK");
    assert_string_equal(client_perms(w->priv, 0, "/a", "n5"), "OK");
    assert_string_equal(client_perms(w->priv, 0, "/a", "n4"), "ENOENT");
    assert_string_equal(client_perms(w->priv, 0, "/a", "n6"), "ENOENT");
    assert_string_equal(client_perms(w->priv, 0, "/a", "n32752"), "ENOENT");
}

/* One guest's fault refuses one guest's INTRODUCE, and what was half done is undone. */
static void test_refused(void **state)
{
    struct world *w = *state;
    struct client *good = add_guest(w, 2);

    fake_stored_add(3);
    assert_string_equal(introduce(w, 3, 99), "EINVAL");
    fake_hv.dom[3].no_page = true;
    assert_string_equal(introduce(w, 3, 13), "ENOENT");
    assert_string_equal(introduce(w, 4, 14), "ENOENT");
    assert_false(is_known(w, 3));
    assert_int_equal(fake_hv.maps, 1);
    assert_int_equal(fake_stored_bound(), 1);
    assert_string_equal(client_write(good, 0, "a", "v"), "OK");
    fake_hv.dom[3].no_page = false;
    assert_string_equal(introduce(w, 3, 13), "OK");
    client_free(good);
}

static void test_again(void **state)
{
    struct world *w = *state;
    struct client *c = add_guest(w, 2);

    /* The same port: its end is free only after ours is. */
    assert_string_equal(introduce(w, 2, 12), "OK");
    assert_string_equal(client_write(c, 0, "a", "v"), "OK");
    /* Another one: the old is kept until the new is there. */
    assert_string_equal(introduce(w, 2, 77), "EINVAL");
    assert_int_equal(fake_stored_bound(), 1);
    fake_hv.dom[2].waiting = 77;
    assert_string_equal(introduce(w, 2, 77), "OK");
    assert_int_equal(fake_stored_bound(), 1);
    put_request(fake_hv.dom[2].page, PROTO_READ, "a");
    fake_stored_kick(2);
    serve(w);
    assert_true(answered(fake_hv.dom[2].page) > 0);
    assert_int_equal(fake_hv.maps, 1);
    client_free(c);
}

/* Two requests in one turn: the old connection is still being put away while the new one is made. */
static void test_release_and_introduce(void **state)
{
    static const char release_head[] = {PROTO_RELEASE, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, '2', 0};
    static const char introduce_head[] = {
        PROTO_INTRODUCE, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, '2', 0, '1', 0, '1', '2', 0};
    struct world *w = *state;
    struct client *c = add_guest(w, 2);
    char both[64];

    memcpy(both, release_head, sizeof release_head);
    memcpy(both + sizeof release_head, introduce_head, sizeof introduce_head);
    assert_int_equal(domostore_send(w->priv->mc, both, sizeof release_head + sizeof introduce_head), 0);
    client_take(w->priv);
    assert_int_equal(w->priv->req_id, 2);
    assert_string_equal(w->priv->reply, "OK");
    serve(w);
    assert_int_equal(fake_hv.maps, 1);
    assert_int_equal(fake_stored_bound(), 1);
    put_request(fake_hv.dom[2].page, PROTO_GET_DOMAIN_PATH, "2");
    fake_stored_kick(2);
    serve(w);
    assert_true(answered(fake_hv.dom[2].page) > 0);
    assert_string_equal(release(w, 2), "OK");
    serve(w);
    assert_int_equal(fake_hv.maps + fake_stored_bound(), 0);
    client_free(c);
}

static void test_deaths(void **state)
{
    struct world *w = *state;
    struct domostore_stats before, after;
    uint16_t i;

    domostore_stats(w->ds, &before);
    for (i = 1; i < FAKE_DOMS; i++)
        fake_stored_add(i);
    for (i = 100; i < 300; i++)
        client_free(add_guest(w, i));
    assert_string_equal(client_watch(w->priv, "@releaseDomain", "r"), "OK");
    fake_hv.dom[100].there = false;
    fake_hv.dom[255].dying = true;
    fake_hv.dom[299].there = false;
    fake_hv.lists = 0;
    fake_stored_deaths();
    serve(w);
    /* However many there are, they are asked about in few calls. */
    assert_in_range(fake_hv.lists, 1, 4);
    client_take(w->priv);
    assert_int_equal(w->priv->event_count, 3);
    assert_false(is_known(w, 100) || is_known(w, 255) || is_known(w, 299));
    assert_true(is_known(w, 101) && is_known(w, 254) && is_known(w, 298));
    assert_string_equal(client_path(w->priv, PROTO_READ, 0, "/local/domain/255"), "ENOENT");
    assert_int_equal(fake_hv.maps, 197);
    assert_int_equal(fake_stored_bound(), 197);
    for (i = 1; i < FAKE_DOMS; i++)
        fake_hv.dom[i].there = false;
    fake_stored_deaths();
    serve(w);
    assert_int_equal(fake_hv.maps + fake_stored_bound(), 0);
    domostore_stats(w->ds, &after);
    assert_int_equal(after.domains, before.domains);
    assert_int_equal(after.connections, before.connections);
    assert_int_equal(domostore_check(w->ds, NULL), 0);
}

static void test_shutdown(void **state)
{
    struct world *w = *state;
    struct client *c = add_guest(w, 2);

    assert_string_equal(client_watch(w->priv, "@releaseDomain", "r"), "OK");
    fake_hv.dom[2].shutdown = true;
    fake_stored_deaths();
    fake_stored_deaths();
    serve(w);
    client_take(w->priv);
    assert_int_equal(w->priv->event_count, 1);
    assert_string_equal(client_write(c, 0, "a", "v"), "OK");
    client_free(c);
}

/* An answer that does not come is not "there are no domains". */
static void test_no_list(void **state)
{
    struct world *w = *state;
    struct client *c = add_guest(w, 2);

    fake_hv.list_fails = true;
    fake_stored_deaths();
    serve(w);
    assert_string_equal(client_write(c, 0, "a", "v"), "OK");
    client_free(c);
}

/* The control domain's kernel may have asked before we were there, and waits to be woken. */
static void test_own_kernel(void **state)
{
    struct world *w = *state;
    struct client *c = client_ring(w->ds, 0, fake_hv.dom[0].page);

    put_request(fake_hv.dom[0].page, PROTO_GET_DOMAIN_PATH, "0");
    assert_int_equal(xenside_start(w->x), 0);
    assert_int_equal(fake_hv.dom[0].kicks, 1);
    serve(w);
    client_take(c);
    assert_string_equal(c->reply, "/local/domain/0");
    assert_string_equal(client_path(c, PROTO_READ, 0, "/tool"), "");
    /* A client can't take the kernel's channel away. */
    assert_string_equal(introduce(w, 0, 10), "EINVAL");
    assert_string_equal(client_path(c, PROTO_READ, 0, "/tool"), "");
    fake_hv.dom[0].there = false;
    fake_stored_deaths();
    serve(w);
    assert_string_equal(client_path(c, PROTO_READ, 0, "/tool"), "");
    client_free(c);
}

static void test_busy(void **state)
{
    struct domostore_ops ops = {0};
    struct xenside *second = NULL;
    int fd = fake_hv.fd;

    (void)state;
    fake_hv.replaced = true; /* the second one's handles are its own */
    assert_int_equal(xenside_open(&fake_stored_ops, &ops, &second), -EBUSY);
    fake_hv.replaced = false;
    (void)close(fake_hv.fd);
    fake_hv.fd = fd;
    assert_null(second);
}

/* What exec does: all but the ports is gone, another process reads the texts. */
static void live_update(struct world *w)
{
    struct domostore_ops ops = {0};
    size_t store_len, xen_len;
    char *store = domostore_dump(w->ds, false, &store_len), *xen = xenside_save(w->x, &xen_len);

    assert_non_null(store);
    assert_non_null(xen);
    fake_hv.replaced = true;
    client_free(w->priv);
    w->ds = domostore_free(w->ds);
    xenside_close(w->x);
    fake_hv.replaced = false;
    fake_hv.maps = 0;
    assert_int_equal(xenside_resume(&fake_stored_ops, xen, xen_len, &ops, &w->x), 0);
    w->ds = domostore_new(&ops, w->x);
    assert_int_equal(xenside_attach(w->x, w->ds), 0);
    assert_int_equal(domostore_load(w->ds, store, store_len, true), 0);
    xenside_settle(w->x);
    w->priv = client_mem(w->ds, 0, true);
    free(store);
    free(xen);
}

static void test_live_update(void **state)
{
    struct world *w = *state;
    struct client *own = client_ring(w->ds, 0, fake_hv.dom[0].page), *good, *hides, *dies;
    uint32_t tx, before;

    assert_int_equal(xenside_start(w->x), 0);
    good = add_guest(w, 2);
    hides = add_guest(w, 3);
    dies = add_guest(w, 4);
    assert_string_equal(client_write(good, 0, "a", "old"), "OK");
    tx = client_start(good);
    assert_string_equal(client_write(good, tx, "a", "new"), "OK");
    assert_string_equal(client_watch(good, "b", "t"), "OK");
    (void)client_watch(own, "/c", "t");
    before = answered(fake_hv.dom[2].page);
    /* While the processes change: one asks, one makes its page unreachable, one dies. */
    put_request(fake_hv.dom[2].page, PROTO_READ, "a");
    fake_hv.dom[3].no_page = true;
    fake_hv.dom[4].there = false;
    live_update(w);
    good->ds = own->ds = hides->ds = w->ds;
    serve(w);
    assert_true(answered(fake_hv.dom[2].page) > before);
    client_take(good);
    assert_string_equal(good->reply, "old");
    assert_string_equal(client_end(good, tx, true), "OK");
    assert_string_equal(client_path(good, PROTO_READ, 0, "a"), "new");
    assert_string_equal(client_write(w->priv, 0, "/local/domain/2/b", "v"), "OK");
    client_take(good);
    assert_true(client_has_event(good, "b t"));
    assert_string_equal(client_write(w->priv, 0, "/c", "v"), "OK");
    client_take(own);
    assert_true(client_has_event(own, "/c t"));
    /* The ports are the same ones. */
    put_request(fake_hv.dom[2].page, PROTO_READ, "a");
    before = answered(fake_hv.dom[2].page);
    fake_stored_kick(2);
    serve(w);
    assert_true(answered(fake_hv.dom[2].page) > before);
    assert_true(is_known(w, 3));
    assert_false(is_known(w, 4));
    assert_int_equal(fake_hv.maps, 2);
    assert_int_equal(fake_stored_bound(), 2);
    fake_hv.dom[2].there = false;
    fake_stored_deaths();
    serve(w);
    assert_false(is_known(w, 2));
    assert_int_equal(domostore_check(w->ds, NULL), 0);
    client_free(own);
    client_free(good);
    client_free(hides);
    client_free(dies);
}

static void test_bad_state(void **state)
{
    static const char *const texts[] = {
        "",
        "end\n",
        "ring domid=1 remote=1 port=2\nend\n",
        "events fd=-1 deaths=1\nend\n",
        "events fd=1 deaths=1\nevents fd=1 deaths=1\nend\n",
        "other a=1\nend\n",
    };
    struct domostore_ops ops = {0};
    struct xenside *x = NULL;
    int fd = fake_hv.fd;
    size_t i;

    (void)state;
    fake_hv.replaced = true;
    for (i = 0; i < ARRAY_LEN(texts); i++)
        assert_int_equal(xenside_resume(&fake_stored_ops, texts[i], strlen(texts[i]), &ops, &x), -EINVAL);
    fake_hv.replaced = false;
    fake_hv.fd = fd;
    assert_null(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kick, setup, teardown),
        cmocka_unit_test_setup_teardown(test_exists, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_release_and_introduce, setup, teardown),
        cmocka_unit_test_setup_teardown(test_deaths, setup, teardown),
        cmocka_unit_test_setup_teardown(test_shutdown, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_list, setup, teardown),
        cmocka_unit_test_setup_teardown(test_own_kernel, setup, teardown),
        cmocka_unit_test_setup_teardown(test_busy, setup, teardown),
        cmocka_unit_test_setup_teardown(test_live_update, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_state, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
