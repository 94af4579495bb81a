/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the files of the creation of a guest share: its state, and the steps
 * that have files of their own.
 */
#ifndef DOMO_DOM_CREATE_IMPL_H
#define DOMO_DOM_CREATE_IMPL_H

#include "dev/dev.h"
#include "dev/uuid_text.h"
#include "dom/create.h"
#include "dom/kernel.h"
#include "dom/spec.h"
#include "plan/plan.h"

struct create {
    struct op op; /* first: steps get this */
    struct spec *spec;
    const struct create_options *opt;
    char uuid[UUID_TEXT_MAX];
    uint32_t domid; /* 0 = not made yet */
    struct kernel kernel;
    struct hyp_dm dm; /* the device model that the guest needs; program NULL = none */
    int64_t dm_log;   /* where its words begin in the log */
    struct devset *devs;
    struct hyp_built built;
    uint32_t store_port, console_port, store_domid, console_domid;
    char *tty;
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

/* A line of a dry run. */
void create_line(struct json *lines, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* -- HVM guests (create_hvm.c) -- */
int create_lay_out(struct op *, struct domo_err *);
int create_preview_lay_out(struct op *, struct json *lines, struct domo_err *);
/* -- the device model (create_hvm.c) -- */
/* Which one serves the back ends of a guest that is not HVM. */
int create_choose_dm(struct create *, struct domo_err *) MUST_CHECK;
bool create_runs_dm(const struct op *);
int create_start_dm(struct op *, struct domo_err *);
int create_stop_dm(struct op *, struct domo_err *);
int create_preview_dm(struct op *, struct json *lines, struct domo_err *);

#endif
