/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/os.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Drivers are named as the kinds, but for one; the bus directory is there once any back end driver is. */
static bool os_has_backend(struct host *h, const char *kind)
{
    char path[128];

    h->stats.os_calls++;
    if (strcmp(kind, "pci") == 0)
        kind = "xen-pciback";
    if (snprintf(path, sizeof path, "/sys/bus/xen-backend/drivers/%s", kind) >= (int)sizeof path)
        return false;
    return access(path, F_OK) == 0;
}

const struct os_ops linux_os_ops = {
    .target = os_target,
    .loop_attach = os_loop_attach,
    .loop_detach = os_loop_detach,
    .loop_list = os_loop_list,
    .loop_get = os_loop_get,
    .block_claim = os_block_claim,
    .vbd_users = os_vbd_users,
    .file_is_open = os_file_is_open,
    .is_mounted = os_is_mounted,
    .iface = os_iface,
    .iface_change = os_iface_change,
    .pci_list = os_pci_list,
    .pci_driver = os_pci_driver,
    .pci_act = os_pci_act,
    .usb_list = os_usb_list,
    .usb_driver = os_usb_driver,
    .has_backend = os_has_backend,
    .script_start = os_script_start,
    .script_collect = os_script_collect,
    .daemon_start = os_daemon_start,
    .daemon_find = os_daemon_find,
    .daemon_named = os_daemon_named,
    .daemon_watch = os_daemon_watch,
    .daemon_kill = os_daemon_kill,
};
