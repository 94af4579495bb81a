/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Bringing devices into being: what they need on this host first, then all
 * nodes of all of them in one transaction.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

int devset_prepare(struct devset *set, struct domo_err *err)
{
    for (size_t i = 0; i < set->devs.len; i++) {
        struct dev *d = set->devs.at[i];

        if (d->kind->prepare && d->kind->prepare(d, err))
            return err_wrap(err, "%s", d->label);
    }
    share_forget(set);
    for (size_t i = 0; i < set->devs.len; i++) {
        struct dev *d = set->devs.at[i];

        if (d->kind->verify && d->kind->verify(d, err))
            return err_wrap(err, "%s", d->label);
    }
    share_forget(set);
    return 0;
}

int devset_unprepare(struct devset *set, struct domo_err *err)
{
    struct domo_err all = DOMO_ERR_INIT;

    for (size_t i = set->devs.len; i-- > 0;) {
        struct domo_err one = DOMO_ERR_INIT;
        struct dev *d = set->devs.at[i];

        dev_script_abort(d);
        if (d->kind->unprepare && d->kind->unprepare(d, &one)) {
            (void)err_wrap(&one, "%s", d->label);
            err_collect(&all, &one);
        }
    }
    if (all.code == DOMO_E_OK)
        return 0;
    if (err)
        *err = all;
    return -1;
}

int devset_hand_over(struct devset *set, struct domo_err *err)
{
    for (size_t i = 0; i < set->devs.len; i++) {
        struct dev *d = set->devs.at[i];

        if (d->kind->hand_over && d->kind->hand_over(d, err))
            return err_wrap(err, "%s", d->label);
    }
    return 0;
}

int devset_take_back(struct devset *set, struct domo_err *err)
{
    struct domo_err all = DOMO_ERR_INIT;

    for (size_t i = set->devs.len; i-- > 0;) {
        struct domo_err one = DOMO_ERR_INIT;
        struct dev *d = set->devs.at[i];

        if (d->kind->take_back && d->kind->take_back(d, &one)) {
            (void)err_wrap(&one, "%s", d->label);
            err_collect(&all, &one);
        }
    }
    if (all.code == DOMO_E_OK)
        return 0;
    if (err)
        *err = all;
    return -1;
}

bool devset_has_assigned(const struct devset *set)
{
    for (size_t i = 0; i < set->devs.len; i++)
        if (set->devs.at[i]->kind->hand_over)
            return true;
    return false;
}

/* Its ring is known late, so it is written late. */
static bool is_second_part(const struct dev *d)
{
    return d->kind == &devkind_console;
}

static int compose(const struct dev *d, struct nodes *n, struct domo_err *err)
{
    if (d->set->domid)
        nodes_add(n, NODE_BACK, "frontend-id", "%" PRIu32, d->set->domid);
    else /* a preview */
        nodes_add(n, NODE_BACK, "frontend-id", "$DOMID");
    nodes_add(n, NODE_BACK, "online", "1");
    nodes_add(n, NODE_BACK, "state", "%d", d->is_idle ? XENBUS_CLOSED : XENBUS_INITIALISING);
    nodes_add(n, NODE_FRONT, "backend-id", "%" PRIu32, d->back_domid);
    if (d->kind->has_handshake)
        nodes_add(n, NODE_FRONT, "state", "%d", XENBUS_INITIALISING);
    if (dev_nodes(d, n, err))
        return -1;
    return n->failed ? err_set(err, DOMO_E_NO_MEMORY, "out of memory") : 0;
}

/* One directory in the making: who owns it, who else may read. */
struct dir {
    const char *path;
    struct store_perm perms[2];
    size_t n_perms;
};

static int make_dir(struct host *h, store_txn t, const struct dir *dir, struct domo_err *err)
{
    if (store_rm(h, t, dir->path, err) || store_mkdir(h, t, dir->path, err) ||
        store_set_perms(h, t, dir->path, dir->perms, dir->n_perms, err))
        return -1;
    return 0;
}

static int write_key(struct host *h, store_txn t, const struct dir *dir, const char *name, const char *value,
                     struct domo_err *err)
{
    char path[STORE_PATH_MAX];

    dev_join(path, dir->path, name);
    return store_write(h, t, path, value, err);
}

/* The three directories with their links, before the other nodes: those take their permissions from them. */
struct dirs {
    struct dev_paths paths;
    struct dir back, front, libxl;
    struct store_perm of_guest[2], of_back[2];
};

