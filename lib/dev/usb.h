/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * USB devices of this host. Private to usb.c and usb_host.c.
 */
#ifndef DOMO_DEV_USB_H
#define DOMO_DEV_USB_H

#include "host/host.h"

/* One interface of the device at that place. DEVICE_NOT_FOUND. */
int usb_find(struct host *, uint32_t bus, uint32_t addr, struct os_usb *ret, struct domo_err *) MUST_CHECK;
int usb_find_id(struct host *, const char *bus_id, struct os_usb *ret, bool *ret_found, struct domo_err *) MUST_CHECK;
/* Moves all interfaces of the device to usbback, noting their drivers in the store; and back. */
int usb_take(struct host *, const char *bus_id, struct domo_err *) MUST_CHECK;
int usb_give_back(struct host *, const char *bus_id, struct domo_err *) MUST_CHECK;
/* The guest that has the device at a port; 0 = none. */
int usb_owner(struct host *, const char *bus_id, uint32_t *ret, struct domo_err *) MUST_CHECK;

#endif
