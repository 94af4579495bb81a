/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a guest boots: from files of this host, or out of its own disk.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "dom/create_impl.h"
#include "dom/shim.h"

/* ---- a shim ---- */

int create_find_shim(struct create *c, struct domo_err *err)
{
    if (c->spec->type != SPEC_TYPE_PVH || !c->spec->pvshim)
        return 0;
    if (shim_find(c->op.host, c->spec, &c->shim_path, err))
        return -1;
    if (!c->spec->bootloader && access(c->spec->kernel, R_OK) < 0)
        return err_sys(err, DOMO_E_KERNEL_NOT_FOUND, errno, "the kernel '%s' can't be read", c->spec->kernel);
    c->shim_cmdline = shim_cmdline(c->spec);
    return c->shim_cmdline ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

/* ---- the bootloader ---- */

bool create_has_bootloader(const struct op *op)
{
    return boots_kernel(op) && cself(op)->spec->bootloader;
}

int create_run_bootloader(struct op *op, struct domo_err *err)
{
    struct create *c = self(op);

    return boot_start(op->host, c->spec, &c->boot, err);
}

enum plan_wait create_wait_bootloader(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return boot_wait(op, &self(op)->boot, now_ms, ret_deadline_ms, err);
}

int create_undo_bootloader(struct op *op, struct domo_err *err)
{
    (void)err;
    boot_fini(op->host, &self(op)->boot);
    return 0;
}

int create_preview_bootloader(struct op *op, struct json *lines, struct domo_err *err)
{
    const struct spec *s = self(op)->spec;

    if (boot_check(op->host, s, err))
        return -1;
    create_line(lines, "run %s on %s: kernel, ramdisk and command line are what it finds", s->bootloader,
                s->disks.at[0].target);
    return 0;
}

/* ---- kernel ---- */

int create_load_kernel(struct op *op, struct domo_err *err)
{
    struct create *c = self(op);

    if (c->shim_path)
        return kernel_load(op->host, c->shim_path, !c->opt->no_cache, &c->kernel, err);
    if (!create_has_bootloader(op))
        return kernel_load(op->host, c->spec->kernel, !c->opt->no_cache, &c->kernel, err);
    /* A file that is new each time has no place in the cache. */
    if (kernel_load(op->host, c->boot.kernel, false, &c->kernel, err))
        return err_wrap(err, "what '%s' found", c->spec->bootloader);
    return 0;
}

int create_drop_kernel(struct op *op, struct domo_err *err)
{
    (void)err;
    kernel_fini(&self(op)->kernel);
    return 0;
}

int create_preview_kernel(struct op *op, struct json *lines, struct domo_err *err)
{
    struct create *c = self(op);

    (void)err;
    if (c->shim_path)
        create_line(lines, "read the shim %s: '%s'", c->shim_path, c->shim_cmdline);
    else if (create_has_bootloader(op))
        create_line(lines, "read the kernel that the bootloader found");
    else
        create_line(lines, "read the kernel %s%s", c->spec->kernel, c->opt->no_cache ? " (without the cache)" : "");
    return 0;
}

/* ---- the image ---- */

static void note_part(void *arg, const char *part, int64_t us)
{
    const struct op *op = arg;

    log_line(op->host->log, LOG_LEVEL_DEBUG, "build %s: %" PRId64 " us", part, us);
}

int create_build(struct op *op, struct domo_err *err)
{
    struct create *c = self(op);
    const struct hyp_ops *hyp = op->host->hyp;
    bool found = create_has_bootloader(op);
    const char *cmdline = found ? c->boot.cmdline : c->spec->cmdline;
    const char *path = found ? c->boot.kernel : c->spec->kernel;
    const struct hyp_image image = {
        .kernel_path = c->shim_path ? c->shim_path : path,
        .inner_path = c->shim_path ? path : NULL,
        .inner_cmdline = c->shim_path ? cmdline : NULL,
        .kernel = c->kernel.bytes,
        .kernel_len = c->kernel.len,
        .ramdisk_path = !found               ? c->spec->ramdisk
                        : c->boot.ramdisk[0] ? c->boot.ramdisk
                                             : NULL,
        .cmdline = c->shim_path ? c->shim_cmdline
                   : cmdline    ? cmdline
                                : "",
        .mem_kib = c->spec->mem_kib,
        .max_mem_kib = c->spec->max_mem_kib,
        .max_vcpus = c->spec->max_vcpus,
        .vcpus = c->spec->vcpus,
        .no_acpi = !c->spec->acpi,
        .store_evtchn = c->store_port,
        .console_evtchn = c->console_port,
        .store_domid = c->store_domid,
        .console_domid = c->console_domid,
    };

    if ((is_pv(op) ? hyp->build_pv : hyp->build_pvh)(op->host, c->domid, &image, &c->built, note_part, op, err))
        return -1;
    devset_set_console(c->devs, c->built.console_gfn, c->console_port);
    return 0;
}

int create_preview_build(struct op *op, struct json *lines, struct domo_err *err)
{
    const struct spec *s = self(op)->spec;

    (void)err;
    if (create_has_bootloader(op)) {
        create_line(lines, "xc_dom_*: %" PRIu64 " MiB, what the bootloader found", s->mem_kib / 1024);
        return 0;
    }
    create_line(lines, "xc_dom_*: %" PRIu64 " MiB, kernel %s%s%s", s->mem_kib / 1024, s->kernel,
                s->ramdisk ? ", ramdisk " : "", s->ramdisk ? s->ramdisk : "");
    if (s->cmdline)
        create_line(lines, "kernel command line: %s", s->cmdline);
    return 0;
}
