/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the simulated machine is inside: for machine*.c alone.
 *
 * Who owns what: the machine its domains, a domain its pages, ports and
 * grants. A page that somebody else has mapped outlives the domain's death;
 * the domain then stays as a dying one until the last map is gone, as on Xen.
 */
#ifndef DOMO_SIM_MACHINE_IMPL_H
#define DOMO_SIM_MACHINE_IMPL_H

#include <uthash.h>

#include "base/vec.h"
#include "sim/machine.h"

enum {
    PAGE_KIB = 4,
    DOMID_END = 0x7FF0, /* the first reserved one */
    OVERHEAD_KIB = 128, /* what Xen itself keeps for a domain */
    GRANTS_PER_FRAME = 512,
    GRANT_FRAMES_DEFAULT = 64,
    GRANTS_RESERVED = 8,
    GRANT_CONSOLE = 0,
    GRANT_STORE = 1,
    EVTCHN_MAX = 131071, /* of one domain, with the widest ABI */
    VCPUS_MAX = 512,
    XEN_MAJOR = 4,
    XEN_MINOR = 17,
};

struct page {
    uint64_t gfn;
    uint32_t maps; /* by others: a page with maps is not freed */
    bool taken;    /* by machine_take_page() */
    int fd;        /* of its memory; -1: nobody outside has asked for it */
    void *bytes;
    UT_hash_handle hh;
};

enum port_state { PORT_FREE, PORT_UNBOUND, PORT_BOUND };

struct port {
    enum port_state state;
    uint32_t remote;      /* domid: who may bind, or who is at the other end */
    uint32_t remote_port; /* PORT_BOUND */
    bool pending, queued;
    void (*kicked)(void *arg);
    void *arg;
};

struct map {
    uint32_t mapper, ref;
    uint32_t count;
    struct page *page;
};

struct grant {
    bool used, read_only;
    uint32_t remote;
    uint64_t gfn;
    uint32_t maps;
};

struct vcpu {
    bool is_offline; /* the guest has put it away */
    uint64_t hard[HYP_CPU_WORDS], soft[HYP_CPU_WORDS];
    struct hyp_rtds rtds;
};

struct pool {
    uint32_t id;
    size_t scheduler; /* a row of machine_pool.c */
    uint64_t cpus[HYP_CPU_WORDS];
    struct hyp_sched_params params;
};

struct domain {
    uint32_t domid;
    uint32_t order;             /* it was the n-th to be made, counting from 1; 0: domain 0 */
    struct hyp_domain_new made; /* as it was asked for */
    uint32_t vcpus;
    struct vcpu *vcpu; /* "vcpus" of them */
    uint64_t max_mem_kib;
    uint64_t mem_kib;      /* taken from the host now */
    uint64_t memory_pages; /* gfns below this are its own */
    int64_t ballooned_kib; /* taken since it was built; negative: given back */
    uint64_t next_page;    /* machine_take_page() goes down from here */
    uint32_t pauses;
    bool built, started, is_shutdown, is_dying;
    enum machine_reason reason;
    uint32_t weight, cap;
    char *cmdline, *kernel_path;
    uint64_t store_gfn, console_gfn;
    uint32_t store_port, console_port;
    uint64_t ran_us;       /* processor time used up to "runs_since" */
    int64_t runs_since_ms; /* -1: it does not run */
    struct page *pages;    /* hash by gfn */
    VEC(uint64_t) given;   /* pages that were taken and given back */
    VEC(struct port) ports;
    uint32_t low_port; /* none below this is free; 0 = not known */
    VEC(struct grant) grants;
    VEC(struct map) maps; /* of its pages, by others */
};

struct change {
    uint32_t domid;
    enum machine_change what;
};

struct kick {
    uint32_t domid, port;
};

struct listener {
    void (*changed)(void *arg, uint32_t domid, enum machine_change);
    void *arg;
};

struct machine {
    struct machine_size size;
    uint64_t free_kib;
    int64_t now_ms;
    bool has_time;                /* machine_set_time() was called */
    uint32_t last_domid;          /* the next one is looked for behind it */
    uint32_t made;                /* domains so far, without domain 0 */
    VEC(struct domain *) domains; /* by domid */
    VEC(struct pool) pools;
    VEC(struct change) changes;
    VEC(struct kick) kicks;
    VEC(struct listener) listeners;
};

/* NULL if there is none. */
struct domain *machine_find(const struct machine *, uint32_t domid);
bool domain_runs(const struct domain *);

/* --- pages --- */
struct page *page_get(struct domain *, uint64_t gfn); /* made if need be; NULL: no such page, or no memory */
struct page *page_find(const struct domain *, uint64_t gfn);
int page_fd(struct page *) MUST_CHECK; /* or a negative errno */
void page_release(struct page *);
void page_drop(struct domain *, struct page *);
/* Lets go of everything that nobody has mapped. */
void pages_kill(struct domain *);

/* --- grants --- */
int grants_init(struct domain *) MUST_CHECK; /* reserves the first ones */
int grant_at(struct domain *, uint32_t ref, uint32_t remote, uint64_t gfn) MUST_CHECK;
/* Unmaps everything that "mapper" has mapped of others. */
void grants_unmap_all(struct machine *, uint32_t mapper);

/* --- ports --- */
void ports_close_all(struct machine *, struct domain *);
void ports_wake(struct machine *, struct domain *); /* it runs again: what is pending is told */
bool ports_turn(struct machine *);

/* --- virtual processors --- */
int vcpus_init(const struct machine *, struct domain *, uint32_t n, const struct hyp_setup *) MUST_CHECK;
uint32_t vcpus_online(const struct domain *);

/* --- pools --- */
int pools_init(struct machine *) MUST_CHECK;
bool pool_exists(const struct machine *, uint32_t id);
void rtds_init(struct hyp_rtds *);

/* --- the end of a domain --- */
int machine_tell(struct machine *, uint32_t domid, enum machine_change) MUST_CHECK;
/* Removes a dying domain if none of its pages is mapped any more. */
void machine_reap(struct machine *, struct domain *);

#endif
