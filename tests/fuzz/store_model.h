/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A naive model of the store: flat arrays, string comparisons, no sharing, no
 * cleverness. It says what an operation answers and which events must follow.
 * A transaction is a copy of everything plus the list of what was done in it;
 * committing does the list again on the present and wants the same answers.
 */
#ifndef DOMO_TESTS_STORE_MODEL_H
#define DOMO_TESTS_STORE_MODEL_H

#include <stdbool.h>
#include <stddef.h>

enum {
    MODEL_NODES = 400,
    MODEL_PATH = 64,
    MODEL_VALUE = 16,
    MODEL_PERMS = 4,
    MODEL_CONNS = 4,
    MODEL_WATCHES = 64,
    MODEL_EVENTS = 512,
    MODEL_TXNS = 4, /* of a connection */
    MODEL_OPS = 64, /* in a transaction */
    MODEL_REPLY = 4096,
};

enum model_kind { M_READ, M_DIRECTORY, M_GET_PERMS, M_WRITE, M_MKDIR, M_RM, M_SET_PERMS, M_KIND_COUNT };

struct model_perm {
    char letter;
    int domid;
    bool ignore;
};

struct model_node {
    char path[MODEL_PATH];
    char value[MODEL_VALUE];
    struct model_perm perms[MODEL_PERMS];
    int perm_count;
};

/* Nodes in order of creation. */
struct model_tree {
    struct model_node node[MODEL_NODES];
    int count;
};

struct model_op {
    enum model_kind kind;
    char path[MODEL_PATH]; /* absolute */
    char value[MODEL_VALUE];
    struct model_perm perms[MODEL_PERMS];
    int perm_count;
};

struct model_conn {
    int domid;
    bool privileged;
    int target; /* -1 = none */
};

struct model_watch {
    int conn; /* -1 = free */
    char path[MODEL_PATH], token[8];
    size_t prefix;
    int depth;
};

struct model_event {
    int conn;
    char path[MODEL_PATH], token[8];
};

struct model_txn {
    bool open;
    unsigned id, started; /* value of "changes" then */
    struct model_tree tree;
    struct model_op op[MODEL_OPS];
    bool changed[MODEL_OPS];
    char reply[MODEL_OPS][256];
    int count;
};

struct model {
    struct model_tree live;
    struct model_conn conn[MODEL_CONNS];
    struct model_watch watch[MODEL_WATCHES];
    struct model_txn txn[MODEL_CONNS][MODEL_TXNS];
    unsigned changes; /* successful changes of the live tree */
    bool domain[8];   /* which domains exist */
};

struct model_events {
    struct model_event at[MODEL_EVENTS];
    int count;
};

void model_init(struct model *m);
/* Does an operation in a tree; "reply" gets the payload ("OK", a value, names with '\n', or an error word). True if it
 * changed something. */
bool model_apply(const struct model *m, struct model_tree *t, const struct model_conn *c, const struct model_op *op,
                 char *reply);
/* Events for a change at op->path that took the tree from "old" to "now". */
void model_fire(const struct model *m, const struct model_tree *old, const struct model_tree *now,
                const struct model_op *op, struct model_events *ev);
/* May a connection see a path in one of the trees: the node or its parent is readable. */
bool model_may_see(const struct model_tree *t, const struct model_conn *c, const char *path);
struct model_node *model_find(struct model_tree *t, const char *path);
/* A domain dies: its nodes with all below go, and its entries. "gone" gets the removed roots' paths. */
void model_kill(struct model *m, int domid, struct model_events *ev);

#endif
