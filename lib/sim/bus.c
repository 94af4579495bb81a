/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim/bus.h"

#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "base/vec.h"

struct pci {
    struct os_pci info;
    uint32_t owner; /* 0 = domain 0, or nobody */
};

struct grant_io {
    uint32_t domid;
    struct hyp_io io;
};

struct bus {
    const struct world *world;
    struct machine *machine;
    VEC(struct pci) pci;
    VEC(struct os_usb) usb;
    VEC(struct grant_io) ios;
};

/* A guest that goes has nothing any more. */
static void changed(void *arg, uint32_t domid, enum machine_change change)
{
    struct bus *b = arg;

    if (change != MACHINE_DYING && change != MACHINE_GONE)
        return;
    for (size_t i = 0; i < b->pci.len; i++)
        if (b->pci.at[i].owner == domid)
            b->pci.at[i].owner = 0;
    for (size_t i = b->ios.len; i-- > 0;)
        if (b->ios.at[i].domid == domid)
            VEC_REMOVE(&b->ios, i);
}

struct bus *bus_new(const struct world *w, struct machine *m)
{
    struct bus *b = calloc(1, sizeof *b);
    bool failed = !b;

    for (size_t i = 0; !failed && i < w->pci_count; i++) {
        struct pci *one = VEC_PUSH(&b->pci);

        failed = !one;
        if (one)
            one->info = w->pci[i];
    }
    for (size_t i = 0; !failed && i < w->usb_count; i++) {
        struct os_usb *one = VEC_PUSH(&b->usb);

        failed = !one;
        if (one)
            *one = w->usb[i];
    }
    if (failed || machine_on_change(m, changed, b) < 0)
        return bus_free(b);
    b->world = w;
    b->machine = m;
    return b;
}

struct bus *bus_free(struct bus *b)
{
    if (!b)
        return NULL;
    VEC_FINI(&b->pci);
    VEC_FINI(&b->usb);
    VEC_FINI(&b->ios);
    free(b);
    return NULL;
}

/* ---- PCI ---- */

static struct pci *find_pci(const struct bus *b, const struct pci_addr *addr)
{
    for (size_t i = 0; i < b->pci.len; i++)
        if (pci_addr_eq(&b->pci.at[i].info.addr, addr))
            return &b->pci.at[i];
    return NULL;
}

const struct os_pci *bus_pci_at(const struct bus *b, size_t i)
{
    return i < b->pci.len ? &b->pci.at[i].info : NULL;
}

const struct os_pci *bus_pci(const struct bus *b, const struct pci_addr *addr)
{
    const struct pci *one = find_pci(b, addr);

    return one ? &one->info : NULL;
}

int bus_pci_driver(struct bus *b, const struct pci_addr *addr, const char *driver)
{
    struct pci *one = find_pci(b, addr);

    if (!one)
        return -ENODEV;
    if (one->owner)
        return -EBUSY;
    if (str_eq(driver, OS_PCIBACK) && !world_has_back(b->world, "pci"))
        return -ENOENT;
    if (strlen(driver) >= sizeof one->info.driver)
        return -EINVAL;
    (void)snprintf(one->info.driver, sizeof one->info.driver, "%s", driver);
    return 0;
}

int bus_pci_assign(struct bus *b, uint32_t domid, const struct pci_addr *addr)
{
    struct pci *one = find_pci(b, addr);
    struct hyp_info info;

    if (!one)
        return -ENODEV;
    if (machine_domain(b->machine, domid, &info) < 0)
        return -ESRCH;
    if (b->world->lacks_iommu || !machine_has_iommu(b->machine, domid))
        return -EOPNOTSUPP;
    if (one->owner)
        return -EBUSY;
    one->owner = domid;
    return 0;
}

int bus_pci_deassign(struct bus *b, uint32_t domid, const struct pci_addr *addr)
{
    struct pci *one = find_pci(b, addr);

    if (one && one->owner == domid)
        one->owner = 0;
    return 0;
}

int bus_io(struct bus *b, uint32_t domid, const struct hyp_io *io, bool allow)
{
    struct hyp_info info;
    struct grant_io *slot;

    if (machine_domain(b->machine, domid, &info) < 0)
        return -ESRCH;
    for (size_t i = 0; i < b->ios.len; i++) {
        const struct grant_io *g = &b->ios.at[i];

        if (g->domid != domid || g->io.kind != io->kind || g->io.first != io->first || g->io.count != io->count)
            continue;
        if (!allow)
            VEC_REMOVE(&b->ios, i);
        return 0;
    }
    slot = allow ? VEC_PUSH(&b->ios) : NULL;
    if (slot)
        *slot = (struct grant_io){.domid = domid, .io = *io};
    return allow && !slot ? -ENOMEM : 0;
}

size_t bus_held(const struct bus *b, uint32_t domid)
{
    size_t n = 0;

    for (size_t i = 0; i < b->pci.len; i++)
        n += domid && b->pci.at[i].owner == domid;
    for (size_t i = 0; i < b->ios.len; i++)
        n += b->ios.at[i].domid == domid;
    return n;
}

/* ---- USB ---- */

const struct os_usb *bus_usb_at(const struct bus *b, size_t i)
{
    return i < b->usb.len ? &b->usb.at[i] : NULL;
}

int bus_usb_driver(struct bus *b, const char *name, const char *driver)
{
    for (size_t i = 0; i < b->usb.len; i++) {
        struct os_usb *one = &b->usb.at[i];

        if (!str_eq(one->name, name))
            continue;
        if (str_eq(driver, OS_USBBACK) && !world_has_back(b->world, "vusb"))
            return -ENOENT;
        if (strlen(driver) >= sizeof one->driver)
            return -EINVAL;
        (void)snprintf(one->driver, sizeof one->driver, "%s", driver);
        return 0;
    }
    return -ENODEV;
}
