/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is said when a phase fails: which phase, how long it had, who should
 * have moved, and what was seen. One row a verdict.
 */
#include <inttypes.h>

#include "base/str.h"
#include "dev/device.h"

static const char *goal_of(enum hs_phase phase)
{
    static const char *const goals[HS_PHASES] = {
        [HS_ACCEPT] = "accept the device",          [HS_CONNECT] = "connect",
        [HS_RECONFIGURE] = "take the changes over", [HS_RECONNECT] = "connect again",
        [HS_CLOSE] = "let go of the device",
    };

    return goals[phase];
}

static void say_taken_away(const struct dev_fate *f, struct domo_err *err)
{
    if (dev_server_is_leaving(f->d)) {
        (void)dev_fail_server(f->d, err);
        return;
    }
    (void)dev_fail(f->d, DOMO_E_DEVICE_BACKEND_FAILED, err, "the back end's nodes were taken away");
    if (!dev_is_ours(f->d))
        (void)err_hint(err,
                       "is domain %" PRIu32 " still there? start the driver domain again and attach the device anew",
                       f->d->back_domid);
}

static void say_refused(const struct dev_fate *f, struct domo_err *err)
{
    if (f->look.back == XENBUS_UNKNOWN)
        say_taken_away(f, err);
    else
        (void)dev_fail(f->d, DOMO_E_DEVICE_BACKEND_FAILED, err, "the back end refused the device and went to state %s",
                       xenbus_state_name(f->look.back));
}

static void say_given_up(const struct dev_fate *f, struct domo_err *err)
{
    char text[DEV_TEXT_MAX];

    dev_error_text(f->d, true, text);
    (void)dev_fail(f->d, DOMO_E_DEVICE_GUEST_FAILED, err, "the guest's front end gave up: %s", text);
}

static void say_hotplug(const struct dev_fate *f, struct domo_err *err)
{
    (void)dev_fail(f->d, DOMO_E_DEVICE_BACKEND_FAILED, err, "hotplug failed in domain %" PRIu32, f->d->back_domid);
    (void)err_hint(err, "the log of the toolstack daemon in domain %" PRIu32 " says which script failed and why",
                   f->d->back_domid);
}

/* What xen/sched.h calls SHUTDOWN_*, as something that a guest did. */
static const char *deed_of(const struct dev_fate *f)
{
    static const char *const deeds[] = {"powered off", "wanted to reboot",          "was suspended",
                                        "crashed",     "was ended by its watchdog", "wanted a soft reset"};
    struct host *h = f->d->set->host;
    struct hyp_info info;

    if (h->hyp->info(h, f->d->set->domid, &info, NULL) || !info.is_shutdown)
        return "went away";
    return info.shutdown_reason < ARRAY_LEN(deeds) ? deeds[info.shutdown_reason] : "shut down";
}

static void say_guest_gone(const struct dev_fate *f, struct domo_err *err)
{
    (void)dev_fail(f->d, DOMO_E_DOMAIN_ENDED, err, "the guest %s before its front end could %s", deed_of(f),
                   goal_of(f->look.phase));
}

static void say_server_gone(const struct dev_fate *f, struct domo_err *err)
{
    (void)dev_fail_server(f->d, err);
}

/* Who should have moved is the handshake's word for it. */
static void say_late(const struct dev_fate *f, enum domo_code code, struct domo_err *err)
{
    (void)dev_fail(f->d, code, err, "%s did not %s within %g s (phase %s)", handshake_mover(f->verdict),
                   goal_of(f->look.phase), (double)f->limit_ms / 1000, handshake_phase_name(f->look.phase));
}

static void say_late_plug(const struct dev_fate *f, struct domo_err *err)
{
    (void)dev_fail(f->d, DOMO_E_VIF_INTERFACE, err, "the back end made no interface within %g s (phase %s)",
                   (double)f->limit_ms / 1000, handshake_phase_name(f->look.phase));
    (void)err_hint(err, "the kernel log of domain %" PRIu32 " may say why", f->d->back_domid);
}

static void say_late_server(const struct dev_fate *f, struct domo_err *err)
{
    say_late(f, DOMO_E_DEVICE_BACKEND_TIMEOUT, err);
    if (!dev_is_ours(f->d))
        (void)err_hint(err, "is domain %" PRIu32 " up, and does its toolstack daemon (domo devd or xl devd) run there?",
                       f->d->back_domid);
    else if (!dev_is_kernel_served(f->d))
        (void)err_hint(err, "does the program run that serves back ends of kind '%s'?", f->d->back_name);
}

static void say_late_guest(const struct dev_fate *f, struct domo_err *err)
{
    bool closes = f->look.phase == HS_CLOSE;

    say_late(f, closes ? DOMO_E_DEVICE_IN_USE : DOMO_E_DEVICE_GUEST_TIMEOUT, err);
    if (closes && f->look.front == XENBUS_CONNECTED)
        (void)err_hint(err, "the guest still uses it: unmount it or take it down there, or detach it with --force");
    else if (closes && f->look.front == XENBUS_CLOSING)
        (void)err_hint(err, "the guest has begun to let go; wait, or detach it with --force");
    else if (closes)
        (void)err_hint(err, "no driver in the guest answers; detach it with --force");
    else if (f->look.front == XENBUS_UNKNOWN)
        (void)err_hint(err, "the guest's end has no valid state: something in the guest removed or overwrote it");
}

static void say_nothing(const struct dev_fate *f, struct domo_err *err)
{
    (void)dev_fail(f->d, DOMO_E_INTERNAL, err, "phase %s: nothing to say of verdict %d",
                   handshake_phase_name(f->look.phase), (int)f->verdict);
}

void dev_say_fate(const struct dev_fate *f, struct domo_err *err)
{
    static void (*const say[HS_VERDICTS])(const struct dev_fate *, struct domo_err *) = {
        [HS_ASK_FRONT] = say_given_up,       [HS_ASK_BACK] = say_given_up,     [HS_FAIL_BACK] = say_refused,
        [HS_FAIL_HOTPLUG] = say_hotplug,     [HS_FAIL_GUEST] = say_guest_gone, [HS_FAIL_SERVER] = say_server_gone,
        [HS_LATE_PLUG] = say_late_plug,      [HS_LATE_BACK] = say_late_server, [HS_LATE_FRONT] = say_late_guest,
        [HS_LATE_HOTPLUG] = say_late_server,
    };

    (say[f->verdict] ? say[f->verdict] : say_nothing)(f, err);
    (void)err_fact(err, "phase", "%s", handshake_phase_name(f->look.phase));
    if (handshake_mover(f->verdict))
        (void)err_fact(err, "waited-for", "%s, %g s", handshake_mover(f->verdict), (double)f->limit_ms / 1000);
}
