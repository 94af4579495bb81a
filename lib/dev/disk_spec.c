/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Parses disk specs: positions, keys, flags, and the prefixes of old.
 */
#include "dev/disk_spec.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "dev/disk_spec_read.h"
#include "dev/spec_item.h"

/* A spec on its way: what was given so far. */
struct reading {
    struct spec_text st;
    struct disk_spec disk;
    char *format, *access, *devtype, *backendtype, *specification;
    unsigned positions; /* positional items seen */
    bool had_prefix;    /* of the old kind: there is no positional format then */
    /* Given by position, perhaps empty: then the default, which a key may still replace. */
    bool had_target, had_format, had_access;
    struct conf_pos vdev_pos;
};

struct word {
    const char *name;
    int value;
};

static const struct word formats[] = {{"raw", DISK_FORMAT_RAW},
                                      {"qcow", DISK_FORMAT_QCOW},
                                      {"qcow2", DISK_FORMAT_QCOW2},
                                      {"vhd", DISK_FORMAT_VHD},
                                      {"qed", DISK_FORMAT_QED},
                                      {"empty", DISK_FORMAT_EMPTY},
                                      {NULL, 0}};
static const struct word accesses[] = {{"rw", DISK_ACCESS_RW},
                                       {"w", DISK_ACCESS_RW},
                                       {"ro", DISK_ACCESS_RO},
                                       {"r", DISK_ACCESS_RO},
                                       {"w!", DISK_ACCESS_RW_SHARED},
                                       {"rw!", DISK_ACCESS_RW_SHARED},
                                       {NULL, 0}};
static const struct word backends[] = {{"phy", DISK_BACKEND_PHY},
                                       {"qdisk", DISK_BACKEND_QDISK},
                                       {"tap", DISK_BACKEND_TAP},
                                       {"standalone", DISK_BACKEND_STANDALONE},
                                       {NULL, 0}};
static const struct word specifications[] = {{"xen", false}, {"virtio", true}, {NULL, 0}};
static const struct word devtypes[] = {{"disk", false}, {"cdrom", true}, {NULL, 0}};

void disk_spec_fini(struct disk_spec *d)
{
    free(d->target);
    free(d->vdev);
    free(d->backend);
    free(d->script);
    memset(d, 0, sizeof *d);
}

static bool copy_text(const char *from, char **to)
{
    *to = from ? strdup(from) : NULL;
    return !from || *to;
}

int disk_spec_copy(const struct disk_spec *from, struct disk_spec *to)
{
    struct disk_spec copy = *from;
    bool ok;

    copy.target = copy.vdev = copy.backend = copy.script = NULL;
    ok = copy_text(from->target, &copy.target) && copy_text(from->vdev, &copy.vdev) &&
         copy_text(from->backend, &copy.backend) && copy_text(from->script, &copy.script);
    if (!ok) {
        disk_spec_fini(&copy);
        return -ENOMEM;
    }
    *to = copy;
    return 0;
}

static const char *word_at(size_t i, const void *arg)
{
    return ((const struct word *)arg)[i].name;
}

static const struct word *find_word(const struct word *words, const char *text)
{
    for (; words->name; words++)
        if (!strcmp(words->name, text))
            return words;
    return NULL;
}

/* Stores a value that must be one of "words". */
static int store_word(struct reading *r, const struct spec_item *item, const char *name, const struct word *words,
                      char **field)
{
    struct str AUTO_STR hint = STR_INIT;
    const struct word *w;
    const char *near;

    if (spec_item_store(&r->st, item, name, field))
        return -1;
    if (!*field || find_word(words, *field))
        return 0;
    near = str_nearest(*field, word_at, words);
    if (near) {
        str_addf(&hint, "did you mean '%s'?", near);
    } else {
        str_add(&hint, "one of:");
        for (w = words; w->name; w++)
            str_addf(&hint, " %s", w->name);
        if (item->value == NULL)
            str_add(&hint, "; the order is target, format, vdev, access");
    }
    return spec_item_bad(&r->st, item, str_text(&hint), "'%s' is no %s of a disk", *field, name);
}

