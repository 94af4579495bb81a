/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * USB devices on this host: finding them, and moving their interfaces between
 * this host's drivers and usbback. What libxl remembers of them is under
 * /libxl/usbback, and so is what domo does.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"
#include "dev/usb.h"

static const char DRIVER_PREFIX[] = "/sys/bus/usb/drivers/";

/* A path in the store has no '.' and no ':'. */
static void encode(const char *name, char out[OS_USB_NAME_MAX])
{
    size_t i = 0;

    for (; name[i] && i + 1 < OS_USB_NAME_MAX; i++)
        out[i] = (char)(name[i] == '.' ? '_' : name[i] == ':' ? '@' : name[i]);
    out[i] = '\0';
}

static int note_path(char path[STORE_PATH_MAX], const char *bus_id, const char *name, struct domo_err *err)
{
    char device[OS_USB_NAME_MAX], interface[OS_USB_NAME_MAX];

    encode(bus_id, device);
    encode(name ? name : "", interface);
    if (!name)
        return store_path(path, err, "/libxl/usbback/%s", device);
    return store_path(path, err, "/libxl/usbback/%s/%s/driver_path", device, interface);
}

int usb_find(struct host *h, uint32_t bus, uint32_t addr, struct os_usb *ret, struct domo_err *err)
{
    struct os_usb *AUTO_FREE all = NULL;
    size_t n = 0;

    if (h->os->usb_list(h, &all, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (all[i].bus == bus && all[i].addr == addr) {
            *ret = all[i];
            return 0;
        }
    (void)err_set(err, DOMO_E_DEVICE_NOT_FOUND, "this host has no USB device %" PRIu32 " on bus %" PRIu32, addr, bus);
    return err_hint(err, "lsusb lists what there is");
}

int usb_find_id(struct host *h, const char *bus_id, struct os_usb *ret, bool *ret_found, struct domo_err *err)
{
    struct os_usb *AUTO_FREE all = NULL;
    size_t n = 0;

    *ret_found = false;
    if (h->os->usb_list(h, &all, &n, err))
        return -1;
    for (size_t i = 0; i < n && !*ret_found; i++) {
        *ret_found = str_eq(all[i].bus_id, bus_id);
        if (*ret_found)
            *ret = all[i];
    }
    return 0;
}

static int take_one(struct host *h, const struct os_usb *u, struct domo_err *err)
{
    char path[STORE_PATH_MAX], driver[sizeof DRIVER_PREFIX + OS_DRIVER_MAX];

    if (str_eq(u->driver, OS_USBBACK))
        return 0;
    (void)snprintf(driver, sizeof driver, "%s%s", DRIVER_PREFIX, u->driver);
    /* Noted first: whoever finds it with usbback must know where it belongs. */
    if (u->driver[0] && (note_path(path, u->bus_id, u->name, err) || store_write(h, 0, path, driver, err)))
        return -1;
    return h->os->usb_driver(h, u->name, OS_USBBACK, err);
}

static int give_one(struct host *h, const struct os_usb *u, struct domo_err *err)
{
    char path[STORE_PATH_MAX], *AUTO_FREE noted = NULL;
    const char *driver = "";

    if (!str_eq(u->driver, OS_USBBACK))
        return 0;
    if (note_path(path, u->bus_id, u->name, err) || store_read_opt(h, 0, path, &noted, err))
        return -1;
    if (noted && str_starts(noted, DRIVER_PREFIX) && !strchr(noted + sizeof DRIVER_PREFIX - 1, '/'))
        driver = noted + sizeof DRIVER_PREFIX - 1;
    return h->os->usb_driver(h, u->name, driver, err);
}

int usb_take(struct host *h, const char *bus_id, struct domo_err *err)
{
    struct os_usb *AUTO_FREE all = NULL;
    size_t n = 0;

    if (h->os->usb_list(h, &all, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(all[i].bus_id, bus_id) || take_one(h, &all[i], err) == 0)
            continue;
        IGNORE(usb_give_back(h, bus_id, NULL));
        return err_wrap(err, "USB device %s", bus_id);
    }
    return 0;
}

int usb_give_back(struct host *h, const char *bus_id, struct domo_err *err)
{
    struct os_usb *AUTO_FREE all = NULL;
    char path[STORE_PATH_MAX];
    size_t n = 0;
    int r = 0;

    if (h->os->usb_list(h, &all, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i].bus_id, bus_id) && give_one(h, &all[i], err))
            r = err_wrap(err, "USB device %s", bus_id);
    if (r || note_path(path, bus_id, NULL, err))
        return -1;
    return dev_forget(h, path, "/libxl/usbback", err);
}

/* ---- who has it ---- */

static int has_device(struct host *h, const char *dir, const char *bus_id, bool *ret, struct domo_err *err)
{
    char **AUTO_FREE ports = NULL;
    char path[STORE_PATH_MAX];
    size_t n = 0;

    *ret = false;
    if (store_path(path, err, "%s/port", dir) || store_list(h, 0, path, &ports, &n, err))
        return -1;
    for (size_t i = 0; i < n && !*ret; i++) {
        char *AUTO_FREE value = NULL;

        if (store_path(path, err, "%s/port/%s", dir, ports[i]) || store_read_opt(h, 0, path, &value, err))
            return -1;
        *ret = str_eq(value, bus_id);
    }
    return 0;
}

/* Looks through the controllers of one guest. */
static int guest_has(struct host *h, const char *kind, const char *guest, const char *bus_id, bool *ret,
                     struct domo_err *err)
{
    char **AUTO_FREE ids = NULL;
    char path[STORE_PATH_MAX], dir[STORE_PATH_MAX];
    size_t n = 0;

    *ret = false;
    if (store_path(dir, err, "/local/domain/%" PRIu32 "/backend/%s/%s", h->domid, kind, guest) ||
        store_list(h, 0, dir, &ids, &n, err))
        return -1;
    for (size_t i = 0; i < n && !*ret; i++)
        if (store_path(path, err, "%s/%s", dir, ids[i]) || has_device(h, path, bus_id, ret, err))
            return -1;
    return 0;
}

int usb_owner(struct host *h, const char *bus_id, uint32_t *ret, struct domo_err *err)
{
    static const char *const kinds[] = {"vusb", "qusb"};

    *ret = 0;
    for (size_t k = 0; k < ARRAY_LEN(kinds) && !*ret; k++) {
        char **AUTO_FREE guests = NULL;
        char path[STORE_PATH_MAX];
        size_t n = 0;

        if (store_path(path, err, "/local/domain/%" PRIu32 "/backend/%s", h->domid, kinds[k]) ||
            store_list(h, 0, path, &guests, &n, err))
            return -1;
        for (size_t i = 0; i < n && !*ret; i++) {
            bool has = false;
            uint32_t domid;

            if (str_to_u32(guests[i], &domid))
                continue;
            if (guest_has(h, kinds[k], guests[i], bus_id, &has, err))
                return -1;
            *ret = has ? domid : 0;
        }
    }
    return 0;
}
