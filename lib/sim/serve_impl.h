/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A call while it is served: for serve*.c alone.
 */
#ifndef DOMO_SIM_SERVE_IMPL_H
#define DOMO_SIM_SERVE_IMPL_H

#include "base/json.h"
#include "sim/peer.h"
#include "sim/sim.h"

struct call {
    struct sim *sim;
    struct peer *peer;
    const struct json *in;
    struct json *out;
    uint32_t as;       /* the domain that the caller runs in */
    struct node *node; /* that domain's */
    bool stop;
};

/* -- serve_bus.c: 0 or a negative errno -- */
int do_pci_assign(struct call *);
int do_pci_deassign(struct call *);
int do_io_access(struct call *);
int do_pci_list(struct call *);
int do_pci_driver(struct call *);
int do_pci_act(struct call *);
int do_usb_list(struct call *);
int do_usb_driver(struct call *);
int do_held(struct call *);

/* -- serve_res.c -- */
int do_mem_limit(struct call *);
int do_pod_target(struct call *);
int do_cpus(struct call *);
int do_vcpu(struct call *);
int do_vcpu_pin(struct call *);

/* -- serve_pool.c -- */
int do_sched_set(struct call *);
int do_rtds(struct call *);
int do_rtds_set(struct call *);
int do_sched_params(struct call *);
int do_sched_params_set(struct call *);
int do_pool(struct call *);
int do_pool_free(struct call *);
int do_pool_create(struct call *);
int do_pool_destroy(struct call *);
int do_pool_cpu(struct call *);
int do_pool_move(struct call *);

#endif
