/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Loop devices: a file as a block device that the back end can open.
 *
 * Not marked to clear themselves at last close: our own descriptor would be
 * the last one until the back end opens the device, and a guest that lets go
 * of its disk for a moment (reconnect, kexec) must find the same device again.
 * Instead each carries a tag that says whose it is, so that a sweep finds it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/str.h"
#include "base/vec.h"
#include "host/os.h"

enum { LOOP_TRIES = 64, LOOP_MAJOR_NO = 7 };

_Static_assert(HOST_LOOP_TAG_MAX + 1 == LO_NAME_SIZE, "a tag fills the kernel's name field");

typedef VEC(struct os_loop) loop_list;

/* ---- nodes ---- */

static int open_number(uint32_t number, int flags)
{
    char path[32];
    int fd;

    (void)snprintf(path, sizeof path, "/dev/loop%u", number);
    fd = open(path, flags | O_CLOEXEC);
    if (fd >= 0 || errno != ENOENT)
        return fd;
    /* A static /dev (container, rescue system) lacks nodes of devices that the kernel just made. */
    if (mknod(path, S_IFBLK | 0660, makedev(LOOP_MAJOR_NO, number)) < 0 && errno != EEXIST)
        return -1;
    return open(path, flags | O_CLOEXEC);
}

/* The kernel's fixed encoding of device numbers; not that of dev_t here for large numbers. */
static dev_t decode_dev(uint64_t n)
{
    return makedev((unsigned)((n & 0xfff00) >> 8), (unsigned)((n & 0xff) | ((n >> 12) & 0xfff00)));
}

static void loop_from(uint32_t number, const struct stat *node, const struct loop_info64 *info, struct os_loop *ret)
{
    *ret = (struct os_loop){
        .number = number,
        .major = major(node->st_rdev),
        .minor = minor(node->st_rdev),
        .back_dev = decode_dev(info->lo_device),
        .back_ino = info->lo_inode,
        .read_only = info->lo_flags & LO_FLAGS_READ_ONLY,
    };
    memcpy(ret->tag, info->lo_file_name, HOST_LOOP_TAG_MAX);
}

/* 0, or a negative errno: -ENXIO if it is not configured. */
static int read_status(uint32_t number, int fd, struct os_loop *ret)
{
    struct loop_info64 info;
    struct stat node;

    if (ioctl(fd, LOOP_GET_STATUS64, &info) < 0 || fstat(fd, &node) < 0)
        return -errno;
    loop_from(number, &node, &info, ret);
    return 0;
}

/* ---- attach ---- */

