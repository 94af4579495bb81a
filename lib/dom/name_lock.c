/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/name_lock.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "dev/uuid_text.h"
#include "dom/names.h"

enum { PATIENCE_MS = 10000 };

/* Beside the entries of the index, which are never hidden files. */
static const char prefix[] = ".lock.";

static char *locks_dir(const struct host *h)
{
    return str_format("%s/names", h->paths.own_run);
}

/* "what" and "which" are for people; takes over "file", the lock's name. */
static int take(struct host *h, const char *what, const char *which, char *file, struct name_lock *ret,
                struct domo_err *err)
{
    char *AUTO_FREE dir = locks_dir(h), *AUTO_FREE name = file;
    int r = dir && name ? fs_mkdirs(dir, 0700) : -ENOMEM;

    *ret = (struct name_lock)NAME_LOCK_INIT;
    if (!r && !(ret->path = str_format("%s/%s%s", dir, prefix, name)))
        r = -ENOMEM;
    if (!r)
        r = fs_lock(ret->path, FS_LOCK_FLOCK, h->env->now_ms(h) + PATIENCE_MS, &ret->fd);
    if (!r)
        return 0;
    name_unlock(ret);
    if (r == -EWOULDBLOCK)
        return err_set(err, DOMO_E_DOMAIN_BUSY, "another command is creating a domain %s'%s'", what, which);
    return err_sys(err, r == -ENOMEM ? DOMO_E_NO_MEMORY : DOMO_E_IO, -r, "can't lock the name of a domain %s'%s'", what,
                   which);
}

int name_lock(struct host *h, const char *name, struct name_lock *ret, struct domo_err *err)
{
    return take(h, "", name, names_file(name), ret, err);
}

int uuid_lock(struct host *h, const uint8_t uuid[HOST_UUID_LEN], struct name_lock *ret, struct domo_err *err)
{
    char text[UUID_TEXT_MAX];

    uuid_to_text(uuid, text);
    /* No name's file: those have no ".". */
    return take(h, "with the UUID ", text, str_format("uuid.%s", text), ret, err);
}

void name_unlock(struct name_lock *lock)
{
    /* Whoever waits for the lock notices that the file is gone, and makes a new one. */
    if (lock->path && lock->fd >= 0) {
        (void)unlink(lock->path);
        (void)close(lock->fd);
    }
    free(lock->path);
    *lock = (struct name_lock)NAME_LOCK_INIT;
}

void name_locks_prune(struct host *h)
{
    char *AUTO_FREE dir = locks_dir(h);
    DIR *d = dir ? opendir(dir) : NULL;
    struct dirent *e;

    while (d && (e = readdir(d))) {
        struct name_lock lock = NAME_LOCK_INIT;

        if (!str_starts(e->d_name, prefix))
            continue;
        lock.path = str_format("%s/%s", dir, e->d_name);
        if (lock.path && fs_lock(lock.path, FS_LOCK_FLOCK, 0, &lock.fd) < 0)
            lock.fd = -1; /* somebody is at work with it */
        name_unlock(&lock);
    }
    if (d)
        (void)closedir(d);
}
