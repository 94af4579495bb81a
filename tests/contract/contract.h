/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the files of host_contract share.
 */
#ifndef DOMO_TESTS_CONTRACT_H
#define DOMO_TESTS_CONTRACT_H

#include <stdlib.h>

#include "host/host.h"
#include "tap.h"

/* What the checks share. */
struct contract {
    struct tap tap;
    struct host *h;
    const char *kernel, *ramdisk;
    struct domo_err err;
};

/* In two steps: the words may show what the check has just found out. */
#define OK(c, ok, ...)                                                                                                 \
    __extension__({                                                                                                    \
        bool ok_ = (ok);                                                                                               \
        tap_ok(&(c)->tap, ok_, &(c)->err, __VA_ARGS__);                                                                \
    })

/* Frees and forgets, so that a check that failed to fill it frees nothing twice. */
#define DROP(p) (free(p), (p) = NULL)

/* Fails with just this code? */
static inline bool failed_with(struct contract *c, int r, enum domo_code code)
{
    return r < 0 && c->err.code == code && c->err.msg[0];
}

/* What a paused domain with 2 vcpus may have of the machine, and one that is gone: res_checks.c. */
void check_resources(struct contract *, uint32_t domid, bool is_pv);
void check_no_resources(struct contract *, uint32_t domid);

/* Shared pages and event channels: link_checks.c. */
void check_link(struct contract *);

#endif
