/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/cpulist.h"

#include <string.h>

static bool get_bit(const uint64_t *bits, unsigned n)
{
    return (bits[n / 64] >> (n % 64)) & 1;
}

static void put_range(uint64_t *bits, unsigned first, unsigned last, bool on)
{
    for (; first <= last; first++) {
        uint64_t bit = (uint64_t)1 << (first % 64);

        bits[first / 64] = on ? bits[first / 64] | bit : bits[first / 64] & ~bit;
    }
}

/* A decimal number below CPULIST_CPUS at *s, which moves behind it. */
static bool take_number(const char **s, const char *end, unsigned *ret)
{
    const char *p = *s;
    unsigned v = 0;

    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        v = v * 10 + (unsigned)(*p - '0');
        if (v >= CPULIST_CPUS)
            return false;
    }
    if (p == *s)
        return false;
    *s = p;
    *ret = v;
    return true;
}

static bool take_word(const char **s, const char *end, const char *word)
{
    size_t n = strlen(word);

    if ((size_t)(end - *s) < n || memcmp(*s, word, n) != 0)
        return false;
    *s += n;
    return true;
}

/* One item without its comma. Returns what is wrong with it, NULL = fine. */
static const char *take_item(const char *s, const char *end, uint64_t *bits, bool *nodes)
{
    bool on = !take_word(&s, end, "^");
    bool is_node = take_word(&s, end, "nodes:") || take_word(&s, end, "node:");
    unsigned first, last;

    if (take_word(&s, end, "all")) {
        if (s != end)
            return "nothing may follow 'all' but a comma";
        if (!on)
            return "'^all' would leave no processor";
        *nodes = *nodes || is_node;
        put_range(bits, 0, CPULIST_CPUS - 1, true);
        return NULL;
    }
    if (!take_number(&s, end, &first))
        return "a processor is a number below 4096";
    last = first;
    if (take_word(&s, end, "-") && !take_number(&s, end, &last))
        return "a range is written FIRST-LAST";
    if (s != end)
        return "this is no list of processors";
    if (last < first)
        return "the range runs backwards";
    if (is_node)
        *nodes = true;
    else
        put_range(bits, first, last, on);
    return NULL;
}

int cpulist_parse(const char *text, struct conf_pos at, struct diags *d, uint64_t ret[CPULIST_WORDS], bool *ret_nodes)
{
    static const char hint[] = "like \"0-3,^2\", \"all,^0\" or \"nodes:0-1\"";
    uint64_t bits[CPULIST_WORDS] = {0}, any = 0;
    const char *s = text, *end, *why;
    bool nodes = false;
    size_t i;

    for (;; s = end + 1) {
        s += strspn(s, " \t");
        end = s + strcspn(s, ",");
        i = (size_t)(end - s);
        while (i > 0 && (s[i - 1] == ' ' || s[i - 1] == '\t'))
            i--;
        why = take_item(s, s + i, bits, &nodes);
        if (why) {
            diag_add(d, DIAG_ERROR, DOMO_E_CONFIG_VALUE, conf_pos_at(at, (size_t)(s - text), i), hint, "%s", why);
            return -1;
        }
        if (!*end)
            break;
    }
    for (i = 0; i < CPULIST_WORDS; i++)
        any |= bits[i];
    if (!any && !nodes) {
        diag_add(d, DIAG_ERROR, DOMO_E_CONFIG_VALUE, at, hint, "the list leaves no processor");
        return -1;
    }
    memcpy(ret, bits, sizeof bits);
    *ret_nodes = nodes;
    return 0;
}

void cpulist_print(const uint64_t bits[CPULIST_WORDS], struct str *out)
{
    /* A set last bit can only come from "all": then the exceptions are the shorter text. */
    bool wanted = !get_bit(bits, CPULIST_CPUS - 1), first = wanted;
    unsigned from, to;

    if (!wanted)
        str_add(out, "all");
    for (from = 0; from < CPULIST_CPUS; from = to + 1) {
        to = from;
        if (get_bit(bits, from) != wanted)
            continue;
        while (to + 1 < CPULIST_CPUS && get_bit(bits, to + 1) == wanted)
            to++;
        str_addf(out, "%s%s%u", first ? "" : ",", wanted ? "" : "^", from);
        if (to > from)
            str_addf(out, "-%u", to);
        first = false;
    }
}
