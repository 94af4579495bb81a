/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Connections inside the process: for embedding and for tests.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"

struct domostore_conn {
    struct conn *c; /* NULL: closed by the server */
    char *out;      /* taken from the queue, not yet fetched */
    size_t len, head;
};

enum { MEM_OUT_MAX = 64 << 10 };

static ssize_t mem_write(struct conn *c, const void *bytes, size_t len)
{
    struct domostore_conn *mc = c->transport_data;
    char *p;

    if (mc->head == mc->len)
        mc->head = mc->len = 0;
    if (len > MEM_OUT_MAX - mc->len)
        len = MEM_OUT_MAX - mc->len;
    if (len == 0)
        return 0;
    p = realloc(mc->out, mc->len + len);
    if (!p)
        return 0;
    memcpy(p + mc->len, bytes, len);
    mc->out = p;
    mc->len += len;
    return (ssize_t)len;
}

static void mem_close(struct conn *c)
{
    struct domostore_conn *mc = c->transport_data;

    mc->c = NULL;
}

static const struct transport mem_transport = {
    .kind = "memory",
    .write = mem_write,
    .close = mem_close,
};

struct domostore_conn *domostore_connect(struct domostore *ds, uint16_t domid, bool privileged)
{
    struct who who = {.domid = domid, .privileged = privileged, .target = -1};
    struct domostore_conn *mc = calloc(1, sizeof *mc);
    struct domain *dom;

    if (mc && store_domain_add(&ds->s, domid, &dom) == 0) {
        who.target = dom->target;
        mc->c = conn_new(ds, &mem_transport, mc, &who, dom);
    }
    if (mc && mc->c)
        return mc;
    free(mc);
    return NULL;
}

struct domostore_conn *domostore_close(struct domostore_conn *mc)
{
    if (!mc)
        return NULL;
    if (mc->c)
        conn_free(mc->c);
    free(mc->out);
    free(mc);
    return NULL;
}

int domostore_send(struct domostore_conn *mc, const void *bytes, size_t len)
{
    int rc;

    if (!mc->c || mc->c->dead)
        return -EPIPE;
    rc = conn_input(mc->c, bytes, len);
    if (rc < 0)
        conn_kill(mc->c);
    return rc < 0 ? -EPIPE : 0;
}

ssize_t domostore_recv(struct domostore_conn *mc, void *bytes, size_t len)
{
    size_t n;

    if (mc->c && mc->head == mc->len)
        server_want_flush(mc->c);
    if (mc->c)
        (void)domostore_turn(mc->c->ds);
    n = mc->len - mc->head < len ? mc->len - mc->head : len;
    if (n == 0)
        return mc->c ? 0 : -EPIPE;
    memcpy(bytes, mc->out + mc->head, n);
    mc->head += n;
    return (ssize_t)n;
}
