/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/known.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"

enum { FILE_MAX = (HOST_DOMID_SELF_MAX + 1) * HOST_UUID_LEN };

static char *file_of(const struct host *h)
{
    return str_format("%s/known-domains", h->paths.own_run);
}

/* A place that was never written reads as zeros, which is the UUID of domain 0; so each bit stands inverted. */
static void invert(const uint8_t uuid[HOST_UUID_LEN], uint8_t ret[HOST_UUID_LEN])
{
    for (size_t i = 0; i < HOST_UUID_LEN; i++)
        ret[i] = (uint8_t)~uuid[i];
}

void known_load(const struct host *h, struct known *ret)
{
    char *AUTO_FREE path = file_of(h);

    if (!path || fs_read(path, FILE_MAX, &ret->bytes, &ret->len))
        *ret = (struct known){.bytes = NULL};
}

void known_fini(struct known *k)
{
    free(k->bytes);
    *k = (struct known){.bytes = NULL};
}

bool known_has(const struct known *k, const struct hyp_info *d)
{
    size_t at = (size_t)d->domid * HOST_UUID_LEN;
    uint8_t place[HOST_UUID_LEN];

    if (at + HOST_UUID_LEN > k->len)
        return false;
    invert(d->uuid, place);
    return memcmp(k->bytes + at, place, sizeof place) == 0;
}

/* Several commands may write at once, each its own place. */
static int write_place(const struct host *h, uint32_t domid, const uint8_t place[HOST_UUID_LEN], int flags)
{
    char *AUTO_FREE path = file_of(h);
    int AUTO_CLOSE fd = path ? open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, 0600) : -1;
    ssize_t n;

    if (!path)
        return -ENOMEM;
    if (domid >= HOST_DOMID_SELF_MAX)
        return -EINVAL;
    n = fd < 0 ? -1 : pwrite(fd, place, HOST_UUID_LEN, (off_t)domid * HOST_UUID_LEN);
    if (n < 0)
        return -errno;
    return n == HOST_UUID_LEN ? 0 : -EIO;
}

int known_add(const struct host *h, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN])
{
    uint8_t place[HOST_UUID_LEN];

    invert(uuid, place);
    return write_place(h, domid, place, O_CREAT);
}

static const uint8_t nobody[HOST_UUID_LEN];

int known_drop(const struct host *h, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN])
{
    struct hyp_info d = {.domid = domid};
    struct known k;
    bool has;

    memcpy(d.uuid, uuid, sizeof d.uuid);
    known_load(h, &k);
    has = known_has(&k, &d);
    known_fini(&k);
    return has ? write_place(h, domid, nobody, 0) : 0;
}

int known_prune(const struct host *h, const struct hyp_info *all, size_t n)
{
    struct known k, keep;
    int r = 0;

    known_load(h, &k);
    keep = (struct known){.bytes = calloc(1, k.len + 1), .len = k.len};
    if (!keep.bytes)
        r = -ENOMEM;
    for (size_t i = 0; !r && i < n; i++)
        if (known_has(&k, &all[i]))
            invert(all[i].uuid, (uint8_t *)keep.bytes + (size_t)all[i].domid * HOST_UUID_LEN);
    for (size_t at = 0; !r && at + HOST_UUID_LEN <= k.len; at += HOST_UUID_LEN)
        if (memcmp(k.bytes + at, keep.bytes + at, HOST_UUID_LEN) != 0)
            r = write_place(h, (uint32_t)(at / HOST_UUID_LEN), nobody, 0);
    known_fini(&keep);
    known_fini(&k);
    return r;
}
