/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "perm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "path.h"

struct perms {
    uint32_t refs;
    uint32_t n;
    uint64_t mask;
    UT_hash_handle hh;
    struct perm list[];
};

uint64_t perms_mask_of(uint16_t domid)
{
    return UINT64_C(1) << (domid % 64);
}

struct perms *perms_get(struct perm_table *t, const struct perm *list, size_t n)
{
    struct perms *p = NULL;
    size_t i;

    HASH_FIND(hh, t->all, list, n * sizeof *list, p);
    if (p)
        return perms_ref(p);
    p = calloc(1, sizeof *p + n * sizeof *list);
    if (!p)
        return NULL;
    p->refs = 1;
    p->n = (uint32_t)n;
    memcpy(p->list, list, n * sizeof *list);
    for (i = 0; i < n; i++)
        p->mask |= perms_mask_of(list[i].domid);
    HASH_ADD_KEYPTR(hh, t->all, p->list, n * sizeof *list, p);
    if (!HASH_ADDED(p)) {
        free(p);
        return NULL;
    }
    return p;
}

struct perms *perms_ref(struct perms *p)
{
    p->refs++;
    return p;
}

void perms_put(struct perm_table *t, struct perms *p)
{
    if (!p || --p->refs)
        return;
    HASH_DELETE(hh, t->all, p);
    free(p);
}

size_t perms_count(const struct perms *p)
{
    return p->n;
}

const struct perm *perms_list(const struct perms *p)
{
    return p->list;
}

uint16_t perms_owner(const struct perms *p)
{
    return p->list[0].domid;
}

uint64_t perms_mask(const struct perms *p)
{
    return p->mask;
}

bool perms_names(const struct perms *p, uint16_t domid)
{
    uint32_t i;

    if (!(p->mask & perms_mask_of(domid)))
        return false;
    for (i = 0; i < p->n; i++)
        if (p->list[i].domid == domid)
            return true;
    return false;
}

struct perms *perms_without(struct perm_table *t, const struct perms *p, uint16_t domid)
{
    struct perm list[PERM_LIST_MAX];
    size_t i, n = 1;

    list[0] = p->list[0];
    for (i = 1; i < p->n; i++)
        if (p->list[i].domid != domid)
            list[n++] = p->list[i];
    return perms_get(t, list, n);
}

struct perms *perms_inherit(struct perm_table *t, struct perms *p, const struct who *creator)
{
    struct perm list[PERM_LIST_MAX];

    if (creator->privileged || p->list[0].domid == creator->domid)
        return perms_ref(p);
    memcpy(list, p->list, p->n * sizeof *list);
    list[0].domid = creator->domid;
    return perms_get(t, list, p->n);
}

static bool is_domain(const struct who *who, uint16_t domid)
{
    return who->domid == domid || (who->target >= 0 && who->target == domid);
}

bool perms_owned_by(const struct perms *p, const struct who *who)
{
    return who->privileged || is_domain(who, p->list[0].domid);
}

bool perms_allow(const struct perms *p, const struct who *who, unsigned want)
{
    uint32_t i;

    if (perms_owned_by(p, who))
        return true;
    for (i = 1; i < p->n; i++) {
        const struct perm *e = &p->list[i];

        if (!e->ignore && (is_domain(who, e->domid) || e->domid == PERM_DOMID_ANY))
            return (e->right & want) == want;
    }
    return (p->list[0].right & want) == want;
}

static const char letters[] = "nrwb";

int perm_parse(const char *text, struct perm *ret)
{
    const char *letter = *text ? strchr(letters, *text) : NULL;
    unsigned domid;

    if (!letter || path_domid(text + 1, &domid) < 0)
        return -EINVAL;
    ret->domid = (uint16_t)domid;
    ret->right = (uint8_t)(letter - letters);
    ret->ignore = 0;
    return 0;
}

size_t perm_format(const struct perm *p, char text[PERM_TEXT_MAX])
{
    return (size_t)snprintf(text, PERM_TEXT_MAX, "%c%u", letters[p->right & 3], (unsigned)p->domid) + 1;
}
