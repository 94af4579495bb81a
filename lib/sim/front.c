/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest's bus of devices and the walk of its front ends, as Linux's do it,
 * or as the world wants this guest to behave.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sim/guest.h"

enum { RECONNECT_MS = 1000, STATE_GARBAGE = 99 };

/* Those that are more than a row. */
static const struct front_kind *const kinds[] = {&front_kind_vbd, &front_kind_vif};

/* All kinds; NULL behind the last. */
static const struct front_kind *kind_at(size_t i)
{
    return i < ARRAY_LEN(kinds) ? kinds[i] : front_rows_at(i - ARRAY_LEN(kinds));
}

/* ---- what kinds use ---- */

int front_offer(struct front *f, bool read_only, struct front_page *ret)
{
    const struct line *line = &f->guest->line;

    return line->ops->offer(line->arg, f->back_domid, read_only, &ret->page, &ret->ref);
}

void front_withdraw(struct front *f, struct front_page *p)
{
    const struct line *line = &f->guest->line;

    if (p->page)
        line->ops->withdraw(line->arg, p->ref);
    p->page = NULL;
}

static void kicked(void *arg)
{
    struct front *f = arg;

    f->kicked = true;
    guest_wake(f->guest);
}

int front_open_port(struct front *f)
{
    const struct line *line = &f->guest->line;
    int rc = line->ops->port_offer(line->arg, f->back_domid);

    if (rc < 0)
        return rc;
    f->port = rc;
    return line->ops->port_listen(line->arg, (uint32_t)f->port, kicked, f);
}

void front_kick(struct front *f)
{
    const struct line *line = &f->guest->line;

    if (f->port >= 0)
        line->ops->port_kick(line->arg, (uint32_t)f->port);
}

static void release(struct front *f)
{
    const struct line *line = &f->guest->line;

    if (f->port >= 0)
        line->ops->port_close(line->arg, (uint32_t)f->port);
    f->port = -1;
    f->kind->release(f);
}

/* ---- the walk ---- */

static int go(struct front *f, int state)
{
    int rc = xenbus_set_state(f->guest->xs, f->dir, state);

    if (rc == 0)
        f->state = state;
    return rc;
}

/* Of a guest that reconnects the delay is the time between two rounds, its steps take none. */
static int64_t step_delay(const struct front *f)
{
    return f->guest->rule->manner == GUEST_RECONNECTS ? 0 : f->guest->rule->delay_ms;
}

static void want_step(struct front *f, int64_t at_ms)
{
    if (!f->step_at || at_ms < f->step_at)
        f->step_at = at_ms;
    guest_alarm(f->guest, f->step_at);
}

/* As xenbus_dev_fatal() does it. Both writes can fail for the same reason, and then nobody hears of it. */
static int give_up(struct front *f, int rc)
{
    char *AUTO_FREE dir = str_format("error/%s", f->dir);

    if (dir)
        IGNORE(xsc_writef(f->guest->xs, 0, dir, "error", "%d publishing the rings", -rc));
    return go(f, XB_CLOSING);
}

static int publish(struct front *f)
{
    bool is_garbage = f->guest->rule->manner == GUEST_GARBAGE;
    int rc = is_garbage ? f->kind->publish_garbage(f) : f->kind->publish(f);

    if (rc == 0)
        rc = go(f, f->kind->published);
    if (rc)
        release(f);
    return rc && rc != -EAGAIN ? give_up(f, rc) : rc;
}

static int close_front(struct front *f)
{
    release(f);
    return go(f, XB_CLOSED);
}

/* The back end wants to close, or has. */
static int asked_to_close(struct front *f)
{
    enum guest_manner manner = f->guest->rule->manner;

    if (manner == GUEST_GARBAGE)
        return f->state == STATE_GARBAGE ? 0 : go(f, STATE_GARBAGE);
    if (manner == GUEST_REFUSES_UNPLUG && f->kind == &front_kind_vbd && f->state == XB_CONNECTED)
        return go(f, XB_CONNECTED);
    return f->state == XB_CLOSED ? 0 : close_front(f);
}

