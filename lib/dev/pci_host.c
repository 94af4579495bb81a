/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * PCI functions on this host: which there are, whose they are, keeping them
 * for guests, giving them to one and taking them back. What libxl remembers of
 * a function is under /libxl/pci, and so is what domo does.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

enum { PAGE_SHIFT = 12 };
static const char DRIVER_PREFIX[] = "/sys/bus/pci/drivers/";
static const uint32_t DOMID_QUARANTINE = 0x7FF1; /* what is nobody's reaches no memory: DOMID_IO of xen.h */

/* ---- who has it ---- */

static int has_func(struct host *h, const char *guest, const char *place, bool *ret, struct domo_err *err)
{
    char **AUTO_FREE names = NULL;
    char dir[STORE_PATH_MAX], path[STORE_PATH_MAX];
    size_t n = 0;

    *ret = false;
    if (store_path(dir, err, "/local/domain/%" PRIu32 "/backend/pci/%s/0", h->domid, guest) ||
        store_list(h, 0, dir, &names, &n, err))
        return -1;
    for (size_t i = 0; i < n && !*ret; i++) {
        char *AUTO_FREE value = NULL;

        if (!str_starts(names[i], "dev-") || strlen(dir) + strlen(names[i]) + 2 > sizeof path)
            continue;
        dev_join(path, dir, names[i]);
        if (store_read_opt(h, 0, path, &value, err))
            return -1;
        *ret = str_eq(value, place);
    }
    return 0;
}

int pci_owner(struct host *h, const struct pci_addr *addr, uint32_t *ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX], place[PCI_ADDR_TEXT_MAX];
    char **AUTO_FREE guests = NULL;
    size_t n = 0;

    *ret = 0;
    pci_addr_print(addr, place);
    if (store_path(path, err, "/local/domain/%" PRIu32 "/backend/pci", h->domid) ||
        store_list(h, 0, path, &guests, &n, err))
        return -1;
    for (size_t i = 0; i < n && !*ret; i++) {
        uint32_t domid;
        bool has;

        if (str_to_u32(guests[i], &domid))
            continue;
        if (has_func(h, guests[i], place, &has, err))
            return -1;
        *ret = has ? domid : 0;
    }
    return 0;
}

/* ---- which there are ---- */

