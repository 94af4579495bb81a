/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A world from its JSON text. Each kind of object is a table of keys; what a
 * table does not name is refused, with the nearest key that it does.
 */
#include "sim/world.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "sim/bus.h"

enum { KIB = 1024, MEMORY_KIB = 16 << 20, DOM0_KIB = 1 << 20 };
enum {
    MIB_MAX = 1 << 30,
    CPUS_MAX = 4096,
    BRIDGES_MAX = 256,
    LOOPS_MAX = 1 << 20,
    RULES_MAX = 10000,
    MS_MAX = 3600 * 1000
};
enum { KEYS_MAX = 64 /* of one object */, ERRNO_END = 134, NAME_OF_INTERFACE_MAX = 15, PLACE_MAX = 128 };

/* ---- names ---- */

static const char *const manners[GUEST_MANNERS] = {
    [GUEST_NORMAL] = "normal",
    [GUEST_SLOW] = "slow",
    [GUEST_NEVER_CONNECTS] = "never-connects",
    [GUEST_CRASHES] = "crashes",
    [GUEST_IGNORES_SHUTDOWN] = "ignores-shutdown",
    [GUEST_REFUSES_UNPLUG] = "refuses-unplug",
    [GUEST_GARBAGE] = "garbage",
    [GUEST_RECONNECTS] = "reconnects",
};

static const char *const ops[] = {
#define OP(table, name, ...) #table "." #name,
#include "host/ops.def"
#undef OP
};

static const char *const quotas[] = {
#define QUOTA(id, name, value, doc) name,
#include "quotas.def"
#undef QUOTA
};

static const char *const backs[WORLD_BACKS] = {
#define BACK(name) name,
#include "sim/backs.def"
#undef BACK
};

struct names {
    const char *const *at;
    size_t n;
};

/* The first is serves_vbd, the second serves_vif. */
static const char *const servable[] = {"vbd", "vif"};

static const struct names manner_names = {manners, GUEST_MANNERS};
static const struct names servable_names = {servable, ARRAY_LEN(servable)};
static const struct names op_names = {ops, ARRAY_LEN(ops)};
static const struct names quota_names = {quotas, ARRAY_LEN(quotas)};

static const char *name_at(size_t i, const void *arg)
{
    const struct names *names = arg;

    return i < names->n ? names->at[i] : NULL;
}

/* "ENOMEM": its number, 0 if there is none of that name. */
static int errno_number(const char *name)
{
    for (int sys = 1; sys < ERRNO_END; sys++)
        if (str_eq(strerrorname_np(sys), name))
            return sys;
    return 0;
}

/* ---- failures ---- */

struct reader {
    const char *file;
    struct domo_err *err;
};

static int wrong(const struct reader *r, enum domo_code code, const char *place, const char *what)
{
    return err_set(r->err, code, "%s: %s: %s", r->file, place[0] ? place : "the whole", what);
}

/* A word that is none of "names". */
static int unknown(const struct reader *r, enum domo_code code, const char *place, const char *word,
                   const struct names *names)
{
    const char *near = str_nearest(word, name_at, names);
    struct str all AUTO_STR = STR_INIT;

    for (size_t i = 0; i < names->n; i++)
        str_addf(&all, "%s%s", i ? ", " : "", names->at[i]);
    (void)err_set(r->err, code, "%s: %s: '%s' is not known there", r->file, place[0] ? place : "the whole", word);
    if (near)
        return err_hint(r->err, "did you mean '%s'?", near);
    return err_hint(r->err, "known are: %s", str_text(&all));
}

static int no_memory(const struct reader *r)
{
    return err_set(r->err, DOMO_E_NO_MEMORY, "out of memory");
}

/* ---- keys ---- */

/* Puts one value where it belongs; "to" is the object that the table is of. */
typedef int (*key_set)(const struct reader *, const char *place, const struct json *v, void *to);

struct key {
    const char *name;
    key_set set;
    bool needed;
};

static const struct key *find_key(const struct key *keys, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(keys[i].name, name))
            return &keys[i];
    return NULL;
}

static int unknown_key(const struct reader *r, const char *place, const char *name, const struct key *keys, size_t n)
{
    const char *words[KEYS_MAX];
    struct names names = {words, n < KEYS_MAX ? n : KEYS_MAX};

    for (size_t i = 0; i < names.n; i++)
        words[i] = keys[i].name;
    return unknown(r, DOMO_E_CONFIG_UNKNOWN_KEY, place, name, &names);
}

