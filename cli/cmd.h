/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands are rows. What a command needs (how many words, which one is a
 * guest, whether it can print JSON or do a dry run) is data in its row and is
 * checked here, once; the body of a command starts with valid things.
 */
#ifndef DOMO_CLI_CMD_H
#define DOMO_CLI_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auto.h"
#include "cli.h"
#include "opt.h"

enum cmd_flags {
    CMD_XL = 1 << 0,       /* one of xl's verbs */
    CMD_JSON = 1 << 1,     /* has a result that --json prints */
    CMD_DRY_RUN = 1 << 2,  /* has --dry-run */
    CMD_TIMED = 1 << 3,    /* runs a plan: --timing, --timeout */
    CMD_HIDDEN = 1 << 4,   /* for machines: not in help, completion, manual */
    CMD_SETTINGS = 1 << 5, /* takes key=value words */
};

enum target {
    TARGET_NONE,
    TARGET_DOMAIN,       /* the first word names a guest */
    TARGET_DOMAIN_MAYBE, /* the first word, if there is one, names a guest */
};

enum { CMD_ANY = 1 << 16, CMD_WORDS_MAX = 3 };

struct inv;

struct cmd {
    const char *name; /* NULL ends a table */
    const char *args; /* "DOMAIN [DEVICE]", for help */
    const char *summary;
    const char *about; /* more sentences for help and manual; may be NULL */
    const struct opt *opts;
    size_t opts_size; /* of the record that "opts" fills */
    int min, max;     /* number of words */
    enum target target;
    unsigned flags;
    enum word words[CMD_WORDS_MAX]; /* what each word is; the last one counts for all that follow */
    /* 0; -1 with the error filled; or an exit status, when the result itself says what is wrong. */
    int (*run)(struct cli *, struct inv *, struct domo_err *);
    const struct cmd *sub; /* commands of a second level; then "run" is NULL */
};

/* Options that rows of several commands share, by their flags. */
struct common_opts {
    bool dry_run, timing;
    struct opt_limits timeout;
};

/* One call of a command. */
struct inv {
    const struct cmd *parent, *cmd; /* "parent" NULL: of the first level */
    char **args;
    int n;
    void *opts; /* cmd->opts' record */
    struct common_opts common;
    bool has_domid;
    uint32_t domid;
    const char *domain; /* as it was given */
};

/* All groups, NULL-terminated: main's list. */
extern const struct cmd *const cmd_groups[];

/* What a name means: an exact name, else the only one that it begins. NULL: *ret_why says why not, caller frees. */
const struct cmd *cmd_find(const struct cli *, const char *name, char **ret_why);
/* Of a second level. */
const struct cmd *cmd_find_sub(const struct cmd *parent, const char *name, char **ret_why);
bool cmd_is_shown(const struct cli *, const struct cmd *);

/* Parses, checks, resolves, runs, reports; argv[0] is the command's name. Returns the exit status. */
int cmd_dispatch(struct cli *, int argc, char **argv);

enum { CMD_SETS_MAX = 4 };
/* The option sets of a command in order of precedence, with records NULL. Returns how many. */
size_t cmd_optsets(const struct cmd *, struct optset sets[CMD_SETS_MAX]);
extern const struct opt cmd_global_opts[];

void cmd_usage(const struct cli *, const struct cmd *parent, const struct cmd *, FILE *);
void cmd_overview(const struct cli *, FILE *);

#endif
