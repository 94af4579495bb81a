/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How a virtual frame buffer is written down: what its viewer is told.
 */
#include <string.h>

#include "base/str.h"
#include "dev/grammar.h"

/* An address, with a display behind the last colon if that is a number: "127.0.0.1:3", "[::1]:3". */
static const char *check_listen(const char *text, const char **ret_hint)
{
    const char *colon = strrchr(text, ':');
    uint32_t display;

    if (strchr(text, ' ') || !*text)
        return "that is no address";
    if (!colon || strchr(text, ':') != colon || text[0] == '[' || str_to_u32(colon + 1, &display) == 0)
        return NULL;
    *ret_hint = "like 127.0.0.1, or 127.0.0.1:3 for display 3";
    return "what stands behind the colon is no display number";
}

static const struct dev_key keys[] = {
    {.name = "vnc",
     .type = DEV_KEY_SWITCH,
     .def = "1",
     .json = "vnc.enable",
     .node = "vnc",
     .side = NODE_BACK,
     .example = "1",
     .doc = "Shows the screen by VNC."},
    {.name = "vnclisten",
     .check = check_listen,
     .def = "127.0.0.1",
     .json = "vnc.listen",
     .node = "vnclisten",
     .side = NODE_BACK,
     .example = "0.0.0.0",
     .doc = "Where the VNC server listens: an address, with or without ':' and the display number."},
    {.name = "vncpasswd",
     .json = "vnc.passwd",
     .node = "vncpasswd",
     .side = NODE_BACK,
     .example = "secret",
     .doc = "The VNC server's password; none if it is not given."},
    {.name = "vncdisplay",
     .type = DEV_KEY_NUMBER,
     .max = 59635, /* the last port */
     .def = "0",
     .json = "vnc.display",
     .node = "vncdisplay",
     .side = NODE_BACK,
     .example = "3",
     .doc = "The display number: the port less 5900."},
    {.name = "vncunused",
     .type = DEV_KEY_SWITCH,
     .def = "1",
     .json = "vnc.findunused",
     .node = "vncunused",
     .side = NODE_BACK,
     .example = "0",
     .doc = "Takes the next free port if that one is taken."},
    {.name = "sdl",
     .type = DEV_KEY_SWITCH,
     .def = "0",
     .json = "sdl.enable",
     .node = "sdl",
     .side = NODE_BACK,
     .example = "1",
     .doc = "Shows the screen in a window of the host's own display."},
    {.name = "opengl",
     .type = DEV_KEY_SWITCH,
     .def = "0",
     .json = "sdl.opengl",
     .node = "opengl",
     .side = NODE_BACK,
     .example = "1",
     .doc = "OpenGL for that window."},
    {.name = "display",
     .json = "sdl.display",
     .node = "display",
     .side = NODE_BACK,
     .example = ":0",
     .doc = "The X display of that window."},
    {.name = "xauthority",
     .json = "sdl.xauthority",
     .node = "xauthority",
     .side = NODE_BACK,
     .example = "/root/.Xauthority",
     .doc = "The X authority file for it."},
    {.name = "keymap", .json = "keymap", .example = "de", .doc = "The keyboard layout of the viewer."},
};

static const char *check_all(const struct dev_spec *s, const char **ret_hint)
{
    const char *listen = dev_spec_get(s, "vnclisten"), *colon = strrchr(listen, ':');
    uint32_t display;

    for (size_t i = 0; i < s->grammar->n; i++) {
        bool is_display = str_eq(s->grammar->keys[i].name, "vncdisplay");

        if (is_display && s->values[i] && colon && str_to_u32(colon + 1, &display) == 0) {
            *ret_hint = "leave one of both out";
            return "vnclisten= names a display already, so vncdisplay= can't name another one";
        }
    }
    return NULL;
}

/* Of xm's days: which viewer. */
static const char *const ignored[] = {"type", NULL};

const struct dev_grammar grammar_vfb = {
    .key = "vfb",
    .json_list = "vfbs",
    .noun = "virtual frame buffer",
    .keys = keys,
    .n = ARRAY_LEN(keys),
    .ignored = ignored,
    .check = check_all,
};
