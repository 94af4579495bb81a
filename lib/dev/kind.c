/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The registry of device kinds.
 */
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

const struct devkind *const devkinds[] = {
    &devkind_vbd,  &devkind_vif,     &devkind_console, &devkind_channel, &devkind_p9,
    &devkind_vfb,  &devkind_vkb,     &devkind_vtpm,    &devkind_pvcalls, &devkind_vdispl,
    &devkind_vsnd, &devkind_usbctrl, &devkind_usbdev,  &devkind_pci,     NULL,
};

const struct devkind *devkind_find(const char *name)
{
    for (size_t i = 0; devkinds[i]; i++) {
        if (str_eq(devkinds[i]->name, name))
            return devkinds[i];
    }
    return NULL;
}

const struct devkind *devkind_at(const char *name, uint32_t devid)
{
    const struct devkind *best = devkind_find(name);

    for (size_t i = 0; devkinds[i]; i++) {
        if (str_eq(devkinds[i]->name, name) && devid >= devkinds[i]->first_devid &&
            devkinds[i]->first_devid >= best->first_devid)
            best = devkinds[i];
    }
    return best;
}

const struct devkind *devkind_of(const struct dev_grammar *g)
{
    for (size_t i = 0; devkinds[i]; i++) {
        if (devkinds[i]->grammar == g)
            return devkinds[i];
    }
    return NULL;
}

static int other_nodes(const struct dev *d, struct nodes *n, struct domo_err *err)
{
    (void)n;
    return err_set(err, DOMO_E_UNSUPPORTED, "devices of kind '%s' can't be made", d->kind_name);
}

/* Nobody in this kernel serves it, so closing asks, but a forced one does not wait. */
const struct devkind devkind_other = {
    .name = "other",
    .back_name = "other",
    .summary = "a device of another kind, made by another tool",
    .has_handshake = true,
    .nodes = other_nodes,
};
