/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The set itself: its devices, their names and their places in the store.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

static char *copy_or_null(const char *s, bool *failed)
{
    char *copy;

    if (!s)
        return NULL;
    copy = strdup(s);
    if (!copy)
        *failed = true;
    return copy;
}

struct devset *devset_new(struct host *h, const struct dev_guest *guest, const struct dev_timeouts *timeouts)
{
    struct devset *set = calloc(1, sizeof *set);
    bool failed = false;

    if (!set)
        return NULL;
    set->host = h;
    set->waiting = SET_WAIT_NONE;
    set->domid = guest->domid;
    set->is_pv = guest->is_pv;
    set->emulates = guest->emulates;
    set->timeouts = timeouts ? *timeouts : DEV_TIMEOUTS_DEFAULT;
    set->name = copy_or_null(guest->name ? guest->name : "", &failed);
    set->uuid = copy_or_null(guest->uuid_text ? guest->uuid_text : "", &failed);
    set->protocol = copy_or_null(guest->protocol, &failed);
    return failed ? devset_free(set) : set;
}

static void dev_free(struct dev *d)
{
    if (!d)
        return;
    if (d->has_claim)
        (void)close(d->vbd.claim_fd);
    disk_spec_fini(&d->vbd.spec);
    vif_spec_fini(&d->vif.spec);
    if (d->has_spec)
        dev_spec_fini(&d->spec);
    nodes_fini(&d->keys);
    VEC_FINI(&d->funcs);
    VEC_FINI(&d->usbs);
    free(d->script);
    free(d->label);
    free(d);
}

const struct dev_timeouts *devset_timeouts(const struct devset *set)
{
    return &set->timeouts;
}

struct devset *devset_free(struct devset *set)
{
    if (!set)
        return NULL;
    for (size_t i = 0; i < set->devs.len; i++)
        dev_free(set->devs.at[i]);
    VEC_FINI(&set->devs);
    share_forget(set);
    free(set->name);
    free(set->uuid);
    free(set->protocol);
    free(set);
    return NULL;
}

void devset_set_domid(struct devset *set, uint32_t domid)
{
    set->domid = domid;
}

int devset_set_protocol(struct devset *set, const char *protocol)
{
    bool failed = false;
    char *copy = copy_or_null(protocol, &failed);

    if (failed)
        return -ENOMEM;
    free(set->protocol);
    set->protocol = copy;
    return 0;
}

void devset_wait_for_vital(struct devset *set)
{
    for (size_t i = 0; i < set->devs.len; i++) {
        if (!set->devs.at[i]->kind->is_vital)
            set->devs.at[i]->done[HS_CONNECT] = true;
    }
}

void devset_set_dm_check(struct devset *set, devset_dm_check check, void *arg)
{
    set->dm_check = check;
    set->dm_arg = arg;
}

size_t devset_len(const struct devset *set)
{
    return set->devs.len;
}

struct dev *devset_at(const struct devset *set, size_t i)
{
    return i < set->devs.len ? set->devs.at[i] : NULL;
}

const char *devset_label(const struct devset *set, size_t i)
{
    return i < set->devs.len && set->devs.at[i]->label ? set->devs.at[i]->label : "";
}

struct dev *devset_push(struct devset *set, const struct devkind *kind, struct domo_err *err)
{
    struct dev *d = calloc(1, sizeof *d);
    struct dev **slot = NULL;

    if (d)
        slot = VEC_PUSH(&set->devs);
    if (!slot) {
        free(d);
        (void)err_set(err, DOMO_E_NO_MEMORY, "out of memory");
        return NULL;
    }
    *slot = d;
    d->set = set;
    d->kind = kind;
    (void)snprintf(d->kind_name, sizeof d->kind_name, "%s", kind->name);
    (void)snprintf(d->back_name, sizeof d->back_name, "%s", kind->back_name);
    d->has_back = true;
    d->vbd.claim_fd = -1;
    d->child.pidfd = -1;
    d->child.out_fd = -1;
    return d;
}

void devset_pop(struct devset *set)
{
    if (set->devs.len)
        dev_free(set->devs.at[--set->devs.len]);
}

