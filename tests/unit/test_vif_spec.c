/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: the vif grammar in full, to a record and back by text and by
 * libxl's JSON; errors are errors, at their place; rates give the credit that
 * xl gives.
 */
#include "unit.h"

#include <stdio.h>

#include "base/str.h"
#include "dev/vif_rate.h"
#include "dev/vif_spec.h"

static void assert_same(const struct vif_spec *a, const struct vif_spec *b)
{
    char *x = vif_spec_print(a), *y = vif_spec_print(b);

    assert_string_equal(x, y);
    assert_int_equal(a->rate_bytes, b->rate_bytes);
    assert_int_equal(a->rate_interval_us, b->rate_interval_us);
    free(x);
    free(y);
}

static void check_round_trips(const struct vif_spec *vif)
{
    struct conf_pos at = {.line = 1, .column = 1, .length = 1};
    struct vif_spec again;
    struct diags d;
    struct json *j;
    char *text = vif_spec_print(vif);

    diags_init(&d);
    assert_int_equal(vif_spec_parse(text, at, &d, &again), 0);
    assert_same(vif, &again);
    vif_spec_fini(&again);
    assert_int_equal(vif_spec_copy(vif, &again), 0);
    assert_same(vif, &again);
    vif_spec_fini(&again);
    j = vif_spec_to_libxl(vif);
    assert_non_null(j);
    assert_int_equal(vif_spec_from_libxl(j, &again), 0);
    again.has_devid = vif->has_devid; /* the JSON always has one */
    assert_same(vif, &again);
    vif_spec_fini(&again);
    (void)json_free(j);
    free(text);
    diags_fini(&d);
}

