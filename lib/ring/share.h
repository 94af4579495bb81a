/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Reading and writing memory that is shared with somebody who may change it at
 * any time: each word is read once, in order, and never trusted.
 */
#ifndef DOMO_RING_SHARE_H
#define DOMO_RING_SHARE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t share_get(const void *word)
{
    return __atomic_load_n((const uint32_t *)word, __ATOMIC_ACQUIRE);
}

static inline void share_set(void *word, uint32_t value)
{
    __atomic_store_n((uint32_t *)word, value, __ATOMIC_RELEASE);
}

/* What was written before is seen by the other end before what is read after. */
static inline void share_fence(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Copies out of shared memory; the compiler may not read it again afterwards. */
static inline void share_copy(void *to, const void *from, size_t len)
{
    memcpy(to, from, len);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

#endif
