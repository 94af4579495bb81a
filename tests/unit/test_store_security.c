/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: what one domain does, is or was cannot be used against another:
 * rights, limits, events, numbers that are used again, floods.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "unit.h"

#include "store_client.h"

struct world {
    struct domostore *ds;
    struct client *priv, *g1, *g2;
};

static bool exists(void *arg, uint16_t domid)
{
    (void)arg;
    return domid < 3;
}

static int setup(void **state)
{
    struct domostore_ops ops = {.domain_exists = exists};
    struct world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    w->ds = domostore_new(&ops, w);
    w->priv = client_mem(w->ds, 0, true);
    w->g1 = client_mem(w->ds, 1, false);
    w->g2 = client_mem(w->ds, 2, false);
    assert_string_equal(client_path(w->priv, PROTO_MKDIR, 0, "/local/domain/1"), "OK");
    assert_string_equal(client_perms(w->priv, 0, "/local/domain/1", "n1"), "OK");
    assert_string_equal(client_path(w->priv, PROTO_MKDIR, 0, "/local/domain/2"), "OK");
    assert_string_equal(client_perms(w->priv, 0, "/local/domain/2", "n2"), "OK");
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    char *why = NULL;

    if (domostore_check(w->ds, &why) < 0)
        fail_msg("%s", why);
    client_free(w->priv);
    client_free(w->g1);
    client_free(w->g2);
    (void)domostore_free(w->ds);
    free(w);
    return 0;
}

/* Each type with each shape of payload: one reply, with the request's numbers. */
static void test_shapes(void **state)
{
    static char nuls[PROTO_PAYLOAD_MAX], text[PROTO_PAYLOAD_MAX], path[] = "/a";
    const struct {
        const char *p;
        size_t len;
    } shapes[] = {{nuls, 0}, {nuls, 1},           {nuls, 2}, {nuls, 3}, {nuls, sizeof nuls},
                  {text, 1}, {text, sizeof text}, {path, 2}, {path, 3}};
    struct world *w = *state;
    uint32_t type;
    size_t i, who;

    memset(text, 'x', sizeof text);
    for (who = 0; who < 2; who++) {
        struct client *c = who ? w->g1 : w->priv;

        for (type = 0; type < 40; type++) {
            for (i = 0; i < ARRAY_LEN(shapes); i++) {
                assert_string_not_equal(client_ask(c, type, 0, shapes[i].p, shapes[i].len), "(none)");
                assert_int_equal(c->req_id, 5);
                assert_int_equal(c->tx_id, 0);
                assert_true(c->type == type || c->type == PROTO_ERROR);
            }
        }
    }
    assert_string_equal(client_ask(w->priv, 15, 0, "", 1), "ENOSYS");
    assert_string_equal(client_ask(w->priv, 16, 0, "", 1), "ENOSYS");
    assert_string_equal(client_ask(w->priv, 20, 0, "", 1), "ENOSYS");
    assert_string_equal(client_ask(w->priv, 0xffff, 0, "", 1), "ENOSYS");
}

static void test_privileged_only(void **state)
{
    static const uint32_t types[] = {PROTO_CONTROL,  PROTO_INTRODUCE,  PROTO_RELEASE,     PROTO_IS_DOMAIN_INTRODUCED,
                                     PROTO_RESUME,   PROTO_SET_TARGET, PROTO_SET_FEATURE, PROTO_GET_QUOTA,
                                     PROTO_SET_QUOTA};
    struct world *w = *state;
    struct domostore_stats before, after;
    size_t i;

    domostore_stats(w->ds, &before);
    for (i = 0; i < ARRAY_LEN(types); i++)
        assert_string_equal(client_ask(w->g1, types[i], 0, "2\0001\0002\0", 6), "EACCES");
    domostore_stats(w->ds, &after);
    assert_memory_equal(&before, &after, sizeof before);
}

