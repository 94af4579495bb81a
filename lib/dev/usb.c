/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * USB controllers of guests, and devices of this host as parts of them: a port
 * whose node names the device on this host's bus. The kernel's back end
 * (usbback) has to have its interfaces; QEMU's takes them by itself.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"
#include "dev/usb.h"

enum { PORTS_DEFAULT = 8, PORTS_MAX = 31, VERSION_DEFAULT = 2 };
static const char BY_KERNEL[] = "vusb", BY_QEMU[] = "qusb";

/* ---- controllers ---- */

static int ctrl_settle(struct dev *d, struct domo_err *err)
{
    const char *type = dev_spec_get(&d->spec, "type");
    struct host *h = d->set->host;

    if (str_eq(type, "devicemodel")) {
        (void)err_set(err, DOMO_E_UNSUPPORTED, "emulated USB controllers can't be made yet");
        return err_hint(err, "type=qusb gives the guest one that it needs a driver of Xen's for");
    }
    if (!type || str_eq(type, "auto"))
        type = h && dev_is_ours(d) && h->os->has_backend(h, BY_KERNEL) ? "pv" : "qusb";
    if (dev_spec_number(&d->spec, "version") == 3)
        return err_set(err, DOMO_E_UNSUPPORTED, "a controller of type %s has USB 1.1 or 2.0, not 3.0", type);
    (void)snprintf(d->back_name, sizeof d->back_name, "%s", str_eq(type, "pv") ? BY_KERNEL : BY_QEMU);
    return dev_spec_set(&d->spec, "type", type) ? err_set(err, DOMO_E_NO_MEMORY, "out of memory") : 0;
}

static uint32_t ports_of(const struct dev *d)
{
    uint32_t n = 0;

    if (d->has_spec)
        n = dev_spec_number(&d->spec, "ports");
    else if (nodes_get(&d->keys, "num-ports") && str_to_u32(nodes_get(&d->keys, "num-ports"), &n))
        n = 0;
    return n && n <= PORTS_MAX ? n : PORTS_DEFAULT;
}

static const struct dev_usb *at_port(const struct dev *d, uint32_t port)
{
    for (size_t i = 0; i < d->usbs.len; i++)
        if (d->usbs.at[i].port == port)
            return &d->usbs.at[i];
    return NULL;
}

static int ctrl_nodes(const struct dev *d, struct nodes *n, struct domo_err *err)
{
    uint32_t version = dev_spec_number(&d->spec, "version"), ports = ports_of(d);
    char name[16];

    (void)err;
    nodes_add(n, NODE_BACK, "type", "%s", dev_spec_get(&d->spec, "type"));
    nodes_add(n, NODE_BACK, "usb-ver", "%" PRIu32, version ? version : VERSION_DEFAULT);
    nodes_add(n, NODE_BACK, "num-ports", "%" PRIu32, ports);
    nodes_add(n, NODE_BACK, "port", "%s", "");
    for (uint32_t port = 1; port <= ports; port++) {
        const struct dev_usb *u = at_port(d, port);

        (void)snprintf(name, sizeof name, "port/%" PRIu32, port);
        nodes_add(n, NODE_BACK, name, "%s", u ? u->bus_id : "");
    }
    return 0;
}

static int load_port(struct dev *d, const char *dir, uint32_t port, struct domo_err *err)
{
    char path[STORE_PATH_MAX], *AUTO_FREE bus_id = NULL;
    struct os_usb info = {.bus = 0};
    struct dev_usb *slot;
    bool found = false;

    if (store_path(path, err, "%s/port/%" PRIu32, dir, port) || store_read_opt(d->set->host, 0, path, &bus_id, err))
        return -1;
    if (!bus_id || !bus_id[0] || strlen(bus_id) >= sizeof slot->bus_id)
        return 0;
    if (usb_find_id(d->set->host, bus_id, &info, &found, err))
        return -1;
    slot = VEC_PUSH(&d->usbs);
    if (!slot)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    (void)snprintf(slot->bus_id, sizeof slot->bus_id, "%s", bus_id);
    slot->bus = info.bus;
    slot->addr = info.addr;
    slot->port = port;
    slot->was_taken = str_eq(d->back_name, BY_KERNEL);
    return 0;
}

/* The back end's directory is the toolstack's as long as our own domain serves it; another one's is not believed. */
static int ctrl_load(struct dev *d, struct domo_err *err)
{
    struct dev_paths paths;

    if (!dev_is_ours(d))
        return 0;
    dev_paths(d, &paths);
    for (uint32_t port = 1; port <= ports_of(d); port++)
        if (load_port(d, paths.back, port, err))
            return -1;
    return 0;
}

