/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Looking at nodes: one, or all below one. A walk keeps its own stack: a store
 * may be 1500 levels deep, and guests decide that.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "conf/utf8.h"
#include "dom/view.h"

/* The children of one node on the way to where the walk is. */
struct level {
    char **names;
    size_t n, next;
    size_t path_len; /* of the node whose children they are */
};

struct walk {
    struct host *h;
    store_txn t;
    unsigned flags, depth;
    struct str path; /* where the walk is */
    VEC(struct level) levels;
    struct json *rows;
};

/* ---- rows ---- */

void view_set_value(struct json *row, const char *value, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    struct str AUTO_STR hex = STR_INIT;

    if (!memchr(value, 0, len) && utf8_is_valid(value)) {
        json_set(row, "value", json_new_strn(value, len));
        return;
    }
    for (size_t i = 0; i < len; i++) {
        str_addc(&hex, digits[(unsigned char)value[i] >> 4]);
        str_addc(&hex, digits[(unsigned char)value[i] & 15]);
    }
    json_set(row, "value_hex", hex.failed ? NULL : json_new_str(str_text(&hex)));
}

/* {"owner","others","domains":[{"domid","access"}],"mode":"n0,r5"} */
static void set_perms(struct json *row, const struct store_perm *perms, size_t n)
{
    static const char *const access[] = {"none", "read", "write", "both"};
    struct json *p = json_set_object(row, "perms"), *domains;
    struct str AUTO_STR mode = STR_INIT;

    json_set_int(p, "owner", n ? perms[0].domid : 0);
    json_set_str(p, "others", access[n ? perms[0].rights & 3 : 0]);
    domains = json_set_array(p, "domains");
    for (size_t i = 0; i < n; i++) {
        struct json *one = i ? json_add_object(domains) : NULL;

        json_set_int(one, "domid", perms[i].domid);
        json_set_str(one, "access", access[perms[i].rights & 3]);
        str_addf(&mode, "%s%c%u", i ? "," : "", access[perms[i].rights & 3][0], perms[i].domid);
    }
    json_set(p, "mode", mode.failed ? NULL : json_new_str(str_text(&mode)));
}

/* ---- one node ---- */

enum { ROW_HEAD = 3 /* members that every row has: path, name, depth */ };

/* What became of a node that the walk came to. */
enum seen { SEEN, SEEN_GONE, SEEN_DENIED, SEEN_FAILED };

static enum seen outcome(int r, const struct domo_err *local, struct domo_err *err)
{
    if (r == 0)
        return SEEN;
    if (local->code == DOMO_E_STORE_NOT_FOUND)
        return SEEN_GONE;
    if (local->code == DOMO_E_PERMISSION)
        return SEEN_DENIED;
    if (err)
        *err = *local;
    return SEEN_FAILED;
}

static enum seen read_value(const struct walk *w, struct json *row, struct domo_err *err)
{
    struct domo_err local = DOMO_ERR_INIT;
    char *AUTO_FREE value = NULL;
    size_t len = 0;
    int r;

    if (!(w->flags & VIEW_VALUES))
        return SEEN;
    r = store_read_bytes(w->h, w->t, str_text(&w->path), &value, &len, &local);
    if (r == 0)
        view_set_value(row, value, len);
    return outcome(r, &local, err);
}

static enum seen read_perms(const struct walk *w, struct json *row, struct domo_err *err)
{
    struct domo_err local = DOMO_ERR_INIT;
    struct store_perm *AUTO_FREE perms = NULL;
    size_t n = 0;
    int r;

    if (!(w->flags & VIEW_PERMS))
        return SEEN;
    r = store_get_perms(w->h, w->t, str_text(&w->path), &perms, &n, &local);
    if (r == 0)
        set_perms(row, perms, n);
    return outcome(r, &local, err);
}

/* Children as a level of the walk's stack; none beyond the wanted depth. */
static enum seen read_children(struct walk *w, struct domo_err *err)
{
    struct domo_err local = DOMO_ERR_INIT;
    struct level level = {.path_len = w->path.len}, *slot;
    int r;

    if (w->levels.len >= w->depth)
        return SEEN;
    r = store_list(w->h, w->t, str_text(&w->path), &level.names, &level.n, &local);
    if (r < 0 || !level.names)
        return r < 0 ? outcome(r, &local, err) : SEEN_GONE;
    slot = VEC_PUSH(&w->levels);
    if (!slot) {
        free(level.names);
        (void)err_set(err, DOMO_E_NO_MEMORY, "out of memory");
        return SEEN_FAILED;
    }
    *slot = level;
    return SEEN;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds the node's row and its children to the stack. */
static enum seen visit(struct walk *w, bool with_row, struct domo_err *err)
{
    size_t depth = w->levels.len;
    struct json *AUTO_JSON row = json_new_object();
    const char *slash = strrchr(str_text(&w->path), '/');
    enum seen seen;

