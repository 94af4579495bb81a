/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Back ends that walk the states and do no more: what they offer and what they
 * take of the other end are rows. On a real host QEMU, or a user-space driver,
 * serves these kinds.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/str.h"
#include "sim/back.h"

bool back_rows_probe(struct back *b)
{
    for (size_t i = 0; i < BACK_TAKES_MAX; i++)
        b->rows.ports[i] = -1;
    for (const struct back_node *n = b->kind->offers; n && n->name; n++)
        if (xsc_write(b->all->xs, 0, b->dir, n->name, n->value))
            return false;
    back_switch(b, XB_INIT_WAIT);
    return true;
}

void back_rows_remove(struct back *b)
{
    for (size_t i = 0; i < BACK_TAKES_MAX; i++) {
        back_unbind(b, &b->rows.ports[i]);
        back_unmap(b, &b->rows.pages[i]);
    }
}

/* Says why if it can't. */
static int take(struct back *b, size_t i)
{
    const struct back_take *t = &b->kind->takes[i];
    uint32_t number;
    int rc;

    if (xsc_read_u32(b->all->xs, 0, b->front, t->name, &number)) {
        back_fail(b, EINVAL, "reading %s/%s", b->front, t->name);
        return -EINVAL;
    }
    if (t->what == BACK_TAKES_PAGE)
        return back_map(b, number, &b->rows.pages[i]);
    rc = back_bind(b, number);
    if (rc < 0)
        back_fail(b, -rc, "binding port %" PRIu32, number);
    else
        b->rows.ports[i] = rc;
    return rc < 0 ? rc : 0;
}

static void connect_front(struct back *b)
{
    int rc = 0;

    back_rows_remove(b);
    for (size_t i = 0; rc == 0 && b->kind->takes && b->kind->takes[i].name; i++)
        rc = take(b, i);
    if (rc)
        back_rows_remove(b);
    else
        back_switch(b, XB_CONNECTED);
}

bool back_rows_front_changed(struct back *b, int state)
{
    switch (state) {
    case XB_INITIALISING:
        if (b->state == XB_CLOSED)
            back_switch(b, XB_INIT_WAIT);
        return false;
    case XB_INITIALISED:
    case XB_CONNECTED:
        if (b->state != XB_CONNECTED)
            connect_front(b);
        return false;
    case XB_CLOSING:
        back_switch(b, XB_CLOSING);
        return false;
    case XB_CLOSED:
        back_rows_remove(b);
        back_switch(b, XB_CLOSED);
        return !back_is_online(b);
    case XB_UNKNOWN:
        return true;
    default:
        back_fail(b, EINVAL, "saw state %d at frontend", state);
        return false;
    }
}

void back_rows_own_changed(struct back *b)
{
    (void)b;
}

/* What a guest asks for on its rings is not served. */
bool back_rows_serve(struct back *b)
{
    (void)b;
    return false;
}

#define BY_ROWS                                                                                                        \
    .probe = back_rows_probe, .front_changed = back_rows_front_changed, .own_changed = back_rows_own_changed,          \
    .watched = "online", .serve = back_rows_serve, .remove = back_rows_remove

#define OFFERS(...)                                                                                                    \
    (const struct back_node[])                                                                                         \
    {                                                                                                                  \
        __VA_ARGS__,                                                                                                   \
        {                                                                                                              \
            NULL, NULL                                                                                                 \
        }                                                                                                              \
    }
#define TAKES(...)                                                                                                     \
    (const struct back_take[])                                                                                         \
    {                                                                                                                  \
        __VA_ARGS__,                                                                                                   \
        {                                                                                                              \
            NULL, BACK_TAKES_PAGE                                                                                      \
        }                                                                                                              \
    }

/* In the order of their names. */
static const struct back_kind rows[] = {
    {.name = "9pfs",
     BY_ROWS,
     .offers = OFFERS({"versions", "1"}, {"max-rings", "1"}, {"max-ring-page-order", "0"}),
     .takes = TAKES({"ring-ref0", BACK_TAKES_PAGE}, {"event-channel-0", BACK_TAKES_PORT})},
    /* Number 0 is the console daemon's. */
    {.name = "console",
     BY_ROWS,
     .first_devid = 1,
     .takes = TAKES({"ring-ref", BACK_TAKES_PAGE}, {"port", BACK_TAKES_PORT})},
    {.name = "pvcalls",
     BY_ROWS,
     .offers = OFFERS({"versions", "1"}, {"max-page-order", "1"}, {"function-calls", "1"}),
     .takes = TAKES({"ring-ref", BACK_TAKES_PAGE}, {"port", BACK_TAKES_PORT})},
    {.name = "qusb",
     BY_ROWS,
     .takes = TAKES({"urb-ring-ref", BACK_TAKES_PAGE}, {"conn-ring-ref", BACK_TAKES_PAGE},
                    {"event-channel", BACK_TAKES_PORT})},
    /* Its first connector stands for all. */
    {.name = "vdispl",
     BY_ROWS,
     .offers = OFFERS({"versions", "1"}),
     .takes = TAKES({"0/req-ring-ref", BACK_TAKES_PAGE}, {"0/req-event-channel", BACK_TAKES_PORT},
                    {"0/evt-ring-ref", BACK_TAKES_PAGE}, {"0/evt-event-channel", BACK_TAKES_PORT})},
    {.name = "vfb",
     BY_ROWS,
     .offers = OFFERS({"feature-resize", "1"}),
     .takes = TAKES({"page-ref", BACK_TAKES_PAGE}, {"event-channel", BACK_TAKES_PORT})},
    {.name = "vinput", BY_ROWS, .takes = TAKES({"page-gref", BACK_TAKES_PAGE}, {"event-channel", BACK_TAKES_PORT})},
    {.name = "vkbd", BY_ROWS, .takes = TAKES({"page-gref", BACK_TAKES_PAGE}, {"event-channel", BACK_TAKES_PORT})},
    /* And its first stream. */
    {.name = "vsnd",
     BY_ROWS,
     .offers = OFFERS({"versions", "1"}),
     .takes = TAKES({"0/0/ring-ref", BACK_TAKES_PAGE}, {"0/0/event-channel", BACK_TAKES_PORT},
                    {"0/0/evt-ring-ref", BACK_TAKES_PAGE}, {"0/0/evt-event-channel", BACK_TAKES_PORT})},
    {.name = "vtpm",
     BY_ROWS,
     .offers = OFFERS({"feature-protocol-v2", "1"}),
     .takes = TAKES({"ring-ref", BACK_TAKES_PAGE}, {"event-channel", BACK_TAKES_PORT})},
    {.name = "vusb",
     BY_ROWS,
     .takes = TAKES({"urb-ring-ref", BACK_TAKES_PAGE}, {"conn-ring-ref", BACK_TAKES_PAGE},
                    {"event-channel", BACK_TAKES_PORT})},
};

const struct back_kind *back_rows_at(size_t i)
{
    return i < ARRAY_LEN(rows) ? &rows[i] : NULL;
}
