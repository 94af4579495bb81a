/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/vcpu.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/str.h"
#include "dom/cpus.h"
#include "dom/dm.h"
#include "dom/guest.h"
#include "dom/names.h"

/* ---- list ---- */

static void add_cpus(struct json *row, const char *name, const uint64_t words[HYP_CPU_WORDS], size_t n)
{
    struct str s AUTO_STR = STR_INIT;

    cpus_print(words, n, &s);
    json_set_str(row, name, str_text(&s));
}

static int add_rows(struct host *h, const struct hyp_info *d, size_t cpus, struct json *list, struct domo_err *err)
{
    char *AUTO_FREE name = NULL;

    if (names_of(h, d->domid, &name, err))
        return -1;
    for (uint32_t i = 0; i < d->vcpus_max; i++) {
        struct hyp_vcpu v = {0};
        struct json *row;

        if (h->hyp->vcpu(h, d->domid, i, &v, err))
            return -1;
        row = json_add_object(list);
        json_set_str(row, "name", name ? name : "(null)");
        json_set_int(row, "domid", d->domid);
        json_set_int(row, "vcpu", i);
        json_set_bool(row, "online", v.is_online);
        json_set_bool(row, "running", v.is_running);
        json_set_bool(row, "blocked", v.is_blocked);
        json_set(row, "cpu", v.is_online ? json_new_uint(v.cpu) : json_new_null());
        json_set_double(row, "cpu_seconds", (double)v.cpu_time_ns / 1e9);
        add_cpus(row, "hard_affinity", v.hard, cpus);
        add_cpus(row, "soft_affinity", v.soft, cpus);
    }
    return 0;
}

/* The domains that are asked for, which must be there, or all. */
static int domains(struct host *h, const uint32_t *domids, size_t n, struct hyp_info **ret, size_t *ret_n,
                   struct domo_err *err)
{
    struct hyp_info *AUTO_FREE all = NULL;

    if (!n)
        return names_list_domains(h, ret, ret_n, err);
    all = calloc(n, sizeof *all);
    if (!all)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < n; i++)
        if (h->hyp->info(h, domids[i], &all[i], err))
            return -1;
    *ret = all;
    *ret_n = n;
    all = NULL;
    return 0;
}

int vcpu_list(struct host *h, const uint32_t *domids, size_t n, struct json **ret, struct domo_err *err)
{
    struct json *AUTO_JSON list = json_new_array();
    struct hyp_info *AUTO_FREE all = NULL;
    struct hyp_host_info host;
    size_t count = 0;

    if (h->hyp->host_info(h, &host, err) || domains(h, domids, n, &all, &count, err))
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct domo_err e = DOMO_ERR_INIT;

        /* A guest that goes while all are looked at is left out. */
        if (add_rows(h, &all[i], host.cpus, list, &e) == 0 || (!n && e.code == DOMO_E_DOMAIN_NOT_FOUND))
            continue;
        if (err)
            *err = e;
        return err_wrap(err, "list the vcpus of domain %" PRIu32, all[i].domid);
    }
    *ret = json_done(list);
    list = NULL;
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

/* ---- how many: by the store ---- */

struct wanted {
    const struct guest *guest;
    uint32_t n;
};

static int write_nodes(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    const struct wanted *w = arg;
    char path[STORE_PATH_MAX];

    for (uint32_t i = 0; i < w->guest->info.vcpus_max; i++)
        if (store_path(path, err, "/local/domain/%" PRIu32 "/cpu/%" PRIu32 "/availability", w->guest->info.domid, i) ||
            store_write(h, t, path, i < w->n ? "online" : "offline", err))
            return -1;
    return 0;
}

/* ---- how many: by QEMU, which can add, but takes none away ---- */

static bool is_there(const struct json *slot)
{
    return json_get(slot, "qom-path") != NULL;
}

/* Where it is among the others: by socket, core and thread. */
static int64_t place(const struct json *slot)
{
    enum { WIDEST = 4096 };
    const struct json *props = json_get(slot, "props");

    return (json_get_int(props, "socket-id", 0) * WIDEST + json_get_int(props, "core-id", 0)) * WIDEST +
           json_get_int(props, "thread-id", 0);
}

