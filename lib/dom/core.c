/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/core.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "dom/guest.h"
#include "dom/lifecycle.h"
#include "dom/names.h"
#include "plan/history.h"

enum { CORE_MODE = 0600, CORE_DIR_MODE = 0700 };

char *core_default_path(const struct host *h, const char *name)
{
    char *AUTO_FREE file = names_file(name);

    return file ? str_format("%s/dump/%s", h->paths.userdata, file) : NULL;
}

static int make_default_dir(const struct host *h, struct domo_err *err)
{
    char *AUTO_FREE dir = str_format("%s/dump", h->paths.userdata);
    int rc = dir ? fs_mkdirs(dir, CORE_DIR_MODE) : -ENOMEM;

    return rc ? err_sys(err, DOMO_E_IO, -rc, "can't make the directory of cores") : 0;
}

static int write_core(struct host *h, uint32_t domid, const char *path, const char *part, int64_t *ret_bytes,
                      struct domo_err *err)
{
    int AUTO_CLOSE fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, CORE_MODE);
    struct stat st;

    if (fd < 0)
        return err_sys(err, DOMO_E_IO, errno, "can't make '%s'", part);
    if (h->hyp->dump_core(h, domid, fd, err))
        return -1;
    if (fsync(fd) < 0 || fstat(fd, &st) < 0 || rename(part, path) < 0)
        return err_sys(err, DOMO_E_IO, errno, "can't write '%s'", path);
    *ret_bytes = st.st_size;
    return 0;
}

static struct json *result_of(const struct guest *g, const char *path, int64_t bytes)
{
    struct json *j = json_new_object();

    json_set_uint(j, "domid", g->info.domid);
    json_set_str(j, "name", g->name);
    json_set_str(j, "file", path);
    json_set_int(j, "bytes", bytes);
    return json_done(j);
}

static int dump(struct host *h, const struct guest *g, const char *to, struct json **ret, struct domo_err *err)
{
    char *AUTO_FREE path = to ? str_format("%s", to) : core_default_path(h, g->name);
    char *AUTO_FREE part = path ? str_format("%s.part", path) : NULL;
    struct json *about;
    int64_t bytes = 0;

    if (!part)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (!to && make_default_dir(h, err))
        return -1;
    if (write_core(h, g->info.domid, path, part, &bytes, err)) {
        (void)unlink(part);
        return -1;
    }
    about = history_of(g->info.domid, g->name, g->uuid);
    json_set_str(about, "file", path);
    history_add(h, "dump-core", about);
    *ret = result_of(g, path, bytes);
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

int core_dump(struct host *h, uint32_t domid, const char *path, struct json **ret, struct domo_err *err)
{
    struct guest g = {.name = NULL};
    int r;

    if (domid == 0)
        return err_set(err, DOMO_E_DOMAIN_PROTECTED, "domain 0 can't be dumped from within");
    if (guest_load(h, domid, &g, err))
        return -1;
    r = life_may_info(&g.info, LIFE_ON_DUMP_CORE, err);
    if (r == 0)
        r = dump(h, &g, path, ret, err);
    if (r)
        (void)err_wrap(err, "dump the core of '%s'", g.name);
    guest_fini(&g);
    return r;
}
