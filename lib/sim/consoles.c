/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The console daemon: a terminal for each guest, and the bytes between it and
 * the guest's console ring. A guest that floods loses its oldest output; one
 * that breaks its indices is not heard until it has mended them.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <termios.h>
#include <unistd.h>

#include "base/str.h"
#include "hash.h"
#include "ring/stream.h"
#include "sim/line.h"
#include "sim/sim.h"
#include "sim/xs.h"

enum { GRANT_OF_CONSOLE = 0, OUTPUT_MAX = 65536, CHUNK = 2048, EVENTS = 64 };

static const char introduced[] = "@introduceDomain";

struct console {
    struct consoles *all;
    uint32_t domid;
    char dir[48];
    char token[16];
    bool is_watching;
    void *page; /* NULL = not connected */
    int port;
    struct stream in, out;
    int master, slave; /* the slave is kept open, so that nobody's leaving hangs the terminal up */
    uint32_t waits;    /* what epoll is asked for */
    struct str text;   /* for the terminal */
    bool is_ready;
    struct console *next_ready;
    UT_hash_handle hh; /* by domid */
};

struct consoles {
    struct sim *sim;
    struct xsc *xs;
    struct sim_line own;
    struct line line;
    int epoll_fd;
    struct console *by_domid;
    struct console *ready;
};

static struct console *find(struct consoles *cs, uint32_t domid)
{
    struct console *c;

    HASH_FIND(hh, cs->by_domid, &domid, sizeof domid, c);
    return c;
}

/* ---- the terminal ---- */

static void close_tty(struct console *c)
{
    if (c->master >= 0)
        (void)close(c->master);
    if (c->slave >= 0)
        (void)close(c->slave);
    c->master = c->slave = -1;
}

/* Without a terminal the console goes on, and is not heard. */
static void open_tty(struct console *c)
{
    struct epoll_event event = {.events = 0, .data.ptr = c};
    struct termios raw;
    char name[64];

    c->waits = 0;
    c->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (c->master < 0 || grantpt(c->master) || unlockpt(c->master) || ptsname_r(c->master, name, sizeof name)) {
        close_tty(c);
        return;
    }
    c->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (c->slave < 0 || tcgetattr(c->slave, &raw)) {
        close_tty(c);
        return;
    }
    cfmakeraw(&raw);
    if (tcsetattr(c->slave, TCSANOW, &raw) || epoll_ctl(c->all->epoll_fd, EPOLL_CTL_ADD, c->master, &event)) {
        close_tty(c);
        return;
    }
    IGNORE(xsc_write(c->all->xs, 0, c->dir, "tty", name));
}

static void wait_for(struct console *c, uint32_t waits)
{
    struct epoll_event event = {.events = waits, .data.ptr = c};

    if (c->master < 0 || c->waits == waits)
        return;
    if (epoll_ctl(c->all->epoll_fd, EPOLL_CTL_MOD, c->master, &event) == 0)
        c->waits = waits;
}

/* ---- bytes ---- */

static void kicked(void *arg)
{
    struct console *c = arg;

    if (c->is_ready)
        return;
    c->is_ready = true;
    c->next_ready = c->all->ready;
    c->all->ready = c;
}

static void keep(struct console *c, const char *bytes, size_t len)
{
    size_t over;

    str_addn(&c->text, bytes, len);
    if (c->text.failed)
        str_clear(&c->text);
    if (c->text.len <= OUTPUT_MAX)
        return;
    over = c->text.len - OUTPUT_MAX / 2;
    memmove(c->text.s, c->text.s + over, c->text.len - over + 1);
    c->text.len -= over;
}

/* From the guest. True if any byte moved. */
static bool take_output(struct console *c)
{
    char bytes[CHUNK];
    ssize_t n = stream_read(&c->out, bytes, sizeof bytes);

    if (n > 0 && c->master >= 0)
        keep(c, bytes, (size_t)n);
    return n > 0;
}

static void print(struct console *c)
{
    ssize_t n = c->text.len && c->master >= 0 ? write(c->master, c->text.s, c->text.len) : 0;

    if (n <= 0)
        return;
    memmove(c->text.s, c->text.s + n, c->text.len - (size_t)n + 1);
    c->text.len -= (size_t)n;
}

/* To the guest, as much as it has room for. */
static bool take_input(struct console *c)
{
    ssize_t room = stream_room(&c->in), n;
    char bytes[CHUNK];

    if (room <= 0 || c->master < 0)
        return false;
    n = read(c->master, bytes, (size_t)room < sizeof bytes ? (size_t)room : sizeof bytes);
    return n > 0 && stream_write(&c->in, bytes, (size_t)n) > 0;
}

static bool serve(struct console *c)
{
    const struct line *line = &c->all->line;
    bool moved;

    if (!c->page)
        return false;
    moved = take_output(c);
    print(c);
    if (take_input(c))
        moved = true;
    if (moved)
        line->ops->port_kick(line->arg, (uint32_t)c->port);
    wait_for(c, (stream_room(&c->in) > 0 ? (uint32_t)EPOLLIN : 0) | (c->text.len ? (uint32_t)EPOLLOUT : 0));
    return moved;
}

/* ---- connecting ---- */

