/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Domains: their making, running and end, and whose the memory is.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/machine_impl.h"

enum { STORE_PAGE = 1, CONSOLE_PAGE, FIXED_PAGES }; /* counted from the top of the guest's memory */

enum { SHARE_OF_CPU = 50 }; /* a guest that has booted uses a fiftieth of one processor */

/* ---- finding ---- */

/* The first at or above "domid". */
static size_t position(const struct machine *m, uint32_t domid)
{
    size_t low = 0, high = m->domains.len;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (m->domains.at[middle]->domid < domid)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct domain *machine_find(const struct machine *m, uint32_t domid)
{
    size_t i = position(m, domid);

    return i < m->domains.len && m->domains.at[i]->domid == domid ? m->domains.at[i] : NULL;
}

bool domain_runs(const struct domain *d)
{
    return (d->built || d->domid == 0) && !d->pauses && !d->is_shutdown && !d->is_dying;
}

bool machine_runs(const struct machine *m, uint32_t domid)
{
    const struct domain *d = machine_find(m, domid);

    return d && domain_runs(d);
}

/* ---- time ---- */

void machine_set_time(struct machine *m, int64_t now_ms)
{
    /* Time before the first word about it was nobody's. */
    for (size_t i = 0; !m->has_time && i < m->domains.len; i++)
        if (m->domains.at[i]->runs_since_ms >= 0)
            m->domains.at[i]->runs_since_ms = now_ms;
    m->has_time = true;
    if (now_ms > m->now_ms)
        m->now_ms = now_ms;
}

static uint64_t ran_us(const struct machine *m, const struct domain *d)
{
    uint64_t us = d->ran_us;

    if (d->runs_since_ms >= 0)
        us += (uint64_t)(m->now_ms - d->runs_since_ms) * 1000 / SHARE_OF_CPU;
    return us;
}

/* Called after every change of what domain_runs() looks at. */
static void note_running(struct machine *m, struct domain *d)
{
    d->ran_us = ran_us(m, d);
    d->runs_since_ms = domain_runs(d) ? m->now_ms : -1;
}

/* ---- making ---- */

static struct domain *domain_free(struct domain *d)
{
    struct page *page, *next;

    if (!d)
        return NULL;
    for (page = d->pages; page; page = next) {
        next = page->hh.next;
        page_drop(d, page);
    }
    VEC_FINI(&d->given);
    VEC_FINI(&d->ports);
    VEC_FINI(&d->grants);
    VEC_FINI(&d->maps);
    free(d->cmdline);
    free(d->kernel_path);
    free(d->vcpu);
    free(d);
    return NULL;
}

static struct domain *domain_add(struct machine *m, uint32_t domid, const struct hyp_domain_new *made)
{
    size_t i = position(m, domid);
    struct domain *d = calloc(1, sizeof *d);

    if (!d)
        return NULL;
    *d = (struct domain){.domid = domid, .made = *made, .runs_since_ms = -1, .weight = 256};
    if (!VEC_PUSH(&m->domains)) {
        free(d);
        return NULL;
    }
    memmove(&m->domains.at[i + 1], &m->domains.at[i], (m->domains.len - 1 - i) * sizeof *m->domains.at);
    m->domains.at[i] = d;
    return d;
}

static struct domain *domain_remove(struct machine *m, struct domain *d)
{
    size_t i = position(m, d->domid);

    VEC_REMOVE(&m->domains, i);
    return domain_free(d);
}

struct machine *machine_new(const struct machine_size *size)
{
    const struct hyp_domain_new dom0 = {.max_evtchn_port = EVTCHN_MAX, .max_grant_frames = -1};
    struct machine *m = calloc(1, sizeof *m);
    struct domain *d;

    if (!m)
        return NULL;
    m->size = *size;
    d = domain_add(m, 0, &dom0);
    if (!d || grants_init(d) < 0 || vcpus_init(m, d, size->cpus, NULL) < 0 || pools_init(m) < 0)
        return machine_free(m);
    d->mem_kib = d->max_mem_kib = size->dom0_kib;
    d->memory_pages = d->next_page = size->dom0_kib / PAGE_KIB;
    m->free_kib = size->mem_kib - size->dom0_kib;
    d->started = true;
    note_running(m, d);
    return m;
}

struct machine *machine_free(struct machine *m)
{
    if (!m)
        return NULL;
    for (size_t i = 0; i < m->domains.len; i++)
        (void)domain_free(m->domains.at[i]);
    VEC_FINI(&m->domains);
    VEC_FINI(&m->pools);
    VEC_FINI(&m->changes);
    VEC_FINI(&m->kicks);
    VEC_FINI(&m->listeners);
    free(m);
    return NULL;
}

/* As Xen: behind the one given last, so that a domid comes again as late as possible. */
static int free_domid(const struct machine *m, uint32_t *ret)
{
    uint32_t id = m->last_domid;

    for (uint32_t tries = 0; tries < DOMID_END; tries++) {
        id = id + 1 < DOMID_END ? id + 1 : 1;
        if (machine_find(m, id))
            continue;
        *ret = id;
        return 0;
    }
    return -ENOMEM;
}

static int check_new(const struct machine *m, const struct hyp_domain_new *n)
{
    if (n->domid >= DOMID_END || n->max_vcpus < 1 || n->max_vcpus > VCPUS_MAX || n->max_grant_version > 2 ||
        (unsigned)n->container > HYP_CONTAINER_PVH)
        return -EINVAL;
    if (!pool_exists(m, n->cpupool))
        return -ENODEV;
    if (n->domid && machine_find(m, n->domid))
        return -EEXIST;
    return 0;
}

int machine_create(struct machine *m, const struct hyp_domain_new *n, uint32_t *ret_domid)
{
    uint32_t domid = n->domid;
    struct domain *d;
    int r = check_new(m, n);

    if (r == 0 && !domid)
        r = free_domid(m, &domid);
    if (r < 0)
        return r;
    if (m->free_kib < OVERHEAD_KIB)
        return -ENOMEM;
    d = domain_add(m, domid, n);
    if (!d)
        return -ENOMEM;
    if (grants_init(d) < 0) {
        (void)domain_remove(m, d);
        return -ENOMEM;
    }
    m->free_kib -= OVERHEAD_KIB;
    d->pauses = 1;
    d->order = ++m->made;
    if (!n->domid)
        m->last_domid = domid;
    *ret_domid = domid;
    return 0;
}

uint32_t machine_order(const struct machine *m, uint32_t domid)
{
    const struct domain *d = machine_find(m, domid);

    return d ? d->order : 0;
}

static bool any_cpu(const struct machine *m, const uint64_t *words, size_t n)
{
    for (uint32_t cpu = 0; cpu < m->size.cpus; cpu++)
        if (cpu / 64 < n && words[cpu / 64] >> cpu % 64 & 1)
            return true;
    return false;
}

int machine_setup(struct machine *m, uint32_t domid, const struct hyp_setup *s)
{
    struct domain *d = machine_find(m, domid);

    if (!d || d->is_dying)
        return -ESRCH;
    if (s->max_vcpus < 1 || s->max_vcpus > d->made.max_vcpus)
        return -EINVAL;
    if ((s->hard_affinity && !any_cpu(m, s->hard_affinity, s->cpu_words)) ||
        (s->soft_affinity && !any_cpu(m, s->soft_affinity, s->cpu_words)))
        return -EINVAL;
    if (s->sched_weight > UINT16_MAX || s->sched_cap > (int32_t)s->max_vcpus * 100)
        return -EINVAL;
    if (vcpus_init(m, d, s->max_vcpus, s) < 0)
        return -ENOMEM;
    d->max_mem_kib = s->max_mem_kib;
    if (s->sched_weight)
        d->weight = s->sched_weight;
    if (s->sched_cap >= 0)
        d->cap = (uint32_t)s->sched_cap;
    return 0;
}

/* ---- building ---- */

static int check_build(const struct machine *m, const struct domain *d, const struct hyp_image *image)
{
    if (!d || d->is_dying)
        return -ESRCH;
    if (d->domid == 0 || d->built || !d->vcpus || image->max_vcpus > d->vcpus)
        return -EINVAL;
    if (image->mem_kib / PAGE_KIB <= FIXED_PAGES)
        return -EINVAL;
    if (image->mem_kib > d->max_mem_kib || image->mem_kib > m->free_kib)
        return -ENOMEM;
    return 0;
}

static int lay_out(struct domain *d, const struct hyp_image *image)
{
    d->memory_pages = image->mem_kib / PAGE_KIB;
    d->store_gfn = d->memory_pages - STORE_PAGE;
    d->console_gfn = d->memory_pages - CONSOLE_PAGE;
    d->next_page = d->memory_pages - FIXED_PAGES;
    d->store_port = image->store_evtchn;
    d->console_port = image->console_evtchn;
    d->cmdline = strdup(image->cmdline ? image->cmdline : "");
    d->kernel_path = strdup(image->kernel_path ? image->kernel_path : "");
    if (!d->cmdline || !d->kernel_path || !page_get(d, d->store_gfn) || !page_get(d, d->console_gfn))
        return -ENOMEM;
    if (grant_at(d, GRANT_STORE, image->store_domid, d->store_gfn) < 0 ||
        grant_at(d, GRANT_CONSOLE, image->console_domid, d->console_gfn) < 0)
        return -ENOMEM;
    return 0;
}

static void forget_build(struct domain *d)
{
    d->memory_pages = 0;
    pages_kill(d);
    free(d->cmdline);
    free(d->kernel_path);
    d->cmdline = d->kernel_path = NULL;
}

int machine_build(struct machine *m, uint32_t domid, const struct hyp_image *image, struct hyp_built *ret)
{
    static const char *const types[] = {[HYP_CONTAINER_PV] = "xen-3.0-x86_64",
                                        [HYP_CONTAINER_HVM] = "hvm-3.0-x86_64",
                                        [HYP_CONTAINER_PVH] = "hvm-3.0-x86_32"};
    struct domain *d = machine_find(m, domid);
    int r = check_build(m, d, image);

    if (r < 0)
        return r;
    r = lay_out(d, image);
    if (r < 0) {
        forget_build(d);
        return r;
    }
    d->mem_kib = d->memory_pages * PAGE_KIB;
    m->free_kib -= d->mem_kib;
    d->built = true;
    *ret = (struct hyp_built){.store_gfn = d->store_gfn, .console_gfn = d->console_gfn};
    (void)snprintf(ret->guest_type, sizeof ret->guest_type, "%s", types[d->made.container]);
    return 0;
}

/* ---- running ---- */

int machine_pause(struct machine *m, uint32_t domid)
{
    struct domain *d = machine_find(m, domid);

    if (!d)
        return -ESRCH;
    /* Whoever asks runs in domain 0. */
    if (domid == 0)
        return -EINVAL;
    d->pauses++;
    note_running(m, d);
    return 0;
}

int machine_unpause(struct machine *m, uint32_t domid)
{
    struct domain *d = machine_find(m, domid);

    if (!d)
        return -ESRCH;
    if (!d->pauses)
        return -EINVAL;
    if (d->pauses == 1 && d->built && !d->started && d->made.container != HYP_CONTAINER_HVM &&
        machine_tell(m, domid, MACHINE_STARTED) < 0)
        return -ENOMEM;
    d->pauses--;
    note_running(m, d);
    if (!domain_runs(d))
        return 0;
    d->started = true;
    ports_wake(m, d);
    return 0;
}

int machine_shutdown(struct machine *m, uint32_t domid, enum machine_reason reason)
{
    struct domain *d = machine_find(m, domid);

    if (!d || d->is_dying)
        return -ESRCH;
    if (domid == 0)
        return -EINVAL;
    /* The first reason stands. */
    if (d->is_shutdown)
        return 0;
    if (machine_tell(m, domid, MACHINE_SHUTDOWN) < 0)
        return -ENOMEM;
    d->is_shutdown = true;
    d->reason = reason;
    note_running(m, d);
    return 0;
}

int machine_resume(struct machine *m, uint32_t domid)
{
    struct domain *d = machine_find(m, domid);

    if (!d)
        return -ESRCH;
    if (!d->is_shutdown || d->is_dying || d->reason != MACHINE_SUSPEND)
        return -EINVAL;
    d->is_shutdown = false;
    note_running(m, d);
    if (domain_runs(d))
        ports_wake(m, d);
    return 0;
}

int machine_set_uuid(struct machine *m, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN])
{
    struct domain *d = machine_find(m, domid);

    if (!d)
        return -ESRCH;
    memcpy(d->made.uuid, uuid, sizeof d->made.uuid);
    return 0;
}