/* A transaction's number means it on its own connection only. */
static void test_foreign_transaction(void **state)
{
    struct world *w = *state;
    uint32_t tx = client_start(w->priv);

    assert_string_equal(client_write(w->priv, tx, "/secret", "v"), "OK");
    assert_string_equal(client_path(w->g1, PROTO_READ, tx, "/secret"), "ENOENT");
    assert_string_equal(client_write(w->g1, tx, "x", "v"), "ENOENT");
    assert_string_equal(client_end(w->g1, tx, true), "ENOENT");
    assert_string_equal(client_write(w->g1, 77, "x", "v"), "ENOENT");
    assert_int_equal(w->g1->tx_id, 77);
    assert_string_equal(client_path(w->priv, PROTO_READ, 0, "/local/domain/1/x"), "ENOENT");
    assert_string_equal(client_path(w->priv, PROTO_READ, tx, "/secret"), "v");
}

/* The same answer for what exists and what does not, where one may not look. */
static void test_hidden(void **state)
{
    static const uint32_t types[] = {PROTO_READ, PROTO_DIRECTORY, PROTO_GET_PERMS, PROTO_MKDIR, PROTO_RM};
    struct world *w = *state;
    size_t i;

    assert_string_equal(client_write(w->g2, 0, "secret", "v"), "OK");
    for (i = 0; i < ARRAY_LEN(types); i++) {
        assert_string_equal(client_path(w->g1, types[i], 0, "/local/domain/2/secret"), "EACCES");
        assert_string_equal(client_path(w->g1, types[i], 0, "/local/domain/2/none"), "EACCES");
    }
    assert_string_equal(client_watch(w->g1, "/local/domain/2", "t"), "OK");
    assert_string_equal(client_write(w->g2, 0, "secret", "w"), "OK");
    assert_string_equal(client_path(w->g2, PROTO_RM, 0, "secret"), "OK");
    client_take(w->g1);
    assert_int_equal(w->g1->event_count, 0);
    /* Readable: told; the right is taken away: told a last time. */
    assert_string_equal(client_write(w->g2, 0, "open", "v"), "OK");
    assert_string_equal(client_perms(w->g2, 0, "open", "n2 r1"), "OK");
    client_take(w->g1);
    assert_true(client_has_event(w->g1, "/local/domain/2/open t"));
    assert_string_equal(client_perms(w->g2, 0, "open", "n2"), "OK");
    client_take(w->g1);
    assert_true(client_has_event(w->g1, "/local/domain/2/open t"));
    assert_string_equal(client_write(w->g2, 0, "open", "v"), "OK");
    client_take(w->g1);
    assert_int_equal(w->g1->event_count, 0);
}

static void test_root(void **state)
{
    struct world *w = *state;

    assert_string_equal(client_path(w->priv, PROTO_RM, 0, "/"), "EINVAL");
    assert_string_equal(client_write(w->g1, 0, "/", "v"), "EACCES");
    assert_string_equal(client_perms(w->g1, 0, "/", "b1"), "EACCES");
    assert_string_equal(client_path(w->g1, PROTO_DIRECTORY, 0, "/"), "EACCES");
    assert_string_equal(client_write(w->priv, 0, "/", "v"), "OK");
}

static void test_set_perms(void **state)
{
    struct world *w = *state;

    assert_string_equal(client_write(w->g1, 0, "n", "v"), "OK");
    assert_string_equal(client_perms(w->g1, 0, "n", "n2"), "EPERM");
    assert_string_equal(client_perms(w->g1, 0, "n", "n1 r1 r1 r1 r1"), "OK");
    assert_string_equal(client_perms(w->g1, 0, "n", "n1 r1 r1 r1 r1 r1"), "ENOSPC");
    assert_string_equal(client_perms(w->priv, 0, "/local/domain/1/n", "n1 r1 r1 r1 r1 r1"), "OK");
    assert_string_equal(client_perms(w->priv, 0, "/local/domain/1/n", "n16"), "ENOENT");
    assert_string_equal(client_perms(w->priv, 0, "/local/domain/1/n", "n32757"), "ENOENT");
    assert_string_equal(client_perms(w->priv, 0, "/local/domain/1/n", "n65535"), "ENOENT");
    assert_string_equal(client_perms(w->priv, 0, "/local/domain/1/n", "n65536"), "EINVAL");
    assert_string_equal(client_perms(w->priv, 0, "/local/domain/1/n", "n-1"), "EINVAL");
    assert_string_equal(client_perms(w->priv, 0, "/local/domain/1/n", "r0x1"), "EINVAL");
    assert_string_equal(client_perms(w->priv, 0, "/local/domain/1/n", "x1"), "EINVAL");
    assert_string_equal(client_perms(w->priv, 0, "/local/domain/1/n", "n1 r32757"), "OK");
    assert_string_equal(client_path(w->g2, PROTO_READ, 0, "/local/domain/1/n"), "v");
    /* A number that names nobody is listed, and never comes to mean anybody. */
    assert_string_equal(client_perms(w->priv, 0, "/local/domain/1/n", "n1 r7"), "OK");
    w->g2 = (client_free(w->g2), client_mem(w->ds, 7, false));
    assert_string_equal(client_path(w->g2, PROTO_READ, 0, "/local/domain/1/n"), "EACCES");
}

