/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The wire: message types, header, error words, NUL-separated strings. Pure.
 */
#ifndef DOMO_STORE_PROTO_H
#define DOMO_STORE_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

enum proto_type {
    PROTO_CONTROL = 0,
    PROTO_DIRECTORY,
    PROTO_READ,
    PROTO_GET_PERMS,
    PROTO_WATCH,
    PROTO_UNWATCH,
    PROTO_TRANSACTION_START,
    PROTO_TRANSACTION_END,
    PROTO_INTRODUCE,
    PROTO_RELEASE,
    PROTO_GET_DOMAIN_PATH,
    PROTO_WRITE,
    PROTO_MKDIR,
    PROTO_RM,
    PROTO_SET_PERMS,
    PROTO_WATCH_EVENT,
    PROTO_ERROR,
    PROTO_IS_DOMAIN_INTRODUCED,
    PROTO_RESUME,
    PROTO_SET_TARGET,
    PROTO_RESTRICT,
    PROTO_RESET_WATCHES,
    PROTO_DIRECTORY_PART,
    PROTO_GET_FEATURE,
    PROTO_SET_FEATURE,
    PROTO_GET_QUOTA,
    PROTO_SET_QUOTA,
    PROTO_TYPE_COUNT
};

enum { PROTO_HEAD_SIZE = 16, PROTO_PAYLOAD_MAX = 4096, PROTO_MSG_MAX = PROTO_HEAD_SIZE + PROTO_PAYLOAD_MAX };

/* Host byte order, as on the wire. */
struct proto_head {
    uint32_t type, req_id, tx_id, len;
};

/* Reads a header from PROTO_HEAD_SIZE bytes of any alignment. -E2BIG: "len" is above PROTO_PAYLOAD_MAX. */
int proto_decode(const void *bytes, struct proto_head *ret) MUST_CHECK;
void proto_encode(void *bytes, const struct proto_head *head);

/* The word for a negative errno; "EINVAL" for those the protocol does not know. */
const char *proto_error(int err);

/* Number of NUL bytes. */
size_t proto_count_strings(const char *payload, size_t len);
/* Points at up to "max" strings of a payload; returns how many there are in all, or -EINVAL if the last byte is no
 * NUL or there is none. */
int proto_strings(const char *payload, size_t len, const char *ret[], size_t max) MUST_CHECK;

#endif
