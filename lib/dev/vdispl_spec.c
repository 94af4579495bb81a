/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How a virtual display is written down.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/vdispl.h"

bool vdispl_next(const char **text, struct vdispl_connector *ret)
{
    const char *colon;
    int used = 0;

    *text += strspn(*text, "; ");
    colon = strchr(*text, ':');
    if (!colon || colon == *text || (size_t)(colon - *text) >= sizeof ret->id ||
        memchr(*text, ';', (size_t)(colon - *text)))
        return false;
    memcpy(ret->id, *text, (size_t)(colon - *text));
    ret->id[colon - *text] = '\0';
    if (sscanf(colon + 1, "%5u%*1[xX]%5u%n", &ret->width, &ret->height, &used) != 2 || !ret->width || !ret->height)
        return false;
    colon += 1 + used;
    if (*colon && *colon != ';')
        return false;
    *text = colon;
    return true;
}

static const char *check_connectors(const char *value, const char **ret_hint)
{
    struct vdispl_connector one;

    *ret_hint = "like id0:1920x1080;id1:800x600";
    while (value[strspn(value, "; ")])
        if (!vdispl_next(&value, &one))
            return "a connector is ID:WIDTHxHEIGHT";
    return NULL;
}

static const struct dev_key keys[] = {
    {.name = "backend",
     .json = "backend_domname",
     .example = "displaydom",
     .doc = "The domain that shows the picture, by name or number."},
    {.name = "be-alloc",
     .type = DEV_KEY_FLAG,
     .def = "0",
     .json = "be_alloc",
     .node = "be-alloc",
     .side = NODE_FRONT_RO,
     .example = "1",
     .doc = "The back end allocates the frame buffers instead of the guest."},
    {.name = "connectors",
     .required = true,
     .check = check_connectors,
     .example = "id0:1920x1080",
     .doc = "The screens, parted by semicolons: a name that is unique, and the size in pixels."},
};

static void connectors_to_libxl(const struct dev_spec *s, struct json *o)
{
    const char *text = dev_spec_get(s, "connectors");
    struct json *list = text ? json_set_array(o, "connectors") : NULL;
    struct vdispl_connector one;

    while (text && vdispl_next(&text, &one)) {
        struct json *row = json_add_object(list);

        json_set_str(row, "unique_id", one.id);
        json_set_uint(row, "width", one.width);
        json_set_uint(row, "height", one.height);
    }
}

static int connectors_from_libxl(const struct json *o, struct dev_spec *s)
{
    const struct json *list = json_get(o, "connectors");
    struct str AUTO_STR text = STR_INIT;

    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *row = json_at(list, i, NULL);

        str_addf(&text, "%s%s:%lldx%lld", text.len ? ";" : "", json_get_str(row, "unique_id", ""),
                 (long long)json_get_int(row, "width", 0), (long long)json_get_int(row, "height", 0));
    }
    if (!text.len)
        return text.failed ? -ENOMEM : 0;
    return dev_spec_set(s, "connectors", str_text(&text));
}

const struct dev_grammar grammar_vdispl = {
    .key = "vdispl",
    .json_list = "vdispls",
    .noun = "virtual display",
    .keys = keys,
    .n = ARRAY_LEN(keys),
    .to_libxl = connectors_to_libxl,
    .from_libxl = connectors_from_libxl,
};
