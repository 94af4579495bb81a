/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "out.h"
#include "text.h"

volatile int cli_cancelled;

static void on_signal(int sig)
{
    (void)sig;
    cli_cancelled = 1;
}

/* The first signal asks the operation to undo itself, the second one ends the process. */
static void catch_signals(void)
{
    struct sigaction sa = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

    (void)sigaction(SIGINT, &sa, NULL);
    (void)sigaction(SIGTERM, &sa, NULL);
    /* A reader that goes away must not end an operation half-way. */
    (void)signal(SIGPIPE, SIG_IGN);
}

void cli_end_progress(struct cli *cli)
{
    if (cli->progress_on_line)
        (void)fputs("\r\033[K", stderr);
    cli->progress_on_line = false;
}

static void on_log(void *arg, int level, const char *line)
{
    static const char *const names[] = {
        [DOMO_LOG_DEBUG] = "debug",
        [DOMO_LOG_INFO] = "info",
        [DOMO_LOG_WARN] = "warning",
        [DOMO_LOG_ERROR] = "error",
    };

    cli_end_progress(arg);
    (void)fprintf(stderr, "%s: %s\n", level >= 0 && level <= DOMO_LOG_ERROR ? names[level] : "log", line);
}

static void on_progress(void *arg, const char *operation, size_t index, size_t total, const char *step,
                        const char *summary)
{
    struct cli *cli = arg;

    if (cli->quiet_progress)
        return;
    if (cli->g.verbose) {
        (void)fprintf(stderr, "%s [%zu/%zu] %s: %s\n", operation, index, total, step, summary);
        return;
    }
    if (cli->g.no_progress || cli->as_xl || !isatty(STDERR_FILENO))
        return;
    (void)fprintf(stderr, "\r\033[K[%zu/%zu] %s", index, total, step);
    (void)fflush(stderr);
    cli->progress_on_line = true;
}

struct domo_ctx *cli_ctx(struct cli *cli, struct domo_err *err)
{
    struct domo_hooks hooks = {
        .log = on_log,
        .log_threshold = cli->g.verbose > 1 || cli->g.trace ? DOMO_LOG_DEBUG
                         : cli->g.verbose                   ? DOMO_LOG_INFO
                                                            : DOMO_LOG_WARN,
        .progress = on_progress,
        .arg = cli,
        .cancelled = &cli_cancelled,
        .trace = cli->g.trace,
    };

    if (!cli->ctx && domo_ctx_new(cli->g.host, &hooks, &cli->ctx, err) < 0)
        return NULL;
    return cli->ctx;
}

/* A command that asked nothing of a host has no figures. */
static void print_stats(const struct cli *cli)
{
    AUTO_VALUE struct domo_value *stats = cli->ctx ? domo_ctx_stats(cli->ctx) : NULL;
    AUTO_FREE char *text = stats ? domo_value_print(stats, false) : NULL;

    if (text)
        (void)fprintf(stderr, "%s\n", text);
}

/* xl's own global options; the letters that mean the same come from domo's rows. */
static const struct opt xl_global_opts[] = {
    OPT_BOOL(struct global_opts, dry_run, "dry-run", 'N', NULL),
    OPT_BOOL(struct global_opts, ignored, "force", 'f', NULL),
    OPT_BOOL(struct global_opts, ignored, "timestamps", 'T', NULL),
    OPT_BOOL(struct global_opts, ignored, "carriage-returns", 't', NULL),
    OPT_END,
};

static int usage_failed(struct cli *cli, char *why)
{
    AUTO_FREE char *text = why;
    struct domo_err *err = text_need(domo_err_new());
    int status;

    (void)domo_err_set(err, "usage", text);
    status = out_error(cli, err);
    domo_err_free(err);
    return cli->as_xl ? 1 : status;
}

/* What is wrong with a command line is told as JSON, too, wherever the wish for it stands. */
static bool wants_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return false;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct optset sets[] = {{cmd_global_opts, &cli->g}, {xl_global_opts, &cli->g}};
    char *why = NULL;
    int first;

    if (opt_parse(sets, cli->as_xl ? 2 : 1, true, argc, argv, &first, &why) < 0)
        return usage_failed(cli, why);
    if (cli->g.version) {
        (void)printf("domo %s\n", DOMO_VERSION);
        return 0;
    }
    if (first == argc) {
        cmd_overview(cli, cli->g.help || cli->as_xl ? stdout : stderr);
        return cli->g.help ? 0 : cli->as_xl ? 1 : 2;
    }
    return cmd_dispatch(cli, argc - first, argv + first);
}

int cli_main(int argc, char **argv)
{
    struct cli cli = {.prog = "domo"};
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    int status;

    if (argc > 0 && strcmp(slash ? slash + 1 : argv[0], "xl") == 0) {
        cli.as_xl = true;
        cli.prog = "xl";
    }
    cli.g.json = wants_json(argc, argv);
    catch_signals();
    status = run(&cli, argc, argv);
    cli_end_progress(&cli);
    if (cli.g.stats)
        print_stats(&cli);
    domo_ctx_free(cli.ctx);
    domo_value_free(cli.findings);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)fputs("error: the result could not be written to stdout\n", stderr);
        return status ? status : 1;
    }
    return status;
}
