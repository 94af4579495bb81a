/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Against starvation: a guest that writes without pause what a toolstack's
 * transaction reads would make it conflict for ever. After a few conflicts in
 * a row a privileged connection's next transaction is guarded: while it is
 * open, and for a bounded time, guests are not served.
 */
#ifndef DOMO_STORE_GUARD_H
#define DOMO_STORE_GUARD_H

#include <stdbool.h>
#include <stdint.h>

struct conn;
struct domostore;

enum { GUARD_CONFLICTS = 4, GUARD_MS = 50 };

struct guard {
    const struct conn *by; /* NULL: nobody is guarded */
    int64_t until_ms;
    uint32_t conflicts; /* in a row that earn a guard, 0 = never */
};

/* A connection starts a transaction: guards it if it has lost too often. */
void guard_start(struct conn *c);
/* A transaction of the connection ended. "conflict": with -EAGAIN. */
void guard_end(struct conn *c, bool conflict);
/* The connection is going away. */
void guard_drop(const struct conn *c);
/* Must this connection wait? */
bool guard_holds(const struct conn *c);
/* Ends a guard whose time is over. Milliseconds that are left, -1 without a guard. */
int guard_check(struct domostore *ds);

#endif
