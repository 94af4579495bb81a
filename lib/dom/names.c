/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/names.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "base/vec.h"
#include "dev/uuid_text.h"
#include "dom/known.h"
#include "dom/name_lock.h"

enum { LIST_BATCH = 1024, ENTRY_MAX = 128 };

/* ---- the files of the index ---- */

char *names_file(const char *name)
{
    struct str AUTO_STR s = STR_INIT;

    for (; *name; name++) {
        unsigned char c = (unsigned char)*name;

        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", c))
            str_addc(&s, (char)c);
        else
            str_addf(&s, "%%%02X", c);
    }
    return str_steal(&s);
}

static char *name_file(const struct host *h, const char *name)
{
    char *AUTO_FREE file = names_file(name);

    return file ? str_format("%s/names/%s", h->paths.own_run, file) : NULL;
}

static int index_read(const struct host *h, const char *name, uint32_t *ret_domid)
{
    char *AUTO_FREE path = name_file(h, name), *AUTO_FREE text = NULL;
    size_t len;
    int r;

    if (!path)
        return -ENOMEM;
    r = fs_read(path, ENTRY_MAX, &text, &len);
    if (r)
        return r;
    text[strcspn(text, " \n")] = '\0';
    return str_to_u32(text, ret_domid);
}

void names_remember(struct host *h, const char *name, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN])
{
    char *AUTO_FREE path = name_file(h, name), *AUTO_FREE dir = str_format("%s/names", h->paths.own_run);
    char text[ENTRY_MAX], uuid_text[UUID_TEXT_MAX];
    int r, n;

    if (!path || !dir || fs_mkdirs(dir, 0700))
        return;
    uuid_to_text(uuid, uuid_text);
    n = snprintf(text, sizeof text, "%u %s\n", domid, uuid_text);
    r = fs_write_atomic(path, text, (size_t)n, 0600, false);
    if (!r)
        r = known_add(h, domid, uuid);
    if (r)
        log_line(h->log, LOG_LEVEL_DEBUG, "names: the index could not be written: %s", strerror(-r));
}

/* Another domain may have taken the name since. */
static void drop_entry(const struct host *h, const char *name, uint32_t domid)
{
    char *AUTO_FREE path = name_file(h, name);
    uint32_t holder;

    if (path && index_read(h, name, &holder) == 0 && holder == domid)
        (void)unlink(path);
}

void names_forget(struct host *h, const char *name, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN])
{
    int r = known_drop(h, domid, uuid);

    if (r)
        log_line(h->log, LOG_LEVEL_DEBUG, "names: the index could not be written: %s", strerror(-r));
    drop_entry(h, name, domid);
}

/* ---- domains of the hypervisor ---- */

int names_list_domains(struct host *h, struct hyp_info **ret, size_t *ret_n, struct domo_err *err)
{
    struct hyp_info *all = NULL, *more;
    size_t n = 0, got = 0;
    uint32_t first = 0;

    do {
        more = reallocarray(all, n + LIST_BATCH, sizeof *all);
        if (!more) {
            free(all);
            return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
        }
        all = more;
        if (h->hyp->list(h, first, all + n, LIST_BATCH, &got, err)) {
            free(all);
            return -1;
        }
        n += got;
        if (got)
            first = all[n - 1].domid + 1;
    } while (got == LIST_BATCH);
    *ret = all;
    *ret_n = n;
    return 0;
}

static int name_in(struct host *h, store_txn txn, uint32_t domid, char **ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX];

    if (store_path(path, err, "/local/domain/%u/name", domid))
        return -1;
    return store_read_opt(h, txn, path, ret, err);
}

int names_of(struct host *h, uint32_t domid, char **ret, struct domo_err *err)
{
    return name_in(h, 0, domid, ret, err);
}

/* What a scan looks for and what it came by. */
struct scan {
    const char *wanted;
    bool all;        /* also domains that the index knows */
    uint32_t except; /* not this domid */
    struct hyp_info found;
    bool any;
    VEC(char *) others;
};

static void scan_fini(struct scan *s)
{
    size_t i;

    for (i = 0; i < s->others.len; i++)
        free(s->others.at[i]);
    VEC_FINI(&s->others);
}

