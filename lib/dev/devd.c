/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The loop of a driver domain's daemon: which devices there are, and when each
 * is to be looked at.
 */
#include "dev/devd.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "dev/devd_impl.h"

static const char WATCH_TOKEN[] = "domo-devd";

/* libxenstore does not wake who waits when its server has gone: so one asks, from time to time. */
enum { ALIVE_MS = 5000 };

/* "KIND/DOMID/DEVID[/LEAF]" below our back ends. */
struct place {
    char kind[DEV_KIND_MAX];
    uint32_t domid, devid;
    const char *leaf; /* "" = the device's own directory */
};

static int root_of(const struct devd *s, char out[STORE_PATH_MAX], struct domo_err *err)
{
    return store_path(out, err, "/local/domain/%" PRIu32 "/backend", s->host->domid);
}

/* Takes "PART[/]" off; false if it is empty or does not fit. */
static bool take_part(const char **text, char *out, size_t size)
{
    size_t n = strcspn(*text, "/");

    if (n == 0 || n >= size)
        return false;
    memcpy(out, *text, n);
    out[n] = '\0';
    *text += n + ((*text)[n] == '/');
    return true;
}

static bool parse_place(const char *below, struct place *ret)
{
    char domid[16], devid[16];

    if (!take_part(&below, ret->kind, sizeof ret->kind) || !take_part(&below, domid, sizeof domid) ||
        !take_part(&below, devid, sizeof devid) || str_to_u32(domid, &ret->domid) || str_to_u32(devid, &ret->devid))
        return false;
    ret->leaf = below;
    return true;
}

static struct served *find(struct devd *s, const struct place *p)
{
    for (size_t i = 0; i < s->devices.len; i++) {
        struct served *v = s->devices.at[i];

        if (v->devid == p->devid && v->domid == p->domid && str_eq(v->back_name, p->kind))
            return v;
    }
    return NULL;
}

static int look_at(struct devd *s, const struct place *p, struct domo_err *err)
{
    struct served *v = find(s, p);

    if (!v)
        v = served_new(s, p->kind, p->domid, p->devid);
    if (!v)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    v->look = true;
    return 0;
}

/* What kernels write besides is none of our business. */
static bool is_interesting(const char *leaf)
{
    return !leaf[0] || str_eq(leaf, "state") || str_eq(leaf, "online");
}

static int on_change(struct devd *s, const char *path, struct domo_err *err)
{
    char root[STORE_PATH_MAX];
    struct place p;

    if (root_of(s, root, err))
        return -1;
    if (!str_starts(path, root))
        return 0;
    path += strlen(root);
    if (path[0] != '/' || !parse_place(path + 1, &p)) {
        s->rescan = true;
        return 0;
    }
    return is_interesting(p.leaf) ? look_at(s, &p, err) : 0;
}

/* ---- the whole tree ---- */

/* The names of a directory of ours; one that is gone, or not ours to read, has none. */
static int names_in(struct devd *s, const char *dir, char ***ret, size_t *ret_n, struct domo_err *err)
{
    *ret = NULL;
    *ret_n = 0;
    if (store_list(s->host, 0, dir, ret, ret_n, err) == 0)
        return 0;
    if (err->code != DOMO_E_PERMISSION)
        return -1;
    err_clear(err);
    return 0;
}