/* Works for a while, closes, and opens again when the back end has closed too. */
static int reconnect(struct front *f)
{
    int64_t period = f->guest->rule->delay_ms ? f->guest->rule->delay_ms : RECONNECT_MS;

    if (!f->reconnect_at)
        f->reconnect_at = guest_now(f->guest) + period;
    if (guest_now(f->guest) < f->reconnect_at) {
        want_step(f, f->reconnect_at);
        return 0;
    }
    f->reconnect_at = 0;
    f->reopens = true;
    return close_front(f);
}

static int connected(struct front *f)
{
    int rc = 0;

    if (f->state == XB_INITIALISED) {
        rc = f->kind->look(f);
        if (rc == 0)
            rc = go(f, XB_CONNECTED);
    }
    if (rc == 0 && f->state == XB_CONNECTED && f->guest->rule->manner == GUEST_RECONNECTS)
        rc = reconnect(f);
    return rc;
}

static int step(struct front *f)
{
    switch (xenbus_state(f->guest->xs, f->back)) {
    case XB_INIT_WAIT:
    case XB_INITIALISED:
        return f->state == XB_INITIALISING ? publish(f) : 0;
    case XB_CONNECTED:
        return connected(f);
    case XB_RECONFIGURING:
        return f->state == XB_CONNECTED ? go(f, XB_RECONFIGURING) : 0;
    case XB_RECONFIGURED:
        return f->state == XB_RECONFIGURING ? go(f, XB_CONNECTED) : 0;
    case XB_CLOSING:
        return f->state == XB_CLOSED ? 0 : asked_to_close(f);
    case XB_CLOSED:
        if (f->state != XB_CLOSED || !f->reopens)
            return asked_to_close(f);
        f->reopens = false;
        return go(f, XB_INITIALISING);
    default:
        return 0;
    }
}

/* ---- devices ---- */

static void forget(struct guest *g, struct front *f, bool with_rings)
{
    struct front **at = &g->fronts;

    while (*at != f)
        at = &(*at)->next;
    *at = f->next;
    if (with_rings) {
        release(f);
        if (f->is_watching) {
            char *AUTO_FREE path = str_format("%s/state", f->back);

            if (path)
                IGNORE(xsc_unwatch(g->xs, path, f->token));
        }
    }
    shell_front_gone(g->shell, f);
    free(f->back);
    free(f);
}

void fronts_free(struct guest *g)
{
    while (g->fronts)
        forget(g, g->fronts, false);
}

static struct front *find(struct guest *g, const char *token)
{
    struct front *f = g->fronts;

    while (f && !str_eq(f->token, token))
        f = f->next;
    return f;
}

/* Looks up the other end and listens to it; its first event is the first step. */
static int meet(struct front *f)
{
    struct guest *g = f->guest;
    char *AUTO_FREE path = NULL;
    int rc = xsc_read(g->xs, 0, f->dir, "backend", &f->back);

    if (rc == 0)
        rc = xsc_read_u32(g->xs, 0, f->dir, "backend-id", &f->back_domid);
    if (rc)
        return rc;
    path = str_format("%s/state", f->back);
    if (!path)
        return -ENOMEM;
    rc = xsc_watch(g->xs, path, f->token);
    f->is_watching = rc == 0;
    return rc;
}

static int add(struct guest *g, const struct front_kind *kind, uint32_t devid, const char *token)
{
    struct front *f = calloc(1, sizeof *f);
    struct front **at = &g->fronts;
    int rc;

    if (!f)
        return -ENOMEM;
    while (*at)
        at = &(*at)->next;
    *at = f;
    f->guest = g;
    f->kind = kind;
    f->devid = devid;
    f->port = -1;
    f->state = XB_INITIALISING;
    (void)snprintf(f->token, sizeof f->token, "%s", token);
    (void)snprintf(f->dir, sizeof f->dir, "device/%s", token);
    rc = meet(f);
    if (rc)
        forget(g, f, true);
    return rc;
}

