/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Store paths: which are legal, and how a client's spelling becomes the one
 * canonical, absolute spelling that everything below the dispatcher uses.
 * Pure; no allocation.
 *
 * Limits hold for the canonical form and are the same for everybody:
 * at most PATH_ABS_MAX bytes, and at most PATH_REL_MAX after a leading
 * "/local/domain/<digits>/" is taken off, so that a path stays legal when its
 * domain gets a number with more digits.
 */
#ifndef DOMO_STORE_PATH_H
#define DOMO_STORE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

enum {
    PATH_ABS_MAX = 3072,
    PATH_REL_MAX = 2048,
    PATH_DEPTH_MAX = PATH_ABS_MAX / 2, /* "/a/a/a..." */
};

/* A checked path. "s" is absolute ("/", "/a/b") or special ("@name"), NUL-terminated; it points into the client's
 * message or into "buf". */
struct path {
    const char *s;
    size_t len;
    size_t rel;    /* bytes after "/local/domain/<digits>/" */
    size_t prefix; /* bytes that were put in front of a relative path, 0 for others */
    bool special;
    char buf[PATH_ABS_MAX + 1];
};

/* Checks a client's NUL-terminated path of "len" bytes. Relative ones are taken below /local/domain/<domid>.
 * "text" must outlive the result. -EINVAL: empty, a foreign character, "//", a trailing "/", too long. */
int path_parse(struct path *ret, const char *text, size_t len, unsigned domid) MUST_CHECK;

/* Walks the elements of an absolute path: start with *pos = 0; false at the end. */
bool path_next(const char *path, size_t len, size_t *pos, const char **ret_name, size_t *ret_len);

/* Length of the parent's path: "/a/b" gives 2, "/a" gives 1 ("/"), "/" gives 0. */
size_t path_parent_len(const char *path, size_t len);

/* Hash of one element; "seed" is secret, so that a guest cannot aim at one bucket. */
uint32_t path_hash(uint32_t seed, const char *name, size_t len);

/* Decimal domain number, whole string, 0..65535. -EINVAL otherwise. */
int path_domid(const char *text, unsigned *ret) MUST_CHECK;

#endif
