/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * metrics: what monitoring asks for, in the text format of Prometheus.
 */
#include <stdio.h>
#include <stdlib.h>

#include "groups.h"
#include "out.h"
#include "text.h"

static const struct opt no_opts[] = {OPT_END};

static const char *str(const struct domo_value *row, const char *key)
{
    return domo_value_str(domo_value_get(row, key), "");
}

/* Backslash, quote and newline are the format's own. */
static void put_label_text(const char *text)
{
    for (; *text; text++)
        if (*text == '\n')
            (void)fputs("\\n", stdout);
        else if (*text == '"' || *text == '\\')
            (void)printf("\\%c", *text);
        else
            (void)putchar(*text);
}

static void put_labels(const struct domo_value *labels)
{
    size_t n = domo_value_len(labels);

    for (size_t i = 0; i < n; i++) {
        const char *name = NULL;
        const struct domo_value *v = domo_value_at(labels, i, &name);

        (void)printf("%c%s=\"", i ? ',' : '{', name);
        put_label_text(domo_value_str(v, ""));
        (void)putchar('"');
    }
    if (n)
        (void)putchar('}');
}

static void put_family(const struct domo_value *family)
{
    const struct domo_value *samples = domo_value_get(family, "samples");

    if (!domo_value_len(samples))
        return;
    (void)printf("# HELP %s %s\n", str(family, "name"), str(family, "help"));
    (void)printf("# TYPE %s %s\n", str(family, "name"), str(family, "type"));
    for (size_t i = 0; i < domo_value_len(samples); i++) {
        const struct domo_value *one = domo_value_at(samples, i, NULL);
        AUTO_FREE char *value = text_need(domo_value_print(domo_value_get(one, "value"), false));

        (void)fputs(str(family, "name"), stdout);
        put_labels(domo_value_get(one, "labels"));
        (void)printf(" %s\n", value);
    }
}

static int metrics(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *families = NULL;

    (void)inv;
    if (!ctx || domo_metrics(ctx, &families, err))
        return -1;
    if (cli->g.json) {
        out_json(families);
        return 0;
    }
    for (size_t i = 0; i < domo_value_len(families); i++)
        put_family(domo_value_at(families, i, NULL));
    return 0;
}

const struct cmd metrics_cmds[] = {
    {
        .name = "metrics",
        .args = "",
        .summary = "Figures for monitoring, in the text format of Prometheus",
        .about = "About the host, its cpu pools, all domains, their devices, and XenStore. Meant for the node\n"
                 "exporter's textfile collector, or anything else that serves a text.",
        .opts = no_opts,
        .flags = CMD_JSON,
        .words = {WORD_NONE},
        .run = metrics,
    },
    {.name = NULL},
};
