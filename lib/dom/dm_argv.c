/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/dm_argv.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "dev/dev.h"
#include "dev/grammar.h"
#include "dev/image.h"

#define DM_MONITOR_FD "3"
_Static_assert(HOST_DAEMON_LISTEN_FD == 3, "the monitor's socket is given to the device model as this descriptor");

/* ---- words ---- */

static void add_word(struct dm_argv *a, char *word)
{
    char **slot = word ? VEC_PUSH(&a->words) : NULL;

    if (slot) {
        *slot = word;
        return;
    }
    free(word);
    a->failed = true;
}

static void add(struct dm_argv *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void add(struct dm_argv *a, const char *fmt, ...)
{
    char *word = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&word, fmt, ap) < 0)
        word = NULL;
    va_end(ap);
    add_word(a, word);
}

static void add_all(struct dm_argv *a, const char *const *words)
{
    for (; *words; words++)
        add(a, "%s", *words);
}

/* QEMU cuts a word at its commas: those that belong to a name are doubled. Caller frees; NULL: out of memory. */
static char *double_commas(const char *text)
{
    struct str out AUTO_STR = STR_INIT;

    str_add(&out, "");
    for (; *text; text++) {
        str_addc(&out, *text);
        if (*text == ',')
            str_addc(&out, ',');
    }
    return str_steal(&out);
}

/* ---- when a row applies ---- */

static bool runs_vcpus(const struct dm_guest *g)
{
    return g->host->runs_vcpus;
}

static bool in_hypervisor(const struct dm_guest *g)
{
    return !g->host->runs_vcpus;
}

static bool has_kernel(const struct dm_guest *g)
{
    return g->spec->kernel != NULL;
}

static bool has_ramdisk(const struct dm_guest *g)
{
    return g->spec->kernel && g->spec->ramdisk;
}

static bool has_cmdline(const struct dm_guest *g)
{
    return g->spec->kernel && g->spec->cmdline;
}

static bool has_serial(const struct dm_guest *g)
{
    return g->spec->serials.len > 0;
}

/* The hypervisor keeps the clock of the guests whose processors it runs. */
static bool wants_local_time(const struct dm_guest *g)
{
    return g->host->runs_vcpus && g->spec->localtime;
}

static bool has_more_vcpus(const struct dm_guest *g)
{
    return g->spec->max_vcpus > 1;
}

static bool has_no_acpi(const struct dm_guest *g)
{
    return !g->spec->acpi;
}

static bool is_ahci(const struct dm_guest *g)
{
    return g->spec->hdtype;
}

static bool is_xenserver(const struct dm_guest *g)
{
    return g->spec->vendor_device;
}

static bool is_restricted(const struct dm_guest *g)
{
    return g->jail && g->jail->restricts;
}

static bool has_user(const struct dm_guest *g)
{
    return g->jail && g->jail->runas[0];
}

/* ---- words that depend on the guest ---- */

static void w_root(const struct dm_guest *g, struct dm_argv *a)
{
    add(a, "-chroot");
    add(a, "%s", g->jail->root[0] ? g->jail->root : "qemu-root-$DOMID");
}

static void add_texts(struct dm_argv *a, const spec_texts *texts)
{
    for (size_t i = 0; i < texts->len; i++)
        add(a, "%s", texts->at[i]);
}

/* What the administrator adds goes unread. */
static void w_args(const struct dm_guest *g, struct dm_argv *a)
{
    add_texts(a, &g->spec->dm_args);
}

static void w_args_hvm(const struct dm_guest *g, struct dm_argv *a)
{
    add_texts(a, &g->spec->dm_args_hvm);
}

static void w_args_pv(const struct dm_guest *g, struct dm_argv *a)
{
    add_texts(a, &g->spec->dm_args_pv);
}

static void w_user(const struct dm_guest *g, struct dm_argv *a)
{
    add(a, "-runas");
    add(a, "%s", g->jail->runas);
}

static void w_name(const struct dm_guest *g, struct dm_argv *a)
{
    char *AUTO_FREE name = double_commas(g->name);

    add(a, "-name");
    add(a, "%s", name ? name : "");
    a->failed = a->failed || !name;
}

