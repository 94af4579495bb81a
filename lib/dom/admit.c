/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/admit.h"

#include <inttypes.h>

#include "dom/dm_argv.h"

enum {
    PV_EXTRA_KIB = 1024, /* what a PV guest costs the host beyond its memory */
    HVM_EXTRA_KIB = 2048,
    ROUND_KIB = 2048,
    PAGE_KIB = 4,
    PAGING_PAGES_PER_VCPU = 256
};

static int admit_pvh(struct host *h, struct domo_err *err)
{
    struct hyp_host_info info;

    if (h->hyp->host_info(h, &info, err))
        return -1;
    if (info.has_hvm)
        return 0;
    (void)err_set(err, DOMO_E_UNSUPPORTED, "this host's processor or firmware has no virtualisation for PVH guests");
    return err_hint(err, "switch it on in the firmware's setup, or use type=\"pv\"");
}

/* A device model that runs the processors as well lays their memory out by itself. */
static int refuse_layout(const struct spec *s, struct domo_err *err)
{
    const struct {
        bool is_given;
        const char *key;
    } keys[] = {
        {s->max_mem_kib > s->mem_kib, "maxmem= above memory="},
        {s->mmio_hole_mib, "mmio_hole="},
        {!s->apic, "apic="},
        {!s->pae, "pae="},
        {s->dm_restrict, "dm_restrict="},
        {s->dm_user, "device_model_user="},
        {s->nested, "nestedhvm="},
        {s->altp2m, "altp2m="},
        {spec_viridian_mask(s), "viridian="},
        {s->genid, "ms_vm_genid="},
        {s->vendor_device, "vendor_device="},
        {!s->hpet, "hpet="},
        {!s->vpt_align, "vpt_align="},
        {!s->acpi_s3, "acpi_s3="},
        {!s->acpi_s4, "acpi_s4="},
        {s->acpi_laptop_slate, "acpi_laptop_slate="},
        {s->bios != HYP_BIOS_SEABIOS, "bios="},
        {s->bios_path, "bios_path_override="},
        {s->loader_path, "firmware_override="},
    };

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (keys[i].is_given) {
            (void)err_set(err, DOMO_E_CONFIG_NOT_ACTED_ON, "%s is not acted on for hvm guests of a simulated host",
                          keys[i].key);
            return err_hint(err, "leave it out");
        }
    return 0;
}

static int admit_hvm(struct host *h, const struct spec *s, struct hyp_dm *ret_dm, struct domo_err *err)
{
    if (h->hyp->dm_machine(h, ret_dm, err) || dm_admit(s, err))
        return -1;
    if (ret_dm->runs_vcpus && refuse_layout(s, err))
        return -1;
    if (s->mem_kib <= spec_video_kib(s))
        return err_set(err, DOMO_E_CONFIG_CONFLICT, "memory= is no more than the graphics card takes, %" PRIu64 " MiB",
                       spec_video_kib(s) / 1024);
    return 0;
}

int admit_type(struct host *h, const struct spec *s, struct hyp_dm *ret_dm, struct domo_err *err)
{
    switch (s->type) {
    case SPEC_TYPE_PV:
        return 0;
    case SPEC_TYPE_PVH:
        return admit_pvh(h, err);
    case SPEC_TYPE_HVM:
        return admit_hvm(h, s, ret_dm, err);
    }
    return -1;
}

uint64_t admit_paging_kib(const struct spec *s)
{
    uint64_t per_mib = s->hap ? 1 : 2, pages = PAGING_PAGES_PER_VCPU * (uint64_t)s->max_vcpus;

    if (s->type == SPEC_TYPE_PV)
        return 0;
    return s->paging_kib ? s->paging_kib : PAGE_KIB * (pages + per_mib * (s->max_mem_kib / 1024));
}

uint64_t admit_need_kib(const struct spec *s)
{
    uint64_t extra = (s->type == SPEC_TYPE_PV ? PV_EXTRA_KIB : HVM_EXTRA_KIB) + admit_paging_kib(s);

    return (s->mem_kib + extra + ROUND_KIB - 1) / ROUND_KIB * ROUND_KIB;
}

int admit_sizes(struct host *h, struct spec *s, struct domo_err *err)
{
    uint64_t need = admit_need_kib(s);
    struct hyp_host_info info;

    if (h->hyp->host_info(h, &info, err) || spec_limit_cpus(s, info.cpus, err))
        return -1;
    if (info.free_kib >= need)
        return 0;
    (void)err_set(err, DOMO_E_HOST_MEMORY, "the guest needs %" PRIu64 " MiB, the host has %" PRIu64 " MiB free",
                  need / 1024, info.free_kib / 1024);
    (void)err_fact(err, "needed-kib", "%" PRIu64, need);
    return err_fact(err, "free-kib", "%" PRIu64, info.free_kib);
}
