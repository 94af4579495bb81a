/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Sets of this machine's processors as text, and which of them belong to a NUMA
 * node.
 */
#ifndef DOMO_DOM_CPUS_H
#define DOMO_DOM_CPUS_H

#include "base/str.h"
#include "host/host.h"

/* What the host has, read once: free(cpus->at). */
struct cpus {
    struct hyp_cpu *at;
    size_t n;
};

int cpus_load(struct host *, struct cpus *ret, struct domo_err *) MUST_CHECK;
void cpus_fini(struct cpus *);

/* A list as cpus= of a config has it ("0-3,^2", "all", "nodes:0,^node:1"): only processors that the host has count.
 * CONFIG_VALUE: it is none, or leaves no processor of this host. */
int cpus_parse(const struct cpus *, const char *text, uint64_t ret[HYP_CPU_WORDS], struct domo_err *) MUST_CHECK;

/* Adds "all" if the first "n" processors are in it, "none" if none of them is, else "0-2,5". */
void cpus_print(const uint64_t words[HYP_CPU_WORDS], size_t n, struct str *to);

static inline bool cpus_has(const uint64_t words[HYP_CPU_WORDS], size_t cpu)
{
    return words[cpu / 64] >> cpu % 64 & 1;
}
static inline void cpus_add(uint64_t words[HYP_CPU_WORDS], size_t cpu)
{
    words[cpu / 64] |= (uint64_t)1 << cpu % 64;
}

#endif