static void w_uuid(const struct dm_guest *g, struct dm_argv *a)
{
    add(a, "-uuid");
    add(a, "%s", g->uuid);
}

static void w_kernel(const struct dm_guest *g, struct dm_argv *a)
{
    add(a, "-kernel");
    add(a, "%s", g->spec->kernel);
}

static void w_ramdisk(const struct dm_guest *g, struct dm_argv *a)
{
    add(a, "-initrd");
    add(a, "%s", g->spec->ramdisk);
}

static void w_cmdline(const struct dm_guest *g, struct dm_argv *a)
{
    add(a, "-append");
    add(a, "%s", g->spec->cmdline);
}

static void w_serials(const struct dm_guest *g, struct dm_argv *a)
{
    for (size_t i = 0; i < g->spec->serials.len; i++) {
        add(a, "-serial");
        add(a, "%s", g->spec->serials.at[i]);
    }
}

static void w_boot(const struct dm_guest *g, struct dm_argv *a)
{
    add(a, "-boot");
    add(a, "order=%s", g->spec->boot ? g->spec->boot : "cda");
}

static void w_smp(const struct dm_guest *g, struct dm_argv *a)
{
    add(a, "-smp");
    add(a, "%" PRIu32 ",maxcpus=%" PRIu32, g->spec->vcpus, g->spec->max_vcpus);
}

/* The second word says which machine it is; the size of the hole is one more of its properties. */
static void w_machine(const struct dm_guest *g, struct dm_argv *a)
{
    const char *const *words = g->spec && !g->spec->platform_pci && g->host->plain ? g->host->plain : g->host->machine;

    if (g->spec && g->spec->mmio_hole_mib) {
        add(a, "%s", words[0]);
        add(a, "%s,max-ram-below-4g=%" PRIu64, words[1], (UINT64_C(4096) - g->spec->mmio_hole_mib) << 20);
        words += 2;
    }
    add_all(a, words);
}

static void w_memory(const struct dm_guest *g, struct dm_argv *a)
{
    add(a, "-m");
    /* The hypervisor's guests have their graphics card's memory out of their own. */
    add(a, "%" PRIu64, (g->spec->max_mem_kib - (in_hypervisor(g) ? spec_video_kib(g->spec) : 0)) / 1024);
}

/* A drive with a name, by which its medium can be changed while the guest runs (DM_CD_ID); at first perhaps empty. */
static void add_cdrom(struct dm_argv *a, const struct disk_spec *d, const char *path, uint32_t index)
{
    add(a, "-drive");
    if (d->target)
        add(a, "if=none,readonly=on,id=" DM_CD_ID ",file=%s,format=%s", d->devid, path, image_qemu_name(d->format));
    else
        add(a, "if=none,readonly=on,id=" DM_CD_ID, d->devid);
    add(a, "-device");
    add(a, "ide-cd,id=" DM_CD_ID ",drive=" DM_CD_ID ",bus=ide.%" PRIu32 ",unit=%" PRIu32, d->devid, d->devid, index / 2,
        index % 2);
}

static void add_disk(struct dm_argv *a, const struct disk_spec *d, bool is_ahci)
{
    char *AUTO_FREE path = double_commas(d->target ? d->target : "");
    uint32_t index;

    if (!vdev_ide_index(d->devid, &index))
        return;
    a->failed = a->failed || !path;
    if (d->is_cdrom) {
        add_cdrom(a, d, path ? path : "", index);
        return;
    }
    if (is_ahci) {
        add(a, "-drive");
        add(a, "file=%s,if=none,id=ahcidisk-%" PRIu32 ",format=%s,cache=writeback%s", path ? path : "", index,
            image_qemu_name(d->format), d->access == DISK_ACCESS_RW_SHARED ? ",file.locking=off" : "");
        add(a, "-device");
        add(a, "ide-hd,bus=ahci0.%" PRIu32 ",unit=0,drive=ahcidisk-%" PRIu32, index, index);
        return;
    }
    add(a, "-drive");
    /* Who shares a disk on purpose has said so: no second opinion by a lock. */
    add(a, "file=%s,if=ide,index=%" PRIu32 ",media=disk,format=%s,cache=writeback%s", path ? path : "", index,
        image_qemu_name(d->format), d->access == DISK_ACCESS_RW_SHARED ? ",file.locking=off" : "");
}

