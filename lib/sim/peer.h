/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A process in domain 0 that drives devices: what one client of the seam has
 * mapped, shared and bound. It all goes when the client goes, as a kernel lets
 * go for a process that ends.
 *
 * Functions return 0 or a negative errno unless they say otherwise.
 */
#ifndef DOMO_SIM_PEER_H
#define DOMO_SIM_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "host/host.h"
#include "sim/machine.h"

struct peer;

/* NULL when out of memory. */
struct peer *peer_new(struct machine *);
struct peer *peer_free(struct peer *); /* NULL is fine, and returned */

/* *ret_id names what was mapped or shared. One descriptor a page goes with the reply. */
int peer_map(struct peer *, const struct link_map *, uint32_t *ret_id) MUST_CHECK;
int peer_unmap(struct peer *, uint32_t id) MUST_CHECK;
int peer_share(struct peer *, const struct link_share *, uint32_t *ret_refs, uint32_t *ret_id) MUST_CHECK;
int peer_unshare(struct peer *, uint32_t id) MUST_CHECK;

/* The port, or a negative errno. */
int peer_port_alloc(struct peer *, uint32_t domid) MUST_CHECK;
int peer_port_bind(struct peer *, uint32_t domid, uint32_t remote) MUST_CHECK;
/* -EINVAL for a port that is not the peer's. */
int peer_port_close(struct peer *, uint32_t port) MUST_CHECK;
int peer_port_kick(struct peer *, uint32_t port) MUST_CHECK;
int peer_port_unmask(struct peer *, uint32_t port) MUST_CHECK;
/* An eventfd, which goes with the reply; it is written to when a port has an event. */
int peer_events_fd(struct peer *) MUST_CHECK;
/* A port with an event; quiet from then on until it is unmasked. False: there is none. */
bool peer_next_port(struct peer *, uint32_t *ret);

/* The descriptors that go with the reply to the last request, at most HOST_LINK_PAGES_MAX; the caller closes them. */
size_t peer_take_fds(struct peer *, int *ret);
void peer_drop_fds(struct peer *);

#endif
