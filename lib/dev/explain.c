/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The causes, most fundamental first: domains that are gone, nodes that are
 * gone, what works, then each state in which a device can be stuck. The last
 * row fits everything.
 */
#include "dev/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

typedef const struct explain_facts facts;

static bool has(const char *text)
{
    return text && *text;
}

static bool is_accepting(facts *f)
{
    return f->back == XENBUS_INIT_WAIT || f->back == XENBUS_INITIALISED;
}

static bool is_connected(facts *f)
{
    return f->back == XENBUS_CONNECTED && f->front == XENBUS_CONNECTED;
}

/* Kernels begin their error nodes with an errno. */
static bool begins_with_errno(const char *text, const char *const *numbers)
{
    for (; has(text) && *numbers; numbers++) {
        size_t n = strlen(*numbers);

        text += *text == '-';
        if (strncmp(text, *numbers, n) == 0 && (text[n] == ' ' || !text[n]))
            return true;
    }
    return false;
}

/* E2BIG, ENOSPC, EDQUOT: how the store says that a quota is used up. */
static bool is_quota(const char *text)
{
    static const char *const numbers[] = {"7", "28", "122", NULL};

    return begins_with_errno(text, numbers) || (has(text) && strstr(text, "uota"));
}

static bool is_busy(const char *text)
{
    static const char *const numbers[] = {"16", NULL};

    return begins_with_errno(text, numbers) || (has(text) && strstr(text, "in use"));
}

/* ---- domains and nodes ---- */

static bool guest_gone(facts *f)
{
    return f->guest_gone;
}

static bool guest_dying(facts *f)
{
    return f->guest_dying;
}

static bool guest_crashed(facts *f)
{
    return f->guest_shutdown && f->guest_crashed;
}

static bool guest_shutdown(facts *f)
{
    return f->guest_shutdown;
}

static bool console_served(facts *f)
{
    return !f->has_handshake && has(f->tty);
}

static bool console_unserved(facts *f)
{
    return !f->has_handshake;
}

static bool back_unknown(facts *f)
{
    return !f->has_back;
}

static bool server_gone(facts *f)
{
    return f->server_gone;
}

static bool back_gone(facts *f)
{
    return !f->back_there;
}

static bool front_gone(facts *f)
{
    return !f->front_there;
}

/* ---- connected ---- */

static bool target_deleted(facts *f)
{
    return is_connected(f) && f->target_missing;
}

static bool resource_lost(facts *f)
{
    return is_connected(f) && f->resource_missing;
}

static bool interface_lost(facts *f)
{
    return is_connected(f) && f->interface_missing;
}

static bool interface_alone(facts *f)
{
    return is_connected(f) && f->interface_alone;
}

static bool interface_down(facts *f)
{
    return is_connected(f) && f->interface_down;
}

static bool leaving(facts *f)
{
    return is_connected(f) && f->offline;
}

static bool server_paused(facts *f)
{
    return f->server_paused;
}

/* ---- closing ---- */

static bool detach_refused(facts *f)
{
    return f->back == XENBUS_CLOSING && f->front == XENBUS_CONNECTED && (f->offline || is_busy(f->front_error));
}

static bool half_unplugged(facts *f)
{
    return f->back == XENBUS_CLOSED && f->offline;
}

static bool detach_going_on(facts *f)
{
    return f->offline && (f->back == XENBUS_CLOSING || f->front == XENBUS_CLOSING || f->front == XENBUS_CLOSED);
}

/* ---- errors that somebody left ---- */

static bool driver_missing(facts *f)
{
    return f->driver_missing;
}

static bool front_garbage(facts *f)
{
    return f->front == XENBUS_UNKNOWN && has(f->front_text);
}

static bool quota_used_up(facts *f)
{
    return is_quota(f->back_error) || is_quota(f->front_error);
}

static bool ring_unusable(facts *f)
{
    return has(f->back_error) && (strstr(f->back_error, "mapping") || strstr(f->back_error, "ring-ref") ||
                                  strstr(f->back_error, "event-channel") || strstr(f->back_error, "bad ring"));
}