static int scan_guest(struct devd *s, const char *dir, const char *kind, const char *guest, struct domo_err *err)
{
    char path[STORE_PATH_MAX], below[STORE_PATH_MAX];
    char **AUTO_FREE names = NULL;
    struct place p;
    size_t n;

    if (store_path(path, err, "%s/%s", dir, guest) || names_in(s, path, &names, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (store_path(below, err, "%s/%s/%s", kind, guest, names[i]))
            return -1;
        if (parse_place(below, &p) && !p.leaf[0] && look_at(s, &p, err))
            return -1;
    }
    return 0;
}

static int scan_kind(struct devd *s, const char *root, const char *kind, struct domo_err *err)
{
    char dir[STORE_PATH_MAX];
    char **AUTO_FREE guests = NULL;
    size_t n;

    if (store_path(dir, err, "%s/%s", root, kind) || names_in(s, dir, &guests, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (scan_guest(s, dir, kind, guests[i], err))
            return -1;
    return 0;
}

/* Devices that came are found; those that we know are looked at again, as they may have gone. */
static int scan(struct devd *s, struct domo_err *err)
{
    char root[STORE_PATH_MAX];
    char **AUTO_FREE kinds = NULL;
    size_t n;

    s->rescan = false;
    for (size_t i = 0; i < s->devices.len; i++)
        s->devices.at[i]->look = true;
    if (root_of(s, root, err) || names_in(s, root, &kinds, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (scan_kind(s, root, kinds[i], err))
            return -1;
    return 0;
}

/* ---- what a daemon that was killed left ---- */

/* A loop device of ours that no device's directory names: it was attached, but not written down. */
static int free_orphan(struct devd *s, const struct os_loop *loop, struct domo_err *err)
{
    char path[STORE_PATH_MAX], expected[32];
    char *AUTO_FREE node = NULL;
    struct loop_tag tag;
    uint32_t domid;

    if (!loop_tag_parse(loop->tag, &tag) || !serve_tag_domid(tag.uuid, &domid))
        return 0;
    if (store_path(path, err, "/local/domain/%" PRIu32 "/backend/%s/%" PRIu32 "/%" PRIu32 "/node", s->host->domid,
                   tag.kind, domid, tag.devid) ||
        store_read_opt(s->host, 0, path, &node, err))
        return -1;
    (void)snprintf(expected, sizeof expected, "/dev/loop%" PRIu32, loop->number);
    return str_eq(node, expected) ? 0 : s->host->os->loop_detach(s->host, loop->number, err);
}

static int free_orphans(struct devd *s, struct domo_err *err)
{
    struct os_loop *AUTO_FREE loops = NULL;
    size_t n;

    /* A kernel without loop devices has none to free. */
    if (s->host->os->loop_list(s->host, NULL, 0, &loops, &n, NULL))
        return 0;
    for (size_t i = 0; i < n; i++)
        if (free_orphan(s, &loops[i], err))
            return -1;
    return 0;
}

/* ---- the loop ---- */

static void forget(struct devd *s, size_t i)
{
    served_free(s->devices.at[i]);
    VEC_REMOVE(&s->devices, i);
}

static int step_all(struct devd *s, int64_t *deadline_ms, struct domo_err *err)
{
    int64_t now = s->host->env->now_ms(s->host);

    *deadline_ms = -1;
    s->op.n_fds = 0;
    for (size_t i = s->devices.len; i-- > 0;) {
        struct served *v = s->devices.at[i];
        enum plan_wait r = PLAN_DONE;

        if (!v->look)
            continue;
        v->look = false;
        if (served_step(v, now, deadline_ms, &r, err))
            return -1;
        v->look = r == PLAN_AGAIN;
        if (r == PLAN_FAILED)
            forget(s, i);
    }
    return 0;
}

static int drain(struct devd *s, struct domo_err *err)
{
    struct store_event e;
    bool any = true;

    for (;;) {
        int r;

        if (store_next_event(s->host, &e, &any, err))
            return -1;
        if (!any)
            return 0;
        r = str_eq(e.token, WATCH_TOKEN) ? on_change(s, e.path, err) : 0;
        store_event_fini(&e);
        if (r)
            return -1;
    }
}

static int check_store(struct devd *s, struct domo_err *err)
{
    char *AUTO_FREE text = NULL;

    return store_read_opt(s->host, 0, "domid", &text, err);
}

static int wait_for(struct devd *s, int64_t deadline_ms, struct domo_err *err)
{
    int64_t alive_ms = s->host->env->now_ms(s->host) + ALIVE_MS;
    struct pollfd fds[PLAN_FDS_MAX + 1];
    size_t n = s->op.n_fds;
    int ready;

    deadline_min(&deadline_ms, alive_ms);
    memcpy(fds, s->op.fds, n * sizeof fds[0]);
    fds[n++] = (struct pollfd){.fd = s->host->store->fd(s->host), .events = POLLIN};
    ready = s->host->env->wait(s->host, fds, n, deadline_ms, err);
    if (ready < 0)
        return -1;
    return ready == 0 && deadline_ms == alive_ms ? check_store(s, err) : 0;
}

static void tell_ready(const struct devd *s)
{
    struct json *AUTO_JSON event = json_new_object();

    json_set_str(event, "event", "ready");
    json_set_int(event, "domid", s->host->domid);
    json_set_int(event, "devices", (int64_t)s->devices.len);
    if (s->opt->on_event && event)
        s->opt->on_event(s->opt->on_event_arg, event);
}

static int serve(struct devd *s, struct domo_err *err)
{
    bool told = false;
    int64_t deadline;

    for (;;) {
        if (drain(s, err) || (s->rescan && scan(s, err)) || step_all(s, &deadline, err))
            return -1;
        if (!told)
            tell_ready(s);
        told = true;
        if (wait_for(s, deadline, err))
            return -1;
    }
}

int devd_run(struct host *h, const struct devd_options *opt, struct domo_err *err)
{
    struct devd s = {.host = h, .opt = opt, .op = {.host = h}, .rescan = true};
    char root[STORE_PATH_MAX];
    int r;

    if (h->domid == 0) {
        (void)err_set(err, DOMO_E_UNSUPPORTED,
                      "this is domain 0: its devices are plugged by the commands that make them");
        return err_hint(err, "run it in a driver domain, a guest with driver_domain=1");
    }
    if (root_of(&s, root, err) || store_watch(h, root, WATCH_TOKEN, err))
        return -1;
    r = free_orphans(&s, err) ? -1 : serve(&s, err);
    while (s.devices.len)
        forget(&s, s.devices.len - 1);
    VEC_FINI(&s.devices);
    IGNORE(store_unwatch(h, root, WATCH_TOKEN, NULL));
    if (r == 0 || err->code != DOMO_E_CANCELLED)
        return r;
    err_clear(err);
    return 0;
}
