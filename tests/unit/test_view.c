/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: the store is shown as it is, whatever bytes and depths guests made;
 * what is changed by one call is changed as a whole or not at all; a watch ends
 * by its count, its time or a wish, and by nothing else.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>

#include "dom/view.h"
#include "fake_host.h"

#define ARRAY(...)                                                                                                     \
    (const char *[])                                                                                                   \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }

struct world {
    struct fake *f;
    struct host *h;
    struct domo_err err;
    struct json *j;
};

static struct world *world_of(void **state)
{
    return *state;
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    w->f = fake_new();
    w->h = &w->f->host;
    fake_write(w->f, "/a", "");
    fake_write(w->f, "/a/c", "3");
    fake_write(w->f, "/a/b", "");
    fake_write(w->f, "/a/b/x", "1\n");
    fake_write(w->f, "/a/b-c", "2");
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    (void)json_free(w->j);
    (void)fake_free(w->f);
    free(w);
    return 0;
}

static void ok(struct world *w, int r)
{
    if (r)
        fail_msg("%s: %s", err_id(w->err.code), w->err.msg);
}

static void refused(struct world *w, int r, enum domo_code code)
{
    assert_int_equal(r, -1);
    assert_string_equal(err_id(w->err.code), err_id(code));
    assert_null(w->j);
    err_clear(&w->err);
}

/* "path depth value" of each row, or "paths" of a change, on one line. */
static const char *told(struct world *w)
{
    static char text[4096];
    const struct json *paths = json_get(w->j, "paths"), *list = paths ? paths : w->j;

    text[0] = '\0';
    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *row = json_at(list, i, NULL);
        size_t n = strlen(text);

        if (paths)
            (void)snprintf(text + n, sizeof text - n, "%s%s", i ? " " : "", json_str(row, "?"));
        else
            (void)snprintf(text + n, sizeof text - n, "%s%s %d %s", i ? "; " : "", json_get_str(row, "path", "?"),
                           (int)json_get_int(row, "depth", -1), json_get_str(row, "value", "-"));
    }
    w->j = json_free(w->j);
    return text;
}

/* ---- paths ---- */

static void paths_are_checked_before_the_server_is_asked(void **state)
{
    static const char *const bad[] = {"", "/a/", "//", "/a//b", "/a b", "/a:b", "/\xc3\xa9", "/a\n", "@releaseDomain"};
    static const char *const good[] = {"/", "/a", "a", "device/vif/0", "/a-b_c@d/9"};
    struct world *w = world_of(state);
    char *AUTO_FREE text = NULL;
    uint64_t calls = w->f->calls;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        refused(w, view_read(w->h, 0, bad[i], &text, NULL, &w->err), DOMO_E_STORE_BAD_PATH);
    assert_int_equal(w->f->calls, calls);
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        ok(w, view_check_path(good[i], false, &w->err));
    ok(w, view_check_path("@releaseDomain", true, &w->err));
}

static void paths_end_at_the_limits_of_the_server(void **state)
{
    struct world *w = world_of(state);
    char path[VIEW_PATH_MAX + 2];

    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[VIEW_RELATIVE_MAX] = '\0';
    ok(w, view_check_path(path, false, &w->err));
    path[VIEW_RELATIVE_MAX] = 'a';
    path[VIEW_RELATIVE_MAX + 1] = '\0';
    refused(w, view_check_path(path, false, &w->err), DOMO_E_STORE_BAD_PATH);
    /* A domain's home does not count. */
    memcpy(path, "/local/domain/12/", 17);
    path[VIEW_RELATIVE_MAX + 1] = 'a';
    path[17 + VIEW_RELATIVE_MAX] = '\0';
    ok(w, view_check_path(path, false, &w->err));
    path[17 + VIEW_RELATIVE_MAX] = 'a';
    path[17 + VIEW_RELATIVE_MAX + 1] = '\0';
    refused(w, view_check_path(path, false, &w->err), DOMO_E_STORE_BAD_PATH);
    /* Without a number it is no home. */
    memcpy(path, "/local/domain/xx/", 17);
    path[17 + VIEW_RELATIVE_MAX] = '\0';
    refused(w, view_check_path(path, false, &w->err), DOMO_E_STORE_BAD_PATH);
}

