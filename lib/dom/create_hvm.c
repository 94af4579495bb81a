/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The steps of a creation that HVM guests have, and those of the device model.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "dom/admit.h"
#include "dom/create_impl.h"
#include "dom/dm.h"

void create_line(struct json *lines, const char *fmt, ...)
{
    char *AUTO_FREE line = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&line, fmt, ap) < 0)
        line = NULL;
    va_end(ap);
    json_add_str(lines, line);
}

void create_set_new(const struct create *c, struct hyp_domain_new *d)
{
    d->no_hap = !c->spec->hap;
    d->oos_off = !c->spec->oos;
    d->nested = c->spec->nested;
    d->vpmu = c->spec->vpmu;
    d->msr_relaxed = c->spec->msr_relaxed;
}

static int draw_genid(const struct create *c, struct domo_err *err)
{
    static const uint8_t none[sizeof c->spec->genid_bytes];
    struct spec *s = c->spec;

    if (!s->genid || memcmp(s->genid_bytes, none, sizeof none) != 0)
        return 0;
    return c->op.host->env->random(c->op.host, s->genid_bytes, sizeof s->genid_bytes, err);
}

int create_set_hvm(const struct create *c, struct hyp_setup *setup, struct domo_err *err)
{
    if (is_pv(&c->op))
        return 0;
    setup->viridian = spec_viridian_mask(c->spec);
    setup->altp2m = (uint32_t)c->spec->altp2m;
    setup->no_pae = !c->spec->pae;
    setup->nested = c->spec->nested;
    setup->paging_kib = admit_paging_kib(c->spec);
    setup->timer_mode = (enum hyp_timer_mode)c->spec->timer_mode;
    setup->emulates_timers = is_hvm(&c->op);
    setup->hpet = c->spec->hpet;
    setup->vpt_align = c->spec->vpt_align;
    return draw_genid(c, err);
}

/* ---- memory ---- */

int create_lay_out(struct op *op, struct domo_err *err)
{
    struct create *c = self(op);
    const struct hyp_hvm hvm = {
        .apic = c->spec->apic,
        .bios = (enum hyp_bios)c->spec->bios,
        .bios_path = c->spec->bios_path,
        .loader_path = c->spec->loader_path,
        .mem_kib = c->spec->mem_kib,
        .max_mem_kib = c->spec->max_mem_kib,
        .hole_mib = c->spec->mmio_hole_mib,
        .video_kib = spec_video_kib(c->spec),
        .max_vcpus = c->spec->max_vcpus,
        .vcpus = c->spec->vcpus,
        .store_evtchn = c->store_port,
        .console_evtchn = c->console_port,
        .store_domid = c->store_domid,
        .console_domid = c->console_domid,
    };

    if (op->host->hyp->build_hvm(op->host, c->domid, &hvm, &c->built, err))
        return -1;
    devset_set_console(c->devs, c->built.console_gfn, c->console_port);
    return 0;
}

int create_preview_lay_out(struct op *op, struct json *lines, struct domo_err *err)
{
    (void)err;
    create_line(lines, "%" PRIu64 " MiB, with pages for store and console", self(op)->spec->mem_kib / 1024);
    return 0;
}

/* ---- the device model ---- */

static struct dm_guest guest_of(const struct create *c)
{
    return (struct dm_guest){.name = c->spec->name,
                             .uuid = c->uuid,
                             .spec = c->spec,
                             .host = &c->dm,
                             .libxl_dir = c->op.host->paths.run,
                             .jail = is_hvm(&c->op) ? &c->jail : NULL,
                             .domid = c->domid,
                             .start_ms = devset_timeouts(c->devs)->model_ms};
}

/* Where the host needs one at all. */
static void use_own_program(struct create *c)
{
    if (c->dm.program && c->spec->dm_path)
        c->dm.program = c->spec->dm_path;
}

/* It loses the store when it begins to run. */
static int choose_jail(struct create *c, struct domo_err *err)
{
    if (c->spec->dm_restrict && devset_needs_dm(c->devs)) {
        (void)err_set(err, DOMO_E_CONFIG_CONFLICT,
                      "a device model without privilege (dm_restrict=) can serve no back ends");
        return err_hint(err, "leave dm_restrict out, or the CDs, images and keyboards that it would have to serve");
    }
    return dm_jail_find(c->spec, &c->jail, err);
}

int create_choose_dm(struct create *c, struct domo_err *err)
{
    struct host *h = c->op.host;

    if (is_hvm(&c->op)) {
        use_own_program(c);
        return choose_jail(c, err);
    }
    if (!devset_needs_dm(c->devs))
        return 0;
    if (h->hyp->dm_backends(h, &c->dm, err))
        return -1;
    use_own_program(c);
    return 0;
}

bool create_runs_dm(const struct op *op)
{
    return cself(op)->dm.program != NULL;
}

static int check_device(void *arg, const char *back_name, uint32_t devid, struct domo_err *err)
{
    const struct create *c = arg;

    return dm_check_device(c->op.host, c->uuid, c->spec->name, c->dm_log, back_name, devid, err);
}

int create_start_dm(struct op *op, struct domo_err *err)
{
    struct create *c = self(op);
    const struct dm_guest g = guest_of(c);
    struct qmp *q = NULL;
    int r;

    /* Its log is a new one. */
    c->dm_log = 0;
    dm_jail_set_domid(op->host, c->domid, &c->jail);
    devset_set_dm_check(c->devs, check_device, c);
    /* What an earlier domain of this number left: the device model writes there itself when it starts. */
    if (dm_remove_nodes(op->host, 0, c->domid, err))
        return -1;
    r = dm_start(op->host, &g, &q, err);
    if (r == 0)
        r = dm_write_nodes(op->host, c->domid, &g, q, &c->tty, err);
    (void)qmp_close(q);
    if (r == 0 && c->tty && c->opt->on_console)
        c->opt->on_console(c->opt->on_console_arg, c->domid, c->tty);
    return r;
}

static int body_no_nodes(struct host *h, store_txn txn, void *arg, struct domo_err *err)
{
    const struct create *c = arg;

    return dm_remove_nodes(h, txn, c->domid, err);
}

int create_stop_dm(struct op *op, struct domo_err *err)
{
    struct create *c = self(op);
    int r = dm_end(op->host, c->domid, c->uuid, err);

    return store_transact(op->host, body_no_nodes, c, err) || r ? -1 : 0;
}

int create_preview_dm(struct op *op, struct json *lines, struct domo_err *err)
{
    const struct dm_guest g = guest_of(self(op));
    struct str line AUTO_STR = STR_INIT;
    struct dm_argv argv = {.failed = false};

    if (dm_argv_make(&g, &argv, err))
        return -1;
    str_add(&line, "run");
    for (size_t i = 0; argv.words.at[i]; i++)
        str_addf(&line, " %s", argv.words.at[i]);
    create_line(lines, "%s", str_text(&line));
    create_line(lines, "write /local/domain/0/device-model/$DOMID/state = running");
    dm_argv_fini(&argv);
    return 0;
}
