/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One guest: boots, listens to the store, shuts down, follows its memory target.
 */
#include "sim/guest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const char shutdown_path[] = "control/shutdown", target_path[] = "memory/target", device_path[] = "device",
                  cpu_path[] = "cpu";

/* What a toolstack may write into control/shutdown. */
static const struct {
    const char *word;
    enum machine_reason reason;
    const char *feature; /* announced; NULL = not */
} requests[] = {
    {"poweroff", MACHINE_POWEROFF, "control/feature-poweroff"},
    {"halt", MACHINE_POWEROFF, NULL},
    {"reboot", MACHINE_REBOOT, "control/feature-reboot"},
    {"suspend", MACHINE_SUSPEND, "control/feature-suspend"},
};

static struct machine *machine_of(const struct guest *g)
{
    return sim_machine(g->all->sim);
}

int64_t guest_now(const struct guest *g)
{
    return sim_now_ms(g->all->sim);
}

/* ---- being woken ---- */

void guest_wake(void *arg)
{
    struct guest *g = arg;

    if (g->is_ready)
        return;
    g->is_ready = true;
    g->next_ready = g->all->ready;
    g->all->ready = g;
}

/* The timer's interrupt: like every other it waits while the guest is paused. */
static void ring_alarm(void *arg)
{
    struct guest *g = arg;

    g->timer = 0;
    g->line.ops->port_kick(g->line.arg, g->alarm_port);
}

void guest_alarm(struct guest *g, int64_t at_ms)
{
    int64_t timer;

    if (g->timer && g->alarm_at <= at_ms)
        return;
    if (g->timer)
        sim_cancel(g->all->sim, g->timer);
    timer = sim_at(g->all->sim, at_ms, ring_alarm, g);
    g->timer = timer > 0 ? timer : 0;
    g->alarm_at = at_ms;
}

/* A channel to itself: what is sent on one port arrives at the other. */
static int open_alarm(struct guest *g)
{
    int there = machine_evtchn_alloc(machine_of(g), g->domid, g->domid);
    int here = there < 0 ? there : machine_evtchn_bind(machine_of(g), g->domid, g->domid, (uint32_t)there);

    if (here < 0)
        return here;
    g->alarm_port = (uint32_t)there;
    return g->line.ops->port_listen(g->line.arg, (uint32_t)here, guest_wake, g);
}

/* ---- making ---- */

/* Names are the toolstack's; the guest is known by its name before it runs. */
static void read_name(struct guest *g)
{
    char *AUTO_FREE dir = str_format("/local/domain/%" PRIu32, g->domid);
    char *AUTO_FREE name = NULL;

    if (dir && xsc_read(g->all->xs, 0, dir, "name", &name) == 0)
        (void)snprintf(g->name, sizeof g->name, "%s", name);
}

struct guest *guest_new(struct guests *gs, uint32_t domid)
{
    struct guest *g = calloc(1, sizeof *g);
    const char *kernel;

    if (!g)
        return NULL;
    g->all = gs;
    g->domid = domid;
    sim_line_init(&g->own, sim_machine(gs->sim), domid);
    g->line = sim_line(&g->own);
    read_name(g);
    kernel = machine_kernel_path(machine_of(g), domid);
    g->rule = world_rule(sim_world(gs->sim), g->name, kernel ? kernel : "", machine_order(machine_of(g), domid));
    if (open_alarm(g) < 0) {
        guest_free(g);
        return NULL;
    }
    g->boot_at = guest_now(g) + g->rule->boot_ms;
    guest_alarm(g, g->boot_at);
    return g;
}

void guest_free(struct guest *g)
{
    if (g->timer)
        sim_cancel(g->all->sim, g->timer);
    driver_end(g);
    fronts_free(g);
    shell_free(g->shell);
    (void)xsc_free(g->xs);
    sim_line_fini(&g->own);
    free(g);
}

