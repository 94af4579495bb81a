/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dev/uuid_text.h"

#include <string.h>

/* Of RFC 4122's text: 32 hexadecimal digits in groups that end before these bytes. */
static bool group_ends(size_t byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void uuid_to_text(const uint8_t uuid[HOST_UUID_LEN], char out[UUID_TEXT_MAX])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < HOST_UUID_LEN; i++) {
        if (group_ends(i))
            *out++ = '-';
        *out++ = digits[uuid[i] >> 4];
        *out++ = digits[uuid[i] & 15];
    }
    *out = '\0';
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | ('a' ^ 'A'));
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool uuid_from_text(const char *text, uint8_t ret[HOST_UUID_LEN])
{
    uint8_t bytes[HOST_UUID_LEN];

    for (size_t i = 0; i < HOST_UUID_LEN; i++) {
        int high, low;

        if (group_ends(i) && *text++ != '-')
            return false;
        high = digit(text[0]);
        low = high < 0 ? -1 : digit(text[1]);
        if (low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    if (*text)
        return false;
    memcpy(ret, bytes, sizeof bytes);
    return true;
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