static bool hotplug_failed(facts *f)
{
    return has(f->hotplug_error) ||
           (f->hotplug_status && (str_eq(f->hotplug_status, "error") || str_eq(f->hotplug_status, "busy")));
}

static bool back_failed(facts *f)
{
    return has(f->back_error);
}

static bool front_failed(facts *f)
{
    return has(f->front_error);
}

/* ---- waiting for the back end ---- */

static bool script_gone(facts *f)
{
    return f->script_missing;
}

static bool target_gone(facts *f)
{
    return f->target_missing;
}

static bool server_silent(facts *f)
{
    return f->back == XENBUS_INITIALISING && !f->server_is_us;
}

static bool dm_ended(facts *f)
{
    return f->dm_ended && !has(f->module);
}

static bool no_driver_at_all(facts *f)
{
    return f->back == XENBUS_INITIALISING && !has(f->module);
}

static bool physical_missing(facts *f)
{
    return f->wants_physical && !has(f->physical) && (is_accepting(f) || f->back == XENBUS_INITIALISING);
}

static bool back_silent(facts *f)
{
    return f->back == XENBUS_INITIALISING;
}

/* ---- waiting for hotplug ---- */

static bool status_missing(facts *f)
{
    return is_accepting(f) && f->wants_status && !str_eq(f->hotplug_status, "connected");
}

static bool bridge_missing(facts *f)
{
    return status_missing(f) && f->bridge_missing;
}

static bool interface_missing(facts *f)
{
    return status_missing(f) && f->interface_missing;
}

static bool status_elsewhere(facts *f)
{
    return status_missing(f) && !f->server_is_us;
}

/* ---- waiting for the guest ---- */

static bool front_stateless(facts *f)
{
    return f->front == XENBUS_UNKNOWN;
}

static bool guest_paused(facts *f)
{
    return f->guest_paused && !is_connected(f);
}

static bool guest_emulates(facts *f)
{
    return has(f->emulated) && f->front == XENBUS_INITIALISING && is_accepting(f);
}

static bool front_silent(facts *f)
{
    return is_accepting(f) && (f->front == XENBUS_INITIALISING || f->front == XENBUS_INIT_WAIT);
}

static bool back_maps(facts *f)
{
    return is_accepting(f) && (f->front == XENBUS_INITIALISED || f->front == XENBUS_CONNECTED);
}

static bool front_finishes(facts *f)
{
    return f->back == XENBUS_CONNECTED && (f->front == XENBUS_INITIALISED || f->front == XENBUS_INIT_WAIT);
}

static bool front_restarted(facts *f)
{
    return f->back == XENBUS_CONNECTED && f->front == XENBUS_INITIALISING;
}

static bool front_closed(facts *f)
{
    return f->front == XENBUS_CLOSING || f->front == XENBUS_CLOSED;
}

static bool back_closes(facts *f)
{
    return f->back == XENBUS_CLOSING || f->back == XENBUS_CLOSED;
}

static bool reconfiguring(facts *f)
{
    return f->back == XENBUS_RECONFIGURING || f->back == XENBUS_RECONFIGURED || f->front == XENBUS_RECONFIGURING ||
           f->front == XENBUS_RECONFIGURED;
}

static bool always(facts *f)
{
    (void)f;
    return true;
}

