/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One network interface as the administrator wrote it: the vif= grammar of
 * xl-network-configuration(5). Pure.
 */
#ifndef DOMO_DEV_VIF_SPEC_H
#define DOMO_DEV_VIF_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/json.h"
#include "conf/diag.h"

enum { MAC_LEN = 6, MAC_TEXT_MAX = 18 };
/* IOEMU: also an emulated card, for a guest without a driver of Xen's. */
enum vif_type { VIF_TYPE_DEFAULT, VIF_TYPE_VIF, VIF_TYPE_IOEMU };

/* What xl's configuration has when nobody says otherwise. */
#define VIF_DEFAULT_BRIDGE "xenbr0"
/* The emulated card's interface on this host has the name of the back end's with this behind it. */
#define VIF_TAP_SUFFIX "-emu"

struct vif_spec {
    bool has_devid, has_mac;
    uint32_t devid; /* index in the list unless given */
    uint8_t mac[MAC_LEN];
    enum vif_type type;
    char *bridge; /* NULL = the default bridge */
    char *ip, *script, *vifname, *gatewaydev, *model;
    char *backend;       /* back end domain: name or number, NULL = the toolstack's */
    uint32_t mtu;        /* 0 = the bridge's */
    uint64_t rate_bytes; /* bytes per interval, 0 = unlimited */
    uint32_t rate_interval_us;
    bool untrusted;
    struct conf_pos pos;
};

void vif_spec_fini(struct vif_spec *);
int vif_spec_copy(const struct vif_spec *from, struct vif_spec *to) MUST_CHECK;

/* As disk_spec_parse. An empty text is a vif with all defaults. */
int vif_spec_parse(const char *text, struct conf_pos at, struct diags *, struct vif_spec *ret) MUST_CHECK;
char *vif_spec_print(const struct vif_spec *);
struct json *vif_spec_to_libxl(const struct vif_spec *);
int vif_spec_from_libxl(const struct json *, struct vif_spec *ret) MUST_CHECK;

/* "00:16:3e:01:02:03". */
void mac_print(const uint8_t mac[MAC_LEN], char out[MAC_TEXT_MAX]);
int mac_parse(const char *text, uint8_t ret[MAC_LEN]) MUST_CHECK;
/* Xen's prefix 00:16:3e and three random bytes (the first with its top bit clear), from "random". */
void mac_from_random(const uint8_t random[3], uint8_t ret[MAC_LEN]);

#endif
