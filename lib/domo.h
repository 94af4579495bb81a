/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * libdomo: create Xen domains, hot-plug their devices, see what is going on.
 *
 * One header, plain C99, no types of other libraries. The library starts no
 * thread of its own, installs no signal handler, never exits and never prints.
 * Not thread-safe: one context per thread.
 *
 * Functions return 0, or -1 with the error object filled. Results named ret_*
 * are set on success only. Values and strings given back belong to the caller
 * unless said otherwise.
 */
#ifndef DOMO_H
#define DOMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DOMO_VERSION "0.1.0"

/* ---- errors ---- */

struct domo_err;
struct domo_value;

/* A new, empty error object; NULL when out of memory. Reuse it for any number of calls. */
struct domo_err *domo_err_new(void);
void domo_err_free(struct domo_err *);
void domo_err_clear(struct domo_err *);
/* Stable dotted code ("device.no-backend"); "ok" when empty. */
const char *domo_err_code(const struct domo_err *);
const char *domo_err_message(const struct domo_err *);
/* What to do next; "" if nothing is known. */
const char *domo_err_hint(const struct domo_err *);
/* Exit status of its class: 1 failed, 2 usage, 3 not found, 4 conflict, 5 permission, 6 timeout, 7 unsupported. */
int domo_err_status(const struct domo_err *);
/* {"code","class","message","context":[…],"hint","errno","observed":{…}}. NULL when out of memory. */
struct domo_value *domo_err_value(const struct domo_err *);
/* Fills an error from outside the library (a command line's own refusal). "code" must be one of the library's codes.
 * Returns -1. */
int domo_err_set(struct domo_err *, const char *code, const char *message);
/* Adds what was being done, outermost last. Returns -1. */
int domo_err_context(struct domo_err *, const char *what);
/* The catalogue: [{"code","class","status","hint","doc"}]. */
struct domo_value *domo_err_catalogue(void);

/* ---- values: results as trees of JSON ---- */

enum domo_type {
    DOMO_TYPE_NULL,
    DOMO_TYPE_BOOL,
    DOMO_TYPE_INT,
    DOMO_TYPE_UINT, /* above INT64_MAX */
    DOMO_TYPE_DOUBLE,
    DOMO_TYPE_STRING,
    DOMO_TYPE_ARRAY,
    DOMO_TYPE_OBJECT
};

void domo_value_free(struct domo_value *);
enum domo_type domo_value_type(const struct domo_value *); /* NULL: DOMO_TYPE_NULL */
size_t domo_value_len(const struct domo_value *);          /* elements or members */
/* Element or member "i" (owned by "v"); its name if it is a member and ret_name is not NULL. NULL out of range. */
const struct domo_value *domo_value_at(const struct domo_value *v, size_t i, const char **ret_name);
/* Member along a path of names: "back.state". NULL if there is none. */
const struct domo_value *domo_value_get(const struct domo_value *v, const char *path);
const char *domo_value_str(const struct domo_value *v, const char *fallback);
int64_t domo_value_int(const struct domo_value *v, int64_t fallback);
double domo_value_double(const struct domo_value *v, double fallback);
bool domo_value_bool(const struct domo_value *v, bool fallback);
/* JSON text, one line or indented, without a final newline; free() it. NULL when out of memory. */
char *domo_value_print(const struct domo_value *v, bool pretty);
/* Builders, for results that a program makes itself. NULL when out of memory. */
struct domo_value *domo_value_object(void);
void domo_value_set_str(struct domo_value *object, const char *name, const char *text);
void domo_value_set_int(struct domo_value *object, const char *name, int64_t i);
void domo_value_set_bool(struct domo_value *object, const char *name, bool b);
/* Takes "v" over. */
void domo_value_set(struct domo_value *object, const char *name, struct domo_value *v);

/* ---- context ---- */

struct domo_ctx;

enum { DOMO_LOG_DEBUG, DOMO_LOG_INFO, DOMO_LOG_WARN, DOMO_LOG_ERROR };

struct domo_hooks {
    /* One log line. May be NULL. */
    void (*log)(void *arg, int level, const char *line);
    int log_threshold;
    /* Before each step of a long operation: "create", 3, 11, "build-image", "build the kernel …". May be NULL. */
    void (*progress)(void *arg, const char *operation, size_t index, size_t total, const char *step,
                     const char *summary);
    void *arg;
    /* Set *cancelled from a signal handler to interrupt: the operation is undone and fails with "op.cancelled". May be
     * NULL. */
    volatile int *cancelled;
    bool trace; /* log each call to the host */
};

/* "host": "xen:", "sim:DIR"; NULL = $DOMO_HOST or "xen:". Nothing is opened yet: the first call that needs the host
 * does it. */
int domo_ctx_new(const char *host, const struct domo_hooks *, struct domo_ctx **ret, struct domo_err *);
void domo_ctx_free(struct domo_ctx *);
/* How much was asked of the host so far:
 * {"store_requests","store_commits","store_conflicts","hyp_calls","os_calls","forks"}. */
struct domo_value *domo_ctx_stats(const struct domo_ctx *);

/* ---- the host ---- */

/* {"uri","simulated","xen":"4.17","cpus","nodes","memory_kib","free_kib","guests","supervisor","store"}; "store" is the
 * path of its XenStore's socket where that is not the usual one, else null; "supervisor": does domod watch its guests?
 * Starts a simulated host that does not run. */
