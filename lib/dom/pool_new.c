/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The config of a pool that is to be made: name=, sched=, cpus=, nodes=.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "conf/parse.h"
#include "dom/cpus.h"
#include "dom/pool.h"

void pool_new_fini(struct pool_new *p)
{
    free(p->name);
    free(p->scheduler);
    p->name = p->scheduler = NULL;
}

/* What is wrong with it, at its place. */
static int refuse(struct diags *d, const struct conf_setting *s, const char *why)
{
    diag_add(d, DIAG_ERROR, DOMO_E_CONFIG_VALUE, s->value.pos, NULL, "%s: %s", s->name, why);
    return -1;
}

static int take_text(struct diags *d, const struct conf_setting *s, char **ret)
{
    if (s->value.is_list)
        return refuse(d, s, "a list makes no sense here");
    free(*ret);
    *ret = strdup(s->value.text);
    d->failed = d->failed || !*ret;
    return *ret ? 0 : -1;
}

/* Its items, or itself, parted by commas, each behind "prefix". */
static void add_list(struct str *to, const char *prefix, const struct conf_value *v)
{
    for (size_t i = 0; v->is_list && i < v->items.len; i++)
        if (!v->items.at[i].is_list)
            str_addf(to, "%s%s%s", to->len ? "," : "", prefix, v->items.at[i].text);
    if (!v->is_list)
        str_addf(to, "%s%s%s", to->len ? "," : "", prefix, v->text);
}

struct lists {
    struct str cpus, nodes;
};

static int take(struct diags *d, const struct conf_file *file, struct pool_new *p, struct lists *l)
{
    int r = 0;

    for (size_t i = 0; i < file->list.len; i++) {
        const struct conf_setting *s = &file->list.at[i];

        if (str_eq(s->name, "name"))
            r |= take_text(d, s, &p->name);
        else if (str_eq(s->name, "sched"))
            r |= take_text(d, s, &p->scheduler);
        else if (str_eq(s->name, "cpus"))
            add_list(&l->cpus, "", &s->value);
        else if (str_eq(s->name, "nodes"))
            add_list(&l->nodes, "node:", &s->value);
        else
            r |= refuse(d, s, "a cpu pool has no such key: it has name, sched, cpus and nodes");
    }
    return r;
}

/* The text, then the settings: what comes last counts. */
static int parse(struct diags *d, const char *file, const char *text, const char *const *settings,
                 struct conf_file *ret)
{
    unsigned source = (unsigned)d->sources.len, line = 0;
    struct str all AUTO_STR = STR_INIT;
    int r = diags_source(d, file, text);

    if (r == 0)
        r = conf_parse(d, source, ret);
    for (const char *const *s = settings; s && *s; s++)
        str_addf(&all, "%s\n", *s);
    if (r || !all.len)
        return r ? -1 : conf_merge(ret, d);
    source = (unsigned)d->sources.len;
    r = diags_source(d, "<command line>", str_text(&all));
    for (const char *const *s = settings; r == 0 && *s; s++)
        r = conf_parse_override(d, source, ++line, ret);
    return r ? -1 : conf_merge(ret, d);
}

static int read_config(const char *file, const char *text, const char *const *settings, struct pool_new *p,
                       struct lists *l, struct domo_err *err)
{
    struct conf_file conf = {.list = VEC_INIT};
    struct diags d;
    int r;

    diags_init(&d);
    r = parse(&d, file, text, settings, &conf);
    if (r == 0)
        r = take(&d, &conf, p, l);
    if (r)
        r = diags_to_err(&d, err);
    conf_file_fini(&conf);
    diags_fini(&d);
    if (r)
        return -1;
    return p->name ? 0 : err_set(err, DOMO_E_CONFIG_MISSING, "a cpu pool needs a name=");
}

/* The processors of "list" that are free; with "all" those that are not are an error. */
static int choose(const struct cpus *cpus, const char *list, bool all, const uint64_t free_ones[HYP_CPU_WORDS],
                  struct pool_new *p, struct domo_err *err)
{
    uint64_t wanted[HYP_CPU_WORDS] = {0};

    if (cpus_parse(cpus, list, wanted, err))
        return -1;
    for (size_t i = 0; i < HYP_CPUS_MAX; i++) {
        if (!cpus_has(wanted, i))
            continue;
        if (cpus_has(free_ones, i))
            cpus_add(p->cpus, i);
        else if (all)
            return err_set(err, DOMO_E_POOL_BUSY, "processor %zu is not free", i);
    }
    return 0;
}

static int choose_all(struct host *h, const struct lists *l, struct pool_new *p, struct domo_err *err)
{
    uint64_t free_ones[HYP_CPU_WORDS] = {0};
    struct cpus cpus = {.at = NULL};
    int r;

    if (h->hyp->pool_free(h, free_ones, err) || cpus_load(h, &cpus, err))
        return -1;
    r = l->nodes.len ? choose(&cpus, str_text(&l->nodes), false, free_ones, p, err) : 0;
    if (r == 0 && l->cpus.len)
        r = choose(&cpus, str_text(&l->cpus), true, free_ones, p, err);
    cpus_fini(&cpus);
    for (size_t i = 0; r == 0 && !l->nodes.len && !l->cpus.len && i < HYP_CPUS_MAX; i++)
        if (cpus_has(free_ones, i)) {
            cpus_add(p->cpus, i);
            break;
        }
    for (size_t i = 0; i < HYP_CPUS_MAX; i++)
        p->cpu_count += cpus_has(p->cpus, i);
    if (r || p->cpu_count)
        return r;
    (void)err_set(err, DOMO_E_POOL_BUSY, "there is no free processor for the cpu pool '%s'", p->name);
    return err_hint(err, "domo cpupool-cpu-remove Pool-0 takes one out of the pool that has it");
}

int pool_new_read(struct host *h, const char *file, const char *text, const char *const *settings, struct pool_new *ret,
                  struct domo_err *err)
{
    struct lists l = {.cpus = STR_INIT, .nodes = STR_INIT};
    struct pool_new p = {.name = NULL};
    int r = read_config(file, text, settings, &p, &l, err);

    if (r == 0)
        r = choose_all(h, &l, &p, err);
    str_fini(&l.cpus);
    str_fini(&l.nodes);
    if (r)
        pool_new_fini(&p);
    else
        *ret = p;
    return r;
}
