/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * For bus*.c alone: bus.c finds devices and hears of changes, bus_device.c
 * walks one device, bus_share.c holds what it shares with its guest.
 */
#ifndef DOMO_RING_BUS_IMPL_H
#define DOMO_RING_BUS_IMPL_H

#include "base/vec.h"
#include "ring/bus.h"

/* Of paths: those with a kind's name and numbers in them fit. */
enum { BUS_PATH_MAX = 160 };

struct bus_share {
    void *pages; /* NULL = none */
    size_t n;
    struct ring_server ring;
};

struct bus_device {
    struct bus *bus;
    uint32_t domid, devid;
    char back[STORE_PATH_MAX + 24], error[BUS_PATH_MAX]; /* directories in the store */
    char *front;
    char token[BUS_KIND_MAX + 40]; /* of the watch on the other end's state */
    bool is_watching;
    bool is_probed;
    bool is_ready;     /* its driver can serve it */
    bool is_connected; /* its driver has rings */
    bool is_busy;      /* is to be served */
    bool is_over;      /* is to be forgotten */
    bool has_port;
    bool is_masked;  /* its port had an event, and stays quiet until we say */
    bool wants_kick; /* the guest, for answers that it was shown */
    uint32_t port;
    enum walk_state state; /* where we stand */
    struct bus_share shares[BUS_RINGS_MAX];
    void *data;
};

struct bus {
    struct host *host;
    struct bus_driver driver;
    char root[STORE_PATH_MAX]; /* "/local/domain/0/backend/KIND" */
    char token[BUS_KIND_MAX + 16];
    bool is_watching;
    int lock_fd;
    VEC(struct bus_device *) devices;
};

/* -- bus_device.c -- */

/* Takes up a new device, as far as its state allows. -1: the host is lost. */
int bus_device_begin(struct bus_device *, struct domo_err *) MUST_CHECK;
/* Looks at both ends and does what is due. */
int bus_device_step(struct bus_device *, struct domo_err *) MUST_CHECK;
int bus_device_serve(struct bus_device *, struct domo_err *) MUST_CHECK;
/* Lets go of rings and port. */
void bus_device_release(struct bus_device *);
/* Ends the device for the reason in "why"; then *why is clear. */
int bus_device_fail(struct bus_device *, struct domo_err *why) MUST_CHECK;
void bus_device_free(struct bus_device *);

/* -- bus_share.c -- */

/* Maps all rings and binds the port, as the guest's nodes say. On failure nothing is held. */
int bus_share_begin(struct bus_device *, struct domo_err *) MUST_CHECK;
void bus_share_end(struct bus_device *);

#endif
