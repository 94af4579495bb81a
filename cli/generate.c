/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "generate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "groups.h"
#include "text.h"

const char *const word_names[] = {
    [WORD_NONE] = "none",   [WORD_FILE] = "file",       [WORD_DOMAIN] = "domain", [WORD_VBD] = "vbd",
    [WORD_VIF] = "vif",     [WORD_SETTING] = "setting", [WORD_KEY] = "key",       [WORD_COMMAND] = "command",
    [WORD_ERROR] = "error", [WORD_STORE] = "store",     [WORD_TEXT] = "text",     NULL,
};

/* Calls "put" for each command that is shown, second levels included. */
static void each_command(const struct cli *cli,
                         void (*put)(const struct cli *, const struct cmd *parent, const struct cmd *))
{
    for (const struct cmd *const *group = cmd_groups; *group; group++)
        for (const struct cmd *cmd = *group; cmd->name; cmd++) {
            if (!cmd_is_shown(cli, cmd))
                continue;
            if (!cmd->sub)
                put(cli, NULL, cmd);
            for (const struct cmd *sub = cmd->sub; sub && sub->name; sub++)
                put(cli, cmd, sub);
        }
}

/* ---- bash and zsh: rows of a case ---- */

static void put_option_words(const struct cmd *cmd, bool only_with_argument)
{
    struct optset sets[CMD_SETS_MAX];
    size_t n = cmd ? cmd_optsets(cmd, sets) : 1;
    const char *before = "";

    if (!cmd)
        sets[0].rows = cmd_global_opts;
    for (size_t i = 0; i < n; i++)
        for (const struct opt *row = sets[i].rows; row && row->name; row++) {
            if (!row->help || (only_with_argument && !opt_takes_argument(row)))
                continue;
            (void)printf("%s--%s", before, row->name);
            before = " ";
            if (only_with_argument && row->letter)
                (void)printf(" -%c", row->letter);
        }
}

static void put_words(const struct cmd *cmd)
{
    const char *before = "";
    int n = cmd->max < CMD_WORDS_MAX ? cmd->max : CMD_WORDS_MAX;

    for (int i = 0; i < n; i++) {
        /* The rest of a row that was not filled repeats the last word. */
        if (i > 0 && cmd->words[i] == WORD_NONE)
            break;
        (void)printf("%s%s", before, word_names[cmd->words[i]]);
        before = " ";
    }
    if (cmd->max < CMD_ANY)
        (void)printf("%snone", before);
}

static void shell_case(const struct cli *cli, const struct cmd *parent, const struct cmd *cmd)
{
    (void)cli;
    if (parent)
        (void)printf("    '%s %s')\n", parent->name, cmd->name);
    else
        (void)printf("    %s)\n", cmd->name);
    (void)fputs("        options='", stdout);
    put_option_words(cmd, false);
    (void)fputs("'\n        with_argument='", stdout);
    put_option_words(cmd, true);
    (void)fputs("'\n        words='", stdout);
    put_words(cmd);
    (void)fputs("'\n        ;;\n", stdout);
}

static void shell_commands(const struct cli *cli)
{
    each_command(cli, shell_case);
    for (const struct cmd *const *group = cmd_groups; *group; group++)
        for (const struct cmd *cmd = *group; cmd->name; cmd++) {
            if (!cmd->sub)
                continue;
            (void)printf("    %s)\n        subcommands='", cmd->name);
            for (const struct cmd *sub = cmd->sub; sub->name; sub++)
                (void)printf("%s%s", sub == cmd->sub ? "" : " ", sub->name);
            (void)fputs("'\n        ;;\n", stdout);
        }
}

static void shell_names(const struct cli *cli)
{
    (void)fputs("_domo_commands='", stdout);
    for (const struct cmd *const *group = cmd_groups; *group; group++)
        for (const struct cmd *cmd = *group; cmd->name; cmd++)
            if (cmd_is_shown(cli, cmd))
                (void)printf("%s%s", group == cmd_groups && cmd == *group ? "" : " ", cmd->name);
    (void)fputs("'\n_domo_global_options='", stdout);
    put_option_words(NULL, false);
    (void)fputs("'\n_domo_global_with_argument='", stdout);
    put_option_words(NULL, true);
    (void)fputs("'\n", stdout);
}

