/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/userdata.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "base/vec.h"
#include "dev/uuid_text.h"

enum { CONFIG_MAX = 4 << 20, HISTORY_MAX = 1 << 20, DOMID_QUARANTINE_S = 60 };

static int file_path(const struct host *h, char out[512], char which, uint32_t domid, const char *uuid, const char *id,
                     struct domo_err *err)
{
    if (snprintf(out, 512, "%s/userdata-%c.%u.%s.%s", h->paths.userdata, which, domid, uuid, id) < 512)
        return 0;
    return err_set(err, DOMO_E_INTERNAL, "the path of a userdata file is too long");
}

int userdata_write_config(struct host *h, uint32_t domid, const char *uuid, const struct json *config,
                          struct domo_err *err)
{
    char *AUTO_FREE text = json_print(config, JSON_PRETTY);
    struct str AUTO_STR whole = STR_INIT;
    char path[512];
    int r;

    if (file_path(h, path, 'd', domid, uuid, "libxl-json", err))
        return -1;
    /* libxl's file ends in a newline and a NUL, both part of the data. */
    if (text)
        str_addf(&whole, "%s\n", text);
    str_addc(&whole, '\0');
    if (!text || whole.failed)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    r = fs_mkdirs(h->paths.userdata, 0700);
    if (!r)
        r = fs_write_atomic(path, whole.s, whole.len, 0600, false);
    return r ? err_sys(err, DOMO_E_IO, -r, "write '%s'", path) : 0;
}

int userdata_read_config(struct host *h, uint32_t domid, const char *uuid, struct json **ret, struct domo_err *err)
{
    char *AUTO_FREE text = NULL, *AUTO_FREE why = NULL;
    char path[512];
    size_t len = 0;
    int r;

    if (file_path(h, path, 'd', domid, uuid, "libxl-json", err))
        return -1;
    r = fs_read(path, CONFIG_MAX, &text, &len);
    if (r == -ENOENT) {
        *ret = NULL;
        return 0;
    }
    if (r)
        return err_sys(err, DOMO_E_IO, -r, "read '%s'", path);
    r = json_parse(text, strlen(text), ret, &why);
    if (r == -ENOMEM)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return r ? err_set(err, DOMO_E_BAD_STATE_FILE, "'%s' is damaged: %s", path, why ? why : strerror(-r)) : 0;
}

/* "userdata-d.5.UUID.id" to its parts; false if the name is of another kind. */
static bool parse_name(const char *name, uint32_t *ret_domid, char uuid[UUID_TEXT_MAX])
{
    uint8_t bytes[HOST_UUID_LEN];
    char number[12];
    const char *p, *dot;

    if (!str_starts(name, "userdata-") || !name[9] || name[10] != '.')
        return false;
    p = name + 11;
    dot = strchr(p, '.');
    if (!dot || (size_t)(dot - p) >= sizeof number || strlen(dot) < UUID_TEXT_MAX + 1 || dot[UUID_TEXT_MAX] != '.')
        return false;
    memcpy(number, p, (size_t)(dot - p));
    number[dot - p] = '\0';
    memcpy(uuid, dot + 1, UUID_TEXT_MAX - 1);
    uuid[UUID_TEXT_MAX - 1] = '\0';
    return str_to_u32(number, ret_domid) == 0 && uuid_from_text(uuid, bytes);
}

int userdata_each(struct host *h, int (*each)(void *arg, const char *path, uint32_t domid, const char *uuid), void *arg,
                  struct domo_err *err)
{
    DIR *d = opendir(h->paths.userdata);
    struct dirent *e;
    int r = 0;

    if (!d)
        return errno == ENOENT ? 0 : err_sys(err, DOMO_E_IO, errno, "read the directory '%s'", h->paths.userdata);
    while (!r && (e = readdir(d))) {
        char uuid[UUID_TEXT_MAX], *AUTO_FREE path = NULL;
        uint32_t domid;

        if (!parse_name(e->d_name, &domid, uuid))
            continue;
        path = str_format("%s/%s", h->paths.userdata, e->d_name);
        r = path ? each(arg, path, domid, uuid) : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    (void)closedir(d);
    return r;
}

struct removal {
    uint32_t domid;
    const char *uuid;
    struct domo_err *err;
};

static int remove_one(void *arg, const char *path, uint32_t domid, const char *uuid)
{
    const struct removal *r = arg;

    if (domid != r->domid || !str_eq(uuid, r->uuid))
        return 0;
    if (unlink(path) < 0 && errno != ENOENT)
        return err_sys(r->err, DOMO_E_IO, errno, "remove '%s'", path);
    return 0;
}

int userdata_remove(struct host *h, uint32_t domid, const char *uuid, struct domo_err *err)
{
    struct removal r = {.domid = domid, .uuid = uuid, .err = err};

    return userdata_each(h, remove_one, &r, err);
}

int userdata_lock(struct host *h, uint32_t domid, const char *uuid, int64_t deadline_ms, struct userdata_lock *ret,
                  struct domo_err *err)
{
    return userdata_lock_of(h, domid, uuid, "domain-userdata-lock", deadline_ms, ret, err);
}

int userdata_lock_of(struct host *h, uint32_t domid, const char *uuid, const char *what, int64_t deadline_ms,
                     struct userdata_lock *ret, struct domo_err *err)
{
    int r;

