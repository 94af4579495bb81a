/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The calls about PCI and USB devices.
 */
#include <errno.h>

#include "host/sim_wire.h"
#include "sim/bus.h"
#include "sim/serve_impl.h"

static int take_addr(const struct call *c, struct pci_addr *ret)
{
    return pci_addr_parse(json_get_str(c->in, "addr", ""), ret, NULL) ? 0 : -EINVAL;
}

static uint32_t domid_of(const struct call *c)
{
    return (uint32_t)json_uint(json_get(c->in, "domid"), UINT32_MAX);
}

int do_pci_assign(struct call *c)
{
    struct pci_addr addr;
    int r = take_addr(c, &addr);

    return r ? r : bus_pci_assign(sim_bus(c->sim), domid_of(c), &addr);
}

int do_pci_deassign(struct call *c)
{
    struct pci_addr addr;
    int r = take_addr(c, &addr);

    return r ? r : bus_pci_deassign(sim_bus(c->sim), domid_of(c), &addr);
}

int do_io_access(struct call *c)
{
    struct hyp_io io = {.count = 0};
    const char *in = json_get_str(c->in, "in", NULL);
    int r = in ? rec_get(in, &sim_io, &io, NULL) : -EINVAL;

    return r ? r : bus_io(sim_bus(c->sim), domid_of(c), &io, json_get_bool(c->in, "allow", false));
}

static int give_lines(struct call *c, const struct str *s)
{
    json_set_str(c->out, "out", str_text(s));
    return s->failed ? -ENOMEM : 0;
}

int do_pci_list(struct call *c)
{
    struct str s AUTO_STR = STR_INIT;
    const struct os_pci *one;

    for (size_t i = 0; (one = bus_pci_at(sim_bus(c->sim), i)); i++) {
        if (i)
            str_addc(&s, '\n');
        rec_put(&s, &sim_pci, one);
    }
    return give_lines(c, &s);
}

int do_pci_driver(struct call *c)
{
    struct pci_addr addr;
    int r = take_addr(c, &addr);

    return r ? r : bus_pci_driver(sim_bus(c->sim), &addr, json_get_str(c->in, "driver", ""));
}

/* Nothing of a reset, or of a permissive function, is modelled but that it must be there. */
int do_pci_act(struct call *c)
{
    struct pci_addr addr;
    int r = take_addr(c, &addr);

    return r ? r : bus_pci(sim_bus(c->sim), &addr) ? 0 : -ENODEV;
}

int do_usb_list(struct call *c)
{
    struct str s AUTO_STR = STR_INIT;
    const struct os_usb *one;

    for (size_t i = 0; (one = bus_usb_at(sim_bus(c->sim), i)); i++) {
        if (i)
            str_addc(&s, '\n');
        rec_put(&s, &sim_usb, one);
    }
    return give_lines(c, &s);
}

int do_usb_driver(struct call *c)
{
    return bus_usb_driver(sim_bus(c->sim), json_get_str(c->in, "name", ""), json_get_str(c->in, "driver", ""));
}

/* For tests: what a domain still has of the machine. */
int do_held(struct call *c)
{
    json_set_uint(c->out, "held", bus_held(sim_bus(c->sim), domid_of(c)));
    return 0;
}
