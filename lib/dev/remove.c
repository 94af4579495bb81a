/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Taking the nodes of devices away, and parents that this leaves empty.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

/* Cuts the last part of a path off. */
static void to_parent(char *path)
{
    char *slash = strrchr(path, '/');

    if (slash)
        *slash = '\0';
}

/* Removes the directory if it has no children. */
static int prune(struct host *h, store_txn t, const char *dir, bool *ret_gone, struct domo_err *err)
{
    char **AUTO_FREE names = NULL;
    size_t n = 0;

    *ret_gone = false;
    if (store_list(h, t, dir, &names, &n, err))
        return -1;
    if (n)
        return 0;
    *ret_gone = true;
    /* Of a directory that is not there nothing is removed. */
    return names ? store_rm(h, t, dir, err) : 0;
}

/* From the parent of "path" upwards, as long as "levels" and emptiness last. */
static int prune_parents(struct host *h, store_txn t, const char *path, int levels, struct domo_err *err)
{
    char dir[STORE_PATH_MAX];
    bool gone = true;

    (void)snprintf(dir, sizeof dir, "%s", path);
    for (; levels > 0 && gone; levels--) {
        to_parent(dir);
        if (prune(h, t, dir, &gone, err))
            return -1;
    }
    return 0;
}

/* The directory of all back ends of a kind has one child for each guest: looking into it costs more the more guests
 * there are, and makes their transactions collide. So it is only looked at when this guest is the last one that the
 * back end's domain serves. */
static int is_last_guest(const struct dev *d, bool *ret, struct domo_err *err)
{
    struct host *h = d->set->host;
    struct hyp_info infos[4];
    size_t n;

    if (h->hyp->list(h, 0, infos, ARRAY_LEN(infos), &n, err))
        return -1;
    *ret = true;
    for (size_t i = 0; i < n; i++) {
        if (infos[i].domid != h->domid && infos[i].domid != d->set->domid && infos[i].domid != d->back_domid)
            *ret = false;
    }
    return 0;
}

/* Then what earlier guests left goes, too: all kinds without a device. */
static int prune_backends(struct host *h, store_txn t, uint32_t domid, struct domo_err *err)
{
    char **AUTO_FREE kinds = NULL;
    char root[STORE_PATH_MAX], dir[STORE_PATH_MAX];
    size_t n = 0;
    bool gone;

    if (store_path(root, err, "/local/domain/%" PRIu32 "/backend", domid) || store_list(h, t, root, &kinds, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (store_path(dir, err, "%s/%s", root, kinds[i]) || prune(h, t, dir, &gone, err))
            return -1;
    }
    return n ? prune(h, t, root, &gone, err) : 0;
}

/* A kernel that refused a device has said why under error/: that goes with the device. */
static int remove_error(const struct dev *d, store_txn t, struct domo_err *err)
{
    struct host *h = d->set->host;
    char *AUTO_FREE text = NULL;
    char path[STORE_PATH_MAX];

    (void)snprintf(path, sizeof path, "/local/domain/%" PRIu32 "/error/backend/%s/%" PRIu32 "/%" PRIu32, d->back_domid,
                   d->back_name, d->set->domid, d->devid);
    if (store_read_opt(h, t, path, &text, err))
        return -1;
    if (!text)
        return 0;
    return store_rm(h, t, path, err) || prune_parents(h, t, path, 4, err) ? -1 : 0;
}

static bool may_have_error(const struct dev *d)
{
    return d->has_back && dev_is_ours(d) && d->kind->has_handshake;
}

static int remove_dev(const struct dev *d, store_txn t, struct domo_err *err)
{
    struct host *h = d->set->host;
    struct dev_paths paths;

    dev_paths(d, &paths);
    if (store_rm(h, t, paths.front, err) || store_rm(h, t, paths.libxl, err))
        return -1;
    if (d->has_back && store_rm(h, t, paths.back, err))
        return -1;
    return may_have_error(d) ? remove_error(d, t, err) : 0;
}

/* An earlier device of the set has the same parents. */
static bool has_twin_before(const struct devset *set, size_t at)
{
    const struct dev *d = set->devs.at[at];

    for (size_t i = 0; i < at; i++) {
        const struct dev *other = set->devs.at[i];

        if (str_eq(other->kind_name, d->kind_name) && str_eq(other->back_name, d->back_name) &&
            other->back_domid == d->back_domid && other->has_back == d->has_back)
            return true;
    }
    return false;
}

static int prune_dev(const struct dev *d, store_txn t, struct domo_err *err)
{
    bool is_primary_console = d->kind == &devkind_console && d->devid == 0;
    struct host *h = d->set->host;
    struct dev_paths paths;

    dev_paths(d, &paths);
    if (prune_parents(h, t, paths.libxl, 1, err) || (!is_primary_console && prune_parents(h, t, paths.front, 1, err)))
        return -1;
    if (!d->has_back)
        return 0;
    return prune_parents(h, t, paths.back, 1, err);
}

/* Once for each domain that serves devices of the set. */
static int prune_servers(const struct devset *set, store_txn t, struct domo_err *err)
{
    for (size_t i = 0; i < set->devs.len; i++) {
        const struct dev *d = set->devs.at[i];
        bool is_first = d->has_back, is_last = false;

        for (size_t j = 0; j < i; j++)
            is_first = is_first && !(set->devs.at[j]->has_back && set->devs.at[j]->back_domid == d->back_domid);
        if (is_first && is_last_guest(d, &is_last, err))
            return -1;
        if (is_last && prune_backends(set->host, t, d->back_domid, err))
            return -1;
    }
    return 0;
}

int devset_remove_nodes(struct devset *set, store_txn t, struct domo_err *err)
{
    for (size_t i = 0; i < set->devs.len; i++) {
        if (remove_dev(set->devs.at[i], t, err))
            return err_wrap(err, "%s", set->devs.at[i]->label);
    }
    for (size_t i = 0; i < set->devs.len; i++) {
        if (!has_twin_before(set, i) && prune_dev(set->devs.at[i], t, err))
            return err_wrap(err, "%s", set->devs.at[i]->label);
    }
    return prune_servers(set, t, err);
}

/* All back ends of one kind that serve the guest are in one directory. Where the store does not say which domain's it
 * is, ours is the likely one. */
static int remove_back_ends(const struct dev *d, store_txn t, struct domo_err *err)
{
    struct host *h = d->set->host;
    struct dev_paths paths;

    dev_paths(d, &paths);
    to_parent(paths.back);
    if (!d->has_back)
        (void)snprintf(paths.back, sizeof paths.back, "/local/domain/%" PRIu32 "/backend/%s/%" PRIu32, h->domid,
                       d->kind_name, d->set->domid);
    return store_rm(h, t, paths.back, err);
}

int devset_remove_all_backs(struct devset *set, store_txn t, struct domo_err *err)
{
    for (size_t i = 0; i < set->devs.len; i++) {
        const struct dev *d = set->devs.at[i];

        if ((!has_twin_before(set, i) && remove_back_ends(d, t, err)) || (may_have_error(d) && remove_error(d, t, err)))
            return err_wrap(err, "%s", d->label);
    }
    return prune_servers(set, t, err);
}
