/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a device model is told what the config says, each row of the table
 * when it applies and only then; what it can't be told is refused by name.
 */
#include "unit.h"

#include <stdio.h>

#include "base/str.h"
#include "conf_util.h"
#include "dev/grammar.h"
#include "dom/dm_argv.h"

static const char *const tcg[] = {"-machine", "pc", "-accel", "tcg", NULL};
static const char *const xenfv[] = {"-machine", "xenfv,suppress-vmdesc=on", NULL};
/* One that runs the guest's processors, and one that only emulates devices. */
static const struct hyp_dm whole = {.program = "qemu", .machine = tcg, .runs_vcpus = true, .net = "user,restrict=on"};
static const struct hyp_dm devices = {.program = "/usr/lib/xen/qemu", .machine = xenfv, .runs_vcpus = false};

static struct spec *spec_of(const char *more)
{
    char *AUTO_FREE text = str_format("name='a'\ntype='hvm'\nmemory=64\n%s", more);
    struct domo_err err = DOMO_ERR_INIT;
    struct spec *s = NULL;
    struct diags d;

    assert_non_null(text);
    diags_init(&d);
    if (spec_parse("t", text, NULL, &d, &s, &err)) {
        print_error("%s\n%s\n", text, err.msg);
        fail();
    }
    diags_fini(&d);
    return s;
}

/* All words, one a line. */
static char *lines_of(const struct spec *s, const struct hyp_dm *host)
{
    const struct dm_guest g = {.name = s->name,
                               .spec = s,
                               .uuid = "11111111-2222-4333-8444-555555555555",
                               .host = host,
                               .libxl_dir = "/var/run/xen"};
    struct domo_err err = DOMO_ERR_INIT;
    struct str out = STR_INIT;
    struct dm_argv a = {.failed = false};

    assert_int_equal(dm_argv_make(&g, &a, &err), 0);
    assert_null(a.words.at[a.words.len - 1]);
    for (size_t i = 0; i + 1 < a.words.len; i++)
        str_addf(&out, "%s\n", a.words.at[i]);
    dm_argv_fini(&a);
    return str_steal(&out);
}

static char *pv_lines(const char *more, const struct hyp_dm *host)
{
    char *config = str_format("name='web,1'\ntype='pv'\nkernel='/k'\nmemory=32\n%s\n", more);
    struct domo_err err = DOMO_ERR_INIT;
    struct dm_guest g = {.uuid = "11111111-2222-4333-8444-555555555555", .host = host, .domid = 9};
    struct str out = STR_INIT;
    struct dm_argv a = {.failed = false};
    struct spec *s;
    struct diags d;

    diags_init(&d);
    assert_int_equal(spec_parse("t", config, NULL, &d, &s, &err), 0);
    diags_fini(&d);
    /* As a creation numbers them. */
    for (size_t i = 0, n = 0; i < s->devices.len; i++)
        if (s->devices.at[i].grammar == &grammar_channel)
            s->devices.at[i].devid = (uint32_t)++n;
    g.spec = s;
    g.name = s->name;
    assert_int_equal(dm_argv_make(&g, &a, &err), 0);
    for (size_t i = 0; i + 1 < a.words.len; i++)
        str_addf(&out, "%s\n", a.words.at[i]);
    dm_argv_fini(&a);
    (void)spec_free(s);
    free(config);
    return str_steal(&out);
}

