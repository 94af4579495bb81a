/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Gathering the facts of a diagnosis: the store, the host behind the device,
 * the domains at both ends. What can't be read counts as not there: a
 * diagnosis is made of what can be seen.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"
#include "dev/explain.h"

/* The nodes that are read for the diagnosis and shown with it. */
enum { NODE_PHYSICAL, NODE_STATUS, NODE_HOTPLUG_ERROR, NODE_RESOURCE, NODE_ONLINE, NODE_STATE, NODES };
static const char *const back_nodes[NODES] = {
    [NODE_PHYSICAL] = "physical-device",      [NODE_STATUS] = "hotplug-status",
    [NODE_HOTPLUG_ERROR] = "hotplug-error",   [NODE_ONLINE] = "online",
    [NODE_RESOURCE] = "physical-device-path", [NODE_STATE] = "state",
};

struct reading {
    const struct dev *d;
    struct explain_facts f;
    struct dev_paths paths;
    struct json *row; /* what the kind says of the device */
    char back[NODES][DEV_TEXT_MAX];
    char front_text[DEV_TEXT_MAX], back_error[DEV_TEXT_MAX], front_error[DEV_TEXT_MAX], tty[DEV_TEXT_MAX];
    char server[DEV_TEXT_MAX];
};

static const char *said(const struct reading *r, const char *name)
{
    const char *text = json_get_str(r->row, name, NULL);

    return text && *text ? text : NULL;
}

static bool is_there(const struct reading *r, const char *dir)
{
    char **AUTO_FREE names = NULL;
    size_t n = 0;

    return store_list(r->d->set->host, 0, dir, &names, &n, NULL) == 0 && n > 0;
}

static void read_store(struct reading *r)
{
    struct host *h = r->d->set->host;
    char path[STORE_PATH_MAX];

    for (size_t i = 0; r->d->has_back && i < NODES; i++) {
        dev_join(path, r->paths.back, back_nodes[i]);
        dev_read_text(h, path, r->back[i]);
    }
    dev_join(path, r->paths.front, "state");
    dev_read_text(h, path, r->front_text);
    dev_join(path, r->paths.front, "tty");
    dev_read_text(h, path, r->tty);
    if (r->d->has_back)
        dev_error_text(r->d, false, r->back_error);
    dev_error_text(r->d, true, r->front_error);
    r->f.back = xenbus_state_parse(r->back[NODE_STATE]);
    r->f.front = xenbus_state_parse(r->front_text);
    r->f.back_there = r->d->has_back && is_there(r, r->paths.back);
    r->f.front_there = is_there(r, r->paths.front);
    r->f.offline = str_eq(r->back[NODE_ONLINE], "0");
    r->f.front_text = r->front_text;
    r->f.tty = r->tty;
    r->f.physical = r->back[NODE_PHYSICAL];
    r->f.hotplug_status = r->back[NODE_STATUS];
    r->f.hotplug_error = r->back[NODE_HOTPLUG_ERROR];
    r->f.back_error = r->back_error;
    r->f.front_error = r->front_error;
}

static void read_server(struct reading *r)
{
    struct host *h = r->d->set->host;
    struct domo_err e = DOMO_ERR_INIT;
    char path[STORE_PATH_MAX];
    struct hyp_info info;

    if (!r->d->has_back)
        return;
    (void)snprintf(path, sizeof path, "/local/domain/%" PRIu32 "/name", r->d->back_domid);
    dev_read_text(h, path, r->server);
    r->f.server_is_us = dev_is_ours(r->d);
    r->f.driver_missing = r->f.server_is_us && dev_is_kernel_served(r->d) && !h->os->has_backend(h, r->d->back_name);
    if (r->f.server_is_us)
        return;
    if (h->hyp->info(h, r->d->back_domid, &info, &e))
        r->f.server_gone = e.code == DOMO_E_DOMAIN_NOT_FOUND;
    else
        r->f.server_gone = info.is_dying || info.is_shutdown;
    r->f.server_paused = !r->f.server_gone && e.code == DOMO_E_OK && info.is_paused;
}

static bool file_is_missing(struct host *h, const char *path)
{
    struct domo_err e = DOMO_ERR_INIT;
    struct os_target t;

    return h->os->target(h, path, &t, &e) && e.code == DOMO_E_DISK_NOT_FOUND;
}

/* A loop device is there only while it is set up. */
static bool resource_is_missing(struct host *h, const char *path)
{
    static const char loop[] = "/dev/loop";
    bool is_set_up = true;
    struct os_loop now;
    uint32_t number;

    if (!str_starts(path, loop) || str_to_u32(path + strlen(loop), &number))
        return path[0] == '/' && file_is_missing(h, path);
    return h->os->loop_get(h, number, &now, &is_set_up, NULL) == 0 && !is_set_up;
}

static void read_interface(struct reading *r)
{
    struct host *h = r->d->set->host;
    struct os_iface iface, bridge;
    bool has_iface = true, has_bridge = true;

    if (r->f.bridge && h->os->iface(h, r->f.bridge, &bridge, &has_bridge, NULL) == 0)
        r->f.bridge_missing = !has_bridge;
    if (!r->f.interface || h->os->iface(h, r->f.interface, &iface, &has_iface, NULL))
        return;
    r->f.interface_missing = !has_iface;
    r->f.interface_down = has_iface && !iface.is_up;
    /* A script of somebody's own may do without a bridge. */
    r->f.interface_alone = has_iface && r->f.bridge && !r->d->is_custom && iface.master == 0;
}

