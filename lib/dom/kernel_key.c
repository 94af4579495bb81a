/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/kernel_key.h"

#include <errno.h>
#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "base/lazy.h"
#include "base/str.h"

enum { INDEX_BYTES_MAX = 16384, SETTLED_SEC = 2 };

/* The hash is needed only where a kernel was not seen before. */
#define NETTLE_CALLS(X) X(nettle_, sha256_init) X(nettle_, sha256_update) X(nettle_, sha256_digest)
LAZY_LIBRARY(nettle, NETTLE_SONAME, NETTLE_CALLS);

_Static_assert(KERNEL_KEY_LEN == SHA256_DIGEST_SIZE, "a key is a SHA-256");

/* ---- keys ---- */

int kernel_key_of(const void *bytes, size_t len, struct kernel_key *ret, struct domo_err *err)
{
    struct sha256_ctx ctx;

    if (lazy_load(&nettle_library, err) < 0)
        return -1;
    nettle.sha256_init(&ctx);
    nettle.sha256_update(&ctx, len, bytes);
    nettle.sha256_digest(&ctx, sizeof ret->sha256, ret->sha256);
    return 0;
}

void kernel_key_text(const struct kernel_key *key, char out[KERNEL_KEY_TEXT])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < KERNEL_KEY_LEN; i++) {
        out[2 * i] = digits[key->sha256[i] >> 4];
        out[2 * i + 1] = digits[key->sha256[i] & 15];
    }
    out[KERNEL_KEY_HEX] = '\0';
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool kernel_key_parse(const char *text, struct kernel_key *ret)
{
    struct kernel_key key;

    for (size_t i = 0; i < KERNEL_KEY_LEN; i++) {
        int high = digit(text[2 * i]), low = high < 0 ? -1 : digit(text[2 * i + 1]);

        if (low < 0)
            return false;
        key.sha256[i] = (unsigned char)(high << 4 | low);
    }
    *ret = key;
    return true;
}

/* ---- the index: one line a file, newest first ---- */

bool kernel_stat_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* "DEVICE INODE " and the whole line up to the key. */
static char *file_prefix(const struct stat *st)
{
    return str_format("%" PRIuMAX " %" PRIuMAX " ", (uintmax_t)st->st_dev, (uintmax_t)st->st_ino);
}

static char *line_prefix(const struct stat *st)
{
    return str_format("%" PRIuMAX " %" PRIuMAX " %jd %jd.%09ld %jd.%09ld ", (uintmax_t)st->st_dev,
                      (uintmax_t)st->st_ino, (intmax_t)st->st_size, (intmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
                      (intmax_t)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
}

/* Who can write the directory can write the index: that was checked when the cache was opened. */
static char *index_read(const char *dir)
{
    char *AUTO_FREE path = str_format("%s/index", dir);
    char *text = NULL;
    size_t len;

    if (!path || fs_read(path, INDEX_BYTES_MAX, &text, &len) < 0)
        return NULL;
    return text;
}

bool kernel_index_find(const char *dir, const struct stat *file, struct kernel_key *ret)
{
    char *AUTO_FREE prefix = line_prefix(file);
    char *AUTO_FREE text = index_read(dir);
    char *line, *rest = text;

    while (prefix && rest && (line = strsep(&rest, "\n")))
        if (str_starts(line, prefix) && strlen(line) == strlen(prefix) + KERNEL_KEY_HEX)
            return kernel_key_parse(line + strlen(prefix), ret);
    return false;
}

static bool is_settled(const struct stat *file, int64_t now_sec)
{
    return file->st_ctim.tv_sec + SETTLED_SEC < now_sec;
}

int kernel_index_add(const char *dir, const struct stat *file, const struct kernel_key *key, int64_t now_sec)
{
    char *AUTO_FREE same_file = file_prefix(file);
    char *AUTO_FREE prefix = line_prefix(file);
    char *AUTO_FREE old = index_read(dir);
    char *AUTO_FREE path = str_format("%s/index", dir);
    struct str AUTO_STR text = STR_INIT;
    char hex[KERNEL_KEY_TEXT];
    char *line, *rest = old;
    int lines = 1;

    if (!is_settled(file, now_sec))
        return -EAGAIN;
    if (!same_file || !prefix || !path)
        return -ENOMEM;
    kernel_key_text(key, hex);
    str_addf(&text, "%s%s\n", prefix, hex);
    while (rest && (line = strsep(&rest, "\n")) && lines < KERNEL_INDEX_MAX) {
        if (!line[0] || str_starts(line, same_file))
            continue;
        str_addf(&text, "%s\n", line);
        lines++;
    }
    if (text.failed)
        return -ENOMEM;
    return fs_write_atomic(path, text.s, text.len, 0600, false);
}
