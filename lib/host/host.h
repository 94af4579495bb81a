/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The seam: everything that domo asks of a Xen host, as intents that a real
 * host and a simulated one can both honour. Five tables of operations, chosen
 * when the host is opened; nothing above this header knows which host it has.
 * No Xen header is included here or above.
 *
 * Conventions: operations return 0 or -1 with *err filled (code, message,
 * errno); pointers named ret_* are set on success only; strings given back are
 * the caller's to free. Call them through the inline wrappers at the end:
 * they count, and a tracing host wraps them.
 */
#ifndef DOMO_HOST_HOST_H
#define DOMO_HOST_HOST_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "host/assign.h"
#include "host/res.h"

struct host;

enum { HOST_DOMID_SELF_MAX = 0x7FF0, HOST_UUID_LEN = 16, HOST_LOOP_TAG_MAX = 63, HOST_OUTPUT_TAIL_MAX = 1024 };
enum { HOST_REAL_PATH_MAX = 512 };

/* ---- hypervisor ---- */

/* PVH and HVM guests are of one kind to the processor; a PVH guest has a local APIC and no other emulated device. */
enum hyp_container { HYP_CONTAINER_PV, HYP_CONTAINER_HVM, HYP_CONTAINER_PVH };

/* What xc_domain_create() is told. Negative limits: the hypervisor's default. */
struct hyp_domain_new {
    enum hyp_container container;
    uint8_t uuid[HOST_UUID_LEN];
    uint32_t domid; /* wanted domid, 0 = the hypervisor picks */
    uint32_t max_vcpus;
    uint32_t max_evtchn_port;    /* 1023 is libxl's default */
    int32_t max_grant_frames;    /* -1 = default */
    int32_t max_maptrack_frames; /* -1 = default */
    int32_t max_grant_version;   /* -1 = newest that the host has */
    uint32_t ssidref;            /* 0 = the default for guests */
    bool iommu;                  /* devices of the machine may be assigned to it */
    uint32_t cpupool;
    bool no_hap;      /* PVH, HVM: shadow page tables even if the processor could do without */
    bool oos_off;     /* of which none may be out of step */
    bool nested;      /* PVH, HVM: virtualisation inside the guest */
    bool vpmu;        /* performance counters */
    bool msr_relaxed; /* reading an unknown MSR is no fault */
};

/* What a PVH or HVM guest's timer does about ticks that came while the guest did not run. */
enum hyp_timer_mode {
    HYP_TIMER_NO_DELAY_FOR_MISSED, /* the default */
    HYP_TIMER_DELAY_FOR_MISSED,
    HYP_TIMER_NO_MISSED_PENDING,
    HYP_TIMER_ONE_MISSED_PENDING
};

enum hyp_tsc_mode { HYP_TSC_DEFAULT, HYP_TSC_ALWAYS_EMULATE, HYP_TSC_NATIVE };

/* Everything that is set between creation and build. */
struct hyp_setup {
    uint32_t max_vcpus;
    uint64_t max_mem_kib;      /* xc_domain_setmaxmem: what the guest may own in all */
    uint64_t memmap_limit_kib; /* PV: xc_domain_set_memmap_limit; 0 = none */
    enum hyp_tsc_mode tsc_mode;
    bool invariant_tsc;  /* expose it: nomigrate, or always emulated */
    uint64_t paging_kib; /* PVH, HVM: for the hypervisor's own tables about the guest's memory; 0 = a PV guest */
    enum hyp_timer_mode timer_mode; /* PVH, HVM */
    bool emulates_timers;           /* HVM: of a PC, as the next two say */
    bool hpet, vpt_align;           /* there is an HPET; the ticks of all timers are aligned */
    uint64_t viridian;              /* HVM: Hyper-V's interfaces, Xen's HVMPV_* bits; 0 = none */
    uint32_t altp2m;                /* PVH, HVM: who may use alternate memory views, XEN_ALTP2M_*; 0 = nobody */
    bool no_pae;                    /* HVM: the processor says that it has none */
    bool nested;                    /* PVH, HVM: and that it has virtualisation */
    int32_t time_offset_s;
    const uint64_t *hard_affinity; /* bitmap of cpu_words words for all vcpus, NULL = all */
    const uint64_t *soft_affinity;
    size_t cpu_words;
    uint32_t sched_weight; /* 0 = leave the scheduler's default */
    int32_t sched_cap;     /* -1 = leave */
};

