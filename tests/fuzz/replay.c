/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Runs a fuzz target on files, or on all files of a folder: the kept corpus.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "fuzz.h"

static int run_file(const char *path)
{
    char *text = NULL;
    size_t len;

    if (fs_read(path, 1 << 20, &text, &len) < 0) {
        (void)fprintf(stderr, "cannot read %s\n", path);
        return 1;
    }
    (void)LLVMFuzzerTestOneInput((const uint8_t *)text, len);
    free(text);
    return 0;
}

static int run_folder(const char *dir, unsigned *count)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    char path[4096];
    int rc = 0;

    while (d && rc == 0 && (e = readdir(d))) {
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        rc = run_file(path);
        ++*count;
    }
    if (d)
        (void)closedir(d);
    return rc;
}

int main(int argc, char **argv)
{
    /* In "make check" the target's name says which corpus is its own. */
    const char *name = strrchr(argv[0], '/'), *top = getenv("srcdir");
    char own[4096];
    unsigned count = 0;
    struct stat st;
    int i, rc = 0;

    name = name ? name + 1 : argv[0];
    name += strncmp(name, "lt-", 3) == 0 ? 3 : 0;
    (void)snprintf(own, sizeof own, "%s/tests/fuzz/corpus/%s", top ? top : ".", name);
    if (argc < 2)
        rc = run_folder(own, &count);
    for (i = 1; i < argc && rc == 0; i++) {
        if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
            rc = run_folder(argv[i], &count);
        else
            rc = run_file(argv[i]);
    }
    if (argc < 2 && count == 0) {
        (void)fprintf(stderr, "%s: no corpus in %s\n", name, own);
        return 1;
    }
    return rc;
}
