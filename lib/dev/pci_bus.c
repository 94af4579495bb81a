/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The nodes of a guest's PCI bus: one device 0, served by pciback in the
 * toolstack's domain, with a group of numbered keys a function. Functions come
 * and go by reconfiguration: the toolstack writes what it wants and state 7,
 * the guest follows, pciback does it and says so function by function, and
 * both end in Connected again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

enum { FUNC_INITIALISING = 1, FUNC_READY = 3, FUNC_CLOSING = 5, FUNC_CLOSED = 6, FUNCS_MAX = 256 };

/* The keys of a function, without the number behind them. */
static const char *const func_keys[] = {"key", "dev", "vdev", "vdevfn", "name", "opts", "state"};

static void add(struct nodes *n, const char *name, size_t i, const char *value)
{
    char node[32];

    (void)snprintf(node, sizeof node, "%s-%zu", name, i);
    nodes_add(n, NODE_BACK_ONLY, node, "%s", value);
}

static void add_func(const struct dev_func *f, size_t i, struct nodes *n)
{
    char place[PCI_ADDR_TEXT_MAX], text[96];

    pci_addr_print(&f->info.addr, place);
    add(n, "key", i, place);
    add(n, "dev", i, place);
    if (f->vslot != DEV_ANY_SLOT) {
        (void)snprintf(text, sizeof text, "%x", f->vslot << 3 | f->info.addr.func);
        add(n, "vdevfn", i, text);
    }
    if (f->name[0])
        add(n, "name", i, f->name);
    (void)snprintf(text, sizeof text, "msitranslate=%d,power_mgmt=%d,permissive=%d,rdm_policy=%s", f->msitranslate,
                   f->power_mgmt, f->permissive, f->is_relaxed ? "relaxed" : "strict");
    add(n, "opts", i, text);
    (void)snprintf(text, sizeof text, "%d", FUNC_INITIALISING);
    add(n, "state", i, text);
}

int pci_nodes(const struct dev *d, struct nodes *n, struct domo_err *err)
{
    (void)err;
    nodes_add(n, NODE_BACK, "domain", "%s", d->set->name);
    nodes_add(n, NODE_BACK_ONLY, "num_devs", "%zu", d->funcs.len);
    for (size_t i = 0; i < d->funcs.len; i++)
        add_func(&d->funcs.at[i], i, n);
    return 0;
}

/* ---- what is there ---- */

static int read_key(const struct dev *d, store_txn t, const char *name, size_t i, char **ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX];
    struct dev_paths paths;

    dev_paths(d, &paths);
    (void)snprintf(path, sizeof path, "%s/%s-%zu", paths.back, name, i);
    return store_read_opt(d->set->host, t, path, ret, err);
}

static int count(const struct dev *d, store_txn t, uint32_t *ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX], *AUTO_FREE text = NULL;
    struct dev_paths paths;

    dev_paths(d, &paths);
    dev_join(path, paths.back, "num_devs");
    if (store_read_opt(d->set->host, t, path, &text, err))
        return -1;
    if (!text || str_to_u32(text, ret) || *ret > FUNCS_MAX)
        *ret = 0;
    return 0;
}

static const struct os_pci *look_up(const struct os_pci *all, size_t n, const struct pci_addr *addr)
{
    for (size_t i = 0; i < n; i++)
        if (pci_addr_eq(&all[i].addr, addr))
            return &all[i];
    return NULL;
}

static int load_func(struct dev *d, size_t i, const struct os_pci *all, size_t n, struct domo_err *err)
{
    char *AUTO_FREE place = NULL, *AUTO_FREE vdevfn = NULL, *AUTO_FREE name = NULL;
    const struct os_pci *info;
    struct pci_addr addr;
    struct dev_func *f;

    if (read_key(d, 0, "dev", i, &place, err) || read_key(d, 0, "vdevfn", i, &vdevfn, err) ||
        read_key(d, 0, "name", i, &name, err))
        return -1;
    if (!place || !pci_addr_parse(place, &addr, NULL))
        return 0;
    f = VEC_PUSH(&d->funcs);
    if (!f)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    info = look_up(all, n, &addr);
    f->info.addr = addr;
    if (info)
        f->info = *info;
    f->vslot = vdevfn ? (uint32_t)strtoul(vdevfn, NULL, 16) >> 3 : DEV_ANY_SLOT;
    (void)snprintf(f->name, sizeof f->name, "%s", name ? name : "");
    f->is_assigned = true;
    f->granted = OS_PCI_RANGES + 1;
    return 0;
}

/* Only from the back end's directory, which is domain 0's: the guest reads it and writes nothing there. */
int pci_load(struct dev *d, struct domo_err *err)
{
    struct os_pci *AUTO_FREE all = NULL;
    uint32_t funcs = 0;
    size_t n = 0;

    if (!d->has_back) {
        d->has_back = true;
        d->back_domid = d->set->host->domid;
    }
    if (count(d, 0, &funcs, err) || (funcs && d->set->host->os->pci_list(d->set->host, &all, &n, err)))
        return -1;
    for (size_t i = 0; i < funcs; i++)
        if (load_func(d, i, all, n, err))
            return -1;
    return 0;
}

/* ---- changing it ---- */

static int write_back(const struct dev *d, store_txn t, const char *name, const char *value, struct domo_err *err)
{
    char path[STORE_PATH_MAX];
    struct dev_paths paths;

    dev_paths(d, &paths);
    dev_join(path, paths.back, name);
    return store_write(d->set->host, t, path, value, err);
}

