/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/xen_guest.h"

struct xen_guest xen_guest;

int xen_guest_load(struct domo_err *err)
{
    static const char *const names[] = {XEN_GUEST_CALLS(LAZY_NAME)};
    static struct lazy library = LAZY_INIT(XENGUEST_SONAME, names, xen_guest);

    return lazy_load(&library, err);
}