static void w_disks(const struct dm_guest *g, struct dm_argv *a)
{
    for (size_t i = 0; i < g->spec->disks.len; i++)
        add_disk(a, &g->spec->disks.at[i], g->spec->hdtype);
}

/* ---- emulated network cards ---- */

static bool has_cards(const struct dm_guest *g)
{
    for (size_t i = 0; i < g->spec->vifs.len; i++)
        if (g->spec->vifs.at[i].type == VIF_TYPE_IOEMU)
            return true;
    return false;
}

static bool has_no_cards(const struct dm_guest *g)
{
    return !has_cards(g);
}

static void add_tap(struct dm_argv *a, const struct dm_guest *g, const struct vif_spec *v)
{
    char *AUTO_FREE bridge = double_commas(v->bridge ? v->bridge : VIF_DEFAULT_BRIDGE);
    char domid[16] = "$DOMID";

    a->failed = a->failed || !bridge;
    if (g->domid)
        (void)snprintf(domid, sizeof domid, "%" PRIu32, g->domid);
    /* No script of QEMU's: the interface is put on the bridge where its back end's is. */
    add(a, "type=tap,id=net%" PRIu32 ",ifname=vif%s.%" PRIu32 VIF_TAP_SUFFIX ",br=%s,script=no,downscript=no", v->devid,
        domid, v->devid, bridge ? bridge : "");
}

static void add_card(struct dm_argv *a, const struct dm_guest *g, const struct vif_spec *v)
{
    char mac[MAC_TEXT_MAX] = "$MAC";

    if (v->has_mac)
        mac_print(v->mac, mac);
    add(a, "-device");
    /* A network without a way out has nothing to boot from. */
    add(a, "%s,id=" DM_CARD_ID ",netdev=net%" PRIu32 ",mac=%s%s", v->model ? v->model : "rtl8139", v->devid, v->devid,
        mac, g->host->net ? ",romfile=" : "");
    add(a, "-netdev");
    if (g->host->net)
        add(a, "%s,id=net%" PRIu32, g->host->net, v->devid);
    else
        add_tap(a, g, v);
}

static void w_cards(const struct dm_guest *g, struct dm_argv *a)
{
    for (size_t i = 0; i < g->spec->vifs.len; i++)
        if (g->spec->vifs.at[i].type == VIF_TYPE_IOEMU)
            add_card(a, g, &g->spec->vifs.at[i]);
}

/* ---- of a device model that only serves back ends ---- */

const struct dev_spec *dm_screen(const struct dm_guest *g)
{
    if (g->spec && g->spec->type == SPEC_TYPE_HVM)
        return g->spec->has_screen ? &g->spec->screen : NULL;
    for (size_t i = 0; g->spec && i < g->spec->devices.len; i++)
        if (g->spec->devices.at[i].grammar == &grammar_vfb)
            return &g->spec->devices.at[i];
    return NULL;
}

static bool has_no_screen(const struct dm_guest *g)
{
    return !dm_screen(g);
}

static bool has_spec(const struct dm_guest *g)
{
    return g->spec != NULL;
}

static void w_domid(const struct dm_guest *g, struct dm_argv *a)
{
    add(a, "-xen-domid");
    if (g->domid)
        add(a, "%" PRIu32, g->domid);
    else
        add(a, "$DOMID");
}

static bool libxl_comes(const struct dm_guest *g)
{
    return in_hypervisor(g) && g->libxl_dir;
}

