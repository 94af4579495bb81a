/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Attaching and detaching devices. What differs between the kinds is a row.
 */
#include <stdio.h>
#include <string.h>

#include "groups.h"
#include "out.h"
#include "text.h"

struct device_opts {
    bool force, no_wait;
};

static const struct opt attach_opts[] = {
    OPT_BOOL(struct device_opts, no_wait, "no-wait", 0, "do not wait for the guest"),
    OPT_END,
};

static const struct opt detach_opts[] = {
    OPT_BOOL(struct device_opts, force, "force", 'f', "without the guest's consent"),
    OPT_END,
};

/* What the commands PREFIX-attach and PREFIX-detach are about. */
struct kind {
    const char *prefix;
    const char *kind;
    const char *label; /* before the JSON of a dry run, as xl prints it */
    const char *noun;
};

static const struct kind kinds[] = {
    {.prefix = "block", .kind = "vbd", .label = "disk", .noun = "disk"},
    {.prefix = "network", .kind = "vif", .label = "vif", .noun = "interface"},
    {.prefix = "vkb", .kind = "vkbd", .label = "vkb", .noun = "virtual keyboard"},
    {.prefix = "vtpm", .kind = "vtpm", .label = "vtpm", .noun = "virtual TPM"},
};

/* The row of the command that runs: each command of the table below has one. */
static const struct kind *kind_of(const struct inv *inv)
{
    size_t len = strcspn(inv->cmd->name, "-"), i = 0;

    while (strlen(kinds[i].prefix) != len || strncmp(kinds[i].prefix, inv->cmd->name, len) != 0)
        i++;
    return &kinds[i];
}

static char *device_name(const struct domo_value *row)
{
    const struct domo_value *vdev = domo_value_get(row, "vdev");

    return out_text(vdev ? vdev : domo_value_get(row, "devid"));
}

/* "attached to 'web': disk xvdb, Connected" */
static void show(struct cli *cli, const struct inv *inv, const struct kind *kind, bool is_attached,
                 const struct domo_value *row)
{
    AUTO_FREE char *name = device_name(row);
    const char *state = domo_value_str(domo_value_get(row, "back.state_name"), "");

    cli_end_progress(cli);
    if (cli->g.json)
        out_json(row);
    else if (!cli->as_xl && is_attached)
        (void)printf("attached to '%s': %s %s, %s\n", inv->domain, kind->noun, name, state);
    else if (!cli->as_xl)
        (void)printf("detached from '%s': %s %s\n", inv->domain, kind->noun, name);
    out_timing(cli, row);
}

static void show_parsed(const struct cli *cli, const struct kind *kind, const struct domo_value *parsed)
{
    AUTO_FREE char *text = text_need(domo_value_print(parsed, true));

    (void)printf(cli->g.json ? "%s%s\n" : "%s: %s\n", cli->g.json ? "" : kind->label, text);
}

static int attach(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct kind *kind = kind_of(inv);
    const struct device_opts *o = inv->opts;
    struct domo_options options = options_of(inv);
    AUTO_FREE char *text = text_join(inv->args + 1, (size_t)inv->n - 1, ",");
    AUTO_VALUE struct domo_value *row = NULL;

    options.flags = (o->no_wait ? DOMO_DEVICE_NO_WAIT : 0u) | (inv->common.dry_run ? DOMO_DEVICE_DRY_RUN : 0u);
    if (domo_attach(cli->ctx, inv->domid, kind->kind, text, &options, &row, err) < 0)
        return -1;
    if (inv->common.dry_run)
        show_parsed(cli, kind, row);
    else
        show(cli, inv, kind, true, row);
    return 0;
}

static int detach(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct kind *kind = kind_of(inv);
    const struct device_opts *o = inv->opts;
    struct domo_options options = options_of(inv);
    AUTO_VALUE struct domo_value *row = NULL;

    options.flags = o->force ? DOMO_DEVICE_FORCE : 0u;
    if (domo_detach(cli->ctx, inv->domid, kind->kind, inv->args[1], &options, &row, err) < 0)
        return -1;
    show(cli, inv, kind, false, row);
    return 0;
}