static void test_good(void **state)
{
    static const struct {
        const char *text, *want;
        unsigned warnings;
    } good[] = {
        {"", "", 0},
        {"  ", "", 0},
        {"mac=00:16:3E:74:3d:76,model=rtl8139,bridge=xenbr0", "mac=00:16:3e:74:3d:76,bridge=xenbr0,model=rtl8139", 0},
        {"mac=00-16-3e-74-3d-76", "mac=00:16:3e:74:3d:76", 0},
        {"mac=00.16.3e 74:3d_76", "mac=00:16:3e:74:3d:76", 0},
        {"mac=00:00:00:00:00:00", "", 1},
        {" bridge=xenbr0, ip=10.0.0.1 10.0.0.2", "bridge=xenbr0,ip=10.0.0.1 10.0.0.2", 0},
        {"bridge=xenbr0,", "bridge=xenbr0", 0},
        {"bridge=,mtu=", "", 0},
        {"type=vif", "type=vif", 0},
        {"type=ioemu,model=e1000", "type=ioemu,model=e1000", 0},
        {"vifname=web0,script=vif-route,gatewaydev=eth0,backend=net",
         "vifname=web0,gatewaydev=eth0,script=vif-route,backend=net", 0},
        {"netdev=eth0", "gatewaydev=eth0", 1},
        {"devid=3,mtu=9000,untrusted", "devid=3,mtu=9000,untrusted", 0},
        {"trusted", "", 0},
        {"accel=sfc", "", 1},
        {"rate=10Mb/s", "rate=1250000B/s@50000us", 0},
        {"rate=1MB/s@20ms", "rate=1000000B/s@20000us", 0},
        {"rate=1MB/s@20", "rate=1000000B/s@20000000us", 1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct conf_pos at = {.line = 1, .column = 1, .length = 1};
        struct vif_spec vif;
        struct diags d;
        char *text;

        diags_init(&d);
        assert_int_equal(vif_spec_parse(good[i].text, at, &d, &vif), 0);
        text = vif_spec_print(&vif);
        assert_string_equal(text, good[i].want);
        assert_int_equal(d.warnings, good[i].warnings);
        check_round_trips(&vif);
        free(text);
        vif_spec_fini(&vif);
        diags_fini(&d);
    }
}

static void test_bad(void **state)
{
    static const struct {
        const char *text;
        unsigned column;
        enum domo_code code;
        const char *message;
    } bad[] = {
        {"mac=00:16:3e:74:3d", 5, DOMO_E_CONFIG_VALUE, "no hardware address"},
        {"mac=00:16:3e:74:3d:7", 5, DOMO_E_CONFIG_VALUE, "no hardware address"},
        {"mac=00:16:3e:74:3d:76:01", 5, DOMO_E_CONFIG_VALUE, "no hardware address"},
        {"mac=0016:3e:74:3d:76:01", 5, DOMO_E_CONFIG_VALUE, "no hardware address"},
        {"mac=01:16:3e:74:3d:76", 5, DOMO_E_CONFIG_VALUE, "group address"},
        {"brigde=xenbr0", 1, DOMO_E_CONFIG_UNKNOWN_KEY, "no 'brigde='"},
        {"bridge=a, xenbr0", 11, DOMO_E_CONFIG_UNKNOWN_KEY, "'xenbr0' is no word"},
        {"bridge=a,bridge=b", 17, DOMO_E_CONFIG_VALUE, "given twice: 'a' before"},
        {"type=emu", 6, DOMO_E_CONFIG_VALUE, "no type of a vif"},
        {"mtu=10", 5, DOMO_E_CONFIG_VALUE, "mtu is a number between"},
        {"mtu=65536", 5, DOMO_E_CONFIG_VALUE, "mtu is a number between"},
        {"devid=-1", 7, DOMO_E_CONFIG_VALUE, "devid is a number"},
        {"devid=65536", 7, DOMO_E_CONFIG_VALUE, "devid is a number"},
        {"vifname=abcdefghijklmnop", 9, DOMO_E_CONFIG_VALUE, "can't be the name"},
        {"vifname=../x", 9, DOMO_E_CONFIG_VALUE, "can't be the name"},
        {"rate=10", 6, DOMO_E_CONFIG_VALUE, "needs its unit"},
        {"colo_ft_host=x", 1, DOMO_E_CONFIG_NOT_ACTED_ON, "'colo_ft_host' of a vif is known"},
        {"forwarddev=x", 1, DOMO_E_CONFIG_NOT_ACTED_ON, "'forwarddev' of a vif is known"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct conf_pos at = {.line = 2, .column = 8, .length = 1};
        struct vif_spec vif;
        struct diags d;

        diags_init(&d);
        assert_int_equal(vif_spec_parse(bad[i].text, at, &d, &vif), -1);
        assert_int_equal(d.errors, 1);
        assert_non_null(strstr(d.list.at[0].message, bad[i].message));
        assert_int_equal(d.list.at[0].code, bad[i].code);
        assert_int_equal(d.list.at[0].pos.line, 2);
        assert_int_equal(d.list.at[0].pos.column, 7 + bad[i].column);
        diags_fini(&d);
    }
}

static void test_rates(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes; /* 0: an error */
        uint32_t us;
    } rates[] = {
        {"10Mb/s", 62500, 50000},
        {"250KB/s", 12500, 50000},
        {"1MB/s@20ms", 20000, 20000},
        {"1MB/s@20m", 20000, 20000},
        {"1GB/s@1s", 1000000000, 1000000},
        {"1Gb/s@100us", 12500, 100},
        {"1Gb/s@100u", 12500, 100},
        {"8b/s@1s", 1, 1000000},
        {"100B/s@2", 200, 2000000},
        {"", 0, 0},
        {"10", 0, 0},
        {"10MB", 0, 0},
        {"10mb/s", 0, 0},
        {"MB/s", 0, 0},
        {"10TB/s", 0, 0},
        {"10MB/s@", 0, 0},
        {"10MB/s@0", 0, 0},
        {"10MB/s@5x", 0, 0},
        {"10MB/s@9999s", 0, 0},
        {"10MB/sx", 0, 0},
        {"0B/s", 0, 0},
        {"10B/s@1us", 0, 0},
        {"99999999999999999999B/s", 0, 0},
        {"99999999999999GB/s", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        struct vif_rate rate, again;
        struct str out = STR_INIT;
        const char *why = vif_rate_parse(rates[i].text, &rate);

        if (!rates[i].bytes) {
            assert_non_null(why);
            continue;
        }
        assert_null(why);
        assert_int_equal(rate.bytes, rates[i].bytes);
        assert_int_equal(rate.interval_us, rates[i].us);
        vif_rate_print(rate.bytes, rate.interval_us, &out);
        assert_null(vif_rate_parse(str_text(&out), &again));
        assert_int_equal(again.bytes, rate.bytes);
        str_fini(&out);
    }
}

static void test_addresses(void **state)
{
    static const uint8_t random[3] = {0xff, 0xfe, 0x01};
    uint8_t mac[MAC_LEN];
    char text[MAC_TEXT_MAX];

    (void)state;
    mac_from_random(random, mac);
    mac_print(mac, text);
    assert_string_equal(text, "00:16:3e:7f:fe:01");
    assert_int_equal(mac_parse("0A:0b:0C:0d:0E:0f", mac), 0);
    mac_print(mac, text);
    assert_string_equal(text, "0a:0b:0c:0d:0e:0f");
}

static void test_json_refuses(void **state)
{
    static const char *const texts[] = {"{\"mac\":\"x\"}", "{\"nictype\":\"x\"}", "{\"devid\":99999999999}", "[]"};
    struct vif_spec vif;
    struct json *j;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_int_equal(json_parse(texts[i], strlen(texts[i]), &j, NULL), 0);
        assert_true(vif_spec_from_libxl(j, &vif) < 0);
        (void)json_free(j);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),      cmocka_unit_test(test_bad),          cmocka_unit_test(test_rates),
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_json_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
