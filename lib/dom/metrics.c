/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "dom/pool.h"
#include "dom/query.h"

enum family {
    HOST_INFO,
    HOST_CPUS,
    HOST_MEMORY,
    HOST_FREE,
    POOL_CPUS,
    POOL_DOMAINS,
    GUEST_INFO,
    GUEST_STATE,
    GUEST_MEMORY,
    GUEST_LIMIT,
    GUEST_VCPUS,
    GUEST_VCPUS_MAX,
    GUEST_CPU,
    DEVICE_STATE,
    DEVICE_CONNECTED,
    STORE_READ_TIME,
    FAMILIES
};

static const struct {
    const char *name, *type, *help;
} families[FAMILIES] = {
    [HOST_INFO] = {"domo_host_info", "gauge", "The host by its address, with its Xen's version; always 1."},
    [HOST_CPUS] = {"domo_host_cpus", "gauge", "Processors of the host."},
    [HOST_MEMORY] = {"domo_host_memory_bytes", "gauge", "Memory of the host."},
    [HOST_FREE] = {"domo_host_memory_free_bytes", "gauge", "Memory of the host that no domain has."},
    [POOL_CPUS] = {"domo_cpupool_cpus", "gauge", "Processors in a cpu pool."},
    [POOL_DOMAINS] = {"domo_cpupool_domains", "gauge", "Domains in a cpu pool."},
    [GUEST_INFO] = {"domo_guest_info", "gauge", "A domain with what does not change in its life; always 1."},
    [GUEST_STATE] = {"domo_guest_state", "gauge", "1 for each state that the domain is in, 0 for the others."},
    [GUEST_MEMORY] = {"domo_guest_memory_bytes", "gauge", "Memory that the domain has."},
    [GUEST_LIMIT] = {"domo_guest_memory_limit_bytes", "gauge", "Memory that the domain may have."},
    [GUEST_VCPUS] = {"domo_guest_vcpus", "gauge", "Virtual processors that the domain uses."},
    [GUEST_VCPUS_MAX] = {"domo_guest_vcpus_limit", "gauge", "Virtual processors that the domain may use."},
    [GUEST_CPU] = {"domo_guest_cpu_seconds_total", "counter", "Processor time that the domain has used."},
    [DEVICE_STATE] =
        {"domo_device_backend_state", "gauge",
         "State of a device's back end: 1 Initialising, 2 InitWait, 3 Initialised, 4 Connected, 5 Closing, "
         "6 Closed, 7 Reconfiguring, 8 Reconfigured."},
    [DEVICE_CONNECTED] = {"domo_device_connected", "gauge", "1 if both ends of the device are connected."},
    [STORE_READ_TIME] = {"domo_store_read_seconds", "gauge", "How long XenStore took to answer one read just now."},
};

struct metrics {
    struct json *samples[FAMILIES]; /* arrays of the tree */
};

/* A new sample's labels; its value is set. */
static struct json *sample(const struct metrics *m, enum family f, struct json *value)
{
    struct json *one = json_add_object(m->samples[f]), *labels = json_set_object(one, "labels");

    json_set(one, "value", value);
    return labels;
}

/* ---- the host ---- */

static int take_host(struct host *h, const struct metrics *m, struct domo_err *err)
{
    struct hyp_host_info info = {0};
    struct json *labels;

    if (h->hyp->host_info(h, &info, err))
        return -1;
    labels = sample(m, HOST_INFO, json_new_int(1));
    json_set_str(labels, "uri", h->uri);
    json_setf(labels, "xen", "%" PRIu32 ".%" PRIu32, info.xen_major, info.xen_minor);
    (void)sample(m, HOST_CPUS, json_new_uint(info.cpus));
    (void)sample(m, HOST_MEMORY, json_new_uint(info.total_kib * 1024));
    (void)sample(m, HOST_FREE, json_new_uint(info.free_kib * 1024));
    return 0;
}

static int take_pools(struct host *h, const struct metrics *m, struct domo_err *err)
{
    struct json *AUTO_JSON pools = NULL;

    if (pool_list(h, NULL, &pools, err))
        return -1;
    for (size_t i = 0; i < json_len(pools); i++) {
        const struct json *p = json_at(pools, i, NULL);
        const char *name = json_get_str(p, "name", ""), *scheduler = json_get_str(p, "scheduler", "");
        struct json *labels = sample(m, POOL_CPUS, json_new_uint(json_len(json_get(p, "cpus"))));

        json_set_str(labels, "pool", name);
        json_set_str(labels, "scheduler", scheduler);
        labels = sample(m, POOL_DOMAINS, json_copy(json_get(p, "domains")));
        json_set_str(labels, "pool", name);
        json_set_str(labels, "scheduler", scheduler);
    }
    return 0;
}

