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
    ret->len -= ret->len % HOST_UUID_LEN;
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

    if (!k->bytes || at + HOST_UUID_LEN > k->len)
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

/* Empty places at the end are cut off. What another command writes at this moment may be cut off with them: then its
 * domain is looked at once more. */
static int empty_place(const struct host *h, struct known *k, size_t at)
{
    char *AUTO_FREE path = file_of(h);

    memset(k->bytes + at, 0, HOST_UUID_LEN);
    if (at + HOST_UUID_LEN < k->len)
        return write_place(h, (uint32_t)(at / HOST_UUID_LEN), nobody, 0);
    while (k->len && memcmp(k->bytes + k->len - HOST_UUID_LEN, nobody, HOST_UUID_LEN) == 0)
        k->len -= HOST_UUID_LEN;
    if (!path)
        return -ENOMEM;
    return truncate(path, (off_t)k->len) < 0 ? -errno : 0;
}

int known_drop(const struct host *h, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN])
{
    struct hyp_info d = {.domid = domid};
    struct known k;
    int r = 0;

    memcpy(d.uuid, uuid, sizeof d.uuid);
    known_load(h, &k);
    if (known_has(&k, &d))
        r = empty_place(h, &k, (size_t)domid * HOST_UUID_LEN);
    known_fini(&k);
    return r;
}

int known_prune(const struct host *h, const struct hyp_info *all, size_t n)
{
    struct known k;
    bool *AUTO_FREE keep = NULL;
    size_t places;
    int r = 0;

    known_load(h, &k);
    places = k.len / HOST_UUID_LEN;
    keep = calloc(places + 1, sizeof *keep);
    if (!keep)
        r = -ENOMEM;
    for (size_t i = 0; !r && i < n; i++)
        if (known_has(&k, &all[i]))
            keep[all[i].domid] = true;
    /* From the end on, so that it gets as short as it can. */
    while (!r && places-- > 0) {
        size_t at = places * HOST_UUID_LEN;

        if (!keep[places] && memcmp(k.bytes + at, nobody, HOST_UUID_LEN) != 0)
            r = empty_place(h, &k, at);
    }
    known_fini(&k);
    return r;
}
