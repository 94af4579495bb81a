/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a domain that exists may have of the machine's processors. Part of
 * host.h.
 */
#ifndef DOMO_HOST_RES_H
#define DOMO_HOST_RES_H

#include <stdbool.h>
#include <stdint.h>

/* Bitmaps of processors: processor N is bit N % 64 of word N / 64. */
enum { HYP_CPUS_MAX = 2048, HYP_CPU_WORDS = HYP_CPUS_MAX / 64 };

/* One processor of the machine. */
struct hyp_cpu {
    bool is_online;
    uint32_t node, socket, core;
};

/* One virtual processor of a domain. */
struct hyp_vcpu {
    bool is_online; /* the guest uses it */
    bool is_blocked, is_running;
    uint32_t cpu; /* where it runs, or ran last */
    uint64_t cpu_time_ns;
    uint64_t hard[HYP_CPU_WORDS]; /* where it may run */
    uint64_t soft[HYP_CPU_WORDS]; /* and of these, where it would rather */
};

/* Where it is to run: HYP_CPU_WORDS words each, NULL = as it is. */
struct hyp_pin {
    const uint64_t *hard, *soft;
    bool force; /* also where the kernel of domain 0 has pinned it for a moment */
};

/* Processors that are scheduled together; every domain is in one. */
struct hyp_pool {
    uint32_t id;
    char scheduler[16];
    uint32_t domains;
    uint64_t cpus[HYP_CPU_WORDS];
};

/* A share of time, as scheduler "rtds" gives it. */
struct hyp_rtds {
    uint32_t period_us, budget_us;
    bool extratime; /* also what nobody else has use for */
};

/* What a pool's scheduler does for all; what one does not have is 0. */
struct hyp_sched_params {
    uint32_t tslice_ms, ratelimit_us, migration_delay_us;
};

#endif
