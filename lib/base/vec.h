/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Growable arrays of any type:
 *   VEC(struct disk) disks = VEC_INIT;
 *   struct disk *d = VEC_PUSH(&disks);    NULL when out of memory, zeroed otherwise
 *   for (i = 0; i < disks.len; i++) use(&disks.at[i]);
 *   VEC_FINI(&disks);                     frees the array, not what elements own
 */
#ifndef DOMO_BASE_VEC_H
#define DOMO_BASE_VEC_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define VEC(type)                                                                                                      \
    struct {                                                                                                           \
        type *at;                                                                                                      \
        size_t len, cap;                                                                                               \
    }

#define VEC_INIT                                                                                                       \
    {                                                                                                                  \
        .at = NULL, .len = 0, .cap = 0,                                                                                \
    }

#define VEC_PUSH(v) ((__typeof__((v)->at))vec_push_((void **)&(v)->at, &(v)->len, &(v)->cap, sizeof *(v)->at))

/* Removes element "i", keeping the order. */
#define VEC_REMOVE(v, i)                                                                                               \
    (memmove(&(v)->at[(i)], &(v)->at[(i) + 1], ((v)->len - (i)-1) * sizeof *(v)->at), (void)(v)->len--)

#define VEC_FINI(v) (free((v)->at), (v)->at = NULL, (v)->len = 0, (void)((v)->cap = 0))

static inline void *vec_push_(void **at, size_t *len, size_t *cap, size_t size)
{
    char *slot;

    if (*len == *cap) {
        size_t ncap = *cap ? *cap * 2 : 8;
        void *p = reallocarray(*at, ncap, size);

        if (!p)
            return NULL;
        *at = p;
        *cap = ncap;
    }
    slot = (char *)*at + *len * size;
    memset(slot, 0, size);
    (*len)++;
    return slot;
}

#endif
