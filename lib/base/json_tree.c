/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The tree: building, walking, comparing. Text is json.c's.
 */
#include "base/json_tree.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json *new_value(enum json_type type)
{
    struct json *j = calloc(1, sizeof *j);

    if (j)
        j->type = type;
    return j;
}

struct json *json_new_null(void)
{
    return new_value(JSON_NULL);
}

struct json *json_new_bool(bool b)
{
    struct json *j = new_value(JSON_BOOL);

    if (j)
        j->b = b;
    return j;
}

struct json *json_new_int(int64_t i)
{
    struct json *j = new_value(JSON_INT);

    if (j)
        j->i = i;
    return j;
}

struct json *json_new_uint(uint64_t u)
{
    struct json *j;

    /* One spelling per number: whatever fits an int64 is one. */
    if (u <= INT64_MAX)
        return json_new_int((int64_t)u);
    j = new_value(JSON_UINT);
    if (j)
        j->u = u;
    return j;
}

struct json *json_new_double(double d)
{
    struct json *j = new_value(JSON_DOUBLE);

    if (j)
        j->d = d;
    return j;
}

struct json *json_new_strn(const char *s, size_t n)
{
    struct json *j = new_value(JSON_STRING);

    if (!j)
        return NULL;
    j->s.text = malloc(n + 1);
    if (!j->s.text) {
        free(j);
        return NULL;
    }
    if (n)
        memcpy(j->s.text, s, n);
    j->s.text[n] = '\0';
    j->s.len = n;
    return j;
}

struct json *json_new_str(const char *s)
{
    return s ? json_new_strn(s, strlen(s)) : json_new_null();
}

struct json *json_new_array(void)
{
    return new_value(JSON_ARRAY);
}

struct json *json_new_object(void)
{
    return new_value(JSON_OBJECT);
}

static bool is_list(const struct json *j)
{
    return j && (j->type == JSON_ARRAY || j->type == JSON_OBJECT);
}

struct json *json_free(struct json *j)
{
    size_t i;

    if (!j)
        return NULL;
    if (j->type == JSON_STRING)
        free(j->s.text);
    if (is_list(j)) {
        for (i = 0; i < j->list.len; i++) {
            free(j->list.at[i].name);
            (void)json_free(j->list.at[i].value);
        }
        free(j->list.at);
    }
    free(j);
    return NULL;
}

static bool tree_broken(const struct json *j)
{
    size_t i;

    if (j->broken)
        return true;
    for (i = 0; is_list(j) && i < j->list.len; i++)
        /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): append() sets each element below len */
        if (tree_broken(j->list.at[i].value))
            return true;
    return false;
}

struct json *json_done(struct json *j)
{
    if (j && tree_broken(j))
        return json_free(j);
    return j;
}

static bool grow(struct json *j)
{
    size_t cap = j->list.cap ? j->list.cap * 2 : 8;
    struct member *at;

    if (j->list.len < j->list.cap)
        return true;
    at = realloc(j->list.at, cap * sizeof *at);
    if (!at)
        return false;
    j->list.at = at;
    j->list.cap = cap;
    return true;
}

static struct member *find(const struct json *obj, const char *name)
{
    size_t i;

    if (!obj || obj->type != JSON_OBJECT)
        return NULL;
    for (i = 0; i < obj->list.len; i++)
        if (strcmp(obj->list.at[i].name, name) == 0)
            return &obj->list.at[i];
    return NULL;
}

static void append(struct json *j, char *name, struct json *v)
{
    if (!v || (j->type == JSON_OBJECT && !name) || !grow(j)) {
        j->broken = true;
        free(name);
        (void)json_free(v);
        return;
    }
    j->list.at[j->list.len++] = (struct member){.name = name, .value = v};
}

void json_set(struct json *obj, const char *name, struct json *v)
{
    struct member *m = find(obj, name);

    if (!obj || obj->type != JSON_OBJECT) {
        (void)json_free(v);
        return;
    }
    if (!m) {
        append(obj, strdup(name), v);
    } else if (v) {
        (void)json_free(m->value);
        m->value = v;
    } else {
        obj->broken = true;
    }
}

void json_add(struct json *array, struct json *v)
{
    if (array && array->type == JSON_ARRAY)
        append(array, NULL, v);
    else
        (void)json_free(v);
}

void json_set_str(struct json *obj, const char *name, const char *s)
{
    json_set(obj, name, json_new_str(s));
}

void json_setf(struct json *obj, const char *name, const char *fmt, ...)
{
    struct json *v = NULL;
    char *text = NULL;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n >= 0) {
        v = json_new_strn(text, (size_t)n);
        free(text);
    }
    json_set(obj, name, v);
}

void json_set_int(struct json *obj, const char *name, int64_t i)
{
    json_set(obj, name, json_new_int(i));
}

void json_set_uint(struct json *obj, const char *name, uint64_t u)
{
    json_set(obj, name, json_new_uint(u));
}

void json_set_double(struct json *obj, const char *name, double d)
{
    json_set(obj, name, json_new_double(d));
}

void json_set_bool(struct json *obj, const char *name, bool b)
{
    json_set(obj, name, json_new_bool(b));
}

static struct json *set_list(struct json *obj, const char *name, struct json *v)
{
    struct member *m;

    json_set(obj, name, v);
    m = find(obj, name);
    return m && m->value == v ? v : NULL;
}

struct json *json_set_object(struct json *obj, const char *name)
{
    return set_list(obj, name, json_new_object());
}

struct json *json_set_array(struct json *obj, const char *name)
{
    return set_list(obj, name, json_new_array());
}

