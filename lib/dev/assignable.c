/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dev/assignable.h"

#include <string.h>

#include "base/str.h"
#include "dev/device.h"

/* What the store remembers of a function; NULL without. */
static int noted(struct host *h, const struct pci_addr *addr, const char *leaf, char **ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX], key[PCI_ADDR_TEXT_MAX];

    pci_addr_key(addr, key);
    return store_path(path, err, "/libxl/pci/%s/%s", key, leaf) || store_read_opt(h, 0, path, ret, err) ? -1 : 0;
}

static int fill(struct host *h, const struct os_pci *pci, struct json *row, struct domo_err *err)
{
    char *AUTO_FREE name = NULL, *AUTO_FREE driver = NULL;
    char place[PCI_ADDR_TEXT_MAX];
    const char *slash;

    if (noted(h, &pci->addr, "name", &name, err) || noted(h, &pci->addr, "driver_path", &driver, err))
        return -1;
    pci_addr_print(&pci->addr, place);
    slash = driver ? strrchr(driver, '/') : NULL;
    json_set_str(row, "addr", place);
    json_set_str(row, "name", name);
    json_set_str(row, "was_driver", slash ? slash + 1 : NULL);
    return 0;
}

int assignable_list(struct host *h, struct json **ret, struct domo_err *err)
{
    struct json *rows = json_new_array();
    struct os_pci *AUTO_FREE all = NULL;
    size_t n = 0;
    int r = h->os->pci_list(h, &all, &n, err);

    for (size_t i = 0; r == 0 && i < n; i++) {
        uint32_t owner = 0;

        if (!str_eq(all[i].driver, OS_PCIBACK))
            continue;
        r = pci_owner(h, &all[i].addr, &owner, err);
        if (r == 0 && !owner)
            r = fill(h, &all[i], json_add_object(rows), err);
    }
    rows = json_done(rows);
    if (r == 0 && !rows)
        r = err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (r == 0)
        *ret = rows;
    else
        (void)json_free(rows);
    return r;
}

static int give_row(struct host *h, const struct os_pci *pci, bool changed, struct json **ret, struct domo_err *err)
{
    struct json *row = json_new_object();
    int r = fill(h, pci, row, err);

    json_set_bool(row, "changed", changed);
    row = json_done(row);
    if (r == 0 && row)
        *ret = row;
    else
        (void)json_free(row);
    return r ? r : row ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

/* A single function. */
static int find_one(struct host *h, const char *bdf, struct os_pci *ret, struct domo_err *err)
{
    struct os_pci *AUTO_FREE found = NULL;
    struct pci_addr addr;
    size_t n = 0;

    if (!pci_addr_parse(bdf, &addr, NULL)) {
        (void)err_set(err, DOMO_E_USAGE, "'%s' is no place of a PCI function", bdf);
        return err_hint(err, "like 0000:03:00.0");
    }
    if (pci_find(h, bdf, &found, &n, err))
        return -1;
    *ret = found[0];
    return 0;
}

/* A name is one node in the store and one word in lists. */
static int check_name(const char *name, struct domo_err *err)
{
    if (!name || (name[0] && strlen(name) < DEV_FUNC_NAME_MAX && !strpbrk(name, " \t\n,=:/")))
        return 0;
    return err_set(err, DOMO_E_USAGE, "'%.80s' can't be a device's name: 1 to %d characters without blanks , = : /",
                   name, DEV_FUNC_NAME_MAX - 1);
}

int assignable_add(struct host *h, const char *bdf, const char *name, struct json **ret, struct domo_err *err)
{
    struct os_pci pci = {.irq = 0};
    char place[PCI_ADDR_TEXT_MAX];
    bool changed;

    if (check_name(name, err) || find_one(h, bdf, &pci, err))
        return -1;
    pci_addr_print(&pci.addr, place);
    if (pci.is_bridge)
        return err_set(err, DOMO_E_DEVICE_NOT_ASSIGNABLE, "%s is a bridge, which no guest can be given", place);
    changed = !str_eq(pci.driver, OS_PCIBACK);
    if (pci_hide(h, &pci, name, err))
        return err_wrap(err, "%s", place);
    return give_row(h, &pci, changed, ret, err);
}

int assignable_remove(struct host *h, const char *which, bool to_driver, struct json **ret, struct domo_err *err)
{
    char place[PCI_ADDR_TEXT_MAX];
    struct pci_addr addr;
    struct json *row = NULL;
    struct os_pci pci = {.irq = 0};
    uint32_t owner = 0;

    if (!pci_addr_parse(which, &addr, NULL)) {
        if (pci_place_of_name(h, which, place, err))
            return -1;
        which = place;
    }
    if (find_one(h, which, &pci, err) || pci_owner(h, &pci.addr, &owner, err))
        return -1;
    if (owner) {
        (void)err_set(err, DOMO_E_DEVICE_ASSIGNED, "%s belongs to domain %u", which, owner);
        return err_hint(err, "detach it first: domo pci-detach %u %s", owner, which);
    }
    /* The row tells what was noted, before that goes. */
    if (give_row(h, &pci, str_eq(pci.driver, OS_PCIBACK), &row, err))
        return -1;
    if (pci_give_back(h, &pci, to_driver, err)) {
        (void)json_free(row);
        return err_wrap(err, "%s", which);
    }
    *ret = row;
    return 0;
}
