/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Changing nodes: each call is one transaction, so all of it happens or
 * nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "dom/view.h"

/* What a transaction's body is told, and the paths that it changed: begun afresh with each try. */
struct edit {
    const char *const *paths;
    const struct view_write *writes;
    const struct store_perm *perms;
    size_t n, n_perms;
    unsigned flags;
    bool recursive;
    struct json *changed;
};

static void begin(struct edit *e)
{
    (void)json_free(e->changed);
    e->changed = json_new_array();
}

static int run(struct host *h, int (*body)(struct host *, store_txn, void *arg, struct domo_err *), struct edit *e,
               struct json **ret, struct domo_err *err)
{
    struct json *j;

    if (store_transact(h, body, e, err) < 0) {
        (void)json_free(e->changed);
        return -1;
    }
    j = json_new_object();
    json_set(j, "paths", e->changed);
    j = json_done(j);
    if (!j)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    *ret = j;
    return 0;
}

static int check_paths(const char *const *paths, size_t n, struct domo_err *err)
{
    for (size_t i = 0; i < n; i++)
        if (view_check_path(paths[i], false, err) < 0)
            return -1;
    return 0;
}

/* ---- write, mkdir ---- */

static int body_write(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    struct edit *e = arg;

    begin(e);
    for (size_t i = 0; i < e->n; i++) {
        if (store_write_bytes(h, t, e->writes[i].path, e->writes[i].value, e->writes[i].len, err) < 0)
            return -1;
        json_add_str(e->changed, e->writes[i].path);
    }
    return 0;
}

int view_write(struct host *h, const struct view_write *writes, size_t n, struct json **ret, struct domo_err *err)
{
    struct edit e = {.writes = writes, .n = n};

    for (size_t i = 0; i < n; i++) {
        size_t room;

        if (view_check_path(writes[i].path, false, err) < 0)
            return -1;
        room = VIEW_PAYLOAD_MAX - strlen(writes[i].path) - 1;
        if (writes[i].len > room)
            return err_set(err, DOMO_E_STORE_TOO_BIG, "the value of '%s' has %zu bytes, there is room for %zu",
                           writes[i].path, writes[i].len, room);
    }
    return run(h, body_write, &e, ret, err);
}

static int body_mkdir(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    struct edit *e = arg;

    begin(e);
    for (size_t i = 0; i < e->n; i++) {
        if (store_mkdir(h, t, e->paths[i], err) < 0)
            return -1;
        json_add_str(e->changed, e->paths[i]);
    }
    return 0;
}

int view_mkdir(struct host *h, const char *const *paths, size_t n, struct json **ret, struct domo_err *err)
{
    struct edit e = {.paths = paths, .n = n};

    return check_paths(paths, n, err) < 0 ? -1 : run(h, body_mkdir, &e, ret, err);
}

/* ---- remove ---- */

/* The parent's path, allocated; NULL for the last element of a relative path and for what is below the root. */
static char *parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash != path ? strndup(path, (size_t)(slash - path)) : NULL;
}

/* Neither children nor a value: it was only there to hold what is gone now. */
static int is_hollow(struct host *h, store_txn t, const char *path, bool *ret, struct domo_err *err)
{
    char *AUTO_FREE value = NULL;
    char **AUTO_FREE names = NULL;
    size_t n = 0, len = 0;

    if (store_read_bytes(h, t, path, &value, &len, err) < 0 || store_list(h, t, path, &names, &n, err) < 0)
        return -1;
    *ret = n == 0 && len == 0;
    return 0;
}

static int tidy(struct host *h, store_txn t, struct edit *e, const char *path, struct domo_err *err)
{
    char *above = parent_of(path);
    bool hollow = true;
    int r = 0;

    while (above && r == 0) {
        char *higher = parent_of(above);

        r = is_hollow(h, t, above, &hollow, err);
        if (r == 0 && hollow)
            r = store_rm(h, t, above, err);
        if (r == 0 && hollow)
            json_add_str(e->changed, above);
        free(above);
        above = higher;
        if (r < 0 || !hollow) {
            free(above);
            above = NULL;
        }
    }
    return r;
}