int domo_host_info(struct domo_ctx *, struct domo_value **ret, struct domo_err *);
/* Starts, or ends, the context's simulated host: its guests end with it. {"uri","running","was_running"}. "unsupported"
 * for a real host. */
int domo_host_start(struct domo_ctx *, struct domo_value **ret, struct domo_err *);
int domo_host_stop(struct domo_ctx *, struct domo_value **ret, struct domo_err *);

/* ---- configuration; needs no host ---- */

struct domo_spec;

enum {
    DOMO_CONFIG_WARN_UNKNOWN = 1 << 0,       /* unknown keys are warnings */
    DOMO_CONFIG_IGNORE_UNSUPPORTED = 1 << 1, /* keys that are not acted on yet are warnings */
    DOMO_CONFIG_CHECK_ONLY = 1 << 2,         /* only validate: keys and types not acted on yet are warnings */
};

/* Reads an xl.cfg file ("-": standard input) and "key=value" overrides (NULL-terminated, may be NULL). *ret_findings
 * (may be NULL) is set also on failure:
 * {"file","text","errors","warnings","findings":[{"level","code","line","column","message", "hint"}]}; "text" is the
 * whole rendering with carets for people. */
int domo_spec_load(const char *path, const char *const *overrides, unsigned flags, struct domo_spec **ret,
                   struct domo_value **ret_findings, struct domo_err *);
void domo_spec_free(struct domo_spec *);
const char *domo_spec_name(const struct domo_spec *);
/* libxl's JSON form of the spec. */
struct domo_value *domo_spec_json(const struct domo_spec *);
/* xl.cfg text. free() it. */
char *domo_spec_text(const struct domo_spec *);
/* The reference of config keys: all, or one. NULL if there is none of that name. */
struct domo_value *domo_config_keys(const char *key);

/* The life of a guest as a table: {"states":[{"name","doc"}],"events":[{"name","source":"user"|"toolstack"|"guest"|
 * "hypervisor"|"timer","doc","cells":[{"state","verdict":"go"|"ignore"|"refuse","next","action"}]}],
 * "actions":[{"name","doc"}]}. NULL when out of memory. */
struct domo_value *domo_lifecycle(void);

/* ---- domains ---- */

/* Finds a guest by domid, name or UUID. domain.not-found. */
int domo_resolve(struct domo_ctx *, const char *what, uint32_t *ret_domid, struct domo_err *);
/* free(*ret). "(null)" for a domain without a name. */
int domo_name(struct domo_ctx *, uint32_t domid, char **ret, struct domo_err *);

enum {
    DOMO_CREATE_PAUSED = 1 << 0,
    DOMO_CREATE_NO_WAIT = 1 << 1,   /* do not wait until the guest's front ends are Connected */
    DOMO_CREATE_NO_CACHE = 1 << 2,  /* neither read nor fill the cache of unpacked kernels */
    DOMO_CREATE_UNWATCHED = 1 << 3, /* the supervisor does nothing when the guest ends, and is not started for it */
};

struct domo_options {
    unsigned flags;
    int64_t timeout_ms; /* for the wait for the guest; 0 = the default of the operation */
    int64_t backend_ms; /* create, attach, reconnect: wait so long for back end domains that are still to come, and for
                         * their back ends; 0 = they must be there */
    /* "connect=30,close=2.5": seconds for single phases of a device's way, which are "accept", "script", "connect",
     * "reconfigure", "reconnect", "close", "device-model" (until one that was started answers); NULL = the defaults.
     * "usage" if it has another form. */
    const char *timeouts;
    bool timing; /* put "timing":[{"step","us","store_requests"}] into the result */
    /* Called when the guest's console tty is known, before it is unpaused. May be NULL. */
    void (*on_console)(void *arg, uint32_t domid, const char *tty);
    void *on_console_arg;
};

/* Creates a domain, all or nothing. *ret: {"domid","name","uuid","console","devices":[…],"timing"}. After the unpause
 * the guest stands: when its devices do not connect in time the call fails with "device.guest-no-answer", but the guest
 * stays. */
int domo_create(struct domo_ctx *, const struct domo_spec *, const struct domo_options *, struct domo_value **ret,
                struct domo_err *);
/* The steps that domo_create would take: {"plan","steps":[{"name","summary","does":[…]}]}; changes nothing, and needs
 * no Xen. */
int domo_create_preview(struct domo_ctx *, const struct domo_spec *, const struct domo_options *,
                        struct domo_value **ret, struct domo_err *);
int domo_destroy(struct domo_ctx *, uint32_t domid, const struct domo_options *, struct domo_value **ret,
                 struct domo_err *);
int domo_pause(struct domo_ctx *, uint32_t domid, struct domo_err *);
int domo_unpause(struct domo_ctx *, uint32_t domid, struct domo_err *);

/* Lets a guest that has suspended itself go on where it stopped. domain.wrong-state. */
int domo_resume(struct domo_ctx *, uint32_t domid, struct domo_err *);
/* How long domains have been running; n 0: all. [{"domid","name","seconds" (null = not known)}]. */
int domo_uptime(struct domo_ctx *, const uint32_t *domids, size_t n, struct domo_value **ret, struct domo_err *);
/* Writes a guest's memory and registers into an ELF core; "path" NULL: where the supervisor puts it, dump/NAME among
 * libxl's files. The guest is not paused for it. *ret: {"domid","name","file","bytes"}. domain.wrong-state, host.io. */
int domo_dump_core(struct domo_ctx *, uint32_t domid, const char *path, struct domo_value **ret, struct domo_err *);
/* "nmi", "reset", "init", "power", "sleep", "s3resume", to virtual CPU "vcpu" where that matters. unsupported (by this
 * hypervisor, to this kind of guest), usage, domain.wrong-state. */