static int write_count(const struct dev *d, store_txn t, size_t n, struct domo_err *err)
{
    char text[16];

    (void)snprintf(text, sizeof text, "%zu", n);
    return write_back(d, t, "num_devs", text, err);
}

/* Both ends must stand still, and be able to follow. */
static int ask_for_reconfiguration(const struct dev *d, store_txn t, struct domo_err *err)
{
    enum xenbus_state back;

    if (dev_state(d, false, &back, err))
        return -1;
    if (back != XENBUS_CONNECTED) {
        (void)dev_fail(d, DOMO_E_DEVICE_GUEST_TIMEOUT, err, "the guest's PCI bus is not connected");
        return err_hint(err, "is the PCI front end (xen-pcifront) loaded in the guest, and has it booted?");
    }
    return write_back(d, t, "state", "7", err);
}

int pci_extend(struct dev *d, store_txn t, struct domo_err *err)
{
    for (size_t i = 0; i < d->funcs.len; i++) {
        struct nodes AUTO_NODES n = {.failed = false};

        if (!d->funcs.at[i].is_new)
            continue;
        add_func(&d->funcs.at[i], i, &n);
        if (n.failed)
            return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
        for (size_t k = 0; k < n.list.len; k++)
            if (write_back(d, t, n.list.at[k].name, n.list.at[k].value, err))
                return -1;
    }
    return write_count(d, t, d->funcs.len, err) || ask_for_reconfiguration(d, t, err) ? -1 : 0;
}

int pci_retract(struct dev *d, store_txn t, struct domo_err *err)
{
    char node[32];

    for (size_t i = 0; i < d->funcs.len; i++) {
        if (!d->funcs.at[i].is_leaving && !d->funcs.at[i].is_new)
            continue;
        (void)snprintf(node, sizeof node, "state-%zu", i);
        if (write_back(d, t, node, "5", err))
            return -1;
    }
    return ask_for_reconfiguration(d, t, err);
}

static bool stays(const struct dev_func *f)
{
    return !f->is_leaving && !f->is_new;
}

/* Moves the keys of function "from" to "to", or removes them ("to" is "from" or beyond all that stay). */
static int move_keys(const struct dev *d, store_txn t, size_t from, size_t to, bool keep, struct domo_err *err)
{
    char path[STORE_PATH_MAX], node[32];
    struct dev_paths paths;

    dev_paths(d, &paths);
    for (size_t k = 0; k < ARRAY_LEN(func_keys); k++) {
        char *AUTO_FREE value = NULL;

        if (read_key(d, t, func_keys[k], from, &value, err))
            return -1;
        if (!value)
            continue;
        (void)snprintf(node, sizeof node, "%s-%zu", func_keys[k], to);
        if (keep && write_back(d, t, node, value, err))
            return -1;
        (void)snprintf(path, sizeof path, "%s/%s-%zu", paths.back, func_keys[k], from);
        if (store_rm(d->set->host, t, path, err))
            return -1;
    }
    return 0;
}

/* What stays moves up, so that the numbers have no gap. */
int pci_drop(struct dev *d, store_txn t, struct domo_err *err)
{
    size_t to = 0;

    for (size_t i = 0; i < d->funcs.len; i++) {
        bool keep = stays(&d->funcs.at[i]);

        if ((!keep || to != i) && move_keys(d, t, i, to, keep, err))
            return -1;
        to += keep;
    }
    return write_count(d, t, to, err);
}

/* ---- waiting ---- */

static int is_settled(const struct dev *d, bool *ret, struct domo_err *err)
{
    *ret = true;
    for (size_t i = 0; i < d->funcs.len; i++) {
        const struct dev_func *f = &d->funcs.at[i];
        char *AUTO_FREE state = NULL;
        uint32_t n = 0;

        if (stays(f))
            continue;
        if (read_key(d, 0, "state", i, &state, err))
            return -1;
        if (state && str_to_u32(state, &n))
            n = 0;
        /* One that was to come and is asked to go is both. */
        *ret = *ret && (n == FUNC_READY || n == FUNC_CLOSED);
    }
    return 0;
}

enum plan_wait pci_settled(struct dev *d, int64_t now_ms, int64_t due_ms, struct domo_err *err)
{
    enum xenbus_state back;
    bool done = false;

    if (dev_state(d, false, &back, err))
        return PLAN_FAILED;
    if (back == XENBUS_CLOSING || back == XENBUS_CLOSED || back == XENBUS_UNKNOWN) {
        (void)dev_fail(d, DOMO_E_DEVICE_BACKEND_FAILED, err, "pciback gave the guest's PCI bus up");
        return PLAN_FAILED;
    }
    if (back == XENBUS_CONNECTED && is_settled(d, &done, err))
        return PLAN_FAILED;
    if (done)
        return PLAN_DONE;
    if (now_ms < due_ms)
        return PLAN_AGAIN;
    (void)dev_fail(d, back == XENBUS_RECONFIGURING ? DOMO_E_DEVICE_GUEST_TIMEOUT : DOMO_E_DEVICE_BACKEND_TIMEOUT, err,
                   back == XENBUS_RECONFIGURING ? "the guest did not follow the change of its PCI bus"
                                                : "pciback did not finish the change of the guest's PCI bus");
    return PLAN_FAILED;
}
