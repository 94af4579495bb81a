/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The kernel of a domain that serves devices, domain 0 or a driver domain: finds
 * those that a toolstack makes in it, hands each to the driver of its kind, and
 * tells drivers what happens.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sim/back.h"
#include "sim/world.h"

/* In the order in which they are handled. */
enum back_event { EVENT_PROBE = 1, EVENT_OWN = 2, EVENT_FRONT = 4, EVENT_REMOVE = 8 };

static const char bus_token[] = "bus";

/* Those that are more than a row. */
static const struct back_kind *const kinds[] = {&back_kind_pci, &back_kind_qdisk, &back_kind_vbd, &back_kind_vif};

/* All kinds; NULL behind the last. */
static const struct back_kind *kind_at(size_t i)
{
    return i < ARRAY_LEN(kinds) ? kinds[i] : back_rows_at(i - ARRAY_LEN(kinds));
}

static bool is_loaded(const struct backs *bs, const struct back_kind *kind)
{
    return bs->driver ? world_serves(bs->driver, kind->name) : world_has_back(sim_world(bs->sim), kind->name);
}

/* ---- what drivers use ---- */

void back_switch(struct back *b, enum xenbus state)
{
    if (b->state == (int)state)
        return;
    if (xenbus_set_state(b->all->xs, b->dir, (int)state) == 0)
        b->state = (int)state;
}

void back_fail(struct back *b, int err, const char *fmt, ...)
{
    char *AUTO_FREE dir = str_format("/local/domain/%" PRIu32 "/error/backend/%s", b->all->domid, b->token);
    char text[256];
    va_list ap;
    int n;

    n = snprintf(text, sizeof text, "%d ", err);
    va_start(ap, fmt);
    IGNORE(vsnprintf(text + n, sizeof text - (size_t)n, fmt, ap) < 0);
    va_end(ap);
    if (dir)
        IGNORE(xsc_write(b->all->xs, 0, dir, "error", text));
    back_switch(b, XB_CLOSING);
}

bool back_is_online(struct back *b)
{
    uint32_t online;

    return xsc_read_u32(b->all->xs, 0, b->dir, "online", &online) == 0 && online != 0;
}

int back_map(struct back *b, uint32_t ref, struct back_page *ret)
{
    const struct line *line = &b->all->line;
    int rc = line->ops->map(line->arg, b->domid, ref, true, &ret->page);

    if (rc) {
        ret->page = NULL;
        back_fail(b, -rc, "mapping in shared page %" PRIu32 " from domain %" PRIu32, ref, b->domid);
        return rc;
    }
    ret->ref = ref;
    return 0;
}

void back_unmap(struct back *b, struct back_page *p)
{
    const struct line *line = &b->all->line;

    if (p->page)
        line->ops->unmap(line->arg, b->domid, p->ref, p->page);
    p->page = NULL;
}

int back_bind(struct back *b, uint32_t remote_port)
{
    const struct line *line = &b->all->line;
    int port = line->ops->port_bind(line->arg, b->domid, remote_port);
    int rc = port < 0 ? port : line->ops->port_listen(line->arg, (uint32_t)port, back_kicked, b);

    if (rc < 0 && port >= 0)
        line->ops->port_close(line->arg, (uint32_t)port);
    return rc < 0 ? rc : port;
}

void back_unbind(struct back *b, int *port)
{
    const struct line *line = &b->all->line;

    if (*port >= 0) {
        IGNORE(line->ops->port_listen(line->arg, (uint32_t)*port, NULL, NULL));
        line->ops->port_close(line->arg, (uint32_t)*port);
    }
    *port = -1;
}

void back_kicked(void *arg)
{
    struct back *b = arg;

    if (b->is_busy)
        return;
    b->is_busy = true;
    b->next_busy = b->all->busy;
    b->all->busy = b;
}

/* ---- devices ---- */

static struct back *find(struct backs *bs, const char *token)
{
    struct back *b;

    HASH_FIND_STR(bs->by_token, token, b);
    return b;
}

static void unlink_busy(struct back *b)
{
    struct back **at = &b->all->busy;

    while (*at && *at != b)
        at = &(*at)->next_busy;
    if (*at)
        *at = b->next_busy;
}

/* The driver is taken off the device. A toolstack that wrote Closing waits for Closed, though the guest may have had
 * nothing to close; else the node stays as it is, for whoever binds it again. */
static void unregister(struct back *b)
{
    if (xenbus_state(b->all->xs, b->dir) == XB_CLOSING)
        back_switch(b, XB_CLOSED);
}

static void forget(struct back *b)
{
    struct backs *bs = b->all;

    if (b->is_probed)
        b->kind->remove(b);
    if (b->timer)
        sim_cancel(bs->sim, b->timer);
    if (b->is_watching) {
        char *AUTO_FREE path = str_format("%s/state", b->front);

        if (path)
            IGNORE(xsc_unwatch(bs->xs, path, b->token));
    }
    unlink_busy(b);
    HASH_DEL(bs->by_token, b);
    free(b->front);
    free(b);
}

