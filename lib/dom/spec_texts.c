/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Keys that are a text or a list of texts: one row each.
 */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "dom/spec_keys.h"

const struct spec_text_list spec_text_lists[SPEC_TEXT_LISTS] = {
    {"bootloader_args", offsetof(struct spec, bootloader_args), NULL, "bootloader_args", false},
    {"device_model_args", offsetof(struct spec, dm_args), NULL, "extra", false},
    {"device_model_args_hvm", offsetof(struct spec, dm_args_hvm), NULL, "extra_hvm", false},
    {"device_model_args_pv", offsetof(struct spec, dm_args_pv), NULL, "extra_pv", false},
    {"serial", offsetof(struct spec, serials), "serial", "serial_list", true},
    {"usbdevice", offsetof(struct spec, usb_devices), "usbdevice", "usbdevice_list", true},
};

spec_texts *spec_texts_of(struct spec *spec, const struct spec_text_list *l)
{
    return (spec_texts *)(void *)((char *)spec + l->offset);
}

int spec_texts_add(spec_texts *texts, const char *text)
{
    char *copy = strdup(text), **slot = copy ? VEC_PUSH(texts) : NULL;

    if (slot)
        *slot = copy;
    else
        free(copy);
    return slot ? 0 : -ENOMEM;
}

void spec_texts_fini(spec_texts *texts)
{
    for (size_t i = 0; i < texts->len; i++)
        free(texts->at[i]);
    VEC_FINI(texts);
}

static const struct spec_text_list *row_of(const struct key *key)
{
    size_t i = 0;

    while (i < SPEC_TEXT_LISTS - 1 && strcmp(spec_text_lists[i].key, key->name) != 0)
        i++;
    return &spec_text_lists[i];
}

static int add_text(struct key_load *load, const struct key *key, const struct conf_value *v)
{
    const char *text = key_atom(load, key, v);

    if (!text)
        return -1;
    if (!*text || spec_texts_add(spec_texts_of(load->record, row_of(key)), text) == 0)
        return 0;
    load->diags->failed = true;
    return -1;
}

int spec_parse_texts(struct key_load *load, const struct key *key, const struct conf_value *v)
{
    if (!v->is_list)
        return add_text(load, key, v);
    for (size_t i = 0; i < v->items.len; i++)
        if (add_text(load, key, &v->items.at[i]))
            return -1;
    return 0;
}

void spec_print_texts(const struct key *key, const void *record, struct str *out)
{
    const spec_texts *texts = (const void *)((const char *)record + row_of(key)->offset);

    for (size_t i = 0; i < texts->len; i++)
        spec_add_element(out, strdup(texts->at[i]), i == 0);
    if (texts->len)
        str_add(out, " ]");
}
