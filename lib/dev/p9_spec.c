/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How a directory shared by the 9P protocol is written down.
 */
#include <string.h>

#include "base/str.h"
#include "dev/grammar.h"

static const struct dev_word models[] = {{"none", NULL}, {NULL, NULL}};

static const char *check_path(const char *text, const char **ret_hint)
{
    *ret_hint = "like /srv/share";
    return text[0] == '/' ? NULL : "the path of a shared directory begins with '/'";
}

static const char *check_tag(const char *text, const char **ret_hint)
{
    enum { TAG_MAX = 31 };

    *ret_hint = "it is what the guest mounts";
    return strlen(text) > TAG_MAX ? "a tag has at most 31 bytes" : NULL;
}

static const struct dev_key keys[] = {
    {.name = "tag",
     .required = true,
     .check = check_tag,
     .json = "tag",
     .node = "tag",
     .side = NODE_FRONT,
     .example = "share",
     .doc = "The name that the guest mounts."},
    {.name = "path",
     .required = true,
     .check = check_path,
     .json = "path",
     .node = "path",
     .side = NODE_BACK,
     .example = "/srv/share",
     .doc = "The directory."},
    {.name = "security_model",
     .type = DEV_KEY_WORD,
     .words = models,
     .required = true,
     .json = "security_model",
     .node = "security_model",
     .side = NODE_BACK,
     .example = "none",
     .doc = "How owners and modes of files are kept: none, as the device model may."},
    {.name = "backend",
     .json = "backend_domname",
     .example = "filedom",
     .doc = "The domain that shares it; this one if it is not given."},
};

const struct dev_grammar grammar_p9 = {
    .key = "p9",
    .json_list = "p9s",
    .noun = "shared directory",
    .keys = keys,
    .n = ARRAY_LEN(keys),
};
