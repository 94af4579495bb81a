/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The comma-separated items of a device spec, each with its place: "key=value"
 * or a single word. Blanks in front of an item do not count.
 */
#ifndef DOMO_DEV_SPEC_ITEM_H
#define DOMO_DEV_SPEC_ITEM_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/diag.h"

struct spec_item {
    const char *s;     /* the item in the spec, not terminated */
    size_t len;        /* without the comma */
    size_t key_len;    /* bytes before '=', or all of them when there is none */
    const char *value; /* behind '=', NULL when there is none */
    size_t value_len;
    struct conf_pos pos;       /* the whole item */
    struct conf_pos value_pos; /* the value, or the item when there is none */
};

/* The spec that is being taken apart. */
struct spec_text {
    const char *text;
    struct conf_pos at; /* of text[0] */
    struct diags *diags;
    size_t next; /* offset of the next item */
    bool done;
};

/* The next item; false at the end. An empty text has none. */
bool spec_item_next(struct spec_text *, struct spec_item *ret);

/* Makes the item take the whole rest of the text (target=). */
void spec_item_swallow(struct spec_text *, struct spec_item *);

/* Is the item's key this word? */
bool spec_item_is(const struct spec_item *, const char *key);

/* Copies the item's value (the item itself when it has none) to *field. An empty value changes nothing; another
 * value than the one that is there is an error. 0 or -1 with a finding. */
int spec_item_store(const struct spec_text *, const struct spec_item *, const char *name, char **field);

/* Adds an error about the item's value; returns -1. */
int spec_item_bad(const struct spec_text *, const struct spec_item *, const char *hint, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

#endif