/* A guest without a device model of its own: what serves its back ends is told about screens and channels. */
static void test_serving(void **state)
{
    static const char *const xenpv[] = {"-machine", "xenpv", NULL};
    const struct hyp_dm host = {.program = "/usr/libexec/qemu", .machine = xenpv, .attaches = true};
    static const struct {
        const char *more, *words;
    } cases[] = {
        {"", "-nodefaults\n-no-user-config\n-xen-attach\n-name\nweb,,1\n-vnc\nnone\n-display\nnone\n-nographic\n"},
        {"vnc=1", "-vnc\n127.0.0.1:0,to=99\n-display\nnone\n-machine"},
        {"vfb=['vncdisplay=7,vncunused=0,vncpasswd=x,keymap=de,vnclisten=0.0.0.0']",
         "-vnc\n0.0.0.0:7,password=on\n-display\nnone\n-k\nde\n-machine"},
        {"vfb=['vnclisten=127.0.0.1:9']", "-vnc\n127.0.0.1:9,to=99\n"},
        {"vfb=['vnc=0,sdl=1,opengl=1']", "-vnc\nnone\n-display\nsdl,gl=on\n"},
        {"channel=['name=a,connection=pty','name=b,connection=socket,path=/run/b']",
         "-chardev\npty,id=libxl-channel0\n-chardev\nsocket,id=libxl-channel1,path=/run/b,server=on,wait=off\n"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *text = pv_lines(cases[i].more, &host);

        if (!strstr(text, cases[i].words))
            fail_msg("%s:\n%s", cases[i].more, text);
        assert_true(str_starts(text, "/usr/libexec/qemu\n-xen-domid\n9\n-no-shutdown\n"));
        free(text);
    }
}

static char *lines(const char *more, const struct hyp_dm *host)
{
    struct spec *s = spec_of(more);
    char *text = lines_of(s, host);

    (void)spec_free(s);
    return text;
}

/* Each row that depends on the guest: what is in the command line with the config, and not without it. */
static void test_rows_one_by_one(void **state)
{
    static const struct {
        const char *config, *words;
    } rows[] = {
        {"kernel='/boot/k'", "-kernel\n/boot/k\n"},
        {"kernel='/boot/k'\nramdisk='/boot/r'", "-initrd\n/boot/r\n"},
        {"kernel='/boot/k'\nroot='/dev/sda'\nextra='a b,c'", "-append\nroot=/dev/sda a b,c\n"},
        {"serial='pty'", "-serial\npty\n"},
        {"serial=['pty','file:/tmp/x,y']", "-serial\npty\n-serial\nfile:/tmp/x,y\n"},
        {"boot='dc'", "-boot\norder=dc\n"},
        {"vcpus=2", "-smp\n2,maxcpus=2\n"},
        {"vcpus=1\nmaxvcpus=3", "-smp\n1,maxcpus=3\n"},
        {"localtime=1", "-rtc\nbase=localtime\n"},
        {"memory=128", "-m\n128\n"},
        {"mmio_hole=1024", ",max-ram-below-4g=3221225472\n"},
        {"name='b,c'", "-name\nb,,c\n"},
        {"disk=['/srv/a.img,raw,hda,rw']",
         "-drive\nfile=/srv/a.img,if=ide,index=0,media=disk,format=raw,cache=writeback\n"},
        {"disk=['/srv/a.img,raw,hdd,rw']", "index=3,"},
        {"disk=['/srv/a.img,raw,xvdb,rw']", "file=/srv/a.img,if=ide,index=1,"},
        {"disk=['/srv/a.img,raw,hdc,w!']", "index=2,media=disk,format=raw,cache=writeback,file.locking=off\n"},
        {"disk=['/srv/cd.iso,raw,hdc,cdrom']", "-drive\nif=none,readonly=on,id=ide-5632,file=/srv/cd.iso,format=raw\n"
                                               "-device\nide-cd,id=ide-5632,drive=ide-5632,bus=ide.1,unit=0\n"},
        {"disk=[',,hdb,cdrom']",
         "-drive\nif=none,readonly=on,id=ide-832\n-device\nide-cd,id=ide-832,drive=ide-832,bus=ide.0,unit=1\n"},
        {"disk=['format=qcow2,vdev=xvdd,devtype=cdrom,target=/srv/a,b.img']",
         "id=ide-51760,file=/srv/a,,b.img,format=qcow2\n"},
        {"disk=['/srv/a.vhd,vhd,hda,rw']", "file=/srv/a.vhd,if=ide,index=0,media=disk,format=vpc,cache=writeback\n"},
        {"vnc=0", "-vnc\nnone\n-display\nnone\n"},
        {"vncdisplay=7\nvncunused=0\nvnclisten='0.0.0.0'", "-vnc\n0.0.0.0:7\n"},
        {"vncpasswd='a,b'", "-vnc\n127.0.0.1:0,password=on,to=99\n"},
        {"vnclisten='::1:3'", "-vnc\n::1:3,to=99\n"},
        {"keymap='de'", "-k\nde\n"},
        {"vnc=0\nsdl=1", "-vnc\nnone\n-display\nsdl\n"},
        {"vnc=0\nnographic=1", "-nographic\n"},
        {"vga='stdvga'", "-device\nVGA,vgamem_mb=16\n"},
        {"stdvga=1\nvideoram=32", "-device\nVGA,vgamem_mb=32\n"},
        {"vga='qxl'\nmemory=256", "-device\nqxl-vga,vram_size_mb=64,ram_size_mb=64\n"},
        {"videoram=16", "-device\ncirrus-vga,vgamem_mb=16\n"},
        {"usb=1", "-usb\n"},
        {"usbdevice='tablet'", "-usb\n-usbdevice\ntablet\n"},
        {"usbdevice=['tablet','keyboard']", "-usb\n-usbdevice\ntablet\n-usbdevice\nkeyboard\n"},
        {"usbversion=1", "-device\npiix3-usb-uhci,id=usb\n"},
        {"usbversion=2", "-device\nich9-usb-ehci1,id=usb,addr=0x1d.0x7,multifunction=on\n-device\n"
                         "ich9-usb-uhci1,masterbus=usb.0,firstport=0,addr=0x1d.0,multifunction=on\n-device\n"
                         "ich9-usb-uhci2,masterbus=usb.0,firstport=2,addr=0x1d.0x1,multifunction=on\n"},
        {"usbversion=3", "-device\nnec-usb-xhci,id=usb\n"},
        {"soundhw='hda'", "-device\nintel-hda\n-device\nhda-duplex\n"},
        {"soundhw='ac97'", "-device\nAC97\n"},
        {"disk=['vdev=hda,access=rw,target=/srv/a,b=c.img']", "file=/srv/a,,b=c.img,if=ide,"},
        {"acpi=0", "-no-acpi\n"},
        {"device_model_args=['-trace','a,b']\ndevice_model_args_hvm='-x'\ndevice_model_args_pv='-y'",
         "-trace\na,b\n-machine\npc\n-accel\ntcg\n-x\n-m\n"},
        {"vendor_device='xenserver'", "-device\nxen-pvdevice,device-id=0xc000\n"},
        {"hdtype='ahci'\ndisk=['/srv/a.img,raw,hdb,rw']",
         "-device\nahci,id=ahci0\n-drive\nfile=/srv/a.img,if=none,id=ahcidisk-1,format=raw,cache=writeback\n"
         "-device\nide-hd,bus=ahci0.1,unit=0,drive=ahcidisk-1\n"},
        {"vif=['type=ioemu,mac=00:16:3e:00:00:01,devid=3']",
         "-device\nrtl8139,id=nic3,netdev=net3,mac=00:16:3e:00:00:01,romfile=\n-netdev\nuser,restrict=on,id=net3\n"},
    };
    char *plain = lines("", &whole);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *text = lines(rows[i].config, &whole);

        if (!strstr(text, rows[i].words) || strstr(plain, rows[i].words)) {
            print_error("%s:\n%s", rows[i].config, text);
            fail();
        }
        free(text);
    }
    free(plain);
}

