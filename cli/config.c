/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * config check, show, keys; and the reading of a config file for other groups.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "out.h"
#include "text.h"

static unsigned load_flags(const struct cli *cli, const struct config_opts *o)
{
    /* xl says nothing of keys that it does not know; under its name they don't stop a guest. */
    return (o->warn_unknown || cli->as_xl ? DOMO_CONFIG_WARN_UNKNOWN : 0u) |
           (o->ignore_unsupported ? DOMO_CONFIG_IGNORE_UNSUPPORTED : 0u);
}

int config_load(struct cli *cli, const char *path, const char *const *overrides, const struct config_opts *o,
                struct domo_spec **ret, struct domo_err *err)
{
    AUTO_VALUE struct domo_value *findings = NULL;
    int r = domo_spec_load(path, overrides, load_flags(cli, o), ret, &findings, err);
    const char *text = domo_value_str(domo_value_get(findings, "text"), "");

    if (r < 0 && cli->g.json) {
        cli->findings = findings;
        findings = NULL;
        return -1;
    }
    (void)fputs(text, stderr);
    if (r < 0 && domo_value_int(domo_value_get(findings, "errors"), 0) > 0 && *text)
        cli->told = true;
    return r;
}

int config_words(const struct inv *inv, const char *file, const char **ret_file, const char ***ret_settings,
                 struct domo_err *err)
{
    const char **settings = text_need(calloc((size_t)inv->n + 1, sizeof *settings));
    size_t n = 0;

    for (int i = 0; i < inv->n; i++) {
        if (strchr(inv->args[i], '=')) {
            settings[n++] = inv->args[i];
        } else if (file) {
            AUTO_FREE char *text = text_fmt("two config files: '%s' and '%s'", file, inv->args[i]);

            free(settings);
            (void)domo_err_set(err, "usage", text);
            return -1;
        } else {
            file = inv->args[i];
        }
    }
    if (!file) {
        free(settings);
        (void)domo_err_set(err, "usage", "no config file given ('-' is standard input, /dev/null is none at all)");
        return -1;
    }
    *ret_file = file;
    *ret_settings = settings;
    return 0;
}

struct check_opts {
    struct config_opts config;
    bool strict, quiet;
};

static const struct opt check_opts[] = {
    OPT_BOOL(struct check_opts, config.warn_unknown, "warn-unknown", 0, "unknown keys are warnings, not errors"),
    OPT_BOOL(struct check_opts, strict, "strict", 0, "keys that this version does not act on yet are errors"),
    OPT_BOOL(struct check_opts, quiet, "quiet", 'q', "nothing for files without findings"),
    OPT_END,
};

/* A file that can't be read at all has no findings; make its own. */
static struct domo_value *unreadable(const char *path, const struct domo_err *err)
{
    struct domo_value *v = text_need(domo_value_object());

    domo_value_set_str(v, "file", path);
    domo_value_set_int(v, "errors", 1);
    domo_value_set_int(v, "warnings", 0);
    domo_value_set(v, "error", domo_err_value(err));
    return v;
}

static void show_check(const char *path, const struct domo_value *findings, const struct domo_err *err, bool quiet)
{
    const char *text = domo_value_str(domo_value_get(findings, "text"), "");

    if (*text)
        (void)fputs(text, stdout);
    else if (domo_value_get(findings, "error"))
        (void)printf("%s: error: %s\n", path, domo_err_message(err));
    else if (!quiet)
        (void)printf("%s: ok\n", path);
}

/* True if the file has no error. */
static bool check_one(struct cli *cli, const struct check_opts *o, const char *path, struct out_array *documents)
{
    unsigned flags = load_flags(cli, &o->config) | (o->strict ? 0u : DOMO_CONFIG_CHECK_ONLY);
    AUTO_VALUE struct domo_value *findings = NULL;
    AUTO_SPEC struct domo_spec *spec = NULL;
    struct domo_err *err = text_need(domo_err_new());
    bool is_good = domo_spec_load(path, NULL, flags, &spec, &findings, err) == 0;

    if (!is_good && domo_value_int(domo_value_get(findings, "errors"), 0) == 0) {
        domo_value_free(findings);
        findings = unreadable(path, err);
    }
    if (cli->g.json)
        out_array_add(documents, findings);
    else
        show_check(path, findings, err, o->quiet);
    domo_err_free(err);
    return is_good;
}

