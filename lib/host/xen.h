/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the files of the "xen:" host share. No Xen header here: the handles
 * stay opaque, so that open.c and the os_*.c files need none either.
 */
#ifndef DOMO_HOST_XEN_H
#define DOMO_HOST_XEN_H

#include "host/host.h"

struct xc_interface_core;
struct xs_handle;
struct xen_log;
struct xen_link;

/* host->impl of a "xen:" host. Handles are opened by the first operation that needs them: most commands need only
 * some, and each costs several system calls. */
struct xen_host {
    struct xc_interface_core *xc; /* NULL: not open yet */
    struct xen_log *log;          /* what libxenctrl says; made together with xc */
    struct xen_link *link;        /* NULL: not open yet */
    struct xs_handle *xs;         /* NULL: not open yet */
    int xs_fd;                    /* pipe of watch events; -1 before the first watch */
};

extern const struct hyp_ops xen_hyp_ops;
extern const struct store_ops xen_store_ops;
extern const struct os_ops linux_os_ops;
extern const struct link_ops xen_link_ops;
extern const struct env_ops linux_env_ops;

/* The parts of hyp_ops that have files of their own. */
int xen_setup(struct host *, uint32_t domid, const struct hyp_setup *, struct domo_err *) MUST_CHECK;
int xen_build_pv(struct host *, uint32_t domid, const struct hyp_image *, struct hyp_built *ret, hyp_progress,
                 void *arg, struct domo_err *) MUST_CHECK;
int xen_build_pvh(struct host *, uint32_t domid, const struct hyp_image *, struct hyp_built *ret, hyp_progress,
                  void *arg, struct domo_err *) MUST_CHECK;
int xen_build_hvm(struct host *, uint32_t domid, const struct hyp_hvm *, struct hyp_built *ret,
                  struct domo_err *) MUST_CHECK;
int xen_dm_machine(struct host *, struct hyp_dm *ret, struct domo_err *) MUST_CHECK;
int xen_dm_backends(struct host *, struct hyp_dm *ret, struct domo_err *) MUST_CHECK;
int xen_unpack_kernel(struct host *, const void *kernel, size_t len, void **ret, size_t *ret_len,
                      struct domo_err *) MUST_CHECK;

int xen_pci_assign(struct host *, uint32_t domid, const struct pci_addr *, struct domo_err *) MUST_CHECK;
int xen_pci_deassign(struct host *, uint32_t domid, const struct pci_addr *, struct domo_err *) MUST_CHECK;
int xen_io_access(struct host *, uint32_t domid, const struct hyp_io *, bool allow, struct domo_err *) MUST_CHECK;

int xen_mem_limit(struct host *, uint32_t domid, uint64_t kib, struct domo_err *) MUST_CHECK;
int xen_pod_target(struct host *, uint32_t domid, uint64_t kib, struct domo_err *) MUST_CHECK;
int xen_cpus(struct host *, struct hyp_cpu *ret, size_t max, size_t *ret_n, struct domo_err *) MUST_CHECK;
int xen_vcpu(struct host *, uint32_t domid, uint32_t vcpu, struct hyp_vcpu *ret, struct domo_err *) MUST_CHECK;
int xen_vcpu_pin(struct host *, uint32_t domid, uint32_t vcpu, const struct hyp_pin *, struct domo_err *) MUST_CHECK;
int xen_sched_set(struct host *, uint32_t domid, const struct hyp_sched *, struct domo_err *) MUST_CHECK;
int xen_rtds(struct host *, uint32_t domid, uint32_t vcpu, struct hyp_rtds *ret, struct domo_err *) MUST_CHECK;
int xen_rtds_set(struct host *, uint32_t domid, uint32_t vcpu, const struct hyp_rtds *, struct domo_err *) MUST_CHECK;
int xen_sched_params(struct host *, uint32_t pool, struct hyp_sched_params *ret, struct domo_err *) MUST_CHECK;
int xen_sched_params_set(struct host *, uint32_t pool, const struct hyp_sched_params *, struct domo_err *) MUST_CHECK;
int xen_pool(struct host *, uint32_t first, struct hyp_pool *ret, bool *ret_found, struct domo_err *) MUST_CHECK;
int xen_pool_free(struct host *, uint64_t ret[HYP_CPU_WORDS], struct domo_err *) MUST_CHECK;
int xen_pool_create(struct host *, const char *scheduler, uint32_t *ret, struct domo_err *) MUST_CHECK;
int xen_pool_destroy(struct host *, uint32_t pool, struct domo_err *) MUST_CHECK;
int xen_pool_cpu(struct host *, uint32_t pool, uint32_t cpu, bool add, struct domo_err *) MUST_CHECK;
int xen_pool_move(struct host *, uint32_t pool, uint32_t domid, struct domo_err *) MUST_CHECK;

/* Is it a kernel that a PV (or PVH) guest can be built from? Its type goes to "type". Needs no hypervisor. */
enum { XEN_TYPE_MAX = 64 };
int xen_check_kernel(struct host *, const struct hyp_image *, bool is_pvh, char type[XEN_TYPE_MAX],
                     struct domo_err *) MUST_CHECK;

/* Opens the store if it is not open. NO_XEN, NO_STORE, PERMISSION. */
int xen_store_open(struct host *, struct domo_err *) MUST_CHECK;
void xen_store_close(struct host *);
/* Closes the hypervisor handle if it is open. */
void xen_hyp_close(struct host *);

/* Lets go of everything that was mapped, shared or bound. */
void xen_link_close(struct host *);

/* Is there a Xen under this kernel at all? Tells "not on Xen" from "the store's daemon is down". */
bool xen_is_here(void);

#endif
