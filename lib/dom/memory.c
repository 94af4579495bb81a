/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/memory.h"

#include <inttypes.h>

#include "base/str.h"
#include "dom/guest.h"

/* SLACK_KIB: beyond its target a guest may own this, for what the hypervisor counts as its, too. */
enum { SLACK_KIB = 1024, DOM0_LEAST_KIB = 128 * 1024 };

struct memory {
    struct guest guest;
    uint64_t target_kib, most_kib; /* of its nodes: without the graphics card's */
    uint64_t video_kib;
};

static int read_kib(struct host *h, uint32_t domid, const char *node, uint64_t otherwise, uint64_t *ret,
                    struct domo_err *err)
{
    char path[STORE_PATH_MAX], *AUTO_FREE text = NULL;

    *ret = otherwise;
    if (store_path(path, err, "/local/domain/%" PRIu32 "/memory/%s", domid, node) ||
        store_read_opt(h, 0, path, &text, err))
        return -1;
    if (text && str_to_u64(text, ret))
        return err_set(err, DOMO_E_BAD_STATE_FILE, "%s holds '%s', which is no number of KiB", path, text);
    return 0;
}

/* A guest has the nodes, domain 0 only if something of this host has written them. */
static int load(struct host *h, uint32_t domid, struct memory *m, struct domo_err *err)
{
    struct hyp_host_info host = {0};
    int r;

    if (guest_load(h, domid, &m->guest, err))
        return -1;
    r = domid ? 0 : h->hyp->host_info(h, &host, err);
    if (r == 0)
        r = read_kib(h, domid, "target", m->guest.info.mem_kib, &m->target_kib, err);
    if (r == 0)
        r = read_kib(h, domid, "static-max", host.total_kib, &m->most_kib, err);
    if (r == 0)
        r = read_kib(h, domid, "videoram", 0, &m->video_kib, err);
    if (r == 0 && !m->most_kib) {
        (void)err_set(err, DOMO_E_DOMAIN_STATE, "'%s' has no memory/static-max: nobody knows how much it can have",
                      m->guest.name);
        r = err_hint(err, "it was not built by domo or libxl");
    }
    return r;
}

static int finish(const struct memory *m, uint64_t target_kib, uint64_t limit_kib, struct json **ret,
                  struct domo_err *err)
{
    struct json *j = json_new_object();

    json_set_uint(j, "domid", m->guest.info.domid);
    json_set_str(j, "name", m->guest.name);
    json_set_uint(j, "target_kib", target_kib);
    json_set_uint(j, "before_kib", m->target_kib + m->video_kib);
    json_set_uint(j, "limit_kib", limit_kib);
    json_set_uint(j, "memory_kib", m->guest.info.mem_kib);
    *ret = json_done(j);
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

/* ---- the target ---- */

static int check_target(const struct memory *m, uint64_t kib, struct domo_err *err)
{
    uint64_t mib = kib / 1024;

    if (m->guest.info.domid == 0 && kib < DOM0_LEAST_KIB)
        return err_set(err, DOMO_E_CONFIG_VALUE, "domain 0 keeps at least %d MiB", DOM0_LEAST_KIB / 1024);
    if (kib <= m->video_kib)
        return err_set(err, DOMO_E_CONFIG_VALUE, "'%s' needs more than the %" PRIu64 " MiB of its graphics card",
                       m->guest.name, m->video_kib / 1024);
    if (kib - m->video_kib <= m->most_kib)
        return 0;
    (void)err_set(err, DOMO_E_CONFIG_VALUE, "%" PRIu64 " MiB are more than '%s' can have: %" PRIu64 " MiB", mib,
                  m->guest.name, (m->most_kib + m->video_kib) / 1024);
    return err_hint(err, "a guest is built for the maximum that maxmem= names");
}

struct change {
    const struct memory *memory;
    uint64_t target_kib;
};

static int write_target(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    const struct change *c = arg;
    const struct guest *g = &c->memory->guest;
    char path[STORE_PATH_MAX];

    if (store_path(path, err, "/local/domain/%" PRIu32 "/memory/target", g->info.domid) ||
        store_writef(h, t, err, path, "%" PRIu64, c->target_kib))
        return -1;
    if (g->info.domid == 0)
        return 0;
    if (store_path(path, err, "/vm/%s/memory", g->uuid))
        return -1;
    return store_writef(h, t, err, path, "%" PRIu64, c->target_kib / 1024);
}

static int set_pod(struct host *h, const struct memory *m, uint64_t target_kib, struct domo_err *err)
{
    if (!m->guest.info.is_hvm)
        return 0;
    return h->hyp->pod_target(h, m->guest.info.domid, target_kib + SLACK_KIB, err);
}

/* The limit first: what the guest takes at once when it sees the target must be allowed. */
static int apply(struct host *h, const struct memory *m, uint64_t kib, struct domo_err *err)
{
    struct change c = {.memory = m, .target_kib = kib - m->video_kib};
    uint32_t domid = m->guest.info.domid;

    if (h->hyp->mem_limit(h, domid, kib + SLACK_KIB, err))
        return -1;
    if (set_pod(h, m, c.target_kib, err) == 0) {
        if (store_transact(h, write_target, &c, err) == 0)
            return 0;
        IGNORE(set_pod(h, m, m->target_kib, NULL));
    }
    IGNORE(h->hyp->mem_limit(h, domid, m->guest.info.max_mem_kib, NULL));
    return -1;
}

static int set(struct host *h, const struct memory *m, uint64_t kib, struct json **ret, struct domo_err *err)
{
    if (check_target(m, kib, err) || apply(h, m, kib, err))
        return -1;
    return finish(m, kib, kib + SLACK_KIB, ret, err);
}

/* ---- the limit ---- */

static int set_max(struct host *h, const struct memory *m, uint64_t kib, struct json **ret, struct domo_err *err)
{
    uint64_t target_kib = m->target_kib + m->video_kib;

    if (kib < target_kib) {
        (void)err_set(err, DOMO_E_CONFIG_VALUE, "'%s' is to have %" PRIu64 " MiB: that can't be its maximum",
                      m->guest.name, target_kib / 1024);
        return err_hint(err, "lower its target first: domo mem-set");
    }
    if (h->hyp->mem_limit(h, m->guest.info.domid, kib + SLACK_KIB, err))
        return -1;
    return finish(m, target_kib, kib + SLACK_KIB, ret, err);
}

/* ---- both ---- */

static int change(struct host *h, uint32_t domid, uint64_t kib,
                  int (*how)(struct host *, const struct memory *, uint64_t kib, struct json **, struct domo_err *),
                  struct json **ret, struct domo_err *err)
{
    struct memory m = {.target_kib = 0};
    int r = load(h, domid, &m, err);

    if (r == 0)
        r = how(h, &m, kib, ret, err);
    guest_fini(&m.guest);
    return r;
}

int memory_set(struct host *h, uint32_t domid, uint64_t kib, struct json **ret, struct domo_err *err)
{
    return change(h, domid, kib, set, ret, err);
}

int memory_set_max(struct host *h, uint32_t domid, uint64_t kib, struct json **ret, struct domo_err *err)
{
    return change(h, domid, kib, set_max, ret, err);
}
