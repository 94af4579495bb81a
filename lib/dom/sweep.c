/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/sweep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/vec.h"
#include "dev/dev.h"
#include "dev/kind.h"
#include "dev/uuid_text.h"
#include "dom/boot.h"
#include "dom/destroy.h"
#include "dom/dm.h"
#include "dom/hotplug.h"
#include "dom/names.h"
#include "dom/query.h"
#include "dom/userdata.h"
#include "dom/ward.h"
#include "plan/history.h"
#include "plan/journal.h"

struct sweep {
    struct host *host;
    bool remove;
    struct json *rows;
};

/* One finding. The result of removing it (r, e) counts only when removing was asked for. */
static void report(struct sweep *s, const char *what, const char *id, const char *why, const char *action, int r,
                   const struct domo_err *e)
{
    struct json *row = json_add_object(s->rows);

    json_set_str(row, "what", what);
    json_set_str(row, "id", id);
    json_set_str(row, "why", why);
    json_set_str(row, "action", action);
    json_set_bool(row, "removed", s->remove && r == 0);
    if (s->remove && r == 0)
        history_add(s->host, "swept", json_copy(row));
    if (s->remove && r) {
        json_set_str(row, "error", e->msg);
        json_set_str(row, "error_code", err_id(e->code));
    }
}

/* ---- domains of the hypervisor, as they are now ---- */

static bool find_uuid(struct host *h, const char *text, struct hyp_info *ret)
{
    struct hyp_info *AUTO_FREE all = NULL;
    uint8_t uuid[HOST_UUID_LEN];
    size_t n = 0, i;

    if (!uuid_from_text(text, uuid) || names_list_domains(h, &all, &n, NULL))
        return false;
    for (i = 0; i < n; i++)
        if (uuid_equal(all[i].uuid, uuid)) {
            *ret = all[i];
            return true;
        }
    return false;
}

static bool domain_is_gone(struct host *h, uint32_t domid)
{
    struct domo_err e = DOMO_ERR_INIT;
    struct hyp_info d;

    return h->hyp->info(h, domid, &d, &e) && e.code == DOMO_E_DOMAIN_NOT_FOUND;
}

/* ---- journals ---- */

static int finish_by_destroy(struct host *h, const struct hyp_info *d, const struct json *about, struct domo_err *err)
{
    const struct destroy_options opt = {.close_timeout_ms = 0};
    struct json *AUTO_JSON result = NULL;

    (void)about;
    return destroy_run(h, d->domid, &opt, &result, err);
}

/* The device that the dead attach was making: only if it is that very one, and not another that took its place since.
 */
static bool is_attached(struct host *h, const struct hyp_info *d, const struct json *about)
{
    const char *kind = json_get_str(about, "kind", ""), *identity = json_get_str(about, "identity", "");
    const struct devkind *row_of_kind = devkind_find(kind);
    struct json *AUTO_JSON rows = NULL;
    size_t i;

    /* A part is named by what it is on this host, so it is that very one. */
    if (row_of_kind && row_of_kind->parts)
        return true;
    if (query_devices(h, d->domid, kind, &rows, NULL))
        return false;
    for (i = 0; i < json_len(rows); i++) {
        const struct json *row = json_at(rows, i, NULL);
        char devid[24];

        (void)snprintf(devid, sizeof devid, "%lld", (long long)json_get_int(row, "devid", -1));
        if (str_eq(devid, json_get_str(about, "which", "")) &&
            str_eq(identity, json_get_str(row, str_eq(kind, "vif") ? "mac" : "target", "-")))
            return true;
    }
    return false;
}

static int finish_by_detach(struct host *h, const struct hyp_info *d, const struct json *about, bool force,
                            struct domo_err *err)
{
    const struct hotplug_options opt = {.force = force};
    struct json *AUTO_JSON row = NULL;
    struct domo_err e = DOMO_ERR_INIT;

    if (hotplug_detach(h, d->domid, json_get_str(about, "kind", ""), json_get_str(about, "which", ""), &opt, &row,
                       &e) == 0 ||
        e.code == DOMO_E_DEVICE_NOT_FOUND)
        return 0;
    if (err)
        *err = e;
    return -1;
}

static int finish_attach(struct host *h, const struct hyp_info *d, const struct json *about, struct domo_err *err)
{
    return is_attached(h, d, about) ? finish_by_detach(h, d, about, true, err) : 0;
}

/* A safe detach that died is tried once more in the same way: the guest decides. */
static int finish_detach(struct host *h, const struct hyp_info *d, const struct json *about, struct domo_err *err)
{
    return finish_by_detach(h, d, about, json_get_bool(about, "force", false), err);
}

