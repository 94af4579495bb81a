/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The command line of a guest's device model, QEMU, as a table of rows: when
 * it applies, and the words. Pure: no file is looked at. What a device model
 * can't be told is refused before (dm_admit).
 */
#ifndef DOMO_DOM_DM_ARGV_H
#define DOMO_DOM_DM_ARGV_H

#include <inttypes.h>

#include "base/vec.h"
#include "dom/dm_jail.h"
#include "dom/spec.h"
#include "host/host.h"

/* The name of libxl's monitor of a domain. */
#define DM_LIBXL_MONITOR "qmp-libxl-%" PRIu32

struct dm_guest {
    const char *name;
    const char *uuid;        /* as text */
    const struct spec *spec; /* NULL: of a guest that got its device model while it ran, nothing more is known */
    const struct hyp_dm *host;
    const char *libxl_dir;      /* HVM: where libxl looks for the monitors of its guests; NULL = there is no libxl */
    const struct dm_jail *jail; /* what it must do without; NULL = nothing */
    uint32_t domid;             /* 0 = not known yet (a dry run) */
    int64_t start_ms;           /* how long it may take to answer when it is started; 0 = libxl's limit */
};

/* The frame buffer whose viewer the device model is told about; NULL if it has none. */
const struct dev_spec *dm_screen(const struct dm_guest *);

/* The name of an emulated CD drive for QEMU, libxl's, by the number of its disk. */
#define DM_CD_ID "ide-%" PRIu32

/* The name of an emulated network card for QEMU, libxl's, by the number of its interface. */
#define DM_CARD_ID "nic%" PRIu32

struct dm_argv {
    VEC(char *) words; /* ends with a NULL, which counts in "len" */
    bool failed;
};

/* All words, the program's name first. 0, -1 NO_MEMORY. Free with dm_argv_fini(), which copes with one that was zeroed.
 */
int dm_argv_make(const struct dm_guest *, struct dm_argv *ret, struct domo_err *) MUST_CHECK;
void dm_argv_fini(struct dm_argv *);

/* Can this guest's devices be emulated? UNSUPPORTED, CONFIG_CONFLICT or CONFIG_NOT_ACTED_ON, with the device's name. */
int dm_admit(const struct spec *, struct domo_err *) MUST_CHECK;

#endif
