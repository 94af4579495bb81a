/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a PVH guest's tables are whole (lengths, checksums, pointers), name each processor once and no more as
 * enabled than are online; its memory map holds all of its memory and nothing twice; only a kernel that says so has a
 * PVH entry point, whatever else a file holds.
 */
#include "unit.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "host/acpi.h"
#include "host/elf_note.h"
#include "host/hvm_map.h"
#include "host/pvh_map.h"

static const uint64_t kib = 1024;

static unsigned char tables[ACPI_LEN_MAX];

static uint64_t number(const unsigned char *at, size_t n)
{
    uint64_t v = 0;

    while (n--)
        v = v << 8 | at[n];
    return v;
}

static unsigned sum(const unsigned char *at, size_t n)
{
    unsigned char s = 0;

    while (n--)
        s = (unsigned char)(s + *at++);
    return s;
}

/* The table at a guest's address, checked as a whole. */
static const unsigned char *table_at(uint64_t address, const char *signature, size_t len)
{
    const unsigned char *t = tables + (address - pvh_hole_start);
    size_t length;

    assert_true(address >= pvh_hole_start && address - pvh_hole_start + 36 <= len);
    assert_memory_equal(t, signature, 4);
    length = number(t + 4, 4);
    assert_true(address - pvh_hole_start + length <= len);
    assert_int_equal(sum(t, length), 0);
    return t;
}

/* Reads a package length as chapter 20.2.4 of the specification has it; moves *at behind it, returns the end. */
static size_t package_end(const unsigned char *aml, size_t *at)
{
    size_t begin = *at, more = aml[begin] >> 6, value = aml[begin] & (more ? 0x0f : 0x3f);

    for (size_t i = 1; i <= more; i++)
        value |= (size_t)aml[begin + i] << (8 * i - 4);
    *at += 1 + more;
    return begin + value;
}

/* \_SB with a device a processor, each with its own name and number. */
static void check_dsdt(const unsigned char *t, uint32_t max_vcpus)
{
    size_t length = number(t + 4, 4), at = 37, end;
    uint32_t n = 0;

    assert_int_equal(t[36], 0x10);
    assert_int_equal(package_end(t, &at), length);
    assert_memory_equal(t + at, "\\_SB_", 5);
    for (at += 5; at < length; at = end, n++) {
        char name[5] = "";

        assert_memory_equal(t + at, "\x5b\x82", 2);
        at += 2;
        end = package_end(t, &at);
        (void)snprintf(name, sizeof name, "C%03X", (unsigned)n);
        assert_memory_equal(t + at, name, 4);
        assert_memory_equal(t + at + 4,
                            "\x08_HID\x0d"
                            "ACPI0007\0\x08_UID\x0a",
                            21);
        assert_int_equal(t[at + 25], n);
        assert_int_equal(end, at + 26);
    }
    assert_int_equal(n, max_vcpus);
}

static void check_madt(const unsigned char *t, uint32_t vcpus, uint32_t max_vcpus)
{
    assert_int_equal(number(t + 4, 4), 44 + 8 * max_vcpus);
    assert_int_equal(number(t + 36, 4), 0xfee00000);
    for (uint32_t i = 0; i < max_vcpus; i++) {
        const unsigned char *e = t + 44 + (size_t)8 * i;

        assert_int_equal(e[0], 0);
        assert_int_equal(e[1], 8);
        assert_int_equal(e[2], i);
        assert_int_equal(e[3], 2 * i);
        assert_int_equal(number(e + 4, 4), i < vcpus);
    }
}

