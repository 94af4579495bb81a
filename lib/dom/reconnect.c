/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/reconnect.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/dev.h"
#include "dom/await.h"
#include "dom/guest.h"
#include "dom/query.h"
#include "dom/userdata.h"

enum { LOCK_TIMEOUT_MS = 60000 };

struct reconnect {
    struct op op; /* first: the wait gets this; it is no plan of its own */
    const struct hotplug_options *opt;
    struct guest guest;
    struct await await;
    struct json *rows;     /* the devices that there are */
    struct json *out;      /* what became of each */
    struct domo_err first; /* the first failure */
};

/* One device: as it is stored, as it is (NULL: not at all), and who is to serve it. */
struct lost {
    const char *kind, *list;
    const struct json *element, *row;
    const char *backend;
    struct disk_spec disk;
    struct vif_spec vif;
    bool is_vif;
};

static const struct {
    const char *kind, *list;
} lists[] = {{"vbd", "disks"}, {"vif", "nics"}};

/* ---- which ones ---- */

static const struct json *row_of(const struct reconnect *r, const struct lost *l)
{
    for (size_t i = 0; i < json_len(r->rows); i++) {
        const struct json *row = json_at(r->rows, i, NULL);

        if (!str_eq(json_get_str(row, "kind", ""), l->kind))
            continue;
        if (l->is_vif ? str_eq(json_get_str(row, "mac", ""), json_get_str(l->element, "mac", "-"))
                      : json_get_int(row, "devid", -1) == (int64_t)l->disk.devid)
            return row;
    }
    return NULL;
}

static void lost_fini(struct lost *l)
{
    disk_spec_fini(&l->disk);
    vif_spec_fini(&l->vif);
}

/* False: it is served, or by us, or can't be read. */
static bool is_lost(const struct reconnect *r, struct lost *l)
{
    uint32_t number;
    int rc = l->is_vif ? vif_spec_from_libxl(l->element, &l->vif) : disk_spec_from_libxl(l->element, &l->disk);

    if (rc)
        return false;
    l->backend = l->is_vif ? l->vif.backend : l->disk.backend;
    l->row = row_of(r, l);
    if (!l->backend || (l->row && !json_get_bool(l->row, "back_gone", false)))
        return false;
    if (l->row) {
        l->vif.devid = (uint32_t)json_get_int(l->row, "devid", 0);
        l->vif.has_devid = true;
    }
    /* One that is not there and was given by a number has no name by which to find its server again. */
    return l->row || str_to_u32(l->backend, &number);
}

/* ---- one device ---- */

static enum plan_wait wait_for_server(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    struct reconnect *r = (struct reconnect *)op;

    return await_wait(op, &r->await, r->opt->backend_ms, now_ms, ret_deadline_ms, err);
}

static int find_server(struct reconnect *r, const struct lost *l, struct domo_err *err)
{
    struct host *h = r->op.host;
    bool found = false;
    uint32_t domid;
    int rc;

    if (str_to_u32(l->backend, &domid) == 0) {
        (void)err_set(err, DOMO_E_DEVICE_BACKEND_GONE, "its back end domain was given by its number, %s", l->backend);
        return err_hint(err, "detach it, and attach it again with backend=NAME");
    }
    if (r->opt->backend_ms) {
        r->await = (struct await){.deadline_ms = 0};
        await_disk(&r->await, &l->disk);
        await_vif(&r->await, &l->vif);
        rc = await_run(&r->op, &r->await, err);
        rc = rc ? rc : plan_drive(&r->op, wait_for_server, err);
        await_end(&r->op, &r->await);
        await_fini(&r->await); /* the names are this device's */
        if (rc)
            return -1;
    }
    if (dev_find_backend(h, l->backend, &found, &domid, err))
        return -1;
    if (found)
        return 0;
    (void)err_set(err, DOMO_E_DOMAIN_NOT_FOUND, "there is no back end domain '%s' that runs", l->backend);
    return err_hint(err, "start it, or wait for it with --wait-backend");
}