static int ctrl_prepare(struct dev *d, struct domo_err *err)
{
    for (size_t i = 0; i < d->usbs.len && str_eq(d->back_name, BY_KERNEL); i++) {
        struct dev_usb *u = &d->usbs.at[i];

        if (!u->is_new)
            continue;
        if (usb_take(d->set->host, u->bus_id, err))
            return -1;
        u->was_taken = true;
    }
    return 0;
}

/* New and leaving ones, or all when the controller goes. */
static int give_back(struct dev *d, bool all, struct domo_err *err)
{
    int r = 0;

    for (size_t i = 0; i < d->usbs.len; i++) {
        struct dev_usb *u = &d->usbs.at[i];

        if (!u->was_taken || !(all || u->is_new || u->is_leaving))
            continue;
        if (usb_give_back(d->set->host, u->bus_id, err))
            r = -1;
        u->was_taken = false;
    }
    return r;
}

static int ctrl_unprepare(struct dev *d, struct domo_err *err)
{
    return give_back(d, false, err);
}

static enum plan_wait ctrl_release(struct dev *d, struct domo_err *err)
{
    return give_back(d, true, err) ? PLAN_FAILED : PLAN_DONE;
}

static void ctrl_describe(const struct dev *d, struct json *row)
{
    struct json *list = json_set_array(row, "devices");
    const char *version = nodes_get(&d->keys, "usb-ver");
    uint32_t n = 0;

    json_set_str(row, "type", nodes_get(&d->keys, "type"));
    json_set_int(row, "usb_version", version && str_to_u32(version, &n) == 0 ? (int64_t)n : -1);
    json_set_int(row, "ports", ports_of(d));
    for (size_t i = 0; i < d->usbs.len; i++) {
        const struct dev_usb *u = &d->usbs.at[i];
        struct json *one = json_add_object(list);

        json_set_int(one, "port", u->port);
        json_set_str(one, "bus_id", u->bus_id);
        json_set_int(one, "bus", u->bus);
        json_set_int(one, "addr", u->addr);
    }
}

static const char *const ctrl_keeps[] = {"type", "usb-ver", "num-ports", NULL};

const struct devkind devkind_usbctrl = {
    .name = "vusb",
    .back_name = "vusb",
    .module = "xen-usbback",
    .summary = "a USB controller, for devices of this host",
    .has_handshake = true,
    .grammar = &grammar_usbctrl,
    .keeps = ctrl_keeps,
    .load = ctrl_load,
    .settle = ctrl_settle,
    .nodes = ctrl_nodes,
    .prepare = ctrl_prepare,
    .unprepare = ctrl_unprepare,
    .release = ctrl_release,
    .describe = ctrl_describe,
};

/* ---- devices: adding ---- */

static bool is_ctrl(const struct dev *d)
{
    return d->kind == &devkind_usbctrl;
}

static struct dev *find_ctrl(const struct devset *set, uint32_t devid)
{
    for (size_t i = 0; i < set->devs.len; i++)
        if (is_ctrl(set->devs.at[i]) && set->devs.at[i]->devid == devid)
            return set->devs.at[i];
    return NULL;
}