static const struct {
    const char *operation, *what, *why, *action;
    int (*finish)(struct host *, const struct hyp_info *, const struct json *, struct domo_err *);
} finishers[] = {
    {"create", "domain", "it was being created, and that was not finished", "destroy it", finish_by_destroy},
    {"destroy", "domain", "it was being destroyed, and that was not finished", "destroy it", finish_by_destroy},
    {"attach", "device", "it was being attached, and that was not finished", "take it away", finish_attach},
    {"detach", "device", "it was being detached, and that was not finished", "detach it", finish_detach},
};

static int visit_journal(void *arg, const char *path, const struct json *about, struct domo_err *err)
{
    struct sweep *s = arg;
    const char *operation = json_get_str(about, "operation", "?"), *uuid = json_get_str(about, "uuid", "");
    struct domo_err e = DOMO_ERR_INIT;
    struct hyp_info d;
    char *AUTO_FREE id = NULL;
    size_t i;
    int r = 0;

    (void)err;
    for (i = 0; i < ARRAY_LEN(finishers); i++) {
        if (!str_eq(operation, finishers[i].operation) || !find_uuid(s->host, uuid, &d))
            continue;
        id = str_format("%s (%s%s%s)", json_get_str(about, "name", "?"), uuid,
                        json_get(about, "which") ? ", device " : "", json_get_str(about, "which", ""));
        if (s->remove)
            r = finishers[i].finish(s->host, &d, about, &e);
        report(s, finishers[i].what, id ? id : uuid, finishers[i].why, finishers[i].action, r, &e);
        return s->remove && r == 0;
    }
    report(s, "journal", path, about ? "its operation died and its guest is gone" : "it is damaged, its operation died",
           "remove the file", 0, &e);
    return s->remove;
}

/* ---- what a bootloader wrote ---- */

static bool found_boot(void *arg, const char *dir)
{
    struct sweep *s = arg;
    struct domo_err e = DOMO_ERR_INIT;

    report(s, "boot-files", dir, "a bootloader wrote them for a creation that died", "remove them", 0, &e);
    return s->remove;
}

/* ---- loop devices ---- */

static int sweep_loops(struct sweep *s, struct domo_err *err)
{
    struct json *AUTO_JSON loops = dev_orphan_loops(s->host, err);
    size_t i;

    if (!loops)
        return -1;
    for (i = 0; i < json_len(loops); i++) {
        const struct json *loop = json_at(loops, i, NULL);
        uint32_t number = (uint32_t)json_get_int(loop, "loop", 0);
        struct domo_err e = DOMO_ERR_INIT;
        char id[32];
        int r = s->remove ? s->host->os->loop_detach(s->host, number, &e) : 0;

        (void)snprintf(id, sizeof id, "/dev/loop%u", number);
        report(s, "loop-device", id, "it was set up for a guest's disk, and no device uses it", "detach it", r, &e);
    }
    return 0;
}

/* ---- device models ---- */

/* The files are read first and the hypervisor is asked after: a guest has its domain before its device model. */
static int visit_dm(void *arg, const char *uuid, struct domo_err *err)
{
    struct sweep *s = arg;
    struct domo_err e = DOMO_ERR_INIT;
    struct hyp_info d;
    bool runs;
    int r;

    (void)err;
    if (find_uuid(s->host, uuid, &d))
        return 0;
    runs = str_eq(dm_state(s->host, uuid), "running");
    r = s->remove ? dm_stop(s->host, uuid, &e) : 0;
    report(s, "device-model", uuid, "it belongs to a domain that is gone", runs ? "kill it" : "remove its files", r,
           &e);
    return 0;
}

/* ---- store nodes of domains that are gone ---- */

static int rm_body(struct host *h, store_txn txn, void *arg, struct domo_err *err)
{
    return store_rm(h, txn, arg, err);
}

static void sweep_node(struct sweep *s, char *path, const char *why)
{
    struct domo_err e = DOMO_ERR_INIT;
    int r = s->remove ? store_transact(s->host, rm_body, path, &e) : 0;

    report(s, "store-node", path, why, "remove it", r, &e);
}

/* Children of "parent" that are domids of nobody. The names are read first and the hypervisor is asked after: a guest
 * that is being made has its domain before its nodes. */
