/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The running command line: global options, the context of the library, and
 * under which name it was called.
 */
#ifndef DOMO_CLI_CLI_H
#define DOMO_CLI_CLI_H

#include <stdbool.h>

#include "auto.h"

struct global_opts {
    const char *host;
    bool json, trace, no_progress, stats, help, version;
    int verbose;
    /* Only under xl's name. */
    bool dry_run, ignored;
};

struct cli {
    const char *prog; /* "domo" or "xl" */
    bool as_xl;       /* xl's messages and exit codes */
    struct global_opts g;
    struct domo_ctx *ctx;
    bool told;                   /* the failure has been reported in full; only the exit status is left */
    bool quiet_progress;         /* the terminal is somebody else's for now */
    bool progress_on_line;       /* a progress line stands on the terminal */
    struct domo_value *findings; /* about a config file that was refused: part of the error's JSON */
};

/* Set by a signal handler; the library looks at it. */
extern volatile int cli_cancelled;

int cli_main(int argc, char **argv);
/* The context, made when it is first asked for. NULL with the error filled. */
struct domo_ctx *cli_ctx(struct cli *, struct domo_err *) MUST_CHECK;

/* Before anything else is printed: takes the progress line off the terminal. */
void cli_end_progress(struct cli *);

#endif
