/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/life.h"

#include "base/str.h"
#include "dom/dm.h"
#include "dom/guest.h"
#include "dom/lifecycle.h"
#include "dom/names.h"
#include "plan/history.h"
#include "plan/journal.h"

/* Whoever makes it unpauses it at the end. Before that it would run without its devices. */
static int may(struct host *h, const struct hyp_info *info, enum life_event event, struct domo_err *err)
{
    struct life_facts f = {.info = info, .has_nodes = true};

    f.is_building = info->is_paused && journal_is_at_work(h->paths.own_run, "create", "domid", info->domid);
    return life_may(life_state(&f), event, err);
}

/* Best effort: that its name can't be read changes nothing of what was done. */
static void tell_history(struct host *h, const char *event, uint32_t domid, struct guest *g)
{
    if (!g->name)
        IGNORE(names_of(h, domid, &g->name, NULL));
    history_add(h, event, history_of(domid, g->name, g->uuid));
}

/* Does the guest's device model have to be told? *ret_guest is filled then, else it has but a UUID: free it. */
static int find_follower(struct host *h, uint32_t domid, enum life_event event, struct guest *ret_guest, bool *ret,
                         struct domo_err *err)
{
    struct hyp_info info;
    struct hyp_dm dm = {.runs_vcpus = false};

    *ret = false;
    if (h->hyp->info(h, domid, &info, err) || may(h, &info, event, err))
        return -1;
    uuid_to_text(info.uuid, ret_guest->uuid);
    /* A host that has no device models of its own making has none that must follow. */
    if (!info.is_hvm || h->hyp->dm_machine(h, &dm, NULL) || !dm.runs_vcpus)
        return 0;
    if (guest_load(h, domid, ret_guest, err))
        return -1;
    *ret = str_eq(ret_guest->type, "hvm");
    return 0;
}

static int tell(struct host *h, const struct guest *g, const char *command, struct domo_err *err)
{
    struct qmp *q = NULL;
    int r;

    if (dm_open(h, g, &q, err))
        return -1;
    r = qmp_call(q, command, NULL, NULL, err);
    (void)qmp_close(q);
    return r;
}

int life_pause(struct host *h, uint32_t domid, struct domo_err *err)
{
    struct guest g = {.name = NULL};
    bool follows;
    int r;

    if (find_follower(h, domid, LIFE_ON_PAUSE, &g, &follows, err))
        return -1;
    r = h->hyp->pause(h, domid, err);
    if (r == 0 && follows)
        r = tell(h, &g, "stop", err);
    if (r == 0)
        tell_history(h, "pause", domid, &g);
    guest_fini(&g);
    return r;
}

/* The hypervisor counts how often a guest was paused: only it knows whether the guest runs now. */
static int unpause_both(struct host *h, const struct guest *g, struct domo_err *err)
{
    uint32_t domid = g->info.domid;
    struct qmp *q = NULL;
    struct hyp_info info;
    int r;

    /* A guest whose device model has ended can't run: nothing is begun then. */
    if (dm_open(h, g, &q, err))
        return -1;
    r = h->hyp->unpause(h, domid, err);
    if (r == 0) {
        r = h->hyp->info(h, domid, &info, err);
        if (r == 0 && !info.is_paused)
            r = qmp_call(q, "cont", NULL, NULL, err);
        if (r)
            IGNORE(h->hyp->pause(h, domid, NULL));
    }
    (void)qmp_close(q);
    return r;
}

int life_unpause(struct host *h, uint32_t domid, struct domo_err *err)
{
    struct guest g = {.name = NULL};
    bool follows;
    int r;

    if (find_follower(h, domid, LIFE_ON_UNPAUSE, &g, &follows, err))
        return -1;
    r = follows ? unpause_both(h, &g, err) : h->hyp->unpause(h, domid, err);
    if (r == 0)
        tell_history(h, "unpause", domid, &g);
    guest_fini(&g);
    return r;
}

int life_resume(struct host *h, uint32_t domid, struct domo_err *err)
{
    struct guest g = {.name = NULL};
    struct hyp_info info;

    if (h->hyp->info(h, domid, &info, err) || life_may_info(&info, LIFE_ON_RESUME, err) ||
        h->hyp->resume(h, domid, err) || h->store->resume(h, domid, err))
        return -1;
    uuid_to_text(info.uuid, g.uuid);
    tell_history(h, "resume", domid, &g);
    guest_fini(&g);
    return 0;
}
