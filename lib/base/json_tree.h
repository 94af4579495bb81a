/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a JSON value is inside: shared by the tree and its text form, for
 * nobody else.
 */
#ifndef DOMO_BASE_JSON_TREE_H
#define DOMO_BASE_JSON_TREE_H

#include "base/json.h"

struct member {
    char *name; /* NULL in arrays */
    struct json *value;
};

struct json {
    enum json_type type;
    bool broken; /* something below could not be allocated */
    union {
        bool b;
        int64_t i;
        uint64_t u;
        double d;
        struct {
            char *text;
            size_t len;
        } s;
        struct {
            struct member *at;
            size_t len, cap;
        } list; /* arrays and objects */
    };
};

#endif