/* Only of this host: what a driver domain has can't be seen from here. */
static void read_host(struct reading *r)
{
    struct host *h = r->d->set->host;

    r->f.target = said(r, "target");
    r->f.bridge = said(r, "bridge");
    r->f.interface = said(r, "interface");
    r->f.emulated = said(r, "emulated");
    r->f.resource = r->back[NODE_RESOURCE];
    r->f.script = r->d->script;
    if (!r->f.server_is_us || !r->d->has_back)
        return;
    r->f.target_missing = r->f.target && r->f.target[0] == '/' && !r->d->is_custom && file_is_missing(h, r->f.target);
    r->f.resource_missing = r->f.resource[0] && resource_is_missing(h, r->f.resource);
    r->f.script_missing = r->d->is_custom && r->d->script && file_is_missing(h, r->d->script);
    read_interface(r);
}

static void gather(struct reading *r, const struct dev *d, const struct dev_surroundings *around)
{
    *r = (struct reading){.d = d, .row = json_new_object()};
    r->f = (struct explain_facts){
        .label = d->label,
        .kind = d->kind_name,
        .domid = d->set->domid,
        .guest_gone = around->guest_gone,
        .guest_dying = around->guest_dying,
        .guest_shutdown = around->guest_shutdown,
        .guest_crashed = around->guest_crashed,
        .guest_paused = around->guest_paused,
        .dm_ended = around->dm_ended,
        .back_domid = d->back_domid,
        .server = r->server,
        .module = dev_is_kernel_served(d) ? d->kind->module : NULL,
        .has_handshake = d->kind->has_handshake,
        .has_back = d->has_back,
        .wants_status = d->kind->has_hotplug_status,
        .wants_physical = d->kind->default_script && !d->kind->has_hotplug_status,
    };
    if (d->kind->describe)
        d->kind->describe(d, r->row);
    dev_paths(d, &r->paths);
    read_store(r);
    read_server(r);
    read_host(r);
}

static void see(struct json *seen, const char *what, const char *text)
{
    if (text && *text)
        json_set_str(seen, what, text);
}

static void see_state(struct json *seen, const char *end, bool has_end, enum xenbus_state state, const char *raw)
{
    char name[16];

    (void)snprintf(name, sizeof name, "%s-state", end);
    if (!has_end)
        json_set_str(seen, name, "gone");
    else if (state == XENBUS_UNKNOWN && raw[0])
        json_setf(seen, name, "'%s'", raw);
    else
        json_setf(seen, name, "%s (%d)", xenbus_state_name(state), (int)state);
}

/* What the diagnosis rests on, each under the name of its node or thing. */
static void add_seen(const struct reading *r, struct json *seen)
{
    const struct explain_facts *f = &r->f;

    if (f->has_handshake) {
        see_state(seen, "back", f->back_there, f->back, r->back[NODE_STATE]);
        see_state(seen, "front", f->front_there, f->front, r->front_text);
    }
    see(seen, "back-path", r->d->has_back ? r->paths.back : NULL);
    see(seen, "front-path", r->paths.front);
    if (f->offline)
        json_set_str(seen, "online", "0");
    see(seen, "hotplug-status", f->hotplug_status);
    see(seen, "hotplug-error", f->hotplug_error);
    see(seen, "back-error", f->back_error);
    see(seen, "front-error", f->front_error);
    see(seen, "module", f->server_is_us ? f->module : NULL);
    see(seen, "target", f->target);
    see(seen, "resource", f->resource);
    see(seen, "bridge", f->bridge);
    see(seen, "interface", f->interface);
    see(seen, "script", f->script);
    see(seen, "tty", f->tty);
}

/* Who should move next; NULL when nobody has to. */
static const char *mover_of(const struct reading *r)
{
    struct hs_look look = {.phase = r->f.offline ? HS_CLOSE : HS_RECONNECT, .back = r->f.back, .front = r->f.front};

    if (!r->f.has_handshake || !r->f.back_there)
        return NULL;
    if (r->f.wants_status && !str_eq(r->f.hotplug_status, "connected"))
        look.hotplug = r->f.server_is_us ? HS_PLUG_OURS : HS_PLUG_THEIRS;
    return handshake_mover(handshake_step(&look));
}

static void add_diagnosis(const struct reading *r, struct json *out)
{
    const struct explain_cause *cause = explain_device(&r->f);
    char *AUTO_FREE what = explain_text(cause->what, &r->f);
    char *AUTO_FREE advice = explain_text(cause->advice, &r->f);

    json_set_str(out, "kind", r->d->kind_name);
    json_set_int(out, "devid", r->d->devid);
    json_set_str(out, "label", r->d->label);
    json_set_int(out, "back_domid", r->d->has_back ? (int64_t)r->d->back_domid : -1);
    json_set_bool(out, "healthy", cause->healthy);
    json_set_str(out, "cause", cause->id);
    json_set_str(out, "side", explain_side_name(cause->side));
    json_set_str(out, "what", what ? what : "");
    json_set_str(out, "advice", advice ? advice : "");
    json_set_str(out, "waits_for", cause->healthy ? NULL : mover_of(r));
    add_seen(r, json_set_object(out, "seen"));
}

struct json *devset_explain(struct devset *set, const struct dev_surroundings *around, struct domo_err *err)
{
    struct json *list = json_new_array();

    for (size_t i = 0; i < set->devs.len; i++) {
        struct reading r;

        gather(&r, set->devs.at[i], around);
        add_diagnosis(&r, json_add_object(list));
        (void)json_free(r.row);
    }
    list = json_done(list);
    if (!list)
        (void)err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return list;
}