bool guest_has_word(const struct guest *g, const char *word)
{
    const char *at = machine_cmdline(machine_of(g), g->domid);
    size_t n = strlen(word);

    for (at = at ? at : ""; *at; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        if (strncmp(at, word, n) == 0 && (at[n] == '\0' || at[n] == ' '))
            return true;
    }
    return false;
}

/* ---- booting ---- */

static void kick_store(void *arg)
{
    struct guest *g = arg;

    g->line.ops->port_kick(g->line.arg, g->store_port);
}

static bool open_rings(struct guest *g)
{
    struct machine *m = machine_of(g);
    uint64_t store_gfn, console_gfn;
    uint32_t console_port;
    void *store, *console;

    if (machine_rings(m, g->domid, &store_gfn, &g->store_port, &console_gfn, &console_port) < 0)
        return false;
    store = machine_page(m, g->domid, store_gfn);
    console = machine_page(m, g->domid, console_gfn);
    if (!store || !console)
        return false;
    g->xs = xsc_new_ring(sim_store(g->all->sim), (uint16_t)g->domid, store, kick_store, g);
    g->shell = shell_new(g, console, console_port);
    IGNORE(g->line.ops->port_listen(g->line.arg, g->store_port, guest_wake, g));
    return g->xs && g->shell;
}

static void announce(struct guest *g)
{
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        if (requests[i].feature)
            IGNORE(xsc_write(g->xs, 0, requests[i].feature, NULL, "1"));
    }
}

static void crash(struct guest *g)
{
    shell_printf(g->shell, "Kernel panic - not syncing: it was told to\r\n");
    g->is_stopped = true;
    shell_run(g->shell);
    IGNORE(machine_shutdown(machine_of(g), g->domid, MACHINE_CRASH));
}

/* Whoever waits for a guest to be up waits for its identity, whatever kind of host it is on. */
static void greet(struct guest *g)
{
    char uuid[2 * HOST_UUID_LEN + 5] = "";
    struct hyp_info info;

    shell_printf(g->shell, "simulated guest %s, domain %" PRIu32 "\r\n", g->name, g->domid);
    if (machine_domain(machine_of(g), g->domid, &info))
        return;
    for (size_t i = 0, at = 0; i < HOST_UUID_LEN; i++)
        at += (size_t)snprintf(uuid + at, sizeof uuid - at, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                               info.uuid[i]);
    shell_printf(g->shell, "GUEST-READY %s\r\n", uuid);
}

static void boot(struct guest *g)
{
    g->boot_at = 0;
    if (!open_rings(g)) {
        IGNORE(machine_shutdown(machine_of(g), g->domid, MACHINE_CRASH));
        return;
    }
    if (g->rule->manner == GUEST_CRASHES) {
        crash(g);
        return;
    }
    greet(g);
    g->is_booted = true;
    announce(g);
    if (g->rule->manner != GUEST_IGNORES_SHUTDOWN)
        IGNORE(xsc_watch(g->xs, shutdown_path, shutdown_path));
    IGNORE(xsc_watch(g->xs, target_path, target_path));
    IGNORE(xsc_watch(g->xs, cpu_path, cpu_path));
    if (g->rule->manner != GUEST_NEVER_CONNECTS)
        IGNORE(xsc_watch(g->xs, device_path, device_path));
    driver_start(g);
}

/* ---- what the toolstack asks ---- */

void guest_stop(struct guest *g, enum machine_reason reason)
{
    if (g->stop_at)
        return;
    g->stop_reason = reason;
    g->stop_at = guest_now(g) + g->rule->delay_ms;
    guest_alarm(g, g->stop_at);
}

struct asked {
    char *word;
};

/* Taking the request is the answer to it. */
static int take_request(struct xsc *xs, uint32_t tx, void *arg)
{
    struct asked *a = arg;
    int rc;

    free(a->word);
    a->word = NULL;
    rc = xsc_read(xs, tx, shutdown_path, NULL, &a->word);
    return rc || !a->word[0] ? rc : xsc_write(xs, tx, shutdown_path, NULL, "");
}