/* "hdc:cdrom" */
static int store_vdev(struct reading *r, const struct spec_item *item)
{
    const char *s = item->value ? item->value : item->s;
    size_t len = item->value ? item->value_len : item->len;
    const char *colon = memchr(s, ':', len);
    struct spec_item name = *item, type = *item;

    r->vdev_pos = item->value_pos;
    if (!colon)
        return spec_item_store(&r->st, item, "the virtual device", &r->disk.vdev);
    name.value = s;
    name.value_len = (size_t)(colon - s);
    name.value_pos.length = (unsigned)name.value_len;
    r->vdev_pos = name.value_pos;
    type.value = colon + 1;
    type.value_len = len - name.value_len - 1;
    type.value_pos = conf_pos_at(name.value_pos, name.value_len + 1, type.value_len);
    diag_add(r->st.diags, DIAG_WARNING, DOMO_E_CONFIG_VALUE, type.value_pos, NULL,
             "':%.*s' behind the virtual device is the old form: write devtype=%.*s", (int)type.value_len, type.value,
             (int)type.value_len, type.value);
    if (spec_item_store(&r->st, &name, "the virtual device", &r->disk.vdev))
        return -1;
    return store_word(r, &type, "devtype", devtypes, &r->devtype);
}

/* The prefixes of xm's time. "ignored": only dropped. */
static const struct {
    const char *name;
    enum { PREFIX_FORMAT, PREFIX_SCRIPT, PREFIX_DROPPED } kind;
} prefixes[] = {
    {"raw", PREFIX_FORMAT},      {"qcow", PREFIX_FORMAT},  {"qcow2", PREFIX_FORMAT}, {"vhd", PREFIX_FORMAT},
    {"iscsi", PREFIX_SCRIPT},    {"nbd", PREFIX_SCRIPT},   {"enbd", PREFIX_SCRIPT},  {"drbd", PREFIX_SCRIPT},
    {"tapdisk", PREFIX_DROPPED}, {"tap", PREFIX_DROPPED},  {"tap2", PREFIX_DROPPED}, {"aio", PREFIX_DROPPED},
    {"ioemu", PREFIX_DROPPED},   {"file", PREFIX_DROPPED}, {"phy", PREFIX_DROPPED},
};

static int use_prefix(struct reading *r, const struct spec_item *item, size_t which)
{
    const char *name = prefixes[which].name;
    char AUTO_FREE *script = NULL;
    struct spec_item value = *item;

    r->had_prefix = true;
    value.len = strlen(name);
    value.value_pos = conf_pos_at(item->pos, 0, value.len + 1);
    if (prefixes[which].kind == PREFIX_DROPPED) {
        diag_add(r->st.diags, DIAG_WARNING, DOMO_E_CONFIG_VALUE, value.value_pos, NULL,
                 "the prefix '%s:' is old and means nothing: leave it out and write target, format, vdev, access",
                 name);
        return 0;
    }
    if (prefixes[which].kind == PREFIX_FORMAT) {
        diag_add(r->st.diags, DIAG_WARNING, DOMO_E_CONFIG_VALUE, value.value_pos, NULL,
                 "the prefix '%s:' is old: write format=%s", name, name);
        return store_word(r, &value, "format", formats, &r->format);
    }
    diag_add(r->st.diags, DIAG_WARNING, DOMO_E_CONFIG_VALUE, value.value_pos, NULL,
             "the prefix '%s:' is old: write script=block-%s", name, name);
    script = str_format("block-%s", name);
    if (!script) {
        r->st.diags->failed = true;
        return -1;
    }
    value.value = script;
    value.value_len = strlen(script);
    return spec_item_store(&r->st, &value, "script", &r->disk.script);
}

/* Takes one prefix off the target. 1: there was one, 0: none, -1: an error. */
static int take_prefix(struct reading *r, struct spec_item *item)
{
    const char *colon = memchr(item->s, ':', item->len);
    size_t i, n, word;

    if (!colon)
        return 0;
    n = (size_t)(colon - item->s);
    for (i = 0; i < ARRAY_LEN(prefixes); i++) {
        if (strlen(prefixes[i].name) != n || memcmp(prefixes[i].name, item->s, n) != 0)
            continue;
        if (use_prefix(r, item, i))
            return -1;
        item->s += n + 1;
        item->len -= n + 1;
        item->key_len = item->len;
        item->pos = item->value_pos = conf_pos_at(item->pos, n + 1, item->len);
        return 1;
    }
    for (word = 0; word < n && ((item->s[word] >= 'a' && item->s[word] <= 'z') ||
                                (word && item->s[word] >= '0' && item->s[word] <= '9'));)
        word++;
    if (n && word == n && (n + 1 == item->len || item->s[n + 1] == '/'))
        return spec_item_bad(&r->st, item, "a path with a colon in it can be given by target=, as the last item",
                             "there is no disk prefix '%.*s:'", (int)(n > 40 ? 40 : n), item->s);
    return 0;
}

