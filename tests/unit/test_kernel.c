/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a packed kernel is unpacked once; what the cache gives back is
 * what was unpacked from just these bytes; an entry that is damaged, half-written
 * or could have been tampered with is never used; the cache stays small; and
 * no trouble with it ever fails a load.
 */
#include "unit.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"
#include "dom/kernel.h"
#include "dom/kernel_cache.h"
#include "dom/kernel_trim.h"

struct world {
    char root[64], file[96];
    struct host host;
    struct hyp_ops hyp;
    struct env_ops env;
};

static int unpacked; /* how often the fake was asked */

/* "PACKED:xyz" unpacks to an ELF magic and xyz, many times over. */
static int fake_unpack(struct host *h, const void *kernel, size_t len, void **ret, size_t *ret_len,
                       struct domo_err *err)
{
    const char *text = kernel;
    struct str out = STR_INIT;

    (void)h;
    unpacked++;
    if (len < 7 || memcmp(text, "PACKED:", 7) != 0)
        return err_set(err, DOMO_E_KERNEL_FORMAT, "no magic");
    str_addn(&out, "\177ELF", 4);
    for (int i = 0; i < 1000; i++)
        str_addn(&out, text + 7, len - 7);
    *ret_len = out.len;
    *ret = str_steal(&out);
    return 0;
}

static void fake_wall(struct host *h, int64_t *ret_sec, unsigned *ret_centi)
{
    (void)h;
    clock_wall(ret_sec, ret_centi);
    /* Files of this test count as settled. */
    *ret_sec += 10;
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    (void)snprintf(w->root, sizeof w->root, "/tmp/domo-kernel-XXXXXX");
    assert_non_null(mkdtemp(w->root));
    (void)snprintf(w->file, sizeof w->file, "%s/vmlinuz", w->root);
    w->hyp.unpack_kernel = fake_unpack;
    w->env.wall = fake_wall;
    w->host.hyp = &w->hyp;
    w->host.env = &w->env;
    (void)snprintf(w->host.paths.cache, sizeof w->host.paths.cache, "%s/a/cache", w->root);
    unpacked = 0;
    *state = w;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int teardown(void **state)
{
    struct world *w = *state;

    (void)nftw(w->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(w);
    return 0;
}

static void write_file(const char *path, const char *text)
{
    assert_int_equal(fs_write_atomic(path, text, strlen(text), 0644, false), 0);
}

/* Loads and checks that what comes out is the unpacked "body". */
static void load(struct world *w, const char *path, bool use_cache, const char *body, enum kernel_source source)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct kernel k = {0};

    assert_int_equal(kernel_load(&w->host, path, use_cache, &k, &err), 0);
    assert_int_equal(k.source, source);
    assert_int_equal(k.len, 4 + 1000 * strlen(body));
    assert_memory_equal(k.bytes, "\177ELF", 4);
    assert_memory_equal((const char *)k.bytes + 4, body, strlen(body));
    assert_memory_equal((const char *)k.bytes + k.len - strlen(body), body, strlen(body));
    kernel_fini(&k);
    kernel_fini(&k);
}

/* Path of the only entry. */
static char *entry_path(struct world *w)
{
    DIR *d = opendir(w->host.paths.cache);
    char *path = NULL;
    struct dirent *e;

    assert_non_null(d);
    while ((e = readdir(d)))
        if (strstr(e->d_name, ".elf")) {
            assert_null(path);
            path = str_format("%s/%s", w->host.paths.cache, e->d_name);
        }
    (void)closedir(d);
    assert_non_null(path);
    return path;
}

static void test_second_load_comes_from_the_cache(void **state)
{
    struct world *w = *state;
    char *index = str_format("%s/index", w->host.paths.cache), *copy = str_format("%s/copy", w->root);

    write_file(w->file, "PACKED:abc");
    load(w, w->file, true, "abc", KERNEL_UNPACKED);
    load(w, w->file, true, "abc", KERNEL_CACHED);
    /* By content: without the index, and for a copy. */
    assert_int_equal(unlink(index), 0);
    load(w, w->file, true, "abc", KERNEL_CACHED);
    write_file(copy, "PACKED:abc");
    load(w, copy, true, "abc", KERNEL_CACHED);
    assert_int_equal(unpacked, 1);
    free(index);
    free(copy);
}

static void test_a_changed_file_is_another_kernel(void **state)
{
    struct world *w = *state;

    write_file(w->file, "PACKED:abc");
    load(w, w->file, true, "abc", KERNEL_UNPACKED);
    write_file(w->file, "PACKED:abd");
    load(w, w->file, true, "abd", KERNEL_UNPACKED);
    load(w, w->file, true, "abd", KERNEL_CACHED);
    assert_int_equal(unpacked, 2);
}

static void test_bypass_touches_nothing(void **state)
{
    struct world *w = *state;

    write_file(w->file, "PACKED:abc");
    load(w, w->file, false, "abc", KERNEL_UNPACKED);
    assert_int_equal(access(w->host.paths.cache, F_OK), -1);
    load(w, w->file, true, "abc", KERNEL_UNPACKED);
    load(w, w->file, false, "abc", KERNEL_UNPACKED);
}

static void test_plain_kernels_are_mapped(void **state)
{
    struct world *w = *state;
    struct kernel k = {0};

    write_file(w->file, "\177ELF and so on");
    assert_int_equal(kernel_load(&w->host, w->file, true, &k, NULL), 0);
    assert_int_equal(k.source, KERNEL_PLAIN);
    assert_int_equal(k.len, 14);
    assert_int_equal(unpacked, 0);
    assert_int_equal(access(w->host.paths.cache, F_OK), -1);
    kernel_fini(&k);
}

static void fails(struct world *w, const char *path, enum domo_code code)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct kernel k = {0};

    assert_int_equal(kernel_load(&w->host, path, true, &k, &err), -1);
    assert_int_equal(err.code, code);
    assert_null(k.bytes);
}

