/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the files of the "sim:" host share: this side of the socket to
 * domo-simd.
 */
#ifndef DOMO_HOST_SIM_H
#define DOMO_HOST_SIM_H

#include "base/json.h"
#include "base/rec.h"
#include "base/str.h"
#include "host/xen.h"

/* SIM_DIR_MAX: so that paths of sockets in it fit into struct sockaddr_un. */
enum { SIM_DIR_MAX = 92, SIM_MACHINE_WORDS = 9 };

struct sim_link;

/* host->impl of a "sim:" host. */
struct sim_host {
    struct xen_host xen; /* first: the store's operations are those of "xen:", on the socket in host->store_path */
    char dir[SIM_DIR_MAX + 1];
    uint32_t domid;      /* the domain that we run in: 0, or a driver domain */
    int fd;              /* the seam; -1 = not connected */
    struct json *faults; /* of its world */
    char *model;         /* what connects a device model to the host, in: */
    const char *machine[SIM_MACHINE_WORDS + 1];
    struct str in;                /* what was read behind the last reply */
    int fds[HOST_LINK_PAGES_MAX]; /* that came with the last reply; -1 = taken */
    size_t fd_count;
    struct sim_link *link; /* NULL: nothing asked of it yet */
    struct env_ops env;    /* this machine's; but a wait ends with the host */
};

extern const struct hyp_ops sim_hyp_ops;
extern const struct os_ops sim_os_ops;
extern const struct link_ops sim_link_ops;

/* The directory of "sim:DIR", made absolute, and the domain of "sim:DIR?domid=N" (0 without). USAGE. */
int sim_dir(const char *uri, char ret[SIM_DIR_MAX + 1], uint32_t *ret_domid, struct domo_err *) MUST_CHECK;

/* Connects, starting domo-simd if it does not run; *ret_started says whether (may be NULL). */
int sim_connect(struct sim_host *, const struct log *, bool *ret_started, struct domo_err *) MUST_CHECK;
/* Connects if it runs; *ret_runs. */
int sim_try_connect(struct sim_host *, bool *ret_runs, struct domo_err *) MUST_CHECK;
void sim_disconnect(struct sim_host *);
/* Starts domo-simd for a directory where none runs. */
int sim_spawn(const char *dir, bool *ret_was_killed, struct domo_err *) MUST_CHECK;

/* A request for operation "op"; add to it, then ask. */
struct json *sim_request(const char *op);
void sim_add_record(struct json *request, const struct rec_table *, const void *record);
/* Sends "request" (taken over). Returns 0, a negative errno that the host answered, or SIM_LOST with *err filled when
 * there was no answer. *ret (may be NULL) is the reply, the caller's, also with an errno. */
enum { SIM_LOST = -4096 };
int sim_ask(struct sim_host *, struct json *request, struct json **ret, struct domo_err *) MUST_CHECK;
/* "The host went away", with "sys" (0 = without) as the reason. Returns SIM_LOST. */
int sim_lost(const struct sim_host *, struct domo_err *, int sys);
/* The only record, or the first, of a reply. */
int sim_take_record(const struct json *reply, const struct rec_table *, void *record, struct domo_err *) MUST_CHECK;
/* All records of a reply, each "size" bytes; free(*ret). */
int sim_take_records(const struct json *reply, const struct rec_table *, size_t size, void **ret, size_t *ret_n,
                     struct domo_err *) MUST_CHECK;

/* Closes the descriptors that came with the last reply, those that nobody has taken. */
void sim_drop_fds(struct sim_host *);

