/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The store as callers use it: counted requests, paths, optional values, and
 * transactions that are tried again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/str.h"
#include "host/host.h"

enum { QUEUE_AFTER = 4 /* lost tries */, QUEUE_MS = 300000 /* in all */, QUEUE_LOOK_MS = 5 };

int store_path(char out[STORE_PATH_MAX], struct domo_err *err, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(out, STORE_PATH_MAX, fmt, ap);
    va_end(ap);
    if (n < 0 || n >= STORE_PATH_MAX)
        return err_set(err, DOMO_E_INTERNAL, "a XenStore path is too long: '%.200s…'", out);
    return 0;
}

int store_begin(struct host *h, store_txn *ret, struct domo_err *err)
{
    h->stats.store_requests++;
    return h->store->begin(h, ret, err);
}

int store_end(struct host *h, store_txn t, bool commit, struct domo_err *err)
{
    struct domo_err local = DOMO_ERR_INIT;
    int r;

    h->stats.store_requests++;
    r = h->store->end(h, t, commit, &local);
    if (r == 0) {
        h->stats.store_commits += commit;
        return 0;
    }
    h->stats.store_conflicts += local.code == DOMO_E_STORE_CONFLICT;
    if (err)
        *err = local;
    return -1;
}

int store_read(struct host *h, store_txn t, const char *path, char **ret, struct domo_err *err)
{
    h->stats.store_requests++;
    return h->store->read(h, t, path, ret, NULL, err);
}

int store_read_bytes(struct host *h, store_txn t, const char *path, char **ret, size_t *ret_len, struct domo_err *err)
{
    h->stats.store_requests++;
    return h->store->read(h, t, path, ret, ret_len, err);
}

int store_read_opt(struct host *h, store_txn t, const char *path, char **ret, struct domo_err *err)
{
    struct domo_err local = DOMO_ERR_INIT;

    if (store_read(h, t, path, ret, &local) == 0)
        return 0;
    if (local.code == DOMO_E_STORE_NOT_FOUND) {
        *ret = NULL;
        return 0;
    }
    if (err)
        *err = local;
    return -1;
}

int store_write(struct host *h, store_txn t, const char *path, const char *value, struct domo_err *err)
{
    h->stats.store_requests++;
    return h->store->write(h, t, path, value, strlen(value), err);
}

int store_write_bytes(struct host *h, store_txn t, const char *path, const void *value, size_t len,
                      struct domo_err *err)
{
    h->stats.store_requests++;
    return h->store->write(h, t, path, value, len, err);
}

int store_writef(struct host *h, store_txn t, struct domo_err *err, const char *path, const char *fmt, ...)
{
    char *AUTO_FREE value = NULL;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&value, fmt, ap);
    va_end(ap);
    if (n < 0) {
        value = NULL;
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    return store_write(h, t, path, value, err);
}

int store_mkdir(struct host *h, store_txn t, const char *path, struct domo_err *err)
{
    h->stats.store_requests++;
    return h->store->mkdir(h, t, path, err);
}

int store_rm(struct host *h, store_txn t, const char *path, struct domo_err *err)
{
    h->stats.store_requests++;
    return h->store->rm(h, t, path, err);
}

int store_list(struct host *h, store_txn t, const char *path, char ***ret, size_t *ret_n, struct domo_err *err)
{
    struct domo_err local = DOMO_ERR_INIT;

    h->stats.store_requests++;
    if (h->store->list(h, t, path, ret, ret_n, &local) == 0)
        return 0;
    if (local.code == DOMO_E_STORE_NOT_FOUND) {
        *ret = NULL;
        *ret_n = 0;
        return 0;
    }
    if (err)
        *err = local;
    return -1;
}

int store_set_perms(struct host *h, store_txn t, const char *path, const struct store_perm *perms, size_t n,
                    struct domo_err *err)
{
    h->stats.store_requests++;
    return h->store->set_perms(h, t, path, perms, n, err);
}

int store_get_perms(struct host *h, store_txn t, const char *path, struct store_perm **ret, size_t *ret_n,
                    struct domo_err *err)
{
    h->stats.store_requests++;
    return h->store->get_perms(h, t, path, ret, ret_n, err);
}

int store_watch(struct host *h, const char *path, const char *token, struct domo_err *err)
{
    h->stats.store_requests++;
    return h->store->watch(h, path, token, err);
}

int store_unwatch(struct host *h, const char *path, const char *token, struct domo_err *err)
{
    h->stats.store_requests++;
    return h->store->unwatch(h, path, token, err);
}

int store_next_event(struct host *h, struct store_event *ret, bool *ret_any, struct domo_err *err)
{
    return h->store->next_event(h, ret, ret_any, err);
}

void store_event_fini(struct store_event *event)
{
    free(event->path);
    free(event->token);
    *event = (struct store_event){0};
}

/* Whoever has lost some times queues for the lock on the state directory, and while somebody has it nobody else begins:
 * those that are on their way end, and then it wins. Without it many that write at once do most of their work again and
 * again, on a server that lets transactions conflict that have nothing to do with each other. Best effort, and for so
 * long only: -1 = not locked; free of files. */
static int queue_up(struct host *h, int how, int64_t deadline)
{
    int fd = open(h->paths.own_run, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    while (fd >= 0 && flock(fd, how | LOCK_NB) < 0) {
        int64_t now = h->env->now_ms(h);

        if (errno == EWOULDBLOCK && now < deadline && h->env->wait(h, NULL, 0, now + QUEUE_LOOK_MS, NULL) >= 0)
            continue;
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* Waits until nobody has the lock. */
static void let_pass(struct host *h, int64_t deadline)
{
    int AUTO_CLOSE gate = queue_up(h, LOCK_SH, deadline);

    (void)gate;
}

/* Two writers that lost to each other must not come back in step: 1, 2, 4 … 512 ms, each times 0.5 to 1.5. */
static int pause_before_retry(struct host *h, int tries, struct domo_err *err)
{
    int64_t ms = (int64_t)1 << (tries < 9 ? tries : 9), deadline;
    uint8_t dice = 128;

    if (h->env->random(h, &dice, 1, NULL) < 0)
        dice = 128;
    deadline = h->env->now_ms(h) + ms / 2 + ms * dice / 255;
    return h->env->wait(h, NULL, 0, deadline, err) < 0 ? -1 : 0;
}

int store_transact(struct host *h, int (*body)(struct host *, store_txn, void *arg, struct domo_err *), void *arg,
                   struct domo_err *err)
{
    int64_t deadline = h->env->now_ms(h) + QUEUE_MS;
    struct domo_err lost = DOMO_ERR_INIT;
    int AUTO_CLOSE queue = -1;
    store_txn t;

    for (int tries = 0; tries < STORE_TRIES; tries++) {
        if (tries == QUEUE_AFTER)
            queue = queue_up(h, LOCK_EX, deadline);
        /* Who has the lock starts over with short pauses. */
        if (tries && pause_before_retry(h, queue < 0 ? tries - 1 : tries - QUEUE_AFTER, err) < 0)
            return -1;
        if (queue < 0)
            let_pass(h, deadline);
        if (store_begin(h, &t, err) < 0)
            return -1;
        if (body(h, t, arg, err) < 0) {
            (void)!store_end(h, t, false, NULL);
            return -1;
        }
        if (store_end(h, t, true, &lost) == 0)
            return 0;
        if (lost.code != DOMO_E_STORE_CONFLICT)
            break;
    }
    if (lost.code == DOMO_E_STORE_CONFLICT)
        (void)err_fact(&lost, "tries", "%d", STORE_TRIES);
    if (err)
        *err = lost;
    return -1;
}
