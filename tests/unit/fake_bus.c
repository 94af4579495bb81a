/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * PCI and USB devices of the host in memory: always the same ones, kept for
 * guests already.
 */
#include "fake_bus.h"

#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

static const struct os_pci functions[] = {
    {.addr = {.bus = 3}, .driver = OS_PCIBACK, .irq = 16, .start = {0xf0000000}, .length = {0x2000}},
    {.addr = {.bus = 4}, .driver = OS_PCIBACK, .irq = 17, .start = {0xe000}, .length = {32}, .is_ports = {1}},
    {.addr = {.bus = 4, .func = 1}, .driver = OS_PCIBACK},
};

static const struct os_usb interfaces[] = {
    {.bus_id = "1-2", .name = "1-2:1.0", .driver = "usb-storage", .bus = 1, .addr = 4},
};

int fake_pci_list(struct host *h, struct os_pci **ret, size_t *ret_n, struct domo_err *err)
{
    (void)h;
    (void)err;
    *ret = fake_need(malloc(sizeof functions));
    memcpy(*ret, functions, sizeof functions);
    *ret_n = ARRAY_LEN(functions);
    return 0;
}

int fake_pci_driver(struct host *h, const struct pci_addr *addr, const char *driver, struct domo_err *err)
{
    (void)addr;
    (void)driver;
    return fake_call(h, err, "os.pci_driver") ? -1 : 0;
}

int fake_pci_act(struct host *h, const struct pci_addr *addr, enum os_pci_action action, struct domo_err *err)
{
    (void)addr;
    (void)action;
    return fake_call(h, err, "os.pci_act") ? -1 : 0;
}

int fake_usb_list(struct host *h, struct os_usb **ret, size_t *ret_n, struct domo_err *err)
{
    (void)h;
    (void)err;
    *ret = fake_need(malloc(sizeof interfaces));
    memcpy(*ret, interfaces, sizeof interfaces);
    *ret_n = ARRAY_LEN(interfaces);
    return 0;
}

int fake_usb_driver(struct host *h, const char *name, const char *driver, struct domo_err *err)
{
    (void)name;
    (void)driver;
    return fake_call(h, err, "os.usb_driver") ? -1 : 0;
}