static int read_object(const struct reader *r, const char *place, const struct json *obj, const struct key *keys,
                       size_t n, void *to)
{
    const char *name = NULL;

    if (!json_is_object(obj))
        return wrong(r, DOMO_E_CONFIG_TYPE, place, "an object is wanted");
    for (size_t i = 0; i < json_len(obj); i++) {
        const struct json *v = json_at(obj, i, &name);
        const struct key *key = find_key(keys, n, name);
        char at[PLACE_MAX];

        if (!key)
            return unknown_key(r, place, name, keys, n);
        (void)snprintf(at, sizeof at, "%s%s%s", place, place[0] ? "." : "", name);
        if (key->set(r, at, v, to) < 0)
            return -1;
    }
    for (size_t i = 0; i < n; i++)
        if (keys[i].needed && !json_get(obj, keys[i].name))
            return err_set(r->err, DOMO_E_CONFIG_MISSING, "%s: %s: the key '%s' is missing", r->file, place,
                           keys[i].name);
    return 0;
}

/* ---- values ---- */

static int read_number(const struct reader *r, const char *place, const struct json *v, uint64_t min, uint64_t max,
                       uint64_t *ret)
{
    uint64_t n = json_uint(v, UINT64_MAX);

    if (json_type(v) != JSON_INT && json_type(v) != JSON_UINT)
        return wrong(r, DOMO_E_CONFIG_TYPE, place, "a whole number is wanted");
    if (json_int(v, 0) < 0 || n < min || n > max)
        return err_set(r->err, DOMO_E_CONFIG_VALUE, "%s: %s: must be %llu to %llu", r->file, place,
                       (unsigned long long)min, (unsigned long long)max);
    *ret = n;
    return 0;
}

static int read_ms(const struct reader *r, const char *place, const struct json *v, uint32_t *ret)
{
    uint64_t n = 0;

    if (read_number(r, place, v, 0, MS_MAX, &n) < 0)
        return -1;
    *ret = (uint32_t)n;
    return 0;
}

static int read_bool(const struct reader *r, const char *place, const struct json *v, bool *ret)
{
    if (json_type(v) != JSON_BOOL)
        return wrong(r, DOMO_E_CONFIG_TYPE, place, "true or false is wanted");
    *ret = json_bool(v, false);
    return 0;
}

static int read_text(const struct reader *r, const char *place, const struct json *v, char **ret)
{
    char *copy;

    if (json_type(v) != JSON_STRING)
        return wrong(r, DOMO_E_CONFIG_TYPE, place, "a string is wanted");
    copy = strdup(json_str(v, ""));
    if (!copy)
        return no_memory(r);
    free(*ret);
    *ret = copy;
    return 0;
}

/* One of "names"; its index. */
static int read_word(const struct reader *r, const char *place, const struct json *v, const struct names *names,
                     size_t *ret)
{
    if (json_type(v) != JSON_STRING)
        return wrong(r, DOMO_E_CONFIG_TYPE, place, "a string is wanted");
    for (size_t i = 0; i < names->n; i++)
        if (str_eq(names->at[i], json_str(v, ""))) {
            *ret = i;
            return 0;
        }
    return unknown(r, DOMO_E_CONFIG_VALUE, place, json_str(v, ""), names);
}

/* Reads each element of an array with "one" into elements of "size" bytes; *ret is the caller's also on failure. */
static int read_array(const struct reader *r, const char *place, const struct json *v, size_t max, size_t size,
                      int (*one)(const struct reader *, const char *place, const struct json *, void *to), void **ret,
                      size_t *ret_n)
{
    char at[PLACE_MAX];
    size_t n = json_len(v);

    if (!json_is_array(v))
        return wrong(r, DOMO_E_CONFIG_TYPE, place, "a list is wanted");
    if (n > max)
        return err_set(r->err, DOMO_E_CONFIG_VALUE, "%s: %s: at most %zu", r->file, place, max);
    *ret = calloc(n ? n : 1, size);
    if (!*ret)
        return no_memory(r);
    *ret_n = n;
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(at, sizeof at, "%s[%zu]", place, i);
        if (one(r, at, json_at(v, i, NULL), (char *)*ret + i * size) < 0)
            return -1;
    }
    return 0;
}

/* ---- guests ---- */

static int guest_name(const struct reader *r, const char *place, const struct json *v, void *to)
{
    return read_text(r, place, v, &((struct world_guest *)to)->name);
}

