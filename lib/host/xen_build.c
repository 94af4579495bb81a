/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The image builder on libxenguest: a kernel into a PV or PVH domain's memory,
 * hvmloader into an HVM domain's, and
 * the unpacking of compressed kernels, which libxenguest can do already (so
 * that no decompression library is linked here).
 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/xen_conn.h"
#include "host/xen_guest.h"
#include "host/xen_hvm.h"
#include "host/xen_pvh.h"

/* What a kernel may unpack to at most: far above any real one, far below what hurts the host (XSA-25). */
enum { UNPACKED_MAX = 512 << 20 };

/* One build in progress: what the parts below share. */
struct build {
    struct host *h;
    xc_interface *xc;
    struct xc_dom_image *dom;
    uint32_t domid;
    const struct hyp_image *image;
    struct xen_pvh *pvh; /* NULL: no PVH guest */
    struct xen_hvm *hvm; /* NULL: no HVM guest */
    hyp_progress progress;
    void *arg;
};

/* ---- the parts, in the order in which they must run ---- */

static int part_kernel(struct build *b)
{
    return xen_guest.dom_kernel_mem(b->dom, b->image->kernel, b->image->kernel_len);
}

/* A shim's first module is the kernel that it boots. */
static int part_inner(struct build *b)
{
    return b->image->inner_path ? xen_guest.dom_module_file(b->dom, b->image->inner_path, b->image->inner_cmdline) : 0;
}

static int part_ramdisk(struct build *b)
{
    return b->image->ramdisk_path ? xen_guest.dom_module_file(b->dom, b->image->ramdisk_path, NULL) : 0;
}

static int part_xen_init(struct build *b)
{
    return xen_guest.dom_boot_xen_init(b->dom, b->xc, b->domid);
}

static int part_parse(struct build *b)
{
    if (xen_guest.dom_parse_image(b->dom))
        return -1;
    return b->pvh && !xen_pvh_can_boot(b->dom) ? -1 : 0;
}

static int part_mem_init(struct build *b)
{
    uint64_t kib = b->hvm ? xen_hvm_ram_kib(b->hvm->guest) : b->pvh ? xen_pvh_max_kib(b->image) : b->image->mem_kib;

    return xen_guest.dom_mem_init(b->dom, (unsigned)(kib / 1024));
}

static int part_boot_mem(struct build *b)
{
    return xen_guest.dom_boot_mem_init(b->dom);
}

static int part_map(struct build *b)
{
    if (!b->pvh && !b->hvm)
        return 0;
    return xc_domain_set_memory_map(b->xc, b->domid, b->dom->e820, b->dom->e820_entries);
}

static int part_image(struct build *b)
{
    return xen_guest.dom_build_image(b->dom);
}

static int part_boot(struct build *b)
{
    return xen_guest.dom_boot_image(b->dom);
}

static int part_grants(struct build *b)
{
    return xen_guest.dom_gnttab_init(b->dom);
}

static int part_params(struct build *b)
{
    if (b->hvm)
        return xen_hvm_set_info(b->hvm->guest, b->xc, b->domid) || xen_hvm_set_params(b->hvm->guest, b->xc, b->domid);
    return b->pvh ? xen_pvh_set_params(b->image, b->xc, b->domid) : 0;
}

