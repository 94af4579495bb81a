/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a device shares with its guest: rings and an event channel. The guest's
 * nodes are numbers to check, nothing else.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "ring/bus_impl.h"

static int bad_node(const struct bus_device *d, const char *name, const char *value, struct domo_err *err)
{
    if (!value)
        return err_set(err, DOMO_E_DEVICE_RING, "the guest's node %s/%s is missing", d->front, name);
    return err_set(err, DOMO_E_DEVICE_RING, "the guest's node %s/%s holds no number that can be: '%.32s'", d->front,
                   name, value);
}

static int read_number(struct bus_device *d, const char *name, uint32_t *ret, struct domo_err *err)
{
    char *AUTO_FREE text = NULL;

    if (bus_read_front(d, name, &text, err))
        return -1;
    return text && str_to_u32(text, ret) == 0 ? 0 : bad_node(d, name, text, err);
}

/* A missing node is the fallback. */
static int read_choice(struct bus_device *d, const char *name, uint32_t fallback, uint32_t max, uint32_t *ret,
                       struct domo_err *err)
{
    char *AUTO_FREE text = NULL;

    *ret = fallback;
    if (bus_read_front(d, name, &text, err))
        return -1;
    return !text || (str_to_u32(text, ret) == 0 && *ret <= max) ? 0 : bad_node(d, name, text, err);
}

/* The rings are laid out for 64-bit guests; those of 32 bits have other slots. */
static int check_protocol(struct bus_device *d, struct domo_err *err)
{
    char *AUTO_FREE protocol = NULL;

    if (bus_read_front(d, "protocol", &protocol, err))
        return -1;
    if (!protocol || str_eq(protocol, "x86_64-abi"))
        return 0;
    return err_set(err, DOMO_E_UNSUPPORTED, "the guest's rings are of protocol '%.32s', only x86_64-abi is served",
                   protocol);
}

/* One page in "ring-ref"; several in "ring-ref0", "ring-ref1" … */
static int read_refs(struct bus_device *d, const char *name, bool is_one, size_t n, uint32_t *ret, struct domo_err *err)
{
    for (size_t i = 0; i < n; i++) {
        char node[64];

        (void)snprintf(node, sizeof node, is_one ? "%s" : "%s%zu", name, i);
        if (read_number(d, node, &ret[i], err))
            return -1;
    }
    return 0;
}

static int map_ring(struct bus_device *d, size_t which, uint32_t order, bool is_one, struct domo_err *err)
{
    const struct bus_ring_kind *kind = &d->bus->driver.rings[which];
    struct bus_share *s = &d->shares[which];
    uint32_t refs[BUS_RING_PAGES_MAX];
    size_t n = (size_t)1 << order;

    if (read_refs(d, kind->name, is_one, n, refs, err) || bus_map(d, refs, n, true, &s->pages, err))
        return -1;
    s->n = n;
    if (ring_server_attach_pages(&s->ring, s->pages, n, kind->slot_size))
        return err_set(err, DOMO_E_DEVICE_RING, "the indices in the guest's %s make no sense", kind->name);
    return 0;
}

static int map_rings(struct bus_device *d, struct domo_err *err)
{
    const struct bus_driver *driver = &d->bus->driver;
    char *AUTO_FREE text = NULL;
    uint32_t order, queues;

    if (read_choice(d, "multi-queue-num-queues", 1, 1, &queues, err) ||
        bus_read_front(d, "ring-page-order", &text, err) ||
        read_choice(d, "ring-page-order", 0, driver->max_ring_order, &order, err))
        return -1;
    for (size_t i = 0; i < driver->ring_count; i++)
        if (map_ring(d, i, order, !text, err))
            return -1;
    return 0;
}

static int bind_port(struct bus_device *d, struct domo_err *err)
{
    struct host *h = d->bus->host;
    uint32_t remote = 0;

    if (read_number(d, "event-channel", &remote, err) || h->link->port_bind(h, d->domid, remote, &d->port, err))
        return -1;
    d->has_port = true;
    return 0;
}

int bus_share_begin(struct bus_device *d, struct domo_err *err)
{
    if (check_protocol(d, err) || map_rings(d, err) || bind_port(d, err)) {
        bus_share_end(d);
        return -1;
    }
    return 0;
}

void bus_share_end(struct bus_device *d)
{
    struct host *h = d->bus->host;

    if (d->has_port)
        IGNORE(h->link->port_close(h, d->port, NULL));
    d->has_port = d->is_masked = d->wants_kick = false;
    for (size_t i = 0; i < d->bus->driver.ring_count; i++) {
        struct bus_share *s = &d->shares[i];

        if (s->pages)
            IGNORE(h->link->unmap(h, s->pages, s->n, NULL));
        *s = (struct bus_share){.pages = NULL};
    }
}
