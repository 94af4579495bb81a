/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: the parts below the server - paths, permissions, messages, the
 * children's table, trees that share nodes - do what their headers say.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

#include "path.h"
#include "perm.h"
#include "proto.h"
#include "quota.h"
#include "tree.h"

static int check_path(const char *text)
{
    struct path p;

    return path_parse(&p, text, strlen(text), 7);
}

static void test_path_rules(void **state)
{
    static const char *const good[] = {"/", "/a", "/a/b", "a", "a/b", "@x", "/a@b", "/A-z_0/9"};
    static const char *const bad[] = {"", "//", "/a/", "/a//b", "a/", "/a b", "/a.b", "/a:b", "/a+", "/\x80"};
    struct path p;
    size_t i;

    (void)state;
    for (i = 0; i < ARRAY_LEN(good); i++)
        assert_int_equal(check_path(good[i]), 0);
    for (i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(check_path(bad[i]), -EINVAL);
    assert_int_equal(path_parse(&p, "a/b", 3, 7), 0);
    assert_string_equal(p.s, "/local/domain/7/a/b");
    assert_int_equal(p.prefix, strlen("/local/domain/7/"));
}

/* The limit is on what is left after the domain's home, whatever its number. */
static void test_path_limits(void **state)
{
    static const char *const heads[] = {"/", "/local/domain/7/", "/local/domain/32751/"};
    char text[PATH_ABS_MAX + 64];
    size_t i, head;

    (void)state;
    for (i = 0; i < ARRAY_LEN(heads); i++) {
        head = strlen(heads[i]);
        memset(text, 'x', sizeof text);
        memcpy(text, heads[i], head);
        text[(i ? head : 0) + PATH_REL_MAX] = '\0';
        assert_int_equal(check_path(text), 0);
        text[(i ? head : 0) + PATH_REL_MAX] = 'x';
        text[(i ? head : 0) + PATH_REL_MAX + 1] = '\0';
        assert_int_equal(check_path(text), -EINVAL);
    }
    memset(text, 'x', sizeof text);
    text[PATH_REL_MAX] = '\0';
    assert_int_equal(check_path(text), 0);
    text[PATH_REL_MAX] = 'x';
    text[PATH_REL_MAX + 1] = '\0';
    assert_int_equal(check_path(text), -EINVAL);
}

static void test_domids(void **state)
{
    static const char *const bad[] = {"", "x", "-1", "+1", " 1", "1 ", "0x1", "65536", "99999999999", "1x"};
    unsigned v;
    size_t i;

    (void)state;
    for (i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(path_domid(bad[i], &v), -EINVAL);
    assert_int_equal(path_domid("65535", &v), 0);
    assert_int_equal(v, 65535);
}

/* The rule written down a second time, in the words of the protocol. */
static bool may(const struct perm *list, size_t n, const struct who *who, unsigned want)
{
    size_t i;

    if (who->privileged || list[0].domid == who->domid || list[0].domid == who->target)
        return true;
    for (i = 1; i < n; i++)
        if (list[i].domid == who->domid || list[i].domid == who->target)
            return (list[i].right & want) == want;
    return (list[0].right & want) == want;
}

static void test_perms_exhaustive(void **state)
{
    struct perm_table t = {NULL};
    unsigned i, d;
    int target;

    (void)state;
    for (i = 0; i < 12 * 12 * 12; i++) {
        struct perm list[3] = {
            {.domid = (uint16_t)(i / 4 % 3), .right = i % 4},
            {.domid = (uint16_t)(i / 48 % 3), .right = i / 12 % 4},
            {.domid = (uint16_t)(i / 576 % 3), .right = i / 144 % 4},
        };
        struct perms *p = perms_get(&t, list, 1 + i % 3);

        assert_non_null(p);
        for (d = 0; d < 3; d++) {
            for (target = -1; target < 3; target++) {
                struct who who = {.domid = (uint16_t)d, .target = target};

                assert_int_equal(perms_allow(p, &who, PERM_READ), may(list, 1 + i % 3, &who, PERM_READ));
                assert_int_equal(perms_allow(p, &who, PERM_WRITE), may(list, 1 + i % 3, &who, PERM_WRITE));
            }
        }
        perms_put(&t, p);
    }
    assert_null(t.all);
}

static void test_perms_shared(void **state)
{
    struct perm_table t = {NULL};
    struct perm list[2] = {{.domid = 1, .right = PERM_READ}, {.domid = 2, .right = PERM_BOTH}};
    struct perms *a = perms_get(&t, list, 2), *b = perms_get(&t, list, 2), *c = perms_without(&t, a, 2);
    struct perm one;

    (void)state;
    assert_ptr_equal(a, b);
    assert_int_equal(perms_count(c), 1);
    assert_int_equal(perm_parse("b65535", &one), 0);
    assert_int_equal(perm_parse("x1", &one), -EINVAL);
    assert_int_equal(perm_parse("r0x1", &one), -EINVAL);
    assert_int_equal(perm_parse("r", &one), -EINVAL);
    perms_put(&t, a);
    perms_put(&t, b);
    perms_put(&t, c);
    assert_null(t.all);
}

static void test_proto(void **state)
{
    const char *args[2];
    struct proto_head h = {.type = 1, .len = PROTO_PAYLOAD_MAX}, back;
    char bytes[PROTO_HEAD_SIZE];

    (void)state;
    proto_encode(bytes, &h);
    assert_int_equal(proto_decode(bytes, &back), 0);
    h.len++;
    proto_encode(bytes, &h);
    assert_int_equal(proto_decode(bytes, &back), -E2BIG);
    assert_int_equal(proto_strings("a\0b\0", 4, args, 2), 2);
    assert_string_equal(args[1], "b");
    assert_int_equal(proto_strings("a\0b", 3, args, 2), -EINVAL);
    assert_int_equal(proto_strings("", 0, args, 2), -EINVAL);
    assert_int_equal(proto_strings("\0\0\0", 3, args, 2), 3);
    assert_string_equal(proto_error(-EAGAIN), "EAGAIN");
    assert_string_equal(proto_error(-ENOTTY), "EINVAL");
}

static void test_quota_rows(void **state)
{
    enum quota_kind kind;
    int i;

    (void)state;
    for (i = 0; i < QUOTA_COUNT; i++) {
        assert_int_equal(quota_find(quota_rows[i].name, &kind), 0);
        assert_int_equal(kind, i);
        assert_true(quota_rows[i].initial > 0);
        assert_true(quota_rows[i].doc[0] != '\0');
    }
    assert_int_equal(quota_find("bogus", &kind), -EINVAL);
}

static void ignore_node(void *arg, const struct node *n, bool kept)
{
    (void)n;
    (void)kept;
    ++*(size_t *)arg;
}

struct fixture {
    struct tree t;
    struct node *root;
    struct perms *p;
    size_t counted;
};

static struct fixture *new_fixture(void)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct perm list = {.domid = 3};

    assert_non_null(f);
    f->t.grave.perms = &f->t.perms;
    f->t.grave.discharge = ignore_node;
    f->t.grave.arg = &f->counted;
    f->p = perms_get(&f->t.perms, &list, 1);
    f->root = node_new("", 0, "", 0, perms_ref(f->p), 1);
    return f;
}

static void bury(struct fixture *f, struct node *n, bool account)
{
    assert_int_equal(grave_reserve(&f->t.grave), 0);
    grave_bury(&f->t.grave, n, account);
}

static void free_fixture(struct fixture *f)
{
    bury(f, f->root, false);
    perms_put(&f->t.perms, f->p);
    grave_fini(&f->t.grave);
    assert_null(f->t.perms.all); /* every node gave its list back */
    free(f);
}

static void create(struct fixture *f, struct node **root, const char *path)
{
    size_t near;

    (void)tree_near(&f->t, *root, path, strlen(path), &near);
    assert_int_equal(tree_create(&f->t, root, path, strlen(path), near, f->p, "v", 1), 0);
}

static void test_big_directory(void **state)
{
    struct fixture *f = new_fixture();
    char path[32];
    struct node *gone;
    int i, round;
    uint32_t at;

    (void)state;
    for (round = 0; round < 3; round++) {
        for (i = 0; i < 5000; i++) {
            (void)snprintf(path, sizeof path, "/d/%d", i);
            create(f, &f->root, path);
        }
        for (i = 4999; i >= (round == 2 ? 0 : 1); i -= 1) {
            (void)snprintf(path, sizeof path, "/d/%d", i);
            assert_int_equal(tree_remove(&f->t, &f->root, path, strlen(path), &gone), 0);
            bury(f, gone, true);
            assert_null(tree_find(&f->t, f->root, path, strlen(path)));
        }
        (void)grave_work(&f->t.grave, SIZE_MAX);
        if (round < 2) {
            at = 0;
            assert_non_null(dir_next(tree_find(&f->t, f->root, "/d", 2)->dir, &at));
            assert_int_equal(tree_remove(&f->t, &f->root, "/d/0", 4, &gone), 0);
            bury(f, gone, true);
        }
    }
    assert_null(tree_find(&f->t, f->root, "/d", 2)->dir);
    while (!grave_work(&f->t.grave, 100))
        ;
    assert_int_equal(f->counted, 15000);
    free_fixture(f);
}

/* A second root keeps seeing what was there when it was taken. */
static void test_snapshot(void **state)
{
    struct fixture *f = new_fixture();
    struct node *snap, *gone;

    (void)state;
    create(f, &f->root, "/a/b/c");
    create(f, &f->root, "/a/d");
    snap = f->root;
    snap->refs++;
    create(f, &f->root, "/a/b/e");
    assert_int_equal(tree_set_value(&f->t, &f->root, "/a/d", 4, "new", 3), 0);
    assert_int_equal(tree_remove(&f->t, &f->root, "/a/b", 4, &gone), 0);
    bury(f, gone, true);
    assert_null(tree_find(&f->t, f->root, "/a/b", 4));
    assert_non_null(tree_find(&f->t, snap, "/a/b/c", 6));
    assert_null(tree_find(&f->t, snap, "/a/b/e", 6));
    assert_int_equal(tree_find(&f->t, snap, "/a/d", 4)->value_len, 1);
    /* Counting off a shared subtree in small slices while the snapshot goes. */
    assert_false(grave_work(&f->t.grave, 1));
    bury(f, snap, false);
    while (!grave_work(&f->t.grave, 1))
        ;
    assert_int_equal(f->counted, 3);
    free_fixture(f);
}

enum { ROOTS = 6, NAMES = 150, CHANGES = 40000 };

/* What should be in a root: the value of /d/N, 0 = it is not there. */
struct expected {
    char value[NAMES];
};

static void check_root(const struct fixture *f, const struct node *root, const struct expected *e)
{
    const struct node *n, *dir = tree_find(&f->t, root, "/d", 2);
    char path[32];
    size_t count = 0;
    uint32_t at = 0;
    int i;

    for (i = 0; i < NAMES; i++) {
        n = tree_find(&f->t, root, path, (size_t)snprintf(path, sizeof path, "/d/%d", i));
        assert_int_equal(n ? *node_value(n) : 0, e->value[i]);
        assert_int_equal(n ? node_count(n) : 0, e->value[i] != 0);
        count += n != NULL;
    }
    assert_int_equal(node_count(dir), count);
    while (dir_next(dir->dir, &at))
        count--;
    assert_int_equal(count, 0);
}

/* Makes, changes or removes /d/N and its child in a root. The first one is the live one, whose removals are counted. */
static size_t change(struct fixture *f, struct node **root, struct expected *e, int i, bool is_live)
{
    char path[32], below[40];
    size_t len = (size_t)snprintf(path, sizeof path, "/d/%d", i);
    char value = (char)(1 + rand() % 127);
    struct node *gone;

    if (e->value[i] && rand() % 2 == 0) {
        assert_int_equal(tree_remove(&f->t, root, path, len, &gone), 0);
        bury(f, gone, is_live);
        e->value[i] = 0;
        return is_live ? 2 : 0;
    }
    if (!e->value[i]) {
        (void)snprintf(below, sizeof below, "%s/x", path);
        create(f, root, below);
    }
    assert_int_equal(tree_set_value(&f->t, root, path, len, &value, 1), 0);
    e->value[i] = value;
    return 0;
}

/* Many roots share one large directory, each changes on its own, and what is dropped goes away in slices meanwhile. */
static void test_roots_do_not_disturb_each_other(void **state)
{
    struct fixture *f = new_fixture();
    struct node *roots[ROOTS];
    struct expected expected[ROOTS] = {{{0}}};
    size_t counted = 0;
    int step, i, from;

    (void)state;
    srand(20261121);
    create(f, &f->root, "/d");
    for (i = 0; i < ROOTS; i++)
        roots[i] = f->root;
    f->root->refs += ROOTS;
    for (step = 0; step < CHANGES; step++) {
        i = rand() % ROOTS;
        from = rand() % ROOTS;
        /* Long stretches in which it grows, and in which it shrinks to a few. */
        if (rand() % 20 || !i)
            counted += change(f, &roots[i], &expected[i], rand() % (step / 4000 % 2 ? 12 : NAMES), i == 0);
        if (i && rand() % 20 == 0) {
            roots[from]->refs++;
            bury(f, roots[i], false);
            roots[i] = roots[from];
            expected[i] = expected[from];
        }
        (void)grave_work(&f->t.grave, (size_t)rand() % 4);
        if (step % 16 == 0)
            check_root(f, roots[i], &expected[i]);
    }
    for (i = 0; i < ROOTS; i++)
        check_root(f, roots[i], &expected[i]);
    for (i = 0; i < ROOTS; i++)
        bury(f, roots[i], false);
    while (!grave_work(&f->t.grave, 3))
        ;
    assert_int_equal(f->counted, counted);
    free_fixture(f);
}

/* As deep as a path can be: no recursion, constant stack. */
static void test_deep(void **state)
{
    struct fixture *f = new_fixture();
    char path[PATH_ABS_MAX + 1];
    struct node *gone;
    size_t len = 0;

    (void)state;
    while (len + 2 <= PATH_ABS_MAX) {
        path[len++] = '/';
        path[len++] = 'x';
    }
    path[len] = '\0';
    create(f, &f->root, path);
    assert_non_null(tree_find(&f->t, f->root, path, len));
    assert_int_equal(tree_remove(&f->t, &f->root, "/x", 2, &gone), 0);
    bury(f, gone, true);
    while (!grave_work(&f->t.grave, 7))
        ;
    assert_int_equal(f->counted, PATH_DEPTH_MAX);
    free_fixture(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_path_rules),
        cmocka_unit_test(test_path_limits),
        cmocka_unit_test(test_domids),
        cmocka_unit_test(test_perms_exhaustive),
        cmocka_unit_test(test_perms_shared),
        cmocka_unit_test(test_proto),
        cmocka_unit_test(test_quota_rows),
        cmocka_unit_test(test_big_directory),
        cmocka_unit_test(test_snapshot),
        cmocka_unit_test(test_deep),
        cmocka_unit_test(test_roots_do_not_disturb_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