static void test_recycled(void **state)
{
    struct world *w = *state;
    uint32_t tx;

    assert_string_equal(client_write(w->priv, 0, "/shared", "v"), "OK");
    assert_string_equal(client_perms(w->priv, 0, "/shared", "n0 b1"), "OK");
    assert_string_equal(client_perms(w->priv, 0, "@introduceDomain", "n0 r1"), "OK");
    assert_string_equal(client_path(w->priv, PROTO_MKDIR, 0, "/given"), "OK");
    assert_string_equal(client_perms(w->priv, 0, "/given", "n1"), "OK");
    assert_string_equal(client_write(w->priv, 0, "/given/below", "v"), "OK");
    assert_string_equal(client_perms(w->priv, 0, "/given/below", "n0"), "OK");
    assert_string_equal(client_watch(w->g1, "/shared", "t"), "OK");
    /* A transaction that names the domain before it dies must not name its successor. */
    assert_string_equal(client_write(w->priv, 0, "/late", "v"), "OK");
    tx = client_start(w->priv);
    assert_string_equal(client_perms(w->priv, tx, "/late", "n0 b1"), "OK");
    domostore_domain_destroyed(w->ds, 1);
    client_free(w->g1);
    w->g1 = client_mem(w->ds, 1, false);
    assert_string_equal(client_end(w->priv, tx, true), "EAGAIN");
    assert_string_equal(client_path(w->g1, PROTO_READ, 0, "/shared"), "EACCES");
    assert_string_equal(client_perms_of(w->priv, "/shared"), "n0");
    assert_string_equal(client_perms_of(w->priv, "@introduceDomain"), "n0");
    assert_string_equal(client_path(w->priv, PROTO_READ, 0, "/given/below"), "ENOENT");
    assert_string_equal(client_path(w->priv, PROTO_READ, 0, "/local/domain/1"), "ENOENT");
    assert_non_null(strstr(client_ask(w->priv, PROTO_CONTROL, 0, "quota\0001", 8), "nodes           :        0\n"));
    assert_non_null(strstr(w->priv->reply, "watches         :        0\n"));
}

static void test_target(void **state)
{
    struct world *w = *state;

    assert_int_equal(domostore_introduce(w->ds, 1, 1, 1), 0);
    assert_int_equal(domostore_introduce(w->ds, 2, 1, 1), 0);
    assert_string_equal(client_write(w->g2, 0, "n", "v"), "OK");
    assert_string_equal(client_path(w->g1, PROTO_READ, 0, "/local/domain/2/n"), "EACCES");
    assert_string_equal(client_ask(w->priv, PROTO_SET_TARGET, 0, "1\0002", 4), "OK");
    assert_string_equal(client_path(w->g1, PROTO_READ, 0, "/local/domain/2/n"), "v");
    assert_string_equal(client_perms(w->g1, 0, "/local/domain/2/n", "r2"), "OK");
    assert_string_equal(client_perms(w->g1, 0, "/local/domain/2/n", "r1"), "EPERM");
    assert_string_equal(client_ask(w->priv, PROTO_SET_TARGET, 0, "1\0009", 4), "ENOENT");
    domostore_domain_destroyed(w->ds, 2);
    client_free(w->g2);
    w->g2 = client_mem(w->ds, 2, false);
    assert_string_equal(client_path(w->priv, PROTO_MKDIR, 0, "/local/domain/2"), "OK");
    assert_string_equal(client_perms(w->priv, 0, "/local/domain/2", "n2"), "OK");
    assert_string_equal(client_write(w->g2, 0, "n", "v"), "OK");
    assert_string_equal(client_path(w->g1, PROTO_READ, 0, "/local/domain/2/n"), "EACCES");
    client_free(w->g1);
    w->g1 = client_mem(w->ds, 1, false);
    assert_string_equal(client_path(w->g1, PROTO_READ, 0, "/local/domain/2/n"), "EACCES");
}

