/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: whichever allocation of whichever operation fails, the operation
 * answers ENOMEM (or succeeds without it), has changed nothing, and the books
 * are right; tried again with memory, it succeeds.
 */
#include <errno.h>
#include <stdio.h>

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

struct world {
    struct domostore *ds;
    struct client *priv, *guest, *watcher;
    uint32_t tx;
};

/* The whole tree as text, through the protocol; fail_at is off. */
static void describe(struct world *w, const char *path, char *to, size_t size)
{
    char names[PROTO_PAYLOAD_MAX + 1], sub[512];
    size_t len, at = strlen(to), i;

    (void)snprintf(to + at, size - at, "%s=%s;", path, client_path(w->priv, PROTO_READ, 0, path));
    at = strlen(to);
    (void)snprintf(to + at, size - at, "%s;", client_path(w->priv, PROTO_GET_PERMS, 0, path));
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
    w->ds = domostore_new(NULL, NULL);
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
        assert_string_equal(client_path(w.priv, PROTO_GET_PERMS, 0, "/x/y"), "n0");
        assert_int_equal(domostore_check(w.ds, NULL), 0);
        free_world(&w);
    }
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
        cmocka_unit_test(test_new),    cmocka_unit_test(test_single), cmocka_unit_test(test_transaction),
        cmocka_unit_test(test_shared), cmocka_unit_test(test_death),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
