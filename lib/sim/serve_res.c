/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The calls about what a domain that exists may have of the machine.
 */
#include <errno.h>

#include "host/sim_wire.h"
#include "sim/serve_impl.h"

static uint32_t number(const struct call *c, const char *name)
{
    return (uint32_t)json_uint(json_get(c->in, name), UINT32_MAX);
}

int do_mem_limit(struct call *c)
{
    return machine_mem_limit(sim_machine(c->sim), number(c, "domid"), json_uint(json_get(c->in, "kib"), 0));
}

int do_pod_target(struct call *c)
{
    return machine_pod_target(sim_machine(c->sim), number(c, "domid"), json_uint(json_get(c->in, "kib"), 0));
}