static void a_missing_node_names_the_nearest_one(void **state)
{
    struct world *w = world_of(state);

    assert_int_equal(view_walk(w->h, 0, "/a/b/y/z", 0, 0, &w->j, &w->err), -1);
    assert_string_equal(w->err.msg, "there is no node '/a/b/y/z'");
    assert_string_equal(w->err.hint, "the nearest node above it is '/a/b'");
    refused(w, -1, DOMO_E_STORE_NOT_FOUND);
}

/* ---- looking ---- */

static void a_walk_is_in_the_order_of_the_tree(void **state)
{
    struct world *w = world_of(state);

    ok(w, view_walk(w->h, 0, "/a", VIEW_VALUES, UINT32_MAX, &w->j, &w->err));
    assert_string_equal(told(w), "/a 0 ; /a/b 1 ; /a/b/x 2 1\n; /a/b-c 1 2; /a/c 1 3");
    ok(w, view_walk(w->h, 0, "/a", VIEW_VALUES | VIEW_BELOW, 1, &w->j, &w->err));
    assert_string_equal(told(w), "/a/b 1 ; /a/b-c 1 2; /a/c 1 3");
    ok(w, view_walk(w->h, 0, "/a/c", VIEW_VALUES, UINT32_MAX, &w->j, &w->err));
    assert_string_equal(told(w), "/a/c 0 3");
    ok(w, view_walk(w->h, 0, "/a/c", VIEW_BELOW, UINT32_MAX, &w->j, &w->err));
    assert_string_equal(told(w), "");
}

static void names_cost_one_request(void **state)
{
    struct world *w = world_of(state);
    uint64_t calls = w->f->calls;

    ok(w, view_walk(w->h, 0, "/a", VIEW_BELOW, 1, &w->j, &w->err));
    assert_int_equal(w->f->calls - calls, 1);
    assert_string_equal(told(w), "/a/b 1 -; /a/b-c 1 -; /a/c 1 -");
}

static void values_are_text_or_bytes(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *text, *hex;
    } cases[] = {
        {"", 0, "", NULL},
        {"caf\xc3\xa9", 5, "caf\xc3\xa9", NULL},
        {"a\tb\x01", 4, "a\tb\x01", NULL},
        {"a\0b", 3, NULL, "610062"},
        {"a\0", 2, NULL, "6100"},
        {"\xff\x0a", 2, NULL, "ff0a"},
        {"\xc3", 1, NULL, "c3"},
        {"\xed\xa0\x80", 3, NULL, "eda080"},
    };
    struct world *w = world_of(state);

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct view_write write = {"/v", cases[i].bytes, cases[i].n};
        char *AUTO_FREE bytes = NULL;
        size_t n = 99;

        ok(w, view_write(w->h, &write, 1, &w->j, &w->err));
        assert_string_equal(told(w), "/v");
        ok(w, view_read(w->h, 0, "/v", &bytes, &n, &w->err));
        assert_int_equal(n, cases[i].n);
        assert_memory_equal(bytes, cases[i].bytes, n + 1);
        ok(w, view_walk(w->h, 0, "/v", VIEW_VALUES, 0, &w->j, &w->err));
        assert_string_equal(json_get_str(json_at(w->j, 0, NULL), "value", "-"), cases[i].text ? cases[i].text : "-");
        assert_string_equal(json_get_str(json_at(w->j, 0, NULL), "value_hex", "-"), cases[i].hex ? cases[i].hex : "-");
        w->j = json_free(w->j);
    }
}

static void permissions_are_told_twice(void **state)
{
    struct world *w = world_of(state);
    char *AUTO_FREE text = NULL;

    ok(w, view_set_perms(w->h, "/a/c", ARRAY("r3", "b5", "n7"), 3, false, &w->j, &w->err));
    assert_string_equal(told(w), "/a/c");
    ok(w, view_walk(w->h, 0, "/a/c", VIEW_PERMS, 0, &w->j, &w->err));
    text = json_print(json_get(json_at(w->j, 0, NULL), "perms"), JSON_COMPACT);
    assert_string_equal(text, "{\"owner\":3,\"others\":\"read\",\"domains\":[{\"domid\":5,\"access\":\"both\"},"
                              "{\"domid\":7,\"access\":\"none\"}],\"mode\":\"r3,b5,n7\"}");
}

