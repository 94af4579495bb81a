/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Devices of the machine for guests, on libxenctrl.
 */
#include <errno.h>

#include "host/xen_conn.h"

static int assign_failed(struct host *h, uint32_t domid, const struct pci_addr *addr, int sys, struct domo_err *err)
{
    char name[PCI_ADDR_TEXT_MAX];

    pci_addr_print(addr, name);
    if (sys == EBUSY || sys == EEXIST)
        return err_sys(err, DOMO_E_DEVICE_ASSIGNED, sys, "%s belongs to another guest", name);
    (void)xen_fail(h, err, DOMO_E_HYPERVISOR, sys, "the hypervisor does not give %s to domain %u", name, domid);
    if (sys == ENOSYS || sys == EOPNOTSUPP)
        (void)err_hint(
            err,
            "was the guest made without pci= and without passthrough=\"enabled\"? is there an IOMMU, and is it on?");
    return -1;
}

int xen_pci_assign(struct host *h, uint32_t domid, const struct pci_addr *addr, struct domo_err *err)
{
    xc_interface *xc;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    if (xc_assign_device(xc, domid, pci_addr_sbdf(addr), 0) < 0)
        return assign_failed(h, domid, addr, errno, err);
    return 0;
}

/* No such function, no such domain, not the domain's, or nothing can be assigned at all. */
static bool is_nobodys(int sys)
{
    return sys == ENODEV || sys == ESRCH || sys == EINVAL || sys == ENOSYS || sys == EOPNOTSUPP;
}

int xen_pci_deassign(struct host *h, uint32_t domid, const struct pci_addr *addr, struct domo_err *err)
{
    char name[PCI_ADDR_TEXT_MAX];
    xc_interface *xc;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    if (xc_deassign_device(xc, domid, pci_addr_sbdf(addr)) == 0 || is_nobodys(errno))
        return 0;
    pci_addr_print(addr, name);
    return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "the hypervisor does not take %s from domain %u", name, domid);
}

/* An interrupt is mapped before the guest may use it, and unmapped after. */
static int irq_access(xc_interface *xc, uint32_t domid, int irq, bool allow)
{
    int pirq = irq;

    if (allow && xc_physdev_map_pirq(xc, domid, irq, &pirq) < 0)
        return -1;
    if (xc_domain_irq_permission(xc, domid, (uint32_t)pirq, allow) < 0)
        return -1;
    return allow ? 0 : xc_physdev_unmap_pirq(xc, domid, pirq);
}

int xen_io_access(struct host *h, uint32_t domid, const struct hyp_io *io, bool allow, struct domo_err *err)
{
    static const char *const names[] = {
        [HYP_IO_PORTS] = "ports", [HYP_IO_MEMORY] = "memory", [HYP_IO_IRQ] = "interrupt"};
    xc_interface *xc;
    int r = -1;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    switch (io->kind) {
    case HYP_IO_PORTS:
        r = xc_domain_ioport_permission(xc, domid, (uint32_t)io->first, (uint32_t)io->count, allow);
        break;
    case HYP_IO_MEMORY:
        r = xc_domain_iomem_permission(xc, domid, io->first, io->count, allow);
        break;
    case HYP_IO_IRQ:
        r = irq_access(xc, domid, (int)io->first, allow);
        break;
    }
    if (r == 0)
        return 0;
    return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't %s domain %u the use of %s 0x%llx",
                    allow ? "allow" : "deny", domid, names[io->kind], (unsigned long long)io->first);
}
