/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/pool.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "dev/uuid_text.h"
#include "dom/cpus.h"
#include "dom/vcpu.h"

/* ---- finding ---- */

int pool_load(struct host *h, struct hyp_pool **ret, size_t *ret_n, struct domo_err *err)
{
    VEC(struct hyp_pool) all = VEC_INIT;
    struct hyp_pool pool = {.id = 0};
    uint32_t next = 0;
    bool found = true;
    int r = 0;

    while (r == 0 && found) {
        struct hyp_pool *slot;

        r = h->hyp->pool(h, next, &pool, &found, err);
        if (r || !found)
            break;
        slot = VEC_PUSH(&all);
        if (!slot)
            r = err_set(err, DOMO_E_NO_MEMORY, "out of memory");
        else
            *slot = pool;
        next = pool.id + 1;
    }
    if (r) {
        VEC_FINI(&all);
        return -1;
    }
    *ret = all.at;
    *ret_n = all.len;
    return 0;
}

int pool_name(struct host *h, uint32_t id, char **ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX];

    if (store_path(path, err, "/local/pool/%" PRIu32 "/name", id) || store_read_opt(h, 0, path, ret, err))
        return -1;
    if (!*ret)
        *ret = str_format("Pool-%" PRIu32, id);
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

/* Does the word mean that pool? -1 on failure. */
static int is_called(struct host *h, const struct hyp_pool *pool, const char *what, struct domo_err *err)
{
    char *AUTO_FREE name = NULL;
    uint32_t id;

    if (str_to_u32(what, &id) == 0)
        return id == pool->id;
    if (pool_name(h, pool->id, &name, err))
        return -1;
    return str_eq(name, what);
}