/* What an errno of a hypervisor's call means: as libxenctrl's failures. Nothing to do for SIM_LOST. Returns -1. */
int sim_hyp_fail(struct domo_err *, enum domo_code fallback, int r, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* -- sim_assign.c: devices of the machine -- */
int sim_dump_core(struct host *, uint32_t domid, int fd, struct domo_err *) MUST_CHECK;
int sim_resume(struct host *, uint32_t domid, struct domo_err *) MUST_CHECK;
int sim_set_uuid(struct host *, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN], struct domo_err *) MUST_CHECK;
int sim_trigger(struct host *, uint32_t domid, enum hyp_trigger, uint32_t vcpu, struct domo_err *) MUST_CHECK;
int sim_pci_assign(struct host *, uint32_t domid, const struct pci_addr *, struct domo_err *) MUST_CHECK;
int sim_pci_deassign(struct host *, uint32_t domid, const struct pci_addr *, struct domo_err *) MUST_CHECK;
int sim_io_access(struct host *, uint32_t domid, const struct hyp_io *, bool allow, struct domo_err *) MUST_CHECK;
int sim_pci_list(struct host *, struct os_pci **ret, size_t *ret_n, struct domo_err *) MUST_CHECK;
int sim_pci_driver(struct host *, const struct pci_addr *, const char *driver, struct domo_err *) MUST_CHECK;
int sim_pci_act(struct host *, const struct pci_addr *, enum os_pci_action, struct domo_err *) MUST_CHECK;
int sim_usb_list(struct host *, struct os_usb **ret, size_t *ret_n, struct domo_err *) MUST_CHECK;
int sim_usb_driver(struct host *, const char *name, const char *driver, struct domo_err *) MUST_CHECK;

/* -- sim_res.c: what a domain may have of the machine -- */
int sim_mem_limit(struct host *, uint32_t domid, uint64_t kib, struct domo_err *) MUST_CHECK;
int sim_pod_target(struct host *, uint32_t domid, uint64_t kib, struct domo_err *) MUST_CHECK;
int sim_cpus(struct host *, struct hyp_cpu *ret, size_t max, size_t *ret_n, struct domo_err *) MUST_CHECK;
int sim_vcpu(struct host *, uint32_t domid, uint32_t vcpu, struct hyp_vcpu *ret, struct domo_err *) MUST_CHECK;
int sim_vcpu_pin(struct host *, uint32_t domid, uint32_t vcpu, const struct hyp_pin *, struct domo_err *) MUST_CHECK;
int sim_sched_set(struct host *, uint32_t domid, const struct hyp_sched *, struct domo_err *) MUST_CHECK;
int sim_rtds(struct host *, uint32_t domid, uint32_t vcpu, struct hyp_rtds *ret, struct domo_err *) MUST_CHECK;
int sim_rtds_set(struct host *, uint32_t domid, uint32_t vcpu, const struct hyp_rtds *, struct domo_err *) MUST_CHECK;
int sim_sched_params(struct host *, uint32_t pool, struct hyp_sched_params *ret, struct domo_err *) MUST_CHECK;
int sim_sched_params_set(struct host *, uint32_t pool, const struct hyp_sched_params *, struct domo_err *) MUST_CHECK;
int sim_pool(struct host *, uint32_t first, struct hyp_pool *ret, bool *ret_found, struct domo_err *) MUST_CHECK;
int sim_pool_free(struct host *, uint64_t ret[HYP_CPU_WORDS], struct domo_err *) MUST_CHECK;
int sim_pool_create(struct host *, const char *scheduler, uint32_t *ret, struct domo_err *) MUST_CHECK;
int sim_pool_destroy(struct host *, uint32_t pool, struct domo_err *) MUST_CHECK;
int sim_pool_cpu(struct host *, uint32_t pool, uint32_t cpu, bool add, struct domo_err *) MUST_CHECK;
int sim_pool_move(struct host *, uint32_t pool, uint32_t domid, struct domo_err *) MUST_CHECK;

/* Ends domo-simd and waits until it is gone; *ret_was_running. */
int sim_stop(struct sim_host *, bool *ret_was_running, struct domo_err *) MUST_CHECK;

/* Lets go of everything that was mapped, shared or bound. */
void sim_link_close(struct host *);

/* Fills a host; what it has begun on failure is sim_close()'s and free(host->impl). */
int sim_open(struct host *, const char *uri, struct domo_err *) MUST_CHECK;
void sim_close(struct host *);
/* Wraps it with the faults that its world has, if any. */
int sim_add_faults(struct host **, struct domo_err *) MUST_CHECK;

#endif
