/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One device as the administrator wrote it, of a kind whose grammar is rows:
 * "key=value,key=value". A kind's file has the rows; parser, checks, canonical
 * text, libxl's JSON, the nodes of the store and the reference read them.
 * (Disks and network interfaces are older than rules: disk_spec.h, vif_spec.h.)
 * Pure.
 */
#ifndef DOMO_DEV_DEV_SPEC_H
#define DOMO_DEV_DEV_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/json.h"
#include "base/vec.h"
#include "conf/diag.h"
#include "dev/nodes.h"

/* Values are kept as canonical text: a number without leading zeros, a flag as 0 or 1, a word as the row spells it. */
enum dev_key_type {
    DEV_KEY_TEXT,
    DEV_KEY_NUMBER, /* decimal or 0x…, min to max; a JSON number */
    DEV_KEY_FLAG,   /* 0 or 1; a JSON boolean */
    DEV_KEY_SWITCH, /* 0 or 1; in libxl's JSON "False" or "True", absent if not given */
    DEV_KEY_WORD,   /* one of "words" */
    /* Several, parted by semicolons; by commas in the store; an array in JSON. */
    DEV_KEY_NUMBERS,
    DEV_KEY_WORDS,
};

struct dev_word {
    const char *name;
    const char *json; /* libxl's name; NULL = the same */
};

struct dev_key {
    const char *name; /* as in xl.cfg */
    enum dev_key_type type;
    bool required;
    const char *needs;            /* a key that has to be given with it; NULL = none */
    const char *instead;          /* the key that may be given instead of it, never with it; NULL = none */
    bool is_first;                /* the first item of the text may be its value alone */
    uint32_t min, max;            /* DEV_KEY_NUMBER; max 0 = no limit */
    const struct dev_word *words; /* ends with a NULL name */
    const char *def;              /* the value when it is not given; NULL = none */
    /* NULL, or what is wrong with the value; *ret_hint may be set. */
    const char *(*check)(const char *value, const char **ret_hint);
    const char *json; /* path in libxl's object of the device; NULL = it has none, or the kind's hooks do it */
    /* Where the value goes in the store, its default included; node NULL: nowhere, or the kind's hooks do it. */
    const char *node;
    enum node_side side;
    const char *with;    /* "key=value" of a required key without which the example is not good; NULL = none */
    const char *example; /* a good value, for the reference and the tests */
    const char *doc;     /* a sentence or two */
};

struct dev_spec;

struct dev_grammar {
    const char *key;       /* the key of xl.cfg: "vtpm" */
    const char *json_list; /* libxl's list of them: "vtpms" */
    const char *noun;      /* "virtual TPM" */
    const struct dev_key *keys;
    size_t n;
    /* A device of several levels, in xl.cfg a list of items: the word that an item of this level begins with ("card",
     * in any case), and the level below it. NULL: none. Inner levels have no key; their json_list is a member of the
     * object above; their nodes are in directories 0, 1, … of the directory above. */
    const char *word;
    const struct dev_grammar *inner;
    /* Brings values that are fine alone into their canonical form, before they are checked together: 0, -ENOMEM. May be
     * NULL. */
    int (*settle)(struct dev_spec *);
    /* Keys of old that mean nothing, ended by a NULL: each is a warning. May be NULL. */
    const char *const *ignored;
    /* Checks several keys together, after each alone was fine: NULL, or what is wrong. May be NULL. */
    const char *(*check)(const struct dev_spec *, const char **ret_hint);
    /* What rows can't say of libxl's JSON. May be NULL. From: 0, -EINVAL, -ENOMEM. */
    void (*to_libxl)(const struct dev_spec *, struct json *object);
    int (*from_libxl)(const struct json *object, struct dev_spec *);
};

struct dev_spec {
    const struct dev_grammar *grammar;
    char **values; /* one a row, NULL = not given */
    bool has_devid;
    uint32_t devid; /* filled in when the device is made */
    struct conf_pos pos;
    VEC(struct dev_spec) parts; /* of the grammar's inner level */
};

/* A piece of the text of a device, with its place. */
struct dev_text {
    const char *text;
    struct conf_pos at;
};

/* An empty spec: 0, -ENOMEM. */
int dev_spec_init(struct dev_spec *, const struct dev_grammar *) MUST_CHECK;
void dev_spec_fini(struct dev_spec *);
int dev_spec_copy(const struct dev_spec *from, struct dev_spec *to) MUST_CHECK; /* 0, -ENOMEM */

/* Parses one element of the kind's list. All that is wrong becomes a finding; 0 or -1. On failure *ret is untouched. */
int dev_spec_parse(const struct dev_grammar *, const char *text, struct conf_pos at, struct diags *,
                   struct dev_spec *ret) MUST_CHECK;
/* The same in several pieces, each of whole items. */
int dev_spec_parse_items(const struct dev_grammar *, const struct dev_text *, size_t n, struct diags *,
                         struct dev_spec *ret) MUST_CHECK;
/* The pieces of a device of several levels, one a part, outer before inner; of another one a single piece. Calls "each"
 * with text that is valid during the call; 0, -ENOMEM. */
int dev_spec_items(const struct dev_spec *, void (*each)(void *arg, const char *item), void *arg) MUST_CHECK;
/* Text that dev_spec_parse reads again, in the order of the rows; caller frees, NULL when out of memory. */
char *dev_spec_print(const struct dev_spec *);
/* One object as libxl stores it. The member "devid" is there once the spec has one. */
struct json *dev_spec_to_libxl(const struct dev_spec *);
int dev_spec_from_libxl(const struct dev_grammar *, const struct json *, struct dev_spec *ret) MUST_CHECK;

/* The value of a key, else its default, else NULL. */
const char *dev_spec_get(const struct dev_spec *, const char *key);
uint32_t dev_spec_number(const struct dev_spec *, const char *key); /* 0 if it has none */
bool dev_spec_flag(const struct dev_spec *, const char *key);
/* Sets a value that is known to be good (canonical text; NULL = not given): 0, -ENOMEM. */
int dev_spec_set(struct dev_spec *, const char *key, const char *value) MUST_CHECK;
/* The nodes of the rows. */
void dev_spec_nodes(const struct dev_spec *, struct nodes *);
/* "key=value,…": a good spec of the required keys' examples and, unless it is NULL, the one of "key", behind the
 * grammar's word if it has one; caller frees. */
char *dev_grammar_example(const struct dev_grammar *, const char *key);
/* [{"name","of","type","required","default","choices","example","doc"}] for the reference, inner levels behind the
 * outer
 * ("of": their word); NULL when out of memory. */
struct json *dev_grammar_reference(const struct dev_grammar *);

#endif
