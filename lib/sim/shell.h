/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The inside of a guest's shell. Private to shell*.c.
 */
#ifndef DOMO_SIM_SHELL_H
#define DOMO_SIM_SHELL_H

#include "base/str.h"
#include "ring/stream.h"
#include "sim/guest.h"

enum { SHELL_LINE_MAX = 256, SHELL_WORDS_MAX = 8 };

struct shell {
    struct guest *guest;
    struct stream in, out;
    uint32_t port;
    struct str text; /* what the console had no room for yet */
    char line[SHELL_LINE_MAX];
    size_t len;
    bool has_prompt;
    /* A disk that is waited for; then no input is read. */
    const struct front *disk;
    enum blk_op op;
    uint32_t count;
};

/* shell_store.c: commands on the store, with the guest's rights. */
void shell_store_write(struct shell *, char *const *words, size_t n);
void shell_store_fill(struct shell *, char *const *words, size_t n);
void shell_store_rm(struct shell *, char *const *words, size_t n);
void shell_store_read(struct shell *, char *const *words, size_t n);

/* One line that was entered. */
void shell_command(struct shell *, char *line);

#endif
