/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/shim.h"

#include <string.h>

#include "base/str.h"
#include "dom/xen_files.h"

/* xl's default. */
#define CMDLINE "pv-shim console=xen,pv"

int shim_find(struct host *h, const struct spec *s, char **ret, struct domo_err *err)
{
    if (s->pvshim_path) {
        *ret = strdup(s->pvshim_path);
        return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    if (xen_file_find(h, "boot", "xen-shim", ret, err))
        return -1;
    if (*ret)
        return 0;
    (void)err_set(err, DOMO_E_UNSUPPORTED, "this host has no xen-shim, which pvshim= needs");
    return err_hint(err, "it comes with Xen's tools (package xen-utils); or name another one with pvshim_path=");
}

char *shim_cmdline(const struct spec *s)
{
    const char *line = s->pvshim_cmdline ? s->pvshim_cmdline : CMDLINE;

    return str_format("%s%s%s", line, s->pvshim_extra ? " " : "", s->pvshim_extra ? s->pvshim_extra : "");
}
