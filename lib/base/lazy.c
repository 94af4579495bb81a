/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/lazy.h"

#include <dlfcn.h>
#include <string.h>

static int missing(const struct lazy *lib, struct domo_err *err)
{
    const char *why = dlerror();

    (void)err_set(err, DOMO_E_UNSUPPORTED, "the library %s can't be used: %s", lib->soname,
                  why ? why : "no reason given");
    return err_hint(err, "install the package that has it, or repair it");
}

int lazy_load(struct lazy *lib, struct domo_err *err)
{
    void *handle, *call;

    if (lib->loaded)
        return 0;
    handle = dlopen(lib->soname, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return missing(lib, err);
    for (size_t i = 0; i < lib->n; i++) {
        call = dlsym(handle, lib->names[i]);
        if (!call) {
            (void)missing(lib, err);
            (void)dlclose(handle);
            return -1;
        }
        /* An object pointer becomes a function pointer: POSIX allows it, C only byte by byte. */
        memcpy((char *)lib->calls + i * sizeof call, &call, sizeof call);
    }
    lib->loaded = true;
    return 0;
}