/* ---- fish ---- */

/* Single quotes of fish know two escapes. */
static void put_fish_text(const char *text)
{
    (void)putchar('\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            (void)putchar('\\');
        (void)putchar(*text);
    }
    (void)putchar('\'');
}

static void fish_condition(const struct cmd *parent, const struct cmd *cmd)
{
    if (parent)
        (void)printf("complete -c domo -n '__domo_at %s %s'", parent->name, cmd->name);
    else
        (void)printf("complete -c domo -n '__domo_at %s'", cmd->name);
}

static void fish_options(const struct opt *rows)
{
    if (rows->letter)
        (void)printf(" -s %c", rows->letter);
    (void)printf(" -l %s", rows->name);
    if (opt_takes_argument(rows))
        (void)fputs(rows->word == WORD_FILE ? " -rF" : " -x", stdout);
    (void)fputs(" -d ", stdout);
    put_fish_text(rows->help);
    (void)putchar('\n');
}

static void fish_command(const struct cli *cli, const struct cmd *parent, const struct cmd *cmd)
{
    struct optset sets[CMD_SETS_MAX];
    size_t n = cmd_optsets(cmd, sets);
    bool has_file = false;

    (void)cli;
    for (size_t i = 0; i + 1 < n; i++)
        for (const struct opt *row = sets[i].rows; row && row->name; row++)
            if (row->help) {
                fish_condition(parent, cmd);
                fish_options(row);
            }
    for (int i = 0; i < CMD_WORDS_MAX; i++)
        has_file = has_file || cmd->words[i] == WORD_FILE;
    for (int i = 0; i < CMD_WORDS_MAX; i++) {
        if (cmd->words[i] == WORD_NONE || cmd->words[i] == WORD_FILE || cmd->words[i] == WORD_TEXT)
            continue;
        fish_condition(parent, cmd);
        (void)printf(" -a '(__domo_names %s)'\n", word_names[cmd->words[i]]);
    }
    if (has_file) {
        fish_condition(parent, cmd);
        (void)fputs(" -F\n", stdout);
    }
}

static void fish_commands(const struct cli *cli)
{
    for (const struct cmd *const *group = cmd_groups; *group; group++)
        for (const struct cmd *cmd = *group; cmd->name; cmd++) {
            if (!cmd_is_shown(cli, cmd))
                continue;
            (void)printf("complete -c domo -n __domo_at_none -a %s -d ", cmd->name);
            put_fish_text(cmd->summary);
            (void)putchar('\n');
            for (const struct cmd *sub = cmd->sub; sub && sub->name; sub++) {
                (void)printf("complete -c domo -n '__domo_at_only %s' -a %s -d ", cmd->name, sub->name);
                put_fish_text(sub->summary);
                (void)putchar('\n');
            }
        }
    for (const struct opt *row = cmd_global_opts; row->name; row++) {
        (void)fputs("complete -c domo", stdout);
        fish_options(row);
    }
    each_command(cli, fish_command);
}

/* ---- the manual, as scdoc source ---- */

static void put_man_text(const char *text)
{
    for (; *text; text++) {
        if (strchr("_*\\[]#|<>~`.", *text))
            (void)putchar('\\');
        (void)putchar(*text);
        if (*text == '\n' && text[1])
            (void)putchar('\n');
    }
}

static void man_opts(const struct opt *rows)
{
    for (; rows && rows->name; rows++) {
        if (!rows->help)
            continue;
        if (rows->letter)
            (void)printf("*-%c*, ", rows->letter);
        (void)printf("*--%s*", rows->name);
        if (rows->arg)
            (void)printf(" _%s_", rows->arg);
        (void)fputs("\n\t", stdout);
        put_man_text(rows->help);
        (void)fputs("\n\n", stdout);
    }
}

