/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The plan: one long operation (create, destroy, attach, …) is an array of
 * steps. The same array is run, printed by a dry run, counted by progress,
 * timed by --timing, unwound when a step fails, and broken at each position by
 * tests. This file knows no guest and no device.
 *
 * Order of a step: run, then wait until it says done. If run, wait or a later
 * step fails, undo is called for every step that was begun, last one first;
 * so undo must cope with a step that stopped half-way, and with being
 * called when nothing had happened yet.
 */
#ifndef DOMO_PLAN_PLAN_H
#define DOMO_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "host/host.h"
#include "plan/journal.h"

struct op;

enum plan_wait { PLAN_DONE, PLAN_AGAIN, PLAN_FAILED };

struct step {
    const char *name;    /* "build-image": stable, for --timing, tests, JSON */
    const char *summary; /* "build the kernel into the guest's memory": for people */
    int (*run)(struct op *, struct domo_err *);
    /* NULL: nothing to undo. Must leave the world as before the step. Its failure is reported as a fact, and the unwind
     * goes on. */
    int (*undo)(struct op *, struct domo_err *);
    /* NULL: done after run. Called again whenever the store has an event, a watched descriptor is ready or the deadline
     * is due. PLAN_AGAIN with *ret_deadline_ms (-1 = none). */
    enum plan_wait (*wait)(struct op *, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *);
    /* Adds lines of what the step would do ("xc_domain_create …", "write /local/…") to a dry run. May be NULL. */
    int (*preview)(struct op *, struct json *lines, struct domo_err *);
    /* NULL: always. False: the step does not apply to this operation and is left out of everything. */
    bool (*applies)(const struct op *);
    bool commits; /* once this step is done the operation stands: later failures are reported, but not unwound */
};

enum { PLAN_STEPS_MAX = 40, PLAN_FDS_MAX = 64 };

struct step_time {
    const char *name;
    int64_t us;
    uint64_t store_requests;
};

struct plan {
    const char *name; /* "create" */
    const struct step *steps;
    size_t n;
    /* Whom and what it is about ("domid", "name", "uuid", …), for the journal and the host's history. May be NULL. */
    struct json *(*about)(const struct op *);
};

/* The running operation. Embed it as first member of the operation's own struct. */
struct op {
    struct host *host;
    const struct plan *plan;
    struct journal *journal; /* NULL: none is kept */
    char subject[128];       /* "'web'", "disk xvdb of 'web'": for errors and progress */
    /* Progress: before each step. May be NULL. */
    void (*on_step)(void *arg, const struct op *, size_t index, size_t total, const struct step *);
    void *on_step_arg;
    size_t begun; /* steps [0, begun) were started */
    bool committed;
    bool undo_failed; /* not all is as it was before: whoever keeps a journal leaves it for a sweep */
    struct step_time times[PLAN_STEPS_MAX];
    size_t n_times;
    struct pollfd
        fds[PLAN_FDS_MAX]; /* descriptors that a wait wants besides the store's; it refills them at each call */
    size_t n_fds;
};

/* Runs all steps. On failure unwinds (unless committed) and returns -1 with *err; op->committed tells which. Cancelling
 * (host->cancelled) counts as a failure of the current step. */
int plan_run(const struct plan *, struct op *, struct domo_err *) MUST_CHECK;

/* Drives one wait function until it is done, as the runner does for a step: for undo functions that must wait
 * themselves. */
typedef enum plan_wait (*plan_wait_fn)(struct op *, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *);
int plan_drive(struct op *, plan_wait_fn, struct domo_err *) MUST_CHECK;

/* What a run would do: {"plan":"create","steps":[{"name","summary","does":[..]}]}. Nothing is touched. */
int plan_preview(const struct plan *, struct op *, struct json **ret, struct domo_err *) MUST_CHECK;

/* [{"step":"build-image","us":123,"store_requests":4}] of the last run. NULL when out of memory. */
struct json *plan_timing(const struct op *);

/* Faults on request, for tests of unwinding: $DOMO_FAULT is "PLAN/STEP:fail" or "PLAN/STEP:kill" (before the step's
 * wait is over: after its run), "PLAN/STEP:kill-before". Unset: nothing. */

#endif
