/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/explain.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/dev.h"
#include "dom/dm.h"
#include "dom/guest.h"

enum { REASON_CRASH = 3 };

/* What the guest itself looks like. */
struct state {
    bool is_dying, is_crashed, is_shutdown, is_paused, dm_ended;
    size_t devices, sick;
};

/* The first row that fits is the guest's own cause; its devices have theirs. */
struct cause {
    const char *id, *side;
    bool healthy;
    bool (*is)(const struct state *);
    const char *what, *advice;
};

static bool is_dying(const struct state *s)
{
    return s->is_dying;
}

static bool is_crashed(const struct state *s)
{
    return s->is_crashed;
}

static bool is_shutdown(const struct state *s)
{
    return s->is_shutdown;
}

static bool dm_ended(const struct state *s)
{
    return s->dm_ended;
}

static bool is_paused(const struct state *s)
{
    return s->is_paused;
}

static bool has_sick(const struct state *s)
{
    return s->sick > 0;
}

static bool has_none(const struct state *s)
{
    return s->devices == 0;
}

static bool always(const struct state *s)
{
    (void)s;
    return true;
}

static const struct cause causes[] = {
    {"dying", "host", false, is_dying, "it was destroyed, but something still holds its memory",
     "a back end that has its pages mapped keeps it; the devices below say which domains serve it"},
    {"crashed", "guest", false, is_crashed, "it has crashed",
     "its console and the hypervisor's log (xl dmesg) say why; then destroy it"},
    {"shut-down", "guest", false, is_shutdown, "it has shut down and was not removed",
     "destroy it, then start it again"},
    {"device-model-ended", "host", false, dm_ended, "its device model (QEMU) should run and has ended",
     "the end of its log in the host's log directory says why; destroy the guest and start it again"},
    {"paused", "toolstack", false, is_paused, "it is paused", "domo unpause"},
    {"devices", "host", false, has_sick, "not all of its devices are connected", ""},
    {"no-devices", "nobody", true, has_none, "it runs, and has no such devices", ""},
    {"running", "nobody", true, always, "it runs, and its devices are connected", ""},
};

static const struct cause *cause_of(const struct state *s)
{
    size_t i = 0;

    while (!causes[i].is(s))
        i++; /* the last row fits everything */
    return &causes[i];
}

const char *device_word(const char *which, char ret_kind[DEVICE_KIND_MAX])
{
    const char *slash = which ? strchr(which, '/') : NULL;
    size_t n = slash ? (size_t)(slash - which) : 0;

    ret_kind[0] = '\0';
    if (n == 0 || n >= DEVICE_KIND_MAX)
        return which;
    memcpy(ret_kind, which, n);
    ret_kind[n] = '\0';
    return slash + 1;
}

static int explain_devices(struct host *h, const struct guest *g, const struct dev_surroundings *around,
                           const char *which, struct json **ret, struct domo_err *err)
{
    struct devset *set = guest_devset(h, g, &DEV_TIMEOUTS_DEFAULT);
    char kind[DEVICE_KIND_MAX];
    const char *word = device_word(which, kind);

    if (!set)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    *ret = devset_load(set, kind[0] ? kind : NULL, word, err) ? NULL : devset_explain(set, around, err);
    (void)devset_free(set);
    return *ret ? 0 : -1;
}

static struct json *compose(const struct guest *g, const struct state *s, struct json *devices)
{
    const struct cause *cause = cause_of(s);
    struct json *j = json_new_object();

    json_set_int(j, "domid", g->info.domid);
    json_set_str(j, "name", g->name);
    json_set_str(j, "uuid", g->uuid);
    json_set_bool(j, "healthy", cause->healthy);
    json_set_str(j, "cause", cause->id);
    json_set_str(j, "side", cause->side);
    json_set_str(j, "what", cause->what);
    json_set_str(j, "advice", cause->advice);
    json_set(j, "devices", devices);
    return json_done(j);
}

static int explain(struct host *h, const struct guest *g, const char *which, struct json **ret, struct domo_err *err)
{
    struct state s = {
        .is_dying = g->info.is_dying,
        .is_crashed = g->info.is_shutdown && g->info.shutdown_reason == REASON_CRASH,
        .is_shutdown = g->info.is_shutdown,
        .is_paused = g->info.is_paused,
        .dm_ended = str_eq(g->type, "hvm") && str_eq(dm_state(h, g->uuid), "ended"),
    };
    const struct dev_surroundings around = {
        .guest_dying = s.is_dying,
        .guest_shutdown = s.is_shutdown,
        .guest_crashed = s.is_crashed,
        .guest_paused = s.is_paused,
        .dm_ended = s.dm_ended,
    };
    struct json *devices = NULL;

    if (explain_devices(h, g, &around, which, &devices, err))
        return -1;
    s.devices = json_len(devices);
    for (size_t i = 0; i < s.devices; i++)
        s.sick += !json_get_bool(json_at(devices, i, NULL), "healthy", false);
    *ret = compose(g, &s, devices);
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

int explain_guest(struct host *h, uint32_t domid, const char *which, struct json **ret, struct domo_err *err)
{
    struct guest g = {.name = NULL};
    int r;

    if (guest_load(h, domid, &g, err))
        return -1;
    r = explain(h, &g, which, ret, err);
    guest_fini(&g);
    return r;
}
