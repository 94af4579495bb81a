/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest as it is wanted: what a config file says. The guest's key table
 * (spec_keys.c) is the only list of its keys: parser, checks, defaults, JSON,
 * the reference and the tests read its rows.
 */
#ifndef DOMO_DOM_SPEC_H
#define DOMO_DOM_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "base/vec.h"
#include "conf/diag.h"
#include "dev/dev_spec.h"
#include "dev/disk_spec.h"
#include "dev/vif_spec.h"

enum spec_type { SPEC_TYPE_PV, SPEC_TYPE_PVH, SPEC_TYPE_HVM };

/* May devices of the machine be assigned to the guest? By default if it is given one. */
enum spec_passthrough {
    SPEC_PASSTHROUGH_DEFAULT,
    SPEC_PASSTHROUGH_DISABLED,
    SPEC_PASSTHROUGH_ENABLED,
    SPEC_PASSTHROUGH_SYNC_PT,
    SPEC_PASSTHROUGH_SHARE_PT,
};

enum spec_vga { SPEC_VGA_CIRRUS, SPEC_VGA_STD, SPEC_VGA_NONE, SPEC_VGA_QXL };

enum spec_action {
    SPEC_ACTION_DESTROY,
    SPEC_ACTION_RESTART,
    SPEC_ACTION_RENAME_RESTART,
    SPEC_ACTION_PRESERVE,
    SPEC_ACTION_COREDUMP_DESTROY,
    SPEC_ACTION_COREDUMP_RESTART,
    SPEC_ACTION_SOFT_RESET,
};

/* A list of texts, as several keys have it. */
typedef VEC(char *) spec_texts;

struct spec {
    char *name;
    enum spec_type type;
    bool has_uuid;
    uint8_t uuid[16]; /* filled from random by create when not given */
    char *kernel, *ramdisk;
    char *bootloader; /* pv, pvh: a program that takes them out of the first disk; NULL = none */
    bool pvshim;      /* pvh: a PV guest, behind a small Xen of its own */
    char *pvshim_path, *pvshim_cmdline, *pvshim_extra; /* NULL = the host's, xl's, none */
    spec_texts bootloader_args;
    bool bootloader_restrict; /* it runs without privileges */
    char *bootloader_user;    /* as whom; NULL = a user for such programs */
    char *cmdline;            /* complete: cmdline=, or made of root= and extra= */
    uint64_t mem_kib;         /* memory=, default 32 MiB */
    uint64_t max_mem_kib;     /* maxmem=, default memory= */
    uint32_t vcpus, max_vcpus;
    uint64_t *hard_affinity, *soft_affinity; /* bitmaps for all vcpus, NULL = all */
    size_t cpu_words;
    uint32_t cpu_weight; /* 0 = default */
    int32_t cap;         /* -1 = default */
    uint32_t max_event_channels;
    int32_t max_grant_frames, max_maptrack_frames, max_grant_version; /* -1 = default */
    enum spec_passthrough passthrough;
    bool pci_permissive, pci_msitranslate, pci_seize, pci_power_mgmt; /* for those of pci= that do not say */
    bool nomigrate, localtime, driver_domain;
    bool hap;                   /* pvh, hvm: page tables by the processor, where it can */
    bool acpi;                  /* pvh, hvm */
    bool apic, hpet, vpt_align; /* hvm: interrupt controllers and timers */
    bool pae;                   /* hvm */
    bool nested, oos;           /* pvh, hvm: virtualisation inside; of shadow page tables */
    bool vpmu, msr_relaxed;
    int altp2m;                               /* pvh, hvm: XEN_ALTP2M_* */
    bool viridian_defaults;                   /* hvm: Hyper-V's interfaces, spec_viridian_mask() */
    uint32_t viridian_on, viridian_off;       /* hvm: groups besides the defaults, and without */
    bool platform_pci;                        /* hvm: the PCI device that PV drivers look for */
    int vendor_device, hdtype;                /* hvm: 1 = XenServer's; 1 = AHCI instead of IDE */
    bool dm_restrict;                         /* hvm: the device model can touch its own domain alone */
    char *dm_user;                            /* hvm: whom it runs as; NULL = the host's choice */
    int genid;                                /* hvm: 1 = a generation id, */
    uint8_t genid_bytes[16];                  /* which create fills from random when it is all zero */
    bool acpi_s3, acpi_s4, acpi_laptop_slate; /* hvm: what its ACPI tables offer */
    int bios;                                 /* hvm: enum hyp_bios */
    char *bios_path;                          /* hvm: another file with it; NULL = the host's */
    char *loader_path;                        /* hvm: another hvmloader; NULL = the host's */
    uint32_t mmio_hole_mib;                   /* hvm: of the addresses below 4 GiB, 0 = the smallest */
    int timer_mode;                           /* pvh, hvm: enum hyp_timer_mode */
    uint64_t paging_kib;                      /* pvh, hvm: shadow_memory=; 0 = by memory and vcpus */
    int32_t rtc_timeoffset_s;
    int tsc_mode; /* enum hyp_tsc_mode */
    char *pool;   /* NULL = pool 0 */
    enum spec_action on_poweroff, on_reboot, on_watchdog, on_crash, on_soft_reset;
    char *boot;                                  /* hvm: letters of QEMU's boot order; NULL = "cda" */
    char *dm_path;                               /* another program for the device model; NULL = the host's */
    spec_texts dm_args, dm_args_hvm, dm_args_pv; /* more words for it: in any case, of an hvm guest, of others */
    spec_texts serials;                          /* hvm: serial lines, as QEMU's character devices */
    enum spec_vga vga;                           /* hvm: the emulated graphics card */
    uint32_t videoram_mib;                       /* hvm: its memory; 0 = as much as the card needs */
    bool nographic;
    bool has_screen;
    struct dev_spec screen; /* hvm: how its screen is shown, in the words of a frame buffer */
    bool usb;               /* hvm: an emulated controller of QEMU's choice */
    uint32_t usb_version;   /* hvm: or one of that version; 0 = none */
    spec_texts usb_devices;
    char *sound; /* hvm: the emulated sound card */
    VEC(struct disk_spec) disks;
    VEC(struct vif_spec) vifs;
    VEC(struct dev_spec) devices; /* of the kinds with a grammar, list after list */
    /* Keys that are known and were given, but that nothing acts on yet: their names, for a clear refusal. */
    VEC(char *) not_acted_on;
};

