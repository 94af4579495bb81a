/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The store in memory: the live tree, the special nodes, the domains and what
 * is charged to them, the watches, the open transactions. It knows callers as
 * "struct who" and hands events to a hook; it knows no connection and no wire.
 *
 * All functions return 0 or a negative errno of those the protocol has a word
 * for. A call that fails has changed nothing, -ENOMEM included.
 */
#ifndef DOMO_STORE_STORE_H
#define DOMO_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "domain.h"
#include "path.h"
#include "perm.h"
#include "tree.h"
#include "watch.h"

struct txn;

enum special_node { SPECIAL_INTRODUCE, SPECIAL_RELEASE, SPECIAL_COUNT };

struct store_hooks {
    /* Does such a domain exist, though the store has not heard of it? NULL: none does. */
    bool (*domain_exists)(void *arg, uint16_t domid);
    /* May the connection of a watch see a node with one of these lists? NULL lists do not count. */
    bool (*may_see)(void *arg, void *conn, const struct perms *const lists[], size_t n);
    /* An event for a watch. */
    void (*event)(void *arg, struct watch *w, const char *path, size_t len);
    void *arg;
};

struct store {
    struct tree t;
    struct node *root; /* the live tree */
    struct perms *special[SPECIAL_COUNT];
    struct domains domains;
    struct watches watches;
    struct txn *txns; /* open transactions */
    struct store_hooks hooks;
    uint64_t doom_limit; /* bytes that may be kept for one transaction's snapshot, see txn.h */
    uint64_t doom_checked;
};

/* Makes an empty store with its initial nodes. */
int store_init(struct store *s, uint32_t seed, const struct store_hooks *hooks) MUST_CHECK;
void store_fini(struct store *s);

/* Deferred work: up to "budget" nodes; true when nothing is left. */
bool store_work(struct store *s, size_t budget);

/* The operations; "tx" is NULL for the live tree. Results point into the tree and hold until the next change. */
int store_read(struct store *s, const struct who *who, struct txn *tx, const struct path *p,
               const struct node **ret) MUST_CHECK;
int store_directory(struct store *s, const struct who *who, struct txn *tx, const struct path *p,
                    const struct node **ret) MUST_CHECK;
int store_get_perms(struct store *s, const struct who *who, struct txn *tx, const struct path *p,
                    const struct perms **ret) MUST_CHECK;
int store_write(struct store *s, const struct who *who, struct txn *tx, const struct path *p, const void *value,
                size_t len) MUST_CHECK;
int store_mkdir(struct store *s, const struct who *who, struct txn *tx, const struct path *p) MUST_CHECK;
int store_rm(struct store *s, const struct who *who, struct txn *tx, const struct path *p) MUST_CHECK;
int store_set_perms(struct store *s, const struct who *who, struct txn *tx, const struct path *p, struct perm *list,
                    size_t n) MUST_CHECK;

/* Its name. */
const char *store_special_name(enum special_node node);
/* Special nodes by name ("@introduceDomain"); -ENOENT. */
int store_special(const char *name, enum special_node *ret) MUST_CHECK;
/* Tells the watchers of a special node; domid is for @releaseDomain/<domid>. */
void store_fire_special(struct store *s, enum special_node node, uint16_t domid);

/* The record of an existing domain, made if the host knows the domain; NULL if there is none (or no memory). */
struct domain *store_domain(struct store *s, unsigned domid);
/* Makes a domain known. -ENOMEM. */
int store_domain_add(struct store *s, uint16_t domid, struct domain **ret) MUST_CHECK;
/* The domain is gone: its nodes with all below, its entries in all lists, its record. -ENOMEM: nothing or a part was
 * done, call again. */
int store_domain_purge(struct store *s, uint16_t domid) MUST_CHECK;

/* --- for txn.c and purge.c --- */

/* Charges (or with -1 gives back) one node to its owner. */
void store_charge(struct store *s, const struct perms *perms, size_t name_len, size_t value_len, int sign);
/* A value of the owner grew by "more" bytes. */
void store_charge_value(struct store *s, const struct perms *perms, int64_t more);
/* Tells the watchers of a changed path; "was" are its lists before, NULL if the same or new. */
void store_fire(struct store *s, const char *path, size_t len, const struct perms *was);
/* Tells the watchers of a removed path and of all that went with it; "gone" is the removed subtree. */
void store_fire_removed(struct store *s, const char *path, size_t len, const struct node *gone);
/* The second half of it: only those below. */
void store_fire_below(struct store *s, const char *path, size_t len, const struct node *gone);

#endif
