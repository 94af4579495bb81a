/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * console: a guest's primary console on this terminal.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "groups.h"
#include "text.h"
#include "tty.h"

static const struct opt no_opts[] = {OPT_END};

static int unavailable(struct domo_err *err, const char *path)
{
    AUTO_FREE char *text = text_fmt("can't open the console %s: %s", path, strerror(errno));

    return domo_err_set(err, "console.unavailable", text);
}

static int console(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    AUTO_FREE char *path = NULL;
    enum tty_end end;
    int guest;

    if (domo_console_tty(cli->ctx, inv->domid, &path, err) < 0)
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
        .about = "Ctrl-] leaves it. When the guest ends, so does the command.",
        .opts = no_opts,
        .min = 1,
        .max = 1,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL,
        .words = {WORD_DOMAIN, WORD_NONE},
        .run = console,
    },
    {.name = NULL},
};
