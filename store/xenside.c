/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xenside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain.h"
#include "host/stored.h"
#include "record.h"

enum {
    EVENTS_MAX = 64,  /* ports that are served in one turn, so that sockets have theirs */
    LIST_BATCH = 256, /* domains that are asked about in one call */
    PORT_MAX = 1 << 17,
};

/* A guest's connection. Two of one domain exist for a moment, when it is released and introduced in one turn. */
struct ring {
    struct ring *next; /* older */
    struct stored_map map;
    uint32_t remote, port; /* its end and ours; 0 = not bound */
};

struct xenside {
    const struct stored_ops *hv;
    struct stored *handle;
    struct domostore *ds;
    void (*log)(void *arg, int level, const char *line);
    uint32_t deaths; /* the port that tells of them */
    uint16_t *domid_of;
    size_t ports; /* room in domid_of, by our port */
    struct ring *rings[DOMID_FIRST_RESERVED];
};

static void say(struct xenside *x, int level, const char *what, unsigned domid, int rc)
{
    char line[160];

    (void)snprintf(line, sizeof line, "domain %u: %s: %s", domid, what, strerror(-rc));
    if (x->log)
        x->log(x, level, line);
}

/* --- event channels --- */

static int note_port(struct xenside *x, uint32_t port, uint16_t domid)
{
    size_t room = x->ports ? x->ports : 64;
    uint16_t *grown;

    if (port >= PORT_MAX)
        return -ENOMEM;
    while (room <= port)
        room *= 2;
    if (room > x->ports) {
        grown = reallocarray(x->domid_of, room, sizeof *grown);
        if (!grown)
            return -ENOMEM;
        memset(grown + x->ports, 0, (room - x->ports) * sizeof *grown);
        x->domid_of = grown;
        x->ports = room;
    }
    x->domid_of[port] = domid;
    return 0;
}

static void unbind(struct xenside *x, struct ring *r)
{
    if (r->port)
        x->hv->unbind(x->handle, r->port);
    r->port = 0;
}

static int bind(struct xenside *x, uint16_t domid, uint32_t remote, uint32_t *ret_port)
{
    int rc = x->hv->bind(x->handle, domid, remote, ret_port);

    if (rc < 0)
        return rc == -ESRCH ? -ENOENT : rc == -ENOMEM || rc == -ENOSPC ? rc : -EINVAL;
    rc = note_port(x, *ret_port, domid);
    if (rc < 0)
        x->hv->unbind(x->handle, *ret_port);
    return rc;
}

/* --- rings --- */

static void free_ring(struct xenside *x, struct ring *r)
{
    unbind(x, r);
    if (r->map.page)
        x->hv->unmap(x->handle, &r->map);
    free(r);
}

static int connect_guest(struct xenside *x, uint16_t domid, uint64_t gfn, uint32_t remote, struct ring *r)
{
    int rc;

    if (domid == 0)
        rc = x->hv->map_own(x->handle, &r->map, &remote);
    else
        rc = x->hv->map(x->handle, domid, gfn, &r->map);
    if (rc == 0 && !r->port)
        rc = bind(x, domid, remote, &r->port);
    r->remote = remote;
    return rc;
}

static int ring_map(void *arg, uint16_t domid, uint64_t gfn, uint32_t port, void **ret_page)
{
    struct xenside *x = arg;
    struct ring *r = x->rings[domid], *old;
    int rc;

    if (r && !r->map.page) {
        x->rings[domid] = r->next; /* its port was inherited */
    } else {
        r = calloc(1, sizeof *r);
        if (!r)
            return -ENOMEM;
    }
    for (old = x->rings[domid]; old; old = old->next)
        unbind(x, old);
    rc = connect_guest(x, domid, gfn, port, r);
    if (rc < 0) {
        say(x, 2, r->map.page ? "can't bind its event channel" : "can't map its ring", domid, rc);
        free_ring(x, r);
        return rc;
    }
    r->next = x->rings[domid];
    x->rings[domid] = r;
    *ret_page = r->map.page;
    return 0;
}

