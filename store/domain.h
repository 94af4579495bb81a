/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The domains the store knows, and what is charged to each. A domain becomes
 * known when it is introduced or first named in a permission list, and is
 * forgotten when it is destroyed: its life does not depend on its connection.
 */
#ifndef DOMO_STORE_DOMAIN_H
#define DOMO_STORE_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "quota.h"

enum { DOMID_FIRST_RESERVED = 0x7ff0, DOMID_SELF = 0x7ff0, DOMID_COUNT = 0x10000 };

struct domain {
    uint16_t domid;
    bool introduced;
    bool shutdown; /* its shutdown was reported to @releaseDomain watchers */
    bool has_features;
    bool warned;       /* above its soft limit, and that was logged */
    bool dead;         /* destroyed; its nodes could not be removed yet for lack of memory */
    int32_t target;    /* domid, or -1 */
    uint32_t features; /* offered in its ring */
    uint64_t birth;    /* generation when it became known */
    uint64_t gfn;      /* as given by INTRODUCE */
    uint32_t port;     /* event channel, as given by INTRODUCE */
    int64_t nodes;
    int64_t node_bytes;
    int64_t other_bytes; /* watches, transactions, queued output */
    uint32_t watches, transactions;
    struct quota_set quota;
    void *conn; /* its connection, owned by the server layer */
};

struct domains {
    struct domain **at; /* DOMID_COUNT pointers */
    size_t count;
    unsigned top;                /* above the highest number that was ever known */
    uint32_t limit[QUOTA_COUNT]; /* defaults of this store */
};

int domains_init(struct domains *d) MUST_CHECK;
void domains_fini(struct domains *d);
/* NULL when not known. */
static inline struct domain *domain_get(const struct domains *d, unsigned domid)
{
    return domid < DOMID_COUNT ? d->at[domid] : NULL;
}
/* The known or new record; NULL when out of memory. */
struct domain *domain_add(struct domains *d, uint16_t domid, uint64_t gen);
void domain_drop(struct domains *d, uint16_t domid);
/* Known domains in order: start with *i = 0; NULL at the end. */
struct domain *domain_next(const struct domains *d, unsigned *i);

/* The limit that binds a domain; 0 = none. */
uint32_t domain_limit(const struct domains *d, const struct domain *dom, enum quota_kind kind);
/* Would "have" + "more" be above the limit? */
bool domain_over(const struct domains *d, const struct domain *dom, enum quota_kind kind, int64_t have, int64_t more);
/* All bytes held for a domain. */
int64_t domain_bytes(const struct domain *dom);

#endif