/* Looks at one domain; 1 if it is the wanted one. */
static int scan_one(struct host *h, const struct hyp_info *d, bool known, struct scan *s, struct domo_err *err)
{
    char *name = NULL, **slot;
    bool hit;

    if ((known && !s->all) || d->domid == s->except)
        return 0;
    if (name_in(h, 0, d->domid, &name, err))
        return -1;
    if (!name)
        return 0;
    hit = str_eq(name, s->wanted);
    if (!known || hit)
        names_remember(h, name, d->domid, d->uuid);
    if (hit) {
        s->found = *d;
        s->any = true;
    }
    slot = VEC_PUSH(&s->others);
    if (slot)
        *slot = name;
    else
        free(name);
    return hit;
}

/* Outside of any transaction: what it reads is not to make a transaction fail. */
static int scan_domains(struct host *h, struct scan *s, struct domo_err *err)
{
    struct hyp_info *AUTO_FREE all = NULL;
    struct known known;
    size_t n = 0, i;
    int r = names_list_domains(h, &all, &n, err);

    known_load(h, &known);
    for (i = 0; !r && i < n; i++)
        r = scan_one(h, &all[i], known_has(&known, &all[i]), s, err);
    known_fini(&known);
    return r < 0 ? -1 : 0;
}

/* ---- look-ups ---- */

static const char *other_name(size_t i, const void *arg)
{
    const struct scan *s = arg;

    return i < s->others.len ? s->others.at[i] : NULL;
}

static int not_found(const char *what, const struct scan *s, struct domo_err *err)
{
    const char *near = s ? str_nearest(what, other_name, s) : NULL;

    (void)err_set(err, DOMO_E_DOMAIN_NOT_FOUND, "there is no domain '%s'", what);
    return near ? err_hint(err, "did you mean '%s'?", near) : -1;
}

static int by_domid(struct host *h, uint32_t domid, struct hyp_info *ret, struct domo_err *err)
{
    return h->hyp->info(h, domid, ret, err);
}

/* One that is dying only if there is no other: it was destroyed, and the guest may have been made anew. */
static int by_uuid(struct host *h, const uint8_t uuid[HOST_UUID_LEN], struct hyp_info *ret, bool *ret_any,
                   struct domo_err *err)
{
    struct hyp_info *AUTO_FREE all = NULL;
    size_t n, i;

    if (names_list_domains(h, &all, &n, err))
        return -1;
    *ret_any = false;
    for (i = 0; i < n && !(*ret_any && !ret->is_dying); i++)
        if (uuid_equal(all[i].uuid, uuid)) {
            *ret = all[i];
            *ret_any = true;
        }
    return 0;
}

/* The index's answer, if it still holds. If it does not (destroyed or renamed by another tool) the entry goes; but not
 * by the word of a transaction, which sees the store as it was when it began: the entry may be of a domain that came
 * after that, and without it nobody would look at that domain's name again. */
static int by_index(struct host *h, store_txn txn, const char *name, uint32_t *ret_domid, bool *ret_any,
                    struct domo_err *err)
{
    char *AUTO_FREE now = NULL;
    uint32_t domid = 0;

    *ret_any = false;
    if (index_read(h, name, &domid))
        return 0;
    if (name_in(h, txn, domid, &now, err))
        return -1;
    *ret_any = str_eq(now, name);
    *ret_domid = domid;
    if (!*ret_any && txn == 0)
        drop_entry(h, name, domid);
    return 0;
}

static int by_name(struct host *h, const char *name, struct hyp_info *ret, struct domo_err *err)
{
    struct scan s = {.wanted = name, .except = UINT32_MAX};
    uint32_t domid = 0;
    bool any = false;
    int r;

    if (by_index(h, 0, name, &domid, &any, err))
        return -1;
    if (any && by_domid(h, domid, ret, NULL) == 0)
        return 0;
    /* First only what the index does not know; then, so that a rename by another tool is found, everything. */
    r = scan_domains(h, &s, err);
    if (!r && !s.any) {
        s.all = true;
        r = scan_domains(h, &s, err);
    }
    if (!r && s.any)
        *ret = s.found;
    else if (!r)
        r = not_found(name, &s, err);
    scan_fini(&s);
    return r;
}

