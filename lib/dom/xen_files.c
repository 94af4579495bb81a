/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/xen_files.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

/* Distributions have a directory for each version of Xen. */
static const char *const roots[] = {
    "/usr/lib/xen-VERSION",
    "/usr/lib/xen",
    "/usr/libexec/xen",
    "/usr/local/lib/xen",
};

static char *file_in(const char *root, const struct hyp_host_info *info, const char *dir, const char *name)
{
    const char *mark = strstr(root, "VERSION");

    if (!mark)
        return str_format("%s/%s/%s", root, dir, name);
    return str_format("%.*s%" PRIu32 ".%" PRIu32 "%s/%s/%s", (int)(mark - root), root, info->xen_major, info->xen_minor,
                      mark + strlen("VERSION"), dir, name);
}

int xen_file_find(struct host *h, const char *dir, const char *name, char **ret, struct domo_err *err)
{
    struct hyp_host_info info;

    *ret = NULL;
    if (h->hyp->host_info(h, &info, err))
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(roots) && !*ret; i++) {
        char *file = file_in(roots[i], &info, dir, name);

        if (!file)
            return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
        if (access(file, str_eq(dir, "bin") ? X_OK : R_OK) == 0)
            *ret = file;
        else
            free(file);
    }
    return 0;
}
