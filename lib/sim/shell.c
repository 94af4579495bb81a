/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest's console: bytes of the ring, lines with echo and erasing, a prompt.
 * While output waits for room, or a command for its disk, no input is taken:
 * so nothing here grows, whatever is typed.
 */
#include "sim/shell.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ERASE = 0x7f };

struct shell *shell_new(struct guest *g, void *page, uint32_t port)
{
    struct shell *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->guest = g;
    s->port = port;
    stream_reader(&s->in, &stream_console_in, page);
    stream_writer(&s->out, &stream_console_out, page);
    IGNORE(g->line.ops->port_listen(g->line.arg, port, guest_wake, g));
    return s;
}

void shell_free(struct shell *s)
{
    if (!s)
        return;
    str_fini(&s->text);
    free(s);
}

void shell_printf(struct shell *s, const char *fmt, ...)
{
    enum { PILE_MAX = 65536 }; /* of packets that come while nobody reads the console */
    char text[1024];
    va_list ap;

    va_start(ap, fmt);
    IGNORE(vsnprintf(text, sizeof text, fmt, ap) < 0);
    va_end(ap);
    if (s->text.len < PILE_MAX)
        str_add(&s->text, text);
}

/* Hands over what the ring has room for. A console end that breaks its index is waited for. */
static void flush(struct shell *s)
{
    ssize_t n = s->text.len ? stream_write(&s->out, s->text.s, s->text.len) : 0;

    if (n <= 0)
        return;
    memmove(s->text.s, s->text.s + n, s->text.len - (size_t)n + 1);
    s->text.len -= (size_t)n;
    s->guest->line.ops->port_kick(s->guest->line.arg, s->port);
}

static void enter(struct shell *s)
{
    shell_printf(s, "\r\n");
    s->line[s->len] = '\0';
    s->len = 0;
    s->has_prompt = false;
    shell_command(s, s->line);
}

static void typed(struct shell *s, char c)
{
    if (c == '\r' || c == '\n') {
        enter(s);
    } else if ((c == ERASE || c == '\b') && s->len) {
        s->len--;
        shell_printf(s, "\b \b");
    } else if ((unsigned char)c >= ' ' && c != ERASE && s->len < SHELL_LINE_MAX - 1) {
        s->line[s->len++] = c;
        shell_printf(s, "%c", c);
    }
}

void shell_run(struct shell *s)
{
    bool took = false;
    char c;

    if (!s)
        return;
    flush(s);
    while (!s->text.len && !s->disk && !s->guest->is_stopped && !s->guest->stop_at) {
        if (!s->has_prompt) {
            s->has_prompt = true;
            shell_printf(s, "# ");
        } else if (stream_read(&s->in, &c, 1) == 1) {
            took = true;
            typed(s, c);
        } else {
            break;
        }
        flush(s);
    }
    if (took) /* there is room again */
        s->guest->line.ops->port_kick(s->guest->line.arg, s->port);
}
