/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Network interfaces and bridges of domain 0.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/node_impl.h"

enum { MTU_DEFAULT = 1500, MTU_MIN = 68, MTU_MAX = 65535 };

static struct iface *find_iface(const struct node *n, const char *name)
{
    for (size_t i = 0; i < n->ifaces.len; i++)
        if (strcmp(n->ifaces.at[i].name, name) == 0)
            return &n->ifaces.at[i];
    return NULL;
}

static bool good_name(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len < NODE_NAME_MAX && !strpbrk(name, "/: \t\n") && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0;
}

int node_iface_add(struct node *n, const char *name, bool is_bridge, const uint8_t mac[6])
{
    struct iface *iface;

    if (!good_name(name))
        return -EINVAL;
    if (find_iface(n, name))
        return -EEXIST;
    iface = VEC_PUSH(&n->ifaces);
    if (!iface)
        return -ENOMEM;
    (void)snprintf(iface->name, sizeof iface->name, "%s", name);
    if (mac)
        memcpy(iface->mac, mac, sizeof iface->mac);
    /* Index 1 is the loopback's everywhere. */
    if (!n->last_index)
        n->last_index = 1;
    iface->info = (struct os_iface){.index = ++n->last_index, .mtu = MTU_DEFAULT, .is_bridge = is_bridge};
    iface->info.is_up = is_bridge;
    return 0;
}

int node_iface_remove(struct node *n, const char *name)
{
    struct iface *iface = find_iface(n, name);
    uint32_t index;

    if (!iface)
        return -ENODEV;
    index = iface->info.index;
    VEC_REMOVE(&n->ifaces, (size_t)(iface - n->ifaces.at));
    for (size_t i = 0; i < n->ifaces.len; i++)
        if (n->ifaces.at[i].info.master == index)
            n->ifaces.at[i].info.master = 0;
    return 0;
}

bool node_iface(const struct node *n, const char *name, struct os_iface *ret)
{
    const struct iface *iface = find_iface(n, name);

    if (!iface)
        return false;
    *ret = iface->info;
    return true;
}

/* All is checked before anything changes. */
static int check_change(const struct node *n, const struct iface *iface, const struct os_iface_change *c,
                        uint32_t *ret_master)
{
    const struct iface *bridge = c->bridge && c->bridge[0] ? find_iface(n, c->bridge) : NULL;
    const struct iface *taken = c->rename ? find_iface(n, c->rename) : NULL;

    *ret_master = bridge ? bridge->info.index : 0;
    if (c->rename && !good_name(c->rename))
        return -EINVAL;
    if (taken && taken != iface)
        return -EEXIST;
    if (c->rename && taken != iface && iface->info.is_up)
        return -EBUSY;
    if (c->bridge && c->bridge[0] && !bridge)
        return -ENODEV;
    if (bridge && !bridge->info.is_bridge)
        return -EOPNOTSUPP;
    if (bridge && iface->info.is_bridge)
        return -ELOOP;
    if (c->mtu && (c->mtu < MTU_MIN || c->mtu > MTU_MAX))
        return -EINVAL;
    return 0;
}

int node_iface_change(struct node *n, const char *name, const struct os_iface_change *c)
{
    struct iface *iface = find_iface(n, name);
    uint32_t master;
    int r;

    if (!iface)
        return -ENODEV;
    r = check_change(n, iface, c, &master);
    if (r < 0)
        return r;
    if (c->rename)
        (void)snprintf(iface->name, sizeof iface->name, "%s", c->rename);
    if (c->bridge)
        iface->info.master = master;
    if (c->mac)
        memcpy(iface->mac, c->mac, sizeof iface->mac);
    if (c->mtu)
        iface->info.mtu = c->mtu;
    if (c->up || c->down)
        iface->info.is_up = c->up;
    return 0;
}

size_t node_iface_count(const struct node *n)
{
    return n->ifaces.len;
}

const char *node_iface_at(const struct node *n, size_t i, struct os_iface *ret)
{
    if (i >= n->ifaces.len)
        return NULL;
    *ret = n->ifaces.at[i].info;
    return n->ifaces.at[i].name;
}

const char *node_iface_name(const struct node *n, uint32_t index)
{
    for (size_t i = 0; i < n->ifaces.len; i++)
        if (n->ifaces.at[i].info.index == index)
            return n->ifaces.at[i].name;
    return NULL;
}
