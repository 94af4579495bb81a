/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The two network rings: "tx" carries packets out of the guest, "rx" pages
 * into which packets for it are written. (Layout: Xen's public header
 * io/netif.h.) Extra segments are not offered, so that each request is one
 * packet, or a part of one.
 */
#ifndef DOMO_RING_NET_H
#define DOMO_RING_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "ring/ring.h"

enum { NET_TX_SLOT_SIZE = 12, NET_RX_SLOT_SIZE = 8, NET_PACKET_MAX = RING_PAGE_SIZE };

/* Flags of a tx request. */
enum { NET_TX_CSUM_BLANK = 1, NET_TX_DATA_VALIDATED = 2, NET_TX_MORE_DATA = 4, NET_TX_EXTRA_INFO = 8 };

enum net_status { NET_OKAY = 0, NET_ERROR = -1, NET_DROPPED = -2 };

struct net_tx {
    uint32_t ref;
    uint16_t offset, flags, id, size;
};

struct net_tx_done {
    uint16_t id;
    int16_t status; /* enum net_status */
};

struct net_rx {
    uint16_t id;
    uint32_t ref;
};

struct net_rx_done {
    uint16_t id, offset, flags;
    int16_t status; /* bytes, or an enum net_status */
};

/* Is it one whole packet inside its page? */
bool net_tx_is_sane(const struct net_tx *);

/* Results as ring_*_take() and ring_client_ask(). */
int net_tx_take(struct ring_server *, struct net_tx *ret) MUST_CHECK;
void net_tx_answer(struct ring_server *, const struct net_tx_done *);
int net_tx_ask(struct ring_client *, const struct net_tx *) MUST_CHECK;
int net_tx_answered(struct ring_client *, struct net_tx_done *ret) MUST_CHECK;
int net_rx_take(struct ring_server *, struct net_rx *ret) MUST_CHECK;
void net_rx_answer(struct ring_server *, const struct net_rx_done *);
int net_rx_ask(struct ring_client *, const struct net_rx *) MUST_CHECK;
int net_rx_answered(struct ring_client *, struct net_rx_done *ret) MUST_CHECK;

#endif
