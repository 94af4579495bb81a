/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Loop devices that domo made and whose disk is gone, or never came: the tag in
 * the device says whose it was. Devices without the tag are nobody's business.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "dev/device.h"

enum { DOMAINS_AT_ONCE = 256, UUID_TEXT_LEN = 37 };

static void uuid_text(const uint8_t u[HOST_UUID_LEN], char out[UUID_TEXT_LEN])
{
    size_t at = 0;

    for (size_t i = 0; i < HOST_UUID_LEN; i++) {
        bool dash = i == 4 || i == 6 || i == 8 || i == 10;

        at += (size_t)snprintf(out + at, UUID_TEXT_LEN - at, "%s%02x", dash ? "-" : "", u[i]);
    }
}

/* All domains, from the hypervisor: free(*ret). */
static int all_domains(struct host *h, struct hyp_info **ret, size_t *ret_n, struct domo_err *err)
{
    VEC(struct hyp_info) all = VEC_INIT;
    struct hyp_info some[DOMAINS_AT_ONCE];
    uint32_t first = 0;
    size_t n;

    do {
        if (h->hyp->list(h, first, some, DOMAINS_AT_ONCE, &n, err))
            goto fail;
        for (size_t i = 0; i < n; i++) {
            struct hyp_info *slot = VEC_PUSH(&all);

            if (!slot) {
                (void)err_set(err, DOMO_E_NO_MEMORY, "out of memory");
                goto fail;
            }
            *slot = some[i];
            first = some[i].domid + 1;
        }
    } while (n == DOMAINS_AT_ONCE);
    *ret = all.at;
    *ret_n = all.len;
    return 0;
fail:
    VEC_FINI(&all);
    return -1;
}

static const struct hyp_info *domain_of(const struct hyp_info *all, size_t n, const char *uuid)
{
    char text[UUID_TEXT_LEN];

    for (size_t i = 0; i < n; i++) {
        uuid_text(all[i].uuid, text);
        if (strcasecmp(text, uuid) == 0)
            return &all[i];
    }
    return NULL;
}

/* Does the guest have the disk, and is the disk on this loop device? */
static int is_used(struct host *h, uint32_t domid, const struct loop_tag *tag, uint32_t number, bool *ret,
                   struct domo_err *err)
{
    char *AUTO_FREE existing = NULL;
    char *AUTO_FREE node = NULL;
    char path[STORE_PATH_MAX], expected[32];

    *ret = false;
    if (store_path(path, err, "/libxl/%" PRIu32 "/device/%s/%" PRIu32, domid, tag->kind, tag->devid) ||
        store_read_opt(h, 0, path, &existing, err))
        return -1;
    if (!existing)
        return 0;
    if (store_path(path, err, "/local/domain/%" PRIu32 "/backend/%s/%" PRIu32 "/%" PRIu32 "/node", h->domid, tag->kind,
                   domid, tag->devid) ||
        store_read_opt(h, 0, path, &node, err))
        return -1;
    (void)snprintf(expected, sizeof expected, "/dev/loop%" PRIu32, number);
    *ret = str_eq(node, expected);
    return 0;
}

static void add_orphan(struct json *rows, const struct os_loop *loop, const struct loop_tag *tag, const char *why)
{
    struct json *row = json_add_object(rows);

    json_set_int(row, "loop", loop->number);
    json_set_str(row, "uuid", tag->uuid);
    json_set_str(row, "kind", tag->kind);
    json_set_int(row, "devid", tag->devid);
    json_set_str(row, "why", why);
}

static int judge(struct host *h, const struct os_loop *loop, const struct hyp_info *domains, size_t n,
                 struct json *rows, struct domo_err *err)
{
    const struct hyp_info *domain;
    struct loop_tag tag;
    bool used = false;

    if (!loop_tag_parse(loop->tag, &tag))
        return 0;
    domain = domain_of(domains, n, tag.uuid);
    if (domain && is_used(h, domain->domid, &tag, loop->number, &used, err))
        return -1;
    if (!used)
        add_orphan(rows, loop, &tag, domain ? "its guest has no such disk" : "its guest is gone");
    return 0;
}

struct json *dev_orphan_loops(struct host *h, struct domo_err *err)
{
    struct hyp_info *AUTO_FREE domains = NULL;
    struct os_loop *AUTO_FREE loops = NULL;
    struct json *rows;
    size_t n_domains, n_loops;

    if (h->os->loop_list(h, NULL, 0, &loops, &n_loops, err) || all_domains(h, &domains, &n_domains, err))
        return NULL;
    rows = json_new_array();
    for (size_t i = 0; i < n_loops; i++) {
        if (judge(h, &loops[i], domains, n_domains, rows, err))
            return json_free(rows);
    }
    rows = json_done(rows);
    if (!rows)
        (void)err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return rows;
}
