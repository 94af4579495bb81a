/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/supervise.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/proc.h"
#include "base/str.h"
#include "dom/ward.h"

#ifndef DOMO_SBINDIR
#define DOMO_SBINDIR "/usr/sbin"
#endif

enum { DIR_MODE = 0755 };

/* Caller frees; NULL when out of memory. */
static char *find_program(const char *told)
{
    static const char *const near[] = {"domod", "../sbin/domod", "lib/sup/domod", "../lib/sup/domod"};
    char *path = told && told[0] == '/' ? strdup(told) : proc_find_beside(near, ARRAY_LEN(near));

    return path ? path : strdup(DOMO_SBINDIR "/domod");
}

int supervise_start(struct host *h, bool *ret_started, struct domo_err *err)
{
    const char *told = getenv("DOMO_SUPERVISOR");
    char *AUTO_FREE program = find_program(told), *AUTO_FREE pid = str_format("%s/domod.pid", h->paths.own_run);
    char *AUTO_FREE log = str_format("%s/domod.log", h->paths.log);
    const char *const argv[] = {"domod", "--host", h->uri, "--until-idle", NULL};
    /* What tests do to the command that starts it is not meant for it. */
    static const char *const env[] = {"DOMO_FAULT=", "DOMO_FAULTS=", NULL};
    struct os_daemon_new new = {.program = program, .argv = argv, .env = env, .pid_path = pid, .log_path = log};
    struct os_daemon started;
    int rc;

    *ret_started = false;
    if (str_eq(told, "none") || ward_is_guarded(h))
        return 0;
    if (!program || !pid || !log)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    rc = fs_mkdirs(h->paths.log, DIR_MODE);
    if (rc)
        return err_sys(err, DOMO_E_IO, -rc, "can't make '%s'", h->paths.log);
    if (h->os->daemon_start(h, &new, &started, err))
        return err_wrap(err, "start the supervisor");
    *ret_started = true;
    return 0;
}
