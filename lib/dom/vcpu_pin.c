/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <stdlib.h>

#include "base/str.h"
#include "dom/cpus.h"
#include "dom/vcpu.h"

struct pinning {
    uint64_t hard[HYP_CPU_WORDS], soft[HYP_CPU_WORDS];
    struct hyp_pin pin;
    uint32_t first, count;
};

static bool is_given(const char *list)
{
    return list && !str_eq(list, "-");
}

static int read_lists(struct host *h, const struct vcpu_pin *how, struct pinning *p, struct domo_err *err)
{
    struct cpus cpus = {.at = NULL};
    int r;

    p->pin.force = how->force;
    if (cpus_load(h, &cpus, err))
        return -1;
    r = is_given(how->hard) ? cpus_parse(&cpus, how->hard, p->hard, err) : 0;
    if (r == 0 && is_given(how->soft))
        r = cpus_parse(&cpus, how->soft, p->soft, err);
    cpus_fini(&cpus);
    p->pin.hard = is_given(how->hard) ? p->hard : NULL;
    p->pin.soft = is_given(how->soft) ? p->soft : NULL;
    return r;
}

static int choose(struct host *h, uint32_t domid, const struct vcpu_pin *how, struct pinning *p, struct domo_err *err)
{
    struct hyp_info info = {0};

    if (h->hyp->info(h, domid, &info, err))
        return -1;
    p->first = how->all ? 0 : how->vcpu;
    p->count = how->all ? info.vcpus_max : 1;
    if (p->first + (uint64_t)p->count > info.vcpus_max)
        return err_set(err, DOMO_E_CONFIG_VALUE, "domain %" PRIu32 " has no vcpu %" PRIu32 ": it has %" PRIu32, domid,
                       how->vcpu, info.vcpus_max);
    return 0;
}

/* Those that were pinned before one could not be are put back. */
static int pin_all(struct host *h, uint32_t domid, const struct pinning *p, struct domo_err *err)
{
    struct hyp_vcpu *AUTO_FREE before = calloc(p->count ? p->count : 1, sizeof *before);
    uint32_t done = 0;
    int r = before ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");

    for (; r == 0 && done < p->count; done++) {
        r = h->hyp->vcpu(h, domid, p->first + done, &before[done], err);
        if (r == 0)
            r = h->hyp->vcpu_pin(h, domid, p->first + done, &p->pin, err);
        if (r)
            break;
    }
    while (r && done > 0) {
        const struct hyp_pin back = {.hard = before[done - 1].hard, .soft = before[done - 1].soft};

        done--;
        IGNORE(h->hyp->vcpu_pin(h, domid, p->first + done, &back, NULL));
    }
    return r;
}

int vcpu_pin(struct host *h, uint32_t domid, const struct vcpu_pin *how, struct json **ret, struct domo_err *err)
{
    struct pinning p = {.first = 0};

    if (read_lists(h, how, &p, err) || choose(h, domid, how, &p, err) || pin_all(h, domid, &p, err))
        return -1;
    return vcpu_list(h, &domid, 1, ret, err);
}
