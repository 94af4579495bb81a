/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a plan runs its steps in order, undoes exactly what was begun when one fails, in reverse, stops unwinding
 * once committed, leaves out what does not apply, and waits as its steps say. Journals of dead operations are found,
 * those of living ones are not.
 */
#include "unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "plan/journal.h"
#include "plan/plan.h"

/* A host with nothing but a clock that jumps to each deadline. */
struct fake {
    struct host host;
    int64_t now_ms;
};

static int64_t fake_now_ms(struct host *h)
{
    return ((struct fake *)h)->now_ms;
}

static int64_t fake_now_us(struct host *h)
{
    return fake_now_ms(h) * 1000;
}

static int fake_wait(struct host *h, struct pollfd *fds, size_t n, int64_t deadline_ms, struct domo_err *err)
{
    (void)fds;
    (void)n;
    if (h->cancelled && *h->cancelled)
        return err_set(err, DOMO_E_CANCELLED, "interrupted");
    assert_true(deadline_ms >= 0);
    ((struct fake *)h)->now_ms = deadline_ms;
    return 0;
}

static int no_fd(struct host *h)
{
    (void)h;
    return -1;
}

static const struct env_ops env = {.now_ms = fake_now_ms, .now_us = fake_now_us, .wait = fake_wait};
static const struct store_ops store = {.fd = no_fd};

struct trail {
    struct op op;
    struct str log;
    char fail_at; /* 'a' … : this step's run fails */
    bool wait_fails;
    int waits;
    bool leave_out_b;
};

static struct trail *self(struct op *op)
{
    return (struct trail *)op;
}

