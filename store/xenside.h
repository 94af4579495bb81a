/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Guests of a real hypervisor: their rings, their event channels, their
 * deaths, and the connection of this domain's own kernel. Part of the daemon,
 * not of the library, which knows no hypervisor.
 *
 * A guest can make its ring impossible to map and its port impossible to bind.
 * That refuses its INTRODUCE, or costs it its connection, and nobody else
 * anything.
 */
#ifndef DOMO_STORE_XENSIDE_H
#define DOMO_STORE_XENSIDE_H

#include "base/attr.h"
#include "domostore.h"

struct stored_ops;
struct xenside;

/* Opens the hypervisor and fills its functions of "ops", which are to be given to domostore_new() with *ret as their
 * argument; "ops" has the log already. -EBUSY when another store daemon serves this host. */
int xenside_open(const struct stored_ops *hv, struct domostore_ops *ops, struct xenside **ret) MUST_CHECK;
/* The same in a process that goes on with what xenside_save() of an earlier one wrote. */
int xenside_resume(const struct stored_ops *hv, const char *text, size_t len, struct domostore_ops *ops,
                   struct xenside **ret) MUST_CHECK;

/* Serves events from now on; "ds" is the server made with the ops. */
int xenside_attach(struct xenside *x, struct domostore *ds) MUST_CHECK;
/* Introduces this domain's own kernel and wakes it, for it waits until there is a store. -ENOENT if it offers no ring.
 */
int xenside_start(struct xenside *x) MUST_CHECK;
/* After domostore_load(): frees what nobody claimed, and looks for domains that died meanwhile. */
void xenside_settle(struct xenside *x);

/* What another process needs in order to go on; caller frees. NULL when out of memory. */
char *xenside_save(const struct xenside *x, size_t *ret_len);
/* Lets the event channels survive exec (or not, the default). */
int xenside_inherit(const struct xenside *x, bool on) MUST_CHECK;

/* After the server is freed; NULL is fine. */
void xenside_close(struct xenside *x);

#endif