/* The port of this domain's own kernel is the kernel's to say, not a client's. */
static int ring_rebind(void *arg, uint16_t domid, uint64_t gfn, uint32_t port)
{
    struct xenside *x = arg;
    struct ring *r = x->rings[domid];
    uint32_t ours;
    int rc;

    (void)gfn;
    if (domid == 0 || !r)
        return -EINVAL;
    if (r->remote == port)
        unbind(x, r); /* else its end is not free to be bound */
    rc = bind(x, domid, port, &ours);
    if (rc < 0) {
        say(x, 2, "can't bind its event channel", domid, rc);
        return rc;
    }
    unbind(x, r);
    r->port = ours;
    r->remote = port;
    return 0;
}

static void ring_unmap(void *arg, uint16_t domid, void *page)
{
    struct xenside *x = arg;
    struct ring **at = &x->rings[domid], *r;

    while (*at && (*at)->map.page != page)
        at = &(*at)->next;
    r = *at;
    if (!r)
        return;
    *at = r->next;
    free_ring(x, r);
}

static void ring_notify(void *arg, uint16_t domid)
{
    struct xenside *x = arg;
    const struct ring *r = x->rings[domid];

    if (r && r->port)
        x->hv->notify(x->handle, r->port);
}

/* --- domains --- */

static bool domain_exists(void *arg, uint16_t domid)
{
    struct xenside *x = arg;
    struct stored_dom dom;

    return x->hv->list(x->handle, domid, &dom, 1) == 1 && dom.domid == domid && !dom.is_dying;
}

static int gone(struct xenside *x, int known)
{
    domostore_domain_destroyed(x->ds, (uint16_t)known);
    return domostore_next_domain(x->ds, known, NULL);
}

/* Both lists are in order: one pass over them, however many have died. */
static void look_at_domains(struct xenside *x)
{
    int known = domostore_next_domain(x->ds, 0, NULL), first = 1, n, i;
    struct stored_dom list[LIST_BATCH];

    do {
        n = x->hv->list(x->handle, (uint16_t)first, list, LIST_BATCH);
        if (n < 0) {
            say(x, 3, "can't ask the hypervisor which domains there are", 0, n);
            return;
        }
        for (i = 0; i < n; i++) {
            while (known >= 0 && known < list[i].domid)
                known = gone(x, known);
            if (known != list[i].domid)
                continue;
            if (list[i].is_dying) {
                known = gone(x, known);
                continue;
            }
            if (list[i].is_shutdown)
                domostore_domain_shutdown(x->ds, list[i].domid);
            known = domostore_next_domain(x->ds, known, NULL);
        }
        first = n > 0 ? list[n - 1].domid + 1 : first;
    } while (n == LIST_BATCH);
    while (known >= 0)
        known = gone(x, known);
}

static void ready(void *arg)
{
    struct xenside *x = arg;
    uint32_t ports[EVENTS_MAX];
    int n = x->hv->take_events(x->handle, ports, EVENTS_MAX), i;
    bool deaths = false;

    if (n < 0)
        say(x, 3, "can't read event channels", 0, n);
    for (i = 0; i < n; i++) {
        if (ports[i] == x->deaths)
            deaths = true;
        else if (ports[i] < x->ports)
            domostore_ring_event(x->ds, x->domid_of[ports[i]]);
    }
    if (deaths)
        look_at_domains(x);
}

/* --- life --- */

static int make(const struct stored_ops *hv, int events_fd, struct domostore_ops *ops, struct xenside **ret)
{
    struct xenside *x = calloc(1, sizeof *x);
    int rc;

    if (!x)
        return -ENOMEM;
    x->hv = hv;
    x->log = ops->log;
    rc = hv->open(events_fd, &x->handle);
    if (rc < 0) {
        free(x);
        return rc;
    }
    ops->domain_exists = domain_exists;
    ops->ring_map = ring_map;
    ops->ring_rebind = ring_rebind;
    ops->ring_unmap = ring_unmap;
    ops->ring_notify = ring_notify;
    *ret = x;
    return 0;
}

int xenside_open(const struct stored_ops *hv, struct domostore_ops *ops, struct xenside **ret)
{
    struct xenside *x;
    int rc = make(hv, -1, ops, &x);

    if (rc < 0)
        return rc;
    rc = hv->bind_deaths(x->handle, &x->deaths);
    if (rc < 0) {
        xenside_close(x);
        return rc == -EEXIST ? -EBUSY : rc;
    }
    *ret = x;
    return 0;
}

