/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: what host.h says of shared pages and event channels. The two ends
 * are two connections of domain 0: a domain may grant to itself.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "contract.h"

enum { PAGES = 3, WAIT_MS = 5000, QUIET_MS = 50, NO_REF = 100000 };

/* Both ends: "c->h" offers, "other" takes. */
struct ends {
    struct contract *c;
    struct host *other;
    uint32_t offered, bound; /* ports */
};

static bool sees(const uint8_t *page, uint8_t value)
{
    /* The other end wrote it: read what is there now. */
    return *(const volatile uint8_t *)page == value;
}

static void check_pages(struct ends *e)
{
    struct contract *c = e->c;
    const struct link_ops *mine = c->h->link, *theirs = e->other->link;
    const struct link_share share = {.domid = 0, .n = PAGES, .write = true};
    uint32_t refs[PAGES] = {0};
    struct link_map map = {.domid = 0, .refs = refs, .n = PAGES, .write = true};
    void *pages = NULL, *seen = NULL;

    if (!OK(c, mine->share(c->h, &share, &pages, refs, &c->err) == 0 && refs[0] != refs[1], "pages are shared"))
        return;
    if (OK(c, theirs->map(e->other, &map, &seen, &c->err) == 0, "and mapped, one behind the other")) {
        for (size_t i = 0; i < PAGES; i++)
            ((uint8_t *)pages)[i * HOST_PAGE_SIZE] = (uint8_t)(i + 1);
        OK(c,
           sees((uint8_t *)seen, 1) && sees((uint8_t *)seen + HOST_PAGE_SIZE, 2) &&
               sees((uint8_t *)seen + (size_t)2 * HOST_PAGE_SIZE, 3),
           "what one end writes the other reads");
        ((uint8_t *)seen)[HOST_PAGE_SIZE - 1] = 77;
        OK(c, sees((uint8_t *)pages + HOST_PAGE_SIZE - 1, 77), "and the other way");
        OK(c, theirs->unmap(e->other, seen, PAGES, &c->err) == 0, "they are unmapped");
    }
    map.write = false;
    map.n = 1;
    if (OK(c, theirs->map(e->other, &map, &seen, &c->err) == 0, "one is mapped for reading"))
        OK(c, sees((uint8_t *)seen + HOST_PAGE_SIZE - 1, 77) && theirs->unmap(e->other, seen, 1, &c->err) == 0,
           "and holds what was written");
    map.refs = &(uint32_t){NO_REF};
    OK(c, failed_with(c, theirs->map(e->other, &map, &seen, &c->err), DOMO_E_HYPERVISOR) && c->err.sys == EINVAL,
       "a reference that nobody granted is refused: %s", c->err.msg);
    map.refs = (uint32_t[]){refs[0], NO_REF};
    map.n = 2;
    OK(c, theirs->map(e->other, &map, &seen, &c->err) < 0, "and so are several with a bad one among them");
    map.n = HOST_LINK_PAGES_MAX + 1;
    OK(c, failed_with(c, theirs->map(e->other, &map, &seen, &c->err), DOMO_E_HYPERVISOR), "and too many");
    OK(c, mine->unshare(c->h, pages, PAGES, &c->err) == 0, "the pages are taken back");
}

static void check_read_only(struct ends *e)
{
    struct contract *c = e->c;
    const struct link_share share = {.domid = 0, .n = 1, .write = false};
    uint32_t ref = 0;
    struct link_map map = {.domid = 0, .refs = &ref, .n = 1, .write = true};
    void *page = NULL, *seen = NULL;

    if (!OK(c, c->h->link->share(c->h, &share, &page, &ref, &c->err) == 0, "a page is shared for reading"))
        return;
    OK(c, e->other->link->map(e->other, &map, &seen, &c->err) < 0, "it can't be mapped for writing: %s", c->err.msg);
    map.write = false;
    OK(c,
       e->other->link->map(e->other, &map, &seen, &c->err) == 0 &&
           e->other->link->unmap(e->other, seen, 1, &c->err) == 0,
       "but for reading");
    OK(c, c->h->link->unshare(c->h, page, 1, &c->err) == 0, "it is taken back");
}

/* Waits until "port" has an event; lets it fire again. */
static bool heard(struct contract *c, struct host *h, uint32_t port, int64_t ms)
{
    struct pollfd fd = {.events = POLLIN};
    int64_t deadline = h->env->now_ms(h) + ms;
    uint32_t got = 0;
    bool any = false;

    if (h->link->fd(h, &fd.fd, &c->err) < 0)
        return false;
    while (!any) {
        if (h->link->next_port(h, &got, &any, &c->err) < 0)
            return false;
        if (!any && h->env->wait(h, &fd, 1, deadline, &c->err) <= 0)
            return false;
    }
    return got == port && h->link->port_unmask(h, port, &c->err) == 0;
}

