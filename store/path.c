/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

static const char home[] = "/local/domain/";

/* Letters, digits, - / _ @ as a bit set over ASCII. */
static bool legal_char(unsigned char c)
{
    static const uint32_t set[4] = {
        0,
        1u << ('-' - 32) | 1u << ('/' - 32) | 0x3ffu << ('0' - 32),
        0x07fffffeu | 1u << ('@' - 64) | 1u << ('_' - 64),
        0x07fffffeu,
    };

    return c < 128 && (set[c / 32] >> (c % 32) & 1);
}

/* Bytes of a leading "/local/domain/<digits>/", 0 if there is none. */
static size_t home_len(const char *s, size_t len)
{
    size_t i = sizeof home - 1;

    if (len <= i || memcmp(s, home, i) != 0)
        return 0;
    while (i < len && s[i] >= '0' && s[i] <= '9')
        i++;
    return i > sizeof home - 1 && i < len && s[i] == '/' ? i + 1 : 0;
}

static bool legal_text(const char *s, size_t len)
{
    size_t i;

    if (len == 0 || (len > 1 && s[len - 1] == '/'))
        return false;
    for (i = 0; i < len; i++)
        if (!legal_char((unsigned char)s[i]) || (s[i] == '/' && i > 0 && s[i - 1] == '/'))
            return false;
    return true;
}

static int make_absolute(struct path *ret, const char *text, size_t len, unsigned domid)
{
    int n = snprintf(ret->buf, sizeof ret->buf, "%s%u/", home, domid);

    if (n < 0 || (size_t)n + len > PATH_ABS_MAX)
        return -EINVAL;
    memcpy(ret->buf + n, text, len + 1);
    ret->prefix = (size_t)n;
    ret->s = ret->buf;
    ret->len = (size_t)n + len;
    return 0;
}

int path_parse(struct path *ret, const char *text, size_t len, unsigned domid)
{
    if (!legal_text(text, len))
        return -EINVAL;
    ret->special = text[0] == '@';
    ret->prefix = 0;
    ret->s = text;
    ret->len = len;
    if (text[0] != '/' && !ret->special && make_absolute(ret, text, len, domid) < 0)
        return -EINVAL;
    ret->rel = ret->len - home_len(ret->s, ret->len);
    return ret->len > PATH_ABS_MAX || ret->rel > PATH_REL_MAX ? -EINVAL : 0;
}

bool path_next(const char *path, size_t len, size_t *pos, const char **ret_name, size_t *ret_len)
{
    size_t start = *pos < len && path[*pos] == '/' ? *pos + 1 : *pos;
    const char *slash;

    if (start >= len)
        return false;
    slash = memchr(path + start, '/', len - start);
    *ret_name = path + start;
    *ret_len = slash ? (size_t)(slash - path) - start : len - start;
    *pos = start + *ret_len;
    return true;
}

size_t path_parent_len(const char *path, size_t len)
{
    if (len <= 1)
        return 0;
    while (path[len - 1] != '/')
        len--;
    return len == 1 ? 1 : len - 1;
}

uint32_t path_hash(uint32_t seed, const char *name, size_t len)
{
    uint32_t h = seed;
    size_t i;

    for (i = 0; i < len; i++)
        h = (h ^ (unsigned char)name[i]) * 0x01000193u;
    h ^= h >> 15;
    h *= 0x85ebca6bu;
    return h ^ h >> 13;
}

int path_domid(const char *text, unsigned *ret)
{
    uint32_t v;

    if (str_to_u32(text, &v) < 0 || v > 0xffff)
        return -EINVAL;
    *ret = v;
    return 0;
}