static void test_bad_kernels_say_why(void **state)
{
    struct world *w = *state;

    fails(w, "/nowhere/vmlinuz", DOMO_E_KERNEL_NOT_FOUND);
    fails(w, w->root, DOMO_E_KERNEL_FORMAT);
    fails(w, "/dev/null", DOMO_E_KERNEL_FORMAT);
    write_file(w->file, "");
    fails(w, w->file, DOMO_E_KERNEL_FORMAT);
    write_file(w->file, "text");
    fails(w, w->file, DOMO_E_KERNEL_FORMAT);
    fails(w, w->file, DOMO_E_KERNEL_FORMAT);
}

/* ---- damage ---- */

static void truncate_by(const char *path, off_t n)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size - n), 0);
}

static void test_truncated_entries_are_replaced(void **state)
{
    static const off_t cuts[] = {1, 50, 104, 105, 2000, 3108};
    struct world *w = *state;

    write_file(w->file, "PACKED:abc");
    for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
        char *path;

        load(w, w->file, true, "abc", i ? KERNEL_CACHED : KERNEL_UNPACKED);
        path = entry_path(w);
        truncate_by(path, cuts[i]);
        load(w, w->file, true, "abc", KERNEL_UNPACKED);
        free(path);
    }
}

static void patch(const char *path, off_t from_end, const char *bytes, size_t n)
{
    int fd = open(path, O_WRONLY);
    struct stat st;

    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(pwrite(fd, bytes, n, st.st_size - from_end), (ssize_t)n);
    (void)close(fd);
}

static void test_after_a_crash_content_is_verified(void **state)
{
    struct world *w = *state;
    char *path;

    write_file(w->file, "PACKED:abc");
    load(w, w->file, true, "abc", KERNEL_UNPACKED);
    path = entry_path(w);
    /* The boot is the trailer's last field. */
    patch(path, 40, "another boot", 12);
    load(w, w->file, true, "abc", KERNEL_CACHED);
    /* Verified once: the trailer says this boot now, so lost data would go unnoticed until the next boot. */
    patch(path, 40, "another boot", 12);
    patch(path, 300, "\0\0\0\0", 4);
    load(w, w->file, true, "abc", KERNEL_UNPACKED);
    load(w, w->file, true, "abc", KERNEL_CACHED);
    assert_int_equal(unpacked, 2);
    free(path);
}

