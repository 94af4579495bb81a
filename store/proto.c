/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proto.h"

#include <errno.h>
#include <string.h>

static const struct {
    int err;
    const char *word;
} errors[] = {
    {EINVAL, "EINVAL"}, {EACCES, "EACCES"},       {EEXIST, "EEXIST"}, {EISDIR, "EISDIR"},
    {ENOENT, "ENOENT"}, {ENOMEM, "ENOMEM"},       {ENOSPC, "ENOSPC"}, {EIO, "EIO"},
    {ENOSYS, "ENOSYS"}, {ENOTEMPTY, "ENOTEMPTY"}, {EROFS, "EROFS"},   {EBUSY, "EBUSY"},
    {EAGAIN, "EAGAIN"}, {EISCONN, "EISCONN"},     {E2BIG, "E2BIG"},   {EPERM, "EPERM"},
};

int proto_decode(const void *bytes, struct proto_head *ret)
{
    memcpy(ret, bytes, sizeof *ret);
    return ret->len > PROTO_PAYLOAD_MAX ? -E2BIG : 0;
}

void proto_encode(void *bytes, const struct proto_head *head)
{
    memcpy(bytes, head, sizeof *head);
}

const char *proto_error(int err)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(errors); i++)
        if (errors[i].err == -err)
            return errors[i].word;
    return "EINVAL";
}

size_t proto_count_strings(const char *payload, size_t len)
{
    size_t n = 0, i;

    for (i = 0; i < len; i++)
        n += payload[i] == '\0';
    return n;
}

int proto_strings(const char *payload, size_t len, const char *ret[], size_t max)
{
    size_t i = 0;
    int n = 0;

    if (len == 0 || payload[len - 1] != '\0')
        return -EINVAL;
    for (; i < len; i += strlen(payload + i) + 1, n++)
        if ((size_t)n < max)
            ret[n] = payload + i;
    return n;
}