int domo_trigger(struct domo_ctx *, uint32_t domid, const char *what, uint32_t vcpu, struct domo_err *);

enum {
    DOMO_SHUTDOWN_REBOOT = 1 << 0,    /* ask to reboot instead of to power off */
    DOMO_SHUTDOWN_WAIT = 1 << 1,      /* until the guest has ended, not only taken the request */
    DOMO_SHUTDOWN_WAIT_GONE = 1 << 2, /* until the domain is gone */
    DOMO_SHUTDOWN_SUSPEND = 1 << 4,   /* ask to suspend itself: domo_resume() lets it go on */
    DOMO_SHUTDOWN_BUTTON = 1 << 3,    /* an HVM guest without a driver to ask: press its button */
};
/* Asks guests to shut down, all at once; n 0: all that run but domain 0. "timeout_ms" is for all together; 0 = 60 s,
 * with a wait 300 s. *ret, also set when some failed (else NULL):
 * [{"domid","name","asked":"poweroff"|"reboot"|"suspend","state":"asked"|"answered"|"ended"|"gone"|"failed",
 * "reason":"poweroff" (why it ended; null = not known),"ms","error":null|{as domo_err_value}}].
 * domain.not-found, domain.wrong-state, unsupported (the guest can't be asked), timeout: of the one guest, or of the
 * first of several, whose names are in the message. */
int domo_shutdown(struct domo_ctx *, const uint32_t *domids, size_t n, unsigned flags, int64_t timeout_ms,
                  struct domo_value **ret, struct domo_err *);
/* A magic system request (letter or digit) to the guest's kernel. */
int domo_sysrq(struct domo_ctx *, uint32_t domid, char key, struct domo_err *);
/* {"domid","name","before"}. domain.exists, config.bad-value. */
int domo_rename(struct domo_ctx *, uint32_t domid, const char *name, struct domo_value **ret, struct domo_err *);

/* [{"domid","name","uuid","memory_mib","memory_kib","vcpus","vcpus_max","state":{"running","blocked","paused","shutdown","dying",
 * "reason"},"flags":"r-----","cpu_seconds","type","cpupool"}]; all domains, or one. */
int domo_list(struct domo_ctx *, const uint32_t *domid, struct domo_value **ret, struct domo_err *);
/* The same with "config": [{"domid","config":{…libxl's JSON, merged with the live state…}}], as `xl list -l`. Domains
 * without a stored config are left out. */
int domo_list_long(struct domo_ctx *, const uint32_t *domid, struct domo_value **ret, struct domo_err *);
/* The path of the guest's primary console; free(*ret). */
int domo_console_tty(struct domo_ctx *, uint32_t domid, char **ret, struct domo_err *);
enum domo_console { DOMO_CONSOLE_PV, DOMO_CONSOLE_SERIAL };
/* The same of a certain one: of those with a driver of Xen's, or of an HVM guest's serial lines, counted from 0.
 * console.unavailable. */
int domo_console_line(struct domo_ctx *, uint32_t domid, enum domo_console, uint32_t number, char **ret,
                      struct domo_err *);
/* Where viewers find the guest's screen: {"host","port","display","address":"127.0.0.1:5900"}; console.unavailable if
 * it shows none by VNC. "ret_password" (may be NULL) becomes its password, NULL for none; free() it. */
int domo_screen(struct domo_ctx *, uint32_t domid, struct domo_value **ret, char **ret_password, struct domo_err *);
/* A line for the monitor of the guest's device model, in the language that QEMU has for people; free(*ret), its answer.
 * unsupported (the guest has no device model), device-model.failed, device-model.qmp. */
int domo_monitor_command(struct domo_ctx *, uint32_t domid, const char *line, char **ret, struct domo_err *);

/* ---- what guests have of the machine ---- */

/* Asks the guest's balloon driver to own so much, an emulated graphics card's included, and lets it own no more; it
 * does so in its own time. *ret: {"domid","name","target_kib","before_kib","limit_kib","memory_kib"}.
 * config.bad-value: more than it was built for. */
int domo_mem_set(struct domo_ctx *, uint32_t domid, uint64_t kib, struct domo_value **ret, struct domo_err *);
/* What it may own in all, until the next domo_mem_set(). *ret as there. config.bad-value: less than its target. */
int domo_mem_max(struct domo_ctx *, uint32_t domid, uint64_t kib, struct domo_value **ret, struct domo_err *);

/* [{"name","domid","vcpu","online","running","blocked","cpu" (where it runs; null if it is offline),"cpu_seconds",
 * "hard_affinity","soft_affinity"}]: of the domains that are named, or, with n 0, of all. Affinities are "all", "none"
 * or lists like "0-2,5". */
int domo_vcpu_list(struct domo_ctx *, const uint32_t *domids, size_t n, struct domo_value **ret, struct domo_err *);

enum {
    DOMO_VCPU_OVERCOMMIT = 1 << 0, /* set: also more than the host has processors */
    DOMO_VCPU_FORCE = 1 << 1,      /* pin: also where domain 0's kernel has pinned it for a moment */
};
/* Asks the guest to use its first n. *ret: {"domid","name","vcpus","vcpus_max"}. config.bad-value: none, or too many;
 * unsupported: an HVM guest can't be asked to use fewer. */