int names_resolve(struct host *h, const char *what, struct hyp_info *ret, struct domo_err *err)
{
    uint8_t uuid[HOST_UUID_LEN];
    uint32_t domid;
    bool any = false;

    if (!*what)
        return err_set(err, DOMO_E_USAGE, "the name of a domain is empty");
    if (str_to_u32(what, &domid) == 0)
        return by_domid(h, domid, ret, err);
    if (uuid_from_text(what, uuid)) {
        if (by_uuid(h, uuid, ret, &any, err))
            return -1;
        return any ? 0 : not_found(what, NULL, err);
    }
    return by_name(h, what, ret, err);
}

int names_check_uuid(struct host *h, const uint8_t uuid[HOST_UUID_LEN], struct domo_err *err)
{
    struct hyp_info d;
    char text[UUID_TEXT_MAX];
    bool any;

    if (by_uuid(h, uuid, &d, &any, err))
        return -1;
    if (!any || d.is_dying)
        return 0;
    uuid_to_text(uuid, text);
    return err_set(err, DOMO_E_DOMAIN_EXISTS, "domain %u has the UUID %s already", d.domid, text);
}

static int taken(const char *name, uint32_t domid, struct domo_err *err)
{
    return err_set(err, DOMO_E_DOMAIN_EXISTS, "domain %u has the name '%s' already", domid, name);
}

int names_check_free(struct host *h, store_txn txn, const char *name, uint32_t self, struct domo_err *err)
{
    struct scan s = {.wanted = name, .except = self};
    uint32_t domid = 0;
    bool any = false;
    int r;

    if (by_index(h, txn, name, &domid, &any, err))
        return -1;
    if (any && domid != self)
        return taken(name, domid, err);
    /* Read in the transaction, each creation of another name that commits meanwhile would be a conflict. */
    r = scan_domains(h, &s, err);
    if (!r && s.any)
        r = taken(name, s.found.domid, err);
    scan_fini(&s);
    /* A domain that became known between the two looks was passed over by the scan. Its entry is there by now; looking
     * it up makes this transaction lose against the one that wrote the name. */
    if (!r && by_index(h, txn, name, &domid, &any, err))
        r = -1;
    if (!r && any && domid != self)
        r = taken(name, domid, err);
    return r;
}

/* ---- keeping the index small ---- */

/* Does an entry's text, "DOMID UUID", name one of the domains? */
static bool names_a_domain(const char *text, const struct hyp_info *all, size_t n)
{
    const char *at = strchr(text, ' ');
    char uuid[UUID_TEXT_MAX], domid[12];
    size_t i;

    for (i = 0; at && i < n; i++) {
        /* One that is dying is as good as gone: nobody needs to find it by name. */
        if (all[i].is_dying)
            continue;
        uuid_to_text(all[i].uuid, uuid);
        (void)snprintf(domid, sizeof domid, "%u", all[i].domid);
        if (strlen(domid) == (size_t)(at - text) && strncmp(text, domid, strlen(domid)) == 0 &&
            strncmp(at + 1, uuid, UUID_TEXT_MAX - 1) == 0)
            return true;
    }
    return false;
}

int names_prune(struct host *h, struct domo_err *err)
{
    struct hyp_info *AUTO_FREE all = NULL;
    char *AUTO_FREE dir = str_format("%s/names", h->paths.own_run);
    struct dirent *e;
    size_t n = 0;
    DIR *d;
    int r;

    name_locks_prune(h);
    if (names_list_domains(h, &all, &n, err))
        return -1;
    r = known_prune(h, all, n);
    if (r)
        log_line(h->log, LOG_LEVEL_DEBUG, "names: the index could not be written: %s", strerror(-r));
    d = dir ? opendir(dir) : NULL;
    while (d && (e = readdir(d))) {
        char *AUTO_FREE path = str_format("%s/%s", dir, e->d_name), *AUTO_FREE text = NULL;
        size_t len;

        if (path && e->d_name[0] != '.' && fs_read(path, ENTRY_MAX, &text, &len) == 0 && !names_a_domain(text, all, n))
            (void)unlink(path);
    }
    if (d)
        (void)closedir(d);
    return 0;
}
