/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * JSON values: a tree to build, walk, print and parse. The only file behind
 * it that sees yajl is json.c. Query results of the library are such trees:
 * the command line prints them as JSON or picks columns from them.
 *
 * Building never fails in the middle: a value that could not be allocated
 * marks its parent as broken, and json_done() on the root then frees the tree
 * and returns NULL. So a builder checks once.
 * Objects keep the order in which members were set; setting a name again
 * replaces its value. One owner: a value belongs to its parent.
 */
#ifndef DOMO_BASE_JSON_H
#define DOMO_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_INT, JSON_UINT, JSON_DOUBLE, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

enum json_style {
    JSON_COMPACT, /* one line, for streams */
    JSON_PRETTY,  /* four blanks of indent, as libxl's files */
};

enum { JSON_DEPTH_MAX = 64, JSON_TEXT_MAX = 64 << 20 };

struct json;

struct json *json_new_null(void);
struct json *json_new_bool(bool b);
struct json *json_new_int(int64_t i);
struct json *json_new_uint(uint64_t u);
struct json *json_new_double(double d);
struct json *json_new_str(const char *s); /* NULL gives null */
struct json *json_new_strn(const char *s, size_t n);
struct json *json_new_array(void);
struct json *json_new_object(void);

/* Frees a tree; NULL is fine. Returns NULL. */
struct json *json_free(struct json *j);
/* A deep copy, NULL when out of memory. */
struct json *json_copy(const struct json *j);

/* Root finished: returns "j", or frees it and returns NULL if anything below could not be allocated. */
struct json *json_done(struct json *j) MUST_CHECK;

/* Sets a member of an object / appends to an array. Takes "v" over, also on failure. "obj" may be NULL. */
void json_set(struct json *obj, const char *name, struct json *v);
void json_set_str(struct json *obj, const char *name, const char *s);
void json_setf(struct json *obj, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
void json_set_int(struct json *obj, const char *name, int64_t i);
void json_set_uint(struct json *obj, const char *name, uint64_t u);
void json_set_double(struct json *obj, const char *name, double d);
void json_set_bool(struct json *obj, const char *name, bool b);
struct json *json_set_object(struct json *obj, const char *name); /* returns the new member, NULL if out of memory */
struct json *json_set_array(struct json *obj, const char *name);
void json_add(struct json *array, struct json *v);
void json_add_str(struct json *array, const char *s);
struct json *json_add_object(struct json *array);

/* Removes a member and gives it to the caller; NULL if it is not there. */
struct json *json_steal(struct json *obj, const char *name);
/* Removes element "i" of an array (frees it); nothing if out of range. */
void json_remove_at(struct json *array, size_t i);

enum json_type json_type(const struct json *j); /* NULL pointer: JSON_NULL */
bool json_is_object(const struct json *j);
bool json_is_array(const struct json *j);
size_t json_len(const struct json *j); /* elements or members */
/* Element "i"; for objects its value, with *ret_name its name if wanted. NULL if out of range. */
struct json *json_at(const struct json *j, size_t i, const char **ret_name);
/* Member by name, NULL if "j" is no object or has none. */
struct json *json_get(const struct json *j, const char *name);
/* Member along a path of names "a.b.c". */
struct json *json_path(const struct json *j, const char *path);
/* The object that holds the last name of a path "a.b.c", made where it is missing. *ret_last: that name. */
struct json *json_make_parent(struct json *root, const char *path, const char **ret_last);

/* Values with a fallback when missing or of another type. */
const char *json_str(const struct json *j, const char *fallback);
int64_t json_int(const struct json *j, int64_t fallback);
uint64_t json_uint(const struct json *j, uint64_t fallback);
double json_double(const struct json *j, double fallback);
bool json_bool(const struct json *j, bool fallback);
const char *json_get_str(const struct json *obj, const char *name, const char *fallback);
int64_t json_get_int(const struct json *obj, const char *name, int64_t fallback);
bool json_get_bool(const struct json *obj, const char *name, bool fallback);

bool json_equal(const struct json *a, const struct json *b); /* member order does not count */

/* Text of a tree, without a final newline; caller frees. NULL when out of memory. */
char *json_print(const struct json *j, enum json_style style);

/* Parses exactly one value. 0, -EINVAL (*ret_why names line and cause; caller frees it; may be NULL), -ENOMEM,
 * -E2BIG (too deep or too long). */
int json_parse(const char *text, size_t len, struct json **ret, char **ret_why) MUST_CHECK;

static inline void cleanup_json_(struct json **j)
{
    (void)json_free(*j);
}
#define AUTO_JSON CLEANUP(cleanup_json_)

#endif
