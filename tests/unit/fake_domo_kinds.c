/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Devices of the host that answers from memory, of the kinds that are not
 * disks or network interfaces.
 */
#include "fake_domo_kinds.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"

/* What all rows have, behind their own members. */
#define ROW(kind, own)                                                                                                 \
    "{\"kind\":\"" kind "\",\"devid\":0," own ",\"back_domid\":0,\"front_domid\":5,\"handle\":-1,\"state\":4,"         \
    "\"back\":{\"path\":\"/local/domain/0/backend/" kind "/5/0\",\"state\":4,\"state_name\":\"Connected\","            \
    "\"hotplug_status\":null,\"error\":null},"                                                                         \
    "\"front\":{\"path\":\"/local/domain/5/device/" kind "/0\",\"state\":4,\"state_name\":\"Connected\","              \
    "\"error\":null},\"event_channel\":21,\"ring_ref\":9,\"tx_ring_ref\":-1,\"rx_ring_ref\":-1,\"connected\":true}"

#define PCI                                                                                                            \
    "\"functions\":[{\"addr\":\"0000:03:00.0\",\"name\":null,\"driver\":\"pciback\",\"vslot\":5,\"vdev\":"             \
    "\"0000:00:05.0\"},{\"addr\":\"0000:04:00.1\",\"name\":\"nic\",\"driver\":\"pciback\",\"vslot\":-1,\"vdev\":"      \
    "\"0000:00:01.1\"}]"
#define USB                                                                                                            \
    "\"type\":\"pv\",\"usb_version\":2,\"ports\":2,\"devices\":[{\"port\":2,\"bus_id\":\"1-3.1\",\"bus\":1,"           \
    "\"addr\":26}]"
#define VDISPL                                                                                                         \
    "\"be_alloc\":0,\"connectors\":[{\"unique_id\":\"id0\",\"resolution\":\"1920x1080\",\"req_ring_ref\":8,"           \
    "\"req_event_channel\":9,\"evt_ring_ref\":10,\"evt_event_channel\":11}]"
#define NO_PARAMS                                                                                                      \
    "\"sample_rates\":null,\"sample_formats\":null,\"channels_min\":-1,\"channels_max\":-1,\"buffer_size\":-1"
#define VSND                                                                                                           \
    "\"short_name\":\"Main\",\"long_name\":\"Main card\",\"sample_rates\":\"44100,48000\",\"sample_formats\":"         \
    "\"s8,s16_le\",\"channels_min\":1,\"channels_max\":2,\"buffer_size\":4096,\"pcms\":[{\"name\":\"a\"," NO_PARAMS    \
    ",\"streams\":[{\"unique_id\":\"out\",\"type\":\"p\"," NO_PARAMS ",\"ring_ref\":12,\"event_channel\":13}]}]"

static const struct {
    const char *kind, *row;
} kinds[] = {
    {"pci", ROW("pci", PCI)},
    {"usbdev", ROW("vusb", USB)},
    {"vdispl", ROW("vdispl", VDISPL)},
    {"vsnd", ROW("vsnd", VSND)},
    {"vtpm", ROW("vtpm", "\"uuid\":\"6f1d3c5e-0a7b-4c1d-9e2f-8a4b6c0d1e2f\"")},
    {"vusb", ROW("vusb", USB)},
};

const char *fake_kind_row(const char *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].kind, kind) == 0)
            return kinds[i].row;
    return NULL;
}

static struct json *parse(const char *text)
{
    struct json *j = NULL;

    if (json_parse(text, strlen(text), &j, NULL) < 0)
        abort();
    return j;
}

struct domo_value *fake_kind_rows(const char *kind)
{
    struct json *list = json_new_array();

    json_add(list, parse(fake_kind_row(kind)));
    return (struct domo_value *)list;
}

struct domo_value *fake_kind_changed(const char *kind, const char *which)
{
    struct json *row = parse(fake_kind_row(kind));

    if (strcmp(kind, "pci") == 0 || strcmp(kind, "usbdev") == 0)
        json_add_str(json_set_array(row, "changed"), which);
    return (struct domo_value *)row;
}

/* ---- PCI devices of the host ---- */

int domo_pci_assignable(struct domo_ctx *ctx, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    (void)err;
    *ret = (struct domo_value *)parse("[{\"addr\":\"0000:06:00.0\",\"name\":\"scanner\",\"was_driver\":\"e1000e\"},"
                                      "{\"addr\":\"0000:07:00.0\",\"name\":null,\"was_driver\":null}]");
    return 0;
}

int domo_pci_keep(struct domo_ctx *ctx, const char *bdf, const char *name, struct domo_value **ret,
                  struct domo_err *err)
{
    struct json *row = json_new_object();

    (void)ctx;
    if (strcmp(bdf, "77:00.0") == 0) {
        (void)json_free(row);
        (void)err_set(err, DOMO_E_DEVICE_NOT_FOUND, "this host has no PCI device %s", bdf);
        return err_hint(err, "lspci -D lists what there is");
    }
    json_set_str(row, "addr", "0000:06:00.0");
    json_set_str(row, "name", name);
    json_set_str(row, "was_driver", "e1000e");
    json_set_bool(row, "changed", strcmp(bdf, "07:00.0") != 0);
    *ret = (struct domo_value *)row;
    return 0;
}

int domo_pci_give_back(struct domo_ctx *ctx, const char *which, bool to_driver, struct domo_value **ret,
                       struct domo_err *err)
{
    (void)to_driver;
    return domo_pci_keep(ctx, which, NULL, ret, err);
}
