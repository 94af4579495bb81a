/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Files that come with Xen's own tools, wherever a distribution puts them.
 */
#ifndef DOMO_DOM_XEN_FILES_H
#define DOMO_DOM_XEN_FILES_H

#include "host/host.h"

/* The file "name" of Xen's "bin" or "boot" directory, if it can be read; a program must be executable. They belong to
 * the version of the hypervisor that runs. *ret = NULL if there is none; the caller frees it. */
int xen_file_find(struct host *, const char *dir, const char *name, char **ret, struct domo_err *) MUST_CHECK;

#endif
