/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim/doors.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"
#include "base/vec.h"
#include "domostore.h"
#include "host/sim_wire.h"

enum { BACKLOG = 16 };

struct door {
    uint32_t domid;
    int fd;
    struct sockaddr_un addr;
};

struct doors {
    const struct home *home;
    struct sim *sim;
    int epoll_fd;
    VEC(struct door) open;
};

struct doors *doors_new(const struct home *home, struct sim *sim, int epoll_fd)
{
    struct doors *ds = calloc(1, sizeof *ds);

    if (!ds)
        return NULL;
    ds->home = home;
    ds->sim = sim;
    ds->epoll_fd = epoll_fd;
    return ds;
}

static void shut(struct doors *ds, size_t i)
{
    (void)close(ds->open.at[i].fd);
    (void)unlink(ds->open.at[i].addr.sun_path);
    VEC_REMOVE(&ds->open, i);
}

struct doors *doors_free(struct doors *ds)
{
    if (!ds)
        return NULL;
    while (ds->open.len)
        shut(ds, ds->open.len - 1);
    VEC_FINI(&ds->open);
    free(ds);
    return NULL;
}

static int make_socket(const struct sockaddr_un *addr)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -errno;
    (void)unlink(addr->sun_path);
    if (bind(fd, (const struct sockaddr *)addr, sizeof *addr) < 0 || chmod(addr->sun_path, 0600) < 0 ||
        listen(fd, BACKLOG) < 0) {
        (void)close(fd);
        return -EIO;
    }
    return fd;
}

/* What can't be opened is tried again at the next step. */
static void open_door(struct doors *ds, uint32_t domid)
{
    struct epoll_event event = {.events = EPOLLIN};
    char name[40];
    char *AUTO_FREE path = NULL;
    struct door *door;

    (void)snprintf(name, sizeof name, SIM_STORE_DOOR, domid);
    path = home_path(ds->home, name);
    if (!path || strlen(path) >= sizeof door->addr.sun_path)
        return;
    door = VEC_PUSH(&ds->open);
    if (!door)
        return;
    *door = (struct door){.domid = domid, .addr = {.sun_family = AF_UNIX}};
    memcpy(door->addr.sun_path, path, strlen(path) + 1);
    door->fd = make_socket(&door->addr);
    event.data.fd = door->fd;
    if (door->fd < 0)
        ds->open.len--;
    else if (epoll_ctl(ds->epoll_fd, EPOLL_CTL_ADD, door->fd, &event) < 0)
        shut(ds, ds->open.len - 1);
}

void doors_follow(struct doors *ds)
{
    for (size_t i = ds->open.len; i-- > 0;)
        if (!sim_driver(ds->sim, ds->open.at[i].domid))
            shut(ds, i);
    for (uint32_t domid = 0; (domid = sim_next_driver(ds->sim, domid)) > 0;) {
        size_t i = 0;

        while (i < ds->open.len && ds->open.at[i].domid != domid)
            i++;
        if (i == ds->open.len)
            open_door(ds, domid);
    }
}

bool doors_ready(struct doors *ds, int fd)
{
    size_t i = 0;
    int client;

    while (i < ds->open.len && ds->open.at[i].fd != fd)
        i++;
    if (i == ds->open.len)
        return false;
    client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client >= 0 && domostore_add_client_of(sim_store(ds->sim), client, (uint16_t)ds->open.at[i].domid) < 0)
        (void)close(client);
    return true;
}