static void test_node_quota(void **state)
{
    struct world *w = *state;
    char path[64], value[2100];
    uint32_t tx;
    int i;

    assert_int_equal(domostore_set_quota(w->ds, "nodes", 20), 0);
    for (i = 1; i < 20; i++) {
        (void)snprintf(path, sizeof path, "n%d", i);
        assert_string_equal(client_write(w->g1, 0, path, "v"), "OK");
    }
    assert_string_equal(client_write(w->g1, 0, "over", "v"), "ENOSPC");
    tx = client_start(w->g1);
    assert_string_equal(client_write(w->g1, tx, "over", "v"), "ENOSPC");
    assert_string_equal(client_end(w->g1, tx, true), "ENOMEM"); /* it failed half-way */
    tx = client_start(w->g1);
    assert_string_equal(client_path(w->g1, PROTO_RM, tx, "n1"), "OK");
    assert_string_equal(client_write(w->g1, tx, "over", "v"), "OK");
    assert_string_equal(client_end(w->g1, tx, true), "OK");
    tx = client_start(w->g1);
    assert_string_equal(client_path(w->g1, PROTO_RM, tx, "over"), "OK");
    assert_string_equal(client_write(w->g1, tx, "over", "v"), "OK");
    assert_string_equal(client_write(w->g1, tx, "over2", "v"), "OK");
    assert_string_equal(client_end(w->g1, tx, true), "ENOSPC");
    /* What domain 0 makes there counts, but is not refused. */
    assert_string_equal(client_write(w->priv, 0, "/local/domain/1/by0", "v"), "OK");
    assert_string_equal(client_path(w->g1, PROTO_RM, 0, "n2"), "OK");
    assert_string_equal(client_write(w->g1, 0, "over3", "v"), "ENOSPC");
    assert_string_equal(client_path(w->g1, PROTO_RM, 0, "by0"), "OK");
    assert_string_equal(client_write(w->g1, 0, "over3", "v"), "OK");
    memset(value, 'v', sizeof value);
    value[2048 - 4] = '\0';
    assert_string_equal(client_write(w->g1, 0, "over3", value), "OK");
    value[2048 - 4] = 'v';
    value[2048 - 3] = '\0';
    assert_string_equal(client_write(w->g1, 0, "over3", value), "ENOSPC");
    assert_string_equal(client_write(w->priv, 0, "/big", value), "OK");
}

