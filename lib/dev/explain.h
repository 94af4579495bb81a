/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Why a device is not connected: facts in, a diagnosis out. Nothing here reads
 * the store, a file or a clock; explain_read.c gathers the facts. Each cause is
 * a row: when it is one, what it is, what to do.
 */
#ifndef DOMO_DEV_EXPLAIN_H
#define DOMO_DEV_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dev/handshake.h"

/* What is seen of one device and of what it stands on. Texts are "" or NULL where there is nothing; those that a guest
 * may have written are printable already. */
struct explain_facts {
    const char *label; /* "disk xvda" */
    const char *kind;  /* "vbd" */

    /* The guest. */
    uint32_t domid;
    bool guest_gone, guest_dying, guest_shutdown, guest_crashed, guest_paused;
    bool dm_ended; /* it should have a device model, and that has ended */

    /* Who serves the device. */
    uint32_t back_domid;
    const char *server; /* the domain's name */
    bool server_is_us, server_gone, server_paused;
    const char *module;  /* kernel module that serves the kind; NULL = none does */
    bool driver_missing; /* the module is not loaded here */

    /* The store. */
    bool has_handshake; /* false: both ends show no states to each other */
    bool has_back;      /* /libxl names a back end that makes sense */
    bool back_there, front_there;
    enum xenbus_state back, front;
    const char *front_text; /* what stands as the guest's state */
    bool offline;           /* online=0: somebody has begun to take the device away */
    bool wants_status;      /* the back end waits for hotplug-status=connected */
    bool wants_physical;    /* the back end waits for physical-device */
    const char *physical;   /* that node */
    const char *hotplug_status, *hotplug_error;
    const char *back_error, *front_error; /* what the kernels of both ends left */
    const char *tty;                      /* of a console */

    /* The host behind it. */
    const char *target, *resource, *bridge, *interface, *script, *emulated;
    bool target_missing, resource_missing, bridge_missing, interface_missing, interface_down, interface_alone;
    bool script_missing;
};

/* Who has to act. */
enum explain_side { EXPLAIN_NOBODY, EXPLAIN_GUEST, EXPLAIN_BACK, EXPLAIN_HOTPLUG, EXPLAIN_HOST, EXPLAIN_TOOLSTACK };

struct explain_cause {
    const char *id; /* "front-silent": stable */
    enum explain_side side;
    bool healthy;
    bool (*is)(const struct explain_facts *); /* the first row that says yes is the cause */
    const char *what, *advice;                /* templates: {label}, {server}, {module}, … */
};

/* The first cause that fits; never NULL. */
const struct explain_cause *explain_device(const struct explain_facts *);
/* The whole table, for tests and for the manual: NULL past its end. */
const struct explain_cause *explain_cause_at(size_t i);
/* "guest", "back-end", …; "nobody" for a device that is well. */
const char *explain_side_name(enum explain_side);
/* Fills a template; caller frees, NULL when out of memory. A name that is none stays as it is. */
char *explain_text(const char *template, const struct explain_facts *);

#endif
