/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim/home.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/proc.h"
#include "base/str.h"
#include "host/sim_wire.h"

enum { WORLD_BYTES_MAX = 16 << 20, OPEN_DIRS = 16, KILL_WAIT_MS = 5000, LOCK_WAIT_MS = 5000 };

char *home_path(const struct home *h, const char *name)
{
    return str_format("%s/%s", h->dir, name);
}

/* ---- whose it is ---- */

/* Names that a directory may have before it was ever used. */
static bool may_be_there(const char *name)
{
    static const char *const names[] = {".", "..", SIM_WORLD, SIM_LOCK, SIM_LOG};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(name, names[i]))
            return true;
    return false;
}

/* State is removed in here: never in a directory that was something else before. */
static int check_ours(const struct home *h, struct domo_err *err)
{
    char *AUTO_FREE lock = home_path(h, SIM_LOCK);
    const struct dirent *entry;
    bool strange = false;
    DIR *d;

    if (!lock)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (access(lock, F_OK) == 0)
        return 0;
    d = opendir(h->dir);
    if (!d)
        return err_sys(err, errno == EACCES ? DOMO_E_PERMISSION : DOMO_E_IO, errno, "can't read '%s'", h->dir);
    while ((entry = readdir(d)))
        strange |= !may_be_there(entry->d_name);
    (void)closedir(d);
    if (!strange)
        return 0;
    (void)err_set(err, DOMO_E_USAGE, "'%s' holds other things than a simulated host", h->dir);
    return err_hint(err, "name a new or an empty directory");
}

/* Processes that belong to guests have a pid file in the state; they do not outlive the host. */
static int end_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    const char *dot = strrchr(path, '.');
    struct proc p;

    (void)st;
    (void)ftw;
    if (kind == FTW_F && str_eq(dot, ".pid") && proc_read(path, &p) == 0)
        IGNORE(proc_kill(&p, KILL_WAIT_MS));
    return 0;
}

static void end_processes(const struct home *h)
{
    char *AUTO_FREE state = home_path(h, SIM_STATE);

    if (state)
        (void)nftw(state, end_one, OPEN_DIRS, FTW_PHYS);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

static int empty_state(const struct home *h, struct domo_err *err)
{
    /* What a Xen host's installation has made before any toolstack runs. */
    static const char *const folders[] = {SIM_STATE_USERDATA, SIM_STATE_RUN, SIM_STATE_LOG};
    char *AUTO_FREE state = home_path(h, SIM_STATE);

    if (!state)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    end_processes(h);
    if (nftw(state, remove_one, OPEN_DIRS, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
        return err_sys(err, DOMO_E_IO, errno, "can't empty '%s'", state);
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        char *AUTO_FREE path = str_format("%s/%s", state, folders[i]);
        int r = path ? fs_mkdirs(path, 0700) : -ENOMEM;

        if (r < 0)
            return err_sys(err, DOMO_E_IO, -r, "can't make '%s/%s'", state, folders[i]);
    }
    return 0;
}

/* ---- the lock: its file names the process while the host runs, and is empty after a good end ---- */

static int take_lock(struct home *h, struct domo_err *err)
{
    char *AUTO_FREE path = home_path(h, SIM_LOCK);
    char owner[32];
    ssize_t n;
    int r;

    if (!path)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    /* One that was killed holds it for a moment longer. */
    r = fs_lock(path, FS_LOCK_FLOCK, clock_now_ms() + LOCK_WAIT_MS, &h->lock_fd);
    if (r == -EWOULDBLOCK)
        return err_set(err, DOMO_E_DOMAIN_BUSY, "another domo-simd serves '%s'", h->dir);
    if (r < 0)
        return err_sys(err, r == -EACCES ? DOMO_E_PERMISSION : DOMO_E_IO, -r, "can't lock '%s'", path);
    n = pread(h->lock_fd, owner, sizeof owner, 0);
    h->was_killed = n > 0;
    n = snprintf(owner, sizeof owner, "%d\n", (int)getpid());
    if (ftruncate(h->lock_fd, 0) < 0 || pwrite(h->lock_fd, owner, (size_t)n, 0) != n)
        return err_sys(err, DOMO_E_IO, errno, "can't write '%s'", path);
    return 0;
}

int home_enter(struct home *h, const char *dir, struct domo_err *err)
{
    int r = fs_mkdirs(dir, 0700);

    h->dir = dir;
    if (r < 0)
        return err_sys(err, r == -EACCES ? DOMO_E_PERMISSION : DOMO_E_IO, -r, "can't make '%s'", dir);
    if (check_ours(h, err) < 0 || take_lock(h, err) < 0)
        return -1;
    return empty_state(h, err);
}

void home_leave(struct home *h)
{
    if (h->lock_fd < 0)
        return;
    end_processes(h);
    IGNORE(ftruncate(h->lock_fd, 0));
    (void)close(h->lock_fd);
    h->lock_fd = -1;
}

/* ---- the world ---- */

int home_world(const struct home *h, struct world **ret, struct domo_err *err)
{
    char *AUTO_FREE path = home_path(h, SIM_WORLD);
    char *AUTO_FREE text = NULL;
    size_t len = 0;
    int r = path ? fs_read(path, WORLD_BYTES_MAX, &text, &len) : -ENOMEM;

    if (r == 0)
        return world_parse(path, text, len, ret, err);
    if (r != -ENOENT)
        return err_sys(err, r == -ENOMEM ? DOMO_E_NO_MEMORY : DOMO_E_IO, -r, "can't read '%s'", path ? path : "");
    *ret = world_default();
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}
