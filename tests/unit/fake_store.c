/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The fake host's store: a sorted list of nodes, one transaction at a time as a
 * copy of all of it, watches. New nodes inherit their parent's permissions.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

/* ---- the tree ---- */

void fake_tree_fini(struct fake_tree *t)
{
    for (size_t i = 0; i < t->list.len; i++) {
        free(t->list.at[i].path);
        free(t->list.at[i].value);
    }
    VEC_FINI(&t->list);
}

static struct fake_node *find(const struct fake_tree *t, const char *path)
{
    for (size_t i = 0; i < t->list.len; i++) {
        if (str_eq(t->list.at[i].path, path))
            return &t->list.at[i];
    }
    return NULL;
}

static bool is_at_or_below(const char *path, const char *under)
{
    size_t n = strlen(under);

    return strncmp(path, under, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

static struct fake_node *add(struct fake_tree *t, const char *path)
{
    struct fake_node node = {.path = fake_copy(path), .value = fake_copy("")}, *slot, *parent = NULL;
    char *dir = fake_copy(path);
    size_t at = 0;

    *strrchr(dir, '/') = '\0';
    if (dir[0]) {
        parent = find(t, dir);
        if (!parent)
            parent = add(t, dir);
        memcpy(node.perms, parent->perms, sizeof node.perms);
        node.n_perms = parent->n_perms;
    } else {
        node.n_perms = 1;
    }
    free(dir);
    slot = FAKE_PUSH(&t->list);
    *slot = node;
    while (at < t->list.len - 1 && strcmp(t->list.at[at].path, path) < 0)
        at++;
    memmove(&t->list.at[at + 1], &t->list.at[at], (t->list.len - 1 - at) * sizeof node);
    t->list.at[at] = node;
    return &t->list.at[at];
}

static char *copy_bytes(const char *bytes, size_t len)
{
    char *p = fake_need(malloc(len + 1));

    memcpy(p, bytes, len);
    p[len] = '\0';
    return p;
}

static void put(struct fake_tree *t, const char *path, const char *value, size_t len)
{
    struct fake_node *node = find(t, path);

    if (!node)
        node = add(t, path);
    free(node->value);
    node->value = copy_bytes(value, len);
    node->len = len;
}

static bool take_away(struct fake_tree *t, const char *path)
{
    bool any = false;

    for (size_t i = t->list.len; i-- > 0;) {
        if (is_at_or_below(t->list.at[i].path, path)) {
            free(t->list.at[i].path);
            free(t->list.at[i].value);
            VEC_REMOVE(&t->list, i);
            any = true;
        }
    }
    return any;
}

static void copy(const struct fake_tree *from, struct fake_tree *to)
{
    for (size_t i = 0; i < from->list.len; i++) {
        struct fake_node *slot = FAKE_PUSH(&to->list);

        *slot = from->list.at[i];
        slot->path = fake_copy(slot->path);
        slot->value = copy_bytes(slot->value, slot->len);
    }
}

/* ---- watches ---- */

static void push_event(struct fake *f, const char *path, const char *token)
{
    struct store_event *slot = FAKE_PUSH(&f->events);

    slot->path = fake_copy(path);
    slot->token = fake_copy(token);
}

/* A watch hears of its node, of all below, and of a removal above it. */
static void fire(struct fake *f, const char *path, bool removed)
{
    f->generation++;
    for (size_t i = 0; i < f->watches.len; i++) {
        const struct fake_watch *w = &f->watches.at[i];

        if (is_at_or_below(path, w->path) || (removed && is_at_or_below(w->path, path)))
            push_event(f, path, w->token);
    }
}

/* What differs between the trees before and after a commit. */
static void fire_changes(struct fake *f, const struct fake_tree *old, const struct fake_tree *new)
{
    for (size_t i = 0; i < old->list.len; i++) {
        if (!find(new, old->list.at[i].path))
            fire(f, old->list.at[i].path, true);
    }
    for (size_t i = 0; i < new->list.len; i++) {
        const struct fake_node *before = find(old, new->list.at[i].path);

        if (!before || !str_eq(before->value, new->list.at[i].value))
            fire(f, new->list.at[i].path, false);
    }
}

/* ---- from outside ---- */

void fake_write(struct fake *f, const char *path, const char *value)
{
    put(&f->tree, path, value, strlen(value));
    fire(f, path, false);
}

const char *fake_read(const struct fake *f, const char *path)
{
    const struct fake_node *node = find(&f->tree, path);

    return node ? node->value : NULL;
}

void fake_rm(struct fake *f, const char *path)
{
    if (take_away(&f->tree, path))
        fire(f, path, true);
}

static void dump_perms(struct str *out, const struct fake_node *node)
{
    static const char letters[] = {'n', 'r', 'w', 'b'};

    for (size_t i = 0; i < node->n_perms; i++)
        str_addf(out, "%s%c%u", i ? "," : "", letters[node->perms[i].rights & 3], node->perms[i].domid);
}

char *fake_dump(const struct fake *f, const char *under)
{
    struct str out = STR_INIT;

    for (size_t i = 0; i < f->tree.list.len; i++) {
        const struct fake_node *node = &f->tree.list.at[i];

        if (!is_at_or_below(node->path, under))
            continue;
        str_addf(&out, "%s = \"%s\" (", node->path, node->value);
        dump_perms(&out, node);
        str_add(&out, ")\n");
    }
    str_add(&out, "");
    return out.s ? str_steal(&out) : fake_copy("");
}

/* ---- operations ---- */

static struct fake_tree *tree_for(struct fake *f, store_txn t)
{
    assert(t == 0 || t == f->txn);
    return t ? &f->txn_tree : &f->tree;
}

static int s_begin(struct host *h, store_txn *ret, struct domo_err *err)
{
    struct fake *f = fake_of(h);

    if (fake_call(h, err, "store.begin"))
        return -1;
    assert(!f->txn);
    copy(&f->tree, &f->txn_tree);
    f->txn_generation = f->generation;
    f->txn = *ret = 1;
    return 0;
}

static int s_end(struct host *h, store_txn t, bool commit, struct domo_err *err)
{
    struct fake *f = fake_of(h);
    struct fake_tree old = f->tree;
    bool lost = commit && (f->conflicts > 0 || f->generation != f->txn_generation);
    int failed = commit ? fake_call(h, err, "store.end") : 0;

    assert(t && t == f->txn);
    f->txn = 0;
    if (f->conflicts > 0 && lost)
        f->conflicts--;
    if (!commit || failed || lost) {
        fake_tree_fini(&f->txn_tree);
        if (failed)
            return -1;
        return lost ? err_sys(err, DOMO_E_STORE_CONFLICT, EAGAIN, "the transaction lost a race") : 0;
    }
    f->tree = f->txn_tree;
    memset(&f->txn_tree, 0, sizeof f->txn_tree);
    fire_changes(f, &old, &f->tree);
    fake_tree_fini(&old);
    return 0;
}

static int s_read(struct host *h, store_txn t, const char *path, char **ret, size_t *ret_len, struct domo_err *err)
{
    const struct fake_node *node = find(tree_for(fake_of(h), t), path);

    if (fake_call(h, err, path))
        return -1;
    if (!node)
        return err_sys(err, DOMO_E_STORE_NOT_FOUND, ENOENT, "read %s", path);
    *ret = copy_bytes(node->value, node->len);
    if (ret_len)
        *ret_len = node->len;
    return 0;
}

static int s_write(struct host *h, store_txn t, const char *path, const void *value, size_t len, struct domo_err *err)
{
    struct fake *f = fake_of(h);

    if (fake_call(h, err, path))
        return -1;
    put(tree_for(f, t), path, value, len);
    if (!t)
        fire(f, path, false);
    return 0;
}

static int s_mkdir(struct host *h, store_txn t, const char *path, struct domo_err *err)
{
    struct fake *f = fake_of(h);

    if (fake_call(h, err, path))
        return -1;
    if (find(tree_for(f, t), path))
        return 0;
    put(tree_for(f, t), path, "", 0);
    if (!t)
        fire(f, path, false);
    return 0;
}

static int s_rm(struct host *h, store_txn t, const char *path, struct domo_err *err)
{
    struct fake *f = fake_of(h);

    if (fake_call(h, err, path))
        return -1;
    if (take_away(tree_for(f, t), path) && !t)
        fire(f, path, true);
    return 0;
}

static int s_list(struct host *h, store_txn t, const char *path, char ***ret, size_t *ret_n, struct domo_err *err)
{
    const struct fake_tree *tree = tree_for(fake_of(h), t);
    size_t n = 0, bytes = 0, skip = strlen(path) + 1;
    char **names, *text;

    if (fake_call(h, err, path))
        return -1;
    if (!find(tree, path))
        return err_sys(err, DOMO_E_STORE_NOT_FOUND, ENOENT, "list %s", path);
    for (size_t i = 0; i < tree->list.len; i++)
        bytes += sizeof(char *) + strlen(tree->list.at[i].path) + 1;
    names = fake_need(malloc(bytes + 1));
    text = (char *)(names + tree->list.len);
    for (size_t i = 0; i < tree->list.len; i++) {
        const char *p = tree->list.at[i].path;

        if (!is_at_or_below(p, path) || strlen(p) < skip || strchr(p + skip, '/'))
            continue;
        names[n++] = memcpy(text, p + skip, strlen(p + skip) + 1);
        text += strlen(text) + 1;
    }
    *ret = names;
    *ret_n = n;
    return 0;
}

static int s_set_perms(struct host *h, store_txn t, const char *path, const struct store_perm *perms, size_t n,
                       struct domo_err *err)
{
    struct fake_node *node = find(tree_for(fake_of(h), t), path);

    if (fake_call(h, err, path))
        return -1;
    if (!node || n > FAKE_PERMS_MAX)
        return err_sys(err, DOMO_E_STORE_NOT_FOUND, ENOENT, "set permissions of %s", path);
    memcpy(node->perms, perms, n * sizeof *perms);
    node->n_perms = n;
    return 0;
}

static int s_get_perms(struct host *h, store_txn t, const char *path, struct store_perm **ret, size_t *ret_n,
                       struct domo_err *err)
{
    const struct fake_node *node = find(tree_for(fake_of(h), t), path);

    if (fake_call(h, err, path))
        return -1;
    if (!node)
        return err_sys(err, DOMO_E_STORE_NOT_FOUND, ENOENT, "get permissions of %s", path);
    *ret = fake_need(calloc(FAKE_PERMS_MAX, sizeof **ret));
    memcpy(*ret, node->perms, sizeof node->perms);
    *ret_n = node->n_perms;
    return 0;
}

static int s_watch(struct host *h, const char *path, const char *token, struct domo_err *err)
{
    struct fake *f = fake_of(h);
    struct fake_watch *w;

    if (fake_call(h, err, path))
        return -1;
    w = FAKE_PUSH(&f->watches);
    w->path = fake_copy(path);
    w->token = fake_copy(token);
    push_event(f, path, token);
    return 0;
}

static int s_unwatch(struct host *h, const char *path, const char *token, struct domo_err *err)
{
    struct fake *f = fake_of(h);

    if (fake_call(h, err, path))
        return -1;
    for (size_t i = 0; i < f->watches.len; i++) {
        struct fake_watch *w = &f->watches.at[i];

        if (str_eq(w->path, path) && str_eq(w->token, token)) {
            free(w->path);
            free(w->token);
            VEC_REMOVE(&f->watches, i);
            return 0;
        }
    }
    return err_sys(err, DOMO_E_STORE_NOT_FOUND, ENOENT, "unwatch %s", path);
}

/* Only ever compared and handed to the fake wait. */
static int s_fd(struct host *h)
{
    return fake_of(h)->watches.len || fake_of(h)->events.len ? 0 : -1;
}

static int s_next_event(struct host *h, struct store_event *ret, bool *ret_any, struct domo_err *err)
{
    struct fake *f = fake_of(h);

    (void)err;
    *ret_any = f->events.len > 0;
    if (!f->events.len)
        return 0;
    *ret = f->events.at[0];
    VEC_REMOVE(&f->events, 0);
    return 0;
}

static int s_introduce(struct host *h, uint32_t domid, uint64_t gfn, uint32_t evtchn, struct domo_err *err)
{
    (void)domid;
    (void)gfn;
    (void)evtchn;
    return fake_call(h, err, "store.introduce");
}

static int s_resume(struct host *h, uint32_t domid, struct domo_err *err)
{
    (void)domid;
    return fake_call(h, err, "store.resume");
}

const struct store_ops fake_store_ops = {
    .begin = s_begin,
    .end = s_end,
    .read = s_read,
    .write = s_write,
    .mkdir = s_mkdir,
    .rm = s_rm,
    .list = s_list,
    .set_perms = s_set_perms,
    .get_perms = s_get_perms,
    .watch = s_watch,
    .unwatch = s_unwatch,
    .fd = s_fd,
    .next_event = s_next_event,
    .introduce = s_introduce,
    .resume = s_resume,
};
