/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/fresh.h"

#include "dom/userdata.h"

enum { DOMID_TRIES = 16 };

int fresh_domain(struct host *h, const struct hyp_domain_new *d, uint32_t *ret_domid, struct domo_err *err)
{
    uint32_t passed[DOMID_TRIES], domid = 0;
    bool recent = true;
    size_t n = 0;
    int r = 0;

    while (!r && recent && n < DOMID_TRIES) {
        r = h->hyp->create(h, d, &domid, err);
        if (r)
            break;
        r = domid_is_recent(h, domid, &recent, err);
        /* Kept until another one is found, so that the hypervisor gives a new number. */
        if (r || recent)
            passed[n++] = domid;
    }
    while (n)
        IGNORE(h->hyp->destroy(h, passed[--n], NULL));
    if (!r && recent)
        return err_set(err, DOMO_E_HYPERVISOR,
                       "all domids that the hypervisor gave were in use less than a minute ago");
    if (!r)
        *ret_domid = domid;
    return r;
}
