/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What single rows of the guest's key table need beyond the engine.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "conf/cpulist.h"
#include "dev/disk_spec_read.h"
#include "dev/grammar.h"
#include "dev/uuid_text.h"
#include "dev/vif_spec_read.h"
#include "dom/spec_keys.h"

const char *spec_check_name(const char *text, const char **ret_hint)
{
    const char *s;

    /* The name becomes part of log file names, and commands take it where they also take a number. */
    if (!*text)
        return "the name is empty";
    if (strlen(text) > SPEC_NAME_MAX)
        return "the name is longer than 200 bytes";
    for (s = text; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f || *s == '/')
            return "a name can't have '/' or control characters in it";
    if (strspn(text, "0123456789") == strlen(text)) {
        *ret_hint = "commands would take it for a domain id: put a letter into it";
        return "a name can't be all digits";
    }
    return NULL;
}

int spec_note_not_acted_on(void *record, const char *name)
{
    struct spec *spec = record;
    char *copy = strdup(name), **slot = copy ? VEC_PUSH(&spec->not_acted_on) : NULL;

    if (!slot) {
        free(copy);
        return -1;
    }
    *slot = copy;
    return 0;
}

int spec_parse_uuid(struct key_load *load, const struct key *key, const struct conf_value *v)
{
    struct spec *spec = load->record;
    const char *text = key_atom(load, key, v);

    if (!text)
        return -1;
    if (!*text)
        return 0;
    if (!uuid_from_text(text, spec->uuid)) {
        diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_VALUE, v->pos, "like 6f1d3c5e-0a7b-4c1d-9e2f-8a4b6c0d1e2f",
                 "'%.60s' is no UUID", text);
        return -1;
    }
    spec->has_uuid = true;
    return 0;
}

void spec_print_uuid(const struct key *key, const void *record, struct str *out)
{
    const struct spec *spec = record;
    char text[UUID_TEXT_MAX];

    (void)key;
    if (!spec->has_uuid)
        return;
    uuid_to_text(spec->uuid, text);
    key_quote(out, text);
}

static uint64_t **bits_of(const struct key *key, const void *record)
{
    return (uint64_t **)((char *)record + key->offset);
}

/* Only one list for all virtual processors fits the spec: says so for everything else. */
static int refuse_cpus(struct key_load *load, const struct key *key, const struct conf_value *v, const char *what)
{
    diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_NOT_ACTED_ON, v->pos, NULL,
             "%s in '%s' %s known, but not acted on yet", what, key->name,
             what[strlen(what) - 1] == 's' ? "are" : "is");
    if (!spec_note_not_acted_on(load->record, key->name))
        return 0;
    load->diags->failed = true;
    return -1;
}

static int parse_cpu_list(struct key_load *load, const struct key *key, const struct conf_value *v, uint64_t *bits)
{
    const char *text = key_atom(load, key, v);
    bool nodes;

    if (!text)
        return -1;
    if (cpulist_parse(text, conf_text_pos(v), load->diags, bits, &nodes))
        return -1;
    return nodes ? refuse_cpus(load, key, v, "NUMA nodes") : 0;
}

/* How many virtual processors the file asks for, as far as that can be told before its own row is read. */
static size_t wanted_vcpus(const struct key_load *load)
{
    const struct conf_setting *s = conf_find(load->file, "maxvcpus");
    int64_t n;

    if (!s)
        s = conf_find(load->file, "vcpus");
    if (!s || s->value.is_list || key_integer(s->value.text, &n) || n < 1)
        return 1;
    return (size_t)n;
}

static bool is_full(const uint64_t *bits)
{
    size_t i;

    for (i = 0; i < CPULIST_WORDS; i++)
        if (~bits[i])
            return false;
    return true;
}

int spec_parse_cpus(struct key_load *load, const struct key *key, const struct conf_value *v)
{
    uint64_t bits[CPULIST_WORDS] = {0}, next[CPULIST_WORDS] = {0}, *copy, any = 0;
    struct spec *spec = load->record;
    bool differs = v->is_list && v->items.len < wanted_vcpus(load);
    size_t i;

    /* xm's configs say cpus="" for no wish. */
    if (v->is_list ? !v->items.len : !*v->text)
        return 0;
    if (parse_cpu_list(load, key, v->is_list ? &v->items.at[0] : v, bits))
        return -1;
    for (i = 1; i < v->items.len; i++) {
        if (parse_cpu_list(load, key, &v->items.at[i], next))
            return -1;
        differs = differs || memcmp(bits, next, sizeof bits) != 0;
    }
    if (differs)
        return refuse_cpus(load, key, v, "a list for each virtual CPU");
    for (i = 0; i < CPULIST_WORDS; i++)
        any |= bits[i];
    if (!any || is_full(bits))
        return 0;
    copy = malloc(sizeof bits);
    if (!copy) {
        load->diags->failed = true;
        return -1;
    }
    memcpy(copy, bits, sizeof bits);
    free(*bits_of(key, spec));
    *bits_of(key, spec) = copy;
    spec->cpu_words = CPULIST_WORDS;
    return 0;
}

void spec_print_cpus(const struct key *key, const void *record, struct str *out)
{
    const uint64_t *bits = *bits_of(key, record);

    if (!bits)
        return;
    str_addc(out, '"');
    cpulist_print(bits, out);
    str_addc(out, '"');
}

void spec_print_maxmem(const struct key *key, const void *record, struct str *out)
{
    const struct spec *spec = record;

    (void)key;
    if (spec->max_mem_kib != spec->mem_kib)
        str_addf(out, "%" PRIu64, spec->max_mem_kib / 1024);
}

