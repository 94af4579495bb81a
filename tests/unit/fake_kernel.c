/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Drivers in miniature: the kernel's block and network back ends, the front
 * ends in guests, and the toolstack of a driver domain. One move at a time.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

enum { NAME_SIZE = FAKE_NAME_MAX, PATH_SIZE = FAKE_PATH_MAX };

static const char *get(const struct fake *f, const char *dir, const char *name)
{
    char *AUTO_FREE path = str_format("%s/%s", dir, name);

    return fake_read(f, path);
}

static int state(const struct fake *f, const char *dir)
{
    const char *text = get(f, dir, "state");

    return text ? (int)strtol(text, NULL, 10) : 0;
}

static void set(struct fake *f, const char *dir, const char *name, const char *value)
{
    char *AUTO_FREE path = str_format("%s/%s", dir, name);

    fake_write(f, path, value);
}

static bool set_state(struct fake *f, const char *dir, int s)
{
    char text[2] = {(char)('0' + s), '\0'};

    set(f, dir, "state", text);
    return true;
}

/* "error/" and the rest of the path, as kernels do. */
static void set_error(struct fake *f, const struct fake_place *at, const char *text)
{
    int skip = snprintf(NULL, 0, "/local/domain/%u/", at->owner);
    char *AUTO_FREE dir = str_format("/local/domain/%u/error/%s", at->owner, at->dir + skip);

    set(f, dir, "error", text);
}

static void want_by(int64_t *next_ms, int64_t ms)
{
    if (*next_ms < 0 || ms < *next_ms)
        *next_ms = ms;
}

/* ---- back ends ---- */

static void open_disk(struct fake *f, struct fake_back *b)
{
    const char *device = get(f, b->at.dir, "physical-device");
    unsigned major, minor;

    if (b->loop >= 0 || !device || sscanf(device, "%x:%x", &major, &minor) != 2 || major != 7 || minor >= FAKE_LOOPS)
        return;
    b->loop = (int)minor;
    f->loops[minor].opens++;
}

static void let_go(struct fake *f, struct fake_back *b)
{
    for (size_t i = 0; b->ifindex && i < f->ifaces.len; i++) {
        if (f->ifaces.at[i].iface.index == b->ifindex) {
            VEC_REMOVE(&f->ifaces, i);
            break;
        }
    }
    if (b->loop >= 0) {
        struct fake_loop *loop = &f->loops[b->loop];

        loop->opens--;
        if (loop->autoclear && loop->opens == 0)
            loop->configured = false;
    }
}

static bool unregister(struct fake *f, struct fake_back *b)
{
    b->gone = true;
    b->gone_ms = f->now_ms + f->kernel.linger_ms;
    return true;
}

static bool probe(struct fake *f, struct fake_back *b)
{
    if (f->kernel.back_stays)
        return false;
    if (f->kernel.back_fails) {
        set_error(f, &b->at, "2 creating the device");
        return set_state(f, b->at.dir, 5);
    }
    if (str_eq(b->at.kind, "vif") && b->at.owner == 0) {
        b->iface_wanted = true;
        b->iface_ms = f->now_ms + f->kernel.iface_delay_ms;
    }
    return set_state(f, b->at.dir, 2);
}

static bool close_back(struct fake *f, struct fake_back *b, int be)
{
    const char *online = get(f, b->at.dir, "online");

    if (f->kernel.back_never_closes)
        return be != 5 && set_state(f, b->at.dir, 5);
    if (be != 6)
        (void)set_state(f, b->at.dir, 6);
    return str_eq(online, "0") ? unregister(f, b) : be != 6;
}

static bool connect_back(struct fake *f, struct fake_back *b, int fe)
{
    if (str_eq(b->at.kind, "vbd") && (fe == 3 || fe == 4) && get(f, b->at.dir, "physical-device"))
        return set_state(f, b->at.dir, 4);
    if (str_eq(b->at.kind, "vif") && fe == 4 && str_eq(get(f, b->at.dir, "hotplug-status"), "connected"))
        return set_state(f, b->at.dir, 4);
    return false;
}

/* The toolstack of the driver domain: plugs once the back end waits. */
static bool plug_theirs(struct fake *f, struct fake_back *b)
{
    const char *status = get(f, b->at.dir, "hotplug-status");

    if (b->at.owner == 0 || (status && status[0]))
        return false;
    if (!f->kernel.their_error && str_eq(b->at.kind, "vbd"))
        set(f, b->at.dir, "physical-device", "ca:1");
    set(f, b->at.dir, "hotplug-status", f->kernel.their_error ? f->kernel.their_error : "connected");
    return true;
}

static bool move_back(struct fake *f, struct fake_back *b, int64_t *next_ms)
{
    bool there = get(f, b->at.dir, "state") != NULL;
    int be = state(f, b->at.dir), fe = state(f, b->front);

    if (b->gone) {
        want_by(next_ms, b->gone_ms);
        return false;
    }
    if (!there)
        return unregister(f, b);
    if (b->iface_wanted && f->now_ms >= b->iface_ms) {
        b->iface_wanted = false;
        fake_add_iface(f, b->ifname);
        b->ifindex = f->next_index;
        return true;
    }
    if (b->iface_wanted)
        want_by(next_ms, b->iface_ms);
    if (str_eq(b->at.kind, "vbd") && b->at.owner == 0)
        open_disk(f, b);
    if (be == 1)
        return probe(f, b);
    if (fe == 0) {
        if (f->kernel.back_never_closes)
            return false;
        if (be == 5)
            (void)set_state(f, b->at.dir, 6);
        return unregister(f, b);
    }
    if (fe == 6 && be != 2)
        return close_back(f, b, be);
    if (fe == 5 && be >= 2 && be <= 4)
        return set_state(f, b->at.dir, 5);
    if (be == 2)
        return plug_theirs(f, b) || connect_back(f, b, fe);
    return false;
}

