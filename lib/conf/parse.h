/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * xl.cfg text as a list of settings, each with its place. The parser knows no
 * key and gives values no meaning: numbers stay text, as xl keeps them.
 */
#ifndef DOMO_CONF_PARSE_H
#define DOMO_CONF_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/vec.h"
#include "conf/diag.h"

/* What a text may grow to. */
enum { CONF_TEXT_MAX = 1 << 20, CONF_DEPTH_MAX = 16, CONF_ITEMS_MAX = 4096, CONF_SETTINGS_MAX = 4096 };

struct conf_value;
struct conf_value {
    bool is_list;
    bool is_bare;   /* written without quotes: a number, or a word of the command line */
    bool is_joined; /* made of pieces by += */
    struct conf_pos pos;
    char *text;                   /* not for lists */
    VEC(struct conf_value) items; /* lists */
};

struct conf_setting {
    char *name;
    struct conf_pos name_pos;
    bool is_append; /* += */
    struct conf_value value;
};

struct conf_file {
    VEC(struct conf_setting) list;
};

void conf_value_fini(struct conf_value *);
void conf_file_fini(struct conf_file *);

/* Where the text of a string begins: behind its quote. (After an escape, places inside are a few bytes too far left.)
 */
struct conf_pos conf_text_pos(const struct conf_value *);

/* Parses the text of source "source" of the diags and appends its settings. Errors are findings; what could be read is
 * kept. Strings are UTF-8 without NUL. 0, or -1 if there was any error (also out of memory: diags.failed). */
int conf_parse(struct diags *, unsigned source, struct conf_file *) MUST_CHECK;

/* The same for one line "key=value" of the command line, which is line "line" of that source: a value that is neither
 * quoted nor a list nor a number counts as a string as it stands. */
int conf_parse_override(struct diags *, unsigned source, unsigned line, struct conf_file *) MUST_CHECK;

/* Leaves one setting a name: the last one wins (a warning if both are from one source), += joins strings with strings
 * and lists with lists. 0 or -1 with a finding. */
int conf_merge(struct conf_file *, struct diags *) MUST_CHECK;

/* The setting of that name, NULL if there is none. */
const struct conf_setting *conf_find(const struct conf_file *, const char *name);

#endif
