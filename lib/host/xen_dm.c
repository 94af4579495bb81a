/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The device model that this host has, for HVM guests and for back ends: QEMU,
 * built for Xen.
 */
#include <stdlib.h>
#include <unistd.h>

#include "host/xen.h"

/* Where distributions and Xen's own build put it. */
static const char *const places[] = {
    "/usr/libexec/xen-qemu-system-i386",
    "/usr/lib/xen/bin/qemu-system-i386",
    "/usr/local/lib/xen/bin/qemu-system-i386",
};

static const char *find_program(void)
{
    const char *told = getenv("DOMO_QEMU");

    if (told && told[0])
        return told;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (access(places[i], X_OK) == 0)
            return places[i];
    return NULL;
}

/* "machine" as long as the host: it is constant. */
static int find_dm(struct host *h, const char *const *machine, struct hyp_dm *ret, struct domo_err *err)
{
    const char *program = find_program();

    h->stats.hyp_calls++;
    if (!program) {
        (void)err_set(err, DOMO_E_DEVICE_MODEL, "this host has no QEMU for Xen, looked for '%s'", places[0]);
        return err_hint(err, "install the package qemu-system-xen, or name the program in $DOMO_QEMU");
    }
    *ret = (struct hyp_dm){.program = program, .machine = machine};
    return 0;
}

int xen_dm_machine(struct host *h, struct hyp_dm *ret, struct domo_err *err)
{
    static const char *const machine[] = {"-machine", "xenfv,suppress-vmdesc=on", NULL};
    static const char *const plain[] = {"-machine", "pc,accel=xen,suppress-vmdesc=on", NULL};

    if (find_dm(h, machine, ret, err))
        return -1;
    ret->plain = plain;
    return 0;
}

int xen_dm_backends(struct host *h, struct hyp_dm *ret, struct domo_err *err)
{
    static const char *const machine[] = {"-machine", "xenpv", NULL};

    if (find_dm(h, machine, ret, err))
        return -1;
    ret->attaches = true;
    return 0;
}
