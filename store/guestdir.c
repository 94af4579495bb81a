/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "guestdir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { PAGE = 4096, PORT_BASE = 1000, PORT_DEATH = 999 };

struct guestdir {
    char *dir;
    int fd; /* DIR/evtchn */
    struct domostore *ds;
};

static int name_of(const struct guestdir *g, const char *kind, int domid, char *buf, size_t size)
{
    int n =
        domid < 0 ? snprintf(buf, size, "%s/%s", g->dir, kind) : snprintf(buf, size, "%s/%s.%d", g->dir, kind, domid);

    return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

static bool exists(void *arg, uint16_t domid)
{
    char path[512];

    return name_of(arg, "ring", domid, path, sizeof path) == 0 && access(path, F_OK) == 0;
}

static int map(void *arg, uint16_t domid, uint64_t gfn, uint32_t port, void **ret_page)
{
    char path[512];
    struct stat st;
    void *p = MAP_FAILED;
    int fd = -1;

    (void)gfn;
    (void)port;
    if (name_of(arg, "ring", domid, path, sizeof path) == 0)
        fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return -ENOENT;
    if (fstat(fd, &st) == 0 && st.st_size >= PAGE)
        p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    if (p == MAP_FAILED)
        return -EINVAL;
    *ret_page = p;
    return 0;
}

static void unmap(void *arg, uint16_t domid, void *page)
{
    (void)arg;
    (void)domid;
    (void)munmap(page, PAGE);
}

static void notify(void *arg, uint16_t domid)
{
    const struct guestdir *g = arg;
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    uint32_t port = PORT_BASE + domid;

    if (name_of(g, "guest", domid, addr.sun_path, sizeof addr.sun_path) == 0)
        (void)sendto(g->fd, &port, sizeof port, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&addr, sizeof addr);
}

static void look_for_dead(struct guestdir *g)
{
    int domid = 0;

    while ((domid = domostore_next_domain(g->ds, domid, NULL)) >= 0)
        if (!exists(g, (uint16_t)domid))
            domostore_domain_destroyed(g->ds, (uint16_t)domid);
}

static void ready(void *arg)
{
    struct guestdir *g = arg;
    uint32_t port;
    int i;

    for (i = 0; i < 64 && recv(g->fd, &port, sizeof port, MSG_DONTWAIT) == sizeof port; i++) {
        if (port == PORT_DEATH)
            look_for_dead(g);
        else if (port >= PORT_BASE && port - PORT_BASE < 0x7ff0)
            domostore_ring_event(g->ds, (uint16_t)(port - PORT_BASE));
    }
}

struct guestdir *guestdir_open(const char *dir, struct domostore_ops *ops)
{
    struct guestdir *g = calloc(1, sizeof *g);

    if (!g)
        return NULL;
    g->fd = -1;
    g->dir = strdup(dir);
    if (!g->dir) {
        free(g);
        return NULL;
    }
    ops->domain_exists = exists;
    ops->ring_map = map;
    ops->ring_unmap = unmap;
    ops->ring_notify = notify;
    return g;
}

int guestdir_attach(struct guestdir *g, struct domostore *ds)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int rc = name_of(g, "evtchn", -1, addr.sun_path, sizeof addr.sun_path);

    if (rc < 0)
        return rc;
    g->ds = ds;
    g->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (g->fd < 0)
        return -errno;
    (void)unlink(addr.sun_path);
    if (bind(g->fd, (struct sockaddr *)&addr, sizeof addr) < 0)
        return -errno;
    return domostore_add_fd(ds, g->fd, ready, g);
}

void guestdir_close(struct guestdir *g)
{
    if (!g)
        return;
    if (g->fd >= 0)
        (void)close(g->fd);
    free(g->dir);
    free(g);
}
