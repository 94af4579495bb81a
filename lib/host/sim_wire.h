/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How the seam travels to the simulated host: one JSON object a line,
 * {"op":"create","in":"…"}, answered by {"r":0,"out":"…"} with a negative errno
 * in "r" when it failed. "in" and "out" are records (base/rec.h) of these
 * tables, several of them one a line. "as":N in a request: its sender runs in the
 * driver domain N, and asks about that domain's kernel.
 */
#ifndef DOMO_HOST_SIM_WIRE_H
#define DOMO_HOST_SIM_WIRE_H

#include "base/rec.h"
#include "host/host.h"

/* Both ends must say the same. */
#define SIM_WIRE_VERSION 1

/* Names below the host's directory. */
#define SIM_SEAM_SOCKET  "host.sock"
#define SIM_STORE_SOCKET "store.sock"
#define SIM_MODEL_SOCKET "model.sock" /* device models connect to it */
#define SIM_STORE_DOOR   "in%u.sock"  /* the same for whoever runs in driver domain N */
#define SIM_LOCK         "lock"
#define SIM_LOG          "log"
#define SIM_WORLD        "world.json"
#define SIM_CLAIMS       "claims"
#define SIM_STATE        "state" /* emptied when the host starts */

/* Names below its state. */
#define SIM_STATE_USERDATA "lib"
#define SIM_STATE_RUN      "run"
#define SIM_STATE_OWN_RUN  "domo"
#define SIM_STATE_LOG      "log"

