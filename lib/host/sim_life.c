/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Cores and triggers of simulated guests. A core is an ELF file as Xen's is,
 * of a guest that has no memory worth reading: it says whose it is, no more.
 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/sim.h"
#include "host/sim_wire.h"

enum { NOTE_BYTES = 64 };

int sim_dump_core(struct host *h, uint32_t domid, int fd, struct domo_err *err)
{
    struct {
        Elf64_Ehdr head;
        Elf64_Phdr note;
        Elf64_Nhdr named;
        char owner[4], text[NOTE_BYTES];
    } core = {.owner = "Xen"};
    struct hyp_info info;

    if (h->hyp->info(h, domid, &info, err))
        return -1;
    memcpy(core.head.e_ident, ELFMAG, SELFMAG);
    core.head.e_ident[EI_CLASS] = ELFCLASS64;
    core.head.e_ident[EI_DATA] = ELFDATA2LSB;
    core.head.e_ident[EI_VERSION] = EV_CURRENT;
    core.head.e_type = ET_CORE;
    core.head.e_machine = EM_X86_64;
    core.head.e_version = EV_CURRENT;
    core.head.e_phoff = sizeof core.head;
    core.head.e_ehsize = sizeof core.head;
    core.head.e_phentsize = sizeof core.note;
    core.head.e_phnum = 1;
    core.note.p_type = PT_NOTE;
    core.note.p_offset = sizeof core.head + sizeof core.note;
    core.note.p_filesz = sizeof core.named + sizeof core.owner + sizeof core.text;
    core.named = (Elf64_Nhdr){.n_namesz = sizeof core.owner, .n_descsz = sizeof core.text};
    (void)snprintf(core.text, sizeof core.text, "domain %u, %llu KiB, reason %u", domid,
                   (unsigned long long)info.mem_kib, info.shutdown_reason);
    if (write(fd, &core, sizeof core) != (ssize_t)sizeof core)
        return err_sys(err, DOMO_E_IO, errno, "the core of domain %u can't be written", domid);
    return 0;
}

int sim_resume(struct host *h, uint32_t domid, struct domo_err *err)
{
    struct json *request = sim_request("resume");
    int r;

    h->stats.hyp_calls++;
    json_set_uint(request, "domid", domid);
    r = sim_ask(h->impl, request, NULL, err);
    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't resume domain %u", domid) : 0;
}

int sim_set_uuid(struct host *h, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN], struct domo_err *err)
{
    struct json *request = sim_request("set_uuid");
    struct hyp_domain_new named = {.domid = domid};
    int r;

    h->stats.hyp_calls++;
    memcpy(named.uuid, uuid, sizeof named.uuid);
    sim_add_record(request, &sim_domain_new, &named);
    r = sim_ask(h->impl, request, NULL, err);
    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't give domain %u another UUID", domid) : 0;
}

int sim_trigger(struct host *h, uint32_t domid, enum hyp_trigger which, uint32_t vcpu, struct domo_err *err)
{
    struct json *request = sim_request("trigger");
    int r;

    h->stats.hyp_calls++;
    json_set_uint(request, "domid", domid);
    json_set_uint(request, "which", which);
    json_set_uint(request, "vcpu", vcpu);
    r = sim_ask(h->impl, request, NULL, err);
    if (r == -ENOSYS || r == -EINVAL)
        return err_sys(err, DOMO_E_UNSUPPORTED, -r, "this hypervisor can't do that to a guest of this kind");
    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't send domain %u a trigger", domid) : 0;
}
