/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Watches, hung on a trie of path elements: a change costs the depth of its
 * path and the watches it hits, however many there are elsewhere. Special
 * names ("@releaseDomain", "@releaseDomain/7") hang on a trie of their own.
 *
 * A watch belongs to one connection and is in exactly one place of the trie
 * and one hash table; watches_remove() is the only way out of both.
 */
#ifndef DOMO_STORE_WATCH_H
#define DOMO_STORE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "hash.h"

struct watch_place;

struct watch {
    struct watch *next_here, **link_here; /* list of its place */
    struct watch *next_mine, **link_mine; /* list of its connection */
    UT_hash_handle hh;
    uint64_t last_event; /* stream position of the last event queued for it, see conn.c */
    int32_t depth;       /* levels below the path that count, -1 = all */
    uint16_t prefix;     /* bytes to strip from event paths of a relative watch */
    uint16_t token_len;
    uint16_t path_len;
    bool lost; /* an event was dropped because the reader is too slow */
    /* The key: */
    void *conn;
    struct watch_place *place;
    char token[]; /* with its NUL */
};

struct watches {
    struct watch_place *root, *special;
    struct watch_place *places; /* by (parent, name) */
    struct watch *all;          /* by (connection, place, token) */
    uint32_t seed;
    size_t count;
};

int watches_init(struct watches *ws, uint32_t seed) MUST_CHECK;
/* Removes what is left. */
void watches_fini(struct watches *ws);

/* Adds a watch to a canonical path and to the list of its connection at *mine. -EEXIST, -ENOMEM. */
int watches_add(struct watches *ws, void *conn, struct watch **mine, const char *path, size_t len, const char *token,
                struct watch **ret) MUST_CHECK;
/* NULL when there is none. */
struct watch *watches_find(struct watches *ws, void *conn, const char *path, size_t len, const char *token);
/* Unlinks and frees a watch. */
void watches_remove(struct watches *ws, struct watch *w);
/* Writes the path of a watch into "buf" of at least PATH_ABS_MAX + 1 bytes; returns its length. */
size_t watch_path(const struct watch *w, char *buf);

/* Bytes that a watch is charged with. */
size_t watch_charge(size_t path_len, size_t token_len);

typedef void watch_hit(void *arg, struct watch *w, const char *path, size_t len);

/* Calls "hit" for each watch on the path or an ancestor whose depth allows it. "hit" must not remove watches. */
void watches_fire(struct watches *ws, const char *path, size_t len, watch_hit *hit, void *arg);
/* Calls "hit" for the watches on exactly this path. */
void watches_exact(struct watches *ws, const char *path, size_t len, watch_hit *hit, void *arg);
/* Calls "hit" for each watch strictly below the path, with the watch's own path. */
void watches_below(struct watches *ws, const char *path, size_t len, watch_hit *hit, void *arg);

#endif
