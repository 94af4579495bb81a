/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "host/trace.h"

static const char *const io_names[] = {[HYP_IO_PORTS] = "ports", [HYP_IO_MEMORY] = "memory", [HYP_IO_IRQ] = "irq"};
static const char *const action_names[] = {[OS_PCI_RESET] = "reset", [OS_PCI_PERMISSIVE] = "permissive"};

int trace_pci_assign(struct host *h, uint32_t domid, const struct pci_addr *addr, struct domo_err *err)
{
    char name[PCI_ADDR_TEXT_MAX];

    pci_addr_print(addr, name);
    TRACE_BEGIN(h, err, "hyp.pci_assign %u %s", domid, name);
    r = inner->hyp->pci_assign(inner, domid, addr, err);
    return trace_result(h, r, err, call, "%s", "");
}

int trace_pci_deassign(struct host *h, uint32_t domid, const struct pci_addr *addr, struct domo_err *err)
{
    char name[PCI_ADDR_TEXT_MAX];

    pci_addr_print(addr, name);
    TRACE_BEGIN(h, err, "hyp.pci_deassign %u %s", domid, name);
    r = inner->hyp->pci_deassign(inner, domid, addr, err);
    return trace_result(h, r, err, call, "%s", "");
}

int trace_io_access(struct host *h, uint32_t domid, const struct hyp_io *io, bool allow, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.io_access %u %s %s 0x%llx+%llu", domid, allow ? "allow" : "deny", io_names[io->kind],
                (unsigned long long)io->first, (unsigned long long)io->count);
    r = inner->hyp->io_access(inner, domid, io, allow, err);
    return trace_result(h, r, err, call, "%s", "");
}

int trace_pci_list(struct host *h, struct os_pci **ret, size_t *ret_n, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.pci_list");
    r = inner->os->pci_list(inner, ret, ret_n, err);
    return trace_result(h, r, err, call, "%zu devices", r ? 0 : *ret_n);
}

int trace_pci_driver(struct host *h, const struct pci_addr *addr, const char *driver, struct domo_err *err)
{
    char name[PCI_ADDR_TEXT_MAX];

    pci_addr_print(addr, name);
    TRACE_BEGIN(h, err, "os.pci_driver %s %s", name, driver[0] ? driver : "none");
    r = inner->os->pci_driver(inner, addr, driver, err);
    return trace_result(h, r, err, call, "%s", "");
}

int trace_pci_act(struct host *h, const struct pci_addr *addr, enum os_pci_action action, struct domo_err *err)
{
    char name[PCI_ADDR_TEXT_MAX];

    pci_addr_print(addr, name);
    TRACE_BEGIN(h, err, "os.pci_act %s %s", name, action_names[action]);
    r = inner->os->pci_act(inner, addr, action, err);
    return trace_result(h, r, err, call, "%s", "");
}

int trace_usb_list(struct host *h, struct os_usb **ret, size_t *ret_n, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.usb_list");
    r = inner->os->usb_list(inner, ret, ret_n, err);
    return trace_result(h, r, err, call, "%zu interfaces", r ? 0 : *ret_n);
}

int trace_usb_driver(struct host *h, const char *name, const char *driver, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.usb_driver %s %s", name, driver[0] ? driver : "none");
    r = inner->os->usb_driver(inner, name, driver, err);
    return trace_result(h, r, err, call, "%s", "");
}
