/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: whatever a device looks like there is a diagnosis; it calls nothing
 * well that is not connected; each cause can be reached, says what is wrong and
 * what to do; and the situations that the field complains of are each told by
 * their cause.
 */
#include "unit.h"

#include "base/str.h"
#include "dev/explain.h"

/* A disk and an interface that are connected; each situation breaks something. */
static const struct explain_facts disk = {
    .label = "disk xvda",
    .kind = "vbd",
    .domid = 5,
    .server = "Domain-0",
    .server_is_us = true,
    .module = "xen-blkback",
    .has_handshake = true,
    .has_back = true,
    .back_there = true,
    .front_there = true,
    .back = XENBUS_CONNECTED,
    .front = XENBUS_CONNECTED,
    .front_text = "4",
    .wants_physical = true,
    .physical = "7:3",
    .hotplug_status = "connected",
    .target = "/srv/web.img",
    .resource = "/dev/loop3",
    .script = "/etc/xen/scripts/block",
};
static const struct explain_facts vif = {
    .label = "vif 0",
    .kind = "vif",
    .domid = 5,
    .server = "Domain-0",
    .server_is_us = true,
    .module = "xen-netback",
    .has_handshake = true,
    .has_back = true,
    .back_there = true,
    .front_there = true,
    .back = XENBUS_CONNECTED,
    .front = XENBUS_CONNECTED,
    .front_text = "4",
    .wants_status = true,
    .hotplug_status = "connected",
    .bridge = "xenbr0",
    .interface = "vif5.0",
    .script = "/etc/xen/scripts/vif-bridge",
};

typedef void (*breaker)(struct explain_facts *);

#define BREAK(name, ...)                                                                                               \
    static void name(struct explain_facts *f)                                                                          \
    {                                                                                                                  \
        __VA_ARGS__;                                                                                                   \
    }

BREAK(no_blkback, f->back = f->front = XENBUS_INITIALISING; f->driver_missing = true)
BREAK(script_error, f->back = XENBUS_INIT_WAIT; f->front = XENBUS_INITIALISING; f->hotplug_status = "error";
      f->hotplug_error = "Failed to find an unused loop device")
BREAK(no_physical, f->back = XENBUS_INIT_WAIT; f->front = XENBUS_INITIALISING; f->physical = ""; f->hotplug_status = "")
BREAK(file_gone, f->back = XENBUS_INITIALISING; f->front = XENBUS_INITIALISING; f->target_missing = true)
BREAK(script_gone, f->back = XENBUS_INITIALISING; f->front = XENBUS_INITIALISING; f->script = "/opt/drbd";
      f->script_missing = true)
BREAK(never_seen, f->back = XENBUS_INIT_WAIT; f->front = XENBUS_INITIALISING)
BREAK(refuses, f->back = XENBUS_CLOSING; f->offline = true; f->front_error = "16 Device in use; refusing to close")
BREAK(limbo, f->back = f->front = XENBUS_CLOSED; f->offline = true)
BREAK(silent_kernel, f->back = f->front = XENBUS_INITIALISING)
BREAK(probe_failed, f->back = XENBUS_CLOSING; f->front = XENBUS_INITIALISING;
      f->back_error = "2 failed to write error node")
BREAK(no_bridge, f->back = XENBUS_INIT_WAIT; f->front = XENBUS_INITIALISING; f->hotplug_status = "";
      f->bridge_missing = true)
BREAK(no_interface, f->back = XENBUS_INIT_WAIT; f->front = XENBUS_INITIALISING; f->hotplug_status = "";
      f->interface_missing = true)
BREAK(unbridged, f->interface_alone = true)
BREAK(taken_down, f->interface_down = true)
BREAK(vanished, f->interface_missing = true)
BREAK(forgot_status, f->back = XENBUS_INIT_WAIT; f->front = XENBUS_CONNECTED; f->hotplug_status = "")
BREAK(unready_server, f->back = f->front = XENBUS_INITIALISING; f->server_is_us = false; f->back_domid = 3;
      f->server = "net")
BREAK(unready_toolstack, f->back = XENBUS_INIT_WAIT; f->front = XENBUS_INITIALISING; f->server_is_us = false;
      f->back_domid = 3; f->server = "net"; f->hotplug_status = "")
