/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device_text.h"

#include <stdio.h>
#include <string.h>

static int num(const struct domo_value *row, const char *key)
{
    return (int)domo_value_int(domo_value_get(row, key), -1);
}

static const char *text(const struct domo_value *row, const char *key)
{
    return domo_value_str(domo_value_get(row, key), "");
}

/* ---- displays ---- */

static void put_connector(const struct domo_value *c, size_t at)
{
    unsigned width = 0, height = 0;

    if (sscanf(text(c, "resolution"), "%5ux%5u", &width, &height) != 2)
        width = height = 0;
    (void)printf("\tConnector: %zu, id: %s, width: %u, height: %u, req-rref: %d, req-evtch: %d, evt-rref: %d, "
                 "evt-evtch: %d\n",
                 at, text(c, "unique_id"), width, height, num(c, "req_ring_ref"), num(c, "req_event_channel"),
                 num(c, "evt_ring_ref"), num(c, "evt_event_channel"));
}

void put_vdispl(const struct domo_value *row)
{
    const struct domo_value *list = domo_value_get(row, "connectors");

    (void)printf("DevId: %d, BE: %d, handle: %d, state: %d, be-alloc: %d, BE-path: %s, FE-path: %s\n",
                 num(row, "devid"), num(row, "back_domid"), num(row, "front_domid"), num(row, "state"),
                 num(row, "be_alloc"), text(row, "back.path"), text(row, "front.path"));
    for (size_t i = 0; i < domo_value_len(list); i++)
        put_connector(domo_value_at(list, i, NULL), i);
}

/* ---- sound cards ---- */

/* xl ends each element of a list with a semicolon. */
static void put_list(const char *label, const char *list)
{
    if (!*list)
        return;
    (void)printf("%s", label);
    for (; *list; list++)
        (void)putchar(*list == ',' ? ';' : *list);
    (void)putchar(';');
}

static void put_number(const char *label, int value)
{
    if (value > 0)
        (void)printf("%s%d", label, value);
}

/* Rates and formats have the same label there, and so here. */
static void put_params(const struct domo_value *part)
{
    put_number(", channels-min: ", num(part, "channels_min"));
    put_number(", channels-max: ", num(part, "channels_max"));
    put_number(", buffer-size: ", num(part, "buffer_size"));
    put_list(", sample-rates: ", text(part, "sample_rates"));
    put_list(", sample-rates: ", text(part, "sample_formats"));
    (void)putchar('\n');
}

static void put_stream(const struct domo_value *s, size_t at)
{
    (void)printf("\t\tstream: %zu, unique-id: \"%s\", type: %s", at, text(s, "unique_id"), text(s, "type"));
    put_params(s);
    (void)printf("\t\t\tevent-channel: %d, ring-ref: %d\n", num(s, "event_channel"), num(s, "ring_ref"));
}

static void put_pcm(const struct domo_value *pcm, size_t at)
{
    const struct domo_value *streams = domo_value_get(pcm, "streams");

    (void)printf("\tpcm: %zu, name: \"%s\"", at, text(pcm, "name"));
    put_params(pcm);
    for (size_t i = 0; i < domo_value_len(streams); i++)
        put_stream(domo_value_at(streams, i, NULL), i);
}

void put_vsnd(const struct domo_value *row)
{
    const struct domo_value *pcms = domo_value_get(row, "pcms");

    (void)printf("devid: %d, be-domid: %d, handle: %d, state: %d, be-path: %s, fe-path: %s\n", num(row, "devid"),
                 num(row, "back_domid"), num(row, "front_domid"), num(row, "state"), text(row, "back.path"),
                 text(row, "front.path"));
    (void)printf("short-name: \"%s\", long-name: \"%s\"", text(row, "short_name"), text(row, "long_name"));
    put_params(row);
    for (size_t i = 0; i < domo_value_len(pcms); i++)
        put_pcm(domo_value_at(pcms, i, NULL), i);
}

/* ---- PCI ---- */

/* Where the guest sees it: asked for, else published by pciback, else what xl shows then. */
static void put_function(const struct domo_value *f)
{
    const char *addr = text(f, "addr"), *vdev = text(f, "vdev");
    int slot = num(f, "vslot");
    size_t len = strlen(addr);
    unsigned func = len && addr[len - 1] >= '0' ? (unsigned)(addr[len - 1] - '0') : 0;

    if (slot >= 0)
        (void)printf("%02x.%01x %s\n", (unsigned)slot, func, addr);
    else
        (void)printf("%s %s\n", strlen(vdev) > strlen("0000:00:") ? vdev + strlen("0000:00:") : "00.0", addr);
}

void put_pci(const struct domo_value *row)
{
    const struct domo_value *list = domo_value_get(row, "functions");

    (void)printf("Vdev Device\n");
    for (size_t i = 0; i < domo_value_len(list); i++)
        put_function(domo_value_at(list, i, NULL));
}

/* ---- USB ---- */

static void put_port(const struct domo_value *devices, int port)
{
    (void)printf("  Port %d:", port);
    for (size_t i = 0; i < domo_value_len(devices); i++) {
        const struct domo_value *d = domo_value_at(devices, i, NULL);

        if (num(d, "port") == port)
            (void)printf(" Bus %03x Device %03x", (unsigned)num(d, "bus"), (unsigned)num(d, "addr"));
    }
    (void)putchar('\n');
}

void put_usb(const struct domo_value *row)
{
    (void)printf("%-6s %-12s %-3s %-5s %-7s %-5s\n", "Devid", "Type", "BE", "state", "usb-ver", "ports");
    (void)printf("%-6d %-12s %-3d %-5d %-7d %-5d\n", num(row, "devid"), text(row, "type"), num(row, "back_domid"),
                 num(row, "state"), num(row, "usb_version"), num(row, "ports"));
    for (int port = 1; port <= num(row, "ports"); port++)
        put_port(domo_value_get(row, "devices"), port);
}
