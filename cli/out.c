/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

void out_json(const struct domo_value *v)
{
    AUTO_FREE char *text = text_need(domo_value_print(v, true));

    (void)puts(text);
}

/* An element one level deeper than it was printed. */
static void put_indented(const char *text)
{
    for (; *text; text++) {
        (void)putchar(*text);
        if (*text == '\n')
            (void)fputs("    ", stdout);
    }
}

void out_array_add(struct out_array *a, const struct domo_value *v)
{
    AUTO_FREE char *text = text_need(domo_value_print(v, true));

    (void)fputs(a->begun ? ",\n    " : "[\n    ", stdout);
    put_indented(text);
    a->begun = true;
}

void out_array_end(struct out_array *a)
{
    (void)puts(a->begun ? "\n]" : "[]");
}

char *out_text(const struct domo_value *v)
{
    switch (domo_value_type(v)) {
    case DOMO_TYPE_NULL:
        return text_fmt("-");
    case DOMO_TYPE_BOOL:
        return text_fmt("%s", domo_value_bool(v, false) ? "yes" : "no");
    case DOMO_TYPE_STRING:
        return text_fmt("%s", domo_value_str(v, ""));
    case DOMO_TYPE_INT:
    case DOMO_TYPE_UINT:
    case DOMO_TYPE_DOUBLE:
    case DOMO_TYPE_ARRAY:
    case DOMO_TYPE_OBJECT:
        break;
    }
    return text_need(domo_value_print(v, false));
}

/* What a guest or a script wrote may hold control characters: they must not reach a terminal. */
static void put_safe(const char *text, const char *after_newline)
{
    for (const char *p = text; *p; p++) {
        if (*p == '\n' && !p[1])
            break;
        if (*p == '\n')
            (void)fprintf(stderr, "\n%s", after_newline);
        else if ((unsigned char)*p < 0x20 || *p == 0x7f)
            (void)fprintf(stderr, "\\x%02x", (unsigned char)*p);
        else
            (void)fputc(*p, stderr);
    }
}

/* "create 'web': attach disk xvda: " */
static void put_context(const struct domo_value *context)
{
    for (size_t i = 0; i < domo_value_len(context); i++) {
        put_safe(domo_value_str(domo_value_at(context, i, NULL), ""), "");
        (void)fputs(": ", stderr);
    }
}

static void put_observed(const struct domo_value *observed)
{
    for (size_t i = 0; i < domo_value_len(observed); i++) {
        const char *name = "";
        const struct domo_value *fact = domo_value_at(observed, i, &name);
        AUTO_FREE char *text = out_text(fact);

        (void)fprintf(stderr, "observed: %s: ", name);
        /* A fact of several lines (a script's last words) stays one block. */
        put_safe(text, "          ");
        (void)fputc('\n', stderr);
    }
}

static void error_as_text(const struct domo_err *err, const struct domo_value *value)
{
    (void)fputs("error: ", stderr);
    put_context(domo_value_get(value, "context"));
    put_safe(domo_err_message(err), "    ");
    (void)fputc('\n', stderr);
    put_observed(domo_value_get(value, "observed"));
    if (domo_err_hint(err)[0])
        (void)fprintf(stderr, "hint: %s\n", domo_err_hint(err));
}

static void error_as_json(struct cli *cli, struct domo_value *value)
{
    AUTO_VALUE struct domo_value *document = text_need(domo_value_object());

    domo_value_set(document, "error", value);
    if (cli->findings)
        domo_value_set(document, "config", cli->findings);
    cli->findings = NULL;
    out_json(document);
}

int out_error(struct cli *cli, const struct domo_err *err)
{
    struct domo_value *value = text_need(domo_err_value(err));

    cli_end_progress(cli);
    (void)fflush(stdout);
    if (cli->g.json) {
        error_as_json(cli, value);
        return domo_err_status(err);
    }
    if (!cli->told)
        error_as_text(err, value);
    domo_value_free(value);
    return domo_err_status(err);
}

void out_timing(const struct cli *cli, const struct domo_value *result)
{
    const struct domo_value *rows = domo_value_get(result, "timing");
    int64_t total = 0;

    if (cli->g.json || !rows)
        return;
    for (size_t i = 0; i < domo_value_len(rows); i++) {
        const struct domo_value *row = domo_value_at(rows, i, NULL);
        int64_t us = domo_value_int(domo_value_get(row, "us"), 0);

        total += us;
        (void)fprintf(stderr, "%-20s %9.1f ms %5lld store requests\n", domo_value_str(domo_value_get(row, "step"), "?"),
                      (double)us / 1000, (long long)domo_value_int(domo_value_get(row, "store_requests"), 0));
    }
    (void)fprintf(stderr, "%-20s %9.1f ms\n", "total", (double)total / 1000);
}
