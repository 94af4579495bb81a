/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/spec.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "dom/spec_keys.h"

struct spec *spec_free(struct spec *spec)
{
    size_t i;

    if (!spec)
        return NULL;
    keys_fini(&spec_keys, spec);
    free(spec->hard_affinity);
    free(spec->soft_affinity);
    for (i = 0; i < spec->disks.len; i++)
        disk_spec_fini(&spec->disks.at[i]);
    VEC_FINI(&spec->disks);
    for (i = 0; i < spec->vifs.len; i++)
        vif_spec_fini(&spec->vifs.at[i]);
    VEC_FINI(&spec->vifs);
    for (i = 0; i < spec->devices.len; i++)
        dev_spec_fini(&spec->devices.at[i]);
    VEC_FINI(&spec->devices);
    for (i = 0; i < SPEC_TEXT_LISTS; i++)
        spec_texts_fini(spec_texts_of(spec, &spec_text_lists[i]));
    if (spec->has_screen)
        dev_spec_fini(&spec->screen);
    for (i = 0; i < spec->not_acted_on.len; i++)
        free(spec->not_acted_on.at[i]);
    VEC_FINI(&spec->not_acted_on);
    free(spec);
    return NULL;
}

struct spec *spec_new(void)
{
    struct spec *spec = calloc(1, sizeof *spec);

    if (spec && keys_defaults(&spec_keys, spec))
        return spec_free(spec);
    return spec;
}

/* The overrides as one text, a line each. */
static char *join_overrides(const char *const *overrides)
{
    struct str AUTO_STR out = STR_INIT;
    const char *s;

    str_add(&out, "");
    for (; *overrides; overrides++) {
        for (s = *overrides; *s; s++)
            str_addc(&out, *s == '\n' ? ' ' : *s);
        str_addc(&out, '\n');
    }
    return str_steal(&out);
}

static int parse_overrides(const char *const *overrides, struct diags *d, struct conf_file *file)
{
    char AUTO_FREE *text = join_overrides(overrides);
    unsigned line = 0, source = (unsigned)d->sources.len;
    int r = 0;

    if (!text || diags_source(d, "<command line>", text)) {
        d->failed = true;
        return -1;
    }
    for (; *overrides; overrides++)
        if (conf_parse_override(d, source, ++line, file))
            r = -1;
    return r;
}

static int parse_sources(const char *name, const char *text, const struct spec_load *how, struct diags *d,
                         struct conf_file *file)
{
    unsigned source = (unsigned)d->sources.len;
    int r;

    if (diags_source(d, name, text)) {
        d->failed = true;
        return -1;
    }
    r = conf_parse(d, source, file);
    if (how && how->overrides && parse_overrides(how->overrides, d, file))
        r = -1;
    return conf_merge(file, d) ? -1 : r;
}

/* Fills the spec from text; everything wrong is in the diags afterwards. */
static void fill(const char *name, const char *text, const struct spec_load *how, struct diags *d, struct spec *spec)
{
    struct conf_file file = {.list = VEC_INIT};
    struct key_load load = {.table = &spec_keys, .file = &file, .diags = d, .record = spec};
    bool complete;

    complete = !parse_sources(name, text, how, d, &file);
    spec->type = spec_type_of(&file);
    load.guest = 1u << spec->type;
    load.unknown_level = how && how->warn_unknown ? DIAG_WARNING : DIAG_ERROR;
    keys_load(&load);
    spec->type = spec_type_of(&file);
    spec_check(&load, complete);
    if (how && (how->ignore_unsupported || how->check_only))
        diags_relax(d, DOMO_E_CONFIG_NOT_ACTED_ON);
    conf_file_fini(&file);
}

int spec_parse(const char *file, const char *text, const struct spec_load *how, struct diags *d, struct spec **ret,
               struct domo_err *err)
{
    struct spec *spec = spec_new();

    if (!spec)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory while reading config '%s'", file);
    fill(file, text, how, d, spec);
    if (d->failed) {
        (void)spec_free(spec);
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory while reading config '%s'", file);
    }
    if (d->errors) {
        (void)spec_free(spec);
        return diags_to_err(d, err);
    }
    *ret = spec;
    return 0;
}

