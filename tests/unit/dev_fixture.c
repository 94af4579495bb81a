/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dev_fixture.h"

#include <stdlib.h>

#include "unit.h"

int fixture_setup(void **state)
{
    struct fixture *x = fake_need(calloc(1, sizeof *x));

    x->f = fake_new();
    x->op.host = &x->f->host;
    fake_add_guest(x->f, GUEST_DOMID, "web", 7);
    fake_add_file(x->f, "/srv/web.img", 1001);
    fake_add_block(x->f, "/dev/vg/web", 253, 17);
    fake_add_bridge(x->f, "xenbr0", 1500);
    fixture_new_set(x);
    *state = x;
    return 0;
}

int fixture_teardown(void **state)
{
    struct fixture *x = *state;

    x->set = devset_free(x->set);
    x->f = fake_free(x->f);
    free(x);
    return 0;
}

void fixture_new_set(struct fixture *x)
{
    const struct dev_guest guest = {
        .domid = GUEST_DOMID, .name = "web", .uuid_text = GUEST_UUID, .is_pv = true, .protocol = "x86_64-abi"};

    (void)devset_free(x->set);
    x->set = devset_new(&x->f->host, &guest, &DEV_TIMEOUTS_DEFAULT);
    x->is_prepared = x->is_written = false;
    err_clear(&x->err);
    assert_non_null(x->set);
}

int fixture_add_disk(struct fixture *x, const char *text)
{
    const struct conf_pos at = {.line = 1, .column = 1, .length = 1};
    struct disk_spec spec = {.target = NULL};
    struct diags diags;
    int r;

    diags_init(&diags);
    assert_int_equal(disk_spec_parse(text, at, &diags, &spec), 0);
    diags_fini(&diags);
    r = devset_add_disk(x->set, &spec, &x->err);
    disk_spec_fini(&spec);
    return r;
}

int fixture_add_vif(struct fixture *x, const char *text)
{
    const struct conf_pos at = {.line = 1, .column = 1, .length = 1};
    struct vif_spec spec = {.bridge = NULL};
    struct diags diags;
    int r;

    diags_init(&diags);
    assert_int_equal(vif_spec_parse(text, at, &diags, &spec), 0);
    diags_fini(&diags);
    r = devset_add_vif(x->set, &spec, &x->err);
    vif_spec_fini(&spec);
    return r;
}

int fixture_add_spec(struct fixture *x, const struct dev_grammar *g, const char *text)
{
    const struct conf_pos at = {.line = 1, .column = 1, .length = 1};
    struct dev_spec spec;
    struct diags diags;
    int r;

    diags_init(&diags);
    assert_int_equal(dev_spec_parse(g, text, at, &diags, &spec), 0);
    diags_fini(&diags);
    r = devset_add_spec(x->set, &spec, &x->err);
    dev_spec_fini(&spec);
    return r;
}

enum plan_wait fixture_backends(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_backends_wait(((struct fixture *)op)->set, op, now_ms, ret_deadline_ms, err);
}

enum plan_wait fixture_connected(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_connected_wait(((struct fixture *)op)->set, op, now_ms, ret_deadline_ms, err);
}

enum plan_wait fixture_closed(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_closed_wait(((struct fixture *)op)->set, op, now_ms, ret_deadline_ms, err);
}

enum plan_wait fixture_released(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_release_wait(((struct fixture *)op)->set, op, now_ms, ret_deadline_ms, err);
}

int fixture_wait(struct fixture *x, plan_wait_fn wait)
{
    return plan_drive(&x->op, wait, &x->err);
}

struct part {
    struct devset *set;
    bool first;
};

static int body_write(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    const struct part *part = arg;

    (void)h;
    return devset_write(part->set, t, part->first, err);
}

static int body_remove(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    (void)h;
    return devset_remove_nodes(arg, t, err);
}

int fixture_write(struct fixture *x, bool first_part)
{
    struct part part = {.set = x->set, .first = first_part};

    if (store_transact(&x->f->host, body_write, &part, &x->err))
        return -1;
    x->is_written = true;
    return 0;
}

int fixture_attach(struct fixture *x, bool paused)
{
    x->is_prepared = true;
    if (devset_prepare(x->set, &x->err) || fixture_write(x, true) || devset_watch(x->set, &x->err) ||
        fixture_wait(x, fixture_backends))
        return -1;
    if (!paused && fixture_wait(x, fixture_connected))
        return -1;
    return devset_unwatch(x->set, &x->err);
}

static int drive_quietly(struct fixture *x, plan_wait_fn wait)
{
    struct domo_err e = DOMO_ERR_INIT;

    return plan_drive(&x->op, wait, &e);
}

int fixture_unwind(struct fixture *x)
{
    int r = 0;

    if (x->is_written) {
        r |= devset_close(x->set, DEV_CLOSE_FORCE, NULL);
        r |= drive_quietly(x, fixture_closed);
        r |= devset_release(x->set, NULL);
        r |= drive_quietly(x, fixture_released);
        r |= store_transact(&x->f->host, body_remove, x->set, NULL);
    }
    r |= devset_unwatch(x->set, NULL);
    if (x->is_prepared)
        r |= devset_unprepare(x->set, NULL);
    return r;
}

int fixture_detach(struct fixture *x, enum dev_close mode)
{
    if (devset_close(x->set, mode, &x->err) || fixture_wait(x, fixture_closed) || devset_release(x->set, &x->err) ||
        fixture_wait(x, fixture_released) || store_transact(&x->f->host, body_remove, x->set, &x->err))
        return -1;
    return devset_unwatch(x->set, &x->err);
}

const char *fixture_fact(const struct fixture *x, const char *name)
{
    const char *at = NULL, *value = "";

    while ((at = err_next_fact(&x->err, at, &value))) {
        if (str_eq(at, name))
            return value;
    }
    return "";
}