/* A second monitor for xl, which lets no HVM guest run without a word with its device model. */
static void w_libxl_monitor(const struct dm_guest *g, struct dm_argv *a)
{
    char *AUTO_FREE dir = double_commas(g->libxl_dir);

    a->failed = a->failed || !dir;
    add(a, "-chardev");
    if (g->domid)
        add(a, "socket,id=libxl-cmd,path=%s/" DM_LIBXL_MONITOR ",server=on,wait=off", dir ? dir : "", g->domid);
    else
        add(a, "socket,id=libxl-cmd,path=%s/qmp-libxl-$DOMID,server=on,wait=off", dir ? dir : "");
    add(a, "-mon");
    add(a, "chardev=libxl-cmd,mode=control");
}

/* Where a channel leads to is a character device; its front end's node "output" names it. */
static void add_channel(struct dm_argv *a, const struct dev_spec *d)
{
    const char *path = dev_spec_get(d, "path");
    char *AUTO_FREE quoted = double_commas(path ? path : "");

    a->failed = a->failed || !quoted;
    add(a, "-chardev");
    if (path)
        add(a, "socket,id=" CHANNEL_CHARDEV_ID ",path=%s,server=on,wait=off", d->devid - CHANNEL_FIRST_DEVID,
            quoted ? quoted : "");
    else
        add(a, "pty,id=" CHANNEL_CHARDEV_ID, d->devid - CHANNEL_FIRST_DEVID);
}

static void w_channels(const struct dm_guest *g, struct dm_argv *a)
{
    for (size_t i = 0; g->spec && i < g->spec->devices.len; i++) {
        const struct dev_spec *d = &g->spec->devices.at[i];

        if (d->grammar == &grammar_channel)
            add_channel(a, d);
    }
}

static void add_vnc(struct dm_argv *a, const struct dev_spec *d)
{
    const char *listen = dev_spec_get(d, "vnclisten"), *colon = strrchr(listen, ':');
    const char *password = dev_spec_get(d, "vncpasswd") ? ",password=on" : "";
    const char *unused = dev_spec_flag(d, "vncunused") ? ",to=99" : "";
    uint32_t display;

    if (colon && str_to_u32(colon + 1, &display) == 0)
        add(a, "%s%s%s", listen, password, unused);
    else
        add(a, "%s:%" PRIu32 "%s%s", listen, dev_spec_number(d, "vncdisplay"), password, unused);
}

static void w_screen(const struct dm_guest *g, struct dm_argv *a)
{
    const struct dev_spec *d = dm_screen(g);
    bool has_window = d && dev_spec_flag(d, "sdl");

    add(a, "-vnc");
    if (d && dev_spec_flag(d, "vnc"))
        add_vnc(a, d);
    else
        add(a, "none");
    add(a, "-display");
    add(a, "%s", !has_window ? "none" : dev_spec_flag(d, "opengl") ? "sdl,gl=on" : "sdl");
    if (d && dev_spec_get(d, "keymap")) {
        add(a, "-k");
        add(a, "%s", dev_spec_get(d, "keymap"));
    }
}

/* ---- the virtual PC's screen, sound and USB ---- */

static bool is_blind(const struct dm_guest *g)
{
    const struct dev_spec *d = dm_screen(g);

    return g->spec->nographic && !(d && (dev_spec_flag(d, "vnc") || dev_spec_flag(d, "sdl")));
}

static bool has_vga(const struct dm_guest *g)
{
    return g->spec->vga != SPEC_VGA_NONE;
}

static void w_vga(const struct dm_guest *g, struct dm_argv *a)
{
    uint64_t mib = spec_video_kib(g->spec) / 1024;

    add(a, "-device");
    switch (g->spec->vga) {
    case SPEC_VGA_CIRRUS:
        add(a, "cirrus-vga,vgamem_mb=%" PRIu64, mib);
        break;
    case SPEC_VGA_STD:
        add(a, "VGA,vgamem_mb=%" PRIu64, mib);
        break;
    case SPEC_VGA_QXL:
        /* One half for each of its two memories. */
        add(a, "qxl-vga,vram_size_mb=%" PRIu64 ",ram_size_mb=%" PRIu64, mib / 2, mib / 2);
        break;
    case SPEC_VGA_NONE:
        break;
    }
}

