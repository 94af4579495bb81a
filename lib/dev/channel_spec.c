/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How a console channel is written down. Where it leads to is a tagged union in
 * libxl's JSON.
 */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "dev/dev.h"
#include "dev/grammar.h"

static const struct dev_word connections[] = {{"pty", NULL}, {"socket", NULL}, {NULL, NULL}};

static const char *check_path(const char *text, const char **ret_hint)
{
    enum { SUN_PATH_MAX = 107 };

    *ret_hint = "like /run/agent.sock";
    if (text[0] != '/')
        return "the path of a socket begins with '/'";
    return strlen(text) > SUN_PATH_MAX ? "the path of a socket has at most 107 bytes" : NULL;
}

static const struct dev_key keys[] = {
    {.name = "name",
     .required = true,
     .json = "name",
     .node = "name",
     .side = NODE_BACK,
     .example = "org.example.agent",
     .doc = "By which the guest knows the channel."},
    {.name = "connection",
     .type = DEV_KEY_WORD,
     .words = connections,
     .required = true,
     .node = "connection",
     .side = NODE_BACK,
     .example = "pty",
     .doc = "What it is on this host: a terminal of its own, or a socket that listens."},
    {.name = "path",
     .check = check_path,
     .node = "path",
     .side = NODE_BACK,
     .with = "connection=socket",
     .example = "/run/agent.sock",
     .doc = "The socket's path."},
    {.name = "backend",
     .json = "backend_domname",
     .example = "consoledom",
     .doc = "The domain that serves it; this one if it is not given."},
};

static const char *check_all(const struct dev_spec *s, const char **ret_hint)
{
    bool is_socket = str_eq(dev_spec_get(s, "connection"), "socket"), has_path = dev_spec_get(s, "path") != NULL;

    if (is_socket == has_path)
        return NULL;
    *ret_hint = is_socket ? "add path=/run/agent.sock" : "leave path= out, or write connection=socket";
    return is_socket ? "a channel to a socket needs path=" : "only a channel to a socket has a path=";
}

static void to_libxl(const struct dev_spec *s, struct json *object)
{
    char *AUTO_FREE tag = str_format("connection.%s", dev_spec_get(s, "connection"));
    struct json *connection = tag ? json_set_object(object, tag) : NULL;

    /* libxl counts channels from 0, the store from 1. */
    if (s->has_devid)
        json_set_uint(object, "devid", s->devid - CHANNEL_FIRST_DEVID);
    if (connection && dev_spec_get(s, "path"))
        json_set_str(connection, "path", dev_spec_get(s, "path"));
}

static int from_libxl(const struct json *object, struct dev_spec *s)
{
    const struct json *socket = json_get(object, "connection.socket");

    s->devid += s->has_devid ? CHANNEL_FIRST_DEVID : 0;
    if (!socket)
        return dev_spec_set(s, "connection", "pty");
    if (dev_spec_set(s, "connection", "socket"))
        return -ENOMEM;
    return dev_spec_set(s, "path", json_get_str(socket, "path", NULL));
}

const struct dev_grammar grammar_channel = {
    .key = "channel",
    .json_list = "channels",
    .noun = "channel",
    .keys = keys,
    .n = ARRAY_LEN(keys),
    .check = check_all,
    .to_libxl = to_libxl,
    .from_libxl = from_libxl,
};
