/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * pciback: one device a guest, which holds all functions that it was given.
 * Functions come and go while both ends are Reconfiguring.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "sim/back.h"
#include "sim/bus.h"

enum { FUNCS_MAX = 64 };

static uint32_t number_of(struct back *b, const char *name)
{
    uint32_t n;

    return xsc_read_u32(b->all->xs, 0, b->dir, name, &n) == 0 ? n : 0;
}

static bool set(struct back *b, const char *name, uint32_t i, const char *value)
{
    char *AUTO_FREE node = str_format("%s-%" PRIu32, name, i);

    return node && xsc_write(b->all->xs, 0, b->dir, node, value) == 0;
}

/* Shows the guest where it finds function "i". */
static bool export_func(struct back *b, uint32_t i)
{
    char *AUTO_FREE node = str_format("dev-%" PRIu32, i);
    char *AUTO_FREE text = NULL;
    const struct os_pci *pci = NULL;
    struct pci_addr addr;
    char place[PCI_ADDR_TEXT_MAX];

    if (node && xsc_read(b->all->xs, 0, b->dir, node, &text) == 0 && pci_addr_parse(text, &addr, NULL))
        pci = bus_pci(sim_bus(b->all->sim), &addr);
    if (!pci || !str_eq(pci->driver, OS_PCIBACK)) {
        back_fail(b, EINVAL, "Couldn't locate PCI device (%s)! perhaps already in-use?", text ? text : "?");
        return false;
    }
    (void)snprintf(place, sizeof place, "0000:00:%02x.%x", i % PCI_SLOTS, addr.func & 7u);
    return set(b, "vdev", i, place) && set(b, "state", i, "3");
}

/* State 1: wanted; 5: to go. */
static bool settle(struct back *b)
{
    uint32_t n = number_of(b, "num_devs");

    for (uint32_t i = 0; i < n && i < FUNCS_MAX; i++) {
        char *AUTO_FREE node = str_format("state-%" PRIu32, i);
        uint32_t state = node ? number_of(b, node) : 0;

        if (state == XB_INITIALISING && !export_func(b, i))
            return false;
        if (state == XB_CLOSING && !set(b, "state", i, "6"))
            return false;
    }
    return true;
}

static bool pci_probe(struct back *b)
{
    if (!back_rows_probe(b) || !settle(b) || xsc_write(b->all->xs, 0, b->dir, "root_num", "1") ||
        !set(b, "root", 0, "0000:00"))
        return false;
    back_switch(b, XB_INITIALISED);
    return true;
}

static bool pci_front_changed(struct back *b, int state)
{
    if (state == XB_RECONFIGURING) {
        if (xenbus_state(b->all->xs, b->dir) == XB_RECONFIGURING && settle(b))
            back_switch(b, XB_RECONFIGURED);
        return false;
    }
    if (state == XB_CONNECTED && b->state == XB_RECONFIGURED) {
        back_switch(b, XB_CONNECTED);
        return false;
    }
    return back_rows_front_changed(b, state);
}

const struct back_kind back_kind_pci = {
    .name = "pci",
    .probe = pci_probe,
    .front_changed = pci_front_changed,
    .own_changed = back_rows_own_changed,
    .watched = "online",
    .serve = back_rows_serve,
    .remove = back_rows_remove,
    .takes = (const struct back_take[]){{"pci-op-ref", BACK_TAKES_PAGE},
                                        {"event-channel", BACK_TAKES_PORT},
                                        {NULL, BACK_TAKES_PAGE}},
};
