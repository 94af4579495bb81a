/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Promise: a console carries bytes both ways and, whichever way it ends, the
 * terminal is as it was before.
 */
#include "unit.h"

#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "../../cli/tty.h"

/* A user's terminal and a guest's, and a process that connects them. */
struct setup {
    int user, user_slave, guest, guest_slave;
    char guest_path[64];
    struct termios before;
    pid_t pid;
};

static void NORETURN be_console(const struct setup *s)
{
    int fd = tty_open(s->guest_path);

    (void)dup2(s->user_slave, STDIN_FILENO);
    (void)dup2(s->user_slave, STDOUT_FILENO);
    (void)close(s->guest_slave);
    (void)close(s->guest);
    if (fd < 0)
        _exit(99);
    _exit((int)tty_proxy(fd));
}

static int start(void **state)
{
    struct setup *s = calloc(1, sizeof *s);

    if (!s || openpty(&s->user, &s->user_slave, NULL, NULL, NULL) < 0 ||
        openpty(&s->guest, &s->guest_slave, s->guest_path, NULL, NULL) < 0 || tcgetattr(s->user_slave, &s->before) < 0)
        return -1;
    s->pid = fork();
    if (s->pid == 0)
        be_console(s);
    *state = s;
    return s->pid > 0 ? 0 : -1;
}

static int stop(void **state)
{
    struct setup *s = *state;

    if (s->pid > 0) {
        (void)kill(s->pid, SIGKILL);
        (void)waitpid(s->pid, NULL, 0);
    }
    (void)close(s->user);
    (void)close(s->user_slave);
    if (s->guest >= 0)
        (void)close(s->guest);
    free(s);
    return 0;
}

/* What arrives, up to the text that is waited for. */
static void expect(int fd, const char *text)
{
    char got[256] = "";
    size_t n = 0;

    alarm(20);
    while (!strstr(got, text)) {
        ssize_t r = read(fd, got + n, sizeof got - 1 - n);

        assert_true(r > 0);
        n += (size_t)r;
    }
    alarm(0);
}

static void expect_end(struct setup *s, enum tty_end end)
{
    struct termios after;
    int status = 0;

    alarm(20);
    assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
    alarm(0);
    s->pid = 0;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), (int)end);
    assert_int_equal(tcgetattr(s->user_slave, &after), 0);
    assert_int_equal(after.c_lflag, s->before.c_lflag);
    assert_int_equal(after.c_iflag, s->before.c_iflag);
    assert_int_equal(after.c_oflag, s->before.c_oflag);
}

static void talk(const struct setup *s)
{
    assert_int_equal(write(s->guest, "login: ", 7), 7);
    expect(s->user, "login: ");
    /* The terminal is raw by now: an interrupt character is the guest's. */
    assert_int_equal(write(s->user, "root\003", 5), 5);
    expect(s->guest, "root\003");
}

static void leaves_with_the_escape(void **state)
{
    struct setup *s = *state;

    talk(s);
    assert_int_equal(write(s->user, "bye\035lost", 8), 8);
    expect_end(s, TTY_LEFT);
}

static void ends_with_the_guest(void **state)
{
    struct setup *s = *state;

    talk(s);
    (void)close(s->guest_slave);
    (void)close(s->guest);
    s->guest = -1;
    expect_end(s, TTY_GONE);
}

static void ends_with_a_signal(void **state)
{
    struct setup *s = *state;

    talk(s);
    assert_int_equal(kill(s->pid, SIGTERM), 0);
    expect_end(s, TTY_SIGNAL);
}

static void ends_with_a_hangup(void **state)
{
    struct setup *s = *state;

    talk(s);
    assert_int_equal(kill(s->pid, SIGHUP), 0);
    expect_end(s, TTY_SIGNAL);
}

static void speaks_to_terminals_only(void **state)
{
    (void)state;
    assert_int_equal(tty_open("/dev/null"), -1);
    assert_int_equal(tty_open("/no/such/tty"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(leaves_with_the_escape, start, stop),
        cmocka_unit_test_setup_teardown(ends_with_the_guest, start, stop),
        cmocka_unit_test_setup_teardown(ends_with_a_signal, start, stop),
        cmocka_unit_test_setup_teardown(ends_with_a_hangup, start, stop),
        cmocka_unit_test(speaks_to_terminals_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