static bool has_usb(const struct dm_guest *g)
{
    return g->spec->usb || g->spec->usb_devices.len > 0;
}

static void w_usb_devices(const struct dm_guest *g, struct dm_argv *a)
{
    for (size_t i = 0; i < g->spec->usb_devices.len; i++) {
        add(a, "-usbdevice");
        add(a, "%s", g->spec->usb_devices.at[i]);
    }
}

static bool has_usb_version(const struct dm_guest *g)
{
    return g->spec->usb_version > 0;
}

/* An EHCI controller has companions for slow devices. */
static void w_usb_version(const struct dm_guest *g, struct dm_argv *a)
{
    static const char *const uhci[] = {"-device", "piix3-usb-uhci,id=usb", NULL};
    static const char *const xhci[] = {"-device", "nec-usb-xhci,id=usb", NULL};

    if (g->spec->usb_version != 2) {
        add_all(a, g->spec->usb_version == 1 ? uhci : xhci);
        return;
    }
    add(a, "-device");
    add(a, "ich9-usb-ehci1,id=usb,addr=0x1d.0x7,multifunction=on");
    for (int i = 0; i < 3; i++) {
        add(a, "-device");
        add(a, "ich9-usb-uhci%d,masterbus=usb.0,firstport=%d,addr=0x1d.%#x,multifunction=on", i + 1, 2 * i, i);
    }
}

static bool has_sound(const struct dm_guest *g)
{
    return g->spec->sound != NULL;
}

static void w_sound(const struct dm_guest *g, struct dm_argv *a)
{
    const char *const *devices = spec_sound_devices(g->spec->sound);

    for (; devices && *devices; devices++) {
        add(a, "-device");
        add(a, "%s", *devices);
    }
}

/* ---- the tables ---- */

enum { ROW_WORDS_MAX = 8 };

struct row {
    bool (*when)(const struct dm_guest *);                   /* NULL = always */
    const char *words[ROW_WORDS_MAX];                        /* first these, */
    void (*more)(const struct dm_guest *, struct dm_argv *); /* then these; NULL = none */
};

#define MONITOR_WORDS                                                                                                  \
    "-chardev", "socket,id=domo,fd=" DM_MONITOR_FD ",server=on,wait=off", "-mon", "chardev=domo,mode=control"

/* The order of both is that of libxl, so that command lines can be compared. */
static const struct row serving_rows[] = {
    {NULL, {NULL}, w_domid},
    {NULL, {"-no-shutdown"}, NULL},
    {NULL, {MONITOR_WORDS}, NULL},
    {NULL, {NULL}, w_channels},
    {NULL, {"-nodefaults", "-no-user-config", "-xen-attach"}, NULL},
    {NULL, {NULL}, w_name},
    {NULL, {NULL}, w_screen},
    {has_no_screen, {"-nographic"}, NULL},
    {has_spec, {NULL}, w_args},
    {NULL, {NULL}, w_machine},
    {has_spec, {NULL}, w_args_pv},
    {has_spec, {NULL}, w_memory},
};

static const struct row rows[] = {
    {in_hypervisor, {NULL}, w_domid},
    {NULL, {"-no-shutdown"}, NULL},
    {NULL, {MONITOR_WORDS}, NULL},
    {libxl_comes, {NULL}, w_libxl_monitor},
    /* Nothing runs before the guest is unpaused. */
    {runs_vcpus, {"-S"}, NULL},
    {NULL, {"-nodefaults", "-no-user-config"}, NULL},
    {NULL, {NULL}, w_name},
    {runs_vcpus, {NULL}, w_uuid},
    {NULL, {NULL}, w_screen},
    {has_kernel, {NULL}, w_kernel},
    {has_ramdisk, {NULL}, w_ramdisk},
    {has_cmdline, {NULL}, w_cmdline},
    {has_serial, {NULL}, w_serials},
    {is_blind, {"-nographic"}, NULL},
    {has_vga, {NULL}, w_vga},
    {NULL, {NULL}, w_boot},
    {has_usb, {"-usb"}, w_usb_devices},
    {has_usb_version, {NULL}, w_usb_version},
    {has_sound, {NULL}, w_sound},
    {has_no_acpi, {"-no-acpi"}, NULL},
    {has_more_vcpus, {NULL}, w_smp},
    {has_cards, {NULL}, w_cards},
    {has_no_cards, {"-net", "none"}, NULL},
    {is_restricted, {"-xen-domid-restrict"}, w_root},
    {wants_local_time, {"-rtc", "base=localtime"}, NULL},
    {NULL, {NULL}, w_args},
    {NULL, {NULL}, w_machine},
    {NULL, {NULL}, w_args_hvm},
    {NULL, {NULL}, w_memory},
    {is_ahci, {"-device", "ahci,id=ahci0"}, NULL},
    {NULL, {NULL}, w_disks},
    {is_xenserver, {"-device", "xen-pvdevice,device-id=0xc000"}, NULL},
    {has_user, {NULL}, w_user},
};