const struct cmd device_cmds[] = {
    {
        .name = "block-attach",
        .args = "DOMAIN DISK-PART…",
        .summary = "Give a running guest a disk",
        .about = "The parts are those of one item of disk=, as words of their own or joined by commas.\n"
                 "It succeeds when the guest has connected the disk.",
        .opts = attach_opts,
        .opts_size = sizeof(struct device_opts),
        .min = 2,
        .max = CMD_ANY,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON | CMD_DRY_RUN | CMD_TIMED,
        .words = {WORD_DOMAIN, WORD_TEXT},
        .run = attach,
    },
    {
        .name = "block-detach",
        .args = "DOMAIN DEVICE",
        .summary = "Take a disk from a running guest",
        .about = "DEVICE is a name such as xvdb, or a number.",
        .opts = detach_opts,
        .opts_size = sizeof(struct device_opts),
        .min = 2,
        .max = 2,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON | CMD_TIMED,
        .words = {WORD_DOMAIN, WORD_VBD, WORD_NONE},
        .run = detach,
    },
    {
        .name = "network-attach",
        .args = "DOMAIN [KEY=VALUE…]",
        .summary = "Give a running guest a network interface",
        .about = "The words are those of one item of vif=. It succeeds when the guest has connected the interface.",
        .opts = attach_opts,
        .opts_size = sizeof(struct device_opts),
        .min = 1,
        .max = CMD_ANY,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON | CMD_DRY_RUN | CMD_TIMED,
        .words = {WORD_DOMAIN, WORD_TEXT},
        .run = attach,
    },
    {
        .name = "network-detach",
        .args = "DOMAIN DEVICE",
        .summary = "Take a network interface from a running guest",
        .about = "DEVICE is a number or a MAC address.",
        .opts = detach_opts,
        .opts_size = sizeof(struct device_opts),
        .min = 2,
        .max = 2,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON | CMD_TIMED,
        .words = {WORD_DOMAIN, WORD_VIF, WORD_NONE},
        .run = detach,
    },
    {
        .name = "vkb-attach",
        .args = "DOMAIN KEY=VALUE…",
        .summary = "Give a running guest a virtual keyboard",
        .about = "The words are those of one item of vkb=.",
        .opts = attach_opts,
        .opts_size = sizeof(struct device_opts),
        .min = 2,
        .max = CMD_ANY,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON | CMD_DRY_RUN | CMD_TIMED,
        .words = {WORD_DOMAIN, WORD_TEXT},
        .run = attach,
    },
    {
        .name = "vkb-detach",
        .args = "DOMAIN DEVICE",
        .summary = "Take a virtual keyboard from a running guest",
        .about = "DEVICE is a number.",
        .opts = detach_opts,
        .opts_size = sizeof(struct device_opts),
        .min = 2,
        .max = 2,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON | CMD_TIMED,
        .words = {WORD_DOMAIN, WORD_TEXT},
        .run = detach,
    },
    {
        .name = "vtpm-attach",
        .args = "DOMAIN KEY=VALUE…",
        .summary = "Give a running guest a virtual TPM",
        .about = "The words are those of one item of vtpm=.",
        .opts = attach_opts,
        .opts_size = sizeof(struct device_opts),
        .min = 2,
        .max = CMD_ANY,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON | CMD_DRY_RUN | CMD_TIMED,
        .words = {WORD_DOMAIN, WORD_TEXT},
        .run = attach,
    },
    {
        .name = "vtpm-detach",
        .args = "DOMAIN DEVICE",
        .summary = "Take a virtual TPM from a running guest",
        .about = "DEVICE is a number or the TPM's UUID.",
        .opts = detach_opts,
        .opts_size = sizeof(struct device_opts),
        .min = 2,
        .max = 2,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON | CMD_TIMED,
        .words = {WORD_DOMAIN, WORD_TEXT},
        .run = detach,
    },
    {.name = NULL},
};
