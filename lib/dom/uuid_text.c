/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/uuid_text.h"

#include <string.h>
#include <uuid/uuid.h>

void uuid_to_text(const uint8_t uuid[HOST_UUID_LEN], char out[UUID_TEXT_MAX])
{
    uuid_unparse_lower(uuid, out);
}

bool uuid_from_text(const char *text, uint8_t ret[HOST_UUID_LEN])
{
    return strlen(text) == UUID_TEXT_MAX - 1 && uuid_parse(text, ret) == 0;
}

int uuid_random(struct host *h, uint8_t ret[HOST_UUID_LEN], struct domo_err *err)
{
    uint8_t bytes[HOST_UUID_LEN];

    if (h->env->random(h, bytes, sizeof bytes, err))
        return -1;
    /* RFC 4122: version 4, variant 10. */
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    memcpy(ret, bytes, sizeof bytes);
    return 0;
}

bool uuid_equal(const uint8_t a[HOST_UUID_LEN], const uint8_t b[HOST_UUID_LEN])
{
    return memcmp(a, b, HOST_UUID_LEN) == 0;
}