/* What the image builder is told: a PV or PVH guest's kernel into its memory. */
struct hyp_image {
    const char *kernel_path; /* for messages */
    const void *kernel;      /* an unpacked ELF, or a bzImage that the builder unpacks itself */
    size_t kernel_len;
    /* PVH: the kernel is a shim, and this is what it boots, with a command line of its own. NULL = no shim */
    const char *inner_path, *inner_cmdline;
    const char *ramdisk_path; /* NULL = none */
    const char *cmdline;      /* "" = none */
    const char *features;     /* ELF note features to require, NULL = none */
    uint64_t mem_kib;
    uint64_t max_mem_kib; /* PVH: what it may grow to; more than mem_kib: populated on demand. 0 = mem_kib */
    uint32_t max_vcpus;
    uint32_t vcpus;                        /* PVH: those that its ACPI tables call enabled */
    bool no_acpi;                          /* PVH: without ACPI tables; Linux does not come up then */
    uint32_t store_evtchn, console_evtchn; /* guest's ports */
    uint32_t store_domid, console_domid;   /* who serves them */
};

struct hyp_built {
    uint64_t store_gfn, console_gfn; /* for the store's introduce and console/ring-ref (mfn for PV) */
    char guest_type[64];             /* "xen-3.0-x86_64", "hvm-3.0-x86_32" */
};

enum hyp_bios { HYP_BIOS_SEABIOS, HYP_BIOS_OVMF };

/* What the builder of an HVM guest is told: its memory, with firmware and what drivers look for. */
struct hyp_hvm {
    enum hyp_bios bios;
    const char *bios_path;   /* another file with it; NULL = the host's */
    bool apic;               /* the firmware tells the guest of its APICs */
    const char *loader_path; /* another hvmloader; NULL = the host's */
    uint64_t mem_kib;        /* in all */
    uint64_t max_mem_kib;    /* what it may grow to; more than mem_kib: populated on demand. 0 = mem_kib */
    uint32_t hole_mib;       /* of the addresses below 4 GiB that are not RAM; 0 = the smallest */
    uint64_t video_kib;      /* of mem_kib, what the device model takes for the emulated graphics card */
    uint32_t max_vcpus;
    uint32_t vcpus;                        /* online at the start */
    uint32_t store_evtchn, console_evtchn; /* guest's ports */
    uint32_t store_domid, console_domid;   /* who serves them */
};

/* Which device model this host's HVM guests have, and the part of its command line that depends on the host: the
 * machine that it is. All strings live as long as the host is open. */
struct hyp_dm {
    const char *program;        /* "qemu-system-x86_64": a path, or looked up in PATH */
    const char *const *machine; /* {"-machine", "pc,accel=tcg"}, NULL-terminated */
    const char *const *plain;   /* the same without the PCI device that PV drivers look for; NULL: it has none anyway */
    /* The guest's processors run in the device model and not in the hypervisor, so that it is started with them stopped
     * and follows when the guest is paused and unpaused. */
    bool runs_vcpus;
    bool attaches; /* it serves back ends alone, of a domain that does without it otherwise */
    /* What emulated network cards are on, as QEMU's -netdev has it; NULL: each is on an interface of this host, a tap,
     * which QEMU makes and which has to be put on the bridge. */
    const char *net;
};

struct hyp_info {
    uint32_t domid;
    uint8_t uuid[HOST_UUID_LEN];
    bool is_hvm, is_running, is_blocked, is_paused, is_shutdown, is_dying;
    uint32_t shutdown_reason; /* valid when is_shutdown */
    uint64_t mem_kib, outstanding_kib, max_mem_kib;
    uint32_t vcpus_online, vcpus_max;
    uint64_t cpu_time_ns;
    uint32_t ssidref, cpupool;
};

struct hyp_host_info {
    uint32_t cpus, nodes;
    uint64_t total_kib, free_kib; /* free: including pages still to be scrubbed */
    uint32_t xen_major, xen_minor;
    bool has_hap, has_hvm;
    bool has_iommu; /* devices can be assigned to guests */
};

/* How a domain is scheduled, by its pool's scheduler: "credit" and "credit2" have weight and cap, "rtds" has a share
 * of time, others have nothing. */
struct hyp_sched {
    char scheduler[16];
    bool has_weight;
    uint32_t weight, cap;
    bool has_rtds;
    struct hyp_rtds rtds; /* what its vcpus have if they were told nothing else */
};

/* What a person could do to a machine from outside. */
enum hyp_trigger {
    HYP_TRIGGER_NMI,
    HYP_TRIGGER_RESET,
    HYP_TRIGGER_INIT,
    HYP_TRIGGER_POWER,
    HYP_TRIGGER_SLEEP,
    HYP_TRIGGER_WAKE,
    HYP_TRIGGERS
};