/* All bytes of a descriptor, one more than allowed if there are more. 0 or a negative errno. */
static int read_text(int fd, struct str *out)
{
    char buf[16384];
    ssize_t n;

    str_add(out, "");
    while (out->len <= CONF_TEXT_MAX) {
        n = read(fd, buf, sizeof buf);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (!n)
            break;
        str_addn(out, buf, (size_t)n);
    }
    return out->failed ? -ENOMEM : 0;
}

int spec_load_file(const char *path, const struct spec_load *how, struct diags *d, struct spec **ret,
                   struct domo_err *err)
{
    bool is_stdin = !strcmp(path, "-");
    struct str AUTO_STR text = STR_INIT;
    int AUTO_CLOSE fd = -1;
    int r;

    if (!is_stdin) {
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return err_sys(err, DOMO_E_IO, errno, "can't open config '%s'", path);
    }
    r = read_text(is_stdin ? STDIN_FILENO : fd, &text);
    if (r)
        return err_sys(err, DOMO_E_IO, -r, "can't read config '%s'", path);
    if (text.len > CONF_TEXT_MAX)
        return err_set(err, DOMO_E_CONFIG_SYNTAX, "config '%s' is larger than 1 MiB", path);
    if (memchr(str_text(&text), '\0', text.len))
        return err_set(err, DOMO_E_CONFIG_SYNTAX, "'%s' is no config: it has NUL bytes in it", path);
    return spec_parse(is_stdin ? "<standard input>" : path, str_text(&text), how, d, ret, err);
}

char *spec_print(const struct spec *spec)
{
    struct str AUTO_STR out = STR_INIT;
    size_t i;

    str_add(&out, "");
    keys_print(&spec_keys, spec, &out);
    for (i = 0; i < spec->not_acted_on.len; i++)
        str_addf(&out, "# left out, as nothing acts on it yet: %s\n", spec->not_acted_on.at[i]);
    return str_steal(&out);
}

bool spec_equal(const struct spec *a, const struct spec *b)
{
    return keys_equal(&spec_keys, a, b);
}

static bool cut_bits(uint64_t *bits, size_t words, uint32_t cpus)
{
    uint64_t any = 0;
    size_t i;

    for (i = 0; bits && i < words; i++) {
        if (i > cpus / 64)
            bits[i] = 0;
        else if (i == cpus / 64)
            bits[i] &= ((uint64_t)1 << (cpus % 64)) - 1;
        any |= bits[i];
    }
    return !bits || any;
}

/* The least that the cards work with; libxl's numbers. */
static const uint32_t video_mib[] = {
    [SPEC_VGA_CIRRUS] = 8, [SPEC_VGA_STD] = 16, [SPEC_VGA_NONE] = 0, [SPEC_VGA_QXL] = 128};

uint32_t spec_least_video_mib(const struct spec *spec)
{
    return video_mib[spec->vga];
}

uint64_t spec_video_kib(const struct spec *spec)
{
    if (spec->type != SPEC_TYPE_HVM || spec->vga == SPEC_VGA_NONE)
        return 0;
    return (uint64_t)(spec->videoram_mib ? spec->videoram_mib : video_mib[spec->vga]) * 1024;
}

int spec_limit_cpus(struct spec *spec, uint32_t cpus, struct domo_err *err)
{
    if (!cut_bits(spec->hard_affinity, spec->cpu_words, cpus))
        return err_set(err, DOMO_E_CONFIG_VALUE, "cpus= names none of the host's %u processors", cpus);
    if (!cut_bits(spec->soft_affinity, spec->cpu_words, cpus))
        return err_set(err, DOMO_E_CONFIG_VALUE, "cpus_soft= names none of the host's %u processors", cpus);
    return 0;
}

struct json *spec_reference(const char *name)
{
    const struct key *key = name ? keys_find(&spec_keys, name) : NULL;
    struct json *all;
    size_t i;

    if (name)
        return key ? key_reference(&spec_keys, key) : NULL;
    all = json_new_array();
    for (i = 0; i < spec_keys.n; i++)
        json_add(all, key_reference(&spec_keys, &spec_keys.rows[i]));
    return json_done(all);
}
