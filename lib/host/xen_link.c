/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Shared pages and event channels of the real Xen, by its own user-space
 * libraries. Only drivers need them: they are loaded then.
 */
/* First: Xen's headers make macros of words that it uses. */
#include "host/xen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xenevtchn.h>
#include <xengnttab.h>
#include <xentoollog.h>

#include "base/lazy.h"
#include "host/codes.h"

/* clang-format off */
#define GRANT_CALLS(X) \
    X(xengnttab_, close) \
    X(xengnttab_, map_domain_grant_refs) \
    X(xengnttab_, map_grant_ref_notify) \
    X(xengnttab_, open) \
    X(xengnttab_, unmap)
#define SHARE_CALLS(X) \
    X(xengntshr_, close) \
    X(xengntshr_, open) \
    X(xengntshr_, share_page_notify) \
    X(xengntshr_, share_pages) \
    X(xengntshr_, unshare)
#define EVENT_CALLS(X) \
    X(xenevtchn_, bind_interdomain) \
    X(xenevtchn_, bind_unbound_port) \
    X(xenevtchn_, close) \
    X(xenevtchn_, fd) \
    X(xenevtchn_, notify) \
    X(xenevtchn_, open) \
    X(xenevtchn_, pending) \
    X(xenevtchn_, unbind) \
    X(xenevtchn_, unmask)
/* clang-format on */
LAZY_LIBRARY(grant, XENGNTTAB_SONAME, GRANT_CALLS);
LAZY_LIBRARY(share, XENGNTTAB_SONAME, SHARE_CALLS);
LAZY_LIBRARY(event, XENEVTCHN_SONAME, EVENT_CALLS);

/* Each is opened when it is needed. */
struct xen_link {
    xentoollog_logger logger; /* first: the libraries give its address back */
    const struct log *sink;
    xengnttab_handle *grants;
    xengntshr_handle *shares;
    xenevtchn_handle *events;
};

/* ---- opening ---- */

/* The libraries print what fails, unless they have a logger; our errors say it better. */
__attribute__((format(printf, 5, 0))) static void on_message(xentoollog_logger *logger, xentoollog_level level, int sys,
                                                             const char *context, const char *fmt, va_list ap)
{
    const struct xen_link *l = (const struct xen_link *)logger;
    char line[256];

    (void)sys;
    if (level < XTL_ERROR || vsnprintf(line, sizeof line, fmt, ap) < 0)
        return;
    log_line(l->sink, LOG_LEVEL_DEBUG, "%s: %s", context ? context : "xen", line);
}

static void on_destroy(xentoollog_logger *logger)
{
    (void)logger; /* a part of the whole */
}

static struct xen_link *link_of(struct host *h, struct domo_err *err)
{
    struct xen_host *x = h->impl;

    h->stats.hyp_calls++;
    if (x->link)
        return x->link;
    x->link = calloc(1, sizeof *x->link);
    if (!x->link) {
        (void)err_set(err, DOMO_E_NO_MEMORY, "out of memory");
        return NULL;
    }
    x->link->logger.vmessage = on_message;
    x->link->logger.destroy = on_destroy;
    x->link->sink = h->log;
    return x->link;
}

static int open_failed(const char *device, const char *module, struct domo_err *err)
{
    int sys = errno;

    if (sys == EACCES || sys == EPERM)
        return err_sys(err, DOMO_E_PERMISSION, sys, "can't open %s", device);
    (void)err_sys(err, DOMO_E_NO_XEN, sys, "can't open %s", device);
    return err_hint(err, "modprobe %s", module);
}

/* NULL with the error filled. */
static xengnttab_handle *grants_of(struct host *h, struct domo_err *err)
{
    struct xen_link *l = link_of(h, err);

    if (!l || lazy_load(&grant_library, err) < 0)
        return NULL;
    if (!l->grants)
        l->grants = grant.open(&l->logger, 0);
    if (!l->grants)
        (void)open_failed("/dev/xen/gntdev", "xen-gntdev", err);
    return l->grants;
}

