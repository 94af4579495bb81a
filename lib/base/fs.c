/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

static int read_all(int fd, size_t max, struct str *out)
{
    char buf[16384];
    ssize_t n;

    for (;;) {
        n = read(fd, buf, sizeof buf);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return 0;
        if (out->len + (size_t)n > max)
            return -EFBIG;
        str_addn(out, buf, (size_t)n);
        if (out->failed)
            return -ENOMEM;
    }
}

int fs_read(const char *path, size_t max, char **ret, size_t *ret_len)
{
    int AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct str AUTO_STR text = STR_INIT;
    struct stat st;
    size_t len;
    char *s;
    int r;

    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    if (!S_ISREG(st.st_mode))
        return -EINVAL;
    r = read_all(fd, max, &text);
    if (r)
        return r;
    len = text.len;
    s = str_steal(&text);
    if (!s)
        return -ENOMEM;
    *ret = s;
    *ret_len = len;
    return 0;
}

int fs_write_all(int fd, const void *bytes, size_t len)
{
    const char *p = bytes;

    while (len) {
        ssize_t n = write(fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

static int write_temp(int fd, const void *bytes, size_t len, mode_t mode, bool durable)
{
    int r = fs_write_all(fd, bytes, len);

    if (r)
        return r;
    if (fchmod(fd, mode) < 0)
        return -errno;
    if (durable && fsync(fd) < 0)
        return -errno;
    return 0;
}

int fs_write_atomic(const char *path, const void *bytes, size_t len, mode_t mode, bool durable)
{
    char *AUTO_FREE temp = str_format("%s.XXXXXX", path);
    int AUTO_CLOSE fd = -1;
    int r;

    if (!temp)
        return -ENOMEM;
    fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    r = write_temp(fd, bytes, len, mode, durable);
    if (!r && rename(temp, path) < 0)
        r = -errno;
    if (r)
        (void)unlink(temp);
    return r;
}

int fs_mkdirs(const char *path, mode_t mode)
{
    char *AUTO_FREE copy = strdup(path);
    char *p;

    if (!copy)
        return -ENOMEM;
    for (p = copy + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(copy, mode) < 0 && errno != EEXIST)
            return -errno;
        *p = '/';
    }
    return mkdir(copy, mode) < 0 && errno != EEXIST ? -errno : 0;
}

static int try_lock(int fd, enum fs_lock_kind kind)
{
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    if (kind == FS_LOCK_FLOCK)
        return flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
    if (fcntl(fd, F_SETLK, &range) == 0)
        return 0;
    return errno == EACCES ? -EWOULDBLOCK : -errno;
}

/* The holder may have removed the file before letting go: then the lock that we got protects nothing. */
static bool still_there(int fd, const char *path)
{
    struct stat ours, named;

    return fstat(fd, &ours) == 0 && stat(path, &named) == 0 && ours.st_dev == named.st_dev &&
           ours.st_ino == named.st_ino;
}

int fs_lock(const char *path, enum fs_lock_kind kind, int64_t deadline_ms, int *ret_fd)
{
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600), r;

        if (fd < 0)
            return -errno;
        r = try_lock(fd, kind);
        if (!r && still_there(fd, path)) {
            *ret_fd = fd;
            return 0;
        }
        (void)close(fd);
        if (!r)
            continue;
        if (r != -EWOULDBLOCK && r != -EINTR)
            return r;
        if (clock_left_ms(deadline_ms, clock_now_ms()) == 0)
            return -EWOULDBLOCK;
        /* Record locks have no event that poll could wait for together with a deadline. */
        (void)poll(NULL, 0, 20);
    }
}

void fs_drain(int fd)
{
    char bytes[4096];

    while (read(fd, bytes, sizeof bytes) > 0)
        ;
}
