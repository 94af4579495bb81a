/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The network back end: makes the interface, maps the guest's two rings, and
 * passes packets on to the other interfaces of its bridge. The toolstack does
 * hotplug; until hotplug-status says "connected" the node stays in InitWait.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "sim/back.h"
#include "sim/back_packet.h"
#include "sim/node.h"

static const char *const features[] = {"feature-sg", "feature-rx-copy", "feature-split-event-channels"};

static int write_features(struct xsc *xs, uint32_t tx, void *arg)
{
    const struct back *b = arg;

    for (size_t i = 0; i < ARRAY_LEN(features); i++) {
        int rc = xsc_write(xs, tx, b->dir, features[i], str_eq(features[i], "feature-sg") ? "0" : "1");

        if (rc)
            return rc;
    }
    return xsc_write(xs, tx, b->dir, "multi-queue-max-queues", "1");
}

static int make_iface(struct back *b)
{
    /* What netback gives its end: the largest address that is no broadcast. */
    static const uint8_t mac[6] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct node *node = b->all->node;
    struct os_iface iface;
    int rc;

    (void)snprintf(b->vif.ifname, sizeof b->vif.ifname, "vif%" PRIu32 ".%" PRIu32, b->domid, b->devid);
    rc = node_iface_add(node, b->vif.ifname, false, mac);
    if (rc == 0 && node_iface(node, b->vif.ifname, &iface))
        b->vif.ifindex = iface.index;
    return rc;
}

/* The driver's state, and the node's unless it waits for hotplug. */
static void go(struct back *b, enum xenbus state)
{
    b->vif.be_state = (int)state;
    if (!b->vif.awaits_hotplug)
        back_switch(b, state);
}

static bool vif_probe(struct back *b)
{
    int rc;

    b->vif.tx_port = b->vif.rx_port = -1;
    rc = xsc_transact(b->all->xs, write_features, b);
    if (rc) {
        back_fail(b, -rc, "writing features");
        return false;
    }
    go(b, XB_INIT_WAIT);
    rc = make_iface(b);
    if (rc) {
        back_fail(b, -rc, "creating interface");
        return false;
    }
    return true;
}

/* ---- rings ---- */

static void disconnect(struct back *b)
{
    struct back_vif *v = &b->vif;

    if (v->rx_port != v->tx_port)
        back_unbind(b, &v->rx_port);
    v->rx_port = -1;
    back_unbind(b, &v->tx_port);
    back_unmap(b, &v->tx_page);
    back_unmap(b, &v->rx_page);
}

struct offer {
    uint32_t tx_ref, rx_ref, tx_port, rx_port;
};

static int read_offer(struct back *b, struct offer *ret)
{
    struct xsc *xs = b->all->xs;
    uint32_t n;

    if (xsc_read_u32(xs, 0, b->front, "multi-queue-num-queues", &n) == 0 && n > 1) {
        back_fail(b, EINVAL, "guest requested %" PRIu32 " queues, exceeding the maximum of 1.", n);
        return -EINVAL;
    }
    if (xsc_read_u32(xs, 0, b->front, "tx-ring-ref", &ret->tx_ref) ||
        xsc_read_u32(xs, 0, b->front, "rx-ring-ref", &ret->rx_ref)) {
        back_fail(b, EINVAL, "reading %s/ring-ref", b->front);
        return -EINVAL;
    }
    if (xsc_read_u32(xs, 0, b->front, "event-channel-tx", &ret->tx_port) == 0 &&
        xsc_read_u32(xs, 0, b->front, "event-channel-rx", &ret->rx_port) == 0)
        return 0;
    if (xsc_read_u32(xs, 0, b->front, "event-channel", &ret->tx_port)) {
        back_fail(b, EINVAL, "reading %s/event-channel(-tx/rx)", b->front);
        return -EINVAL;
    }
    ret->rx_port = ret->tx_port;
    return 0;
}

