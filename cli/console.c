/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * console: a guest's console, or a serial line, on this terminal.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "groups.h"
#include "text.h"
#include "tty.h"

struct console_opts {
    const char *type, *number;
};

static const struct opt console_opts[] = {
    OPT_ROW(struct console_opts, type, OPT_TEXT, "type", 't', "TYPE", WORD_TEXT, "pv, or serial: which kind of line"),
    OPT_ROW(struct console_opts, number, OPT_TEXT, "num", 'n', "NUMBER", WORD_TEXT, "which of that kind, from 0"),
    OPT_END,
};

static int unavailable(struct domo_err *err, const char *path)
{
    AUTO_FREE char *text = text_fmt("can't open the console %s: %s", path, strerror(errno));

    return domo_err_set(err, "console.unavailable", text);
}

static int bad_type(struct cli *cli, const char *type, struct domo_err *err)
{
    AUTO_FREE char *text = text_fmt("'%s' is no type of console: write pv or serial", type);

    if (cli->as_xl) {
        (void)fputs("console type supported are: pv, serial, vuart\n", stderr);
        cli->told = true;
    }
    /* xl knows no exit status of its own for it. */
    return domo_err_set(err, cli->as_xl ? "unsupported" : "usage", text);
}

static int number_of(const char *text, uint32_t *ret, struct domo_err *err)
{
    AUTO_FREE char *why = NULL;
    char *end;
    unsigned long n;

    errno = 0;
    n = strtoul(text, &end, 10);
    if (*text >= '0' && *text <= '9' && !*end && !errno && n <= UINT32_MAX) {
        *ret = (uint32_t)n;
        return 0;
    }
    why = text_fmt("'%s' is no number of a console", text);
    return domo_err_set(err, "usage", why);
}

static int find(struct cli *cli, const struct inv *inv, char **ret, struct domo_err *err)
{
    const struct console_opts *o = inv->opts;
    bool is_serial = o->type && strcmp(o->type, "serial") == 0;
    uint32_t number = 0;

    if (!o->type && !o->number)
        return domo_console_tty(cli->ctx, inv->domid, ret, err);
    if (o->type && strcmp(o->type, "vuart") == 0)
        return domo_err_set(err, "unsupported", "only Arm guests have a vuart");
    if (o->type && !is_serial && strcmp(o->type, "pv") != 0)
        return bad_type(cli, o->type, err);
    if (o->number && number_of(o->number, &number, err) < 0)
        return -1;
    return domo_console_line(cli->ctx, inv->domid, is_serial ? DOMO_CONSOLE_SERIAL : DOMO_CONSOLE_PV, number, ret, err);
}

static int console(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    AUTO_FREE char *path = NULL;
    enum tty_end end;
    int guest;

    if (find(cli, inv, &path, err) < 0)
        return -1;
    guest = tty_open(path);
    if (guest < 0)
        return unavailable(err, path);
    if (isatty(STDIN_FILENO) && !cli->as_xl)
        (void)fprintf(stderr, "console of '%s', Ctrl-] leaves it\n", inv->domain);
    (void)fflush(stdout);
    end = tty_proxy(guest);
    (void)close(guest);
    switch (end) {
    case TTY_LEFT:
    case TTY_GONE:
        return 0;
    case TTY_SIGNAL:
        return 1;
    case TTY_FAILED:
        break;
    }
    return unavailable(err, path);
}

const struct cmd console_cmds[] = {
    {
        .name = "console",
        .args = "DOMAIN",
        .summary = "Attach to a guest's console",
        .about = "Ctrl-] leaves it. When the guest ends, so does the command. Without -t and -n it is the primary "
                 "console: the "
                 "first serial line of an HVM guest that has one.",
        .opts = console_opts,
        .opts_size = sizeof(struct console_opts),
        .min = 1,
        .max = 1,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL,
        .words = {WORD_DOMAIN, WORD_NONE},
        .run = console,
    },
    {.name = NULL},
};