static void disconnect(struct console *c)
{
    const struct line *line = &c->all->line;

    if (!c->page)
        return;
    while (take_output(c) && c->text.len < OUTPUT_MAX / 2)
        ;
    print(c);
    close_tty(c);
    line->ops->port_close(line->arg, (uint32_t)c->port);
    line->ops->unmap(line->arg, c->domid, GRANT_OF_CONSOLE, c->page);
    c->page = NULL;
}

static bool is_ours(struct console *c)
{
    char *AUTO_FREE type = NULL;

    return xsc_read(c->all->xs, 0, c->dir, "type", &type) || str_eq(type, "xenconsoled");
}

/* When the toolstack has said where the ring is. */
static void connect(struct console *c)
{
    const struct line *line = &c->all->line;
    uint32_t port;
    void *page;

    if (c->page || xsc_read_u32(c->all->xs, 0, c->dir, "port", &port) || !is_ours(c) ||
        line->ops->map(line->arg, c->domid, GRANT_OF_CONSOLE, true, &page))
        return;
    c->port = line->ops->port_bind(line->arg, c->domid, port);
    if (c->port < 0 || line->ops->port_listen(line->arg, (uint32_t)c->port, kicked, c)) {
        line->ops->unmap(line->arg, c->domid, GRANT_OF_CONSOLE, page);
        return;
    }
    c->page = page;
    stream_writer(&c->in, &stream_console_in, page);
    stream_reader(&c->out, &stream_console_out, page);
    open_tty(c);
    kicked(c);
}

static void forget(struct console *c)
{
    struct console **at = &c->all->ready;

    disconnect(c);
    while (*at && *at != c)
        at = &(*at)->next_ready;
    if (*at)
        *at = c->next_ready;
    if (c->is_watching)
        IGNORE(xsc_unwatch(c->all->xs, c->dir, c->token));
    HASH_DEL(c->all->by_domid, c);
    str_fini(&c->text);
    free(c);
}

static void add(struct consoles *cs, uint32_t domid)
{
    struct console *c = calloc(1, sizeof *c);

    if (!c)
        return;
    c->all = cs;
    c->domid = domid;
    c->master = c->slave = -1;
    (void)snprintf(c->dir, sizeof c->dir, "/local/domain/%" PRIu32 "/console", domid);
    (void)snprintf(c->token, sizeof c->token, "%" PRIu32, domid);
    HASH_ADD(hh, cs->by_domid, domid, sizeof c->domid, c);
    if (!HASH_ADDED(c)) {
        free(c);
        return;
    }
    c->is_watching = xsc_watch(cs->xs, c->dir, c->token) == 0;
    connect(c);
}

static void find_new(struct consoles *cs)
{
    bool is_introduced;
    int domid = 0;

    while ((domid = domostore_next_domain(sim_store(cs->sim), domid, &is_introduced)) >= 0) {
        if (is_introduced && !find(cs, (uint32_t)domid))
            add(cs, (uint32_t)domid);
    }
}

static void on_change(void *arg, uint32_t domid, enum machine_change what)
{
    struct console *c = find(arg, domid);

    if (c && (what == MACHINE_DYING || what == MACHINE_GONE))
        forget(c);
}

/* ---- turning ---- */

static bool listen_to_store(struct consoles *cs)
{
    struct xsc_event e;
    bool any = false;

    while (xsc_next(cs->xs, &e)) {
        uint32_t domid;
        struct console *c;

        any = true;
        c = str_to_u32(e.token, &domid) == 0 ? find(cs, domid) : NULL;
        if (c)
            connect(c);
        else if (str_eq(e.token, introduced))
            find_new(cs);
        free(e.path);
    }
    return any;
}

static void listen_to_ttys(struct consoles *cs)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(cs->epoll_fd, events, EVENTS, 0);

    for (int i = 0; i < n; i++)
        kicked(events[i].data.ptr);
}

bool consoles_turn(struct consoles *cs)
{
    bool any = listen_to_store(cs);
    struct console *c;

    listen_to_ttys(cs);
    c = cs->ready;
    cs->ready = NULL;
    while (c) {
        struct console *next = c->next_ready;

        c->is_ready = false;
        if (serve(c))
            any = true;
        c = next;
    }
    return any;
}

int consoles_fd(const struct consoles *cs)
{
    return cs->epoll_fd;
}

struct consoles *consoles_new(struct sim *sim)
{
    struct consoles *cs = calloc(1, sizeof *cs);

    if (!cs)
        return NULL;
    cs->sim = sim;
    cs->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    sim_line_init(&cs->own, sim_machine(sim), 0);
    cs->line = sim_line(&cs->own);
    cs->xs = xsc_new(sim_store(sim), 0);
    if (cs->epoll_fd < 0 || !cs->xs || xsc_watch(cs->xs, introduced, introduced) ||
        machine_on_change(sim_machine(sim), on_change, cs) < 0)
        return consoles_free(cs);
    return cs;
}

struct consoles *consoles_free(struct consoles *cs)
{
    struct console *c, *next;

    if (!cs)
        return NULL;
    for (c = cs->by_domid; c; c = next) {
        next = c->hh.next;
        forget(c);
    }
    (void)xsc_free(cs->xs);
    sim_line_fini(&cs->own);
    if (cs->epoll_fd >= 0)
        (void)close(cs->epoll_fd);
    free(cs);
    return NULL;
}