static void test_other_quotas(void **state)
{
    struct world *w = *state;
    char text[64];
    uint32_t tx;
    int i;

    assert_int_equal(domostore_set_quota(w->ds, "path-max", 10), 0);
    assert_string_equal(client_write(w->g1, 0, "0123456789", "v"), "OK");
    assert_string_equal(client_path(w->g1, PROTO_RM, 0, "0123456789"), "OK");
    assert_string_equal(client_write(w->g1, 0, "0123456789a", "v"), "EINVAL");
    assert_string_equal(client_watch(w->g1, "0123456789a", "v"), "EINVAL");
    assert_int_equal(domostore_set_quota(w->ds, "path-max", 2048), 0);
    for (i = 0; i < 128; i++) {
        (void)snprintf(text, sizeof text, "w%d", i);
        assert_string_equal(client_watch(w->g1, text, "t"), "OK");
    }
    assert_string_equal(client_watch(w->g1, "over", "t"), "ENOSPC");
    assert_string_equal(client_ask(w->g1, PROTO_UNWATCH, 0, "w3\0t", 5), "OK");
    assert_string_equal(client_watch(w->g1, "over", "t"), "OK");
    for (i = 0; i < 10; i++)
        assert_int_equal(client_start(w->g1), i + 1);
    assert_string_equal(client_ask(w->g1, PROTO_TRANSACTION_START, 0, "", 1), "ENOSPC");
    assert_string_equal(client_end(w->g1, 4, false), "OK");
    tx = client_start(w->g1);
    assert_true(tx > 0);
    assert_int_equal(domostore_set_quota(w->ds, "transaction-nodes", 5), 0);
    for (i = 0; i < 5; i++) {
        (void)snprintf(text, sizeof text, "/local/domain/1/%d", i);
        (void)client_path(w->priv, PROTO_MKDIR, 0, text);
    }
    tx = 1;
    for (i = 0; i < 5; i++) {
        (void)snprintf(text, sizeof text, "/local/domain/1");
        (void)client_path(w->g1, PROTO_READ, tx, text);
    }
    for (i = 0; i < 2; i++) {
        (void)snprintf(text, sizeof text, "n%d", i);
        assert_string_equal(client_write(w->g1, tx, text, "v"), "OK");
    }
    for (; i < 4; i++) {
        (void)snprintf(text, sizeof text, "n%d", i);
        (void)client_write(w->g1, tx, text, "v");
    }
    assert_string_equal(client_write(w->g1, tx, "n9", "v"), "ENOSPC");
    assert_string_equal(client_ask(w->g1, PROTO_RESET_WATCHES, tx, "", 1), "OK");
    assert_string_equal(client_end(w->g1, tx, true), "ENOENT");
}

/* A guest that writes without pause cannot keep another's transaction from ending when they touch different things;
 * and when they touch the same, blind writes do not conflict. */
static void test_no_starvation(void **state)
{
    struct world *w = *state;
    uint32_t tx;
    int i;

    for (i = 0; i < 100; i++) {
        char path[64];

        tx = client_start(w->priv);
        assert_string_equal(client_write(w->g1, 0, "noise", "v"), "OK");
        (void)snprintf(path, sizeof path, "/local/domain/1/made%d", i);
        assert_string_equal(client_write(w->priv, tx, path, "v"), "OK");
        assert_string_equal(client_write(w->g1, 0, "noise2", "v"), "OK");
        assert_string_equal(client_path(w->g1, PROTO_RM, 0, "noise2"), "OK");
        assert_string_equal(client_end(w->priv, tx, true), "OK");
    }
}

/* And when it does read what the guest keeps writing, it wins after a few conflicts: the guest waits. */
static void test_guarded(void **state)
{
    struct world *w = *state;
    uint32_t tx;
    int i;

    assert_string_equal(client_write(w->g1, 0, "x", "v"), "OK");
    for (i = 0; i < 4; i++) {
        tx = client_start(w->priv);
        assert_string_equal(client_path(w->priv, PROTO_READ, tx, "/local/domain/1/x"), "v");
        assert_string_equal(client_write(w->g1, 0, "x", "v"), "OK");
        assert_string_equal(client_end(w->priv, tx, true), "EAGAIN");
    }
    tx = client_start(w->priv);
    assert_string_equal(client_path(w->priv, PROTO_READ, tx, "/local/domain/1/x"), "v");
    assert_string_equal(client_write(w->g1, 0, "x", "w"), "(none)");
    assert_string_equal(client_end(w->priv, tx, true), "OK");
    client_take(w->g1);
    assert_string_equal(w->g1->reply, "OK");
    /* A guard that is not ended ends by itself. */
    for (i = 0; i < 4; i++) {
        tx = client_start(w->priv);
        assert_string_equal(client_path(w->priv, PROTO_READ, tx, "/local/domain/1/x"), "w");
        assert_string_equal(client_write(w->g1, 0, "x", "w"), "OK");
        assert_string_equal(client_end(w->priv, tx, true), "EAGAIN");
    }
    (void)client_start(w->priv);
    assert_string_equal(client_write(w->g1, 0, "x", "y"), "(none)");
    assert_in_range(domostore_timeout_ms(w->ds), 0, 50);
    (void)usleep(60000);
    while (!domostore_turn(w->ds))
        ;
    client_take(w->g1);
    assert_string_equal(w->g1->reply, "OK");
}