static int take_offer(struct back *b, const struct offer *o)
{
    struct back_vif *v = &b->vif;
    int rc = back_map(b, o->tx_ref, &v->tx_page);

    if (rc == 0)
        rc = back_map(b, o->rx_ref, &v->rx_page);
    if (rc == 0 && (ring_server_attach(&v->tx, v->tx_page.page, NET_TX_SLOT_SIZE) ||
                    ring_server_attach(&v->rx, v->rx_page.page, NET_RX_SLOT_SIZE)))
        rc = -EIO;
    if (rc == 0) {
        v->tx_port = back_bind(b, o->tx_port);
        v->rx_port = v->tx_port < 0 || o->rx_port == o->tx_port ? v->tx_port : back_bind(b, o->rx_port);
        rc = v->rx_port < 0 ? v->rx_port : 0;
    }
    if (rc)
        back_fail(b, -rc, "mapping shared-frames %" PRIu32 "/%" PRIu32 " port tx %" PRIu32 " rx %" PRIu32, o->tx_ref,
                  o->rx_ref, o->tx_port, o->rx_port);
    return rc;
}

static bool is_hotplugged(struct back *b)
{
    char *AUTO_FREE status = NULL;

    return xsc_read(b->all->xs, 0, b->dir, "hotplug-status", &status) || str_eq(status, "connected");
}

static bool connect(struct back *b)
{
    struct offer o;
    uint32_t rx_copy;

    /* Pages cannot be flipped into the guest any more: without a word, as it is known of such guests. */
    if (xsc_read_u32(b->all->xs, 0, b->front, "request-rx-copy", &rx_copy) || !rx_copy)
        return false;
    if (read_offer(b, &o) || take_offer(b, &o)) {
        disconnect(b);
        b->vif.be_state = b->state;
        return false;
    }
    b->vif.awaits_hotplug = !is_hotplugged(b);
    return true;
}

/* ---- states ---- */

/* One step of the walk to "goal". False when it ends before. */
static bool step_to(struct back *b, enum xenbus goal)
{
    switch (b->vif.be_state) {
    case XB_CLOSED:
        go(b, goal == XB_CLOSING ? XB_CLOSING : XB_INIT_WAIT);
        return true;
    case XB_INIT_WAIT:
        if (goal != XB_CONNECTED) {
            go(b, XB_CLOSING);
            return true;
        }
        if (!connect(b))
            return false;
        go(b, XB_CONNECTED);
        back_kicked(b);
        return true;
    case XB_CONNECTED:
        disconnect(b);
        b->vif.awaits_hotplug = false;
        go(b, XB_CLOSING);
        return true;
    case XB_CLOSING:
        go(b, XB_CLOSED);
        return true;
    default:
        return false;
    }
}

static void walk_to(struct back *b, enum xenbus goal)
{
    while (b->vif.be_state != (int)goal && step_to(b, goal))
        ;
}

static bool vif_front_changed(struct back *b, int state)
{
    switch (state) {
    case XB_INITIALISING:
        walk_to(b, XB_INIT_WAIT);
        return false;
    case XB_INITIALISED:
        return false;
    case XB_CONNECTED:
        walk_to(b, XB_CONNECTED);
        return false;
    case XB_CLOSING:
        walk_to(b, XB_CLOSING);
        return false;
    case XB_CLOSED:
        walk_to(b, XB_CLOSED);
        return !back_is_online(b);
    case XB_UNKNOWN:
        walk_to(b, XB_CLOSED);
        return true;
    default:
        back_fail(b, EINVAL, "saw state %d at frontend", state);
        return false;
    }
}

/* hotplug-status */
static void vif_own_changed(struct back *b)
{
    if (!b->vif.awaits_hotplug || !is_hotplugged(b))
        return;
    b->vif.awaits_hotplug = false;
    back_switch(b, (enum xenbus)b->vif.be_state);
    back_kicked(b);
}

static void vif_remove(struct back *b)
{
    struct node *node = b->all->node;
    const char *name = b->vif.ifindex ? node_iface_name(node, b->vif.ifindex) : NULL;

    disconnect(b);
    if (name)
        IGNORE(node_iface_remove(node, name));
    b->vif.ifindex = 0;
}

const struct back_kind back_kind_vif = {
    .name = "vif",
    .probe = vif_probe,
    .front_changed = vif_front_changed,
    .own_changed = vif_own_changed,
    .watched = "hotplug-status",
    .serve = packet_serve,
    .remove = vif_remove,
};
