/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/kernel_trim.h"

#include <elf.h>
#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Headers are read and written by copies: nothing says that they are aligned in the file. */
static Elf64_Phdr segment_at(const unsigned char *elf, const Elf64_Ehdr *head, size_t i)
{
    Elf64_Phdr segment;

    memcpy(&segment, elf + head->e_phoff + i * sizeof segment, sizeof segment);
    return segment;
}

static bool fits(uint64_t offset, uint64_t size, size_t len)
{
    return offset <= len && size <= len - offset;
}

/* A symbol table may be wanted in the guest's memory (BSD): the builder finds it by its section. */
static bool has_symbols(const unsigned char *elf, const Elf64_Ehdr *head)
{
    for (size_t i = 0; i < head->e_shnum; i++) {
        Elf64_Shdr section;

        memcpy(&section, elf + head->e_shoff + i * sizeof section, sizeof section);
        if (section.sh_type == SHT_SYMTAB)
            return true;
    }
    return false;
}

/* All segments are inside, and the notes that say how to boot it are in a segment of their own, so that the sections
 * are not needed. */
static bool is_understood(const unsigned char *elf, size_t len, const Elf64_Ehdr *head)
{
    bool has_notes = false;

    if (memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 || head->e_ident[EI_CLASS] != ELFCLASS64 ||
        head->e_ident[EI_DATA] != (BYTE_ORDER == LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB) ||
        head->e_phentsize != sizeof(Elf64_Phdr) || head->e_phnum == PN_XNUM || head->e_shentsize != sizeof(Elf64_Shdr))
        return false;
    if (!fits(head->e_phoff, (uint64_t)head->e_phnum * sizeof(Elf64_Phdr), len) ||
        !fits(head->e_shoff, (uint64_t)head->e_shnum * sizeof(Elf64_Shdr), len) || has_symbols(elf, head))
        return false;
    for (size_t i = 0; i < head->e_phnum; i++) {
        Elf64_Phdr segment = segment_at(elf, head, i);

        if (!fits(segment.p_offset, segment.p_filesz, len))
            return false;
        has_notes |= segment.p_type == PT_NOTE;
    }
    return has_notes;
}

static uint64_t without_zeros(const unsigned char *bytes, uint64_t n)
{
    /* Most of it a page at a time. */
    static const unsigned char zeros[4096];

    while (n >= sizeof zeros && memcmp(bytes + n - sizeof zeros, zeros, sizeof zeros) == 0)
        n -= sizeof zeros;
    while (n && !bytes[n - 1])
        n--;
    return n;
}

/* Shortens segment "i"; gives where its bytes end. */
static uint64_t trim_segment(unsigned char *elf, const Elf64_Ehdr *head, size_t i)
{
    Elf64_Phdr segment = segment_at(elf, head, i);

    if (segment.p_type == PT_LOAD && segment.p_memsz >= segment.p_filesz) {
        segment.p_filesz = without_zeros(elf + segment.p_offset, segment.p_filesz);
        memcpy(elf + head->e_phoff + i * sizeof segment, &segment, sizeof segment);
    }
    return segment.p_offset + segment.p_filesz;
}

size_t kernel_trim(void *elf, size_t len)
{
    unsigned char *bytes = elf;
    uint64_t end, segment_end;
    Elf64_Ehdr head;

    if (len < sizeof head)
        return len;
    memcpy(&head, bytes, sizeof head);
    if (!is_understood(bytes, len, &head))
        return len;
    end = head.e_phoff + (uint64_t)head.e_phnum * sizeof(Elf64_Phdr);
    for (size_t i = 0; i < head.e_phnum; i++) {
        segment_end = trim_segment(bytes, &head, i);
        if (segment_end > end)
            end = segment_end;
    }
    head.e_shoff = 0;
    head.e_shnum = 0;
    head.e_shstrndx = SHN_UNDEF;
    memcpy(bytes, &head, sizeof head);
    return end;
}
