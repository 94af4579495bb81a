/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/media.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "dev/dev.h"
#include "dev/image.h"
#include "dom/dm.h"
#include "dom/guest.h"
#include "dom/lifecycle.h"
#include "dom/userdata.h"
#include "plan/history.h"

enum { LOCK_TIMEOUT_MS = 60000 };

/* What lies in a drive; path NULL = nothing. */
struct medium {
    const char *path;
    enum disk_format format;
};

struct media {
    struct op op; /* first: steps get this */
    const struct media_options *opt;
    struct disk_spec wanted;
    struct guest guest;
    struct userdata_lock lock;
    struct devset *drive, *checked; /* the drive as it is; and as it is to be, for the checks */
    struct json *row, *old_config;
    char back[STORE_PATH_MAX], libxl[STORE_PATH_MAX];
    char *old_params;
    struct medium old, new;
    struct qmp *qmp;
    bool ejected, emptied, inserted;
};

static struct media *self(struct op *op)
{
    return (struct media *)op;
}

/* ---- lock and check ---- */

static int run_lock(struct op *op, struct domo_err *err)
{
    struct media *m = self(op);
    int64_t deadline_ms = op->host->env->now_ms(op->host) + LOCK_TIMEOUT_MS;

    return userdata_lock(op->host, m->guest.info.domid, m->guest.uuid, deadline_ms, &m->lock, err);
}

static int undo_lock(struct op *op, struct domo_err *err)
{
    (void)err;
    userdata_unlock(&self(op)->lock);
    return 0;
}

static int check_guest(const struct guest *g, struct domo_err *err)
{
    if (life_may_info(&g->info, LIFE_ON_ATTACH, err))
        return -1;
    if (str_eq(g->type, "hvm"))
        return 0;
    (void)err_set(err, DOMO_E_UNSUPPORTED,
                  "only hvm guests have drives whose medium can be changed, this is a %s guest",
                  g->type[0] ? g->type : "pv");
    return err_hint(err, "detach the disk, and attach another one");
}