/* A store in which things happen while it is being walked. */
static struct {
    const char *vanishes, *denied;
} trouble;

static int troubled_list(struct host *h, store_txn t, const char *path, char ***ret, size_t *ret_n,
                         struct domo_err *err)
{
    int r = fake_store_ops.list(h, t, path, ret, ret_n, err);

    if (trouble.vanishes)
        fake_rm((struct fake *)(void *)h, trouble.vanishes);
    return r;
}

static int troubled_read(struct host *h, store_txn t, const char *path, char **ret, size_t *ret_len,
                         struct domo_err *err)
{
    if (trouble.denied && str_eq(path, trouble.denied))
        return err_sys(err, DOMO_E_PERMISSION, EACCES, "denied");
    return fake_store_ops.read(h, t, path, ret, ret_len, err);
}

static void make_trouble(struct world *w, struct store_ops *ops, const char *vanishes, const char *denied)
{
    *ops = fake_store_ops;
    ops->list = troubled_list;
    ops->read = troubled_read;
    w->h->store = ops;
    trouble.vanishes = vanishes;
    trouble.denied = denied;
}

static void what_vanishes_during_a_walk_is_left_out(void **state)
{
    struct world *w = world_of(state);
    struct store_ops ops;

    make_trouble(w, &ops, "/a/b", NULL);
    ok(w, view_walk(w->h, 0, "/a", VIEW_VALUES, UINT32_MAX, &w->j, &w->err));
    assert_string_equal(told(w), "/a 0 ; /a/b-c 1 2; /a/c 1 3");
    /* The same for names, of which nobody asked for the value. */
    fake_write(w->f, "/a/b/x", "1");
    ok(w, view_walk(w->h, 0, "/a", 0, UINT32_MAX, &w->j, &w->err));
    assert_string_equal(told(w), "/a 0 -; /a/b-c 1 -; /a/c 1 -");
}

static void what_may_not_be_read_is_marked(void **state)
{
    struct world *w = world_of(state);
    struct store_ops ops;

    make_trouble(w, &ops, NULL, "/a/b");
    ok(w, view_walk(w->h, 0, "/a", VIEW_VALUES, UINT32_MAX, &w->j, &w->err));
    assert_true(json_get_bool(json_at(w->j, 1, NULL), "denied", false));
    assert_null(json_get(json_at(w->j, 0, NULL), "denied"));
    assert_string_equal(told(w), "/a 0 ; /a/b 1 -; /a/b-c 1 2; /a/c 1 3");
    refused(w, view_walk(w->h, 0, "/a/b", VIEW_VALUES, 0, &w->j, &w->err), DOMO_E_PERMISSION);
}

static void a_deep_tree_is_walked_without_recursion(void **state)
{
    enum { LEVELS = 900 };
    struct world *w = world_of(state);
    char path[2 * LEVELS + 1];
    char *AUTO_FREE text = NULL;

    for (size_t i = 0; i < LEVELS; i++)
        memcpy(path + 2 * i, "/d", 3);
    fake_write(w->f, path, "bottom");
    ok(w, view_walk(w->h, 0, "/d", VIEW_VALUES | VIEW_PERMS, UINT32_MAX, &w->j, &w->err));
    assert_int_equal(json_len(w->j), LEVELS);
    assert_string_equal(json_get_str(json_at(w->j, LEVELS - 1, NULL), "value", ""), "bottom");
    text = json_print(w->j, JSON_PRETTY);
    assert_non_null(text);
}

/* ---- changing ---- */

static void several_writes_are_one_transaction(void **state)
{
    static const struct view_write writes[] = {{"/n/a", "1", 1}, {"/n/b", "2", 1}};
    struct world *w = world_of(state);

    w->f->conflicts = 2;
    ok(w, view_write(w->h, writes, 2, &w->j, &w->err));
    assert_string_equal(told(w), "/n/a /n/b");
    assert_int_equal(w->h->stats.store_commits, 1);
    assert_int_equal(w->h->stats.store_conflicts, 2);
    assert_string_equal(fake_read(w->f, "/n/b"), "2");
}

