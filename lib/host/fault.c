/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A host in front of another one: each call is looked up in a list of faults,
 * and is late or fails instead of being handed on. The errors look like those
 * that the call itself gives for that errno.
 */
#include "host/fault.h"
#include "host/codes.h"

#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"

enum { ERRNO_END = 134 };

struct rule {
    struct host_fault f;
    uint32_t calls; /* that it fitted so far */
};

struct fault {
    struct host *inner;
    struct rule *rules;
    size_t n;
};

/* ---- what an errno means, by the part of the seam ---- */

/* What a call says of an errno when it does not say what the others of its part say. */
static const struct {
    const char *op;
    int sys; /* 0 = each that no row before and not its part's table names */
    enum domo_code code;
} own_codes[] = {
    {"hyp.create", EEXIST, DOMO_E_DOMAIN_EXISTS},
    {"hyp.build_*", 0, DOMO_E_DOMAIN_BUILD},
    {"os.target", ENOENT, DOMO_E_DISK_NOT_FOUND},
    {"os.target", ENOTDIR, DOMO_E_DISK_NOT_FOUND},
    {"os.loop_attach", ENOENT, DOMO_E_DISK_NOT_FOUND},
    {"os.loop_attach", EROFS, DOMO_E_PERMISSION},
    {"os.loop_attach", 0, DOMO_E_NO_LOOP},
    {"os.loop_detach", EBUSY, DOMO_E_DEVICE_IN_USE},
    {"os.block_claim", EBUSY, DOMO_E_DISK_SHARED},
    {"os.block_claim", ENOENT, DOMO_E_DISK_NOT_FOUND},
    {"os.file_is_open", ENOENT, DOMO_E_DISK_NOT_FOUND},
    {"os.iface_change", EEXIST, DOMO_E_VIF_NAME},
    {"os.iface*", 0, DOMO_E_VIF_INTERFACE},
    {"os.script_start", 0, DOMO_E_SCRIPT_FAILED},
    {"os.daemon_start", ENOENT, DOMO_E_DEVICE_MODEL},
    {"os.daemon_start", ENOEXEC, DOMO_E_DEVICE_MODEL},
};

static enum domo_code own_code(const char *op, int sys, enum domo_code otherwise)
{
    for (size_t i = 0; i < ARRAY_LEN(own_codes); i++)
        if (own_codes[i].sys == sys && fnmatch(own_codes[i].op, op, 0) == 0)
            return own_codes[i].code;
    return otherwise;
}

static enum domo_code code_of(const char *op, int sys)
{
    enum domo_code part = host_os_code(sys);

    if (str_starts(op, "hyp.") || str_starts(op, "link."))
        part = host_hyp_code(sys, own_code(op, 0, DOMO_E_HYPERVISOR));
    else if (str_starts(op, "store."))
        part = host_store_code(sys);
    else if (part == DOMO_E_IO)
        part = own_code(op, 0, part);
    return own_code(op, sys, part);
}

/* ---- the decision ---- */

static struct host *inner_of(struct host *h)
{
    struct host *inner = ((struct fault *)h->impl)->inner;

    inner->cancelled = h->cancelled;
    return inner;
}

/* Counts the call in every rule that fits it; the first one that is due is taken. */
static const struct host_fault *due(struct fault *f, const char *op)
{
    const struct host_fault *found = NULL;

    for (size_t i = 0; i < f->n; i++) {
        struct rule *r = &f->rules[i];

        if (fnmatch(r->f.op, op, 0) != 0)
            continue;
        r->calls++;
        if (!found && (r->f.nth == 0 || r->f.nth == r->calls))
            found = &r->f;
    }
    return found;
}

/* 0: go on. */
static int strike(struct host *h, const char *op, struct domo_err *err)
{
    const struct host_fault *f = due(h->impl, op);
    struct host *inner = inner_of(h);

    if (!f)
        return 0;
    if (f->delay_ms && inner->env->wait(inner, NULL, 0, inner->env->now_ms(inner) + f->delay_ms, err) < 0)
        return -1;
    if (f->kill)
        (void)raise(SIGKILL);
    if (!f->sys)
        return 0;
    /* Also when whoever called goes on without it: a test must know that it was struck. */
    log_line(h->log, LOG_LEVEL_WARN, "%s: fault on request: %s", op, strerrorname_np(f->sys));
    errno = f->sys;
    return err_sys(err, code_of(op, f->sys), f->sys, "%s: fault on request", op);
}