int machine_trigger(const struct machine *m, uint32_t domid, enum hyp_trigger which, uint32_t vcpu)
{
    const struct domain *d = machine_find(m, domid);

    if (!d)
        return -ESRCH;
    if (domid == 0 || vcpu >= d->vcpus)
        return -EINVAL;
    switch (which) {
    case HYP_TRIGGER_NMI:
        return 0;
    case HYP_TRIGGER_POWER:
    case HYP_TRIGGER_SLEEP:
    case HYP_TRIGGER_WAKE:
        return d->made.container == HYP_CONTAINER_HVM ? 0 : -EINVAL;
    case HYP_TRIGGER_RESET:
    case HYP_TRIGGER_INIT:
    case HYP_TRIGGERS:
        return -ENOSYS;
    }
    return -ENOSYS;
}

/* ---- the end ---- */

void machine_reap(struct machine *m, struct domain *d)
{
    if (!d->is_dying || d->maps.len)
        return;
    m->free_kib += d->mem_kib + OVERHEAD_KIB;
    /* Told too late is better than never: without memory for the word there is none for anything. */
    IGNORE(machine_tell(m, d->domid, MACHINE_GONE));
    (void)domain_remove(m, d);
}

int machine_destroy(struct machine *m, uint32_t domid)
{
    struct domain *d = machine_find(m, domid);
    uint64_t before;

    if (!d)
        return -ESRCH;
    if (domid == 0)
        return -EINVAL;
    if (d->is_dying)
        return 0;
    if (machine_tell(m, domid, MACHINE_DYING) < 0)
        return -ENOMEM;
    d->is_dying = true;
    note_running(m, d);
    ports_close_all(m, d);
    grants_unmap_all(m, domid);
    before = d->mem_kib;
    d->memory_pages = 0;
    pages_kill(d);
    m->free_kib += before - d->mem_kib;
    machine_reap(m, d);
    return 0;
}

