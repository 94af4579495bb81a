/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Permission lists: who may read and write a node. Lists are immutable and
 * shared (interned): a node holds one reference, equal lists are one object,
 * so comparing two lists is comparing two pointers.
 *
 * Entry 0 names the owner (always read and write) and the right of everybody
 * not named later; of the others the first that names the caller counts.
 */
#ifndef DOMO_STORE_PERM_H
#define DOMO_STORE_PERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

enum perm_right {
    PERM_NONE = 0,
    PERM_READ = 1,
    PERM_WRITE = 2,
    PERM_BOTH = 3,
};

enum { PERM_DOMID_ANY = 0x7ff5, PERM_LIST_MAX = 2048, PERM_TEXT_MAX = 8 };

struct perm {
    uint16_t domid;
    uint8_t right;  /* PERM_* */
    uint8_t ignore; /* 1: named a domain that did not exist; listed, but never matches */
};

struct perms;

/* Who asks. "target" is the domain whose rights the caller has beside its own, or -1. */
struct who {
    uint16_t domid;
    bool privileged;
    int32_t target;
};

/* All lists of one store. */
struct perm_table {
    struct perms *all;
};

/* The shared list with these entries (at least one); takes a reference for the caller. NULL when out of memory. */
struct perms *perms_get(struct perm_table *t, const struct perm *list, size_t n);
struct perms *perms_ref(struct perms *p);
/* Gives a reference back; NULL is fine. */
void perms_put(struct perm_table *t, struct perms *p);

size_t perms_count(const struct perms *p);
const struct perm *perms_list(const struct perms *p);
uint16_t perms_owner(const struct perms *p);
/* One bit for each domain named, folded to 64: a clear bit says "not named here". */
uint64_t perms_mask(const struct perms *p);
uint64_t perms_mask_of(uint16_t domid);
bool perms_names(const struct perms *p, uint16_t domid);

/* The same list without "domid" in entries 1.. (a dead domain); the owner stays. New reference; NULL when out of
 * memory. */
struct perms *perms_without(struct perm_table *t, const struct perms *p, uint16_t domid);
/* The list of a node that "creator" makes below a node with list "p". New reference; NULL when out of memory. */
struct perms *perms_inherit(struct perm_table *t, struct perms *p, const struct who *creator);

/* May "who" do all of "want"? */
bool perms_allow(const struct perms *p, const struct who *who, unsigned want);
/* May "who" change the list: privileged, owner, or with the owner as its target. */
bool perms_owned_by(const struct perms *p, const struct who *who);

/* "r7" and the like. -EINVAL: unknown letter, no strict decimal 0..65535. */
int perm_parse(const char *text, struct perm *ret) MUST_CHECK;
/* Text with its NUL; returns its length with the NUL. */
size_t perm_format(const struct perm *p, char text[PERM_TEXT_MAX]);

#endif
