/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Shared pages and event channels for the fake host: one guest's pages, real
 * memory that is mapped where it is asked for, and ports that count kicks.
 */
#ifndef DOMO_TESTS_FAKE_LINK_H
#define DOMO_TESTS_FAKE_LINK_H

#include "fake_host.h"

enum { FAKE_LINK_PAGES = 64, FAKE_LINK_MAPS = 256, FAKE_LINK_DOMID = 5, FAKE_LINK_PORT = 7, FAKE_LINK_OWN_PORT = 3 };

struct fake_link {
    int fd;                          /* of the guest's pages */
    uint8_t *pages;                  /* as the guest sees them; reference i is page i */
    bool read_only[FAKE_LINK_PAGES]; /* granted for reading alone */
    struct {
        void *at;
        size_t n;
    } maps[FAKE_LINK_MAPS];
    size_t map_count; /* that are there now */
    bool is_bound;
    bool has_event; /* of our port */
    bool is_masked;
    unsigned kicks; /* that the guest got */
};

/* Puts it behind "f"'s host. Aborts when out of memory. */
void fake_link_init(struct fake_link *, struct fake *f);
/* Aborts if something is still mapped or bound. */
void fake_link_fini(struct fake_link *);
uint8_t *fake_link_page(struct fake_link *, uint32_t ref);
/* The guest kicks. */
void fake_link_kick(struct fake_link *);

#endif
