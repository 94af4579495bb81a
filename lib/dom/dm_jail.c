/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/dm_jail.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { USER_BYTES = 4096 };

/* false: there is none of that name. */
static bool find_user(const char *name, uid_t *ret_uid, gid_t *ret_gid)
{
    struct passwd user, *found = NULL;
    char bytes[USER_BYTES];

    if (getpwnam_r(name, &user, bytes, sizeof bytes, &found) || !found)
        return false;
    *ret_uid = user.pw_uid;
    *ret_gid = user.pw_gid;
    return true;
}

static int refuse_root(const char *name, struct domo_err *err)
{
    (void)err_set(err, DOMO_E_CONFIG_VALUE, "the user '%s' for the device model is root", name);
    return err_hint(err, "a device model that may do anything needs no user: leave it out");
}

/* The administrator's choice, also without other limits. */
static int use_named(const char *name, struct dm_jail *ret, struct domo_err *err)
{
    uid_t uid;
    gid_t gid;

    if (!find_user(name, &uid, &gid))
        return err_set(err, DOMO_E_CONFIG_VALUE, "there is no user '%s' for the device model (device_model_user=)",
                       name);
    if (uid == 0)
        return refuse_root(name, err);
    (void)snprintf(ret->runas, sizeof ret->runas, "%u:%u", (unsigned)uid, (unsigned)gid);
    return 0;
}

static int use_host(struct dm_jail *ret, struct domo_err *err)
{
    uid_t uid;
    gid_t gid;

    if (find_user(DM_JAIL_RANGE, &uid, &gid)) {
        if (uid == 0)
            return refuse_root(DM_JAIL_RANGE, err);
        ret->range = (uint32_t)uid;
        (void)snprintf(ret->runas, sizeof ret->runas, "%u:%u", (unsigned)uid, (unsigned)gid);
        return 0;
    }
    if (find_user(DM_JAIL_SHARED, &uid, &gid))
        return use_named(DM_JAIL_SHARED, ret, err);
    (void)err_set(err, DOMO_E_UNSUPPORTED, "this host has no user for device models without privilege (dm_restrict=)");
    return err_hint(err, "adduser --system --no-create-home --group " DM_JAIL_SHARED
                         ", or name one with device_model_user=");
}

int dm_jail_find(const struct spec *s, struct dm_jail *ret, struct domo_err *err)
{
    *ret = (struct dm_jail){.restricts = s->dm_restrict};
    if (s->dm_user)
        return use_named(s->dm_user, ret, err);
    return s->dm_restrict ? use_host(ret, err) : 0;
}

void dm_jail_set_domid(const struct host *h, uint32_t domid, struct dm_jail *j)
{
    unsigned uid, gid;

    if (j->restricts)
        (void)snprintf(j->root, sizeof j->root, "%s/" DM_JAIL_ROOT, h->paths.run, domid);
    if (!j->range || sscanf(j->runas, "%u:%u", &uid, &gid) != 2)
        return;
    j->kill_uid = j->range + domid;
    (void)snprintf(j->runas, sizeof j->runas, "%u:%u", j->kill_uid, gid);
}

int dm_jail_make(const struct dm_jail *j, struct domo_err *err)
{
    if (j->restricts && mkdir(j->root, 0) < 0 && errno != EEXIST)
        return err_sys(err, DOMO_E_IO, errno, "can't make the directory '%s'", j->root);
    return 0;
}

void dm_jail_remove(const struct host *h, uint32_t domid)
{
    char root[DM_JAIL_PATH_MAX];

    (void)snprintf(root, sizeof root, "%s/" DM_JAIL_ROOT, h->paths.run, domid);
    (void)rmdir(root);
}
