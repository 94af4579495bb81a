/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Virtual sound cards, served by a program in the back end's domain. The
 * layout is xen/io/sndif.h's: the card's parts are directories on the front
 * end's side, which is the guest's own.
 */
#include "base/str.h"
#include "dev/device.h"

#define SOUND_NODES                                                                                                    \
    {"sample-rates", "sample_rates", false}, {"sample-formats", "sample_formats", false},                              \
        {"channels-min", "channels_min", true}, {"channels-max", "channels_max", true},                                \
    {                                                                                                                  \
        "buffer-size", "buffer_size", true                                                                             \
    }

static const struct dev_show stream_nodes[] = {
    {"unique-id", "unique_id", false},        {"type", "type", false}, SOUND_NODES, {"ring-ref", "ring_ref", true},
    {"event-channel", "event_channel", true},
};
static const struct dev_show_level stream_level = {
    .list = "streams", .nodes = stream_nodes, .n = ARRAY_LEN(stream_nodes)};
static const struct dev_show pcm_nodes[] = {{"name", "name", false}, SOUND_NODES};
static const struct dev_show_level pcm_level = {
    .list = "pcms", .nodes = pcm_nodes, .n = ARRAY_LEN(pcm_nodes), .inner = &stream_level};
static const struct dev_show card_nodes[] = {
    {"short-name", "short_name", false}, {"long-name", "long_name", false}, SOUND_NODES};
static const struct dev_show_level card_level = {.nodes = card_nodes, .n = ARRAY_LEN(card_nodes), .inner = &pcm_level};

static void vsnd_describe(const struct dev *d, struct json *row)
{
    dev_show(d, &card_level, row);
}

const struct devkind devkind_vsnd = {
    .name = "vsnd",
    .back_name = "vsnd",
    .summary = "a virtual sound card, served by a program of another domain",
    .has_handshake = true,
    .grammar = &grammar_vsnd,
    .describe = vsnd_describe,
};
