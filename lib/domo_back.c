/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public functions for back ends in user space. A domo_device is a
 * bus_device under another name.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domo_ctx.h"
#include "ring/bus.h"

struct domo_back {
    struct domo_back_driver driver;
    struct bus *bus;
};

static struct bus_device *to_bus(struct domo_device *d)
{
    return (struct bus_device *)d;
}

static const struct bus_device *to_bus_const(const struct domo_device *d)
{
    return (const struct bus_device *)d;
}

static struct domo_device *to_device(struct bus_device *d)
{
    return (struct domo_device *)d;
}

/* ---- the driver's functions ---- */

static int on_probe(void *arg, struct bus_device *d, struct domo_err *err)
{
    const struct domo_back_driver *driver = &((struct domo_back *)arg)->driver;

    return driver->probe ? driver->probe(driver->arg, to_device(d), err) : 0;
}

static int on_connect(void *arg, struct bus_device *d, struct domo_err *err)
{
    const struct domo_back_driver *driver = &((struct domo_back *)arg)->driver;

    return driver->connect ? driver->connect(driver->arg, to_device(d), err) : 0;
}

static int on_serve(void *arg, struct bus_device *d, struct domo_err *err)
{
    const struct domo_back_driver *driver = &((struct domo_back *)arg)->driver;

    return driver->serve(driver->arg, to_device(d), err);
}

static void on_disconnect(void *arg, struct bus_device *d)
{
    const struct domo_back_driver *driver = &((struct domo_back *)arg)->driver;

    if (driver->disconnect)
        driver->disconnect(driver->arg, to_device(d));
}

static void on_remove(void *arg, struct bus_device *d)
{
    const struct domo_back_driver *driver = &((struct domo_back *)arg)->driver;

    if (driver->remove)
        driver->remove(driver->arg, to_device(d));
}

static void on_failed(void *arg, struct bus_device *d, const struct domo_err *why)
{
    const struct domo_back_driver *driver = &((struct domo_back *)arg)->driver;

    if (driver->failed)
        driver->failed(driver->arg, to_device(d), why);
}

/* ---- opening ---- */

static int open_bus(struct host *h, struct domo_back *b, struct domo_err *err)
{
    struct bus_driver driver = {
        .kind = b->driver.kind,
        .ring_count = b->driver.ring_count,
        .max_ring_order = b->driver.max_ring_order,
        .adopts = b->driver.flags & DOMO_BACK_ADOPT,
        .probe = on_probe,
        .connect = on_connect,
        .serve = b->driver.serve ? on_serve : NULL,
        .disconnect = on_disconnect,
        .remove = on_remove,
        .failed = on_failed,
        .arg = b,
    };

    for (size_t i = 0; i < BUS_RINGS_MAX; i++)
        driver.rings[i] =
            (struct bus_ring_kind){.name = b->driver.rings[i].name, .slot_size = b->driver.rings[i].slot_size};
    return bus_open(h, &driver, &b->bus, err);
}

int domo_back_open(struct domo_ctx *ctx, const struct domo_back_driver *driver, struct domo_back **ret,
                   struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct domo_back *b = h ? calloc(1, sizeof *b) : NULL;

    if (!h)
        return -1;
    if (!b)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    b->driver = *driver;
    if (open_bus(h, b, err)) {
        free(b);
        return err_wrap(err, "back ends of kind %s", driver->kind ? driver->kind : "");
    }
    *ret = b;
    return 0;
}

void domo_back_close(struct domo_back *b)
{
    if (!b)
        return;
    (void)bus_close(b->bus);
    free(b);
}

int domo_back_fds(struct domo_back *b, int ret[2], struct domo_err *err)
{
    return bus_fds(b->bus, ret, err);
}

int domo_back_dispatch(struct domo_back *b, int64_t timeout_ms, struct domo_err *err)
{
    return bus_dispatch(b->bus, timeout_ms, err);
}

/* ---- a device ---- */

uint32_t domo_device_domid(const struct domo_device *d)
{
    return bus_domid(to_bus_const(d));
}

uint32_t domo_device_devid(const struct domo_device *d)
{
    return bus_devid(to_bus_const(d));
}

const char *domo_device_path(const struct domo_device *d)
{
    return bus_back_path(to_bus_const(d));
}

void domo_device_set_data(struct domo_device *d, void *data)
{
    bus_set_data(to_bus(d), data);
}

void *domo_device_data(const struct domo_device *d)
{
    return bus_data(to_bus_const(d));
}

int domo_device_read(struct domo_device *d, const char *name, char **ret, struct domo_err *err)
{
    return bus_read(to_bus(d), name, ret, err);
}

int domo_device_read_front(struct domo_device *d, const char *name, char **ret, struct domo_err *err)
{
    return bus_read_front(to_bus(d), name, ret, err);
}

int domo_device_write(struct domo_device *d, const char *name, const char *value, struct domo_err *err)
{
    return bus_write(to_bus(d), name, value, err);
}

static int ring_of(struct domo_device *d, size_t which, struct ring_server **ret, struct domo_err *err)
{
    *ret = bus_ring(to_bus(d), which);
    if (!*ret)
        return err_set(err, DOMO_E_USAGE, "the device has no ring %zu while it is not connected", which);
    if ((*ret)->broken)
        return err_set(err, DOMO_E_DEVICE_RING, "the guest's indices in ring %zu make no sense", which);
    return 0;
}

int domo_device_take(struct domo_device *d, size_t ring, void *ret, size_t len, struct domo_err *err)
{
    struct ring_server *s;
    int rc;

    if (ring_of(d, ring, &s, err))
        return -1;
    rc = ring_server_take(s, ret, len);
    return rc < 0 ? ring_of(d, ring, &s, err) : rc;
}

int domo_device_answer(struct domo_device *d, size_t ring, const void *slot, size_t len, struct domo_err *err)
{
    struct ring_server *s;

    if (ring_of(d, ring, &s, err))
        return -1;
    if (s->answered == s->taken)
        return err_set(err, DOMO_E_USAGE, "no request waits for an answer");
    ring_server_answer(s, slot, len);
    return 0;
}

int domo_device_push(struct domo_device *d, struct domo_err *err)
{
    return bus_push(to_bus(d), err);
}

int domo_device_map(struct domo_device *d, const uint32_t *refs, size_t n, unsigned flags, void **ret,
                    struct domo_err *err)
{
    return bus_map(to_bus(d), refs, n, flags & DOMO_MAP_WRITE, ret, err);
}

int domo_device_unmap(struct domo_device *d, void *pages, size_t n, struct domo_err *err)
{
    return bus_unmap(to_bus(d), pages, n, err);
}