int dev_set_label(struct dev *d, struct domo_err *err)
{
    char *label = d->kind->title ? d->kind->title(d) : str_format("%s %" PRIu32, d->kind_name, d->devid);

    if (!label)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    free(d->label);
    d->label = label;
    return 0;
}

bool dev_matches(const struct dev *d, const char *which)
{
    uint32_t devid;

    if (d->kind->matches)
        return d->kind->matches(d, which);
    return str_to_u32(which, &devid) == 0 && devid == d->devid;
}

int dev_nodes(const struct dev *d, struct nodes *n, struct domo_err *err)
{
    if (d->has_spec)
        dev_spec_nodes(&d->spec, n);
    return d->kind->nodes ? d->kind->nodes(d, n, err) : 0;
}

int dev_set_keys(struct dev *d, struct domo_err *err)
{
    struct nodes AUTO_NODES all = {.failed = false};

    if (!d->kind->keeps)
        return 0;
    if (dev_nodes(d, &all, err))
        return -1;
    for (const char *const *name = d->kind->keeps; *name; name++) {
        const char *value = nodes_get(&all, *name);

        if (value)
            nodes_add(&d->keys, NODE_BACK, *name, "%s", value);
    }
    return all.failed || d->keys.failed ? err_set(err, DOMO_E_NO_MEMORY, "out of memory") : 0;
}

int dev_check_unique(const struct dev *d, struct domo_err *err)
{
    const struct devset *set = d->set;

    for (size_t i = 0; i < set->devs.len; i++) {
        const struct dev *other = set->devs.at[i];

        if (other != d && other->kind == d->kind && other->devid == d->devid)
            return err_set(err, DOMO_E_DEVICE_EXISTS, "the same device is given twice (number %" PRIu32 ")", d->devid);
    }
    return 0;
}

bool dev_is_ours(const struct dev *d)
{
    return d->has_back && (!d->set->host || d->back_domid == d->set->host->domid);
}

bool dev_is_kernel_served(const struct dev *d)
{
    return d->kind->module && str_eq(d->back_name, d->kind->back_name);
}

bool dev_is_dm_served(const struct dev *d)
{
    static const char *const names[] = {"9pfs", "console", "qdisk", "vfb", "vkbd"};

    if (!dev_is_ours(d) || !d->kind->has_handshake)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(d->back_name, names[i]))
            return true;
    return false;
}

bool devset_needs_dm(const struct devset *set)
{
    for (size_t i = 0; i < set->devs.len; i++)
        if (dev_is_dm_served(set->devs.at[i]))
            return true;
    return false;
}

void dev_paths(const struct dev *d, struct dev_paths *ret)
{
    char dom[16] = "$DOMID";

    memset(ret, 0, sizeof *ret);
    if (d->set->domid)
        (void)snprintf(dom, sizeof dom, "%" PRIu32, d->set->domid);
    (void)snprintf(ret->back, sizeof ret->back, "/local/domain/%" PRIu32 "/backend/%s/%s/%" PRIu32, d->back_domid,
                   d->back_name, dom, d->devid);
    (void)snprintf(ret->libxl, sizeof ret->libxl, "/libxl/%s/device/%s/%" PRIu32, dom, d->kind_name, d->devid);
    /* The primary console is older than the rule where front ends are. */
    if (str_eq(d->kind_name, "console") && d->devid == 0)
        (void)snprintf(ret->front, sizeof ret->front, "/local/domain/%s/console", dom);
    else
        (void)snprintf(ret->front, sizeof ret->front, "/local/domain/%s/device/%s/%" PRIu32, dom, d->kind_name,
                       d->devid);
}

void dev_join(char out[STORE_PATH_MAX], const char *dir, const char *name)
{
    (void)snprintf(out, STORE_PATH_MAX, "%s/%s", dir, name);
}

void err_collect(struct domo_err *all, const struct domo_err *one)
{
    if (all->code == DOMO_E_OK)
        *all = *one;
    else
        (void)err_fact(all, "also", "%s: %s", one->ctx, one->msg);
}