/* One timed part of a build, for --timing: name and microseconds. */
typedef void (*hyp_progress)(void *arg, const char *part, int64_t us);

struct hyp_ops {
    int (*host_info)(struct host *, struct hyp_host_info *ret, struct domo_err *);
    int (*create)(struct host *, const struct hyp_domain_new *, uint32_t *ret_domid, struct domo_err *);
    int (*setup)(struct host *, uint32_t domid, const struct hyp_setup *, struct domo_err *);
    int (*evtchn_alloc)(struct host *, uint32_t domid, uint32_t remote_domid, uint32_t *ret_port, struct domo_err *);
    int (*build_pv)(struct host *, uint32_t domid, const struct hyp_image *, struct hyp_built *ret, hyp_progress,
                    void *arg, struct domo_err *);
    /* The same for a PVH guest. UNSUPPORTED if the host has none. */
    int (*build_pvh)(struct host *, uint32_t domid, const struct hyp_image *, struct hyp_built *ret, hyp_progress,
                     void *arg, struct domo_err *);
    /* Lays out the memory of an HVM guest, with its firmware and the special pages of store and console. */
    int (*build_hvm)(struct host *, uint32_t domid, const struct hyp_hvm *, struct hyp_built *ret, struct domo_err *);
    /* UNSUPPORTED if HVM guests can't be created on this host. Asked before anything is touched. */
    int (*dm_machine)(struct host *, struct hyp_dm *ret, struct domo_err *);
    /* Which device model serves back ends (screens, disk images, …) of a guest that has none for itself; program NULL:
     * none has to run, the host serves them. DEVICE_MODEL if this host has none. Asked before anything is touched. */
    int (*dm_backends)(struct host *, struct hyp_dm *ret, struct domo_err *);
    /* Unpacks a compressed kernel into a plain ELF (malloc'd). The input may be an ELF already: then *ret is NULL and
     * the caller goes on with its own bytes. KERNEL_FORMAT if it is neither. */
    int (*unpack_kernel)(struct host *, const void *kernel, size_t len, void **ret, size_t *ret_len, struct domo_err *);
    int (*pause)(struct host *, uint32_t domid, struct domo_err *);
    int (*unpause)(struct host *, uint32_t domid, struct domo_err *);
    /* Ends the domain and gives its memory back; may take long for a big guest. DOMAIN_NOT_FOUND if there is none. */
    int (*destroy)(struct host *, uint32_t domid, struct domo_err *);
    /* DOMAIN_NOT_FOUND if there is no such domain. */
    int (*info)(struct host *, uint32_t domid, struct hyp_info *ret, struct domo_err *);
    int (*sched)(struct host *, uint32_t domid, struct hyp_sched *ret, struct domo_err *);
    /* Writes the domain's memory and registers to "fd", an empty file, as an ELF core. The domain should stand still
     * meanwhile. CANCELLED, IO. */
    int (*dump_core)(struct host *, uint32_t domid, int fd, struct domo_err *);
    /* Lets a domain that has suspended itself go on where it stopped. Its kernel must be able to (Linux is), and it
     * must have suspended itself: a real hypervisor does not check that. */
    int (*resume)(struct host *, uint32_t domid, struct domo_err *);
    /* Gives the domain another UUID. Nothing in the store follows by itself. */
    int (*set_uuid)(struct host *, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN], struct domo_err *);
    /* To one of its processors, where that matters. UNSUPPORTED if this hypervisor can't do that to this kind of
     * guest. */
    int (*trigger)(struct host *, uint32_t domid, enum hyp_trigger, uint32_t vcpu, struct domo_err *);
    /* Up to "max" domains from "first" on in ascending order; *ret_n of them. */
    int (*list)(struct host *, uint32_t first, struct hyp_info *ret, size_t max, size_t *ret_n, struct domo_err *);
    /* Makes a PCI function reach the domain's memory, and only that. DEVICE_ASSIGNED if another guest has it. */
    int (*pci_assign)(struct host *, uint32_t domid, const struct pci_addr *, struct domo_err *);
    /* And takes it back. Fine if it is not the domain's. */
    int (*pci_deassign)(struct host *, uint32_t domid, const struct pci_addr *, struct domo_err *);
    /* Lets the domain use ports, memory or an interrupt of the machine, or no longer. */
    int (*io_access)(struct host *, uint32_t domid, const struct hyp_io *, bool allow, struct domo_err *);
    /* What the domain may own in all; less than it owns is fine, it then gets no more. */
    int (*mem_limit)(struct host *, uint32_t domid, uint64_t kib, struct domo_err *);
    /* PVH, HVM: how much the hypervisor populates on demand with; nothing where all is populated. */
    int (*pod_target)(struct host *, uint32_t domid, uint64_t kib, struct domo_err *);
    /* The machine's processors, at most "max" of them: element N is processor N. */
    int (*cpus)(struct host *, struct hyp_cpu *ret, size_t max, size_t *ret_n, struct domo_err *);
    /* One of a domain's: HYPERVISOR with EINVAL or ESRCH if it has not so many. */
    int (*vcpu)(struct host *, uint32_t domid, uint32_t vcpu, struct hyp_vcpu *ret, struct domo_err *);
    /* HYPERVISOR with EINVAL if it could run nowhere then. */
    int (*vcpu_pin)(struct host *, uint32_t domid, uint32_t vcpu, const struct hyp_pin *, struct domo_err *);
    /* All that its scheduler has: weight and cap, or the share of all its vcpus. UNSUPPORTED: it has nothing. */
    int (*sched_set)(struct host *, uint32_t domid, const struct hyp_sched *, struct domo_err *);
    /* Of one vcpu, under "rtds". HYPERVISOR with EINVAL under another. */
    int (*rtds)(struct host *, uint32_t domid, uint32_t vcpu, struct hyp_rtds *ret, struct domo_err *);
    int (*rtds_set)(struct host *, uint32_t domid, uint32_t vcpu, const struct hyp_rtds *, struct domo_err *);
    /* Of a pool's scheduler. UNSUPPORTED: it has none. HYPERVISOR with ENOENT: no such pool, with EINVAL: out of range.
     */
    int (*sched_params)(struct host *, uint32_t pool, struct hyp_sched_params *ret, struct domo_err *);
    int (*sched_params_set)(struct host *, uint32_t pool, const struct hyp_sched_params *, struct domo_err *);
    /* The first pool whose number is at least "first". */
    int (*pool)(struct host *, uint32_t first, struct hyp_pool *ret, bool *ret_found, struct domo_err *);
    /* The processors that are in no pool. */
    int (*pool_free)(struct host *, uint64_t ret[HYP_CPU_WORDS], struct domo_err *);
    /* HYPERVISOR with EINVAL: no such scheduler. */
    int (*pool_create)(struct host *, const char *scheduler, uint32_t *ret, struct domo_err *);
    /* HYPERVISOR with EBUSY: it has processors or domains. */
    int (*pool_destroy)(struct host *, uint32_t pool, struct domo_err *);
    int (*pool_cpu)(struct host *, uint32_t pool, uint32_t cpu, bool add, struct domo_err *);
    int (*pool_move)(struct host *, uint32_t pool, uint32_t domid, struct domo_err *);
};