static void check_ports(struct ends *e)
{
    struct contract *c = e->c;
    const struct link_ops *mine = c->h->link, *theirs = e->other->link;
    uint32_t port = 0;
    bool any = true;

    if (!OK(c, mine->port_alloc(c->h, 0, &e->offered, &c->err) == 0, "a port is offered") ||
        !OK(c, theirs->port_bind(e->other, 0, e->offered, &e->bound, &c->err) == 0, "and bound"))
        return;
    OK(c, heard(c, e->other, e->bound, WAIT_MS), "who binds is told to look");
    OK(c, mine->port_kick(c->h, e->offered, &c->err) == 0 && heard(c, e->other, e->bound, WAIT_MS), "a kick arrives");
    OK(c, theirs->port_kick(e->other, e->bound, &c->err) == 0 && heard(c, c->h, e->offered, WAIT_MS),
       "and one the other way");
    OK(c, !heard(c, e->other, e->bound, QUIET_MS), "then it is quiet");
    /* Two kicks may be one event or two; not less, not more. */
    OK(c,
       mine->port_kick(c->h, e->offered, &c->err) == 0 && mine->port_kick(c->h, e->offered, &c->err) == 0 &&
           heard(c, e->other, e->bound, WAIT_MS) &&
           (!heard(c, e->other, e->bound, QUIET_MS) || !heard(c, e->other, e->bound, QUIET_MS)),
       "kicks that nobody has heard yet become one");
    OK(c, failed_with(c, theirs->port_bind(e->other, 0, e->offered, &port, &c->err), DOMO_E_HYPERVISOR),
       "a bound port can't be bound again: %s", c->err.msg);
    OK(c, theirs->next_port(e->other, &port, &any, &c->err) == 0 && !any, "no event is told of without one");
}

/* An event that was taken stays quiet until it is asked for again, and is not lost. */
static void check_masks(struct ends *e)
{
    struct contract *c = e->c;
    struct host *o = e->other;
    uint32_t port = 0;
    struct pollfd fd = {.events = POLLIN};
    bool any = false;

    OK(c,
       c->h->link->port_kick(c->h, e->offered, &c->err) == 0 && o->link->fd(o, &fd.fd, &c->err) == 0 &&
           o->env->wait(o, &fd, 1, o->env->now_ms(o) + WAIT_MS, &c->err) > 0 &&
           o->link->next_port(o, &port, &any, &c->err) == 0 && any && port == e->bound,
       "an event is taken");
    OK(c,
       c->h->link->port_kick(c->h, e->offered, &c->err) == 0 &&
           o->env->wait(o, &fd, 1, o->env->now_ms(o) + QUIET_MS, &c->err) == 0,
       "until it is unmasked another one is quiet");
    OK(c, o->link->port_unmask(o, e->bound, &c->err) == 0 && heard(c, o, e->bound, WAIT_MS), "but not lost");
}

/* A process that is killed while it has a page mapped: the page says so, and its port. */
static void child(const uint32_t *ref, uint32_t remote, int ready)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct host *h = NULL;
    uint32_t port = 0;
    struct link_map map = {.domid = 0, .refs = ref, .n = 1, .write = true};
    void *page = NULL;
    bool ok = host_open(NULL, NULL, &h, &err) == 0 && h->link->port_bind(h, 0, remote, &port, &err) == 0;

    map.notify = (struct link_notify){.clears = true, .byte = 8, .kicks = true, .port = port};
    ok = ok && h->link->map(h, &map, &page, &err) == 0;
    if (ok)
        ((uint8_t *)page)[0] = 42;
    if (!ok)
        (void)fprintf(stderr, "# %s\n", err.msg);
    if (write(ready, ok ? "y" : "n", 1) != 1)
        _exit(1);
    (void)pause();
    _exit(1);
}

static void check_death(struct ends *e)
{
    struct contract *c = e->c;
    const struct link_ops *mine = c->h->link;
    const struct link_share share = {.domid = 0, .n = 1, .write = true};
    uint32_t ref = 0, port = 0;
    void *page = NULL;
    int ready[2];
    char answer = 'n';
    pid_t pid;

    if (!OK(c, mine->share(c->h, &share, &page, &ref, &c->err) == 0 && mine->port_alloc(c->h, 0, &port, &c->err) == 0,
            "a page and a port for a process that will die") ||
        pipe(ready) < 0)
        return;
    ((uint8_t *)page)[8] = 1;
    pid = fork();
    if (pid == 0)
        child(&ref, port, ready[1]);
    OK(c, pid > 0 && read(ready[0], &answer, 1) == 1 && answer == 'y' && sees((uint8_t *)page, 42), "it has both");
    (void)close(ready[0]);
    (void)close(ready[1]);
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    OK(c, heard(c, c->h, port, WAIT_MS) && sees((uint8_t *)page + 8, 0),
       "when it is killed, the page and the port say so");
    OK(c, mine->unshare(c->h, page, 1, &c->err) == 0 && mine->port_close(c->h, port, &c->err) == 0,
       "both are taken back");
}

static void check_rebind(struct ends *e)
{
    struct contract *c = e->c;
    struct host *o = e->other;

    OK(c, o->link->port_close(o, e->bound, &c->err) == 0, "an end is closed");
    OK(c, failed_with(c, o->link->port_kick(o, e->bound, &c->err), DOMO_E_HYPERVISOR), "it can't be used any more: %s",
       c->err.msg);
    OK(c, o->link->port_bind(o, 0, e->offered, &e->bound, &c->err) == 0 && heard(c, o, e->bound, WAIT_MS),
       "the other end waits for the next who binds it");
    OK(c, c->h->link->port_kick(c->h, e->offered, &c->err) == 0 && heard(c, o, e->bound, WAIT_MS), "and works");
    OK(c, c->h->link->port_close(c->h, e->offered, &c->err) == 0, "it is closed");
}

void check_link(struct contract *c)
{
    struct ends e = {.c = c};

    if (!OK(c, host_open(NULL, NULL, &e.other, &c->err) == 0, "another end opens"))
        return;
    check_pages(&e);
    check_read_only(&e);
    check_ports(&e);
    check_masks(&e);
    check_rebind(&e);
    check_death(&e);
    (void)host_close(e.other);
}
