/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dev/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_BYTES = 8, FOOTER_BYTES = 512 };

static bool is_qfi(const unsigned char *b, unsigned lowest, unsigned highest)
{
    return memcmp(b, "QFI\xfb\0\0\0", 7) == 0 && b[7] >= lowest && b[7] <= highest;
}

static bool is_qcow(const unsigned char *b)
{
    return is_qfi(b, 1, 1);
}

static bool is_qcow2(const unsigned char *b)
{
    return is_qfi(b, 2, 3);
}

/* At the beginning of a growing one, at the end of one of fixed size. */
static bool is_vhd(const unsigned char *b)
{
    return memcmp(b, "conectix", 8) == 0;
}

static bool is_qed(const unsigned char *b)
{
    return memcmp(b, "QED\0", 4) == 0;
}

static const struct {
    const char *name, *params, *qemu;
    bool (*is_it)(const unsigned char *); /* NULL: every file is one */
    bool has_footer;
} formats[] = {
    [DISK_FORMAT_RAW] = {"raw", "aio", "raw", NULL, false},
    [DISK_FORMAT_QCOW] = {"qcow", "qcow", "qcow", is_qcow, false},
    [DISK_FORMAT_QCOW2] = {"qcow2", "qcow2", "qcow2", is_qcow2, false},
    [DISK_FORMAT_VHD] = {"vhd", "vhd", "vpc", is_vhd, true},
    [DISK_FORMAT_QED] = {"qed", "qed", "qed", is_qed, false},
    [DISK_FORMAT_EMPTY] = {"empty", "aio", "raw", NULL, false},
};

const char *image_format_name(enum disk_format f)
{
    return formats[f].name;
}

const char *image_params_name(enum disk_format f)
{
    return formats[f].params;
}

const char *image_qemu_name(enum disk_format f)
{
    return formats[f].qemu;
}

const char *image_of_params(const char *params, enum disk_format *ret)
{
    const char *colon = strchr(params, ':');
    size_t n = colon ? (size_t)(colon - params) : 0;

    for (size_t i = 0; colon && colon[1] && i < ARRAY_LEN(formats); i++)
        if (strlen(formats[i].params) == n && memcmp(formats[i].params, params, n) == 0) {
            *ret = (enum disk_format)i;
            return colon + 1;
        }
    return NULL;
}

struct ends {
    unsigned char head[HEAD_BYTES], footer[HEAD_BYTES];
};

static bool has_format(const struct ends *e, size_t f)
{
    return formats[f].is_it && (formats[f].is_it(e->head) || (formats[f].has_footer && formats[f].is_it(e->footer)));
}

static int read_ends(const char *path, struct ends *ret, struct domo_err *err)
{
    int AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);

    memset(ret, 0, sizeof *ret);
    if (fd < 0 || size < 0 || pread(fd, ret->head, HEAD_BYTES, 0) < 0 ||
        (size > FOOTER_BYTES && pread(fd, ret->footer, HEAD_BYTES, size - FOOTER_BYTES) < 0))
        return err_sys(err, DOMO_E_IO, errno, "can't read the disk image '%s'", path);
    return 0;
}

int image_check(const char *path, enum disk_format f, struct domo_err *err)
{
    size_t other = 0;
    struct ends e;

    if (!formats[f].is_it)
        return 0;
    if (read_ends(path, &e, err))
        return -1;
    if (has_format(&e, f))
        return 0;
    while (other < ARRAY_LEN(formats) && !has_format(&e, other))
        other++;
    if (other == ARRAY_LEN(formats)) {
        (void)err_set(err, DOMO_E_DISK_BAD_TARGET, "'%s' is no %s image", path, formats[f].name);
        return err_hint(err, "if it holds the disk's bytes as they are, write format=raw");
    }
    (void)err_set(err, DOMO_E_DISK_BAD_TARGET, "'%s' is no %s image, but a %s one", path, formats[f].name,
                  formats[other].name);
    return err_hint(err, "write format=%s", formats[other].name);
}
