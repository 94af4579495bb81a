/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * top: what the domains use, busiest first, again and again on a terminal.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "groups.h"
#include "out.h"
#include "text.h"

struct top_opts {
    bool batch, once;
    uint32_t count;
    int64_t delay_ms;
};

enum { DELAY_MS = 3000, FIRST_MS = 500 };

static const struct opt top_opts[] = {
    OPT_BOOL(struct top_opts, batch, "batch", 'b', "one table below the other, for files and scripts"),
    OPT_BOOL(struct top_opts, once, "once", 0, "one table, and that is all"),
    OPT_ROW(struct top_opts, delay_ms, OPT_SECONDS, "delay", 'd', "SECONDS", WORD_NONE,
            "between two looks (default: 3)"),
    OPT_ROW(struct top_opts, count, OPT_NUMBER, "iterations", 'i', "N", WORD_NONE, "end after so many tables"),
    OPT_END,
};

/* One look at all domains. */
struct look {
    struct domo_value *rows; /* as domo_list gives them */
    double at_s;
};

/* A domain between two looks. */
struct line {
    const struct domo_value *row;
    double percent; /* of one processor */
};

static void look_fini(struct look *l)
{
    domo_value_free(l->rows);
    l->rows = NULL;
}

static double now_s(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int take(struct cli *cli, struct look *ret, struct domo_err *err)
{
    *ret = (struct look){.at_s = now_s()};
    return domo_list(cli->ctx, NULL, &ret->rows, err);
}

/* ---- what has happened between two looks ---- */

static const char *str(const struct domo_value *row, const char *key)
{
    return domo_value_str(domo_value_get(row, key), "");
}

static double cpu_of(const struct domo_value *row)
{
    return domo_value_double(domo_value_get(row, "cpu_seconds"), 0);
}

/* A domid alone may be another domain's by now. */
static const struct domo_value *same_domain(const struct domo_value *rows, const struct domo_value *row)
{
    int64_t domid = domo_value_int(domo_value_get(row, "domid"), -1);

    for (size_t i = 0; i < domo_value_len(rows); i++) {
        const struct domo_value *one = domo_value_at(rows, i, NULL);

        if (domo_value_int(domo_value_get(one, "domid"), -2) == domid &&
            strcmp(str(one, "uuid"), str(row, "uuid")) == 0)
            return one;
    }
    return NULL;
}

static int busier(const void *a, const void *b)
{
    const struct line *x = a, *y = b;

    if (x->percent != y->percent)
        return x->percent < y->percent ? 1 : -1;
    return domo_value_int(domo_value_get(x->row, "domid"), 0) < domo_value_int(domo_value_get(y->row, "domid"), 0) ? -1
                                                                                                                   : 1;
}

/* As many as there are rows; caller frees. */
static struct line *compare(const struct look *before, const struct look *now)
{
    size_t n = domo_value_len(now->rows);
    struct line *lines = text_need(calloc(n + 1, sizeof *lines));
    double passed = now->at_s - before->at_s;

    for (size_t i = 0; i < n; i++) {
        const struct domo_value *row = domo_value_at(now->rows, i, NULL), *old = same_domain(before->rows, row);
        double used = cpu_of(row) - (old ? cpu_of(old) : 0);

        lines[i] = (struct line){.row = row, .percent = passed > 0 && used > 0 ? used * 100 / passed : 0};
    }
    qsort(lines, n, sizeof *lines, busier);
    return lines;
}

/* ---- showing ---- */

static double mib(const struct domo_value *row, const char *kib)
{
    return domo_value_double(domo_value_get(row, kib), (double)domo_value_int(domo_value_get(row, kib), 0)) / 1024;
}

static void put_table(const struct line *lines, size_t n)
{
    (void)printf("%-32s %5s %6s %6s %10s %10s %5s %10s\n", "Name", "ID", "State", "CPU%", "Time(s)", "Mem(MiB)",
                 "VCPUs", "Max(MiB)");
    for (size_t i = 0; i < n; i++) {
        const struct domo_value *row = lines[i].row;
        double max = mib(row, "max_memory_kib");

        (void)printf("%-32s %5d %6s %6.1f %10.1f %10.0f %5d ", str(row, "name"),
                     (int)domo_value_int(domo_value_get(row, "domid"), -1), str(row, "flags"), lines[i].percent,
                     cpu_of(row), mib(row, "memory_kib"), (int)domo_value_int(domo_value_get(row, "vcpus"), 0));
        /* Domain 0 may have all that there is. */
        if (max < 1e9)
            (void)printf("%10.0f\n", max);
        else
            (void)printf("%10s\n", "no limit");
    }
}

static void copy_int(struct domo_value *to, const char *name, const struct domo_value *row)
{
    domo_value_set_int(to, name, domo_value_int(domo_value_get(row, name), 0));
}

static struct domo_value *json_of(const struct line *l)
{
    struct domo_value *v = text_need(domo_value_object());

    copy_int(v, "domid", l->row);
    domo_value_set_str(v, "name", str(l->row, "name"));
    domo_value_set_str(v, "flags", str(l->row, "flags"));
    /* The builders have no fractions: a tenth of a percent, a millisecond. */
    domo_value_set_int(v, "cpu_permille", (int64_t)(l->percent * 10 + 0.5));
    domo_value_set_int(v, "cpu_ms", (int64_t)(cpu_of(l->row) * 1000 + 0.5));
    copy_int(v, "memory_kib", l->row);
    copy_int(v, "vcpus", l->row);
    return v;
}

static void put_json(const struct line *lines, size_t n)
{
    struct out_array array = {.begun = false};

    for (size_t i = 0; i < n; i++) {
        AUTO_VALUE struct domo_value *v = json_of(&lines[i]);

        out_array_add(&array, v);
    }
    out_array_end(&array);
}

/* ---- the terminal ---- */

struct screen {
    bool is_live, is_raw;
    struct termios saved;
};

/* Single keys, unseen, while it runs. */
static void screen_begin(struct screen *s, bool is_live)
{
    struct termios t;

    *s = (struct screen){.is_live = is_live};
    if (!is_live || tcgetattr(STDIN_FILENO, &s->saved) < 0)
        return;
    t = s->saved;
    t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    s->is_raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &t) == 0;
}