static xengntshr_handle *shares_of(struct host *h, struct domo_err *err)
{
    struct xen_link *l = link_of(h, err);

    if (!l || lazy_load(&share_library, err) < 0)
        return NULL;
    if (!l->shares)
        l->shares = share.open(&l->logger, 0);
    if (!l->shares)
        (void)open_failed("/dev/xen/gntalloc", "xen-gntalloc", err);
    return l->shares;
}

static xenevtchn_handle *events_of(struct host *h, struct domo_err *err)
{
    struct xen_link *l = link_of(h, err);

    if (!l || lazy_load(&event_library, err) < 0)
        return NULL;
    if (l->events)
        return l->events;
    l->events = event.open(&l->logger, 0);
    if (!l->events) {
        (void)open_failed("/dev/xen/evtchn", "xen-evtchn", err);
        return NULL;
    }
    /* Or to ask for the next event would wait for it. */
    if (fcntl(event.fd(l->events), F_SETFL, O_NONBLOCK) < 0) {
        (void)err_sys(err, DOMO_E_IO, errno, "can't set /dev/xen/evtchn up");
        (void)event.close(l->events);
        l->events = NULL;
    }
    return l->events;
}

void xen_link_close(struct host *h)
{
    struct xen_host *x = h->impl;
    struct xen_link *l = x->link;

    if (!l)
        return;
    /* Ports last: letting a page go may kick one. */
    if (l->grants)
        (void)grant.close(l->grants);
    if (l->shares)
        (void)share.close(l->shares);
    if (l->events)
        (void)event.close(l->events);
    free(l);
    x->link = NULL;
}

/* ---- failures ---- */

#define FAIL(err, ...) err_sys((err), host_hyp_code(errno, DOMO_E_HYPERVISOR), errno, __VA_ARGS__)

/* ---- pages ---- */

static uint32_t notify_byte(const struct link_notify *n)
{
    return n->clears ? n->byte : UINT32_MAX;
}

static evtchn_port_t notify_port(const struct link_notify *n)
{
    return n->kicks ? n->port : UINT32_MAX;
}

static int bad_count(size_t n, const struct link_notify *notify, struct domo_err *err)
{
    bool notifies = notify->clears || notify->kicks;

    if (n < 1 || n > HOST_LINK_PAGES_MAX || (notifies && n > 1))
        return err_sys(err, DOMO_E_HYPERVISOR, EINVAL, "%zu pages can't be shared at once%s", n,
                       notifies ? " with a notification" : "");
    return 0;
}

static int link_map(struct host *h, const struct link_map *m, void **ret, struct domo_err *err)
{
    int prot = m->write ? PROT_READ | PROT_WRITE : PROT_READ;
    uint32_t refs[HOST_LINK_PAGES_MAX]; /* the library takes them without const */
    xengnttab_handle *grants;
    void *p;

    if (bad_count(m->n, &m->notify, err) < 0 || !(grants = grants_of(h, err)))
        return -1;
    for (size_t i = 0; i < m->n; i++)
        refs[i] = m->refs[i];
    if (m->n == 1)
        p = grant.map_grant_ref_notify(grants, m->domid, refs[0], prot, notify_byte(&m->notify),
                                       notify_port(&m->notify));
    else
        p = grant.map_domain_grant_refs(grants, (uint32_t)m->n, m->domid, refs, prot);
    if (!p)
        return FAIL(err, "can't map %zu page%s of domain %u (grant reference %u%s)", m->n, m->n > 1 ? "s" : "",
                    m->domid, refs[0], m->n > 1 ? " …" : "");
    *ret = p;
    return 0;
}

static int link_unmap(struct host *h, void *pages, size_t n, struct domo_err *err)
{
    xengnttab_handle *grants;

    if (!(grants = grants_of(h, err)))
        return -1;
    return grant.unmap(grants, pages, (uint32_t)n) < 0 ? FAIL(err, "can't unmap pages of another domain") : 0;
}