/* As the bus does it: the other end's directory is read once, when the device is found. */
static bool watch_front(struct back *b)
{
    char *AUTO_FREE path = str_format("%s/state", b->front);

    b->is_watching = path && xsc_watch(b->all->xs, path, b->token) == 0;
    return b->is_watching;
}

static bool start(struct back *b)
{
    if (xsc_read(b->all->xs, 0, b->dir, "frontend", &b->front))
        return false;
    b->state = XB_INITIALISING;
    b->is_probed = true;
    if (!b->kind->probe(b) || !watch_front(b))
        return false;
    b->events |= EVENT_OWN; /* as a new watch does */
    return true;
}

/* One event, the most urgent. False when the device is gone. */
static bool handle(struct back *b)
{
    if (b->events & EVENT_REMOVE) {
        forget(b);
        return false;
    }
    if (b->events & EVENT_PROBE) {
        b->events &= ~(unsigned)EVENT_PROBE;
        b->is_bound = start(b);
    } else if (!b->is_bound) {
        b->events = 0;
    } else if (b->events & EVENT_OWN) {
        b->events &= ~(unsigned)EVENT_OWN;
        b->kind->own_changed(b);
    } else if (b->events & EVENT_FRONT) {
        b->events &= ~(unsigned)EVENT_FRONT;
        if (b->kind->front_changed(b, xenbus_state(b->all->xs, b->front))) {
            b->kind->remove(b);
            unregister(b);
            forget(b);
            return false;
        }
    }
    return true;
}

static void due(void *arg);

static void schedule(struct back *b)
{
    struct sim *sim = b->all->sim;
    int64_t timer;

    if (b->timer || !b->events)
        return;
    timer = sim_at(sim, sim_now_ms(sim) + sim_world(sim)->back_delay_ms, due, b);
    b->timer = timer > 0 ? timer : 0;
}

static void due(void *arg)
{
    struct back *b = arg;

    b->timer = 0;
    if (handle(b))
        schedule(b);
}

static void tell(struct back *b, enum back_event event)
{
    bool is_slow = sim_world(b->all->sim)->back_delay_ms > 0;

    b->events |= event;
    if (is_slow && !(b->events & EVENT_REMOVE)) {
        schedule(b);
        return;
    }
    while (b->events && handle(b))
        ;
}

static struct back *add(struct backs *bs, const struct back_kind *kind, uint32_t domid, uint32_t devid,
                        const char *token)
{
    struct back *b = calloc(1, sizeof *b);

    if (!b)
        return NULL;
    b->all = bs;
    b->kind = kind;
    b->domid = domid;
    b->devid = devid;
    (void)snprintf(b->token, sizeof b->token, "%s", token);
    (void)snprintf(b->dir, sizeof b->dir, "%s%s", bs->root, token);
    HASH_ADD_STR(bs->by_token, token, b);
    if (!find(bs, token)) { /* out of memory */
        free(b);
        return NULL;
    }
    return b;
}

/* ---- the bus ---- */

/* "kind/domid/devid" and what follows. */
struct place {
    const struct back_kind *kind;
    uint32_t domid, devid;
    char token[40];
    const char *leaf; /* "" = the device's own directory */
};

static const char *number(const char *text, uint32_t *ret)
{
    char digits[11];
    size_t n = strspn(text, "0123456789");

    if (n == 0 || n >= sizeof digits)
        return NULL;
    memcpy(digits, text, n);
    digits[n] = '\0';
    return str_to_u32(digits, ret) ? NULL : text + n;
}

static bool parse_place(const struct backs *bs, const char *path, struct place *ret)
{
    const char *at;

    memset(ret, 0, sizeof *ret);
    if (!str_starts(path, bs->root))
        return false;
    path += strlen(bs->root);
    for (size_t i = 0; kind_at(i); i++) {
        size_t n = strlen(kind_at(i)->name);

        if (strncmp(path, kind_at(i)->name, n) == 0 && path[n] == '/')
            ret->kind = kind_at(i);
    }
    if (!ret->kind)
        return false;
    at = number(path + strlen(ret->kind->name) + 1, &ret->domid);
    at = at && *at == '/' ? number(at + 1, &ret->devid) : NULL;
    if (!at || (*at && *at != '/') || ret->devid < ret->kind->first_devid)
        return false;
    ret->leaf = *at ? at + 1 : at;
    (void)snprintf(ret->token, sizeof ret->token, "%s/%" PRIu32 "/%" PRIu32, ret->kind->name, ret->domid, ret->devid);
    return true;
}

