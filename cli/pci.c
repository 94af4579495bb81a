/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * PCI devices of this host that guests may be given.
 */
#include <stdio.h>

#include "groups.h"
#include "out.h"

struct list_opts {
    bool names;
};

static const struct opt list_opts[] = {
    OPT_BOOL(struct list_opts, names, "show-names", 'n', "show the names that they were given"),
    OPT_END,
};

struct add_opts {
    const char *name;
};

static const struct opt add_opts[] = {
    OPT_ROW(struct add_opts, name, OPT_TEXT, "name", 'n', "NAME", WORD_TEXT, "a name for it, instead of its place"),
    OPT_END,
};

struct remove_opts {
    bool to_driver;
};

static const struct opt remove_opts[] = {
    OPT_BOOL(struct remove_opts, to_driver, "rebind", 'r', "give it back to the driver that it was taken from"),
    OPT_END,
};

static const char *text(const struct domo_value *row, const char *key)
{
    return domo_value_str(domo_value_get(row, key), "");
}

static int list(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct list_opts *o = inv->opts;
    AUTO_VALUE struct domo_value *rows = NULL;
    struct domo_ctx *ctx = cli_ctx(cli, err);

    if (!ctx || domo_pci_assignable(ctx, &rows, err) < 0)
        return -1;
    if (cli->g.json) {
        out_json(rows);
        return 0;
    }
    for (size_t i = 0; i < domo_value_len(rows); i++) {
        const struct domo_value *row = domo_value_at(rows, i, NULL);

        (void)printf("%s %s\n", text(row, "addr"), o->names ? text(row, "name") : "");
    }
    return 0;
}

static void show(const struct cli *cli, const struct domo_value *row, const char *done, const char *undone)
{
    const char *driver = text(row, "was_driver");

    if (cli->g.json)
        out_json(row);
    else if (!cli->as_xl && domo_value_bool(domo_value_get(row, "changed"), false))
        (void)printf("%s: %s%s%s\n", text(row, "addr"), done, driver[0] ? ", its driver was " : "", driver);
    else if (!cli->as_xl)
        (void)printf("%s: %s\n", text(row, "addr"), undone);
}

static int add(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct add_opts *o = inv->opts;
    AUTO_VALUE struct domo_value *row = NULL;
    struct domo_ctx *ctx = cli_ctx(cli, err);

    if (!ctx || domo_pci_keep(ctx, inv->args[0], o->name, &row, err) < 0)
        return -1;
    show(cli, row, "kept for guests", "was kept for guests already");
    return 0;
}

static int take(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct remove_opts *o = inv->opts;
    AUTO_VALUE struct domo_value *row = NULL;
    struct domo_ctx *ctx = cli_ctx(cli, err);

    if (!ctx || domo_pci_give_back(ctx, inv->args[0], o->to_driver, &row, err) < 0)
        return -1;
    show(cli, row, "no longer kept for guests", "was not kept for guests");
    return 0;
}

const struct cmd pci_cmds[] = {
    {
        .name = "pci-assignable-list",
        .args = "",
        .summary = "List the PCI devices that are kept for guests",
        .about = "Those that a guest has are not listed.",
        .opts = list_opts,
        .opts_size = sizeof(struct list_opts),
        .flags = CMD_XL | CMD_JSON,
        .run = list,
    },
    {
        .name = "pci-assignable-add",
        .args = "BDF",
        .summary = "Take a PCI device from its driver and keep it for guests",
        .about = "This host can't use it until it is given back: do not do this to its disks or network.",
        .opts = add_opts,
        .opts_size = sizeof(struct add_opts),
        .min = 1,
        .max = 1,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_TEXT},
        .run = add,
    },
    {
        .name = "pci-assignable-remove",
        .args = "BDF|NAME",
        .summary = "No longer keep a PCI device for guests",
        .opts = remove_opts,
        .opts_size = sizeof(struct remove_opts),
        .min = 1,
        .max = 1,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_TEXT},
        .run = take,
    },
    {.name = NULL},
};