    ret->fd = -1;
    if (file_path(h, ret->path, 'l', domid, uuid, what, err))
        return -1;
    r = fs_mkdirs(h->paths.userdata, 0700);
    if (!r)
        r = fs_lock(ret->path, FS_LOCK_FLOCK, deadline_ms, &ret->fd);
    if (r == -EWOULDBLOCK)
        return err_set(err, DOMO_E_DOMAIN_BUSY, "another tool is changing domain %u", domid);
    return r ? err_sys(err, DOMO_E_IO, -r, "lock '%s'", ret->path) : 0;
}

void userdata_unlock(struct userdata_lock *lock)
{
    if (lock->fd < 0)
        return;
    /* As libxl does: whoever waits for the lock notices that the file is gone and makes a new one. */
    (void)unlink(lock->path);
    (void)close(lock->fd);
    lock->fd = -1;
}

/* ---- domids that were given back ---- */

static int history_lock(struct host *h, int *ret_fd, struct domo_err *err)
{
    char *AUTO_FREE path = str_format("%s/domid-history.lock", h->paths.run);
    int r = path ? fs_mkdirs(h->paths.run, 0755) : -ENOMEM;

    if (!r)
        r = fs_lock(path, FS_LOCK_FLOCK, h->env->now_ms(h) + 5000, ret_fd);
    return r ? err_sys(err, DOMO_E_IO, -r, "lock the history of domids") : 0;
}

/* Goes through the lines "SECONDS DOMID"; those that are young enough are copied to "keep". */
static int history_scan(struct host *h, uint32_t domid, bool *ret_found, struct str *keep, struct domo_err *err)
{
    char *AUTO_FREE path = str_format("%s/domid-history", h->paths.run), *AUTO_FREE text = NULL;
    char *line, *save = NULL;
    size_t len;
    int r = path ? fs_read(path, HISTORY_MAX, &text, &len) : -ENOMEM;

    *ret_found = false;
    if (r == -ENOENT)
        return 0;
    if (r)
        return err_sys(err, DOMO_E_IO, -r, "read '%s'", path ? path : "domid-history");
    for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char *domid_text = strchr(line, ' ');
        uint64_t seconds;
        uint32_t id;

        if (!domid_text)
            continue;
        *domid_text++ = '\0';
        if (str_to_u64(line, &seconds) || str_to_u32(domid_text, &id))
            continue;
        if (h->env->now_ms(h) / 1000 - (int64_t)seconds > DOMID_QUARANTINE_S)
            continue;
        if (id == domid)
            *ret_found = true;
        str_addf(keep, "%" PRIu64 " %u\n", seconds, id);
    }
    return keep->failed ? err_set(err, DOMO_E_NO_MEMORY, "out of memory") : 0;
}

int domid_is_recent(struct host *h, uint32_t domid, bool *ret, struct domo_err *err)
{
    struct str AUTO_STR keep = STR_INIT;

    /* Files are replaced whole, so reading needs no lock. */
    return history_scan(h, domid, ret, &keep, err);
}

int domid_mark_recent(struct host *h, uint32_t domid, struct domo_err *err)
{
    char *AUTO_FREE path = str_format("%s/domid-history", h->paths.run);
    struct str AUTO_STR keep = STR_INIT;
    int AUTO_CLOSE lock = -1;
    bool found;
    int r;

    if (!path)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (history_lock(h, &lock, err) || history_scan(h, domid, &found, &keep, err))
        return -1;
    str_addf(&keep, "%lld %u\n", (long long)(h->env->now_ms(h) / 1000), domid);
    r = keep.failed ? -ENOMEM : fs_write_atomic(path, keep.s, keep.len, 0644, false);
    return r ? err_sys(err, DOMO_E_IO, -r, "write '%s'", path) : 0;
}