int domo_vcpu_set(struct domo_ctx *, uint32_t domid, uint32_t n, unsigned flags, struct domo_value **ret,
                  struct domo_err *);
/* On which processors a vcpu ("vcpu" NULL: all of the guest's) may run, and on which it would rather: lists as cpus= of
 * a config has them; NULL or "-" leaves one as it is. *ret: the guest's rows as domo_vcpu_list() gives them.
 * config.bad-value. */
int domo_vcpu_pin(struct domo_ctx *, uint32_t domid, const uint32_t *vcpu, const char *hard, const char *soft,
                  unsigned flags, struct domo_value **ret, struct domo_err *);

/* -- pools of processors: "pool" is a number or a name -- */

/* [{"id","name","scheduler","cpus":[0,1],"domains"}]: all, or one. cpupool.not-found. */
int domo_pool_list(struct domo_ctx *, const char *pool, struct domo_value **ret, struct domo_err *);
enum { DOMO_POOL_DRY_RUN = 1 << 0 };
/* A config file (NULL: none) with name=, sched=, cpus=, nodes=, and "key=value" settings (NULL-terminated, may be
 * NULL). *ret: its row; in a dry run with "id" null. cpupool.in-use: a processor is not free; domain.exists: the name
 * is taken. */
int domo_pool_create(struct domo_ctx *, const char *file, const char *const *settings, unsigned flags,
                     struct domo_value **ret, struct domo_err *);
/* *ret: the row of the pool that was. cpupool.in-use: there are domains in it. */
int domo_pool_destroy(struct domo_ctx *, const char *pool, struct domo_value **ret, struct domo_err *);
/* *ret, as of all that follow: the pool's row afterwards. */
int domo_pool_rename(struct domo_ctx *, const char *pool, const char *name, struct domo_value **ret, struct domo_err *);
/* Adds processors, or takes them away: a list as cpus= of a config has it. All or none. cpupool.in-use. */
int domo_pool_cpus(struct domo_ctx *, const char *pool, const char *cpus, bool add, struct domo_value **ret,
                   struct domo_err *);
int domo_pool_migrate(struct domo_ctx *, uint32_t domid, const char *pool, struct domo_value **ret, struct domo_err *);
/* A pool for each NUMA node. *ret: all pools. cpupool.in-use: there is more than one already. */
int domo_pool_split(struct domo_ctx *, struct domo_value **ret, struct domo_err *);

/* -- how guests are scheduled; "scheduler": "credit", "credit2", "rtds" -- */

enum { DOMO_SCHED_VCPUS = 1 << 0 /* a row for each vcpu, of rtds */ };
/* Of all pools with that scheduler, or of one: [{"pool_id","pool","scheduler","params":{"tslice_ms",
 * "migration_delay_us" (both of credit),"ratelimit_us"},"domains":[{"name","domid","weight","cap"}]}]; of rtds without
 * "params", and with "period_us","budget_us","extratime" and, for each vcpu, "vcpu" in its rows. */
int domo_sched_list(struct domo_ctx *, const char *scheduler, const char *pool, unsigned flags, struct domo_value **ret,
                    struct domo_err *);
/* The rows of one domain. unsupported: it has another scheduler. */
int domo_sched_rows(struct domo_ctx *, const char *scheduler, uint32_t domid, unsigned flags, struct domo_value **ret,
                    struct domo_err *);
/* What is -1 stays as it is; "vcpu" -1: the domain, and all of its vcpus. */
struct domo_sched {
    int64_t weight, cap;
    int64_t period_us, budget_us, extratime;
    int64_t vcpu;
};
int domo_sched_set(struct domo_ctx *, const char *scheduler, uint32_t domid, const struct domo_sched *,
                   struct domo_err *);
/* What is -1 stays as it is. */
struct domo_sched_params {
    int64_t tslice_ms, ratelimit_us, migration_delay_us;
};
/* Of a pool; NULL: pool 0. */
int domo_sched_set_params(struct domo_ctx *, const char *scheduler, const char *pool, const struct domo_sched_params *,
                          struct domo_err *);

/* Figures for monitoring, about the host, its pools, all domains, their devices and the store:
 * [{"name","type":"counter"|"gauge","help","samples":[{"labels":{…},"value"}]}]. Names never change their meaning. */
int domo_metrics(struct domo_ctx *, struct domo_value **ret, struct domo_err *);

/* ---- devices ---- */

enum {
    DOMO_DEVICE_NO_WAIT = 1 << 0,  /* attach: do not wait for the guest */
    DOMO_DEVICE_FORCE = 1 << 1,    /* detach: without the guest's consent */
    DOMO_DEVICE_GRACEFUL = 1 << 3, /* detach: ask, and take it without consent when the time is up */
    DOMO_DEVICE_DRY_RUN = 1 << 2,  /* attach: check and give the parsed device back in libxl's JSON */
};

/* "kind": "vbd", "vif". "text": the grammar of disk= or vif=. *ret: one row as domo_devices gives. */
int domo_attach(struct domo_ctx *, uint32_t domid, const char *kind, const char *text, const struct domo_options *,
                struct domo_value **ret, struct domo_err *);
/* "which": vdev name, devid or MAC. *ret also has "forced": was it taken without the guest's consent? */
int domo_detach(struct domo_ctx *, uint32_t domid, const char *kind, const char *which, const struct domo_options *,
                struct domo_value **ret, struct domo_err *);
