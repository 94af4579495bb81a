/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/pci_addr.h"

#include <stdio.h>
#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Takes 1 to "max" digits off the front of *text. */
static bool take_hex(const char **text, int max, unsigned *ret)
{
    int n = 0;

    *ret = 0;
    for (; n < max && hex_digit(**text) >= 0; n++, (*text)++)
        *ret = *ret * 16 + (unsigned)hex_digit(**text);
    return n > 0 && hex_digit(**text) < 0;
}

static bool take_char(const char **text, char c)
{
    if (**text != c)
        return false;
    (*text)++;
    return true;
}

bool pci_addr_parse(const char *text, struct pci_addr *ret, bool *ret_all)
{
    unsigned domain = 0, bus, dev, func = 0;
    bool all = false;

    if (!take_hex(&text, 4, &bus) || !take_char(&text, ':') || !take_hex(&text, 2, &dev))
        return false;
    if (take_char(&text, ':')) {
        domain = bus;
        bus = dev;
        if (!take_hex(&text, 2, &dev))
            return false;
    }
    if (!take_char(&text, '.'))
        return false;
    if (ret_all && take_char(&text, '*'))
        all = true;
    else if (!take_hex(&text, 1, &func))
        return false;
    if (*text || bus > 0xff || dev >= PCI_SLOTS || func >= PCI_FUNCS)
        return false;
    *ret =
        (struct pci_addr){.domain = (uint16_t)domain, .bus = (uint8_t)bus, .dev = (uint8_t)dev, .func = (uint8_t)func};
    if (ret_all)
        *ret_all = all;
    return true;
}

void pci_addr_print(const struct pci_addr *a, char out[PCI_ADDR_TEXT_MAX])
{
    (void)snprintf(out, PCI_ADDR_TEXT_MAX, "%04x:%02x:%02x.%x", a->domain, a->bus, a->dev, a->func & 7u);
}

void pci_addr_key(const struct pci_addr *a, char out[PCI_ADDR_TEXT_MAX])
{
    (void)snprintf(out, PCI_ADDR_TEXT_MAX, "%04x-%02x-%02x-%x", a->domain, a->bus, a->dev, a->func & 7u);
}

uint32_t pci_addr_sbdf(const struct pci_addr *a)
{
    return (uint32_t)a->domain << 16 | (uint32_t)a->bus << 8 | (uint32_t)a->dev << 3 | a->func;
}

bool pci_addr_eq(const struct pci_addr *a, const struct pci_addr *b)
{
    return pci_addr_sbdf(a) == pci_addr_sbdf(b);
}

bool pci_addr_same_slot(const struct pci_addr *a, const struct pci_addr *b)
{
    return pci_addr_sbdf(a) >> 3 == pci_addr_sbdf(b) >> 3;
}
