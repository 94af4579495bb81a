/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Rings of bytes, one for each direction, in one page: the console's and the
 * store's. (Layouts: Xen's public headers io/console.h and io/xs_wire.h.)
 *
 * An end keeps its own index and writes copies of it to the page; the other's
 * is read once and checked. Indices that make no sense are an error for that
 * call only: who broke them may mend them.
 */
#ifndef DOMO_RING_STREAM_H
#define DOMO_RING_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"

/* One direction: where it is in the page. */
struct stream_lane {
    size_t bytes, size; /* of the ring of bytes; the size is a power of two */
    size_t cons, prod;  /* of the two indices */
};

/* "in" goes to the guest, "out" comes from it. */
extern const struct stream_lane stream_console_in, stream_console_out;
/* "req" goes to the store, "rsp" comes from it. */
extern const struct stream_lane stream_store_req, stream_store_rsp;

/* An end of one direction. */
struct stream {
    const struct stream_lane *lane;
    uint8_t *page;
    uint32_t own; /* the reader's consumer, or the writer's producer */
};

/* Takes up the direction where our own index in the page says that it stands. */
void stream_reader(struct stream *, const struct stream_lane *, void *page);
void stream_writer(struct stream *, const struct stream_lane *, void *page);

/* Bytes moved, 0 = none, -EPROTO = the other end's index makes no sense. */
ssize_t stream_read(struct stream *, void *ret, size_t len) MUST_CHECK;
ssize_t stream_write(struct stream *, const void *bytes, size_t len) MUST_CHECK;
/* What could be read or written now, or -EPROTO. */
ssize_t stream_waiting(const struct stream *) MUST_CHECK;
ssize_t stream_room(const struct stream *) MUST_CHECK;

#endif
