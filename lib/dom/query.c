/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "dev/dev.h"
#include "dom/dm.h"
#include "dom/guest.h"
#include "dom/names.h"
#include "dom/screen.h"
#include "dom/stored.h"
#include "dom/userdata.h"
#include "dom/ward.h"

/* The domains that a question is about: one, or all. */
static int domains(struct host *h, const uint32_t *domid, struct hyp_info **ret, size_t *ret_n, struct domo_err *err)
{
    struct hyp_info *one;

    if (!domid)
        return names_list_domains(h, ret, ret_n, err);
    one = malloc(sizeof *one);
    if (!one)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (h->hyp->info(h, *domid, one, err)) {
        free(one);
        return -1;
    }
    *ret = one;
    *ret_n = 1;
    return 0;
}

static int finish(struct json *j, struct json **ret, struct domo_err *err)
{
    j = json_done(j);
    if (!j)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    *ret = j;
    return 0;
}

/* Adds what it has to say about a domain to the list, if anything. */
typedef int (*row_fn)(struct host *, const struct hyp_info *, struct json *list, struct domo_err *);

/* The answers for the domains that a question is about. A guest that goes while all are looked at is left out. */
static int rows_for(struct host *h, const uint32_t *domid, row_fn add, const char *doing, struct json **ret,
                    struct domo_err *err)
{
    struct hyp_info *AUTO_FREE all = NULL;
    struct json *AUTO_JSON list = json_new_array(), *done;
    size_t n = 0;

    if (domains(h, domid, &all, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct domo_err e = DOMO_ERR_INIT;

        if (add(h, &all[i], list, &e) == 0 || (!domid && e.code == DOMO_E_DOMAIN_NOT_FOUND))
            continue;
        if (err)
            *err = e;
        return err_wrap(err, "%s domain %u", doing, all[i].domid);
    }
    done = list;
    list = NULL;
    return finish(done, ret, err);
}

/* ---- list ---- */

/* xl's six letters: running, blocked, paused, shut down, why, dying. */
static void state_letters(const struct hyp_info *d, char out[7])
{
    static const char reasons[] = "-rscwS";

    memcpy(out, "------", 7);
    if (d->is_running)
        out[0] = 'r';
    if (d->is_blocked)
        out[1] = 'b';
    if (d->is_paused)
        out[2] = 'p';
    if (d->is_shutdown) {
        out[3] = 's';
        out[4] = d->shutdown_reason < sizeof reasons - 1 ? reasons[d->shutdown_reason] : '?';
    }
    if (d->is_dying)
        out[5] = 'd';
}

static void add_state(struct json *row, const struct hyp_info *d)
{
    struct json *s = json_set_object(row, "state");
    char letters[7];

    json_set_bool(s, "running", d->is_running);
    json_set_bool(s, "blocked", d->is_blocked);
    json_set_bool(s, "paused", d->is_paused);
    json_set_bool(s, "shutdown", d->is_shutdown);
    json_set_bool(s, "dying", d->is_dying);
    if (d->is_shutdown)
        json_set_int(s, "reason", d->shutdown_reason);
    else
        json_set(s, "reason", json_new_null());
    state_letters(d, letters);
    json_set_str(row, "flags", letters);
}

/* A PV guest is known by its container; PVH and HVM differ only in what the toolstack wrote. */
static int type_of(struct host *h, const struct hyp_info *d, struct json *row, struct domo_err *err)
{
    char path[STORE_PATH_MAX], *AUTO_FREE type = NULL;

    if (!d->is_hvm) {
        json_set_str(row, "type", "pv");
        return 0;
    }
    if (store_path(path, err, "/libxl/%u/type", d->domid) || store_read_opt(h, 0, path, &type, err))
        return -1;
    json_set_str(row, "type", type ? type : "hvm");
    return 0;
}

static int list_row(struct host *h, const struct hyp_info *d, struct json *list, struct domo_err *err)
{
    char *AUTO_FREE name = NULL, uuid[UUID_TEXT_MAX];
    uint64_t kib = d->mem_kib + d->outstanding_kib;
    struct json *row;

    if (names_of(h, d->domid, &name, err))
        return -1;
    row = json_add_object(list);
    uuid_to_text(d->uuid, uuid);
    json_set_int(row, "domid", d->domid);
    json_set_str(row, "name", name ? name : "(null)");
    json_set_str(row, "uuid", uuid);
    json_set_uint(row, "memory_mib", kib / 1024);
    json_set_uint(row, "memory_kib", kib);
    json_set_uint(row, "max_memory_kib", d->max_mem_kib);
    json_set_int(row, "vcpus", d->vcpus_online);
    json_set_int(row, "vcpus_max", d->vcpus_max);
    add_state(row, d);
    json_set_double(row, "cpu_seconds", (double)d->cpu_time_ns / 1e9);
    json_set_int(row, "cpupool", d->cpupool);
    json_set_int(row, "ssidref", d->ssidref);
    return type_of(h, d, row, err);
}

int query_list(struct host *h, const uint32_t *domid, struct json **ret, struct domo_err *err)
{
    return rows_for(h, domid, list_row, "list", ret, err);
}

/* ---- stored configs ---- */

static int config_row(struct host *h, const struct hyp_info *d, struct json *list, struct domo_err *err)
{
    char uuid[UUID_TEXT_MAX];
    struct json *config = NULL, *row;

    uuid_to_text(d->uuid, uuid);
    if (userdata_read_config(h, d->domid, uuid, &config, err))
        return -1;
    if (!config)
        return 0;
    if (stored_merge_live(h, d, config, err)) {
        (void)json_free(config);
        return -1;
    }
    row = json_add_object(list);
    json_set_int(row, "domid", d->domid);
    json_set(row, "config", config);
    return 0;
}

int query_configs(struct host *h, const uint32_t *domid, struct json **ret, struct domo_err *err)
{
    return rows_for(h, domid, config_row, "read the config of", ret, err);
}

/* ---- devices ---- */

static int rows_of(struct host *h, const struct guest *g, const char *kind, bool full, struct json **ret,
                   struct domo_err *err)
{
    struct devset *set = guest_devset(h, g, &DEV_TIMEOUTS_DEFAULT);
    struct json *rows = NULL;