/* A snapshot that a guest holds for ever does not hold the past for ever. */
static void test_doomed(void **state)
{
    struct world *w = *state;
    static char value[2001];
    uint32_t tx = client_start(w->g1);
    char path[64];
    int i, round;

    memset(value, 'v', sizeof value - 1);
    assert_string_equal(client_write(w->g1, tx, "mine", "v"), "OK");
    for (round = 0; round < 2; round++) {
        for (i = 0; i < 3000; i++) {
            uint32_t other = client_start(w->priv); /* makes each write copy */

            (void)snprintf(path, sizeof path, "/fill/%d", i);
            assert_string_equal(client_write(w->priv, 0, path, value), "OK");
            assert_string_equal(client_end(w->priv, other, false), "OK");
        }
    }
    assert_string_equal(client_path(w->g1, PROTO_READ, tx, "mine"), "ENOENT");
    assert_string_equal(client_write(w->g1, tx, "mine", "v"), "OK");
    assert_string_equal(client_path(w->g1, PROTO_RM, tx, "mine"), "OK");
    assert_string_equal(client_path(w->priv, PROTO_READ, 0, "/local/domain/1/mine"), "ENOENT");
    assert_string_equal(client_end(w->g1, tx, true), "EAGAIN");
}

static void test_oversize(void **state)
{
    struct world *w = *state;
    static char payload[PROTO_PAYLOAD_MAX];
    char name[32];
    int i;

    /* An event that would not fit is left out; nothing else happens. */
    memset(payload, 't', sizeof payload - 1);
    payload[0] = '/';
    payload[1] = '\0';
    assert_string_equal(client_ask(w->g1, PROTO_WATCH, 0, payload, sizeof payload), "OK");
    assert_string_equal(client_write(w->g1, 0, "some/rather/long/path/so/that/it/does/not/fit", "v"), "OK");
    assert_int_equal(w->g1->event_count, 0);
    for (i = 0; i < 600; i++) {
        (void)snprintf(name, sizeof name, "/many/child%03d", i);
        assert_string_equal(client_write(w->priv, 0, name, "v"), "OK");
    }
    assert_string_equal(client_path(w->priv, PROTO_DIRECTORY, 0, "/many"), "E2BIG");
    assert_string_equal(client_ask(w->priv, PROTO_DIRECTORY_PART, 0, "/many\0000", 8) ? "x" : "", "x");
    assert_int_equal(w->priv->type, PROTO_DIRECTORY_PART);
}

/* "column" of what domain 1 holds: nodes, watches, transactions, memory. */
static long used(struct world *w, const char *column)
{
    const char *text = client_ask(w->priv, PROTO_CONTROL, 0, "quota\0001", 8), *row = strstr(text, column);

    assert_non_null(row);
    return strtol(strchr(row, ':') + 1, NULL, 10);
}

/* RESET_WATCHES leaves nothing: no count, no event, and all watches may be set again. */
static void test_reset_watches(void **state)
{
    struct world *w = *state;
    long before = used(w, "memory");
    char text[32];
    int i, round;

    for (round = 0; round < 2; round++) {
        for (i = 0; i < 128; i++) {
            (void)snprintf(text, sizeof text, "w%d", i);
            assert_string_equal(client_watch(w->g1, text, "t"), "OK");
        }
        assert_int_equal(used(w, "watches"), 128);
        assert_int_equal(client_start(w->g1), round + 1);
        assert_string_equal(client_ask(w->g1, PROTO_RESET_WATCHES, 0, "", 1), "OK");
        assert_int_equal(used(w, "watches"), 0);
        assert_int_equal(used(w, "transactions"), 0);
        assert_true(used(w, "memory") <= before + 8192); /* the buffer of its connection */
    }
    assert_string_equal(client_write(w->priv, 0, "/local/domain/1/w1", "v"), "OK");
    client_take(w->g1);
    assert_int_equal(w->g1->event_count, 0);
}

/* As many of the largest nodes in as many transactions as there may be: the limit of memory holds, nobody else notices,
 * and afterwards all of it is free again. */
