/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One device of a back end in user space: its walk, its end, its nodes.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ring/bus_impl.h"

enum { STEPS_AT_ONCE = 4 };

/* ---- nodes ---- */

static int join(char out[STORE_PATH_MAX], const char *dir, const char *name, struct domo_err *err)
{
    return store_path(out, err, "%s/%s", dir, name);
}

int bus_read(struct bus_device *d, const char *name, char **ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX];

    return join(path, d->back, name, err) || store_read_opt(d->bus->host, 0, path, ret, err) ? -1 : 0;
}

int bus_read_front(struct bus_device *d, const char *name, char **ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX];

    return join(path, d->front, name, err) || store_read_opt(d->bus->host, 0, path, ret, err) ? -1 : 0;
}

/* A write into a directory that the toolstack has taken away would make it again. */
struct guarded {
    const char *dir;
    const struct bus_node *nodes;
    size_t n;
};

static int write_guarded(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    const struct guarded *g = arg;
    char *AUTO_FREE state = NULL;
    char path[STORE_PATH_MAX];

    if (join(path, g->dir, "state", err) || store_read_opt(h, t, path, &state, err))
        return -1;
    for (size_t i = 0; state && i < g->n; i++)
        if (join(path, g->dir, g->nodes[i].name, err) || store_write(h, t, path, g->nodes[i].value, err))
            return -1;
    return 0;
}

int bus_write_all(struct bus_device *d, const struct bus_node *nodes, size_t n, struct domo_err *err)
{
    struct guarded g = {.dir = d->back, .nodes = nodes, .n = n};

    return store_transact(d->bus->host, write_guarded, &g, err);
}

int bus_write(struct bus_device *d, const char *name, const char *value, struct domo_err *err)
{
    const struct bus_node node = {.name = name, .value = value};

    return bus_write_all(d, &node, 1, err);
}

static int go(struct bus_device *d, enum walk_state state, struct domo_err *err)
{
    char text[2] = {(char)('0' + state), '\0'};

    if (bus_write(d, "state", text, err))
        return -1;
    d->state = state;
    return 0;
}

static int front_state(struct bus_device *d, enum walk_state *ret, struct domo_err *err)
{
    char *AUTO_FREE text = NULL;

    /* A device that names none has none. */
    if (d->front && bus_read_front(d, "state", &text, err))
        return -1;
    *ret = walk_parse(text);
    return 0;
}

static int is_online(struct bus_device *d, bool *ret, struct domo_err *err)
{
    char *AUTO_FREE text = NULL;

    if (bus_read(d, "online", &text, err))
        return -1;
    *ret = text && !str_eq(text, "0");
    return 0;
}

/* ---- failure ---- */

/* Trouble with the host itself is not the device's fault. */
static bool is_lost(const struct domo_err *err)
{
    return err->code == DOMO_E_NO_STORE || err->code == DOMO_E_SIM || err->code == DOMO_E_NO_XEN ||
           err->code == DOMO_E_CANCELLED;
}

/* Where kernels say it, too: tools look there. */
static void write_error(struct bus_device *d, const struct domo_err *why)
{
    struct host *h = d->bus->host;
    char path[STORE_PATH_MAX];

    if (join(path, d->error, "error", NULL) == 0)
        IGNORE(store_writef(h, 0, NULL, path, "%d %s", why->sys ? why->sys : EIO, why->msg));
}

static void clear_error(struct bus_device *d)
{
    IGNORE(store_rm(d->bus->host, 0, d->error, NULL));
}

int bus_device_fail(struct bus_device *d, struct domo_err *why)
{
    const struct bus_driver *driver = &d->bus->driver;
    struct domo_err err = DOMO_ERR_INIT;

    if (is_lost(why))
        return -1;
    bus_device_release(d);
    write_error(d, why);
    if (driver->failed)
        driver->failed(driver->arg, d, why);
    err_clear(why);
    if (go(d, WALK_CLOSING, &err) == 0 || !is_lost(&err))
        return 0;
    *why = err;
    return -1;
}

/* ---- the walk ---- */

void bus_device_release(struct bus_device *d)
{
    const struct bus_driver *driver = &d->bus->driver;

    if (d->is_connected && driver->disconnect)
        driver->disconnect(driver->arg, d);
    d->is_connected = false;
    d->is_busy = false;
    bus_share_end(d);
}

