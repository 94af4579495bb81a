/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"

enum { JOURNAL_MAX = 1 << 20 };

/* The file is rewritten in place, not replaced: the lock is on its inode. A reader therefore may find a torn text after
 * a kill; journal_each_dead() passes such a file with "about" NULL. */
struct journal {
    char *path;
    int fd;
    struct json *about;
};

static int write_text(struct journal *j, struct domo_err *err)
{
    char *AUTO_FREE text = json_print(j->about, JSON_PRETTY);
    size_t len;

    if (!text)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    len = strlen(text);
    /* First all of the new text, then the cut: so a text that got shorter is never mixed with the old one's end unseen.
     */
    if (pwrite(j->fd, text, len, 0) != (ssize_t)len || ftruncate(j->fd, (off_t)len) < 0)
        return err_sys(err, DOMO_E_IO, errno, "write the journal '%s'", j->path);
    return 0;
}

int journal_open(const char *dir, const char *what, const struct json *about, struct journal **ret,
                 struct domo_err *err)
{
    struct journal *j = calloc(1, sizeof *j);
    int r = fs_mkdirs(dir, 0700);

    if (r) {
        free(j);
        return err_sys(err, DOMO_E_IO, -r, "make the directory '%s'", dir);
    }
    if (!j)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    j->fd = -1;
    j->about = json_copy(about);
    json_set_str(j->about, "operation", what);
    json_set_int(j->about, "pid", getpid());
    /* The name starts with a dot until the file is locked: so nobody takes it for a dead one in between. */
    j->path = str_format("%s/.%s-XXXXXX", dir, what);
    if (j->path && j->about)
        j->fd = mkostemp(j->path, O_CLOEXEC);
    if (j->fd < 0 || flock(j->fd, LOCK_EX | LOCK_NB) < 0) {
        (void)err_sys(err, DOMO_E_IO, errno, "make a journal in '%s'", dir);
        goto fail;
    }
    if (write_text(j, err))
        goto fail;
    {
        char *final = str_format("%s/%s.json", dir, strrchr(j->path, '/') + 2);

        if (!final || rename(j->path, final) < 0) {
            (void)err_sys(err, DOMO_E_IO, errno, "name the journal '%s'", j->path);
            free(final);
            goto fail;
        }
        free(j->path);
        j->path = final;
    }
    *ret = j;
    return 0;
fail:
    journal_close(j);
    return -1;
}

int journal_note(struct journal *j, const char *name, struct json *value, struct domo_err *err)
{
    if (!j) {
        (void)json_free(value);
        return 0;
    }
    json_set(j->about, name, value);
    return write_text(j, err);
}

void journal_close(struct journal *j)
{
    if (j && j->path && j->fd >= 0)
        (void)unlink(j->path);
    journal_leave(j);
}

void journal_leave(struct journal *j)
{
    if (!j)
        return;
    if (j->fd >= 0)
        (void)close(j->fd);
    (void)json_free(j->about);
    free(j->path);
    free(j);
}

static int visit(const char *path, int (*each)(void *, const char *, const struct json *, struct domo_err *), void *arg,
                 struct domo_err *err)
{
    int AUTO_CLOSE fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    struct json *AUTO_JSON about = NULL;
    char *AUTO_FREE text = NULL;
    size_t len = 0;
    int r;

    if (fd < 0)
        return errno == ENOENT ? 0 : err_sys(err, DOMO_E_IO, errno, "open '%s'", path);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return 0; /* at work */
    r = fs_read(path, JOURNAL_MAX, &text, &len);
    if (r == -ENOENT)
        return 0; /* ended between the open and the lock */
    if (r)
        return err_sys(err, DOMO_E_IO, -r, "read '%s'", path);
    r = json_parse(text, len, &about, NULL);
    if (r == -ENOMEM)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    r = each(arg, path, about, err);
    if (r == 1 && unlink(path) < 0 && errno != ENOENT)
        return err_sys(err, DOMO_E_IO, errno, "remove '%s'", path);
    return r < 0 ? -1 : 0;
}

/* A name with a leading dot is a journal that is just being made, or one whose maker died in that moment: those own
 * nothing yet, so an unlocked one is simply removed. */
static void drop_unborn(const char *path)
{
    int AUTO_CLOSE fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        (void)unlink(path);
}

int journal_each_dead(const char *dir,
                      int (*each)(void *arg, const char *path, const struct json *about, struct domo_err *), void *arg,
                      struct domo_err *err)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    int r = 0;

    if (!d)
        return errno == ENOENT ? 0 : err_sys(err, DOMO_E_IO, errno, "read the directory '%s'", dir);
    while (!r && (e = readdir(d))) {
        char *AUTO_FREE path = str_format("%s/%s", dir, e->d_name);
        size_t n = strlen(e->d_name);

        if (!path)
            r = err_set(err, DOMO_E_NO_MEMORY, "out of memory");
        else if (n > 5 && str_eq(e->d_name + n - 5, ".json"))
            r = visit(path, each, arg, err);
        else if (e->d_name[0] == '.' && n > 7)
            drop_unborn(path);
    }
    (void)closedir(d);
    return r;
}

static bool is_of(const char *path, const char *name, uint32_t value)
{
    int AUTO_CLOSE fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    struct json *AUTO_JSON about = NULL;
    char *AUTO_FREE text = NULL;
    size_t len = 0;

    /* A lock that we get nobody has. */
    if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB) == 0 || fs_read(path, JOURNAL_MAX, &text, &len) != 0 ||
        json_parse(text, len, &about, NULL) != 0)
        return false;
    return json_get_int(about, name, -1) == (int64_t)value && json_get_int(about, "pid", 0) != getpid();
}

bool journal_is_at_work(const char *dir, const char *what, const char *name, uint32_t value)
{
    DIR *d = opendir(dir);
    const struct dirent *e;
    bool found = false;

    while (d && !found && (e = readdir(d))) {
        char *AUTO_FREE path = str_format("%s/%s", dir, e->d_name);
        size_t n = strlen(what);

        found = path && strncmp(e->d_name, what, n) == 0 && e->d_name[n] == '-' && is_of(path, name, value);
    }
    if (d)
        (void)closedir(d);
    return found;
}
