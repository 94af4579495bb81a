/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/screen.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { FIRST_PORT = 5900 };

static int read_node(struct host *h, uint32_t domid, const char *name, char **ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX];

    return store_path(path, err, "/local/domain/%" PRIu32 "/console/%s", domid, name) ||
                   store_read_opt(h, 0, path, ret, err)
               ? -1
               : 0;
}

int screen_find(struct host *h, uint32_t domid, struct json **ret, char **ret_password, struct domo_err *err)
{
    char *AUTO_FREE where = NULL, *AUTO_FREE port_text = NULL, *AUTO_FREE password = NULL;
    struct json *j;
    uint32_t port;

    *ret = NULL;
    if (read_node(h, domid, "vnc-port", &port_text, err) || read_node(h, domid, "vnc-listen", &where, err) ||
        (ret_password && read_node(h, domid, "vnc-pass", &password, err)))
        return -1;
    if (!port_text || str_to_u32(port_text, &port) || port < FIRST_PORT || port > UINT16_MAX)
        return 0;
    j = json_new_object();
    json_set_str(j, "host", where && *where ? where : "127.0.0.1");
    json_set_uint(j, "port", port);
    json_set_uint(j, "display", port - FIRST_PORT);
    json_setf(j, "address", strchr(json_get_str(j, "host", ""), ':') ? "[%s]:%" PRIu32 : "%s:%" PRIu32,
              json_get_str(j, "host", ""), port);
    *ret = json_done(j);
    if (!*ret)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (ret_password) {
        *ret_password = password && *password ? password : NULL;
        if (*ret_password)
            password = NULL;
    }
    return 0;
}
