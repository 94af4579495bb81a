/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/cpus.h"

#include <stdlib.h>
#include <string.h>

#include "conf/cpulist.h"

int cpus_load(struct host *h, struct cpus *ret, struct domo_err *err)
{
    struct cpus c = {.at = calloc(HYP_CPUS_MAX, sizeof *c.at)};

    if (!c.at)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (h->hyp->cpus(h, c.at, HYP_CPUS_MAX, &c.n, err)) {
        cpus_fini(&c);
        return -1;
    }
    *ret = c;
    return 0;
}

void cpus_fini(struct cpus *c)
{
    free(c->at);
    c->at = NULL;
}

/* "^node:1" as "^4,^5": what a list of processors can say. "len" bytes at "item", which begins with "node" behind the
 * caret. */
static int add_nodes(const struct cpus *c, const char *item, size_t len, struct str *to)
{
    bool off = item[0] == '^';
    char text[32];
    char *dash;
    uint32_t first, last;
    const char *numbers = memchr(item, ':', len);
    size_t n = numbers ? len - (size_t)(numbers + 1 - item) : sizeof text;

    if (n >= sizeof text)
        return -1;
    memcpy(text, numbers + 1, n);
    text[n] = '\0';
    dash = strchr(text, '-');
    if (dash)
        *dash++ = '\0';
    if (str_eq(text, "all")) {
        str_add(to, off ? "^all," : "all,");
        return 0;
    }
    if (str_to_u32(text, &first) || str_to_u32(dash ? dash : text, &last))
        return -1;
    for (size_t i = 0; i < c->n; i++)
        if (c->at[i].is_online && c->at[i].node >= first && c->at[i].node <= last)
            str_addf(to, "%s%zu,", off ? "^" : "", i);
    return 0;
}

/* The list with each item about nodes replaced by one about their processors. Caller frees; NULL: it is no list. */
static char *without_nodes(const struct cpus *c, const char *text)
{
    struct str s AUTO_STR = STR_INIT;

    for (;;) {
        size_t len;

        text += strspn(text, " \t");
        len = strcspn(text, ",");
        if (str_starts(text + (*text == '^'), "node")) {
            if (add_nodes(c, text, len, &s))
                return NULL;
        } else {
            str_addn(&s, text, len);
            str_addc(&s, ',');
        }
        text += len;
        if (!*text++)
            break;
    }
    if (s.len)
        s.s[--s.len] = '\0';
    return str_steal(&s);
}

static int parse(const char *text, uint64_t ret[CPULIST_WORDS], struct domo_err *err)
{
    const struct conf_pos at = {.line = 1, .column = 1, .length = 1};
    bool nodes = false;
    struct diags d;
    int r;

    diags_init(&d);
    r = diags_source(&d, "<cpus>", text) ? err_set(err, DOMO_E_NO_MEMORY, "out of memory") : 0;
    if (r == 0 && cpulist_parse(text, at, &d, ret, &nodes))
        r = diags_to_err(&d, err);
    diags_fini(&d);
    return r;
}

int cpus_parse(const struct cpus *c, const char *text, uint64_t ret[HYP_CPU_WORDS], struct domo_err *err)
{
    uint64_t all[CPULIST_WORDS] = {0}, words[HYP_CPU_WORDS] = {0};
    char *AUTO_FREE plain = without_nodes(c, text);
    bool any = false;

    if (!plain || !*plain) {
        (void)err_set(err, DOMO_E_CONFIG_VALUE, "'%s' is no list of processors of this host", text);
        return err_hint(err, "like \"0-3,^2\", \"all,^0\" or \"nodes:0-1\"");
    }
    if (parse(plain, all, err))
        return -1;
    for (size_t i = 0; i < c->n; i++)
        if (c->at[i].is_online && cpus_has(all, i)) {
            cpus_add(words, i);
            any = true;
        }
    if (!any)
        return err_set(err, DOMO_E_CONFIG_VALUE, "'%s' names no processor of this host, which has %zu", text, c->n);
    memcpy(ret, words, sizeof words);
    return 0;
}

void cpus_print(const uint64_t words[HYP_CPU_WORDS], size_t n, struct str *to)
{
    size_t in = 0, to_cpu;
    bool first = true;

    for (size_t i = 0; i < n; i++)
        in += cpus_has(words, i);
    if (in == n || !in) {
        str_add(to, in ? "all" : "none");
        return;
    }
    for (size_t i = 0; i < n; i = to_cpu + 1) {
        to_cpu = i;
        if (!cpus_has(words, i))
            continue;
        while (to_cpu + 1 < n && cpus_has(words, to_cpu + 1))
            to_cpu++;
        str_addf(to, "%s%zu", first ? "" : ",", i);
        if (to_cpu > i)
            str_addf(to, "-%zu", to_cpu);
        first = false;
    }
}