int dm_argv_make(const struct dm_guest *g, struct dm_argv *ret, struct domo_err *err)
{
    const struct row *row = g->host->attaches ? serving_rows : rows;
    size_t n = g->host->attaches ? ARRAY_LEN(serving_rows) : ARRAY_LEN(rows);
    struct dm_argv a = {.failed = false};

    add(&a, "%s", g->host->program);
    for (; n > 0; n--, row++) {
        if (row->when && !row->when(g))
            continue;
        add_all(&a, row->words);
        if (row->more)
            row->more(g, &a);
    }
    /* The new element is zeroed: the end of the vector. */
    if (a.failed || !VEC_PUSH(&a.words)) {
        dm_argv_fini(&a);
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    *ret = a;
    return 0;
}

void dm_argv_fini(struct dm_argv *a)
{
    for (size_t i = 0; i < a->words.len; i++)
        free(a->words.at[i]);
    VEC_FINI(&a->words);
}

/* ---- what can't be told ---- */

static int refuse_disk(const struct disk_spec *d, enum domo_code code, const char *hint, struct domo_err *err,
                       const char *why)
{
    (void)err_set(err, code, "disk %s: %s", d->vdev, why);
    return err_hint(err, "%s", hint);
}

static int admit_disk(const struct disk_spec *d, struct domo_err *err)
{
    bool is_scsi = str_starts(d->vdev, "sd");
    uint32_t index;

    if (is_scsi)
        return refuse_disk(d, DOMO_E_CONFIG_NOT_ACTED_ON, "name it hda to hdd", err,
                           "emulated SCSI disks are known, but not acted on yet");
    /* Higher ones are there for PV drivers alone, as with xl. */
    if (!vdev_ide_index(d->devid, &index))
        return 0;
    if (d->backend || d->script || (!d->target && !d->is_cdrom))
        return refuse_disk(d, DOMO_E_CONFIG_NOT_ACTED_ON, "give it a file or a block device of this host", err,
                           "an emulated disk that is not of this host is known, but not acted on yet");
    if (d->access == DISK_ACCESS_RO && !d->is_cdrom)
        return refuse_disk(d, DOMO_E_CONFIG_CONFLICT,
                           "make it writable, a CD (cdrom), or xvde or higher for PV drivers", err,
                           "an IDE disk can't be read-only");
    return 0;
}

static int admit_indices(const struct spec *s, struct domo_err *err)
{
    const struct disk_spec *used[4] = {NULL};
    uint32_t index;

    for (size_t i = 0; i < s->disks.len; i++) {
        if (!vdev_ide_index(s->disks.at[i].devid, &index))
            continue;
        if (used[index])
            return refuse_disk(&s->disks.at[i], DOMO_E_CONFIG_CONFLICT, "give each disk a letter of its own", err,
                               "another disk is emulated in its place");
        used[index] = &s->disks.at[i];
    }
    return 0;
}

int dm_admit(const struct spec *s, struct domo_err *err)
{
    for (size_t i = 0; i < s->disks.len; i++)
        if (admit_disk(&s->disks.at[i], err))
            return -1;
    return admit_indices(s, err);
}
