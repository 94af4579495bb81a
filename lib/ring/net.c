/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ring/net.h"

struct wire_tx {
    uint32_t ref;
    uint16_t offset, flags, id, size;
};

struct wire_tx_done {
    uint16_t id;
    int16_t status;
};

struct wire_rx {
    uint16_t id, pad;
    uint32_t ref;
};

struct wire_rx_done {
    uint16_t id, offset, flags;
    int16_t status;
};

_Static_assert(sizeof(struct wire_tx) == NET_TX_SLOT_SIZE, "layout of the shared page");
_Static_assert(sizeof(struct wire_rx) == NET_RX_SLOT_SIZE, "layout of the shared page");
_Static_assert(sizeof(struct wire_rx_done) == NET_RX_SLOT_SIZE, "layout of the shared page");

bool net_tx_is_sane(const struct net_tx *q)
{
    enum { HEADER = 14 }; /* of Ethernet */

    return q->size >= HEADER && (uint32_t)q->offset + q->size <= RING_PAGE_SIZE &&
           !(q->flags & (NET_TX_MORE_DATA | NET_TX_EXTRA_INFO));
}

int net_tx_take(struct ring_server *s, struct net_tx *ret)
{
    struct wire_tx w;
    int rc = ring_server_take(s, &w, sizeof w);

    if (rc > 0)
        *ret = (struct net_tx){.ref = w.ref, .offset = w.offset, .flags = w.flags, .id = w.id, .size = w.size};
    return rc;
}

void net_tx_answer(struct ring_server *s, const struct net_tx_done *r)
{
    struct wire_tx_done w = {.id = r->id, .status = r->status};

    ring_server_answer(s, &w, sizeof w);
}

int net_tx_ask(struct ring_client *c, const struct net_tx *q)
{
    struct wire_tx w = {.ref = q->ref, .offset = q->offset, .flags = q->flags, .id = q->id, .size = q->size};

    return ring_client_ask(c, &w, sizeof w);
}

int net_tx_answered(struct ring_client *c, struct net_tx_done *ret)
{
    struct wire_tx_done w;
    int rc = ring_client_take(c, &w, sizeof w);

    if (rc > 0)
        *ret = (struct net_tx_done){.id = w.id, .status = w.status};
    return rc;
}

int net_rx_take(struct ring_server *s, struct net_rx *ret)
{
    struct wire_rx w;
    int rc = ring_server_take(s, &w, sizeof w);

    if (rc > 0)
        *ret = (struct net_rx){.id = w.id, .ref = w.ref};
    return rc;
}

void net_rx_answer(struct ring_server *s, const struct net_rx_done *r)
{
    struct wire_rx_done w = {.id = r->id, .offset = r->offset, .flags = r->flags, .status = r->status};

    ring_server_answer(s, &w, sizeof w);
}

int net_rx_ask(struct ring_client *c, const struct net_rx *q)
{
    struct wire_rx w = {.id = q->id, .ref = q->ref};

    return ring_client_ask(c, &w, sizeof w);
}

int net_rx_answered(struct ring_client *c, struct net_rx_done *ret)
{
    struct wire_rx_done w;
    int rc = ring_client_take(c, &w, sizeof w);

    if (rc > 0)
        *ret = (struct net_rx_done){.id = w.id, .offset = w.offset, .flags = w.flags, .status = w.status};
    return rc;
}