static void test_another_kernels_entry_is_not_used(void **state)
{
    struct world *w = *state;
    char *first, *second;

    write_file(w->file, "PACKED:abc");
    load(w, w->file, true, "abc", KERNEL_UNPACKED);
    first = entry_path(w);
    second = strdup(first);
    assert_non_null(second);
    /* The entry of "xyz" under the name of "abc": only the trailer can tell. */
    assert_int_equal(unlink(first), 0);
    write_file(w->file, "PACKED:xyz");
    load(w, w->file, true, "xyz", KERNEL_UNPACKED);
    free(first);
    first = entry_path(w);
    assert_int_equal(rename(first, second), 0);
    write_file(w->file, "PACKED:abc");
    load(w, w->file, true, "abc", KERNEL_UNPACKED);
    free(first);
    free(second);
}

/* ---- tampering ---- */

static void load_noted(struct world *w, const char *body)
{
    struct kernel k = {0};

    assert_int_equal(kernel_load(&w->host, w->file, true, &k, NULL), 0);
    assert_int_equal(k.source, KERNEL_UNPACKED);
    assert_memory_equal((const char *)k.bytes + 4, body, strlen(body));
    assert_true(k.note[0] != '\0');
    kernel_fini(&k);
}

static void test_a_writable_directory_is_not_used(void **state)
{
    struct world *w = *state;
    static const mode_t modes[] = {0770, 0707, 0777, 0720};

    write_file(w->file, "PACKED:abc");
    load(w, w->file, true, "abc", KERNEL_UNPACKED);
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        assert_int_equal(chmod(w->host.paths.cache, modes[i]), 0);
        load_noted(w, "abc");
    }
    assert_int_equal(chmod(w->host.paths.cache, 0755), 0);
    load(w, w->file, true, "abc", KERNEL_CACHED);
}

static void test_a_linked_directory_is_not_used(void **state)
{
    struct world *w = *state;
    char *real = str_format("%s/real", w->root), *link = str_format("%s/a/cache", w->root);
    char *parent = str_format("%s/a", w->root);

    assert_int_equal(mkdir(real, 0700), 0);
    assert_int_equal(mkdir(parent, 0700), 0);
    assert_int_equal(symlink(real, link), 0);
    write_file(w->file, "PACKED:abc");
    load_noted(w, "abc");
    free(real);
    free(link);
    free(parent);
}

static void test_foreign_directories_are_not_used(void **state)
{
    struct world *w = *state;

    if (geteuid() != 0)
        skip();
    write_file(w->file, "PACKED:abc");
    load(w, w->file, true, "abc", KERNEL_UNPACKED);
    assert_int_equal(chown(w->host.paths.cache, 12345, 12345), 0);
    load_noted(w, "abc");
    assert_int_equal(chown(w->host.paths.cache, 0, 0), 0);
    load(w, w->file, true, "abc", KERNEL_CACHED);
}

static void test_unsafe_entries_are_not_used(void **state)
{
    struct world *w = *state;
    char *path, *other = str_format("%s/other", w->root);

    write_file(w->file, "PACKED:abc");
    load(w, w->file, true, "abc", KERNEL_UNPACKED);
    path = entry_path(w);
    assert_int_equal(chmod(path, 0620), 0);
    load_noted(w, "abc");
    /* It was replaced by a good one. */
    load(w, w->file, true, "abc", KERNEL_CACHED);
    assert_int_equal(link(path, other), 0);
    load_noted(w, "abc");
    load(w, w->file, true, "abc", KERNEL_CACHED);
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(symlink(other, path), 0);
    load_noted(w, "abc");
    free(path);
    free(other);
}

/* ---- size ---- */

static void put(struct kernel_cache *c, int n, size_t len, int expect)
{
    char *bytes = calloc(1, len);
    struct kernel_key key;

    assert_non_null(bytes);
    assert_int_equal(kernel_key_of(&n, sizeof n, &key, NULL), 0);
    assert_int_equal(kernel_cache_put(c, &key, bytes, len), expect);
    free(bytes);
}

