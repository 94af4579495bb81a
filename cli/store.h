/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The command group "store": those that look stand in store_show.c, the table
 * and those that change in store.c.
 */
#ifndef DOMO_CLI_STORE_H
#define DOMO_CLI_STORE_H

#include "groups.h"

struct store_ls_opts {
    bool full, recursive;
};
struct store_tree_opts {
    bool paths, perms;
    uint32_t depth;
};
struct store_read_opts {
    bool raw, prefix;
};
struct store_watch_opts {
    bool full;
    uint32_t count;
    int64_t timeout_ms;
};

int store_ls(struct cli *, struct inv *, struct domo_err *);
int store_tree(struct cli *, struct inv *, struct domo_err *);
int store_dump(struct cli *, struct inv *, struct domo_err *);
int store_read(struct cli *, struct inv *, struct domo_err *);
int store_exists(struct cli *, struct inv *, struct domo_err *);
int store_watch(struct cli *, struct inv *, struct domo_err *);

#endif
