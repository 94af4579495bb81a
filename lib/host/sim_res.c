/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a domain that exists may have of the machine, asked of domo-simd.
 */
#include <errno.h>
#include <string.h>

#include "host/sim.h"
#include "host/sim_wire.h"

static int ask_kib(struct host *h, const char *op, uint32_t domid, uint64_t kib, struct domo_err *err)
{
    struct json *request = sim_request(op);

    h->stats.hyp_calls++;
    json_set_uint(request, "domid", domid);
    json_set_uint(request, "kib", kib);
    return sim_ask(h->impl, request, NULL, err);
}

int sim_mem_limit(struct host *h, uint32_t domid, uint64_t kib, struct domo_err *err)
{
    int r = ask_kib(h, "mem_limit", domid, kib, err);

    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't limit the memory of domain %u to %llu KiB", domid,
                                (unsigned long long)kib)
                 : 0;
}

int sim_pod_target(struct host *h, uint32_t domid, uint64_t kib, struct domo_err *err)
{
    int r = ask_kib(h, "pod_target", domid, kib, err);

    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r,
                                "can't change the memory that domain %u is populated with on demand to %llu KiB", domid,
                                (unsigned long long)kib)
                 : 0;
}

/* ---- processors ---- */

int sim_cpus(struct host *h, struct hyp_cpu *ret, size_t max, size_t *ret_n, struct domo_err *err)
{
    struct json *reply AUTO_JSON = NULL;
    void *AUTO_FREE rows = NULL;
    size_t n = 0;
    int r;

    h->stats.hyp_calls++;
    r = sim_ask(h->impl, sim_request("cpus"), &reply, err);
    if (r < 0)
        return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't ask the hypervisor for the machine's processors");
    if (sim_take_records(reply, &sim_cpu, sizeof *ret, &rows, &n, err) < 0)
        return -1;
    *ret_n = n < max ? n : max;
    memcpy(ret, rows, *ret_n * sizeof *ret);
    return 0;
}

int sim_vcpu(struct host *h, uint32_t domid, uint32_t vcpu, struct hyp_vcpu *ret, struct domo_err *err)
{
    struct json *request = sim_request("vcpu");
    struct json *reply AUTO_JSON = NULL;
    int r;

    h->stats.hyp_calls++;
    json_set_uint(request, "domid", domid);
    json_set_uint(request, "vcpu", vcpu);
    r = sim_ask(h->impl, request, &reply, err);
    if (r < 0)
        return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't ask the hypervisor about vcpu %u of domain %u", vcpu,
                            domid);
    return sim_take_record(reply, &sim_vcpu_row, ret, err);
}

static void add_words(struct json *request, const char *name, const uint64_t *words)
{
    struct json *list = words ? json_set_array(request, name) : NULL;

    for (size_t i = 0; words && i < HYP_CPU_WORDS; i++)
        json_add(list, json_new_uint(words[i]));
}

int sim_vcpu_pin(struct host *h, uint32_t domid, uint32_t vcpu, const struct hyp_pin *pin, struct domo_err *err)
{
    struct json *request = sim_request("vcpu_pin");
    int r;

    h->stats.hyp_calls++;
    json_set_uint(request, "domid", domid);
    json_set_uint(request, "vcpu", vcpu);
    add_words(request, "hard", pin->hard);
    add_words(request, "soft", pin->soft);
    r = sim_ask(h->impl, request, NULL, err);
    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't pin vcpu %u of domain %u", vcpu, domid) : 0;
}
