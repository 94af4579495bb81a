/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The registry of grammars: one KIND_spec.c a kind has its rows, and grammar.c
 * lists them all. Pure: reading a config needs no host.
 */
#ifndef DOMO_DEV_GRAMMAR_H
#define DOMO_DEV_GRAMMAR_H

#include "dev/dev_spec.h"

extern const struct dev_grammar *const dev_grammars[]; /* NULL-terminated, in the order in which devices are made */
/* The grammar of a key of xl.cfg; NULL if there is none. */
const struct dev_grammar *dev_grammar_find(const char *key);

extern const struct dev_grammar grammar_channel, grammar_p9, grammar_pci, grammar_pvcalls, grammar_usbctrl,
    grammar_usbdev, grammar_vdispl, grammar_vfb, grammar_vkb, grammar_vsnd, grammar_vtpm;

#endif
