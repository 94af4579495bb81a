/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The lists of devices by kind, in xl's layout: the "handle" of a disk is the
 * guest's number, and what does not exist is -1, because scripts expect that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_text.h"
#include "groups.h"
#include "out.h"
#include "text.h"
#include "xl.h"

static const struct opt no_opts[] = {OPT_END};

static int num(const struct domo_value *row, const char *key)
{
    return (int)domo_value_int(domo_value_get(row, key), -1);
}

static const char *back_path(const struct domo_value *row)
{
    return domo_value_str(domo_value_get(row, "back.path"), "");
}

/* The number as stock xl shows it: it looks at the front end's own directory only, not at its queues. */
static int flat(const struct domo_value *row, const char *key)
{
    const struct domo_value *own = domo_value_get(row, "flat");

    return num(own ? own : row, key);
}

static void put_disk_header(void)
{
    (void)printf("%-5s %-3s %-6s %-5s %-6s %-8s %-30s\n", "Vdev", "BE", "handle", "state", "evt-ch", "ring-ref",
                 "BE-path");
}

static void put_disk(const struct domo_value *row)
{
    (void)printf("%-5d %-3d %-6d %-5d %-6d %-8d %-30s\n", num(row, "devid"), num(row, "back_domid"),
                 num(row, "front_domid"), num(row, "state"), flat(row, "event_channel"), flat(row, "ring_ref"),
                 back_path(row));
}

static void put_vif_header(void)
{
    (void)printf("%-3s %-2s %-17s %-6s %-5s %-6s %5s/%-5s %-30s\n", "Idx", "BE", "Mac Addr.", "handle", "state",
                 "evt-ch", "tx-", "rx-ring-ref", "BE-path");
}

static void put_vif(const struct domo_value *row)
{
    (void)printf("%-3d %-2d %-17s%6d %5d %6d %5d/%-11d %-30s\n", num(row, "devid"), num(row, "back_domid"),
                 domo_value_str(domo_value_get(row, "mac"), "00:00:00:00:00:00"), num(row, "handle"), num(row, "state"),
                 flat(row, "event_channel"), flat(row, "tx_ring_ref"), flat(row, "rx_ring_ref"), back_path(row));
}

static void put_vtpm_header(void)
{
    (void)printf("%-3s %-2s %-36s %-6s %-5s %-6s %-5s %-10s\n", "Idx", "BE", "Uuid", "handle", "state", "evt-ch",
                 "ri-ref", "BE-path");
}

static void put_vtpm(const struct domo_value *row)
{
    (void)printf("%-3d %-2d %-36s %6d %5d %6d %8d %-30s\n", num(row, "devid"), num(row, "back_domid"),
                 domo_value_str(domo_value_get(row, "uuid"), ""), num(row, "devid"), num(row, "state"),
                 num(row, "event_channel"), num(row, "ring_ref"), back_path(row));
}

static void put_vkb_header(void)
{
    (void)printf("%-3s %-2s %-6s %-5s %-6s %6s %-10s %-10s %-30s\n", "Idx", "BE", "handle", "state", "evt-ch", "ref",
                 "ID", "BE-type", "BE-path");
}

static void put_vkb(const struct domo_value *row)
{
    (void)printf("%-3d %-2d %6d %5d %6d %6d %-10s %-10s %-30s\n", num(row, "devid"), num(row, "back_domid"),
                 num(row, "devid"), num(row, "state"), num(row, "event_channel"), num(row, "ring_ref"),
                 domo_value_str(domo_value_get(row, "unique_id"), "(null)"),
                 domo_value_str(domo_value_get(row, "backend_type"), ""), back_path(row));
}

static void put_channel_header(void)
{
    (void)printf("%-3s %-2s %-5s %-6s %8s %-10s %-30s\n", "Idx", "BE", "state", "evt-ch", "ring-ref", "connection", "");
}

/* Channels count from 0, their devices from 1. Of the ways to connect, xl names the place of a pty alone. */
static void put_channel(const struct domo_value *row)
{
    const char *connection = domo_value_str(domo_value_get(row, "connection"), "");

    (void)printf("%-3d %-2d %-5d %-6d %-8d %-10s ", num(row, "devid") - 1, num(row, "back_domid"), num(row, "state"),
                 num(row, "event_channel"), num(row, "ring_ref"), connection);
    if (strcmp(connection, "pty") == 0)
        (void)printf("%-30s ", domo_value_str(domo_value_get(row, "path"), ""));
    (void)printf("\n");
}

struct layout {
    const char *command, *kind;
    void (*header)(void); /* NULL: none */
    void (*row)(const struct domo_value *);
    int first; /* lower numbers are not shown: the primary console is no channel */
};