/* Controllers of the living guest that the set does not have yet. */
static int load_ctrls(struct devset *set, struct domo_err *err)
{
    uint32_t *AUTO_FREE ids = NULL;
    size_t n = 0;

    if (!set->host || !set->domid)
        return 0;
    if (dev_list_ids(set, devkind_usbctrl.name, &ids, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (!find_ctrl(set, ids[i]) && !dev_load(set, devkind_usbctrl.name, ids[i], err))
            return -1;
    return 0;
}

static uint32_t free_port(const struct dev *d)
{
    for (uint32_t port = 1; port <= ports_of(d); port++)
        if (!at_port(d, port))
            return port;
    return 0;
}

/* A controller of the usual kind, for a device that finds no free port. */
static int make_ctrl(struct devset *set, struct dev **ret, struct domo_err *err)
{
    struct dev_spec spec;
    int r;

    if (dev_spec_init(&spec, &grammar_usbctrl))
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    r = devset_add_spec(set, &spec, err);
    dev_spec_fini(&spec);
    if (!r)
        *ret = set->devs.at[set->devs.len - 1];
    return r;
}

static int choose_port(struct devset *set, const struct dev_spec *s, struct dev **ret, uint32_t *ret_port,
                       struct domo_err *err)
{
    const char *ctrl = dev_spec_get(s, "controller");
    uint32_t port = dev_spec_number(s, "port");
    struct dev *d = ctrl ? find_ctrl(set, dev_spec_number(s, "controller")) : NULL;

    if (ctrl && !d)
        return err_set(err, DOMO_E_DEVICE_NOT_FOUND, "'%s' has no USB controller %s", set->name, ctrl);
    for (size_t i = 0; !d && i < set->devs.len; i++)
        if (is_ctrl(set->devs.at[i]) && dev_is_ours(set->devs.at[i]) && free_port(set->devs.at[i]))
            d = set->devs.at[i];
    if (!d && (make_ctrl(set, &d, err) || !d))
        return -1;
    if (!dev_is_ours(d))
        return err_set(err, DOMO_E_UNSUPPORTED,
                       "devices of this host can't go to a controller that domain %" PRIu32 " serves", d->back_domid);
    if (port > ports_of(d))
        return err_set(err, DOMO_E_CONFIG_VALUE, "USB controller %" PRIu32 " has ports 1 to %" PRIu32, d->devid,
                       ports_of(d));
    if (port && at_port(d, port))
        return err_set(err, DOMO_E_DEVICE_EXISTS,
                       "port %" PRIu32 " of USB controller %" PRIu32 " has device %s already", port, d->devid,
                       at_port(d, port)->bus_id);
    if (!port && !free_port(d))
        return err_set(err, DOMO_E_DEVICE_EXISTS, "USB controller %" PRIu32 " has no free port", d->devid);
    *ret = d;
    *ret_port = port ? port : free_port(d);
    return 0;
}

static int refuse_owned(struct host *h, const struct os_usb *u, uint32_t owner, struct domo_err *err)
{
    char path[STORE_PATH_MAX], *AUTO_FREE name = NULL;

    if (store_path(path, err, "/local/domain/%" PRIu32 "/name", owner) || store_read_opt(h, 0, path, &name, err))
        return -1;
    (void)err_set(err, DOMO_E_DEVICE_ASSIGNED, "USB device %s belongs to '%s' (domain %" PRIu32 ")", u->bus_id,
                  name ? name : "?", owner);
    return err_hint(err, "domo usb-list %s shows its port, for domo usbdev-detach", name ? name : "DOMAIN");
}

static int check_device(struct devset *set, const struct dev_spec *s, struct os_usb *ret, struct domo_err *err)
{
    uint32_t bus = dev_spec_number(s, "hostbus"), addr = dev_spec_number(s, "hostaddr"), owner = 0;

    if (!set->host) { /* a dry run: as far as the text goes */
        *ret = (struct os_usb){.bus = bus, .addr = addr};
        (void)snprintf(ret->bus_id, sizeof ret->bus_id, "%" PRIu32 "-?", bus);
        return 0;
    }
    if (usb_find(set->host, bus, addr, ret, err))
        return -1;
    if (ret->is_hub)
        return err_set(err, DOMO_E_DEVICE_NOT_ASSIGNABLE, "USB device %s is a hub, which no guest can be given",
                       ret->bus_id);
    for (size_t i = 0; i < set->devs.len; i++)
        for (size_t k = 0; k < set->devs.at[i]->usbs.len; k++)
            if (str_eq(set->devs.at[i]->usbs.at[k].bus_id, ret->bus_id))
                return err_set(err, DOMO_E_DEVICE_EXISTS, "USB device %s is the guest's already", ret->bus_id);
    if (usb_owner(set->host, ret->bus_id, &owner, err))
        return -1;
    if (owner)
        return refuse_owned(set->host, ret, owner, err);
    return 0;
}

/* Where it went is stored with it. */
static int note_place(struct dev_spec *s, uint32_t ctrl, uint32_t port, struct domo_err *err)
{
    char *AUTO_FREE c = str_format("%" PRIu32, ctrl), *AUTO_FREE p = str_format("%" PRIu32, port);

    if (!c || !p || dev_spec_set(s, "controller", c) || dev_spec_set(s, "port", p))
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return 0;
}

static int usbdev_join(struct devset *set, struct dev_spec *spec, struct domo_err *err)
{
    struct os_usb info;
    struct dev_usb *slot;
    uint32_t port = 0;
    struct dev *d = NULL;

    if (load_ctrls(set, err) || check_device(set, spec, &info, err) || choose_port(set, spec, &d, &port, err) ||
        note_place(spec, d->devid, port, err) /* NOLINT: success sets d */)
        return -1;
    slot = VEC_PUSH(&d->usbs);
    if (!slot)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    memcpy(slot->bus_id, info.bus_id, sizeof slot->bus_id);
    slot->bus = info.bus;
    slot->addr = info.addr;
    slot->port = port;
    slot->is_new = true;
    return 0;
}

/* ---- devices: living guests ---- */

/* Is it the device that "which" names: "CONTROLLER:PORT", or its place on this host's bus? */
static bool is_meant(const struct dev *d, const struct dev_usb *u, const char *which)
{
    char place[32];

    (void)snprintf(place, sizeof place, "%" PRIu32 ":%" PRIu32, d->devid, u->port);
    return str_eq(which, place) || str_eq(which, u->bus_id);
}

static int usbdev_pick(struct devset *set, const char *which, struct dev **ret, bool *ret_last, struct domo_err *err)
{
    for (size_t i = 0; i < set->devs.len; i++) {
        struct dev *d = set->devs.at[i];

        for (size_t k = 0; is_ctrl(d) && k < d->usbs.len; k++) {
            if (!is_meant(d, &d->usbs.at[k], which))
                continue;
            d->usbs.at[k].is_leaving = true;
            *ret = d;
            *ret_last = false;
            return 0;
        }
    }
    (void)err_set(err, DOMO_E_DEVICE_NOT_FOUND, "'%s' has no USB device at %s (controller:port)", set->name, which);
    return err_hint(err, "domo usb-list %s shows what it has", set->name);
}

static int write_port(const struct dev *d, store_txn t, const struct dev_usb *u, const char *value,
                      struct domo_err *err)
{
    char path[STORE_PATH_MAX];
    struct dev_paths paths;

    dev_paths(d, &paths);
    if (store_path(path, err, "%s/port/%" PRIu32, paths.libxl, u->port) ||
        store_write(d->set->host, t, path, value, err))
        return -1;
    return store_path(path, err, "%s/port/%" PRIu32, paths.back, u->port) ||
                   store_write(d->set->host, t, path, value, err)
               ? -1
               : 0;
}

static int usbdev_extend(struct dev *d, store_txn t, struct domo_err *err)
{
    for (size_t i = 0; i < d->usbs.len; i++)
        if (d->usbs.at[i].is_new && write_port(d, t, &d->usbs.at[i], d->usbs.at[i].bus_id, err))
            return -1;
    return 0;
}

/* A port without a device is one that it was pulled out of: no guest is asked. */
static int usbdev_retract(struct dev *d, store_txn t, struct domo_err *err)
{
    for (size_t i = 0; i < d->usbs.len; i++) {
        const struct dev_usb *u = &d->usbs.at[i];

        if ((u->is_new || u->is_leaving) && write_port(d, t, u, "", err))
            return -1;
    }
    return 0;
}

static int usbdev_drop(struct dev *d, store_txn t, struct domo_err *err)
{
    (void)d;
    (void)t;
    (void)err;
    return 0;
}

static enum plan_wait usbdev_settled(struct dev *d, int64_t now_ms, int64_t due_ms, struct domo_err *err)
{
    (void)d;
    (void)now_ms;
    (void)due_ms;
    (void)err;
    return PLAN_DONE;
}

static bool usbdev_is_leaving(const struct dev *d, const struct json *element)
{
    for (size_t i = 0; i < d->usbs.len; i++)
        if (d->usbs.at[i].is_leaving && json_get_int(element, "ctrl", -1) == (int64_t)d->devid &&
            json_get_int(element, "port", -1) == (int64_t)d->usbs.at[i].port)
            return true;
    return false;
}

static void usbdev_show(const struct dev *d, struct json *row)
{
    struct json *list = json_set_array(row, "changed");

    for (size_t i = 0; i < d->usbs.len; i++)
        if (d->usbs.at[i].is_new || d->usbs.at[i].is_leaving)
            json_add_str(list, d->usbs.at[i].bus_id);
}

static const struct dev_parts usbdev_parts = {
    .carrier = "vusb",
    .join = usbdev_join,
    .pick = usbdev_pick,
    .extend = usbdev_extend,
    .retract = usbdev_retract,
    .drop = usbdev_drop,
    .settled = usbdev_settled,
    .is_leaving = usbdev_is_leaving,
    .show = usbdev_show,
};

const struct devkind devkind_usbdev = {
    .name = "usbdev",
    .back_name = "usbdev",
    .summary = "a USB device of this host, at a port of the guest's controller",
    .grammar = &grammar_usbdev,
    .parts = &usbdev_parts,
};