static void screen_end(const struct screen *s)
{
    if (s->is_raw)
        (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &s->saved);
}

static void screen_clear(const struct screen *s)
{
    if (s->is_live)
        (void)fputs("\033[H\033[2J", stdout);
}

/* True: the user has had enough. */
static bool wait_for_key(const struct screen *s, int64_t ms)
{
    struct pollfd p = {.fd = s->is_raw ? STDIN_FILENO : -1, .events = POLLIN};
    double end = now_s() + (double)ms / 1000;

    while (!cli_cancelled) {
        double left = end - now_s();
        char key = 0;

        if (left <= 0)
            return false;
        if (poll(&p, 1, (int)(left * 1000) + 1) <= 0 && errno != EINTR)
            continue;
        if (p.revents && (read(STDIN_FILENO, &key, 1) <= 0 || key == 'q' || key == 'Q'))
            return true;
    }
    return true;
}

/* ---- the command ---- */

static int show(struct cli *cli, const struct screen *s, struct look *before, struct domo_err *err)
{
    AUTO_FREE struct line *lines = NULL;
    struct look now;

    if (take(cli, &now, err))
        return -1;
    lines = compare(before, &now);
    screen_clear(s);
    if (cli->g.json)
        put_json(lines, domo_value_len(now.rows));
    else
        put_table(lines, domo_value_len(now.rows));
    look_fini(before);
    *before = now;
    return fflush(stdout) == 0 ? 0 : 1;
}

static int run(struct cli *cli, const struct top_opts *o, const struct screen *s, struct domo_err *err)
{
    uint32_t count = o->once || cli->g.json ? 1 : o->count;
    struct look before;
    int r = take(cli, &before, err);

    /* The first table comes soon, so that there is something to see. */
    for (uint32_t i = 0; r == 0 && (!count || i < count); i++) {
        int64_t delay = o->delay_ms ? o->delay_ms : i ? DELAY_MS : FIRST_MS;

        if (wait_for_key(s, delay))
            break;
        r = show(cli, s, &before, err);
        if (r == 0 && !s->is_live && !cli->g.json && (!count || i + 1 < count))
            (void)putchar('\n');
    }
    look_fini(&before);
    return r < 0 ? -1 : 0;
}

static int top(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct top_opts *o = inv->opts;
    struct screen s;
    int r;

    if (!cli_ctx(cli, err))
        return -1;
    screen_begin(&s, !o->batch && !o->once && !cli->g.json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));
    r = run(cli, o, &s, err);
    screen_end(&s);
    return r;
}

const struct cmd top_cmds[] = {
    {
        .name = "top",
        .args = "",
        .summary = "Show what the domains use, busiest first, again and again",
        .about = "On a terminal until q or Ctrl-C; else, and with -b, one table below the other. CPU% is of one\n"
                 "processor. --json is one table.",
        .opts = top_opts,
        .opts_size = sizeof(struct top_opts),
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_NONE},
        .run = top,
    },
    {.name = NULL},
};