static const struct layout layouts[] = {
    {"block-list", "vbd", put_disk_header, put_disk, 0},
    {"network-list", "vif", put_vif_header, put_vif, 0},
    {"channel-list", "console", put_channel_header, put_channel, 1},
    {"pci-list", "pci", NULL, put_pci, 0},
    {"usb-list", "vusb", NULL, put_usb, 0},
    {"vdispl-list", "vdispl", NULL, put_vdispl, 0},
    {"vkb-list", "vkbd", put_vkb_header, put_vkb, 0},
    {"vsnd-list", "vsnd", NULL, put_vsnd, 0},
    {"vtpm-list", "vtpm", put_vtpm_header, put_vtpm, 0},
};

/* Each command of the table below has one. */
static const struct layout *layout_of(const struct inv *inv)
{
    size_t i = 0;

    while (strcmp(layouts[i].command, inv->cmd->name) != 0)
        i++;
    return &layouts[i];
}

/* One guest's devices. */
static int read_one(struct cli *cli, const struct layout *layout, const char *domain, struct domo_value **ret,
                    struct domo_err *err)
{
    struct domo_ctx *ctx = cli_ctx(cli, err);
    uint32_t domid;

    if (!ctx)
        return -1;
    if (domo_resolve(ctx, domain, &domid, err) < 0)
        return cli->as_xl ? xl_bad_domain(cli, layout->command, domain, err) : -1;
    return domo_devices(ctx, domid, layout->kind, ret, err);
}

static int read_all(struct cli *cli, const struct inv *inv, const struct layout *layout, struct domo_value **rows,
                    struct domo_err *err)
{
    for (int i = 0; i < inv->n; i++) {
        if (read_one(cli, layout, inv->args[i], &rows[i], err) == 0)
            continue;
        /* xl goes on with the next guest, and succeeds. */
        if (!cli->as_xl || !cli->told)
            return -1;
        domo_err_clear(err);
        cli->told = false;
    }
    return 0;
}

static void put_all(const struct cli *cli, const struct layout *layout, struct domo_value *const *rows, int n)
{
    struct out_array documents = {false};

    if (!cli->g.json && layout->header)
        layout->header();
    for (int i = 0; i < n; i++) {
        for (size_t j = 0; j < domo_value_len(rows[i]); j++) {
            const struct domo_value *row = domo_value_at(rows[i], j, NULL);

            if (num(row, "devid") < layout->first)
                continue;
            if (cli->g.json)
                out_array_add(&documents, row);
            else
                layout->row(row);
        }
    }
    if (cli->g.json)
        out_array_end(&documents);
}

/* All is read before the first line is printed: a failure leaves no half document. */
static int list_devices(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct layout *layout = layout_of(inv);
    struct domo_value **rows = text_need(calloc((size_t)inv->n, sizeof(struct domo_value *)));
    int r = read_all(cli, inv, layout, rows, err);

    if (r == 0)
        put_all(cli, layout, rows, inv->n);
    for (int i = 0; i < inv->n; i++)
        domo_value_free(rows[i]);
    free(rows);
    return r;
}

const struct cmd device_list_cmds[] = {
    {
        .name = "block-list",
        .args = "DOMAIN…",
        .summary = "List the disks of guests",
        .opts = no_opts,
        .min = 1,
        .max = CMD_ANY,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN},
        .run = list_devices,
    },
    {
        .name = "network-list",
        .args = "DOMAIN…",
        .summary = "List the network interfaces of guests",
        .opts = no_opts,
        .min = 1,
        .max = CMD_ANY,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN},
        .run = list_devices,
    },
    {
        .name = "channel-list",
        .args = "DOMAIN…",
        .summary = "List the channels of guests",
        .opts = no_opts,
        .min = 1,
        .max = CMD_ANY,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN},
        .run = list_devices,
    },
    {
        .name = "vkb-list",
        .args = "DOMAIN…",
        .summary = "List the virtual keyboards of guests",
        .opts = no_opts,
        .min = 1,
        .max = CMD_ANY,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN},
        .run = list_devices,
    },
    {
        .name = "vtpm-list",
        .args = "DOMAIN…",
        .summary = "List the virtual TPMs of guests",
        .opts = no_opts,
        .min = 1,
        .max = CMD_ANY,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN},
        .run = list_devices,
    },
    {
        .name = "vdispl-list",
        .args = "DOMAIN…",
        .summary = "List the virtual displays of guests",
        .opts = no_opts,
        .min = 1,
        .max = CMD_ANY,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN},
        .run = list_devices,
    },
    {
        .name = "vsnd-list",
        .args = "DOMAIN…",
        .summary = "List the virtual sound cards of guests",
        .opts = no_opts,
        .min = 1,
        .max = CMD_ANY,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN},
        .run = list_devices,
    },
    {
        .name = "pci-list",
        .args = "DOMAIN…",
        .summary = "List the PCI devices of guests",
        .opts = no_opts,
        .min = 1,
        .max = CMD_ANY,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN},
        .run = list_devices,
    },
    {
        .name = "usb-list",
        .args = "DOMAIN…",
        .summary = "List the USB controllers and devices of guests",
        .opts = no_opts,
        .min = 1,
        .max = CMD_ANY,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN},
        .run = list_devices,
    },
    {.name = NULL},
};