static void test_memory(void **state)
{
    struct world *w = *state;
    static char value[2001], path[2001];
    long before = used(w, "memory");
    int refused, i, n, write;

    memset(value, 'v', sizeof value - 1);
    memset(path, 'p', sizeof path - 1);
    for (write = 0; write < 2; write++) {
        uint32_t tx[10];

        for (refused = i = 0; i < 10; i++) {
            tx[i] = client_start(w->g1);
            assert_true(tx[i] > 0);
            for (n = 0; n < 900; n++) {
                const char *answer;
                char name[16];

                (void)snprintf(name, sizeof name, "n%d", n);
                memcpy(path, name, strlen(name)); /* the first level that is missing is what is remembered */
                answer = write ? client_write(w->g1, tx[i], name, value) : client_path(w->g1, PROTO_READ, tx[i], path);
                refused += strcmp(answer, "ENOSPC") == 0 || strcmp(answer, "ENOMEM") == 0;
            }
            assert_in_range(used(w, "memory"), 0, 2621440 + 8192); /* the buffer of its connection is not refused */
        }
        assert_true(refused > 5000);
        assert_string_equal(client_write(w->g2, 0, "n", value), "OK");
        for (i = 0; i < 10; i++)
            assert_string_equal(client_end(w->g1, tx[i], false), "OK");
        assert_true(used(w, "memory") <= before + 8192);
    }
}

/* What is made and removed in one transaction leaves no trace at its end, however often (XSA-421, XSA-440). */
static void test_made_and_removed(void **state)
{
    struct world *w = *state;
    struct domostore_stats before, after;
    uint32_t tx = client_start(w->priv);
    char path[64];
    int i;

    domostore_stats(w->ds, &before);
    for (i = 0; i < 10000; i++) {
        (void)snprintf(path, sizeof path, "/local/domain/1/tmp/%d/x", i % 100);
        assert_string_equal(client_write(w->priv, tx, path, "v"), "OK");
        *strrchr(path, '/') = '\0';
        assert_string_equal(client_path(w->priv, PROTO_RM, tx, path), "OK");
    }
    assert_string_equal(client_path(w->priv, PROTO_RM, tx, "/local/domain/1/tmp"), "OK");
    assert_string_equal(client_watch(w->g1, "", "t"), "EINVAL");
    assert_string_equal(client_watch(w->g2, "/local", "t"), "OK");
    assert_string_equal(client_end(w->priv, tx, true), "OK");
    domostore_stats(w->ds, &after);
    assert_int_equal(after.nodes, before.nodes);
    client_take(w->g2);
    assert_int_equal(w->g2->event_count, 0);
    for (i = 0; i < 100; i++) {
        tx = client_start(w->g1);
        assert_string_equal(client_write(w->g1, tx, "a/b", "v"), "OK");
        assert_string_equal(client_path(w->g1, PROTO_RM, tx, "a"), "OK");
        assert_string_equal(client_end(w->g1, tx, true), "OK");
        assert_int_equal(used(w, "nodes"), 1);
    }
}

/* Paths that others stumbled over, in each request that takes one: an error, and the books are right (teardown). */
static void test_strange_paths(void **state)
{
    static const char *const paths[] = {"/local/domain/",
                                        "/local/domain//",
                                        "/local/domain",
                                        "/local/domain/1/",
                                        "//",
                                        "/",
                                        "",
                                        "@",
                                        "@x",
                                        "/@",
                                        "-",
                                        "/local/domain/x",
                                        "/local/domain/99999999999999999999/x",
                                        "/local/domain/-1/x",
                                        "/local/domain/1/../2/x",
                                        "/local/domain/2/x"};
    static const uint32_t types[] = {PROTO_READ, PROTO_DIRECTORY, PROTO_GET_PERMS, PROTO_MKDIR, PROTO_RM};
    struct world *w = *state;
    struct domostore_stats before, after;
    size_t i, k;

    domostore_stats(w->ds, &before);
    for (i = 0; i < ARRAY_LEN(paths); i++) {
        for (k = 0; k < ARRAY_LEN(types); k++) {
            (void)client_path(w->g1, types[k], 0, paths[i]);
            assert_true(w->g1->type == PROTO_ERROR || strcmp(paths[i], "-") == 0);
        }
        (void)client_write(w->g1, 0, paths[i], "v");
        (void)client_perms(w->g1, 0, paths[i], "b1");
        (void)client_ask(w->g1, PROTO_DIRECTORY_PART, 0, paths[i], strlen(paths[i]) + 1);
        assert_string_equal(client_path(w->priv, PROTO_READ, 0, "/tool"), "");
    }
    assert_string_equal(client_path(w->g1, PROTO_RM, 0, "-"), "OK");
    domostore_stats(w->ds, &after);
    assert_int_equal(after.nodes, before.nodes);
}

