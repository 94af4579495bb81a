/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The PCI and USB devices of a world.
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "sim/bus.h"

enum { DEVICES_MAX = 256, INTERFACES_MAX = 8 };

static int wrong(const char *file, const char *list, size_t i, const char *what, struct domo_err *err)
{
    return err_set(err, DOMO_E_CONFIG_VALUE, "%s: %s[%zu]: %s", file, list, i, what);
}

static int check_keys(const char *file, const char *list, size_t i, const struct json *v, const char *const *known,
                      struct domo_err *err)
{
    if (!json_is_object(v))
        return wrong(file, list, i, "an object is wanted", err);
    for (size_t k = 0; k < json_len(v); k++) {
        const char *const *at = known;
        const char *name = NULL;

        (void)json_at(v, k, &name);
        while (*at && !str_eq(*at, name))
            at++;
        if (!*at)
            return err_set(err, DOMO_E_CONFIG_UNKNOWN_KEY, "%s: %s[%zu]: '%s' is not known there", file, list, i, name);
    }
    return 0;
}

/* An array of "size" bytes an element, none yet; NULL with err. */
static void *new_list(const char *file, const char *name, const struct json *list, size_t max, size_t size,
                      struct domo_err *err)
{
    void *at;

    if (!json_is_array(list) || json_len(list) > DEVICES_MAX) {
        (void)err_set(err, DOMO_E_CONFIG_TYPE, "%s: %s: a list of at most %d is wanted", file, name, DEVICES_MAX);
        return NULL;
    }
    at = calloc(max ? max : 1, size);
    if (!at)
        (void)err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return at;
}

static uint32_t number(const struct json *v, const char *name)
{
    return (uint32_t)json_uint(json_get(v, name), 0);
}

/* "io:e000+20" or "mem:f0000000+1000": hexadecimal. */
static bool read_range(const char *text, size_t at, struct os_pci *ret)
{
    unsigned long long start = 0, length = 0;
    char kind[4] = "", rest;

    if (!text || at >= OS_PCI_RANGES || sscanf(text, "%3[a-z]:%llx+%llx%c", kind, &start, &length, &rest) != 3 ||
        !start || !length || (!str_eq(kind, "io") && !str_eq(kind, "mem")))
        return false;
    ret->start[at] = start;
    ret->length[at] = length;
    ret->is_ports[at] = str_eq(kind, "io");
    return true;
}

static int read_pci(const char *file, size_t i, const struct json *v, struct os_pci *ret, struct domo_err *err)
{
    static const char *const known[] = {"addr", "driver", "vendor", "device", "class", "irq", "ranges", NULL};
    const struct json *ranges;
    const char *driver;

    if (check_keys(file, "pci", i, v, known, err))
        return -1;
    ranges = json_get(v, "ranges");
    driver = json_get_str(v, "driver", "");
    if (!pci_addr_parse(json_get_str(v, "addr", ""), &ret->addr, NULL))
        return wrong(file, "pci", i, "addr is wanted, like \"0000:03:00.0\"", err);
    if (strlen(driver) >= sizeof ret->driver)
        return wrong(file, "pci", i, "the driver's name is too long", err);
    (void)snprintf(ret->driver, sizeof ret->driver, "%s", driver);
    ret->vendor = number(v, "vendor");
    ret->device = number(v, "device");
    ret->class_code = number(v, "class");
    ret->irq = number(v, "irq");
    ret->is_bridge = ret->class_code >> 16 == 6;
    for (size_t k = 0; k < json_len(ranges); k++)
        if (!read_range(json_str(json_at(ranges, k, NULL), NULL), k, ret))
            return wrong(file, "pci", i, "a range is like \"io:e000+20\" or \"mem:f0000000+1000\", at most 7", err);
    return 0;
}

int world_read_pci(const char *file, const struct json *list, struct world *w, struct domo_err *err)
{
    free(w->pci);
    w->pci_count = 0;
    w->pci = new_list(file, "pci", list, json_len(list), sizeof *w->pci, err);
    if (!w->pci)
        return -1;
    for (size_t i = 0; i < json_len(list); i++) {
        if (read_pci(file, i, json_at(list, i, NULL), &w->pci[i], err))
            return -1;
        w->pci_count = i + 1;
    }
    return 0;
}

/* One row an interface. */
static int read_usb(const char *file, size_t i, const struct json *v, struct world *w, struct domo_err *err)
{
    static const char *const known[] = {"bus_id",  "bus",    "addr",       "driver", "vendor",
                                        "product", "is_hub", "interfaces", NULL};
    const char *bus_id = json_get_str(v, "bus_id", ""), *driver;
    uint32_t n;

    if (check_keys(file, "usb", i, v, known, err))
        return -1;
    driver = json_get_str(v, "driver", "");
    n = json_get(v, "interfaces") ? number(v, "interfaces") : 1;
    if (!bus_id[0] || strlen(bus_id) >= OS_USB_NAME_MAX - 8 || strpbrk(bus_id, ":/") || !number(v, "bus") ||
        !number(v, "addr"))
        return wrong(file, "usb", i, "bus_id (like \"1-2.1\"), bus and addr are wanted", err);
    if (strlen(driver) >= OS_DRIVER_MAX || !n || n > INTERFACES_MAX)
        return wrong(file, "usb", i, "a device has 1 to 8 interfaces, and drivers have short names", err);
    for (uint32_t k = 0; k < n; k++) {
        struct os_usb *one = &w->usb[w->usb_count++];

        *one = (struct os_usb){.bus = number(v, "bus"),
                               .addr = number(v, "addr"),
                               .vendor = number(v, "vendor"),
                               .product = number(v, "product"),
                               .is_hub = json_get_bool(v, "is_hub", false)};
        (void)snprintf(one->bus_id, sizeof one->bus_id, "%s", bus_id);
        (void)snprintf(one->name, sizeof one->name, "%.*s:1.%u", OS_USB_NAME_MAX - 8, bus_id, k % 10);
        (void)snprintf(one->driver, sizeof one->driver, "%s", driver);
    }
    return 0;
}

int world_read_usb(const char *file, const struct json *list, struct world *w, struct domo_err *err)
{
    free(w->usb);
    w->usb_count = 0;
    w->usb = new_list(file, "usb", list, json_len(list) * INTERFACES_MAX, sizeof *w->usb, err);
    if (!w->usb)
        return -1;
    for (size_t i = 0; i < json_len(list); i++)
        if (read_usb(file, i, json_at(list, i, NULL), w, err))
            return -1;
    return 0;
}