void spec_print_maxvcpus(const struct key *key, const void *record, struct str *out)
{
    const struct spec *spec = record;

    (void)key;
    if (spec->max_vcpus != spec->vcpus)
        str_addf(out, "%" PRIu32, spec->max_vcpus);
}

/* One element of a device list, as it is, in the list's own text. */
static void add_raw(struct str *out, char *text, bool first)
{
    str_add(out, first ? "[ " : ", ");
    if (text)
        str_add(out, text);
    else
        out->failed = true;
    free(text);
}

void spec_add_element(struct str *out, char *text, bool first)
{
    struct str quoted = STR_INIT;

    if (text)
        key_quote(&quoted, text);
    add_raw(out, text ? str_steal(&quoted) : NULL, first);
    free(text);
}

int spec_parse_disk(struct key_load *load, const struct key *key, const struct conf_value *v)
{
    struct spec *spec = load->record;
    struct disk_spec disk, *slot;

    (void)key;
    if (disk_spec_read(v->text, conf_text_pos(v), load->diags, &disk))
        return -1;
    slot = VEC_PUSH(&spec->disks);
    if (!slot) {
        disk_spec_fini(&disk);
        load->diags->failed = true;
        return -1;
    }
    *slot = disk;
    return 0;
}

void spec_print_disks(const struct key *key, const void *record, struct str *out)
{
    const struct spec *spec = record;
    size_t i;

    (void)key;
    for (i = 0; i < spec->disks.len; i++)
        spec_add_element(out, disk_spec_print(&spec->disks.at[i]), i == 0);
    if (spec->disks.len)
        str_add(out, " ]");
}

/* ---- HVM ---- */

const char *spec_check_boot(const char *text, const char **ret_hint)
{
    if (text[strspn(text, "acdn")]) {
        *ret_hint = "a is the floppy, c the disk, d the CD, n the network";
        return "a boot order is made of the letters a, c, d and n";
    }
    for (const char *s = text; *s; s++)
        if (strchr(s + 1, *s))
            return "a letter comes twice in the boot order";
    return NULL;
}

int spec_parse_vif(struct key_load *load, const struct key *key, const struct conf_value *v)
{
    struct spec *spec = load->record;
    struct vif_spec vif, *slot;

    (void)key;
    if (vif_spec_read(v->text, conf_text_pos(v), load->diags, &vif))
        return -1;
    slot = VEC_PUSH(&spec->vifs);
    if (!slot) {
        vif_spec_fini(&vif);
        load->diags->failed = true;
        return -1;
    }
    if (!vif.has_devid)
        vif.devid = (uint32_t)load->element;
    *slot = vif;
    return 0;
}

void spec_print_vifs(const struct key *key, const void *record, struct str *out)
{
    const struct spec *spec = record;
    size_t i;

    (void)key;
    for (i = 0; i < spec->vifs.len; i++)
        spec_add_element(out, vif_spec_print(&spec->vifs.at[i]), i == 0);
    if (spec->vifs.len)
        str_add(out, " ]");
}

/* ---- devices of a kind with a grammar: the row's key names the kind ---- */

/* One string, or a list of them. */
static int parse_device(struct key_load *load, const struct dev_grammar *g, const struct conf_value *v,
                        struct dev_spec *ret)
{
    struct dev_text *AUTO_FREE items = NULL;

    if (!v->is_list)
        return dev_spec_parse(g, v->text, conf_text_pos(v), load->diags, ret);
    items = calloc(v->items.len ? v->items.len : 1, sizeof *items);
    if (!items) {
        load->diags->failed = true;
        return -1;
    }
    for (size_t i = 0; i < v->items.len; i++) {
        if (v->items.at[i].is_list) {
            diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_TYPE, v->items.at[i].pos, NULL, "a %s is a list of strings",
                     g->noun);
            return -1;
        }
        items[i] = (struct dev_text){.text = v->items.at[i].text, .at = conf_text_pos(&v->items.at[i])};
    }
    return dev_spec_parse_items(g, items, v->items.len, load->diags, ret);
}

int spec_parse_device(struct key_load *load, const struct key *key, const struct conf_value *v)
{
    const struct dev_grammar *grammar = dev_grammar_find(key->name);
    struct spec *spec = load->record;
    struct dev_spec device, *slot;

    if (!grammar || parse_device(load, grammar, v, &device))
        return -1;
    slot = VEC_PUSH(&spec->devices);
    if (!slot) {
        dev_spec_fini(&device);
        load->diags->failed = true;
        return -1;
    }
    *slot = device;
    return 0;
}

static void print_item(void *arg, const char *item)
{
    struct str *out = arg;

    str_add(out, out->len ? ", " : "[ ");
    key_quote(out, item);
}

/* "[ "card,…", "pcm,…" ]"; caller frees, NULL when out of memory. */
static char *print_parts(const struct dev_spec *d)
{
    struct str AUTO_STR out = STR_INIT;

    if (dev_spec_items(d, print_item, &out))
        return NULL;
    str_add(&out, " ]");
    return str_steal(&out);
}

void spec_print_devices(const struct key *key, const void *record, struct str *out)
{
    const struct spec *spec = record;
    bool first = true;

    for (size_t i = 0; i < spec->devices.len; i++) {
        const struct dev_spec *d = &spec->devices.at[i];

        if (strcmp(d->grammar->key, key->name) != 0 || spec_is_implied(d))
            continue;
        if (d->grammar->word)
            add_raw(out, print_parts(d), first);
        else
            spec_add_element(out, dev_spec_print(d), first);
        first = false;
    }
    if (!first)
        str_add(out, " ]");
}
