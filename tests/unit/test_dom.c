/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: creating, destroying, attaching and detaching are all or nothing. Each call to the host is made to fail in
 * turn: the world is then as it was before, or (destroying, detaching) a second try finishes it. Nothing that is asked
 * of the store grows with the number of guests.
 */
#include "unit.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "dev/uuid_text.h"
#include "dom/create.h"
#include "dom/destroy.h"
#include "dom/hotplug.h"
#include "dom/known.h"
#include "dom/name_lock.h"
#include "dom/names.h"
#include "dom/query.h"
#include "dom/sweep.h"
#include "dom/userdata.h"
#include "fake_host.h"

struct world {
    struct fake *f;
    char dir[64], kernel[96];
    int (*introduce)(struct host *, uint32_t, uint64_t, uint32_t, struct domo_err *);
    struct store_ops store;
    unsigned guests; /* made so far: the fake's chance always gives the same UUID */
};

static struct world *the_world;

/* The console's daemon answers an introduction with a tty, as xenconsoled does. */
static int introduce(struct host *h, uint32_t domid, uint64_t gfn, uint32_t evtchn, struct domo_err *err)
{
    char path[64];

    if (the_world->introduce(h, domid, gfn, evtchn, err))
        return -1;
    (void)snprintf(path, sizeof path, "/local/domain/%u/console/tty", domid);
    fake_write(fake_of(h), path, "/dev/pts/7");
    return 0;
}

