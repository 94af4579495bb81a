/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One device of a driver domain's daemon: its hotplug when the back end waits
 * for it, and giving back what it holds when the back end has closed. As a
 * packaged script does, success and failure are written into the back end's
 * directory, where the toolstack in domain 0 looks.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "dev/devd_impl.h"

/* ---- making ---- */

static const struct devkind *kind_of(const char *back_name)
{
    for (size_t i = 0; devkinds[i]; i++)
        if (str_eq(devkinds[i]->back_name, back_name))
            return devkinds[i];
    return &devkind_other;
}

bool serve_tag_domid(const char *uuid, uint32_t *ret)
{
    static const char prefix[] = "domain-";

    return str_starts(uuid, prefix) && str_to_u32(uuid + sizeof prefix - 1, ret) == 0;
}

static void use_kind(struct served *v, const struct devkind *kind)
{
    (void)snprintf(v->d->kind_name, sizeof v->d->kind_name, "%s", kind == &devkind_other ? v->back_name : kind->name);
    (void)snprintf(v->d->back_name, sizeof v->d->back_name, "%s", v->back_name);
}

/* A fresh device of the set: each life of the directory has its own. The guest's UUID is not ours to read; the number
 * of its domain stands for it in the tags of loop devices. */
static int renew(struct served *v)
{
    char uuid[32];
    struct dev_guest guest = {.domid = v->domid, .name = "", .uuid_text = uuid};
    const struct devkind *kind = kind_of(v->back_name);
    struct dev_timeouts timeouts = DEV_TIMEOUTS_DEFAULT;

    (void)snprintf(uuid, sizeof uuid, "domain-%" PRIu32, v->domid);
    if (v->all->opt->script_ms)
        timeouts.script_ms = v->all->opt->script_ms;
    v->set = devset_free(v->set);
    v->set = devset_new(v->all->host, &guest, &timeouts);
    v->d = v->set ? devset_push(v->set, kind, NULL) : NULL;
    if (!v->d)
        return -1;
    v->d->devid = v->devid;
    v->d->back_domid = v->all->host->domid;
    use_kind(v, kind);
    v->stand = SERVE_NEW;
    return dev_set_label(v->d, NULL);
}

struct served *served_new(struct devd *s, const char *back_name, uint32_t domid, uint32_t devid)
{
    struct served *v = calloc(1, sizeof *v);
    struct served **slot = v ? VEC_PUSH(&s->devices) : NULL;

    if (!slot) {
        free(v);
        return NULL;
    }
    v->all = s;
    v->domid = domid;
    v->devid = devid;
    (void)snprintf(v->back_name, sizeof v->back_name, "%s", back_name);
    *slot = v;
    if (renew(v) == 0)
        return v;
    s->devices.len--;
    served_free(v);
    return NULL;
}

/* A script that runs is ended with us: the next daemon begins it anew. */
void served_free(struct served *v)
{
    if (v->d)
        dev_script_abort(v->d);
    v->set = devset_free(v->set);
    free(v);
}

void served_tell(const struct served *v, const char *event, const struct domo_err *why)
{
    struct json *AUTO_JSON j = json_new_object();
    struct dev_paths paths;

    dev_paths(v->d, &paths);
    json_set_str(j, "event", event);
    json_set_str(j, "device", v->d->label);
    json_set_str(j, "kind", v->d->kind_name);
    json_set_int(j, "domid", v->domid);
    json_set_int(j, "devid", v->devid);
    json_set_str(j, "path", paths.back);
    if (why)
        json_set(j, "error", err_to_json(why));
    if (v->all->opt->on_event && j)
        v->all->opt->on_event(v->all->opt->on_event_arg, j);
}

/* ---- looking ---- */

static int read_back(const struct served *v, store_txn t, const char *name, char **ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX];
    struct dev_paths paths;

    dev_paths(v->d, &paths);
    dev_join(path, paths.back, name);
    if (store_read_opt(v->all->host, t, path, ret, err) == 0)
        return 0;
    /* A directory that is being made is not ours before its permissions are set. */
    if (err->code != DOMO_E_PERMISSION)
        return -1;
    err_clear(err);
    *ret = NULL;
    return 0;
}