int pci_find(struct host *h, const char *bdf, struct os_pci **ret, size_t *ret_n, struct domo_err *err)
{
    struct os_pci *all = NULL;
    struct pci_addr addr;
    size_t n = 0, found = 0;
    bool any = false;

    if (!pci_addr_parse(bdf, &addr, &any))
        return err_set(err, DOMO_E_USAGE, "'%s' is no place of a PCI function", bdf);
    if (h->os->pci_list(h, &all, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (any ? pci_addr_same_slot(&all[i].addr, &addr) : pci_addr_eq(&all[i].addr, &addr))
            all[found++] = all[i];
    if (!found) {
        free(all);
        (void)err_set(err, DOMO_E_DEVICE_NOT_FOUND, "this host has no PCI device %s", bdf);
        return err_hint(err, "lspci -D lists what there is");
    }
    *ret = all;
    *ret_n = found;
    return 0;
}

int pci_place_of_name(struct host *h, const char *name, char ret[PCI_ADDR_TEXT_MAX], struct domo_err *err)
{
    char **AUTO_FREE keys = NULL;
    char path[STORE_PATH_MAX];
    size_t n = 0;

    if (store_list(h, 0, "/libxl/pci", &keys, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        char *AUTO_FREE have = NULL;
        unsigned domain, bus, dev, func;

        if (store_path(path, err, "/libxl/pci/%s/name", keys[i]) || store_read_opt(h, 0, path, &have, err))
            return -1;
        if (!str_eq(have, name) || sscanf(keys[i], "%4x-%2x-%2x-%1x", &domain, &bus, &dev, &func) != 4)
            continue;
        (void)snprintf(ret, PCI_ADDR_TEXT_MAX, "%04x:%02x:%02x.%x", domain & 0xffffu, bus & 0xffu, dev & 0x1fu,
                       func & 7u);
        return 0;
    }
    (void)err_set(err, DOMO_E_DEVICE_NOT_FOUND, "no PCI device was made assignable under the name '%s'", name);
    return err_hint(err, "domo pci-assignable-list -n shows the names");
}

static int refuse_owned(struct host *h, const char *place, uint32_t owner, struct domo_err *err)
{
    char path[STORE_PATH_MAX], *AUTO_FREE name = NULL;

    if (store_path(path, err, "/local/domain/%" PRIu32 "/name", owner) || store_read_opt(h, 0, path, &name, err))
        return -1;
    (void)err_set(err, DOMO_E_DEVICE_ASSIGNED, "%s belongs to '%s' (domain %" PRIu32 ")", place, name ? name : "?",
                  owner);
    return err_hint(err, "domo pci-detach %s %s", name ? name : "DOMAIN", place);
}

int pci_check_free(struct dev *d, const struct dev_func *f, struct domo_err *err)
{
    struct host *h = d->set->host;
    char place[PCI_ADDR_TEXT_MAX];
    uint32_t owner;

    pci_addr_print(&f->info.addr, place);
    if (f->info.is_bridge)
        return err_set(err, DOMO_E_DEVICE_NOT_ASSIGNABLE, "%s is a bridge, which no guest can be given", place);
    if (pci_owner(h, &f->info.addr, &owner, err))
        return -1;
    if (owner)
        return refuse_owned(h, place, owner, err);
    if (f->seize || str_eq(f->info.driver, OS_PCIBACK))
        return 0;
    (void)err_set(err, DOMO_E_DEVICE_NOT_ASSIGNABLE,
                  f->info.driver[0] ? "%s is in use by this host's driver '%s'" : "%s is not kept for guests%s", place,
                  f->info.driver);
    return err_hint(err, "domo pci-assignable-add %s, or give it seize=1", place);
}

/* ---- keeping for guests ---- */

static int note_path(char path[STORE_PATH_MAX], const struct pci_addr *addr, const char *leaf, struct domo_err *err)
{
    char key[PCI_ADDR_TEXT_MAX];

    pci_addr_key(addr, key);
    return store_path(path, err, "/libxl/pci/%s%s%s", key, leaf ? "/" : "", leaf ? leaf : "");
}

static int note(struct host *h, const struct pci_addr *addr, const char *leaf, const char *value, struct domo_err *err)
{
    char path[STORE_PATH_MAX];

    return note_path(path, addr, leaf, err) || store_write(h, 0, path, value, err) ? -1 : 0;
}

int pci_hide(struct host *h, const struct os_pci *pci, const char *name, struct domo_err *err)
{
    char driver[sizeof DRIVER_PREFIX + OS_DRIVER_MAX], path[STORE_PATH_MAX];

    (void)snprintf(driver, sizeof driver, "%s%s", DRIVER_PREFIX, pci->driver);
    if (!str_eq(pci->driver, OS_PCIBACK)) {
        /* Noted first: whoever finds it with pciback must know where it belongs. */
        if (pci->driver[0] && note(h, &pci->addr, "driver_path", driver, err))
            return -1;
        if (h->os->pci_driver(h, &pci->addr, OS_PCIBACK, err)) {
            IGNORE(note_path(path, &pci->addr, NULL, NULL) || dev_forget(h, path, "/libxl/pci", NULL));
            return -1;
        }
    }
    if (name && note(h, &pci->addr, "name", name, err))
        return -1;
    /* Without an IOMMU there is nothing to be kept away from. */
    IGNORE(h->hyp->pci_assign(h, DOMID_QUARANTINE, &pci->addr, NULL));
    return 0;
}

/* The driver that was noted; "" = none. */
static int noted_driver(struct host *h, const struct pci_addr *addr, char ret[OS_DRIVER_MAX], struct domo_err *err)
{
    char path[STORE_PATH_MAX], *AUTO_FREE text = NULL;

    ret[0] = '\0';
    if (note_path(path, addr, "driver_path", err) || store_read_opt(h, 0, path, &text, err))
        return -1;
    if (text && str_starts(text, DRIVER_PREFIX) && !strchr(text + sizeof DRIVER_PREFIX - 1, '/'))
        (void)snprintf(ret, OS_DRIVER_MAX, "%s", text + sizeof DRIVER_PREFIX - 1);
    return 0;
}

/* Removes what is noted below "path", and the directory of all notes with the last one. */
struct forgetting {
    const char *path, *all;
};

static int body_forget(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    const struct forgetting *f = arg;
    char **AUTO_FREE names = NULL;
    size_t n = 0;

    if (store_rm(h, t, f->path, err) || store_list(h, t, f->all, &names, &n, err))
        return -1;
    return n ? 0 : store_rm(h, t, f->all, err);
}

int dev_forget(struct host *h, const char *path, const char *all, struct domo_err *err)
{
    struct forgetting f = {.path = path, .all = all};

    return store_transact(h, body_forget, &f, err);
}

int pci_give_back(struct host *h, const struct os_pci *pci, bool to_driver, struct domo_err *err)
{
    char path[STORE_PATH_MAX], driver[OS_DRIVER_MAX];

    if (noted_driver(h, &pci->addr, driver, err))
        return -1;
    IGNORE(h->hyp->pci_deassign(h, DOMID_QUARANTINE, &pci->addr, NULL));
    if (str_eq(pci->driver, OS_PCIBACK) && h->os->pci_driver(h, &pci->addr, "", err))
        return -1;
    if (to_driver && driver[0] && h->os->pci_driver(h, &pci->addr, driver, err))
        return -1;
    if (!to_driver)
        return 0;
    return note_path(path, &pci->addr, NULL, err) || dev_forget(h, path, "/libxl/pci", err) ? -1 : 0;
}

/* ---- for one guest ---- */

int pci_prepare(struct dev *d, struct domo_err *err)
{
    struct host *h = d->set->host;

    for (size_t i = 0; i < d->funcs.len; i++) {
        struct dev_func *f = &d->funcs.at[i];

        if (!f->is_new)
            continue;
        if (!str_eq(f->info.driver, OS_PCIBACK)) {
            if (pci_hide(h, &f->info, NULL, err))
                return -1;
            memcpy(f->was_driver, f->info.driver, sizeof f->was_driver);
            f->was_hidden = true;
        }
        if (h->os->pci_act(h, &f->info.addr, OS_PCI_RESET, err))
            return -1;
    }
    return 0;
}

int pci_unprepare(struct dev *d, struct domo_err *err)
{
    struct host *h = d->set->host;
    int r = pci_take_back(d, err);

    for (size_t i = d->funcs.len; i-- > 0;) {
        struct dev_func *f = &d->funcs.at[i];
        struct os_pci now = f->info;

        if (!f->was_hidden)
            continue;
        (void)snprintf(now.driver, sizeof now.driver, "%s", OS_PCIBACK);
        if (pci_give_back(h, &now, true, err))
            r = -1;
        f->was_hidden = false;
    }
    return r;
}

/* What of the machine function "f" uses, by number: its ranges, then its interrupt. False behind the last. */
static bool io_at(const struct dev_func *f, unsigned i, struct hyp_io *ret)
{
    const struct os_pci *p = &f->info;

    *ret = (struct hyp_io){.count = 0};
    if (i > OS_PCI_RANGES)
        return false;
    if (i == OS_PCI_RANGES) {
        *ret = (struct hyp_io){.kind = HYP_IO_IRQ, .first = p->irq, .count = p->irq ? 1 : 0};
    } else if (p->is_ports[i]) {
        *ret = (struct hyp_io){.kind = HYP_IO_PORTS, .first = p->start[i], .count = p->length[i]};
    } else if (p->length[i]) {
        ret->kind = HYP_IO_MEMORY;
        ret->first = p->start[i] >> PAGE_SHIFT;
        ret->count = ((p->start[i] + p->length[i] - 1) >> PAGE_SHIFT) - ret->first + 1;
    }
    return true;
}

static int hand_over(struct dev *d, struct dev_func *f, struct domo_err *err)
{
    struct host *h = d->set->host;
    struct hyp_io io;

    for (; io_at(f, f->granted, &io); f->granted++)
        if (io.count && h->hyp->io_access(h, d->set->domid, &io, true, err))
            return -1;
    if (f->permissive && h->os->pci_act(h, &f->info.addr, OS_PCI_PERMISSIVE, err))
        return -1;
    if (h->hyp->pci_assign(h, d->set->domid, &f->info.addr, err))
        return -1;
    f->is_assigned = true;
    return 0;
}

int pci_hand_over(struct dev *d, struct domo_err *err)
{
    char place[PCI_ADDR_TEXT_MAX];

    for (size_t i = 0; i < d->funcs.len; i++) {
        struct dev_func *f = &d->funcs.at[i];

        pci_addr_print(&f->info.addr, place);
        if (f->is_new && hand_over(d, f, err))
            return err_wrap(err, "%s", place);
    }
    return 0;
}

static int take_back(struct dev *d, struct dev_func *f, struct domo_err *err)
{
    struct host *h = d->set->host;
    struct hyp_io io;
    int r = 0;

    if (f->is_assigned)
        r = h->hyp->pci_deassign(h, d->set->domid, &f->info.addr, err);
    f->is_assigned = false;
    while (f->granted > 0) {
        f->granted--;
        if (io_at(f, f->granted, &io) && io.count && h->hyp->io_access(h, d->set->domid, &io, false, r ? NULL : err))
            r = -1;
    }
    return r;
}

/* Those that are new, leave, or all if the bus goes. Everything is tried. */
int pci_take_back(struct dev *d, struct domo_err *err)
{
    bool any_leaves = false;
    int r = 0;

    for (size_t i = 0; i < d->funcs.len; i++)
        any_leaves = any_leaves || d->funcs.at[i].is_leaving || d->funcs.at[i].is_new;
    for (size_t i = 0; i < d->funcs.len; i++) {
        struct dev_func *f = &d->funcs.at[i];

        if ((!any_leaves || f->is_leaving || f->is_new) && take_back(d, f, err))
            r = -1;
    }
    return r;
}

enum plan_wait pci_release(struct dev *d, struct domo_err *err)
{
    return pci_take_back(d, err) ? PLAN_FAILED : PLAN_DONE;
}
