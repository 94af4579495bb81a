/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim/back_packet.h"

#include <string.h>

#include "base/str.h"
#include "ring/share.h"
#include "sim/node.h"

struct packet {
    uint8_t bytes[NET_PACKET_MAX];
    uint16_t len;
};

static void kick(struct back *b, int port)
{
    b->all->line.ops->port_kick(b->all->line.arg, (uint32_t)port);
}

/* The bridge that an interface is in, if it is up. 0 = none. */
static uint32_t master_of(struct back *b)
{
    struct node *node = b->all->node;
    const char *name = b->vif.ifindex ? node_iface_name(node, b->vif.ifindex) : NULL;
    struct os_iface iface;

    return name && node_iface(node, name, &iface) && iface.is_up ? iface.master : 0;
}

static bool read_packet(struct back *b, const struct net_tx *q, struct packet *ret)
{
    const struct line *line = &b->all->line;
    void *page;

    if (!net_tx_is_sane(q) || line->ops->map(line->arg, b->domid, q->ref, false, &page))
        return false;
    share_copy(ret->bytes, (uint8_t *)page + q->offset, q->size);
    ret->len = q->size;
    line->ops->unmap(line->arg, b->domid, q->ref, page);
    return true;
}

/* Lost, as on any wire, if the guest has no page waiting. */
static void deliver(struct back *to, const struct packet *p)
{
    const struct line *line = &to->all->line;
    struct net_rx_done done;
    struct net_rx q;
    void *page;

    if (net_rx_take(&to->vif.rx, &q) != 1)
        return;
    done = (struct net_rx_done){.id = q.id, .status = NET_ERROR};
    if (line->ops->map(line->arg, to->domid, q.ref, true, &page) == 0) {
        memcpy(page, p->bytes, p->len);
        done.status = (int16_t)p->len;
        line->ops->unmap(line->arg, to->domid, q.ref, page);
    }
    net_rx_answer(&to->vif.rx, &done);
    if (ring_server_push(&to->vif.rx))
        kick(to, to->vif.rx_port);
}

static void pass_on(struct back *from, const struct packet *p)
{
    uint32_t master = master_of(from);
    struct back *to, *next;

    if (!master)
        return;
    for (to = from->all->by_token; to; to = next) {
        next = to->hh.next;
        if (to != from && to->kind == from->kind && to->state == XB_CONNECTED && to->vif.rx_port >= 0 &&
            master_of(to) == master)
            deliver(to, p);
    }
}

bool packet_serve(struct back *b)
{
    struct back_vif *v = &b->vif;
    struct packet p;
    struct net_tx q;
    int rc = 0;

    if (b->state != XB_CONNECTED || v->tx_port < 0)
        return false;
    for (uint32_t n = 0; n < v->tx.slots; n++) {
        struct net_tx_done done;

        rc = net_tx_take(&v->tx, &q);
        if (rc <= 0)
            break;
        done = (struct net_tx_done){.id = q.id, .status = NET_ERROR};
        if (read_packet(b, &q, &p)) {
            pass_on(b, &p);
            done.status = NET_OKAY;
        }
        net_tx_answer(&v->tx, &done);
    }
    if (rc < 0)
        return false;
    if (ring_server_push(&v->tx))
        kick(b, v->tx_port);
    return rc > 0 || ring_server_more(&v->tx);
}
