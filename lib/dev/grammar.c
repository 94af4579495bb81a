/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dev/grammar.h"

#include "base/str.h"

const struct dev_grammar *const dev_grammars[] = {
    &grammar_channel, &grammar_p9,   &grammar_vfb,     &grammar_vkb,    &grammar_vtpm, &grammar_pvcalls,
    &grammar_vdispl,  &grammar_vsnd, &grammar_usbctrl, &grammar_usbdev, &grammar_pci,  NULL,
};

const struct dev_grammar *dev_grammar_find(const char *key)
{
    for (size_t i = 0; dev_grammars[i]; i++) {
        if (str_eq(dev_grammars[i]->key, key))
            return dev_grammars[i];
    }
    return NULL;
}
