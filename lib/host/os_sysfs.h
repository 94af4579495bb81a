/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Devices of a bus in sysfs: their attributes and their drivers. For os_pci.c
 * and os_usb.c.
 */
#ifndef DOMO_HOST_OS_SYSFS_H
#define DOMO_HOST_OS_SYSFS_H

#include <stdint.h>

#include "host/os.h"

enum { SYSFS_TEXT_MAX = 1024 };

/* A small file, without the newline at its end; "" if it is not there. */
void sysfs_text(char out[SYSFS_TEXT_MAX], const char *bus, const char *device, const char *name);
/* As a number in that base; 0 if it is none. */
uint32_t sysfs_number(const char *bus, const char *device, const char *name, int base);
/* "" = none. */
void sysfs_driver(const char *bus, const char *device, char out[OS_DRIVER_MAX]);
/* Writes "device" to a file of a driver. 0 or a negative errno. */
int sysfs_tell(const char *bus, const char *driver, const char *file, const char *device) MUST_CHECK;
/* Takes it from the driver that has it. 0 or a negative errno. */
int sysfs_unbind(const char *bus, const char *device) MUST_CHECK;
/* DEVICE_DRIVER: the device is not with "driver" for that reason. Returns -1. */
int sysfs_fail(struct domo_err *, int r, const char *bus, const char *device, const char *driver);

#endif
