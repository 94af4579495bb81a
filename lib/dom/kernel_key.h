/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a kernel file is known by in the cache: the SHA-256 of its bytes. So two
 * copies of a file share an entry, and a file that changed gets another one.
 *
 * Hashing some megabytes each time would cost more than all the rest of a
 * lookup; so an index in the cache's directory remembers the keys of files by
 * device, inode, size and both times. That is safe because the change time
 * can't be set back by a file's owner; a file that was changed within the last
 * two seconds is not remembered, since it could change again within one tick of
 * the file system's clock. Should an index line be wrong all the same (a memory
 * mapping can be written without a new change time), it names what the same
 * file held earlier: nobody can plant one file's content under another's key.
 */
#ifndef DOMO_DOM_KERNEL_KEY_H
#define DOMO_DOM_KERNEL_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "base/err.h"

enum { KERNEL_KEY_LEN = 32, KERNEL_KEY_HEX = 64, KERNEL_KEY_TEXT = KERNEL_KEY_HEX + 1, KERNEL_INDEX_MAX = 32 };

struct kernel_key {
    unsigned char sha256[KERNEL_KEY_LEN];
};

/* UNSUPPORTED if the library that makes the hash can't be loaded. */
int kernel_key_of(const void *bytes, size_t len, struct kernel_key *ret, struct domo_err *err) MUST_CHECK;
/* Lower-case hex. */
void kernel_key_text(const struct kernel_key *, char out[KERNEL_KEY_TEXT]);
/* The reverse; false if "text" does not begin with one. */
bool kernel_key_parse(const char *text, struct kernel_key *ret);

/* Is it the same file with the same content, as far as stat(2) tells? */
bool kernel_stat_same(const struct stat *a, const struct stat *b);

/* The key remembered for the file in the index of directory "dir"; false if there is none. */
bool kernel_index_find(const char *dir, const struct stat *file, struct kernel_key *ret);

/* Remembers a file's key, forgetting what was remembered longest ago beyond KERNEL_INDEX_MAX files. Two processes that
 * do it at once may lose one of the lines: that costs a hash later. 0 or a negative errno; -EAGAIN if the file was
 * changed too recently to be remembered. */
int kernel_index_add(const char *dir, const struct stat *file, const struct kernel_key *, int64_t now_sec) MUST_CHECK;

#endif