/* What could not be attached stays in the config: nothing else knows that the guest should have it. */
static void keep(struct reconnect *r, const struct lost *l)
{
    struct host *h = r->op.host;
    struct userdata_lock lock = {.fd = -1};
    struct json *config = NULL, *list;
    uint32_t domid = r->guest.info.domid;

    if (userdata_lock(h, domid, r->guest.uuid, h->env->now_ms(h) + LOCK_TIMEOUT_MS, &lock, NULL))
        return;
    if (userdata_read_config(h, domid, r->guest.uuid, &config, NULL) == 0 && config) {
        list = json_get(config, l->list);
        if (!list)
            list = json_set_array(config, l->list);
        json_add(list, json_copy(l->element));
        config = json_done(config);
        if (config)
            IGNORE(userdata_write_config(h, domid, r->guest.uuid, config, NULL));
    }
    (void)json_free(config);
    userdata_unlock(&lock);
}

static int detach(struct reconnect *r, const struct lost *l, struct domo_err *err)
{
    struct hotplug_options opt = *r->opt;
    struct json *gone = NULL;
    char which[16];

    (void)snprintf(which, sizeof which, "%" PRId64, json_get_int(l->row, "devid", 0));
    opt.force = true;
    opt.timeout_ms = 0;
    if (hotplug_detach(r->op.host, r->guest.info.domid, l->kind, which, &opt, &gone, err))
        return -1;
    (void)json_free(gone);
    return 0;
}

/* The stored element of one that is not there would be there twice after the attach. */
static int attach(struct reconnect *r, struct lost *l, struct domo_err *err)
{
    const struct hotplug_device what = {.disk = l->is_vif ? NULL : &l->disk, .vif = l->is_vif ? &l->vif : NULL};
    struct json *made = NULL;

    if (hotplug_attach(r->op.host, r->guest.info.domid, &what, r->opt, &made, err))
        return -1;
    (void)json_free(made);
    return 0;
}

static int reconnect_one(struct reconnect *r, struct lost *l, struct domo_err *err)
{
    if (find_server(r, l, err) || (l->row && detach(r, l, err)))
        return -1;
    if (attach(r, l, err) == 0)
        return 0;
    if (l->row)
        keep(r, l);
    return -1;
}

static void note(struct reconnect *r, const struct lost *l, const struct domo_err *why)
{
    struct json *row = json_add_object(r->out);

    json_set_str(row, "kind", l->kind);
    json_set_int(row, "devid", l->is_vif ? l->vif.devid : l->disk.devid);
    json_set_str(row, "device", l->is_vif ? json_get_str(l->element, "mac", "") : l->disk.vdev);
    json_set_str(row, "backend", l->backend);
    json_set_bool(row, "done", !why);
    if (!why)
        return;
    json_set(row, "error", err_to_json(why));
    if (r->first.code == DOMO_E_OK)
        r->first = *why;
}

/* ---- all of them ---- */

static void reconnect_list(struct reconnect *r, const struct json *config, size_t which)
{
    const struct json *list = json_get(config, lists[which].list);

    for (size_t i = 0; i < json_len(list); i++) {
        struct lost l = {.kind = lists[which].kind, .list = lists[which].list, .is_vif = which == 1};
        struct domo_err why = DOMO_ERR_INIT;

        l.element = json_at(list, i, NULL);
        if (is_lost(r, &l))
            note(r, &l, reconnect_one(r, &l, &why) ? &why : NULL);
        lost_fini(&l);
    }
}

int reconnect_guest(struct host *h, uint32_t domid, const struct hotplug_options *opt, struct json **ret,
                    struct domo_err *err)
{
    struct reconnect r = {.op = {.host = h}, .opt = opt, .out = json_new_array()};
    struct json *config = NULL;
    int rc = -1;

    if (guest_load(h, domid, &r.guest, err))
        goto out;
    rc = userdata_read_config(h, domid, r.guest.uuid, &config, err) || query_devices(h, domid, NULL, &r.rows, err);
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(lists); i++)
        reconnect_list(&r, config, i);
    r.out = json_done(r.out);
    if (rc == 0 && !r.out)
        rc = err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (rc == 0) {
        *ret = r.out;
        r.out = NULL;
    }
    if (rc == 0 && r.first.code != DOMO_E_OK) {
        *err = r.first;
        rc = -1;
    }
out:
    (void)json_free(config);
    (void)json_free(r.rows);
    (void)json_free(r.out);
    guest_fini(&r.guest);
    return rc ? -1 : 0;
}
