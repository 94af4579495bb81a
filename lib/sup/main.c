/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * domod: the supervisor as a daemon. It stays in the foreground; whoever
 * manages services starts it, and starts it again.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sup/sup.h"

static const char usage[] =
    "usage: domod [options]\n"
    "  -H, --host URI           the host: xen:, sim:DIR (default: $DOMO_HOST, else xen:)\n"
    "      --quick SECONDS      a guest that ends sooner than this after its start ends quickly (10)\n"
    "      --pause SECONDS      before the restart after the second quick end in a row; doubles each time (1)\n"
    "      --quick-max N        so many quick ends in a row, and it is not restarted any more (10)\n"
    "      --until-idle         end when there is no guest left to watch\n"
    "  -v, --verbose            say more\n"
    "  -h, --help               this text\n";

enum { OPT_QUICK = 0x100, OPT_PAUSE, OPT_QUICK_MAX, OPT_UNTIL_IDLE };

static const struct option options[] = {
    {"host", required_argument, NULL, 'H'},
    {"quick", required_argument, NULL, OPT_QUICK},
    {"pause", required_argument, NULL, OPT_PAUSE},
    {"quick-max", required_argument, NULL, OPT_QUICK_MAX},
    {"until-idle", no_argument, NULL, OPT_UNTIL_IDLE},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct opts {
    const char *host;
    struct sup_limits limits;
    bool verbose, until_idle;
};

static volatile int cancelled;

static void on_signal(int sig)
{
    (void)sig;
    cancelled = 1;
}

static bool seconds(const char *text, int64_t *ret_ms)
{
    char *end;
    double s = strtod(text, &end);

    if (end == text || *end || !(s >= 0) || s > 86400)
        return false;
    *ret_ms = (int64_t)(s * 1000);
    return true;
}

/* 0, or the exit status + 1. */
static int parse_options(int argc, char **argv, struct opts *o)
{
    bool fine = true;
    int opt;

    while ((opt = getopt_long(argc, argv, "H:vh", options, NULL)) >= 0) {
        switch (opt) {
        case 'H':
            o->host = optarg;
            break;
        case OPT_QUICK:
            fine = fine && seconds(optarg, &o->limits.quick_ms);
            break;
        case OPT_PAUSE:
            fine = fine && seconds(optarg, &o->limits.pause_ms);
            break;
        case OPT_QUICK_MAX:
            fine = fine && str_to_u32(optarg, &o->limits.quick_max) == 0 && o->limits.quick_max > 0;
            break;
        case OPT_UNTIL_IDLE:
            o->until_idle = true;
            break;
        case 'v':
            o->verbose = true;
            break;
        case 'h':
            (void)fputs(usage, stdout);
            return 1;
        default:
            fine = false;
        }
    }
    if (fine && optind == argc)
        return 0;
    (void)fputs(usage, stderr);
    return 3;
}

static void print_line(void *arg, enum log_level level, const char *line)
{
    (void)arg;
    (void)fprintf(stderr, "domod: %s%s\n", level == LOG_LEVEL_WARN ? "warning: " : "", line);
}

static int fail(const struct domo_err *err)
{
    (void)fprintf(stderr, "domod: error: %s\n", err->msg);
    if (err_hint_text(err)[0])
        (void)fprintf(stderr, "domod: %s\n", err_hint_text(err));
    return err_class_status(err_class(err->code));
}

int main(int argc, char **argv)
{
    struct opts o = {.host = NULL, .limits = SUP_LIMITS_DEFAULT};
    struct log log = {.sink = print_line, .threshold = LOG_LEVEL_INFO};
    struct sigaction stop = {.sa_handler = on_signal};
    struct domo_err err = DOMO_ERR_INIT;
    struct host *h = NULL;
    int r = parse_options(argc, argv, &o);

    if (r)
        return r - 1;
    if (o.verbose)
        log.threshold = LOG_LEVEL_DEBUG;
    (void)sigaction(SIGTERM, &stop, NULL);
    (void)sigaction(SIGINT, &stop, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    if (host_open(o.host, &log, &h, &err))
        return fail(&err);
    h->cancelled = &cancelled;
    r = sup_run(h, &o.limits, o.until_idle, &err);
    (void)host_close(h);
    return r ? fail(&err) : 0;
}
