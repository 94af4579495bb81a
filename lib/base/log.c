/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

const char *log_level_name(enum log_level level)
{
    static const char *const names[] = {
        [LOG_LEVEL_DEBUG] = "debug",
        [LOG_LEVEL_INFO] = "info",
        [LOG_LEVEL_WARN] = "warning",
        [LOG_LEVEL_ERROR] = "error",
    };

    return names[level];
}

void log_line(const struct log *log, enum log_level level, const char *fmt, ...)
{
    char line[2048];
    va_list ap;

    if (!log || !log->sink || level < log->threshold)
        return;
    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    log->sink(log->arg, level, line);
}
