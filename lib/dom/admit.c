/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/admit.h"

#include <inttypes.h>

#include "dom/dm_argv.h"

enum {
    PV_EXTRA_KIB = 1024, /* what a PV guest costs the host beyond its memory */
    HVM_EXTRA_KIB = 2048,
    ROUND_KIB = 2048
};

int admit_type(struct host *h, const struct spec *s, struct hyp_dm *ret_dm, struct domo_err *err)
{
    switch (s->type) {
    case SPEC_TYPE_PV:
        return 0;
    case SPEC_TYPE_HVM:
        return h->hyp->dm_machine(h, ret_dm, err) || dm_admit(s, err) ? -1 : 0;
    case SPEC_TYPE_PVH:
        break;
    }
    (void)err_set(err, DOMO_E_CONFIG_NOT_ACTED_ON, "this version of domo can't create PVH guests");
    return err_hint(err, "use type=\"pv\", or create this guest with xl");
}

uint64_t admit_need_kib(const struct spec *s)
{
    uint64_t extra = s->type == SPEC_TYPE_PV ? PV_EXTRA_KIB : HVM_EXTRA_KIB;

    return (s->mem_kib + extra + ROUND_KIB - 1) / ROUND_KIB * ROUND_KIB;
}

int admit_sizes(struct host *h, struct spec *s, struct domo_err *err)
{
    uint64_t need = admit_need_kib(s);
    struct hyp_host_info info;

    if (h->hyp->host_info(h, &info, err) || spec_limit_cpus(s, info.cpus, err))
        return -1;
    if (info.free_kib >= need)
        return 0;
    (void)err_set(err, DOMO_E_HOST_MEMORY, "the guest needs %" PRIu64 " MiB, the host has %" PRIu64 " MiB free",
                  need / 1024, info.free_kib / 1024);
    (void)err_fact(err, "needed-kib", "%" PRIu64, need);
    return err_fact(err, "free-kib", "%" PRIu64, info.free_kib);
}
