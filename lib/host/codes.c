/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/codes.h"

#include <errno.h>

enum domo_code host_hyp_code(int sys, enum domo_code fallback)
{
    switch (sys) {
    case EPERM:
    case EACCES:
        return DOMO_E_PERMISSION;
    case ESRCH:
        return DOMO_E_DOMAIN_NOT_FOUND;
    case ENOMEM:
        return DOMO_E_HOST_MEMORY;
    default:
        return fallback;
    }
}

enum domo_code host_store_code(int sys)
{
    switch (sys) {
    case ENOENT:
        return DOMO_E_STORE_NOT_FOUND;
    case EAGAIN:
        return DOMO_E_STORE_CONFLICT;
    case ENOSPC:
    case EDQUOT:
    case E2BIG:
        return DOMO_E_STORE_QUOTA;
    case EPERM:
    case EACCES:
        return DOMO_E_PERMISSION;
    case ENOMEM:
        return DOMO_E_NO_MEMORY;
    case EBADF:
    case EPIPE:
    case ECONNRESET:
        return DOMO_E_NO_STORE;
    default:
        return DOMO_E_STORE;
    }
}

enum domo_code host_os_code(int sys)
{
    switch (sys) {
    case EPERM:
    case EACCES:
        return DOMO_E_PERMISSION;
    case ENOMEM:
        return DOMO_E_NO_MEMORY;
    default:
        return DOMO_E_IO;
    }
}
