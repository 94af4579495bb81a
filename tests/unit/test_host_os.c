/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: what the host says about files, devices, interfaces and scripts is
 * true on this machine, without Xen. Parts that need rights which the tests
 * do not have (loop devices, a network namespace) are skipped.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "host/xen.h"

static struct host host;
static volatile int cancelled;

static int setup(void **state)
{
    (void)state;
    cancelled = 0;
    host = (struct host){.os = &linux_os_ops, .env = &linux_env_ops, .cancelled = &cancelled};
    return 0;
}

/* ---- disks ---- */

static void test_targets_are_told_apart(void **state)
{
    char path[] = "/tmp/domo-os-XXXXXX";
    struct domo_err err = DOMO_ERR_INIT;
    struct os_target t;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, 5000), 0);
    assert_int_equal(host.os->target(&host, path, &t, &err), 0);
    assert_int_equal(t.kind, OS_TARGET_FILE);
    assert_int_equal(t.size, 5000);
    assert_int_equal(host.os->target(&host, "/tmp", &t, &err), 0);
    assert_int_equal(t.kind, OS_TARGET_OTHER);
    assert_int_equal(host.os->target(&host, "/nowhere/x", &t, &err), -1);
    assert_int_equal(err.code, DOMO_E_DISK_NOT_FOUND);
    (void)close(fd);
    (void)unlink(path);
}

static void test_mounted_devices_are_found(void **state)
{
    /* Not the device of "/": in a chroot that is no mount point. */
    FILE *f = fopen("/proc/self/mountinfo", "re");
    unsigned major_number = 0, minor_number = 0;
    bool used = true;

    (void)state;
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*d %*d %u:%u", &major_number, &minor_number), 2);
    (void)fclose(f);
    assert_int_equal(host.os->is_mounted(&host, major_number, minor_number, &used, NULL), 0);
    assert_true(used);
    assert_int_equal(host.os->is_mounted(&host, 4000, 77, &used, NULL), 0);
    assert_false(used);
}

static const struct os_loop *find(const struct os_loop *all, size_t n, uint32_t number)
{
    for (size_t i = 0; i < n; i++)
        if (all[i].number == number)
            return &all[i];
    return NULL;
}

static void test_loop_devices_come_and_go(void **state)
{
    char path[] = "/var/tmp/domo-os-XXXXXX";
    struct domo_err err = DOMO_ERR_INIT;
    struct os_loop loop, *all = NULL;
    const struct os_loop *found;
    struct os_target t;
    int fd = mkstemp(path);
    size_t n;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, 1 << 20), 0);
    if (host.os->loop_attach(&host, &(struct os_loop_new){.path = path, .tag = "domo:test", .read_only = true}, &loop,
                             &err) < 0) {
        (void)unlink(path);
        skip();
    }
    assert_int_equal(host.os->target(&host, path, &t, NULL), 0);
    assert_int_equal(host.os->loop_list(&host, NULL, 0, &all, &n, &err), 0);
    found = find(all, n, loop.number);
    assert_non_null(found);
    assert_string_equal(found->tag, "domo:test");
    assert_true(found->read_only);
    assert_true(found->back_ino == t.ino && found->back_dev == t.dev);
    free(all);
    assert_int_equal(host.os->loop_detach(&host, loop.number, &err), 0);
    assert_int_equal(host.os->loop_detach(&host, loop.number, &err), 0);
    (void)close(fd);
    (void)unlink(path);
}

static void test_loop_failures_say_why(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct os_loop loop;

    (void)state;
    assert_int_equal(host.os->loop_attach(&host, &(struct os_loop_new){.path = "/nowhere/x"}, &loop, &err), -1);
    assert_int_equal(err.code, DOMO_E_DISK_NOT_FOUND);
    assert_int_equal(host.os->loop_attach(&host, &(struct os_loop_new){.path = "/tmp", .read_only = true}, &loop, &err),
                     -1);
    assert_int_equal(err.code, DOMO_E_DISK_BAD_TARGET);
}

/* ---- interfaces ---- */

static void test_interfaces_are_looked_at(void **state)
{
    struct os_iface iface;
    bool found = false;

    (void)state;
    assert_int_equal(host.os->iface(&host, "lo", &iface, &found, NULL), 0);
    assert_true(found);
    assert_int_equal(iface.index, 1);
    assert_false(iface.is_bridge);
    assert_int_equal(host.os->iface(&host, "nowhere0", &iface, &found, NULL), 0);
    assert_false(found);
    assert_int_equal(host.os->iface(&host, "a-name-that-is-too-long", &iface, &found, NULL), 0);
    assert_false(found);
}

