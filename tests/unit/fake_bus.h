/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Operations of the seam on PCI and USB devices, on the host in memory.
 */
#ifndef DOMO_TESTS_FAKE_BUS_H
#define DOMO_TESTS_FAKE_BUS_H

#include "host/host.h"

int fake_pci_list(struct host *, struct os_pci **ret, size_t *ret_n, struct domo_err *);
int fake_pci_driver(struct host *, const struct pci_addr *, const char *driver, struct domo_err *);
int fake_pci_act(struct host *, const struct pci_addr *, enum os_pci_action, struct domo_err *);
int fake_usb_list(struct host *, struct os_usb **ret, size_t *ret_n, struct domo_err *);
int fake_usb_driver(struct host *, const char *name, const char *driver, struct domo_err *);

#endif