/* Without a kernel there is nothing for a ramdisk or a command line to belong to. */
static void test_rows_that_do_not_apply(void **state)
{
    static const struct {
        const char *config;
        const struct hyp_dm *host;
        const char *absent;
    } rows[] = {
        {"ramdisk='/boot/r'", &whole, "-initrd"},
        {"cmdline='x'", &whole, "-append"},
        {"", &whole, "-serial"},
        {"", &whole, "-smp"},
        {"", &whole, "-drive"},
        {"", &whole, "-rtc"},
        {"", &devices, "-S\n"},
        {"", &devices, "-uuid"},
        {"localtime=1", &devices, "-rtc"},
        {"", &devices, "tcg"},
        {"vga='none'", &whole, "vga"},
        {"nographic=1", &whole, "-nographic"},
        {"disk=['/srv/a.img,raw,xvde,rw']", &whole, "-drive"},
        {"disk=['/srv/a.img,raw,xvda1,rw']", &whole, "-drive"},
        {"vif=['type=vif']", &whole, "-netdev"},
        {"vif=['type=ioemu']", &whole, "-net\n"},
        {"vif=['type=ioemu']", &devices, "romfile"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *text = lines(rows[i].config, rows[i].host);

        if (strstr(text, rows[i].absent)) {
            print_error("%s has %s:\n%s", rows[i].config, rows[i].absent, text);
            fail();
        }
        free(text);
    }
}

static void check_golden(const char *name, const char *config, const struct hyp_dm *host)
{
    char *text = lines(config, host), *path = str_format("tests/golden/dm/%s", name), *full = source_path(path);

    assert_golden(full, text);
    free(full);
    free(path);
    free(text);
}

static void test_jail(void **state)
{
    static const struct dm_jail jail = {.restricts = true, .runas = "70005:70000", .root = "/run/xen/qemu-root-5"};
    struct spec *s = spec_of("");
    struct domo_err err = DOMO_ERR_INIT;
    struct dm_guest g = {
        .name = "a", .uuid = "", .spec = s, .host = &devices, .libxl_dir = "/run/xen", .domid = 5, .jail = &jail};
    struct dm_argv a = {.failed = false};
    struct str out = STR_INIT;

    (void)state;
    assert_int_equal(dm_argv_make(&g, &a, &err), 0);
    for (size_t i = 0; i + 1 < a.words.len; i++)
        str_addf(&out, "%s\n", a.words.at[i]);
    assert_non_null(strstr(str_text(&out), "-xen-domid-restrict\n-chroot\n/run/xen/qemu-root-5\n-machine\n"));
    assert_non_null(strstr(str_text(&out), "-runas\n70005:70000\n"));
    str_fini(&out);
    dm_argv_fini(&a);
    (void)spec_free(s);
}

static void test_whole_command_lines(void **state)
{
    static const char large[] = "name='large, with a comma'\nmemory=2048\nvcpus=2\nmaxvcpus=4\nboot='dca'\n"
                                "serial=['pty','file:/var/log/large.serial']\nlocaltime=1\n"
                                "disk=['/srv/large.img,raw,hda,rw','/srv/cd.iso,raw,hdc,cdrom',"
                                "'/srv/data.img,raw,xvde,rw']\nvif=['type=vif',"
                                "'type=ioemu,devid=1,bridge=br0,model=e1000,mac=00:16:3e:00:00:02']\n";

    (void)state;
    check_golden("smallest.argv", "", &whole);
    check_golden("direct-boot.argv", "kernel='/boot/vmlinuz'\nramdisk='/boot/initrd.img'\nroot='/dev/sda1'\n", &whole);
    check_golden("large.argv", large, &whole);
    check_golden("large-on-xen.argv", large, &devices);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *config; /* behind it, what is said; NULL = fine */
        enum domo_code code;
        const char *message;
    } rows[] = {
        {"", DOMO_E_OK, NULL},
        {"disk=['/a,raw,hda,rw','/b,raw,hdb,rw','/c,raw,xvdc,rw','/d,raw,xvde,ro','/e,raw,hdd,cdrom']", DOMO_E_OK,
         NULL},
        {"vif=['type=vif']", DOMO_E_OK, NULL},
        {"disk=['/a,raw,sda,rw']", DOMO_E_CONFIG_NOT_ACTED_ON,
         "disk sda: emulated SCSI disks are known, but not acted on yet"},
        {"disk=['/a,raw,hda,ro']", DOMO_E_CONFIG_CONFLICT, "disk hda: an IDE disk can't be read-only"},
        {"disk=['/a,qcow2,hda,rw','vdev=hdc,cdrom']", DOMO_E_OK, NULL},
        {"disk=['backend=drv,vdev=hda,target=/a']", DOMO_E_CONFIG_NOT_ACTED_ON,
         "disk hda: an emulated disk that is not of this host is known, but not acted on yet"},
        {"disk=['/a,raw,hda,rw','/b,raw,xvda,rw']", DOMO_E_CONFIG_CONFLICT,
         "disk xvda: another disk is emulated in its place"},
        {"vif=['type=ioemu']", DOMO_E_OK, NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct domo_err err = DOMO_ERR_INIT;
        struct spec *s = spec_of(rows[i].config);

        assert_int_equal(dm_admit(s, &err), rows[i].message ? -1 : 0);
        assert_int_equal(err.code, rows[i].code);
        assert_string_equal(err.msg, rows[i].message ? rows[i].message : "");
        assert_true(!rows[i].message || err_hint_text(&err)[0]);
        (void)spec_free(s);
    }
}

static void test_ide_places(void **state)
{
    static const struct {
        const char *vdev;
        int index; /* -1 = none */
    } rows[] = {{"hda", 0},  {"hdb", 1},    {"hdc", 2},   {"hdd", 3}, {"xvda", 0}, {"xvdd", 3}, {"xvde", -1},
                {"sda", -1}, {"xvda1", -1}, {"hda2", -1}, {"d3", 3},  {"d4", -1},  {"768", 0},  {"5", -1}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint32_t devid, index = 99;

        assert_int_equal(vdev_to_devid(rows[i].vdev, &devid), 0);
        assert_int_equal(vdev_ide_index(devid, &index), rows[i].index >= 0);
        assert_true(rows[i].index < 0 || index == (uint32_t)rows[i].index);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_one_by_one),
        cmocka_unit_test(test_rows_that_do_not_apply),
        cmocka_unit_test(test_jail),
        cmocka_unit_test(test_whole_command_lines),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_ide_places),
        cmocka_unit_test(test_serving),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
