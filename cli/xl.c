/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "text.h"

enum { XL_FAIL = 3, XL_INVAL = 6 };

/* The first row whose code the error's code begins with. */
static const struct {
    const char *code;
    int number;
} numbers[] = {
    {"host.no-memory", 5},           {"host.no-guest-memory", 5},   {"domain.exists", XL_INVAL},
    {"kernel.not-found", XL_INVAL},  {"disk.", XL_INVAL},           {"device.guest-no-answer", 9},
    {"device.backend-no-answer", 9}, {"hotplug.script-timeout", 9}, {"timeout", 9},
    {"device.exists", 17},           {"domain.not-found", 21},      {"op.cancelled", 22},
    {"device.not-found", 23},
};

int xl_error_number(const struct domo_err *err)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (text_starts(domo_err_code(err), numbers[i].code))
            return numbers[i].number;
    return XL_FAIL;
}

int xl_bad_domain(struct cli *cli, const char *command, const char *domain, struct domo_err *err)
{
    /* Not "no such guest", but that the host could not be asked: that is worth its own words. */
    if (strcmp(domo_err_code(err), "domain.not-found") != 0)
        return -1;
    cli->told = true;
    if (strcmp(command, "list") == 0)
        (void)fprintf(stderr, "Error: Domain '%s' does not exist.\n", domain);
    else
        (void)fprintf(stderr, "%s is an invalid domain identifier (rc=-%d)\n", domain, XL_INVAL);
    return -1;
}

int xl_bad_option(struct cli *cli, char *why, struct domo_err *err)
{
    const char *quoted = strchr(why, '\''), *end = quoted ? strchr(quoted + 1, '\'') : NULL;

    if (end) {
        while (*++quoted == '-')
            ;
        (void)fprintf(stderr, "option `%.*s' not supported.\n", (int)(end - quoted), quoted);
        cli->told = true;
    }
    (void)domo_err_set(err, "usage", why);
    free(why);
    return -1;
}

int xl_unknown_command(struct cli *cli, char *why, struct domo_err *err)
{
    AUTO_FREE char *text = why;

    (void)fputs("command not implemented\n", stderr);
    cli->told = true;
    return domo_err_set(err, "unsupported", text);
}

int xl_error(struct cli *cli, const struct domo_err *err)
{
    int status = out_error(cli, err);

    return status == 2 ? 2 : 1;
}
