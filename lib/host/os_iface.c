/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Network interfaces over rtnetlink: look at one, change one in one message.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lazy.h"
#include "base/str.h"
#include "host/os.h"

/* clang-format off */
#define MNL_CALLS(X) \
    X(mnl_, attr_get_payload_len) \
    X(mnl_, attr_get_str) \
    X(mnl_, attr_get_type) \
    X(mnl_, attr_get_u32) \
    X(mnl_, attr_parse) \
    X(mnl_, attr_parse_nested) \
    X(mnl_, attr_put) \
    X(mnl_, attr_put_strz) \
    X(mnl_, attr_put_u32) \
    X(mnl_, attr_validate) \
    X(mnl_, nlmsg_get_payload) \
    X(mnl_, nlmsg_get_payload_len) \
    X(mnl_, nlmsg_next) \
    X(mnl_, nlmsg_ok) \
    X(mnl_, nlmsg_put_extra_header) \
    X(mnl_, nlmsg_put_header) \
    X(mnl_, socket_bind) \
    X(mnl_, socket_close) \
    X(mnl_, socket_open2) \
    X(mnl_, socket_recvfrom) \
    X(mnl_, socket_sendto) \
    X(mnl_, socket_setsockopt)
/* clang-format on */
LAZY_LIBRARY(mnl, MNL_SONAME, MNL_CALLS);

enum { ANSWER_MAX = 32768, REQUEST_MAX = 1024, MAC_LEN = 6 };

/* ---- one request and its answer ---- */

