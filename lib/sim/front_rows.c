/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Front ends that walk the states and do no more: what they show the other end
 * are rows.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "sim/guest.h"

static int write_nodes(struct xsc *xs, uint32_t tx, void *arg)
{
    const struct front *f = arg;
    int rc = 0;

    for (size_t i = 0; rc == 0 && f->kind->shows[i].name; i++) {
        const struct front_show *s = &f->kind->shows[i];

        if (s->what == FRONT_SHOWS_TEXT)
            rc = xsc_write(xs, tx, f->dir, s->name, s->text);
        else
            rc = xsc_writef(xs, tx, f->dir, s->name, "%" PRIu32, f->rows[i].number);
    }
    return rc;
}

static int open_port(struct front *f, uint32_t *ret)
{
    const struct line *line = &f->guest->line;
    int rc = f->port < 0 ? front_open_port(f) : line->ops->port_offer(line->arg, f->back_domid);

    if (rc >= 0)
        *ret = rc > 0 ? (uint32_t)rc : (uint32_t)f->port;
    return rc < 0 ? rc : 0;
}

static int rows_publish(struct front *f)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && f->kind->shows[i].name; i++) {
        struct front_row *row = &f->rows[i];

        switch (f->kind->shows[i].what) {
        case FRONT_SHOWS_PAGE:
            rc = front_offer(f, false, &row->page);
            row->number = row->page.ref;
            break;
        case FRONT_SHOWS_PORT:
            rc = open_port(f, &row->number);
            row->is_port = rc == 0;
            break;
        case FRONT_SHOWS_TEXT:
            break;
        }
    }
    return rc ? rc : xsc_transact(f->guest->xs, write_nodes, f);
}

static int rows_publish_garbage(struct front *f)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && f->kind->shows[i].name; i++)
        rc = xsc_write(f->guest->xs, 0, f->dir, f->kind->shows[i].name, i % 2 ? "4294967295" : "banana");
    return rc;
}

static int rows_look(struct front *f)
{
    (void)f;
    return 0;
}

/* The first port is the walk's own, and closed by it. */
static void rows_release(struct front *f)
{
    const struct line *line = &f->guest->line;
    bool is_first = true;

    for (size_t i = 0; f->kind->shows[i].name; i++) {
        struct front_row *row = &f->rows[i];

        front_withdraw(f, &row->page);
        if (row->is_port && !is_first)
            line->ops->port_close(line->arg, row->number);
        is_first = is_first && !row->is_port;
        row->is_port = false;
    }
}

static void rows_serve(struct front *f)
{
    (void)f;
}

#define BY_ROWS                                                                                                        \
    .published = XB_INITIALISED, .publish = rows_publish, .publish_garbage = rows_publish_garbage, .look = rows_look,  \
    .release = rows_release, .serve = rows_serve

#define SHOWS(...)                                                                                                     \
    (const struct front_show[])                                                                                        \
    {                                                                                                                  \
        __VA_ARGS__,                                                                                                   \
        {                                                                                                              \
            .name = NULL                                                                                               \
        }                                                                                                              \
    }

/* In the order of their names. */
static const struct front_kind rows[] = {
    {.name = "9pfs",
     .off_word = "no9pfs",
     BY_ROWS,
     .shows = SHOWS({"version", FRONT_SHOWS_TEXT, "1"}, {"num-rings", FRONT_SHOWS_TEXT, "1"},
                    {"ring-ref0", FRONT_SHOWS_PAGE, NULL}, {"event-channel-0", FRONT_SHOWS_PORT, NULL})},
    {.name = "console",
     .off_word = "nochannel",
     BY_ROWS,
     .shows = SHOWS({"ring-ref", FRONT_SHOWS_PAGE, NULL}, {"port", FRONT_SHOWS_PORT, NULL})},
    {.name = "pci",
     .off_word = "nopci",
     BY_ROWS,
     .shows = SHOWS({"pci-op-ref", FRONT_SHOWS_PAGE, NULL}, {"event-channel", FRONT_SHOWS_PORT, NULL},
                    {"magic", FRONT_SHOWS_TEXT, "7"})},
    {.name = "pvcalls",
     .off_word = "nopvcalls",
     BY_ROWS,
     .shows = SHOWS({"version", FRONT_SHOWS_TEXT, "1"}, {"ring-ref", FRONT_SHOWS_PAGE, NULL},
                    {"port", FRONT_SHOWS_PORT, NULL})},
    {.name = "vdispl",
     .off_word = "novdispl",
     BY_ROWS,
     .shows = SHOWS({"version", FRONT_SHOWS_TEXT, "1"}, {"0/req-ring-ref", FRONT_SHOWS_PAGE, NULL},
                    {"0/req-event-channel", FRONT_SHOWS_PORT, NULL}, {"0/evt-ring-ref", FRONT_SHOWS_PAGE, NULL},
                    {"0/evt-event-channel", FRONT_SHOWS_PORT, NULL})},
    {.name = "vfb",
     .off_word = "novfb",
     BY_ROWS,
     .shows = SHOWS({"page-ref", FRONT_SHOWS_PAGE, NULL}, {"event-channel", FRONT_SHOWS_PORT, NULL},
                    {"protocol", FRONT_SHOWS_TEXT, "x86_64-abi"}, {"feature-update", FRONT_SHOWS_TEXT, "1"})},
    {.name = "vkbd",
     .off_word = "novkbd",
     BY_ROWS,
     .shows = SHOWS({"page-gref", FRONT_SHOWS_PAGE, NULL}, {"event-channel", FRONT_SHOWS_PORT, NULL})},
    {.name = "vsnd",
     .off_word = "novsnd",
     BY_ROWS,
     .shows = SHOWS({"version", FRONT_SHOWS_TEXT, "1"}, {"0/0/ring-ref", FRONT_SHOWS_PAGE, NULL},
                    {"0/0/event-channel", FRONT_SHOWS_PORT, NULL}, {"0/0/evt-ring-ref", FRONT_SHOWS_PAGE, NULL},
                    {"0/0/evt-event-channel", FRONT_SHOWS_PORT, NULL})},
    {.name = "vtpm",
     .off_word = "novtpm",
     BY_ROWS,
     .shows = SHOWS({"feature-protocol-v2", FRONT_SHOWS_TEXT, "1"}, {"ring-ref", FRONT_SHOWS_PAGE, NULL},
                    {"event-channel", FRONT_SHOWS_PORT, NULL})},
    {.name = "vusb",
     .off_word = "novusb",
     BY_ROWS,
     .shows = SHOWS({"urb-ring-ref", FRONT_SHOWS_PAGE, NULL}, {"conn-ring-ref", FRONT_SHOWS_PAGE, NULL},
                    {"event-channel", FRONT_SHOWS_PORT, NULL})},
};

const struct front_kind *front_rows_at(size_t i)
{
    return i < ARRAY_LEN(rows) ? &rows[i] : NULL;
}
