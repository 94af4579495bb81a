/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Records of a dump: a type and named fields, written and read as text or as
 * JSON. Text has one record a line, "type name=value name=value". JSON is one
 * object {"format", "version", "records": [{"type", ...}]} with the same
 * fields, all strings. In both, bytes that are no printable ASCII, blanks and
 * backslashes are \xHH.
 */
#ifndef DOMO_STORE_RECORD_H
#define DOMO_STORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/json.h"
#include "base/str.h"

enum { RECORD_VERSION = 1, RECORD_FIELDS_MAX = 24 };

struct record_writer {
    bool json;
    bool failed;
    struct str text;
    struct json *doc, *list, *now; /* now: the record being written */
};

void record_writer_init(struct record_writer *w, bool json);
void record_begin(struct record_writer *w, const char *type);
void record_bytes(struct record_writer *w, const char *name, const void *bytes, size_t len);
void record_num(struct record_writer *w, const char *name, int64_t n);
void record_end(struct record_writer *w);
/* The whole text, which the caller frees; NULL when out of memory. */
char *record_finish(struct record_writer *w, size_t *ret_len);

struct record {
    const char *type;
    size_t count;
    struct {
        const char *name;
        char *value; /* unescaped, NUL-terminated */
        size_t len;
    } field[RECORD_FIELDS_MAX];
};

/* Calls "each" for every record of a text of either kind, in order, until it returns an error. -EINVAL for a text that
 * is none, -ENOMEM. */
int record_parse(const char *text, size_t len, int (*each)(void *arg, const struct record *r), void *arg) MUST_CHECK;

/* A field by name; NULL if there is none. */
const char *record_get(const struct record *r, const char *name, size_t *ret_len);
/* A decimal field; -EINVAL if it is missing or no number. */
int record_get_num(const struct record *r, const char *name, int64_t *ret) MUST_CHECK;

#endif