int pool_find(struct host *h, const char *what, struct hyp_pool *ret, struct domo_err *err)
{
    struct hyp_pool *AUTO_FREE all = NULL;
    size_t n = 0;

    if (pool_load(h, &all, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        int r = is_called(h, &all[i], what, err);

        if (r < 0)
            return -1;
        if (r) {
            *ret = all[i];
            return 0;
        }
    }
    return err_set(err, DOMO_E_POOL_NOT_FOUND, "there is no cpu pool '%s'", what);
}

/* ---- telling ---- */

static void fill(struct json *row, const char *name, const struct hyp_pool *p)
{
    struct json *cpus;

    json_set_str(row, "name", name);
    json_set_str(row, "scheduler", p->scheduler);
    cpus = json_set_array(row, "cpus");
    for (size_t i = 0; i < HYP_CPUS_MAX; i++)
        if (cpus_has(p->cpus, i))
            json_add(cpus, json_new_uint(i));
    json_set_uint(row, "domains", p->domains);
}

static int tell(struct host *h, const struct hyp_pool *p, struct json *row, struct domo_err *err)
{
    char *AUTO_FREE name = NULL;

    if (pool_name(h, p->id, &name, err))
        return -1;
    json_set_uint(row, "id", p->id);
    fill(row, name, p);
    return 0;
}

static int done(struct json *j, struct json **ret, struct domo_err *err)
{
    *ret = json_done(j);
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

int pool_list(struct host *h, const char *what, struct json **ret, struct domo_err *err)
{
    struct json *AUTO_JSON list = json_new_array(), *whole;
    struct hyp_pool *AUTO_FREE all = NULL;
    size_t n = 0;

    if (what) {
        n = 1;
        all = calloc(1, sizeof *all);
        if (!all)
            return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
        if (pool_find(h, what, all, err))
            return -1;
    } else if (pool_load(h, &all, &n, err)) {
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        if (tell(h, &all[i], json_add_object(list), err))
            return -1;
    whole = list;
    list = NULL;
    return done(whole, ret, err);
}

/* The row of a pool as it is now. */
static int tell_now(struct host *h, uint32_t id, struct json **ret, struct domo_err *err)
{
    struct hyp_pool pool = {.id = 0};
    bool found = false;
    struct json *row;

    if (h->hyp->pool(h, id, &pool, &found, err))
        return -1;
    if (!found || pool.id != id)
        return err_set(err, DOMO_E_POOL_NOT_FOUND, "cpu pool %" PRIu32 " is gone", id);
    row = json_new_object();
    if (tell(h, &pool, row, err)) {
        (void)json_free(row);
        return -1;
    }
    return done(row, ret, err);
}

/* ---- names ---- */

static int check_name(struct host *h, const char *name, uint32_t self, struct domo_err *err)
{
    struct hyp_pool *AUTO_FREE all = NULL;
    size_t n = 0;

    if (!*name || strlen(name) > 200 || strspn(name, "0123456789") == strlen(name))
        return err_set(err, DOMO_E_CONFIG_VALUE, "'%s' can't be a cpu pool's name", name);
    if (pool_load(h, &all, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        int r = all[i].id == self ? 0 : is_called(h, &all[i], name, err);

        if (r < 0)
            return -1;
        if (r)
            return err_set(err, DOMO_E_DOMAIN_EXISTS, "there is a cpu pool '%s' already (%" PRIu32 ")", name,
                           all[i].id);
    }
    return 0;
}

struct naming {
    uint32_t id;
    const char *name, *uuid; /* "uuid" NULL: as it is */
};

static int write_name(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    const struct naming *n = arg;
    char path[STORE_PATH_MAX];

    if (n->uuid &&
        (store_path(path, err, "/local/pool/%" PRIu32 "/uuid", n->id) || store_write(h, t, path, n->uuid, err)))
        return -1;
    if (store_path(path, err, "/local/pool/%" PRIu32 "/name", n->id))
        return -1;
    return store_write(h, t, path, n->name, err);
}

int pool_rename(struct host *h, const char *what, const char *name, struct json **ret, struct domo_err *err)
{
    struct naming n = {.name = name};
    struct hyp_pool pool = {.id = 0};

    if (pool_find(h, what, &pool, err) || check_name(h, name, pool.id, err))
        return -1;
    n.id = pool.id;
    if (store_transact(h, write_name, &n, err))
        return -1;
    return tell_now(h, pool.id, ret, err);
}

/* ---- processors ---- */

/* Moves them one by one; on failure those that were are moved back. */
static int move_cpus(struct host *h, uint32_t pool, const uint64_t words[HYP_CPU_WORDS], bool add, struct domo_err *err)
{
    for (uint32_t cpu = 0; cpu < HYP_CPUS_MAX; cpu++) {
        if (!cpus_has(words, cpu) || h->hyp->pool_cpu(h, pool, cpu, add, err) == 0)
            continue;
        while (cpu-- > 0)
            if (cpus_has(words, cpu))
                IGNORE(h->hyp->pool_cpu(h, pool, cpu, !add, NULL));
        return -1;
    }
    return 0;
}

static int parse_cpus(struct host *h, const char *list, uint64_t ret[HYP_CPU_WORDS], struct domo_err *err)
{
    struct cpus cpus = {.at = NULL};
    int r;

    if (cpus_load(h, &cpus, err))
        return -1;
    r = cpus_parse(&cpus, list, ret, err);
    cpus_fini(&cpus);
    return r;
}

/* The first of the processors that is not where it has to be. -1: all are. */
static int64_t misplaced(const uint64_t wanted[HYP_CPU_WORDS], const uint64_t there[HYP_CPU_WORDS])
{
    for (int64_t i = 0; i < HYP_CPUS_MAX; i++)
        if (cpus_has(wanted, (size_t)i) && !cpus_has(there, (size_t)i))
            return i;
    return -1;
}

int pool_cpus(struct host *h, const char *what, const char *list, bool add, struct json **ret, struct domo_err *err)
{
    uint64_t wanted[HYP_CPU_WORDS] = {0}, free_ones[HYP_CPU_WORDS] = {0};
    struct hyp_pool pool = {.id = 0};
    int64_t cpu;

    if (pool_find(h, what, &pool, err) || parse_cpus(h, list, wanted, err) || h->hyp->pool_free(h, free_ones, err))
        return -1;
    cpu = misplaced(wanted, add ? free_ones : pool.cpus);
    if (cpu >= 0) {
        (void)err_set(err, DOMO_E_POOL_BUSY,
                      add ? "processor %" PRId64 " is not free" : "processor %" PRId64 " is not in '%s'", cpu, what);
        return add ? err_hint(err, "domo cpupool-cpu-remove takes it out of the pool that has it") : -1;
    }
    if (move_cpus(h, pool.id, wanted, add, err))
        return -1;
    return tell_now(h, pool.id, ret, err);
}

/* ---- making, ending ---- */

static int make(struct host *h, const struct pool_new *p, const char *scheduler, uint32_t *ret, struct domo_err *err)
{
    uint8_t bytes[HOST_UUID_LEN] = {0};
    char uuid[UUID_TEXT_MAX];
    struct naming n = {.name = p->name, .uuid = uuid};

    if (h->env->random(h, bytes, sizeof bytes, err))
        return -1;
    uuid_to_text(bytes, uuid);
    if (h->hyp->pool_create(h, scheduler, &n.id, err))
        return -1;
    if (move_cpus(h, n.id, p->cpus, true, err) == 0) {
        if (store_transact(h, write_name, &n, err) == 0) {
            *ret = n.id;
            return 0;
        }
        IGNORE(move_cpus(h, n.id, p->cpus, false, NULL));
    }
    IGNORE(h->hyp->pool_destroy(h, n.id, NULL));
    return -1;
}

int pool_create(struct host *h, const struct pool_new *p, bool dry_run, struct json **ret, struct domo_err *err)
{
    struct hyp_pool pool = {.id = 0}, first = {.id = 0};
    const char *scheduler = p->scheduler;
    bool found = false;
    uint32_t id = 0;
    struct json *row;

    if (check_name(h, p->name, UINT32_MAX, err) || h->hyp->pool(h, 0, &first, &found, err))
        return -1;
    if (!scheduler)
        scheduler = found ? first.scheduler : "credit2";
    if (!dry_run)
        return make(h, p, scheduler, &id, err) ? -1 : tell_now(h, id, ret, err);
    memcpy(pool.cpus, p->cpus, sizeof pool.cpus);
    (void)snprintf(pool.scheduler, sizeof pool.scheduler, "%s", scheduler);
    row = json_new_object();
    json_set(row, "id", json_new_null());
    fill(row, p->name, &pool);
    return done(row, ret, err);
}

int pool_destroy(struct host *h, const char *what, struct json **ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX];
    struct hyp_pool pool = {.id = 0};
    struct json *row;

    if (pool_find(h, what, &pool, err) || store_path(path, err, "/local/pool/%" PRIu32, pool.id))
        return -1;
    if (pool.id == 0)
        return err_set(err, DOMO_E_POOL_BUSY, "cpu pool 0 stays: domain 0 is in it");
    if (pool.domains) {
        (void)err_set(err, DOMO_E_POOL_BUSY, "cpu pool '%s' is not empty, domains in it: %" PRIu32, what, pool.domains);
        return err_hint(err, "domo cpupool-migrate takes them elsewhere");
    }
    row = json_new_object();
    if (tell(h, &pool, row, err) || move_cpus(h, pool.id, pool.cpus, false, err)) {
        (void)json_free(row);
        return -1;
    }
    if (h->hyp->pool_destroy(h, pool.id, err)) {
        IGNORE(move_cpus(h, pool.id, pool.cpus, true, NULL));
        (void)json_free(row);
        return -1;
    }
    if (store_rm(h, 0, path, err)) {
        (void)json_free(row);
        return -1;
    }
    return done(row, ret, err);
}

int pool_migrate(struct host *h, uint32_t domid, const char *what, struct json **ret, struct domo_err *err)
{
    struct hyp_pool pool = {.id = 0};
    struct hyp_info info;

    if (h->hyp->info(h, domid, &info, err) || pool_find(h, what, &pool, err))
        return -1;
    if (domid == 0)
        return err_set(err, DOMO_E_DOMAIN_PROTECTED, "domain 0 stays in its cpu pool");
    if (info.cpupool != pool.id && h->hyp->pool_move(h, pool.id, domid, err))
        return -1;
    return tell_now(h, pool.id, ret, err);
}

/* ---- by node ---- */

/* The processors of a node; how many in *ret_n. */
static void of_node(const struct cpus *cpus, uint32_t node, uint64_t ret[HYP_CPU_WORDS], uint32_t *ret_n)
{
    memset(ret, 0, HYP_CPU_WORDS * sizeof *ret);
    *ret_n = 0;
    for (size_t i = 0; i < cpus->n; i++)
        if (cpus->at[i].is_online && cpus->at[i].node == node) {
            cpus_add(ret, i);
            ++*ret_n;
        }
}

static uint32_t last_node(const struct cpus *cpus)
{
    uint32_t last = 0;

    for (size_t i = 0; i < cpus->n; i++)
        if (cpus->at[i].is_online && cpus->at[i].node > last)
            last = cpus->at[i].node;
    return last;
}

static int name_node(struct host *h, const char *what, uint32_t node, struct domo_err *err)
{
    char *AUTO_FREE name = str_format("Pool-node%" PRIu32, node);
    struct json *AUTO_JSON row = NULL;

    return name ? pool_rename(h, what, name, &row, err) : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

/* Domain 0 gets as many vcpus as its pool will have processors, or keeps what it has if that is less. */
static int shrink_dom0(struct host *h, uint32_t cpus, struct domo_err *err)
{
    struct json *AUTO_JSON told = NULL;
    struct hyp_info info;

    if (h->hyp->info(h, 0, &info, err))
        return -1;
    return info.vcpus_online > cpus ? vcpu_set(h, 0, cpus, false, &told, err) : 0;
}

static int split(struct host *h, const struct hyp_pool *first, const struct cpus *cpus, struct domo_err *err)
{
    uint32_t here = 0, count = 0;

    for (size_t i = cpus->n; i > 0; i--)
        if (cpus_has(first->cpus, i - 1))
            here = cpus->at[i - 1].node;
    for (uint32_t node = 0; node <= last_node(cpus); node++) {
        struct pool_new p = {.name = NULL};
        struct json *AUTO_JSON row = NULL;
        int r;

        of_node(cpus, node, p.cpus, &count);
        if (!count || node == here) {
            if (count && (name_node(h, "0", node, err) || shrink_dom0(h, count, err)))
                return -1;
            continue;
        }
        if (move_cpus(h, 0, p.cpus, false, err))
            return -1;
        p.name = str_format("Pool-node%" PRIu32, node);
        r = p.name ? pool_create(h, &p, false, &row, err) : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
        pool_new_fini(&p);
        if (r) {
            IGNORE(move_cpus(h, 0, p.cpus, true, NULL));
            return -1;
        }
    }
    return 0;
}

int pool_split(struct host *h, struct json **ret, struct domo_err *err)
{
    struct hyp_pool *AUTO_FREE all = NULL;
    struct cpus cpus = {.at = NULL};
    size_t n = 0;
    int r;

    if (pool_load(h, &all, &n, err))
        return -1;
    if (n != 1)
        return err_set(err, DOMO_E_POOL_BUSY, "there are %zu cpu pools already: this is for a host with one", n);
    if (cpus_load(h, &cpus, err))
        return -1;
    r = split(h, &all[0], &cpus, err);
    cpus_fini(&cpus);
    return r ? -1 : pool_list(h, NULL, ret, err);
}
