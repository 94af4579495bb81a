/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Logging to a sink that the caller installs. The library logs at debug
 * level only: what a person must see travels in the error object.
 */
#ifndef DOMO_BASE_LOG_H
#define DOMO_BASE_LOG_H

#include "base/attr.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

struct log {
    /* Gets one line without newline. NULL: nothing is logged. */
    void (*sink)(void *arg, enum log_level level, const char *line);
    void *arg;
    enum log_level threshold;
};

const char *log_level_name(enum log_level level);

/* "log" may be NULL. */
void log_line(const struct log *log, enum log_level level, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
