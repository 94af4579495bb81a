/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A vif's interface on this host: what the packaged bridge script does, without
 * a shell. Left out on purpose: iptables rules (the packages of Debian have
 * them switched off, a firewall is the administrator's) and the hooks in
 * vif-post.d. Who wants either names the script with script=vif-bridge's full
 * path under another name, or one of his own.
 *
 * Going offline needs nothing: the interface vanishes with its back end. That of
 * an emulated card, which QEMU makes, stays as long as QEMU runs.
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

/* By the name that QEMU gave it, or the one that it got from us before. */
static int find_tap(const struct dev *d, char ret[IFACE_NAME_MAX], bool *ret_renamed, bool *ret_found,
                    struct domo_err *err)
{
    const char *vifname = nodes_get(&d->keys, "vifname");
    struct host *h = d->set->host;
    struct os_iface iface;

    *ret_renamed = false;
    (void)snprintf(ret, IFACE_NAME_MAX, "vif%" PRIu32 ".%" PRIu32 VIF_TAP_SUFFIX, d->set->domid, d->devid);
    if (h->os->iface(h, ret, &iface, ret_found, err))
        return -1;
    if (*ret_found || !vifname)
        return 0;
    *ret_renamed = true;
    (void)snprintf(ret, IFACE_NAME_MAX, "%s" VIF_TAP_SUFFIX, vifname);
    return h->os->iface(h, ret, &iface, ret_found, err);
}

/* The emulated card's interface beside it: QEMU has made it before it said that it is ready. */
static int plug_tap(struct dev *d, struct domo_err *err)
{
    struct os_iface_change change = {
        .bridge = nodes_get(&d->keys, "bridge"), .mac = port_mac, .mtu = d->vif.mtu, .up = true};
    bool is_there = false, was_renamed = false;
    struct host *h = d->set->host;
    char name[IFACE_NAME_MAX], wanted[IFACE_NAME_MAX];

    if (find_tap(d, name, &was_renamed, &is_there, err))
        return -1;
    if (!is_there)
        return err_set(err, DOMO_E_VIF_INTERFACE, "the device model has made no interface %s", name);
    if (d->vif.spec.vifname && !was_renamed) {
        (void)snprintf(wanted, sizeof wanted, "%s" VIF_TAP_SUFFIX, d->vif.spec.vifname);
        change.rename = wanted;
    }
    return h->os->iface_change(h, name, &change, err) ? err_wrap(err, "interface %s", name) : 0;
}

/* The guest keeps an emulated card that it has not unplugged; its way out ends here. QEMU's end ends the rest. */
static int unplug_tap(struct dev *d, struct domo_err *err)
{
    const struct os_iface_change change = {.bridge = "", .down = true};
    bool is_there = false, was_renamed = false;
    struct host *h = d->set->host;
    char name[IFACE_NAME_MAX];

    if (!vif_has_tap(d) || d->is_custom)
        return 0;
    if (find_tap(d, name, &was_renamed, &is_there, err))
        return -1;
    return is_there ? h->os->iface_change(h, name, &change, err) : 0;
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
    if (h->os->iface_change(h, name, &change, err)) {
        (void)err_wrap(err, "interface %s", name);
        return PLAN_FAILED;
    }
    return (!d->vif.is_served && vif_has_tap(d) && plug_tap(d, err)) || say_connected(d, err) ? PLAN_FAILED : PLAN_DONE;
}

enum plan_wait vif_release(struct dev *d, struct domo_err *err)
{
    const char *vifname = nodes_get(&d->keys, "vifname");
    struct host *h = d->set->host;
    char name[IFACE_NAME_MAX];
    struct os_iface iface;
    bool is_there;

    own_name(d, name);
    if (!d->let_go && unplug_tap(d, err))
        return PLAN_FAILED;
    d->let_go = true;
    if (h->os->iface(h, name, &iface, &is_there, err))
        return PLAN_FAILED;
    if (!is_there && vifname && (d->plugged || d->loaded) && h->os->iface(h, vifname, &iface, &is_there, err))
        return PLAN_FAILED;
    return is_there ? PLAN_AGAIN : PLAN_DONE;
}
