/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The PCI and USB devices of the simulated machine: their drivers in domain 0,
 * whose they are in the hypervisor, and what else of the machine guests may
 * use. Pure. Functions return 0 or a negative errno.
 */
#ifndef DOMO_SIM_BUS_H
#define DOMO_SIM_BUS_H

#include <stddef.h>

#include "base/attr.h"
#include "base/json.h"
#include "sim/world.h"

struct bus;

/* The devices of "world", which must outlive it; guests that go lose what they had. NULL when out of memory. */
struct bus *bus_new(const struct world *, struct machine *);
struct bus *bus_free(struct bus *);

const struct os_pci *bus_pci_at(const struct bus *, size_t i); /* NULL behind the last */
const struct os_pci *bus_pci(const struct bus *, const struct pci_addr *);
/* -ENODEV; -ENOENT: pciback is not loaded; -EBUSY: a guest has the function. */
int bus_pci_driver(struct bus *, const struct pci_addr *, const char *driver) MUST_CHECK;
/* -EOPNOTSUPP without an IOMMU, on the machine or for that domain; -EBUSY: another guest has it. */
int bus_pci_assign(struct bus *, uint32_t domid, const struct pci_addr *) MUST_CHECK;
int bus_pci_deassign(struct bus *, uint32_t domid, const struct pci_addr *) MUST_CHECK;
int bus_io(struct bus *, uint32_t domid, const struct hyp_io *, bool allow) MUST_CHECK;
/* How many functions and pieces of the machine a domain has. */
size_t bus_held(const struct bus *, uint32_t domid);

const struct os_usb *bus_usb_at(const struct bus *, size_t i); /* NULL behind the last */
int bus_usb_driver(struct bus *, const char *name, const char *driver) MUST_CHECK;

/* The lists "pci" and "usb" of a world. "place" is for messages. */
int world_read_pci(const char *file, const struct json *list, struct world *, struct domo_err *) MUST_CHECK;
int world_read_usb(const char *file, const struct json *list, struct world *, struct domo_err *) MUST_CHECK;

#endif
