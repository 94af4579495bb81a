/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char format_name[] = "domostore";

/* --- writing --- */

void record_writer_init(struct record_writer *w, bool json)
{
    memset(w, 0, sizeof *w);
    w->json = json;
    if (json) {
        w->doc = json_new_object();
        json_set_str(w->doc, "format", format_name);
        json_set_int(w->doc, "version", RECORD_VERSION);
        w->list = json_set_array(w->doc, "records");
    } else {
        str_addf(&w->text, "%s version=%d\n", format_name, RECORD_VERSION);
    }
}

void record_begin(struct record_writer *w, const char *type)
{
    if (w->json) {
        w->now = json_add_object(w->list);
        json_set_str(w->now, "type", type);
    } else {
        str_add(&w->text, type);
    }
}

static void escape(struct str *to, const unsigned char *bytes, size_t len)
{
    size_t i, run;

    for (i = 0; i < len; i += run) {
        for (run = 0; i + run < len && bytes[i + run] > ' ' && bytes[i + run] < 127 && bytes[i + run] != '\\';)
            run++;
        str_addn(to, bytes + i, run);
        if (run == 0) {
            str_addf(to, "\\x%02x", bytes[i]);
            run = 1;
        }
    }
}

void record_bytes(struct record_writer *w, const char *name, const void *bytes, size_t len)
{
    struct str AUTO_STR escaped = STR_INIT;

    if (!w->json) {
        str_addf(&w->text, " %s=", name);
        escape(&w->text, bytes, len);
        return;
    }
    escape(&escaped, bytes, len);
    w->failed |= escaped.failed;
    json_set_str(w->now, name, str_text(&escaped));
}

void record_num(struct record_writer *w, const char *name, int64_t n)
{
    if (w->json)
        json_setf(w->now, name, "%lld", (long long)n);
    else
        str_addf(&w->text, " %s=%lld", name, (long long)n);
}

void record_end(struct record_writer *w)
{
    if (!w->json)
        str_addc(&w->text, '\n');
}

char *record_finish(struct record_writer *w, size_t *ret_len)
{
    char *text;

    record_begin(w, "end");
    record_end(w);
    if (w->json) {
        w->doc = json_done(w->doc);
        text = w->doc && !w->failed ? json_print(w->doc, JSON_PRETTY) : NULL;
        (void)json_free(w->doc);
    } else {
        text = w->failed ? NULL : str_steal(&w->text);
        str_fini(&w->text);
    }
    if (text)
        *ret_len = strlen(text);
    return text;
}

/* --- reading --- */

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place; the result is not longer. */
static int unescape(char *s, size_t len, size_t *ret_len)
{
    size_t i, n = 0;

    for (i = 0; i < len; i++) {
        if (s[i] != '\\') {
            s[n++] = s[i];
            continue;
        }
        if (len - i < 4 || s[i + 1] != 'x' || hex(s[i + 2]) < 0 || hex(s[i + 3]) < 0)
            return -EINVAL;
        s[n++] = (char)(hex(s[i + 2]) << 4 | hex(s[i + 3]));
        i += 3;
    }
    s[n] = '\0';
    *ret_len = n;
    return 0;
}

static int add_field(struct record *r, const char *name, char *value)
{
    if (r->count == RECORD_FIELDS_MAX)
        return -EINVAL;
    r->field[r->count].name = name;
    r->field[r->count].value = value;
    return unescape(value, strlen(value), &r->field[r->count++].len);
}

static int parse_line(char *line, struct record *r)
{
    char *at = line, *next, *eq;
    int rc = 0;

    r->count = 0;
    r->type = line;
    for (at = strchr(line, ' '); at && rc == 0; at = next) {
        *at++ = '\0';
        next = strchr(at, ' ');
        if (next)
            *next = '\0';
        eq = strchr(at, '=');
        if (!eq)
            return -EINVAL;
        *eq = '\0';
        rc = add_field(r, at, eq + 1);
        if (next)
            *next = ' ';
    }
    return rc;
}

static int parse_text(char *text, int (*each)(void *arg, const struct record *r), void *arg)
{
    struct record r;
    char *line = text, *end;
    int64_t version;
    int rc = 0;
    bool first = true;

    for (; *line && rc == 0; line = end + 1) {
        end = strchr(line, '\n');
        if (!end)
            return -EINVAL;
        *end = '\0';
        rc = parse_line(line, &r);
        if (rc == 0 && first) {
            if (strcmp(r.type, format_name) != 0 || record_get_num(&r, "version", &version) < 0 ||
                version != RECORD_VERSION)
                return -EINVAL;
            first = false;
        } else if (rc == 0) {
            rc = each(arg, &r);
        }
    }
    return rc;
}

static int parse_object(const struct json *o, int (*each)(void *arg, const struct record *r), void *arg)
{
    struct record r = {.type = json_get_str(o, "type", "")};
    char *copies[RECORD_FIELDS_MAX];
    size_t i, n = 0;
    int rc = 0;

    for (i = 0; i < json_len(o) && rc == 0; i++) {
        const char *name, *value = json_str(json_at(o, i, &name), NULL);

        if (!value || n == RECORD_FIELDS_MAX) {
            rc = -EINVAL;
            break;
        }
        copies[n] = strdup(value);
        rc = copies[n] ? add_field(&r, name, copies[n]) : -ENOMEM;
        n++;
    }
    if (rc == 0)
        rc = each(arg, &r);
    while (n-- > 0)
        free(copies[n]);
    return rc;
}

static int parse_json(const char *text, size_t len, int (*each)(void *arg, const struct record *r), void *arg)
{
    struct json *AUTO_JSON doc = NULL;
    const struct json *list;
    size_t i;
    int rc = json_parse(text, len, &doc, NULL);

    if (rc < 0)
        return rc == -ENOMEM ? rc : -EINVAL;
    if (!str_eq(json_get_str(doc, "format", ""), format_name) || json_get_int(doc, "version", 0) != RECORD_VERSION)
        return -EINVAL;
    list = json_get(doc, "records");
    for (i = 0; i < json_len(list) && rc == 0; i++)
        rc = parse_object(json_at(list, i, NULL), each, arg);
    return rc;
}

int record_parse(const char *text, size_t len, int (*each)(void *arg, const struct record *r), void *arg)
{
    char *AUTO_FREE copy = NULL;

    if (len > 0 && text[0] == '{')
        return parse_json(text, len, each, arg);
    copy = malloc(len + 1);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return parse_text(copy, each, arg);
}

const char *record_get(const struct record *r, const char *name, size_t *ret_len)
{
    size_t i;

    for (i = 0; i < r->count; i++) {
        if (strcmp(r->field[i].name, name) != 0)
            continue;
        if (ret_len)
            *ret_len = r->field[i].len;
        return r->field[i].value;
    }
    return NULL;
}

int record_get_num(const struct record *r, const char *name, int64_t *ret)
{
    const char *text = record_get(r, name, NULL);
    char *end;
    long long n;

    if (!text || !*text)
        return -EINVAL;
    errno = 0;
    n = strtoll(text, &end, 10);
    if (errno || *end)
        return -EINVAL;
    *ret = n;
    return 0;
}
