/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"

enum { WORK_SLICE = 4096 /* removed nodes that are visited in one turn */ };

static bool may_see(void *arg, void *conn, const struct perms *const lists[], size_t n)
{
    const struct conn *c = conn;
    size_t i;

    (void)arg;
    if (c->who.privileged)
        return true;
    for (i = 0; i < n; i++)
        if (lists[i] && perms_allow(lists[i], &c->who, PERM_READ))
            return true;
    return false;
}

static void event(void *arg, struct watch *w, const char *path, size_t len)
{
    (void)arg;
    conn_event(w->conn, w, path, len);
}

static bool domain_exists(void *arg, uint16_t domid)
{
    const struct domostore *ds = arg;

    return ds->ops.domain_exists && ds->ops.domain_exists(ds->ops_arg, domid);
}

struct domostore *domostore_new(const struct domostore_ops *ops, void *arg)
{
    struct domostore *ds = calloc(1, sizeof *ds);
    struct store_hooks hooks = {.domain_exists = domain_exists, .may_see = may_see, .event = event, .arg = ds};
    uint32_t seed = 0x9e3779b9;

    if (!ds)
        return NULL;
    ds->epoll_fd = -1;
    ds->guard.conflicts = GUARD_CONFLICTS;
    if (ops)
        ds->ops = *ops;
    ds->ops_arg = arg;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) < 0)
        seed ^= (uint32_t)getpid(); /* early in boot: a weaker secret is still one */
    if (store_init(&ds->s, seed, &hooks) < 0) {
        free(ds);
        return NULL;
    }
    return ds;
}

struct domostore *domostore_free(struct domostore *ds)
{
    if (!ds)
        return NULL;
    while (ds->conns)
        conn_free(ds->conns);
    trace_switch(ds, false);
    socket_fini(ds);
    store_fini(&ds->s);
    free(ds->listing.names);
    free(ds->update_file);
    free(ds);
    return NULL;
}

void server_log(const struct domostore *ds, int level, const char *fmt, ...)
{
    char line[512];
    va_list ap;

    if (!ds->ops.log)
        return;
    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    ds->ops.log(ds->ops_arg, level, line);
}

void server_link(struct domostore *ds, struct conn *c)
{
    c->id = ++ds->last_id;
    c->next = ds->conns;
    c->link = &ds->conns;
    if (c->next)
        c->next->link = &c->next;
    ds->conns = c;
    ds->conn_count++;
}

void server_unlink(struct domostore *ds, struct conn *c)
{
    struct conn **at;

    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    ds->conn_count--;
    if (!c->flushing)
        return;
    for (at = &ds->flush; *at; at = &(*at)->next_flush) {
        if (*at == c) {
            *at = c->next_flush;
            break;
        }
    }
}

void server_note_dead(struct domostore *ds)
{
    ds->some_dead = true;
}

void server_want_flush(struct conn *c)
{
    if (c->flushing)
        return;
    c->flushing = true;
    c->next_flush = c->ds->flush;
    c->ds->flush = c;
}

void server_again(struct conn *c)
{
    c->again = true;
    server_want_flush(c);
}

struct conn *server_conn(struct domostore *ds, uint64_t id)
{
    struct conn *c = ds->conns;

    while (c && c->id != id)
        c = c->next;
    return c;
}

/* Input that waited for the reader to take its replies. */
static void go_on(struct conn *c)
{
    if (!c->paused || c->blocked || c->dead)
        return;
    if (conn_resume(c) < 0) {
        conn_kill(c);
    } else if (!c->paused && c->transport->pause) {
        c->transport->pause(c, false);
    }
}

/* Those that are put in the list meanwhile have their turn next time. */
static void flush_all(struct domostore *ds)
{
    struct conn *c = ds->flush, *next;

    ds->flush = NULL;
    for (; c; c = next) {
        bool again = c->again;

        next = c->next_flush;
        c->flushing = false;
        c->again = false;
        conn_flush(c);
        go_on(c);
        if (again && !c->dead && c->transport->again)
            c->transport->again(c);
    }
}

static void bury_dead(struct domostore *ds)
{
    struct conn *c, *next;

    if (!ds->some_dead)
        return;
    ds->some_dead = false;
    for (c = ds->conns; c; c = next) {
        next = c->next;
        if (c->dead)
            conn_free(c);
    }
}

bool domostore_turn(struct domostore *ds)
{
    bool idle;

    (void)guard_check(ds);
    flush_all(ds);
    bury_dead(ds);
    idle = store_work(&ds->s, WORK_SLICE);
    if (ds->purge_again)
        idle = server_purge(ds) && idle;
    return idle && !ds->flush && !ds->some_dead;
}

int domostore_timeout_ms(const struct domostore *ds)
{
    if (!grave_idle(&ds->s.t.grave) || ds->flush || ds->some_dead)
        return 0;
    if (ds->guard.by)
        return clock_left_ms(ds->guard.until_ms, clock_now_ms());
    return ds->purge_again ? 100 : -1;
}

int domostore_fd(const struct domostore *ds)
{
    return ds->epoll_fd;
}

void domostore_set_guard(struct domostore *ds, uint32_t conflicts)
{
    ds->guard.conflicts = conflicts;
}

void domostore_on_update(struct domostore *ds, int (*update)(void *arg, const char *file), void *arg)
{
    ds->update = update;
    ds->update_arg = arg;
}

int domostore_set_quota(struct domostore *ds, const char *name, uint32_t value)
{
    enum quota_kind kind;
    int rc = quota_find(name, &kind);

    if (rc == 0)
        ds->s.domains.limit[kind] = value;
    return rc;
}

void domostore_stats(const struct domostore *ds, struct domostore_stats *ret)
{
    const struct txn *tx;
    const struct domain *dom;
    unsigned i = 0;

    memset(ret, 0, sizeof *ret);
    while ((dom = domain_next(&ds->s.domains, &i)))
        ret->nodes += dom->nodes > 0 ? (size_t)dom->nodes : 0;
    for (tx = ds->s.txns; tx; tx = tx->next)
        ret->transactions++;
    ret->connections = ds->conn_count;
    ret->watches = ds->s.watches.count;
    ret->domains = ds->s.domains.count;
    ret->generation = ds->s.t.gen;
}
