/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How a virtual TPM is written down.
 */
#include "dev/grammar.h"
#include "dev/uuid_text.h"

static const char *check_uuid(const char *text, const char **ret_hint)
{
    uint8_t uuid[HOST_UUID_LEN];

    if (uuid_from_text(text, uuid))
        return NULL;
    *ret_hint = "like 6f1d3c5e-0a7b-4c1d-9e2f-8a4b6c0d1e2f";
    return "that is no UUID";
}

static const struct dev_key keys[] = {
    {.name = "backend",
     .required = true,
     .json = "backend_domname",
     .example = "tpmdom",
     .doc = "The domain that serves the TPM, by name or number."},
    {.name = "uuid",
     .check = check_uuid,
     .json = "uuid",
     .node = "uuid",
     .side = NODE_BACK,
     .example = "6f1d3c5e-0a7b-4c1d-9e2f-8a4b6c0d1e2f",
     .doc = "Which TPM of that domain it is; random if it is not given."},
};

const struct dev_grammar grammar_vtpm = {
    .key = "vtpm",
    .json_list = "vtpms",
    .noun = "virtual TPM",
    .keys = keys,
    .n = ARRAY_LEN(keys),
};