#define SIM_TABLE(name, struct_, ...)                                                                                  \
    static const struct rec_field name##_fields[] = {__VA_ARGS__};                                                     \
    static const struct rec_table name __attribute__((unused)) = {name##_fields, ARRAY_LEN(name##_fields)}

#define F(type, member) REC(REC_##type, SIM_STRUCT, member)

#define SIM_STRUCT struct hyp_host_info
SIM_TABLE(sim_host_info, struct hyp_host_info, F(UINT, cpus), F(UINT, nodes), F(UINT, total_kib), F(UINT, free_kib),
          F(UINT, xen_major), F(UINT, xen_minor), F(BOOL, has_hap), F(BOOL, has_hvm), F(BOOL, has_iommu));
#undef SIM_STRUCT

#define SIM_STRUCT struct hyp_domain_new
SIM_TABLE(sim_domain_new, struct hyp_domain_new, F(INT, container), F(BYTES, uuid), F(UINT, domid), F(UINT, max_vcpus),
          F(UINT, max_evtchn_port), F(INT, max_grant_frames), F(INT, max_maptrack_frames), F(INT, max_grant_version),
          F(UINT, ssidref), F(UINT, cpupool), F(BOOL, iommu), F(BOOL, no_hap), F(BOOL, oos_off), F(BOOL, nested),
          F(BOOL, vpmu), F(BOOL, msr_relaxed));
#undef SIM_STRUCT

/* The affinities travel beside it. */
#define SIM_STRUCT struct hyp_setup
SIM_TABLE(sim_setup, struct hyp_setup, F(UINT, max_vcpus), F(UINT, max_mem_kib), F(UINT, memmap_limit_kib),
          F(INT, tsc_mode), F(BOOL, invariant_tsc), F(INT, time_offset_s), F(UINT, sched_weight), F(INT, sched_cap),
          F(UINT, paging_kib), F(INT, timer_mode), F(UINT, altp2m), F(BOOL, nested));
#undef SIM_STRUCT

/* Its strings travel beside it, the kernel's bytes not at all. */
#define SIM_STRUCT struct hyp_image
SIM_TABLE(sim_image, struct hyp_image, F(UINT, mem_kib), F(UINT, max_vcpus), F(UINT, store_evtchn),
          F(UINT, console_evtchn), F(UINT, store_domid), F(UINT, console_domid), F(UINT, max_mem_kib), F(UINT, vcpus),
          F(BOOL, no_acpi));
#undef SIM_STRUCT

#define SIM_STRUCT struct hyp_built
SIM_TABLE(sim_built, struct hyp_built, F(UINT, store_gfn), F(UINT, console_gfn), F(TEXT, guest_type));
#undef SIM_STRUCT

#define SIM_STRUCT struct hyp_info
SIM_TABLE(sim_info, struct hyp_info, F(UINT, domid), F(BYTES, uuid), F(BOOL, is_hvm), F(BOOL, is_running),
          F(BOOL, is_blocked), F(BOOL, is_paused), F(BOOL, is_shutdown), F(BOOL, is_dying), F(UINT, shutdown_reason),
          F(UINT, mem_kib), F(UINT, outstanding_kib), F(UINT, max_mem_kib), F(UINT, vcpus_online), F(UINT, vcpus_max),
          F(UINT, cpu_time_ns), F(UINT, ssidref), F(UINT, cpupool));
#undef SIM_STRUCT

#define SIM_STRUCT struct hyp_cpu
SIM_TABLE(sim_cpu, struct hyp_cpu, F(BOOL, is_online), F(UINT, node), F(UINT, socket), F(UINT, core));
#undef SIM_STRUCT

#define SIM_STRUCT struct hyp_vcpu
SIM_TABLE(sim_vcpu_row, struct hyp_vcpu, F(BOOL, is_online), F(BOOL, is_blocked), F(BOOL, is_running), F(UINT, cpu),
          F(UINT, cpu_time_ns), F(BYTES, hard), F(BYTES, soft));
#undef SIM_STRUCT

#define SIM_STRUCT struct hyp_sched
SIM_TABLE(sim_sched, struct hyp_sched, F(TEXT, scheduler), F(BOOL, has_weight), F(UINT, weight), F(UINT, cap),
          F(BOOL, has_rtds), F(UINT, rtds.period_us), F(UINT, rtds.budget_us), F(BOOL, rtds.extratime));
#undef SIM_STRUCT

#define SIM_STRUCT struct hyp_pool
SIM_TABLE(sim_pool_row, struct hyp_pool, F(UINT, id), F(TEXT, scheduler), F(UINT, domains), F(BYTES, cpus));
#undef SIM_STRUCT

#define SIM_STRUCT struct hyp_rtds
SIM_TABLE(sim_rtds_row, struct hyp_rtds, F(UINT, period_us), F(UINT, budget_us), F(BOOL, extratime));
#undef SIM_STRUCT

#define SIM_STRUCT struct hyp_sched_params
SIM_TABLE(sim_params_row, struct hyp_sched_params, F(UINT, tslice_ms), F(UINT, ratelimit_us),
          F(UINT, migration_delay_us));
#undef SIM_STRUCT

#define SIM_STRUCT struct os_loop
SIM_TABLE(sim_loop, struct os_loop, F(UINT, number), F(UINT, major), F(UINT, minor), F(UINT, back_dev),
          F(UINT, back_ino), F(BOOL, read_only), F(TEXT, tag));
#undef SIM_STRUCT

#define SIM_STRUCT struct os_vbd_user
SIM_TABLE(sim_vbd_user, struct os_vbd_user, F(UINT, domid), F(UINT, devid), F(UINT, major), F(UINT, minor),
          F(BOOL, read_only));
#undef SIM_STRUCT

#define SIM_STRUCT struct os_iface
SIM_TABLE(sim_iface, struct os_iface, F(UINT, index), F(UINT, master), F(UINT, mtu), F(BOOL, is_up),
          F(BOOL, is_bridge));
#undef SIM_STRUCT

/* What an interface is to become; its names travel beside it, "has_mac" says whether "mac" counts. */
struct sim_iface_change {
    uint32_t mtu;
    bool up, down, has_mac;
    uint8_t mac[6];
};

#define SIM_STRUCT struct sim_iface_change
SIM_TABLE(sim_change, struct sim_iface_change, F(UINT, mtu), F(BOOL, up), F(BOOL, down), F(BOOL, has_mac),
          F(BYTES, mac));
#undef SIM_STRUCT

#define SIM_STRUCT struct os_pci
SIM_TABLE(sim_pci, struct os_pci, F(UINT, addr.domain), F(UINT, addr.bus), F(UINT, addr.dev), F(UINT, addr.func),
          F(UINT, vendor), F(UINT, device), F(UINT, class_code), F(UINT, irq), F(BOOL, is_bridge), F(TEXT, driver),
          F(BYTES, start), F(BYTES, length), F(BYTES, is_ports));
#undef SIM_STRUCT

#define SIM_STRUCT struct os_usb
SIM_TABLE(sim_usb, struct os_usb, F(TEXT, bus_id), F(TEXT, name), F(TEXT, driver), F(UINT, bus), F(UINT, addr),
          F(UINT, vendor), F(UINT, product), F(BOOL, is_hub));
#undef SIM_STRUCT

#define SIM_STRUCT struct hyp_io
SIM_TABLE(sim_io, struct hyp_io, F(INT, kind), F(UINT, first), F(UINT, count));
#undef SIM_STRUCT
#undef F

#endif
