/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Devices that xl lists as free text instead of a table.
 */
#ifndef DOMO_CLI_DEVICE_TEXT_H
#define DOMO_CLI_DEVICE_TEXT_H

#include "domo.h"

void put_pci(const struct domo_value *row);
void put_usb(const struct domo_value *row);
void put_vdispl(const struct domo_value *row);
void put_vsnd(const struct domo_value *row);

#endif
