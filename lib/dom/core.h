/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest's core: its memory and registers in a file, for a debugger.
 */
#ifndef DOMO_DOM_CORE_H
#define DOMO_DOM_CORE_H

#include "base/json.h"
#include "host/host.h"

/* Where a core of that guest goes when nobody says where: as xl, dump/NAME among libxl's files. Caller frees; NULL when
 * out of memory. */
char *core_default_path(const struct host *, const char *name);

/* Writes it to "path" (NULL: the default), mode 0600. The file appears there when it is complete, instead of one that
 * was there. *ret: {"domid","name","file","bytes"}. DOMAIN_NOT_FOUND, DOMAIN_STATE, IO, HYPERVISOR, CANCELLED. */
int core_dump(struct host *, uint32_t domid, const char *path, struct json **ret, struct domo_err *) MUST_CHECK;

#endif