static int connect_device(struct bus_device *d, struct domo_err *err)
{
    const struct bus_driver *driver = &d->bus->driver;

    if (bus_share_begin(d, err))
        return -1;
    if (driver->connect && driver->connect(driver->arg, d, err)) {
        bus_share_end(d);
        return -1;
    }
    d->is_connected = true;
    d->is_busy = true; /* requests may wait already */
    clear_error(d);
    /* Answers of an end before us may never have been told. */
    return go(d, WALK_CONNECTED, err) || d->bus->host->link->port_kick(d->bus->host, d->port, err) ? -1 : 0;
}

static int end_device(struct bus_device *d, bool online, struct domo_err *err)
{
    bus_device_release(d);
    if (go(d, WALK_CLOSED, err))
        return -1;
    d->is_over = !online;
    return 0;
}

static int refuse(struct bus_device *d, struct domo_err *err)
{
    (void)d;
    return err_set(err, DOMO_E_DEVICE_RING, "the guest's node %s/state holds no state", d->front);
}

static int act(struct bus_device *d, enum walk_action action, bool online, struct domo_err *err)
{
    switch (action) {
    case WALK_STAY:
        return 0;
    case WALK_CONNECT:
        return connect_device(d, err);
    case WALK_CLOSE:
        return go(d, WALK_CLOSING, err);
    case WALK_END:
        return end_device(d, online, err);
    case WALK_REOPEN:
        return go(d, WALK_INIT_WAIT, err);
    case WALK_REFUSE:
        return refuse(d, err);
    }
    return 0;
}

/* Has the toolstack taken the directory away? */
static int check_there(struct bus_device *d, struct domo_err *err)
{
    char *AUTO_FREE state = NULL;

    if (bus_read(d, "state", &state, err))
        return -1;
    if (!state) {
        bus_device_release(d);
        d->is_over = true;
    }
    return 0;
}

static int step_once(struct bus_device *d, enum walk_action *ret, struct domo_err *err)
{
    enum walk_state front;
    bool online;

    *ret = WALK_STAY;
    if (check_there(d, err))
        return -1;
    if (d->is_over)
        return 0;
    if (front_state(d, &front, err) || is_online(d, &online, err))
        return -1;
    *ret = walk_step(d->state, front, online);
    /* What could not be served at first will not be later. */
    if (!d->is_ready && (*ret == WALK_CONNECT || *ret == WALK_REOPEN))
        *ret = WALK_STAY;
    return act(d, *ret, online, err);
}

int bus_device_step(struct bus_device *d, struct domo_err *err)
{
    enum walk_action action = WALK_END;

    for (int i = 0; i < STEPS_AT_ONCE && action != WALK_STAY && !d->is_over; i++)
        if (step_once(d, &action, err))
            return bus_device_fail(d, err);
    return 0;
}

/* ---- the beginning ---- */

/* Where a device stands that was there before us. False: nothing to do with it. */
static bool take_state(struct bus_device *d, enum walk_state found, bool online)
{
    switch (found) {
    case WALK_INITIALISING:
    case WALK_INIT_WAIT:
    case WALK_CONNECTED:
        d->state = WALK_INIT_WAIT;
        return true;
    case WALK_CLOSING:
    case WALK_CLOSED:
        d->state = found;
        return found == WALK_CLOSING || online;
    case WALK_UNKNOWN:
    case WALK_INITIALISED:
    case WALK_RECONFIGURING:
    case WALK_RECONFIGURED:
    case WALK_NONSENSE:
    case WALK_STATES:
        return false;
    }
    return false;
}

static int meet(struct bus_device *d, struct domo_err *err)
{
    struct host *h = d->bus->host;
    char path[STORE_PATH_MAX];

    if (bus_read(d, "frontend", &d->front, err))
        return -1;
    if (!d->front || strlen(d->front) >= BUS_PATH_MAX)
        return err_set(err, DOMO_E_DEVICE_BACKEND_FAILED, "%s names no front end", d->back);
    if (join(path, d->front, "state", err) || store_watch(h, path, d->token, err))
        return -1;
    d->is_watching = true;
    return 0;
}

