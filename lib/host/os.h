/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The operations on this machine's kernel, one file each kind of thing; os.c
 * puts them together into linux_os_ops.
 */
#ifndef DOMO_HOST_OS_H
#define DOMO_HOST_OS_H

#include "host/xen.h"

int os_target(struct host *, const char *path, struct os_target *ret, struct domo_err *) MUST_CHECK;
int os_file_is_open(struct host *, const char *path, bool any, bool *ret, struct domo_err *) MUST_CHECK;
int os_is_mounted(struct host *, uint32_t major, uint32_t minor, bool *ret, struct domo_err *) MUST_CHECK;

int os_loop_attach(struct host *, const struct os_loop_new *, struct os_loop *ret, struct domo_err *) MUST_CHECK;
int os_loop_detach(struct host *, uint32_t number, struct domo_err *) MUST_CHECK;
int os_loop_list(struct host *, const struct os_file_id *on, size_t n_on, struct os_loop **ret, size_t *ret_n,
                 struct domo_err *) MUST_CHECK;

int os_loop_get(struct host *, uint32_t number, struct os_loop *ret, bool *ret_found, struct domo_err *) MUST_CHECK;

int os_block_claim(struct host *, const char *path, int *ret_fd, struct domo_err *) MUST_CHECK;
int os_vbd_users(struct host *, struct os_vbd_user **ret, size_t *ret_n, struct domo_err *) MUST_CHECK;

int os_iface(struct host *, const char *name, struct os_iface *ret, bool *ret_found, struct domo_err *) MUST_CHECK;
int os_iface_change(struct host *, const char *name, const struct os_iface_change *, struct domo_err *) MUST_CHECK;

int os_script_start(struct host *, const struct os_script *, struct os_child *ret, struct domo_err *) MUST_CHECK;
int os_script_collect(struct host *, struct os_child *, bool kill_it, bool *ret_ended, int *ret_status,
                      struct domo_err *) MUST_CHECK;

int os_daemon_start(struct host *, const struct os_daemon_new *, struct os_daemon *ret, struct domo_err *) MUST_CHECK;
int os_daemon_find(struct host *, const char *pid_path, struct os_daemon *ret, bool *ret_runs,
                   struct domo_err *) MUST_CHECK;
int os_daemon_named(struct host *, pid_t pid, const char *option, const char *value, struct os_daemon *ret,
                    bool *ret_runs, struct domo_err *) MUST_CHECK;
int os_daemon_watch(struct host *, const struct os_daemon *, int *ret_fd, struct domo_err *) MUST_CHECK;
int os_daemon_kill(struct host *, const struct os_daemon *, struct domo_err *) MUST_CHECK;

int os_pci_list(struct host *, struct os_pci **ret, size_t *ret_n, struct domo_err *) MUST_CHECK;
int os_pci_driver(struct host *, const struct pci_addr *, const char *driver, struct domo_err *) MUST_CHECK;
int os_pci_act(struct host *, const struct pci_addr *, enum os_pci_action, struct domo_err *) MUST_CHECK;
int os_usb_list(struct host *, struct os_usb **ret, size_t *ret_n, struct domo_err *) MUST_CHECK;
int os_usb_driver(struct host *, const char *name, const char *driver, struct domo_err *) MUST_CHECK;

/* Our environment with "additions", which win: an array to free, of strings that stay where they are. NULL: no memory.
 */
const char **os_merge_env(const char *const *additions);

#endif
