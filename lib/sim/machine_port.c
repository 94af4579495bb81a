/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Event channels: ports in pairs, and who is to be called when one is kicked.
 */
#include <errno.h>

#include "sim/machine_impl.h"

static struct port *port_at(struct domain *d, uint32_t port)
{
    return d && port > 0 && port < d->ports.len && d->ports.at[port].state != PORT_FREE ? &d->ports.at[port] : NULL;
}

/* The number of a free port; it is cleared. */
static int take_port(struct domain *d)
{
    /* Port 0 is never given. */
    if (d->ports.len == 0 && !VEC_PUSH(&d->ports))
        return -ENOMEM;
    for (size_t i = d->low_port ? d->low_port : 1; i < d->ports.len; i++)
        if (d->ports.at[i].state == PORT_FREE) {
            d->low_port = (uint32_t)i + 1;
            return (int)i;
        }
    d->low_port = (uint32_t)d->ports.len;
    if (d->ports.len > d->made.max_evtchn_port)
        return -ENOSPC;
    return VEC_PUSH(&d->ports) ? (int)d->ports.len - 1 : -ENOMEM;
}

int machine_evtchn_alloc(struct machine *m, uint32_t domid, uint32_t remote)
{
    struct domain *d = machine_find(m, domid);
    int port;

    if (!d || d->is_dying)
        return -ESRCH;
    if (!machine_find(m, remote))
        return -ESRCH;
    port = take_port(d);
    if (port > 0)
        d->ports.at[port] = (struct port){.state = PORT_UNBOUND, .remote = remote};
    return port;
}

int machine_evtchn_bind(struct machine *m, uint32_t domid, uint32_t remote, uint32_t remote_port)
{
    struct domain *d = machine_find(m, domid), *r = machine_find(m, remote);
    struct port *other;
    int port;

    if (!d || !r || d->is_dying || r->is_dying)
        return -ESRCH;
    other = port_at(r, remote_port);
    if (!other || other->state != PORT_UNBOUND || other->remote != domid)
        return -EINVAL;
    port = take_port(d);
    if (port < 0)
        return port;
    other = port_at(r, remote_port); /* the table may have moved, if both ends are in one domain */
    d->ports.at[port] = (struct port){.state = PORT_BOUND, .remote = remote, .remote_port = remote_port};
    other->state = PORT_BOUND;
    other->remote_port = (uint32_t)port;
    /* What was sent before there was an end to hear it: the binder is told to look. */
    d->ports.at[port].pending = true;
    return port;
}

static void close_port(struct machine *m, struct port *p)
{
    struct port *other = p->state == PORT_BOUND ? port_at(machine_find(m, p->remote), p->remote_port) : NULL;

    if (other) {
        other->state = PORT_UNBOUND;
        other->remote_port = 0;
    }
    *p = (struct port){.state = PORT_FREE};
}

int machine_evtchn_close(struct machine *m, uint32_t domid, uint32_t port)
{
    struct domain *d = machine_find(m, domid);
    struct port *p = port_at(d, port);

    if (!d)
        return -ESRCH;
    if (!p)
        return -EINVAL;
    close_port(m, p);
    if (port < d->low_port)
        d->low_port = port;
    return 0;
}

void ports_close_all(struct machine *m, struct domain *d)
{
    for (size_t i = 1; i < d->ports.len; i++)
        close_port(m, &d->ports.at[i]);
}

/* Without memory for the queue the kick stays pending, until the next one. */
static void queue(struct machine *m, struct domain *d, uint32_t port)
{
    struct port *p = &d->ports.at[port];
    struct kick *k;

    if (p->queued || !p->pending || !p->kicked || !domain_runs(d))
        return;
    k = VEC_PUSH(&m->kicks);
    if (!k)
        return;
    *k = (struct kick){d->domid, port};
    p->queued = true;
}

int machine_evtchn_send(struct machine *m, uint32_t domid, uint32_t port)
{
    struct domain *d = machine_find(m, domid), *r;
    const struct port *p = port_at(d, port);
    struct port *other;

    if (!d)
        return -ESRCH;
    if (!p)
        return -EINVAL;
    /* Nobody is there: lost, as on Xen. */
    if (p->state == PORT_UNBOUND)
        return 0;
    r = machine_find(m, p->remote);
    other = port_at(r, p->remote_port);
    if (!other)
        return 0;
    other->pending = true;
    queue(m, r, p->remote_port);
    return 0;
}

int machine_evtchn_listen(struct machine *m, uint32_t domid, uint32_t port, void (*kicked)(void *arg), void *arg)
{
    struct domain *d = machine_find(m, domid);
    struct port *p = port_at(d, port);

    if (!d)
        return -ESRCH;
    if (!p)
        return -EINVAL;
    p->kicked = kicked;
    p->arg = arg;
    queue(m, d, port);
    return 0;
}

void ports_wake(struct machine *m, struct domain *d)
{
    for (size_t i = 1; i < d->ports.len; i++)
        if (d->ports.at[i].state != PORT_FREE)
            queue(m, d, (uint32_t)i);
}

/* The port may be gone, or be another's by now; and a paused guest hears nothing until it runs. */
static bool deliver(struct machine *m, const struct kick *k)
{
    struct domain *d = machine_find(m, k->domid);
    struct port *p = port_at(d, k->port);

    if (!p || !p->queued)
        return false;
    p->queued = false;
    if (!p->pending || !p->kicked || !domain_runs(d))
        return false;
    p->pending = false;
    p->kicked(p->arg);
    return true;
}

bool ports_turn(struct machine *m)
{
    size_t due = m->kicks.len;
    bool any = false;

    /* What callbacks add waits for the next turn. */
    for (size_t i = 0; i < due; i++) {
        struct kick k = m->kicks.at[i];

        any |= deliver(m, &k);
    }
    m->kicks.len -= due;
    if (m->kicks.len)
        memmove(m->kicks.at, m->kicks.at + due, m->kicks.len * sizeof *m->kicks.at);
    return any || m->kicks.len;
}