void json_add_str(struct json *array, const char *s)
{
    json_add(array, json_new_str(s));
}

struct json *json_add_object(struct json *array)
{
    size_t before = json_len(array);

    json_add(array, json_new_object());
    return json_len(array) > before ? array->list.at[before].value : NULL;
}

struct json *json_steal(struct json *obj, const char *name)
{
    struct member *m = find(obj, name);
    struct json *v;

    if (!m)
        return NULL;
    v = m->value;
    free(m->name);
    memmove(m, m + 1, (size_t)(obj->list.at + obj->list.len - (m + 1)) * sizeof *m);
    obj->list.len--;
    return v;
}

void json_remove_at(struct json *array, size_t i)
{
    if (!array || array->type != JSON_ARRAY || i >= array->list.len)
        return;
    (void)json_free(array->list.at[i].value);
    memmove(&array->list.at[i], &array->list.at[i + 1], (array->list.len - i - 1) * sizeof array->list.at[0]);
    array->list.len--;
}

enum json_type json_type(const struct json *j)
{
    return j ? j->type : JSON_NULL;
}

bool json_is_object(const struct json *j)
{
    return json_type(j) == JSON_OBJECT;
}

bool json_is_array(const struct json *j)
{
    return json_type(j) == JSON_ARRAY;
}

size_t json_len(const struct json *j)
{
    return is_list(j) ? j->list.len : 0;
}

struct json *json_at(const struct json *j, size_t i, const char **ret_name)
{
    if (i >= json_len(j))
        return NULL;
    if (ret_name)
        *ret_name = j->list.at[i].name;
    return j->list.at[i].value;
}

struct json *json_get(const struct json *j, const char *name)
{
    const struct member *m = find(j, name);

    return m ? m->value : NULL;
}

struct json *json_make_parent(struct json *root, const char *path, const char **ret_last)
{
    const char *dot;
    char name[64];

    while ((dot = strchr(path, '.'))) {
        struct json *next;

        (void)snprintf(name, sizeof name, "%.*s", (int)(dot - path), path);
        next = json_get(root, name);
        root = next ? next : json_set_object(root, name);
        path = dot + 1;
    }
    *ret_last = path;
    return root;
}

struct json *json_path(const struct json *j, const char *path)
{
    struct json *v = NULL;
    char name[128];

    while (j) {
        size_t n = strcspn(path, ".");

        if (n >= sizeof name)
            return NULL;
        memcpy(name, path, n);
        name[n] = '\0';
        v = json_get(j, name);
        if (!path[n])
            return v;
        path += n + 1;
        j = v;
    }
    return NULL;
}

const char *json_str(const struct json *j, const char *fallback)
{
    return json_type(j) == JSON_STRING ? j->s.text : fallback;
}

int64_t json_int(const struct json *j, int64_t fallback)
{
    return json_type(j) == JSON_INT ? j->i : fallback;
}

uint64_t json_uint(const struct json *j, uint64_t fallback)
{
    if (json_type(j) == JSON_UINT)
        return j->u;
    return json_type(j) == JSON_INT && j->i >= 0 ? (uint64_t)j->i : fallback;
}

double json_double(const struct json *j, double fallback)
{
    if (json_type(j) == JSON_DOUBLE)
        return j->d;
    return json_type(j) == JSON_INT ? (double)j->i : fallback;
}

bool json_bool(const struct json *j, bool fallback)
{
    return json_type(j) == JSON_BOOL ? j->b : fallback;
}

const char *json_get_str(const struct json *obj, const char *name, const char *fallback)
{
    return json_str(json_get(obj, name), fallback);
}

int64_t json_get_int(const struct json *obj, const char *name, int64_t fallback)
{
    return json_int(json_get(obj, name), fallback);
}

bool json_get_bool(const struct json *obj, const char *name, bool fallback)
{
    return json_bool(json_get(obj, name), fallback);
}

struct json *json_copy(const struct json *j)
{
    struct json *c = new_value(json_type(j));
    size_t i;

    if (!c || !j)
        return c;
    if (j->type == JSON_STRING) {
        free(c);
        return json_new_strn(j->s.text, j->s.len);
    }
    if (!is_list(j)) {
        *c = *j;
        return c;
    }
    for (i = 0; i < j->list.len; i++) {
        const struct member *m = &j->list.at[i];

        append(c, m->name ? strdup(m->name) : NULL, json_copy(m->value));
    }
    return json_done(c);
}

static bool lists_equal(const struct json *a, const struct json *b)
{
    size_t i;

    if (a->list.len != b->list.len)
        return false;
    for (i = 0; i < a->list.len; i++) {
        const struct json *other = a->type == JSON_OBJECT ? json_get(b, a->list.at[i].name) : json_at(b, i, NULL);

        if (!other || !json_equal(a->list.at[i].value, other))
            return false;
    }
    return true;
}

bool json_equal(const struct json *a, const struct json *b)
{
    if (json_type(a) != json_type(b))
        return false;
    switch (json_type(a)) {
    case JSON_NULL:
        return true;
    case JSON_BOOL:
        return a->b == b->b;
    case JSON_INT:
        return a->i == b->i;
    case JSON_UINT:
        return a->u == b->u;
    case JSON_DOUBLE:
        return !(a->d < b->d) && !(a->d > b->d);
    case JSON_STRING:
        return a->s.len == b->s.len && memcmp(a->s.text, b->s.text, a->s.len) == 0;
    case JSON_ARRAY:
    case JSON_OBJECT:
        return lists_equal(a, b);
    }
    return false;
}
