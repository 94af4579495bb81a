/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The line between two domains: pages that one grants and the other maps, and
 * event channels. Whoever drives a ring asks for them here and does not know
 * whether a hypervisor or a simulation answers.
 *
 * Functions return 0 (or a number that is not negative), or a negative errno.
 */
#ifndef DOMO_RING_LINE_H
#define DOMO_RING_LINE_H

#include <stdbool.h>
#include <stdint.h>

struct line_ops {
    /* --- of who offers a ring (a front end) --- */
    /* A zeroed page of ours, granted to "remote". */
    int (*offer)(void *arg, uint32_t remote, bool read_only, void **ret_page, uint32_t *ret_ref);
    /* Ends the grant and frees the page, at once or as soon as the other end has unmapped it. */
    void (*withdraw)(void *arg, uint32_t ref);
    /* A port that "remote" may bind. */
    int (*port_offer)(void *arg, uint32_t remote);

    /* --- of who takes it (a back end) --- */
    int (*map)(void *arg, uint32_t domid, uint32_t ref, bool write, void **ret_page);
    void (*unmap)(void *arg, uint32_t domid, uint32_t ref, void *page);
    /* A port of ours, bound to theirs. */
    int (*port_bind)(void *arg, uint32_t domid, uint32_t remote_port);

    /* --- of both --- */
    int (*port_listen)(void *arg, uint32_t port, void (*kicked)(void *owner), void *owner);
    void (*port_kick)(void *arg, uint32_t port);
    void (*port_close)(void *arg, uint32_t port);
};

struct line {
    const struct line_ops *ops;
    void *arg;
};

#endif