static int probe(struct bus_device *d, enum walk_state found, struct domo_err *err)
{
    const struct bus_driver *driver = &d->bus->driver;

    if (meet(d, err))
        return -1;
    d->is_probed = true;
    if (driver->probe && driver->probe(driver->arg, d, err))
        return -1;
    d->is_ready = true;
    if (found == WALK_CONNECTED)
        return driver->adopts ? 0
                              : err_set(err, DOMO_E_DEVICE_BACKEND_FAILED,
                                        "the back end was started again and can't go on where the one before it ended");
    return d->state == WALK_INIT_WAIT ? go(d, WALK_INIT_WAIT, err) : 0;
}

int bus_device_begin(struct bus_device *d, struct domo_err *err)
{
    char *AUTO_FREE text = NULL;
    enum walk_state found;
    bool online;

    if (bus_read(d, "state", &text, err) || is_online(d, &online, err))
        return bus_device_fail(d, err);
    found = walk_parse(text);
    if (!take_state(d, found, online)) {
        d->is_over = true;
        return 0;
    }
    if (probe(d, found, err))
        return bus_device_fail(d, err);
    return bus_device_step(d, err);
}

/* ---- serving ---- */

void bus_show(struct bus_device *d)
{
    for (size_t i = 0; d->is_connected && i < d->bus->driver.ring_count; i++)
        d->wants_kick |= ring_server_push(&d->shares[i].ring);
}

int bus_push(struct bus_device *d, struct domo_err *err)
{
    struct host *h = d->bus->host;

    bus_show(d);
    if (!d->wants_kick || !d->has_port)
        return 0;
    d->wants_kick = false;
    return h->link->port_kick(h, d->port, err);
}

int bus_device_serve(struct bus_device *d, struct domo_err *err)
{
    const struct bus_driver *driver = &d->bus->driver;
    struct host *h = d->bus->host;

    d->is_busy = false;
    if (d->has_port && d->is_masked && h->link->port_unmask(h, d->port, err))
        return bus_device_fail(d, err);
    d->is_masked = false;
    if (!d->is_connected)
        return 0;
    if (driver->serve(driver->arg, d, err) || bus_push(d, err))
        return bus_device_fail(d, err);
    for (size_t i = 0; i < driver->ring_count; i++)
        d->is_busy |= ring_server_more(&d->shares[i].ring);
    return 0;
}

int bus_map(struct bus_device *d, const uint32_t *refs, size_t n, bool write, void **ret, struct domo_err *err)
{
    const struct link_map map = {.domid = d->domid, .refs = refs, .n = n, .write = write};
    struct host *h = d->bus->host;

    return h->link->map(h, &map, ret, err);
}

int bus_unmap(struct bus_device *d, void *pages, size_t n, struct domo_err *err)
{
    struct host *h = d->bus->host;

    return h->link->unmap(h, pages, n, err);
}

struct ring_server *bus_ring(struct bus_device *d, size_t which)
{
    return which < d->bus->driver.ring_count && d->shares[which].pages ? &d->shares[which].ring : NULL;
}

/* ---- facts ---- */

uint32_t bus_domid(const struct bus_device *d)
{
    return d->domid;
}

uint32_t bus_devid(const struct bus_device *d)
{
    return d->devid;
}

const char *bus_back_path(const struct bus_device *d)
{
    return d->back;
}

const char *bus_front_path(const struct bus_device *d)
{
    return d->front ? d->front : "";
}

enum walk_state bus_state(const struct bus_device *d)
{
    return d->state;
}

void bus_set_data(struct bus_device *d, void *data)
{
    d->data = data;
}

void *bus_data(const struct bus_device *d)
{
    return d->data;
}

struct host *bus_host(const struct bus_device *d)
{
    return d->bus->host;
}

void bus_device_free(struct bus_device *d)
{
    const struct bus_driver *driver = &d->bus->driver;
    char path[STORE_PATH_MAX];

    bus_device_release(d);
    if (d->is_probed && driver->remove)
        driver->remove(driver->arg, d);
    if (d->is_watching && join(path, d->front, "state", NULL) == 0)
        IGNORE(store_unwatch(d->bus->host, path, d->token, NULL));
    free(d->front);
    free(d);
}
