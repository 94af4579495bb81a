/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Network interfaces served by the kernel's network back end, on a bridge.
 * What happens to the interface on this host is in vif_back.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

/* What xl assumes a front end starts with. */
enum { DEFAULT_MTU = 1500 };

static const char EMULATED[] = "vif_ioemu";

static const char *bridge_of(const struct dev *d)
{
    return d->vif.spec.bridge ? d->vif.spec.bridge : VIF_DEFAULT_BRIDGE;
}

static void mac_text(const struct dev *d, char out[MAC_TEXT_MAX])
{
    if (d->vif.spec.has_mac)
        mac_print(d->vif.spec.mac, out);
    else
        (void)snprintf(out, MAC_TEXT_MAX, "$MAC"); /* a dry run without a host has no chance to draw from */
}

static void add_opt(struct nodes *n, const char *name, const char *value)
{
    if (value)
        nodes_add(n, NODE_BACK, name, "%s", value);
}

/* hotplug-status is there from the start and empty, so that the back end waits for it. The front end's mtu is what a
 * hotplug script would write later; it is known already. */
static int vif_nodes(const struct dev *d, struct nodes *n, struct domo_err *err)
{
    const struct vif_spec *s = &d->vif.spec;
    char mac[MAC_TEXT_MAX];

    (void)err;
    mac_text(d, mac);
    nodes_add(n, NODE_BACK, "script", "%s", d->script);
    add_opt(n, "vifname", s->vifname);
    nodes_add(n, NODE_BACK, "mac", "%s", mac);
    add_opt(n, "ip", s->ip);
    add_opt(n, "gatewaydev", s->gatewaydev);
    if (s->rate_bytes)
        nodes_add(n, NODE_BACK, "rate", "%" PRIu64 ",%" PRIu32, s->rate_bytes, s->rate_interval_us);
    if (s->mtu)
        nodes_add(n, NODE_BACK, "mtu", "%" PRIu32, s->mtu);
    nodes_add(n, NODE_BACK, "bridge", "%s", bridge_of(d));
    nodes_add(n, NODE_BACK, "handle", "%" PRIu32, d->devid);
    nodes_add(n, NODE_BACK, "type", "%s", s->type == VIF_TYPE_IOEMU ? EMULATED : "vif");
    nodes_add(n, NODE_BACK, "hotplug-status", "%s", "");
    nodes_add(n, NODE_FRONT, "handle", "%" PRIu32, d->devid);
    nodes_add(n, NODE_FRONT, "mac", "%s", mac);
    nodes_add(n, NODE_FRONT, "trusted", "%d", !s->untrusted);
    nodes_add(n, NODE_FRONT_RO, "mtu", "%" PRIu32, d->vif.mtu ? d->vif.mtu : DEFAULT_MTU);
    return 0;
}

static int settle_mac(struct dev *d, struct domo_err *err)
{
    struct host *h = d->set->host;
    uint8_t random[3];

    if (d->vif.spec.has_mac || !h)
        return 0;
    if (h->env->random(h, random, sizeof random, err))
        return -1;
    mac_from_random(random, d->vif.spec.mac);
    d->vif.spec.has_mac = true;
    return 0;
}

static int check_bridge(struct dev *d, struct domo_err *err)
{
    const char *bridge = bridge_of(d);
    struct host *h = d->set->host;
    struct os_iface iface;
    bool is_there;

    if (h->os->iface(h, bridge, &iface, &is_there, err))
        return -1;
    if (!is_there) {
        (void)err_set(err, DOMO_E_NO_BRIDGE, "the bridge '%s' does not exist", bridge);
        return err_hint(
            err,
            "make it (ip link add name %s type bridge; ip link set %s up), or name another one with bridge=", bridge,
            bridge);
    }
    if (!iface.is_bridge)
        return err_set(err, DOMO_E_NO_BRIDGE, "'%s' is an interface, but not a bridge", bridge);
    if (!d->vif.mtu)
        d->vif.mtu = iface.mtu;
    return 0;
}

