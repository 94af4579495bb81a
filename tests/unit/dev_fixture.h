/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the tests of devices share: a world with a guest, a disk's file, a
 * bridge; and the calls of an attach and a detach in their order.
 */
#ifndef DOMO_TESTS_DEV_FIXTURE_H
#define DOMO_TESTS_DEV_FIXTURE_H

#include "dev/dev.h"
#include "fake_host.h"

#define GUEST_UUID "07070707-0707-0707-0707-070707070707"

enum { GUEST_DOMID = 7 };

struct fixture {
    struct op op; /* first: a wait gets it back */
    struct fake *f;
    struct devset *set;
    struct domo_err err;
    bool is_prepared, is_written;
};

/* cmocka's setup and teardown. Guest 7 "web" runs; /srv/web.img is a file, /dev/vg/web a block device, xenbr0 a bridge.
 */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* A fresh set for the guest, the old one freed. */
void fixture_new_set(struct fixture *);
/* Adds from text in the config's grammar; the result of devset_add_*. */
int fixture_add_disk(struct fixture *, const char *text);
int fixture_add_vif(struct fixture *, const char *text);
int fixture_add_spec(struct fixture *, const struct dev_grammar *, const char *text);

/* prepare, write, wait for back ends, and (unless "paused") for the guest; 0 or -1 with x->err. */
int fixture_attach(struct fixture *, bool paused);
/* Puts the world back after a failed attach, as the plans do. */
int fixture_unwind(struct fixture *);
/* close, wait, release, wait, remove. */
int fixture_detach(struct fixture *, enum dev_close);
/* Drives one of the waits. */
int fixture_wait(struct fixture *, plan_wait_fn);
enum plan_wait fixture_backends(struct op *, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *);
enum plan_wait fixture_connected(struct op *, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *);
enum plan_wait fixture_closed(struct op *, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *);
enum plan_wait fixture_released(struct op *, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *);
/* Writes one part of the set's nodes in a transaction. */
int fixture_write(struct fixture *, bool first_part);

/* The value of a fact of the error; "" if it has none. */
const char *fixture_fact(const struct fixture *, const char *name);

#endif
