/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The tag in a loop device that says whose it is, also after the process that
 * made it was killed: "domo:UUID:KIND:DEVID".
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "dev/device.h"

static const char TAG_PREFIX[] = "domo:";

int loop_tag_print(const struct dev *d, char out[HOST_LOOP_TAG_MAX + 1], struct domo_err *err)
{
    int n = snprintf(out, HOST_LOOP_TAG_MAX + 1, "%s%s:%s:%" PRIu32, TAG_PREFIX, d->set->uuid, d->kind_name, d->devid);

    if (n < 0 || n > HOST_LOOP_TAG_MAX)
        return err_set(err, DOMO_E_INTERNAL, "the loop device's tag does not fit");
    return 0;
}

/* Copies up to the next colon; NULL if there is none or it does not fit. */
static const char *take_field(const char *text, char *out, size_t size)
{
    const char *end = strchr(text, ':');

    if (!end || (size_t)(end - text) >= size)
        return NULL;
    memcpy(out, text, (size_t)(end - text));
    out[end - text] = '\0';
    return end + 1;
}

bool loop_tag_parse(const char *text, struct loop_tag *ret)
{
    struct loop_tag tag;

    if (!str_starts(text, TAG_PREFIX))
        return false;
    text = take_field(text + strlen(TAG_PREFIX), tag.uuid, sizeof tag.uuid);
    text = text ? take_field(text, tag.kind, sizeof tag.kind) : NULL;
    if (!text || str_to_u32(text, &tag.devid))
        return false;
    *ret = tag;
    return true;
}

bool loop_tag_is(const char *text, const struct dev *d)
{
    struct loop_tag tag;

    return loop_tag_parse(text, &tag) && strcasecmp(tag.uuid, d->set->uuid) == 0 && str_eq(tag.kind, d->kind_name) &&
           tag.devid == d->devid;
}
