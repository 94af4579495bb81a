/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A vif's interface on this host: what the packaged bridge script does, without
 * a shell. Left out on purpose: iptables rules (the packages of Debian have
 * them switched off, a firewall is the administrator's) and the hooks in
 * vif-post.d. Who wants either names the script with script=vif-bridge's full
 * path under another name, or one of his own.
 *
 * Going offline needs nothing: the interface vanishes with its back end.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

/* The largest address that is no broadcast: a bridge takes the smallest of its ports, and that must not be this one. */
static const uint8_t port_mac[MAC_LEN] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff};

static void own_name(const struct dev *d, char out[IFACE_NAME_MAX])
{
    (void)snprintf(out, IFACE_NAME_MAX, "vif%" PRIu32 ".%" PRIu32, d->set->domid, d->devid);
}

static int say_connected(const struct dev *d, struct domo_err *err)
{
    char path[STORE_PATH_MAX];
    struct dev_paths paths;

    dev_paths(d, &paths);
    dev_join(path, paths.back, "hotplug-status");
    return store_write(d->set->host, 0, path, "connected", err);
}

/* A script that ends well but forgets hotplug-status would leave the back end waiting for ever. */
int vif_confirm(struct dev *d, struct domo_err *err)
{
    char path[STORE_PATH_MAX], text[DEV_TEXT_MAX];
    struct dev_paths paths;

    dev_paths(d, &paths);
    dev_join(path, paths.back, "hotplug-status");
    dev_read_text(d->set->host, path, text);
    if (str_eq(text, "connected"))
        return 0;
    if (text[0])
        return dev_fail(d, DOMO_E_SCRIPT_FAILED, err, "hotplug script '%s' left hotplug-status '%s'", d->script, text);
    return say_connected(d, err);
}

enum plan_wait vif_plug(struct dev *d, struct domo_err *err)
{
    struct os_iface_change change = {
        .rename = d->vif.spec.vifname,
        .bridge = nodes_get(&d->keys, "bridge"),
        .mac = port_mac,
        .mtu = d->vif.mtu,
        .up = true,
    };
    struct host *h = d->set->host;
    char name[IFACE_NAME_MAX];
    struct os_iface iface;
    bool is_there;

    own_name(d, name);
    if (h->os->iface(h, name, &iface, &is_there, err))
        return PLAN_FAILED;
    /* One that was killed after it renamed the interface did not get to its end. */
    if (!is_there && change.rename) {
        (void)snprintf(name, sizeof name, "%s", change.rename);
        change.rename = NULL;
        if (h->os->iface(h, name, &iface, &is_there, err))
            return PLAN_FAILED;
    }
    if (!is_there)
        return PLAN_AGAIN; /* InitWait is written a moment before the interface is made */
    if (h->os->iface_change(h, name, &change, err) || say_connected(d, err)) {
        (void)err_wrap(err, "interface %s", name);
        return PLAN_FAILED;
    }
    return PLAN_DONE;
}

enum plan_wait vif_release(struct dev *d, struct domo_err *err)
{
    const char *vifname = nodes_get(&d->keys, "vifname");
    struct host *h = d->set->host;
    char name[IFACE_NAME_MAX];
    struct os_iface iface;
    bool is_there;

    own_name(d, name);
    d->let_go = true;
    if (h->os->iface(h, name, &iface, &is_there, err))
        return PLAN_FAILED;
    if (!is_there && vifname && (d->plugged || d->loaded) && h->os->iface(h, vifname, &iface, &is_there, err))
        return PLAN_FAILED;
    return is_there ? PLAN_AGAIN : PLAN_DONE;
}
