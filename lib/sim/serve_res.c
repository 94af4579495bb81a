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

int do_cpus(struct call *c)
{
    struct str s AUTO_STR = STR_INIT;
    struct hyp_cpu cpu;

    for (uint32_t i = 0; machine_cpu(sim_machine(c->sim), i, &cpu); i++) {
        if (i)
            str_addc(&s, '\n');
        rec_put(&s, &sim_cpu, &cpu);
    }
    json_set_str(c->out, "out", str_text(&s));
    return s.failed ? -ENOMEM : 0;
}

int do_vcpu(struct call *c)
{
    struct str s AUTO_STR = STR_INIT;
    struct hyp_vcpu v;
    int r = machine_vcpu(sim_machine(c->sim), number(c, "domid"), number(c, "vcpu"), &v);

    if (r < 0)
        return r;
    rec_put(&s, &sim_vcpu_row, &v);
    json_set_str(c->out, "out", str_text(&s));
    return s.failed ? -ENOMEM : 0;
}

/* NULL: the request has none of that name. */
static const uint64_t *take_words(const struct call *c, const char *name, uint64_t words[HYP_CPU_WORDS])
{
    const struct json *list = json_get(c->in, name);

    if (!list)
        return NULL;
    for (size_t i = 0; i < HYP_CPU_WORDS; i++)
        words[i] = json_uint(json_at(list, i, NULL), 0);
    return words;
}

int do_vcpu_pin(struct call *c)
{
    uint64_t hard[HYP_CPU_WORDS], soft[HYP_CPU_WORDS];
    const struct hyp_pin pin = {.hard = take_words(c, "hard", hard), .soft = take_words(c, "soft", soft)};

    return machine_vcpu_pin(sim_machine(c->sim), number(c, "domid"), number(c, "vcpu"), &pin);
}
