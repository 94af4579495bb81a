/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * States of both ends of a device, as in Xen's public header io/xenbus.h.
 */
#ifndef DOMO_SIM_XENBUS_H
#define DOMO_SIM_XENBUS_H

#include "sim/xs.h"

enum xenbus {
    XB_UNKNOWN,
    XB_INITIALISING,
    XB_INIT_WAIT,
    XB_INITIALISED,
    XB_CONNECTED,
    XB_CLOSING,
    XB_CLOSED,
    XB_RECONFIGURING,
    XB_RECONFIGURED,
};

/* The state in a directory as a driver reads it: any number that stands there, XB_UNKNOWN without one. */
int xenbus_state(struct xsc *, const char *dir);
/* Writes a state, unless the node has gone meanwhile: nobody makes a device anew by closing it. */
int xenbus_set_state(struct xsc *, const char *dir, int state) MUST_CHECK;

#endif
