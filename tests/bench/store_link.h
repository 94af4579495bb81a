/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the programs of the store's bench share: a plain client, and how a
 * figure is printed. Everything ends the program when it fails.
 */
#ifndef DOMO_BENCH_STORE_LINK_H
#define DOMO_BENCH_STORE_LINK_H

#include <stddef.h>
#include <stdint.h>

extern const char *link_socket; /* where connect_raw() goes */

_Noreturn void die(const char *what);
double now_us(void);
int connect_raw(void);
void send_all(int fd, const void *bytes, size_t len);
void recv_all(int fd, void *bytes, size_t len);
/* Makes a request; returns its length. */
size_t make_req(char *to, uint32_t type, uint32_t tx, const void *payload, size_t len);
/* One request; events on the way are skipped. Returns the reply's type; "reply" (may be NULL) gets its payload. */
uint32_t ask(int fd, uint32_t type, uint32_t tx, const void *payload, size_t len, char *reply);
uint32_t ask_text(int fd, uint32_t type, uint32_t tx, const char *path, const char *rest, char *reply);
/* Smallest first. */
void sort(double *values, size_t n);
/* Prints "name value". */
void row(const char *name, double value);

#endif
