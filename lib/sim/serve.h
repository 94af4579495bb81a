/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The seam's requests, answered: host/sim_wire.h says how they look. Pure:
 * text in, text out.
 */
#ifndef DOMO_SIM_SERVE_H
#define DOMO_SIM_SERVE_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/peer.h"
#include "sim/sim.h"

/* The reply to one request of "peer", without a newline; caller frees. NULL when out of memory. *ret_stop: the host is
 * asked to end. The descriptors that go with the reply are the peer's (peer_take_fds). */
char *serve_request(struct sim *, struct peer *, const char *text, size_t len, bool *ret_stop);

#endif