static int store_target(struct reading *r, struct spec_item *item)
{
    int got;

    r->had_target = true;
    while ((got = take_prefix(r, item)) > 0)
        ;
    return got ? -1 : spec_item_store(&r->st, item, "the target", &r->disk.target);
}

/* target, format, vdev, access, each unless it was given already. */
static int read_position(struct reading *r, struct spec_item *item)
{
    if (++r->positions > 4)
        return spec_item_bad(&r->st, item, "in this order: target, format, vdev, access",
                             "a disk has at most four values without a name");
    if (!r->had_target)
        return store_target(r, item);
    if (!r->had_prefix && !r->had_format && !r->format) {
        r->had_format = true;
        return item->len ? store_word(r, item, "format", formats, &r->format) : 0;
    }
    if (!r->disk.vdev)
        return store_vdev(r, item);
    if (r->had_access || r->access)
        return spec_item_bad(&r->st, item, "in this order: target, format, vdev, access",
                             "'%.*s' is one value too many: all four are given", (int)(item->len > 60 ? 60 : item->len),
                             item->s);
    r->had_access = true;
    return item->len ? store_word(r, item, "access", accesses, &r->access) : 0;
}

static int read_colo(struct reading *r, const struct spec_item *item)
{
    diag_add(r->st.diags, DIAG_ERROR, DOMO_E_CONFIG_NOT_ACTED_ON, item->pos, NULL,
             "'%.*s' of a disk is known, but not acted on yet", (int)item->key_len, item->s);
    return 0;
}

static int read_flag(struct reading *r, struct spec_item *item)
{
    struct disk_spec *d = &r->disk;
    struct spec_item cdrom = *item;

    if (spec_item_is(item, "cdrom")) {
        return store_word(r, &cdrom, "devtype", devtypes, &r->devtype);
    } else if (spec_item_is(item, "direct-io-safe")) {
        d->direct_io_safe = true;
    } else if (spec_item_is(item, "discard") || spec_item_is(item, "no-discard")) {
        d->has_discard = true;
        d->discard = item->s[0] == 'd';
    } else if (spec_item_is(item, "trusted") || spec_item_is(item, "untrusted")) {
        d->untrusted = item->s[0] == 'u';
    } else if (spec_item_is(item, "colo")) {
        return read_colo(r, item);
    } else if (!spec_item_is(item, "no-colo")) {
        return read_position(r, item);
    }
    return 0;
}

static const char *const key_names[] = {"target",    "format",      "vdev",          "access",      "devtype",
                                        "backend",   "backendtype", "specification", "script",      "colo-host",
                                        "colo-port", "colo-export", "active-disk",   "hidden-disk", NULL};

static const char *key_at(size_t i, const void *arg)
{
    (void)arg;
    return key_names[i];
}

static int unknown_key(struct reading *r, const struct spec_item *item)
{
    char AUTO_FREE *word = strndup(item->s, item->key_len);
    char AUTO_FREE *hint = NULL;
    const char *near;

    if (!word) {
        r->st.diags->failed = true;
        return -1;
    }
    near = str_nearest(word, key_at, NULL);
    if (strchr(word, '/'))
        hint = str_format("a path with '=' or ',' in it can be given by target=, as the last item");
    else if (near)
        hint = str_format("did you mean '%s='?", near);
    diag_add(r->st.diags, DIAG_ERROR, DOMO_E_CONFIG_UNKNOWN_KEY, item->pos, hint, "a disk has no '%.60s='", word);
    return -1;
}

static int read_key(struct reading *r, struct spec_item *item)
{
    if (spec_item_is(item, "target")) {
        spec_item_swallow(&r->st, item);
        r->had_target = true;
        return spec_item_store(&r->st, item, "the target", &r->disk.target);
    }
    if (spec_item_is(item, "format"))
        return store_word(r, item, "format", formats, &r->format);
    if (spec_item_is(item, "vdev"))
        return store_vdev(r, item);
    if (spec_item_is(item, "access"))
        return store_word(r, item, "access", accesses, &r->access);
    if (spec_item_is(item, "devtype"))
        return store_word(r, item, "devtype", devtypes, &r->devtype);
    if (spec_item_is(item, "backend"))
        return spec_item_store(&r->st, item, "backend", &r->disk.backend);
    if (spec_item_is(item, "backendtype"))
        return store_word(r, item, "backendtype", backends, &r->backendtype);
    if (spec_item_is(item, "specification"))
        return store_word(r, item, "specification", specifications, &r->specification);
    if (spec_item_is(item, "script"))
        return spec_item_store(&r->st, item, "script", &r->disk.script);
    if (!strncmp(item->s, "colo-", 5) || spec_item_is(item, "active-disk") || spec_item_is(item, "hidden-disk"))
        return read_colo(r, item);
    return unknown_key(r, item);
}