BREAK(dead_server, f->server_is_us = false; f->server_gone = true; f->back_domid = 3)
BREAK(paused_server, f->server_is_us = false; f->server_paused = true; f->back_domid = 3; f->server = "net";
      f->back = XENBUS_INIT_WAIT; f->front = XENBUS_INITIALISING)
BREAK(bad_ring, f->back = XENBUS_CLOSING; f->front = XENBUS_INITIALISED;
      f->back_error = "22 mapping in shared page 4711 from domain 5")
BREAK(babbling, f->back = XENBUS_INIT_WAIT; f->front = XENBUS_UNKNOWN; f->front_text = "banana")
BREAK(stateless, f->back = XENBUS_INIT_WAIT; f->front = XENBUS_UNKNOWN; f->front_text = "")
BREAK(quota, f->back = XENBUS_INITIALISING; f->front = XENBUS_INITIALISING; f->back_error = "7 writing feature-barrier")
BREAK(zombie, f->guest_dying = true)
BREAK(crashed, f->guest_shutdown = true; f->guest_crashed = true)
BREAK(shut_down, f->guest_shutdown = true)
BREAK(paused, f->back = XENBUS_INIT_WAIT; f->front = XENBUS_INITIALISING; f->guest_paused = true)
BREAK(back_removed, f->back_there = false; f->back = XENBUS_UNKNOWN)
BREAK(front_removed, f->front_there = false; f->front = XENBUS_UNKNOWN; f->front_text = "")
BREAK(deleted_file, f->target_missing = true)
BREAK(lost_loop, f->resource_missing = true)
BREAK(gave_up, f->back = XENBUS_INIT_WAIT; f->front = XENBUS_CLOSING; f->front_error = "12 allocating ring page")
BREAK(unloaded, f->back = f->front = XENBUS_CLOSED)
BREAK(kexec, f->front = XENBUS_INITIALISING)
BREAK(half_way, f->offline = true)
BREAK(closing, f->back = XENBUS_CLOSING; f->front = XENBUS_CLOSING; f->offline = true)
BREAK(reopened, f->back = XENBUS_CLOSED; f->front = XENBUS_INITIALISED)
BREAK(hot_change, f->back = XENBUS_RECONFIGURING)
BREAK(slow_back, f->back = XENBUS_INIT_WAIT; f->front = XENBUS_INITIALISED)
BREAK(slow_front, f->front = XENBUS_INITIALISED)
BREAK(no_reference, f->has_back = false; f->back_there = false)
BREAK(left_over, f->guest_gone = true)
BREAK(no_program, f->back = f->front = XENBUS_INITIALISING; f->module = NULL)
BREAK(dm_crashed, f->back = f->front = XENBUS_INITIALISING; f->module = NULL; f->dm_ended = true)
BREAK(emptied, f->back = XENBUS_UNKNOWN)
BREAK(odd, f->back = XENBUS_INITIALISED; f->front = XENBUS_INITIALISING; f->front = XENBUS_CONNECTED;
      f->back = XENBUS_CONNECTED; f->front = XENBUS_INIT_WAIT)
BREAK(emulated, f->back = XENBUS_INIT_WAIT; f->front = XENBUS_INITIALISING; f->emulated = "hda")
BREAK(silent_console, f->has_handshake = false; f->tty = "")
BREAK(good_console, f->has_handshake = false; f->tty = "/dev/pts/3")
BREAK(nothing, (void)f)