struct spec_load {
    const char *const *overrides; /* "key=value" lines from the command line, NULL-terminated; may be NULL */
    bool warn_unknown;            /* an unknown key is a warning, not an error */
    bool ignore_unsupported;      /* keys that nothing acts on yet are warnings */
    bool check_only;              /* only a check, nothing will be created: the same */
};

/* Reads xl.cfg text. "file" is its name for messages. All findings go to diags (initialised by the caller); -1 with err
 * set (diags_to_err) if any is an error. Free with spec_free(). */
int spec_parse(const char *file, const char *text, const struct spec_load *, struct diags *, struct spec **ret,
               struct domo_err *) MUST_CHECK;
/* The same from a file ("-" = standard input, "/dev/null" = only overrides); files up to 1 MiB. */
int spec_load_file(const char *path, const struct spec_load *, struct diags *, struct spec **ret,
                   struct domo_err *) MUST_CHECK;
struct spec *spec_free(struct spec *);

/* Hyper-V's interfaces as the hypervisor's parameter; 0 if there are none. */
uint64_t spec_viridian_mask(const struct spec *);
/* What the emulated graphics card takes of the guest's memory; 0 if it has none. */
uint64_t spec_video_kib(const struct spec *);
/* The devices of QEMU's that make an emulated sound card, NULL-terminated; NULL if there is no card of that name. */
const char *const *spec_sound_devices(const char *card);

/* Do both ask for the same guest? Keys that nothing acts on do not count. */
bool spec_equal(const struct spec *, const struct spec *);

/* Cuts the affinities down to a host with "cpus" processors ("all,^0" means every one that there is). 0, or -1 with
 * CONFIG_VALUE if one leaves no processor. */
int spec_limit_cpus(struct spec *, uint32_t cpus, struct domo_err *) MUST_CHECK;

/* The stored form of libxl (libxl_domain_config as JSON), both ways: what goes into userdata and what `list -l` prints.
 * Made to be read by stock xl: facts xl.md 3.14. */
struct json *spec_to_libxl(const struct spec *);
int spec_from_libxl(const struct json *, struct spec **ret, struct domo_err *) MUST_CHECK;

/* The spec as xl.cfg text, readable by spec_parse again; caller frees. Keys that nothing acts on are not kept: a
 * comment at the end names them. */
char *spec_print(const struct spec *);

/* The reference: one object a key
 * {"name","type","default","choices","range","types":["pv",…],"status":"acted-on"|"not-acted-on"|
 * "deprecated"|"ignored","doc"}; "key" NULL = all. NULL if there is no such key (or no memory). */
struct json *spec_reference(const char *key);

#endif
