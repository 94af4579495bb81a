/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A hypervisor in memory, as a store daemon sees it: domains with one page
 * each, event channels that can be bound once, and a count of all that is held.
 * It outlives the handles: so a process that is replaced can be played.
 */
#ifndef DOMO_TESTS_FAKE_STORED_H
#define DOMO_TESTS_FAKE_STORED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/stored.h"

enum { FAKE_PAGE = 4096, FAKE_DOMS = 700, FAKE_PORTS = 256 };

struct fake_dom {
    bool there, dying, shutdown;
    bool no_page;     /* it can't be mapped */
    uint8_t *page;    /* as the domain sees it */
    uint32_t waiting; /* the port of its own that it lets us bind; 0 = none */
    unsigned kicks;
};

struct fake_port {
    bool bound, pending;
    uint16_t domid;
    uint32_t remote;
};

struct fake_hv {
    struct fake_dom dom[FAKE_DOMS];
    struct fake_port port[FAKE_PORTS]; /* 0 is none, 1 is that of deaths */
    int memory;                        /* of all domains, a page each */
    int fd;                            /* readable while one is pending */
    unsigned maps, lists;
    bool list_fails, replaced; /* replaced: the process ends by exec, ports stay */
};

extern struct fake_hv fake_hv;
extern const struct stored_ops fake_stored_ops;

void fake_stored_setup(void);
void fake_stored_teardown(void);
/* A running domain whose store port is 10 + domid. */
void fake_stored_add(uint16_t domid);
/* A domain kicks its end of the channel; 0 of no domain: something happened to one. */
void fake_stored_kick(uint16_t domid);
void fake_stored_deaths(void);
/* Interdomain ports that are bound. */
unsigned fake_stored_bound(void);

#endif
