/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The store of the host that answers from memory: one small tree, which a path
 * that is not in it means as a whole.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "domo.h"

/* They must stay words in what becomes JSON. */
#undef true
#undef false
#define J(...) #__VA_ARGS__

static const char rows[] = J([
    {
        "path" : "/local/domain/5",
        "name" : "5",
        "depth" : 0,
        "value" : "",
        "perms" : {"owner" : 0, "others" : "none", "domains" : [ {"domid" : 5, "access" : "read"} ], "mode" : "n0,r5"}
    },
    {
        "path" : "/local/domain/5/data",
        "name" : "data",
        "depth" : 1,
        "value" : "",
        "perms" : {"owner" : 5, "others" : "none", "domains" : [], "mode" : "n5"}
    },
    {
        "path" : "/local/domain/5/data/bytes",
        "name" : "bytes",
        "depth" : 2,
        "value_hex" : "0041ff5c0a",
        "perms" : {"owner" : 5, "others" : "none", "domains" : [], "mode" : "n5"}
    },
    {"path" : "/local/domain/5/data/secret", "name" : "secret", "depth" : 2, "denied" : true}, {
        "path" : "/local/domain/5/name",
        "name" : "name",
        "depth" : 1,
        "value" : "web",
        "perms" : {
            "owner" : 0,
            "others" : "none",
            "domains" : [ {"domid" : 5, "access" : "read"}, {"domid" : 7, "access" : "both"} ],
            "mode" : "n0,r5,b7"
        }
    },
    {
        "path" : "/local/domain/5/note",
        "name" : "note",
        "depth" : 1,
        "value" : "caf\u00e9\t1\\2",
        "perms" : {"owner" : 0, "others" : "read", "domains" : [], "mode" : "r0"}
    }
]);

/* What the paths that are no nodes mean. */
static int check(const char *path, struct domo_err *err)
{
    if (strchr(path, ' '))
        return err_set(err, DOMO_E_STORE_BAD_PATH, "the path '%s' has a character that no path can have", path);
    if (strstr(path, "nosuch")) {
        (void)err_set(err, DOMO_E_STORE_NOT_FOUND, "there is no node '%s'", path);
        return err_hint(err, "the nearest node above it is '/local'");
    }
    if (strstr(path, "forbidden"))
        return err_set(err, DOMO_E_PERMISSION, "'%s' may not be read", path);
    return 0;
}

static void drop(struct json *row, const char *name)
{
    (void)json_free(json_steal(row, name));
}