    if (!set)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (devset_load(set, kind, NULL, err) == 0)
        rows = devset_rows(set, full, err);
    (void)devset_free(set);
    if (!rows)
        return -1;
    *ret = rows;
    return 0;
}

int query_devices(struct host *h, uint32_t domid, const char *kind, struct json **ret, struct domo_err *err)
{
    struct guest g = {.name = NULL};
    int r;

    if (guest_load(h, domid, &g, err))
        return -1;
    r = rows_of(h, &g, kind, false, ret, err);
    guest_fini(&g);
    return r;
}

/* Only of those that we started: of others nothing is known here. */
static int add_device_model(struct host *h, const struct guest *g, struct json *row, struct domo_err *err)
{
    const char *state = str_eq(g->type, "hvm") || dm_exists(h, g->uuid) ? dm_state(h, g->uuid) : "none";
    struct json *screen = NULL;

    if (str_eq(state, "none"))
        return 0;
    json_set_str(row, "device_model", state);
    if (!str_eq(state, "running"))
        return 0;
    if (screen_find(h, g->info.domid, &screen, NULL, err))
        return -1;
    if (screen)
        json_set(row, "vnc", screen);
    return 0;
}

static int tree_row(struct host *h, const struct hyp_info *d, struct json *list, struct domo_err *err)
{
    struct guest g = {.name = NULL};
    struct json *rows = NULL, *row;
    char letters[7];
    int r;

    if (guest_load(h, d->domid, &g, err))
        return -1;
    r = rows_of(h, &g, NULL, true, &rows, err);
    row = r ? NULL : json_add_object(list);
    state_letters(&g.info, letters);
    json_set_int(row, "domid", d->domid);
    json_set_str(row, "name", g.name);
    json_set_str(row, "uuid", g.uuid);
    json_set_str(row, "type", g.type[0] ? g.type : d->is_hvm ? "hvm" : "pv");
    json_set_str(row, "state", letters);
    if (!r)
        r = add_device_model(h, &g, row, err);
    json_set(row, "devices", rows ? rows : json_new_array());
    guest_fini(&g);
    return r;
}

int query_tree(struct host *h, const uint32_t *domid, struct json **ret, struct domo_err *err)
{
    return rows_for(h, domid, tree_row, "look at", ret, err);
}

/* *ret NULL: there is no terminal. */
static int read_tty(struct host *h, uint32_t domid, const char *node, char **ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX], *tty = NULL;