static int guest_kernel(const struct reader *r, const char *place, const struct json *v, void *to)
{
    return read_text(r, place, v, &((struct world_guest *)to)->kernel);
}

static int guest_order(const struct reader *r, const char *place, const struct json *v, void *to)
{
    struct world_guest *g = to;
    uint64_t n = 0;

    if (read_number(r, place, v, 1, UINT32_MAX, &n) < 0)
        return -1;
    g->order = (uint32_t)n;
    return 0;
}

static int guest_manner(const struct reader *r, const char *place, const struct json *v, void *to)
{
    struct world_guest *g = to;
    size_t i;

    if (read_word(r, place, v, &manner_names, &i) < 0)
        return -1;
    g->manner = (enum guest_manner)i;
    return 0;
}

static int guest_delay(const struct reader *r, const char *place, const struct json *v, void *to)
{
    return read_ms(r, place, v, &((struct world_guest *)to)->delay_ms);
}

static int guest_boot(const struct reader *r, const char *place, const struct json *v, void *to)
{
    return read_ms(r, place, v, &((struct world_guest *)to)->boot_ms);
}

static int one_servable(const struct reader *r, const char *place, const struct json *v, void *to)
{
    return read_word(r, place, v, &servable_names, to);
}

static int guest_serves(const struct reader *r, const char *place, const struct json *v, void *to)
{
    struct world_guest *g = to;
    void *list = NULL;
    size_t n = 0;
    int rc = read_array(r, place, v, ARRAY_LEN(servable), sizeof(size_t), one_servable, &list, &n);

    for (size_t i = 0; rc == 0 && i < n; i++) {
        bool is_vbd = ((const size_t *)list)[i] == 0;

        g->serves_vbd = g->serves_vbd || is_vbd;
        g->serves_vif = g->serves_vif || !is_vbd;
    }
    free(list);
    return rc;
}

static const struct key guest_keys[] = {
    {"name", guest_name, false},     {"kernel", guest_kernel, false},  {"order", guest_order, false},
    {"manner", guest_manner, true},  {"delay_ms", guest_delay, false}, {"boot_ms", guest_boot, false},
    {"serves", guest_serves, false},
};

static int one_guest(const struct reader *r, const char *place, const struct json *v, void *to)
{
    return read_object(r, place, v, guest_keys, ARRAY_LEN(guest_keys), to);
}

/* ---- faults ---- */

/* A call's name, or a pattern that fits at least one. */
static int fault_op(const struct reader *r, const char *place, const struct json *v, void *to)
{
    struct world_fault *f = to;

    if (read_text(r, place, v, &f->op) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(ops); i++)
        if (fnmatch(f->op, ops[i], 0) == 0)
            return 0;
    return unknown(r, DOMO_E_CONFIG_VALUE, place, f->op, &op_names);
}

static int fault_nth(const struct reader *r, const char *place, const struct json *v, void *to)
{
    struct world_fault *f = to;
    uint64_t n = 0;

    if (read_number(r, place, v, 0, UINT32_MAX, &n) < 0)
        return -1;
    f->nth = (uint32_t)n;
    return 0;
}

static int fault_errno(const struct reader *r, const char *place, const struct json *v, void *to)
{
    struct world_fault *f = to;

    if (json_type(v) != JSON_STRING)
        return wrong(r, DOMO_E_CONFIG_TYPE, place, "a string is wanted, as \"ENOMEM\"");
    f->sys = errno_number(json_str(v, ""));
    return f->sys ? 0 : wrong(r, DOMO_E_CONFIG_VALUE, place, "that is no error's name; see errno(3)");
}

static int fault_delay(const struct reader *r, const char *place, const struct json *v, void *to)
{
    return read_ms(r, place, v, &((struct world_fault *)to)->delay_ms);
}

static const struct key fault_keys[] = {
    {"op", fault_op, true},
    {"nth", fault_nth, false},
    {"errno", fault_errno, false},
    {"delay_ms", fault_delay, false},
};

static int one_fault(const struct reader *r, const char *place, const struct json *v, void *to)
{
    const struct world_fault *f = to;

    if (read_object(r, place, v, fault_keys, ARRAY_LEN(fault_keys), to) < 0)
        return -1;
    return f->sys || f->delay_ms ? 0
                                 : wrong(r, DOMO_E_CONFIG_MISSING, place, "one of 'errno' and 'delay_ms' is needed");
}