static int setup(void **state)
{
    /* The head of an ELF file is all that the loader looks at. */
    static const char elf[64] = "\177ELF\2\1\1";
    struct world *w = fake_need(calloc(1, sizeof *w));
    struct host_paths *p;

    (void)snprintf(w->dir, sizeof w->dir, "/tmp/domo-dom-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    (void)snprintf(w->kernel, sizeof w->kernel, "%s/vmlinux", w->dir);
    assert_int_equal(fs_write_atomic(w->kernel, elf, sizeof elf, 0600, false), 0);
    w->f = fake_new();
    p = &w->f->host.paths;
    (void)snprintf(p->userdata, sizeof p->userdata, "%s/xen", w->dir);
    (void)snprintf(p->run, sizeof p->run, "%s/run", w->dir);
    (void)snprintf(p->own_run, sizeof p->own_run, "%s/domo", w->dir);
    (void)snprintf(p->cache, sizeof p->cache, "%s/cache", w->dir);
    fake_add_file(w->f, "/srv/web.img", 1001);
    fake_add_file(w->f, "/srv/data.img", 1002);
    fake_add_bridge(w->f, "xenbr0", 1500);
    w->store = *w->f->host.store;
    w->introduce = w->store.introduce;
    w->store.introduce = introduce;
    w->f->host.store = &w->store;
    the_world = w;
    *state = w;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static int teardown(void **state)
{
    struct world *w = *state;

    w->f = fake_free(w->f);
    (void)nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(w);
    return 0;
}

/* ---- what is done to the world ---- */

static int create_typed(struct world *w, const char *type, const char *name, bool with_devices, struct json **ret,
                        struct domo_err *err)
{
    const struct create_options opt = {.no_cache = true};
    struct spec_load load = {.overrides = NULL};
    char *AUTO_FREE text = str_format(
        "name='%s'\ntype='%s'\nkernel='%s'\nmemory=8\nuuid='11111111-2222-4333-8444-%012u'\n%s", name, type, w->kernel,
        ++w->guests,
        with_devices ? "disk=['/srv/web.img,raw,xvda,rw']\nvif=['bridge=xenbr0,mac=00:16:3e:00:00:02']\n" : "");
    struct spec *spec = NULL;
    struct diags d;
    int r;

    diags_init(&d);
    assert_int_equal(spec_parse("test.cfg", text, &load, &d, &spec, err), 0);
    diags_fini(&d);
    r = create_run(&w->f->host, spec, &opt, ret, err);
    (void)spec_free(spec);
    return r;
}

static int create(struct world *w, const char *name, bool with_devices, struct json **ret, struct domo_err *err)
{
    return create_typed(w, "pv", name, with_devices, ret, err);
}

static int destroy(struct world *w, uint32_t domid, struct domo_err *err)
{
    const struct destroy_options opt = {.close_timeout_ms = 0};
    struct json *AUTO_JSON result = NULL;

    return destroy_run(&w->f->host, domid, &opt, &result, err);
}

static int attach(struct world *w, uint32_t domid, struct domo_err *err)
{
    const struct conf_pos at = {.line = 1, .column = 1, .length = 1};
    const struct hotplug_options opt = {.no_wait = false};
    struct disk_spec disk = {.target = NULL};
    const struct hotplug_device what = {.disk = &disk};
    struct json *AUTO_JSON row = NULL;
    struct diags d;
    int r;

    diags_init(&d);
    assert_int_equal(disk_spec_parse("/srv/data.img,raw,xvdb,rw", at, &d, &disk), 0);
    diags_fini(&d);
    r = hotplug_attach(&w->f->host, domid, &what, &opt, &row, err);
    disk_spec_fini(&disk);
    return r;
}

static int detach(struct world *w, uint32_t domid, bool force, struct domo_err *err)
{
    const struct hotplug_options opt = {.force = force};
    struct json *AUTO_JSON row = NULL;

    return hotplug_detach(&w->f->host, domid, "vbd", "xvdb", &opt, &row, err);
}

static uint32_t only_guest(const struct world *w)
{
    assert_int_equal(w->f->domains.len, 2);
    return w->f->domains.at[1].info.domid;
}

/* Domains and files of state, beside what the fake itself dumps. */
static char *dump(const struct world *w)
{
    struct host *h = &w->f->host;
    char *world, *line, *save = NULL;
    struct str s = STR_INIT;

    /* The kernel finishes what it has begun. */
    IGNORE(h->env->wait(h, NULL, 0, w->f->now_ms + 5000, NULL) < 0);
    world = fake_world(w->f);

    /* A watch that could not be taken back goes with its connection: it is not part of the world. */
    for (line = strtok_r(world, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        if (!str_starts(line, "watch "))
            str_addf(&s, "%s\n", line);
    free(world);
    for (size_t i = 0; i < w->f->domains.len; i++)
        str_addf(&s, "domain %u\n", w->f->domains.at[i].info.domid);
    return str_steal(&s);
}

static int count_files(void *arg, const char *path, uint32_t domid, const char *uuid)
{
    (void)path;
    (void)domid;
    (void)uuid;
    ++*(int *)arg;
    return 0;
}

/* The roots that the first guest of a host leaves ("/vm", "/libxl") are made before worlds are compared. */
static void warm_up(struct world *w)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON result = NULL;

    assert_int_equal(create(w, "warm", true, &result, &err), 0);
    assert_int_equal(destroy(w, only_guest(w), &err), 0);
    w->f->host.stats = (struct host_stats){.forks = 0};
}

/* ---- tests ---- */

/* Whether there can be HVM guests is the host's word, and it is asked before anything is touched. */
static void test_hvm_is_refused_where_there_is_none(void **state)
{
    struct world *w = *state;
    const struct create_options opt = {.no_cache = true};
    char *AUTO_FREE before = dump(w), *AUTO_FREE after = NULL;
    struct json *AUTO_JSON result = NULL;
    struct domo_err err = DOMO_ERR_INIT;
    struct spec *spec = NULL;
    struct diags d;

    diags_init(&d);
    assert_int_equal(spec_parse("t", "name='h'\ntype='hvm'\nmemory=8\n", NULL, &d, &spec, &err), 0);
    diags_fini(&d);
    assert_int_equal(create_run(&w->f->host, spec, &opt, &result, &err), -1);
    assert_int_equal(err.code, DOMO_E_UNSUPPORTED);
    (void)json_free(result);
    result = NULL;
    assert_int_equal(create_preview(&w->f->host, spec, &opt, &result, &err), -1);
    (void)spec_free(spec);
    after = dump(w);
    assert_string_equal(before, after);
}

/* The value at "root/domid/rest", NULL if there is none. */
static char *value(const struct world *w, const char *root, uint32_t domid, const char *rest)
{
    char *AUTO_FREE path = str_format("%s/%u/%s", root, domid, rest), *text = NULL;

    assert_int_equal(store_read_opt(&w->f->host, 0, path, &text, NULL), 0);
    return text;
}

/* A PVH guest is made in the same steps as a PV guest and differs where stock tools look for it; it goes as a whole. */
static void test_pvh(void **state)
{
    struct world *w = *state;
    char *AUTO_FREE before = NULL, *AUTO_FREE after = NULL, *AUTO_FREE type = NULL, *AUTO_FREE protocol = NULL;
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON result = NULL, *AUTO_JSON pv = NULL;
    uint32_t domid;

    warm_up(w);
    before = dump(w);
    assert_int_equal(create(w, "pv", true, &pv, &err), 0);
    assert_int_equal(destroy(w, only_guest(w), &err), 0);
    w->f->has_hvm = false;
    assert_int_equal(create_typed(w, "pvh", "web", true, &result, &err), -1);
    assert_int_equal(err.code, DOMO_E_UNSUPPORTED);
    w->f->has_hvm = true;
    assert_int_equal(create_typed(w, "pvh", "web", true, &result, &err), 0);
    assert_int_equal(json_len(json_get(result, "devices")), 3);
    assert_int_equal(json_len(json_get(result, "timing")), json_len(json_get(pv, "timing")));
    domid = only_guest(w);
    assert_true(w->f->domains.at[1].info.is_hvm);
    type = value(w, "/libxl", domid, "type");
    assert_string_equal(type, "pvh");
    protocol = value(w, "/local/domain", domid, "device/vbd/51712/protocol");
    assert_null(protocol);
    assert_int_equal(destroy(w, domid, &err), 0);
    after = dump(w);
    assert_string_equal(before, after);
}

static void test_create_and_destroy(void **state)
{
    struct world *w = *state;
    char *AUTO_FREE before = NULL, *AUTO_FREE after = NULL;
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON result = NULL;

    warm_up(w);
    before = dump(w);
    assert_int_equal(create(w, "web", true, &result, &err), 0);
    assert_int_equal(json_get_int(result, "domid", -1), only_guest(w));
    assert_string_equal(json_get_str(result, "console", ""), "/dev/pts/7");
    assert_int_equal(json_len(json_get(result, "devices")), 3);
    assert_false(w->f->domains.at[1].info.is_paused);
    /* Two transactions, as promised. */
    assert_int_equal(w->f->host.stats.store_commits, 2);
    assert_int_equal(w->f->host.stats.forks, 0);
    assert_int_equal(destroy(w, only_guest(w), &err), 0);
    after = dump(w);
    assert_string_equal(after, before);
}

static void test_create_fails_at_each_call(void **state)
{
    struct world *w = *state;
    uint64_t k;

    warm_up(w);
    w->f->failing_done = true;
    for (k = 1; w->f->failing_done; k++) {
        char *AUTO_FREE before = dump(w), *AUTO_FREE after = NULL;
        struct domo_err err = DOMO_ERR_INIT;
        struct json *AUTO_JSON result = NULL;
        int r, files = 0;

        w->f->calls = 0;
        w->f->fail_call = k;
        w->f->failing_done = false;
        r = create(w, "web", true, &result, &err);
        w->f->fail_call = 0;
        if (w->f->domains.len > 1) {
            /* After the unpause the guest stands, whatever happens to the wait. */
            assert_true(r == 0 || json_get(result, "domid"));
            assert_int_equal(destroy(w, only_guest(w), &err), 0);
        } else {
            assert_int_equal(r, -1);
            assert_true(err.msg[0] && err.ctx[0]);
        }
        after = dump(w);
        if (strcmp(after, before) != 0)
            fail_msg("call %d leaves something:\n%s\n--- before:\n%s", (int)k, after, before);
        assert_int_equal(userdata_each(&w->f->host, count_files, &files, &err), 0);
        assert_int_equal(files, 0);
    }
    assert_true(k > 150);
}

static void test_destroy_fails_at_each_call_and_is_finished_by_the_next(void **state)
{
    struct world *w = *state;
    char *AUTO_FREE before = NULL;
    uint64_t k;

    warm_up(w);
    before = dump(w);
    w->f->failing_done = true;
    for (k = 1; w->f->failing_done; k++) {
        char *AUTO_FREE after = NULL;
        struct domo_err err = DOMO_ERR_INIT;
        struct json *AUTO_JSON result = NULL, *AUTO_JSON rows = NULL;

        assert_int_equal(create(w, "web", true, &result, &err), 0);
        w->f->calls = 0;
        w->f->fail_call = k;
        w->f->failing_done = false;
        (void)!destroy(w, only_guest(w), &err);
        w->f->fail_call = 0;
        if (w->f->domains.len > 1)
            assert_int_equal(destroy(w, only_guest(w), &err), 0);
        /* What the failed one could not give back is a sweep's. */
        assert_int_equal(sweep_run(&w->f->host, true, &rows, &err), 0);
        after = dump(w);
        if (strcmp(after, before) != 0)
            fail_msg("call %d leaves something:\n%s\n--- before:\n%s", (int)k, after, before);
    }
    assert_true(k > 50);
}

static void test_attach_fails_at_each_call(void **state)
{
    struct world *w = *state;
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON result = NULL;
    char *AUTO_FREE before = NULL;
    uint32_t domid;
    uint64_t k;

    assert_int_equal(create(w, "web", true, &result, &err), 0);
    domid = only_guest(w);
    before = dump(w);
    w->f->failing_done = true;
    for (k = 1; w->f->failing_done; k++) {
        char *AUTO_FREE after = NULL;

        w->f->calls = 0;
        w->f->fail_call = k;
        w->f->failing_done = false;
        if (attach(w, domid, &err) == 0) {
            w->f->fail_call = 0;
            assert_int_equal(detach(w, domid, false, &err), 0);
        }
        w->f->fail_call = 0;
        after = dump(w);
        if (strcmp(after, before) != 0)
            fail_msg("call %d leaves something:\n%s\n--- before:\n%s", (int)k, after, before);
    }
    assert_true(k > 60);
}

static void test_a_guest_that_does_not_answer_gets_nothing(void **state)
{
    struct world *w = *state;
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON result = NULL;
    char *AUTO_FREE before = NULL, *AUTO_FREE after = NULL;

    assert_int_equal(create(w, "web", true, &result, &err), 0);
    before = dump(w);
    w->f->kernel.front_absent = true;
    assert_int_equal(attach(w, only_guest(w), &err), -1);
    assert_int_equal(err.code, DOMO_E_DEVICE_GUEST_TIMEOUT);
    after = dump(w);
    assert_string_equal(after, before);
}

static void test_a_guest_that_keeps_its_disk(void **state)
{
    struct world *w = *state;
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON result = NULL;
    char *AUTO_FREE before = NULL, *AUTO_FREE after = NULL;

    assert_int_equal(create(w, "web", true, &result, &err), 0);
    assert_int_equal(attach(w, only_guest(w), &err), 0);
    before = dump(w);
    w->f->kernel.front_keeps = true;
    assert_int_equal(detach(w, only_guest(w), false, &err), -1);
    assert_int_equal(err.code, DOMO_E_DEVICE_IN_USE);
    after = dump(w);
    assert_string_equal(after, before);
    assert_int_equal(detach(w, only_guest(w), true, &err), 0);
}

/* Two commands that begin at the same moment see nothing of each other in the store: the second waits for the lock. */
static void test_one_creation_of_a_name_at_a_time(void **state)
{
    struct world *w = *state;
    struct name_lock lock = NAME_LOCK_INIT;
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON other = NULL, *AUTO_JSON same = NULL;
    char *AUTO_FREE before = NULL, *AUTO_FREE after = NULL;

    assert_int_equal(name_lock(&w->f->host, "web", &lock, &err), 0);
    before = dump(w);
    assert_int_equal(create(w, "web", false, &same, &err), -1);
    assert_int_equal(err.code, DOMO_E_DOMAIN_BUSY);
    after = dump(w);
    assert_string_equal(after, before);
    assert_int_equal(create(w, "mail", false, &other, &err), 0);
    name_unlock(&lock);
    assert_int_equal(create(w, "web", false, &same, &err), 0);
}

static void test_one_creation_of_a_uuid_at_a_time(void **state)
{
    struct world *w = *state;
    struct name_lock lock = NAME_LOCK_INIT;
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON first = NULL, *AUTO_JSON second = NULL;
    char *AUTO_FREE before = NULL, *AUTO_FREE after = NULL;
    uint8_t uuid[HOST_UUID_LEN];

    assert_true(uuid_from_text("11111111-2222-4333-8444-000000000001", uuid));
    assert_int_equal(uuid_lock(&w->f->host, uuid, &lock, &err), 0);
    before = dump(w);
    assert_int_equal(create(w, "web", false, &first, &err), -1);
    assert_int_equal(err.code, DOMO_E_DOMAIN_BUSY);
    after = dump(w);
    assert_string_equal(after, before);
    name_unlock(&lock);
    /* Let go as soon as the hypervisor knows the domain; from then on that is what keeps others out. */
    w->guests = 0;
    assert_int_equal(create(w, "web", false, &first, &err), 0);
    w->guests = 0;
    assert_int_equal(create(w, "mail", false, &second, &err), -1);
    assert_int_equal(err.code, DOMO_E_DOMAIN_EXISTS);
    /* One that is dying keeps nobody out: its memory is all that is left of it. */
    for (size_t i = 0; i < w->f->domains.len; i++)
        if (memcmp(w->f->domains.at[i].info.uuid, uuid, sizeof uuid) == 0)
            w->f->domains.at[i].info.is_dying = true;
    w->guests = 0;
    err_clear(&err);
    if (create(w, "mail", false, &second, &err))
        fail_msg("%s", err.msg);
}

static void test_locks_of_the_killed_go(void **state)
{
    struct world *w = *state;
    struct name_lock held = NAME_LOCK_INIT, left = NAME_LOCK_INIT;
    struct domo_err err = DOMO_ERR_INIT;

    assert_int_equal(name_lock(&w->f->host, "held", &held, &err), 0);
    assert_int_equal(name_lock(&w->f->host, "left", &left, &err), 0);
    (void)close(left.fd);
    assert_int_equal(names_prune(&w->f->host, &err), 0);
    assert_int_equal(access(held.path, F_OK), 0);
    assert_int_equal(access(left.path, F_OK), -1);
    left.fd = -1;
    name_unlock(&left);
    name_unlock(&held);
}

/* What the index says it has seen is what decides whose names are read. */
static void test_known_domains(void **state)
{
    struct world *w = *state;
    struct host *h = &w->f->host;
    struct hyp_info a = {.domid = 7}, b = {.domid = 7, .uuid = {1}}, zero = {.domid = 0};
    struct domo_err err = DOMO_ERR_INIT;
    struct known k;

    assert_int_equal(names_prune(h, &err), 0); /* no file yet */
    names_remember(h, "b", b.domid, b.uuid);
    known_load(h, &k);
    assert_true(known_has(&k, &b));
    assert_false(known_has(&k, &a) || known_has(&k, &zero));
    known_fini(&k);
    assert_int_equal(known_drop(h, a.domid, a.uuid), 0); /* another one */
    known_load(h, &k);
    assert_true(known_has(&k, &b));
    known_fini(&k);
    assert_int_equal(known_add(h, zero.domid, zero.uuid), 0);
    assert_int_equal(known_prune(h, &zero, 1), 0);
    known_load(h, &k);
    assert_true(known_has(&k, &zero));
    assert_false(known_has(&k, &b));
    known_fini(&k);
    assert_int_equal(known_drop(h, zero.domid, zero.uuid), 0);
    known_load(h, &k);
    assert_false(known_has(&k, &zero));
    known_fini(&k);
    assert_int_equal(known_add(h, HOST_DOMID_SELF_MAX, b.uuid), -EINVAL);
}

static void test_names(void **state)
{
    struct world *w = *state;
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON result = NULL;
    struct hyp_info d;
    char path[64];

    assert_int_equal(create(w, "web", false, &result, &err), 0);
    assert_int_equal(names_resolve(&w->f->host, "web", &d, &err), 0);
    assert_int_equal(d.domid, only_guest(w));
    assert_int_equal(names_resolve(&w->f->host, json_get_str(result, "uuid", ""), &d, &err), 0);
    assert_int_equal(names_resolve(&w->f->host, "wab", &d, &err), -1);
    assert_int_equal(err.code, DOMO_E_DOMAIN_NOT_FOUND);
    assert_non_null(strstr(err.hint, "web"));
    result = json_free(result);
    assert_int_equal(create(w, "web", false, &result, &err), -1);
    assert_int_equal(err.code, DOMO_E_DOMAIN_EXISTS);
    /* Another tool renames it: the new name is found, the old one is not. */
    (void)snprintf(path, sizeof path, "/local/domain/%u/name", only_guest(w));
    fake_write(w->f, path, "other");
    assert_int_equal(names_resolve(&w->f->host, "other", &d, &err), 0);
    assert_int_equal(names_resolve(&w->f->host, "web", &d, &err), -1);
}

/* Somebody else gets the name while our transaction is open: it sees nothing of that, and must not spoil the index for
 * the next try, which has to find the winner. */
static void test_an_old_snapshot_spoils_nothing(void **state)
{
    struct world *w = *state;
    struct host *h = &w->f->host;
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON result = NULL;
    store_txn txn;
    char path[64];

    assert_int_equal(create(w, "web", false, &result, &err), 0);
    (void)snprintf(path, sizeof path, "/local/domain/%u/name", only_guest(w));
    fake_rm(w->f, path);
    assert_int_equal(store_begin(h, &txn, &err), 0);
    fake_write(w->f, path, "web");
    assert_int_equal(names_check_free(h, txn, "web", 999, &err), 0);
    assert_int_equal(store_end(h, txn, false, &err), 0);
    assert_int_equal(store_begin(h, &txn, &err), 0);
    assert_int_equal(names_check_free(h, txn, "web", 999, &err), -1);
    assert_int_equal(err.code, DOMO_E_DOMAIN_EXISTS);
    assert_int_equal(store_end(h, txn, false, &err), 0);
}

static void test_a_lost_race_is_run_again(void **state)
{
    struct world *w = *state;
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON result = NULL;

    w->f->conflicts = 3;
    assert_int_equal(create(w, "web", true, &result, &err), 0);
    assert_int_equal(w->f->host.stats.store_conflicts, 3);
    assert_int_equal(w->f->host.stats.store_commits, 2);
}

static uint64_t requests_of_create(struct world *w, const char *name)
{
    uint64_t before = w->f->host.stats.store_requests;
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON result = NULL;

    if (create(w, name, false, &result, &err))
        fail_msg("%s: %s: %s", name, err.ctx, err.msg);
    return w->f->host.stats.store_requests - before;
}

static void test_requests_do_not_grow_with_guests(void **state)
{
    struct world *w = *state;
    uint64_t first, last = 0;
    char name[16];

    /* The first creation gets to know domain 0. */
    (void)requests_of_create(w, "warm");
    first = requests_of_create(w, "first");
    for (int i = 0; i < 50; i++) {
        (void)snprintf(name, sizeof name, "guest%d", i);
        last = requests_of_create(w, name);
    }
    assert_int_equal(last, first);
}

static void test_domid_history(void **state)
{
    struct world *w = *state;
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON result = NULL;
    bool recent = false;
    uint32_t domid;

    assert_int_equal(create(w, "web", false, &result, &err), 0);
    domid = only_guest(w);
    assert_int_equal(destroy(w, domid, &err), 0);
    assert_int_equal(domid_is_recent(&w->f->host, domid, &recent, &err), 0);
    assert_true(recent);
    w->f->now_ms += 61000;
    assert_int_equal(domid_is_recent(&w->f->host, domid, &recent, &err), 0);
    assert_false(recent);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_create_and_destroy),
        TEST(test_hvm_is_refused_where_there_is_none),
        TEST(test_pvh),
        TEST(test_create_fails_at_each_call),
        TEST(test_destroy_fails_at_each_call_and_is_finished_by_the_next),
        TEST(test_attach_fails_at_each_call),
        TEST(test_a_guest_that_does_not_answer_gets_nothing),
        TEST(test_a_guest_that_keeps_its_disk),
        TEST(test_one_creation_of_a_name_at_a_time),
        TEST(test_one_creation_of_a_uuid_at_a_time),
        TEST(test_locks_of_the_killed_go),
        TEST(test_known_domains),
        TEST(test_names),
        TEST(test_an_old_snapshot_spoils_nothing),
        TEST(test_a_lost_race_is_run_again),
        TEST(test_requests_do_not_grow_with_guests),
        TEST(test_domid_history),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
