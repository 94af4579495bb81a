/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Layouts and numbers are those of the ACPI specification 5.0, chapters 5.2
 * (tables) and 20 (AML). The FADT says "hardware-reduced": such a guest has no
 * fixed ACPI hardware, no FACS, no SCI. There is no _S5 object: a guest ends by
 * a hypercall, or by halting all its processors, which Xen takes for a power-off.
 */
#include "host/acpi.h"

#include <stdbool.h>
#include <string.h>

enum {
    /* Where the fields of the tables are. */
    HEADER_LEN = 36,
    HEADER_LENGTH_AT = 4,
    HEADER_CHECKSUM_AT = 9,
    RSDP_LEN = 36,
    RSDP_V1_LEN = 20,
    RSDP_SPACE = 64,
    FADT_LEN = 268,
    FADT_REVISION = 5,
    MADT_REVISION = 3,
    DSDT_REVISION = 2, /* integers of 64 bits */
    /* FADT: boot architecture flags, and feature flags. */
    BOOT_NO_VGA = 1 << 2,
    BOOT_NO_CMOS_RTC = 1 << 5,
    FADT_WBINVD = 1 << 0,
    FADT_C1 = 1 << 2,
    FADT_NO_POWER_BUTTON = 1 << 4,
    FADT_NO_SLEEP_BUTTON = 1 << 5,
    FADT_HARDWARE_REDUCED = 1 << 20,
    FADT_NO_C2_US = 101,
    FADT_NO_C3_US = 1001,
    /* MADT */
    MADT_LAPIC = 0,
    MADT_LAPIC_LEN = 8,
    MADT_ENABLED = 1,
    APIC_ID_STEP = 2, /* Xen numbers the APIC of vcpu N 2 * N */
    /* AML */
    AML_ZERO = 0x00,
    AML_NAME = 0x08,
    AML_BYTE = 0x0a,
    AML_STRING = 0x0d,
    AML_SCOPE = 0x10,
    AML_EXT = 0x5b,
    AML_EXT_DEVICE = 0x82,
    AML_ROOT = 0x5c,
    ALIGN = 16,
};

static const uint32_t lapic_address = 0xfee00000;

struct out {
    unsigned char *bytes;
    size_t len;
    uint64_t base;
};

static void put(struct out *o, const void *bytes, size_t n)
{
    memcpy(o->bytes + o->len, bytes, n);
    o->len += n;
}

static void put_byte(struct out *o, unsigned byte)
{
    o->bytes[o->len++] = (unsigned char)byte;
}