static void a_value_that_can_not_fit_is_refused_at_once(void **state)
{
    static char big[VIEW_PAYLOAD_MAX];
    const struct view_write fits[] = {{"/n/a", "1", 1}, {"/n/b", big, VIEW_PAYLOAD_MAX - 5}};
    const struct view_write too_big[] = {{"/n/a", "2", 1}, {"/n/b", big, VIEW_PAYLOAD_MAX - 4}};
    struct world *w = world_of(state);

    ok(w, view_write(w->h, fits, 2, &w->j, &w->err));
    assert_string_equal(told(w), "/n/a /n/b");
    refused(w, view_write(w->h, too_big, 2, &w->j, &w->err), DOMO_E_STORE_TOO_BIG);
    assert_string_equal(fake_read(w->f, "/n/a"), "1");
}

static void directories_are_made_once(void **state)
{
    struct world *w = world_of(state);

    ok(w, view_mkdir(w->h, ARRAY("/n/a", "/a/c"), 2, &w->j, &w->err));
    assert_string_equal(told(w), "/n/a /a/c");
    assert_string_equal(fake_read(w->f, "/n/a"), "");
    assert_string_equal(fake_read(w->f, "/a/c"), "3");
}

static void a_removal_is_whole_or_nothing(void **state)
{
    struct world *w = world_of(state);

    refused(w, view_remove(w->h, ARRAY("/a/c", "/a/nothing"), 2, 0, &w->j, &w->err), DOMO_E_STORE_NOT_FOUND);
    assert_string_equal(fake_read(w->f, "/a/c"), "3");
    ok(w, view_remove(w->h, ARRAY("/a/c", "/a/nothing", "/a/b"), 3, VIEW_MISSING_OK, &w->j, &w->err));
    assert_string_equal(told(w), "/a/c /a/b");
    assert_null(fake_read(w->f, "/a/b/x"));
    refused(w, view_remove(w->h, ARRAY("/"), 1, VIEW_MISSING_OK, &w->j, &w->err), DOMO_E_USAGE);
}

static void tidying_stops_at_what_is_of_use(void **state)
{
    struct world *w = world_of(state);

    fake_write(w->f, "/t", "kept for its value");
    fake_write(w->f, "/t/u/v/w", "");
    ok(w, view_remove(w->h, ARRAY("/t/u/v/w"), 1, VIEW_TIDY, &w->j, &w->err));
    assert_string_equal(told(w), "/t/u/v/w /t/u/v /t/u");
    assert_non_null(fake_read(w->f, "/t"));
    ok(w, view_remove(w->h, ARRAY("/a/b/x"), 1, VIEW_TIDY, &w->j, &w->err));
    assert_string_equal(told(w), "/a/b/x /a/b");
    fake_write(w->f, "/top/x", "");
    ok(w, view_remove(w->h, ARRAY("/top/x"), 1, VIEW_TIDY, &w->j, &w->err));
    assert_string_equal(told(w), "/top/x /top");
    fake_write(w->f, "/top/x", "");
    ok(w, view_remove(w->h, ARRAY("/top/x"), 1, 0, &w->j, &w->err));
    assert_string_equal(told(w), "/top/x");
}

static void permissions_are_set_below_when_told(void **state)
{
    struct world *w = world_of(state);

    ok(w, view_set_perms(w->h, "/a/b", ARRAY("n5", "r0"), 2, true, &w->j, &w->err));
    assert_string_equal(told(w), "/a/b /a/b/x");
    refused(w, view_set_perms(w->h, "/a/none", ARRAY("n5"), 1, false, &w->j, &w->err), DOMO_E_STORE_NOT_FOUND);
    refused(w, view_set_perms(w->h, "/a", ARRAY("n5"), 0, false, &w->j, &w->err), DOMO_E_USAGE);
}

