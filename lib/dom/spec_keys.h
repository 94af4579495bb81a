/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The parts of the guest's spec: its key table, the hooks of its rows, the
 * checks that look at several keys. For spec*.c and the tests of the table.
 */
#ifndef DOMO_DOM_SPEC_KEYS_H
#define DOMO_DOM_SPEC_KEYS_H

#include "conf/keys.h"
#include "dom/spec.h"

/* Bits of struct key.guests: 1 << enum spec_type. */
enum { SPEC_PV = 1 << SPEC_TYPE_PV, SPEC_PVH = 1 << SPEC_TYPE_PVH, SPEC_HVM = 1 << SPEC_TYPE_HVM };

enum { SPEC_NAME_MAX = 200, SPEC_VCPUS_MAX_PV = 8192, SPEC_VCPUS_MAX_HVM = 128, SPEC_CAP_MAX = 819200 };

extern const struct key_table spec_keys;

/* An empty spec with the table's defaults; NULL when out of memory. */
struct spec *spec_new(void);

/* Notes a key that was given and that nothing acts on. */
int spec_note_not_acted_on(void *spec, const char *name) MUST_CHECK;

/* The guest's type as type= and builder= say; what is wrong with them is found by their rows. */
enum spec_type spec_type_of(const struct conf_file *);

/* What follows from several keys together: derived values and contradictions. After keys_load(). "complete": the
 * text had no error, so that what is missing is really missing. */
void spec_check(struct key_load *, bool complete);

/* Hooks of rows. */
/* As in a config: "coredump-destroy". */
const char *spec_action_name(enum spec_action);
const char *spec_check_name(const char *text, const char **ret_hint);
int spec_parse_uuid(struct key_load *, const struct key *, const struct conf_value *);
void spec_print_uuid(const struct key *, const void *record, struct str *out);
int spec_parse_cpus(struct key_load *, const struct key *, const struct conf_value *);
void spec_print_cpus(const struct key *, const void *record, struct str *out);
void spec_print_maxmem(const struct key *, const void *record, struct str *out);
void spec_print_maxvcpus(const struct key *, const void *record, struct str *out);
int spec_parse_disk(struct key_load *, const struct key *, const struct conf_value *);
void spec_print_disks(const struct key *, const void *record, struct str *out);
const char *spec_check_boot(const char *text, const char **ret_hint);
/* Adds one element of a list, a string; takes "text" (NULL = out of memory). */
void spec_add_element(struct str *out, char *text, bool first);
int spec_parse_texts(struct key_load *, const struct key *, const struct conf_value *);
void spec_print_texts(const struct key *, const void *record, struct str *out);
int spec_parse_vif(struct key_load *, const struct key *, const struct conf_value *);
int spec_parse_device(struct key_load *, const struct key *, const struct conf_value *);
void spec_print_devices(const struct key *, const void *record, struct str *out);
void spec_print_vifs(const struct key *, const void *record, struct str *out);

/* -- spec_texts.c -- */

/* The keys that are a text or a list of texts. */
struct spec_text_list {
    const char *key;
    size_t offset;          /* of the spec_texts */
    const char *one, *many; /* libxl's members for one text, and for several; "one" NULL = a list in any case */
    bool is_hvm;            /* in its part for HVM guests, else in that for all */
};
extern const struct spec_text_list spec_text_lists[];
enum { SPEC_TEXT_LISTS = 6 };

spec_texts *spec_texts_of(struct spec *, const struct spec_text_list *);
int spec_texts_add(spec_texts *, const char *text) MUST_CHECK; /* a copy; 0, -ENOMEM */
void spec_texts_fini(spec_texts *);

/* -- spec_viridian.c -- */
int spec_parse_viridian(struct key_load *, const struct key *, const struct conf_value *);
void spec_print_viridian(const struct key *, const void *record, struct str *out);

/* -- spec_screen.c -- */

/* What the keys for a guest's screen ask for: an HVM guest's own screen, a PV guest's frame buffer; and the keyboards
 * of all frame buffers. */
void spec_complete_screen(struct key_load *);
/* The least memory that the graphics card works with. */
uint32_t spec_least_video_mib(const struct spec *);
void spec_print_screen(const struct key *, const void *record, struct str *out);
const char *spec_check_sound(const char *text, const char **ret_hint);
/* Did the device come with another one? Then it is not written down. */
bool spec_is_implied(const struct dev_spec *);

#endif
