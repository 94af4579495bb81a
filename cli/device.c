/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Attaching and detaching devices. What differs between the kinds is a row.
 */
#include <stdio.h>
#include <string.h>

#include "groups.h"
#include "out.h"
#include "text.h"

enum { DEVICES_MAX = 64 /* that one command attaches or detaches: the functions of a PCI device */ };

struct device_opts {
    int64_t force_after_ms;
    bool force, no_wait, wait_backend;
};

static const struct opt attach_opts[] = {
    OPT_BOOL(struct device_opts, wait_backend, "wait-backend", 0, WAIT_BACKEND_HELP),
    OPT_BOOL(struct device_opts, no_wait, "no-wait", 0, "do not wait for the guest"),
    OPT_END,
};

static const struct opt detach_opts[] = {
    OPT_BOOL(struct device_opts, force, "force", 'f', "without the guest's consent"),
    OPT_ROW(struct device_opts, force_after_ms, OPT_SECONDS, "force-after", 0, "SECONDS", WORD_TEXT,
            "ask the guest, and do without its consent after this time"),
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
    {.prefix = "pci", .kind = "pci", .label = "pci", .noun = "PCI device"},
    {.prefix = "usbctrl", .kind = "vusb", .label = "usbctrl", .noun = "USB controller"},
    {.prefix = "usbdev", .kind = "usbdev", .label = "usbdev", .noun = "USB device"},
    {.prefix = "vdispl", .kind = "vdispl", .label = "vdispl", .noun = "virtual display"},
    {.prefix = "vsnd", .kind = "vsnd", .label = "vsnd", .noun = "sound card"},
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
    const struct domo_value *vdev = domo_value_get(row, "vdev"), *changed = domo_value_get(row, "changed");
    const char *names[DEVICES_MAX];
    size_t n = 0;

    if (!changed)
        return out_text(vdev ? vdev : domo_value_get(row, "devid"));
    for (; n < DEVICES_MAX && n < domo_value_len(changed); n++)
        names[n] = domo_value_str(domo_value_at(changed, n, NULL), "");
    return text_join((char *const *)names, n, ", ");
}

/* That the guest did not agree is worth a word to who had asked it. */
static const char *forced_words(const struct inv *inv, const struct domo_value *row)
{
    const struct device_opts *o = inv->opts;
    bool forced = domo_value_bool(domo_value_get(row, "forced"), false);

    return o->force_after_ms && forced ? ", by force: the guest did not let go" : "";
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
        (void)printf("detached from '%s': %s %s%s\n", inv->domain, kind->noun, name, forced_words(inv, row));
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

    options.backend_ms = o->wait_backend ? backend_ms_of(inv) : 0;
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
    /* A USB device is named by two words: its controller and its port. */
    AUTO_FREE char *which = text_join(inv->args + 1, (size_t)inv->n - 1, ":");
    AUTO_VALUE struct domo_value *row = NULL;

    options.flags = (o->force ? DOMO_DEVICE_FORCE : 0u) | (o->force_after_ms ? DOMO_DEVICE_GRACEFUL : 0u);
    if (o->force_after_ms)
        options.timeout_ms = o->force_after_ms;
    if (domo_detach(cli->ctx, inv->domid, kind->kind, which, &options, &row, err) < 0)
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
    {
        .name = "vdispl-attach",
        .args = "DOMAIN KEY=VALUE…",
        .summary = "Give a running guest a virtual display",
        .about = "The words are those of one item of vdispl=.",
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
        .name = "vdispl-detach",
        .args = "DOMAIN DEVICE",
        .summary = "Take a virtual display from a running guest",
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
        .name = "vsnd-attach",
        .args = "DOMAIN ITEM…",
        .summary = "Give a running guest a virtual sound card",
        .about = "The items are those of one list of vsnd=: \"card, …\", then \"pcm, …\" and \"stream, …\" as words of "
                 "their own.",
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
        .name = "vsnd-detach",
        .args = "DOMAIN DEVICE",
        .summary = "Take a virtual sound card from a running guest",
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
        .name = "pci-attach",
        .args = "DOMAIN DEVICE",
        .summary = "Give a running guest a PCI device of this host",
        .about = "DEVICE is an item of pci=: its place, [DDDD:]BB:SS.F, and options.",
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
        .name = "pci-detach",
        .args = "DOMAIN DEVICE",
        .summary = "Take a PCI device from a running guest",
        .about = "DEVICE is its place on this host, or the name under which it was made assignable.",
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
        .name = "usbctrl-attach",
        .args = "DOMAIN [KEY=VALUE…]",
        .summary = "Give a running guest a USB controller",
        .about = "The words are those of one item of usbctrl=.",
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
        .name = "usbctrl-detach",
        .args = "DOMAIN DEVICE",
        .summary = "Take a USB controller from a running guest",
        .about = "DEVICE is its number. Its devices go back to this host.",
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
        .name = "usbdev-attach",
        .args = "DOMAIN KEY=VALUE…",
        .summary = "Give a running guest a USB device of this host",
        .about = "The words are those of one item of usbdev=. A controller is made if there is none with a free port.",
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
        .name = "usbdev-detach",
        .args = "DOMAIN CONTROLLER PORT",
        .summary = "Take a USB device from a running guest",
        .about = "usb-list shows controllers and ports.",
        .opts = detach_opts,
        .opts_size = sizeof(struct device_opts),
        .min = 3,
        .max = 3,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON | CMD_TIMED,
        .words = {WORD_DOMAIN, WORD_TEXT},
        .run = detach,
    },
    {.name = NULL},
};