static void permissions_are_a_letter_and_a_domain(void **state)
{
    static const char *const bad[] = {"", "5", "n", "x5", "n-1", "n5x", "n65536", "N5", "n 5", "n0x5"};
    struct world *w = world_of(state);
    uint64_t calls = w->f->calls;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        refused(w, view_set_perms(w->h, "/a", &bad[i], 1, false, &w->j, &w->err), DOMO_E_USAGE);
    assert_int_equal(w->f->calls, calls);
}

/* ---- each call to the store fails once ---- */

static int walk_it(struct world *w)
{
    return view_walk(w->h, 0, "/a", VIEW_VALUES | VIEW_PERMS, UINT32_MAX, &w->j, &w->err);
}

static int write_it(struct world *w)
{
    static const struct view_write writes[] = {{"/n/a", "1", 1}, {"/a/b", "2", 1}};

    return view_write(w->h, writes, 2, &w->j, &w->err);
}

static int remove_it(struct world *w)
{
    return view_remove(w->h, ARRAY("/a/c", "/a/b/x"), 2, VIEW_TIDY, &w->j, &w->err);
}

static int chmod_it(struct world *w)
{
    return view_set_perms(w->h, "/a", ARRAY("n5", "r7"), 2, true, &w->j, &w->err);
}

static bool ignore_event(void *arg, const struct json *row)
{
    (void)arg;
    (void)row;
    return true;
}

static int watch_it(struct world *w)
{
    const struct view_watch v = {
        .paths = ARRAY("/a", "/a/c"), .n = 2, .values = true, .count = 2, .event = ignore_event};

    return view_watch(w->h, &v, &w->err);
}

static void a_failure_changes_nothing(void **state)
{
    static int (*const all[])(struct world *) = {walk_it, write_it, remove_it, chmod_it, watch_it};
    struct world *w = world_of(state);
    char *AUTO_FREE before = fake_dump(w->f, "/a");

    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        unsigned failed = 0;

        for (uint64_t k = 1;; k++) {
            char *AUTO_FREE after = NULL;
            int r;

            w->f->failing_done = false;
            w->f->fail_call = w->f->calls + k;
            r = all[i](w);
            w->f->fail_call = 0;
            if (!w->f->failing_done)
                break;
            /* Taking a watch back may fail: the call has done its work by then. */
            if (r == 0 && all[i] == watch_it)
                continue;
            failed++;
            refused(w, r, DOMO_E_IO);
            after = fake_dump(w->f, "/a");
            assert_string_equal(after, before);
            assert_null(fake_read(w->f, "/n"));
        }
        assert_true(failed >= 3);
        /* The run that nothing disturbed. */
        w->j = json_free(w->j);
        (void)fake_free(w->f);
        free(w);
        (void)setup(state);
        w = world_of(state);
    }
}

/* ---- watching ---- */

struct heard {
    struct world *w;
    char text[1024];
    int left; /* how many more writes follow, one after each event */
};

static bool hear(void *arg, const struct json *row)
{
    struct heard *heard = arg;
    size_t n = strlen(heard->text);

    (void)snprintf(heard->text + n, sizeof heard->text - n, "%s%s<%s%s%s%s", n ? " " : "",
                   json_get_str(row, "path", "?"), json_get_str(row, "watch", "?"),
                   json_get_bool(row, "initial", false) ? "!" : "", json_get(row, "value") ? "=" : "",
                   json_get_str(row, "value", json_get_bool(row, "exists", true) ? "" : " gone"));
    if (heard->left-- == 2)
        fake_write(heard->w->f, "/a/b/x", "2");
    else if (heard->left == 0)
        fake_rm(heard->w->f, "/a/b");
    return heard->left > -5;
}

static void events_come_with_their_watch(void **state)
{
    struct world *w = world_of(state);
    struct heard heard = {.w = w, .left = 2};
    const struct view_watch v = {
        .paths = ARRAY("/a/b", "/q"), .n = 2, .values = true, .count = 4, .event = hear, .arg = &heard};

    ok(w, view_watch(w->h, &v, &w->err));
    assert_string_equal(heard.text, "/a/b</a/b!= /q</q! gone /a/b/x</a/b gone /a/b</a/b gone");
    assert_int_equal(w->f->watches.len, 0);
}

