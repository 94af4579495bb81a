/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How a PCI function for a guest is written down: "[DDDD:]BB:SS.F[@VSLOT],…".
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pci_addr.h"
#include "base/str.h"
#include "dev/grammar.h"

enum { VDEVFN_SLOT_SHIFT = 3 };
static const uint32_t ALL_FUNCS = UINT32_MAX;

/* A slot is always hexadecimal, with or without 0x. */
static bool parse_slot(const char *text, unsigned *ret)
{
    char *end = NULL;
    unsigned long n = strtoul(text, &end, 16);

    *ret = (unsigned)n;
    return *text && *end == '\0' && n < PCI_SLOTS;
}

static const char *check_bdf(const char *value, const char **ret_hint)
{
    char place[PCI_ADDR_TEXT_MAX];
    const char *at = strchr(value, '@');
    size_t len = at ? (size_t)(at - value) : strlen(value);
    struct pci_addr addr;
    unsigned slot;
    bool all;

    *ret_hint = "like 0000:03:00.0, or 03:00.* for all functions of the device";
    if (len >= sizeof place)
        return "that is no place of a PCI function";
    memcpy(place, value, len);
    place[len] = '\0';
    if (!pci_addr_parse(place, &addr, &all))
        return "that is no place of a PCI function";
    *ret_hint = "a slot is hexadecimal, from 0 to 1f";
    return at && !parse_slot(at + 1, &slot) ? "that is no slot" : NULL;
}

static const char *check_slot(const char *value, const char **ret_hint)
{
    unsigned slot;

    *ret_hint = "a slot is hexadecimal, from 0 to 1f";
    return parse_slot(value, &slot) ? NULL : "that is no slot";
}

static int set_place(struct dev_spec *s, const struct pci_addr *addr, bool all)
{
    char text[PCI_ADDR_TEXT_MAX];

    pci_addr_print(addr, text);
    if (all)
        text[strlen(text) - 1] = '*';
    return dev_spec_set(s, "bdf", text);
}

static int set_slot(struct dev_spec *s, unsigned slot)
{
    char text[8];

    (void)snprintf(text, sizeof text, "%x", slot);
    return dev_spec_set(s, "vslot", text);
}

/* The slot behind '@' becomes vslot=, unless that is given as well; places and slots get their usual form. */
static int settle(struct dev_spec *s)
{
    char *AUTO_FREE bdf = dev_spec_get(s, "bdf") ? strdup(dev_spec_get(s, "bdf")) : NULL;
    const char *vslot = dev_spec_get(s, "vslot");
    char *at = bdf ? strchr(bdf, '@') : NULL;
    struct pci_addr addr;
    unsigned slot;
    bool all = false;

    if (dev_spec_get(s, "bdf") && !bdf)
        return -ENOMEM;
    if (at)
        *at = '\0';
    if (bdf && pci_addr_parse(bdf, &addr, &all) && set_place(s, &addr, all))
        return -ENOMEM;
    if (vslot ? parse_slot(vslot, &slot) : at && parse_slot(at + 1, &slot))
        return set_slot(s, slot);
    return 0;
}

static const struct dev_word policies[] = {{"strict", NULL}, {"relaxed", NULL}, {NULL, NULL}};

static const struct dev_key keys[] = {
    {.name = "bdf",
     .is_first = true,
     .required = true,
     .instead = "name",
     .check = check_bdf,
     .example = "0000:03:00.0",
     .doc =
         "The function's place on this host, [DDDD:]BB:SS.F; an F of * means all functions of the device. @SLOT behind "
         "it is vslot=."},
    {.name = "name",
     .instead = "bdf",
     .json = "name",
     .example = "scanner",
     .doc = "The name under which it was made assignable, instead of its place."},
    {.name = "vslot",
     .check = check_slot,
     .example = "1f",
     .doc = "The slot in which the guest sees it, hexadecimal; chosen if it is not given."},
    {.name = "permissive",
     .type = DEV_KEY_FLAG,
     .json = "permissive",
     .example = "1",
     .doc = "Lets the guest write all of the function's configuration space; only for guests that are trusted."},
    {.name = "msitranslate",
     .type = DEV_KEY_FLAG,
     .json = "msitranslate",
     .example = "1",
     .doc = "Uses message signalled interrupts whatever the guest uses."},
    {.name = "power_mgmt",
     .type = DEV_KEY_FLAG,
     .json = "power_mgmt",
     .example = "1",
     .doc = "Lets the guest set power management states; HVM only."},
    {.name = "seize",
     .type = DEV_KEY_FLAG,
     .json = "seize",
     .example = "1",
     .doc = "Takes the function from the driver that has it, as pci-assignable-add does."},
    {.name = "rdm_policy",
     .type = DEV_KEY_WORD,
     .words = policies,
     .json = "rdm_policy",
     .example = "relaxed",
     .doc = "What to do when reserved memory of the device is in the way: strict or relaxed."},
};

static void set_if(struct json *o, const char *name, uint32_t value)
{
    if (value)
        json_set_uint(o, name, value);
}

static void place_to_libxl(const struct dev_spec *s, struct json *o)
{
    const char *bdf = dev_spec_get(s, "bdf"), *vslot = dev_spec_get(s, "vslot");
    struct pci_addr addr;
    unsigned slot;
    bool all;

    if (bdf && pci_addr_parse(bdf, &addr, &all)) {
        set_if(o, "domain", addr.domain);
        set_if(o, "bus", addr.bus);
        set_if(o, "dev", addr.dev);
        set_if(o, "func", addr.func);
        json_set_uint(o, "vfunc_mask", all ? ALL_FUNCS : 1);
    }
    if (vslot && parse_slot(vslot, &slot))
        json_set_uint(o, "vdevfn", slot << VDEVFN_SLOT_SHIFT);
}

static int place_from_libxl(const struct json *o, struct dev_spec *s)
{
    const struct pci_addr addr = {
        .domain = (uint16_t)json_get_int(o, "domain", 0),
        .bus = (uint8_t)json_get_int(o, "bus", 0),
        .dev = (uint8_t)(json_get_int(o, "dev", 0) & (PCI_SLOTS - 1)),
        .func = (uint8_t)(json_get_int(o, "func", 0) & (PCI_FUNCS - 1)),
    };
    int64_t vdevfn = json_get_int(o, "vdevfn", -1);
    int r = 0;

    if (!dev_spec_get(s, "name"))
        r = set_place(s, &addr, json_get_int(o, "vfunc_mask", 1) == (int64_t)ALL_FUNCS);
    if (!r && vdevfn >= 0)
        r = set_slot(s, (unsigned)(vdevfn >> VDEVFN_SLOT_SHIFT) & (PCI_SLOTS - 1));
    return r;
}

const struct dev_grammar grammar_pci = {
    .key = "pci",
    .json_list = "pcidevs",
    .noun = "PCI device",
    .keys = keys,
    .n = ARRAY_LEN(keys),
    .settle = settle,
    .to_libxl = place_to_libxl,
    .from_libxl = place_from_libxl,
};
