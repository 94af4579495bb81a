/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the tests of config reading share: files of the source tree, golden
 * comparison. GOLDEN_UPDATE=1 in the environment rewrites what is expected.
 */
#ifndef DOMO_TESTS_CONF_UTIL_H
#define DOMO_TESTS_CONF_UTIL_H

#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "base/fs.h"
#include "base/str.h"

/* A path below the source tree; caller frees. */
static inline char *source_path(const char *path)
{
    const char *srcdir = getenv("srcdir");
    char *full = str_format("%s/%s", srcdir ? srcdir : ".", path);

    assert_non_null(full);
    return full;
}

/* The file's text, NULL if there is none. */
static inline char *slurp(const char *path)
{
    size_t len;
    char *text;
    int r = fs_read(path, 4 << 20, &text, &len);

    if (r == -ENOENT)
        return NULL;
    assert_int_equal(r, 0);
    return text;
}

/* Compares with the golden file "path"; a missing file stands for an empty text. */
static inline void assert_golden(const char *path, const char *got)
{
    char *want = slurp(path);

    if (getenv("GOLDEN_UPDATE") && !str_eq(want ? want : "", got)) {
        if (*got)
            assert_int_equal(fs_write_atomic(path, got, strlen(got), 0644, false), 0);
        else
            (void)remove(path);
    } else if (!str_eq(want ? want : "", got)) {
        print_error("%s differs; got:\n%s", path, got);
        fail();
    }
    free(want);
}

static inline int only_cfg(const struct dirent *e)
{
    size_t n = strlen(e->d_name);

    return n > 4 && !strcmp(e->d_name + n - 4, ".cfg");
}

/* Calls "each" with the path of every .cfg file of a directory, in order of name. Returns how many there are. */
static inline int each_cfg(const char *dir, void (*each)(const char *path, const char *name))
{
    struct dirent **list;
    int n = scandir(dir, &list, only_cfg, alphasort);

    for (int i = 0; i < n; i++) {
        char *path = str_format("%s/%s", dir, list[i]->d_name);

        assert_non_null(path);
        each(path, list[i]->d_name);
        free(path);
        free(list[i]);
    }
    if (n >= 0)
        free(list);
    return n;
}

/* "x.cfg" with another ending; caller frees. */
static inline char *with_ending(const char *path, const char *ending)
{
    char *out = str_format("%.*s%s", (int)(strlen(path) - 4), path, ending);

    assert_non_null(out);
    return out;
}

#endif