/* Changes what lies in CD drive "vdev" of a running HVM guest; "target" NULL: takes it out. DOMO_DEVICE_FORCE: also
 * when the guest has locked its door; DOMO_DEVICE_DRY_RUN as for domo_attach. *ret: the drive's row. unsupported (no
 * HVM guest), device.not-found, device.in-use, disk.not-found, disk.bad-target, disk.in-use, device-model.failed. */
int domo_cd_change(struct domo_ctx *, uint32_t domid, const char *vdev, const char *target, const struct domo_options *,
                   struct domo_value **ret, struct domo_err *);
/* Gives devices whose driver domain has ended a back end in the domain that has its name now; they keep their numbers
 * and MACs. *ret, also set when it fails with the first of them: [{"kind","devid","device","backend","done","error"}].
 * device.backend-gone, domain.not-found, and those of domo_attach. */
int domo_reconnect(struct domo_ctx *, uint32_t domid, const struct domo_options *, struct domo_value **ret,
                   struct domo_err *);
/* The guest's devices of a kind (NULL = all): [{"kind","devid","vdev","mac","back_domid","front_domid","handle","state"
 * (the back end's
 * number),"back":{"path","state","state_name","hotplug_status","error"},"front":{"path","state","state_name","error"},
 * "event_channel","ring_ref","tx_ring_ref","rx_ring_ref" (of the first queue where there are several),"flat":{the same
 * four, as stock xl sees them},"queues",
 * "connected","io_path" ("pv", "emulated", "none": how the guest reaches it now),…}]. Missing numbers are -1.
 * "emulated": "hda" if a device model that runs also shows the disk as that IDE disk, "nic0" a network card of QEMU's.
 * "back_gone": true if the driver domain that serves it has ended. */
int domo_devices(struct domo_ctx *, uint32_t domid, const char *kind, struct domo_value **ret, struct domo_err *);
/* PCI devices of this host that pciback keeps for guests and that no guest has: [{"addr","name","was_driver"}]. */
int domo_pci_assignable(struct domo_ctx *, struct domo_value **ret, struct domo_err *);
/* Takes one from its driver and keeps it, under a name if that is not NULL; {"addr","name","was_driver","changed"}. */
int domo_pci_keep(struct domo_ctx *, const char *bdf, const char *name, struct domo_value **ret, struct domo_err *);
/* The other way, by place or name; with "to_driver" back to the driver that it was taken from. */
int domo_pci_give_back(struct domo_ctx *, const char *which, bool to_driver, struct domo_value **ret,
                       struct domo_err *);
/* The device tree of one guest or all: [{"domid","name","state","devices":[…rows as above, with all nodes of both
 * ends and "back_domain", the name of the domain that serves it…]}]. HVM guests also have "device_model": "running", or
 * "ended" if it should run and does not, and "vnc" as domo_screen says where their screen is. */
int domo_tree(struct domo_ctx *, const uint32_t *domid, struct domo_value **ret, struct domo_err *);

struct domo_devd {
    /* What happens: first for what is there, then {"event":"ready","domid","devices"}, then for what comes:
     * {"event":"plugged" | "adopted" | "failed" | "released","device","kind","domid","devid","path","error"}. May be
     * NULL. */
    void (*event)(void *arg, const struct domo_value *);
    void *arg;
};

/* The toolstack of a driver domain, to be run in it: does the hotplug of the devices that it serves, by whatever tool
 * they were made, until the context's *cancelled is set: 0 then, and the devices stay. "unsupported" in domain 0. */
int domo_devd(struct domo_ctx *, const struct domo_devd *, struct domo_err *);
/* Why a guest does not run or its devices are not connected, or that all is well: {"domid","name","uuid","healthy",
 * "cause","side","what","advice","devices":[{"kind","devid","label","back_domid","healthy","cause","side","what","advice",
 * "waits_for","seen":{…}}]}. "cause" is a stable word; "side" says who has to act: "guest", "back-end", "hotplug",
 * "host", "toolstack", or "nobody"; "seen" is what the diagnosis rests on. "which": vdev name, devid, MAC, or
 * KIND/DEVID; NULL: all devices. domain.not-found, device.not-found. */
int domo_explain(struct domo_ctx *, uint32_t domid, const char *which, struct domo_value **ret, struct domo_err *);
/* Blocks until the device (NULL: every device with two ends) is "connected" (both ends), "closed", "gone", or until its
 * back end is in the state of that name ("initwait"). A device that is not there yet is waited for. timeout_ms 0: for
 * ever. *ret: {"domid","device","state","waited_ms"}. "timeout" names both ends' states. */
int domo_wait(struct domo_ctx *, uint32_t domid, const char *which, const char *state, int64_t timeout_ms,
              struct domo_value **ret, struct domo_err *);
/* The same for the guest itself: "running", "paused", "suspended", "shutdown" (it has ended, for whatever reason),
 * "poweroff", "reboot", "crash", "watchdog", "soft-reset" (for that one), "gone". It is the domain that is waited for:
 * one that takes its place after a restart is another one. *ret: {"domid","device":null,"state","waited_ms"}.
 * "timeout", "domain.not-found" if it goes while something else than its end is waited for. */
int domo_wait_guest(struct domo_ctx *, uint32_t domid, const char *state, int64_t timeout_ms, struct domo_value **ret,
                    struct domo_err *);
/* Is that one of those? */
bool domo_wait_is_guest_state(const char *state);

/* ---- what has happened ---- */