static int change_in_namespace(void)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct os_iface iface;
    bool found;

    if (host.os->iface_change(&host, "lo", &(struct os_iface_change){.mtu = 2000, .up = true}, &err) < 0 ||
        host.os->iface(&host, "lo", &iface, &found, &err) < 0)
        return 1;
    if (!iface.is_up || iface.mtu != 2000)
        return 2;
    if (host.os->iface_change(&host, "lo", &(struct os_iface_change){.bridge = "br9"}, &err) == 0 ||
        err.code != DOMO_E_NO_BRIDGE)
        return 3;
    if (host.os->iface_change(&host, "eth9", &(struct os_iface_change){.up = true}, &err) == 0 ||
        err.code != DOMO_E_VIF_INTERFACE)
        return 4;
    /* Not a bridge: the kernel's own words are in the message. */
    if (host.os->iface_change(&host, "lo", &(struct os_iface_change){.bridge = "lo"}, &err) == 0 ||
        err.code != DOMO_E_VIF_INTERFACE)
        return 5;
    if (host.os->iface_change(&host, "lo", &(struct os_iface_change){.down = true}, &err) < 0 ||
        host.os->iface(&host, "lo", &iface, &found, &err) < 0 || iface.is_up)
        return 6;
    return 0;
}

static void test_interfaces_are_changed(void **state)
{
    pid_t pid = fork();
    int status;

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0) {
        if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
            _exit(77);
        _exit(change_in_namespace());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- scripts ---- */

static int run_script(const char *code, int64_t kill_after_ms, struct os_child *c)
{
    const char *const argv[] = {"/bin/sh", "-c", code, NULL};
    const char *const env[] = {"DOMO_WORD=hello", "HOME=/replaced", NULL};
    int64_t deadline = clock_now_ms() + (kill_after_ms ? kill_after_ms : 10000);
    bool ended = false;
    int status = -1;

    assert_int_equal(
        host.os->script_start(&host, &(struct os_script){.path = "/bin/sh", .argv = argv, .env = env}, c, NULL), 0);
    while (!ended) {
        struct pollfd fds[] = {{.fd = c->pidfd, .events = POLLIN}, {.fd = c->out_fd, .events = POLLIN}};
        int ready = host.env->wait(&host, fds, 2, deadline, NULL);

        assert_true(ready >= 0);
        assert_int_equal(host.os->script_collect(&host, c, ready == 0, &ended, &status, NULL), 0);
    }
    return status;
}

static void test_scripts_run(void **state)
{
    struct os_child c;
    int status;

    (void)state;
    status = run_script("echo $DOMO_WORD; echo $HOME >&2; cat; exit 3", 0, &c);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    assert_string_equal(c.tail, "hello\n/replaced\n");
    assert_int_equal(host.stats.forks, 1);
    assert_int_equal(c.pidfd, -1);
}

static void test_scripts_get_no_descriptors(void **state)
{
    enum { LEAK = 77 };
    struct os_child c;

    (void)state;
    assert_int_equal(dup2(STDOUT_FILENO, LEAK), LEAK);
    /* One number is looked at, not all counted: a shell opens some of its own meanwhile. */
    (void)run_script("[ -e /proc/$$/fd/77 ] && echo open || echo closed", 0, &c);
    assert_string_equal(c.tail, "closed\n");
    (void)close(LEAK);
}

static void test_only_the_tail_is_kept(void **state)
{
    struct os_child c;

    (void)state;
    assert_int_equal(run_script("i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done", 0, &c), 0);
    assert_true(c.tail_len < HOST_OUTPUT_TAIL_MAX && c.tail_len > HOST_OUTPUT_TAIL_MAX - 20);
    assert_non_null(strstr(c.tail, "line 2999\n"));
}

static void test_a_hanging_script_is_killed_with_its_children(void **state)
{
    struct os_child c;
    int status, child = 0;
    int64_t begin = clock_now_ms();

    (void)state;
    status = run_script("sleep 60 & echo $!; wait", 300, &c);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_true(clock_now_ms() - begin < 5000);
    assert_int_equal(sscanf(c.tail, "%d", &child), 1);
    /* Gone, or a zombie that init has not collected yet. */
    for (int i = 0; i < 100 && kill(child, 0) == 0; i++) {
        char path[64], text[128] = "";
        FILE *f;

        (void)snprintf(path, sizeof path, "/proc/%d/stat", child);
        f = fopen(path, "re");
        if (!f || !fgets(text, sizeof text, f) || strstr(text, ") Z "))
            i = 100;
        if (f)
            (void)fclose(f);
        (void)poll(NULL, 0, 10);
    }
}

static void test_a_missing_script_says_so(void **state)
{
    const char *const argv[] = {"/nowhere/script", NULL};
    struct domo_err err = DOMO_ERR_INIT;
    struct os_child c;

    (void)state;
    assert_int_equal(host.os->script_start(&host, &(struct os_script){.path = argv[0], .argv = argv}, &c, &err), -1);
    assert_int_equal(err.code, DOMO_E_SCRIPT_FAILED);
    assert_int_equal(err.sys, ENOENT);
}

/* ---- waiting ---- */

static void test_waits_end(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    int64_t begin = clock_now_ms();

    (void)state;
    assert_int_equal(host.env->wait(&host, NULL, 0, begin + 30, &err), 0);
    assert_true(clock_now_ms() - begin >= 30);
    assert_int_equal(host.env->wait(&host, NULL, 0, begin - 1000, &err), 0);
    cancelled = 1;
    assert_int_equal(host.env->wait(&host, NULL, 0, -1, &err), -1);
    assert_int_equal(err.code, DOMO_E_CANCELLED);
}

static void test_only_known_hosts_open(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct host *h;

    (void)state;
    assert_int_equal(host_open("sim:", NULL, &h, &err), -1);
    assert_int_equal(err.code, DOMO_E_USAGE);
    assert_int_equal(host_open("qemu:///system", NULL, &h, &err), -1);
    assert_int_equal(err.code, DOMO_E_USAGE);
    assert_int_equal(setenv("DOMO_STATE_ROOT", "relative", 1), 0);
    assert_int_equal(host_open("xen:", NULL, &h, &err), -1);
    assert_int_equal(err.code, DOMO_E_USAGE);
    assert_int_equal(unsetenv("DOMO_STATE_ROOT"), 0);
}

/* ---- what libxenguest makes of bytes that are no kernel ---- */

static void test_garbage_does_not_unpack(void **state)
{
    static const char *const bytes[] = {"x", "\x1f\x8b garbage that claims to be gzip", "not a kernel at all"};
    struct xen_host impl = {.xs_fd = -1};

    (void)state;
    host.impl = &impl;
    for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
        struct domo_err err = DOMO_ERR_INIT;
        void *elf = NULL;
        size_t len;

        assert_int_equal(xen_unpack_kernel(&host, bytes[i], strlen(bytes[i]), &elf, &len, &err), -1);
        assert_int_equal(err.code, DOMO_E_KERNEL_FORMAT);
        assert_null(elf);
    }
}

