/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store_model.h"

#include <stdio.h>
#include <string.h>

struct model_node *model_find(struct model_tree *t, const char *path)
{
    int i;

    for (i = 0; i < t->count; i++)
        if (strcmp(t->node[i].path, path) == 0)
            return &t->node[i];
    return NULL;
}

static const struct model_node *cfind(const struct model_tree *t, const char *path)
{
    return model_find((struct model_tree *)t, path);
}

static void parent_of(const char *path, char *to)
{
    char *slash;

    memmove(to, path, strlen(path) + 1);
    slash = strrchr(to, '/');
    slash[slash == to] = '\0';
}

static bool below(const char *path, const char *top)
{
    size_t n = strlen(top);

    return strcmp(top, "/") == 0 ? strcmp(path, "/") != 0 : strncmp(path, top, n) == 0 && path[n] == '/';
}

static void add(struct model_tree *t, const char *path, const char *value, const struct model_perm *perms, int count)
{
    struct model_node *n = &t->node[t->count++];

    memset(n, 0, sizeof *n);
    (void)snprintf(n->path, sizeof n->path, "%s", path);
    (void)snprintf(n->value, sizeof n->value, "%s", value);
    memcpy(n->perms, perms, (size_t)count * sizeof *perms);
    n->perm_count = count;
}

void model_init(struct model *m)
{
    struct model_perm none = {'n', 0, false};
    int i;

    memset(m, 0, sizeof *m);
    add(&m->live, "/", "", &none, 1);
    add(&m->live, "/tool", "", &none, 1);
    add(&m->live, "/tool/xenstored", "", &none, 1);
    for (i = 0; i < MODEL_WATCHES; i++)
        m->watch[i].conn = -1;
    m->domain[0] = true;
}

static bool is_dom(const struct model_conn *c, int domid)
{
    return c->domid == domid || c->target == domid;
}

static bool letter_allows(char have, char want)
{
    return have == 'b' || have == want;
}

static bool allows(const struct model_node *n, const struct model_conn *c, char want)
{
    int i;

    if (c->privileged || is_dom(c, n->perms[0].domid))
        return true;
    for (i = 1; i < n->perm_count; i++)
        if (!n->perms[i].ignore && is_dom(c, n->perms[i].domid))
            return letter_allows(n->perms[i].letter, want);
    return letter_allows(n->perms[0].letter, want);
}

static const struct model_node *nearest(const struct model_tree *t, const char *path)
{
    char at[MODEL_PATH];
    const struct model_node *n;

    (void)snprintf(at, sizeof at, "%s", path);
    while (!(n = cfind(t, at)))
        parent_of(at, at);
    return n;
}

static bool answer(char *reply, const char *text)
{
    (void)snprintf(reply, MODEL_REPLY, "%s", text);
    return false;
}

static void make(struct model_tree *t, const struct model_conn *c, const char *path, const char *value)
{
    char up[MODEL_PATH];
    const struct model_node *p;
    struct model_node copy;

    parent_of(path, up);
    if (!cfind(t, up))
        make(t, c, up, "");
    p = cfind(t, up);
    copy = *p;
    if (!c->privileged)
        copy.perms[0].domid = c->domid;
    add(t, path, value, copy.perms, copy.perm_count);
}

static void cut(struct model_tree *t, const char *path)
{
    char top[MODEL_PATH];
    int i, n = 0;

    (void)snprintf(top, sizeof top, "%s", path);
    for (i = 0; i < t->count; i++)
        if (strcmp(t->node[i].path, top) != 0 && !below(t->node[i].path, top))
            t->node[n++] = t->node[i];
    t->count = n;
}

static void list_children(const struct model_tree *t, const char *path, char *reply)
{
    char up[MODEL_PATH];
    size_t len = 0;
    int i;

    reply[0] = '\0';
    for (i = 0; i < t->count; i++) {
        if (strcmp(t->node[i].path, "/") == 0)
            continue;
        parent_of(t->node[i].path, up);
        if (strcmp(up, path) == 0)
            len += (size_t)snprintf(reply + len, MODEL_REPLY - len, "%s\n", strrchr(t->node[i].path, '/') + 1);
    }
}

static void list_perms(const struct model_node *n, char *reply)
{
    size_t len = 0;
    int i;

    for (i = 0; i < n->perm_count; i++)
        len += (size_t)snprintf(reply + len, MODEL_REPLY - len, "%c%d\n", n->perms[i].letter, n->perms[i].domid);
}

static bool set_perms(const struct model *m, struct model_node *n, const struct model_conn *c,
                      const struct model_op *op, char *reply)
{
    int i;

    if (!c->privileged && !is_dom(c, n->perms[0].domid))
        return answer(reply, "EACCES");
    if (!c->privileged && op->perms[0].domid != n->perms[0].domid)
        return answer(reply, "EPERM");
    if (!m->domain[op->perms[0].domid])
        return answer(reply, "ENOENT");
    memcpy(n->perms, op->perms, sizeof n->perms);
    n->perm_count = op->perm_count;
    for (i = 1; i < n->perm_count; i++)
        n->perms[i].ignore = !m->domain[n->perms[i].domid];
    (void)answer(reply, "OK");
    return true;
}

