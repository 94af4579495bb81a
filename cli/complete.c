/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * For the shells: live names (__complete), and the files that are made from
 * the tables (__generate).
 */
#include <stdio.h>
#include <string.h>

#include "generate.h"
#include "groups.h"
#include "out.h"
#include "text.h"

static const struct opt no_opts[] = {OPT_END};

/* The given member of each row, a line each. */
static void put_members(const struct domo_value *rows, const char *key, const char *after)
{
    for (size_t i = 0; i < domo_value_len(rows); i++) {
        const struct domo_value *v = domo_value_get(domo_value_at(rows, i, NULL), key);
        AUTO_FREE char *text = out_text(v);

        /* Nothing, and the name of a domain without one, can't be typed. */
        if (domo_value_type(v) != DOMO_TYPE_NULL && strcmp(text, "(null)") != 0)
            (void)printf("%s%s\n", text, after);
    }
}

static int complete_domains(struct cli *cli, struct domo_err *err)
{
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *rows = NULL;

    if (!ctx || domo_list(ctx, NULL, &rows, err) < 0)
        return -1;
    put_members(rows, "name", "");
    return 0;
}

static int complete_devices(struct cli *cli, const char *domain, const char *kind, const char *key,
                            struct domo_err *err)
{
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *rows = NULL;
    uint32_t domid;

    if (!ctx || domo_resolve(ctx, domain, &domid, err) < 0 || domo_devices(ctx, domid, kind, &rows, err) < 0)
        return -1;
    put_members(rows, key, "");
    return 0;
}

static const char *path_of(const struct domo_value *rows, size_t i)
{
    return domo_value_str(domo_value_get(domo_value_at(rows, i, NULL), "path"), "");
}

/* A slash after the only node that a word can mean, if there is more below it. */
static const char *slash_after(struct domo_ctx *ctx, const char *path, struct domo_err *err)
{
    AUTO_VALUE struct domo_value *below = NULL;

    return domo_store_walk(ctx, path, DOMO_STORE_BELOW, 1, &below, err) == 0 && domo_value_len(below) ? "/" : "";
}

/* The nodes beside the one that is being typed. A relative word is not completed: its home is the store's secret. */
static int complete_store(struct cli *cli, const char *word, struct domo_err *err)
{
    struct domo_ctx *ctx = cli_ctx(cli, err);
    const char *slash = strrchr(word, '/'), *only = NULL;
    AUTO_FREE char *above = slash && slash != word ? text_fmt("%.*s", (int)(slash - word), word) : text_fmt("/");
    AUTO_VALUE struct domo_value *rows = NULL;
    size_t n = 0;

    if (!ctx || (*word && *word != '/') || domo_store_walk(ctx, above, DOMO_STORE_BELOW, 1, &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < domo_value_len(rows); i++)
        if (text_starts(path_of(rows, i), word)) {
            only = path_of(rows, i);
            n++;
        }
    if (n == 1)
        (void)printf("%s%s\n", only, slash_after(ctx, only, err));
    for (size_t i = 0; n > 1 && i < domo_value_len(rows); i++)
        if (text_starts(path_of(rows, i), word))
            (void)puts(path_of(rows, i));
    return 0;
}

static void complete_commands(const struct cli *cli)
{
    for (const struct cmd *const *group = cmd_groups; *group; group++)
        for (const struct cmd *cmd = *group; cmd->name; cmd++)
            if (cmd_is_shown(cli, cmd))
                (void)puts(cmd->name);
    (void)puts("errors");
}

static void complete_keys(const char *after)
{
    AUTO_VALUE struct domo_value *rows = domo_config_keys(NULL);

    put_members(rows, "name", after);
}

/* "before": the word that names a guest, or the beginning of a path. */
static int complete_word(struct cli *cli, enum word word, const char *before, struct domo_err *err)
{
    AUTO_VALUE struct domo_value *errors = NULL;

    switch (word) {
    case WORD_DOMAIN:
        return complete_domains(cli, err);
    case WORD_VBD:
        return complete_devices(cli, before, "vbd", "vdev", err);
    case WORD_VIF:
        return complete_devices(cli, before, "vif", "devid", err);
    case WORD_SETTING:
        complete_keys("=");
        return 0;
    case WORD_KEY:
        complete_keys("");
        return 0;
    case WORD_COMMAND:
        complete_commands(cli);
        return 0;
    case WORD_ERROR:
        errors = text_need(domo_err_catalogue());
        put_members(errors, "code", "");
        return 0;
    case WORD_STORE:
        return complete_store(cli, before, err);
    case WORD_NONE:
    case WORD_FILE: /* the shell knows files better */
    case WORD_TEXT:
        return 0;
    }
    return 0;
}

/* Never says a word when it fails: the user is typing. */
static int complete(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    for (int i = 0; word_names[i]; i++)
        if (strcmp(word_names[i], inv->args[0]) == 0) {
            if (complete_word(cli, (enum word)i, inv->n > 1 ? inv->args[1] : "", err) == 0)
                return 0;
            break;
        }
    return 1;
}

static int generate(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    return generate_file(cli, inv->args[0], err);
}

const struct cmd complete_cmds[] = {
    {
        .name = "__complete",
        .args = "KIND [DOMAIN | PATH]",
        .summary = "List what a word of that kind could be",
        .opts = no_opts,
        .min = 1,
        .max = 2,
        .flags = CMD_HIDDEN,
        .run = complete,
    },
    {
        .name = "__generate",
        .args = "TEMPLATE",
        .summary = "Fill a template with what the tables say",
        .opts = no_opts,
        .min = 1,
        .max = 1,
        .flags = CMD_HIDDEN,
        .run = generate,
    },
    {.name = NULL},
};
