/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: the disk grammar in full, each form to the same record and back by
 * text and by libxl's JSON; what is wrong is found at its place in the spec;
 * virtual device names and numbers agree both ways.
 */
#include "unit.h"

#include <stdio.h>

#include "base/str.h"
#include "dev/disk_spec.h"

static void assert_same(const struct disk_spec *a, const struct disk_spec *b)
{
    char *x = disk_spec_print(a), *y = disk_spec_print(b);

    assert_string_equal(x, y);
    assert_int_equal(a->devid, b->devid);
    assert_int_equal(a->removable, b->removable);
    free(x);
    free(y);
}

/* The record survives its own text and JSON. */
static void check_round_trips(const struct disk_spec *disk)
{
    struct conf_pos at = {.line = 1, .column = 1, .length = 1};
    struct disk_spec again;
    struct diags d;
    struct json *j;
    char *text = disk_spec_print(disk);

    diags_init(&d);
    assert_int_equal(disk_spec_parse(text, at, &d, &again), 0);
    assert_same(disk, &again);
    disk_spec_fini(&again);
    assert_int_equal(disk_spec_copy(disk, &again), 0);
    assert_same(disk, &again);
    disk_spec_fini(&again);
    j = disk_spec_to_libxl(disk);
    assert_non_null(j);
    assert_int_equal(disk_spec_from_libxl(j, &again), 0);
    if (disk->access == DISK_ACCESS_RW_SHARED)
        again.access = DISK_ACCESS_RW_SHARED; /* libxl has no name for it */
    assert_same(disk, &again);
    disk_spec_fini(&again);
    (void)json_free(j);
    free(text);
    diags_fini(&d);
}

static const struct {
    const char *text, *want;
    unsigned warnings;
} good[] = {
    {"/dev/vg/v,,hda", "format=raw,vdev=hda,access=rw,target=/dev/vg/v", 0},
    {"/dev/vg/v,raw,hda,rw", "format=raw,vdev=hda,access=rw,target=/dev/vg/v", 0},
    {"format=raw, vdev=hda, access=rw, target=/dev/vg/v", "format=raw,vdev=hda,access=rw,target=/dev/vg/v", 0},
    {"raw:/dev/vg/v,hda,w", "format=raw,vdev=hda,access=rw,target=/dev/vg/v", 1},
    {"/i.iso,,hdc,cdrom", "format=raw,vdev=hdc,access=ro,devtype=cdrom,target=/i.iso", 0},
    {"/i.iso,,hdc,,cdrom", "format=raw,vdev=hdc,access=ro,devtype=cdrom,target=/i.iso", 0},
    {"/i.iso,raw,hdc,devtype=cdrom", "format=raw,vdev=hdc,access=ro,devtype=cdrom,target=/i.iso", 0},
    {"format=raw, vdev=hdc, access=ro, devtype=cdrom, target=/i.iso",
     "format=raw,vdev=hdc,access=ro,devtype=cdrom,target=/i.iso", 0},
    {"raw:/i.iso,hdc:cdrom,ro", "format=raw,vdev=hdc,access=ro,devtype=cdrom,target=/i.iso", 2},
    {",,hdc,,cdrom", "format=empty,vdev=hdc,access=ro,devtype=cdrom", 0},
    {"vdev=hdc,cdrom", "format=empty,vdev=hdc,access=ro,devtype=cdrom", 0},
    {"vdev=hdc,cdrom,access=w,target=/x", "format=raw,vdev=hdc,access=ro,devtype=cdrom,target=/x", 1},
    {"phy:/dev/vg/v,xvda,w", "format=raw,vdev=xvda,access=rw,target=/dev/vg/v", 1},
    {"phy:vg/v,xvda,w", "format=raw,vdev=xvda,access=rw,target=vg/v", 1},
    {"file:/a.img,xvda,r", "format=raw,vdev=xvda,access=ro,target=/a.img", 1},
    {"tap:aio:/a.img,xvda,w", "format=raw,vdev=xvda,access=rw,target=/a.img", 2},
    {"tap2:qcow2:/a.q,xvda,w", "format=qcow2,vdev=xvda,access=rw,target=/a.q", 2},
    {"tapdisk:vhd:/a,xvda", "format=vhd,vdev=xvda,access=rw,target=/a", 2},
    {"ioemu:/a,hda,w", "format=raw,vdev=hda,access=rw,target=/a", 1},
    {"nbd:host:9000,xvda,w", "format=raw,vdev=xvda,access=rw,script=block-nbd,target=host:9000", 1},
    {"drbd:res,xvda,w", "format=raw,vdev=xvda,access=rw,script=block-drbd,target=res", 1},
    {"enbd:res,xvda,w", "format=raw,vdev=xvda,access=rw,script=block-enbd,target=res", 1},
    {"C:foo,,xvda", "format=raw,vdev=xvda,access=rw,target=C:foo", 0},
    {"/a,qcow2,xvda,w!", "format=qcow2,vdev=xvda,access=w!,target=/a", 0},
    {"/a,qcow,xvda,r", "format=qcow,vdev=xvda,access=ro,target=/a", 0},
    {"/a,qed,xvda,", "format=qed,vdev=xvda,access=rw,target=/a", 0},
    {"/a,,xvda,,", "format=raw,vdev=xvda,access=rw,target=/a", 0},
    {"vdev=xvda,target=/a,b=c ,d", "format=raw,vdev=xvda,access=rw,target=/a,b=c ,d", 0},
    {",,xvda,w,target=/a", "format=raw,vdev=xvda,access=rw,target=/a", 0},
    {"/a,vdev=xvda,raw,ro", "format=raw,vdev=xvda,access=ro,target=/a", 0},
    {"/a,raw,xvda,rw,format=raw,access=rw", "format=raw,vdev=xvda,access=rw,target=/a", 0},
    {"/a,,xvda,backend=storage,backendtype=phy,script=block-x,direct-io-safe,no-discard,untrusted",
     "format=raw,vdev=xvda,access=rw,backend=storage,backendtype=phy,script=block-x,direct-io-safe,no-discard,"
     "untrusted,target=/a",
     0},
    {"/a,,xvda,discard,trusted,no-colo,backendtype=qdisk",
     "format=raw,vdev=xvda,access=rw,backendtype=qdisk,discard,target=/a", 0},
    {"/a,,xvda,specification=virtio,backendtype=standalone",
     "format=raw,vdev=xvda,access=rw,backendtype=standalone,specification=virtio,target=/a", 0},
    {"/a,,xvda,backendtype=tap,specification=xen,devtype=disk",
     "format=raw,vdev=xvda,access=rw,backendtype=tap,target=/a", 0},
    {" /a, raw, xvda, w", "format=raw,vdev=xvda,access=rw,target=/a", 0},
    {"/a,format=,vdev=xvda,access=", "format=raw,vdev=xvda,access=rw,target=/a", 0},
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct conf_pos at = {.line = 1, .column = 1, .length = 1};
        struct disk_spec disk;
        struct diags d;
        char *text;

        diags_init(&d);
        if (disk_spec_parse(good[i].text, at, &d, &disk)) {
            print_error("%s: %s\n", good[i].text, d.list.at[d.list.len - 1].message);
            fail();
        }
        text = disk_spec_print(&disk);
        assert_string_equal(text, good[i].want);
        if (d.warnings != good[i].warnings)
            print_error("%s: %u warnings\n", good[i].text, d.warnings);
        assert_int_equal(d.warnings, good[i].warnings);
        check_round_trips(&disk);
        free(text);
        disk_spec_fini(&disk);
        diags_fini(&d);
    }
}

