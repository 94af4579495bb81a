/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a domain that exists may have of the machine, asked of domo-simd.
 */
#include <errno.h>

#include "host/sim.h"
#include "host/sim_wire.h"

static int ask_kib(struct host *h, const char *op, uint32_t domid, uint64_t kib, struct domo_err *err)
{
    struct json *request = sim_request(op);

    h->stats.hyp_calls++;
    json_set_uint(request, "domid", domid);
    json_set_uint(request, "kib", kib);
    return sim_ask(h->impl, request, NULL, err);
}

int sim_mem_limit(struct host *h, uint32_t domid, uint64_t kib, struct domo_err *err)
{
    int r = ask_kib(h, "mem_limit", domid, kib, err);

    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't limit the memory of domain %u to %llu KiB", domid,
                                (unsigned long long)kib)
                 : 0;
}

int sim_pod_target(struct host *h, uint32_t domid, uint64_t kib, struct domo_err *err)
{
    int r = ask_kib(h, "pod_target", domid, kib, err);

    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r,
                                "can't change the memory that domain %u is populated with on demand to %llu KiB", domid,
                                (unsigned long long)kib)
                 : 0;
}
