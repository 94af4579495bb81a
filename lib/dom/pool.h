/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Pools of processors. The hypervisor knows them by number; their names are in
 * the store, under /local/pool, as libxl has them.
 */
#ifndef DOMO_DOM_POOL_H
#define DOMO_DOM_POOL_H

#include "base/json.h"
#include "host/host.h"

/* All of them in ascending order; free(*ret). */
int pool_load(struct host *, struct hyp_pool **ret, size_t *ret_n, struct domo_err *) MUST_CHECK;
/* "Pool-N" if the store has no name for it. Caller frees. */
int pool_name(struct host *, uint32_t id, char **ret, struct domo_err *) MUST_CHECK;
/* By its number or its name. POOL_NOT_FOUND. */
int pool_find(struct host *, const char *what, struct hyp_pool *ret, struct domo_err *) MUST_CHECK;

/* [{"id","name","scheduler","cpus":[0,1],"domains"}] of all, or of one ("what" NULL: all). */
int pool_list(struct host *, const char *what, struct json **ret, struct domo_err *) MUST_CHECK;

/* What a new one is to be. */
struct pool_new {
    char *name;
    char *scheduler;              /* NULL = that of pool 0 */
    uint64_t cpus[HYP_CPU_WORDS]; /* all of them free */
    size_t cpu_count;
};
void pool_new_fini(struct pool_new *);
/* From a config text with name=, sched=, cpus=, nodes= and settings of the same form (NULL-terminated, may be NULL).
 * Without cpus= and nodes= it gets the first free processor. CONFIG_*, POOL_BUSY. */
int pool_new_read(struct host *, const char *file, const char *text, const char *const *settings, struct pool_new *ret,
                  struct domo_err *) MUST_CHECK;

/* All or nothing. "dry_run": only what would be made, with "id":null. *ret: its row. DOMAIN_EXISTS: the name is taken.
 */
int pool_create(struct host *, const struct pool_new *, bool dry_run, struct json **ret, struct domo_err *) MUST_CHECK;
/* Gives its processors back. POOL_BUSY: there are domains in it, or it is pool 0. */
int pool_destroy(struct host *, const char *what, struct json **ret, struct domo_err *) MUST_CHECK;
int pool_rename(struct host *, const char *what, const char *name, struct json **ret, struct domo_err *) MUST_CHECK;
/* Adds the processors of a list as cpus= has it, or takes them away; those that were moved before one could not be are
 * put back. */
int pool_cpus(struct host *, const char *what, const char *list, bool add, struct json **ret,
              struct domo_err *) MUST_CHECK;
int pool_migrate(struct host *, uint32_t domid, const char *what, struct json **ret, struct domo_err *) MUST_CHECK;
/* A pool for each NUMA node; pool 0 becomes that of the first one, and domain 0 is asked to use no more vcpus than that
 * has processors. POOL_BUSY: there is another pool than pool 0. *ret: all pools. */
int pool_split(struct host *, struct json **ret, struct domo_err *) MUST_CHECK;

#endif