static int read_row(struct media *m, struct json **ret, struct domo_err *err)
{
    struct json *AUTO_JSON rows = devset_rows(m->drive, false, err);

    if (!rows)
        return -1;
    *ret = json_copy(json_at(rows, 0, NULL));
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

static int check_drive(const struct media *m, struct domo_err *err)
{
    uint32_t index;

    if (!str_eq(json_get_str(m->row, "device_type", ""), "cdrom") || !vdev_ide_index(m->wanted.devid, &index)) {
        (void)err_set(err, DOMO_E_DEVICE_NOT_FOUND, "disk %s is no CD drive", m->wanted.vdev);
        return err_hint(err, "a drive is made with the guest: disk = [ \",,%s,cdrom\" ] is an empty one",
                        m->wanted.vdev);
    }
    if (str_eq(json_get_str(m->row, "backend_type", ""), "qdisk"))
        return 0;
    return err_set(err, DOMO_E_UNSUPPORTED, "drive %s is not served by QEMU (its back end is '%s')", m->wanted.vdev,
                   json_get_str(m->row, "backend_type", "?"));
}

static int find_drive(struct media *m, struct domo_err *err)
{
    struct host *h = m->op.host;
    char number[16], path[STORE_PATH_MAX];

    (void)snprintf(number, sizeof number, "%" PRIu32, m->wanted.devid);
    m->drive = guest_devset(h, &m->guest, &DEV_TIMEOUTS_DEFAULT);
    if (!m->drive)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (devset_load(m->drive, "vbd", number, err) || read_row(m, &m->row, err) || check_drive(m, err) ||
        store_path(m->back, err, "%s", json_get_str(json_get(m->row, "back"), "path", "")) ||
        store_path(m->libxl, err, "/libxl/%" PRIu32 "/device/vbd/%" PRIu32, m->guest.info.domid, m->wanted.devid) ||
        store_path(path, err, "%s/params", m->libxl) || store_read_opt(h, 0, path, &m->old_params, err))
        return -1;
    if (m->old_params)
        m->old.path = image_of_params(m->old_params, &m->old.format);
    return 0;
}

/* A relative path would mean another file to whoever looks later. */
static int settle_path(struct media *m, struct domo_err *err)
{
    struct os_target target;
    char *path;

    if (!m->wanted.target || m->wanted.target[0] == '/')
        return 0;
    if (m->op.host->os->target(m->op.host, m->wanted.target, &target, err))
        return -1;
    path = strdup(target.real_path);
    if (!path)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    free(m->wanted.target);
    m->wanted.target = path;
    return 0;
}

/* The checks of a disk that is attached: its file, its format, who else uses it. */
static int check_wanted(struct media *m, struct domo_err *err)
{
    if (settle_path(m, err))
        return -1;
    m->checked = guest_devset(m->op.host, &m->guest, &DEV_TIMEOUTS_DEFAULT);
    if (!m->checked)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (devset_add_disk(m->checked, &m->wanted, err) || devset_prepare(m->checked, err))
        return -1;
    m->new = (struct medium){.path = m->wanted.target, .format = m->wanted.format};
    return 0;
}

static int run_check(struct op *op, struct domo_err *err)
{
    struct media *m = self(op);
    uint32_t domid = m->guest.info.domid;

    if (check_guest(&m->guest, err) || find_drive(m, err) || check_wanted(m, err) ||
        userdata_read_config(op->host, domid, m->guest.uuid, &m->old_config, err))
        return -1;
    return dm_open(op->host, &m->guest, &m->qmp, err);
}

/* ---- the device model ---- */

static struct json *drive_argument(const struct media *m)
{
    struct json *arguments = json_new_object();

    json_setf(arguments, "id", DM_CD_ID, m->wanted.devid);
    return arguments;
}

static int eject(struct media *m, bool force, struct domo_err *err)
{
    struct json *AUTO_JSON arguments = drive_argument(m);
    struct domo_err e = DOMO_ERR_INIT;

    json_set_bool(arguments, "force", force);
    if (qmp_call(m->qmp, "eject", arguments, NULL, &e) == 0)
        return 0;
    if (err)
        *err = e;
    if (e.code != DOMO_E_QMP || !strstr(e.msg, "is locked"))
        return -1;
    (void)err_set(err, DOMO_E_DEVICE_IN_USE, "the guest has locked the door of drive %s", m->wanted.vdev);
    return err_hint(err, "it has been asked to open it: try again, or take the medium by --force");
}

/* The device model need not be able to open the file itself: it gets it open. *ret_set is to be given back. */
static int hand_over(struct media *m, const char *path, int64_t *ret_set, struct domo_err *err)
{
    int AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct json *AUTO_JSON answer = NULL;

    if (fd < 0)
        return err_sys(err, errno == EACCES ? DOMO_E_PERMISSION : DOMO_E_IO, errno, "can't open '%s'", path);
    if (qmp_call_fd(m->qmp, "add-fd", NULL, fd, &answer, err))
        return -1;
    *ret_set = json_get_int(answer, "fdset-id", -1);
    return 0;
}

/* What is in use stays open there all the same. */
static void take_back(struct media *m, int64_t set)
{
    struct json *AUTO_JSON arguments = json_new_object();

    json_set_int(arguments, "fdset-id", set);
    IGNORE(qmp_call(m->qmp, "remove-fd", arguments, NULL, NULL));
}

static int insert(struct media *m, const struct medium *medium, struct domo_err *err)
{
    struct json *AUTO_JSON arguments = drive_argument(m);
    int64_t set = -1;
    int r;

    if (hand_over(m, medium->path, &set, err))
        return -1;
    json_setf(arguments, "filename", "/dev/fdset/%" PRId64, set);
    json_set_str(arguments, "format", image_qemu_name(medium->format));
    json_set_str(arguments, "read-only-mode", "read-only");
    r = qmp_call(m->qmp, "blockdev-change-medium", arguments, NULL, err);
    take_back(m, set);
    return r;
}

static int run_eject(struct op *op, struct domo_err *err)
{
    struct media *m = self(op);

    struct domo_err e = DOMO_ERR_INIT;

    /* Whose answer is lost has perhaps done it. */
    m->ejected = true;
    if (eject(m, m->opt->force, &e) == 0)
        return 0;
    m->ejected = e.code != DOMO_E_DEVICE_IN_USE;
    if (err)
        *err = e;
    return -1;
}

/* What failed may have been the conversation: going back begins a new one. */
static int reconnect(struct media *m, struct domo_err *err)
{
    m->qmp = qmp_close(m->qmp);
    return dm_open(m->op.host, &m->guest, &m->qmp, err);
}

/* A drive that was empty has its door closed again. */
static int undo_eject(struct op *op, struct domo_err *err)
{
    struct media *m = self(op);
    struct json *AUTO_JSON arguments = drive_argument(m);

    if (!m->ejected)
        return 0;
    if (reconnect(m, err))
        return -1;
    return m->old.path ? insert(m, &m->old, err) : qmp_call(m->qmp, "blockdev-close-tray", arguments, NULL, err);
}

static bool inserts(const struct op *op)
{
    return ((const struct media *)op)->wanted.target != NULL;
}

static int run_insert(struct op *op, struct domo_err *err)
{
    struct media *m = self(op);

    m->inserted = true;
    return insert(m, &m->new, err);
}

static int undo_insert(struct op *op, struct domo_err *err)
{
    struct media *m = self(op);

    if (!m->inserted)
        return 0;
    return reconnect(m, err) ? -1 : eject(m, true, err);
}

/* ---- the store ---- */

struct params {
    const struct media *media;
    const char *text;
};

static int body_params(struct host *h, store_txn txn, void *arg, struct domo_err *err)
{
    const struct params *p = arg;
    const char *const dirs[] = {p->media->back, p->media->libxl};
    char path[STORE_PATH_MAX];

    for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
        if (store_path(path, err, "%s/params", dirs[i]) || store_write(h, txn, path, p->text, err) ||
            store_path(path, err, "%s/type", dirs[i]) || store_write(h, txn, path, "qdisk", err))
            return -1;
    return 0;
}

static int write_params(struct media *m, const char *text, struct domo_err *err)
{
    struct params p = {.media = m, .text = text};

    return store_transact(m->op.host, body_params, &p, err);
}

/* Before anything new is in the drive: who is killed on the way leaves a store that promises nothing. */
static int run_empty(struct op *op, struct domo_err *err)
{
    struct media *m = self(op);

    m->emptied = true;
    return write_params(m, "", err);
}

static int undo_empty(struct op *op, struct domo_err *err)
{
    struct media *m = self(op);

    return m->emptied ? write_params(m, m->old_params ? m->old_params : "", err) : 0;
}

static int run_params(struct op *op, struct domo_err *err)
{
    struct media *m = self(op);
    char *AUTO_FREE text = str_format("%s:%s", image_params_name(m->new.format), m->new.path);

    return text ? write_params(m, text, err) : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

/* ---- the stored config ---- */

/* The element of the drive; NULL if there is none. */
static struct json *find_stored(const struct media *m, struct json *config)
{
    struct json *disks = json_get(config, "disks");
    uint32_t devid;

    for (size_t i = 0; i < json_len(disks); i++) {
        struct json *disk = json_at(disks, i, NULL);

        if (vdev_to_devid(json_get_str(disk, "vdev", ""), &devid) == 0 && devid == m->wanted.devid)
            return disk;
    }
    return NULL;
}

static int run_config(struct op *op, struct domo_err *err)
{
    struct media *m = self(op);
    struct json *AUTO_JSON config = m->old_config ? json_copy(m->old_config) : NULL;
    struct json *disk = find_stored(m, config);

    if (!m->old_config || (config && !disk))
        return 0;
    (void)json_free(json_steal(disk, "pdev_path"));
    if (m->new.path)
        json_set_str(disk, "pdev_path", m->new.path);
    json_set_str(disk, "format", image_format_name(m->wanted.format));
    config = json_done(config);
    if (!config)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return userdata_write_config(op->host, m->guest.info.domid, m->guest.uuid, config, err);
}

static int undo_config(struct op *op, struct domo_err *err)
{
    struct media *m = self(op);

    if (!m->old_config)
        return 0;
    return userdata_write_config(op->host, m->guest.info.domid, m->guest.uuid, m->old_config, err);
}

static int run_look(struct op *op, struct domo_err *err)
{
    struct media *m = self(op);
    struct json *row = NULL;
    char number[16];

    (void)snprintf(number, sizeof number, "%" PRIu32, m->wanted.devid);
    m->drive = devset_free(m->drive);
    m->drive = guest_devset(op->host, &m->guest, &DEV_TIMEOUTS_DEFAULT);
    if (!m->drive)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (devset_load(m->drive, "vbd", number, err) || read_row(m, &row, err))
        return -1;
    (void)json_free(m->row);
    m->row = row;
    return 0;
}

static const struct step steps[] = {
    {.name = "lock", .summary = "lock the guest's config", .run = run_lock, .undo = undo_lock},
    {.name = "check", .summary = "check drive and medium", .run = run_check},
    {.name = "eject", .summary = "take the old medium out", .run = run_eject, .undo = undo_eject},
    {.name = "empty-nodes", .summary = "note the empty drive in the store", .run = run_empty, .undo = undo_empty},
    {.name = "insert", .summary = "put the new medium in", .run = run_insert, .undo = undo_insert, .applies = inserts},
    {.name = "write-nodes", .summary = "note the medium in the store", .run = run_params, .applies = inserts},
    {.name = "store-config", .summary = "store the guest's config", .run = run_config, .undo = undo_config},
    {.name = "look", .summary = "look at the drive as it is now", .run = run_look},
};

static struct json *about_of(const struct op *op)
{
    const struct media *m = (const struct media *)op;
    struct json *about = history_of(m->guest.info.domid, m->guest.name, m->guest.uuid);

    json_set_str(about, "which", m->wanted.vdev);
    json_set_str(about, "identity", m->wanted.target);
    return about;
}

static const struct plan media_plan = {
    .name = "change-medium", .steps = steps, .n = ARRAY_LEN(steps), .about = about_of};

static void end(struct media *m)
{
    (void)qmp_close(m->qmp);
    m->drive = devset_free(m->drive);
    m->checked = devset_free(m->checked);
    userdata_unlock(&m->lock);
    (void)json_free(m->row);
    (void)json_free(m->old_config);
    free(m->old_params);
    disk_spec_fini(&m->wanted);
    guest_fini(&m->guest);
}

int media_change(struct host *h, uint32_t domid, const struct disk_spec *wanted, const struct media_options *opt,
                 struct json **ret, struct domo_err *err)
{
    struct media m = {
        .op = {.host = h, .on_step = opt->on_step, .on_step_arg = opt->on_step_arg}, .opt = opt, .lock = {.fd = -1}};
    int r;

    if (guest_load(h, domid, &m.guest, err))
        return err_wrap(err, "change a medium of domain %" PRIu32, domid);
    if (disk_spec_copy(wanted, &m.wanted)) {
        guest_fini(&m.guest);
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    (void)snprintf(m.op.subject, sizeof m.op.subject, "in drive %.20s of '%.80s'", wanted->vdev, m.guest.name);
    r = plan_run(&media_plan, &m.op, err);
    if (!r) {
        json_set(m.row, "timing", plan_timing(&m.op));
        *ret = m.row;
        m.row = NULL;
    }
    end(&m);
    return r;
}
