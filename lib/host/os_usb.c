/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * USB devices of this machine, by sysfs. A driver has interfaces, not devices.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "host/os.h"
#include "host/os_sysfs.h"

enum { CLASS_HUB = 9 };

/* "1-2.1:1.0" is an interface of "1-2.1". */
static bool read_usb(const char *name, struct os_usb *ret)
{
    const char *colon = strchr(name, ':');

    *ret = (struct os_usb){.bus = 0};
    if (!colon || colon == name || (size_t)(colon - name) >= sizeof ret->bus_id || strlen(name) >= sizeof ret->name)
        return false;
    memcpy(ret->bus_id, name, (size_t)(colon - name));
    memcpy(ret->name, name, strlen(name) + 1);
    ret->bus = sysfs_number("usb", ret->bus_id, "busnum", 10);
    ret->addr = sysfs_number("usb", ret->bus_id, "devnum", 10);
    ret->vendor = sysfs_number("usb", ret->bus_id, "idVendor", 16);
    ret->product = sysfs_number("usb", ret->bus_id, "idProduct", 16);
    ret->is_hub = sysfs_number("usb", ret->bus_id, "bDeviceClass", 16) == CLASS_HUB;
    sysfs_driver("usb", name, ret->driver);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct os_usb *)a)->name, ((const struct os_usb *)b)->name);
}

int os_usb_list(struct host *h, struct os_usb **ret, size_t *ret_n, struct domo_err *err)
{
    VEC(struct os_usb) list = VEC_INIT;
    DIR *dir = opendir("/sys/bus/usb/devices");
    const struct dirent *e;

    h->stats.os_calls++;
    if (!dir && errno != ENOENT)
        return err_sys(err, DOMO_E_IO, errno, "can't list the USB devices");
    while (dir && (e = readdir(dir))) {
        struct os_usb one, *slot;

        if (!read_usb(e->d_name, &one))
            continue;
        slot = VEC_PUSH(&list);
        if (!slot) {
            (void)closedir(dir);
            VEC_FINI(&list);
            return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
        }
        *slot = one;
    }
    if (dir)
        (void)closedir(dir);
    if (list.len)
        qsort(list.at, list.len, sizeof *list.at, by_name);
    *ret = list.at;
    *ret_n = list.len;
    return 0;
}

int os_usb_driver(struct host *h, const char *name, const char *driver, struct domo_err *err)
{
    char before[OS_DRIVER_MAX];
    int r = 0;

    h->stats.os_calls++;
    if (strchr(name, '/'))
        return err_set(err, DOMO_E_INTERNAL, "'%s' is no USB interface", name);
    sysfs_driver("usb", name, before);
    if (str_eq(before, driver))
        return 0;
    if (before[0])
        r = sysfs_unbind("usb", name);
    if (r < 0)
        return sysfs_fail(err, r, "usb", name, "");
    if (driver[0])
        r = sysfs_tell("usb", driver, "bind", name);
    if (r < 0 && before[0])
        IGNORE(sysfs_tell("usb", before, "bind", name));
    return r < 0 ? sysfs_fail(err, r, "usb", name, driver) : 0;
}
