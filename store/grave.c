/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "grave.h"

#include <errno.h>
#include <stdlib.h>

int grave_reserve(struct grave *g)
{
    size_t want = g->queue.len + g->reserved + 1, cap = g->queue.cap;
    struct corpse *p;

    if (want > cap) {
        cap = cap ? cap * 2 : 16;
        p = reallocarray(g->queue.at, cap, sizeof *p);
        if (!p)
            return -ENOMEM;
        g->queue.at = p;
        g->queue.cap = cap;
    }
    g->reserved++;
    return 0;
}

void grave_unreserve(struct grave *g)
{
    g->reserved--;
}

void grave_bury(struct grave *g, struct node *n, bool account)
{
    struct corpse *c = &g->queue.at[g->queue.len++];

    g->reserved--;
    c->node = n;
    c->account = account;
}

static void push(struct grave *g, struct node *n, bool ref, bool account)
{
    struct grave_frame *f = &g->frames[g->depth];
    bool dying = ref && n->refs == 1;

    if (account)
        g->discharge(g->arg, n, !dying);
    if (!dying && !(account && n->dir)) {
        if (ref)
            n->refs--;
        return;
    }
    if (!n->dir) {
        node_free(g->perms, n);
        return;
    }
    f->node = n;
    f->next = 0;
    f->ref = ref;
    f->dying = dying;
    f->account = account;
    f->opened = false;
    g->depth++;
}

/* A chunk that others have is left to them, unless its children are to be counted. */
static void open_chunk(struct grave_frame *f)
{
    struct dir *d = f->node->dir;
    struct dir_chunk *c = d->at[f->next / DIR_CHUNK].chunk;

    f->end = f->next + DIR_CHUNK < d->used ? f->next + DIR_CHUNK : d->used;
    f->owned = c->refs == 1;
    f->opened = f->owned || f->account;
    f->counted = false;
    if (f->opened)
        return;
    d->at[f->next / DIR_CHUNK].chunk = NULL;
    c->refs--;
    f->next = f->end;
}

/* The others may have left while we were counting: then it is visited once more, now as ours. */
static void close_chunk(struct grave_frame *f)
{
    uint32_t at = (f->end - 1) / DIR_CHUNK;
    struct dir_chunk *c = f->node->dir->at[at].chunk;

    if (!f->owned && c->refs == 1) {
        f->owned = f->counted = true;
        f->next = at * DIR_CHUNK;
        return;
    }
    f->opened = false;
    f->node->dir->at[at].chunk = NULL;
    if (--c->refs == 0)
        free(c);
}

static struct node *next_child(struct grave_frame *f)
{
    struct dir *d = f->node->dir;
    struct node *child = NULL;

    while (!child && (f->opened || f->next < d->used)) {
        if (f->opened && f->next == f->end)
            close_chunk(f);
        else if (f->dying && d->index && !f->opened)
            open_chunk(f);
        else
            child = dir_kid(d, f->next++);
    }
    return child;
}

/* All children of the top frame were seen. */
static void pop(struct grave *g)
{
    struct grave_frame *f = &g->frames[g->depth - 1];

    if (f->dying) {
        node_free(g->perms, f->node);
    } else if (f->ref && f->node->refs == 1) {
        /* The other holders left while we were counting: now it is ours to free. */
        f->dying = true;
        f->account = false;
        f->next = 0;
        return;
    } else if (f->ref) {
        f->node->refs--;
    }
    g->depth--;
}

bool grave_work(struct grave *g, size_t budget)
{
    while (budget-- > 0) {
        if (g->depth) {
            struct grave_frame *f = &g->frames[g->depth - 1];
            struct node *child = next_child(f);

            if (child)
                push(g, child, f->dying && (f->owned || !f->opened), f->account && !(f->opened && f->counted));
            else
                pop(g);
        } else if (g->queue.len) {
            struct corpse c = g->queue.at[--g->queue.len];

            push(g, c.node, true, c.account);
        } else {
            return true;
        }
    }
    return grave_idle(g);
}

void grave_fini(struct grave *g)
{
    while (!grave_work(g, SIZE_MAX))
        ;
    VEC_FINI(&g->queue);
}
