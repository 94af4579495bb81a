/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/dm_stock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "dom/dm_argv.h"
#include "dom/dm_jail.h"
#include "dom/userdata.h"

enum { ANSWER_MS = 10000 };

static const char *const sockets[] = {"qmp-libxl", "qmp-libxenstat"};

/* The number of its process is in a node that the guest can't write; but it may be another process's by now. libxl says
 * the domid on the command line of its device models, ours has the UUID. */
int dm_stock_find(struct host *h, uint32_t domid, const char *uuid, struct os_daemon *ret, bool *ret_runs,
                  struct domo_err *err)
{
    char path[STORE_PATH_MAX], number[16], *AUTO_FREE text = NULL;
    uint32_t pid;

    *ret_runs = false;
    if (store_path(path, err, "/local/domain/%u/image/device-model-pid", domid) ||
        store_read_opt(h, 0, path, &text, err))
        return -1;
    if (!text || str_to_u32(text, &pid) || pid < 2 || pid > INT32_MAX)
        return 0;
    (void)snprintf(number, sizeof number, "%u", domid);
    if (h->os->daemon_named(h, (pid_t)pid, "-xen-domid", number, ret, ret_runs, err))
        return -1;
    return *ret_runs ? 0 : h->os->daemon_named(h, (pid_t)pid, "-uuid", uuid, ret, ret_runs, err);
}

void dm_stock_monitor(const struct host *h, uint32_t domid, char ret[DM_STOCK_PATH_MAX])
{
    (void)snprintf(ret, DM_STOCK_PATH_MAX, "%s/" DM_LIBXL_MONITOR, h->paths.run, domid);
}

static void unlock(void *arg)
{
    userdata_unlock(arg);
    free(arg);
}

int dm_stock_open(struct host *h, uint32_t domid, const char *uuid, const struct os_daemon *d, struct qmp **ret,
                  struct domo_err *err)
{
    struct qmp_options opt = {.timeout_ms = ANSWER_MS, .end_fd = -1, .on_close = unlock};
    struct userdata_lock *lock = malloc(sizeof *lock);
    int64_t deadline_ms = h->env->now_ms(h) + ANSWER_MS;
    char path[DM_STOCK_PATH_MAX];

    if (!lock)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    dm_stock_monitor(h, domid, path);
    if (userdata_lock_of(h, domid, uuid, "qmp-socket-lock", deadline_ms, lock, err)) {
        free(lock);
        return -1;
    }
    opt.on_close_arg = lock;
    if (h->os->daemon_watch(h, d, &opt.end_fd, err)) {
        unlock(lock);
        return -1;
    }
    if (opt.end_fd < 0) {
        unlock(lock);
        return err_set(err, DOMO_E_DEVICE_MODEL, "the device model has ended");
    }
    return qmp_open(h, path, &opt, ret, err);
}

void dm_stock_forget(const struct host *h, uint32_t domid)
{
    char path[DM_STOCK_PATH_MAX];

    for (size_t i = 0; i < ARRAY_LEN(sockets); i++) {
        (void)snprintf(path, sizeof path, "%s/%s-%" PRIu32, h->paths.run, sockets[i], domid);
        (void)unlink(path);
    }
    dm_jail_remove(h, domid);
}
