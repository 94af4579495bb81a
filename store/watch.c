/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "watch.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"

struct watch_place {
    struct watch *watches;
    struct watch_place *kids, *next, **link; /* children, siblings */
    UT_hash_handle hh;
    uint16_t name_len;
    bool special; /* one "@name" */
    /* The key: */
    struct watch_place *parent;
    char name[];
};

struct place_key {
    struct watch_place *parent;
    char name[PATH_ABS_MAX];
};

enum {
    PLACE_KEY_LEN = sizeof(struct watch_place *),
    WATCH_KEY_LEN = sizeof(void *) + sizeof(struct watch_place *),
    TOKEN_MAX = 4096,
    WATCH_OVERHEAD = 320, /* the watch, and a place or two */
};

size_t watch_charge(size_t path_len, size_t token_len)
{
    return WATCH_OVERHEAD + path_len + token_len;
}

int watches_init(struct watches *ws, uint32_t seed)
{
    memset(ws, 0, sizeof *ws);
    ws->seed = seed;
    ws->root = calloc(1, sizeof *ws->root);
    ws->special = calloc(1, sizeof *ws->special);
    if (ws->root && ws->special)
        return 0;
    watches_fini(ws);
    return -ENOMEM;
}

void watches_fini(struct watches *ws)
{
    while (ws->all)
        watches_remove(ws, ws->all);
    free(ws->root);
    free(ws->special);
    ws->root = ws->special = NULL;
}

static uint32_t key_hash(const struct watches *ws, const void *key, size_t len)
{
    return path_hash(ws->seed, key, len);
}

static struct watch_place *place_child(const struct watches *ws, struct watch_place *parent, const char *name,
                                       size_t len, uint32_t *ret_hash)
{
    struct watch_place *child = NULL;
    struct place_key key;

    key.parent = parent;
    memcpy(key.name, name, len);
    *ret_hash = key_hash(ws, &key, PLACE_KEY_LEN + len);
    HASH_FIND_BYHASHVALUE(hh, ws->places, &key, PLACE_KEY_LEN + len, *ret_hash, child);
    return child;
}

static struct watch_place *place_add(struct watches *ws, struct watch_place *parent, const char *name, size_t len)
{
    uint32_t hash;
    struct watch_place *p = place_child(ws, parent, name, len, &hash);

    if (p)
        return p;
    p = calloc(1, sizeof *p + len);
    if (!p)
        return NULL;
    p->parent = parent;
    p->name_len = (uint16_t)len;
    p->special = parent == ws->special;
    memcpy(p->name, name, len);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, ws->places, &p->parent, PLACE_KEY_LEN + len, hash, p);
    if (!HASH_ADDED(p)) {
        free(p);
        return NULL;
    }
    p->next = parent->kids;
    p->link = &parent->kids;
    if (p->next)
        p->next->link = &p->next;
    parent->kids = p;
    return p;
}

/* Frees a place that holds nothing, and its ancestors likewise; the tops, which nothing links to, stay. */
static void place_prune(struct watches *ws, struct watch_place *p)
{
    while (p->link && ws->places && !p->watches && !p->kids) {
        struct watch_place *parent = p->parent;

        *p->link = p->next;
        if (p->next)
            p->next->link = p->link;
        HASH_DELETE(hh, ws->places, p);
        free(p);
        p = parent;
    }
}

/* Special names are one element each: their '/' does not make levels. */
static bool next_element(const char *path, size_t len, size_t *pos, const char **ret_name, size_t *ret_len)
{
    if (path[0] != '@')
        return path_next(path, len, pos, ret_name, ret_len);
    if (*pos)
        return false;
    *ret_name = path;
    *ret_len = *pos = len;
    return true;
}

static struct watch_place *place_find(const struct watches *ws, const char *path, size_t len)
{
    struct watch_place *p = path[0] == '@' ? ws->special : ws->root;
    const char *name;
    size_t pos = 0, name_len;
    uint32_t hash;

    while (p && next_element(path, len, &pos, &name, &name_len))
        p = place_child(ws, p, name, name_len, &hash);
    return p;
}

static struct watch_place *place_make(struct watches *ws, const char *path, size_t len)
{
    struct watch_place *p = path[0] == '@' ? ws->special : ws->root, *child;
    const char *name;
    size_t pos = 0, name_len;

    while (next_element(path, len, &pos, &name, &name_len)) {
        child = place_add(ws, p, name, name_len);
        if (!child) {
            place_prune(ws, p);
            return NULL;
        }
        p = child;
    }
    return p;
}

static struct watch *watch_new(void *conn, struct watch_place *place, const char *token, size_t token_len)
{
    struct watch *w = calloc(1, sizeof *w + token_len + 1);

    if (!w)
        return NULL;
    w->conn = conn;
    w->place = place;
    w->depth = -1;
    w->token_len = (uint16_t)token_len;
    memcpy(w->token, token, token_len + 1);
    return w;
}