static void plan_dirs(const struct dev *d, struct dirs *dirs)
{
    const struct store_perm guest = {.domid = d->set->domid, .rights = 0};
    const struct store_perm back = {.domid = d->back_domid, .rights = 0};
    const struct store_perm guest_reads = {.domid = d->set->domid, .rights = STORE_READ};
    const struct store_perm back_reads = {.domid = d->back_domid, .rights = STORE_READ};
    /* The primary console's daemon trusts the front end's directory, so that is the back end's. */
    bool guest_owns = d->kind->has_handshake;

    dev_paths(d, &dirs->paths);
    dirs->of_guest[0] = guest;
    dirs->of_guest[1] = back_reads;
    dirs->of_back[0] = back;
    dirs->of_back[1] = guest_reads;
    dirs->back = (struct dir){.path = dirs->paths.back, .perms = {back, guest_reads}, .n_perms = 2};
    dirs->front = (struct dir){.path = dirs->paths.front,
                               .perms = {guest_owns ? guest : back, guest_owns ? back_reads : guest_reads},
                               .n_perms = 2};
    dirs->libxl = (struct dir){.path = dirs->paths.libxl, .perms = {{.domid = d->set->host->domid}}, .n_perms = 1};
}

static int write_front_key(const struct dev *d, store_txn t, const struct dirs *dirs, const struct node *node,
                           struct domo_err *err)
{
    bool is_guests = node->side == NODE_FRONT;
    struct host *h = d->set->host;
    char path[STORE_PATH_MAX];

    if (write_key(h, t, &dirs->front, node->name, node->value, err))
        return -1;
    if (is_guests == d->kind->has_handshake)
        return 0; /* as the directory */
    dev_join(path, dirs->front.path, node->name);
    return store_set_perms(h, t, path, is_guests ? dirs->of_guest : dirs->of_back, 2, err);
}

static int write_node(const struct dev *d, store_txn t, const struct dirs *dirs, const struct node *node,
                      struct domo_err *err)
{
    struct host *h = d->set->host;

    switch (node->side) {
    case NODE_BACK:
        if (write_key(h, t, &dirs->libxl, node->name, node->value, err))
            return -1;
        return write_key(h, t, &dirs->back, node->name, node->value, err);
    case NODE_BACK_ONLY:
        return write_key(h, t, &dirs->back, node->name, node->value, err);
    case NODE_FRONT:
    case NODE_FRONT_RO:
        return write_front_key(d, t, dirs, node, err);
    }
    return 0;
}

static int write_dev(const struct dev *d, store_txn t, struct domo_err *err)
{
    struct nodes AUTO_NODES n = {.failed = false};
    char *AUTO_FREE existing = NULL;
    struct host *h = d->set->host;
    struct dirs dirs;

    plan_dirs(d, &dirs);
    if (compose(d, &n, err) || store_read_opt(h, t, dirs.libxl.path, &existing, err))
        return -1;
    if (existing)
        return err_set(err, DOMO_E_DEVICE_EXISTS, "the guest already has it");
    /* What the toolstack believes comes first, before anything that a guest can touch. */
    if (store_mkdir(h, t, dirs.libxl.path, err) ||
        store_set_perms(h, t, dirs.libxl.path, dirs.libxl.perms, dirs.libxl.n_perms, err) ||
        write_key(h, t, &dirs.libxl, "frontend", dirs.front.path, err) ||
        write_key(h, t, &dirs.libxl, "backend", dirs.back.path, err) || make_dir(h, t, &dirs.front, err) ||
        write_key(h, t, &dirs.front, "backend", dirs.back.path, err) || make_dir(h, t, &dirs.back, err) ||
        write_key(h, t, &dirs.back, "frontend", dirs.front.path, err))
        return -1;
    for (size_t i = 0; i < n.list.len; i++) {
        if (write_node(d, t, &dirs, &n.list.at[i], err))
            return -1;
    }
    return 0;
}

int devset_write(struct devset *set, store_txn t, bool first_part, struct domo_err *err)
{
    for (size_t i = 0; i < set->devs.len; i++) {
        struct dev *d = set->devs.at[i];

        if (is_second_part(d) != first_part && write_dev(d, t, err))
            return err_wrap(err, "%s", d->label);
    }
    return 0;
}

static void preview_node(const struct dev_paths *paths, const struct node *node, struct json *lines)
{
    bool is_front = node->side == NODE_FRONT || node->side == NODE_FRONT_RO;
    char *AUTO_FREE line =
        str_format("write %s/%s = \"%s\"", is_front ? paths->front : paths->back, node->name, node->value);

    json_add_str(lines, line);
}

static int preview_dev(const struct dev *d, struct json *lines, struct domo_err *err)
{
    struct nodes AUTO_NODES n = {.failed = false};
    char *AUTO_FREE copies = NULL;
    struct dev_paths paths;

    dev_paths(d, &paths);
    if (d->kind->preview)
        d->kind->preview(d, lines);
    if (compose(d, &n, err))
        return -1;
    for (size_t i = 0; i < n.list.len; i++)
        preview_node(&paths, &n.list.at[i], lines);
    copies = str_format("copy what is in %s to %s", paths.back, paths.libxl);
    json_add_str(lines, copies);
    return 0;
}

int devset_preview(struct devset *set, bool first_part, struct json *lines, struct domo_err *err)
{
    for (size_t i = 0; i < set->devs.len; i++) {
        struct dev *d = set->devs.at[i];

        if (is_second_part(d) != first_part && preview_dev(d, lines, err))
            return err_wrap(err, "%s", d->label);
    }
    return 0;
}
