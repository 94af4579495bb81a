/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Failing with everything that can be seen of the device. Texts from the store
 * may come from a guest: they are shown, bounded and printable, and nothing
 * else is done with them.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dev/device.h"

void dev_read_text(struct host *h, const char *path, char out[DEV_TEXT_MAX])
{
    char *AUTO_FREE text = NULL;
    size_t i = 0;

    out[0] = '\0';
    if (store_read_opt(h, 0, path, &text, NULL) || !text)
        return;
    for (; i < DEV_TEXT_MAX - 1 && text[i]; i++)
        out[i] = (char)((unsigned char)text[i] < ' ' || (unsigned char)text[i] > '~' ? '?' : text[i]);
    out[i] = '\0';
}

/* Kernels write under "error/", followed by the device's path in their domain. */
void dev_error_text(const struct dev *d, bool of_front, char out[DEV_TEXT_MAX])
{
    uint32_t owner = of_front ? d->set->domid : d->back_domid;
    struct dev_paths paths;
    char path[STORE_PATH_MAX], prefix[64];
    const char *dir;
    size_t skip;

    dev_paths(d, &paths);
    dir = of_front ? paths.front : paths.back;
    skip = (size_t)snprintf(prefix, sizeof prefix, "/local/domain/%" PRIu32 "/", owner);
    out[0] = '\0';
    if (strncmp(dir, prefix, skip) != 0)
        return;
    (void)snprintf(path, sizeof path, "%serror/%s/error", prefix, dir + skip);
    dev_read_text(d->set->host, path, out);
}

static void add_fact(struct domo_err *err, const char *name, const char *text)
{
    if (text[0])
        (void)err_fact(err, name, "%s", text);
}

static void add_state(const struct dev *d, bool of_front, struct domo_err *err)
{
    enum xenbus_state state;

    if (dev_state(d, of_front, &state, NULL) == 0)
        (void)err_fact(err, of_front ? "front-state" : "back-state", "%d (%s)", (int)state, xenbus_state_name(state));
}

int dev_fail(const struct dev *d, enum domo_code code, struct domo_err *err, const char *fmt, ...)
{
    static const char *const texts[] = {"hotplug-status", "hotplug-error"};
    char what[ERR_MSG_MAX], text[DEV_TEXT_MAX], path[STORE_PATH_MAX];
    struct dev_paths paths;
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    if (!err)
        return -1;
    dev_paths(d, &paths);
    dev_error_text(d, false, text);
    if (text[0] && code == DOMO_E_DEVICE_BACKEND_FAILED)
        (void)err_set(err, code, "%s: %s", what, text);
    else
        (void)err_set(err, code, "%s", what);
    add_state(d, false, err);
    add_state(d, true, err);
    add_fact(err, "back-error", text);
    dev_error_text(d, true, text);
    add_fact(err, "front-error", text);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        dev_join(path, paths.back, texts[i]);
        dev_read_text(d->set->host, path, text);
        add_fact(err, texts[i], text);
    }
    return -1;
}
