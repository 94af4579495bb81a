/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/ward.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "base/vec.h"
#include "dom/names.h"

enum { WARD_BYTES_MAX = 1 << 20, DIR_MODE = 0700, FILE_MODE = 0600 };

static const char *const state_names[] = {
    [WARD_WATCHED] = "watched", [WARD_ENDED] = "ended", [WARD_RESTARTING] = "restarting"};

void ward_fini(struct ward *w)
{
    free(w->name);
    free(w->action);
    free(w->aside_name);
    (void)json_free(w->config);
    memset(w, 0, sizeof *w);
}

/* NULL when out of memory. */
static char *path_of(const struct host *h, const char *name)
{
    return str_format("%s/wards/%s", h->paths.own_run, name);
}

static int make_dir(const struct host *h)
{
    char *AUTO_FREE dir = str_format("%s/wards", h->paths.own_run);

    return dir ? fs_mkdirs(dir, DIR_MODE) : -ENOMEM;
}

/* ---- one file ---- */

static char *print_ward(const struct ward *w)
{
    struct json *j = json_new_object();
    char *text;

    json_set_str(j, "uuid", w->uuid);
    json_set_str(j, "name", w->name);
    json_set_str(j, "state", state_names[w->state]);
    json_set_int(j, "started_ms", w->started_ms);
    json_set_int(j, "not_before_ms", w->not_before_ms);
    json_set_uint(j, "quick", w->quick);
    json_set_bool(j, "is_down", w->is_down);
    json_set_str(j, "action", w->action);
    json_set_bool(j, "is_dumped", w->is_dumped);
    json_set_str(j, "aside_name", w->aside_name);
    json_set_str(j, "aside_uuid", w->aside_name ? w->aside_uuid : NULL);
    if (w->config)
        json_set(j, "config", json_copy(w->config));
    j = json_done(j);
    text = j ? json_print(j, JSON_COMPACT) : NULL;
    (void)json_free(j);
    return text;
}

int ward_save(struct host *h, const struct ward *w, struct domo_err *err)
{
    char *AUTO_FREE path = path_of(h, w->uuid), *AUTO_FREE text = print_ward(w);
    int rc;

    if (!path || !text)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    rc = make_dir(h);
    if (rc == 0)
        rc = fs_write_atomic(path, text, strlen(text), FILE_MODE, false);
    return rc ? err_sys(err, DOMO_E_IO, -rc, "can't write '%s'", path) : 0;
}

static enum ward_state state_of(const char *name)
{
    for (enum ward_state s = WARD_WATCHED; s < ARRAY_LEN(state_names); s++)
        if (str_eq(state_names[s], name))
            return s;
    return WARD_WATCHED;
}

/* NULL if there is none. */
static char *text_of(const struct json *j, const char *key)
{
    const char *text = json_get_str(j, key, NULL);

    return text ? strdup(text) : NULL;
}

static bool parse_ward(const char *text, size_t len, struct ward *ret)
{
    struct json *AUTO_JSON j = NULL;
    char *AUTO_FREE why = NULL;

    if (json_parse(text, len, &j, &why))
        return false;
    ret->name = strdup(json_get_str(j, "name", ""));
    ret->state = state_of(json_get_str(j, "state", ""));
    ret->started_ms = json_get_int(j, "started_ms", 0);
    ret->not_before_ms = json_get_int(j, "not_before_ms", 0);
    ret->quick = (uint32_t)json_get_int(j, "quick", 0);
    ret->is_down = json_get_bool(j, "is_down", false);
    ret->action = text_of(j, "action");
    ret->is_dumped = json_get_bool(j, "is_dumped", false);
    ret->aside_name = text_of(j, "aside_name");
    (void)snprintf(ret->aside_uuid, sizeof ret->aside_uuid, "%s", json_get_str(j, "aside_uuid", ""));
    ret->config = json_steal(j, "config");
    return ret->name && ret->name[0] && (ret->state != WARD_RESTARTING || ret->config) &&
           (ret->state != WARD_ENDED || ret->action);
}