/* Who comes and goes is told to the privileged, and to those who were given the right; what is "@something else" is a
 * watch that never fires. */
static void test_special_watches(void **state)
{
    struct world *w = *state;

    assert_string_equal(client_watch(w->g1, "@introduceDomain", "t"), "OK");
    assert_string_equal(client_watch(w->g1, "@other", "t"), "OK");
    assert_string_equal(client_watch(w->priv, "@introduceDomain", "t"), "OK");
    client_take(w->g1);
    assert_int_equal(domostore_introduce(w->ds, 2, 1, 1), 0);
    client_take(w->priv);
    assert_true(client_has_event(w->priv, "@introduceDomain t"));
    client_take(w->g1);
    assert_int_equal(w->g1->event_count, 0);
    assert_string_equal(client_perms(w->g1, 0, "@introduceDomain", "n0 r1"), "EACCES");
    assert_string_equal(client_perms(w->priv, 0, "@introduceDomain", "n0 r1"), "OK");
    assert_int_equal(domostore_introduce(w->ds, 3, 1, 1), 0);
    client_take(w->g1);
    assert_int_equal(w->g1->event_count, 1);
    assert_true(client_has_event(w->g1, "@introduceDomain t"));
    domostore_domain_destroyed(w->ds, 3);
}

/* The deepest path there can be, on a stack that a call for each level would not fit in. */
static void *deep(void *arg)
{
    struct world *w = arg;
    char path[2049];
    size_t len = 0, dump_len;
    uint32_t tx;

    while (len + 2 <= 2048) {
        path[len++] = '/';
        path[len++] = 'x';
    }
    path[len] = '\0';
    assert_string_equal(client_write(w->priv, 0, path, "v"), "OK");
    tx = client_start(w->priv);
    assert_string_equal(client_write(w->priv, tx, path, "w"), "OK");
    assert_string_equal(client_write(w->priv, 0, "/other", "v"), "OK");
    assert_string_equal(client_end(w->priv, tx, true), "OK");
    assert_int_equal(domostore_check(w->ds, NULL), 0);
    free(domostore_dump(w->ds, false, &dump_len));
    domostore_domain_destroyed(w->ds, 2);
    assert_string_equal(client_path(w->priv, PROTO_RM, 0, "/x"), "OK");
    while (!domostore_turn(w->ds))
        ;
    return NULL;
}

static void test_small_stack(void **state)
{
#if defined(__SANITIZE_ADDRESS__)
    enum { STACK = 1 << 20 }; /* its frames are larger */
#else
    enum { STACK = 32 << 10 };
#endif
    pthread_attr_t attr;
    pthread_t thread;

    assert_int_equal(pthread_attr_init(&attr), 0);
    assert_int_equal(pthread_attr_setstacksize(&attr, STACK), 0);
    assert_int_equal(pthread_create(&thread, &attr, deep, *state), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    (void)pthread_attr_destroy(&attr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_shapes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_privileged_only, setup, teardown),
        cmocka_unit_test_setup_teardown(test_foreign_transaction, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hidden, setup, teardown),
        cmocka_unit_test_setup_teardown(test_root, setup, teardown),
        cmocka_unit_test_setup_teardown(test_set_perms, setup, teardown),
        cmocka_unit_test_setup_teardown(test_recycled, setup, teardown),
        cmocka_unit_test_setup_teardown(test_target, setup, teardown),
        cmocka_unit_test_setup_teardown(test_node_quota, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_quotas, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_starvation, setup, teardown),
        cmocka_unit_test_setup_teardown(test_guarded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_doomed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_oversize, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reset_watches, setup, teardown),
        cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(test_made_and_removed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_strange_paths, setup, teardown),
        cmocka_unit_test_setup_teardown(test_special_watches, setup, teardown),
        cmocka_unit_test_setup_teardown(test_small_stack, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