static const struct json *first_free(const struct json *slots)
{
    const struct json *best = NULL;

    for (size_t i = 0; i < json_len(slots); i++) {
        const struct json *slot = json_at(slots, i, NULL);

        if (!is_there(slot) && (!best || place(slot) < place(best)))
            best = slot;
    }
    return best;
}

static int plug(struct qmp *q, uint32_t number, const struct json *slot, struct domo_err *err)
{
    struct json *AUTO_JSON arguments = json_copy(json_get(slot, "props"));

    json_set_str(arguments, "driver", json_get_str(slot, "type", ""));
    json_setf(arguments, "id", "cpu-%" PRIu32, number);
    return qmp_call(q, "device_add", arguments, NULL, err);
}

static int ask_slots(struct qmp *q, struct json **ret, uint32_t *ret_there, struct domo_err *err)
{
    if (qmp_call(q, "query-hotpluggable-cpus", NULL, ret, err))
        return -1;
    *ret_there = 0;
    for (size_t i = 0; i < json_len(*ret); i++)
        *ret_there += is_there(json_at(*ret, i, NULL));
    return 0;
}

static int plug_up_to(struct qmp *q, const struct wanted *w, struct domo_err *err)
{
    uint32_t there = 0, before;

    for (;;) {
        struct json *AUTO_JSON slots = NULL;
        const struct json *slot;

        before = there;
        if (ask_slots(q, &slots, &there, err))
            return -1;
        if (there == w->n)
            return 0;
        if (there > w->n)
            return err_set(err, DOMO_E_UNSUPPORTED,
                           "'%s' has %" PRIu32 " vcpus: an HVM guest's can't be taken away while it runs",
                           w->guest->name, there);
        slot = first_free(slots);
        if (!slot || (before && there == before))
            return err_set(err, DOMO_E_DEVICE_MODEL,
                           "the device model of '%s' has no room for a vcpu more than %" PRIu32, w->guest->name, there);
        if (plug(q, there, slot, err))
            return -1;
    }
}

static int plug_vcpus(struct host *h, const struct wanted *w, struct domo_err *err)
{
    struct qmp *q = NULL;
    int r;

    if (dm_open(h, w->guest, &q, err))
        return -1;
    r = plug_up_to(q, w, err);
    (void)qmp_close(q);
    return r;
}

/* ---- how many ---- */

static int check_count(struct host *h, const struct wanted *w, bool overcommit, struct domo_err *err)
{
    struct hyp_host_info host;

    if (!w->n)
        return err_set(err, DOMO_E_CONFIG_VALUE, "a guest has at least one vcpu");
    if (w->n > w->guest->info.vcpus_max) {
        (void)err_set(err, DOMO_E_CONFIG_VALUE, "'%s' was made with %" PRIu32 " vcpus at most, not %" PRIu32,
                      w->guest->name, w->guest->info.vcpus_max, w->n);
        return err_hint(err, "maxvcpus= in its config says how many");
    }
    if (overcommit || w->n <= w->guest->info.vcpus_online)
        return 0;
    if (h->hyp->host_info(h, &host, err))
        return -1;
    if (w->n <= host.cpus)
        return 0;
    (void)err_set(err, DOMO_E_CONFIG_VALUE,
                  "this host has %" PRIu32 " processors, %" PRIu32 " vcpus would wait for them", host.cpus, w->n);
    return err_hint(err, "--ignore-host does it all the same");
}

static int give_count(const struct wanted *w, struct json **ret, struct domo_err *err)
{
    struct json *j = json_new_object();

    json_set_uint(j, "domid", w->guest->info.domid);
    json_set_str(j, "name", w->guest->name);
    json_set_uint(j, "vcpus", w->n);
    json_set_uint(j, "vcpus_max", w->guest->info.vcpus_max);
    *ret = json_done(j);
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

int vcpu_set(struct host *h, uint32_t domid, uint32_t n, bool overcommit, struct json **ret, struct domo_err *err)
{
    struct guest g = {.name = NULL};
    struct wanted w = {.guest = &g, .n = n};
    int r;

    if (guest_load(h, domid, &g, err))
        return -1;
    r = check_count(h, &w, overcommit, err);
    if (r == 0)
        r = str_eq(g.type, "hvm") ? plug_vcpus(h, &w, err) : store_transact(h, write_nodes, &w, err);
    if (r == 0)
        r = give_count(&w, ret, err);
    guest_fini(&g);
    return r;
}