/* The events of a host, in their order: what commands and programs of domo did to guests ("create", "destroy",
 * "attach", "detach", "change-medium", "rename", "pause", "unpause", "shutdown-asked", "reboot-asked", "suspend-asked",
 * "resume", "dump-core", "trigger", with "result": "done", "undone", or "incomplete", and "error" then), what its
 * supervisor saw and did ("appeared", "gone", "ended" with "reason" and "action", "set-aside", "unwatched" with "why"),
 * and what a sweep removed ("swept"). Each has "token", "time" and "event"; most have "domid", "name" and "uuid". About
 * the last 10,000 are kept, until the host starts anew. */
struct domo_events;

/* "from": a token (what follows it), "oldest" (all that is left), NULL (what comes from now on). "events.lost": the
 * host has started anew since. "usage": no such token. */
int domo_events_open(struct domo_ctx *, const char *from, struct domo_events **ret, struct domo_err *);
/* The next one, to be freed with domo_value_free(); *ret NULL: none yet. "events.lost": what
 * should come next is not there any more, the caller was too slow. */
int domo_events_next(struct domo_events *, struct domo_value **ret, struct domo_err *);
/* Waits at most so long (-1: for ever). 1: there may be one; 0: the time is over. "op.cancelled". */
int domo_events_wait(struct domo_events *, int64_t timeout_ms, struct domo_err *);
/* For an event loop of one's own: readable when domo_events_next() should be called until it has none. */
int domo_events_fd(const struct domo_events *);
/* Before its context. NULL is fine. */
void domo_events_close(struct domo_events *);

/* ---- XenStore itself ---- */

/* Paths are absolute, or relative to the home of the domain that the caller runs in (/local/domain/N). Only the store
 * is needed, no hypervisor: $XENSTORED_PATH and a driver domain will do. What one call changes is one transaction.
 * store.bad-path, store.not-found, store.too-big, store.quota, host.permission, host.no-store. */

enum {
    DOMO_STORE_VALUES = 1 << 0,     /* walk, watch: with the nodes' values */
    DOMO_STORE_PERMS = 1 << 1,      /* walk: with their permissions */
    DOMO_STORE_BELOW = 1 << 2,      /* walk: without the node itself */
    DOMO_STORE_RECURSIVE = 1 << 3,  /* set_perms: also all that is below */
    DOMO_STORE_MISSING_OK = 1 << 4, /* remove: a node that is not there is fine */
    DOMO_STORE_TIDY = 1 << 5,       /* remove: also the nodes above that are left without children and value */
};
#define DOMO_STORE_DEEP 0xffffffffu

/* A node and what is below it down to "depth" levels (0: itself alone; DOMO_STORE_DEEP: all), in the order of the tree,
 * each level sorted by name: [{"path","name","depth","value" or, if it is no UTF-8 text, "value_hex",
 * "perms":{"owner","others","domains":[{"domid","access"}],"mode":"n0,r5"}}]. Access: "none", "read", "write", "both".
 * "denied":true stands in a row below the first one that may not be read. The nodes are read one by one: one that goes
 * away meanwhile is left out, and the result is no snapshot of one moment. */
int domo_store_walk(struct domo_ctx *, const char *path, unsigned flags, unsigned depth, struct domo_value **ret,
                    struct domo_err *);
/* A value as it is, any bytes; a NUL follows them. free(*ret). */
int domo_store_read(struct domo_ctx *, const char *path, char **ret, size_t *ret_len, struct domo_err *);
int domo_store_exists(struct domo_ctx *, const char *path, bool *ret, struct domo_err *);

struct domo_store_pair {
    const char *path;
    const void *value;
    size_t len;
};
/* Those that change give {"paths":[…]}: what they changed. Missing nodes above are made. */
int domo_store_write(struct domo_ctx *, const struct domo_store_pair *, size_t n, struct domo_value **ret,
                     struct domo_err *);
/* A node that is there already stays as it is. */
int domo_store_mkdir(struct domo_ctx *, const char *const *paths, size_t n, struct domo_value **ret, struct domo_err *);
/* With all that is below. */
int domo_store_remove(struct domo_ctx *, const char *const *paths, size_t n, unsigned flags, struct domo_value **ret,
                      struct domo_err *);
/* "entries": a letter (n none, r read, w write, b both) and a domain's number each. The first names the owner and what
 * every domain may that is not named. */
int domo_store_set_perms(struct domo_ctx *, const char *path, const char *const *entries, size_t n, unsigned flags,
                         struct domo_value **ret, struct domo_err *);

struct domo_store_watch {
    const char *const *paths; /* also "@introduceDomain", "@releaseDomain" */
    size_t n;
    unsigned flags;
    uint64_t count;     /* end after so many events; 0 = never */
    int64_t timeout_ms; /* end after this time; 0 = never */
    /* Each event: {"path","watch" (the path that was asked for),"initial" (the one that each watch begins with)}, with
     * DOMO_STORE_VALUES also "exists" and the value as in a row of domo_store_walk. False ends the call. */
    bool (*event)(void *arg, const struct domo_value *);
    void *arg;
};
/* Blocks. 0 after "count" events, when the time is up and no count was given, or when "event" said so. "timeout" if
 * fewer events came; "op.cancelled" by the context's flag. */
int domo_store_watch(struct domo_ctx *, const struct domo_store_watch *, struct domo_err *);

/* ---- drivers in user space: shared pages, event channels, rings ---- */

/* For a program that is a back end or a front end itself. A context that is used for it should be used for nothing else
 * that waits: it has one stream of store events.
 *
 * What the other domain writes into a shared page can change at any time. Read it once, into memory of your own, and
 * check the copy; the functions on rings do that. */

