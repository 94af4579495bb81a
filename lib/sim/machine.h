/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The simulated machine: domains with memory, virtual processors, event
 * channels and grant tables, as a hypervisor keeps them. Pure: no clock, no
 * file, no socket (a page that a process outside maps is a memfd); callbacks run from machine_turn() alone, so that
 * nobody is called back in the middle of a change of his own.
 *
 * Functions return 0 (or a number that is not negative) or a negative errno,
 * the one that Xen 4.17 gives for the same mistake.
 */
#ifndef DOMO_SIM_MACHINE_H
#define DOMO_SIM_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "host/host.h"

struct machine;

enum { MACHINE_PAGE_SIZE = 4096 };

/* Shutdown reasons (xen/sched.h: SHUTDOWN_*). */
enum machine_reason {
    MACHINE_POWEROFF,
    MACHINE_REBOOT,
    MACHINE_SUSPEND,
    MACHINE_CRASH,
    MACHINE_WATCHDOG,
    MACHINE_SOFT_RESET,
};

/* What happened to a domain. Told in this order; GONE is the last word about a domid until it is used again. */
enum machine_change {
    MACHINE_STARTED,  /* unpaused for the first time after a build; never an HVM guest: its device model runs it */
    MACHINE_SHUTDOWN, /* it stopped by itself: see its reason */
    MACHINE_DYING,    /* destroy was asked for; its pages live on while others have them mapped */
    MACHINE_GONE,
};

struct machine_size {
    uint64_t mem_kib; /* of the whole host, domain 0's share included */
    uint64_t dom0_kib;
    uint32_t cpus;
};

/* A machine with domain 0 running. NULL when out of memory. */
struct machine *machine_new(const struct machine_size *);
struct machine *machine_free(struct machine *);

/* Time as the machine sees it, for cpu_time_ns of the domains that run; never goes back. */
void machine_set_time(struct machine *, int64_t now_ms);

/* --- what a toolstack asks; the types are the seam's --- */
int machine_info(const struct machine *, struct hyp_host_info *ret) MUST_CHECK;
int machine_create(struct machine *, const struct hyp_domain_new *, uint32_t *ret_domid) MUST_CHECK;
/* It was the n-th domain to be made on this machine, counting from 1; 0: domain 0, or none. */
uint32_t machine_order(const struct machine *, uint32_t domid);
int machine_setup(struct machine *, uint32_t domid, const struct hyp_setup *) MUST_CHECK;
/* "image->kernel" is not read: the simulation runs no code. Memory is taken here. */
int machine_build(struct machine *, uint32_t domid, const struct hyp_image *, struct hyp_built *ret) MUST_CHECK;
int machine_pause(struct machine *, uint32_t domid) MUST_CHECK;
int machine_unpause(struct machine *, uint32_t domid) MUST_CHECK;
int machine_destroy(struct machine *, uint32_t domid) MUST_CHECK;
/* -EINVAL if it has not suspended itself. */
int machine_resume(struct machine *, uint32_t domid) MUST_CHECK;
int machine_set_uuid(struct machine *, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN]) MUST_CHECK;
/* The guests of this machine have no handler for any of them: nothing follows. -EINVAL, -ENOSYS. */
int machine_trigger(const struct machine *, uint32_t domid, enum hyp_trigger, uint32_t vcpu) MUST_CHECK;
int machine_domain(const struct machine *, uint32_t domid, struct hyp_info *ret) MUST_CHECK;
/* The first domain at or above "first"; -ESRCH if there is none. */
int machine_next(const struct machine *, uint32_t first, struct hyp_info *ret) MUST_CHECK;
/* Was it made with one? */
bool machine_has_iommu(const struct machine *, uint32_t domid);
int machine_sched(const struct machine *, uint32_t domid, struct hyp_sched *ret) MUST_CHECK;
int machine_sched_set(struct machine *, uint32_t domid, const struct hyp_sched *) MUST_CHECK;
int machine_rtds(const struct machine *, uint32_t domid, uint32_t vcpu, struct hyp_rtds *ret) MUST_CHECK;
int machine_rtds_set(struct machine *, uint32_t domid, uint32_t vcpu, const struct hyp_rtds *) MUST_CHECK;
int machine_sched_params(const struct machine *, uint32_t pool, struct hyp_sched_params *ret) MUST_CHECK;
int machine_sched_params_set(struct machine *, uint32_t pool, const struct hyp_sched_params *) MUST_CHECK;

/* --- pools of processors; pool 0 has them all at first --- */
/* The first at or above "first"; -ENOENT if there is none. */
int machine_pool(const struct machine *, uint32_t first, struct hyp_pool *ret) MUST_CHECK;
/* The processors that are in none. */
void machine_pool_free(const struct machine *, uint64_t ret[HYP_CPU_WORDS]);
int machine_pool_create(struct machine *, const char *scheduler, uint32_t *ret) MUST_CHECK;
int machine_pool_destroy(struct machine *, uint32_t pool) MUST_CHECK;
int machine_pool_cpu(struct machine *, uint32_t pool, uint32_t cpu, bool add) MUST_CHECK;
int machine_pool_move(struct machine *, uint32_t pool, uint32_t domid) MUST_CHECK;