static const struct part {
    const char *name; /* for --timing */
    int (*run)(struct build *);
    enum domo_code code;
    const char *failure; /* "NAME: what went wrong" */
} parts[] = {
    {"kernel", part_kernel, DOMO_E_KERNEL_FORMAT, "the kernel can't be read"},
    {"inner-kernel", part_inner, DOMO_E_KERNEL_NOT_FOUND, "the kernel for the shim can't be read"},
    {"ramdisk", part_ramdisk, DOMO_E_DOMAIN_BUILD, "the ramdisk can't be read"},
    {"xen-init", part_xen_init, DOMO_E_DOMAIN_BUILD, "the builder can't reach the domain"},
    {"parse-image", part_parse, DOMO_E_KERNEL_FORMAT, "the kernel can't be booted as a guest of this type"},
    {"mem-init", part_mem_init, DOMO_E_DOMAIN_BUILD, "the guest's memory can't be laid out"},
    {"boot-mem", part_boot_mem, DOMO_E_DOMAIN_BUILD, "the guest's memory can't be allocated"},
    {"memory-map", part_map, DOMO_E_DOMAIN_BUILD, "the guest's memory map can't be set"},
    {"build-image", part_image, DOMO_E_DOMAIN_BUILD, "the kernel can't be loaded into the guest"},
    {"boot-image", part_boot, DOMO_E_DOMAIN_BUILD, "the guest's first vcpu can't be set up"},
    {"grants", part_grants, DOMO_E_DOMAIN_BUILD, "the guest's first grants can't be made"},
    {"params", part_params, DOMO_E_DOMAIN_BUILD, "the guest can't be told its event channels"},
};

/* The builder returns -1 for everything and leaves errno to chance: is it memory? */
static bool lacks_memory(struct build *b, const struct part *part, int sys)
{
    struct hyp_host_info info;

    if (part->run != part_boot_mem)
        return false;
    if (sys == ENOMEM)
        return true;
    return xen_hyp_ops.host_info(b->h, &info, NULL) == 0 && info.free_kib < b->image->mem_kib;
}

static int part_failed(struct build *b, const struct part *part, struct domo_err *err)
{
    const struct xen_host *x = b->h->impl;
    char *AUTO_FREE text = strdup(xen_log_text(x->log));
    int sys = errno;

    if (lacks_memory(b, part, sys)) {
        (void)err_set(err, DOMO_E_HOST_MEMORY, "the host has too little free memory for a guest of %llu MiB",
                      (unsigned long long)b->image->mem_kib / 1024);
        (void)xen_memory_facts(b->h, err, b->image->mem_kib);
    } else if (text && text[0]) {
        (void)err_set(err, part->code, "%s: %s (kernel '%s')", part->failure, text, b->image->kernel_path);
    } else {
        (void)err_sys(err, part->code, sys, "%s (kernel '%s')", part->failure, b->image->kernel_path);
    }
    (void)err_fact(err, "part", "%s", part->name);
    if (text && text[0])
        (void)err_fact(err, "libxc", "%s", text);
    return -1;
}

static int run_parts(struct build *b, struct domo_err *err)
{
    int64_t start = b->h->env->now_us(b->h), now;

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        errno = 0;
        if (parts[i].run(b))
            return part_failed(b, &parts[i], err);
        now = b->h->env->now_us(b->h);
        if (b->progress)
            b->progress(b->arg, parts[i].name, now - start);
        start = now;
    }
    return 0;
}

static void fill_image(struct build *b)
{
    struct xc_dom_image *dom = b->dom;

    dom->container_type = b->pvh || b->hvm ? XC_DOM_HVM_CONTAINER : XC_DOM_PV_CONTAINER;
    dom->flags = 0;
    dom->max_vcpus = b->image->max_vcpus;
    dom->console_evtchn = b->image->console_evtchn;
    dom->console_domid = b->image->console_domid;
    dom->xenstore_evtchn = b->image->store_evtchn;
    dom->xenstore_domid = b->image->store_domid;
    dom->claim_enabled = 0;
    if (b->pvh)
        xen_pvh_fill(dom, b->image, b->pvh);
    if (b->hvm)
        xen_hvm_fill(dom, b->hvm);
}

/* Frames of a PV guest are machine frames. */
static uint64_t gfn_of(const struct xc_dom_image *dom, xen_pfn_t pfn)
{
    if (dom->container_type == XC_DOM_HVM_CONTAINER)
        return pfn;
    return pfn < dom->total_pages ? dom->pv_p2m[pfn] : INVALID_MFN;
}