static int config_check(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    struct out_array documents = {false};
    int status = 0;

    (void)err;
    for (int i = 0; i < inv->n; i++)
        if (!check_one(cli, inv->opts, inv->args[i], &documents))
            status = 1;
    if (cli->g.json)
        out_array_end(&documents);
    return status;
}

struct show_opts {
    struct config_opts config;
    bool as_xl;
};

static const struct opt show_opts[] = {
    CONFIG_OPT_ROWS(struct show_opts),
    OPT_BOOL(struct show_opts, as_xl, "xl", 0, "as an xl.cfg file (the default)"),
    OPT_END,
};

static int config_show(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct show_opts *o = inv->opts;
    AUTO_FREE const char **settings = NULL;
    AUTO_SPEC struct domo_spec *spec = NULL;
    AUTO_FREE char *text = NULL;
    const char *file;

    if (o->as_xl && cli->g.json)
        return domo_err_set(err, "usage", "either --xl or --json");
    if (config_words(inv, NULL, &file, &settings, err) < 0 ||
        config_load(cli, file, settings, &o->config, &spec, err) < 0)
        return -1;
    if (cli->g.json) {
        AUTO_VALUE struct domo_value *v = text_need(domo_spec_json(spec));

        out_json(v);
        return 0;
    }
    text = text_need(domo_spec_text(spec));
    (void)fputs(text, stdout);
    return 0;
}

static const struct col key_cols[] = {
    {.title = "KEY", .key = "name"},
    {.title = "TYPE", .key = "type"},
    {.title = "DEFAULT", .key = "default"},
    {.title = "STATUS", .key = "status"},
    {.title = "MEANING", .key = "doc", .flags = COL_WRAP},
    {.title = NULL},
};

static const struct opt no_opts[] = {OPT_END};

static void show_key(const struct domo_value *key)
{
    for (size_t i = 0; i < domo_value_len(key); i++) {
        const char *name = "";
        const struct domo_value *v = domo_value_at(key, i, &name);
        AUTO_FREE char *text = out_text(v);

        (void)printf("%-9s %s\n", name, text);
    }
}

/* The library may give one key as an object or as an array of one. */
static const struct domo_value *only(const struct domo_value *v)
{
    return domo_value_type(v) == DOMO_TYPE_ARRAY && domo_value_len(v) == 1 ? domo_value_at(v, 0, NULL) : v;
}

static int config_keys(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    AUTO_VALUE struct domo_value *keys = domo_config_keys(inv->n ? inv->args[0] : NULL);

    if (!keys) {
        AUTO_FREE char *text = text_fmt("no config key '%s'", inv->n ? inv->args[0] : "");

        return domo_err_set(err, "config.unknown-key", text);
    }
    if (cli->g.json)
        out_json(inv->n ? only(keys) : keys);
    else if (inv->n)
        show_key(only(keys));
    else
        out_table(key_cols, keys);
    return 0;
}

static const struct cmd config_sub[] = {
    {
        .name = "check",
        .args = "FILE…",
        .summary = "Check config files, without a Xen host",
        .about =
            "Shows each finding with file, line, column and the text. The exit status is 1 if a file has an error.",
        .opts = check_opts,
        .opts_size = sizeof(struct check_opts),
        .min = 1,
        .max = CMD_ANY,
        .flags = CMD_JSON,
        .words = {WORD_FILE},
        .run = config_check,
    },
    {
        .name = "show",
        .args = "FILE [KEY=VALUE…]",
        .summary = "Show a config file as it is understood",
        .about = "Prints xl.cfg text, or with --json libxl's JSON form.",
        .opts = show_opts,
        .opts_size = sizeof(struct show_opts),
        .min = 1,
        .max = CMD_ANY,
        .flags = CMD_JSON | CMD_SETTINGS,
        .words = {WORD_FILE, WORD_SETTING},
        .run = config_show,
    },
    {
        .name = "keys",
        .args = "[KEY]",
        .summary = "Show the reference of config keys",
        .opts = no_opts,
        .max = 1,
        .flags = CMD_JSON,
        .words = {WORD_KEY},
        .run = config_keys,
    },
    {.name = NULL},
};

const struct cmd config_cmds[] = {
    {
        .name = "config",
        .args = "check|show|keys",
        .summary = "Check, convert and explain config files",
        .opts = no_opts,
        .flags = CMD_JSON,
        .sub = config_sub,
    },
    {.name = NULL},
};