static int sweep_domids(struct sweep *s, const char *parent, struct domo_err *err)
{
    char **AUTO_FREE names = NULL;
    size_t n = 0, i;

    if (store_list(s->host, 0, parent, &names, &n, err))
        return -1;
    for (i = 0; i < n; i++) {
        char path[STORE_PATH_MAX];
        uint32_t domid;

        if (str_to_u32(names[i], &domid) || !domain_is_gone(s->host, domid))
            continue;
        if (store_path(path, err, "%s/%s", parent, names[i]))
            return -1;
        sweep_node(s, path, "the hypervisor has no domain with this domid");
    }
    return 0;
}

static int sweep_vms(struct sweep *s, struct domo_err *err)
{
    char **AUTO_FREE names = NULL;
    size_t n = 0, i;

    if (store_list(s->host, 0, "/vm", &names, &n, err))
        return -1;
    for (i = 0; i < n; i++) {
        uint8_t uuid[HOST_UUID_LEN];
        char path[STORE_PATH_MAX];
        struct hyp_info d;

        if (!uuid_from_text(names[i], uuid) || find_uuid(s->host, names[i], &d))
            continue;
        if (store_path(path, err, "/vm/%s", names[i]))
            return -1;
        sweep_node(s, path, "the hypervisor has no domain with this UUID");
    }
    return 0;
}

static int sweep_backends(struct sweep *s, struct domo_err *err)
{
    char **AUTO_FREE kinds = NULL, parent[STORE_PATH_MAX];
    size_t n = 0, i;

    if (store_path(parent, err, "/local/domain/%u/backend", s->host->domid) ||
        store_list(s->host, 0, parent, &kinds, &n, err))
        return -1;
    for (i = 0; i < n; i++) {
        char path[STORE_PATH_MAX];

        if (store_path(path, err, "%s/%s", parent, kinds[i]) || sweep_domids(s, path, err))
            return -1;
    }
    return 0;
}

static int sweep_store(struct sweep *s, struct domo_err *err)
{
    char models[STORE_PATH_MAX];

    if (store_path(models, err, "/local/domain/%u/device-model", s->host->domid) || sweep_domids(s, models, err))
        return -1;
    if (sweep_backends(s, err) || sweep_domids(s, "/local/domain", err) || sweep_domids(s, "/libxl", err))
        return -1;
    return sweep_vms(s, err);
}

/* ---- state files ---- */

static int visit_userdata(void *arg, const char *path, uint32_t domid, const char *uuid)
{
    struct sweep *s = arg;
    struct domo_err e = DOMO_ERR_INIT;
    struct hyp_info d;
    int r = 0;

    /* dom0's stub config has a UUID of zeros in some versions: its domid is what counts. */
    if (domid == 0 || (find_uuid(s->host, uuid, &d) && d.domid == domid))
        return 0;
    if (s->remove && unlink(path) < 0 && errno != ENOENT)
        r = err_sys(&e, DOMO_E_IO, errno, "remove '%s'", path);
    report(s, "userdata", path, "it belongs to a domain that is gone", "remove the file", r, &e);
    return 0;
}

/* ---- domains that can't die ---- */

static int report_zombies(struct sweep *s, struct domo_err *err)
{
    struct hyp_info *AUTO_FREE all = NULL;
    size_t n = 0, i;

    if (names_list_domains(s->host, &all, &n, err))
        return -1;
    for (i = 0; i < n; i++) {
        struct json *row;

        if (!all[i].is_dying)
            continue;
        row = json_add_object(s->rows);
        json_set_str(row, "what", "domain");
        json_setf(row, "id", "%u", all[i].domid);
        json_set_str(row, "why", "it was destroyed, but a back end or a process still has its memory mapped");
        json_set_str(row, "action", "none: it goes when the last mapping does");
        json_set_bool(row, "removed", false);
    }
    return 0;
}

int sweep_run(struct host *h, bool remove, struct json **ret, struct domo_err *err)
{
    struct sweep s = {.host = h, .remove = remove, .rows = json_new_array()};
    int r;

    /* Journals first: finishing what they tell about gives back most of the rest in order. */
    r = journal_each_dead(h->paths.own_run, visit_journal, &s, err);
    if (!r)
        r = dm_each(h, visit_dm, &s, err);
    boot_sweep(h, found_boot, &s);
    if (!r)
        r = sweep_loops(&s, err);
    if (!r)
        r = sweep_store(&s, err);
    if (!r)
        r = userdata_each(h, visit_userdata, &s, err);
    if (!r)
        r = report_zombies(&s, err);
    if (!r && remove)
        r = names_prune(h, err) || ward_prune(h, err) ? -1 : 0;
    s.rows = json_done(s.rows);
    if (!r && !s.rows)
        r = err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (r) {
        (void)json_free(s.rows);
        return err_wrap(err, "sweep");
    }
    *ret = s.rows;
    return 0;
}