static void fill_result(const struct build *b, struct hyp_built *ret)
{
    ret->console_gfn = gfn_of(b->dom, b->dom->console_pfn);
    ret->store_gfn = gfn_of(b->dom, b->dom->xenstore_pfn);
    ret->guest_type[0] = '\0';
    if (b->dom->guest_type)
        strncat(ret->guest_type, b->dom->guest_type, sizeof ret->guest_type - 1);
}

static int build(struct build *b, struct hyp_built *ret, struct domo_err *err)
{
    int r;

    if (xen_guest_load(err) < 0 || xen_xc(b->h, &b->xc, err) < 0)
        return -1;
    b->dom = xen_guest.dom_allocate(b->xc, b->image->cmdline, b->image->features);
    if (!b->dom)
        return xen_fail(b->h, err, DOMO_E_DOMAIN_BUILD, errno, "can't begin the build");
    fill_image(b);
    r = run_parts(b, err);
    if (r == 0)
        fill_result(b, ret);
    xen_guest.dom_release(b->dom);
    return r;
}

int xen_build_pv(struct host *h, uint32_t domid, const struct hyp_image *image, struct hyp_built *ret,
                 hyp_progress progress, void *arg, struct domo_err *err)
{
    struct build b = {.h = h, .domid = domid, .image = image, .progress = progress, .arg = arg};

    return build(&b, ret, err);
}

int xen_build_pvh(struct host *h, uint32_t domid, const struct hyp_image *image, struct hyp_built *ret,
                  hyp_progress progress, void *arg, struct domo_err *err)
{
    struct xen_pvh *AUTO_FREE pvh = calloc(1, sizeof *pvh);
    struct build b = {.h = h, .domid = domid, .image = image, .pvh = pvh, .progress = progress, .arg = arg};

    if (!pvh)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory for the guest's tables");
    return build(&b, ret, err);
}

int xen_build_hvm(struct host *h, uint32_t domid, const struct hyp_hvm *guest, struct hyp_built *ret,
                  struct domo_err *err)
{
    struct xen_hvm hvm;
    struct hyp_image image = {
        .cmdline = "",
        .mem_kib = guest->mem_kib,
        .max_vcpus = guest->max_vcpus,
        .vcpus = guest->vcpus,
        .store_evtchn = guest->store_evtchn,
        .console_evtchn = guest->console_evtchn,
        .store_domid = guest->store_domid,
        .console_domid = guest->console_domid,
    };
    struct build b = {.h = h, .domid = domid, .image = &image, .hvm = &hvm};
    int r;

    if (xen_hvm_load(h, guest, &hvm, err))
        return -1;
    image.kernel_path = hvm.loader_path;
    image.kernel = hvm.loader;
    image.kernel_len = hvm.loader_len;
    r = build(&b, ret, err);
    xen_hvm_fini(&hvm);
    return r;
}

/* ---- unpacking ---- */

static bool is_elf(const void *bytes, size_t len)
{
    return len >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0;
}

/* Hands out a copy of what the library unpacked: its own memory goes away with the image. */
static int take_unpacked(const struct xc_dom_image *dom, void **ret, size_t *ret_len, struct domo_err *err)
{
    void *copy = malloc(dom->kernel_size);

    if (!copy)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory for an unpacked kernel of %zu bytes", dom->kernel_size);
    memcpy(copy, dom->kernel_blob, dom->kernel_size);
    *ret = copy;
    *ret_len = dom->kernel_size;
    return 0;
}