/* ---- the bus ---- */

/* The kind and number in "vbd/51712" and what follows; NULL if it is none of ours. */
static const struct front_kind *parse(const char *path, uint32_t *ret_devid, char token[32])
{
    for (size_t i = 0; kind_at(i); i++) {
        const struct front_kind *kind = kind_at(i);
        size_t n = strlen(kind->name), digits;
        char number[11];

        if (strncmp(path, kind->name, n) != 0 || path[n] != '/')
            continue;
        digits = strspn(path + n + 1, "0123456789");
        if (digits == 0 || digits >= sizeof number || (path[n + 1 + digits] && path[n + 1 + digits] != '/'))
            return NULL;
        memcpy(number, path + n + 1, digits);
        number[digits] = '\0';
        (void)snprintf(token, 32, "%s/%s", kind->name, number);
        return str_to_u32(number, ret_devid) ? NULL : kind;
    }
    return NULL;
}

/* Somebody has made the device again under a driver that was through with the old one. */
static bool is_made_anew(const struct front *f)
{
    return f->state == XB_CLOSED && !f->reopens && xenbus_state(f->guest->xs, f->dir) == XB_INITIALISING;
}

static int check_device(struct guest *g, const struct front_kind *kind, uint32_t devid, const char *token)
{
    struct front *f = find(g, token);
    char dir[40];
    int state;

    (void)snprintf(dir, sizeof dir, "device/%s", token);
    if (f && (!xsc_exists(g->xs, 0, dir, NULL) || is_made_anew(f))) {
        forget(g, f, true);
        f = NULL;
    }
    if (f || guest_has_word(g, kind->off_word))
        return 0;
    state = xenbus_state(g->xs, dir);
    return state == XB_INITIALISING ? add(g, kind, devid, token) : 0;
}

static int scan_kind(struct guest *g, const struct front_kind *kind)
{
    char **names = NULL;
    size_t n = 0;
    int rc = xsc_list(g->xs, 0, "device", kind->name, &names, &n);

    for (size_t i = 0; rc == 0 && i < n; i++) {
        char path[64], token[32];
        uint32_t devid;

        (void)snprintf(path, sizeof path, "%s/%s", kind->name, names[i]);
        if (parse(path, &devid, token))
            rc = check_device(g, kind, devid, token);
    }
    free(names);
    return rc;
}

int fronts_scan(struct guest *g)
{
    int rc = 0;

    for (struct front *f = g->fronts, *next; f; f = next) {
        next = f->next;
        if (!xsc_exists(g->xs, 0, f->dir, NULL))
            forget(g, f, true);
    }
    for (size_t i = 0; kind_at(i); i++) {
        if (scan_kind(g, kind_at(i)) == -EAGAIN)
            rc = -EAGAIN;
    }
    return rc;
}

int fronts_changed(struct guest *g, const char *path)
{
    const struct front_kind *kind;
    char token[32];
    uint32_t devid;

    path += str_starts(path, "device/") ? strlen("device/") : 0;
    kind = parse(path, &devid, token);
    return kind ? check_device(g, kind, devid, token) : fronts_scan(g);
}

void front_told(struct guest *g, const char *token)
{
    struct front *f = find(g, token);

    if (f)
        want_step(f, guest_now(g) + step_delay(f));
}

void fronts_run(struct guest *g)
{
    for (struct front *f = g->fronts; f; f = f->next) {
        if (f->kicked) {
            f->kicked = false;
            f->kind->serve(f);
        }
        if (f->step_at && guest_now(g) >= f->step_at) {
            f->step_at = 0;
            if (step(f) == -EAGAIN)
                want_step(f, guest_now(g) + RETRY_MS);
        }
        if (f->step_at)
            guest_alarm(g, f->step_at);
    }
}
