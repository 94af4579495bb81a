/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Plain structs as short texts, by a table of their members: values with one
 * blank between them, bytes and texts in hexadecimal. For talking between two
 * programs of ours, where a tree of JSON for each row would cost too much.
 */
#ifndef DOMO_BASE_REC_H
#define DOMO_BASE_REC_H

#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

enum { REC_ARRAY_MAX = 256 };

enum rec_type {
    REC_BOOL,
    REC_INT,   /* signed, of 4 bytes; enums too */
    REC_UINT,  /* of 1, 2, 4 or 8 bytes */
    REC_BYTES, /* an array of fixed length, at most REC_ARRAY_MAX */
    REC_TEXT,  /* an array that holds a NUL-terminated text, at most REC_ARRAY_MAX */
};

struct rec_field {
    enum rec_type type;
    size_t offset, size;
};

struct rec_table {
    const struct rec_field *fields;
    size_t n;
};

#define REC(type_, struct_, member)                                                                                    \
    {                                                                                                                  \
        .type = (type_), .offset = offsetof(struct_, member), .size = sizeof(((struct_ *)0)->member)                   \
    }

/* Appends the text of one record. */
void rec_put(struct str *to, const struct rec_table *, const void *record);
/* Reads one record up to a newline or the end; members that the table does not name stay as they are. *ret_end is where
 * the next record begins, NULL at the end (may be NULL: it must be the end). 0 or -EINVAL. */
int rec_get(const char *text, const struct rec_table *, void *record, const char **ret_end) MUST_CHECK;

#endif
