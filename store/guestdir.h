/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Guests as files, for tests and for a machine without a hypervisor: the ring
 * of domain N is the file DIR/ring.N and the domain exists while that file
 * does. Event channels are datagrams of one uint32: a guest sends 1000 + N to
 * DIR/evtchn and listens on DIR/guest.N; 999 says that a domain has died.
 */
#ifndef DOMO_STORE_GUESTDIR_H
#define DOMO_STORE_GUESTDIR_H

#include "base/attr.h"
#include "domostore.h"

struct guestdir;

/* Opens the directory and fills the host's functions of "ops", to be given to domostore_new() with the result as
 * their argument. NULL with errno on failure. */
struct guestdir *guestdir_open(const char *dir, struct domostore_ops *ops);
/* Starts listening for events; "ds" is the server made with the ops. */
int guestdir_attach(struct guestdir *g, struct domostore *ds) MUST_CHECK;
/* After the server is freed; NULL is fine. */
void guestdir_close(struct guestdir *g);

#endif
