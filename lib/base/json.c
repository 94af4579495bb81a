/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * JSON text, in and out: the only file that includes yajl.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>
#include <yajl/yajl_parse.h>

#include "base/json_tree.h"

/* ---- printing ---- */

static bool gen_value(yajl_gen g, const struct json *j);

static bool gen_number(yajl_gen g, const struct json *j)
{
    char text[40];
    int n;

    if (j->type == JSON_INT)
        n = snprintf(text, sizeof text, "%lld", (long long)j->i);
    else if (j->type == JSON_UINT)
        n = snprintf(text, sizeof text, "%llu", (unsigned long long)j->u);
    else
        n = snprintf(text, sizeof text, "%.17g", j->d);
    return yajl_gen_number(g, text, (size_t)n) == yajl_gen_status_ok;
}

static bool gen_list(yajl_gen g, const struct json *j)
{
    bool is_object = j->type == JSON_OBJECT;
    size_t i;

    if ((is_object ? yajl_gen_map_open(g) : yajl_gen_array_open(g)) != yajl_gen_status_ok)
        return false;
    for (i = 0; i < j->list.len; i++) {
        const struct member *m = &j->list.at[i];

        if (is_object && yajl_gen_string(g, (const unsigned char *)m->name, strlen(m->name)) != yajl_gen_status_ok)
            return false;
        if (!gen_value(g, m->value))
            return false;
    }
    return (is_object ? yajl_gen_map_close(g) : yajl_gen_array_close(g)) == yajl_gen_status_ok;
}

static bool gen_value(yajl_gen g, const struct json *j)
{
    switch (json_type(j)) {
    case JSON_NULL:
        return yajl_gen_null(g) == yajl_gen_status_ok;
    case JSON_BOOL:
        return yajl_gen_bool(g, j->b) == yajl_gen_status_ok;
    case JSON_INT:
    case JSON_UINT:
    case JSON_DOUBLE:
        return gen_number(g, j);
    case JSON_STRING:
        return yajl_gen_string(g, (const unsigned char *)j->s.text, j->s.len) == yajl_gen_status_ok;
    case JSON_ARRAY:
    case JSON_OBJECT:
        return gen_list(g, j);
    }
    return false;
}

char *json_print(const struct json *j, enum json_style style)
{
    yajl_gen g = yajl_gen_alloc(NULL);
    const unsigned char *text;
    char *copy = NULL;
    size_t len;

    if (!g)
        return NULL;
    if (style == JSON_PRETTY) {
        (void)yajl_gen_config(g, yajl_gen_beautify, 1);
        (void)yajl_gen_config(g, yajl_gen_indent_string, "    ");
    }
    if (gen_value(g, j) && yajl_gen_get_buf(g, &text, &len) == yajl_gen_status_ok) {
        /* yajl ends a beautified root with a newline; callers decide that themselves. */
        while (len && text[len - 1] == '\n')
            len--;
        copy = malloc(len + 1);
        if (copy) {
            memcpy(copy, text, len);
            copy[len] = '\0';
        }
    }
    yajl_gen_free(g);
    return copy;
}

/* ---- parsing ---- */

struct parser {
    struct json *root, *stack[JSON_DEPTH_MAX];
    size_t depth;
    char *key; /* the name that waits for its value */
    int fail;  /* negative errno */
};

static int place(struct parser *p, struct json *v)
{
    struct json *top = p->depth ? p->stack[p->depth - 1] : NULL;

    if (!v) {
        p->fail = -ENOMEM;
        return 0;
    }
    if (!top)
        p->root = v;
    else if (top->type == JSON_OBJECT)
        json_set(top, p->key, v);
    else
        json_add(top, v);
    free(p->key);
    p->key = NULL;
    if (top && top->broken)
        p->fail = -ENOMEM;
    return p->fail == 0;
}

static int open_list(struct parser *p, struct json *v)
{
    if (p->depth == JSON_DEPTH_MAX) {
        (void)json_free(v);
        p->fail = -E2BIG;
        return 0;
    }
    if (!place(p, v))
        return 0;
    p->stack[p->depth++] = v;
    return 1;
}

static int on_null(void *p)
{
    return place(p, json_new_null());
}

static int on_bool(void *p, int b)
{
    return place(p, json_new_bool(b != 0));
}

static struct json *number_from(const char *text)
{
    char *end;
    long long i;
    unsigned long long u;

    if (!strpbrk(text, ".eE")) {
        errno = 0;
        i = strtoll(text, &end, 10);
        if (errno == 0)
            return json_new_int(i);
        errno = 0;
        u = strtoull(text, &end, 10);
        if (errno == 0 && text[0] != '-')
            return json_new_uint(u);
    }
    return json_new_double(strtod(text, NULL));
}

static int on_number(void *p, const char *s, size_t n)
{
    char text[64];

    if (n >= sizeof text) {
        ((struct parser *)p)->fail = -EINVAL;
        return 0;
    }
    memcpy(text, s, n);
    text[n] = '\0';
    return place(p, number_from(text));
}

static int on_string(void *p, const unsigned char *s, size_t n)
{
    return place(p, json_new_strn((const char *)s, n));
}

static int on_key(void *arg, const unsigned char *s, size_t n)
{
    struct parser *p = arg;

    p->key = strndup((const char *)s, n);
    if (!p->key)
        p->fail = -ENOMEM;
    return p->key != NULL;
}

static int on_map(void *p)
{
    return open_list(p, json_new_object());
}

static int on_array(void *p)
{
    return open_list(p, json_new_array());
}

static int on_close(void *p)
{
    ((struct parser *)p)->depth--;
    return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_bool,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_map,
    .yajl_map_key = on_key,
    .yajl_end_map = on_close,
    .yajl_start_array = on_array,
    .yajl_end_array = on_close,
};

static char *why(yajl_handle h, const char *text, size_t len)
{
    unsigned char *m = yajl_get_error(h, 0, (const unsigned char *)text, len);
    size_t at = yajl_get_bytes_consumed(h), line = 1, i;
    char *w = NULL;

    for (i = 0; i < at && i < len; i++)
        line += text[i] == '\n';
    if (m) {
        m[strcspn((char *)m, "\n")] = '\0';
        if (asprintf(&w, "line %zu: %s", line, (char *)m) < 0)
            w = NULL;
        yajl_free_error(h, m);
    }
    return w;
}

int json_parse(const char *text, size_t len, struct json **ret, char **ret_why)
{
    struct parser p = {.fail = 0};
    yajl_handle h;
    yajl_status s;

    if (len > JSON_TEXT_MAX)
        return -E2BIG;
    h = yajl_alloc(&callbacks, NULL, &p);
    if (!h)
        return -ENOMEM;
    s = yajl_parse(h, (const unsigned char *)text, len);
    if (s == yajl_status_ok)
        s = yajl_complete_parse(h);
    if (s != yajl_status_ok) {
        if (!p.fail)
            p.fail = -EINVAL;
        if (ret_why && p.fail == -EINVAL)
            *ret_why = why(h, text, len);
    } else if (!p.root) {
        p.fail = -EINVAL;
        if (ret_why)
            *ret_why = strdup("no value");
    }
    yajl_free(h);
    free(p.key);
    if (p.fail) {
        (void)json_free(p.root);
        return p.fail;
    }
    *ret = p.root;
    return 0;
}