static void check_tables(uint32_t vcpus, uint32_t max_vcpus)
{
    size_t len = acpi_tables(pvh_hole_start, vcpus, max_vcpus, tables);
    const unsigned char *xsdt, *fadt;

    assert_true(len < ACPI_LEN_MAX);
    assert_memory_equal(tables, "RSD PTR ", 8);
    assert_int_equal(sum(tables, 20), 0);
    assert_int_equal(sum(tables, 36), 0);
    assert_int_equal(tables[15], 2);
    xsdt = table_at(number(tables + 24, 8), "XSDT", len);
    assert_int_equal(number(xsdt + 4, 4), 36 + 2 * 8);
    fadt = table_at(number(xsdt + 36, 8), "FACP", len);
    assert_int_equal(number(fadt + 4, 4), 268);
    assert_true(number(fadt + 112, 4) & 1 << 20);
    assert_int_equal(number(fadt + 40, 4), number(fadt + 140, 8));
    check_dsdt(table_at(number(fadt + 140, 8), "DSDT", len), max_vcpus);
    check_madt(table_at(number(xsdt + 44, 8), "APIC", len), vcpus, max_vcpus);
}

static void test_tables(void **state)
{
    (void)state;
    /* One byte, two bytes and three bytes of package length. */
    for (uint32_t max = 1; max <= ACPI_VCPUS_MAX; max++)
        check_tables(1 + max / 2, max);
    check_tables(ACPI_VCPUS_MAX, ACPI_VCPUS_MAX);
}

static void check_map(uint64_t mem_kib, size_t acpi_len)
{
    const uint64_t four_gib = UINT64_C(1) << 32, special_end = 0xff000000;
    uint64_t ram = 0, last = 0;
    struct pvh_map m;

    pvh_map_make(mem_kib, special_end, 8, acpi_len, &m);
    assert_true(m.n <= PVH_REGIONS_MAX);
    assert_int_equal(m.hole_start + m.hole_size, four_gib);
    for (size_t i = 0; i < m.n; i++) {
        const struct pvh_region *r = &m.regions[i];

        assert_true(r->size && r->start >= last);
        last = r->start + r->size;
        if (r->type == PVH_RAM) {
            assert_true(last <= m.hole_start || r->start >= four_gib);
            assert_int_equal(last, r->start ? m.high_end : m.low_end);
            ram += r->size;
        } else {
            assert_true(r->start >= m.hole_start && last <= special_end);
        }
    }
    assert_int_equal(ram, mem_kib * kib);
    assert_int_equal(m.n, 2 + (acpi_len > 0) + (m.high_end > 0));
}

static void test_map(void **state)
{
    const uint64_t hole_kib = pvh_hole_start / kib;

    (void)state;
    check_map(4 * kib, 100);
    check_map(256 * kib, ACPI_LEN_MAX);
    check_map(256 * kib, 0);
    check_map(hole_kib, 1);
    check_map(hole_kib + 4, 1);
    check_map((uint64_t)64 << 20, 5000);
}

static void check_hvm_map(uint64_t mem_kib, uint32_t hole_mib, uint64_t want_low, uint64_t want_high)
{
    const uint64_t four_gib = UINT64_C(1) << 32;
    struct hvm_map m;

    hvm_map_make(mem_kib, hole_mib, &m);
    assert_int_equal(m.hole_start + m.hole_size, four_gib);
    assert_int_equal(m.low_end, want_low);
    assert_int_equal(m.high_end, want_high);
    assert_true(m.low_end <= m.hole_start);
    assert_int_equal(m.n, 1 + (want_high > 0));
    /* The first MiB is no news to a PC's firmware. */
    assert_int_equal(m.regions[0].start, kib * kib);
    assert_int_equal(m.regions[0].start + m.regions[0].size, want_low);
    if (want_high) {
        assert_int_equal(m.regions[1].start, four_gib);
        assert_int_equal(m.regions[1].start + m.regions[1].size, want_high);
    }
}

static void test_hvm_map(void **state)
{
    (void)state;
    check_hvm_map(256 * kib, 0, 256 * kib * kib, 0);
    check_hvm_map(3840 * kib, 0, UINT64_C(0xf0000000), 0);
    check_hvm_map(3841 * kib, 0, UINT64_C(0xf0000000), UINT64_C(0x100100000));
    check_hvm_map((uint64_t)8 << 20, 0, UINT64_C(0xf0000000), UINT64_C(0x210000000));
    check_hvm_map(320 * kib, 3840, 256 * kib * kib, UINT64_C(0x104000000));
}