/* ---- back ends ---- */

static bool *find_lack(struct world *w, const char *name)
{
    for (size_t i = 0; i < WORLD_BACKS; i++)
        if (str_eq(backs[i], name))
            return &w->lacks_back[i];
    return NULL;
}

bool world_has_back(const struct world *w, const char *name)
{
    for (size_t i = 0; i < WORLD_BACKS; i++)
        if (str_eq(backs[i], name))
            return !w->lacks_back[i];
    return false;
}

int world_set_back(struct world *w, const char *name, bool on)
{
    bool *lacks = find_lack(w, name);

    if (!lacks)
        return -ENOENT;
    *lacks = !on;
    return 0;
}

/* The place ends with the back end's name. */
static int back_one(const struct reader *r, const char *place, const struct json *v, void *to)
{
    const char *dot = strrchr(place, '.');
    bool on = true;

    if (read_bool(r, place, v, &on) < 0)
        return -1;
    return world_set_back(to, dot ? dot + 1 : place, on);
}

static int back_delay(const struct reader *r, const char *place, const struct json *v, void *to)
{
    return read_ms(r, place, v, &((struct world *)to)->back_delay_ms);
}

static const struct key back_keys[] = {
#define BACK(name) {name, back_one, false},
#include "sim/backs.def"
#undef BACK
    {"delay_ms", back_delay, false},
};

/* ---- the world ---- */

static int world_memory(const struct reader *r, const char *place, const struct json *v, void *to)
{
    struct world *w = to;
    uint64_t mib = 0;

    if (read_number(r, place, v, 64, MIB_MAX, &mib) < 0)
        return -1;
    w->size.mem_kib = mib * KIB;
    return 0;
}

static int world_dom0(const struct reader *r, const char *place, const struct json *v, void *to)
{
    struct world *w = to;
    uint64_t mib = 0;

    if (read_number(r, place, v, 16, MIB_MAX, &mib) < 0)
        return -1;
    w->size.dom0_kib = mib * KIB;
    return 0;
}

static int world_cpus(const struct reader *r, const char *place, const struct json *v, void *to)
{
    struct world *w = to;
    uint64_t n = 0;

    if (read_number(r, place, v, 1, CPUS_MAX, &n) < 0)
        return -1;
    w->size.cpus = (uint32_t)n;
    return 0;
}

static int world_loops(const struct reader *r, const char *place, const struct json *v, void *to)
{
    struct world *w = to;
    uint64_t n = 0;

    if (read_number(r, place, v, 0, LOOPS_MAX, &n) < 0)
        return -1;
    w->loop_limit = (uint32_t)n;
    w->has_loop_limit = true;
    return 0;
}

static int world_back_ends(const struct reader *r, const char *place, const struct json *v, void *to)
{
    return read_object(r, place, v, back_keys, ARRAY_LEN(back_keys), to);
}

static int one_bridge(const struct reader *r, const char *place, const struct json *v, void *to)
{
    char **name = to;

    if (read_text(r, place, v, name) < 0)
        return -1;
    if (!(*name)[0] || strlen(*name) > NAME_OF_INTERFACE_MAX || strpbrk(*name, "/: \t\n"))
        return wrong(r, DOMO_E_CONFIG_VALUE, place,
                     "an interface's name has 1 to 15 characters, none of them '/', ':' "
                     "or blank");
    return 0;
}

static void free_bridges(struct world *w)
{
    for (size_t i = 0; i < w->bridge_count; i++)
        free(w->bridges[i]);
    free(w->bridges);
    w->bridges = NULL;
    w->bridge_count = 0;
}

static int world_bridges(const struct reader *r, const char *place, const struct json *v, void *to)
{
    struct world *w = to;
    void *list = NULL;
    int rc;

    free_bridges(w);
    rc = read_array(r, place, v, BRIDGES_MAX, sizeof *w->bridges, one_bridge, &list, &w->bridge_count);
    w->bridges = list;
    return rc;
}

static int world_guests(const struct reader *r, const char *place, const struct json *v, void *to)
{
    struct world *w = to;
    void *list = NULL;
    int rc = read_array(r, place, v, RULES_MAX, sizeof *w->guests, one_guest, &list, &w->guest_count);

    w->guests = list;
    return rc;
}

static int world_faults(const struct reader *r, const char *place, const struct json *v, void *to)
{
    struct world *w = to;
    void *list = NULL;
    int rc = read_array(r, place, v, RULES_MAX, sizeof *w->faults, one_fault, &list, &w->fault_count);

    w->faults = list;
    return rc;
}

