/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A block back end in user space: serves each disk that was attached with
 * "backendtype=standalone" from the raw file, or block device, that its target
 * names. Uses nothing but libdomo's public header.
 *
 *   block-backend [-v] [--host URI]
 *
 * It can be killed at any time and started again: guests wait meanwhile, and
 * what they had asked for is carried out then.
 */
#include <domo.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/fs.h>

/* After so many requests of one guest the others have their turn. */
enum { AT_ONCE = 32 };

struct options {
    const char *host;
    int verbose;
};

/* One disk: the data of a struct domo_device. */
struct disk {
    int fd;
    struct domo_blk_disk facts;
};

static volatile int stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

/* ---- the file ---- */

static int say_errno(struct domo_err *err, const char *what, const char *path)
{
    char text[512];

    (void)snprintf(text, sizeof text, "can't %s '%s': %s", what, path, strerror(errno));
    return domo_err_set(err, "host.io", text);
}

static int file_size(int fd, const char *path, uint64_t *ret, struct domo_err *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return say_errno(err, "look at", path);
    *ret = (uint64_t)st.st_size;
    if (S_ISBLK(st.st_mode) && ioctl(fd, BLKGETSIZE64, ret) < 0)
        return say_errno(err, "look at", path);
    if (!S_ISBLK(st.st_mode) && !S_ISREG(st.st_mode))
        return domo_err_set(err, "disk.bad-target", "the target is neither a file nor a block device");
    return 0;
}