/* "from": the complaint's number among those of the field. Each "word" stands in what is said, or in the advice. */
static const struct situation {
    const char *from;
    const struct explain_facts *device;
    breaker breaks;
    const char *cause;
    enum explain_side side;
    const char *words[3];
} situations[] = {
    {"7", &disk, no_blkback, "module-missing", EXPLAIN_BACK, {"xen-blkback", "modprobe"}},
    {"18", &disk, script_error, "hotplug-failed", EXPLAIN_HOTPLUG, {"/etc/xen/scripts/block", "unused loop device"}},
    {"17", &disk, silent_kernel, "back-silent", EXPLAIN_BACK, {"xen-blkback", "kernel log"}},
    {"22", &disk, no_physical, "hotplug-not-run", EXPLAIN_HOTPLUG, {"physical-device", "--force"}},
    {"23", &disk, file_gone, "target-missing", EXPLAIN_HOST, {"/srv/web.img"}},
    {"26", &disk, script_gone, "script-missing", EXPLAIN_HOTPLUG, {"/opt/drbd"}},
    {"29, 31", &disk, never_seen, "front-silent", EXPLAIN_GUEST, {"has not begun", "initrd"}},
    {"33", &disk, limbo, "half-unplugged", EXPLAIN_TOOLSTACK, {"not finished", "detach it again"}},
    {"34", &disk, refuses, "detach-refused", EXPLAIN_GUEST, {"Device in use", "unmount"}},
    {"38", &vif, vanished, "interface-lost", EXPLAIN_HOST, {"vif5.0"}},
    {"40", &vif, probe_failed, "back-failed", EXPLAIN_BACK, {"failed to write error node", "kernel log"}},
    {"42", &vif, no_interface, "interface-missing", EXPLAIN_BACK, {"vif5.0"}},
    {"41", &vif, no_bridge, "bridge-missing", EXPLAIN_HOST, {"xenbr0", "type bridge"}},
    {"43, 44", &vif, forgot_status, "hotplug-pending", EXPLAIN_HOTPLUG, {"hotplug-status=connected", "vif-bridge"}},
    {"45", &vif, babbling, "front-garbage", EXPLAIN_GUEST, {"banana"}},
    {"47", &vif, unready_server, "server-silent", EXPLAIN_BACK, {"domain 3 (net)", "devd"}},
    {"47", &vif, unready_toolstack, "hotplug-elsewhere", EXPLAIN_HOTPLUG, {"domain 3 (net)", "devd"}},
    {"48", &vif, unbridged, "interface-alone", EXPLAIN_HOST, {"in no bridge", "ip link set vif5.0 master xenbr0"}},
    {"49, 50", &disk, zombie, "guest-dying", EXPLAIN_HOST, {"still holds its memory", "domain 0 (Domain-0)"}},
    {"52", &disk, left_over, "guest-gone", EXPLAIN_HOST, {"sweep"}},
    {"53", &disk, crashed, "guest-crashed", EXPLAIN_GUEST, {"crashed", "console"}},
    {"56", &disk, quota, "store-quota", EXPLAIN_BACK, {"quota", "sweep"}},
    {"57", &disk, back_removed, "back-gone", EXPLAIN_BACK, {"gone", "--force"}},
    {"61", &vif, dead_server, "server-gone", EXPLAIN_BACK, {"domain 3", "start the driver domain"}},
    {"64", &disk, paused, "guest-paused", EXPLAIN_GUEST, {"paused", "unpause 5"}},
    {"74", &disk, slow_back, "back-maps", EXPLAIN_BACK, {"published its ring", "kernel log"}},
    {NULL, &vif, taken_down, "interface-down", EXPLAIN_HOST, {"ip link set vif5.0 up"}},
    {NULL, &vif, paused_server, "server-paused", EXPLAIN_BACK, {"unpause 3"}},
    {NULL, &vif, bad_ring, "ring-unusable", EXPLAIN_GUEST, {"4711"}},
    {NULL, &vif, stateless, "front-stateless", EXPLAIN_GUEST, {"no state"}},
    {NULL, &disk, shut_down, "guest-shut-down", EXPLAIN_GUEST, {"shut down"}},
    {NULL, &disk, front_removed, "front-gone", EXPLAIN_GUEST, {"gone"}},
    {NULL, &disk, deleted_file, "target-deleted", EXPLAIN_HOST, {"deleted"}},
    {NULL, &disk, lost_loop, "resource-lost", EXPLAIN_HOST, {"/dev/loop3"}},
    {NULL, &disk, gave_up, "front-failed", EXPLAIN_GUEST, {"12 allocating ring page"}},
    {NULL, &disk, unloaded, "front-closed", EXPLAIN_GUEST, {"unloaded"}},
    {NULL, &disk, kexec, "front-restarted", EXPLAIN_GUEST, {"began anew"}},
    {NULL, &disk, half_way, "leaving", EXPLAIN_TOOLSTACK, {"online=0"}},
    {NULL, &disk, closing, "detach-going-on", EXPLAIN_GUEST, {"Closing"}},
    {NULL, &disk, reopened, "front-reopens", EXPLAIN_BACK, {"did not come back"}},
    {NULL, &disk, hot_change, "reconfiguring", EXPLAIN_GUEST, {"Reconfiguring"}},
    {NULL, &disk, slow_front, "front-finishes", EXPLAIN_GUEST, {"must follow"}},
    {NULL, &disk, no_reference, "back-unknown", EXPLAIN_TOOLSTACK, {"/libxl/5"}},
    {NULL, &disk, no_program, "server-not-started", EXPLAIN_BACK, {"device model"}},
    {"53", &disk, dm_crashed, "device-model-ended", EXPLAIN_HOST, {"QEMU", "log"}},
    {NULL, &disk, emptied, "unclear", EXPLAIN_NOBODY, {"back end Unknown"}},
    {NULL, &disk, odd, "front-finishes", EXPLAIN_GUEST, {"InitWait"}},
    {NULL, &disk, emulated, "guest-emulates", EXPLAIN_GUEST, {"hda"}},
    {NULL, &disk, silent_console, "console-unserved", EXPLAIN_HOST, {"xenconsoled"}},
    {NULL, &disk, good_console, "console-served", EXPLAIN_NOBODY, {"/dev/pts/3"}},
    {NULL, &disk, nothing, "connected", EXPLAIN_NOBODY, {"Connected"}},
};