static void watch_link(struct watch *w, struct watch **mine)
{
    w->next_here = w->place->watches;
    w->link_here = &w->place->watches;
    if (w->next_here)
        w->next_here->link_here = &w->next_here;
    w->place->watches = w;
    w->next_mine = *mine;
    w->link_mine = mine;
    if (w->next_mine)
        w->next_mine->link_mine = &w->next_mine;
    *mine = w;
}

int watches_add(struct watches *ws, void *conn, struct watch **mine, const char *path, size_t len, const char *token,
                struct watch **ret)
{
    struct watch_place *place = place_make(ws, path, len);
    size_t token_len = strlen(token), key_len = WATCH_KEY_LEN + token_len;
    struct watch *w, *twin = NULL;
    uint32_t hash;

    if (!place)
        return -ENOMEM;
    w = watch_new(conn, place, token, token_len);
    if (!w) {
        place_prune(ws, place);
        return -ENOMEM;
    }
    hash = key_hash(ws, &w->conn, key_len);
    HASH_FIND_BYHASHVALUE(hh, ws->all, &w->conn, key_len, hash, twin);
    if (!twin)
        HASH_ADD_KEYPTR_BYHASHVALUE(hh, ws->all, &w->conn, key_len, hash, w);
    if (twin || !HASH_ADDED(w)) {
        free(w);
        place_prune(ws, place);
        return twin ? -EEXIST : -ENOMEM;
    }
    w->path_len = (uint16_t)len;
    watch_link(w, mine);
    ws->count++;
    *ret = w;
    return 0;
}

struct watch *watches_find(struct watches *ws, void *conn, const char *path, size_t len, const char *token)
{
    struct watch_place *place = place_find(ws, path, len);
    struct watch *w = NULL;
    size_t token_len = strlen(token), key_len = WATCH_KEY_LEN + token_len;
    char key[WATCH_KEY_LEN + TOKEN_MAX];
    uint32_t hash;

    if (!place || token_len > sizeof key - WATCH_KEY_LEN)
        return NULL;
    memcpy(key, &conn, sizeof conn);
    memcpy(key + sizeof conn, &place, sizeof(struct watch_place *));
    memcpy(key + WATCH_KEY_LEN, token, token_len);
    hash = key_hash(ws, key, key_len);
    HASH_FIND_BYHASHVALUE(hh, ws->all, key, key_len, hash, w);
    return w;
}

void watches_remove(struct watches *ws, struct watch *w)
{
    *w->link_here = w->next_here;
    if (w->next_here)
        w->next_here->link_here = w->link_here;
    *w->link_mine = w->next_mine;
    if (w->next_mine)
        w->next_mine->link_mine = w->link_mine;
    HASH_DELETE(hh, ws->all, w);
    place_prune(ws, w->place);
    ws->count--;
    free(w);
}

/* The path of a place, written from the end of "buf". */
static size_t place_path(const struct watch_place *p, char *buf)
{
    size_t at = PATH_ABS_MAX + 1, len;

    buf[--at] = '\0';
    if (!p->parent)
        buf[--at] = '/';
    for (; p->parent; p = p->parent) {
        at -= p->name_len;
        memcpy(buf + at, p->name, p->name_len);
        if (!p->special)
            buf[--at] = '/';
    }
    len = PATH_ABS_MAX - at;
    memmove(buf, buf + at, len + 1);
    return len;
}

size_t watch_path(const struct watch *w, char *buf)
{
    return place_path(w->place, buf);
}

static int32_t count_elements(const char *path, size_t len)
{
    const char *name;
    size_t pos = 0, name_len;
    int32_t n = 0;

    while (next_element(path, len, &pos, &name, &name_len))
        n++;
    return n;
}

void watches_fire(struct watches *ws, const char *path, size_t len, watch_hit *hit, void *arg)
{
    struct watch_place *p = path[0] == '@' ? ws->special : ws->root;
    int32_t below = count_elements(path, len);
    const char *name;
    size_t pos = 0, name_len;
    struct watch *w;
    uint32_t hash;

    for (;; below--) {
        for (w = p->watches; w; w = w->next_here)
            if (w->depth < 0 || below <= w->depth)
                hit(arg, w, path, len);
        if (!p->kids || !next_element(path, len, &pos, &name, &name_len))
            break;
        p = place_child(ws, p, name, name_len, &hash);
        if (!p)
            break;
    }
}

void watches_exact(struct watches *ws, const char *path, size_t len, watch_hit *hit, void *arg)
{
    struct watch_place *p = place_find(ws, path, len);
    struct watch *w;

    for (w = p ? p->watches : NULL; w; w = w->next_here)
        hit(arg, w, path, len);
}

void watches_below(struct watches *ws, const char *path, size_t len, watch_hit *hit, void *arg)
{
    struct watch_place *top = place_find(ws, path, len), *p = top ? top->kids : NULL;
    char buf[PATH_ABS_MAX + 2];
    struct watch *w;
    size_t n;

    while (p) {
        if (p->watches) {
            n = place_path(p, buf);
            for (w = p->watches; w; w = w->next_here)
                hit(arg, w, buf, n);
        }
        if (p->kids) {
            p = p->kids;
            continue;
        }
        while (p != top && !p->next)
            p = p->parent;
        p = p == top ? NULL : p->next;
    }
}
