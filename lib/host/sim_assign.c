/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Devices of the simulated machine for guests, asked of domo-simd.
 */
#include <errno.h>

#include "host/os.h"
#include "host/sim.h"
#include "host/sim_wire.h"

static struct json *pci_request(const char *op, const struct pci_addr *addr)
{
    struct json *request = sim_request(op);
    char name[PCI_ADDR_TEXT_MAX];

    pci_addr_print(addr, name);
    json_set_str(request, "addr", name);
    return request;
}

int sim_pci_assign(struct host *h, uint32_t domid, const struct pci_addr *addr, struct domo_err *err)
{
    struct json *request = pci_request("pci_assign", addr);
    char name[PCI_ADDR_TEXT_MAX];
    int r;

    h->stats.hyp_calls++;
    pci_addr_print(addr, name);
    json_set_uint(request, "domid", domid);
    r = sim_ask(h->impl, request, NULL, err);
    if (r == -EBUSY)
        return err_sys(err, DOMO_E_DEVICE_ASSIGNED, EBUSY, "%s belongs to another guest", name);
    if (r < 0)
        (void)sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "the hypervisor does not give %s to domain %u", name, domid);
    if (r == -EOPNOTSUPP)
        (void)err_hint(
            err,
            "was the guest made without pci= and without passthrough=\"enabled\"? is there an IOMMU, and is it on?");
    return r < 0 ? -1 : 0;
}

int sim_pci_deassign(struct host *h, uint32_t domid, const struct pci_addr *addr, struct domo_err *err)
{
    struct json *request = pci_request("pci_deassign", addr);
    int r;

    h->stats.hyp_calls++;
    json_set_uint(request, "domid", domid);
    r = sim_ask(h->impl, request, NULL, err);
    return r < 0
               ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "the hypervisor does not take a device from domain %u", domid)
               : 0;
}

int sim_io_access(struct host *h, uint32_t domid, const struct hyp_io *io, bool allow, struct domo_err *err)
{
    struct json *request = sim_request("io_access");
    int r;

    h->stats.hyp_calls++;
    json_set_uint(request, "domid", domid);
    json_set_bool(request, "allow", allow);
    sim_add_record(request, &sim_io, io);
    r = sim_ask(h->impl, request, NULL, err);
    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't %s domain %u the use of 0x%llx",
                                allow ? "allow" : "deny", domid, (unsigned long long)io->first)
                 : 0;
}

static int list_failed(int r, const char *what, struct domo_err *err)
{
    return r == SIM_LOST ? -1 : err_sys(err, DOMO_E_IO, -r, "can't list the %s devices", what);
}

int sim_pci_list(struct host *h, struct os_pci **ret, size_t *ret_n, struct domo_err *err)
{
    struct json *reply AUTO_JSON = NULL;
    void *rows = NULL;
    int r;

    h->stats.os_calls++;
    r = sim_ask(h->impl, sim_request("pci_list"), &reply, err);
    if (r < 0)
        return list_failed(r, "PCI", err);
    if (sim_take_records(reply, &sim_pci, sizeof **ret, &rows, ret_n, err) < 0)
        return -1;
    *ret = rows;
    return 0;
}

static int driver_failed(int r, const char *name, const char *driver, struct domo_err *err)
{
    if (r == SIM_LOST)
        return -1;
    if (r == -ENOENT) {
        (void)err_sys(err, DOMO_E_DEVICE_DRIVER, ENOENT, "this kernel has no driver '%s'", driver);
        return err_hint(err, "modprobe %s", str_eq(driver, OS_PCIBACK) ? "xen-pciback" : driver);
    }
    return err_sys(err, DOMO_E_DEVICE_DRIVER, -r, "the driver '%s' does not take %s", driver, name);
}

int sim_pci_driver(struct host *h, const struct pci_addr *addr, const char *driver, struct domo_err *err)
{
    struct json *request = pci_request("pci_driver", addr);
    char name[PCI_ADDR_TEXT_MAX];
    int r;

    h->stats.os_calls++;
    pci_addr_print(addr, name);
    json_set_str(request, "driver", driver);
    r = sim_ask(h->impl, request, NULL, err);
    return r < 0 ? driver_failed(r, name, driver, err) : 0;
}

int sim_pci_act(struct host *h, const struct pci_addr *addr, enum os_pci_action action, struct domo_err *err)
{
    struct json *request = pci_request("pci_act", addr);
    int r;

    h->stats.os_calls++;
    json_set_uint(request, "action", action);
    r = sim_ask(h->impl, request, NULL, err);
    return r < 0 ? driver_failed(r, "a device", OS_PCIBACK, err) : 0;
}

int sim_usb_list(struct host *h, struct os_usb **ret, size_t *ret_n, struct domo_err *err)
{
    struct json *reply AUTO_JSON = NULL;
    void *rows = NULL;
    int r;

    h->stats.os_calls++;
    r = sim_ask(h->impl, sim_request("usb_list"), &reply, err);
    if (r < 0)
        return list_failed(r, "USB", err);
    if (sim_take_records(reply, &sim_usb, sizeof **ret, &rows, ret_n, err) < 0)
        return -1;
    *ret = rows;
    return 0;
}

int sim_usb_driver(struct host *h, const char *name, const char *driver, struct domo_err *err)
{
    struct json *request = sim_request("usb_driver");
    int r;

    h->stats.os_calls++;
    json_set_str(request, "name", name);
    json_set_str(request, "driver", driver);
    r = sim_ask(h->impl, request, NULL, err);
    return r < 0 ? driver_failed(r, name, driver, err) : 0;
}
