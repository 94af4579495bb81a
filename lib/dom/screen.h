/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Where viewers find a guest's screen.
 */
#ifndef DOMO_DOM_SCREEN_H
#define DOMO_DOM_SCREEN_H

#include "base/json.h"
#include "host/host.h"

/* {"host","port","display","address":"127.0.0.1:5900"}, from the nodes that the toolstack wrote; the guest can't write
 * there. *ret NULL: it shows none by VNC. "ret_password" (may be NULL) becomes the viewer's password, NULL if there is
 * none. */
int screen_find(struct host *, uint32_t domid, struct json **ret, char **ret_password, struct domo_err *) MUST_CHECK;

#endif
