/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands on one guest as a whole: destroy, pause, unpause, domid, domname.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "out.h"
#include "text.h"
#include "xl.h"

struct destroy_opts {
    bool force;
};

static const struct opt destroy_opts[] = {
    /* Domain 0 is refused by the library, forced or not. */
    OPT_BOOL(struct destroy_opts, force, "force", 'f', NULL),
    OPT_END,
};

static const struct opt no_opts[] = {OPT_END};

static int destroy(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    struct domo_options options = options_of(inv);
    AUTO_VALUE struct domo_value *gone = NULL;
    int r = domo_destroy(cli->ctx, inv->domid, &options, &gone, err);

    cli_end_progress(cli);
    if (r < 0) {
        if (cli->as_xl)
            (void)fprintf(stderr, "destroy failed (rc=-%d)\n", xl_error_number(err));
        return -1;
    }
    if (cli->g.json)
        out_json(gone);
    else if (!cli->as_xl)
        (void)printf("destroyed domain %u\n", inv->domid);
    out_timing(cli, gone);
    return 0;
}

static int show_paused(const struct cli *cli, const struct inv *inv, bool is_paused)
{
    AUTO_VALUE struct domo_value *v = NULL;

    if (!cli->g.json)
        return 0;
    v = text_need(domo_value_object());
    domo_value_set_int(v, "domid", inv->domid);
    domo_value_set_bool(v, "paused", is_paused);
    out_json(v);
    return 0;
}

static int pause_domain(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    if (domo_pause(cli->ctx, inv->domid, err) < 0)
        return -1;
    return show_paused(cli, inv, true);
}

static int unpause_domain(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    if (domo_unpause(cli->ctx, inv->domid, err) < 0)
        return -1;
    return show_paused(cli, inv, false);
}

static int show_identity(struct cli *cli, const struct inv *inv, bool wants_name, struct domo_err *err)
{
    AUTO_FREE char *name = NULL;
    AUTO_VALUE struct domo_value *v = NULL;

    if ((wants_name || cli->g.json) && domo_name(cli->ctx, inv->domid, &name, err) < 0)
        return -1;
    if (cli->g.json) {
        v = text_need(domo_value_object());
        domo_value_set_int(v, "domid", inv->domid);
        domo_value_set_str(v, "name", name);
        out_json(v);
    } else if (wants_name) {
        (void)printf("%s\n", name);
    } else {
        (void)printf("%u\n", inv->domid);
    }
    return 0;
}

static int domid(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    return show_identity(cli, inv, false, err);
}

static int domname(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    return show_identity(cli, inv, true, err);
}

const struct cmd domain_cmds[] = {
    {
        .name = "destroy",
        .args = "DOMAIN",
        .summary = "Stop a guest at once and give back all that it held",
        .opts = destroy_opts,
        .opts_size = sizeof(struct destroy_opts),
        .min = 1,
        .max = 1,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON | CMD_TIMED,
        .words = {WORD_DOMAIN, WORD_NONE},
        .run = destroy,
    },
    {
        .name = "pause",
        .args = "DOMAIN",
        .summary = "Stop a guest's virtual CPUs",
        .opts = no_opts,
        .min = 1,
        .max = 1,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN, WORD_NONE},
        .run = pause_domain,
    },
    {
        .name = "unpause",
        .args = "DOMAIN",
        .summary = "Let a paused guest run",
        .opts = no_opts,
        .min = 1,
        .max = 1,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN, WORD_NONE},
        .run = unpause_domain,
    },
    {
        .name = "domid",
        .args = "DOMAIN",
        .summary = "Show the number of a guest",
        .opts = no_opts,
        .min = 1,
        .max = 1,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN, WORD_NONE},
        .run = domid,
    },
    {
        .name = "domname",
        .args = "DOMAIN",
        .summary = "Show the name of a guest",
        .opts = no_opts,
        .min = 1,
        .max = 1,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN, WORD_NONE},
        .run = domname,
    },
    {.name = NULL},
};
