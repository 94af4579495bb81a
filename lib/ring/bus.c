/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The devices of one kind: found by a watch on the directory above them.
 */
#include "ring/bus.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "ring/bus_impl.h"

enum { EVENTS_AT_ONCE = 256 };

/* ---- devices ---- */

static struct bus_device *find(const struct bus *b, uint32_t domid, uint32_t devid)
{
    for (size_t i = 0; i < b->devices.len; i++)
        if (b->devices.at[i]->domid == domid && b->devices.at[i]->devid == devid)
            return b->devices.at[i];
    return NULL;
}

static struct bus_device *add(struct bus *b, uint32_t domid, uint32_t devid)
{
    struct bus_device **slot = VEC_PUSH(&b->devices);
    struct bus_device *d = slot ? calloc(1, sizeof *d) : NULL;

    if (!d) {
        b->devices.len -= slot ? 1 : 0;
        return NULL;
    }
    *slot = d;
    d->bus = b;
    d->domid = domid;
    d->devid = devid;
    (void)snprintf(d->back, sizeof d->back, "%s/%" PRIu32 "/%" PRIu32, b->root, domid, devid);
    (void)snprintf(d->error, sizeof d->error, "/local/domain/%" PRIu32 "/error/backend/%s/%" PRIu32 "/%" PRIu32,
                   b->host->domid, b->driver.kind, domid, devid);
    (void)snprintf(d->token, sizeof d->token, "domo-front:%" PRIu32 "/%" PRIu32, domid, devid);
    return d;
}

/* Those whose end has come. */
static void forget_over(struct bus *b)
{
    for (size_t i = b->devices.len; i-- > 0;)
        if (b->devices.at[i]->is_over) {
            struct bus_device *d = b->devices.at[i];

            VEC_REMOVE(&b->devices, i);
            bus_device_free(d);
        }
}

