/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The network front end: two rings, a page to send from, a few to receive in.
 * It speaks one protocol, frames of text of the type that is set aside for
 * experiments, so that a test can see which guests share a bridge.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "sim/guest.h"

enum { ETHERTYPE = 0x88b5, HEADER = 14, FRAME_MIN = 60, TEXT_MAX = 200 };

static int publish_nodes(struct xsc *xs, uint32_t tx, void *arg)
{
    static const char *const flags[] = {"request-rx-copy", "feature-rx-notify"};
    const struct front *f = arg;
    int rc = xsc_writef(xs, tx, f->dir, "tx-ring-ref", "%" PRIu32, f->vif.tx_page.ref);

    if (rc == 0)
        rc = xsc_writef(xs, tx, f->dir, "rx-ring-ref", "%" PRIu32, f->vif.rx_page.ref);
    if (rc == 0)
        rc = xsc_writef(xs, tx, f->dir, "event-channel", "%d", f->port);
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(flags); i++)
        rc = xsc_write(xs, tx, f->dir, flags[i], "1");
    return rc;
}

/* Gives the back end a page to write the next packet into. */
static int give_rx(struct front *f, uint16_t i)
{
    int rc = f->vif.rx_data[i].page ? 0 : front_offer(f, false, &f->vif.rx_data[i]);

    return rc ? rc : net_rx_ask(&f->vif.rx, &(struct net_rx){.id = i, .ref = f->vif.rx_data[i].ref});
}

static int vif_publish(struct front *f)
{
    char *AUTO_FREE mac = NULL;
    int rc = front_offer(f, false, &f->vif.tx_page);

    if (rc == 0)
        rc = front_offer(f, false, &f->vif.rx_page);
    if (rc)
        return rc;
    if (xsc_read(f->guest->xs, 0, f->dir, "mac", &mac) == 0)
        (void)snprintf(f->vif.mac, sizeof f->vif.mac, "%s", mac);
    ring_client_init(&f->vif.tx, f->vif.tx_page.page, NET_TX_SLOT_SIZE);
    ring_client_init(&f->vif.rx, f->vif.rx_page.page, NET_RX_SLOT_SIZE);
    for (uint16_t i = 0; rc == 0 && i < VIF_RX_PAGES; i++)
        rc = give_rx(f, i);
    if (rc == 0)
        rc = front_open_port(f);
    if (rc == 0 && ring_client_push(&f->vif.rx))
        front_kick(f);
    return rc ? rc : xsc_transact(f->guest->xs, publish_nodes, f);
}

static int vif_publish_garbage(struct front *f)
{
    int rc = xsc_write(f->guest->xs, 0, f->dir, "tx-ring-ref", "banana");

    if (rc == 0)
        rc = xsc_write(f->guest->xs, 0, f->dir, "event-channel", "4294967295");
    return rc ? rc : xsc_write(f->guest->xs, 0, f->dir, "request-rx-copy", "1");
}

static int vif_look(struct front *f)
{
    (void)f;
    return 0;
}

static void vif_release(struct front *f)
{
    front_withdraw(f, &f->vif.tx_page);
    front_withdraw(f, &f->vif.rx_page);
    front_withdraw(f, &f->vif.tx_data);
    for (size_t i = 0; i < VIF_RX_PAGES; i++)
        front_withdraw(f, &f->vif.rx_data[i]);
}

/* Printable text only, whatever came: it goes to a terminal. */
static void show(struct front *f, const uint8_t *frame, size_t len)
{
    char text[TEXT_MAX + 1];
    size_t n = 0;

    if (len < HEADER || frame[12] != ETHERTYPE >> 8 || frame[13] != (ETHERTYPE & 0xff))
        return;
    for (size_t i = HEADER; i < len && n < TEXT_MAX && frame[i]; i++)
        text[n++] = frame[i] >= ' ' && frame[i] < 0x7f ? (char)frame[i] : '?';
    text[n] = '\0';
    shell_printf(f->guest->shell, "eth%" PRIu32 ": %s\r\n", f->devid, text);
}

static void take_packets(struct front *f)
{
    struct net_rx_done r;

    while (net_rx_answered(&f->vif.rx, &r) == 1) {
        if (r.id >= VIF_RX_PAGES)
            continue;
        if (r.status > 0 && r.offset + r.status <= RING_PAGE_SIZE)
            show(f, (uint8_t *)f->vif.rx_data[r.id].page + r.offset, (size_t)r.status);
        IGNORE(give_rx(f, r.id));
    }
    if (ring_client_push(&f->vif.rx))
        front_kick(f);
}

static void vif_serve(struct front *f)
{
    struct net_tx_done sent;

    if (!f->vif.tx_page.page)
        return;
    do {
        while (net_tx_answered(&f->vif.tx, &sent) == 1)
            ;
    } while (ring_client_more(&f->vif.tx));
    do {
        take_packets(f);
    } while (ring_client_more(&f->vif.rx));
}

const struct front_kind front_kind_vif = {
    .name = "vif",
    .off_word = "nonet",
    .published = XB_CONNECTED,
    .publish = vif_publish,
    .publish_garbage = vif_publish_garbage,
    .look = vif_look,
    .release = vif_release,
    .serve = vif_serve,
};

static void parse_mac(const char *text, uint8_t out[6])
{
    unsigned b[6] = {0};

    if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]) != 6)
        memset(b, 0, sizeof b);
    for (size_t i = 0; i < 6; i++)
        out[i] = (uint8_t)b[i];
}

int front_vif_send(struct front *f, const char *text)
{
    struct net_tx q = {.size = FRAME_MIN};
    size_t len = strlen(text) < TEXT_MAX ? strlen(text) : TEXT_MAX;
    uint8_t *frame;
    int rc = 0;

    if (f->state != XB_CONNECTED)
        return -ENXIO;
    if (!f->vif.tx_data.page)
        rc = front_offer(f, true, &f->vif.tx_data);
    /* One at a time: the page is the back end's until it has answered. */
    if (rc == 0 && ring_client_open(&f->vif.tx))
        rc = -EBUSY;
    if (rc)
        return rc;
    frame = f->vif.tx_data.page;
    memset(frame, 0, HEADER + TEXT_MAX);
    memset(frame, 0xff, 6);
    parse_mac(f->vif.mac, frame + 6);
    frame[12] = ETHERTYPE >> 8;
    frame[13] = ETHERTYPE & 0xff;
    memcpy(frame + HEADER, text, len); /* NOLINT(bugprone-not-null-terminated-result): a frame has a length */
    if (HEADER + len > FRAME_MIN)
        q.size = (uint16_t)(HEADER + len);
    q.ref = f->vif.tx_data.ref;
    rc = net_tx_ask(&f->vif.tx, &q);
    if (rc == 0 && ring_client_push(&f->vif.tx))
        front_kick(f);
    return rc;
}