/* ---- XenStore ---- */

enum { STORE_READ = 1, STORE_WRITE = 2 };

/* One entry of a permission list. Entry 0 names the owner and, in its rights, what everybody else may do. */
struct store_perm {
    uint32_t domid;
    unsigned rights; /* STORE_* bits */
};

struct store_event {
    char *path, *token; /* free both */
};

typedef uint32_t store_txn; /* 0 = outside any transaction */

struct store_ops {
    int (*begin)(struct host *, store_txn *ret, struct domo_err *);
    /* Commit or discard. A lost race gives STORE_CONFLICT with sys EAGAIN: nothing was changed, start again. */
    int (*end)(struct host *, store_txn, bool commit, struct domo_err *);
    /* STORE_NOT_FOUND if the node is missing. The value has a NUL after its *ret_len bytes (ret_len may be NULL). */
    int (*read)(struct host *, store_txn, const char *path, char **ret, size_t *ret_len, struct domo_err *);
    int (*write)(struct host *, store_txn, const char *path, const void *value, size_t len, struct domo_err *);
    int (*mkdir)(struct host *, store_txn, const char *path, struct domo_err *);
    /* Removes a subtree; a missing node is fine. */
    int (*rm)(struct host *, store_txn, const char *path, struct domo_err *);
    /* Names of the children; one allocation, free(*ret). STORE_NOT_FOUND if the node is missing. */
    int (*list)(struct host *, store_txn, const char *path, char ***ret, size_t *ret_n, struct domo_err *);
    int (*set_perms)(struct host *, store_txn, const char *path, const struct store_perm *, size_t n,
                     struct domo_err *);
    int (*get_perms)(struct host *, store_txn, const char *path, struct store_perm **ret, size_t *ret_n,
                     struct domo_err *);
    int (*watch)(struct host *, const char *path, const char *token, struct domo_err *);
    int (*unwatch)(struct host *, const char *path, const char *token, struct domo_err *);
    /* Becomes readable when an event waits. -1 before the first watch. */
    int (*fd)(struct host *);
    /* One event without waiting: *ret_any says whether there was one. */
    int (*next_event)(struct host *, struct store_event *ret, bool *ret_any, struct domo_err *);
    int (*introduce)(struct host *, uint32_t domid, uint64_t gfn, uint32_t evtchn, struct domo_err *);
    /* Tells the store that a domain which was shut down runs again: its next end is told again. */
    int (*resume)(struct host *, uint32_t domid, struct domo_err *);
};

