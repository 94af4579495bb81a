/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * PCI functions of this host for guests. They are parts of one bus a guest,
 * its device pci 0.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

/* ---- adding ---- */

static int check_guest(const struct devset *set, struct domo_err *err)
{
    struct hyp_host_info info;

    if (!set->is_pv) {
        (void)err_set(err, DOMO_E_UNSUPPORTED, "only PV guests can be given PCI devices so far");
        return err_hint(err, "for an HVM guest the device model has to show them, and Xen has none for PVH");
    }
    if (!set->host)
        return 0;
    if (set->host->hyp->host_info(set->host, &info, err))
        return -1;
    if (info.has_iommu)
        return 0;
    (void)err_set(err, DOMO_E_UNSUPPORTED, "this host has no IOMMU: a guest with a PCI device could reach all memory");
    return err_hint(err, "turn it on in the firmware (VT-d, AMD-Vi), and do not turn it off on Xen's command line");
}

static struct dev *find_bus(const struct devset *set)
{
    for (size_t i = 0; i < set->devs.len; i++)
        if (set->devs.at[i]->kind == &devkind_pci)
            return set->devs.at[i];
    return NULL;
}

/* *ret_made: it is the set's last device, new in it. */
static int get_bus(struct devset *set, struct dev **ret, bool *ret_made, struct domo_err *err)
{
    uint32_t *AUTO_FREE ids = NULL;
    size_t n = 0;

    *ret = find_bus(set);
    *ret_made = !*ret;
    if (*ret)
        return 0;
    if (set->host && set->domid && dev_list_ids(set, devkind_pci.name, &ids, &n, err))
        return -1;
    *ret = n ? dev_load(set, devkind_pci.name, 0, err) : devset_push(set, &devkind_pci, err);
    if (!*ret)
        return -1;
    (*ret)->back_domid = set->host ? set->host->domid : 0;
    return n ? 0 : dev_check_server(*ret, err) || dev_set_label(*ret, err) ? -1 : 0;
}

static bool has_place(const struct dev *d, const struct pci_addr *addr)
{
    for (size_t i = 0; i < d->funcs.len; i++)
        if (pci_addr_eq(&d->funcs.at[i].info.addr, addr))
            return true;
    return false;
}

static int add_func(struct dev *d, const struct dev_spec *s, const struct os_pci *info, struct domo_err *err)
{
    const char *vslot = dev_spec_get(s, "vslot"), *name = dev_spec_get(s, "name");
    struct dev_func f = {
        .info = *info,
        .vslot = vslot ? (uint32_t)strtoul(vslot, NULL, 16) : DEV_ANY_SLOT,
        .permissive = dev_spec_flag(s, "permissive"),
        .msitranslate = dev_spec_flag(s, "msitranslate"),
        .power_mgmt = dev_spec_flag(s, "power_mgmt"),
        .seize = dev_spec_flag(s, "seize"),
        .is_relaxed = str_eq(dev_spec_get(s, "rdm_policy"), "relaxed"),
        .is_new = true,
    };
    struct dev_func *slot;
    char place[PCI_ADDR_TEXT_MAX];

    pci_addr_print(&info->addr, place);
    (void)snprintf(f.name, sizeof f.name, "%s", name ? name : "");
    if (has_place(d, &info->addr))
        return err_set(err, DOMO_E_DEVICE_EXISTS, "%s is given twice", place);
    if (d->set->host && pci_check_free(d, &f, err))
        return -1;
    slot = VEC_PUSH(&d->funcs);
    if (!slot)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    *slot = f;
    return 0;
}