static void test_each_situation_is_told_by_its_cause(void **state)
{
    int from_the_field = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(situations); i++) {
        const struct situation *s = &situations[i];
        struct explain_facts f = *s->device;
        const struct explain_cause *cause;
        char *AUTO_FREE what = NULL, *AUTO_FREE advice = NULL, *AUTO_FREE both = NULL;

        s->breaks(&f);
        cause = explain_device(&f);
        if (!str_eq(cause->id, s->cause))
            fail_msg("situation %zu: %s, not %s", i, cause->id, s->cause);
        assert_int_equal(cause->side, s->side);
        what = explain_text(cause->what, &f);
        advice = explain_text(cause->advice, &f);
        assert_non_null(what);
        assert_non_null(advice);
        both = str_format("%s\n%s", what, advice);
        for (size_t w = 0; w < ARRAY_LEN(s->words) && s->words[w]; w++)
            if (!strstr(both, s->words[w]))
                fail_msg("%s: '%s' is not in: %s", s->cause, s->words[w], both);
        assert_true(cause->healthy || advice[0]);
        assert_null(strchr(both, '{'));
        from_the_field += s->from != NULL;
    }
    assert_true(from_the_field >= 20);
}

static void test_each_cause_has_a_situation(void **state)
{
    const struct explain_cause *cause;

    (void)state;
    for (size_t i = 0; (cause = explain_cause_at(i)); i++) {
        bool is_shown = false;

        for (size_t j = 0; j < ARRAY_LEN(situations); j++)
            is_shown = is_shown || str_eq(situations[j].cause, cause->id);
        if (!is_shown)
            fail_msg("no situation shows %s", cause->id);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(explain_cause_at(j)->id, cause->id);
        assert_non_null(explain_side_name(cause->side));
    }
}

/* Every pair of states, hotplug or not, leaving or not: there is a cause, and none calls a device well that has not
 * both ends Connected. Only pairs that cannot be said anything of are unclear. */
static void test_nothing_is_called_well_that_is_not(void **state)
{
    (void)state;
    for (int i = 0; i < XENBUS_STATES * XENBUS_STATES * 8; i++) {
        struct explain_facts f = i % 2 ? disk : vif;
        const struct explain_cause *cause;

        f.front = (enum xenbus_state)(i / 8 % XENBUS_STATES);
        f.back = (enum xenbus_state)(i / 8 / XENBUS_STATES);
        f.front_text = f.front == XENBUS_UNKNOWN ? "99" : "1";
        f.offline = i & 2;
        f.hotplug_status = i & 4 ? "connected" : "";
        cause = explain_device(&f);
        if (cause->healthy)
            assert_true(f.back == XENBUS_CONNECTED && f.front == XENBUS_CONNECTED && !f.offline);
        if (str_eq(cause->id, "unclear"))
            assert_int_equal(f.back, XENBUS_UNKNOWN);
    }
}

static void test_templates(void **state)
{
    char *AUTO_FREE text = NULL;

    (void)state;
    text = explain_text("{label} {domid} {nosuch} {back} {", &disk);
    assert_string_equal(text, "disk xvda 5 {nosuch} Connected {");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_situation_is_told_by_its_cause),
        cmocka_unit_test(test_each_cause_has_a_situation),
        cmocka_unit_test(test_nothing_is_called_well_that_is_not),
        cmocka_unit_test(test_templates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
