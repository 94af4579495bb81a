/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How a virtual keyboard with its pointer is written down.
 */
#include "base/str.h"
#include "dev/grammar.h"

static const struct dev_word backends[] = {{"qemu", NULL}, {"linux", NULL}, {NULL, NULL}};

#define FEATURE(word, member, text)                                                                                    \
    {                                                                                                                  \
        .name = "feature-" word, .type = DEV_KEY_FLAG, .json = "feature_" member, .example = "1", .doc = (text)        \
    }
#define SIZE(word, member, text)                                                                                       \
    {                                                                                                                  \
        .name = (word), .type = DEV_KEY_NUMBER, .json = (member), .node = (word), .side = NODE_BACK,                   \
        .example = "1024", .doc = (text)                                                                               \
    }

static const struct dev_key keys[] = {
    {.name = "backend-type",
     .type = DEV_KEY_WORD,
     .words = backends,
     .required = true,
     .json = "backend_type",
     .example = "qemu",
     .doc = "Who serves it: the device model, or a program that speaks the linux back end's protocol."},
    {.name = "backend",
     .json = "backend_domname",
     .example = "inputdom",
     .doc = "The domain that serves it; this one if it is not given."},
    {.name = "unique-id",
     .json = "unique_id",
     .node = "unique-id",
     .side = NODE_BACK,
     .example = "T1",
     .doc = "A name by which a program that serves it knows it."},
    FEATURE("disable-keyboard", "disable_keyboard", "It has no keyboard."),
    FEATURE("disable-pointer", "disable_pointer", "It has no pointer."),
    FEATURE("abs-pointer", "abs_pointer", "The pointer tells positions instead of movements."),
    FEATURE("raw-pointer", "raw_pointer", "The pointer's positions are not scaled to the screen."),
    FEATURE("multi-touch", "multi_touch", "It has a touch screen."),
    SIZE("multi-touch-width", "multi_touch_width", "The touch screen's width in pixels."),
    SIZE("multi-touch-height", "multi_touch_height", "The touch screen's height in pixels."),
    SIZE("multi-touch-num-contacts", "multi_touch_num_contacts", "How many fingers the touch screen tells apart."),
    SIZE("width", "width", "The largest position of the pointer to the right."),
    SIZE("height", "height", "The largest position of the pointer downwards."),
};

const struct dev_grammar grammar_vkb = {
    .key = "vkb",
    .json_list = "vkbs",
    .noun = "virtual keyboard",
    .keys = keys,
    .n = ARRAY_LEN(keys),
};
