/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The floor of the benchmark: the libxenctrl and libxenguest calls that a PV
 * guest needs, and nothing else - no store, no devices, no cache. What a
 * toolstack takes on top of this is its own.
 *
 *   floor [-k] [-q] KERNEL RAMDISK|- MEM_MIB [CMDLINE]
 *   floor -d DOMID
 *
 * Prints microseconds for each part, then destroys the domain (-k: keeps it
 * and prints its number). -q: only the total. -d: destroys a domain, that is
 * all.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xenctrl.h>
#include <xenguest.h>

struct floor {
    xc_interface *xc;
    struct xc_dom_image *dom;
    const char *kernel, *ramdisk, *cmdline;
    unsigned mem_mib;
    uint32_t domid;
    int store_port, console_port;
    bool quiet;
};

static int64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- the parts: 0 or not ---- */

static int part_open(struct floor *f)
{
    f->xc = xc_interface_open(NULL, NULL, 0);
    return f->xc ? 0 : -1;
}

static int part_create(struct floor *f)
{
    struct xen_domctl_createdomain c = {
        .max_vcpus = 1,
        .max_evtchn_port = 1023,
        .max_grant_frames = -1,
        .max_maptrack_frames = -1,
        .grant_opts = XEN_DOMCTL_GRANT_version(1),
    };

    for (size_t i = 0; i < sizeof c.handle; i++)
        c.handle[i] = (uint8_t)(now_us() >> i);
    return xc_domain_create(f->xc, &f->domid, &c);
}

static int part_setup(struct floor *f)
{
    if (xc_domain_max_vcpus(f->xc, f->domid, 1) || xc_domain_setmaxmem(f->xc, f->domid, f->mem_mib * 1024ull + 1024))
        return -1;
    f->store_port = xc_evtchn_alloc_unbound(f->xc, f->domid, 0);
    f->console_port = xc_evtchn_alloc_unbound(f->xc, f->domid, 0);
    return f->store_port < 0 || f->console_port < 0 ? -1 : 0;
}

static int part_files(struct floor *f)
{
    f->dom = xc_dom_allocate(f->xc, f->cmdline, NULL);
    if (!f->dom)
        return -1;
    f->dom->container_type = XC_DOM_PV_CONTAINER;
    f->dom->max_vcpus = 1;
    f->dom->xenstore_evtchn = (unsigned)f->store_port;
    f->dom->console_evtchn = (unsigned)f->console_port;
    if (xc_dom_kernel_file(f->dom, f->kernel))
        return -1;
    return strcmp(f->ramdisk, "-") == 0 ? 0 : xc_dom_module_file(f->dom, f->ramdisk, NULL);
}

static int part_xen_init(struct floor *f)
{
    return xc_dom_boot_xen_init(f->dom, f->xc, f->domid);
}

static int part_parse(struct floor *f)
{
    return xc_dom_parse_image(f->dom);
}

static int part_mem_init(struct floor *f)
{
    return xc_dom_mem_init(f->dom, f->mem_mib);
}

static int part_boot_mem(struct floor *f)
{
    return xc_dom_boot_mem_init(f->dom);
}

static int part_image(struct floor *f)
{
    return xc_dom_build_image(f->dom);
}

static int part_boot(struct floor *f)
{
    return xc_dom_boot_image(f->dom);
}

static int part_grants(struct floor *f)
{
    return xc_dom_gnttab_init(f->dom);
}

static int part_release(struct floor *f)
{
    xc_dom_release(f->dom);
    f->dom = NULL;
    return 0;
}

static const struct {
    const char *name;
    int (*run)(struct floor *);
} parts[] = {
    {"open", part_open},         {"create", part_create},     {"setup", part_setup},       {"files", part_files},
    {"xen-init", part_xen_init}, {"parse-image", part_parse}, {"mem-init", part_mem_init}, {"boot-mem", part_boot_mem},
    {"build-image", part_image}, {"boot-image", part_boot},   {"grants", part_grants},     {"release", part_release},
};

static int run_parts(struct floor *f)
{
    int64_t begin = now_us(), last = begin, now;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].run(f)) {
            (void)fprintf(stderr, "floor: %s failed: %s\n", parts[i].name, strerror(errno));
            return -1;
        }
        now = now_us();
        if (!f->quiet)
            (void)printf("%s %lld\n", parts[i].name, (long long)(now - last));
        last = now;
    }
    (void)printf("total %lld\n", (long long)(last - begin));
    return 0;
}

static int usage(void)
{
    (void)fputs("usage: floor [-k] [-q] KERNEL RAMDISK|- MEM_MIB [CMDLINE]\n"
                "       floor -d DOMID\n",
                stderr);
    return 2;
}

static int destroy(const char *domid)
{
    xc_interface *xc = xc_interface_open(NULL, NULL, 0);
    int r = xc ? xc_domain_destroy(xc, (uint32_t)strtoul(domid, NULL, 10)) : -1;

    if (r)
        (void)fprintf(stderr, "floor: destroy failed: %s\n", strerror(errno));
    if (xc)
        (void)xc_interface_close(xc);
    return r ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct floor f = {.cmdline = "console=hvc0"};
    bool keep = false;
    int opt, r;

    while ((opt = getopt(argc, argv, "kqd:")) != -1) {
        if (opt == 'd')
            return destroy(optarg);
        if (opt != 'k' && opt != 'q')
            return usage();
        keep |= opt == 'k';
        f.quiet |= opt == 'q';
    }
    if (argc - optind < 3)
        return usage();
    f.kernel = argv[optind];
    f.ramdisk = argv[optind + 1];
    f.mem_mib = (unsigned)strtoul(argv[optind + 2], NULL, 10);
    if (argc - optind > 3)
        f.cmdline = argv[optind + 3];
    r = run_parts(&f);
    if (f.dom)
        xc_dom_release(f.dom);
    if (f.domid && (r || !keep)) {
        int64_t begin = now_us();

        (void)xc_domain_destroy(f.xc, f.domid);
        if (!f.quiet)
            (void)printf("destroy %lld\n", (long long)(now_us() - begin));
    } else if (f.domid) {
        (void)printf("domid %u\n", f.domid);
    }
    if (f.xc)
        (void)xc_interface_close(f.xc);
    return r ? 1 : 0;
}