/* Something changed below a device's directory, or may have. */
static int look_at(struct bus *b, uint32_t domid, uint32_t devid, struct domo_err *err)
{
    struct bus_device *d = find(b, domid, devid);
    int r;

    if (d) {
        r = bus_device_step(d, err);
    } else {
        d = add(b, domid, devid);
        r = d ? bus_device_begin(d, err) : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    forget_over(b);
    return r;
}

/* ---- the directory ---- */

static int scan_domain(struct bus *b, const char *name, struct domo_err *err)
{
    char path[STORE_PATH_MAX];
    char **AUTO_FREE names = NULL;
    uint32_t domid, devid;
    size_t n = 0;

    if (str_to_u32(name, &domid))
        return 0;
    if (store_path(path, err, "%s/%" PRIu32, b->root, domid) || store_list(b->host, 0, path, &names, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (str_to_u32(names[i], &devid) == 0 && look_at(b, domid, devid, err))
            return -1;
    return 0;
}

static int scan(struct bus *b, struct domo_err *err)
{
    char **AUTO_FREE names = NULL;
    size_t n = 0;

    /* Those that have gone with the directory are told first. */
    for (size_t i = 0; i < b->devices.len; i++)
        if (bus_device_step(b->devices.at[i], err))
            return -1;
    forget_over(b);
    if (store_list(b->host, 0, b->root, &names, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (scan_domain(b, names[i], err))
            return -1;
    return 0;
}

/* ---- events ---- */

/* "/5/51712/state" into its numbers; false if it is above a device. */
static bool parse_below(const char *text, uint32_t *ret_domid, uint32_t *ret_devid)
{
    uint32_t *const rets[] = {ret_domid, ret_devid};

    for (size_t i = 0; i < ARRAY_LEN(rets); i++) {
        char digits[11];
        size_t n;

        if (*text++ != '/')
            return false;
        n = strspn(text, "0123456789");
        if (n == 0 || n >= sizeof digits)
            return false;
        memcpy(digits, text, n);
        digits[n] = '\0';
        if (str_to_u32(digits, rets[i]))
            return false;
        text += n;
    }
    return *text == '\0' || *text == '/';
}

/* What we write ourselves comes back as events, too; only two nodes of a known device are the toolstack's to change. */
static bool is_ours(const char *path)
{
    const char *leaf = strrchr(path, '/');

    return leaf && !str_eq(leaf, "/state") && !str_eq(leaf, "/online");
}

static int on_tree(struct bus *b, const char *path, struct domo_err *err)
{
    size_t len = strlen(b->root);
    uint32_t domid, devid;
    const char *below = path + len;

    if (!str_starts(path, b->root))
        return 0;
    if (!parse_below(below, &domid, &devid))
        return scan(b, err);
    if (find(b, domid, devid) && strchr(strchr(below + 1, '/') + 1, '/') && is_ours(path))
        return 0;
    return look_at(b, domid, devid, err);
}

static int on_front(struct bus *b, const char *token, struct domo_err *err)
{
    for (size_t i = 0; i < b->devices.len; i++)
        if (str_eq(b->devices.at[i]->token, token)) {
            int r = bus_device_step(b->devices.at[i], err);

            forget_over(b);
            return r;
        }
    return 0;
}

/* Not more at once than others can wait for: a guest may change its state all the time. */
static int take_store_events(struct bus *b, struct domo_err *err)
{
    for (int i = 0; i < EVENTS_AT_ONCE; i++) {
        struct store_event event = {NULL, NULL};
        bool any = false;
        int r = 0;

        if (store_next_event(b->host, &event, &any, err))
            return -1;
        if (!any)
            return 0;
        if (str_eq(event.token, b->token))
            r = on_tree(b, event.path, err);
        else
            r = on_front(b, event.token, err);
        store_event_fini(&event);
        if (r)
            return -1;
    }
    return 0;
}

static int take_port_events(struct bus *b, struct domo_err *err)
{
    const struct link_ops *link = b->host->link;

    for (;;) {
        bool any = false;
        uint32_t port = 0;

        if (link->next_port(b->host, &port, &any, err))
            return -1;
        if (!any)
            return 0;
        for (size_t i = 0; i < b->devices.len; i++)
            if (b->devices.at[i]->has_port && b->devices.at[i]->port == port) {
                b->devices.at[i]->is_busy = true;
                b->devices.at[i]->is_masked = true;
            }
    }
}

static int serve(struct bus *b, struct domo_err *err)
{
    for (size_t i = 0; i < b->devices.len; i++)
        if (b->devices.at[i]->is_busy && bus_device_serve(b->devices.at[i], err))
            return -1;
    return 0;
}

static bool is_busy(const struct bus *b)
{
    for (size_t i = 0; i < b->devices.len; i++)
        if (b->devices.at[i]->is_busy)
            return true;
    return false;
}

int bus_fds(struct bus *b, int ret[2], struct domo_err *err)
{
    ret[0] = b->host->store->fd(b->host);
    return b->host->link->fd(b->host, &ret[1], err);
}

int bus_dispatch(struct bus *b, int64_t timeout_ms, struct domo_err *err)
{
    int64_t now = b->host->env->now_ms(b->host);
    struct pollfd fds[2] = {{.events = POLLIN}, {.events = POLLIN}};
    int both[2];

    if (bus_fds(b, both, err))
        return -1;
    fds[0].fd = both[0];
    fds[1].fd = both[1];
    if (is_busy(b))
        timeout_ms = 0;
    if (b->host->env->wait(b->host, fds, 2, timeout_ms < 0 ? -1 : now + timeout_ms, err) < 0)
        return -1;
    if (take_store_events(b, err) || take_port_events(b, err) || serve(b, err))
        return -1;
    return is_busy(b);
}

/* ---- opening ---- */

/* Two processes would take each other's devices away. */
static int lock(struct bus *b, struct domo_err *err)
{
    const char *dir = b->host->paths.own_run;
    char *AUTO_FREE path = str_format("%s/backend-%s.lock", dir, b->driver.kind);
    int r = fs_mkdirs(dir, 0755);

    if (!path)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    b->lock_fd = r < 0 ? r : open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (b->lock_fd < 0)
        return err_sys(err, r == -EACCES || errno == EACCES ? DOMO_E_PERMISSION : DOMO_E_IO, r < 0 ? -r : errno,
                       "can't use the lock '%s'", path);
    if (flock(b->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return err_set(err, DOMO_E_DEVICE_IN_USE, "another process serves the back ends of kind '%s' in domain %" PRIu32,
                   b->driver.kind, b->host->domid);
}

static bool is_word(const char *s)
{
    return s && s[0] && strlen(s) < BUS_KIND_MAX && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

static int check_driver(const struct bus_driver *d, struct domo_err *err)
{
    if (!is_word(d->kind))
        return err_set(err, DOMO_E_USAGE, "'%s' can't be a kind of devices", d->kind ? d->kind : "");
    if (!d->serve || d->ring_count < 1 || d->ring_count > BUS_RINGS_MAX || d->max_ring_order > 4)
        return err_set(err, DOMO_E_USAGE, "a back end driver has 1 to %d rings of up to %d pages, and serves them",
                       (int)BUS_RINGS_MAX, (int)BUS_RING_PAGES_MAX);
    for (size_t i = 0; i < d->ring_count; i++)
        if (!is_word(d->rings[i].name) || d->rings[i].slot_size < 4 || !ring_slots(1, d->rings[i].slot_size))
            return err_set(err, DOMO_E_USAGE, "ring %zu has no name, or slots that do not fit a page", i);
    return 0;
}

static int start(struct bus *b, struct domo_err *err)
{
    if (store_path(b->root, err, "/local/domain/%" PRIu32 "/backend/%s", b->host->domid, b->driver.kind) ||
        lock(b, err) || store_watch(b->host, b->root, b->token, err))
        return -1;
    b->is_watching = true;
    return scan(b, err);
}

int bus_open(struct host *h, const struct bus_driver *driver, struct bus **ret, struct domo_err *err)
{
    struct bus *b;

    if (check_driver(driver, err))
        return -1;
    b = calloc(1, sizeof *b);
    if (!b)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    b->host = h;
    b->driver = *driver;
    b->lock_fd = -1;
    (void)snprintf(b->token, sizeof b->token, "domo-back:%s", driver->kind);
    if (start(b, err)) {
        (void)bus_close(b);
        return -1;
    }
    *ret = b;
    return 0;
}

struct bus *bus_close(struct bus *b)
{
    if (!b)
        return NULL;
    if (b->is_watching)
        IGNORE(store_unwatch(b->host, b->root, b->token, NULL));
    for (size_t i = 0; i < b->devices.len; i++)
        bus_device_free(b->devices.at[i]);
    VEC_FINI(&b->devices);
    if (b->lock_fd >= 0)
        (void)close(b->lock_fd);
    free(b);
    return NULL;
}
