/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: whichever allocation of whichever operation fails, the operation
 * answers ENOMEM (or succeeds without it), has changed nothing, and the books
 * are right; tried again with memory, it succeeds.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "unit.h"

#include "store_client.h"

/* The n-th allocation from now on fails; 0 = none. */
static unsigned long fail_at, allocations;

static bool fails(void)
{
    return fail_at && ++allocations == fail_at;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_reallocarray(void *p, size_t n, size_t size);
char *__real_strndup(const char *s, size_t n);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strndup(const char *s, size_t n);
char *__wrap_strdup(const char *s);

void *__wrap_malloc(size_t n)
{
    return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails() ? NULL : __real_realloc(p, n);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
    return fails() ? NULL : __real_reallocarray(p, n, size);
}

char *__wrap_strndup(const char *s, size_t n)
{
    return fails() ? NULL : __real_strndup(s, n);
}

char *__wrap_strdup(const char *s)
{
    return fails() ? NULL : __real_strdup(s);
}

enum { PAGE = 4096, DOMAINS = 4 };

struct world {
    struct domostore *ds;
    struct client *priv, *guest, *watcher;
    uint32_t tx;
};

/* Rings of the domains; how often each is mapped at present. */
static _Alignas(PAGE) uint8_t pages[DOMAINS][PAGE];
static int mapped[DOMAINS];

static int ring_map(void *arg, uint16_t domid, uint64_t gfn, uint32_t port, void **ret_page)
{
    (void)arg;
    (void)gfn;
    (void)port;
    assert_true(domid < DOMAINS);
    mapped[domid]++;
    *ret_page = pages[domid];
    return 0;
}

static void ring_unmap(void *arg, uint16_t domid, void *page)
{
    (void)arg;
    assert_ptr_equal(page, pages[domid]);
    mapped[domid]--;
}

static const struct domostore_ops ops = {.ring_map = ring_map, .ring_unmap = ring_unmap};

/* The whole tree as text, through the protocol; fail_at is off. */
static void describe(struct world *w, const char *path, char *to, size_t size)
{
    char names[PROTO_PAYLOAD_MAX + 1], sub[512];
    size_t len, at = strlen(to), i;

    (void)snprintf(to + at, size - at, "%s=%s;", path, client_path(w->priv, PROTO_READ, 0, path));
    at = strlen(to);
    (void)snprintf(to + at, size - at, "%s;", client_perms_of(w->priv, path));
    (void)client_path(w->priv, PROTO_DIRECTORY, 0, path);
    len = w->priv->reply_len;
    memcpy(names, w->priv->reply, len);
    for (i = 0; i < len; i += strlen(names + i) + 1) {
        (void)snprintf(sub, sizeof sub, "%s/%s", path[1] ? path : "", names + i);
        describe(w, sub, to, size);
    }
}

static void make_world(struct world *w)
{
    fail_at = 0;
    w->ds = domostore_new(&ops, NULL);
    assert_non_null(w->ds);
    w->priv = client_mem(w->ds, 0, true);
    w->guest = client_mem(w->ds, 1, false);
    w->watcher = client_mem(w->ds, 0, true);
    assert_string_equal(client_path(w->priv, PROTO_MKDIR, 0, "/local/domain/1"), "OK");
    assert_string_equal(client_perms(w->priv, 0, "/local/domain/1", "n1"), "OK");
    assert_string_equal(client_write(w->guest, 0, "a/b/c", "one"), "OK");
    assert_string_equal(client_write(w->guest, 0, "a/d", "two"), "OK");
    assert_string_equal(client_write(w->priv, 0, "/x/y/z", "three"), "OK");
    assert_string_equal(client_perms(w->priv, 0, "/x/y", "n0 r1"), "OK");
    assert_string_equal(client_watch(w->watcher, "/local", "t"), "OK");
    w->tx = 0;
}

static void free_world(struct world *w)
{
    fail_at = 0;
    client_free(w->priv);
    client_free(w->guest);
    client_free(w->watcher);
    (void)domostore_free(w->ds);
}

static const char *op_create(struct world *w)
{
    return client_write(w->guest, 0, "new/deep/er/node", "value");
}

static const char *op_write(struct world *w)
{
    return client_write(w->guest, 0, "a/d", "a longer value than before, so that the node has to move in memory");
}

static const char *op_rm(struct world *w)
{
    return client_path(w->guest, PROTO_RM, 0, "a");
}

static const char *op_perms(struct world *w)
{
    return client_perms(w->guest, 0, "a/d", "n1 r0 w1 b0");
}

static const char *op_watch(struct world *w)
{
    return client_watch(w->guest, "q/r/s", "token");
}

static const char *op_unwatch(struct world *w)
{
    return client_ask(w->watcher, PROTO_UNWATCH, 0, "/local\0t", 9);
}

static const char *op_start(struct world *w)
{
    const char *r = client_ask(w->guest, PROTO_TRANSACTION_START, 0, "", 1);

    return strcmp(r, "1") == 0 ? "OK" : r;
}

/* A transaction of everything, prepared without failures. */
static void prepare_tx(struct world *w)
{
    w->tx = client_start(w->guest);
    assert_string_equal(client_write(w->guest, w->tx, "a/d", "changed in the transaction"), "OK");
    assert_string_equal(client_write(w->guest, w->tx, "made/in/it", "v"), "OK");
    assert_string_equal(client_path(w->guest, PROTO_RM, w->tx, "a/b"), "OK");
    assert_string_equal(client_perms(w->guest, w->tx, "a", "n1 r2"), "OK");
}

/* The same with a change by another, so that it has to be merged. */
static void prepare_merge(struct world *w)
{
    prepare_tx(w);
    assert_string_equal(client_write(w->priv, 0, "/local/domain/1/other", "v"), "OK");
}

/* More removals than there is room for without growing. */
static void prepare_removals(struct world *w)
{
    char path[32];
    int i;

    for (i = 0; i < 150; i++) {
        (void)snprintf(path, sizeof path, "many/%d", i);
        assert_string_equal(client_write(w->guest, 0, path, "v"), "OK");
    }
    w->tx = client_start(w->guest);
    for (i = 0; i < 150; i++) {
        (void)snprintf(path, sizeof path, "many/%d", i);
        assert_string_equal(client_path(w->guest, PROTO_RM, w->tx, path), "OK");
    }
}

static const char *op_commit(struct world *w)
{
    return client_end(w->guest, w->tx, true);
}

static const char *op_in_tx(struct world *w)
{
    return client_write(w->guest, w->tx, "a/e/f", "inside");
}

static const char *op_release(struct world *w)
{
    domostore_domain_destroyed(w->ds, 1);
    return "OK";
}

/* The transport itself had no memory: the reply is still queued. */
static const char *late_answer(struct world *w)
{
    struct client *c = w->watcher->type == UINT32_MAX ? w->watcher : w->guest;

    client_take(c);
    if (c->type == UINT32_MAX)
        return "(none)";
    return c->type == PROTO_TRANSACTION_START ? "OK" : c->reply;
}

/* One operation with each of its allocations failing in turn. A commit that
 * fails has ended the transaction: it is prepared anew. */
static void loop(const char *(*op)(struct world *), void (*prepare)(struct world *), bool retry)
{
    static char before[1 << 16], after[1 << 16];
    struct world w;
    const char *answer;
    char *why = NULL;
    unsigned long n;
    bool done = false;

    for (n = 1; !done; n++) {
        make_world(&w);
        if (prepare)
            prepare(&w);
        before[0] = after[0] = '\0';
        describe(&w, "/", before, sizeof before);
        allocations = 0;
        fail_at = n;
        answer = op(&w);
        done = allocations < n;
        fail_at = 0;
        if (strcmp(answer, "(none)") == 0)
            answer = late_answer(&w);
        if (strcmp(answer, "OK") != 0) {
            assert_string_equal(answer, "ENOMEM");
            describe(&w, "/", after, sizeof after);
            assert_string_equal(before, after);
        }
        if (domostore_check(w.ds, &why) < 0)
            fail_msg("allocation %lu: %s", n, why);
        if (retry && strcmp(answer, "OK") != 0)
            assert_string_equal(op(&w), "OK");
        while (!domostore_turn(w.ds))
            ;
        assert_int_equal(domostore_check(w.ds, NULL), 0);
        assert_true(n < 1000);
        free_world(&w);
    }
}

static void test_single(void **state)
{
    (void)state;
    loop(op_create, NULL, true);
    loop(op_write, NULL, true);
    loop(op_rm, NULL, true);
    loop(op_perms, NULL, true);
    loop(op_watch, NULL, true);
    loop(op_unwatch, NULL, true);
    loop(op_start, NULL, true);
}

static void test_transaction(void **state)
{
    (void)state;
    loop(op_in_tx, prepare_tx, false);
    loop(op_commit, prepare_tx, false);
    loop(op_commit, prepare_merge, false);
    loop(op_commit, prepare_removals, false);
}

/* An operation with a snapshot held has to copy on its way. */
static void hold_snapshot(struct world *w)
{
    assert_int_equal(client_start(w->priv), 1);
}

static void test_shared(void **state)
{
    (void)state;
    loop(op_create, hold_snapshot, true);
    loop(op_write, hold_snapshot, true);
    loop(op_rm, hold_snapshot, true);
    loop(op_perms, hold_snapshot, true);
}

/* A domain's death cannot be refused: what could not be done is done later. */
static void test_death(void **state)
{
    struct world w;
    unsigned long n;
    bool done = false;

    (void)state;
    for (n = 1; !done; n++) {
        make_world(&w);
        allocations = 0;
        fail_at = n;
        (void)op_release(&w);
        done = allocations < n;
        fail_at = 0;
        while (!domostore_turn(w.ds))
            ;
        assert_string_equal(client_path(w.priv, PROTO_READ, 0, "/local/domain/1"), "ENOENT");
        assert_string_equal(client_perms_of(w.priv, "/x/y"), "n0");
        assert_int_equal(domostore_check(w.ds, NULL), 0);
        free_world(&w);
    }
}

/* INTRODUCE: the domain is there with its ring, or not at all; and the same again while it is there. */
static void test_introduce(void **state)
{
    struct domostore_stats before, after;
    struct world w;
    unsigned long n;
    bool done = false, introduced;

    (void)state;
    for (n = 1; !done; n++) {
        make_world(&w);
        assert_string_equal(client_watch(w.watcher, "@introduceDomain", "i"), "OK");
        domostore_stats(w.ds, &before);
        allocations = 0;
        fail_at = n;
        w.priv->type = UINT32_MAX;
        (void)client_ask(w.priv, PROTO_INTRODUCE, 0, "2\0001\0001", 6);
        done = allocations < n;
        fail_at = 0;
        if (w.priv->type == UINT32_MAX)
            client_take(w.priv);
        assert_int_equal(domostore_check(w.ds, NULL), 0);
        if (w.priv->type == PROTO_ERROR) {
            assert_string_equal(w.priv->reply, "ENOMEM");
            assert_int_equal(mapped[2], 0);
            assert_int_equal(domostore_next_domain(w.ds, 1, &introduced), -1);
            domostore_stats(w.ds, &after);
            after.generation = before.generation; /* may go on: it is a counter */
            assert_memory_equal(&before, &after, sizeof before);
            client_take(w.watcher);
            assert_false(client_has_event(w.watcher, "@introduceDomain i"));
            assert_string_equal(client_ask(w.priv, PROTO_INTRODUCE, 0, "2\0001\0001", 6), "OK");
        }
        assert_string_equal(w.priv->reply, "OK");
        assert_int_equal(mapped[2], 1);
        assert_int_equal(domostore_next_domain(w.ds, 1, &introduced), 2);
        assert_true(introduced);
        client_take(w.watcher);
        assert_int_equal(domostore_check(w.ds, NULL), 0);
        free_world(&w);
        assert_int_equal(mapped[2], 0);
    }
    assert_true(n > 4);
}

/* --- sockets --- */

static int connect_to(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

    (void)snprintf(addr.sun_path, sizeof addr.sun_path, "%s", path);
    assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    return fd;
}

/* Serves until nothing is left; the answer's text, "(closed)" or "(none)". */
static const char *settle(struct domostore *ds, int fd)
{
    static char buf[PROTO_MSG_MAX + 1];
    ssize_t n;
    int i;

    for (i = 0; i < 5; i++)
        assert_true(domostore_dispatch(ds, 0) >= 0);
    n = recv(fd, buf, sizeof buf - 1, 0);
    if (n == 0)
        return "(closed)";
    if (n < (ssize_t)PROTO_HEAD_SIZE)
        return "(none)";
    buf[n] = '\0';
    return buf + PROTO_HEAD_SIZE;
}

static size_t request(char *to, const char *path, const char *value)
{
    size_t len = strlen(path) + 1 + strlen(value);
    struct proto_head head = {.type = PROTO_WRITE, .req_id = 1, .len = (uint32_t)len};

    proto_encode(to, &head);
    memcpy(to + PROTO_HEAD_SIZE, path, strlen(path) + 1);
    memcpy(to + PROTO_HEAD_SIZE + strlen(path) + 1, value, strlen(value));
    return PROTO_HEAD_SIZE + len;
}

/* A client that comes is served or sent away; one that is there is answered, or cut off with nothing done. In both
 * cases the one that was there before goes on. "split": the request comes in two parts. */
static void socket_loop(const char *path, bool at_accept, bool split)
{
    static char before[1 << 16], after[1 << 16];
    char msg[PROTO_MSG_MAX];
    size_t len = request(msg, "/made/by/socket", "value"), first = split ? PROTO_HEAD_SIZE + 3 : len;
    unsigned long n, failures = 0;
    bool done = false;

    for (n = 1; !done; n++) {
        const char *answer;
        struct world w;
        int old, fd;

        make_world(&w);
        assert_int_equal(domostore_listen(w.ds, path), 0);
        old = connect_to(path);
        (void)settle(w.ds, old);
        before[0] = after[0] = '\0';
        describe(&w, "/", before, sizeof before);
        fd = connect_to(path);
        if (!at_accept)
            (void)settle(w.ds, fd);
        assert_int_equal(send(fd, msg, first, 0), first);
        allocations = 0;
        fail_at = n;
        answer = settle(w.ds, fd);
        if (split && send(fd, msg + first, len - first, MSG_NOSIGNAL) > 0)
            answer = settle(w.ds, fd);
        done = allocations < n;
        fail_at = 0;
        assert_int_equal(domostore_check(w.ds, NULL), 0);
        if (strcmp(answer, "(none)") == 0)
            answer = settle(w.ds, fd);
        if (strcmp(answer, "OK") != 0) {
            failures++;
            assert_true(strcmp(answer, "ENOMEM") == 0 || strcmp(answer, "(closed)") == 0);
            describe(&w, "/", after, sizeof after);
            assert_string_equal(before, after);
        }
        (void)close(fd);
        assert_int_equal(send(old, msg, len, 0), len);
        assert_string_equal(settle(w.ds, old), "OK");
        assert_int_equal(domostore_check(w.ds, NULL), 0);
        (void)close(old);
        free_world(&w);
    }
    assert_true(failures > 1);
}

static void test_sockets(void **state)
{
    char dir[] = "/tmp/domo-nomem-XXXXXX", path[64];

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/s", dir);
    socket_loop(path, true, false);
    socket_loop(path, false, false);
    socket_loop(path, false, true);
    (void)unlink(path);
    assert_int_equal(rmdir(dir), 0);
}

/* --- dump and load --- */

/* All that a dump can have: rings with something unread, watches, transactions, limits. */
static void fill(struct world *w)
{
    struct client *ring = client_ring(w->ds, 2, pages[2]);

    memset(pages[2], 0, PAGE);
    assert_int_equal(domostore_introduce(w->ds, 2, 5, 6), 0);
    assert_string_equal(client_path(w->priv, PROTO_MKDIR, 0, "/local/domain/2"), "OK");
    assert_string_equal(client_perms(w->priv, 0, "/local/domain/2", "n2"), "OK");
    assert_string_equal(client_watch(ring, "x", "t"), "OK");
    assert_string_equal(client_write(ring, 0, "old", "v"), "OK");
    assert_string_equal(client_write(ring, client_start(ring), "in/tx", "v"), "OK");
    assert_string_equal(client_path(ring, PROTO_RM, 1, "old"), "OK");
    assert_string_equal(client_ask(w->priv, PROTO_SET_QUOTA, 0, "2\0nodes\00050", 11), "OK");
    client_free(ring);
    while (!domostore_turn(w->ds))
        ;
}

static void test_dump(void **state)
{
    struct world w;
    int json;

    (void)state;
    make_world(&w);
    fill(&w);
    for (json = 0; json < 2; json++) {
        size_t len, want_len;
        char *text, *want = domostore_dump(w.ds, json, &want_len);
        unsigned long n;
        bool done = false;

        for (n = 1; !done; n++) {
            allocations = 0;
            fail_at = n;
            text = domostore_dump(w.ds, json, &len);
            done = allocations < n;
            fail_at = 0;
            assert_true(text || !done);
            if (text)
                assert_string_equal(text, want);
            free(text);
            assert_int_equal(domostore_check(w.ds, NULL), 0);
        }
        assert_true(n > 3);
        free(want);
    }
    free_world(&w);
}

/* What could not be loaded leaves nothing behind when it is freed, neither memory nor a mapped ring; the text itself is
 * not touched, and is loaded the next time. */
static void test_load(void **state)
{
    struct world w;
    size_t len, again_len;
    char *text, *again;
    unsigned long n;
    int live;

    (void)state;
    make_world(&w);
    fill(&w);
    text = domostore_dump(w.ds, false, &len);
    assert_non_null(text);
    free_world(&w);
    for (live = 0; live < 2; live++) {
        bool done = false;

        for (n = 1; !done; n++) {
            struct domostore *ds = domostore_new(&ops, NULL);
            int rc;

            allocations = 0;
            fail_at = n;
            rc = domostore_load(ds, text, len, live);
            done = allocations < n;
            fail_at = 0;
            assert_true(rc == 0 || rc == -ENOMEM);
            assert_true(rc == 0 || !done);
            /* Half a store, but none that contradicts itself. */
            assert_int_equal(domostore_check(ds, NULL), 0);
            if (rc == 0 && live) {
                again = domostore_dump(ds, false, &again_len);
                assert_non_null(strstr(again, "tx-node "));
                assert_int_equal(mapped[2], 1);
                free(again);
            }
            (void)domostore_free(ds);
            assert_int_equal(mapped[2], 0);
        }
        assert_true(n > 20);
    }
    free(text);
}

static void test_new(void **state)
{
    struct domostore *ds = NULL;
    unsigned long n;

    (void)state;
    for (n = 1; !ds; n++) {
        allocations = 0;
        fail_at = n;
        ds = domostore_new(NULL, NULL);
        fail_at = 0;
    }
    assert_true(n > 5);
    (void)domostore_free(ds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new),     cmocka_unit_test(test_single), cmocka_unit_test(test_transaction),
        cmocka_unit_test(test_shared),  cmocka_unit_test(test_death),  cmocka_unit_test(test_introduce),
        cmocka_unit_test(test_sockets), cmocka_unit_test(test_dump),   cmocka_unit_test(test_load),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
