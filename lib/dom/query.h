/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Looking: what runs, with which devices, in which state. Reads only. The
 * shapes of the results are documented in lib/domo.h.
 */
#ifndef DOMO_DOM_QUERY_H
#define DOMO_DOM_QUERY_H

#include "base/json.h"
#include "host/host.h"

/* All domains, or only "domid". */
int query_list(struct host *, const uint32_t *domid, struct json **ret, struct domo_err *) MUST_CHECK;
/* Stored configs, merged with what is live; domains without one are left out. */
int query_configs(struct host *, const uint32_t *domid, struct json **ret, struct domo_err *) MUST_CHECK;
/* Devices of one guest; kind NULL = all. */
int query_devices(struct host *, uint32_t domid, const char *kind, struct json **ret, struct domo_err *) MUST_CHECK;
int query_tree(struct host *, const uint32_t *domid, struct json **ret, struct domo_err *) MUST_CHECK;
/* CONSOLE if the guest has none (yet). */
int query_console(struct host *, uint32_t domid, char **ret, struct domo_err *) MUST_CHECK;
/* Of one line: a serial line, or a console with a driver of Xen. CONSOLE if it has no terminal. */
int query_console_line(struct host *, uint32_t domid, bool is_serial, uint32_t number, char **ret,
                       struct domo_err *) MUST_CHECK;

/* The host itself: {"uri","simulated","xen","cpus","nodes","memory_kib","free_kib","guests","store"}. */
int query_host(struct host *, struct json **ret, struct domo_err *) MUST_CHECK;

#endif
