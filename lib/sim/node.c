/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Loop devices and block devices of domain 0. Interfaces: node_iface.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/node_impl.h"

struct node *node_open(void)
{
    return calloc(1, sizeof(struct node));
}

struct node *node_close(struct node *n)
{
    if (!n)
        return NULL;
    for (size_t i = 0; i < n->users.len; i++)
        if (n->users.at[i].own_fd >= 0)
            (void)close(n->users.at[i].own_fd);
    for (size_t i = 0; i < n->loops.len; i++)
        (void)close(n->loops.at[i].fd);
    VEC_FINI(&n->users);
    VEC_FINI(&n->loops);
    VEC_FINI(&n->ifaces);
    free(n);
    return NULL;
}

/* ---- loop devices ---- */

/* Where number "number" is, or would be. */
static size_t loop_position(const struct node *n, uint32_t number)
{
    size_t low = 0, high = n->loops.len;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (n->loops.at[middle].info.number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct loop *find_loop(const struct node *n, uint32_t number)
{
    size_t i = loop_position(n, number);

    return i < n->loops.len && n->loops.at[i].info.number == number ? &n->loops.at[i] : NULL;
}

/* The lowest number that is free; the list is in order, so the first gap is found by halves. */
static uint32_t free_number(const struct node *n)
{
    size_t low = 0, high = n->loops.len;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (n->loops.at[middle].info.number == middle)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint32_t)low;
}

static int open_backing(const struct os_loop_new *l, struct stat *ret)
{
    int fd = open(l->path, (l->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);
    int r = fd < 0 || fstat(fd, ret) < 0 ? -errno : S_ISREG(ret->st_mode) ? 0 : -ENOTBLK;

    if (r == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return r;
}

void node_loop_limit(struct node *n, uint32_t most)
{
    n->loop_limit = most;
    n->has_loop_limit = true;
}

static int insert_loop(struct node *n, const struct loop *loop)
{
    size_t i = loop_position(n, loop->info.number);

    if (n->has_loop_limit && n->loops.len >= n->loop_limit)
        return -ENOSPC;
    if (!VEC_PUSH(&n->loops))
        return -ENOMEM;
    memmove(&n->loops.at[i + 1], &n->loops.at[i], (n->loops.len - 1 - i) * sizeof *n->loops.at);
    n->loops.at[i] = *loop;
    return 0;
}

int node_loop_attach(struct node *n, const struct os_loop_new *l, struct os_loop *ret)
{
    struct loop loop = {0};
    struct stat st;
    int r;

    if (l->tag && strlen(l->tag) > HOST_LOOP_TAG_MAX)
        return -EINVAL;
    loop.fd = open_backing(l, &st);
    if (loop.fd < 0)
        return loop.fd;
    loop.info = (struct os_loop){
        .number = free_number(n),
        .major = NODE_LOOP_MAJOR,
        .back_dev = st.st_dev,
        .back_ino = st.st_ino,
        .read_only = l->read_only,
    };
    loop.info.minor = loop.info.number;
    (void)snprintf(loop.info.tag, sizeof loop.info.tag, "%s", l->tag ? l->tag : "");
    r = insert_loop(n, &loop);
    if (r < 0) {
        (void)close(loop.fd);
        return r;
    }
    *ret = loop.info;
    return 0;
}

static bool loop_used(const struct node *n, uint32_t number)
{
    for (size_t i = 0; i < n->users.len; i++)
        if (n->users.at[i].info.major == NODE_LOOP_MAJOR && n->users.at[i].info.minor == number)
            return true;
    return false;
}

static void drop_loop(struct node *n, struct loop *loop)
{
    (void)close(loop->fd);
    VEC_REMOVE(&n->loops, (size_t)(loop - n->loops.at));
}

int node_loop_detach(struct node *n, uint32_t number)
{
    struct loop *loop = find_loop(n, number);

    if (!loop)
        return 0;
    if (loop_used(n, number))
        loop->autoclear = true;
    else
        drop_loop(n, loop);
    return 0;
}

size_t node_loop_count(const struct node *n)
{
    return n->loops.len;
}

bool node_loop_at(const struct node *n, size_t i, struct os_loop *ret)
{
    if (i >= n->loops.len)
        return false;
    *ret = n->loops.at[i].info;
    return true;
}

bool node_loop_get(const struct node *n, uint32_t number, struct os_loop *ret)
{
    const struct loop *loop = find_loop(n, number);

    if (!loop)
        return false;
    *ret = loop->info;
    return true;
}

int node_loop_size(const struct node *n, uint32_t number, uint64_t *ret)
{
    const struct loop *loop = find_loop(n, number);
    struct stat st;

    if (!loop)
        return -ENXIO;
    if (fstat(loop->fd, &st) < 0)
        return -errno;
    *ret = (uint64_t)st.st_size;
    return 0;
}

/* ---- block devices ---- */

/* A block device of the machine that we run on, for who may open it. */
static int open_real(uint32_t major, uint32_t minor, bool write, uint64_t *ret_size)
{
    char path[64];
    off_t end;
    int fd;

    (void)snprintf(path, sizeof path, "/dev/block/%u:%u", major, minor);
    fd = open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? -ENXIO : -errno;
    end = lseek(fd, 0, SEEK_END);
    *ret_size = end > 0 ? (uint64_t)end : 0;
    return fd;
}

/* The descriptor to use; *ret_own the one to close, -1 if it is the loop device's. */
static int open_device(struct node *n, uint32_t major, uint32_t minor, bool write, int *ret_own, uint64_t *ret_size)
{
    const struct loop *loop;
    int r;

    *ret_own = -1;
    if (major != NODE_LOOP_MAJOR) {
        *ret_own = open_real(major, minor, write, ret_size);
        return *ret_own;
    }
    loop = find_loop(n, minor);
    if (!loop)
        return -ENXIO;
    if (write && loop->info.read_only)
        return -EROFS;
    r = node_loop_size(n, minor, ret_size);
    return r < 0 ? r : loop->fd;
}

int node_block_open(struct node *n, uint32_t domid, uint32_t devid, uint32_t major, uint32_t minor, bool write,
                    int *ret_fd, uint64_t *ret_size)
{
    uint64_t size = 0;
    int own, fd = open_device(n, major, minor, write, &own, &size);
    struct user *user;

    if (fd < 0)
        return fd;
    user = VEC_PUSH(&n->users);
    if (!user) {
        if (own >= 0)
            (void)close(own);
        return -ENOMEM;
    }
    user->info = (struct os_vbd_user){domid, devid, major, minor, !write};
    user->own_fd = own;
    *ret_fd = fd;
    *ret_size = size;
    return 0;
}

void node_block_close(struct node *n, uint32_t domid, uint32_t devid)
{
    for (size_t i = 0; i < n->users.len; i++) {
        struct user user = n->users.at[i];
        struct loop *loop;

        if (user.info.domid != domid || user.info.devid != devid)
            continue;
        if (user.own_fd >= 0)
            (void)close(user.own_fd);
        VEC_REMOVE(&n->users, i);
        loop = user.info.major == NODE_LOOP_MAJOR ? find_loop(n, user.info.minor) : NULL;
        if (loop && loop->autoclear && !loop_used(n, user.info.minor))
            drop_loop(n, loop);
        return;
    }
}

size_t node_vbd_user_count(const struct node *n)
{
    return n->users.len;
}

bool node_vbd_user_at(const struct node *n, size_t i, struct os_vbd_user *ret)
{
    if (i >= n->users.len)
        return false;
    *ret = n->users.at[i].info;
    return true;
}
