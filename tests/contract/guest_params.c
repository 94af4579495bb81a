/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * usage: guest_params DOMID
 * Prints what the hypervisor holds about a PVH or HVM guest, a line each: flags and limits, the parameters, the
 * paging pool, what its processor says of itself, the processor's first state, and for a PVH guest that has not run yet
 * its start information with the memory map and the names of its ACPI tables. Two toolstacks' guests of one config are
 * compared by it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define XC_WANT_COMPAT_MAP_FOREIGN_API
#include <xenctrl.h>
#include <xenguest.h>

#include <xen/arch-x86/hvm/start_info.h>
#include <xen/hvm/params.h>
#include <xen/hvm/save.h>

enum { PAGE = 4096 };

static xc_interface *xc;
static uint32_t domid;

static void show_info(void)
{
    xc_domaininfo_t d;

    if (xc_domain_getinfolist(xc, domid, 1, &d) != 1 || d.domain != domid)
        exit(1);
    (void)printf("hvm %d hap %d\n", !!(d.flags & XEN_DOMINF_hvm_guest), !!(d.flags & XEN_DOMINF_hap));
    (void)printf("pages %" PRIu64 "\nmax pages %" PRIu64 "\n", (uint64_t)d.tot_pages, (uint64_t)d.max_pages);
    (void)printf("vcpus %u online %u\n", d.max_vcpu_id + 1, d.nr_online_vcpus);
    (void)printf("emulated 0x%x\n", d.arch_config.emulation_flags);
}

static void show_params(void)
{
    uint64_t value;

    for (uint32_t i = 0; i < HVM_NR_PARAMS; i++)
        if (xc_hvm_param_get(xc, domid, i, &value) == 0)
            (void)printf("param %u 0x%" PRIx64 "\n", i, value);
    if (xc_get_paging_mempool_size(xc, domid, &value) == 0)
        (void)printf("paging pool %" PRIu64 " KiB\n", value >> 10);
}

/* Copies from the guest's memory; false if there is none. */
static int copy(uint64_t address, void *to, size_t n)
{
    while (n) {
        size_t offset = address % PAGE, part = n < PAGE - offset ? n : PAGE - offset;
        char *page = xc_map_foreign_range(xc, domid, PAGE, PROT_READ, address / PAGE);

        if (!page)
            return 0;
        memcpy(to, page + offset, part);
        (void)munmap(page, PAGE);
        to = (char *)to + part;
        address += part;
        n -= part;
    }
    return 1;
}

static void show_tables(uint64_t rsdp)
{
    uint64_t xsdt, table;
    char name[5] = "";
    uint32_t len;

    if (!rsdp || !copy(rsdp + 24, &xsdt, sizeof xsdt) || !copy(xsdt + 4, &len, sizeof len))
        return;
    for (uint32_t i = 36; i + 8 <= len; i += 8)
        if (copy(xsdt + i, &table, sizeof table) && copy(table, name, 4))
            (void)printf("acpi %s\n", name);
}

static void show_start(uint64_t address)
{
    struct hvm_memmap_table_entry e;
    struct hvm_start_info s;

    if (!copy(address, &s, sizeof s) || s.magic != XEN_HVM_START_MAGIC_VALUE)
        return;
    (void)printf("start version %u flags %u modules %u\n", s.version, s.flags, s.nr_modules);
    for (uint32_t i = 0; i < s.memmap_entries && copy(s.memmap_paddr + i * sizeof e, &e, sizeof e); i++)
        (void)printf("map 0x%" PRIx64 " 0x%" PRIx64 " type %u\n", e.addr, e.size, e.type);
    show_tables(s.rsdp_paddr);
}

/* What the guest's processor says of itself. */
static void show_cpuid(void)
{
    xc_cpu_policy_t *policy = xc_cpu_policy_init();
    uint32_t n_leaves = 0, n_msrs = 0;
    xen_cpuid_leaf_t *leaves = NULL;
    xen_msr_entry_t *msrs = NULL;

    if (!policy || xc_cpu_policy_get_size(xc, &n_leaves, &n_msrs) || xc_cpu_policy_get_domain(xc, domid, policy))
        exit(1);
    leaves = calloc(n_leaves, sizeof *leaves);
    msrs = calloc(n_msrs, sizeof *msrs);
    if (!leaves || !msrs || xc_cpu_policy_serialise(xc, policy, leaves, &n_leaves, msrs, &n_msrs))
        exit(1);
    for (uint32_t i = 0; i < n_leaves; i++)
        (void)printf("cpuid 0x%x:0x%x 0x%x 0x%x 0x%x 0x%x\n", leaves[i].leaf, leaves[i].subleaf, leaves[i].a,
                     leaves[i].b, leaves[i].c, leaves[i].d);
    for (uint32_t i = 0; i < n_msrs; i++)
        (void)printf("msr 0x%x 0x%" PRIx64 "\n", msrs[i].idx, msrs[i].val);
    free(leaves);
    free(msrs);
    xc_cpu_policy_destroy(policy);
}

int main(int argc, char **argv)
{
    struct hvm_hw_cpu cpu;

    domid = argc == 2 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
    xc = domid ? xc_interface_open(NULL, NULL, 0) : NULL;
    if (!xc)
        return 2;
    show_info();
    show_params();
    show_cpuid();
    if (xc_domain_hvm_getcontext_partial(xc, domid, HVM_SAVE_CODE(CPU), 0, &cpu, sizeof cpu) == 0) {
        (void)printf("cpu rip 0x%" PRIx64 " rbx 0x%" PRIx64 " cr0 0x%" PRIx64 "\n", cpu.rip, cpu.rbx, cpu.cr0);
        show_start(cpu.rbx);
    }
    return xc_interface_close(xc) < 0;
}