/* A directory above devices changed: those below it that are not there any more have gone with it. */
static void check_below(struct backs *bs, const char *path)
{
    size_t len = strlen(path);
    struct back *b, *next;

    for (b = bs->by_token; b; b = next) {
        next = b->hh.next;
        if (strncmp(b->dir, path, len) == 0 && b->dir[len] == '/' && !xsc_exists(bs->xs, 0, b->dir, NULL))
            tell(b, EVENT_REMOVE);
    }
}

/* What is on its way out after Closed is not begun again. */
static bool is_new(struct backs *bs, const struct place *p)
{
    char dir[sizeof bs->root + sizeof p->token];

    (void)snprintf(dir, sizeof dir, "%s%s", bs->root, p->token);
    return xenbus_state(bs->xs, dir) == XB_INITIALISING;
}

/* The device's own directory changed, or may have. */
static void on_device(struct backs *bs, const struct place *p)
{
    struct back *b = find(bs, p->token);

    if (b) {
        if (!xsc_exists(bs->xs, 0, b->dir, NULL))
            tell(b, EVENT_REMOVE);
        return;
    }
    b = is_new(bs, p) ? add(bs, p->kind, p->domid, p->devid, p->token) : NULL;
    if (b)
        tell(b, EVENT_PROBE);
}

enum { LEVEL_KIND, LEVEL_DOMAIN };

/* Looks for devices below "dir". */
static void scan(struct backs *bs, const char *dir, int level)
{
    char **names = NULL;
    size_t n = 0;

    if (xsc_list(bs->xs, 0, dir, NULL, &names, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        char *AUTO_FREE path = str_format("%s/%s", dir, names[i]);
        struct place p;

        if (path && level < LEVEL_DOMAIN)
            scan(bs, path, level + 1); /* NOLINT(misc-no-recursion): two levels */
        else if (path && parse_place(bs, path, &p))
            on_device(bs, &p);
    }
    free(names);
}

/* A directory above devices: it was made, or removed with all in it, or the store had too many events for us and says
 * "look again" with the path that is watched. */
static void on_directory(struct backs *bs, const char *path)
{
    const char *below = str_starts(path, bs->root) ? path + strlen(bs->root) : "";
    size_t slashes = 0;

    check_below(bs, path);
    for (const char *at = below; *at; at++)
        slashes += *at == '/';
    if (below[0] && slashes <= LEVEL_DOMAIN)
        scan(bs, path, (int)slashes);
}

static void on_bus(struct backs *bs, const char *path)
{
    struct place p;
    struct back *b;

    if (!parse_place(bs, path, &p)) {
        on_directory(bs, path);
        return;
    }
    b = find(bs, p.token);
    if (!b || !p.leaf[0])
        on_device(bs, &p);
    else if (str_eq(p.leaf, b->kind->watched))
        tell(b, EVENT_OWN);
}

static void on_front(struct backs *bs, const char *token)
{
    struct back *b = find(bs, token);

    if (b)
        tell(b, EVENT_FRONT);
}

static bool serve(struct backs *bs)
{
    struct back *b = bs->busy;
    bool any = b != NULL;

    bs->busy = NULL;
    while (b) {
        struct back *next = b->next_busy;

        b->is_busy = false;
        if (b->kind->serve(b))
            back_kicked(b);
        b = next;
    }
    return any;
}

bool backs_turn(struct backs *bs)
{
    struct xsc_event e;
    bool any = serve(bs);

    while (xsc_next(bs->xs, &e)) {
        if (str_eq(e.token, bus_token))
            on_bus(bs, e.path);
        else
            on_front(bs, e.token);
        free(e.path);
        any = true;
    }
    return any;
}

static bool watch_kinds(struct backs *bs)
{
    for (size_t i = 0; kind_at(i); i++) {
        char *AUTO_FREE path = str_format("%s%s", bs->root, kind_at(i)->name);

        if (!is_loaded(bs, kind_at(i)))
            continue;
        if (!path || xsc_watch(bs->xs, path, bus_token))
            return false;
    }
    return true;
}

struct backs *backs_new(struct sim *sim, uint32_t domid, struct node *node, const struct world_guest *driver)
{
    struct backs *bs = calloc(1, sizeof *bs);

    if (!bs)
        return NULL;
    bs->sim = sim;
    bs->domid = domid;
    bs->node = node;
    bs->driver = driver;
    (void)snprintf(bs->root, sizeof bs->root, "/local/domain/%" PRIu32 "/backend/", domid);
    sim_line_init(&bs->own, sim_machine(sim), domid);
    bs->line = sim_line(&bs->own);
    bs->xs = xsc_new(sim_store(sim), (uint16_t)domid);
    return bs->xs && watch_kinds(bs) ? bs : backs_free(bs);
}

struct backs *backs_free(struct backs *bs)
{
    struct back *b, *next;

    if (!bs)
        return NULL;
    for (b = bs->by_token; b; b = next) {
        next = b->hh.next;
        forget(b);
    }
    (void)xsc_free(bs->xs);
    sim_line_fini(&bs->own);
    free(bs);
    return NULL;
}
