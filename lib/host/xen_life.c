/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What else is done to a domain that lives, or has ended: its core, and what a
 * person could do to a machine from outside.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "host/xen_conn.h"
#include "host/xen_guest.h"

/* After the types that it needs. */
#include <xen/hvm/params.h>

struct dump {
    struct host *host;
    int fd;
};

static int put(xc_interface *xc, void *arg, char *bytes, unsigned int len)
{
    const struct dump *d = arg;

    (void)xc;
    while (len > 0) {
        ssize_t n = write(d->fd, bytes, len);

        if (n < 0 && errno != EINTR)
            return -errno;
        if (d->host->cancelled && *d->host->cancelled)
            return -ECANCELED;
        if (n > 0) {
            bytes += n;
            len -= (unsigned)n;
        }
    }
    return 0;
}

int xen_dump_core(struct host *h, uint32_t domid, int fd, struct domo_err *err)
{
    struct dump d = {.host = h, .fd = fd};
    struct hyp_info info;
    xc_interface *xc;
    int r;

    /* The library has no errno for a domain that is not there. */
    if (h->hyp->info(h, domid, &info, err) < 0 || xen_guest_load(err) < 0 || xen_xc(h, &xc, err) < 0)
        return -1;
    errno = 0;
    r = xen_guest.domain_dumpcore_via_callback(xc, domid, &d, put);
    if (r == 0)
        return 0;
    /* What put() gave is handed back as it is; of its own the library sets errno. */
    if (r < -1)
        errno = -r;
    if (h->cancelled && *h->cancelled)
        return err_set(err, DOMO_E_CANCELLED, "interrupted");
    if (errno == ENOSPC || errno == EFBIG || errno == EIO)
        return err_sys(err, DOMO_E_IO, errno, "the core of domain %u can't be written", domid);
    return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "the core of domain %u can't be dumped", domid);
}

int xen_resume(struct host *h, uint32_t domid, struct domo_err *err)
{
    xc_interface *xc;

    if (xen_guest_load(err) < 0 || xen_xc(h, &xc, err) < 0)
        return -1;
    /* The other way rebuilds what a guest without suspend-cancel has lost, which no guest of ours is. */
    if (xen_guest.domain_resume(xc, domid, 1) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't resume domain %u", domid);
    return 0;
}

int xen_set_uuid(struct host *h, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN], struct domo_err *err)
{
    xen_domain_handle_t handle = {0};
    xc_interface *xc;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    memcpy(handle, uuid, sizeof handle);
    if (xc_domain_sethandle(xc, domid, handle) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't give domain %u another UUID", domid);
    return 0;
}

int xen_trigger(struct host *h, uint32_t domid, enum hyp_trigger which, uint32_t vcpu, struct domo_err *err)
{
    static const uint32_t numbers[HYP_TRIGGERS] = {[HYP_TRIGGER_NMI] = XEN_DOMCTL_SENDTRIGGER_NMI,
                                                   [HYP_TRIGGER_RESET] = XEN_DOMCTL_SENDTRIGGER_RESET,
                                                   [HYP_TRIGGER_INIT] = XEN_DOMCTL_SENDTRIGGER_INIT,
                                                   [HYP_TRIGGER_POWER] = XEN_DOMCTL_SENDTRIGGER_POWER,
                                                   [HYP_TRIGGER_SLEEP] = XEN_DOMCTL_SENDTRIGGER_SLEEP};
    xc_interface *xc;
    int r;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    if (which == HYP_TRIGGER_WAKE)
        r = xc_hvm_param_set(xc, domid, HVM_PARAM_ACPI_S_STATE, 0);
    else
        r = xc_domain_send_trigger(xc, domid, numbers[which], vcpu);
    if (r == 0)
        return 0;
    if (errno == ENOSYS || errno == EOPNOTSUPP || errno == EINVAL)
        return err_sys(err, DOMO_E_UNSUPPORTED, errno, "this hypervisor can't do that to a guest of this kind");
    return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't send domain %u a trigger", domid);
}