static int add_funcs(struct dev *d, const struct dev_spec *s, struct domo_err *err)
{
    const char *bdf = dev_spec_get(s, "bdf");
    struct host *h = d->set->host;
    struct os_pci *AUTO_FREE found = NULL;
    char place[PCI_ADDR_TEXT_MAX];
    struct os_pci plain = {.irq = 0};
    size_t n = 0;

    if (!h) { /* a dry run: as far as the text goes */
        IGNORE(bdf && !pci_addr_parse(bdf, &plain.addr, NULL));
        return add_func(d, s, &plain, err);
    }
    if (!bdf && pci_place_of_name(h, dev_spec_get(s, "name"), place, err))
        return -1;
    if (pci_find(h, bdf ? bdf : place, &found, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (add_func(d, s, &found[i], err))
            return -1;
    return 0;
}

static int pci_join(struct devset *set, struct dev_spec *spec, struct domo_err *err)
{
    struct dev *d = NULL;
    bool made = false;

    if (check_guest(set, err) || get_bus(set, &d, &made, err)) {
        if (made && d)
            devset_pop(set);
        return -1;
    }
    if (add_funcs(d, spec, err) == 0)
        return 0;
    if (made)
        devset_pop(set);
    return -1;
}

/* ---- taking away ---- */

/* "which" is a place (with * for all functions) or a name. */
static bool is_meant(const struct dev_func *f, const char *which)
{
    struct pci_addr addr;
    bool all = false;

    if (!pci_addr_parse(which, &addr, &all))
        return f->name[0] && str_eq(f->name, which);
    return all ? pci_addr_same_slot(&f->info.addr, &addr) : pci_addr_eq(&f->info.addr, &addr);
}

/* All but place or name of an item of pci= is ignored here, as in xl. Caller frees. */
static char *place_of(const char *text)
{
    if (str_starts(text, "bdf="))
        text += strlen("bdf=");
    else if (str_starts(text, "name="))
        text += strlen("name=");
    return strndup(text, strcspn(text, ",@"));
}

static int pci_pick(struct devset *set, const char *which, struct dev **ret, bool *ret_last, struct domo_err *err)
{
    char *AUTO_FREE meant = place_of(which);
    struct dev *d = find_bus(set);
    struct str AUTO_STR has = STR_INIT;
    size_t found = 0;

    if (!meant)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; d && i < d->funcs.len; i++) {
        struct dev_func *f = &d->funcs.at[i];
        char place[PCI_ADDR_TEXT_MAX];

        pci_addr_print(&f->info.addr, place);
        str_addf(&has, "%s%s", has.len ? ", " : "", place);
        f->is_leaving = is_meant(f, meant);
        found += f->is_leaving;
    }
    if (!found) {
        (void)err_set(err, DOMO_E_DEVICE_NOT_FOUND, "'%s' has no PCI device '%s'", set->name, which);
        return err_hint(err, has.len ? "it has: %s" : "it has none%s", str_text(&has));
    }
    *ret = d;
    *ret_last = found == d->funcs.len;
    return 0;
}

static bool pci_is_leaving(const struct dev *d, const struct json *element)
{
    struct dev_spec s;
    bool leaves = false;
    const char *bdf;

    if (dev_spec_from_libxl(&grammar_pci, element, &s))
        return false;
    bdf = dev_spec_get(&s, "bdf");
    for (size_t i = 0; i < d->funcs.len && !leaves; i++)
        leaves = d->funcs.at[i].is_leaving && is_meant(&d->funcs.at[i], bdf ? bdf : dev_spec_get(&s, "name"));
    dev_spec_fini(&s);
    return leaves;
}

/* ---- seeing ---- */

static void describe_func(const struct dev *d, size_t i, struct json *list)
{
    const struct dev_func *f = &d->funcs.at[i];
    char path[STORE_PATH_MAX], text[DEV_TEXT_MAX];
    struct json *row = json_add_object(list);
    char place[PCI_ADDR_TEXT_MAX];
    struct dev_paths paths;

    pci_addr_print(&f->info.addr, place);
    json_set_str(row, "addr", place);
    json_set_str(row, "name", f->name[0] ? f->name : NULL);
    json_set_str(row, "driver", f->info.driver[0] ? f->info.driver : NULL);
    json_set_int(row, "vslot", f->vslot == DEV_ANY_SLOT ? -1 : (int64_t)f->vslot);
    if (!d->set->host || !d->set->domid)
        return;
    dev_paths(d, &paths);
    (void)snprintf(path, sizeof path, "%s/vdev-%zu", paths.back, i);
    dev_read_text(d->set->host, path, text);
    json_set_str(row, "vdev", text[0] ? text : NULL);
}

static void pci_describe(const struct dev *d, struct json *row)
{
    struct json *list = json_set_array(row, "functions");

    for (size_t i = 0; i < d->funcs.len; i++)
        describe_func(d, i, list);
}

static void pci_show(const struct dev *d, struct json *row)
{
    struct json *list = json_set_array(row, "changed");
    char place[PCI_ADDR_TEXT_MAX];

    for (size_t i = 0; i < d->funcs.len; i++) {
        if (!d->funcs.at[i].is_new && !d->funcs.at[i].is_leaving)
            continue;
        pci_addr_print(&d->funcs.at[i].info.addr, place);
        json_add_str(list, place);
    }
}

static char *pci_title(const struct dev *d)
{
    (void)d;
    return strdup("PCI bus");
}

static const struct dev_parts pci_parts = {
    .carrier = "pci",
    .join = pci_join,
    .pick = pci_pick,
    .extend = pci_extend,
    .retract = pci_retract,
    .drop = pci_drop,
    .settled = pci_settled,
    .is_leaving = pci_is_leaving,
    .show = pci_show,
};

const struct devkind devkind_pci = {
    .name = "pci",
    .back_name = "pci",
    .module = "xen-pciback",
    .summary = "PCI functions of this host, served by pciback",
    .has_handshake = true,
    .grammar = &grammar_pci,
    .parts = &pci_parts,
    .load = pci_load,
    .nodes = pci_nodes,
    .prepare = pci_prepare,
    .unprepare = pci_unprepare,
    .hand_over = pci_hand_over,
    .take_back = pci_take_back,
    .release = pci_release,
    .title = pci_title,
    .describe = pci_describe,
};
