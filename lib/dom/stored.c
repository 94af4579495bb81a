/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/stored.h"

#include <stdlib.h>

#include "base/str.h"
#include "dom/names.h"
#include "dom/query.h"

/* Each interface that has no emulated card is a plain one; libxl says so. */
static void settle_nic(struct json *nic)
{
    if (nic && !json_get(nic, "nictype"))
        json_set_str(nic, "nictype", "vif");
}

struct json *stored_of_vif(const struct vif_spec *v)
{
    struct json *nic = vif_spec_to_libxl(v);

    settle_nic(nic);
    return json_done(nic);
}

struct json *stored_of_spec(const struct spec *spec)
{
    struct json *root = spec_to_libxl(spec), *b_info = json_get(root, "b_info"), *nics = json_get(root, "nics");
    size_t i;

    /* Stock tools add this to the memory target that they read: it must be said, also when there is none. */
    json_set_uint(b_info, "video_memkb", spec_video_kib(spec));
    json_set_str(json_get(b_info, "arch_x86"), "msr_relaxed", spec->msr_relaxed ? "True" : "False");
    for (i = 0; i < json_len(nics); i++)
        settle_nic(json_at(nics, i, NULL));
    return json_done(root);
}

static int live_number(struct host *h, uint32_t domid, const char *node, struct json *obj, const char *name,
                       struct domo_err *err)
{
    char path[STORE_PATH_MAX], *AUTO_FREE text = NULL;
    uint64_t v;

    if (store_path(path, err, "/local/domain/%u/%s", domid, node) || store_read_opt(h, 0, path, &text, err))
        return -1;
    if (text && str_to_u64(text, &v) == 0)
        json_set_uint(obj, name, v);
    return 0;
}

/* Is there a live device (a row of "rows") that the stored element describes? */
static bool is_live(const struct json *element, const struct json *rows, bool is_nic)
{
    uint32_t devid = 0;
    size_t i;

    if (!is_nic && vdev_to_devid(json_get_str(element, "vdev", ""), &devid))
        return false;
    for (i = 0; i < json_len(rows); i++) {
        const struct json *row = json_at(rows, i, NULL);

        if (is_nic ? str_eq(json_get_str(row, "mac", ""), json_get_str(element, "mac", "-"))
                   : json_get_int(row, "devid", -1) == (int64_t)devid)
            return true;
    }
    return false;
}

/* What is stored but was detached since (by a tool that does not rewrite the file) is left out, as libxl does. */
static int drop_gone(struct host *h, uint32_t domid, const char *kind, struct json *list, struct domo_err *err)
{
    struct json *AUTO_JSON rows = NULL;
    size_t i;

    if (!json_len(list))
        return 0;
    if (query_devices(h, domid, kind, &rows, err))
        return -1;
    for (i = json_len(list); i > 0; i--)
        if (!is_live(json_at(list, i - 1, NULL), rows, str_eq(kind, "vif")))
            json_remove_at(list, i - 1);
    return 0;
}

static int live_sched(struct host *h, uint32_t domid, struct json *b_info, struct domo_err *err)
{
    struct hyp_sched s;
    struct json *params;

    if (h->hyp->sched(h, domid, &s, err))
        return -1;
    if (!s.has_weight)
        return 0;
    params = json_set_object(b_info, "sched_params");
    json_set_str(params, "sched", s.scheduler);
    json_set_uint(params, "weight", s.weight);
    json_set_uint(params, "cap", s.cap);
    return 0;
}

int stored_merge_live(struct host *h, const struct hyp_info *d, struct json *config, struct domo_err *err)
{
    struct json *c_info = json_get(config, "c_info"), *b_info = json_get(config, "b_info");
    char *AUTO_FREE name = NULL;

    if (names_of(h, d->domid, &name, err))
        return -1;
    if (name && c_info)
        json_set_str(c_info, "name", name);
    if (b_info && (live_number(h, d->domid, "memory/static-max", b_info, "max_memkb", err) ||
                   live_number(h, d->domid, "memory/target", b_info, "target_memkb", err) ||
                   live_sched(h, d->domid, b_info, err)))
        return -1;
    /* The target that the guest sees leaves out the memory of its emulated display. */
    if (json_get_int(b_info, "video_memkb", -1) > 0)
        json_set_int(b_info, "target_memkb",
                     json_get_int(b_info, "target_memkb", 0) + json_get_int(b_info, "video_memkb", 0));
    if (drop_gone(h, d->domid, "vbd", json_get(config, "disks"), err))
        return -1;
    return drop_gone(h, d->domid, "vif", json_get(config, "nics"), err);
}