static int body_remove(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    struct edit *e = arg;

    begin(e);
    for (size_t i = 0; i < e->n; i++) {
        char *AUTO_FREE value = NULL;

        if (store_read_opt(h, t, e->paths[i], &value, err) < 0)
            return -1;
        if (!value && e->flags & VIEW_MISSING_OK)
            continue;
        if (!value)
            return view_missing(h, t, e->paths[i], err);
        if (store_rm(h, t, e->paths[i], err) < 0)
            return -1;
        json_add_str(e->changed, e->paths[i]);
        if (e->flags & VIEW_TIDY && tidy(h, t, e, e->paths[i], err) < 0)
            return -1;
    }
    return 0;
}

int view_remove(struct host *h, const char *const *paths, size_t n, unsigned flags, struct json **ret,
                struct domo_err *err)
{
    struct edit e = {.paths = paths, .n = n, .flags = flags};

    if (check_paths(paths, n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (str_eq(paths[i], "/"))
            return err_set(err, DOMO_E_USAGE, "the root of XenStore can't be removed");
    return run(h, body_remove, &e, ret, err);
}

/* ---- permissions ---- */

static int parse_entry(const char *text, struct store_perm *ret, struct domo_err *err)
{
    static const char letters[] = "nrwb"; /* in the order of their rights */
    const char *at = text[0] ? strchr(letters, text[0]) : NULL;
    uint32_t domid;

    if (!at || str_to_u32(text + 1, &domid) < 0 || domid > UINT16_MAX) {
        (void)err_set(err, DOMO_E_USAGE, "'%s' is no permission", text);
        return err_hint(err, "a letter (n none, r read, w write, b both) and a domain's number: n0, r5; the first one "
                             "names the owner, and what all domains may that are not named");
    }
    *ret = (struct store_perm){.domid = domid, .rights = (unsigned)(at - letters)};
    return 0;
}

static int set_one(struct host *h, store_txn t, const struct edit *e, const char *path, struct domo_err *err)
{
    struct domo_err local = DOMO_ERR_INIT;
    char *AUTO_FREE value = NULL;

    if (store_set_perms(h, t, path, e->perms, e->n_perms, &local) == 0) {
        json_add_str(e->changed, path);
        return 0;
    }
    if (local.code == DOMO_E_STORE_NOT_FOUND && path[0] != '@') {
        /* The server says the same of a missing node and of an owner that does not exist. */
        if (store_read_opt(h, t, path, &value, NULL) == 0 && !value)
            return view_missing(h, t, path, err);
        return err_set(err, DOMO_E_DOMAIN_NOT_FOUND, "'%s' can't belong to domain %u, which does not exist", path,
                       e->perms[0].domid);
    }
    if (err)
        *err = local;
    return -1;
}

static int body_set_perms(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    struct edit *e = arg;
    struct json *AUTO_JSON rows = NULL;

    begin(e);
    if (!e->recursive)
        return set_one(h, t, e, e->paths[0], err);
    if (view_walk(h, t, e->paths[0], 0, UINT32_MAX, &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(rows); i++)
        if (set_one(h, t, e, json_get_str(json_at(rows, i, NULL), "path", ""), err) < 0)
            return -1;
    return 0;
}

int view_set_perms(struct host *h, const char *path, const char *const *entries, size_t n, bool recursive,
                   struct json **ret, struct domo_err *err)
{
    struct store_perm *AUTO_FREE perms = calloc(n ? n : 1, sizeof *perms);
    struct edit e = {.paths = &path, .n = 1, .perms = perms, .n_perms = n, .recursive = recursive};

    if (!perms)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (view_check_path(path, !recursive, err) < 0)
        return -1;
    if (n == 0)
        return err_set(err, DOMO_E_USAGE, "no permission is given");
    for (size_t i = 0; i < n; i++)
        if (parse_entry(entries[i], &perms[i], err) < 0)
            return -1;
    return run(h, body_set_perms, &e, ret, err);
}
