/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What guests have of the machine of the host that answers from memory.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "domo.h"

static struct domo_value *parse(const char *text)
{
    struct json *j = NULL;

    return json_parse(text, strlen(text), &j, NULL) == 0 ? (struct domo_value *)j : NULL;
}

static struct domo_value *memory(uint32_t domid, uint64_t target, uint64_t limit)
{
    char *AUTO_FREE text =
        str_format("{\"domid\":%u,\"name\":\"web\",\"target_kib\":%llu,\"before_kib\":524288,\"limit_kib\":%llu,"
                   "\"memory_kib\":524288}",
                   domid, (unsigned long long)target, (unsigned long long)limit);

    return parse(text);
}

int domo_mem_set(struct domo_ctx *ctx, uint32_t domid, uint64_t kib, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    if (kib > 1048576) {
        (void)err_set(err, DOMO_E_CONFIG_VALUE, "%llu MiB are more than 'web' can have: 1024 MiB",
                      (unsigned long long)kib / 1024);
        return err_hint(err, "a guest is built for the maximum that maxmem= names");
    }
    *ret = memory(domid, kib, kib + 1024);
    return 0;
}

int domo_mem_max(struct domo_ctx *ctx, uint32_t domid, uint64_t kib, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    (void)err;
    *ret = memory(domid, 524288, kib + 1024);
    return 0;
}

static const char vcpus_of_web[] =
    "{\"name\":\"web\",\"domid\":5,\"vcpu\":0,\"online\":true,\"running\":false,\"blocked\":true,\"cpu\":3,"
    "\"cpu_seconds\":12.5,\"hard_affinity\":\"2-3\",\"soft_affinity\":\"all\"},"
    "{\"name\":\"web\",\"domid\":5,\"vcpu\":1,\"online\":false,\"running\":false,\"blocked\":false,\"cpu\":null,"
    "\"cpu_seconds\":0.0,\"hard_affinity\":\"all\",\"soft_affinity\":\"none\"}";
static const char vcpus_of_dom0[] =
    "{\"name\":\"Domain-0\",\"domid\":0,\"vcpu\":0,\"online\":true,\"running\":true,\"blocked\":false,\"cpu\":0,"
    "\"cpu_seconds\":1234.56,\"hard_affinity\":\"all\",\"soft_affinity\":\"all\"},";

int domo_vcpu_list(struct domo_ctx *ctx, const uint32_t *domids, size_t n, struct domo_value **ret,
                   struct domo_err *err)
{
    char *AUTO_FREE text = str_format("[%s%s]", n ? "" : vcpus_of_dom0, vcpus_of_web);

    (void)ctx;
    (void)domids;
    (void)err;
    *ret = parse(text);
    return 0;
}

int domo_vcpu_set(struct domo_ctx *ctx, uint32_t domid, uint32_t n, unsigned flags, struct domo_value **ret,
                  struct domo_err *err)
{
    char *AUTO_FREE text = str_format("{\"domid\":%u,\"name\":\"web\",\"vcpus\":%u,\"vcpus_max\":4}", domid, n);

    (void)ctx;
    if (n > 4)
        return err_set(err, DOMO_E_CONFIG_VALUE, "'web' was made with 4 vcpus at most, not %u", n);
    if (n > 2 && !(flags & DOMO_VCPU_OVERCOMMIT)) {
        (void)err_set(err, DOMO_E_CONFIG_VALUE, "this host has 2 processors, %u vcpus would wait for them", n);
        return err_hint(err, "--ignore-host does it all the same");
    }
    *ret = parse(text);
    return 0;
}

int domo_vcpu_pin(struct domo_ctx *ctx, uint32_t domid, const uint32_t *vcpu, const char *hard, const char *soft,
                  unsigned flags, struct domo_value **ret, struct domo_err *err)
{
    (void)vcpu;
    (void)soft;
    (void)flags;
    if (strcmp(hard, "77") == 0)
        return err_set(err, DOMO_E_CONFIG_VALUE, "'77' names no processor of this host, which has 4");
    return domo_vcpu_list(ctx, &domid, 1, ret, err);
}

/* ---- pools and schedulers ---- */

static const char pool_row[] = "{\"id\":%s,\"name\":\"%s\",\"scheduler\":\"%s\",\"cpus\":[%s],\"domains\":%u}";

static struct domo_value *pool(const char *id, const char *name, const char *scheduler, const char *cpus, unsigned n)
{
    char *AUTO_FREE text = str_format(pool_row, id, name, scheduler, cpus, n);

    return parse(text);
}

static int no_pool(const char *name, struct domo_err *err)
{
    if (strcmp(name, "nosuch") != 0)
        return 0;
    return err_set(err, DOMO_E_POOL_NOT_FOUND, "there is no cpu pool 'nosuch'");
}

int domo_pool_list(struct domo_ctx *ctx, const char *name, struct domo_value **ret, struct domo_err *err)
{
    char *AUTO_FREE first = str_format(pool_row, "0", "Pool-0", "credit2", "0,1,2", 2);
    char *AUTO_FREE second = str_format(pool_row, "1", "quick", "rtds", "3", 1);
    char *AUTO_FREE text = str_format("[%s%s%s]", name ? "" : first, name ? "" : ",", second);

    (void)ctx;
    if (name && no_pool(name, err))
        return -1;
    *ret = parse(text);
    return 0;
}

int domo_pool_create(struct domo_ctx *ctx, const char *file, const char *const *settings, unsigned flags,
                     struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    (void)file;
    if (settings[0] && settings[1])
        return err_set(err, DOMO_E_POOL_BUSY, "processor 0 is not free");
    *ret = pool(flags & DOMO_POOL_DRY_RUN ? "null" : "2", "new", "credit", "3", 0);
    return 0;
}