static int see(const struct served *v, store_txn t, enum serve_seen *ret, struct domo_err *err)
{
    char *AUTO_FREE state_text = NULL;
    char *AUTO_FREE online = NULL;
    char *AUTO_FREE hotplug = NULL;
    enum xenbus_state state;

    if (read_back(v, t, "state", &state_text, err) || read_back(v, t, "online", &online, err) ||
        read_back(v, t, "hotplug-status", &hotplug, err))
        return -1;
    state = xenbus_state_parse(state_text);
    *ret = SERVE_SEEN_OTHER;
    if (!state_text)
        *ret = SERVE_SEEN_GONE;
    else if (state == XENBUS_CLOSED && str_eq(online, "0"))
        *ret = SERVE_SEEN_OVER;
    else if (state != XENBUS_INIT_WAIT && state != XENBUS_INITIALISED && state != XENBUS_CONNECTED)
        *ret = SERVE_SEEN_OTHER;
    else if (str_eq(hotplug, "error") || str_eq(hotplug, "busy"))
        *ret = SERVE_SEEN_REFUSED;
    else if (str_eq(hotplug, "connected"))
        *ret = SERVE_SEEN_PLUGGED;
    else if (state == XENBUS_INIT_WAIT && v->d->kind->serve)
        *ret = SERVE_SEEN_WAITS;
    /* Else a kind without hotplug: it is its back end's alone, and only its directory is ours to remove. */
    return 0;
}

/* What domain 0's toolstack wrote about it, and whose script it names. */
static int load(struct served *v, struct domo_err *err)
{
    struct dev *d = v->d;

    for (const char *const *name = d->kind->keeps; name && *name; name++) {
        char *AUTO_FREE value = NULL;

        if (read_back(v, 0, *name, &value, err))
            return -1;
        if (value)
            nodes_add(&d->keys, NODE_BACK, *name, "%s", value);
    }
    if (d->keys.failed)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (dev_load_script(d, err))
        return -1;
    return dev_set_label(d, err);
}

/* ---- plugging ---- */

static int say(const struct served *v, const char *name, const char *value, struct domo_err *err)
{
    char path[STORE_PATH_MAX];
    struct dev_paths paths;

    dev_paths(v->d, &paths);
    dev_join(path, paths.back, name);
    return store_write(v->all->host, 0, path, value, err);
}

/* The words that packaged scripts use: an in-use disk is "busy". One that has said it already is not contradicted. */
static void say_failed(struct served *v, const struct domo_err *why)
{
    char *AUTO_FREE text = str_format("%s%s%s", why->msg, err_hint_text(why)[0] ? "; " : "", err_hint_text(why));
    char *AUTO_FREE status = NULL;
    struct domo_err ignored = DOMO_ERR_INIT;

    v->stand = SERVE_FAILED;
    served_tell(v, "failed", why);
    if (read_back(v, 0, "hotplug-status", &status, &ignored) || str_eq(status, "error") || str_eq(status, "busy"))
        return;
    IGNORE(say(v, "hotplug-error", text ? text : why->msg, &ignored));
    IGNORE(say(v, "hotplug-status", why->code == DOMO_E_DISK_SHARED ? "busy" : "error", &ignored));
}

/* A script may leave the last word to us. */
static int confirm(struct served *v, struct domo_err *err)
{
    char *AUTO_FREE status = NULL;

    if (v->d->kind->confirm && v->d->kind->confirm(v->d, err))
        return -1;
    if (read_back(v, 0, "hotplug-status", &status, err))
        return -1;
    if (!status || !status[0])
        return say(v, "hotplug-status", "connected", err);
    if (str_eq(status, "connected"))
        return 0;
    return err_set(err, DOMO_E_SCRIPT_FAILED, "hotplug script '%s' left hotplug-status '%s'", v->d->script, status);
}