int ward_load(struct host *h, const char *uuid, struct ward *ret, bool *ret_found, struct domo_err *err)
{
    char *AUTO_FREE path = path_of(h, uuid), *AUTO_FREE text = NULL;
    struct ward w = {.name = NULL};
    size_t len;
    int rc;

    *ret_found = false;
    if (!path)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    rc = fs_read(path, WARD_BYTES_MAX, &text, &len);
    if (rc == -ENOENT)
        return 0;
    if (rc)
        return err_sys(err, DOMO_E_IO, -rc, "can't read '%s'", path);
    (void)snprintf(w.uuid, sizeof w.uuid, "%s", uuid);
    if (!parse_ward(text, len, &w)) {
        log_line(h->log, LOG_LEVEL_WARN, "'%s' is damaged: its guest is not watched any more", path);
        (void)unlink(path);
        ward_fini(&w);
        return 0;
    }
    *ret = w;
    *ret_found = true;
    return 0;
}

void ward_keep(struct host *h, const char *uuid, const char *name)
{
    struct ward w = {.name = (char *)name, .started_ms = h->env->now_ms(h)};

    (void)snprintf(w.uuid, sizeof w.uuid, "%s", uuid);
    IGNORE(ward_save(h, &w, NULL));
}

void ward_drop(struct host *h, const char *uuid)
{
    char *AUTO_FREE path = path_of(h, uuid);

    if (path)
        (void)unlink(path);
}

/* ---- all of them ---- */

struct names {
    VEC(char *) list;
};

/* What can't be remembered is left out: the next round sees it. */
static void add_name(struct names *names, const char *name)
{
    uint8_t uuid[HOST_UUID_LEN];
    char **slot = uuid_from_text(name, uuid) ? VEC_PUSH(&names->list) : NULL;

    if (slot)
        *slot = strdup(name);
}

int ward_each(struct host *h, int (*each)(void *arg, const char *uuid), void *arg)
{
    char *AUTO_FREE dir = str_format("%s/wards", h->paths.own_run);
    DIR *d = dir ? opendir(dir) : NULL;
    struct names names = {VEC_INIT};
    const struct dirent *e;
    int r = 0;

    while (d && (e = readdir(d)))
        add_name(&names, e->d_name);
    if (d)
        (void)closedir(d);
    for (size_t i = 0; i < names.list.len; i++) {
        if (r == 0 && names.list.at[i])
            r = each(arg, names.list.at[i]);
        free(names.list.at[i]);
    }
    VEC_FINI(&names.list);
    return r;
}

struct prune {
    struct host *host;
    struct hyp_info *all;
    size_t n;
};

static int prune_one(void *arg, const char *text)
{
    struct ward AUTO_WARD w = {.name = NULL};
    const struct prune *p = arg;
    uint8_t uuid[HOST_UUID_LEN];
    bool found;

    if (!uuid_from_text(text, uuid))
        return 0;
    for (size_t i = 0; i < p->n; i++)
        if (uuid_equal(p->all[i].uuid, uuid))
            return 0;
    if (ward_load(p->host, text, &w, &found, NULL) == 0 && found && w.state == WARD_WATCHED)
        ward_drop(p->host, text);
    return 0;
}

int ward_prune(struct host *h, struct domo_err *err)
{
    struct prune p = {.host = h};
    int r = names_list_domains(h, &p.all, &p.n, err);

    if (r == 0)
        r = ward_each(h, prune_one, &p);
    free(p.all);
    return r;
}

/* ---- whoever watches ---- */

int ward_listen(struct host *h, int *ret_fd, struct domo_err *err)
{
    char *AUTO_FREE dir = str_format("%s/wards", h->paths.own_run);
    int fd;

    if (!dir)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd >= 0 && inotify_add_watch(fd, dir, IN_MOVED_TO) >= 0) {
        *ret_fd = fd;
        return 0;
    }
    (void)err_sys(err, DOMO_E_IO, errno, "can't watch '%s'", dir);
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static int lock(struct host *h, int *ret_fd)
{
    char *AUTO_FREE path = path_of(h, "lock");
    int rc = path ? make_dir(h) : -ENOMEM;

    return rc ? rc : fs_lock(path, FS_LOCK_FLOCK, 0, ret_fd);
}

int ward_lock(struct host *h, int *ret_fd, struct domo_err *err)
{
    int rc = lock(h, ret_fd);

    if (rc == -EWOULDBLOCK)
        return err_set(err, DOMO_E_DOMAIN_BUSY, "another supervisor watches this host's guests");
    return rc ? err_sys(err, DOMO_E_IO, -rc, "can't lock '%s/wards/lock'", h->paths.own_run) : 0;
}

bool ward_is_guarded(struct host *h)
{
    int AUTO_CLOSE fd = -1;

    return lock(h, &fd) == -EWOULDBLOCK;
}
