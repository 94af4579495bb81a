/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The key-table engine. A table's rows say everything about its keys: type,
 * range, choices, default, where the value goes, how libxl stores it, what
 * it means. The engine fills a record from parsed text and checks it, prints
 * it, compares two, and turns them into JSON and back. It knows no guest.
 */
#ifndef DOMO_CONF_KEYS_H
#define DOMO_CONF_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/json.h"
#include "base/str.h"
#include "conf/diag.h"
#include "conf/parse.h"

enum key_type {
    KEY_STRING,  /* char *, NULL = not given; an empty string counts as not given */
    KEY_INT,     /* (u)int32_t; text in C's notation (0x: hexadecimal, 0: octal), as xl reads it */
    KEY_BOOL,    /* bool; 0 or 1 */
    KEY_MIB,     /* uint64_t in KiB; the text counts MiB */
    KEY_ENUM,    /* an enum; one of "choices" */
    KEY_STRINGS, /* a list of strings: checked, not kept */
    KEY_DEVICES, /* a list of device specs: hooks.parse is called for each; without it "subkeys" are checked */
    KEY_NESTED,  /* a list of lists: only its being a list is checked */
    KEY_CUSTOM,  /* hooks.parse gets the value as it is */
};

enum key_status {
    KEY_ACTED_ON,
    KEY_NOT_ACTED_ON, /* known and checked, but nothing acts on it yet */
    KEY_DEPRECATED,   /* acted on; "note" says what to write instead */
    KEY_IGNORED,      /* without effect in xl too; "note" says why */
};

struct key_choice {
    const char *name;
    int value;
    const char *json;    /* libxl's name; NULL: libxl leaves this value out */
    const char *instead; /* a spelling that is going away: what to write; NULL = good */
    const char *refused; /* no longer possible: why; NULL = good */
};

struct key;
struct key_load;

struct key_hooks {
    /* KEY_DEVICES: one element; KEY_CUSTOM: the value. 0, or -1 with a finding (or diags.failed). */
    int (*parse)(struct key_load *, const struct key *, const struct conf_value *);
    /* Adds the value as xl.cfg text; nothing if the record has none. */
    void (*print)(const struct key *, const void *record, struct str *out);
    /* KEY_STRING: NULL, or what is wrong with the text; *ret_hint may be set. */
    const char *(*check)(const char *text, const char **ret_hint);
};

enum { KEY_NO_FIELD = 0 };

struct key {
    const char *name;
    enum key_type type;
    enum key_status status;
    unsigned guests;                  /* bits of the guest types that it applies to; 0 = all */
    unsigned acted_on;                /* KEY_NOT_ACTED_ON: bits of those for which it is acted on all the same */
    size_t offset, size;              /* of the record's field; size KEY_NO_FIELD = none */
    bool atom_ok;                     /* a list type that may also be one string or number */
    int64_t min, max;                 /* KEY_INT, KEY_MIB (in MiB); both 0 = any */
    const struct key_choice *choices; /* ends with a NULL name */
    const char *def;                  /* default, as text; NULL = none */
    const char *def_doc;              /* the default in words when it is no constant */
    const char *harmless;             /* blank-separated values that ask for nothing, besides the default */
    const char *only_with;            /* without effect unless that key is given and not 0 (in guests "only_guests") */
    unsigned only_guests;
    const char *const *subkeys; /* KEY_DEVICES: known "key=" and "flag" words, ends with NULL */
    struct key_hooks hooks;
    const char *json; /* path in libxl's JSON; NULL = the record's owner does it */
    bool json_u32;    /* libxl keeps this signed number in an unsigned field */
    const char *note;
    const char *type_doc; /* the type in words when the type's own name says too little */
    const char *doc;      /* one or two sentences for the reference */
};

/* A word that people write for a key. */
struct key_alias {
    const char *name, *meant;
};

struct key_table {
    const struct key *rows;
    size_t n;
    const char *const *guest_names;  /* by bit number; ends with NULL */
    const struct key_alias *aliases; /* ends with a NULL name; may be NULL */
    /* Notes in the record that a key was given which nothing acts on. 0 or -1 (out of memory). */
    int (*not_acted_on)(void *record, const char *name);
};

/* One run of keys_load(). */
struct key_load {
    const struct key_table *table;
    const struct conf_file *file; /* merged */
    struct diags *diags;
    void *record;
    unsigned guest;                /* the bit of the guest's type */
    size_t element;                /* KEY_DEVICES: which element hooks.parse is given */
    enum diag_level unknown_level; /* for keys that are in no row */
};

/* Puts the defaults of all rows into a zeroed record. */
int keys_defaults(const struct key_table *, void *record) MUST_CHECK; /* 0, -ENOMEM */
/* Frees the strings of the record's rows (what hooks keep is the owner's). */
void keys_fini(const struct key_table *, void *record);

/* Fills the record; everything wrong becomes a finding. A key that nothing acts on is an error
 * CONFIG_NOT_ACTED_ON, to be relaxed by the caller. */
void keys_load(struct key_load *);

/* Adds "name = value" lines for all rows whose value is not the default. */
void keys_print(const struct key_table *, const void *record, struct str *out);
/* The value of one row as xl.cfg text; nothing if it has none or is the default. */
void key_print(const struct key *, const void *record, struct str *out);
/* Adds a string in quotes, escaped where needed. */
void key_quote(struct str *out, const char *text);

bool keys_equal(const struct key_table *, const void *a, const void *b);

/* Sets the rows with a "json" path below "root", leaving defaults out; and reads them. From: 0, -EINVAL, -ENOMEM. */
void keys_to_json(const struct key_table *, const void *record, struct json *root);
int keys_from_json(const struct key_table *, const struct json *root, void *record) MUST_CHECK;

/* The row of that name, NULL if there is none. */
const struct key *keys_find(const struct key_table *, const char *name);
/* The nearest key to a word, NULL if none is near. */
const char *keys_nearest(const struct key_table *, const char *word);
/* The row as an object of the reference (dom/spec.h); caller frees; NULL when out of memory. */
struct json *key_reference(const struct key_table *, const struct key *);

/* The value as one text, or NULL with a finding if it is a list. For hooks. */
const char *key_atom(struct key_load *, const struct key *, const struct conf_value *);
/* A whole-text integer in C's notation: 0, -EINVAL, -ERANGE. */
int key_integer(const char *text, int64_t *ret) MUST_CHECK;

/* Fields of integer rows (KEY_INT, KEY_BOOL, KEY_MIB, KEY_ENUM). */
int64_t key_field(const struct key *, const void *record);
void key_set_field(const struct key *, void *record, int64_t v);

#endif
