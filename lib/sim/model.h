/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What device models tell the host. A guest whose processors are in a QEMU ends
 * there: a real device model tells the hypervisor of it, this one says it on a
 * second monitor, which it connects to the host's socket.
 */
#ifndef DOMO_SIM_MODEL_H
#define DOMO_SIM_MODEL_H

#include "base/str.h"
#include "sim/peer.h"
#include "sim/sim.h"

/* A line of its monitor (QMP); "out" gets what it is asked. "about" becomes the guest's domid. A desk_line. */
void model_line(struct sim *, struct peer *, uint32_t *about, const char *line, size_t len, struct str *out,
                bool *ret_stop);

#endif
