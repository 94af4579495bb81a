/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Hardware addresses as text and from chance.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dev/vif_spec.h"

void mac_print(const uint8_t mac[MAC_LEN], char out[MAC_TEXT_MAX])
{
    (void)snprintf(out, MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int mac_parse(const char *text, uint8_t ret[MAC_LEN])
{
    uint8_t mac[MAC_LEN];
    size_t i;

    /* Two digits each, any one character between them. */
    if (strlen(text) != MAC_TEXT_MAX - 1)
        return -EINVAL;
    for (i = 0; i < MAC_LEN; i++) {
        int high = hex_digit(text[3 * i]), low = hex_digit(text[3 * i + 1]);

        if (high < 0 || low < 0 || (i + 1 < MAC_LEN && hex_digit(text[3 * i + 2]) >= 0))
            return -EINVAL;
        mac[i] = (uint8_t)(high << 4 | low);
    }
    memcpy(ret, mac, sizeof mac);
    return 0;
}

void mac_from_random(const uint8_t random[3], uint8_t ret[MAC_LEN])
{
    ret[0] = 0x00;
    ret[1] = 0x16;
    ret[2] = 0x3e;
    ret[3] = random[0] & 0x7f;
    ret[4] = random[1];
    ret[5] = random[2];
}
