/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Hotplug of disks and interfaces in a driver domain: their nodes were written
 * by domain 0's toolstack, which knows nothing of this domain's files, devices
 * and bridges. So what it does before it writes the nodes is done here after.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

/* ---- disks ---- */

static int read_own(const struct dev *d, const char *name, char **ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX];
    struct dev_paths paths;

    dev_paths(d, &paths);
    dev_join(path, paths.back, name);
    return store_read_opt(d->set->host, 0, path, ret, err);
}

static enum disk_access access_of(const char *mode)
{
    if (str_eq(mode, "w!"))
        return DISK_ACCESS_RW_SHARED;
    return str_eq(mode, "w") ? DISK_ACCESS_RW : DISK_ACCESS_RO;
}

static int take_spec(struct dev *d, const char *params, struct domo_err *err)
{
    struct disk_spec *s = &d->vbd.spec;
    char *AUTO_FREE direct = NULL;

    if (read_own(d, "direct-io-safe", &direct, err))
        return -1;
    disk_spec_fini(s);
    memset(s, 0, sizeof *s);
    s->target = strdup(params);
    if (!s->target)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    s->devid = d->devid;
    s->access = access_of(nodes_get(&d->keys, "mode"));
    s->direct_io_safe = str_eq(direct, "1");
    return 0;
}

/* In one piece, so that the back end finds all of it; nothing if the device has gone meanwhile. */
static int write_hotplug(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    const struct dev *d = arg;
    struct nodes AUTO_NODES n = {.failed = false};
    char *AUTO_FREE state = NULL;
    char path[STORE_PATH_MAX];
    struct dev_paths paths;

    dev_paths(d, &paths);
    dev_join(path, paths.back, "state");
    if (store_read_opt(h, t, path, &state, err))
        return -1;
    if (!state)
        return err_set(err, DOMO_E_DEVICE_NOT_FOUND, "the device was taken away");
    vbd_hotplug_nodes(d, &n);
    if (n.failed)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < n.list.len; i++) {
        dev_join(path, paths.back, n.list.at[i].name);
        if (store_write(h, t, path, n.list.at[i].value, err))
            return -1;
    }
    return 0;
}

static int serve_disk(struct dev *d, const char *params, struct domo_err *err)
{
    if (take_spec(d, params, err) || vbd_look_at_target(d, err) || devset_prepare(d->set, err))
        return -1;
    return store_transact(d->set->host, write_hotplug, d, err);
}

enum plan_wait vbd_serve(struct dev *d, struct domo_err *err)
{
    const char *params = nodes_get(&d->keys, "params");
    char path[STORE_PATH_MAX];
    struct dev_paths paths;

    /* An empty drive: there is nothing to prepare. */
    if (!params || !params[0]) {
        dev_paths(d, &paths);
        dev_join(path, paths.back, "hotplug-status");
        return store_write(d->set->host, 0, path, "connected", err) ? PLAN_FAILED : PLAN_DONE;
    }
    if (serve_disk(d, params, err) == 0)
        return PLAN_DONE;
    IGNORE(devset_unprepare(d->set, NULL));
    return PLAN_FAILED;
}

/* ---- interfaces ---- */

static int find_bridge(struct dev *d, uint32_t *ret_mtu, struct domo_err *err)
{
    const char *bridge = nodes_get(&d->keys, "bridge");
    struct host *h = d->set->host;
    struct os_iface iface;
    bool is_there = false;

    if (!bridge || !bridge[0])
        return err_set(err, DOMO_E_NO_BRIDGE, "no bridge is named");
    if (h->os->iface(h, bridge, &iface, &is_there, err))
        return -1;
    if (!is_there || !iface.is_bridge)
        return err_set(err, DOMO_E_NO_BRIDGE, "domain %" PRIu32 " has no bridge '%s'", h->domid, bridge);
    *ret_mtu = iface.mtu;
    return 0;
}

/* The front end learns the size of packets from a node that is ours, at a place that we know: nothing is read there. */
static void tell_mtu(const struct dev *d)
{
    char path[STORE_PATH_MAX], text[16];
    struct dev_paths paths;

    dev_paths(d, &paths);
    dev_join(path, paths.front, "mtu");
    (void)snprintf(text, sizeof text, "%" PRIu32, d->vif.mtu);
    IGNORE(store_write(d->set->host, 0, path, text, NULL));
}

static int take_vif(struct dev *d, struct domo_err *err)
{
    const char *vifname = nodes_get(&d->keys, "vifname");
    char *AUTO_FREE mtu = NULL;

    if (find_bridge(d, &d->vif.mtu, err) || read_own(d, "mtu", &mtu, err))
        return -1;
    if (mtu && str_to_u32(mtu, &d->vif.mtu))
        return err_set(err, DOMO_E_VIF_INTERFACE, "'%s' is no mtu", mtu);
    free(d->vif.spec.vifname);
    d->vif.spec.vifname = vifname && vifname[0] ? strdup(vifname) : NULL;
    if (vifname && vifname[0] && !d->vif.spec.vifname)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return 0;
}

enum plan_wait vif_serve(struct dev *d, struct domo_err *err)
{
    enum plan_wait r;

    d->vif.is_served = true;
    if (!d->vif.mtu && take_vif(d, err))
        return PLAN_FAILED;
    r = vif_plug(d, err);
    if (r == PLAN_DONE)
        tell_mtu(d);
    return r;
}
