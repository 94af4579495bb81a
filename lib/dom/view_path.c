/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Paths of the store: checked before the server is asked, because all that it
 * would say is "invalid argument".
 */
#include <string.h>

#include "base/str.h"
#include "dom/view.h"

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/_@";

/* The rest of a path below a domain's home: only that counts for the shorter limit, so that a path stays legal when the
 * domain gets a longer number. */
static size_t length_in_home(const char *path)
{
    static const char home[] = "/local/domain/";
    const char *p = path;

    if (!str_starts(path, home))
        return strlen(path);
    p += sizeof home - 1;
    p += strspn(p, "0123456789");
    return *p == '/' && p > path + sizeof home - 1 ? strlen(p + 1) : strlen(path);
}

int view_check_path(const char *path, bool special, struct domo_err *err)
{
    size_t n = strlen(path);

    if (n == 0)
        return err_set(err, DOMO_E_STORE_BAD_PATH, "the path is empty");
    if (path[0] == '@' && !special) {
        (void)err_set(err, DOMO_E_STORE_BAD_PATH, "'%s' is an event, not a node", path);
        return err_hint(err, "it can only be watched, and be given permissions");
    }
    if (strspn(path, letters) != n)
        return err_set(err, DOMO_E_STORE_BAD_PATH, "the path '%s' has a character that no path can have", path);
    if (strstr(path, "//"))
        return err_set(err, DOMO_E_STORE_BAD_PATH, "the path '%s' has an empty element", path);
    if (n > 1 && path[n - 1] == '/')
        return err_set(err, DOMO_E_STORE_BAD_PATH, "the path '%s' ends with a slash", path);
    if (n > VIEW_PATH_MAX || length_in_home(path) > VIEW_RELATIVE_MAX) {
        (void)err_set(err, DOMO_E_STORE_BAD_PATH, "the path '%.40s…' is too long", path);
        return err_hint(err, "at most %d bytes, and %d below a domain's home", VIEW_PATH_MAX, VIEW_RELATIVE_MAX);
    }
    return 0;
}

/* Cuts the last element off; false when nothing is left above. */
static bool cut(char *path)
{
    char *slash = strrchr(path, '/');

    if (!slash || !path[1])
        return false;
    slash[slash == path] = '\0';
    return true;
}

int view_missing(struct host *h, store_txn t, const char *path, struct domo_err *err)
{
    char *AUTO_FREE above = strdup(path);
    bool found = false;

    (void)err_set(err, DOMO_E_STORE_NOT_FOUND, "there is no node '%s'", path);
    while (above && !found && cut(above)) {
        char *AUTO_FREE value = NULL;

        found = store_read_opt(h, t, above, &value, NULL) == 0 && value;
    }
    return found ? err_hint(err, "the nearest node above it is '%s'", above) : -1;
}