/* Store requests are counted by the wrappers on the outer host, the rest by the operations on the inner one. */
static int done(struct host *h, int r)
{
    const struct host *inner = ((const struct fault *)h->impl)->inner;

    h->stats.hyp_calls = inner->stats.hyp_calls;
    h->stats.os_calls = inner->stats.os_calls;
    h->stats.forks = inner->stats.forks;
    return r;
}

/* ---- the calls, a row each ---- */

#define P(...) __VA_ARGS__

/* "params" and "args" are what stands between the host and the error object. */
#define CALL(table, name, params, args)                                                                                \
    static int f_##table##_##name(struct host *h, params struct domo_err *err)                                         \
    {                                                                                                                  \
        struct host *inner = inner_of(h);                                                                              \
                                                                                                                       \
        return strike(h, #table "." #name, err) < 0 ? -1 : done(h, inner->table->name(inner, args err));               \
    }

CALL(hyp, host_info, P(struct hyp_host_info *a, ), P(a, ))
CALL(hyp, create, P(const struct hyp_domain_new *a, uint32_t *b, ), P(a, b, ))
CALL(hyp, setup, P(uint32_t a, const struct hyp_setup *b, ), P(a, b, ))
CALL(hyp, evtchn_alloc, P(uint32_t a, uint32_t b, uint32_t *c, ), P(a, b, c, ))
CALL(hyp, build_pv, P(uint32_t a, const struct hyp_image *b, struct hyp_built *c, hyp_progress d, void *e, ),
     P(a, b, c, d, e, ))
CALL(hyp, build_pvh, P(uint32_t a, const struct hyp_image *b, struct hyp_built *c, hyp_progress d, void *e, ),
     P(a, b, c, d, e, ))
CALL(hyp, build_hvm, P(uint32_t a, const struct hyp_hvm *b, struct hyp_built *c, ), P(a, b, c, ))
CALL(hyp, dm_machine, P(struct hyp_dm *a, ), P(a, ))
CALL(hyp, dm_backends, P(struct hyp_dm *a, ), P(a, ))
CALL(hyp, unpack_kernel, P(const void *a, size_t b, void **c, size_t *d, ), P(a, b, c, d, ))
CALL(hyp, pause, P(uint32_t a, ), P(a, ))
CALL(hyp, unpause, P(uint32_t a, ), P(a, ))
CALL(hyp, destroy, P(uint32_t a, ), P(a, ))
CALL(hyp, info, P(uint32_t a, struct hyp_info *b, ), P(a, b, ))
CALL(hyp, sched, P(uint32_t a, struct hyp_sched *b, ), P(a, b, ))
CALL(hyp, dump_core, P(uint32_t a, int b, ), P(a, b, ))
CALL(hyp, resume, P(uint32_t a, ), P(a, ))
CALL(hyp, set_uuid, P(uint32_t a, const uint8_t *b, ), P(a, b, ))
CALL(hyp, trigger, P(uint32_t a, enum hyp_trigger b, uint32_t c, ), P(a, b, c, ))
CALL(hyp, list, P(uint32_t a, struct hyp_info *b, size_t c, size_t *d, ), P(a, b, c, d, ))
CALL(hyp, pci_assign, P(uint32_t a, const struct pci_addr *b, ), P(a, b, ))
CALL(hyp, pci_deassign, P(uint32_t a, const struct pci_addr *b, ), P(a, b, ))
CALL(hyp, io_access, P(uint32_t a, const struct hyp_io *b, bool c, ), P(a, b, c, ))
CALL(hyp, mem_limit, P(uint32_t a, uint64_t b, ), P(a, b, ))
CALL(hyp, pod_target, P(uint32_t a, uint64_t b, ), P(a, b, ))
CALL(hyp, cpus, P(struct hyp_cpu *a, size_t b, size_t *c, ), P(a, b, c, ))
CALL(hyp, vcpu, P(uint32_t a, uint32_t b, struct hyp_vcpu *c, ), P(a, b, c, ))
CALL(hyp, vcpu_pin, P(uint32_t a, uint32_t b, const struct hyp_pin *c, ), P(a, b, c, ))
CALL(hyp, sched_set, P(uint32_t a, const struct hyp_sched *b, ), P(a, b, ))
CALL(hyp, rtds, P(uint32_t a, uint32_t b, struct hyp_rtds *c, ), P(a, b, c, ))
CALL(hyp, rtds_set, P(uint32_t a, uint32_t b, const struct hyp_rtds *c, ), P(a, b, c, ))
CALL(hyp, sched_params, P(uint32_t a, struct hyp_sched_params *b, ), P(a, b, ))
CALL(hyp, sched_params_set, P(uint32_t a, const struct hyp_sched_params *b, ), P(a, b, ))
CALL(hyp, pool, P(uint32_t a, struct hyp_pool *b, bool *c, ), P(a, b, c, ))
CALL(hyp, pool_free, P(uint64_t a[HYP_CPU_WORDS], ), P(a, ))
CALL(hyp, pool_create, P(const char *a, uint32_t *b, ), P(a, b, ))
CALL(hyp, pool_destroy, P(uint32_t a, ), P(a, ))
CALL(hyp, pool_cpu, P(uint32_t a, uint32_t b, bool c, ), P(a, b, c, ))
CALL(hyp, pool_move, P(uint32_t a, uint32_t b, ), P(a, b, ))
CALL(store, begin, P(store_txn *a, ), P(a, ))
CALL(store, end, P(store_txn a, bool b, ), P(a, b, ))
CALL(store, read, P(store_txn a, const char *b, char **c, size_t *d, ), P(a, b, c, d, ))
CALL(store, write, P(store_txn a, const char *b, const void *c, size_t d, ), P(a, b, c, d, ))
CALL(store, mkdir, P(store_txn a, const char *b, ), P(a, b, ))
CALL(store, rm, P(store_txn a, const char *b, ), P(a, b, ))
CALL(store, list, P(store_txn a, const char *b, char ***c, size_t *d, ), P(a, b, c, d, ))
CALL(store, set_perms, P(store_txn a, const char *b, const struct store_perm *c, size_t d, ), P(a, b, c, d, ))
CALL(store, get_perms, P(store_txn a, const char *b, struct store_perm **c, size_t *d, ), P(a, b, c, d, ))
CALL(store, watch, P(const char *a, const char *b, ), P(a, b, ))
CALL(store, unwatch, P(const char *a, const char *b, ), P(a, b, ))
CALL(store, next_event, P(struct store_event *a, bool *b, ), P(a, b, ))
CALL(store, introduce, P(uint32_t a, uint64_t b, uint32_t c, ), P(a, b, c, ))
CALL(store, resume, P(uint32_t a, ), P(a, ))
CALL(os, target, P(const char *a, struct os_target *b, ), P(a, b, ))
CALL(os, loop_attach, P(const struct os_loop_new *a, struct os_loop *b, ), P(a, b, ))
CALL(os, loop_detach, P(uint32_t a, ), P(a, ))
CALL(os, loop_list, P(const struct os_file_id *a, size_t b, struct os_loop **c, size_t *d, ), P(a, b, c, d, ))
CALL(os, loop_get, P(uint32_t a, struct os_loop *b, bool *c, ), P(a, b, c, ))
CALL(os, block_claim, P(const char *a, int *b, ), P(a, b, ))
CALL(os, vbd_users, P(struct os_vbd_user **a, size_t *b, ), P(a, b, ))
CALL(os, file_is_open, P(const char *a, bool b, bool *c, ), P(a, b, c, ))
CALL(os, is_mounted, P(uint32_t a, uint32_t b, bool *c, ), P(a, b, c, ))
CALL(os, iface, P(const char *a, struct os_iface *b, bool *c, ), P(a, b, c, ))
CALL(os, iface_change, P(const char *a, const struct os_iface_change *b, ), P(a, b, ))
CALL(os, pci_list, P(struct os_pci **a, size_t *b, ), P(a, b, ))
CALL(os, pci_driver, P(const struct pci_addr *a, const char *b, ), P(a, b, ))
CALL(os, pci_act, P(const struct pci_addr *a, enum os_pci_action b, ), P(a, b, ))
CALL(os, usb_list, P(struct os_usb **a, size_t *b, ), P(a, b, ))
CALL(os, usb_driver, P(const char *a, const char *b, ), P(a, b, ))
CALL(os, script_start, P(const struct os_script *a, struct os_child *b, ), P(a, b, ))
CALL(os, script_collect, P(struct os_child *a, bool b, bool *c, int *d, ), P(a, b, c, d, ))
CALL(os, daemon_start, P(const struct os_daemon_new *a, struct os_daemon *b, ), P(a, b, ))
CALL(os, daemon_find, P(const char *a, struct os_daemon *b, bool *c, ), P(a, b, c, ))
CALL(os, daemon_named, P(pid_t a, const char *b, const char *c, struct os_daemon *d, bool *e, ), P(a, b, c, d, e, ))
CALL(os, daemon_watch, P(const struct os_daemon *a, int *b, ), P(a, b, ))
CALL(os, daemon_kill, P(const struct os_daemon *a, ), P(a, ))
CALL(link, map, P(const struct link_map *a, void **b, ), P(a, b, ))
CALL(link, unmap, P(void *a, size_t b, ), P(a, b, ))
CALL(link, share, P(const struct link_share *a, void **b, uint32_t *c, ), P(a, b, c, ))
CALL(link, unshare, P(void *a, size_t b, ), P(a, b, ))
CALL(link, port_alloc, P(uint32_t a, uint32_t *b, ), P(a, b, ))
CALL(link, port_bind, P(uint32_t a, uint32_t b, uint32_t *c, ), P(a, b, c, ))
CALL(link, port_close, P(uint32_t a, ), P(a, ))
CALL(link, port_kick, P(uint32_t a, ), P(a, ))
CALL(link, fd, P(int *a, ), P(a, ))
CALL(link, next_port, P(uint32_t *a, bool *b, ), P(a, b, ))
CALL(link, port_unmask, P(uint32_t a, ), P(a, ))
CALL(env, random, P(void *a, size_t b, ), P(a, b, ))
CALL(env, wait, P(struct pollfd *a, size_t b, int64_t c, ), P(a, b, c, ))

/* ---- calls that can't fail ---- */

static int f_store_fd(struct host *h)
{
    struct host *inner = inner_of(h);

    return inner->store->fd(inner);
}

static bool f_os_has_backend(struct host *h, const char *kind)
{
    struct host *inner = inner_of(h);
    bool has = inner->os->has_backend(inner, kind);

    (void)done(h, 0);
    return has;
}

static int64_t f_env_now_ms(struct host *h)
{
    struct host *inner = inner_of(h);

    return inner->env->now_ms(inner);
}

static int64_t f_env_now_us(struct host *h)
{
    struct host *inner = inner_of(h);

    return inner->env->now_us(inner);
}

static void f_env_wall(struct host *h, int64_t *ret_sec, unsigned *ret_centi)
{
    struct host *inner = inner_of(h);

    inner->env->wall(inner, ret_sec, ret_centi);
}

#define OP(table, name, ...) IF_##table(.name = f_##table##_##name, )
#define IF_hyp(...)          __VA_ARGS__
#define IF_store(...)
#define IF_os(...)
#define IF_link(...)
#define IF_env(...)
static const struct hyp_ops fault_hyp_ops = {
#include "host/ops.def"
};

#undef IF_hyp
#undef IF_store
#define IF_hyp(...)
#define IF_store(...) __VA_ARGS__
static const struct store_ops fault_store_ops = {
#include "host/ops.def"
    .fd = f_store_fd,
};

#undef IF_store
#undef IF_os
#define IF_store(...)
#define IF_os(...) __VA_ARGS__
static const struct os_ops fault_os_ops = {
#include "host/ops.def"
    .has_backend = f_os_has_backend,
};

#undef IF_os
#undef IF_link
#define IF_os(...)
#define IF_link(...) __VA_ARGS__
static const struct link_ops fault_link_ops = {
#include "host/ops.def"
};

#undef IF_link
#undef IF_env
#define IF_link(...)
#define IF_env(...) __VA_ARGS__
static const struct env_ops fault_env_ops = {
#include "host/ops.def"
    .now_ms = f_env_now_ms,
    .now_us = f_env_now_us,
    .wall = f_env_wall,
};
#undef OP

static const char *const ops[] = {
#define OP(table, name, ...) #table "." #name,
#include "host/ops.def"
#undef OP
};

/* ---- opening ---- */

bool fault_is(const struct host *h)
{
    return h->hyp == &fault_hyp_ops;
}

int host_fault(struct host *inner, const struct host_fault *faults, size_t n, struct host **ret, struct domo_err *err)
{
    struct fault *f = calloc(1, sizeof *f);
    struct rule *rules = calloc(n ? n : 1, sizeof *rules);
    struct host *h = calloc(1, sizeof *h);

    if (!f || !rules || !h) {
        free(f);
        free(rules);
        free(h);
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < n; i++)
        rules[i].f = faults[i];
    *f = (struct fault){.inner = inner, .rules = rules, .n = n};
    *h = *inner;
    h->hyp = &fault_hyp_ops;
    h->store = &fault_store_ops;
    h->os = &fault_os_ops;
    h->link = &fault_link_ops;
    h->env = &fault_env_ops;
    h->impl = f;
    *ret = h;
    return 0;
}

struct host *fault_close(struct host *h)
{
    struct fault *f = h->impl;

    (void)host_close(inner_of(h));
    free(f->rules);
    free(f);
    free(h);
    return NULL;
}

/* ---- reading ---- */

static int bad(const char *word, const char *why, struct domo_err *err)
{
    (void)err_set(err, DOMO_E_USAGE, "'%s' %s", word, why);
    return err_hint(err, "faults look like this: hyp.create:1 ENOMEM; store.write EIO 100");
}

static const char *op_at(size_t i, const void *arg)
{
    (void)arg;
    return i < ARRAY_LEN(ops) ? ops[i] : NULL;
}

static int unknown_op(const char *op, struct domo_err *err)
{
    const char *near = str_nearest(op, op_at, NULL);

    (void)err_set(err, DOMO_E_USAGE, "no call of the seam is named '%s'", op);
    return near ? err_hint(err, "did you mean '%s'?", near) : -1;
}

/* "op" or "op:nth". */
static int parse_op(char *word, struct host_fault *f, struct domo_err *err)
{
    char *colon = strchr(word, ':');

    if (colon) {
        *colon = '\0';
        if (str_to_u32(colon + 1, &f->nth) < 0)
            return bad(colon + 1, "is no number of a call", err);
    }
    if (snprintf(f->op, sizeof f->op, "%s", word) >= (int)sizeof f->op)
        return unknown_op(word, err);
    for (size_t i = 0; i < ARRAY_LEN(ops); i++)
        if (fnmatch(f->op, ops[i], 0) == 0)
            return 0;
    return unknown_op(word, err);
}

static int parse_errno(const char *word, int *ret, struct domo_err *err)
{
    for (int sys = 1; sys < ERRNO_END; sys++)
        if (str_eq(strerrorname_np(sys), word)) {
            *ret = sys;
            return 0;
        }
    return bad(word, "is neither an error's name nor a number of milliseconds", err);
}

static int parse_one(char *text, struct host_fault *f, struct domo_err *err)
{
    char *rest = NULL;
    char *word = strtok_r(text, " \t", &rest);

    if (parse_op(word, f, err) < 0)
        return -1;
    while ((word = strtok_r(NULL, " \t", &rest)))
        if (str_eq(word, "KILL"))
            f->kill = true;
        else if (str_to_u32(word, &f->delay_ms) < 0 && parse_errno(word, &f->sys, err) < 0)
            return -1;
    return f->sys || f->delay_ms || f->kill ? 0 : bad(f->op, "needs an error's name or a delay", err);
}

int host_fault_parse(const char *text, struct host_fault **ret, size_t *ret_n, struct domo_err *err)
{
    VEC(struct host_fault) list = VEC_INIT;
    char *AUTO_FREE copy = strdup(text);
    char *rest = NULL;
    int r = copy ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");

    for (char *one = copy ? strtok_r(copy, ";\n", &rest) : NULL; r == 0 && one; one = strtok_r(NULL, ";\n", &rest)) {
        struct host_fault f = {.nth = 0}, *slot;

        if (!one[strspn(one, " \t")])
            continue;
        r = parse_one(one, &f, err);
        slot = r == 0 ? VEC_PUSH(&list) : NULL;
        if (slot)
            *slot = f;
        else if (r == 0)
            r = err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    if (r < 0) {
        VEC_FINI(&list);
        return -1;
    }
    *ret = list.at;
    *ret_n = list.len;
    return 0;
}
