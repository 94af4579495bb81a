/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The connection to libxenctrl: its handle, what it logs, and how its failures
 * become our errors. For xen_*.c files only.
 */
#ifndef DOMO_HOST_XEN_CONN_H
#define DOMO_HOST_XEN_CONN_H

#include <xenctrl.h>

#include "host/xen.h"

/* The handle, opened if need be; counts one call and forgets what libxenctrl said before. NO_XEN, PERMISSION. */
int xen_xc(struct host *, xc_interface **ret, struct domo_err *) MUST_CHECK;

/* A handle that can parse images, but not reach the hypervisor: works without Xen. Close both with
 * xen_dummy_close(). */
int xen_dummy_open(struct host *, xc_interface **ret, struct xen_log **ret_log, struct domo_err *) MUST_CHECK;
void xen_dummy_close(xc_interface *, struct xen_log *);

/* The error lines of libxenctrl and libxenguest since the last xen_xc(), "" if there were none. */
const char *xen_log_text(const struct xen_log *);

/* Fills the error after a failed call: "fallback" unless the errno tells more (EPERM, ESRCH, ENOMEM), the library's own
 * words as fact "libxc". Returns -1. */
int xen_fail(struct host *, struct domo_err *, enum domo_code fallback, int sys, const char *fmt, ...)
    PRINTF_LIKE(5, 6);

/* Adds what memory the host has and what was wanted. Returns -1. */
int xen_memory_facts(struct host *, struct domo_err *, uint64_t needed_kib);

/* Sets weight and cap where "s" names them; UNSUPPORTED if the scheduler has none. Reads them. */
int xen_set_sched(struct host *, xc_interface *, uint32_t domid, const struct hyp_setup *s,
                  struct domo_err *) MUST_CHECK;
/* A scheduler's name, NULL if it is unknown; and back, -1. */
const char *xen_sched_name(int id);
int xen_sched_id(const char *name);
int xen_get_sched(struct host *, uint32_t domid, struct hyp_sched *ret, struct domo_err *) MUST_CHECK;

/* -- xen_life.c -- */
int xen_dump_core(struct host *, uint32_t domid, int fd, struct domo_err *) MUST_CHECK;
int xen_resume(struct host *, uint32_t domid, struct domo_err *) MUST_CHECK;
int xen_set_uuid(struct host *, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN], struct domo_err *) MUST_CHECK;
int xen_trigger(struct host *, uint32_t domid, enum hyp_trigger, uint32_t vcpu, struct domo_err *) MUST_CHECK;

#endif