static int unpack_with(struct xc_dom_image *dom, const struct xen_log *log, const void *kernel, size_t len, void **ret,
                       size_t *ret_len, struct domo_err *err)
{
    int r;

    dom->container_type = XC_DOM_PV_CONTAINER;
    if (xen_guest.dom_kernel_max_size(dom, UNPACKED_MAX) || xen_guest.dom_kernel_mem(dom, kernel, len))
        return err_set(err, DOMO_E_KERNEL_FORMAT, "the kernel can't be unpacked: %s", xen_log_text(log));
    r = xen_guest.dom_parse_image(dom);
    /* What came out may be no PV kernel. Unpacked it is all the same: the builder will say what is wrong with it. */
    if (dom->kernel_blob != kernel && is_elf(dom->kernel_blob, dom->kernel_size))
        return take_unpacked(dom, ret, ret_len, err);
    if (is_elf(kernel, len)) {
        *ret = NULL;
        *ret_len = 0;
        return 0;
    }
    return err_set(err, DOMO_E_KERNEL_FORMAT, "the kernel can't be unpacked: %s",
                   r && xen_log_text(log)[0] ? xen_log_text(log) : "it has no ELF image inside");
}

int xen_unpack_kernel(struct host *h, const void *kernel, size_t len, void **ret, size_t *ret_len, struct domo_err *err)
{
    struct xc_dom_image *dom;
    struct xen_log *log;
    xc_interface *xc;
    int r;

    h->stats.hyp_calls++;
    if (xen_guest_load(err) < 0 || xen_dummy_open(h, &xc, &log, err) < 0)
        return -1;
    dom = xen_guest.dom_allocate(xc, NULL, NULL);
    if (dom)
        r = unpack_with(dom, log, kernel, len, ret, ret_len, err);
    else
        r = err_set(err, DOMO_E_NO_MEMORY, "can't begin to unpack the kernel");
    if (dom)
        xen_guest.dom_release(dom);
    xen_dummy_close(xc, log);
    return r;
}

/* ---- checking without a hypervisor ---- */

static int parse_kernel(struct xc_dom_image *dom, const struct xen_log *log, const struct hyp_image *image, bool is_pvh,
                        char type[XEN_TYPE_MAX], struct domo_err *err)
{
    const char *failure = NULL;

    dom->container_type = is_pvh ? XC_DOM_HVM_CONTAINER : XC_DOM_PV_CONTAINER;
    dom->device_model = false;
    /* What a hypervisor says that it can run. */
    (void)snprintf(dom->xen_caps, sizeof dom->xen_caps, is_pvh ? "hvm-3.0-x86_32 " : "xen-3.0-x86_64 ");
    if (xen_guest.dom_kernel_mem(dom, image->kernel, image->kernel_len))
        failure = "the kernel can't be read";
    else if (xen_guest.dom_parse_image(dom) || !dom->guest_type || (is_pvh && !xen_pvh_can_boot(dom)))
        failure = "the kernel can't be booted as a guest of this type";
    if (failure) {
        (void)err_set(err, DOMO_E_KERNEL_FORMAT, "%s: %s (kernel '%s')", failure,
                      xen_log_text(log)[0] ? xen_log_text(log)
                      : is_pvh             ? "it has no PVH entry point"
                                           : "it is of no kind that the builder knows",
                      image->kernel_path);
        return -1;
    }
    type[0] = '\0';
    strncat(type, dom->guest_type, XEN_TYPE_MAX - 1);
    return 0;
}

int xen_check_kernel(struct host *h, const struct hyp_image *image, bool is_pvh, char type[XEN_TYPE_MAX],
                     struct domo_err *err)
{
    struct xc_dom_image *dom;
    struct xen_log *log;
    xc_interface *xc;
    int r;

    if (xen_guest_load(err) < 0 || xen_dummy_open(h, &xc, &log, err) < 0)
        return -1;
    dom = xen_guest.dom_allocate(xc, image->cmdline, image->features);
    if (dom)
        r = parse_kernel(dom, log, image, is_pvh, type, err);
    else
        r = err_set(err, DOMO_E_NO_MEMORY, "can't begin to read the kernel");
    if (dom)
        xen_guest.dom_release(dom);
    xen_dummy_close(xc, log);
    return r;
}
