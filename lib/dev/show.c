/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Showing the parts of a device that are directories on the front end's side.
 * A guest may have changed them: texts are bounded and made printable, numbers
 * are numbers or -1.
 */
#include <stdio.h>

#include "base/str.h"
#include "dev/device.h"

enum { SHOWN_PARTS_MAX = 64 };

static void show_nodes(const struct dev *d, const struct dev_show_level *level, const char *dir, struct json *row)
{
    char path[STORE_PATH_MAX], text[DEV_TEXT_MAX];

    for (size_t i = 0; i < level->n; i++) {
        const struct dev_show *node = &level->nodes[i];
        uint32_t number;

        dev_join(path, dir, node->node);
        dev_read_text(d->set->host, path, text);
        if (!node->is_number)
            json_set_str(row, node->member, text[0] ? text : NULL);
        else
            json_set_int(row, node->member, str_to_u32(text, &number) == 0 ? (int64_t)number : -1);
    }
}

static bool has_part(const struct dev *d, const char *dir)
{
    char *AUTO_FREE value = NULL;

    return store_read_opt(d->set->host, 0, dir, &value, NULL) == 0 && value;
}

static void show_level(const struct dev *d, const struct dev_show_level *level, const char *dir, struct json *row)
{
    struct json *list;

    show_nodes(d, level, dir, row);
    if (!level->inner)
        return;
    list = json_set_array(row, level->inner->list);
    for (unsigned i = 0; i < SHOWN_PARTS_MAX; i++) {
        char below[STORE_PATH_MAX];

        if (snprintf(below, sizeof below, "%s/%u", dir, i) >= (int)sizeof below || !has_part(d, below))
            return;
        show_level(d, level->inner, below, json_add_object(list));
    }
}

void dev_show(const struct dev *d, const struct dev_show_level *level, struct json *row)
{
    struct dev_paths paths;

    if (!d->set->host || !d->set->domid)
        return;
    dev_paths(d, &paths);
    show_level(d, level, paths.front, row);
}