/* ---- this machine's kernel ---- */

enum os_target_kind { OS_TARGET_FILE, OS_TARGET_BLOCK, OS_TARGET_OTHER };

struct os_target {
    enum os_target_kind kind;
    dev_t dev; /* file system that holds it */
    ino_t ino;
    uint32_t rdev_major, rdev_minor; /* OS_TARGET_BLOCK: its own numbers */
    uint64_t size;
    char real_path[HOST_REAL_PATH_MAX]; /* absolute, links resolved; "" if it does not fit */
};

/* One disk that the block back end of this kernel holds open for a guest. */
struct os_vbd_user {
    uint32_t domid, devid;
    uint32_t major, minor; /* of what it has open */
    bool read_only;
};

struct os_loop {
    uint32_t number; /* /dev/loopN */
    uint32_t major, minor;
    dev_t back_dev; /* what it is backed by */
    ino_t back_ino;
    bool read_only;
    char tag[HOST_LOOP_TAG_MAX + 1]; /* lo_file_name: ours begin with "domo:" */
};

/* Which file. */
struct os_file_id {
    dev_t dev;
    ino_t ino;
};

struct os_loop_new {
    const char *path;
    bool read_only;
    bool direct_io;  /* O_DIRECT on the file when the file system can */
    const char *tag; /* at most HOST_LOOP_TAG_MAX bytes, stored in the device so that a sweep knows whose it is */
};

struct os_iface {
    uint32_t index, master; /* master: index of its bridge, 0 = none */
    uint32_t mtu;
    bool is_up, is_bridge;
};

struct os_iface_change {
    const char *rename; /* NULL = keep */
    const char *bridge; /* NULL = keep, "" = leave the bridge it is in */
    const uint8_t *mac; /* 6 bytes, NULL = keep */
    uint32_t mtu;       /* 0 = keep */
    bool up, down;      /* neither = keep */
};

struct os_script {
    const char *path;
    const char *const *argv; /* NULL-terminated, with argv[0] */
    const char *const *env;  /* "NAME=value" additions to the environment, NULL-terminated */
};

struct os_child {
    pid_t pid;
    int pidfd;                       /* readable when it ended */
    int out_fd;                      /* its stdout and stderr */
    char tail[HOST_OUTPUT_TAIL_MAX]; /* the end of what it printed so far */
    size_t tail_len;
};

/* A process that goes on when whoever started it has ended. Its number alone may belong to somebody else by now:
 * together with the time of its start it names one process. */
struct os_daemon {
    pid_t pid;
    uint64_t start; /* in clock ticks after this machine's boot */
};

struct os_daemon_new {
    const char *program;     /* looked up in PATH if it has no slash */
    const char *const *argv; /* NULL-terminated, with argv[0] */
    const char *const *env;  /* as in struct os_script; NULL = no additions */
    const char *pid_path;    /* file that names it, there before the program runs: a process without one can't be */
    const char *log_path;    /* gets its stdout and stderr, appended; made with mode 0600 */
    const char *listen_path; /* UNIX socket that is made, and listens, before the program runs; NULL = none */
    bool confined; /* its mounts and System V objects are its own, its files small, and it leaves no core: for a program
                    * that gives the rest of its rights up by itself */
};

/* The descriptor under which a daemon finds its listening socket. */
enum { HOST_DAEMON_LISTEN_FD = 3 };

