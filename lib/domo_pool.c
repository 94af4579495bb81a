/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public calls about pools of processors and how guests are scheduled.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/str.h"
#include "conf/parse.h"
#include "dom/pool.h"
#include "dom/sched.h"
#include "domo_ctx.h"

int domo_pool_list(struct domo_ctx *ctx, const char *pool, struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(pool_list(h, pool, &j, err), &j, ret) : -1;
}

static int read_text(const char *file, char **ret, struct domo_err *err)
{
    size_t len = 0;
    int r;

    if (!file || str_eq(file, "/dev/null")) {
        *ret = calloc(1, 1);
        return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    r = fs_read(file, CONF_TEXT_MAX, ret, &len);
    return r < 0 ? err_sys(err, DOMO_E_IO, -r, "can't read '%s'", file) : 0;
}

int domo_pool_create(struct domo_ctx *ctx, const char *file, const char *const *settings, unsigned flags,
                     struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct pool_new p = {.name = NULL};
    char *AUTO_FREE text = NULL;
    struct json *j = NULL;
    int r;

    if (!h || read_text(file, &text, err) || pool_new_read(h, file ? file : "<none>", text, settings, &p, err))
        return -1;
    r = pool_create(h, &p, flags & DOMO_POOL_DRY_RUN, &j, err);
    pool_new_fini(&p);
    return give(r, &j, ret);
}

int domo_pool_destroy(struct domo_ctx *ctx, const char *pool, struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(pool_destroy(h, pool, &j, err), &j, ret) : -1;
}

int domo_pool_rename(struct domo_ctx *ctx, const char *pool, const char *name, struct domo_value **ret,
                     struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(pool_rename(h, pool, name, &j, err), &j, ret) : -1;
}

int domo_pool_cpus(struct domo_ctx *ctx, const char *pool, const char *cpus, bool add, struct domo_value **ret,
                   struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(pool_cpus(h, pool, cpus, add, &j, err), &j, ret) : -1;
}

int domo_pool_migrate(struct domo_ctx *ctx, uint32_t domid, const char *pool, struct domo_value **ret,
                      struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(pool_migrate(h, domid, pool, &j, err), &j, ret) : -1;
}

int domo_pool_split(struct domo_ctx *ctx, struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(pool_split(h, &j, err), &j, ret) : -1;
}

int domo_sched_list(struct domo_ctx *ctx, const char *scheduler, const char *pool, unsigned flags,
                    struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(sched_list(h, scheduler, pool, flags & DOMO_SCHED_VCPUS, &j, err), &j, ret) : -1;
}

int domo_sched_rows(struct domo_ctx *ctx, const char *scheduler, uint32_t domid, unsigned flags,
                    struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(sched_rows(h, scheduler, domid, flags & DOMO_SCHED_VCPUS, &j, err), &j, ret) : -1;
}

int domo_sched_set(struct domo_ctx *ctx, const char *scheduler, uint32_t domid, const struct domo_sched *c,
                   struct domo_err *err)
{
    const struct sched_change change = {.weight = c->weight,
                                        .cap = c->cap,
                                        .period_us = c->period_us,
                                        .budget_us = c->budget_us,
                                        .extratime = c->extratime,
                                        .vcpu = c->vcpu};
    struct host *h = host_of(ctx, err);

    return h ? sched_set(h, scheduler, domid, &change, err) : -1;
}

int domo_sched_set_params(struct domo_ctx *ctx, const char *scheduler, const char *pool,
                          const struct domo_sched_params *p, struct domo_err *err)
{
    const struct sched_params params = {
        .tslice_ms = p->tslice_ms, .ratelimit_us = p->ratelimit_us, .migration_delay_us = p->migration_delay_us};
    struct host *h = host_of(ctx, err);

    return h ? sched_set_params(h, scheduler, pool, &params, err) : -1;
}