static bool has(struct kernel_cache *c, int n)
{
    struct kernel_key key;
    char hex[KERNEL_KEY_TEXT], path[400];

    assert_int_equal(kernel_key_of(&n, sizeof n, &key, NULL), 0);
    kernel_key_text(&key, hex);
    (void)snprintf(path, sizeof path, "%s/%s.elf", c->path, hex);
    return access(path, F_OK) == 0;
}

static void age(struct kernel_cache *c, int n, int seconds)
{
    struct timeval times[2];
    struct kernel_key key;
    char hex[KERNEL_KEY_TEXT], path[400];

    assert_int_equal(kernel_key_of(&n, sizeof n, &key, NULL), 0);
    kernel_key_text(&key, hex);
    (void)snprintf(path, sizeof path, "%s/%s.elf", c->path, hex);
    (void)gettimeofday(&times[0], NULL);
    times[0].tv_sec -= seconds;
    times[1] = times[0];
    assert_int_equal(utimes(path, times), 0);
}

static void test_the_longest_unused_goes_first(void **state)
{
    struct world *w = *state;
    struct kernel_cache_stats stats;
    struct kernel_entry entry;
    struct kernel_key key;
    struct kernel_cache c;
    int one = 1;

    assert_int_equal(kernel_cache_open(w->host.paths.cache, &c, NULL), 0);
    c.max_entries = 3;
    for (int i = 0; i < 3; i++) {
        put(&c, i, 1000, 0);
        age(&c, i, 100 - i);
    }
    /* Using 1 makes 0 and then 2 the oldest. */
    assert_int_equal(kernel_key_of(&one, sizeof one, &key, NULL), 0);
    assert_int_equal(kernel_cache_map(&c, &key, &entry), 0);
    (void)munmap(entry.bytes, entry.map_len);
    put(&c, 3, 1000, 0);
    assert_false(has(&c, 0));
    put(&c, 4, 1000, 0);
    assert_false(has(&c, 2));
    assert_true(has(&c, 1) && has(&c, 3) && has(&c, 4));
    assert_int_equal(kernel_cache_stats(&c, &stats), 0);
    assert_int_equal(stats.entries, 3);
    kernel_cache_fini(&c);
}

static void test_bytes_are_bounded(void **state)
{
    struct world *w = *state;
    struct kernel_cache_stats stats;
    struct kernel_cache c;
    char *foreign, *stale;
    size_t removed;

    assert_int_equal(kernel_cache_open(w->host.paths.cache, &c, NULL), 0);
    foreign = str_format("%s/precious", c.path);
    stale = str_format("%s/tmp-1-1", c.path);
    write_file(foreign, "not ours");
    write_file(stale, "half");
    assert_int_equal(utimes(stale, (struct timeval[2]){{1000, 0}, {1000, 0}}), 0);
    c.max_bytes = 10000;
    put(&c, 0, 10000, -EFBIG);
    put(&c, 1, 4000, 0);
    age(&c, 1, 10);
    put(&c, 2, 4000, 0);
    age(&c, 2, 5);
    put(&c, 3, 4000, 0);
    assert_true(!has(&c, 1) && has(&c, 2) && has(&c, 3));
    assert_int_equal(access(stale, F_OK), -1);
    assert_int_equal(kernel_cache_clear(&c, &removed), 0);
    assert_int_equal(removed, 2);
    assert_int_equal(kernel_cache_stats(&c, &stats), 0);
    assert_int_equal(stats.entries, 0);
    assert_int_equal(access(foreign, F_OK), 0);
    kernel_cache_fini(&c);
    free(foreign);
    free(stale);
}

/* ---- at once ---- */