/* Nothing is there. */
static bool apply_missing(struct model_tree *t, const struct model_conn *c, const struct model_op *op, char *reply)
{
    bool creates = op->kind == M_WRITE || op->kind == M_MKDIR;
    char want = creates || op->kind == M_RM || op->kind == M_SET_PERMS ? 'w' : 'r', up[MODEL_PATH];

    if (!allows(nearest(t, op->path), c, want))
        return answer(reply, "EACCES");
    parent_of(op->path, up);
    if (op->kind == M_RM)
        return answer(reply, cfind(t, up) ? "OK" : "ENOENT");
    if (!creates)
        return answer(reply, "ENOENT");
    make(t, c, op->path, op->kind == M_WRITE ? op->value : "");
    (void)answer(reply, "OK");
    return true;
}

bool model_apply(const struct model *m, struct model_tree *t, const struct model_conn *c, const struct model_op *op,
                 char *reply)
{
    struct model_node *n = model_find(t, op->path);
    bool reads = op->kind == M_READ || op->kind == M_DIRECTORY || op->kind == M_GET_PERMS;

    if (op->kind == M_RM && strcmp(op->path, "/") == 0)
        return answer(reply, "EINVAL");
    if (!n)
        return apply_missing(t, c, op, reply);
    if (!allows(n, c, reads ? 'r' : 'w'))
        return answer(reply, "EACCES");
    if (op->kind == M_READ)
        return answer(reply, n->value);
    if (op->kind == M_SET_PERMS)
        return set_perms(m, n, c, op, reply);
    if (op->kind == M_DIRECTORY)
        list_children(t, op->path, reply);
    else if (op->kind == M_GET_PERMS)
        list_perms(n, reply);
    if (reads)
        return false;
    (void)answer(reply, "OK");
    if (op->kind == M_WRITE)
        (void)snprintf(n->value, sizeof n->value, "%s", op->value);
    else if (op->kind == M_RM)
        cut(t, op->path);
    return op->kind != M_MKDIR;
}

bool model_may_see(const struct model_tree *t, const struct model_conn *c, const char *path)
{
    const struct model_node *n = cfind(t, path), *up;
    char parent[MODEL_PATH];

    if (c->privileged)
        return true;
    parent_of(path, parent);
    up = strcmp(path, "/") == 0 ? NULL : cfind(t, parent);
    return (n && allows(n, c, 'r')) || (up && allows(up, c, 'r'));
}

static void emit(const struct model *m, const struct model_watch *w, const char *path, struct model_events *ev)
{
    struct model_event *e = &ev->at[ev->count];

    (void)m;
    if (ev->count == MODEL_EVENTS)
        return;
    e->conn = w->conn;
    (void)snprintf(e->path, sizeof e->path, "%s", path + w->prefix);
    (void)snprintf(e->token, sizeof e->token, "%s", w->token);
    ev->count++;
}

static int levels(const char *path)
{
    int n = 0;

    for (; *path; path++)
        n += *path == '/' && path[1];
    return n;
}

void model_fire(const struct model *m, const struct model_tree *old, const struct model_tree *now,
                const struct model_op *op, struct model_events *ev)
{
    bool removed = !cfind(now, op->path);
    int i;

    for (i = 0; i < MODEL_WATCHES; i++) {
        const struct model_watch *w = &m->watch[i];
        const struct model_conn *c = &m->conn[w->conn < 0 ? 0 : w->conn];
        bool covers = strcmp(w->path, op->path) == 0 || below(op->path, w->path);

        if (w->conn < 0)
            continue;
        if (covers && w->depth >= 0 && levels(op->path) - levels(w->path) > w->depth)
            continue;
        if (covers &&
            (model_may_see(now, c, op->path) ||
             (cfind(old, op->path) && (removed || op->kind == M_SET_PERMS) && allows(cfind(old, op->path), c, 'r'))))
            emit(m, w, op->path, ev);
        if (removed && below(w->path, op->path) && cfind(old, w->path) && model_may_see(old, c, w->path))
            emit(m, w, w->path, ev);
    }
}

void model_kill(struct model *m, int domid, struct model_events *ev)
{
    static struct model_tree old;
    struct model_op op = {.kind = M_RM};
    int i, j, n;

    for (i = 0; i < m->live.count; i++) {
        struct model_node *node = &m->live.node[i];

        if (node->perms[0].domid == domid && strcmp(node->path, "/") != 0) {
            old = m->live;
            memcpy(op.path, node->path, sizeof op.path);
            cut(&m->live, op.path);
            model_fire(m, &old, &m->live, &op, ev);
            i = -1; /* from the start */
        }
    }
    for (i = 0; i < m->live.count; i++) {
        struct model_node *node = &m->live.node[i];

        if (node->perms[0].domid == domid)
            node->perms[0].domid = 0;
        for (j = n = 1; j < node->perm_count; j++)
            if (node->perms[j].domid != domid)
                node->perms[n++] = node->perms[j];
        node->perm_count = n;
    }
    m->domain[domid] = false;
    m->changes++;
}
