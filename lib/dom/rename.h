/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Giving a guest another name.
 */
#ifndef DOMO_DOM_RENAME_H
#define DOMO_DOM_RENAME_H

#include "base/json.h"
#include "host/host.h"

/* Both nodes that name it change in one transaction. DOMAIN_EXISTS, CONFIG_VALUE (no possible name), DOMAIN_PROTECTED.
 * *ret: {"domid","name","before"}. */
int rename_guest(struct host *, uint32_t domid, const char *name, struct json **ret, struct domo_err *) MUST_CHECK;

#endif
