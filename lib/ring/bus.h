/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Back ends in user space: the devices of one kind that the domain we run in
 * serves. Finds them in XenStore, walks each through its states, maps its rings
 * and binds its event channel, and calls the driver.
 *
 * A guest can only harm its own device: whatever it writes into its nodes or
 * its rings is copied and checked, and what makes no sense ends in an error
 * node and Closing. Paths come from our own directory, never from the guest's.
 */
#ifndef DOMO_RING_BUS_H
#define DOMO_RING_BUS_H

#include "base/attr.h"
#include "base/err.h"
#include "host/host.h"
#include "ring/ring.h"
#include "ring/walk.h"

enum { BUS_RINGS_MAX = 4, BUS_RING_PAGES_MAX = 16, BUS_KIND_MAX = 24 };

struct bus;
struct bus_device;

/* One ring of a device, as the guest's nodes name it ("ring-ref", "tx-ring-ref"). */
struct bus_ring_kind {
    const char *name;
    size_t slot_size;
};

/* Texts and the table must outlive the bus. */
struct bus_driver {
    const char *kind; /* devices are those below backend/KIND of our domain */
    struct bus_ring_kind rings[BUS_RINGS_MAX];
    size_t ring_count;
    unsigned max_ring_order; /* rings of up to 2^n pages, at most 4 */
    /* A device that is connected when we come goes on: an end before us was killed. Only for drivers that answer in the
     * order of the requests and push each answer, and whose requests may be carried out twice. */
    bool adopts;
    /* The toolstack has made the device. -1: it can't be served. */
    int (*probe)(void *arg, struct bus_device *, struct domo_err *);
    /* Its rings are mapped. -1: the guest's wishes can't be met. */
    int (*connect)(void *arg, struct bus_device *, struct domo_err *);
    /* There may be requests. To be called again comes by itself while there are more. -1: the device is broken. */
    int (*serve)(void *arg, struct bus_device *, struct domo_err *);
    /* Its rings are about to go; only after connect() was fine. */
    void (*disconnect)(void *arg, struct bus_device *);
    /* The device is forgotten; after every probe(), also one that failed. */
    void (*remove)(void *arg, struct bus_device *);
    /* It has failed, for this reason. */
    void (*failed)(void *arg, struct bus_device *, const struct domo_err *);
    void *arg;
};

/* Takes up all devices that are there. DEVICE_IN_USE: another process serves this kind. */
int bus_open(struct host *, const struct bus_driver *, struct bus **ret, struct domo_err *) MUST_CHECK;
/* Lets go of everything. States stay as they are, so that the next process can take over where that is possible. */
struct bus *bus_close(struct bus *);
/* Descriptors to wait for, of the store and of event channels; they stay the host's. */
int bus_fds(struct bus *, int ret[2], struct domo_err *) MUST_CHECK;
/* Waits until something happens (timeout -1: without end, 0: not at all) and handles it. What goes wrong with one
 * device ends that device. 1: there is more to do at once; -1 is a lost host, or CANCELLED. */
int bus_dispatch(struct bus *, int64_t timeout_ms, struct domo_err *) MUST_CHECK;

/* --- one device --- */
uint32_t bus_domid(const struct bus_device *);
uint32_t bus_devid(const struct bus_device *);
const char *bus_back_path(const struct bus_device *);
const char *bus_front_path(const struct bus_device *);
enum walk_state bus_state(const struct bus_device *);
void bus_set_data(struct bus_device *, void *data);
void *bus_data(const struct bus_device *);
struct host *bus_host(const struct bus_device *);
/* Nodes of our own directory, and of the guest's; *ret NULL if there is none. */
int bus_read(struct bus_device *, const char *name, char **ret, struct domo_err *) MUST_CHECK;
int bus_read_front(struct bus_device *, const char *name, char **ret, struct domo_err *) MUST_CHECK;
int bus_write(struct bus_device *, const char *name, const char *value, struct domo_err *) MUST_CHECK;
/* Several nodes of our own in one transaction. */
struct bus_node {
    const char *name, *value;
};
int bus_write_all(struct bus_device *, const struct bus_node *, size_t n, struct domo_err *) MUST_CHECK;
/* NULL while it is not connected. */
struct ring_server *bus_ring(struct bus_device *, size_t which);
/* Shows the answers of all rings to the guest; kicks it later, with bus_push() or after serve(). */
void bus_show(struct bus_device *);
/* The same, and kicks it now if it waits for that. */
int bus_push(struct bus_device *, struct domo_err *) MUST_CHECK;
/* Pages of this guest. */
int bus_map(struct bus_device *, const uint32_t *refs, size_t n, bool write, void **ret, struct domo_err *) MUST_CHECK;
int bus_unmap(struct bus_device *, void *pages, size_t n, struct domo_err *) MUST_CHECK;

#endif