static int check_name(struct dev *d, struct domo_err *err)
{
    bool has_card = d->vif.spec.type == VIF_TYPE_IOEMU;
    size_t longest = IFACE_NAME_MAX - (has_card ? strlen(VIF_TAP_SUFFIX) : 0);
    const char *name = d->vif.spec.vifname;
    struct host *h = d->set->host;
    struct os_iface iface;
    bool is_there;

    if (!name)
        return 0;
    if (strlen(name) >= longest) {
        (void)err_set(err, DOMO_E_VIF_NAME, "the interface name '%s' is longer than %zu characters", name, longest - 1);
        return has_card ? err_hint(err, "the emulated card's interface has " VIF_TAP_SUFFIX " behind it") : -1;
    }
    if (!h || !dev_is_ours(d))
        return 0;
    if (h->os->iface(h, name, &iface, &is_there, err))
        return -1;
    return is_there ? err_set(err, DOMO_E_VIF_NAME, "there is an interface '%s' already", name) : 0;
}

/* As with xl: an interface that a guest with a device model is created with also has an emulated card, one that comes
 * later has not. QEMU runs here, and so does the card's way out. */
static int settle_type(struct dev *d, struct domo_err *err)
{
    bool can_have = d->set->emulates && !d->set->domid && dev_is_ours(d);

    if (d->vif.spec.type == VIF_TYPE_DEFAULT && can_have)
        d->vif.spec.type = VIF_TYPE_IOEMU;
    if (d->vif.spec.type != VIF_TYPE_IOEMU || can_have)
        return 0;
    (void)err_set(err, DOMO_E_UNSUPPORTED, "there is no emulated network card (type=ioemu) %s",
                  !dev_is_ours(d)    ? "for an interface that another domain serves"
                  : d->set->emulates ? "for a guest that runs already"
                                     : "for a guest without a device model");
    return err_hint(err, "write type=vif for an interface without an emulated card");
}

static int resolve(struct dev *d, struct vif_spec *spec, struct domo_err *err)
{
    if (vif_spec_copy(spec, &d->vif.spec))
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    d->devid = spec->devid;
    d->vif.mtu = spec->mtu;
    if (!spec->has_devid && dev_pick_devid(d, err))
        return -1;
    if (dev_check_unique(d, err) || settle_mac(d, err) || dev_resolve_backend(d, spec->backend, err) ||
        settle_type(d, err) || dev_resolve_script(d, spec->script, err) || check_name(d, err))
        return -1;
    if (d->set->host && dev_is_ours(d) && !d->is_custom && check_bridge(d, err))
        return -1;
    if (dev_set_keys(d, err) || dev_set_label(d, err))
        return -1;
    spec->devid = d->devid;
    spec->has_devid = true;
    spec->type = d->vif.spec.type;
    spec->has_mac = d->vif.spec.has_mac;
    memcpy(spec->mac, d->vif.spec.mac, sizeof spec->mac);
    return 0;
}

int devset_add_vif(struct devset *set, struct vif_spec *spec, struct domo_err *err)
{
    struct dev *d = devset_push(set, &devkind_vif, err);

    if (!d)
        return -1;
    if (resolve(d, spec, err)) {
        char where[32] = "vif";

        if (spec->has_devid)
            (void)snprintf(where, sizeof where, "vif %" PRIu32, spec->devid);
        devset_pop(set);
        return err_wrap(err, "%s", where);
    }
    return 0;
}

bool vif_has_tap(const struct dev *d)
{
    const char *type = nodes_get(&d->keys, "type");
    struct host *h = d->set->host;
    struct hyp_dm dm;

    return type && str_eq(type, EMULATED) && dev_is_ours(d) && h && h->hyp->dm_machine(h, &dm, NULL) == 0 && !dm.net;
}

static char *vif_title(const struct dev *d)
{
    const char *mac = nodes_get(&d->keys, "mac");

    return mac ? str_format("vif %" PRIu32 " (%s)", d->devid, mac) : str_format("vif %" PRIu32, d->devid);
}

