/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Transactions. A transaction holds two roots: "base", the live tree as it was
 * at its start, and "root", the same with its own changes. Both share nodes
 * with the live tree, so starting one copies nothing.
 *
 * What it read and changed is recorded by path and aspect. At the end each
 * aspect that was read must be in the live tree what it is in "base"; then the
 * changes are made on a copy of the live root, which replaces it as a whole.
 * Changes alone do not conflict: two transactions that make different children
 * of one directory, or both write one value unread, both end well.
 *
 * A snapshot keeps old nodes alive. When more than store.doom_limit bytes are
 * kept since a guest's transaction began it is doomed: its snapshot is dropped,
 * it goes on seeing the live tree without changing it, and ends with -EAGAIN.
 */
#ifndef DOMO_STORE_TXN_H
#define DOMO_STORE_TXN_H

#include "store.h"

enum txn_touch {
    TXN_EXIST = 1 << 0,    /* read: is it there */
    TXN_VALUE = 1 << 1,    /* read: its value */
    TXN_PERMS = 1 << 2,    /* read: its list */
    TXN_CHILDREN = 1 << 3, /* read: its children's names */
    TXN_SUBTREE = 1 << 4,  /* read: everything at and below it */
    TXN_CREATED = 1 << 5,
    TXN_WRITTEN = 1 << 6,
    TXN_REMOVED = 1 << 7, /* what is there in base was removed */
    TXN_PERMS_SET = 1 << 8,
    TXN_FIRE = 1 << 9, /* watchers are to be told */
};

struct txn_record {
    UT_hash_handle hh;
    struct txn_record *next, **link; /* in order of first touch, or of the last creation: parents before children */
    uint64_t gen;                    /* when its list was set, for TXN_PERMS_SET */
    unsigned touched;                /* TXN_* */
    uint16_t len;
    char path[];
};

struct txn {
    uint32_t id;
    bool failed; /* an operation failed half-way: ends with -ENOMEM */
    bool doomed;
    struct domain *dom; /* who is charged */
    bool limited;       /* quotas bind the owner */
    struct node *base, *root;
    struct txn_record *records;         /* by path */
    struct txn_record *first, **last;   /* in order */
    uint32_t count, removed;            /* records; those with TXN_REMOVED */
    uint32_t created;                   /* nodes made */
    uint64_t retired;                   /* store.t.retired at the start */
    size_t bytes;                       /* charged */
    struct txn *next, **link;           /* of the store */
    struct txn *next_mine, **link_mine; /* of the connection */
};

/* Starts a transaction and puts it in the list of its connection at *mine. -ENOSPC (quota), -ENOMEM. */
int txn_start(struct store *s, const struct who *who, struct txn **mine, uint32_t id, struct txn **ret) MUST_CHECK;
/* By number in a connection's list, NULL if there is none. */
struct txn *txn_find(struct txn *mine, uint32_t id);
/* Throws a transaction away. */
void txn_abort(struct store *s, struct txn *tx);
/* Ends it in any case. -EAGAIN (conflict), -ENOSPC (quota), -ENOMEM. */
int txn_commit(struct store *s, struct txn *tx) MUST_CHECK;

/* Records what an operation read or changed. -ENOSPC (too many nodes), -ENOMEM. Nothing to do without a transaction. */
int txn_touch(struct store *s, struct txn *tx, const char *path, size_t len, unsigned what) MUST_CHECK;
/* Charges bytes that a change in the transaction holds. -ENOMEM when above the owner's memory limit. */
int txn_hold(struct store *s, struct txn *tx, size_t bytes) MUST_CHECK;
/* Nodes that the transaction made and that are there in its view. */
uint32_t txn_created(struct store *s, struct txn *tx);
/* Before an operation: drops snapshots that grew too old, shows a doomed transaction the present. */
void txn_refresh(struct store *s, struct txn *tx);
/* Would it end with -EAGAIN now? */
bool txn_conflicts(struct store *s, const struct txn *tx);
/* Is this the record of a removal that is not part of another one? */
bool txn_is_top_removal(const struct store *s, const struct txn *tx, const struct txn_record *r);
/* Drops its snapshot: it goes on without effect. */
void txn_doom(struct store *s, struct txn *tx);
/* Dooms the transactions whose snapshots keep too much. */
void txn_doom_old(struct store *s);

#endif
