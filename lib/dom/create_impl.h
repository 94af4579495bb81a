/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the files of the creation of a guest share: its state, and the steps
 * that have files of their own.
 */
#ifndef DOMO_DOM_CREATE_IMPL_H
#define DOMO_DOM_CREATE_IMPL_H

#include "dev/dev.h"
#include "dev/uuid_text.h"
#include "dom/await.h"
#include "dom/boot.h"
#include "dom/create.h"
#include "dom/dm_jail.h"
#include "dom/kernel.h"
#include "dom/name_lock.h"
#include "dom/spec.h"
#include "plan/plan.h"

struct create {
    struct op op; /* first: steps get this */
    struct spec *spec;
    const struct create_options *opt;
    char uuid[UUID_TEXT_MAX];
    bool uuid_given;                /* else nobody else can have it */
    struct name_lock uuid_lock;     /* of one that was given, until the domain is made */
    uint32_t domid;                 /* 0 = not made yet */
    struct boot boot;               /* of a guest whose kernel is in its disk */
    char *shim_path, *shim_cmdline; /* of a PV guest inside PVH; NULL = none */
    struct kernel kernel;
    struct hyp_dm dm; /* the device model that the guest needs; program NULL = none */
    struct dm_jail jail;
    int64_t dm_log; /* where its words begin in the log */
    struct await await;
    struct devset *devs;
    struct hyp_built built;
    uint32_t store_port, console_port, store_domid, console_domid;
    char *tty;
    struct json *rows;           /* of its devices, for the result */
    int64_t console_deadline_ms; /* 0 = the wait has not begun */
};

static inline struct create *self(struct op *op)
{
    return (struct create *)op;
}

static inline const struct create *cself(const struct op *op)
{
    return (const struct create *)op;
}

static inline bool is_pv(const struct op *op)
{
    return cself(op)->spec->type == SPEC_TYPE_PV;
}

static inline bool is_hvm(const struct op *op)
{
    return cself(op)->spec->type == SPEC_TYPE_HVM;
}

/* PV and PVH guests: the builder loads their kernel, and their first console is xenconsoled's. */
static inline bool boots_kernel(const struct op *op)
{
    return !is_hvm(op);
}

/* A line of a dry run. */
void create_line(struct json *lines, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* -- what it boots (create_boot.c) -- */
bool create_has_bootloader(const struct op *);
int create_run_bootloader(struct op *, struct domo_err *);
enum plan_wait create_wait_bootloader(struct op *, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *);
int create_undo_bootloader(struct op *, struct domo_err *);
int create_preview_bootloader(struct op *, struct json *lines, struct domo_err *);
/* Finds the shim of a guest that has one. */
int create_find_shim(struct create *, struct domo_err *) MUST_CHECK;
int create_load_kernel(struct op *, struct domo_err *);
int create_drop_kernel(struct op *, struct domo_err *);
int create_preview_kernel(struct op *, struct json *lines, struct domo_err *);
int create_build(struct op *, struct domo_err *);
int create_preview_build(struct op *, struct json *lines, struct domo_err *);

/* -- back end domains that are still to come (create_await.c) -- */
bool create_awaits(const struct op *);
int create_await(struct op *, struct domo_err *);
enum plan_wait create_await_wait(struct op *, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *);
int create_await_undo(struct op *, struct domo_err *);

/* -- the first console (create_console.c) -- */
int create_open_console(struct op *, struct domo_err *);
enum plan_wait create_console_wait(struct op *, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *);
int create_console_undo(struct op *, struct domo_err *);

/* -- HVM guests (create_hvm.c) -- */
/* What concerns the processor that the guest sees. */
void create_set_new(const struct create *, struct hyp_domain_new *);
/* What only PVH and HVM guests have; may draw the guest's generation id. */
int create_set_hvm(const struct create *, struct hyp_setup *, struct domo_err *) MUST_CHECK;
int create_lay_out(struct op *, struct domo_err *);
int create_preview_lay_out(struct op *, struct json *lines, struct domo_err *);
/* -- the device model (create_hvm.c) -- */
/* Which one serves the back ends of a guest that is not HVM. */
int create_choose_dm(struct create *, struct domo_err *) MUST_CHECK;
bool create_runs_dm(const struct op *);
int create_start_dm(struct op *, struct domo_err *);
int create_stop_dm(struct op *, struct domo_err *);
int create_preview_dm(struct op *, struct json *lines, struct domo_err *);

/* -- the guest runs (create_wait.c) -- */
int create_watch_guest(struct op *, struct domo_err *);
enum plan_wait create_wait_guest(struct op *, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *);
int create_look(struct op *, struct domo_err *);

#endif
