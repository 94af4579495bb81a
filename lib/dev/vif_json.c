/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Vif specs as canonical text and as libxl's JSON.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "dev/vif_rate.h"
#include "dev/vif_spec.h"

static const char *type_name(enum vif_type t)
{
    switch (t) {
    case VIF_TYPE_DEFAULT:
        return NULL;
    case VIF_TYPE_VIF:
        return "vif";
    case VIF_TYPE_IOEMU:
        return "ioemu";
    }
    return NULL;
}

static void add_value(struct str *out, const char *key, const char *value)
{
    if (value)
        str_addf(out, "%s%s=%s", out->len ? "," : "", key, value);
}

char *vif_spec_print(const struct vif_spec *v)
{
    struct str AUTO_STR out = STR_INIT, AUTO_STR rate = STR_INIT;
    char mac[MAC_TEXT_MAX];

    str_add(&out, "");
    mac_print(v->mac, mac);
    add_value(&out, "mac", v->has_mac ? mac : NULL);
    add_value(&out, "bridge", v->bridge);
    add_value(&out, "type", type_name(v->type));
    add_value(&out, "model", v->model);
    add_value(&out, "vifname", v->vifname);
    add_value(&out, "gatewaydev", v->gatewaydev);
    add_value(&out, "ip", v->ip);
    add_value(&out, "script", v->script);
    add_value(&out, "backend", v->backend);
    if (v->rate_bytes) {
        vif_rate_print(v->rate_bytes, v->rate_interval_us, &rate);
        add_value(&out, "rate", str_text(&rate));
    }
    if (v->has_devid)
        str_addf(&out, "%sdevid=%u", out.len ? "," : "", v->devid);
    if (v->mtu)
        str_addf(&out, "%smtu=%u", out.len ? "," : "", v->mtu);
    if (v->untrusted)
        str_addf(&out, "%suntrusted", out.len ? "," : "");
    if (rate.failed)
        out.failed = true;
    return str_steal(&out);
}

static void set_text(struct json *o, const char *name, const char *text)
{
    if (text)
        json_set_str(o, name, text);
}

struct json *vif_spec_to_libxl(const struct vif_spec *v)
{
    struct json *o = json_new_object();
    char mac[MAC_TEXT_MAX];

    set_text(o, "backend_domname", v->backend);
    json_set_uint(o, "devid", v->devid);
    if (v->mtu)
        json_set_uint(o, "mtu", v->mtu);
    set_text(o, "model", v->model);
    mac_print(v->mac, mac);
    if (v->has_mac)
        json_set_str(o, "mac", mac);
    set_text(o, "ip", v->ip);
    set_text(o, "bridge", v->bridge);
    set_text(o, "ifname", v->vifname);
    set_text(o, "script", v->script);
    if (v->type != VIF_TYPE_DEFAULT)
        json_set_str(o, "nictype", v->type == VIF_TYPE_IOEMU ? "vif_ioemu" : "vif");
    if (v->rate_bytes) {
        json_set_uint(o, "rate_bytes_per_interval", v->rate_bytes);
        json_set_uint(o, "rate_interval_usecs", v->rate_interval_us);
    }
    set_text(o, "gatewaydev", v->gatewaydev);
    if (v->untrusted)
        json_set_str(o, "trusted", "False");
    return json_done(o);
}

static int get_text(const struct json *j, const char *name, char **ret)
{
    const char *text = json_get_str(j, name, NULL);

    if (!text || !*text)
        return 0;
    *ret = strdup(text);
    return *ret ? 0 : -ENOMEM;
}

static int get_texts(const struct json *j, struct vif_spec *v)
{
    int64_t domid = json_get_int(j, "backend_domid", 0);

    if (get_text(j, "model", &v->model) || get_text(j, "ip", &v->ip) || get_text(j, "bridge", &v->bridge) ||
        get_text(j, "ifname", &v->vifname) || get_text(j, "script", &v->script) ||
        get_text(j, "gatewaydev", &v->gatewaydev) || get_text(j, "backend_domname", &v->backend))
        return -ENOMEM;
    if (v->backend || domid <= 0)
        return 0;
    v->backend = str_format("%" PRId64, domid);
    return v->backend ? 0 : -ENOMEM;
}

static int get_numbers(const struct json *j, struct vif_spec *v)
{
    int64_t devid = json_get_int(j, "devid", -1), mtu = json_get_int(j, "mtu", 0);
    int64_t interval = json_get_int(j, "rate_interval_usecs", 0);

    if (devid > INT32_MAX || mtu < 0 || mtu > INT32_MAX || interval < 0 || interval > UINT32_MAX)
        return -EINVAL;
    v->has_devid = devid >= 0;
    v->devid = v->has_devid ? (uint32_t)devid : 0;
    v->mtu = (uint32_t)mtu;
    v->rate_bytes = json_uint(json_get(j, "rate_bytes_per_interval"), 0);
    v->rate_interval_us = v->rate_bytes ? (uint32_t)interval : 0;
    return 0;
}

static int get_words(const struct json *j, struct vif_spec *v)
{
    const char *mac = json_get_str(j, "mac", NULL), *type = json_get_str(j, "nictype", NULL);
    static const uint8_t none[MAC_LEN];

    if (mac && mac_parse(mac, v->mac))
        return -EINVAL;
    v->has_mac = memcmp(v->mac, none, sizeof none) != 0;
    if (!type || !strcmp(type, "unknown"))
        v->type = VIF_TYPE_DEFAULT;
    else if (!strcmp(type, "vif"))
        v->type = VIF_TYPE_VIF;
    else if (!strcmp(type, "vif_ioemu"))
        v->type = VIF_TYPE_IOEMU;
    else
        return -EINVAL;
    v->untrusted = !strcmp(json_get_str(j, "trusted", ""), "False");
    return 0;
}

int vif_spec_from_libxl(const struct json *j, struct vif_spec *ret)
{
    struct vif_spec v = {.has_devid = false};
    int r = json_is_object(j) ? get_texts(j, &v) : -EINVAL;

    if (!r && (get_numbers(j, &v) || get_words(j, &v)))
        r = -EINVAL;
    if (r)
        vif_spec_fini(&v);
    else
        *ret = v;
    return r;
}