/* ---- looking ---- */

int machine_info(const struct machine *m, struct hyp_host_info *ret)
{
    *ret = (struct hyp_host_info){
        .cpus = m->size.cpus,
        .nodes = 1,
        .total_kib = m->size.mem_kib,
        .free_kib = m->free_kib,
        .xen_major = XEN_MAJOR,
        .xen_minor = XEN_MINOR,
        .has_hvm = true,
    };
    return 0;
}

static void describe(const struct machine *m, const struct domain *d, struct hyp_info *ret)
{
    *ret = (struct hyp_info){
        .domid = d->domid,
        .is_hvm = d->made.container != HYP_CONTAINER_PV,
        .is_running = d->domid == 0,
        .is_blocked = d->domid != 0 && domain_runs(d),
        .is_paused = d->pauses > 0,
        .is_shutdown = d->is_shutdown,
        .is_dying = d->is_dying,
        .shutdown_reason = d->is_shutdown ? (uint32_t)d->reason : 0,
        .mem_kib = d->mem_kib,
        .max_mem_kib = d->max_mem_kib,
        .vcpus_online = d->started ? vcpus_online(d)
                        : d->built ? 1
                                   : 0,
        .vcpus_max = d->vcpus,
        .cpu_time_ns = ran_us(m, d) * 1000,
        .ssidref = d->made.ssidref,
        .cpupool = d->made.cpupool,
    };
    memcpy(ret->uuid, d->made.uuid, sizeof ret->uuid);
}

