/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Files of state: whole-file reads with a limit, atomic writes, locks,
 * directories with a wanted owner and mode. Negative errno on failure.
 */
#ifndef DOMO_BASE_FS_H
#define DOMO_BASE_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"

/* Reads a whole regular file of at most "max" bytes; the result has a NUL after its *ret_len bytes; caller frees.
 * -EFBIG if larger. */
int fs_read(const char *path, size_t max, char **ret, size_t *ret_len) MUST_CHECK;

/* Writes a file so that readers see the old or the new text, never a part: a temporary file beside it, then rename.
 * With "durable" it is synced first. */
int fs_write_atomic(const char *path, const void *bytes, size_t len, mode_t mode, bool durable) MUST_CHECK;

/* Writes all bytes to a descriptor, going on after short writes and EINTR. */
int fs_write_all(int fd, const void *bytes, size_t len) MUST_CHECK;

/* Reads and drops what a descriptor that does not block has now: the events of an inotify. */
void fs_drain(int fd);

/* Makes a directory and its missing parents (each with "mode"); 0 also when it is there. */
int fs_mkdirs(const char *path, mode_t mode) MUST_CHECK;

/* Opens (makes) a lock file, close-on-exec, mode 0600, and takes an exclusive lock on it: flock() or POSIX
 * record lock (libxl's kind). Waits until deadline_ms of clock_now_ms(), 0 = do not wait. -EWOULDBLOCK when somebody
 * holds it. Unlock by closing. */
enum fs_lock_kind { FS_LOCK_FLOCK, FS_LOCK_FCNTL };
int fs_lock(const char *path, enum fs_lock_kind kind, int64_t deadline_ms, int *ret_fd) MUST_CHECK;

#endif