enum { DOMO_PAGE_SIZE = 4096, DOMO_PAGES_MAX = 128 };
enum { DOMO_MAP_WRITE = 1 << 0 };

/* Maps n pages that domain "domid" has granted to ours, one behind the other: all or none. "host.hypervisor" if one is
 * not granted, "host.permission" if it is granted for reading alone. */
int domo_map(struct domo_ctx *, uint32_t domid, const uint32_t *refs, size_t n, unsigned flags, void **ret,
             struct domo_err *);
int domo_unmap(struct domo_ctx *, void *pages, size_t n, struct domo_err *);
/* Makes n zeroed pages that "domid" may map, with DOMO_MAP_WRITE also for writing; "ret_refs" gets n references. */
int domo_share(struct domo_ctx *, uint32_t domid, size_t n, unsigned flags, void **ret, uint32_t *ret_refs,
               struct domo_err *);
/* The grants end as soon as the other domain has unmapped the pages, too. */
int domo_unshare(struct domo_ctx *, void *pages, size_t n, struct domo_err *);

/* A port of ours that "domid" may bind; or one that is bound to its port "remote", which has an event at once. */
int domo_port_alloc(struct domo_ctx *, uint32_t domid, uint32_t *ret_port, struct domo_err *);
int domo_port_bind(struct domo_ctx *, uint32_t domid, uint32_t remote, uint32_t *ret_port, struct domo_err *);
int domo_port_close(struct domo_ctx *, uint32_t port, struct domo_err *);
int domo_port_kick(struct domo_ctx *, uint32_t port, struct domo_err *);
/* A descriptor that is readable when a port of the context has an event. It stays the context's. */
int domo_port_fd(struct domo_ctx *, int *ret, struct domo_err *);
/* Without waiting: a port with an event, and whether there is one. The port is quiet until domo_port_unmask(). */
int domo_port_next(struct domo_ctx *, uint32_t *ret_port, bool *ret_any, struct domo_err *);
int domo_port_unmask(struct domo_ctx *, uint32_t port, struct domo_err *);

/* An end of a ring of requests and answers, as Xen's io/ring.h lays it out in shared pages. Our own indices are kept
 * apart from the pages; the other end's are checked at each call, and once they made no sense every call fails with
 * "device.bad-ring". */
struct domo_ring;
/* The end that answers: goes on where the pages say that the answers stand. "device.bad-ring". */
int domo_ring_serve(void *pages, size_t n, size_t slot_size, struct domo_ring **ret, struct domo_err *);
/* The end that asks: begins a fresh ring. */
int domo_ring_ask(void *pages, size_t n, size_t slot_size, struct domo_ring **ret, struct domo_err *);
/* Does not touch the pages. */
void domo_ring_free(struct domo_ring *);
/* Copies out the next request, or answer: 1, 0 = there is none, -1. */
int domo_ring_take(struct domo_ring *, void *ret, size_t len, struct domo_err *);
/* Writes an answer to one of the requests taken, or a request. -1 with "usage" if there is none to answer, or no room.
 */
int domo_ring_put(struct domo_ring *, const void *slot, size_t len, struct domo_err *);
/* Shows the other end what was put. True: it waits for a kick. */
bool domo_ring_push(struct domo_ring *);
/* Asks to be kicked for the next one. True: it is there already, and there may be no kick. */
bool domo_ring_more(struct domo_ring *);

/* ---- back ends in user space ---- */

/* A driver for the devices of one kind that our domain serves: /local/domain/OWN/backend/KIND/DOMID/DEVID. A disk with
 * "backendtype=standalone" is of kind DOMO_KIND_DISK: the toolstack writes its nodes and waits, the driver does the
 * rest. examples/block-backend is one.
 *
 * The library walks each device through its states. Its calls come from domo_back_dispatch(), one at a time. What goes
 * wrong with a device, or what its guest does wrong, ends that device: the reason goes to "failed" and to the node
 * error/backend/KIND/DOMID/DEVID/error, the state to Closing. The guest may close and begin anew. */
#define DOMO_KIND_DISK "standalone"

struct domo_back;
struct domo_device;

struct domo_back_ring {
    const char *name; /* of the guest's node: "ring-ref", "tx-ring-ref" */
    size_t slot_size; /* of the 64-bit layout: DOMO_BLK_SLOT for disks */
};

enum {
    /* A device that is Connected when the driver starts goes on, as the one before was killed: requests that were not
     * answered come again. Only if a request may be carried out twice, and if answers are given in the order of the
     * requests and pushed one by one (domo_blk_answer does). */
    DOMO_BACK_ADOPT = 1 << 0
};

struct domo_back_driver {
    const char *kind;
    struct domo_back_ring rings[4];
    size_t ring_count;
    unsigned max_ring_order; /* rings of up to 2^n pages are taken, n at most 4; offer it in a node, too */
    unsigned flags;          /* DOMO_BACK_ADOPT */
    /* A new device: look at its nodes, open what they name, write what can be offered. -1: it can't be served. May be
     * NULL, as all but "serve". */
    int (*probe)(void *arg, struct domo_device *, struct domo_err *);
    /* The guest's rings are mapped and its event channel is bound. -1: the guest wants what can't be. */
    int (*connect)(void *arg, struct domo_device *, struct domo_err *);
    /* There may be requests: take some, or all, and answer. It is called again while there are more. -1: the device is
     * broken. */
    int (*serve)(void *arg, struct domo_device *, struct domo_err *);
    /* The rings are about to go; only after a connect() that was fine. */
    void (*disconnect)(void *arg, struct domo_device *);
    /* The device is forgotten; after each probe(), also one that failed. */
    void (*remove)(void *arg, struct domo_device *);
    void (*failed)(void *arg, struct domo_device *, const struct domo_err *);
    void *arg;
};