static enum plan_wait run_script(struct served *v, bool adding, int64_t now_ms, int64_t *deadline_ms,
                                 struct domo_err *err)
{
    struct dev *d = v->d;

    if (d->run_state == DEV_SCRIPT_IDLE || d->run_adding != adding) {
        if (v->all->op.n_fds + 2 > (size_t)DEV_SCRIPTS_AT_ONCE * 2) {
            deadline_min(deadline_ms, now_ms + DEV_LOOK_AGAIN_MS);
            return PLAN_AGAIN;
        }
        if (dev_script_start(d, adding, err))
            return PLAN_FAILED;
    }
    return d->run_state == DEV_SCRIPT_RUNNING ? dev_script_step(d, &v->all->op, now_ms, deadline_ms, err) : PLAN_DONE;
}

static enum plan_wait plug_step(struct served *v, int64_t now_ms, int64_t *deadline_ms, struct domo_err *err)
{
    int64_t limit = v->all->opt->iface_ms ? v->all->opt->iface_ms : DEV_TIMEOUTS_DEFAULT.backend_ms;
    struct dev *d = v->d;
    enum plan_wait r;

    if (d->is_custom) {
        r = run_script(v, true, now_ms, deadline_ms, err);
        return r == PLAN_DONE && confirm(v, err) ? PLAN_FAILED : r;
    }
    r = d->kind->serve(d, err);
    if (r != PLAN_AGAIN)
        return r;
    if (now_ms >= v->began + limit) {
        (void)err_set(err, DOMO_E_VIF_INTERFACE, "the back end made no interface within %" PRId64 " s", limit / 1000);
        return PLAN_FAILED;
    }
    deadline_min(deadline_ms, now_ms + DEV_LOOK_AGAIN_MS);
    return PLAN_AGAIN;
}

static enum plan_wait plug(struct served *v, int64_t now_ms, int64_t *deadline_ms)
{
    struct domo_err why = DOMO_ERR_INIT;
    enum plan_wait r;

    r = plug_step(v, now_ms, deadline_ms, &why);
    if (r == PLAN_AGAIN)
        return PLAN_AGAIN;
    if (r == PLAN_FAILED) {
        (void)err_wrap(&why, "%s of domain %" PRIu32, v->d->label, v->domid);
        say_failed(v, &why);
        return PLAN_DONE;
    }
    v->stand = SERVE_ON;
    v->d->plugged = true;
    served_tell(v, "plugged", NULL);
    return PLAN_DONE;
}

/* ---- giving back ---- */

static bool owes_script(const struct dev *d)
{
    return d->is_custom && (d->loaded || d->script_was_run) && (d->run_state == DEV_SCRIPT_IDLE || d->run_adding);
}

/* Everything is tried; what can't be given back is told, and does not stop the rest. */
static enum plan_wait give_back(struct served *v, int64_t now_ms, int64_t *deadline_ms)
{
    struct domo_err why = DOMO_ERR_INIT;
    struct dev *d = v->d;
    enum plan_wait r = PLAN_DONE;

    if (owes_script(d) || (d->run_state == DEV_SCRIPT_RUNNING && !d->run_adding))
        r = run_script(v, false, now_ms, deadline_ms, &why);
    if (r == PLAN_DONE && d->kind->release)
        r = d->kind->release(d, &why);
    if (r == PLAN_AGAIN && d->run_state != DEV_SCRIPT_RUNNING) {
        if (now_ms >= v->began + DEV_LET_GO_MS)
            return PLAN_DONE;
        deadline_min(deadline_ms, now_ms + DEV_LOOK_AGAIN_MS);
    }
    if (r == PLAN_FAILED) {
        (void)err_wrap(&why, "%s of domain %" PRIu32, d->label, v->domid);
        served_tell(v, "failed", &why);
        return PLAN_DONE;
    }
    return r;
}