static int word_value(const struct word *words, const char *text, int fallback)
{
    const struct word *w = text ? find_word(words, text) : NULL;

    return w ? w->value : fallback;
}

static int whole_spec_is(struct reading *r, enum domo_code code, const char *hint, const char *what)
{
    struct conf_pos whole = r->st.at;

    if (whole.line)
        whole.length = r->st.text[0] ? (unsigned)strlen(r->st.text) : 1;
    diag_add(r->st.diags, DIAG_ERROR, code, whole, hint, "%s", what);
    return -1;
}

static int finish_vdev(struct reading *r)
{
    if (!r->disk.vdev)
        return whole_spec_is(r, DOMO_E_CONFIG_MISSING,
                             "like \"/srv/web.img,raw,xvda,rw\" or \"vdev=xvda,target=/srv/web.img\"",
                             "the disk has no virtual device (vdev)");
    if (!vdev_to_devid(r->disk.vdev, &r->disk.devid))
        return 0;
    diag_add(r->st.diags, DIAG_ERROR, DOMO_E_CONFIG_VALUE, r->vdev_pos,
             "xvda, xvdb1, hda to hdd, sda to sdp, d0p1 or a number; the order is target, format, vdev, access",
             "'%.60s' is no virtual device", r->disk.vdev);
    return -1;
}

/* What follows from all items together. */
static int finish(struct reading *r)
{
    struct disk_spec *d = &r->disk;

    d->format = (enum disk_format)word_value(formats, r->format, DISK_FORMAT_RAW);
    d->access = (enum disk_access)word_value(accesses, r->access, DISK_ACCESS_RW);
    d->backendtype = (enum disk_backend)word_value(backends, r->backendtype, DISK_BACKEND_AUTO);
    d->is_virtio = word_value(specifications, r->specification, false);
    d->is_cdrom = d->removable = word_value(devtypes, r->devtype, false);
    if (d->is_cdrom) {
        if (r->access && d->access != DISK_ACCESS_RO)
            diag_add(r->st.diags, DIAG_WARNING, DOMO_E_CONFIG_CONFLICT, r->st.at, NULL,
                     "a cdrom is read-only, access=%s has no effect", r->access);
        d->access = DISK_ACCESS_RO;
        if (!d->target)
            d->format = DISK_FORMAT_EMPTY;
    }
    if (finish_vdev(r))
        return -1;
    if (!d->target && !d->removable)
        return whole_spec_is(r, DOMO_E_CONFIG_MISSING, "only a cdrom may be empty", "the disk has no target");
    if (d->target && d->format == DISK_FORMAT_EMPTY)
        return whole_spec_is(r, DOMO_E_CONFIG_CONFLICT, NULL, "format=empty contradicts a target");
    return 0;
}

static void reading_fini(struct reading *r)
{
    free(r->format);
    free(r->access);
    free(r->devtype);
    free(r->backendtype);
    free(r->specification);
    disk_spec_fini(&r->disk);
}

int disk_spec_read(const char *text, struct conf_pos at, struct diags *d, struct disk_spec *ret)
{
    struct reading r = {.st = {.text = text, .at = at, .diags = d}};
    struct spec_item item;
    int bad = 0;

    r.disk.pos = conf_pos_at(at, 0, strlen(text));
    while (spec_item_next(&r.st, &item))
        if (item.value ? read_key(&r, &item) : read_flag(&r, &item))
            bad = -1;
    if (!bad)
        bad = finish(&r);
    if (!bad) {
        *ret = r.disk;
        memset(&r.disk, 0, sizeof r.disk);
    }
    reading_fini(&r);
    return bad;
}

int disk_spec_parse(const char *text, struct conf_pos at, struct diags *d, struct disk_spec *ret)
{
    unsigned before = d->errors;
    struct disk_spec disk;

    if (disk_spec_read(text, at, d, &disk))
        return -1;
    if (d->errors != before) {
        disk_spec_fini(&disk);
        return -1;
    }
    *ret = disk;
    return 0;
}