/* Takes up the devices that are there; those that come are found. "driver" is copied, its texts are not.
 * "device.in-use" if another process serves the kind. */
int domo_back_open(struct domo_ctx *, const struct domo_back_driver *, struct domo_back **ret, struct domo_err *);
/* Lets go of everything. Devices keep their states, for the next process. */
void domo_back_close(struct domo_back *);
/* Two descriptors to wait for, for a program with a loop of its own: call domo_back_dispatch(…, 0, …) when one is
 * readable. */
int domo_back_fds(struct domo_back *, int ret[2], struct domo_err *);
/* Waits for at most that time (-1: without end) and does what is due. 0, or 1 if there is more to do that neither
 * descriptor will tell of: call it again soon. -1 if the host is lost, or "op.cancelled". */
int domo_back_dispatch(struct domo_back *, int64_t timeout_ms, struct domo_err *);

uint32_t domo_device_domid(const struct domo_device *);
uint32_t domo_device_devid(const struct domo_device *);
/* Its directory; valid as long as the device. */
const char *domo_device_path(const struct domo_device *);
/* A pointer of the driver's. */
void domo_device_set_data(struct domo_device *, void *);
void *domo_device_data(const struct domo_device *);
/* A node of the device's own directory, which only the toolstack writes, or of the guest's, which can hold anything.
 * free(*ret); NULL if there is no such node. */
int domo_device_read(struct domo_device *, const char *name, char **ret, struct domo_err *);
int domo_device_read_front(struct domo_device *, const char *name, char **ret, struct domo_err *);
/* In the own directory; nothing if the toolstack has just taken it away. */
int domo_device_write(struct domo_device *, const char *name, const char *value, struct domo_err *);
/* As domo_ring_take() and domo_ring_put() on the ring of that number, while the device is connected. */
int domo_device_take(struct domo_device *, size_t ring, void *ret, size_t len, struct domo_err *);
int domo_device_answer(struct domo_device *, size_t ring, const void *slot, size_t len, struct domo_err *);
/* Shows the answers and kicks the guest if it waits. Done after each "serve"; needed for answers that are given
 * later. */
int domo_device_push(struct domo_device *, struct domo_err *);
/* Pages of the device's guest. */
int domo_device_map(struct domo_device *, const uint32_t *refs, size_t n, unsigned flags, void **ret,
                    struct domo_err *);
int domo_device_unmap(struct domo_device *, void *pages, size_t n, struct domo_err *);

/* -- the block protocol, for drivers whose ring 0 has slots of DOMO_BLK_SLOT bytes -- */

enum { DOMO_BLK_SLOT = 112, DOMO_BLK_SECTOR = 512, DOMO_BLK_SEGMENTS = 128 };
enum { DOMO_BLK_READ = 0, DOMO_BLK_WRITE = 1, DOMO_BLK_FLUSH = 3, DOMO_BLK_DISCARD = 5 };
enum { DOMO_BLK_OKAY = 0, DOMO_BLK_ERROR = -1, DOMO_BLK_UNSUPPORTED = -2 };

struct domo_blk_disk {
    uint64_t sectors; /* of DOMO_BLK_SECTOR bytes */
    bool read_only, cdrom, discards;
};

/* Writes what the guest wants to know: size, features. In probe(). */
int domo_blk_offer(struct domo_device *, const struct domo_blk_disk *, struct domo_err *);

/* Memory of the guest, mapped while the request is open. */
struct domo_blk_part {
    void *bytes;
    size_t len;
};

/* A request that can be carried out: inside the disk, allowed, its pages mapped. */
struct domo_blk_request {
    int op;                   /* DOMO_BLK_READ … */
    uint64_t sector, sectors; /* READ, WRITE, DISCARD */
    size_t part_count;        /* READ (to be filled), WRITE: as many bytes as "sectors" */
    struct domo_blk_part parts[DOMO_BLK_SEGMENTS];
    uint64_t id_; /* the library's, as what follows */
    uint8_t op_;
    void *pages_;
    size_t page_count_;
};

/* The next request: 1, 0 = there is none for now, -1. Requests that can't be carried out are answered here and not
 * given; so are those whose pages can't be mapped. A guest can ask faster than it is served: take a ring full of them,
 * then let others have their turn. A request has to be answered before its device goes: in "serve", or at the
 * latest in "disconnect". */
int domo_blk_take(struct domo_device *, const struct domo_blk_disk *, struct domo_blk_request *ret, struct domo_err *);
/* Unmaps its pages and answers, visibly at once: DOMO_BLK_OKAY, DOMO_BLK_ERROR or DOMO_BLK_UNSUPPORTED. */
int domo_blk_answer(struct domo_device *, struct domo_blk_request *, int status, struct domo_err *);

/* ---- housekeeping ---- */

enum { DOMO_SWEEP_REMOVE = 1 << 0 };
/* Finds what died half-way:
 * [{"what":"loop-device"|"domain"|"store-node"|"device"|"userdata"|"journal","id","why","action",
 * "removed":bool,"error"}]. Without DOMO_SWEEP_REMOVE nothing is changed. */
int domo_sweep(struct domo_ctx *, unsigned flags, struct domo_value **ret, struct domo_err *);

#ifdef __cplusplus
}
#endif

#endif
