/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Disk specs as canonical text and as libxl's JSON.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "dev/disk_spec.h"

static const char *format_name(enum disk_format f)
{
    switch (f) {
    case DISK_FORMAT_RAW:
        return "raw";
    case DISK_FORMAT_QCOW:
        return "qcow";
    case DISK_FORMAT_QCOW2:
        return "qcow2";
    case DISK_FORMAT_VHD:
        return "vhd";
    case DISK_FORMAT_QED:
        return "qed";
    case DISK_FORMAT_EMPTY:
        return "empty";
    }
    return "";
}

static const char *access_name(enum disk_access a)
{
    switch (a) {
    case DISK_ACCESS_RW:
        return "rw";
    case DISK_ACCESS_RO:
        return "ro";
    case DISK_ACCESS_RW_SHARED:
        return "w!";
    }
    return "";
}

/* NULL for the automatic choice. */
static const char *backend_name(enum disk_backend b)
{
    switch (b) {
    case DISK_BACKEND_AUTO:
        return NULL;
    case DISK_BACKEND_PHY:
        return "phy";
    case DISK_BACKEND_QDISK:
        return "qdisk";
    case DISK_BACKEND_TAP:
        return "tap";
    case DISK_BACKEND_STANDALONE:
        return "standalone";
    }
    return NULL;
}

static void add_value(struct str *out, const char *key, const char *value)
{
    if (value)
        str_addf(out, ",%s=%s", key, value);
}

char *disk_spec_print(const struct disk_spec *d)
{
    struct str AUTO_STR out = STR_INIT;

    str_addf(&out, "format=%s,vdev=%s", format_name(d->format), d->vdev);
    add_value(&out, "access", access_name(d->access));
    if (d->is_cdrom)
        str_add(&out, ",devtype=cdrom");
    add_value(&out, "backend", d->backend);
    add_value(&out, "backendtype", backend_name(d->backendtype));
    add_value(&out, "script", d->script);
    if (d->is_virtio)
        str_add(&out, ",specification=virtio");
    if (d->direct_io_safe)
        str_add(&out, ",direct-io-safe");
    if (d->has_discard)
        str_add(&out, d->discard ? ",discard" : ",no-discard");
    if (d->untrusted)
        str_add(&out, ",untrusted");
    /* Last: it takes the rest of the text, commas and all. */
    add_value(&out, "target", d->target);
    return str_steal(&out);
}

struct json *disk_spec_to_libxl(const struct disk_spec *d)
{
    struct json *o = json_new_object();

    if (d->backend)
        json_set_str(o, "backend_domname", d->backend);
    if (d->target)
        json_set_str(o, "pdev_path", d->target);
    json_set_str(o, "vdev", d->vdev);
    if (d->backendtype != DISK_BACKEND_AUTO)
        json_set_str(o, "backend", backend_name(d->backendtype));
    json_set_str(o, "format", format_name(d->format));
    if (d->script)
        json_set_str(o, "script", d->script);
    if (d->removable)
        json_set_int(o, "removable", 1);
    if (d->access != DISK_ACCESS_RO)
        json_set_int(o, "readwrite", 1);
    if (d->is_cdrom)
        json_set_int(o, "is_cdrom", 1);
    if (d->direct_io_safe)
        json_set_bool(o, "direct_io_safe", true);
    if (d->has_discard)
        json_set_str(o, "discard_enable", d->discard ? "True" : "False");
    if (d->is_virtio)
        json_set_str(o, "specification", "virtio");
    if (d->untrusted)
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

static int get_backend_domain(const struct json *j, char **ret)
{
    int64_t domid = json_get_int(j, "backend_domid", 0);

    if (json_get(j, "backend_domname"))
        return get_text(j, "backend_domname", ret);
    if (domid <= 0)
        return 0;
    *ret = str_format("%" PRId64, domid);
    return *ret ? 0 : -ENOMEM;
}

static int get_words(const struct json *j, struct disk_spec *d)
{
    const char *format = json_get_str(j, "format", "raw"), *backend = json_get_str(j, "backend", "unknown");
    enum disk_format f = DISK_FORMAT_RAW;
    enum disk_backend b = DISK_BACKEND_PHY;

    if (!strcmp(format, "unknown"))
        format = "raw";
    while (f <= DISK_FORMAT_EMPTY && strcmp(format_name(f), format) != 0)
        f++;
    if (f > DISK_FORMAT_EMPTY)
        return -EINVAL;
    d->format = f;
    if (!strcmp(backend, "unknown"))
        return 0;
    while (b <= DISK_BACKEND_STANDALONE && strcmp(backend_name(b), backend) != 0)
        b++;
    if (b > DISK_BACKEND_STANDALONE)
        return -EINVAL;
    d->backendtype = b;
    return 0;
}

static void get_flags(const struct json *j, struct disk_spec *d)
{
    const char *discard = json_get_str(j, "discard_enable", NULL);

    d->removable = json_get_int(j, "removable", 0) != 0;
    d->is_cdrom = json_get_int(j, "is_cdrom", 0) != 0;
    d->access = json_get_int(j, "readwrite", 0) ? DISK_ACCESS_RW : DISK_ACCESS_RO;
    d->direct_io_safe = json_get_bool(j, "direct_io_safe", false);
    d->has_discard = discard && strcmp(discard, "<default>") != 0;
    d->discard = d->has_discard && !strcmp(discard, "True");
    d->is_virtio = !strcmp(json_get_str(j, "specification", ""), "virtio");
    d->untrusted = !strcmp(json_get_str(j, "trusted", ""), "False");
}

static int fill(const struct json *j, struct disk_spec *d)
{
    uint32_t devid;

    if (!json_is_object(j))
        return -EINVAL;
    get_flags(j, d);
    if (get_text(j, "pdev_path", &d->target) || get_text(j, "vdev", &d->vdev) || get_text(j, "script", &d->script) ||
        get_backend_domain(j, &d->backend))
        return -ENOMEM;
    if (!d->vdev || get_words(j, d) || vdev_to_devid(d->vdev, &devid))
        return -EINVAL;
    d->devid = devid;
    return 0;
}

int disk_spec_from_libxl(const struct json *j, struct disk_spec *ret)
{
    struct disk_spec d = {.target = NULL};
    int r = fill(j, &d);

    if (!r) {
        *ret = d;
        return 0;
    }
    disk_spec_fini(&d);
    return r;
}