/* Only the life of the directory that we gave back: domain 0 may have made a new one of the same name meanwhile. */
static int remove_if_over(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    struct served *v = arg;
    struct dev_paths paths;
    enum serve_seen seen;

    if (see(v, t, &seen, err))
        return -1;
    if (seen != SERVE_SEEN_OVER)
        return 0;
    dev_paths(v->d, &paths);
    return store_rm(h, t, paths.back, err);
}

static int finish(struct served *v, enum plan_wait *ret, struct domo_err *err)
{
    if (store_transact(v->all->host, remove_if_over, v, err))
        return -1;
    served_tell(v, "released", NULL);
    *ret = PLAN_AGAIN; /* a new one may be there already */
    return renew(v) ? err_set(err, DOMO_E_NO_MEMORY, "out of memory") : 0;
}

static int unplug(struct served *v, int64_t now_ms, int64_t *deadline_ms, enum plan_wait *ret, struct domo_err *err)
{
    *ret = give_back(v, now_ms, deadline_ms);
    if (*ret == PLAN_AGAIN)
        return 0;
    deadline_min(deadline_ms, now_ms);
    return finish(v, ret, err);
}

static int begin_unplug(struct served *v, int64_t now_ms, struct domo_err *err)
{
    bool is_found = v->stand == SERVE_NEW;

    if (is_found && load(v, err))
        return -1;
    if (is_found)
        v->d->loaded = true;
    dev_script_abort(v->d);
    v->d->let_go = false;
    v->stand = SERVE_UNPLUGGING;
    v->began = now_ms;
    return 0;
}

/* ---- one step ---- */

static int adopt(struct served *v, struct domo_err *err)
{
    if (load(v, err) || (v->d->kind->adopt && v->d->kind->adopt(v->d, err)))
        return -1;
    v->d->loaded = v->d->plugged = true;
    v->stand = SERVE_ON;
    served_tell(v, "adopted", NULL);
    return 0;
}

/* What an earlier daemon said of it is not true any more. */
static int take_back_words(struct served *v, struct domo_err *err)
{
    char path[STORE_PATH_MAX];
    struct dev_paths paths;

    dev_paths(v->d, &paths);
    dev_join(path, paths.back, "hotplug-error");
    return store_rm(v->all->host, 0, path, err) || say(v, "hotplug-status", "", err) ? -1 : 0;
}

static int begin_plug(struct served *v, enum serve_seen seen, int64_t now_ms, struct domo_err *err)
{
    if (load(v, err) || (seen == SERVE_SEEN_REFUSED && take_back_words(v, err)))
        return -1;
    v->stand = SERVE_PLUGGING;
    v->began = now_ms;
    return 0;
}

int served_step(struct served *v, int64_t now_ms, int64_t *deadline_ms, enum plan_wait *ret, struct domo_err *err)
{
    enum serve_seen seen;

    *ret = PLAN_DONE;
    if (see(v, 0, &seen, err))
        return -1;
    switch (serve_decide(v->stand, seen)) {
    case SERVE_NOTHING:
        /* The back end has it open by now: others need not be kept off any more. */
        if (v->stand == SERVE_ON && v->d->has_claim)
            vbd_drop_claim(v->d);
        return 0;
    case SERVE_FORGET:
        *ret = PLAN_FAILED;
        return 0;
    case SERVE_ADOPT:
        return adopt(v, err);
    case SERVE_PLUG:
        if (begin_plug(v, seen, now_ms, err))
            return -1;
        *ret = plug(v, now_ms, deadline_ms);
        return 0;
    case SERVE_UNPLUG:
        return begin_unplug(v, now_ms, err) ? -1 : unplug(v, now_ms, deadline_ms, ret, err);
    case SERVE_GO_ON:
        break;
    }
    if (v->stand == SERVE_UNPLUGGING)
        return unplug(v, now_ms, deadline_ms, ret, err);
    *ret = plug(v, now_ms, deadline_ms);
    return 0;
}