/* What is left to do when the server has made us wait. */
enum again { AGAIN_SHUTDOWN = 1, AGAIN_TARGET = 2, AGAIN_DEVICES = 4, AGAIN_CPUS = 8 };

static void do_again(struct guest *g, int rc, enum again what)
{
    if (rc != -EAGAIN)
        return;
    g->again |= what;
    g->again_at = guest_now(g) + RETRY_MS;
}

static void on_shutdown(struct guest *g)
{
    struct asked a = {NULL};
    int rc = xsc_transact(g->xs, take_request, &a);

    do_again(g, rc, AGAIN_SHUTDOWN);
    if (rc == 0) {
        for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
            if (str_eq(a.word, requests[i].word))
                guest_stop(g, requests[i].reason);
        }
    }
    free(a.word);
}

/* In KiB. What the machine refuses (above the limit, or no memory) is left as it is, as a balloon driver does. */
static void on_target(struct guest *g)
{
    uint32_t target;
    int rc = xsc_read_u32(g->xs, 0, target_path, NULL, &target);

    do_again(g, rc, AGAIN_TARGET);
    if (rc == 0)
        IGNORE(machine_balloon(machine_of(g), g->domid, target));
}

/* Which of its processors it is to use. */
static void on_cpus(struct guest *g)
{
    struct hyp_info info;

    if (machine_domain(machine_of(g), g->domid, &info) < 0)
        return;
    for (uint32_t i = 0; i < info.vcpus_max; i++) {
        char path[32], *AUTO_FREE word = NULL;
        int rc;

        (void)snprintf(path, sizeof path, "cpu/%" PRIu32 "/availability", i);
        rc = xsc_read(g->xs, 0, path, NULL, &word);
        do_again(g, rc, AGAIN_CPUS);
        /* The first one stays, as a kernel's does. */
        if (rc == 0 && i > 0)
            IGNORE(machine_vcpu_online(machine_of(g), g->domid, i, str_eq(word, "online")));
    }
}

static void listen_to_store(struct guest *g)
{
    struct xsc_event e;

    while (xsc_next(g->xs, &e)) {
        if (str_eq(e.token, shutdown_path))
            on_shutdown(g);
        else if (str_eq(e.token, target_path))
            on_target(g);
        else if (str_eq(e.token, cpu_path))
            on_cpus(g);
        else if (str_eq(e.token, device_path))
            do_again(g, fronts_changed(g, e.path), AGAIN_DEVICES);
        else
            front_told(g, e.token);
        free(e.path);
    }
}

static void try_again(struct guest *g)
{
    unsigned what = g->again;

    if (!what || guest_now(g) < g->again_at)
        return;
    g->again = 0;
    if (what & AGAIN_SHUTDOWN)
        on_shutdown(g);
    if (what & AGAIN_TARGET)
        on_target(g);
    if (what & AGAIN_CPUS)
        on_cpus(g);
    if (what & AGAIN_DEVICES)
        do_again(g, fronts_scan(g), AGAIN_DEVICES);
}

void guest_run(struct guest *g)
{
    if (g->is_stopped || !machine_runs(machine_of(g), g->domid))
        return;
    if (g->boot_at && guest_now(g) >= g->boot_at)
        boot(g);
    if (g->is_booted) {
        listen_to_store(g);
        try_again(g);
        fronts_run(g);
        shell_run(g->shell);
    }
    if (g->boot_at)
        guest_alarm(g, g->boot_at);
    if (g->again)
        guest_alarm(g, g->again_at);
    if (g->stop_at && guest_now(g) >= g->stop_at)
        IGNORE(machine_shutdown(machine_of(g), g->domid, g->stop_reason));
    else if (g->stop_at)
        guest_alarm(g, g->stop_at);
}
