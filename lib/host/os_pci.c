/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * PCI functions of this machine, by sysfs.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/vec.h"
#include "host/os.h"
#include "host/os_sysfs.h"

/* As in linux/ioport.h; the top byte of a bridge's class is 6. */
enum { IORESOURCE_IO = 0x100, CLASS_BRIDGE = 6 };

static void read_ranges(const char *name, struct os_pci *ret)
{
    char text[SYSFS_TEXT_MAX];
    const char *line = text;

    sysfs_text(text, "pci", name, "resource");
    for (int i = 0; i < OS_PCI_RANGES && line; i++) {
        uint64_t start = 0, end = 0, flags = 0;

        if (sscanf(line, "%" SCNx64 " %" SCNx64 " %" SCNx64, &start, &end, &flags) == 3 && start) {
            ret->start[i] = start;
            ret->length[i] = end - start + 1;
            ret->is_ports[i] = (flags & IORESOURCE_IO) != 0;
        }
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
}

static bool read_pci(const char *name, struct os_pci *ret)
{
    *ret = (struct os_pci){.irq = 0};
    if (!pci_addr_parse(name, &ret->addr, NULL))
        return false;
    ret->vendor = sysfs_number("pci", name, "vendor", 16);
    ret->device = sysfs_number("pci", name, "device", 16);
    ret->class_code = sysfs_number("pci", name, "class", 16);
    ret->irq = sysfs_number("pci", name, "irq", 10);
    ret->is_bridge = ret->class_code >> 16 == CLASS_BRIDGE;
    sysfs_driver("pci", name, ret->driver);
    read_ranges(name, ret);
    return true;
}

static int by_addr(const void *a, const void *b)
{
    uint32_t x = pci_addr_sbdf(&((const struct os_pci *)a)->addr), y = pci_addr_sbdf(&((const struct os_pci *)b)->addr);

    return x < y ? -1 : x > y;
}

int os_pci_list(struct host *h, struct os_pci **ret, size_t *ret_n, struct domo_err *err)
{
    VEC(struct os_pci) list = VEC_INIT;
    DIR *dir = opendir("/sys/bus/pci/devices");
    const struct dirent *e;

    h->stats.os_calls++;
    if (!dir && errno != ENOENT)
        return err_sys(err, DOMO_E_IO, errno, "can't list the PCI devices");
    while (dir && (e = readdir(dir))) {
        struct os_pci one, *slot;

        if (!read_pci(e->d_name, &one))
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
        qsort(list.at, list.len, sizeof *list.at, by_addr);
    *ret = list.at;
    *ret_n = list.len;
    return 0;
}

/* pciback takes only what has a slot with it. */
static int keep_for_guests(const char *name)
{
    int r = sysfs_tell("pci", OS_PCIBACK, "new_slot", name);

    if (r < 0 && r != -EEXIST)
        return r;
    r = sysfs_tell("pci", OS_PCIBACK, "bind", name);
    if (r < 0)
        IGNORE(sysfs_tell("pci", OS_PCIBACK, "remove_slot", name));
    return r;
}

int os_pci_driver(struct host *h, const struct pci_addr *addr, const char *driver, struct domo_err *err)
{
    char name[PCI_ADDR_TEXT_MAX], before[OS_DRIVER_MAX];
    int r = 0;

    h->stats.os_calls++;
    pci_addr_print(addr, name);
    sysfs_driver("pci", name, before);
    if (str_eq(before, driver))
        return 0;
    if (str_eq(driver, OS_PCIBACK) && access("/sys/bus/pci/drivers/" OS_PCIBACK, F_OK) < 0)
        return sysfs_fail(err, -ENOENT, "pci", name, driver);
    if (before[0])
        r = sysfs_unbind("pci", name);
    if (r < 0)
        return sysfs_fail(err, r, "pci", name, "");
    if (str_eq(before, OS_PCIBACK))
        IGNORE(sysfs_tell("pci", OS_PCIBACK, "remove_slot", name));
    if (driver[0])
        r = str_eq(driver, OS_PCIBACK) ? keep_for_guests(name) : sysfs_tell("pci", driver, "bind", name);
    if (r < 0 && before[0] && !str_eq(before, OS_PCIBACK))
        IGNORE(sysfs_tell("pci", before, "bind", name));
    return r < 0 ? sysfs_fail(err, r, "pci", name, driver) : 0;
}

static void reset(const char *name)
{
    char path[128];
    FILE *f;

    if (sysfs_tell("pci", OS_PCIBACK, "do_flr", name) == 0)
        return;
    (void)snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/reset", name);
    f = fopen(path, "we");
    if (!f)
        return;
    (void)fputs("1", f);
    (void)fclose(f);
}

int os_pci_act(struct host *h, const struct pci_addr *addr, enum os_pci_action action, struct domo_err *err)
{
    char name[PCI_ADDR_TEXT_MAX];
    int r = 0;

    h->stats.os_calls++;
    pci_addr_print(addr, name);
    switch (action) {
    case OS_PCI_RESET:
        reset(name);
        return 0;
    case OS_PCI_PERMISSIVE:
        r = sysfs_tell("pci", OS_PCIBACK, "permissive", name);
        break;
    }
    return r < 0 ? err_sys(err, DOMO_E_DEVICE_DRIVER, -r, "can't make %s permissive", name) : 0;
}