/* clang-format off */
static const struct explain_cause causes[] = {
    {"guest-gone", EXPLAIN_HOST, false, guest_gone,
     "domain {domid} is not there any more, but its device is",
     "domo sweep --remove takes away what was left"},
    {"guest-dying", EXPLAIN_HOST, false, guest_dying,
     "the guest was destroyed, but something still holds its memory",
     "a back end that has its pages mapped keeps it: the one in domain {back_domid} ({server}) is the first to look at; "
     "when that lets go, or its domain ends, the guest goes"},
    {"guest-crashed", EXPLAIN_GUEST, false, guest_crashed,
     "the guest has crashed",
     "its console and the hypervisor's log say why; then domo destroy {domid}"},
    {"guest-shut-down", EXPLAIN_GUEST, false, guest_shutdown,
     "the guest has shut down and was not removed",
     "domo destroy {domid}, then start it again"},
    {"console-served", EXPLAIN_NOBODY, true, console_served,
     "it is served at {tty}", ""},
    {"console-unserved", EXPLAIN_HOST, false, console_unserved,
     "nobody serves it: it has no terminal",
     "is xenconsoled (or the guest's device model) running?"},
    {"back-unknown", EXPLAIN_TOOLSTACK, false, back_unknown,
     "/libxl/{domid} names no back end for it that makes sense",
     "another tool left it half made: detach it with --force and attach it anew"},
    {"server-gone", EXPLAIN_BACK, false, server_gone,
     "domain {back_domid}, which serves it, is not there any more",
     "start the driver domain again, detach the device with --force, and attach it anew"},
    {"back-gone", EXPLAIN_BACK, false, back_gone,
     "the back end's nodes in domain {back_domid} are gone, those of the guest are not",
     "detach it with --force (that gives back what it holds) and attach it anew"},
    {"front-gone", EXPLAIN_GUEST, false, front_gone,
     "the guest's nodes of the device are gone: something in the guest, or a tool, removed them",
     "detach it with --force and attach it anew"},
    {"detach-refused", EXPLAIN_GUEST, false, detach_refused,
     "it was asked to go, and the guest refuses: it still uses the device {front_error}",
     "unmount it or take it down in the guest, or detach it with --force"},
    {"half-unplugged", EXPLAIN_TOOLSTACK, false, half_unplugged,
     "a detach was begun and not finished: the back end is closed, its nodes are still there",
     "detach it again; domo sweep also finds it"},
    {"detach-going-on", EXPLAIN_GUEST, false, detach_going_on,
     "a detach is going on: back end {back}, front end {front}",
     "wait for the guest, or detach it with --force"},
    {"leaving", EXPLAIN_TOOLSTACK, false, leaving,
     "it works, but it is marked as leaving (online=0): once the guest closes it, it will not come back",
     "detach it, or put online=1 back with domo store write"},
    {"resource-lost", EXPLAIN_HOST, false, resource_lost,
     "it is connected, but {resource} behind it is not set up any more: the guest gets I/O errors",
     "detach it and attach it anew"},
    {"target-deleted", EXPLAIN_HOST, false, target_deleted,
     "it is connected, but {target} was deleted or moved: the guest goes on with the old file, which ends with it",
     "copy the data out in the guest, or put the file back before the guest is started again"},
    {"interface-lost", EXPLAIN_HOST, false, interface_lost,
     "it is connected, but there is no interface {interface} in domain {back_domid}: no packet gets through",
     "detach it and attach it anew; the kernel log may say why the interface went"},
    {"interface-alone", EXPLAIN_HOST, false, interface_alone,
     "it is connected, but its interface {interface} is in no bridge (wanted: {bridge}): the guest has no network",
     "ip link set {interface} master {bridge}"},
    {"interface-down", EXPLAIN_HOST, false, interface_down,
     "it is connected, but its interface {interface} is down: the guest has no network",
     "ip link set {interface} up"},
    {"connected", EXPLAIN_NOBODY, true, is_connected,
     "both ends are Connected", ""},
    {"server-paused", EXPLAIN_BACK, false, server_paused,
     "domain {back_domid} ({server}), which serves it, is paused",
     "domo unpause {back_domid}"},
    {"module-missing", EXPLAIN_BACK, false, driver_missing,
     "no driver of this kernel serves it: the module {module} is not loaded",
     "modprobe {module}"},
    {"front-garbage", EXPLAIN_GUEST, false, front_garbage,
     "the guest wrote '{front_text}' where its state belongs",
     "its driver is broken, or something in the guest plays tricks: detach the device with --force"},
    {"store-quota", EXPLAIN_BACK, false, quota_used_up,
     "a quota of the store is used up: {back_error}{front_error}",
     "empty directories of old guests count too (domo sweep); else raise the quota of domain {back_domid}"},
    {"ring-unusable", EXPLAIN_GUEST, false, ring_unusable,
     "the back end can't use the ring that the guest published: {back_error}",
     "the guest's driver is broken or too old, or it wrote nonsense: look at the nodes with domo tree {domid}"},
    {"hotplug-failed", EXPLAIN_HOTPLUG, false, hotplug_failed,
     "the hotplug script {script} failed: {hotplug_status} {hotplug_error}",
     "run it by hand, or see /var/log/xen/xen-hotplug.log of domain {back_domid}; then attach the device anew"},
    {"back-failed", EXPLAIN_BACK, false, back_failed,
     "the back end's driver failed: {back_error}",
     "the kernel log of domain {back_domid} ({server}) says more"},
    {"front-failed", EXPLAIN_GUEST, false, front_failed,
     "the guest's driver gave up: {front_error}",
     "the guest's kernel log says more"},
    {"script-missing", EXPLAIN_HOTPLUG, false, script_gone,
     "its hotplug script {script} is not there",
     "install it, or attach the device with another script="},
    {"target-missing", EXPLAIN_HOST, false, target_gone,
     "{target} behind it is not there",
     "put it back, or attach the device with the right path"},
    {"server-silent", EXPLAIN_BACK, false, server_silent,
     "domain {back_domid} ({server}) has not taken it: its back end is still Initialising",
     "is that domain up, its driver for {kind} loaded, and its toolstack daemon (domo devd or xl devd) running?"},
    {"device-model-ended", EXPLAIN_HOST, false, dm_ended,
     "the guest's device model (QEMU), which serves it, has ended",
     "the end of its log in the host's log directory says why; destroy the guest and start it again"},
    {"server-not-started", EXPLAIN_BACK, false, no_driver_at_all,
     "no kernel driver serves {kind} devices, and the program that should has not taken it",
     "is the guest's device model, or the daemon that serves it, running?"},
    {"hotplug-not-run", EXPLAIN_HOTPLUG, false, physical_missing,
     "no hotplug was done: the back end waits for the node physical-device",
     "the tool that attached it ended half-way, or its script {script} wrote nothing: detach it with --force, attach it "
     "anew"},
    {"back-silent", EXPLAIN_BACK, false, back_silent,
     "the driver {module} is loaded, but it has not taken the device",
     "the kernel log of domain {back_domid} may say why"},
    {"bridge-missing", EXPLAIN_HOST, false, bridge_missing,
     "the bridge {bridge} does not exist, so that the interface can't be joined to it",
     "ip link add name {bridge} type bridge; ip link set {bridge} up; then attach it anew"},
    {"interface-missing", EXPLAIN_BACK, false, interface_missing,
     "the kernel has made no interface {interface}, so that nothing can be plugged",
     "the kernel log of domain {back_domid} may say why"},
    {"hotplug-elsewhere", EXPLAIN_HOTPLUG, false, status_elsewhere,
     "the back end waits for hotplug-status=connected, which the toolstack of domain {back_domid} ({server}) must write",
     "does domo devd (or xl devd) run there, and does its script work?"},
    {"hotplug-pending", EXPLAIN_HOTPLUG, false, status_missing,
     "the back end waits for hotplug-status=connected; it is '{hotplug_status}'",
     "the script {script} still runs, or ended without writing it: detach the device with --force, attach it anew"},
    {"front-stateless", EXPLAIN_GUEST, false, front_stateless,
     "the guest's end has no state: something removed it",
     "detach the device with --force and attach it anew"},
    {"guest-paused", EXPLAIN_GUEST, false, guest_paused,
     "it waits for the guest, and the guest is paused",
     "domo unpause {domid}"},
    {"front-closed", EXPLAIN_GUEST, false, front_closed,
     "the guest has closed its end (front end {front}, back end {back}): its driver was unloaded, or a boot loader "
     "handed the device on",
     "load the guest's driver again, or detach the device"},
    {"front-reopens", EXPLAIN_BACK, false, back_closes,
     "the back end is {back} while the guest's end is {front}: it did not come back after the guest opened it again",
     "detach it with --force and attach it anew"},
    {"guest-emulates", EXPLAIN_GUEST, true, guest_emulates,
     "the guest uses it as the emulated {emulated}, not through a driver of Xen's", ""},
    {"front-silent", EXPLAIN_GUEST, false, front_silent,
     "the back end is ready ({back}), but the guest's driver has not begun ({front})",
     "is the guest still booting, or is its driver for {kind} missing from kernel and initrd? domo console {domid} shows"},
    {"back-maps", EXPLAIN_BACK, false, back_maps,
     "the guest has published its ring ({front}); the back end in domain {back_domid} must connect it ({back})",
     "the kernel log of domain {back_domid} ({server}) may say why it does not"},
    {"front-finishes", EXPLAIN_GUEST, false, front_finishes,
     "the back end is Connected; the guest's driver must follow ({front})",
     "the guest's kernel log may say why it does not"},
    {"front-restarted", EXPLAIN_GUEST, false, front_restarted,
     "the guest began anew (as a crash kernel does) while the back end still has the old connection",
     "detach it with --force and attach it anew"},
    {"reconfiguring", EXPLAIN_GUEST, false, reconfiguring,
     "it is being reconfigured: back end {back}, front end {front}",
     "wait; if it stays so, the guest's driver does not support that"},
    {"unclear", EXPLAIN_NOBODY, false, always,
     "back end {back}, front end {front}: a pair that no driver leaves behind",
     "detach it with --force and attach it anew"},
};
/* clang-format on */

