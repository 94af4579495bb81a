/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "host/trace.h"

/* "0:none,3:read" */
static const char *perms_text(char out[TRACE_VALUE_MAX], const struct store_perm *perms, size_t n)
{
    static const char *const rights[] = {"none", "read", "write", "both"};
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < n && used < TRACE_VALUE_MAX - 24; i++)
        used += (size_t)snprintf(out + used, TRACE_VALUE_MAX - used, "%s%u:%s", i ? "," : "", perms[i].domid,
                                 rights[perms[i].rights & 3]);
    return out;
}

static int trace_begin(struct host *h, store_txn *ret, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "store.begin");
    r = inner->store->begin(inner, ret, err);
    return trace_result(h, r, err, call, "tx=%u", r ? 0 : *ret);
}

static int trace_end(struct host *h, store_txn t, bool commit, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "store.end tx=%u %s", t, commit ? "commit" : "discard");
    r = inner->store->end(inner, t, commit, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_read(struct host *h, store_txn t, const char *path, char **ret, size_t *ret_len, struct domo_err *err)
{
    char value[TRACE_VALUE_MAX];

    TRACE_BEGIN(h, err, "store.read tx=%u %s", t, path);
    r = inner->store->read(inner, t, path, ret, ret_len, err);
    return trace_result(h, r, err, call, "%s", r ? "" : trace_quote(value, *ret, strlen(*ret)));
}

static int trace_write(struct host *h, store_txn t, const char *path, const void *value, size_t len,
                       struct domo_err *err)
{
    char text[TRACE_VALUE_MAX];

    TRACE_BEGIN(h, err, "store.write tx=%u %s = %s", t, path, trace_quote(text, value, len));
    r = inner->store->write(inner, t, path, value, len, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_mkdir(struct host *h, store_txn t, const char *path, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "store.mkdir tx=%u %s", t, path);
    r = inner->store->mkdir(inner, t, path, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_rm(struct host *h, store_txn t, const char *path, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "store.rm tx=%u %s", t, path);
    r = inner->store->rm(inner, t, path, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_list(struct host *h, store_txn t, const char *path, char ***ret, size_t *ret_n, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "store.list tx=%u %s", t, path);
    r = inner->store->list(inner, t, path, ret, ret_n, err);
    return trace_result(h, r, err, call, "%zu names", r ? 0 : *ret_n);
}

static int trace_set_perms(struct host *h, store_txn t, const char *path, const struct store_perm *perms, size_t n,
                           struct domo_err *err)
{
    char text[TRACE_VALUE_MAX];

    TRACE_BEGIN(h, err, "store.set_perms tx=%u %s %s", t, path, perms_text(text, perms, n));
    r = inner->store->set_perms(inner, t, path, perms, n, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_get_perms(struct host *h, store_txn t, const char *path, struct store_perm **ret, size_t *ret_n,
                           struct domo_err *err)
{
    char text[TRACE_VALUE_MAX];

    TRACE_BEGIN(h, err, "store.get_perms tx=%u %s", t, path);
    r = inner->store->get_perms(inner, t, path, ret, ret_n, err);
    return trace_result(h, r, err, call, "%s", r ? "" : perms_text(text, *ret, *ret_n));
}

static int trace_watch(struct host *h, const char *path, const char *token, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "store.watch %s %s", path, token);
    r = inner->store->watch(inner, path, token, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_unwatch(struct host *h, const char *path, const char *token, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "store.unwatch %s %s", path, token);
    r = inner->store->unwatch(inner, path, token, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_fd(struct host *h)
{
    struct host *inner = trace_inner(h);

    return inner->store->fd(inner);
}

/* A look that finds nothing has no line: how often is chance. */
static int trace_next_event(struct host *h, struct store_event *ret, bool *ret_any, struct domo_err *err)
{
    struct host *inner = trace_inner(h);
    struct domo_err local = DOMO_ERR_INIT;
    int r;

    if (!err)
        err = &local;
    r = inner->store->next_event(inner, ret, ret_any, err);
    if (r == 0 && !*ret_any)
        return 0;
    return trace_result(h, r, err, "store.event", "%s %s", r ? "" : ret->path, r ? "" : ret->token);
}

static int trace_introduce(struct host *h, uint32_t domid, uint64_t gfn, uint32_t evtchn, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "store.introduce %u evtchn=%u", domid, evtchn);
    r = inner->store->introduce(inner, domid, gfn, evtchn, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_resume(struct host *h, uint32_t domid, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "store.resume %u", domid);
    r = inner->store->resume(inner, domid, err);
    return trace_result(h, r, err, call, "%s", "");
}

const struct store_ops trace_store_ops = {
    .begin = trace_begin,
    .end = trace_end,
    .read = trace_read,
    .write = trace_write,
    .mkdir = trace_mkdir,
    .rm = trace_rm,
    .list = trace_list,
    .set_perms = trace_set_perms,
    .get_perms = trace_get_perms,
    .watch = trace_watch,
    .unwatch = trace_unwatch,
    .fd = trace_fd,
    .next_event = trace_next_event,
    .introduce = trace_introduce,
    .resume = trace_resume,
};