static void test_processes_may_fill_the_same_entry(void **state)
{
    enum { CHILDREN = 8, ROUNDS = 20 };
    struct world *w = *state;
    pid_t pids[CHILDREN];
    int status;

    write_file(w->file, "PACKED:abc");
    for (int i = 0; i < CHILDREN; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0) {
            int bad = 0;

            for (int round = 0; round < ROUNDS; round++) {
                struct kernel k = {0};
                struct kernel_cache c;
                size_t n;

                if (kernel_load(&w->host, w->file, true, &k, NULL) < 0 || k.note[0] || k.len != 3004 ||
                    memcmp((const char *)k.bytes + 3001, "abc", 3) != 0)
                    bad = 1;
                kernel_fini(&k);
                if (i == 0 && kernel_cache_open(w->host.paths.cache, &c, NULL) == 0) {
                    (void)!kernel_cache_clear(&c, &n);
                    kernel_cache_fini(&c);
                }
            }
            _exit(bad);
        }
    }
    for (int i = 0; i < CHILDREN; i++) {
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
}

/* ---- keys and the index ---- */

static void test_keys_are_sha256(void **state)
{
    struct kernel_key key, back;
    char hex[KERNEL_KEY_TEXT];

    (void)state;
    assert_int_equal(kernel_key_of("abc", 3, &key, NULL), 0);
    kernel_key_text(&key, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_true(kernel_key_parse(hex, &back));
    assert_memory_equal(&key, &back, sizeof key);
    assert_false(kernel_key_parse("ba78", &back));
    hex[0] = 'B';
    assert_false(kernel_key_parse(hex, &back));
}

static void test_fresh_files_are_not_remembered(void **state)
{
    struct world *w = *state;
    struct kernel_key key;
    struct stat st;

    write_file(w->file, "x");
    assert_int_equal(stat(w->file, &st), 0);
    assert_int_equal(kernel_key_of("x", 1, &key, NULL), 0);
    assert_int_equal(kernel_index_add(w->root, &st, &key, st.st_ctim.tv_sec + 1), -EAGAIN);
    assert_false(kernel_index_find(w->root, &st, &key));
    assert_int_equal(kernel_index_add(w->root, &st, &key, st.st_ctim.tv_sec + 5), 0);
    assert_true(kernel_index_find(w->root, &st, &key));
    st.st_ctim.tv_nsec ^= 1;
    assert_false(kernel_index_find(w->root, &st, &key));
}

static void test_the_index_is_bounded(void **state)
{
    struct world *w = *state;
    struct kernel_key key;
    struct stat st = {.st_dev = 1, .st_size = 5};

    assert_int_equal(kernel_key_of("x", 1, &key, NULL), 0);
    for (int i = 0; i < KERNEL_INDEX_MAX + 10; i++) {
        st.st_ino = 100u + (unsigned)i;
        assert_int_equal(kernel_index_add(w->root, &st, &key, 1000), 0);
    }
    assert_true(kernel_index_find(w->root, &st, &key));
    st.st_ino = 100;
    assert_false(kernel_index_find(w->root, &st, &key));
    /* The same file again replaces its line. */
    st.st_ino = 100 + KERNEL_INDEX_MAX + 9;
    st.st_size = 6;
    assert_int_equal(kernel_index_add(w->root, &st, &key, 1000), 0);
    st.st_size = 5;
    assert_false(kernel_index_find(w->root, &st, &key));
}

static void test_a_full_or_missing_cache_is_no_failure(void **state)
{
    struct world *w = *state;

    write_file(w->file, "PACKED:abc");
    (void)snprintf(w->host.paths.cache, sizeof w->host.paths.cache, "/proc/nowhere");
    load_noted(w, "abc");
    (void)snprintf(w->host.paths.cache, sizeof w->host.paths.cache, "%s/vmlinuz/below", w->root);
    load_noted(w, "abc");
}

/* ---- trimming ---- */

struct small_elf {
    Elf64_Ehdr head;
    Elf64_Phdr load, note;
    Elf64_Shdr section;
    char notes[16];
    unsigned char text[20000];
};

static struct small_elf *new_elf(void)
{
    struct small_elf *e = calloc(1, sizeof *e);

    assert_non_null(e);
    e->head.e_ident[EI_MAG0] = ELFMAG0;
    e->head.e_ident[EI_MAG1] = ELFMAG1;
    e->head.e_ident[EI_MAG2] = ELFMAG2;
    e->head.e_ident[EI_MAG3] = ELFMAG3;
    e->head.e_ident[EI_CLASS] = ELFCLASS64;
    e->head.e_ident[EI_DATA] = ELFDATA2LSB;
    e->head.e_phoff = offsetof(struct small_elf, load);
    e->head.e_phentsize = sizeof e->load;
    e->head.e_phnum = 2;
    e->head.e_shoff = offsetof(struct small_elf, section);
    e->head.e_shentsize = sizeof e->section;
    e->head.e_shnum = 1;
    e->load = (Elf64_Phdr){.p_type = PT_LOAD,
                           .p_offset = offsetof(struct small_elf, text),
                           .p_filesz = sizeof e->text,
                           .p_memsz = sizeof e->text + 50};
    e->note = (Elf64_Phdr){.p_type = PT_NOTE,
                           .p_offset = offsetof(struct small_elf, notes),
                           .p_filesz = sizeof e->notes,
                           .p_memsz = sizeof e->notes};
    memset(e->text, 7, 100);
    return e;
}

static void test_zeros_at_the_end_are_trimmed(void **state)
{
    struct small_elf *e = new_elf();

    (void)state;
    assert_int_equal(kernel_trim(e, sizeof *e), offsetof(struct small_elf, text) + 100);
    assert_int_equal(e->load.p_filesz, 100);
    assert_int_equal(e->load.p_memsz, sizeof e->text + 50);
    assert_int_equal(e->head.e_shnum, 0);
    /* Once more changes nothing. */
    assert_int_equal(kernel_trim(e, offsetof(struct small_elf, text) + 100), offsetof(struct small_elf, text) + 100);
    free(e);
}

static void keeps(void (*spoil)(struct small_elf *))
{
    struct small_elf *e = new_elf(), before;

    spoil(e);
    before = *e;
    assert_int_equal(kernel_trim(e, sizeof *e), sizeof *e);
    assert_memory_equal(e, &before, sizeof *e);
    free(e);
}

static void spoil_symbols(struct small_elf *e)
{
    e->section.sh_type = SHT_SYMTAB;
}

static void spoil_notes(struct small_elf *e)
{
    e->note.p_type = PT_NULL;
}

static void spoil_segment(struct small_elf *e)
{
    e->load.p_filesz++;
}

static void spoil_offset(struct small_elf *e)
{
    e->load.p_offset = UINT64_MAX;
}

static void spoil_table(struct small_elf *e)
{
    e->head.e_phoff = sizeof *e - 60;
}

static void spoil_sections(struct small_elf *e)
{
    e->head.e_shoff = UINT64_MAX - 10;
}

static void spoil_class(struct small_elf *e)
{
    e->head.e_ident[EI_CLASS] = ELFCLASS32;
}

static void test_what_is_not_understood_is_kept(void **state)
{
    static void (*const spoils[])(struct small_elf *) = {spoil_symbols, spoil_notes,    spoil_segment, spoil_offset,
                                                         spoil_table,   spoil_sections, spoil_class};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(spoils); i++)
        keeps(spoils[i]);
    assert_int_equal(kernel_trim((char[]){"\177ELF"}, 5), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_second_load_comes_from_the_cache, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_changed_file_is_another_kernel, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bypass_touches_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_plain_kernels_are_mapped, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_kernels_say_why, setup, teardown),
        cmocka_unit_test_setup_teardown(test_truncated_entries_are_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(test_after_a_crash_content_is_verified, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_kernels_entry_is_not_used, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_writable_directory_is_not_used, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_linked_directory_is_not_used, setup, teardown),
        cmocka_unit_test_setup_teardown(test_foreign_directories_are_not_used, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unsafe_entries_are_not_used, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_longest_unused_goes_first, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bytes_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_processes_may_fill_the_same_entry, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keys_are_sha256, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fresh_files_are_not_remembered, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_index_is_bounded, setup, teardown),
        cmocka_unit_test(test_zeros_at_the_end_are_trimmed),
        cmocka_unit_test(test_what_is_not_understood_is_kept),
        cmocka_unit_test_setup_teardown(test_a_full_or_missing_cache_is_no_failure, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
