/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a guest's shell writes into the store by hand, with the guest's own
 * rights: how tests play a hostile one.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sim/shell.h"

enum { FILL_MAX = 4000 };

static void tell(struct shell *s, int rc)
{
    if (rc)
        shell_printf(s, "error: %s\r\n", strerror(-rc));
}

/* "%1b" stands for a byte that a terminal would take for itself. */
static void decode(char *text)
{
    char *to = text;

    for (; *text; text++) {
        char hex[3] = {text[0] == '%' ? text[1] : '\0', text[0] == '%' && text[1] ? text[2] : '\0', '\0'};

        if (isxdigit((unsigned char)hex[0]) && isxdigit((unsigned char)hex[1])) {
            *to++ = (char)strtol(hex, NULL, 16);
            text += 2;
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
}

void shell_store_write(struct shell *s, char *const *words, size_t n)
{
    struct str AUTO_STR value = STR_INIT;

    for (size_t i = 1; i < n; i++) {
        decode(words[i]);
        str_addf(&value, "%s%s", i > 1 ? " " : "", words[i]);
    }
    tell(s, xsc_write(s->guest->xs, 0, words[0], NULL, str_text(&value)));
}

void shell_store_fill(struct shell *s, char *const *words, size_t n)
{
    char text[FILL_MAX + 1];
    uint32_t len = 0;

    (void)n;
    if (str_to_u32(words[1], &len) || len > FILL_MAX) {
        shell_printf(s, "error: at most %d bytes\r\n", FILL_MAX);
        return;
    }
    memset(text, 'A', len);
    text[len] = '\0';
    tell(s, xsc_write(s->guest->xs, 0, words[0], NULL, text));
}

void shell_store_rm(struct shell *s, char *const *words, size_t n)
{
    (void)n;
    tell(s, xsc_rm(s->guest->xs, 0, words[0], NULL));
}

void shell_store_read(struct shell *s, char *const *words, size_t n)
{
    char *AUTO_FREE value = NULL;
    int rc = xsc_read(s->guest->xs, 0, words[0], NULL, &value);

    (void)n;
    if (rc == 0)
        shell_printf(s, "%s\r\n", value);
    tell(s, rc);
}
