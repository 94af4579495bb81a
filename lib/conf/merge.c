/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/str.h"
#include "conf/parse.h"

void conf_value_fini(struct conf_value *v)
{
    size_t i;

    free(v->text);
    for (i = 0; i < v->items.len; i++)
        conf_value_fini(&v->items.at[i]);
    VEC_FINI(&v->items);
    v->text = NULL;
}

static void setting_fini(struct conf_setting *s)
{
    free(s->name);
    conf_value_fini(&s->value);
}

void conf_file_fini(struct conf_file *f)
{
    size_t i;

    for (i = 0; i < f->list.len; i++)
        setting_fini(&f->list.at[i]);
    VEC_FINI(&f->list);
}

struct conf_pos conf_text_pos(const struct conf_value *v)
{
    if (v->is_list || v->is_bare)
        return v->pos;
    return conf_pos_at(v->pos, 1, v->pos.length > 2 ? v->pos.length - 2 : 1);
}

const struct conf_setting *conf_find(const struct conf_file *f, const char *name)
{
    size_t i;

    for (i = 0; i < f->list.len; i++)
        if (!strcmp(f->list.at[i].name, name))
            return &f->list.at[i];
    return NULL;
}

static const char *kind_of(const struct conf_value *v)
{
    if (v->is_list)
        return "a list";
    return v->is_bare ? "a number" : "a string";
}

static int join_lists(struct conf_value *to, struct conf_value *from)
{
    size_t i;

    for (i = 0; i < from->items.len; i++) {
        struct conf_value *slot = VEC_PUSH(&to->items);

        if (!slot)
            return -1;
        *slot = from->items.at[i];
        memset(&from->items.at[i], 0, sizeof from->items.at[i]);
    }
    return 0;
}

static int join_texts(struct conf_value *to, const struct conf_value *from)
{
    char *joined = str_format("%s%s", to->text, from->text);

    if (!joined)
        return -1;
    free(to->text);
    to->text = joined;
    to->is_bare = false;
    to->is_joined = true;
    return 0;
}

static int append(struct conf_setting *to, struct conf_setting *from, struct diags *d)
{
    const struct conf_value *a = &to->value, *b = &from->value;
    int r;

    if (a->is_list != b->is_list) {
        diag_add(d, DIAG_ERROR, DOMO_E_CONFIG_TYPE, b->pos, NULL, "'%s' is %s since line %u: += can't add %s to it",
                 to->name, kind_of(a), to->name_pos.line, kind_of(b));
        return -1;
    }
    r = a->is_list ? join_lists(&to->value, &from->value) : join_texts(&to->value, b);
    if (r)
        d->failed = true;
    return r;
}

/* "later" replaces "earlier". Within one source that is more often a slip than a wish; the command line is there to
 * replace. */
static void replace(struct conf_setting *earlier, struct conf_setting *later, struct diags *d)
{
    struct conf_setting old = *earlier;

    if (old.name_pos.source == later->name_pos.source)
        diag_add(d, DIAG_WARNING, DOMO_E_CONFIG_CONFLICT, later->name_pos, NULL,
                 "'%s' is set again: line %u counts, line %u does not", old.name, later->name_pos.line,
                 old.name_pos.line);
    *earlier = *later;
    *later = old;
}

int conf_merge(struct conf_file *f, struct diags *d)
{
    size_t i, j, n = 0;
    int r = 0;

    for (i = 0; i < f->list.len; i++) {
        struct conf_setting *s = &f->list.at[i];

        for (j = 0; j < n && strcmp(f->list.at[j].name, s->name) != 0; j++)
            ;
        if (j == n) {
            f->list.at[n] = *s;
            if (n++ != i)
                memset(s, 0, sizeof *s);
            continue;
        }
        if (!s->is_append)
            replace(&f->list.at[j], s, d);
        else if (append(&f->list.at[j], s, d))
            r = -1;
        setting_fini(s);
        memset(s, 0, sizeof *s);
    }
    f->list.len = n;
    return r;
}