static bool is_at_or_below(const char *path, const char *under)
{
    size_t n = strlen(under);

    return strncmp(path, under, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

/* The depth of a path in the tree, -1 if it is not there. */
static int64_t depth_of(const struct json *all, const char *path)
{
    for (size_t i = 0; i < json_len(all); i++)
        if (strcmp(json_get_str(json_at(all, i, NULL), "path", ""), path) == 0)
            return json_get_int(json_at(all, i, NULL), "depth", 0);
    return -1;
}

/* Leaves only what is at and below the path. */
static void cut(struct json *all, const char *path)
{
    int64_t base = depth_of(all, path);

    for (size_t i = json_len(all); base >= 0 && i-- > 0;) {
        struct json *row = json_at(all, i, NULL);

        if (is_at_or_below(json_get_str(row, "path", ""), path))
            json_set_int(row, "depth", json_get_int(row, "depth", 0) - base);
        else
            json_remove_at(all, i);
    }
}

int domo_store_walk(struct domo_ctx *ctx, const char *path, unsigned flags, unsigned depth, struct domo_value **ret,
                    struct domo_err *err)
{
    struct json *all = NULL;
    char *why = NULL;

    (void)ctx;
    if (check(path, err) < 0)
        return -1;
    if (json_parse(rows, strlen(rows), &all, &why) < 0)
        return err_set(err, DOMO_E_INTERNAL, "%s", why);
    cut(all, path);
    for (size_t i = json_len(all); i-- > 0;) {
        struct json *row = json_at(all, i, NULL);

        if (!(flags & DOMO_STORE_PERMS))
            drop(row, "perms");
        if (!(flags & DOMO_STORE_VALUES)) {
            drop(row, "value");
            drop(row, "value_hex");
        }
        if (json_get_int(row, "depth", 0) > depth || (i == 0 && flags & DOMO_STORE_BELOW))
            json_remove_at(all, i);
    }
    *ret = (struct domo_value *)all;
    return 0;
}

int domo_store_read(struct domo_ctx *ctx, const char *path, char **ret, size_t *ret_len, struct domo_err *err)
{
    static const char bytes[] = "\0A\xff\\\n", text[] = "web";
    bool is_bytes = strstr(path, "bytes");

    (void)ctx;
    if (check(path, err) < 0)
        return -1;
    *ret_len = is_bytes ? sizeof bytes - 1 : sizeof text - 1;
    *ret = malloc(*ret_len + 1);
    memcpy(*ret, is_bytes ? bytes : text, *ret_len + 1);
    return 0;
}

int domo_store_exists(struct domo_ctx *ctx, const char *path, bool *ret, struct domo_err *err)
{
    struct domo_err local = DOMO_ERR_INIT;

    (void)ctx;
    *ret = check(path, &local) == 0;
    if (*ret || local.code == DOMO_E_STORE_NOT_FOUND)
        return 0;
    *err = local;
    return -1;
}

static struct json *changed(void)
{
    struct json *j = json_new_object();

    json_set_array(j, "paths");
    return j;
}

static void add_change(struct json *j, const char *path)
{
    json_add_str(json_get(j, "paths"), path);
}

int domo_store_write(struct domo_ctx *ctx, const struct domo_store_pair *pairs, size_t n, struct domo_value **ret,
                     struct domo_err *err)
{
    struct json *j = changed();

    (void)ctx;
    for (size_t i = 0; i < n; i++) {
        add_change(j, pairs[i].path);
        /* The bytes that came, for whoever reads the transcript. */
        json_setf(j, "observed", "%zu bytes, the last one %d", pairs[i].len,
                  pairs[i].len ? ((const unsigned char *)pairs[i].value)[pairs[i].len - 1] : -1);
        if (check(pairs[i].path, err) < 0 || pairs[i].len > 4000) {
            (void)json_free(j);
            return domo_err_code(err)[0] == 'o' ? err_set(err, DOMO_E_STORE_TOO_BIG, "the value is too big") : -1;
        }
    }
    if (!getenv("DOMO_FAKE_OBSERVE"))
        drop(j, "observed");
    *ret = (struct domo_value *)j;
    return 0;
}

int domo_store_mkdir(struct domo_ctx *ctx, const char *const *paths, size_t n, struct domo_value **ret,
                     struct domo_err *err)
{
    struct json *j = changed();

    (void)ctx;
    (void)err;
    for (size_t i = 0; i < n; i++)
        add_change(j, paths[i]);
    *ret = (struct domo_value *)j;
    return 0;
}

int domo_store_remove(struct domo_ctx *ctx, const char *const *paths, size_t n, unsigned flags, struct domo_value **ret,
                      struct domo_err *err)
{
    struct json *j = changed();

    (void)ctx;
    for (size_t i = 0; i < n; i++) {
        if (check(paths[i], err) == 0) {
            add_change(j, paths[i]);
        } else if (!(flags & DOMO_STORE_MISSING_OK)) {
            (void)json_free(j);
            return -1;
        }
    }
    if (flags & DOMO_STORE_TIDY)
        add_change(j, "/local/domain");
    *ret = (struct domo_value *)j;
    return 0;
}

int domo_store_set_perms(struct domo_ctx *ctx, const char *path, const char *const *entries, size_t n, unsigned flags,
                         struct domo_value **ret, struct domo_err *err)
{
    struct json *j = changed();

    (void)ctx;
    add_change(j, path);
    if (flags & DOMO_STORE_RECURSIVE)
        add_change(j, "/local/domain/5/name");
    for (size_t i = 0; i < n; i++)
        if (entries[i][0] == 'x') {
            (void)json_free(j);
            return err_set(err, DOMO_E_USAGE, "'%s' is no permission", entries[i]);
        }
    *ret = (struct domo_value *)j;
    return 0;
}

/* Three events, then silence. */
int domo_store_watch(struct domo_ctx *ctx, const struct domo_store_watch *watch, struct domo_err *err)
{
    static const char *const paths[] = {"/local/domain/5", "/local/domain/5/name", "/local/domain/5/data"};

    (void)ctx;
    for (size_t i = 0; i < 3; i++) {
        struct json *row = json_new_object();
        bool go_on;

        json_set_str(row, "path", paths[i]);
        json_set_str(row, "watch", watch->paths[0]);
        json_set_bool(row, "initial", i == 0);
        if (watch->flags & DOMO_STORE_VALUES) {
            json_set_bool(row, "exists", i < 2);
            if (i < 2)
                json_set_str(row, "value", i ? "web\n" : "");
        }
        go_on = watch->event(watch->arg, (const struct domo_value *)row);
        (void)json_free(row);
        if (!go_on || i + 1 == watch->count)
            return 0;
    }
    return watch->count ? err_set(err, DOMO_E_TIMEOUT, "3 of %d events came in time", (int)watch->count) : 0;
}
