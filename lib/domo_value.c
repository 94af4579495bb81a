/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Results as trees: what the public header calls values.
 */
#include "domo_ctx.h"

static const struct json *to_json(const struct domo_value *v)
{
    return (const struct json *)v;
}

static struct json *to_json_mut(struct domo_value *v)
{
    return (struct json *)v;
}

void domo_value_free(struct domo_value *v)
{
    (void)json_free(to_json_mut(v));
}

enum domo_type domo_value_type(const struct domo_value *v)
{
    static const enum domo_type types[] = {
        [JSON_NULL] = DOMO_TYPE_NULL,   [JSON_BOOL] = DOMO_TYPE_BOOL,     [JSON_INT] = DOMO_TYPE_INT,
        [JSON_UINT] = DOMO_TYPE_UINT,   [JSON_DOUBLE] = DOMO_TYPE_DOUBLE, [JSON_STRING] = DOMO_TYPE_STRING,
        [JSON_ARRAY] = DOMO_TYPE_ARRAY, [JSON_OBJECT] = DOMO_TYPE_OBJECT,
    };

    return types[json_type(to_json(v))];
}

size_t domo_value_len(const struct domo_value *v)
{
    return json_len(to_json(v));
}

const struct domo_value *domo_value_at(const struct domo_value *v, size_t i, const char **ret_name)
{
    return to_value(json_at(to_json(v), i, ret_name));
}

const struct domo_value *domo_value_get(const struct domo_value *v, const char *path)
{
    return to_value(json_path(to_json(v), path));
}

const char *domo_value_str(const struct domo_value *v, const char *fallback)
{
    return json_str(to_json(v), fallback);
}

int64_t domo_value_int(const struct domo_value *v, int64_t fallback)
{
    return json_int(to_json(v), fallback);
}

double domo_value_double(const struct domo_value *v, double fallback)
{
    return json_double(to_json(v), fallback);
}

bool domo_value_bool(const struct domo_value *v, bool fallback)
{
    return json_bool(to_json(v), fallback);
}

char *domo_value_print(const struct domo_value *v, bool pretty)
{
    return json_print(to_json(v), pretty ? JSON_PRETTY : JSON_COMPACT);
}

struct domo_value *domo_value_object(void)
{
    return to_value(json_new_object());
}

void domo_value_set_str(struct domo_value *object, const char *name, const char *text)
{
    json_set_str(to_json_mut(object), name, text);
}

void domo_value_set_int(struct domo_value *object, const char *name, int64_t i)
{
    json_set_int(to_json_mut(object), name, i);
}

void domo_value_set_bool(struct domo_value *object, const char *name, bool b)
{
    json_set_bool(to_json_mut(object), name, b);
}

void domo_value_set(struct domo_value *object, const char *name, struct domo_value *v)
{
    json_set(to_json_mut(object), name, to_json_mut(v));
}
