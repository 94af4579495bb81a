/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * cd-insert, cd-eject: what lies in an HVM guest's CD drives.
 */
#include <stdio.h>
#include <string.h>

#include "groups.h"
#include "out.h"
#include "text.h"

struct media_opts {
    bool force;
};

static const struct opt media_opts[] = {
    OPT_BOOL(struct media_opts, force, "force", 'f', "also when the guest has locked the drive's door"),
    OPT_END,
};

static void show(struct cli *cli, const struct inv *inv, const char *target, const struct domo_value *row)
{
    cli_end_progress(cli);
    if (cli->g.json)
        out_json(row);
    else if (!cli->as_xl && target)
        (void)printf("drive %s of '%s' has %s\n", inv->args[1], inv->domain,
                     domo_value_str(domo_value_get(row, "target"), target));
    else if (!cli->as_xl)
        (void)printf("drive %s of '%s' is empty\n", inv->args[1], inv->domain);
    out_timing(cli, row);
}

static void show_parsed(const struct cli *cli, const struct domo_value *parsed)
{
    AUTO_FREE char *text = text_need(domo_value_print(parsed, true));

    (void)printf("%s%s\n", cli->g.json ? "" : "disk: ", text);
}

static int change(struct cli *cli, const struct inv *inv, const char *target, struct domo_err *err)
{
    const struct media_opts *o = inv->opts;
    struct domo_options options = options_of(inv);
    AUTO_VALUE struct domo_value *row = NULL;

    options.flags = (o->force ? DOMO_DEVICE_FORCE : 0u) | (inv->common.dry_run ? DOMO_DEVICE_DRY_RUN : 0u);
    if (domo_cd_change(cli->ctx, inv->domid, inv->args[1], target, &options, &row, err) < 0) {
        if (cli->as_xl && target && strcmp(domo_err_code(err), "disk.not-found") == 0) {
            cli_end_progress(cli);
            (void)fprintf(stderr, "Cannot stat file: %s\n", target);
            cli->told = true;
        }
        return -1;
    }
    if (inv->common.dry_run)
        show_parsed(cli, row);
    else
        show(cli, inv, target, row);
    return 0;
}

static int cd_insert(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    return change(cli, inv, inv->args[2], err);
}

static int cd_eject(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    return change(cli, inv, NULL, err);
}

const struct cmd media_cmds[] = {
    {
        .name = "cd-insert",
        .args = "DOMAIN DEVICE FILE",
        .summary = "Put a CD image into a drive of a running HVM guest",
        .about =
            "DEVICE is a drive that the guest's config has with cdrom, like hdc: \"FILE,raw,hdc,cdrom\", or "
            "\",,hdc,cdrom\" for one that is empty at first. What lies in it is taken out before; if that fails, or "
            "the new one can't be used, it stays.",
        .opts = media_opts,
        .opts_size = sizeof(struct media_opts),
        .min = 3,
        .max = 3,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON | CMD_DRY_RUN | CMD_TIMED,
        .words = {WORD_DOMAIN, WORD_VBD, WORD_FILE},
        .run = cd_insert,
    },
    {
        .name = "cd-eject",
        .args = "DOMAIN DEVICE",
        .summary = "Take the CD image out of a drive of a running HVM guest",
        .about = "DEVICE is the drive's name, like hdc.",
        .opts = media_opts,
        .opts_size = sizeof(struct media_opts),
        .min = 2,
        .max = 2,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON | CMD_DRY_RUN | CMD_TIMED,
        .words = {WORD_DOMAIN, WORD_VBD, WORD_NONE},
        .run = cd_eject,
    },
    {.name = NULL},
};