    if (store_path(path, err, "/local/domain/%u/%s", domid, node) || store_read_opt(h, 0, path, &tty, err))
        return -1;
    if (tty && !*tty) {
        free(tty);
        tty = NULL;
    }
    *ret = tty;
    return 0;
}

int query_console(struct host *h, uint32_t domid, char **ret, struct domo_err *err)
{
    /* The guest can't write there. What it has for a console depends on what it is: a PC writes to its serial line. */
    static const char *const nodes[] = {"serial/0/tty", "console/tty"};
    char *tty = NULL;
    struct hyp_info d;

    if (h->hyp->info(h, domid, &d, err))
        return -1;
    for (size_t i = d.is_hvm ? 0 : 1; i < ARRAY_LEN(nodes); i++) {
        if (read_tty(h, domid, nodes[i], &tty, err))
            return -1;
        if (tty) {
            *ret = tty;
            return 0;
        }
    }
    return err_set(err, DOMO_E_CONSOLE, "domain %u has no console tty", domid);
}

int query_console_line(struct host *h, uint32_t domid, bool is_serial, uint32_t number, char **ret,
                       struct domo_err *err)
{
    char node[64] = "console/tty", *tty = NULL;
    struct hyp_info d;

    if (is_serial || number)
        (void)snprintf(node, sizeof node, "%s/%u/tty", is_serial ? "serial" : "device/console", number);
    if (h->hyp->info(h, domid, &d, err) || read_tty(h, domid, node, &tty, err))
        return -1;
    if (tty) {
        *ret = tty;
        return 0;
    }
    (void)err_set(err, DOMO_E_CONSOLE, "domain %u has no %s %u with a terminal", domid,
                  is_serial ? "serial line" : "console", number);
    return is_serial ? err_hint(err, "serial=\"pty\" in the config of an HVM guest gives it one") : -1;
}

/* ---- the host ---- */

/* Domains but domain 0. */
static int count_guests(struct host *h, size_t *ret, struct domo_err *err)
{
    struct hyp_info *AUTO_FREE all = calloc(HOST_DOMID_SELF_MAX, sizeof *all);
    size_t n = 0;

    if (!all)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (h->hyp->list(h, 1, all, HOST_DOMID_SELF_MAX, &n, err) < 0)
        return -1;
    *ret = n;
    return 0;
}

int query_host(struct host *h, struct json **ret, struct domo_err *err)
{
    struct hyp_host_info info;
    struct json *j;
    size_t guests = 0;

    if (h->hyp->host_info(h, &info, err) < 0 || count_guests(h, &guests, err) < 0)
        return -1;
    j = json_new_object();
    json_set_str(j, "uri", h->uri);
    json_set_bool(j, "simulated", h->is_simulated);
    json_setf(j, "xen", "%u.%u", info.xen_major, info.xen_minor);
    json_set_uint(j, "cpus", info.cpus);
    json_set_uint(j, "nodes", info.nodes);
    json_set_uint(j, "memory_kib", info.total_kib);
    json_set_uint(j, "free_kib", info.free_kib);
    json_set_uint(j, "guests", guests);
    json_set_bool(j, "supervisor", ward_is_guarded(h));
    json_set_str(j, "store", h->store_path[0] ? h->store_path : NULL);
    *ret = json_done(j);
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}