static int take_store(struct host *h, const struct metrics *m, struct domo_err *err)
{
    int64_t begin = h->env->now_us(h);
    char *AUTO_FREE name = NULL;

    if (store_read_opt(h, 0, "/local/domain/0/name", &name, err))
        return -1;
    (void)sample(m, STORE_READ_TIME, json_new_double((double)(h->env->now_us(h) - begin) / 1e6));
    return 0;
}

/* ---- guests ---- */

static struct json *of_guest(const struct metrics *m, enum family f, const struct json *row, struct json *value)
{
    struct json *labels = sample(m, f, value);

    json_setf(labels, "domid", "%" PRId64, json_get_int(row, "domid", -1));
    json_set_str(labels, "name", json_get_str(row, "name", ""));
    return labels;
}

static void add_states(const struct metrics *m, const struct json *row)
{
    static const char *const states[] = {"running", "blocked", "paused", "shutdown", "dying"};
    const struct json *state = json_get(row, "state");

    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        json_set_str(of_guest(m, GUEST_STATE, row, json_new_int(json_get_bool(state, states[i], false))), "state",
                     states[i]);
}

static struct json *bytes(const struct json *row, const char *kib)
{
    return json_new_uint(json_uint(json_get(row, kib), 0) * 1024);
}

static int take_guests(struct host *h, const struct metrics *m, struct domo_err *err)
{
    struct json *AUTO_JSON rows = NULL;

    if (query_list(h, NULL, &rows, err))
        return -1;
    for (size_t i = 0; i < json_len(rows); i++) {
        const struct json *row = json_at(rows, i, NULL);
        struct json *labels = of_guest(m, GUEST_INFO, row, json_new_int(1));

        json_set_str(labels, "uuid", json_get_str(row, "uuid", ""));
        json_set_str(labels, "type", json_get_str(row, "type", ""));
        add_states(m, row);
        (void)of_guest(m, GUEST_MEMORY, row, bytes(row, "memory_kib"));
        (void)of_guest(m, GUEST_LIMIT, row, bytes(row, "max_memory_kib"));
        (void)of_guest(m, GUEST_VCPUS, row, json_copy(json_get(row, "vcpus")));
        (void)of_guest(m, GUEST_VCPUS_MAX, row, json_copy(json_get(row, "vcpus_max")));
        (void)of_guest(m, GUEST_CPU, row, json_new_double(json_double(json_get(row, "cpu_seconds"), 0)));
    }
    return 0;
}

/* ---- devices ---- */

static void of_device(const struct metrics *m, enum family f, const struct json *guest, const struct json *device,
                      struct json *value)
{
    struct json *labels = of_guest(m, f, guest, value);

    json_set_str(labels, "kind", json_get_str(device, "kind", ""));
    json_setf(labels, "devid", "%" PRId64, json_get_int(device, "devid", -1));
    if (json_get_str(device, "vdev", NULL))
        json_set_str(labels, "vdev", json_get_str(device, "vdev", ""));
    json_setf(labels, "backend_domid", "%" PRId64, json_get_int(device, "back_domid", -1));
}

static int take_devices(struct host *h, const struct metrics *m, struct domo_err *err)
{
    struct json *AUTO_JSON guests = NULL;

    if (query_tree(h, NULL, &guests, err))
        return -1;
    for (size_t i = 0; i < json_len(guests); i++) {
        const struct json *guest = json_at(guests, i, NULL), *devices = json_get(guest, "devices");

        for (size_t k = 0; k < json_len(devices); k++) {
            const struct json *device = json_at(devices, k, NULL);

            /* Nobody walks through states for a console that the store's own daemon serves. */
            if (str_eq(json_get_str(device, "kind", ""), "console"))
                continue;
            of_device(m, DEVICE_STATE, guest, device, json_new_int(json_get_int(device, "state", 0)));
            of_device(m, DEVICE_CONNECTED, guest, device, json_new_int(json_get_bool(device, "connected", false)));
        }
    }
    return 0;
}

/* ---- all ---- */

static struct json *begin(struct metrics *m)
{
    struct json *all = json_new_array();

    for (size_t i = 0; i < FAMILIES; i++) {
        struct json *family = json_add_object(all);

        json_set_str(family, "name", families[i].name);
        json_set_str(family, "type", families[i].type);
        json_set_str(family, "help", families[i].help);
        m->samples[i] = json_set_array(family, "samples");
    }
    return all;
}

int metrics_take(struct host *h, struct json **ret, struct domo_err *err)
{
    static int (*const parts[])(struct host *, const struct metrics *,
                                struct domo_err *) = {take_host, take_pools, take_guests, take_devices, take_store};
    struct metrics m = {.samples = {NULL}};
    struct json *AUTO_JSON all = begin(&m), *whole;

    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (parts[i](h, &m, err))
            return -1;
    whole = json_done(all);
    all = NULL;
    *ret = whole;
    return whole ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}