int xenside_attach(struct xenside *x, struct domostore *ds)
{
    x->ds = ds;
    return domostore_add_fd(ds, x->hv->events_fd(x->handle), ready, x);
}

int xenside_start(struct xenside *x)
{
    int rc = domostore_introduce(x->ds, 0, 0, 0);

    if (rc == 0)
        ring_notify(x, 0);
    return rc;
}

void xenside_close(struct xenside *x)
{
    size_t i;

    if (!x)
        return;
    for (i = 0; i < ARRAY_LEN(x->rings); i++) {
        while (x->rings[i]) {
            struct ring *r = x->rings[i];

            x->rings[i] = r->next;
            free_ring(x, r);
        }
    }
    x->hv->close(x->handle);
    free(x->domid_of);
    free(x);
}

/* --- going on in another process: ports stay bound, rings are mapped again --- */

char *xenside_save(const struct xenside *x, size_t *ret_len)
{
    struct record_writer w;
    size_t i;

    record_writer_init(&w, false);
    record_begin(&w, "events");
    record_num(&w, "fd", x->hv->events_fd(x->handle));
    record_num(&w, "deaths", x->deaths);
    record_end(&w);
    for (i = 0; i < ARRAY_LEN(x->rings); i++) {
        if (!x->rings[i] || !x->rings[i]->port)
            continue;
        record_begin(&w, "ring");
        record_num(&w, "domid", (int64_t)i);
        record_num(&w, "remote", x->rings[i]->remote);
        record_num(&w, "port", x->rings[i]->port);
        record_end(&w);
    }
    return record_finish(&w, ret_len);
}

int xenside_inherit(const struct xenside *x, bool on)
{
    return fcntl(x->hv->events_fd(x->handle), F_SETFD, on ? 0 : FD_CLOEXEC) < 0 ? -errno : 0;
}

struct resume {
    const struct stored_ops *hv;
    struct domostore_ops *ops;
    struct xenside *x; /* made by the first record */
};

static int resume_events(struct resume *l, const struct record *rec)
{
    int64_t fd, deaths;
    int rc;

    if (l->x || record_get_num(rec, "fd", &fd) < 0 || record_get_num(rec, "deaths", &deaths) < 0 || fd < 0 ||
        fd > INT32_MAX || deaths < 0 || deaths >= PORT_MAX)
        return -EINVAL;
    rc = make(l->hv, (int)fd, l->ops, &l->x);
    if (rc == 0)
        l->x->deaths = (uint32_t)deaths;
    return rc;
}

static int resume_ring(struct resume *l, const struct record *rec)
{
    int64_t domid, remote, port;
    struct ring *r;
    int rc;

    if (!l->x || record_get_num(rec, "domid", &domid) < 0 || record_get_num(rec, "remote", &remote) < 0 ||
        record_get_num(rec, "port", &port) < 0 || domid < 0 || domid >= DOMID_FIRST_RESERVED || remote < 0 ||
        remote >= PORT_MAX || port <= 0 || l->x->rings[domid])
        return -EINVAL;
    rc = note_port(l->x, (uint32_t)port, (uint16_t)domid);
    if (rc < 0)
        return rc;
    r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->remote = (uint32_t)remote;
    r->port = (uint32_t)port;
    l->x->rings[domid] = r;
    return 0;
}

static int resume_record(void *arg, const struct record *rec)
{
    struct resume *l = arg;

    if (strcmp(rec->type, "events") == 0)
        return resume_events(l, rec);
    if (strcmp(rec->type, "ring") == 0)
        return resume_ring(l, rec);
    return strcmp(rec->type, "end") == 0 && l->x ? 0 : -EINVAL;
}

int xenside_resume(const struct stored_ops *hv, const char *text, size_t len, struct domostore_ops *ops,
                   struct xenside **ret)
{
    struct resume l = {.hv = hv, .ops = ops};
    int rc = record_parse(text, len, resume_record, &l);

    if (rc < 0 || !l.x) {
        xenside_close(l.x);
        return rc < 0 ? rc : -EINVAL;
    }
    *ret = l.x;
    return 0;
}

void xenside_settle(struct xenside *x)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(x->rings); i++) {
        struct ring *r = x->rings[i];

        if (!r || r->map.page)
            continue;
        x->rings[i] = r->next;
        free_ring(x, r);
    }
    look_at_domains(x);
}
