/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A "sim:DIR" host: where its things are, its beginning and its end.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "host/sim.h"
#include "host/sim_wire.h"

enum { WAIT_FDS_MAX = 128 };

/* Cuts "?domid=N" off; false if what follows the question mark is something else. */
static bool cut_domid(char *dir, uint32_t *ret)
{
    static const char word[] = "?domid=";
    char *at = strstr(dir, word);

    *ret = 0;
    if (!at)
        return true;
    *at = '\0';
    return str_to_u32(at + sizeof word - 1, ret) == 0;
}

int sim_dir(const char *uri, char ret[SIM_DIR_MAX + 1], uint32_t *ret_domid, struct domo_err *err)
{
    char *AUTO_FREE dir = strdup(uri + strlen("sim:"));
    char *AUTO_FREE here = dir && dir[0] == '/' ? NULL : getcwd(NULL, 0);
    int n;

    if (!dir)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (!cut_domid(dir, ret_domid) || !dir[0]) {
        (void)err_set(err, DOMO_E_USAGE, "'%s' names no directory, or no domain", uri);
        return err_hint(err, "a simulated host lives in a directory: sim:DIR, or sim:DIR?domid=N in a driver domain");
    }
    n = snprintf(ret, SIM_DIR_MAX + 1, "%s%s%s", here ? here : "", here ? "/" : "", dir);
    if (n > SIM_DIR_MAX) {
        (void)err_set(err, DOMO_E_USAGE, "the directory of a simulated host has a path of at most %d bytes",
                      (int)SIM_DIR_MAX);
        return err_hint(err, "sockets are made in it, and their paths are limited");
    }
    while (n > 1 && ret[n - 1] == '/')
        ret[--n] = '\0';
    return 0;
}

/* They all fit: the directory is short. A driver domain has state of its own. */
static void set_paths(struct host *h, const char *dir, uint32_t domid)
{
    char below[40] = SIM_STATE "/";

    const struct {
        char *to;
        const char *below, *name;
    } rows[] = {
        {h->paths.userdata, below, SIM_STATE_USERDATA},
        {h->paths.run, below, SIM_STATE_RUN},
        {h->paths.own_run, below, SIM_STATE_OWN_RUN},
        {h->paths.cache, "", "cache"},
        {h->paths.scripts, "", "scripts"},
        {h->paths.log, below, SIM_STATE_LOG},
    };

    if (domid)
        (void)snprintf(below, sizeof below, "%s/domain-%u/", SIM_STATE, domid);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        (void)snprintf(rows[i].to, sizeof h->paths.run, "%s/%s%s", dir, rows[i].below, rows[i].name);
    h->domid = domid;
    if (!domid) {
        (void)snprintf(h->store_path, sizeof h->store_path, "%s/%s", dir, SIM_STORE_SOCKET);
        (void)snprintf(h->uri, sizeof h->uri, "sim:%s", dir);
        return;
    }
    (void)snprintf(h->store_path, sizeof h->store_path, "%s/" SIM_STORE_DOOR, dir, domid);
    (void)snprintf(h->uri, sizeof h->uri, "sim:%s?domid=%u", dir, domid);
}

/* A wait for what the store says would not end when the host does: libxenstore tells nobody that its server died. */
static int sim_wait(struct host *h, struct pollfd *fds, size_t n, int64_t deadline_ms, struct domo_err *err)
{
    const struct sim_host *s = h->impl;
    struct pollfd with[WAIT_FDS_MAX + 1];
    int r;

    if (n > WAIT_FDS_MAX)
        return linux_env_ops.wait(h, fds, n, deadline_ms, err);
    if (n)
        memcpy(with, fds, n * sizeof *fds);
    with[n] = (struct pollfd){.fd = s->fd, .events = POLLRDHUP};
    r = linux_env_ops.wait(h, with, n + 1, deadline_ms, err);
    if (n)
        memcpy(fds, with, n * sizeof *fds);
    if (r > 0 && with[n].revents) {
        (void)sim_lost(s, err, 0);
        return -1;
    }
    return r;
}

int sim_open(struct host *h, const char *uri, struct domo_err *err)
{
    struct sim_host *s = calloc(1, sizeof *s);

    if (!s)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    s->xen.xs_fd = -1;
    s->fd = -1;
    h->impl = s;
    h->is_simulated = true;
    h->hyp = &sim_hyp_ops;
    h->store = &xen_store_ops;
    h->os = &sim_os_ops;
    h->link = &sim_link_ops;
    s->env = linux_env_ops;
    s->env.wait = sim_wait;
    h->env = &s->env;
    if (sim_dir(uri, s->dir, &s->domid, err) < 0)
        return -1;
    set_paths(h, s->dir, s->domid);
    return sim_connect(s, h->log, NULL, err);
}

void sim_close(struct host *h)
{
    struct sim_host *s = h->impl;

    sim_disconnect(s);
    free(s->model);
    s->model = NULL;
}

int sim_add_faults(struct host **h, struct domo_err *err)
{
    const struct sim_host *s = (*h)->impl;
    struct host_fault *AUTO_FREE faults = NULL;
    size_t n = json_len(s->faults);

    if (!n)
        return 0;
    faults = calloc(n, sizeof *faults);
    if (!faults)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < n; i++) {
        const struct json *row = json_at(s->faults, i, NULL);

        (void)snprintf(faults[i].op, sizeof faults[i].op, "%s", json_get_str(row, "op", ""));
        faults[i].nth = (uint32_t)json_get_int(row, "nth", 0);
        faults[i].sys = (int)json_get_int(row, "errno", 0);
        faults[i].delay_ms = (uint32_t)json_get_int(row, "delay_ms", 0);
    }
    return host_fault(*h, faults, n, h, err);
}

int sim_stop(struct sim_host *s, bool *ret_was_running, struct domo_err *err)
{
    bool runs = false;
    char bytes[256];
    int r = sim_try_connect(s, &runs, err);

    if (r == 0 && runs) {
        r = sim_ask(s, sim_request("stop"), NULL, err);
        /* It closes the connection when all else is done. */
        while (r == 0 && (recv(s->fd, bytes, sizeof bytes, 0) > 0 || errno == EINTR))
            ;
    }
    sim_disconnect(s);
    if (r < 0)
        return r == SIM_LOST || r == -1 ? -1 : err_sys(err, DOMO_E_SIM, -r, "the simulated host does not end");
    *ret_was_running = runs;
    return 0;
}