static bool finish_gone(struct fake *f)
{
    for (size_t i = 0; i < f->backs.len; i++) {
        struct fake_back *b = &f->backs.at[i];

        if (!b->gone || f->now_ms < b->gone_ms)
            continue;
        let_go(f, b);
        if (b->at.owner != 0)
            fake_rm(f, b->at.dir);
        VEC_REMOVE(&f->backs, i);
        return true;
    }
    return false;
}

static bool is_served(const struct fake *f, const struct fake_place *at)
{
    const struct fake_kernel *k = &f->kernel;

    if (at->owner != 0)
        return k->driver_domain == at->owner;
    return (str_eq(at->kind, "vbd") && k->has_vbd) || (str_eq(at->kind, "vif") && k->has_vif);
}

static bool find_new_back(struct fake *f, const struct fake_place *at)
{
    struct fake_back *b;

    if (!is_served(f, at) || !get(f, at->dir, "frontend") || state(f, at->dir) != 1)
        return false;
    for (size_t i = 0; i < f->backs.len; i++) {
        if (str_eq(f->backs.at[i].at.dir, at->dir))
            return false;
    }
    b = FAKE_PUSH(&f->backs);
    b->at = *at;
    b->loop = -1;
    (void)snprintf(b->front, sizeof b->front, "%s", get(f, at->dir, "frontend"));
    (void)snprintf(b->ifname, sizeof b->ifname, "vif%u.%u", at->domid, at->devid);
    return true;
}

/* ---- front ends ---- */

static bool is_paused(const struct fake *f, uint32_t domid)
{
    for (size_t i = 0; i < f->domains.len; i++) {
        if (f->domains.at[i].info.domid == domid)
            return f->domains.at[i].info.is_paused;
    }
    return true;
}

static bool publish_rings(struct fake *f, const struct fake_place *at)
{
    set(f, at->dir, "event-channel", "17");
    if (str_eq(at->kind, "vbd")) {
        set(f, at->dir, "ring-ref", "8");
        return set_state(f, at->dir, 3);
    }
    set(f, at->dir, "tx-ring-ref", "768");
    set(f, at->dir, "rx-ring-ref", "769");
    return set_state(f, at->dir, 4);
}

static bool move_front(struct fake *f, const struct fake_place *at)
{
    const char *back = get(f, at->dir, "backend");
    int fe = state(f, at->dir), be = back ? state(f, back) : 0;

    if (f->kernel.front_absent || !back || is_paused(f, at->domid))
        return false;
    if ((be == 5 || be == 6) && fe >= 1 && fe <= 4)
        return !f->kernel.front_keeps && set_state(f, at->dir, 5);
    if (fe == 5 && (be == 5 || be == 6))
        return set_state(f, at->dir, 6);
    if (fe == 1 && be == 2 && f->kernel.front_fails) {
        set_error(f, at, "12 allocating the ring");
        return set_state(f, at->dir, 5);
    }
    if (fe == 1 && be == 2)
        return publish_rings(f, at);
    return fe == 3 && be == 4 && set_state(f, at->dir, 4);
}

/* ---- both ---- */

/* Is "path" the state node of a device? */
static bool parse_place(const char *path, struct fake_place *ret, bool *ret_is_back)
{
    size_t len = strlen(path), tail = strlen("/state");

    if (len <= tail || len >= PATH_SIZE || !str_eq(path + len - tail, "/state"))
        return false;
    memset(ret, 0, sizeof *ret);
    memcpy(ret->dir, path, len - tail);
    if (sscanf(ret->dir, "/local/domain/%u/backend/%31[^/]/%u/%u", &ret->owner, ret->kind, &ret->domid, &ret->devid) ==
        4) {
        *ret_is_back = true;
        return true;
    }
    *ret_is_back = false;
    ret->domid = 0;
    if (sscanf(ret->dir, "/local/domain/%u/device/%31[^/]/%u", &ret->owner, ret->kind, &ret->devid) != 3)
        return false;
    ret->domid = ret->owner;
    return true;
}

bool fake_kernel_step(struct fake *f, int64_t *next_ms)
{
    *next_ms = -1;
    if (finish_gone(f))
        return true;
    for (size_t i = 0; i < f->tree.list.len; i++) {
        struct fake_place at;
        bool is_back;

        if (!parse_place(f->tree.list.at[i].path, &at, &is_back))
            continue;
        if (is_back ? find_new_back(f, &at) : move_front(f, &at))
            return true;
    }
    for (size_t i = 0; i < f->backs.len; i++) {
        if (move_back(f, &f->backs.at[i], next_ms))
            return true;
    }
    return false;
}