struct os_ops {
    /* Follows links. DISK_NOT_FOUND if missing. */
    int (*target)(struct host *, const char *path, struct os_target *ret, struct domo_err *);
    int (*loop_attach)(struct host *, const struct os_loop_new *, struct os_loop *ret, struct domo_err *);
    /* Fine when it is free already. */
    int (*loop_detach)(struct host *, uint32_t number, struct domo_err *);
    /* The configured loop devices on any of the files, in any order; all of them if "on" is NULL. free(*ret). */
    int (*loop_list)(struct host *, const struct os_file_id *on, size_t n_on, struct os_loop **ret, size_t *ret_n,
                     struct domo_err *);
    /* One loop device; *ret_found false if it is not configured (or not there). */
    int (*loop_get)(struct host *, uint32_t number, struct os_loop *ret, bool *ret_found, struct domo_err *);
    /* Opens a block device with O_EXCL (read-only, close-on-exec) and leaves it open: nobody else can mount or claim it
     * until the descriptor is closed, while the back end, which does not ask for exclusive use, can. DISK_SHARED with
     * EBUSY if it is mounted, swapped to, part of another device, or claimed. */
    int (*block_claim)(struct host *, const char *path, int *ret_fd, struct domo_err *);
    /* What the block back end of this kernel has open, for all guests; free(*ret). No store request. */
    int (*vbd_users)(struct host *, struct os_vbd_user **ret, size_t *ret_n, struct domo_err *);
    /* Is the block device mounted (or swap) on this host? */
    int (*is_mounted)(struct host *, uint32_t major, uint32_t minor, bool *ret, struct domo_err *);
    /* Has somebody else the file open: with "any" at all, without it for writing? Also true when that can't be told (a
     * file system without leases, a file of somebody else). DISK_NOT_FOUND. */
    int (*file_is_open)(struct host *, const char *path, bool any, bool *ret, struct domo_err *);
    /* *ret_found false if there is no such interface. */
    int (*iface)(struct host *, const char *name, struct os_iface *ret, bool *ret_found, struct domo_err *);
    int (*iface_change)(struct host *, const char *name, const struct os_iface_change *, struct domo_err *);
    /* All PCI functions; free(*ret). */
    int (*pci_list)(struct host *, struct os_pci **ret, size_t *ret_n, struct domo_err *);
    /* Takes a function from its driver and gives it to "driver" ("" = none). OS_PCIBACK keeps it for guests.
     * DEVICE_DRIVER if that driver is not there, or refuses. */
    int (*pci_driver)(struct host *, const struct pci_addr *, const char *driver, struct domo_err *);
    int (*pci_act)(struct host *, const struct pci_addr *, enum os_pci_action, struct domo_err *);
    /* All interfaces of all USB devices, those of one device together; free(*ret). */
    int (*usb_list)(struct host *, struct os_usb **ret, size_t *ret_n, struct domo_err *);
    /* As pci_driver, of one interface by its name. */
    int (*usb_driver)(struct host *, const char *name, const char *driver, struct domo_err *);
    /* Does a kernel driver serve this back end kind ("vbd", "vif") in the domain that we run in? */
    bool (*has_backend)(struct host *, const char *kind);
    int (*script_start)(struct host *, const struct os_script *, struct os_child *ret, struct domo_err *);
    /* Collects output and, once it ended, its wait status. Kills it first if "kill_it". */
    int (*script_collect)(struct host *, struct os_child *, bool kill_it, bool *ret_ended, int *ret_status,
                          struct domo_err *);
    /* Starts a daemon in a session of its own, with no other descriptor of ours. Returns when its program runs; a
     * program that can't be run leaves neither pid file nor socket. A socket or pid file that is there is replaced. */
    int (*daemon_start)(struct host *, const struct os_daemon_new *, struct os_daemon *ret, struct domo_err *);
    /* Whom a pid file names. *ret_runs false: there is no such file, or that process has ended. BAD_STATE_FILE. */
    int (*daemon_find)(struct host *, const char *pid_path, struct os_daemon *ret, bool *ret_runs, struct domo_err *);
    /* The process of which only the number is known, if its command line has the words "option" and "value", one after
     * the other: else the number may be somebody else's by now, and *ret_runs is false. */
    int (*daemon_named)(struct host *, pid_t pid, const char *option, const char *value, struct os_daemon *ret,
                        bool *ret_runs, struct domo_err *);
    /* A descriptor that is readable once it has ended, for env->wait; the caller closes it. -1 if it has ended. */
    int (*daemon_watch)(struct host *, const struct os_daemon *, int *ret_fd, struct domo_err *);
    /* Kills it (SIGKILL) and waits until it is gone. Fine when it has ended before. */
    int (*daemon_kill)(struct host *, const struct os_daemon *, struct domo_err *);
};

/* ---- other domains: shared pages and event channels, for drivers in user space ---- */

enum { HOST_PAGE_SIZE = 4096, HOST_LINK_PAGES_MAX = 128 };

/* What happens when a page is let go, by us or by our end: also when the process is killed. One page only. */
struct link_notify {
    bool clears, kicks;
    uint32_t byte; /* clears: this byte of the page becomes 0 */
    uint32_t port; /* kicks: this port of ours is kicked */
};