static void test_bad(void **state)
{
    static const struct {
        const char *text;
        unsigned column; /* of the first error */
        enum domo_code code;
        const char *message; /* part of it */
    } bad[] = {
        {"", 1, DOMO_E_CONFIG_MISSING, "no virtual device"},
        {"/a", 1, DOMO_E_CONFIG_MISSING, "no virtual device"},
        {"/a,raw", 1, DOMO_E_CONFIG_MISSING, "no virtual device"},
        {"vdev=xvda", 1, DOMO_E_CONFIG_MISSING, "no target"},
        {"/a,raw,xvdq0", 8, DOMO_E_CONFIG_VALUE, "'xvdq0' is no virtual device"},
        {"/a,ra,xvda", 4, DOMO_E_CONFIG_VALUE, "'ra' is no format"},
        {"/a,xvda,w", 4, DOMO_E_CONFIG_VALUE, "'xvda' is no format"},
        {"/a,,xvda,x", 10, DOMO_E_CONFIG_VALUE, "'x' is no access"},
        {"/a,,xvda,w,y", 12, DOMO_E_CONFIG_VALUE, "at most four"},
        {"/a,,xvda,access=w,y", 19, DOMO_E_CONFIG_VALUE, "one value too many"},
        {"/a,,xvda,vdev=xvdb", 15, DOMO_E_CONFIG_VALUE, "given twice: 'xvda' before"},
        {"/a,raw,xvda,format=qcow2", 20, DOMO_E_CONFIG_VALUE, "given twice: 'raw' before"},
        {"/a,,xvda,target=/b", 17, DOMO_E_CONFIG_VALUE, "given twice: '/a' before"},
        {"/a,,xvda,acces=w", 10, DOMO_E_CONFIG_UNKNOWN_KEY, "no 'acces='"},
        {"/a=b,,xvda", 1, DOMO_E_CONFIG_UNKNOWN_KEY, "no '/a='"},
        {"nfs:/a,,xvda", 1, DOMO_E_CONFIG_VALUE, "no disk prefix 'nfs:'"},
        {"/a,,xvda,backendtype=vbd", 22, DOMO_E_CONFIG_VALUE, "'vbd' is no backendtype"},
        {"/a,,xvda,devtype=dvd", 18, DOMO_E_CONFIG_VALUE, "'dvd' is no devtype"},
        {"/a,,xvda,specification=kvm", 24, DOMO_E_CONFIG_VALUE, "'kvm' is no specification"},
        {"/a,empty,xvda", 1, DOMO_E_CONFIG_CONFLICT, "contradicts a target"},
        {"/a,,xvda,colo,colo-host=x", 10, DOMO_E_CONFIG_NOT_ACTED_ON, "'colo' of a disk is known"},
        {"/a,,xvda,active-disk=x", 10, DOMO_E_CONFIG_NOT_ACTED_ON, "'active-disk' of a disk"},
        {"/a,,hdc:dvd", 9, DOMO_E_CONFIG_VALUE, "'dvd' is no devtype"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct conf_pos at = {.line = 3, .column = 11, .length = 1};
        struct disk_spec disk = {.vdev = NULL};
        const struct diag *first = NULL;
        struct diags d;

        diags_init(&d);
        assert_int_equal(disk_spec_parse(bad[i].text, at, &d, &disk), -1);
        assert_null(disk.vdev);
        assert_true(d.errors > 0);
        for (size_t k = 0; !first && k < d.list.len; k++)
            if (d.list.at[k].level == DIAG_ERROR)
                first = &d.list.at[k];
        assert_non_null(strstr(first->message, bad[i].message));
        assert_int_equal(first->code, bad[i].code);
        assert_int_equal(first->pos.line, 3);
        assert_int_equal(first->pos.column, 10 + bad[i].column);
        diags_fini(&d);
    }
}

static void test_device_numbers(void **state)
{
    static const struct {
        const char *name;
        uint32_t number;
        bool is_canonical; /* the number gives this name again */
    } good_names[] = {
        {"xvda", 51712, true},
        {"xvdb", 51728, true},
        {"xvda1", 51713, true},
        {"xvdp15", 51967, true},
        {"xvdq", 1 << 28 | 16 << 8, true},
        {"xvda16", 1 << 28 | 16, true},
        {"xvdaa", 1 << 28 | 26 << 8, true},
        {"xvdtq37", 1 << 28 | 536 << 8 | 37, true},
        {"xvda255", 1 << 28 | 255, true},
        {"d0", 51712, false},
        {"d0p0", 51712, false},
        {"d1p2", 51730, false},
        {"d536p37", 1 << 28 | 536 << 8 | 37, false},
        {"d1048575", 1 << 28 | 0xfffff << 8, false},
        {"hda", 768, true},
        {"hdb", 832, true},
        {"hdc", 5632, true},
        {"hdd63", 5759, true},
        {"hda1", 769, true},
        {"sda", 2048, true},
        {"sdp15", 2303, true},
        {"sdb3", 2067, true},
        {"51712", 51712, false},
        {"0xca00", 51712, false},
        {"0", 0, true},
        {"2147483647", 2147483647, true},
    };
    static const char *const bad_names[] = {
        "",      "xvd", "xvd1", "xvda0",   "xvda01",   "xvda256",      "xvdA", "hde",  "hda64", "sdq",
        "sda16", "sd",  "d",    "d0p",     "d00",      "d0p256",       "dx",   "fd0",  "a",     "2147483648",
        "08",    "1x",  "-1",   "xvda1p2", "d1048576", "xvdbhwhwhwhw", "vda",  " xvda"};
    uint32_t number;
    char name[24];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good_names); i++) {
        assert_int_equal(vdev_to_devid(good_names[i].name, &number), 0);
        assert_int_equal(number, good_names[i].number);
        vdev_from_devid(number, name);
        if (good_names[i].is_canonical)
            assert_string_equal(name, good_names[i].name);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad_names); i++)
        assert_true(vdev_to_devid(bad_names[i], &number) < 0);
    /* Every number has a name that means it. */
    for (uint32_t n = 0; n < 1u << 18; n += 3) {
        vdev_from_devid(n, name);
        assert_int_equal(vdev_to_devid(name, &number), 0);
        assert_int_equal(number, n);
    }
    for (uint32_t n = 1u << 28; n < 1u << 29; n += 77777) {
        vdev_from_devid(n, name);
        assert_int_equal(vdev_to_devid(name, &number), 0);
        assert_int_equal(number, n);
    }
}

static void test_json_refuses(void **state)
{
    static const char *const texts[] = {"{}",
                                        "{\"vdev\":\"nope\"}",
                                        "{\"vdev\":\"xvda\",\"format\":\"zip\"}",
                                        "{\"vdev\":\"xvda\",\"backend\":\"x\"}",
                                        "[]",
                                        "3"};
    struct disk_spec disk;
    struct json *j;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_int_equal(json_parse(texts[i], strlen(texts[i]), &j, NULL), 0);
        assert_true(disk_spec_from_libxl(j, &disk) < 0);
        (void)json_free(j);
    }
    assert_int_equal(json_parse("{\"vdev\":\"xvda\",\"backend_domid\":3}", 33, &j, NULL), 0);
    assert_int_equal(disk_spec_from_libxl(j, &disk), 0);
    assert_string_equal(disk.backend, "3");
    disk_spec_fini(&disk);
    (void)json_free(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_device_numbers),
        cmocka_unit_test(test_json_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