static int link_share(struct host *h, const struct link_share *s, void **ret, uint32_t *ret_refs, struct domo_err *err)
{
    xengntshr_handle *shares;
    void *p;

    if (bad_count(s->n, &s->notify, err) < 0 || !(shares = shares_of(h, err)))
        return -1;
    if (s->n == 1)
        p = share.share_page_notify(shares, s->domid, ret_refs, s->write, notify_byte(&s->notify),
                                    notify_port(&s->notify));
    else
        p = share.share_pages(shares, s->domid, (int)s->n, ret_refs, s->write);
    if (!p)
        return FAIL(err, "can't share %zu page%s with domain %u", s->n, s->n > 1 ? "s" : "", s->domid);
    *ret = p;
    return 0;
}

static int link_unshare(struct host *h, void *pages, size_t n, struct domo_err *err)
{
    xengntshr_handle *shares;

    if (!(shares = shares_of(h, err)))
        return -1;
    return share.unshare(shares, pages, (uint32_t)n) < 0 ? FAIL(err, "can't take shared pages back") : 0;
}

/* ---- ports ---- */

static int link_port_alloc(struct host *h, uint32_t domid, uint32_t *ret_port, struct domo_err *err)
{
    xenevtchn_handle *events = events_of(h, err);
    xenevtchn_port_or_error_t port;

    if (!events)
        return -1;
    port = event.bind_unbound_port(events, domid);
    if (port < 0)
        return FAIL(err, "can't make an event channel for domain %u", domid);
    *ret_port = (uint32_t)port;
    return 0;
}

static int link_port_bind(struct host *h, uint32_t domid, uint32_t remote, uint32_t *ret_port, struct domo_err *err)
{
    xenevtchn_handle *events = events_of(h, err);
    xenevtchn_port_or_error_t port;

    if (!events)
        return -1;
    port = event.bind_interdomain(events, domid, remote);
    if (port < 0)
        return FAIL(err, "can't bind event channel %u of domain %u", remote, domid);
    *ret_port = (uint32_t)port;
    return 0;
}

static int link_port_close(struct host *h, uint32_t port, struct domo_err *err)
{
    xenevtchn_handle *events = events_of(h, err);

    if (!events)
        return -1;
    return event.unbind(events, port) < 0 ? FAIL(err, "can't close event channel %u", port) : 0;
}

static int link_port_kick(struct host *h, uint32_t port, struct domo_err *err)
{
    xenevtchn_handle *events = events_of(h, err);

    if (!events)
        return -1;
    return event.notify(events, port) < 0 ? FAIL(err, "can't kick event channel %u", port) : 0;
}

static int link_fd(struct host *h, int *ret, struct domo_err *err)
{
    xenevtchn_handle *events = events_of(h, err);

    if (!events)
        return -1;
    *ret = event.fd(events);
    return 0;
}

static int link_next_port(struct host *h, uint32_t *ret_port, bool *ret_any, struct domo_err *err)
{
    xenevtchn_handle *events = events_of(h, err);
    xenevtchn_port_or_error_t port;

    if (!events)
        return -1;
    port = event.pending(events);
    if (port < 0 && errno != EAGAIN && errno != EINTR)
        return FAIL(err, "can't ask for events");
    *ret_any = port >= 0;
    if (port >= 0)
        *ret_port = (uint32_t)port;
    return 0;
}

static int link_port_unmask(struct host *h, uint32_t port, struct domo_err *err)
{
    xenevtchn_handle *events = events_of(h, err);

    if (!events)
        return -1;
    return event.unmask(events, port) < 0 ? FAIL(err, "can't listen to event channel %u again", port) : 0;
}

const struct link_ops xen_link_ops = {
    .map = link_map,
    .unmap = link_unmap,
    .share = link_share,
    .unshare = link_unshare,
    .port_alloc = link_port_alloc,
    .port_bind = link_port_bind,
    .port_close = link_port_close,
    .port_kick = link_port_kick,
    .fd = link_fd,
    .next_port = link_next_port,
    .port_unmask = link_port_unmask,
};
