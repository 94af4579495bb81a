/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/elf_note.h"

#include <elf.h>
#include <string.h>

struct file {
    const unsigned char *bytes;
    size_t len;
};

/* Headers are read by copies: nothing says that they are aligned in the file. */
static bool take(const struct file *f, uint64_t at, void *to, size_t n)
{
    if (at > f->len || n > f->len - at)
        return false;
    memcpy(to, f->bytes + at, n);
    return true;
}

/* Name and content of a note fill up to multiples of four. */
static uint64_t padded(uint32_t n)
{
    return ((uint64_t)n + 3) & ~UINT64_C(3);
}

static bool has_note(const struct file *f, uint64_t at, uint64_t size, uint32_t type)
{
    uint64_t end = size > f->len - at ? f->len : at + size;
    Elf64_Nhdr note; /* the same for both sizes */
    char name[4];

    while (at < end && take(f, at, &note, sizeof note)) {
        at += sizeof note;
        if (note.n_type == type && note.n_namesz == sizeof name && take(f, at, name, sizeof name) &&
            memcmp(name, "Xen", sizeof name) == 0)
            return true;
        at += padded(note.n_namesz) + padded(note.n_descsz);
    }
    return false;
}

/* Kernels have their notes in a segment, or only in sections. */
#define SCAN(bits)                                                                                                     \
    static bool scan##bits(const struct file *f, uint32_t type)                                                        \
    {                                                                                                                  \
        Elf##bits##_Ehdr head;                                                                                         \
        Elf##bits##_Phdr segment;                                                                                      \
        Elf##bits##_Shdr section;                                                                                      \
                                                                                                                       \
        if (!take(f, 0, &head, sizeof head))                                                                           \
            return false;                                                                                              \
        for (uint64_t i = 0; i < head.e_phnum; i++)                                                                    \
            if (take(f, head.e_phoff + i * sizeof segment, &segment, sizeof segment) && segment.p_type == PT_NOTE &&   \
                segment.p_offset <= f->len && has_note(f, segment.p_offset, segment.p_filesz, type))                   \
                return true;                                                                                           \
        for (uint64_t i = 0; i < head.e_shnum; i++)                                                                    \
            if (take(f, head.e_shoff + i * sizeof section, &section, sizeof section) && section.sh_type == SHT_NOTE && \
                section.sh_offset <= f->len && has_note(f, section.sh_offset, section.sh_size, type))                  \
                return true;                                                                                           \
        return false;                                                                                                  \
    }

SCAN(32)
SCAN(64)

bool elf_has_xen_note(const void *elf, size_t len, uint32_t type)
{
    const struct file f = {.bytes = elf, .len = len};
    unsigned char ident[EI_NIDENT];

    if (!take(&f, 0, ident, sizeof ident) || memcmp(ident, ELFMAG, SELFMAG) != 0 || ident[EI_DATA] != ELFDATA2LSB)
        return false;
    return ident[EI_CLASS] == ELFCLASS64 ? scan64(&f, type) : scan32(&f, type);
}
