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

#include "base/str.h"
#include "host/os.h"

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
        (void)mnl_socket_close(x->socket);
}
#define AUTO_EXCHANGE CLEANUP(exchange_fini)

static int exchange_init(struct exchange *x, uint16_t type, unsigned index, struct domo_err *err)
{
    struct ifinfomsg *info;
    int one = 1;

    x->request = mnl_nlmsg_put_header(x->bytes);
    x->request->nlmsg_type = type;
    x->request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    info = mnl_nlmsg_put_extra_header(x->request, sizeof *info);
    info->ifi_family = AF_UNSPEC;
    info->ifi_index = (int)index;
    x->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    if (!x->socket || mnl_socket_bind(x->socket, 0, MNL_SOCKET_AUTOPID) < 0)
        return err_sys(err, DOMO_E_IO, errno, "can't talk to the kernel's network configuration");
    /* Kernels that lack them just say less. */
    (void)mnl_socket_setsockopt(x->socket, NETLINK_EXT_ACK, &one, sizeof one);
    (void)mnl_socket_setsockopt(x->socket, NETLINK_CAP_ACK, &one, sizeof one);
    return 0;
}

static int keep_words(const struct nlattr *attr, void *arg)
{
    struct exchange *x = arg;

    if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
        (void)snprintf(x->words, sizeof x->words, "%s", mnl_attr_get_str(attr));
    return MNL_CB_OK;
}

/* An acknowledgement: its errno; the words follow the quoted request, which may be capped to its header. */
static int read_ack(struct exchange *x, const struct nlmsghdr *m)
{
    const struct nlmsgerr *e = mnl_nlmsg_get_payload(m);
    size_t skip = sizeof *e;

    if (mnl_nlmsg_get_payload_len(m) < sizeof *e)
        return EBADMSG;
    if (!(m->nlmsg_flags & NLM_F_CAPPED))
        skip += mnl_nlmsg_get_payload_len(&e->msg);
    if (m->nlmsg_flags & NLM_F_ACK_TLVS && mnl_nlmsg_get_payload_len(m) >= skip)
        (void)mnl_attr_parse(m, (unsigned)skip, keep_words, x);
    return e->error < 0 ? -e->error : 0;
}

/* Sends the request and reads up to its acknowledgement; "on_link" gets the messages before it. 0, or the errno. */
static int exchange_run(struct exchange *x, void (*on_link)(const struct nlmsghdr *, void *arg), void *arg)
{
    char *AUTO_FREE answer = malloc(ANSWER_MAX);

    if (!answer)
        return ENOMEM;
    if (mnl_socket_sendto(x->socket, x->request, x->request->nlmsg_len) < 0)
        return errno;
    for (;;) {
        ssize_t n = mnl_socket_recvfrom(x->socket, answer, ANSWER_MAX);
        const struct nlmsghdr *m = (const struct nlmsghdr *)(const void *)answer;
        int left = (int)n;

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        for (; mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left)) {
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

    if (mnl_attr_get_type(attr) == IFLA_INFO_KIND && mnl_attr_validate(attr, MNL_TYPE_STRING) >= 0)
        iface->is_bridge = strncmp(mnl_attr_get_str(attr), "bridge", mnl_attr_get_payload_len(attr)) == 0;
    return MNL_CB_OK;
}

static int take_attr(const struct nlattr *attr, void *arg)
{
    struct os_iface *iface = arg;

    switch (mnl_attr_get_type(attr)) {
    case IFLA_MASTER:
        if (mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
            iface->master = mnl_attr_get_u32(attr);
        break;
    case IFLA_MTU:
        if (mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
            iface->mtu = mnl_attr_get_u32(attr);
        break;
    case IFLA_LINKINFO:
        (void)mnl_attr_parse_nested(attr, take_kind, iface);
        break;
    default:
        break;
    }
    return MNL_CB_OK;
}

static void take_link(const struct nlmsghdr *m, void *arg)
{
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(m);
    struct os_iface *iface = arg;

    if (m->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(m) < sizeof *info)
        return;
    iface->index = (uint32_t)info->ifi_index;
    iface->is_up = info->ifi_flags & IFF_UP;
    (void)mnl_attr_parse(m, sizeof *info, take_attr, iface);
}

/* 0, or the errno: ENODEV if there is no such interface. */
static int look(struct exchange *x, const char *name, struct os_iface *ret)
{
    struct os_iface iface = {0};
    int sys;

    mnl_attr_put_strz(x->request, IFLA_IFNAME, name);
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
    struct ifinfomsg *info = mnl_nlmsg_get_payload(m);

    if (c->up || c->down) {
        info->ifi_change = IFF_UP;
        info->ifi_flags = c->up ? IFF_UP : 0;
    }
    if (c->mac)
        mnl_attr_put(m, IFLA_ADDRESS, MAC_LEN, c->mac);
    if (c->mtu)
        mnl_attr_put_u32(m, IFLA_MTU, c->mtu);
    if (c->rename)
        mnl_attr_put_strz(m, IFLA_IFNAME, c->rename);
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
        mnl_attr_put_u32(x.request, IFLA_MASTER, bridge);
    sys = exchange_run(&x, NULL, NULL);
    return sys ? change_failed(&x, name, c, sys, err) : 0;
}
