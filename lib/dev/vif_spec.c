/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Parses vif specs. One row a key: its name and what reads its value.
 */
#include "dev/vif_spec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/spec_item.h"
#include "dev/vif_rate.h"
#include "dev/vif_spec_read.h"

enum { IFNAME_MAX = 15, MTU_MIN = 68, MTU_MAX = 65535 };

static const char MODEL_LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

struct reading {
    struct spec_text st;
    struct vif_spec vif;
    char *mac, *type, *rate, *mtu, *devid; /* as written, to notice a second one */
};

void vif_spec_fini(struct vif_spec *v)
{
    free(v->bridge);
    free(v->ip);
    free(v->script);
    free(v->vifname);
    free(v->gatewaydev);
    free(v->model);
    free(v->backend);
    memset(v, 0, sizeof *v);
}

static bool copy_text(const char *from, char **to)
{
    *to = from ? strdup(from) : NULL;
    return !from || *to;
}

int vif_spec_copy(const struct vif_spec *from, struct vif_spec *to)
{
    struct vif_spec copy = *from;
    bool ok;

    copy.bridge = copy.ip = copy.script = copy.vifname = copy.gatewaydev = copy.model = copy.backend = NULL;
    ok = copy_text(from->bridge, &copy.bridge) && copy_text(from->ip, &copy.ip) &&
         copy_text(from->script, &copy.script) && copy_text(from->vifname, &copy.vifname) &&
         copy_text(from->gatewaydev, &copy.gatewaydev) && copy_text(from->model, &copy.model) &&
         copy_text(from->backend, &copy.backend);
    if (!ok) {
        vif_spec_fini(&copy);
        return -ENOMEM;
    }
    *to = copy;
    return 0;
}

static int warn(struct reading *r, const struct spec_item *item, const char *hint, const char *message)
{
    diag_add(r->st.diags, DIAG_WARNING, DOMO_E_CONFIG_VALUE, item->pos, hint, "%s", message);
    return 0;
}

static int read_mac(struct reading *r, const struct spec_item *item)
{
    static const uint8_t none[MAC_LEN];

    if (spec_item_store(&r->st, item, "mac", &r->mac))
        return -1;
    if (!r->mac)
        return 0;
    if (mac_parse(r->mac, r->vif.mac))
        return spec_item_bad(&r->st, item, "six pairs of hexadecimal digits: 00:16:3e:01:02:03",
                             "'%.40s' is no hardware address", r->mac);
    if (r->vif.mac[0] & 1)
        return spec_item_bad(&r->st, item, "the first byte of a card's address is even",
                             "'%.40s' is a group address, no card can have it", r->mac);
    r->vif.has_mac = memcmp(r->vif.mac, none, sizeof none) != 0;
    if (!r->vif.has_mac)
        (void)warn(r, item, NULL, "an address of zeros counts as none: one is generated");
    return 0;
}

static int read_type(struct reading *r, const struct spec_item *item)
{
    if (spec_item_store(&r->st, item, "type", &r->type))
        return -1;
    if (!r->type)
        return 0;
    if (!strcmp(r->type, "vif"))
        r->vif.type = VIF_TYPE_VIF;
    else if (!strcmp(r->type, "ioemu"))
        r->vif.type = VIF_TYPE_IOEMU;
    else
        return spec_item_bad(&r->st, item, "one of: vif, ioemu", "'%.40s' is no type of a vif", r->type);
    return 0;
}

static int read_rate(struct reading *r, const struct spec_item *item)
{
    struct vif_rate rate;
    const char *why;

    if (spec_item_store(&r->st, item, "rate", &r->rate))
        return -1;
    if (!r->rate)
        return 0;
    why = vif_rate_parse(r->rate, &rate);
    if (why)
        return spec_item_bad(&r->st, item, "like 10Mb/s, 250KB/s or 1MB/s@20ms", "%s", why);
    if (rate.unitless_interval)
        (void)warn(r, item, "write s, ms or us behind the interval",
                   "an interval without a unit counts seconds, whatever xl's manual says");
    r->vif.rate_bytes = rate.bytes;
    r->vif.rate_interval_us = rate.interval_us;
    return 0;
}

static int read_number(struct reading *r, const struct spec_item *item, const char *name, char **field, uint32_t min,
                       uint32_t max, uint32_t *ret)
{
    uint32_t v;

    if (spec_item_store(&r->st, item, name, field))
        return -1;
    if (!*field)
        return 0;
    if (str_to_u32(*field, &v) || v < min || v > max)
        return spec_item_bad(&r->st, item, NULL, "%s is a number between %u and %u, not '%.40s'", name, min, max,
                             *field);
    *ret = v;
    return 0;
}

static int read_mtu(struct reading *r, const struct spec_item *item)
{
    return read_number(r, item, "mtu", &r->mtu, MTU_MIN, MTU_MAX, &r->vif.mtu);
}

static int read_devid(struct reading *r, const struct spec_item *item)
{
    int got = read_number(r, item, "devid", &r->devid, 0, 65535, &r->vif.devid);

    r->vif.has_devid = !got && r->devid;
    return got;
}

static int read_bridge(struct reading *r, const struct spec_item *item)
{
    return spec_item_store(&r->st, item, "bridge", &r->vif.bridge);
}

static int read_ip(struct reading *r, const struct spec_item *item)
{
    return spec_item_store(&r->st, item, "ip", &r->vif.ip);
}