    json_set_str(row, "path", str_text(&w->path));
    json_set_str(row, "name", slash && slash[1] ? slash + 1 : str_text(&w->path));
    json_set_int(row, "depth", (int64_t)depth);
    seen = with_row ? read_value(w, row, err) : SEEN;
    if (seen == SEEN && with_row)
        seen = read_perms(w, row, err);
    if (seen == SEEN)
        seen = read_children(w, err);
    /* It was read, and went away before its children could be: as if they had gone first. */
    if (seen == SEEN_GONE && with_row && w->flags & (VIEW_VALUES | VIEW_PERMS) && json_len(row) > ROW_HEAD)
        seen = SEEN;
    if (seen == SEEN && w->levels.len > depth)
        qsort(w->levels.at[depth].names, w->levels.at[depth].n, sizeof(char *), compare_names);
    if (seen == SEEN_DENIED)
        json_set_bool(row, "denied", true);
    if (with_row && (seen == SEEN || seen == SEEN_DENIED)) {
        json_add(w->rows, row);
        row = NULL;
    }
    return seen;
}

/* ---- all nodes ---- */

/* Goes to the next node in the order of the tree; false at the end. */
static bool step(struct walk *w)
{
    struct level *top;

    while (w->levels.len) {
        top = &w->levels.at[w->levels.len - 1];
        w->path.len = top->path_len;
        w->path.s[w->path.len] = '\0';
        if (top->next < top->n) {
            str_addf(&w->path, "%s%s", str_eq(w->path.s, "/") ? "" : "/", top->names[top->next++]);
            return !w->path.failed;
        }
        free(top->names);
        w->levels.len--;
    }
    return false;
}

static int walk_all(struct walk *w, struct domo_err *err)
{
    const char *start = str_text(&w->path);
    char *AUTO_FREE value = NULL;

    /* The name alone, which is known: what is asked is whether it is there. */
    if (w->depth == 0 && !(w->flags & (VIEW_VALUES | VIEW_PERMS)))
        return view_read(w->h, w->t, start, &value, NULL, err) < 0 || visit(w, !(w->flags & VIEW_BELOW), err) ? -1 : 0;
    switch (visit(w, !(w->flags & VIEW_BELOW), err)) {
    case SEEN:
        break;
    case SEEN_GONE:
        return view_missing(w->h, w->t, start, err);
    case SEEN_DENIED:
        return err_set(err, DOMO_E_PERMISSION, "'%s' may not be read", start);
    case SEEN_FAILED:
        return -1;
    }
    while (step(w)) {
        if (w->h->cancelled && *w->h->cancelled)
            return err_set(err, DOMO_E_CANCELLED, "interrupted");
        if (visit(w, true, err) == SEEN_FAILED)
            return -1;
    }
    return w->path.failed ? err_set(err, DOMO_E_NO_MEMORY, "out of memory") : 0;
}

int view_walk(struct host *h, store_txn t, const char *path, unsigned flags, unsigned depth, struct json **ret,
              struct domo_err *err)
{
    struct walk w = {.h = h, .t = t, .flags = flags, .depth = depth, .path = STR_INIT, .rows = json_new_array()};
    int r;

    if (view_check_path(path, false, err) < 0) {
        (void)json_free(w.rows);
        return -1;
    }
    str_add(&w.path, path);
    r = w.path.failed ? err_set(err, DOMO_E_NO_MEMORY, "out of memory") : walk_all(&w, err);
    while (w.levels.len)
        free(w.levels.at[--w.levels.len].names);
    VEC_FINI(&w.levels);
    str_fini(&w.path);
    w.rows = json_done(w.rows);
    if (r == 0 && !w.rows)
        r = err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (r < 0)
        (void)json_free(w.rows);
    else
        *ret = w.rows;
    return r;
}

int view_read(struct host *h, store_txn t, const char *path, char **ret, size_t *ret_len, struct domo_err *err)
{
    struct domo_err local = DOMO_ERR_INIT;

    if (view_check_path(path, false, err) < 0)
        return -1;
    if (store_read_bytes(h, t, path, ret, ret_len, &local) == 0)
        return 0;
    if (local.code == DOMO_E_STORE_NOT_FOUND)
        return view_missing(h, t, path, err);
    if (err)
        *err = local;
    return -1;
}

int view_exists(struct host *h, const char *path, bool *ret, struct domo_err *err)
{
    char *AUTO_FREE value = NULL;

    if (view_check_path(path, false, err) < 0 || store_read_opt(h, 0, path, &value, err) < 0)
        return -1;
    *ret = value;
    return 0;
}
