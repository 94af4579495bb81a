/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The host whose calls fail on request: host.h says how to make one.
 */
#ifndef DOMO_HOST_FAULT_H
#define DOMO_HOST_FAULT_H

#include "host/host.h"

bool fault_is(const struct host *);
struct host *fault_close(struct host *);

#endif