int machine_domain(const struct machine *m, uint32_t domid, struct hyp_info *ret)
{
    const struct domain *d = machine_find(m, domid);

    if (!d)
        return -ESRCH;
    describe(m, d, ret);
    return 0;
}

int machine_next(const struct machine *m, uint32_t first, struct hyp_info *ret)
{
    size_t i = position(m, first);

    if (i >= m->domains.len)
        return -ESRCH;
    describe(m, m->domains.at[i], ret);
    return 0;
}

bool machine_has_iommu(const struct machine *m, uint32_t domid)
{
    const struct domain *d = machine_find(m, domid);

    return d && d->made.iommu;
}

const char *machine_cmdline(const struct machine *m, uint32_t domid)
{
    const struct domain *d = machine_find(m, domid);

    return d ? d->cmdline : NULL;
}

const char *machine_kernel_path(const struct machine *m, uint32_t domid)
{
    const struct domain *d = machine_find(m, domid);

    return d ? d->kernel_path : NULL;
}

int machine_rings(const struct machine *m, uint32_t domid, uint64_t *ret_store_gfn, uint32_t *ret_store_port,
                  uint64_t *ret_console_gfn, uint32_t *ret_console_port)
{
    const struct domain *d = machine_find(m, domid);

    if (!d || !d->built)
        return -ESRCH;
    *ret_store_gfn = d->store_gfn;
    *ret_store_port = d->store_port;
    *ret_console_gfn = d->console_gfn;
    *ret_console_port = d->console_port;
    return 0;
}

/* ---- telling ---- */

int machine_tell(struct machine *m, uint32_t domid, enum machine_change what)
{
    struct change *c = VEC_PUSH(&m->changes);

    if (!c)
        return -ENOMEM;
    *c = (struct change){domid, what};
    return 0;
}

int machine_on_change(struct machine *m, void (*changed)(void *arg, uint32_t domid, enum machine_change), void *arg)
{
    struct listener *l = VEC_PUSH(&m->listeners);

    if (!l)
        return -ENOMEM;
    *l = (struct listener){changed, arg};
    return 0;
}

bool machine_turn(struct machine *m)
{
    bool any = false;

    /* One at a time, always the oldest: callbacks append more. */
    while (m->changes.len) {
        struct change c = m->changes.at[0];

        VEC_REMOVE(&m->changes, 0);
        for (size_t i = 0; i < m->listeners.len; i++)
            m->listeners.at[i].changed(m->listeners.at[i].arg, c.domid, c.what);
        any = true;
    }
    return ports_turn(m) || any;
}
