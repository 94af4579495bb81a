/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How USB controllers for guests, and devices of this host at them, are
 * written down.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/str.h"
#include "dev/grammar.h"

/* ---- controllers ---- */

static const struct dev_word types[] = {
    {"auto", NULL}, {"pv", NULL}, {"devicemodel", NULL}, {"qusb", NULL}, {NULL, NULL}};

static const struct dev_key ctrl_keys[] = {
    {.name = "type",
     .type = DEV_KEY_WORD,
     .words = types,
     .json = "type",
     .example = "qusb",
     .doc = "Who serves it: the kernel (pv), QEMU (qusb), QEMU as an emulated controller (devicemodel); auto chooses."},
    {.name = "version",
     .type = DEV_KEY_NUMBER,
     .min = 1,
     .max = 3,
     .json = "version",
     .example = "1",
     .doc = "USB 1.1, 2.0 or 3.0; 2 if it is not given, 3 for an emulated one alone."},
    {.name = "ports",
     .type = DEV_KEY_NUMBER,
     .min = 1,
     .max = 31,
     .json = "ports",
     .example = "4",
     .doc = "How many ports it has; 8 if it is not given."},
    {.name = "backend",
     .json = "backend_domname",
     .example = "usbdom",
     .doc = "The domain that serves it, by name or number."},
};

static const char *check_ctrl(const struct dev_spec *s, const char **ret_hint)
{
    const char *type = dev_spec_get(s, "type");

    *ret_hint = "versions 1 and 2 are there for pv and qusb";
    return type && (str_eq(type, "pv") || str_eq(type, "qusb")) && dev_spec_number(s, "version") == 3
               ? "only an emulated controller has USB 3.0"
               : NULL;
}

const struct dev_grammar grammar_usbctrl = {
    .key = "usbctrl",
    .json_list = "usbctrls",
    .noun = "USB controller",
    .keys = ctrl_keys,
    .n = ARRAY_LEN(ctrl_keys),
    .check = check_ctrl,
};

/* ---- devices ---- */

static const struct dev_word hostdev[] = {{"hostdev", NULL}, {NULL, NULL}};

static const struct dev_key dev_keys[] = {
    {.name = "type",
     .type = DEV_KEY_WORD,
     .words = hostdev,
     .def = "hostdev",
     .example = "hostdev",
     .doc = "A device of this host; there is no other type."},
    {.name = "hostbus",
     .type = DEV_KEY_NUMBER,
     .required = true,
     .min = 1,
     .max = 255,
     .example = "1",
     .doc = "The bus that the device is on, as lsusb has it."},
    {.name = "hostaddr",
     .type = DEV_KEY_NUMBER,
     .required = true,
     .min = 1,
     .max = 255,
     .example = "4",
     .doc = "Its number on the bus, as lsusb has it."},
    {.name = "controller",
     .type = DEV_KEY_NUMBER,
     .max = 65535,
     .json = "ctrl",
     .example = "0",
     .doc = "The guest's controller; one with a free port, or a new one, if it is not given."},
    {.name = "port",
     .type = DEV_KEY_NUMBER,
     .min = 1,
     .max = 31,
     .needs = "controller",
     .json = "port",
     .example = "2",
     .doc = "The controller's port; a free one if it is not given."},
};

/* The type is a member's name there. */
static void dev_to_libxl(const struct dev_spec *s, struct json *o)
{
    struct json *host = json_set_object(o, "type.hostdev");

    json_set_uint(host, "hostbus", dev_spec_number(s, "hostbus"));
    json_set_uint(host, "hostaddr", dev_spec_number(s, "hostaddr"));
}

static int set_number(struct dev_spec *s, const char *key, const struct json *o)
{
    int64_t n = json_get_int(o, key, -1);
    char *AUTO_FREE text = n > 0 ? str_format("%" PRId64, n) : NULL;

    if (n <= 0)
        return -EINVAL;
    return text ? dev_spec_set(s, key, text) : -ENOMEM;
}

static int dev_from_libxl(const struct json *o, struct dev_spec *s)
{
    const struct json *host = json_get(o, "type.hostdev");
    int r = set_number(s, "hostbus", host);

    if (!r)
        r = set_number(s, "hostaddr", host);
    return r ? r : dev_spec_set(s, "type", "hostdev");
}

const struct dev_grammar grammar_usbdev = {
    .key = "usbdev",
    .json_list = "usbdevs",
    .noun = "USB device",
    .keys = dev_keys,
    .n = ARRAY_LEN(dev_keys),
    .to_libxl = dev_to_libxl,
    .from_libxl = dev_from_libxl,
};
