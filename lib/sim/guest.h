/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest's kernel in miniature, and a shell on its console. Private to
 * guest*.c, front*.c and shell*.c.
 *
 * A guest acts only when one of its event channels was kicked: by the store, a
 * back end, the console, or its own timer. So a paused one does nothing, and
 * goes on where it was.
 */
#ifndef DOMO_SIM_GUEST_H
#define DOMO_SIM_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "hash.h"
#include "ring/blk.h"
#include "ring/net.h"
#include "sim/line.h"
#include "sim/sim.h"
#include "sim/world.h"
#include "sim/xenbus.h"
#include "sim/xs.h"

enum { RETRY_MS = 20, VIF_RX_PAGES = 2 };

struct guest;
struct front;
struct shell;

/* What a front end of rows shows the other end. */
enum { FRONT_SHOWS_MAX = 8 };
struct front_show {
    const char *name;
    enum { FRONT_SHOWS_PAGE, FRONT_SHOWS_PORT, FRONT_SHOWS_TEXT } what;
    const char *text;
};

/* A front end driver. */
struct front_kind {
    const char *name;
    const char *off_word; /* on the kernel's command line: this driver is not there */
    int published;        /* the state in which rings are shown to the other end */
    /* Of a front end of rows (front_rows.c), ended by a NULL name. */
    const struct front_show *shows;
    /* Makes rings and shows them. */
    int (*publish)(struct front *);
    /* The back end is connected: looks at what it serves. */
    int (*look)(struct front *);
    /* Nonsense instead of rings. */
    int (*publish_garbage)(struct front *);
    /* Gives rings and pages back. */
    void (*release)(struct front *);
    /* The other end has answered something. */
    void (*serve)(struct front *);
};

/* A page that was offered, NULL if not. */
struct front_page {
    void *page;
    uint32_t ref;
};

struct front_vbd {
    struct front_page ring_page, data;
    struct ring_client ring;
    uint64_t sectors;
    bool is_read_only;
};

struct front_vif {
    char mac[18];
    struct front_page tx_page, rx_page, tx_data, rx_data[VIF_RX_PAGES];
    struct ring_client tx, rx;
};

struct front_row {
    struct front_page page;
    bool is_port;
    uint32_t number; /* grant or port */
};

struct front {
    struct guest *guest;
    const struct front_kind *kind;
    struct front *next;
    uint32_t devid, back_domid;
    char token[32]; /* "vbd/51712" */
    char dir[40];   /* "device/vbd/51712" */
    char *back;     /* the other end's directory; NULL = not known */
    int state;      /* what it wrote last */
    int port;       /* -1 = none */
    bool is_watching, kicked;
    int64_t step_at;      /* 0 = nothing to do */
    int64_t reconnect_at; /* 0 = not */
    bool reopens;         /* has closed by itself and will be back */
    union {
        struct front_vbd vbd;
        struct front_vif vif;
        struct front_row rows[FRONT_SHOWS_MAX];
    };
};

struct guest {
    struct guests *all;
    uint32_t domid;
    const struct world_guest *rule;
    char name[64];
    struct sim_line own;
    struct line line;
    struct xsc *xs; /* NULL before it has booted */
    uint32_t store_port;
    uint32_t alarm_port;      /* its own timer's */
    int64_t alarm_at, timer;  /* the timer: 0 = none */
    int64_t boot_at, stop_at; /* 0 = not wanted */
    enum machine_reason stop_reason;
    bool is_booted, is_stopped, is_ready;
    unsigned again; /* what the store made wait: enum again bits of guest.c */
    int64_t again_at;
    struct guest *next_ready;
    struct front *fronts;
    struct shell *shell;
    struct backs *backs; /* of a driver domain that has booted; NULL = it serves nobody */
    struct node *node;   /* its disks and interfaces */
    struct guest *next_driver;
    UT_hash_handle hh; /* by domid */
};

struct guests {
    struct sim *sim;
    struct xsc *xs; /* the simulation's own, for names */
    struct guest *by_domid;
    struct guest *ready, *drivers;
};

extern const struct front_kind front_kind_vbd, front_kind_vif;
/* The i-th of those that are rows; NULL behind the last. */
const struct front_kind *front_rows_at(size_t i);

/* --- guest.c --- */
/* NULL when out of memory. */
struct guest *guest_new(struct guests *, uint32_t domid);
/* Its domain is gone or going: nothing of it is touched any more. */
void guest_free(struct guest *);
/* Does all that is due. */
void guest_run(struct guest *);
/* guest_run() is wanted; a callback for event channels. */
void guest_wake(void *guest);
/* guest_run() is wanted at that time. */
void guest_alarm(struct guest *, int64_t at_ms);
int64_t guest_now(const struct guest *);
/* It ends, as soon as its manner lets it. */
void guest_stop(struct guest *, enum machine_reason);
/* Is the word on its kernel's command line? */
bool guest_has_word(const struct guest *, const char *word);

/* --- driver.c --- */
/* Loads the back end drivers that its rule names; nothing if there are none. */
void driver_start(struct guest *);
void driver_end(struct guest *);

/* --- front.c --- */
/* Something below "device" changed. -EAGAIN: all of it is to be looked at later. */
int fronts_changed(struct guest *, const char *path) MUST_CHECK;
/* Looks for all devices. -EAGAIN: to be done again. */
int fronts_scan(struct guest *) MUST_CHECK;
/* Something of the other end changed. */
void front_told(struct guest *, const char *token);
/* Steps that are due, and answers that have come. */
void fronts_run(struct guest *);
void fronts_free(struct guest *);
/* For kinds: a page for the other end; -ENOMEM and others. */
int front_offer(struct front *, bool read_only, struct front_page *ret) MUST_CHECK;
void front_withdraw(struct front *, struct front_page *);
/* An event channel for the other end. */
int front_open_port(struct front *) MUST_CHECK;
void front_kick(struct front *);

/* --- front_vbd.c --- */
/* Asks for sectors of the disk: "count" at most BLK_PAGE_SECTORS, through front_vbd's data page, which front_vbd_data()
 * gives. The shell is told when it is done. 0, -EBUSY, -ENXIO (not connected), -ENOMEM. */
int front_vbd_ask(struct front *, enum blk_op, uint64_t sector, uint32_t count) MUST_CHECK;
void *front_vbd_data(struct front *);
/* "xvda". */
void front_vbd_name(const struct front *, char out[24]);

/* --- front_vif.c --- */
/* Sends a frame of the experimental kind to everybody. */
int front_vif_send(struct front *, const char *text) MUST_CHECK;

/* --- shell.c --- */
/* On the console's ring. NULL when out of memory. */
struct shell *shell_new(struct guest *, void *page, uint32_t port);
void shell_free(struct shell *);
void shell_run(struct shell *);
/* A line of the kernel's, or of a driver's. */
void shell_printf(struct shell *, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The device goes: nobody may wait for it. "shell" may be NULL. */
void shell_front_gone(struct shell *, const struct front *);
/* What the shell waited for. "status" is enum blk_status. */
void shell_disk_done(struct shell *, const struct front *, int status);

#endif
