/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/trigger.h"

#include <inttypes.h>

#include "base/str.h"
#include "dom/dm.h"
#include "dom/guest.h"
#include "dom/lifecycle.h"
#include "plan/history.h"

static const struct trigger {
    const char *word;
    enum hyp_trigger which;
    bool is_hvm;         /* to other guests it means nothing */
    const char *command; /* of a device model that runs the processors; NULL = it has none */
    bool always_command; /* the hypervisor leaves it to the device model */
} triggers[] = {
    {"nmi", HYP_TRIGGER_NMI, false, "inject-nmi", false}, {"reset", HYP_TRIGGER_RESET, true, "system_reset", true},
    {"init", HYP_TRIGGER_INIT, true, NULL, false},        {"power", HYP_TRIGGER_POWER, true, "system_powerdown", false},
    {"sleep", HYP_TRIGGER_SLEEP, true, NULL, false},      {"s3resume", HYP_TRIGGER_WAKE, true, "system_wakeup", false},
};

static const struct trigger *find(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(triggers); i++)
        if (str_eq(triggers[i].word, word))
            return &triggers[i];
    return NULL;
}

static int tell_model(struct host *h, const struct guest *g, const struct trigger *t, struct domo_err *err)
{
    struct qmp *q = NULL;
    int r;

    if (!t->command)
        return err_set(err, DOMO_E_UNSUPPORTED, "this host's device models can't do that to a guest");
    if (dm_open(h, g, &q, err))
        return -1;
    r = qmp_call(q, t->command, NULL, NULL, err);
    (void)qmp_close(q);
    return r;
}

static int send(struct host *h, const struct guest *g, const struct trigger *t, uint32_t vcpu, struct domo_err *err)
{
    struct hyp_dm dm = {.runs_vcpus = false};
    bool is_hvm = str_eq(g->type, "hvm");

    if (t->is_hvm && !is_hvm)
        return err_set(err, DOMO_E_UNSUPPORTED,
                       "only hvm guests have something that '%s' could be done to, this is a %s guest", t->word,
                       g->type[0] ? g->type : "pv");
    if (vcpu >= g->info.vcpus_max)
        return err_set(err, DOMO_E_USAGE, "the guest has no virtual CPU %" PRIu32 ", it has %" PRIu32, vcpu,
                       g->info.vcpus_max);
    if (is_hvm && (t->always_command || (h->hyp->dm_machine(h, &dm, NULL) == 0 && dm.runs_vcpus)))
        return tell_model(h, g, t, err);
    return h->hyp->trigger(h, g->info.domid, t->which, vcpu, err);
}

static int no_such_word(const char *what, struct domo_err *err)
{
    return err_set(err, DOMO_E_USAGE, "'%s' is no trigger: they are nmi, reset, init, power, sleep, s3resume", what);
}

int trigger_guest(struct host *h, const struct guest *g, const char *what, uint32_t vcpu, struct domo_err *err)
{
    const struct trigger *t = find(what);

    return t ? send(h, g, t, vcpu, err) : no_such_word(what, err);
}

int trigger_send(struct host *h, uint32_t domid, const char *what, uint32_t vcpu, struct domo_err *err)
{
    const struct trigger *t = find(what);
    struct guest g = {.name = NULL};
    int r;

    if (!t)
        return no_such_word(what, err);
    if (domid == 0)
        return err_set(err, DOMO_E_DOMAIN_PROTECTED, "domain 0 is this host itself");
    if (guest_load(h, domid, &g, err))
        return -1;
    r = life_may_info(&g.info, LIFE_ON_TRIGGER, err);
    if (r == 0)
        r = send(h, &g, t, vcpu, err);
    if (r == 0) {
        struct json *about = history_of(domid, g.name, g.uuid);

        json_set_str(about, "trigger", t->word);
        history_add(h, "trigger", about);
    } else {
        (void)err_wrap(err, "send '%s' the trigger %s", g.name, t->word);
    }
    guest_fini(&g);
    return r;
}