/* The machine's processor of that number; false beyond the last one. */
bool machine_cpu(const struct machine *, uint32_t i, struct hyp_cpu *ret);
/* -EINVAL: it has not so many. */
int machine_vcpu(const struct machine *, uint32_t domid, uint32_t vcpu, struct hyp_vcpu *ret) MUST_CHECK;
/* -EINVAL, too, if it could run nowhere. */
int machine_vcpu_pin(struct machine *, uint32_t domid, uint32_t vcpu, const struct hyp_pin *) MUST_CHECK;

/* --- what a guest does --- */
/* Begins to use one of its processors, or ends. */
int machine_vcpu_online(struct machine *, uint32_t domid, uint32_t vcpu, bool on) MUST_CHECK;
int machine_shutdown(struct machine *, uint32_t domid, enum machine_reason) MUST_CHECK;
/* Does it run: neither paused, nor shut down, nor dying? */
bool machine_runs(const struct machine *, uint32_t domid);
/* What build_pv was told: command line and names, for the guest's behaviour. NULL before the build. */
const char *machine_cmdline(const struct machine *, uint32_t domid);
const char *machine_kernel_path(const struct machine *, uint32_t domid);
/* The guest's page of that number: allocated and zeroed at first use, NULL beyond its memory. Only the guest itself
 * and the toolstack look at it; others map a grant. */
void *machine_page(struct machine *, uint32_t domid, uint64_t gfn);
/* A free page for a ring; its gfn. -ENOMEM. */
int64_t machine_take_page(struct machine *, uint32_t domid) MUST_CHECK;
void machine_give_page(struct machine *, uint32_t domid, uint64_t gfn);
/* Where the toolstack put the rings of store and console. */
int machine_rings(const struct machine *, uint32_t domid, uint64_t *ret_store_gfn, uint32_t *ret_store_port,
                  uint64_t *ret_console_gfn, uint32_t *ret_console_port) MUST_CHECK;

/* It gives memory back, or takes it, until it owns so much (rounded down to pages; never less than its kernel keeps).
 * Which of its pages go is not modelled. -ENOMEM above its limit, or when the host has not got it. */
int machine_balloon(struct machine *, uint32_t domid, uint64_t kib) MUST_CHECK;
/* What it may own in all. */
int machine_mem_limit(struct machine *, uint32_t domid, uint64_t kib) MUST_CHECK;
/* Nothing is populated on demand here: it only has to be a domain that could be. */
int machine_pod_target(struct machine *, uint32_t domid, uint64_t kib) MUST_CHECK;

/* A descriptor of the page's memory, by which another process can map it; the machine's own, closed with the page. */
int machine_page_fd(struct machine *, uint32_t domid, uint64_t gfn) MUST_CHECK;

/* --- grants: "domid" lets "remote" map page "gfn" --- */
/* The reference. References 0 to 7 are reserved: 0 the console's page, 1 the store's. */
int machine_grant(struct machine *, uint32_t domid, uint32_t remote, uint64_t gfn, bool read_only) MUST_CHECK;
/* -EBUSY while it is mapped, -ENOENT if it is no grant. */
int machine_ungrant(struct machine *, uint32_t domid, uint32_t ref) MUST_CHECK;
/* As GNTTABOP_map_grant_ref of "mapper": -EINVAL (bad reference), -EPERM (not granted to the mapper, or only for
 * reading), -ESRCH. The page stays valid until it is unmapped, whatever becomes of the domain. */
int machine_map(struct machine *, uint32_t mapper, uint32_t domid, uint32_t ref, bool write, void **ret) MUST_CHECK;
int machine_unmap(struct machine *, uint32_t mapper, uint32_t domid, uint32_t ref) MUST_CHECK;
/* As machine_page_fd(), for a page that "mapper" has mapped. -EINVAL. */
int machine_map_fd(struct machine *, uint32_t mapper, uint32_t domid, uint32_t ref) MUST_CHECK;

/* --- event channels --- */
/* A port of "domid" that "remote" may bind. -ENOSPC beyond the domain's limit. */
int machine_evtchn_alloc(struct machine *, uint32_t domid, uint32_t remote) MUST_CHECK;
/* A port of "domid", bound to the unbound port of "remote". -EINVAL if that is not for us, or bound already. */
int machine_evtchn_bind(struct machine *, uint32_t domid, uint32_t remote, uint32_t remote_port) MUST_CHECK;
int machine_evtchn_close(struct machine *, uint32_t domid, uint32_t port) MUST_CHECK;
/* Kicks the other end; a kick before anybody listens there stays pending. */
int machine_evtchn_send(struct machine *, uint32_t domid, uint32_t port) MUST_CHECK;
/* Who is called, once for any number of kicks, when the port of "domid" was kicked. NULL: nobody (any more). */
int machine_evtchn_listen(struct machine *, uint32_t domid, uint32_t port, void (*kicked)(void *arg),
                          void *arg) MUST_CHECK;

/* --- the turn --- */
/* Who is told of changes; any number of listeners, called in the order in which they were added. */
int machine_on_change(struct machine *, void (*changed)(void *arg, uint32_t domid, enum machine_change),
                      void *arg) MUST_CHECK;
/* Calls back everybody who is due. False when there was nobody. Callbacks may cause more: call it until it is false. */
bool machine_turn(struct machine *);

/* Everything against everything: memory sums, ports in pairs, counts of maps. 0, or -EIO with *ret_why (caller frees).
 */
int machine_check(const struct machine *, char **ret_why) MUST_CHECK;

#endif