static bool vif_matches(const struct dev *d, const char *which)
{
    const char *mac = nodes_get(&d->keys, "mac");
    uint8_t wanted[MAC_LEN], have[MAC_LEN];
    uint32_t devid;

    if (str_to_u32(which, &devid) == 0)
        return devid == d->devid;
    return mac && mac_parse(which, wanted) == 0 && mac_parse(mac, have) == 0 && memcmp(wanted, have, MAC_LEN) == 0;
}

static int vif_script(const struct dev *d, bool adding, struct script_call *call, struct domo_err *err)
{
    const char *gatewaydev = nodes_get(&d->keys, "gatewaydev");

    bool is_tap = d->run_turn > 0, ok;

    call->argv[1] = strdup(is_tap ? (adding ? "add" : "remove") : (adding ? "online" : "offline"));
    call->argv[2] = strdup(is_tap ? "type_if=tap" : "type_if=vif");
    call->env[4] = str_format("vif=vif%" PRIu32 ".%" PRIu32, d->set->domid, d->devid);
    call->env[5] = str_format("netdev=%s", gatewaydev ? gatewaydev : "");
    ok = call->argv[1] && call->argv[2] && call->env[4] && call->env[5];
    if (vif_has_tap(d)) {
        call->env[6] = str_format("INTERFACE=vif%" PRIu32 ".%" PRIu32 VIF_TAP_SUFFIX, d->set->domid, d->devid);
        ok = ok && call->env[6];
    }
    return ok ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

static unsigned vif_script_turns(const struct dev *d)
{
    return vif_has_tap(d) ? 2 : 1;
}

static void vif_preview(const struct dev *d, struct json *lines)
{
    char *AUTO_FREE line = NULL, *AUTO_FREE tap = NULL;

    if (!dev_is_ours(d))
        return;
    if (d->is_custom)
        line = str_format("run %s online type_if=vif", d->script);
    else
        line =
            str_format("put the back end's interface%s%s on bridge %s and take it up",
                       d->vif.spec.vifname ? " as " : "", d->vif.spec.vifname ? d->vif.spec.vifname : "", bridge_of(d));
    json_add_str(lines, line);
    if (!vif_has_tap(d))
        return;
    tap = d->is_custom ? str_format("run %s add type_if=tap", d->script)
                       : str_format("put the emulated card's interface on bridge %s, too", bridge_of(d));
    json_add_str(lines, tap);
}

static void vif_describe(const struct dev *d, struct json *row)
{
    const char *vifname = nodes_get(&d->keys, "vifname");

    json_set_str(row, "mac", nodes_get(&d->keys, "mac"));
    json_set_str(row, "bridge", nodes_get(&d->keys, "bridge"));
    if (vifname)
        json_set_str(row, "interface", vifname);
    else
        json_setf(row, "interface", "vif%" PRIu32 ".%" PRIu32, d->set->domid, d->devid);
    if (d->set->emulates && str_eq(nodes_get(&d->keys, "type"), EMULATED))
        json_setf(row, "emulated", "nic%" PRIu32, d->devid);
    json_set_str(row, "ip", nodes_get(&d->keys, "ip"));
    json_set_str(row, "rate", nodes_get(&d->keys, "rate"));
    json_set_str(row, "script", nodes_get(&d->keys, "script"));
}

static const char *const vif_keeps[] = {"script", "vifname", "mac", "ip", "gatewaydev", "rate", "bridge", "type", NULL};

const struct devkind devkind_vif = {
    .name = "vif",
    .back_name = "vif",
    .module = "xen-netback",
    .default_script = "vif-bridge",
    .summary = "a network interface served by the kernel's network back end",
    .has_hotplug_status = true,
    .is_vital = true,
    .has_handshake = true,
    .keeps = vif_keeps,
    .nodes = vif_nodes,
    .plug = vif_plug,
    .confirm = vif_confirm,
    .release = vif_release,
    .serve = vif_serve,
    .script = vif_script,
    .script_turns = vif_script_turns,
    .matches = vif_matches,
    .title = vif_title,
    .preview = vif_preview,
    .describe = vif_describe,
};
