/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dev/spec_item.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void set_bounds(const struct spec_text *st, struct spec_item *item, size_t from, size_t len)
{
    const char *eq;

    item->s = st->text + from;
    item->len = len;
    eq = memchr(item->s, '=', len);
    item->key_len = eq ? (size_t)(eq - item->s) : len;
    item->value = eq ? eq + 1 : NULL;
    item->value_len = eq ? len - item->key_len - 1 : 0;
    item->pos = conf_pos_at(st->at, from, len);
    item->value_pos = eq ? conf_pos_at(st->at, from + item->key_len + 1, item->value_len) : item->pos;
}

bool spec_item_next(struct spec_text *st, struct spec_item *ret)
{
    size_t from = st->next + strspn(st->text + st->next, " \t\n");
    size_t len = strcspn(st->text + from, ",");

    if (st->done || (!st->text[from] && !st->next))
        return false;
    set_bounds(st, ret, from, len);
    st->done = !st->text[from + len];
    st->next = from + len + !st->done;
    /* A comma at the very end closes the last item and begins none. */
    if (!st->text[st->next])
        st->done = true;
    return true;
}

void spec_item_swallow(struct spec_text *st, struct spec_item *item)
{
    size_t from = (size_t)(item->s - st->text), key_len = item->key_len, len = strlen(item->s);

    set_bounds(st, item, from, len);
    item->key_len = key_len;
    item->value = item->s + key_len + 1;
    item->value_len = len - key_len - 1;
    st->done = true;
}

bool spec_item_is(const struct spec_item *item, const char *key)
{
    return strlen(key) == item->key_len && !memcmp(item->s, key, item->key_len);
}

int spec_item_bad(const struct spec_text *st, const struct spec_item *item, const char *hint, const char *fmt, ...)
{
    char message[ERR_MSG_MAX];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    diag_add(st->diags, DIAG_ERROR, DOMO_E_CONFIG_VALUE, item->value_pos, hint, "%s", message);
    return -1;
}

int spec_item_store(const struct spec_text *st, const struct spec_item *item, const char *name, char **field)
{
    const char *s = item->value ? item->value : item->s;
    size_t len = item->value ? item->value_len : item->len;
    char *copy;

    if (!len)
        return 0;
    if (*field && strlen(*field) == len && !memcmp(*field, s, len))
        return 0;
    if (*field)
        return spec_item_bad(st, item, NULL, "%s is given twice: '%s' before", name, *field);
    copy = strndup(s, len);
    if (!copy) {
        st->diags->failed = true;
        return -1;
    }
    *field = copy;
    return 0;
}