static void man_options(const struct cli *cli)
{
    (void)cli;
    man_opts(cmd_global_opts);
}

static void man_command(const struct cli *cli, const struct cmd *parent, const struct cmd *cmd)
{
    struct optset sets[CMD_SETS_MAX];
    size_t n = cmd_optsets(cmd, sets);

    (void)cli;
    (void)printf("## %s%s%s%s%s\n\n", parent ? parent->name : "", parent ? " " : "", cmd->name, cmd->args[0] ? " " : "",
                 cmd->args);
    put_man_text(cmd->summary);
    (void)fputs(".\n\n", stdout);
    if (cmd->about) {
        put_man_text(cmd->about);
        (void)fputs("\n\n", stdout);
    }
    for (size_t i = 0; i + 1 < n; i++)
        man_opts(sets[i].rows);
}

static void man_commands(const struct cli *cli)
{
    each_command(cli, man_command);
}

static const char *member(const struct domo_value *row, const char *key)
{
    return domo_value_str(domo_value_get(row, key), "");
}

static void man_errors(const struct cli *cli)
{
    AUTO_VALUE struct domo_value *rows = text_need(domo_err_catalogue());

    (void)cli;
    for (size_t i = 0; i < domo_value_len(rows); i++) {
        const struct domo_value *row = domo_value_at(rows, i, NULL);

        (void)putchar('*');
        put_man_text(member(row, "code"));
        (void)printf("* (%lld)\n\t", (long long)domo_value_int(domo_value_get(row, "status"), 1));
        put_man_text(member(row, "doc"));
        (void)fputs("\n\n", stdout);
    }
}

static void man_key(const struct domo_value *row)
{
    const struct domo_value *fallback = domo_value_get(row, "default");

    (void)putchar('*');
    put_man_text(member(row, "name"));
    (void)fputs("* (", stdout);
    put_man_text(member(row, "type"));
    if (domo_value_type(fallback) == DOMO_TYPE_STRING && *domo_value_str(fallback, "")) {
        (void)fputs(", default ", stdout);
        put_man_text(domo_value_str(fallback, ""));
    }
    (void)fputs(")\n\t", stdout);
    put_man_text(member(row, "doc"));
    if (strcmp(member(row, "status"), "acted-on") != 0)
        (void)printf(" (%s)", member(row, "status"));
    (void)fputs("\n\n", stdout);
}

static void man_keys(const struct cli *cli)
{
    AUTO_VALUE struct domo_value *rows = domo_config_keys(NULL);

    (void)cli;
    for (size_t i = 0; i < domo_value_len(rows); i++)
        man_key(domo_value_at(rows, i, NULL));
}

/* ---- templates ---- */

static const struct {
    const char *marker;
    void (*put)(const struct cli *);
} parts[] = {
    {"@shell-commands@", shell_commands},
    {"@shell-names@", shell_names},
    {"@fish-commands@", fish_commands},
    {"@man-options@", man_options},
    {"@man-commands@", man_commands},
    {"@man-errors@", man_errors},
    {"@man-keys@", man_keys},
    {"@man-life-states@", man_life_states},
    {"@man-life-events@", man_life_events},
};

static void expand_line(const struct cli *cli, const char *line)
{
    const char *p = line + strspn(line, " #");

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t n = strlen(parts[i].marker);

        if (strncmp(p, parts[i].marker, n) == 0 && (p[n] == '\n' || p[n] == '\0')) {
            parts[i].put(cli);
            return;
        }
    }
    (void)fputs(line, stdout);
}

int generate_file(const struct cli *cli, const char *path, struct domo_err *err)
{
    FILE *f = fopen(path, "re");
    AUTO_FREE char *line = NULL;
    size_t size = 0;

    if (!f) {
        AUTO_FREE char *text = text_fmt("%s: %s", path, strerror(errno));

        return domo_err_set(err, "host.io", text);
    }
    while (getline(&line, &size, f) > 0)
        expand_line(cli, line);
    (void)fclose(f);
    return 0;
}