static int read_script(struct reading *r, const struct spec_item *item)
{
    return spec_item_store(&r->st, item, "script", &r->vif.script);
}

static int read_vifname(struct reading *r, const struct spec_item *item)
{
    const char *s;

    if (spec_item_store(&r->st, item, "vifname", &r->vif.vifname))
        return -1;
    s = r->vif.vifname;
    if (s && (strlen(s) > IFNAME_MAX || strpbrk(s, "/ \t:") || !strcmp(s, ".") || !strcmp(s, "..")))
        return spec_item_bad(&r->st, item, "at most 15 bytes, without '/', ':' and blanks",
                             "'%.40s' can't be the name of a network interface", s);
    return 0;
}

static int read_gatewaydev(struct reading *r, const struct spec_item *item)
{
    return spec_item_store(&r->st, item, "gatewaydev", &r->vif.gatewaydev);
}

static int read_netdev(struct reading *r, const struct spec_item *item)
{
    (void)warn(r, item, "write gatewaydev=", "netdev= is an old key");
    return read_gatewaydev(r, item);
}

static int read_model(struct reading *r, const struct spec_item *item)
{
    if (spec_item_store(&r->st, item, "model", &r->vif.model))
        return -1;
    if (r->vif.model && (!*r->vif.model || r->vif.model[strspn(r->vif.model, MODEL_LETTERS)]))
        return spec_item_bad(&r->st, item, "like rtl8139 or e1000", "'%.40s' can't be a model of a network card",
                             r->vif.model);
    return 0;
}

static int read_backend(struct reading *r, const struct spec_item *item)
{
    return spec_item_store(&r->st, item, "backend", &r->vif.backend);
}

static int read_accel(struct reading *r, const struct spec_item *item)
{
    return warn(r, item, NULL, "accel= is ignored: Xen has no accelerated vifs any more");
}

static int read_forwarddev(struct reading *r, const struct spec_item *item)
{
    diag_add(r->st.diags, DIAG_ERROR, DOMO_E_CONFIG_NOT_ACTED_ON, item->pos, NULL,
             "'%.*s' of a vif is known, but not acted on yet", (int)item->key_len, item->s);
    return 0;
}

static const struct row {
    const char *name;
    int (*read)(struct reading *, const struct spec_item *);
} rows[] = {
    {"mac", read_mac},         {"bridge", read_bridge},   {"type", read_type},
    {"model", read_model},     {"vifname", read_vifname}, {"gatewaydev", read_gatewaydev},
    {"netdev", read_netdev},   {"ip", read_ip},           {"script", read_script},
    {"backend", read_backend}, {"rate", read_rate},       {"devid", read_devid},
    {"mtu", read_mtu},         {"accel", read_accel},     {"forwarddev", read_forwarddev},
};

static const char *row_at(size_t i, const void *arg)
{
    (void)arg;
    return i < ARRAY_LEN(rows) ? rows[i].name : NULL;
}

static int unknown(struct reading *r, const struct spec_item *item)
{
    char AUTO_FREE *word = strndup(item->s, item->key_len);
    char AUTO_FREE *hint = NULL;
    const char *near = word ? str_nearest(word, row_at, NULL) : NULL;

    if (!word) {
        r->st.diags->failed = true;
        return -1;
    }
    if (near)
        hint = str_format(item->value ? "did you mean '%s='?" : "did you mean '%s=...'?", near);
    diag_add(r->st.diags, DIAG_ERROR, DOMO_E_CONFIG_UNKNOWN_KEY, item->pos, hint,
             item->value ? "a vif has no '%.60s='" : "'%.60s' is no word of a vif: it has key=value pairs", word);
    return -1;
}

static int read_item(struct reading *r, const struct spec_item *item)
{
    size_t i;

    if (!item->len)
        return 0;
    if (!item->value) {
        if (!spec_item_is(item, "trusted") && !spec_item_is(item, "untrusted"))
            return unknown(r, item);
        r->vif.untrusted = item->s[0] == 'u';
        return 0;
    }
    for (i = 0; i < ARRAY_LEN(rows); i++)
        if (spec_item_is(item, rows[i].name))
            return rows[i].read(r, item);
    return strncmp(item->s, "colo_", 5) ? unknown(r, item) : read_forwarddev(r, item);
}

static void reading_fini(struct reading *r)
{
    free(r->mac);
    free(r->type);
    free(r->rate);
    free(r->mtu);
    free(r->devid);
    vif_spec_fini(&r->vif);
}

int vif_spec_read(const char *text, struct conf_pos at, struct diags *d, struct vif_spec *ret)
{
    struct reading r = {.st = {.text = text, .at = at, .diags = d}};
    struct spec_item item;
    int bad = 0;

    r.vif.pos = conf_pos_at(at, 0, strlen(text));
    while (spec_item_next(&r.st, &item))
        if (read_item(&r, &item))
            bad = -1;
    if (!bad) {
        *ret = r.vif;
        memset(&r.vif, 0, sizeof r.vif);
    }
    reading_fini(&r);
    return bad;
}

int vif_spec_parse(const char *text, struct conf_pos at, struct diags *d, struct vif_spec *ret)
{
    unsigned before = d->errors;
    struct vif_spec vif;

    if (vif_spec_read(text, at, d, &vif))
        return -1;
    if (d->errors != before) {
        vif_spec_fini(&vif);
        return -1;
    }
    *ret = vif;
    return 0;
}