struct exchange {
    struct mnl_socket *socket;
    struct nlmsghdr *request; /* in "bytes" */
    char bytes[REQUEST_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
    char words[160]; /* the kernel's extended acknowledgement, "" if none */
};

static void exchange_fini(struct exchange *x)
{
    if (x->socket)
        (void)mnl.socket_close(x->socket);
}
#define AUTO_EXCHANGE CLEANUP(exchange_fini)

static int exchange_init(struct exchange *x, uint16_t type, unsigned index, struct domo_err *err)
{
    struct ifinfomsg *info;
    int one = 1;

    if (lazy_load(&mnl_library, err) < 0)
        return -1;
    x->request = mnl.nlmsg_put_header(x->bytes);
    x->request->nlmsg_type = type;
    x->request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    info = mnl.nlmsg_put_extra_header(x->request, sizeof *info);
    info->ifi_family = AF_UNSPEC;
    info->ifi_index = (int)index;
    x->socket = mnl.socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    if (!x->socket || mnl.socket_bind(x->socket, 0, MNL_SOCKET_AUTOPID) < 0)
        return err_sys(err, DOMO_E_IO, errno, "can't talk to the kernel's network configuration");
    /* Kernels that lack them just say less. */
    (void)mnl.socket_setsockopt(x->socket, NETLINK_EXT_ACK, &one, sizeof one);
    (void)mnl.socket_setsockopt(x->socket, NETLINK_CAP_ACK, &one, sizeof one);
    return 0;
}

static int keep_words(const struct nlattr *attr, void *arg)
{
    struct exchange *x = arg;

    if (mnl.attr_get_type(attr) == NLMSGERR_ATTR_MSG && mnl.attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
        (void)snprintf(x->words, sizeof x->words, "%s", mnl.attr_get_str(attr));
    return MNL_CB_OK;
}

/* An acknowledgement: its errno; the words follow the quoted request, which may be capped to its header. */
static int read_ack(struct exchange *x, const struct nlmsghdr *m)
{
    const struct nlmsgerr *e = mnl.nlmsg_get_payload(m);
    size_t skip = sizeof *e;

    if (mnl.nlmsg_get_payload_len(m) < sizeof *e)
        return EBADMSG;
    if (!(m->nlmsg_flags & NLM_F_CAPPED))
        skip += mnl.nlmsg_get_payload_len(&e->msg);
    if (m->nlmsg_flags & NLM_F_ACK_TLVS && mnl.nlmsg_get_payload_len(m) >= skip)
        (void)mnl.attr_parse(m, (unsigned)skip, keep_words, x);
    return e->error < 0 ? -e->error : 0;
}

/* Sends the request and reads up to its acknowledgement; "on_link" gets the messages before it. 0, or the errno. */
static int exchange_run(struct exchange *x, void (*on_link)(const struct nlmsghdr *, void *arg), void *arg)
{
    char *AUTO_FREE answer = malloc(ANSWER_MAX);

    if (!answer)
        return ENOMEM;
    if (mnl.socket_sendto(x->socket, x->request, x->request->nlmsg_len) < 0)
        return errno;
    for (;;) {
        ssize_t n = mnl.socket_recvfrom(x->socket, answer, ANSWER_MAX);
        const struct nlmsghdr *m = (const struct nlmsghdr *)(const void *)answer;
        int left = (int)n;

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        for (; mnl.nlmsg_ok(m, left); m = mnl.nlmsg_next(m, &left)) {
            if (m->nlmsg_type == NLMSG_ERROR)
                return read_ack(x, m);
            if (on_link)
                on_link(m, arg);
        }
    }
}

/* ---- look ---- */

static int take_kind(const struct nlattr *attr, void *arg)
{
    struct os_iface *iface = arg;

    if (mnl.attr_get_type(attr) == IFLA_INFO_KIND && mnl.attr_validate(attr, MNL_TYPE_STRING) >= 0)
        iface->is_bridge = strncmp(mnl.attr_get_str(attr), "bridge", mnl.attr_get_payload_len(attr)) == 0;
    return MNL_CB_OK;
}

static int take_attr(const struct nlattr *attr, void *arg)
{
    struct os_iface *iface = arg;

    switch (mnl.attr_get_type(attr)) {
    case IFLA_MASTER:
        if (mnl.attr_validate(attr, MNL_TYPE_U32) >= 0)
            iface->master = mnl.attr_get_u32(attr);
        break;
    case IFLA_MTU:
        if (mnl.attr_validate(attr, MNL_TYPE_U32) >= 0)
            iface->mtu = mnl.attr_get_u32(attr);
        break;
    case IFLA_LINKINFO:
        (void)mnl.attr_parse_nested(attr, take_kind, iface);
        break;
    default:
        break;
    }
    return MNL_CB_OK;
}

static void take_link(const struct nlmsghdr *m, void *arg)
{
    const struct ifinfomsg *info = mnl.nlmsg_get_payload(m);
    struct os_iface *iface = arg;

    if (m->nlmsg_type != RTM_NEWLINK || mnl.nlmsg_get_payload_len(m) < sizeof *info)
        return;
    iface->index = (uint32_t)info->ifi_index;
    iface->is_up = info->ifi_flags & IFF_UP;
    (void)mnl.attr_parse(m, sizeof *info, take_attr, iface);
}

/* 0, or the errno: ENODEV if there is no such interface. */
static int look(struct exchange *x, const char *name, struct os_iface *ret)
{
    struct os_iface iface = {0};
    int sys;

    mnl.attr_put_strz(x->request, IFLA_IFNAME, name);
    sys = exchange_run(x, take_link, &iface);
    if (sys == 0)
        *ret = iface;
    return sys;
}

int os_iface(struct host *h, const char *name, struct os_iface *ret, bool *ret_found, struct domo_err *err)
{
    struct exchange AUTO_EXCHANGE x = {0};
    int sys;

    h->stats.os_calls++;
    if (strlen(name) >= IFNAMSIZ) {
        *ret_found = false;
        return 0;
    }
    if (exchange_init(&x, RTM_GETLINK, 0, err) < 0)
        return -1;
    sys = look(&x, name, ret);
    if (sys && sys != ENODEV)
        return err_sys(err, DOMO_E_VIF_INTERFACE, sys, "can't look at interface '%s'", name);
    *ret_found = sys == 0;
    return 0;
}

/* ---- change ---- */

static int find_bridge(struct host *h, const char *name, uint32_t *ret_index, struct domo_err *err)
{
    struct os_iface bridge = {0};
    bool found = false;

    if (os_iface(h, name, &bridge, &found, err) < 0)
        return -1;
    if (!found)
        return err_set(err, DOMO_E_NO_BRIDGE, "there is no bridge '%s'", name);
    *ret_index = bridge.index;
    return 0;
}

static void put_change(struct nlmsghdr *m, const struct os_iface_change *c)
{
    struct ifinfomsg *info = mnl.nlmsg_get_payload(m);

    if (c->up || c->down) {
        info->ifi_change = IFF_UP;
        info->ifi_flags = c->up ? IFF_UP : 0;
    }
    if (c->mac)
        mnl.attr_put(m, IFLA_ADDRESS, MAC_LEN, c->mac);
    if (c->mtu)
        mnl.attr_put_u32(m, IFLA_MTU, c->mtu);
    if (c->rename)
        mnl.attr_put_strz(m, IFLA_IFNAME, c->rename);
}

static int change_failed(const struct exchange *x, const char *name, const struct os_iface_change *c, int sys,
                         struct domo_err *err)
{
    enum domo_code code = sys == EPERM || sys == EACCES ? DOMO_E_PERMISSION
                          : sys == EEXIST && c->rename  ? DOMO_E_VIF_NAME
                                                        : DOMO_E_VIF_INTERFACE;

    (void)err_sys(err, code, sys, "can't set interface '%s' up%s%s", name, x->words[0] ? ": " : "", x->words);
    if (c->bridge && c->bridge[0])
        (void)err_fact(err, "bridge", "%s", c->bridge);
    if (c->rename)
        (void)err_fact(err, "name", "%s", c->rename);
    return -1;
}

/* All in one message: the kernel applies name, address, flags and bridge in an order that works for an interface that
 * is down, as a new back end's is. */
int os_iface_change(struct host *h, const char *name, const struct os_iface_change *c, struct domo_err *err)
{
    struct exchange AUTO_EXCHANGE x = {0};
    struct os_iface now = {0};
    uint32_t bridge = 0;
    bool found = false;
    int sys;

    if (os_iface(h, name, &now, &found, err) < 0)
        return -1;
    if (!found)
        return err_set(err, DOMO_E_VIF_INTERFACE, "there is no interface '%s'", name);
    if (c->bridge && c->bridge[0] && find_bridge(h, c->bridge, &bridge, err) < 0)
        return -1;
    if (exchange_init(&x, RTM_NEWLINK, now.index, err) < 0)
        return -1;
    put_change(x.request, c);
    if (c->bridge)
        mnl.attr_put_u32(x.request, IFLA_MASTER, bridge);
    sys = exchange_run(&x, NULL, NULL);
    return sys ? change_failed(&x, name, c, sys, err) : 0;
}