/* A file is open elsewhere when another process has it, not when this one has. */
static void test_open_files(void **state)
{
    char path[] = "/tmp/domo-open.XXXXXX";
    int fd = mkstemp(path), pipes[2];
    bool is_open;
    pid_t child;
    char byte;

    (void)state;
    assert_true(fd >= 0);
    (void)close(fd);
    for (int mode = O_RDONLY; mode <= O_RDWR; mode += O_RDWR) {
        assert_int_equal(host.os->file_is_open(&host, path, true, &is_open, NULL), 0);
        assert_false(is_open);
        assert_int_equal(pipe(pipes), 0);
        child = fork();
        if (child == 0) {
            int held = open(path, mode);

            (void)!write(pipes[1], "x", held >= 0);
            (void)pause();
            _exit(0);
        }
        assert_int_equal(read(pipes[0], &byte, 1), 1);
        assert_int_equal(host.os->file_is_open(&host, path, true, &is_open, NULL), 0);
        assert_true(is_open);
        assert_int_equal(host.os->file_is_open(&host, path, false, &is_open, NULL), 0);
        assert_int_equal(is_open, mode == O_RDWR);
        (void)kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        (void)close(pipes[0]);
        (void)close(pipes[1]);
    }
    (void)unlink(path);
    assert_int_equal(host.os->file_is_open(&host, path, true, &is_open, NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_targets_are_told_apart, setup),
        cmocka_unit_test_setup(test_open_files, setup),
        cmocka_unit_test_setup(test_mounted_devices_are_found, setup),
        cmocka_unit_test_setup(test_loop_devices_come_and_go, setup),
        cmocka_unit_test_setup(test_loop_failures_say_why, setup),
        cmocka_unit_test_setup(test_interfaces_are_looked_at, setup),
        cmocka_unit_test_setup(test_interfaces_are_changed, setup),
        cmocka_unit_test_setup(test_scripts_run, setup),
        cmocka_unit_test_setup(test_scripts_get_no_descriptors, setup),
        cmocka_unit_test_setup(test_only_the_tail_is_kept, setup),
        cmocka_unit_test_setup(test_a_hanging_script_is_killed_with_its_children, setup),
        cmocka_unit_test_setup(test_a_missing_script_says_so, setup),
        cmocka_unit_test_setup(test_waits_end, setup),
        cmocka_unit_test_setup(test_only_known_hosts_open, setup),
        cmocka_unit_test_setup(test_garbage_does_not_unpack, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