static int open_backing(const struct os_loop_new *l, struct domo_err *err)
{
    int fd = open(l->path, (l->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);
    struct stat st;

    if (fd < 0) {
        enum domo_code code = errno == ENOENT                                       ? DOMO_E_DISK_NOT_FOUND
                              : errno == EACCES || errno == EPERM || errno == EROFS ? DOMO_E_PERMISSION
                                                                                    : DOMO_E_IO;

        return err_sys(err, code, errno, "can't open '%s'", l->path);
    }
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fd;
    (void)close(fd);
    return err_set(err, DOMO_E_DISK_BAD_TARGET, "'%s' is not a regular file", l->path);
}

static int configure(int fd, const struct os_loop_new *l, int backing)
{
    struct loop_config config = {.fd = (uint32_t)backing};

    config.info.lo_flags = (l->read_only ? LO_FLAGS_READ_ONLY : 0) | (l->direct_io ? LO_FLAGS_DIRECT_IO : 0);
    if (l->tag)
        memcpy(config.info.lo_file_name, l->tag, strnlen(l->tag, HOST_LOOP_TAG_MAX));
    if (ioctl(fd, LOOP_CONFIGURE, &config) == 0)
        return 0;
    if (errno != EINVAL || !l->direct_io)
        return -errno;
    /* Kernels differ: most go on with buffered access when the file system can't do direct access, some refuse. */
    config.info.lo_flags &= ~(uint32_t)LO_FLAGS_DIRECT_IO;
    return ioctl(fd, LOOP_CONFIGURE, &config) == 0 ? 0 : -errno;
}

/* -EBUSY: somebody else took the free device first. */
static int attach_once(int control, const struct os_loop_new *l, int backing, struct os_loop *ret)
{
    int number = ioctl(control, LOOP_CTL_GET_FREE), r;
    int AUTO_CLOSE fd = -1;

    if (number < 0)
        return -errno;
    fd = open_number((uint32_t)number, l->read_only ? O_RDONLY : O_RDWR);
    if (fd < 0)
        return -errno;
    r = configure(fd, l, backing);
    if (r < 0)
        return r;
    r = read_status((uint32_t)number, fd, ret);
    if (r < 0)
        (void)ioctl(fd, LOOP_CLR_FD, 0);
    return r;
}

int os_loop_attach(struct host *h, const struct os_loop_new *l, struct os_loop *ret, struct domo_err *err)
{
    int AUTO_CLOSE backing = -1;
    int AUTO_CLOSE control = -1;
    int r = -EBUSY;

    h->stats.os_calls++;
    if (l->tag && strlen(l->tag) > HOST_LOOP_TAG_MAX)
        return err_set(err, DOMO_E_INTERNAL, "a loop device's tag is too long: '%s'", l->tag);
    backing = open_backing(l, err);
    if (backing < 0)
        return -1;
    control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    if (control < 0)
        return err_sys(err, errno == EACCES || errno == EPERM ? DOMO_E_PERMISSION : DOMO_E_NO_LOOP, errno,
                       "can't open /dev/loop-control");
    for (int tries = 0; r == -EBUSY && tries < LOOP_TRIES; tries++)
        r = attach_once(control, l, backing, ret);
    if (r < 0)
        return err_sys(err, DOMO_E_NO_LOOP, -r, "can't set up a loop device for '%s'", l->path);
    return 0;
}

/* ---- detach ---- */

int os_loop_detach(struct host *h, uint32_t number, struct domo_err *err)
{
    int AUTO_CLOSE fd = open_number(number, O_RDONLY);

    h->stats.os_calls++;
    if (fd < 0 && (errno == ENOENT || errno == ENXIO || errno == ENODEV))
        return 0;
    if (fd < 0)
        return err_sys(err, DOMO_E_IO, errno, "can't open /dev/loop%u", number);
    /* While somebody has it open (a back end that is not done yet, udev) the kernel clears it at the last close. */
    if (ioctl(fd, LOOP_CLR_FD, 0) < 0 && errno != ENXIO)
        return err_sys(err, errno == EBUSY ? DOMO_E_DEVICE_IN_USE : DOMO_E_IO, errno, "can't free /dev/loop%u", number);
    return 0;
}

/* ---- one ---- */

int os_loop_get(struct host *h, uint32_t number, struct os_loop *ret, bool *ret_found, struct domo_err *err)
{
    int AUTO_CLOSE fd = open_number(number, O_RDONLY | O_NONBLOCK);
    int r = fd < 0 ? -errno : read_status(number, fd, ret);

    h->stats.os_calls++;
    if (r < 0 && r != -ENXIO && r != -ENOENT && r != -ENODEV)
        return err_sys(err, r == -EACCES || r == -EPERM ? DOMO_E_PERMISSION : DOMO_E_IO, -r,
                       "can't look at /dev/loop%u", number);
    *ret_found = r == 0;
    return 0;
}

/* ---- list ---- */

/* "loop7" is configured if the kernel shows a directory "loop" in it. */
static bool is_configured(const char *name, uint32_t *ret_number)
{
    char path[300];

    if (!str_starts(name, "loop") || str_to_u32(name + 4, ret_number) < 0)
        return false;
    (void)snprintf(path, sizeof path, "/sys/block/%s/loop/backing_file", name);
    return access(path, F_OK) == 0;
}

static bool is_on(const struct os_loop *loop, const struct os_file_id *on, size_t n_on)
{
    for (size_t i = 0; i < n_on; i++)
        if (on[i].ino == loop->back_ino && on[i].dev == loop->back_dev)
            return true;
    return false;
}

static int list_add(loop_list *list, uint32_t number, const struct os_file_id *on, size_t n_on, struct domo_err *err)
{
    int AUTO_CLOSE fd = open_number(number, O_RDONLY | O_NONBLOCK);
    struct os_loop loop = {0}, *slot;
    int r = fd < 0 ? -errno : read_status(number, fd, &loop);

    /* It went away between the look and now. */
    if (r == -ENXIO || r == -ENOENT)
        return 0;
    if (r < 0)
        return err_sys(err, r == -EACCES || r == -EPERM ? DOMO_E_PERMISSION : DOMO_E_IO, -r,
                       "can't look at /dev/loop%u", number);
    if (on && !is_on(&loop, on, n_on))
        return 0;
    slot = VEC_PUSH(list);
    if (!slot)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    *slot = loop;
    return 0;
}

int os_loop_list(struct host *h, const struct os_file_id *on, size_t n_on, struct os_loop **ret, size_t *ret_n,
                 struct domo_err *err)
{
    loop_list list = VEC_INIT;
    struct dirent *entry;
    uint32_t number;
    DIR *d;
    int r = 0;

    h->stats.os_calls++;
    d = opendir("/sys/block");
    if (!d)
        return err_sys(err, DOMO_E_IO, errno, "can't read /sys/block");
    while (r == 0 && (entry = readdir(d)))
        if (is_configured(entry->d_name, &number))
            r = list_add(&list, number, on, n_on, err);
    (void)closedir(d);
    if (r < 0) {
        VEC_FINI(&list);
        return -1;
    }
    *ret = list.at;
    *ret_n = list.len;
    return 0;
}