static int world_quotas(const struct reader *r, const char *place, const struct json *v, void *to)
{
    struct world *w = to;
    const char *name = NULL;

    if (!json_is_object(v))
        return wrong(r, DOMO_E_CONFIG_TYPE, place, "an object is wanted");
    w->quotas = calloc(json_len(v) + 1, sizeof *w->quotas);
    if (!w->quotas)
        return no_memory(r);
    for (size_t i = 0; i < json_len(v); i++) {
        const struct json *value = json_at(v, i, &name);
        struct json *word AUTO_JSON = json_new_str(name);
        char at[PLACE_MAX];
        uint64_t n = 0;
        size_t row;

        (void)snprintf(at, sizeof at, "%s.%s", place, name);
        if (read_word(r, place, word, &quota_names, &row) < 0 || read_number(r, at, value, 0, UINT32_MAX, &n) < 0)
            return -1;
        if (read_text(r, at, word, &w->quotas[i].name) < 0)
            return -1;
        w->quotas[i].value = (uint32_t)n;
        w->quota_count = i + 1;
    }
    return 0;
}

static int world_iommu(const struct reader *r, const char *place, const struct json *v, void *to)
{
    struct world *w = to;
    bool has = true;

    if (read_bool(r, place, v, &has) < 0)
        return -1;
    w->lacks_iommu = !has;
    return 0;
}

static int world_pci(const struct reader *r, const char *place, const struct json *v, void *to)
{
    (void)place;
    return world_read_pci(r->file, v, to, r->err);
}

static int world_usb(const struct reader *r, const char *place, const struct json *v, void *to)
{
    (void)place;
    return world_read_usb(r->file, v, to, r->err);
}

static const struct key world_keys[] = {
    {"memory_mib", world_memory, false}, {"dom0_mib", world_dom0, false},
    {"cpus", world_cpus, false},         {"back_ends", world_back_ends, false},
    {"bridges", world_bridges, false},   {"guests", world_guests, false},
    {"faults", world_faults, false},     {"store_quotas", world_quotas, false},
    {"iommu", world_iommu, false},       {"pci", world_pci, false},
    {"usb", world_usb, false},           {"loop_devices", world_loops, false},
};

struct world *world_default(void)
{
    struct world *w = calloc(1, sizeof *w);

    if (!w)
        return NULL;
    *w = (struct world){
        .size = {.mem_kib = MEMORY_KIB, .dom0_kib = DOM0_KIB, .cpus = 4},
        .bridges = calloc(1, sizeof *w->bridges),
    };
    if (w->bridges) {
        w->bridges[0] = strdup("xenbr0");
        w->bridge_count = 1;
    }
    if (!w->bridges || !w->bridges[0])
        return world_free(w);
    return w;
}

static int check_world(const struct reader *r, const struct world *w)
{
    if (w->size.dom0_kib >= w->size.mem_kib)
        return wrong(r, DOMO_E_CONFIG_CONFLICT, "dom0_mib", "domain 0 can't have all of memory_mib or more");
    return 0;
}

int world_parse(const char *file, const char *text, size_t len, struct world **ret, struct domo_err *err)
{
    struct reader r = {file, err};
    struct json *json AUTO_JSON = NULL;
    char *AUTO_FREE why = NULL;
    struct world *w;

    if (json_parse(text, len, &json, &why) < 0)
        return err_set(err, DOMO_E_CONFIG_SYNTAX, "%s: %s", file, why ? why : "no JSON");
    w = world_default();
    if (!w)
        return no_memory(&r);
    if (read_object(&r, "", json, world_keys, ARRAY_LEN(world_keys), w) < 0 || check_world(&r, w) < 0) {
        (void)world_free(w);
        return -1;
    }
    *ret = w;
    return 0;
}

struct world *world_free(struct world *w)
{
    if (!w)
        return NULL;
    free_bridges(w);
    for (size_t i = 0; i < w->guest_count; i++) {
        free(w->guests[i].name);
        free(w->guests[i].kernel);
    }
    for (size_t i = 0; i < w->fault_count; i++)
        free(w->faults[i].op);
    for (size_t i = 0; i < w->quota_count; i++)
        free(w->quotas[i].name);
    free(w->guests);
    free(w->faults);
    free(w->quotas);
    free(w->pci);
    free(w->usb);
    free(w);
    return NULL;
}
