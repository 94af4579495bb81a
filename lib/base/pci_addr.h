/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Where a PCI function is: "DDDD:BB:SS.F", all hexadecimal. Pure.
 */
#ifndef DOMO_BASE_PCI_ADDR_H
#define DOMO_BASE_PCI_ADDR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct pci_addr {
    uint16_t domain;
    uint8_t bus, dev, func;
};

enum { PCI_ADDR_TEXT_MAX = 16, PCI_FUNCS = 8, PCI_SLOTS = 32 };

/* "[DDDD:]BB:SS.F"; with "ret_all" F may be "*": then it is 0 and *ret_all is true. False if it is none. */
bool pci_addr_parse(const char *text, struct pci_addr *ret, bool *ret_all) MUST_CHECK;
/* "0000:03:00.0". */
void pci_addr_print(const struct pci_addr *, char out[PCI_ADDR_TEXT_MAX]);
/* As a name in the store: "0000-03-00-0". */
void pci_addr_key(const struct pci_addr *, char out[PCI_ADDR_TEXT_MAX]);
/* As the hypervisor numbers it. */
uint32_t pci_addr_sbdf(const struct pci_addr *);
bool pci_addr_eq(const struct pci_addr *, const struct pci_addr *);
/* Another function of the same device. */
bool pci_addr_same_slot(const struct pci_addr *, const struct pci_addr *);

#endif
