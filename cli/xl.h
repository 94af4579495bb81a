/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is different when the program is called by xl's name: what scripts of
 * twenty years compare, messages of a few failures and exit statuses.
 */
#ifndef DOMO_CLI_XL_H
#define DOMO_CLI_XL_H

#include "auto.h"
#include "cli.h"

/* Each says it in xl's words, marks the failure as told, and returns -1 with the error filled so that xl_error() finds
 * the exit status. Texts "why" are freed. */
int xl_bad_domain(struct cli *, const char *command, const char *domain, struct domo_err *);
int xl_bad_option(struct cli *, char *why, struct domo_err *);
int xl_unknown_command(struct cli *, char *why, struct domo_err *);

/* Prints what is left to print; returns xl's exit status. */
int xl_error(struct cli *, const struct domo_err *);
/* The number of libxl's error that comes nearest, positive: the exit status of a failed create. */
int xl_error_number(const struct domo_err *);

#endif