static void a_watch_ends_by_its_time(void **state)
{
    struct world *w = world_of(state);
    struct heard heard = {.w = w};
    struct view_watch v = {.paths = ARRAY("/a"), .n = 1, .timeout_ms = 7000, .event = hear, .arg = &heard};
    int64_t start = w->f->now_ms;

    ok(w, view_watch(w->h, &v, &w->err));
    assert_string_equal(heard.text, "/a</a!");
    assert_int_equal(w->f->now_ms - start, 7000);
    v.count = 2;
    refused(w, view_watch(w->h, &v, &w->err), DOMO_E_TIMEOUT);
    assert_int_equal(w->f->watches.len, 0);
}

static bool write_again(void *arg, const struct json *row)
{
    struct world *w = arg;

    (void)row;
    w->f->now_ms++;
    fake_write(w->f, "/a", "again");
    return true;
}

static void a_flood_does_not_outlast_the_time(void **state)
{
    struct world *w = world_of(state);
    const struct view_watch v = {.paths = ARRAY("/a"), .n = 1, .timeout_ms = 500, .event = write_again, .arg = w};
    int64_t start = w->f->now_ms;

    ok(w, view_watch(w->h, &v, &w->err));
    assert_in_range(w->f->now_ms - start, 500, 600);
}

static void a_watch_ends_by_a_wish(void **state)
{
    struct world *w = world_of(state);
    volatile int cancelled = 1;
    struct heard heard = {.w = w};
    const struct view_watch v = {.paths = ARRAY("/a"), .n = 1, .event = hear, .arg = &heard};
    const struct view_watch stops = {
        .paths = ARRAY("/a"), .n = 1, .event = hear, .arg = &(struct heard){.w = w, .left = -4}};

    ok(w, view_watch(w->h, &stops, &w->err));
    w->h->cancelled = &cancelled;
    refused(w, view_watch(w->h, &v, &w->err), DOMO_E_CANCELLED);
    w->h->cancelled = NULL;
}

static int dead_read(struct host *h, store_txn t, const char *path, char **ret, size_t *ret_len, struct domo_err *err)
{
    (void)h;
    (void)t;
    (void)ret;
    (void)ret_len;
    return err_sys(err, DOMO_E_NO_STORE, EBADF, "can't read '%s'", path);
}

static void a_server_that_is_gone_ends_a_watch(void **state)
{
    struct world *w = world_of(state);
    struct store_ops ops = fake_store_ops;
    struct heard heard = {.w = w};
    const struct view_watch v = {.paths = ARRAY("/a"), .n = 1, .event = hear, .arg = &heard};

    ops.read = dead_read;
    w->h->store = &ops;
    refused(w, view_watch(w->h, &v, &w->err), DOMO_E_NO_STORE);
    assert_string_equal(heard.text, "/a</a!");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(paths_are_checked_before_the_server_is_asked),
        TEST(paths_end_at_the_limits_of_the_server),
        TEST(a_missing_node_names_the_nearest_one),
        TEST(a_walk_is_in_the_order_of_the_tree),
        TEST(names_cost_one_request),
        TEST(values_are_text_or_bytes),
        TEST(permissions_are_told_twice),
        TEST(what_vanishes_during_a_walk_is_left_out),
        TEST(what_may_not_be_read_is_marked),
        TEST(a_deep_tree_is_walked_without_recursion),
        TEST(several_writes_are_one_transaction),
        TEST(a_value_that_can_not_fit_is_refused_at_once),
        TEST(directories_are_made_once),
        TEST(a_removal_is_whole_or_nothing),
        TEST(tidying_stops_at_what_is_of_use),
        TEST(permissions_are_set_below_when_told),
        TEST(permissions_are_a_letter_and_a_domain),
        TEST(a_failure_changes_nothing),
        TEST(events_come_with_their_watch),
        TEST(a_watch_ends_by_its_time),
        TEST(a_flood_does_not_outlast_the_time),
        TEST(a_watch_ends_by_a_wish),
        TEST(a_server_that_is_gone_ends_a_watch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
