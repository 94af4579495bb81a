/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A back end of a kernel: what block and network have in common, and
 * what each kind does. Private to backs.c and back_*.c.
 *
 * The behaviour is that of Linux 6.1: one thing at a time, in the order in
 * which the store tells of them; a driver remembers the state that it wrote
 * last and does not look at its own node.
 */
#ifndef DOMO_SIM_BACK_H
#define DOMO_SIM_BACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "hash.h"
#include "ring/disk.h"
#include "ring/line.h"
#include "ring/net.h"
#include "sim/line.h"
#include "sim/sim.h"
#include "sim/xenbus.h"
#include "sim/xs.h"

struct back;

/* A node that a back end of rows writes before it waits for the other end. */
struct back_node {
    const char *name, *value;
};

/* What it wants to see of the other end before it connects. */
enum { BACK_TAKES_MAX = 8 };
struct back_take {
    const char *name;
    enum { BACK_TAKES_PAGE, BACK_TAKES_PORT } what;
};

struct back_kind {
    const char *name;
    uint32_t first_devid; /* lower ones are somebody else's */
    /* Of a back end of rows (back_rows.c), each ended by a NULL name; NULL = none. */
    const struct back_node *offers;
    const struct back_take *takes;
    /* Writes features and InitWait. False: failed and said so, nothing else is done with the device. */
    bool (*probe)(struct back *);
    /* The front end's state changed; a guest may have written any number. True: the device is to be forgotten. */
    bool (*front_changed)(struct back *, int state);
    /* The node "watched" in its own directory changed. */
    void (*own_changed)(struct back *);
    const char *watched;
    /* Was kicked: true if there is more to do. */
    bool (*serve)(struct back *);
    /* Gives back all that it holds. */
    void (*remove)(struct back *);
};

/* A page of the guest that is mapped. */
struct back_page {
    void *page; /* NULL = none */
    uint32_t ref;
};

struct back_vbd {
    bool is_open;
    int file; /* its own, of an image that is served as QEMU does; -1 = none */
    uint32_t major, minor;
    bool is_cdrom;
    struct back_page ring;
    int port; /* -1 = not bound */
    struct ring_disk disk;
};

struct back_vif {
    char ifname[24];
    uint32_t ifindex; /* 0 = not made */
    int be_state;     /* where the driver is; its node follows when hotplug is done */
    bool awaits_hotplug;
    struct back_page tx_page, rx_page;
    int tx_port, rx_port; /* -1 = not bound; the same if the guest has only one */
    struct ring_server tx, rx;
};

struct back_rows {
    struct back_page pages[BACK_TAKES_MAX];
    int ports[BACK_TAKES_MAX]; /* -1 = not bound */
};

struct back {
    struct backs *all;
    const struct back_kind *kind;
    uint32_t domid, devid;
    char token[40];  /* "vbd/5/51712" */
    char dir[80];    /* in the store */
    char *front;     /* the other end's directory */
    int state;       /* what it wrote last */
    unsigned events; /* that wait: enum back_event bits */
    bool is_probed;  /* its driver has begun with it */
    bool is_bound;   /* its driver has taken it */
    bool is_watching, is_busy;
    int64_t timer; /* 0 = none */
    struct back *next_busy;
    UT_hash_handle hh; /* by token */
    union {
        struct back_vbd vbd;
        struct back_vif vif;
        struct back_rows rows;
    };
};

extern const struct back_kind back_kind_pci, back_kind_vbd, back_kind_qdisk, back_kind_vif;
/* The i-th of those that are rows; NULL behind the last. */
const struct back_kind *back_rows_at(size_t i);
/* Their functions, for a kind that does a little more. */
bool back_rows_probe(struct back *);
bool back_rows_front_changed(struct back *, int state);
void back_rows_own_changed(struct back *);
bool back_rows_serve(struct back *);
void back_rows_remove(struct back *);

/* What the drivers of one kernel share. */
struct backs {
    struct sim *sim;
    uint32_t domid;                   /* whose kernel it is */
    struct node *node;                /* that domain's disks and interfaces */
    const struct world_guest *driver; /* the rule of a driver domain; NULL = domain 0 */
    char root[40];                    /* "/local/domain/N/backend/" */
    struct xsc *xs;
    struct sim_line own;
    struct line line;
    struct back *by_token;
    struct back *busy;
};

/* Writes the state unless it is the one written last; nothing if the node has gone. */
void back_switch(struct back *, enum xenbus state);
/* Says under error/ why the device fails, and gives it up: Closing. "err" is a positive errno or grant status. */
void back_fail(struct back *, int err, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool back_is_online(struct back *);
/* Maps a page of the guest. Says why if it cannot. */
int back_map(struct back *, uint32_t ref, struct back_page *ret) MUST_CHECK;
void back_unmap(struct back *, struct back_page *);
/* Binds the guest's port and has serve() called when it is kicked; our port or a negative errno. */
int back_bind(struct back *, uint32_t remote_port) MUST_CHECK;
void back_unbind(struct back *, int *port);
/* serve() is wanted. */
void back_kicked(void *back);

#endif