int domo_pool_destroy(struct domo_ctx *ctx, const char *name, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    if (no_pool(name, err))
        return -1;
    if (strcmp(name, "quick") == 0) {
        (void)err_set(err, DOMO_E_POOL_BUSY, "cpu pool 'quick' is not empty, domains in it: 1");
        return err_hint(err, "domo cpupool-migrate takes them elsewhere");
    }
    *ret = pool("2", name, "credit", "3", 0);
    return 0;
}

int domo_pool_rename(struct domo_ctx *ctx, const char *what, const char *name, struct domo_value **ret,
                     struct domo_err *err)
{
    (void)ctx;
    *ret = pool("1", name, "rtds", "3", 1);
    return no_pool(what, err);
}

int domo_pool_cpus(struct domo_ctx *ctx, const char *what, const char *cpus, bool add, struct domo_value **ret,
                   struct domo_err *err)
{
    (void)ctx;
    *ret = pool("1", what, "rtds", add ? "2,3" : "", 1);
    return strcmp(cpus, "0") == 0 ? err_set(err, DOMO_E_POOL_BUSY, "processor 0 is not free") : 0;
}

int domo_pool_migrate(struct domo_ctx *ctx, uint32_t domid, const char *what, struct domo_value **ret,
                      struct domo_err *err)
{
    (void)ctx;
    (void)domid;
    *ret = pool("1", what, "rtds", "3", 2);
    return no_pool(what, err);
}

int domo_pool_split(struct domo_ctx *ctx, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    (void)ret;
    return err_set(err, DOMO_E_POOL_BUSY, "there are 2 cpu pools already: this is for a host with one");
}

static const char weights[] = "{\"name\":\"Domain-0\",\"domid\":0,\"weight\":256,\"cap\":0},"
                              "{\"name\":\"web\",\"domid\":5,\"weight\":512,\"cap\":50}";
static const char shares[] =
    "{\"name\":\"web\",\"domid\":5,%s\"period_us\":10000,\"budget_us\":4000,\"extratime\":true}";

int domo_sched_list(struct domo_ctx *ctx, const char *scheduler, const char *name, unsigned flags,
                    struct domo_value **ret, struct domo_err *err)
{
    bool rtds = strcmp(scheduler, "rtds") == 0;
    char *AUTO_FREE share = str_format(shares, flags & DOMO_SCHED_VCPUS ? "\"vcpu\":0," : "");
    char *AUTO_FREE text =
        str_format("[{\"pool_id\":0,\"pool\":\"Pool-0\",\"scheduler\":\"%s\",%s\"domains\":[%s]}]", scheduler,
                   rtds                                ? ""
                   : strcmp(scheduler, "credit2") == 0 ? "\"params\":{\"ratelimit_us\":1000},"
                                                       : "\"params\":{\"tslice_ms\":30,\"migration_"
                                                         "delay_us\":0,\"ratelimit_us\":1000},",
                   rtds ? share : weights);

    (void)ctx;
    if (name && no_pool(name, err))
        return -1;
    *ret = parse(text);
    return 0;
}

int domo_sched_rows(struct domo_ctx *ctx, const char *scheduler, uint32_t domid, unsigned flags,
                    struct domo_value **ret, struct domo_err *err)
{
    char *AUTO_FREE share = str_format(shares, flags & DOMO_SCHED_VCPUS ? "\"vcpu\":0," : "");
    char *AUTO_FREE text = str_format("[%s]", strcmp(scheduler, "rtds") == 0 ? share : strchr(weights, '}') + 2);

    (void)ctx;
    if (domid == 0 && strcmp(scheduler, "credit") == 0) {
        (void)err_set(err, DOMO_E_UNSUPPORTED, "domain 0 is scheduled by credit2, not by credit");
        return err_hint(err, "domo sched-credit2");
    }
    *ret = parse(text);
    return 0;
}

int domo_sched_set(struct domo_ctx *ctx, const char *scheduler, uint32_t domid, const struct domo_sched *c,
                   struct domo_err *err)
{
    (void)ctx;
    (void)scheduler;
    (void)domid;
    if (c->weight == 0)
        return err_set(err, DOMO_E_CONFIG_VALUE, "a weight is 1 to 65535, a cap at most 100 for each vcpu");
    return 0;
}

int domo_sched_set_params(struct domo_ctx *ctx, const char *scheduler, const char *name,
                          const struct domo_sched_params *p, struct domo_err *err)
{
    (void)ctx;
    (void)scheduler;
    if (name && no_pool(name, err))
        return -1;
    if (p->ratelimit_us == 3)
        return err_sys(err, DOMO_E_HYPERVISOR, 22, "can't change what the scheduler of cpu pool 0 does");
    return 0;
}

int domo_metrics(struct domo_ctx *ctx, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    (void)err;
    *ret = parse("[{\"name\":\"domo_host_cpus\",\"type\":\"gauge\",\"help\":\"Processors of the host.\","
                 "\"samples\":[{\"labels\":{},\"value\":4}]},"
                 "{\"name\":\"domo_guest_cpu_seconds_total\",\"type\":\"counter\","
                 "\"help\":\"Processor time that the domain has used.\",\"samples\":["
                 "{\"labels\":{\"domid\":\"0\",\"name\":\"Domain-0\"},\"value\":1234.56},"
                 "{\"labels\":{\"domid\":\"5\",\"name\":\"we\\\"b\\\\ \\n\"},\"value\":12.5}]},"
                 "{\"name\":\"domo_device_connected\",\"type\":\"gauge\",\"help\":\"None here.\",\"samples\":[]}]");
    return 0;
}
