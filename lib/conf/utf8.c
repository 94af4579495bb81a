/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/utf8.h"

#include <stdint.h>

size_t utf8_length(const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t c = p[0];
    size_t n, i;

    if (c < 0x80)
        return c ? 1 : 0;
    if (c < 0xc2 || c > 0xf4)
        return 0;
    n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    c &= 0x7fu >> n;
    for (i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    return c < smallest[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : n;
}

bool utf8_is_valid(const char *text)
{
    size_t n;

    for (; *text; text += n) {
        n = utf8_length(text);
        if (!n)
            return false;
    }
    return true;
}
