/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest whose kernel lies in its own disk: a program of the host (pygrub)
 * finds it there, as bootloader= names it. It is called as libxl calls it:
 * --kernel= --ramdisk= --args= --output=FILE --output-format=simple0
 * --output-directory=DIR, the config's arguments, the disk (facts: xl.md 3.8).
 * There is no menu: pygrub gets --quiet, which boots what its menu has as the
 * default; "--entry=N" among the arguments picks another.
 */
#ifndef DOMO_DOM_BOOT_H
#define DOMO_DOM_BOOT_H

#include "dom/spec.h"
#include "host/host.h"
#include "plan/plan.h"

/* What a bootloader finds, and the bootloader while it runs. Its files have no names any more once it has ended: they
 * are gone when the last one who has them open is, however that ends. */
struct boot {
    char dir[300];                     /* of what it writes, locked by dir_fd; empty when it is removed */
    int dir_fd, kernel_fd, ramdisk_fd; /* -1 = none */
    struct os_child child;
    bool running;
    int64_t began_ms, limit_ms;
    char *program;                /* owned, the file that is run */
    char kernel[32], ramdisk[32]; /* paths to open them by, in this process alone; empty = none */
    char *cmdline;                /* owned, NULL = none */
};

#define BOOT_INIT                                                                                                      \
    {                                                                                                                  \
        .dir_fd = -1, .kernel_fd = -1, .ramdisk_fd = -1                                                                \
    }

/* Can the guest's bootloader be run: there is a disk that it can read, and the program is there? CONFIG_CONFLICT,
 * UNSUPPORTED, BOOTLOADER. Touches nothing. */
int boot_check(struct host *, const struct spec *, struct domo_err *) MUST_CHECK;

/* Starts it. BOOTLOADER, IO, NO_MEMORY. "b" is initialised; boot_fini() in any case. */
int boot_start(struct host *, const struct spec *, struct boot *, struct domo_err *) MUST_CHECK;
/* A plan's wait: until it has ended and what it found is open. BOOTLOADER with the end of what it said. */
enum plan_wait boot_wait(struct op *, struct boot *, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *);
/* Kills it if it runs, closes and removes all. Also on one that was only initialised. */
void boot_fini(struct host *, struct boot *);

/* What killed creations left behind: calls "found" with each directory that nobody holds, which is removed if "found"
 * says so. */
void boot_sweep(struct host *, bool (*found)(void *arg, const char *dir), void *arg);

#endif