const struct explain_cause *explain_cause_at(size_t i)
{
    return i < ARRAY_LEN(causes) ? &causes[i] : NULL;
}

const struct explain_cause *explain_device(const struct explain_facts *f)
{
    size_t i = 0;

    while (!causes[i].is(f))
        i++; /* the last row fits everything */
    return &causes[i];
}

const char *explain_side_name(enum explain_side side)
{
    static const char *const names[] = {
        [EXPLAIN_NOBODY] = "nobody",   [EXPLAIN_GUEST] = "guest", [EXPLAIN_BACK] = "back-end",
        [EXPLAIN_HOTPLUG] = "hotplug", [EXPLAIN_HOST] = "host",   [EXPLAIN_TOOLSTACK] = "toolstack",
    };

    return names[side];
}

/* ---- templates ---- */

/* Adds the value of the name, false if there is no such name. */
static bool add_value(struct str *out, const char *name, size_t n, facts *f)
{
    const struct {
        const char *name, *text;
    } texts[] = {
        {"label", f->label},
        {"kind", f->kind},
        {"server", f->server},
        {"module", f->module},
        {"target", f->target},
        {"resource", f->resource},
        {"bridge", f->bridge},
        {"interface", f->interface},
        {"script", f->script},
        {"emulated", f->emulated},
        {"tty", f->tty},
        {"hotplug_status", f->hotplug_status},
        {"hotplug_error", f->hotplug_error},
        {"back_error", f->back_error},
        {"front_error", f->front_error},
        {"front_text", f->front_text},
        {"back", xenbus_state_name(f->back)},
        {"front", xenbus_state_name(f->front)},
    };
    const struct {
        const char *name;
        uint32_t number;
    } numbers[] = {{"domid", f->domid}, {"back_domid", f->back_domid}};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (strlen(texts[i].name) != n || strncmp(texts[i].name, name, n) != 0)
            continue;
        str_add(out, texts[i].text ? texts[i].text : "");
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        if (strlen(numbers[i].name) != n || strncmp(numbers[i].name, name, n) != 0)
            continue;
        str_addf(out, "%" PRIu32, numbers[i].number);
        return true;
    }
    return false;
}

static void trim_end(char *text)
{
    size_t n = strlen(text);

    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == ':'))
        text[--n] = '\0';
}

char *explain_text(const char *template, const struct explain_facts *f)
{
    struct str out = STR_INIT;
    char *text;

    str_add(&out, ""); /* an empty template is an empty text */
    for (const char *at = template; *at;) {
        size_t n = *at == '{' ? strcspn(at, "}") : 0;

        if (n && at[n] && add_value(&out, at + 1, n - 1, f)) {
            at += n + 1;
            continue;
        }
        str_addc(&out, *at++);
    }
    text = str_steal(&out);
    if (text)
        trim_end(text);
    return text;
}