/* Pages that another domain has granted us, wanted one behind the other. */
struct link_map {
    uint32_t domid;
    const uint32_t *refs;
    size_t n; /* 1 to HOST_LINK_PAGES_MAX */
    bool write;
    struct link_notify notify;
};

/* Zeroed pages of ours that another domain may map. */
struct link_share {
    uint32_t domid;
    size_t n;
    bool write; /* it may write them, too */
    struct link_notify notify;
};

/* Everything that was mapped, shared or bound goes with the host object, and with the process. */
struct link_ops {
    /* All pages or none. HYPERVISOR with EINVAL if a reference is not granted to us; PERMISSION if it is granted for
     * reading alone; DOMAIN_NOT_FOUND. */
    int (*map)(struct host *, const struct link_map *, void **ret, struct domo_err *);
    /* "pages" as map() gave them. */
    int (*unmap)(struct host *, void *pages, size_t n, struct domo_err *);
    /* "ret_refs" gets n references. */
    int (*share)(struct host *, const struct link_share *, void **ret, uint32_t *ret_refs, struct domo_err *);
    /* The grants end when the other domain has unmapped the pages, too. */
    int (*unshare)(struct host *, void *pages, size_t n, struct domo_err *);
    /* A port of ours that "domid" may bind. */
    int (*port_alloc)(struct host *, uint32_t domid, uint32_t *ret_port, struct domo_err *);
    /* A port of ours, bound to the port "remote" of a domain. It has an event at once: look what is there. HYPERVISOR
     * with EINVAL if that port does not wait for us. */
    int (*port_bind)(struct host *, uint32_t domid, uint32_t remote, uint32_t *ret_port, struct domo_err *);
    int (*port_close)(struct host *, uint32_t port, struct domo_err *);
    int (*port_kick)(struct host *, uint32_t port, struct domo_err *);
    /* A descriptor that is readable when a port has an event, for env->wait; it stays the host's. */
    int (*fd)(struct host *, int *ret, struct domo_err *);
    /* Without waiting: a port that has an event. It stays quiet until port_unmask(). */
    int (*next_port)(struct host *, uint32_t *ret_port, bool *ret_any, struct domo_err *);
    int (*port_unmask)(struct host *, uint32_t port, struct domo_err *);
};

/* ---- time and chance ---- */

struct env_ops {
    int64_t (*now_ms)(struct host *);
    int64_t (*now_us)(struct host *);
    void (*wall)(struct host *, int64_t *ret_sec, unsigned *ret_centi);
    int (*random)(struct host *, void *bytes, size_t len, struct domo_err *);
    /* poll(2) with an absolute deadline (-1 = none); 0 or more: ready descriptors. CANCELLED when host->cancelled. */
    int (*wait)(struct host *, struct pollfd *, size_t n, int64_t deadline_ms, struct domo_err *);
};

/* Where state files are. Absolute, without a final slash. */
struct host_paths {
    char userdata[256]; /* libxl's files: /var/lib/xen */
    char run[256];      /* domid-history and its lock: /var/run/xen */
    char own_run[256];  /* journals of running operations: /run/domo */
    char cache[256];    /* unpacked kernels: /var/cache/domo/kernels */
    char scripts[256];  /* /etc/xen/scripts */
    char log[256];      /* of device models: /var/log/xen */
};

struct host_stats {
    uint64_t store_requests, store_commits, store_conflicts, hyp_calls, os_calls, forks;
};

struct host {
    const struct hyp_ops *hyp;
    const struct store_ops *store;
    const struct os_ops *os;
    const struct link_ops *link;
    const struct env_ops *env;
    void *impl;           /* the implementation's own state */
    char uri[280];        /* "xen:", "sim:/absolute/DIR" */
    char store_path[112]; /* socket of the store; "" = where libxenstore looks for it */
    bool is_simulated;    /* for telling people; nothing else may depend on it */
    uint32_t domid;       /* the domain that we run in: back ends with this domid are ours */
    struct host_paths paths;
    struct host_stats stats;
    const struct log *log;
    volatile int *cancelled; /* set non-zero (by a signal handler of main) to interrupt waits; may be NULL */
};

/* Opens a host. "uri" NULL: $DOMO_HOST, else "xen:". A simulated host that does not run is started. Free with
 * host_close(). NO_XEN, NO_STORE, SIM, UNSUPPORTED, USAGE. */
int host_open(const char *uri, const struct log *log, struct host **ret, struct domo_err *) MUST_CHECK;
struct host *host_close(struct host *);
/* Starts, or ends, the simulated host of that URI; its guests end with it. *ret_was_running: before. UNSUPPORTED for a
 * real one. */