#define STEP(letter)                                                                                                   \
    static int run_##letter(struct op *op, struct domo_err *err)                                                       \
    {                                                                                                                  \
        str_add(&self(op)->log, #letter);                                                                              \
        return self(op)->fail_at == #letter[0] ? err_set(err, DOMO_E_IO, "no " #letter) : 0;                           \
    }                                                                                                                  \
    static int undo_##letter(struct op *op, struct domo_err *err)                                                      \
    {                                                                                                                  \
        (void)err;                                                                                                     \
        str_add(&self(op)->log, "-" #letter);                                                                          \
        return 0;                                                                                                      \
    }

STEP(a)
STEP(b)
STEP(c)

static int undo_c_fails(struct op *op, struct domo_err *err)
{
    str_add(&self(op)->log, "-c");
    return err_set(err, DOMO_E_IO, "can't undo c");
}

static bool b_applies(const struct op *op)
{
    return !((const struct trail *)op)->leave_out_b;
}

static enum plan_wait wait_c(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    struct trail *t = self(op);

    str_add(&t->log, "w");
    if (t->wait_fails && t->waits == 1)
        return err_set(err, DOMO_E_TIMEOUT, "too late") ? PLAN_FAILED : PLAN_FAILED;
    if (t->waits++ == 2)
        return PLAN_DONE;
    *ret_deadline_ms = now_ms + 100;
    return PLAN_AGAIN;
}

static const struct step steps[] = {
    {.name = "a", .summary = "do a", .run = run_a, .undo = undo_a},
    {.name = "b", .summary = "do b", .run = run_b, .undo = undo_b, .applies = b_applies},
    {.name = "c", .summary = "do c", .run = run_c, .undo = undo_c, .wait = wait_c},
};
static const struct plan plan = {.name = "test", .steps = steps, .n = ARRAY_LEN(steps)};

static void start(struct trail *t, struct fake *f)
{
    *f = (struct fake){.host = {.env = &env, .store = &store}, .now_ms = 1000};
    *t = (struct trail){.op = {.host = &f->host, .subject = "'x'"}};
}

static void test_runs_in_order_and_waits(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct trail t;
    struct fake f;

    (void)state;
    start(&t, &f);
    assert_int_equal(plan_run(&plan, &t.op, &err), 0);
    assert_string_equal(str_text(&t.log), "abcwww");
    assert_int_equal(f.now_ms, 1200);
    assert_int_equal(t.op.n_times, 3);
    assert_int_equal(t.op.times[2].us, 200000);
    assert_int_equal(err.code, DOMO_E_OK);
    str_fini(&t.log);
}

static void test_unwinds_at_each_position(void **state)
{
    static const struct {
        char at;
        const char *want;
    } cases[] = {{'a', "a-a"}, {'b', "ab-b-a"}, {'c', "abc-c-b-a"}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct domo_err err = DOMO_ERR_INIT;
        struct trail t;
        struct fake f;

        start(&t, &f);
        t.fail_at = cases[i].at;
        assert_int_equal(plan_run(&plan, &t.op, &err), -1);
        assert_string_equal(str_text(&t.log), cases[i].want);
        assert_int_equal(err.code, DOMO_E_IO);
        assert_true(str_starts(err.ctx, "test 'x'\ndo "));
        str_fini(&t.log);
    }
}

static void test_a_failed_wait_unwinds(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct trail t;
    struct fake f;

    (void)state;
    start(&t, &f);
    t.wait_fails = true;
    assert_int_equal(plan_run(&plan, &t.op, &err), -1);
    assert_string_equal(str_text(&t.log), "abcww-c-b-a");
    assert_int_equal(err.code, DOMO_E_TIMEOUT);
    str_fini(&t.log);
}

static void test_leaves_out_what_does_not_apply(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct json *preview = NULL;
    struct trail t;
    struct fake f;

    (void)state;
    start(&t, &f);
    t.leave_out_b = true;
    t.fail_at = 'c';
    assert_int_equal(plan_run(&plan, &t.op, &err), -1);
    assert_string_equal(str_text(&t.log), "ac-c-a");
    assert_int_equal(plan_preview(&plan, &t.op, &preview, &err), 0);
    assert_int_equal(json_len(json_get(preview, "steps")), 2);
    (void)json_free(preview);
    str_fini(&t.log);
}

static void test_a_commit_ends_unwinding(void **state)
{
    struct step committed[ARRAY_LEN(steps)];
    const struct plan p = {.name = "test", .steps = committed, .n = ARRAY_LEN(committed)};
    struct domo_err err = DOMO_ERR_INIT;
    struct trail t;
    struct fake f;

    (void)state;
    memcpy(committed, steps, sizeof steps);
    committed[1].commits = true;
    start(&t, &f);
    t.fail_at = 'c';
    assert_int_equal(plan_run(&p, &t.op, &err), -1);
    assert_string_equal(str_text(&t.log), "abc");
    assert_true(t.op.committed);
    str_fini(&t.log);
}

static void test_what_cannot_be_undone_is_told(void **state)
{
    struct step bad[ARRAY_LEN(steps)];
    const struct plan p = {.name = "test", .steps = bad, .n = ARRAY_LEN(bad)};
    struct domo_err err = DOMO_ERR_INIT;
    const char *value = NULL;
    struct trail t;
    struct fake f;

    (void)state;
    memcpy(bad, steps, sizeof steps);
    bad[2].undo = undo_c_fails;
    start(&t, &f);
    t.fail_at = 'c';
    assert_int_equal(plan_run(&p, &t.op, &err), -1);
    assert_string_equal(str_text(&t.log), "abc-c-b-a");
    assert_string_equal(err.msg, "no c");
    assert_string_equal(err_next_fact(&err, NULL, &value), "undo-c");
    assert_string_equal(value, "can't undo c");
    str_fini(&t.log);
}

static void test_cancelling_unwinds(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    volatile int cancelled = 1;
    struct trail t;
    struct fake f;

    (void)state;
    start(&t, &f);
    f.host.cancelled = &cancelled;
    assert_int_equal(plan_run(&plan, &t.op, &err), -1);
    assert_int_equal(err.code, DOMO_E_CANCELLED);
    assert_string_equal(str_text(&t.log), "-a");
    assert_ptr_equal(f.host.cancelled, &cancelled);
    str_fini(&t.log);
}

static void test_faults_on_request(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct trail t;
    struct fake f;

    (void)state;
    start(&t, &f);
    assert_int_equal(setenv("DOMO_FAULT", "test/b:fail", 1), 0);
    assert_int_equal(plan_run(&plan, &t.op, &err), -1);
    assert_int_equal(err.code, DOMO_E_FAULT);
    assert_string_equal(str_text(&t.log), "ab-b-a");
    assert_int_equal(unsetenv("DOMO_FAULT"), 0);
    str_fini(&t.log);
}

/* ---- journals ---- */

struct found {
    int n, damaged;
    char name[32];
    int answer;
};

static int on_dead(void *arg, const char *path, const struct json *about, struct domo_err *err)
{
    struct found *f = arg;

    (void)path;
    (void)err;
    f->n++;
    if (about)
        (void)snprintf(f->name, sizeof f->name, "%s", json_get_str(about, "name", ""));
    else
        f->damaged++;
    return f->answer;
}

static void die_with_journal(const char *dir)
{
    struct json *about = json_new_object();
    struct domo_err err = DOMO_ERR_INIT;
    struct journal *j = NULL;

    json_set_str(about, "name", "victim");
    if (journal_open(dir, "create", about, &j, &err) == 0)
        _exit(journal_note(j, "domid", json_new_int(7), &err) ? 2 : 0);
    _exit(1);
}

static void test_journals_of_the_dead(void **state)
{
    char dir[] = "/tmp/domo-plan-XXXXXX", path[64];
    struct domo_err err = DOMO_ERR_INIT;
    struct found f = {.answer = 0};
    struct journal *alive = NULL;
    struct json *about = json_new_object();
    int status = 0;
    pid_t pid;
    FILE *file;

    (void)state;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(journal_open(dir, "attach", about, &alive, &err), 0);
    pid = fork();
    if (pid == 0)
        die_with_journal(dir);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);

    assert_int_equal(journal_each_dead(dir, on_dead, &f, &err), 0);
    assert_int_equal(f.n, 1);
    assert_string_equal(f.name, "victim");

    /* A torn file is passed as damaged; answer 1 removes both. */
    (void)snprintf(path, sizeof path, "%s/torn.json", dir);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs("{\"name\": \"x", file) >= 0);
    assert_int_equal(fclose(file), 0);
    f = (struct found){.answer = 1};
    assert_int_equal(journal_each_dead(dir, on_dead, &f, &err), 0);
    assert_int_equal(f.n, 2);
    assert_int_equal(f.damaged, 1);
    f = (struct found){.answer = 1};
    assert_int_equal(journal_each_dead(dir, on_dead, &f, &err), 0);
    assert_int_equal(f.n, 0);

    journal_close(alive);
    (void)json_free(about);
    assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs_in_order_and_waits), cmocka_unit_test(test_unwinds_at_each_position),
        cmocka_unit_test(test_a_failed_wait_unwinds),   cmocka_unit_test(test_leaves_out_what_does_not_apply),
        cmocka_unit_test(test_a_commit_ends_unwinding), cmocka_unit_test(test_what_cannot_be_undone_is_told),
        cmocka_unit_test(test_cancelling_unwinds),      cmocka_unit_test(test_faults_on_request),
        cmocka_unit_test(test_journals_of_the_dead),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