static int open_file(struct disk *disk, const char *path, struct domo_err *err)
{
    uint64_t size = 0;

    disk->fd = open(path, (disk->facts.read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (disk->fd < 0)
        return say_errno(err, "open", path);
    if (file_size(disk->fd, path, &size, err) < 0)
        return -1;
    disk->facts.sectors = size / DOMO_BLK_SECTOR;
    if (!disk->facts.sectors)
        return domo_err_set(err, "disk.bad-target", "the target is empty");
    return 0;
}

/* ---- a device ---- */

/* What the toolstack wrote: which file, and how. */
static int read_nodes(struct domo_device *device, struct disk *disk, char **ret_path, struct domo_err *err)
{
    char *mode = NULL, *type = NULL, *discard = NULL;
    int r = -1;

    if (domo_device_read(device, "params", ret_path, err) == 0 && domo_device_read(device, "mode", &mode, err) == 0 &&
        domo_device_read(device, "device-type", &type, err) == 0 &&
        domo_device_read(device, "discard-enable", &discard, err) == 0)
        r = *ret_path ? 0 : domo_err_set(err, "disk.bad-target", "the device names no target");
    disk->facts.read_only = !mode || strcmp(mode, "w") != 0;
    disk->facts.cdrom = type && strcmp(type, "cdrom") == 0;
    disk->facts.discards = discard && strcmp(discard, "1") == 0;
    free(mode);
    free(type);
    free(discard);
    return r;
}

static int probe(void *arg, struct domo_device *device, struct domo_err *err)
{
    struct disk *disk = calloc(1, sizeof *disk);
    char *path = NULL;
    int r;

    (void)arg;
    if (!disk)
        return domo_err_set(err, "host.no-memory", "out of memory");
    disk->fd = -1;
    domo_device_set_data(device, disk);
    r = read_nodes(device, disk, &path, err);
    if (r == 0)
        r = open_file(disk, path, err);
    if (r == 0)
        r = domo_blk_offer(device, &disk->facts, err);
    free(path);
    return r;
}

static void forget(void *arg, struct domo_device *device)
{
    struct disk *disk = domo_device_data(device);

    (void)arg;
    if (!disk)
        return;
    if (disk->fd >= 0)
        (void)close(disk->fd);
    free(disk);
}

/* ---- requests ---- */

/* All bytes of the request, from or to the file; a short one is an error. */
static int transfer(const struct disk *disk, const struct domo_blk_request *q)
{
    struct iovec iov[DOMO_BLK_SEGMENTS] = {{NULL, 0}};
    off_t at = (off_t)(q->sector * DOMO_BLK_SECTOR);
    size_t left = (size_t)(q->sectors * DOMO_BLK_SECTOR), first = 0;

    for (size_t i = 0; i < q->part_count; i++)
        iov[i] = (struct iovec){.iov_base = q->parts[i].bytes, .iov_len = q->parts[i].len};
    while (left) {
        int count = (int)(q->part_count - first);
        ssize_t n = q->op == DOMO_BLK_WRITE ? pwritev(disk->fd, iov + first, count, at)
                                            : preadv(disk->fd, iov + first, count, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return DOMO_BLK_ERROR;
        at += n;
        left -= (size_t)n;
        for (; first < q->part_count && (size_t)n >= iov[first].iov_len; first++)
            n -= (ssize_t)iov[first].iov_len;
        if (first < q->part_count) {
            iov[first].iov_base = (char *)iov[first].iov_base + n;
            iov[first].iov_len -= (size_t)n;
        }
    }
    return DOMO_BLK_OKAY;
}

static int discard(const struct disk *disk, const struct domo_blk_request *q)
{
    int r = fallocate(disk->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)(q->sector * DOMO_BLK_SECTOR),
                      (off_t)(q->sectors * DOMO_BLK_SECTOR));

    return r == 0 ? DOMO_BLK_OKAY : errno == EOPNOTSUPP ? DOMO_BLK_UNSUPPORTED : DOMO_BLK_ERROR;
}

static int carry_out(const struct disk *disk, const struct domo_blk_request *q)
{
    switch (q->op) {
    case DOMO_BLK_READ:
    case DOMO_BLK_WRITE:
        return transfer(disk, q);
    case DOMO_BLK_FLUSH:
        return fdatasync(disk->fd) == 0 ? DOMO_BLK_OKAY : DOMO_BLK_ERROR;
    case DOMO_BLK_DISCARD:
        return q->sectors ? discard(disk, q) : DOMO_BLK_OKAY;
    default:
        return DOMO_BLK_UNSUPPORTED;
    }
}

static int serve(void *arg, struct domo_device *device, struct domo_err *err)
{
    const struct disk *disk = domo_device_data(device);
    struct domo_blk_request q;
    int r = 0;

    (void)arg;
    for (int i = 0; i < AT_ONCE; i++) {
        r = domo_blk_take(device, &disk->facts, &q, err);
        if (r <= 0)
            return r;
        if (domo_blk_answer(device, &q, carry_out(disk, &q), err) < 0)
            return -1;
    }
    return 0;
}

/* ---- what it says ---- */

static void say(const struct options *o, const struct domo_device *device, const char *what)
{
    if (o->verbose)
        (void)fprintf(stderr, "block-backend: %s: %s\n", domo_device_path(device), what);
}

static int connected(void *arg, struct domo_device *device, struct domo_err *err)
{
    (void)err;
    say(arg, device, "connected");
    return 0;
}

static void disconnected(void *arg, struct domo_device *device)
{
    say(arg, device, "disconnected");
}

static void failed(void *arg, struct domo_device *device, const struct domo_err *why)
{
    (void)arg;
    (void)fprintf(stderr, "block-backend: %s: %s\n", domo_device_path(device), domo_err_message(why));
}

/* ---- the program ---- */

static int run(struct domo_ctx *ctx, struct options *o, struct domo_err *err)
{
    const struct domo_back_driver driver = {
        .kind = DOMO_KIND_DISK,
        .rings = {{.name = "ring-ref", .slot_size = DOMO_BLK_SLOT}},
        .ring_count = 1,
        .flags = DOMO_BACK_ADOPT,
        .probe = probe,
        .connect = connected,
        .serve = serve,
        .disconnect = disconnected,
        .remove = forget,
        .failed = failed,
        .arg = o,
    };
    struct domo_back *back = NULL;
    int r = domo_back_open(ctx, &driver, &back, err);

    if (r < 0)
        return -1;
    if (o->verbose)
        (void)fprintf(stderr, "block-backend: ready\n");
    while (r >= 0)
        r = domo_back_dispatch(back, -1, err);
    domo_back_close(back);
    return strcmp(domo_err_code(err), "op.cancelled") == 0 ? 0 : -1;
}

static int parse(int argc, char **argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-v") == 0)
            o->verbose = 1;
        else if (strcmp(argv[i], "--host") == 0 && i + 1 < argc)
            o->host = argv[++i];
        else
            return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct domo_hooks hooks = {.cancelled = &stop};
    struct domo_err *err = domo_err_new();
    struct domo_ctx *ctx = NULL;
    struct options o = {NULL, 0};
    int r;

    if (parse(argc, argv, &o) < 0 || !err) {
        (void)fprintf(stderr, "usage: block-backend [-v] [--host URI]\n");
        return 2;
    }
    (void)signal(SIGINT, on_signal);
    (void)signal(SIGTERM, on_signal);
    r = domo_ctx_new(o.host, &hooks, &ctx, err);
    if (r == 0)
        r = run(ctx, &o, err);
    if (r < 0)
        (void)fprintf(stderr, "block-backend: %s\n", domo_err_message(err));
    domo_ctx_free(ctx);
    domo_err_free(err);
    return r < 0;
}
