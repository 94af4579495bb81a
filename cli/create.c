/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * create and plan: from a config file to a guest, or to the list of steps that would make it.
 */
#include <stdio.h>
#include <string.h>

#include "groups.h"
#include "out.h"
#include "text.h"
#include "tty.h"
#include "xl.h"

struct create_opts {
    struct config_opts config;
    const char *file;
    bool paused, console, no_wait, no_cache, wait_backend, quiet, unwatched;
};

#define PLAN_OPT_ROWS                                                                                                  \
    CONFIG_OPT_ROWS(struct create_opts),                                                                               \
        OPT_ROW(struct create_opts, file, OPT_TEXT, "defconfig", 'f', "FILE", WORD_FILE, "the config file"),           \
        OPT_BOOL(struct create_opts, paused, "paused", 'p', "leave the guest paused"),                                 \
        OPT_BOOL(struct create_opts, no_wait, "no-wait", 0, "do not wait until the guest's devices are connected"),    \
        OPT_BOOL(struct create_opts, wait_backend, "wait-backend", 0, WAIT_BACKEND_HELP),                              \
        OPT_BOOL(struct create_opts, no_cache, "no-cache", 0, "neither read nor fill the cache of unpacked kernels")

static const struct opt create_opts[] = {
    PLAN_OPT_ROWS,
    OPT_BOOL(struct create_opts, console, "console", 'c', "attach to the guest's console before it starts"),
    OPT_BOOL(struct create_opts, quiet, "quiet", 'q', "say nothing on success"),
    OPT_BOOL(struct create_opts, unwatched, "no-daemon", 'e',
             "do nothing when the guest ends, and start no supervisor"),
    OPT_END,
};

static const struct opt plan_opts[] = {PLAN_OPT_ROWS, OPT_END};

static struct domo_options create_options(const struct inv *inv)
{
    const struct create_opts *o = inv->opts;
    struct domo_options options = options_of(inv);

    options.backend_ms = o->wait_backend ? backend_ms_of(inv) : 0;
    options.flags = (o->paused ? DOMO_CREATE_PAUSED : 0u) | (o->no_wait ? DOMO_CREATE_NO_WAIT : 0u) |
                    (o->no_cache ? DOMO_CREATE_NO_CACHE : 0u) | (o->unwatched ? DOMO_CREATE_UNWATCHED : 0u);
    return options;
}

static void show_plan(const struct domo_value *plan)
{
    const struct domo_value *steps = domo_value_get(plan, "steps");

    for (size_t i = 0; i < domo_value_len(steps); i++) {
        const struct domo_value *step = domo_value_at(steps, i, NULL), *does = domo_value_get(step, "does");

        (void)printf("%2zu. %s: %s\n", i + 1, domo_value_str(domo_value_get(step, "name"), "?"),
                     domo_value_str(domo_value_get(step, "summary"), ""));
        for (size_t j = 0; j < domo_value_len(does); j++)
            (void)printf("      %s\n", domo_value_str(domo_value_at(does, j, NULL), ""));
    }
}

static int preview(struct cli *cli, const struct inv *inv, const struct domo_spec *spec, struct domo_err *err)
{
    struct domo_options options = create_options(inv);
    AUTO_VALUE struct domo_value *plan = NULL;
    struct domo_ctx *ctx;

    if (cli->as_xl) {
        plan = text_need(domo_spec_json(spec));
        out_json(plan);
        return 0;
    }
    ctx = cli_ctx(cli, err);
    if (!ctx || domo_create_preview(ctx, spec, &options, &plan, err) < 0)
        return -1;
    if (cli->g.json)
        out_json(plan);
    else
        show_plan(plan);
    return 0;
}

/* The console of a guest that is being made: a child shows it while this process goes on with the work. */
struct early_console {
    struct cli *cli;
    struct tty_child child;
};

static void on_console(void *arg, uint32_t domid, const char *path)
{
    struct early_console *console = arg;

    (void)domid;
    cli_end_progress(console->cli);
    if (tty_child_start(&console->child, path) < 0)
        (void)fprintf(stderr, "warning: the guest's console %s could not be opened\n", path);
    else
        console->cli->quiet_progress = true;
}

static int create_guest(struct cli *cli, const struct inv *inv, const struct domo_spec *spec, struct domo_err *err)
{
    const struct create_opts *o = inv->opts;
    struct domo_options options = create_options(inv);
    struct early_console console = {.cli = cli};
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *made = NULL;
    int r;

    if (!ctx)
        return -1;
    if (o->console) {
        options.on_console = on_console;
        options.on_console_arg = &console;
    }
    r = domo_create(ctx, spec, &options, &made, err);
    /* First the terminal is ours again, then something is printed. A guest that stands keeps its console. */
    tty_child_wait(&console.child, r < 0 && strcmp(domo_err_code(err), "device.guest-no-answer") != 0);
    cli_end_progress(cli);
    if (r < 0)
        return -1;
    if (cli->g.json)
        out_json(made);
    else if (!o->quiet && !cli->as_xl)
        (void)printf("created '%s', domain %lld\n", domo_value_str(domo_value_get(made, "name"), "?"),
                     (long long)domo_value_int(domo_value_get(made, "domid"), -1));
    out_timing(cli, made);
    return 0;
}

static int create(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct create_opts *o = inv->opts;
    AUTO_FREE const char **settings = NULL;
    AUTO_SPEC struct domo_spec *spec = NULL;
    const char *file;
    int r;

    if (o->console && cli->g.json)
        return domo_err_set(err, "usage", "a console and JSON can't share stdout: either --console or --json");
    if (config_words(inv, o->file, &file, &settings, err) < 0)
        return -1;
    if (cli->as_xl && !o->quiet)
        (void)fprintf(stderr, "Parsing config from %s\n", file);
    if (config_load(cli, file, settings, &o->config, &spec, err) < 0)
        return -1;
    r = inv->common.dry_run ? preview(cli, inv, spec, err) : create_guest(cli, inv, spec, err);
    /* A config that is refused is 1 to xl, a creation that failed the number of libxl's error. */
    if (r < 0 && cli->as_xl) {
        (void)out_error(cli, err);
        return xl_error_number(err);
    }
    return r;
}

static int plan(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    inv->common.dry_run = true;
    return create(cli, inv, err);
}

const struct cmd create_cmds[] = {
    {
        .name = "create",
        .args = "FILE [KEY=VALUE…]",
        .summary = "Create a guest from a config file",
        .about = "All or nothing: it succeeds when the guest's devices are connected, and undoes itself when it fails "
                 "before the guest runs.\n"
                 "KEY=VALUE words override the file's keys.",
        .opts = create_opts,
        .opts_size = sizeof(struct create_opts),
        .max = CMD_ANY,
        .flags = CMD_XL | CMD_JSON | CMD_DRY_RUN | CMD_TIMED | CMD_SETTINGS,
        .words = {WORD_FILE, WORD_SETTING},
        .run = create,
    },
    {
        .name = "plan",
        .args = "FILE [KEY=VALUE…]",
        .summary = "Show the steps that create would take",
        .about = "Changes nothing; the same as create --dry-run.",
        .opts = plan_opts,
        .opts_size = sizeof(struct create_opts),
        .max = CMD_ANY,
        .flags = CMD_JSON | CMD_SETTINGS,
        .words = {WORD_FILE, WORD_SETTING},
        .run = plan,
    },
    {.name = NULL},
};
