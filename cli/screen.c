/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * vncviewer: a viewer program on a guest's screen. qemu-monitor-command: a
 * line for its device model.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "groups.h"
#include "out.h"
#include "text.h"

struct viewer_opts {
    bool autopass;
};

static const struct opt viewer_opts[] = {
    OPT_BOOL(struct viewer_opts, autopass, "autopass", 0, "give the viewer the password (its option -autopass)"),
    OPT_END,
};

static const struct opt no_opts[] = {OPT_END};

/* The password becomes the viewer's standard input, where nobody else can read it. */
static int give_password(const char *password, struct domo_err *err)
{
    size_t len = strlen(password);
    int fd = memfd_create("vnc-password", MFD_CLOEXEC);
    bool good = fd >= 0 && write(fd, password, len) == (ssize_t)len && lseek(fd, 0, SEEK_SET) == 0 &&
                dup2(fd, STDIN_FILENO) == STDIN_FILENO;

    if (fd >= 0)
        (void)close(fd);
    return good ? 0 : domo_err_set(err, "host.io", "can't hand the viewer its password");
}

static int no_viewer(const char *program, struct domo_err *err)
{
    AUTO_FREE char *text =
        text_fmt("can't start the viewer '%s': %s; install one, or name yours in $VNCVIEWER", program, strerror(errno));

    return domo_err_set(err, errno == ENOENT ? "unsupported" : "host.io", text);
}

static int vncviewer(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct viewer_opts *o = inv->opts;
    AUTO_VALUE struct domo_value *screen = NULL;
    AUTO_FREE char *password = NULL, *address = NULL;
    const char *told = getenv("VNCVIEWER"), *program = told && *told ? told : "vncviewer", *host;

    if (domo_screen(cli->ctx, inv->domid, &screen, o->autopass ? &password : NULL, err) < 0)
        return -1;
    host = domo_value_str(domo_value_get(screen, "host"), "");
    address = text_fmt(strchr(host, ':') ? "[%s]:%lld" : "%s:%lld", host,
                       (long long)domo_value_int(domo_value_get(screen, "display"), 0));
    if (password && give_password(password, err) < 0)
        return -1;
    (void)fflush(NULL);
    (void)execlp(program, program, address, password ? "-autopass" : NULL, (char *)NULL);
    return no_viewer(program, err);
}

static int monitor(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    AUTO_FREE char *line = text_join(inv->args + 1, (size_t)inv->n - 1, " "), *output = NULL;
    AUTO_VALUE struct domo_value *result = NULL;

    if (domo_monitor_command(cli->ctx, inv->domid, line, &output, err) < 0)
        return -1;
    if (!cli->g.json) {
        (void)printf("%s\n", output);
        return 0;
    }
    result = domo_value_object();
    domo_value_set_int(result, "domid", inv->domid);
    domo_value_set_str(result, "output", output);
    out_json(result);
    return 0;
}

const struct cmd screen_cmds[] = {
    {
        .name = "vncviewer",
        .args = "DOMAIN",
        .summary = "Start a VNC viewer on a guest's screen",
        .about = "The program $VNCVIEWER, or vncviewer, is called with HOST:DISPLAY. 'tree' shows the address.",
        .opts = viewer_opts,
        .opts_size = sizeof(struct viewer_opts),
        .min = 1,
        .max = 1,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL,
        .words = {WORD_DOMAIN, WORD_NONE},
        .run = vncviewer,
    },
    {
        .name = "qemu-monitor-command",
        .args = "DOMAIN COMMAND…",
        .summary = "Give the monitor of a guest's device model a command",
        .about = "COMMAND is in the language that QEMU has for people, 'info block' for example. What it changes is "
                 "unknown to everything else.",
        .opts = no_opts,
        .min = 2,
        .max = CMD_ANY,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN, WORD_TEXT},
        .run = monitor,
    },
    {.name = NULL},
};
