/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A guest's memory while it runs: mem-set, mem-max.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "out.h"
#include "text.h"

static const struct opt no_opts[] = {OPT_END};

static int bad_size(struct cli *cli, const char *text, struct domo_err *err)
{
    AUTO_FREE char *why = text_fmt("invalid memory size: %s", text);

    if (cli->as_xl) {
        (void)fprintf(stderr, "%s\n", why);
        cli->told = true;
    }
    return domo_err_set(err, "config.bad-value", why);
}

/* A decimal number and at most one letter: b k m g t, without one it is MiB. */
static int read_size(struct cli *cli, const char *text, uint64_t *ret_kib, struct domo_err *err)
{
    static const char letters[] = "kmgt";
    size_t digits = strspn(text, "0123456789");
    char letter = (char)tolower((unsigned char)text[digits]);
    const char *at = strchr(letters, letter ? letter : 'm');
    uint64_t n;

    /* So many digits that no shift loses one. */
    if (!digits || digits > 10 || (letter && text[digits + 1]))
        return bad_size(cli, text, err);
    n = strtoull(text, NULL, 10);
    if (letter == 'b')
        *ret_kib = n / 1024;
    else if (at && (at - letters) * 10 <= 30)
        *ret_kib = n << (at - letters) * 10;
    else
        return bad_size(cli, text, err);
    return 0;
}

static int run(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    int (*const call)(struct domo_ctx *, uint32_t, uint64_t, struct domo_value **, struct domo_err *) =
        strcmp(inv->cmd->name, "mem-max") == 0 ? domo_mem_max : domo_mem_set;
    AUTO_VALUE struct domo_value *v = NULL;
    uint64_t kib = 0;

    if (read_size(cli, inv->args[1], &kib, err) || call(cli->ctx, inv->domid, kib, &v, err))
        return -1;
    if (cli->g.json)
        out_json(v);
    return 0;
}

const struct cmd memory_cmds[] = {
    {
        .name = "mem-set",
        .args = "DOMAIN SIZE",
        .summary = "Ask a guest to have so much memory, and let it have no more",
        .about = "SIZE is a number of MiB, or has one of the letters b, k, m, g, t behind it. The guest's balloon\n"
                 "driver does it, in its own time; the most that it can have is what it was built for (maxmem=).",
        .opts = no_opts,
        .min = 2,
        .max = 2,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN, WORD_TEXT},
        .run = run,
    },
    {
        .name = "mem-max",
        .args = "DOMAIN SIZE",
        .summary = "Set how much memory a guest may have",
        .about = "SIZE as for mem-set; not less than what the guest has been asked to have. The next mem-set sets it\n"
                 "anew.",
        .opts = no_opts,
        .min = 2,
        .max = 2,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN, WORD_TEXT},
        .run = run,
    },
    {.name = NULL},
};