int host_start(const char *uri, const struct log *log, bool *ret_was_running, struct domo_err *) MUST_CHECK;
int host_stop(const char *uri, bool *ret_was_running, struct domo_err *) MUST_CHECK;

/* Wraps an open host so that every operation is logged as one stable line at debug level. Takes "inner" over. */
int host_trace(struct host *inner, const struct log *log, struct host **ret, struct domo_err *) MUST_CHECK;

/* A call of the seam that fails, or is late, on request. */
struct host_fault {
    char op[32];  /* "hyp.create", or a pattern as fnmatch(3)'s: "store.*" */
    uint32_t nth; /* only the n-th call that "op" fits, counting from 1; 0 = each */
    int sys;      /* errno; 0 = the call works */
    uint32_t delay_ms;
    bool kill; /* the process that calls ends there as by kill -9 */
};

/* Wraps an open host so that calls fail. Takes "inner" over; "faults" are copied. */
int host_fault(struct host *inner, const struct host_fault *faults, size_t n, struct host **ret,
               struct domo_err *) MUST_CHECK;
/* "hyp.create:2 ENOMEM; store.* EIO 100; *:7 KILL": op[:nth] [errno or KILL] [delay in ms], parted by semicolons.
 * free(*ret). USAGE. */
int host_fault_parse(const char *text, struct host_fault **ret, size_t *ret_n, struct domo_err *) MUST_CHECK;

/* ---- wrappers: what callers use (store.c, hyp helpers) ---- */

/* Formats a path of the store; 0 or -1 (INTERNAL) if it does not fit. */
enum { STORE_PATH_MAX = 512 };
int store_path(char out[STORE_PATH_MAX], struct domo_err *, const char *fmt, ...) PRINTF_LIKE(3, 4);

int store_begin(struct host *, store_txn *ret, struct domo_err *) MUST_CHECK;
int store_end(struct host *, store_txn, bool commit, struct domo_err *) MUST_CHECK;
int store_read(struct host *, store_txn, const char *path, char **ret, struct domo_err *) MUST_CHECK;
/* As store_read, but a missing node is success with *ret NULL. */
int store_read_opt(struct host *, store_txn, const char *path, char **ret, struct domo_err *) MUST_CHECK;
/* Any bytes. The value has a NUL after its *ret_len bytes. */
int store_read_bytes(struct host *, store_txn, const char *path, char **ret, size_t *ret_len,
                     struct domo_err *) MUST_CHECK;
int store_write(struct host *, store_txn, const char *path, const char *value, struct domo_err *) MUST_CHECK;
int store_write_bytes(struct host *, store_txn, const char *path, const void *value, size_t len,
                      struct domo_err *) MUST_CHECK;
int store_writef(struct host *, store_txn, struct domo_err *, const char *path, const char *fmt, ...)
    PRINTF_LIKE(5, 6) MUST_CHECK;
int store_mkdir(struct host *, store_txn, const char *path, struct domo_err *) MUST_CHECK;
int store_rm(struct host *, store_txn, const char *path, struct domo_err *) MUST_CHECK;
/* Children; a missing node is success with none, and *ret NULL. free(*ret). */
int store_list(struct host *, store_txn, const char *path, char ***ret, size_t *ret_n, struct domo_err *) MUST_CHECK;
int store_set_perms(struct host *, store_txn, const char *path, const struct store_perm *, size_t n,
                    struct domo_err *) MUST_CHECK;
/* STORE_NOT_FOUND if the node is missing. free(*ret). */
int store_get_perms(struct host *, store_txn, const char *path, struct store_perm **ret, size_t *ret_n,
                    struct domo_err *) MUST_CHECK;
int store_watch(struct host *, const char *path, const char *token, struct domo_err *) MUST_CHECK;
int store_unwatch(struct host *, const char *path, const char *token, struct domo_err *) MUST_CHECK;
int store_next_event(struct host *, struct store_event *ret, bool *ret_any, struct domo_err *) MUST_CHECK;
void store_event_fini(struct store_event *);

/* Runs "body" in a transaction, again after a conflict: at most STORE_TRIES times with a growing, jittered pause. A
 * body that returns -1 discards the transaction. After a few lost tries it queues with the other processes of domo, and
 * nobody begins while somebody is served.
 */
enum { STORE_TRIES = 24 };
int store_transact(struct host *, int (*body)(struct host *, store_txn, void *arg, struct domo_err *), void *arg,
                   struct domo_err *) MUST_CHECK;

#endif
