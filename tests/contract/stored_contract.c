/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: on real Xen, a guest that can't be served has its INTRODUCE refused
 * with the right error, one without the builder's grant is served by its frame,
 * and what a guest does to its page costs only itself, also in a live update.
 * Runs as root in a control domain whose store is domo-stored, prints TAP.
 *
 *   stored_contract CONTROL DAEMON     (xenstore-control and domo-stored)
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenctrl.h>
#include <xenforeignmemory.h>
#include <xenstore.h>

#include "tap.h"

enum { PAGE = 4096, REQ_CONS = 2048, REQ_PROD = 2052, FEATURES = 2064, RING_ERROR = 2072, NO_DOMAIN = 30000 };

/* A domain that never runs, of one page. */
struct guest {
    uint32_t domid;
    xen_pfn_t frame;
    int port;
};

struct contract {
    struct tap tap;
    xc_interface *xc;
    xenforeignmemory_handle *memory;
    struct xs_handle *xs;
};

#define OK(c, ok, ...) tap_ok(&(c)->tap, ok, NULL, __VA_ARGS__)

static bool make_guest(struct contract *c, struct guest *g)
{
    struct xen_domctl_createdomain config = {
        .max_vcpus = 1,
        .max_evtchn_port = 1023,
        .max_grant_frames = -1,
        .max_maptrack_frames = -1,
        .grant_opts = XEN_DOMCTL_GRANT_version(1),
    };

    g->domid = 0;
    g->frame = 0;
    /* Without a processor it could not even be kicked: Xen itself would crash. */
    if (xc_domain_create(c->xc, &g->domid, &config) < 0 || xc_domain_max_vcpus(c->xc, g->domid, 1) < 0 ||
        xc_domain_setmaxmem(c->xc, g->domid, 4096) < 0 ||
        xc_domain_populate_physmap_exact(c->xc, g->domid, 1, 0, 0, &g->frame) < 0)
        return false;
    g->port = xc_evtchn_alloc_unbound(c->xc, g->domid, 0);
    return g->port > 0;
}

/* 0 or the errno. */
static int introduce(struct contract *c, uint32_t domid, unsigned long frame, unsigned port)
{
    return xs_introduce_domain(c->xs, domid, frame, port) ? 0 : errno;
}

static bool is_gone(struct contract *c, uint32_t domid)
{
    int tries;

    for (tries = 0; tries < 100; tries++) {
        if (!xs_is_domain_introduced(c->xs, domid))
            return true;
        (void)usleep(100000);
    }
    return false;
}

/* Reads a field of the guest's page, or with "value" writes it. */
static uint32_t field(struct contract *c, const struct guest *g, size_t at, const uint32_t *value)
{
    uint32_t *word, got;
    char *page = xenforeignmemory_map(c->memory, g->domid, PROT_READ | PROT_WRITE, 1, &g->frame, NULL);

    if (!page)
        return 0xdeadbeef;
    word = (uint32_t *)(void *)(page + at);
    if (value)
        __atomic_store_n(word, *value, __ATOMIC_RELEASE);
    got = __atomic_load_n(word, __ATOMIC_ACQUIRE);
    (void)xenforeignmemory_unmap(c->memory, page, 1);
    return got;
}

static void check_introduce(struct contract *c, const struct guest *g)
{
    OK(c, introduce(c, NO_DOMAIN, 1, 1) == ENOENT, "no such domain: ENOENT");
    OK(c, introduce(c, g->domid, g->frame, (unsigned)g->port + 1) == EINVAL, "a port that is not there: EINVAL");
    OK(c, !xs_is_domain_introduced(c->xs, g->domid), "it is not introduced by that");
    OK(c, introduce(c, g->domid, 1, (unsigned)g->port) == ENOENT, "a frame that is not the domain's: ENOENT");
    OK(c, introduce(c, g->domid, g->frame, (unsigned)g->port) == 0, "without a grant it is served by its frame");
    OK(c, field(c, g, FEATURES, NULL) == 7, "its page says what the server can");
    OK(c, introduce(c, g->domid, g->frame, (unsigned)g->port) == 0, "introduced again with the same port");
    OK(c, introduce(c, g->domid, g->frame, (unsigned)g->port + 1) == EINVAL, "again with a port that is not there");
    OK(c, xs_is_domain_introduced(c->xs, g->domid), "it stays introduced");
    OK(c, introduce(c, 0, 1, 1) == EINVAL, "dom0's own kernel can't be given another port");
}

/* One guest breaks its indices, the other takes its page away, and nobody tells the daemon. */
static void check_update(struct contract *c, struct guest *breaks, struct guest *hides, char **argv)
{
    uint32_t bad = field(c, breaks, REQ_CONS, NULL) + 5000;
    char command[512];
    char *value;
    unsigned len = 0;
    int status;

    (void)field(c, breaks, REQ_PROD, &bad);
    OK(c, xc_domain_decrease_reservation_exact(c->xc, hides->domid, 1, 0, &hides->frame) == 0, "a page is taken away");
    (void)snprintf(command, sizeof command, "%s live-update %s", argv[1], argv[2]);
    status = system(command);
    OK(c, WIFEXITED(status) && WEXITSTATUS(status) == 0, "live update");
    OK(c, xs_is_domain_introduced(c->xs, breaks->domid) && xs_is_domain_introduced(c->xs, hides->domid),
       "both are known for as long as they are there");
    OK(c, field(c, breaks, RING_ERROR, NULL) == 2, "broken indices are seen, in a page that was mapped anew");
    OK(c, introduce(c, hides->domid, hides->frame, (unsigned)hides->port) == ENOENT, "what is hidden can't be served");
    OK(c, introduce(c, breaks->domid, breaks->frame, (unsigned)breaks->port) == 0, "what was broken may start over");
    OK(c, field(c, breaks, RING_ERROR, NULL) == 0, "and has no error then");
    value = xs_read(c->xs, XBT_NULL, "/local/domain/0/name", &len);
    OK(c, value && strcmp(value, "Domain-0") == 0, "everybody else is served");
    free(value);
}

int main(int argc, char **argv)
{
    struct contract c = {
        .xc = xc_interface_open(NULL, NULL, 0), .memory = xenforeignmemory_open(NULL, 0), .xs = xs_open(0)};
    struct guest one = {0}, two = {0};

    if (argc != 3 || !c.xc || !c.memory || !c.xs)
        return 2;
    if (OK(&c, make_guest(&c, &one) && make_guest(&c, &two), "two domains")) {
        check_introduce(&c, &one);
        OK(&c, introduce(&c, two.domid, two.frame, (unsigned)two.port) == 0, "a second one");
        check_update(&c, &one, &two, argv);
    }
    OK(&c, xc_domain_destroy(c.xc, one.domid) == 0 && xc_domain_destroy(c.xc, two.domid) == 0, "both are destroyed");
    OK(&c, is_gone(&c, one.domid) && is_gone(&c, two.domid), "and forgotten");
    xs_close(c.xs);
    (void)xenforeignmemory_close(c.memory);
    (void)xc_interface_close(c.xc);
    return tap_end(&c.tap);
}
