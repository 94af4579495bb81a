/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How a virtual sound card is written down: a card has PCM devices, those have
 * streams, and each level may narrow what the one above allows.
 */
#include <string.h>

#include "base/str.h"
#include "dev/grammar.h"

static const struct dev_word formats[] = {
    {"s8", NULL},
    {"u8", NULL},
    {"s16_le", NULL},
    {"s16_be", NULL},
    {"u16_le", NULL},
    {"u16_be", NULL},
    {"s24_le", NULL},
    {"s24_be", NULL},
    {"u24_le", NULL},
    {"u24_be", NULL},
    {"s32_le", NULL},
    {"s32_be", NULL},
    {"u32_le", NULL},
    {"u32_be", NULL},
    {"f32_le", NULL},
    {"f32_be", NULL},
    {"f64_le", NULL},
    {"f64_be", NULL},
    {"iec958_subframe_le", NULL},
    {"iec958_subframe_be", NULL},
    {"mu_law", NULL},
    {"a_law", NULL},
    {"ima_adpcm", NULL},
    {"mpeg", NULL},
    {"gsm", NULL},
    {NULL, NULL},
};

static const struct dev_word directions[] = {{"p", NULL}, {"c", NULL}, {NULL, NULL}};

/* What each level has. */
#define SOUND_KEYS                                                                                                     \
    {.name = "sample-rates",                                                                                           \
     .type = DEV_KEY_NUMBERS,                                                                                          \
     .min = 1,                                                                                                         \
     .json = "params.sample_rates",                                                                                    \
     .node = "sample-rates",                                                                                           \
     .side = NODE_FRONT,                                                                                               \
     .example = "44100;48000",                                                                                         \
     .doc = "Samples a second that it can play, parted by semicolons."},                                               \
        {.name = "sample-formats",                                                                                     \
         .type = DEV_KEY_WORDS,                                                                                        \
         .words = formats,                                                                                             \
         .json = "params.sample_formats",                                                                              \
         .node = "sample-formats",                                                                                     \
         .side = NODE_FRONT,                                                                                           \
         .example = "s8;s16_le",                                                                                       \
         .doc = "Formats of a sample that it can play, parted by semicolons."},                                        \
        {.name = "channels-min",                                                                                       \
         .type = DEV_KEY_NUMBER,                                                                                       \
         .min = 1,                                                                                                     \
         .max = 255,                                                                                                   \
         .json = "params.channels_min",                                                                                \
         .node = "channels-min",                                                                                       \
         .side = NODE_FRONT,                                                                                           \
         .example = "1",                                                                                               \
         .doc = "The least number of channels."},                                                                      \
        {.name = "channels-max",                                                                                       \
         .type = DEV_KEY_NUMBER,                                                                                       \
         .min = 1,                                                                                                     \
         .max = 255,                                                                                                   \
         .json = "params.channels_max",                                                                                \
         .node = "channels-max",                                                                                       \
         .side = NODE_FRONT,                                                                                           \
         .example = "2",                                                                                               \
         .doc = "The greatest number of channels."},                                                                   \
    {                                                                                                                  \
        .name = "buffer-size", .type = DEV_KEY_NUMBER, .min = 1, .json = "params.buffer_size", .node = "buffer-size",  \
        .side = NODE_FRONT, .example = "65536", .doc = "The largest buffer of a stream, in bytes."                     \
    }

static const char *check_channels(const struct dev_spec *s, const char **ret_hint)
{
    uint32_t low = dev_spec_number(s, "channels-min"), high = dev_spec_number(s, "channels-max");

    (void)ret_hint;
    return high && low > high ? "channels-min is greater than channels-max" : NULL;
}

static const struct dev_key stream_keys[] = {
    {.name = "unique-id",
     .json = "unique_id",
     .node = "unique-id",
     .side = NODE_FRONT,
     .example = "speaker",
     .doc = "The name by which the back end knows the stream."},
    {.name = "type",
     .type = DEV_KEY_WORD,
     .words = directions,
     .json = "type",
     .node = "type",
     .side = NODE_FRONT,
     .example = "p",
     .doc = "p plays, c captures."},
    SOUND_KEYS,
};

static const struct dev_grammar stream = {
    .key = "vsnd",
    .json_list = "streams",
    .noun = "sound stream",
    .word = "stream",
    .keys = stream_keys,
    .n = ARRAY_LEN(stream_keys),
    .check = check_channels,
};

static const struct dev_key pcm_keys[] = {
    {.name = "name",
     .json = "name",
     .node = "name",
     .side = NODE_FRONT,
     .example = "Main",
     .doc = "The PCM device's name in the guest."},
    SOUND_KEYS,
};

static const struct dev_grammar pcm = {
    .key = "vsnd",
    .json_list = "pcms",
    .noun = "PCM device",
    .word = "pcm",
    .inner = &stream,
    .keys = pcm_keys,
    .n = ARRAY_LEN(pcm_keys),
    .check = check_channels,
};

static const struct dev_key card_keys[] = {
    {.name = "backend",
     .json = "backend_domname",
     .example = "sounddom",
     .doc = "The domain that plays the sound, by name or number."},
    {.name = "short-name",
     .json = "short_name",
     .node = "short-name",
     .side = NODE_FRONT,
     .example = "Main",
     .doc = "The card's short name in the guest."},
    {.name = "long-name",
     .json = "long_name",
     .node = "long-name",
     .side = NODE_FRONT,
     .example = "Main sound card",
     .doc = "The card's long name in the guest."},
    SOUND_KEYS,
};

const struct dev_grammar grammar_vsnd = {
    .key = "vsnd",
    .json_list = "vsnds",
    .noun = "sound card",
    .word = "card",
    .inner = &pcm,
    .keys = card_keys,
    .n = ARRAY_LEN(card_keys),
    .check = check_channels,
};