/* ---- notes ---- */

struct image {
    Elf64_Ehdr head;
    Elf64_Phdr segment;
    Elf64_Shdr section;
    struct {
        Elf64_Nhdr n;
        char name[8];
        uint32_t value;
    } first;
    struct {
        Elf64_Nhdr n;
        char name[4];
        uint32_t value;
    } second;
};

static void fill_image(struct image *f)
{
    memset(f, 0, sizeof *f);
    memcpy(f->head.e_ident, ELFMAG, SELFMAG);
    f->head.e_ident[EI_CLASS] = ELFCLASS64;
    f->head.e_ident[EI_DATA] = ELFDATA2LSB;
    f->head.e_phoff = offsetof(struct image, segment);
    f->head.e_phnum = 1;
    f->segment.p_type = PT_NOTE;
    f->segment.p_offset = offsetof(struct image, first);
    f->segment.p_filesz = sizeof f->first + sizeof f->second;
    f->first.n = (Elf64_Nhdr){.n_namesz = 6, .n_descsz = 4, .n_type = ELF_NOTE_PHYS32_ENTRY};
    memcpy(f->first.name, "Linux", 6);
    f->second.n = (Elf64_Nhdr){.n_namesz = 4, .n_descsz = 4, .n_type = ELF_NOTE_PHYS32_ENTRY};
    memcpy(f->second.name, "Xen", 4);
}

static bool can_boot(const struct image *f, size_t len)
{
    return elf_has_xen_note(f, len, ELF_NOTE_PHYS32_ENTRY);
}

static void test_notes(void **state)
{
    struct image f;

    (void)state;
    fill_image(&f);
    assert_true(can_boot(&f, sizeof f));
    assert_false(elf_has_xen_note(&f, sizeof f, 17));
    /* Somebody else's note of that number is none. */
    f.segment.p_filesz = sizeof f.first;
    assert_false(can_boot(&f, sizeof f));
    /* Only in a section. */
    fill_image(&f);
    f.head.e_phnum = 0;
    assert_false(can_boot(&f, sizeof f));
    f.head.e_shoff = offsetof(struct image, section);
    f.head.e_shnum = 1;
    f.section.sh_type = SHT_NOTE;
    f.section.sh_offset = f.segment.p_offset;
    f.section.sh_size = f.segment.p_filesz;
    assert_true(can_boot(&f, sizeof f));
}

static void test_hostile_files(void **state)
{
    struct image f;

    (void)state;
    fill_image(&f);
    /* Cut off anywhere: the last byte that counts is the name's. */
    for (size_t len = 0; len < offsetof(struct image, second.value); len++)
        assert_false(can_boot(&f, len));
    f.first.n.n_namesz = UINT32_MAX;
    assert_false(can_boot(&f, sizeof f));
    fill_image(&f);
    f.segment.p_offset = UINT64_MAX - 3;
    assert_false(can_boot(&f, sizeof f));
    fill_image(&f);
    f.head.e_phoff = UINT64_MAX - 7;
    f.head.e_phnum = UINT16_MAX;
    (void)can_boot(&f, sizeof f);
    fill_image(&f);
    f.segment.p_filesz = UINT64_MAX;
    assert_true(can_boot(&f, sizeof f));
    f.head.e_ident[EI_CLASS] = ELFCLASS32;
    assert_false(can_boot(&f, sizeof f));
    assert_false(elf_has_xen_note("\177ELF", 4, ELF_NOTE_PHYS32_ENTRY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables), cmocka_unit_test(test_map),           cmocka_unit_test(test_hvm_map),
        cmocka_unit_test(test_notes),  cmocka_unit_test(test_hostile_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
