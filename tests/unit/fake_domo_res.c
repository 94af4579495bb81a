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
