/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The command line, called in this process as a shell would call the program.
 */
#ifndef DOMO_TESTS_SIM_COMMAND_H
#define DOMO_TESTS_SIM_COMMAND_H

struct outcome {
    int status;      /* exit status */
    char *out, *err; /* what it printed */
};

/* "argv" ends with NULL. Free with outcome_fini(). */
void command_run(char *const argv[], struct outcome *ret);
void outcome_fini(struct outcome *);

#endif
