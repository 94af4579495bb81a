/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The manual's part about the life of a guest, from the library's table.
 */
#include <stdio.h>
#include <string.h>

#include "generate.h"
#include "text.h"

static const char *member(const struct domo_value *row, const char *key)
{
    return domo_value_str(domo_value_get(row, key), "");
}

void man_life_states(const struct cli *cli)
{
    AUTO_VALUE struct domo_value *table = text_need(domo_lifecycle());
    const struct domo_value *states = domo_value_get(table, "states");

    (void)cli;
    for (size_t i = 0; i < domo_value_len(states); i++) {
        const struct domo_value *row = domo_value_at(states, i, NULL);

        (void)printf("*%s*\n\t%s.\n\n", member(row, "name"), member(row, "doc"));
    }
}

static bool is_same(const struct domo_value *a, const struct domo_value *b)
{
    return strcmp(member(a, "verdict"), member(b, "verdict")) == 0 &&
           strcmp(member(a, "next"), member(b, "next")) == 0 && strcmp(member(a, "action"), member(b, "action")) == 0;
}

/* "paused, running: becomes paused, stop." for all states of which the same is true, once. */
static void put_cell(const struct domo_value *cells, size_t at)
{
    const struct domo_value *cell = domo_value_at(cells, at, NULL);
    bool is_refused = strcmp(member(cell, "verdict"), "refuse") == 0;
    const char *before = "";

    if (!is_refused && strcmp(member(cell, "verdict"), "go") != 0)
        return;
    for (size_t i = 0; i < at; i++)
        if (is_same(domo_value_at(cells, i, NULL), cell))
            return;
    (void)fputs("++\n\t", stdout);
    for (size_t i = at; i < domo_value_len(cells); i++) {
        const struct domo_value *other = domo_value_at(cells, i, NULL);

        if (!is_same(other, cell))
            continue;
        (void)printf("%s%s", before, member(other, "state"));
        before = ", ";
    }
    if (is_refused)
        (void)fputs(": refused.", stdout);
    else
        (void)printf(": _%s_%s%s.", member(cell, "next"), *member(cell, "action") ? ", " : "", member(cell, "action"));
}

void man_life_events(const struct cli *cli)
{
    AUTO_VALUE struct domo_value *table = text_need(domo_lifecycle());
    const struct domo_value *events = domo_value_get(table, "events");

    (void)cli;
    for (size_t i = 0; i < domo_value_len(events); i++) {
        const struct domo_value *row = domo_value_at(events, i, NULL), *cells = domo_value_get(row, "cells");

        (void)printf("*%s* (%s)\n\t%s.", member(row, "name"), member(row, "source"), member(row, "doc"));
        for (size_t c = 0; c < domo_value_len(cells); c++)
            put_cell(cells, c);
        (void)fputs("\n\n", stdout);
    }
}