static void store(unsigned char *at, uint64_t value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

static void put_number(struct out *o, uint64_t value, size_t n)
{
    store(o->bytes + o->len, value, n);
    o->len += n;
}

/* The byte that makes the sum of all zero. */
static unsigned char checksum(const unsigned char *bytes, size_t n)
{
    unsigned char sum = 0;

    while (n--)
        sum = (unsigned char)(sum + *bytes++);
    return (unsigned char)-sum;
}

/* Begins a table; length and checksum follow at its end. */
static size_t begin(struct out *o, const char signature[4], unsigned revision)
{
    size_t at;

    o->len = (o->len + ALIGN - 1) / ALIGN * ALIGN;
    at = o->len;
    put(o, signature, 4);
    put_number(o, 0, 4);
    put_byte(o, revision);
    put_byte(o, 0);
    put(o, "DOMO  ", 6);
    put(o, "PVH     ", 8);
    put_number(o, 1, 4);
    put(o, "DOMO", 4);
    put_number(o, 1, 4);
    return at;
}

static uint64_t end(struct out *o, size_t at)
{
    unsigned char *table = o->bytes + at;

    store(table + HEADER_LENGTH_AT, o->len - at, 4);
    table[HEADER_CHECKSUM_AT] = checksum(table, o->len - at);
    return o->base + at;
}

/* ---- DSDT: a device a processor ---- */

static size_t package_length_size(size_t inner)
{
    return inner + 1 < 1 << 6 ? 1 : inner + 2 < 1 << 12 ? 2 : 3;
}

/* The length of a package counts its own bytes. One byte holds six bits of it; else the first holds four and says how
 * many follow. */
static void put_package_length(struct out *o, size_t inner)
{
    size_t n = package_length_size(inner), value = inner + n;

    if (n == 1) {
        put_byte(o, (unsigned)value);
        return;
    }
    put_byte(o, (unsigned)((n - 1) << 6 | (value & 0xf)));
    put_number(o, value >> 4, n - 1);
}

static void put_processor(struct out *o, uint32_t n)
{
    static const char digits[] = "0123456789ABCDEF";
    const char name[4] = {'C', '0', digits[n >> 4 & 0xf], digits[n & 0xf]};
    static const char hid[] = "ACPI0007";
    enum { INNER = 4 + 5 + 1 + sizeof hid + 5 + 2 };

    put_byte(o, AML_EXT);
    put_byte(o, AML_EXT_DEVICE);
    put_package_length(o, INNER);
    put(o, name, 4);
    put_byte(o, AML_NAME);
    put(o, "_HID", 4);
    put_byte(o, AML_STRING);
    put(o, hid, sizeof hid);
    put_byte(o, AML_NAME);
    put(o, "_UID", 4);
    put_byte(o, AML_BYTE);
    put_byte(o, n);
}

/* How many bytes put_processor() writes. */
static size_t processor_len(void)
{
    unsigned char scratch[64];
    struct out o = {.bytes = scratch};

    put_processor(&o, 0);
    return o.len;
}

static uint64_t put_dsdt(struct out *o, uint32_t max_vcpus)
{
    size_t at = begin(o, "DSDT", DSDT_REVISION);

    put_byte(o, AML_SCOPE);
    put_package_length(o, 5 + max_vcpus * processor_len());
    put_byte(o, AML_ROOT);
    put(o, "_SB_", 4);
    for (uint32_t i = 0; i < max_vcpus; i++)
        put_processor(o, i);
    return end(o, at);
}

/* ---- the other tables ---- */

static uint64_t put_madt(struct out *o, uint32_t vcpus, uint32_t max_vcpus)
{
    size_t at = begin(o, "APIC", MADT_REVISION);

    put_number(o, lapic_address, 4);
    put_number(o, 0, 4); /* no 8259 beside it */
    for (uint32_t i = 0; i < max_vcpus; i++) {
        put_byte(o, MADT_LAPIC);
        put_byte(o, MADT_LAPIC_LEN);
        put_byte(o, i);
        put_byte(o, i * APIC_ID_STEP);
        put_number(o, i < vcpus ? MADT_ENABLED : 0, 4);
    }
    return end(o, at);
}

static uint64_t put_fadt(struct out *o, uint64_t dsdt)
{
    static const struct {
        size_t at, size;
        uint64_t value;
    } fields[] = {
        {96, 2, FADT_NO_C2_US},
        {98, 2, FADT_NO_C3_US},
        {109, 2, BOOT_NO_VGA | BOOT_NO_CMOS_RTC},
        {112, 4, FADT_WBINVD | FADT_C1 | FADT_NO_POWER_BUTTON | FADT_NO_SLEEP_BUTTON | FADT_HARDWARE_REDUCED},
    };
    enum { DSDT_AT = 40, X_DSDT_AT = 140 };
    size_t at = begin(o, "FACP", FADT_REVISION);
    unsigned char *table = o->bytes + at;

    memset(table + HEADER_LEN, 0, FADT_LEN - HEADER_LEN);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        store(table + fields[i].at, fields[i].value, fields[i].size);
    store(table + DSDT_AT, dsdt, 4);
    store(table + X_DSDT_AT, dsdt, 8);
    o->len = at + FADT_LEN;
    return end(o, at);
}

static uint64_t put_xsdt(struct out *o, uint64_t fadt, uint64_t madt)
{
    size_t at = begin(o, "XSDT", 1);

    put_number(o, fadt, 8);
    put_number(o, madt, 8);
    return end(o, at);
}

static void put_rsdp(unsigned char *at, uint64_t xsdt)
{
    struct out o = {.bytes = at};

    put(&o, "RSD PTR ", 8);
    put_byte(&o, 0);
    put(&o, "DOMO  ", 6);
    put_byte(&o, 2);
    put_number(&o, 0, 4); /* no RSDT */
    put_number(&o, RSDP_LEN, 4);
    put_number(&o, xsdt, 8);
    put_number(&o, 0, 4);
    at[8] = checksum(at, RSDP_V1_LEN);
    at[32] = checksum(at, RSDP_LEN);
}

size_t acpi_tables(uint64_t base, uint32_t vcpus, uint32_t max_vcpus, unsigned char out[ACPI_LEN_MAX])
{
    struct out o = {.bytes = out, .len = RSDP_SPACE, .base = base};
    uint64_t madt, fadt;

    memset(out, 0, ACPI_LEN_MAX);
    madt = put_madt(&o, vcpus, max_vcpus);
    fadt = put_fadt(&o, put_dsdt(&o, max_vcpus));
    put_rsdp(out, put_xsdt(&o, fadt, madt));
    return o.len;
}
