/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Who holds how much: "xenstore-control memreport".
 */
#include <malloc.h>

#include "base/str.h"
#include "server.h"

enum { ROW_MAX = 160 };

struct sums {
    int64_t nodes, node_bytes, other_bytes, queued;
    size_t watches, transactions;
};

static void put_row(struct str *to, const char *name, const struct sums *s)
{
    str_addf(to, "%-7s %8lld %11lld %11lld %8zu %6zu %11lld\n", name, (long long)s->nodes, (long long)s->node_bytes,
             (long long)s->other_bytes, s->watches, s->transactions, (long long)s->queued);
}

static void add(struct sums *all, const struct sums *one)
{
    all->nodes += one->nodes;
    all->node_bytes += one->node_bytes;
    all->other_bytes += one->other_bytes;
    all->queued += one->queued;
    all->watches += one->watches;
    all->transactions += one->transactions;
}

static struct sums domain_sums(const struct domostore *ds, const struct domain *dom)
{
    struct sums s = {.nodes = dom->nodes,
                     .node_bytes = dom->node_bytes,
                     .other_bytes = dom->other_bytes,
                     .watches = dom->watches,
                     .transactions = dom->transactions};
    const struct conn *c;

    for (c = ds->conns; c; c = c->next)
        if (c->dom == dom)
            s.queued += (int64_t)conn_queued(c);
    return s;
}

void report_memory(const struct domostore *ds, struct str *to, size_t max)
{
    struct mallinfo2 heap = mallinfo2();
    const struct domain *dom;
    struct sums all = {0};
    size_t left_out = 0;
    unsigned i = 0;

    str_add(to, "domain     nodes  node bytes other bytes  watches     tx      queued\n");
    while ((dom = domain_next(&ds->s.domains, &i))) {
        struct sums s = domain_sums(ds, dom);
        char name[8];

        (void)snprintf(name, sizeof name, "%u", (unsigned)dom->domid);
        add(&all, &s);
        if (to->len + 4 * (size_t)ROW_MAX < max)
            put_row(to, name, &s);
        else
            left_out++;
    }
    if (left_out)
        str_addf(to, "(and %zu domains that are not shown)\n", left_out);
    put_row(to, "all", &all);
    str_addf(to, "connections %zu, watches %zu, directory cache %zu bytes\n", ds->conn_count, ds->s.watches.count,
             ds->listing.len);
    str_addf(to, "heap: %zu bytes in use, %zu taken from the system\n", heap.uordblks + heap.hblkhd,
             heap.arena + heap.hblkhd);
}
