/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the files of the tracing host share.
 */
#ifndef DOMO_HOST_TRACE_H
#define DOMO_HOST_TRACE_H

#include "host/host.h"

struct trace {
    struct host *inner;
    const struct log *log;
};

extern const struct hyp_ops trace_hyp_ops;
extern const struct store_ops trace_store_ops;
extern const struct os_ops trace_os_ops;
extern const struct link_ops trace_link_ops;
extern const struct env_ops trace_env_ops;

bool trace_is(const struct host *);
struct host *trace_close(struct host *);

/* The host behind a tracing one, with what the caller may have changed since the last call. */
struct host *trace_inner(struct host *);

/* Logs "CALL -> RESULT" (no arrow if the result is empty), or "CALL -> error CODE" when r < 0. Brings the counters of
 * the inner host up. Returns r, so that an operation ends with it. "err" must be the object that the operation filled.
 */
int trace_result(struct host *, int r, const struct domo_err *err, const char *call, const char *result_fmt, ...)
    PRINTF_LIKE(5, 6);

/* A value for a line: in quotes, bytes that are no printable text as \xNN, cut off with an ellipsis. */
enum { TRACE_VALUE_MAX = 160 };
const char *trace_quote(char out[TRACE_VALUE_MAX], const void *bytes, size_t len);

/* What each traced operation begins with: "inner", the host to call; "call", the line so far, made by printf; "r" for
 * the result; and an error object of its own where the caller gave none, because the line shows the code. */
enum { TRACE_CALL_MAX = 768 };
#define TRACE_BEGIN(h, err, ...)                                                                                       \
    struct host *inner = trace_inner(h);                                                                               \
    struct domo_err local_ = DOMO_ERR_INIT;                                                                            \
    char call[TRACE_CALL_MAX];                                                                                         \
    int r;                                                                                                             \
    if (!(err))                                                                                                        \
        (err) = &local_;                                                                                               \
    (void)snprintf(call, sizeof call, __VA_ARGS__)

/* -- trace_assign.c: devices of the machine -- */
int trace_pci_assign(struct host *, uint32_t domid, const struct pci_addr *, struct domo_err *) MUST_CHECK;
int trace_pci_deassign(struct host *, uint32_t domid, const struct pci_addr *, struct domo_err *) MUST_CHECK;
int trace_io_access(struct host *, uint32_t domid, const struct hyp_io *, bool allow, struct domo_err *) MUST_CHECK;
int trace_pci_list(struct host *, struct os_pci **ret, size_t *ret_n, struct domo_err *) MUST_CHECK;
int trace_pci_driver(struct host *, const struct pci_addr *, const char *driver, struct domo_err *) MUST_CHECK;
int trace_pci_act(struct host *, const struct pci_addr *, enum os_pci_action, struct domo_err *) MUST_CHECK;
int trace_usb_list(struct host *, struct os_usb **ret, size_t *ret_n, struct domo_err *) MUST_CHECK;
int trace_usb_driver(struct host *, const char *name, const char *driver, struct domo_err *) MUST_CHECK;

/* -- trace_res.c: what a domain may have of the machine -- */
int trace_mem_limit(struct host *, uint32_t domid, uint64_t kib, struct domo_err *) MUST_CHECK;
int trace_pod_target(struct host *, uint32_t domid, uint64_t kib, struct domo_err *) MUST_CHECK;
int trace_cpus(struct host *, struct hyp_cpu *ret, size_t max, size_t *ret_n, struct domo_err *) MUST_CHECK;
int trace_vcpu(struct host *, uint32_t domid, uint32_t vcpu, struct hyp_vcpu *ret, struct domo_err *) MUST_CHECK;
int trace_vcpu_pin(struct host *, uint32_t domid, uint32_t vcpu, const struct hyp_pin *, struct domo_err *) MUST_CHECK;
int trace_sched_set(struct host *, uint32_t domid, const struct hyp_sched *, struct domo_err *) MUST_CHECK;
int trace_rtds(struct host *, uint32_t domid, uint32_t vcpu, struct hyp_rtds *ret, struct domo_err *) MUST_CHECK;
int trace_rtds_set(struct host *, uint32_t domid, uint32_t vcpu, const struct hyp_rtds *, struct domo_err *) MUST_CHECK;
int trace_sched_params(struct host *, uint32_t pool, struct hyp_sched_params *ret, struct domo_err *) MUST_CHECK;
int trace_sched_params_set(struct host *, uint32_t pool, const struct hyp_sched_params *, struct domo_err *) MUST_CHECK;
int trace_pool(struct host *, uint32_t first, struct hyp_pool *ret, bool *ret_found, struct domo_err *) MUST_CHECK;
int trace_pool_free(struct host *, uint64_t ret[HYP_CPU_WORDS], struct domo_err *) MUST_CHECK;
int trace_pool_create(struct host *, const char *scheduler, uint32_t *ret, struct domo_err *) MUST_CHECK;
int trace_pool_destroy(struct host *, uint32_t pool, struct domo_err *) MUST_CHECK;
int trace_pool_cpu(struct host *, uint32_t pool, uint32_t cpu, bool add, struct domo_err *) MUST_CHECK;
int trace_pool_move(struct host *, uint32_t pool, uint32_t domid, struct domo_err *) MUST_CHECK;

#endif
