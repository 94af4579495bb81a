/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Devices of this machine that guests may be given: PCI functions and USB
 * devices, and what the hypervisor lets a guest reach. Part of host.h.
 */
#ifndef DOMO_HOST_ASSIGN_H
#define DOMO_HOST_ASSIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/pci_addr.h"

enum { OS_DRIVER_MAX = 32, OS_PCI_RANGES = 7, OS_USB_NAME_MAX = 32 };

/* The driver that keeps a function for guests. */
#define OS_PCIBACK "pciback"
#define OS_USBBACK "usbback"

/* One PCI function. */
struct os_pci {
    struct pci_addr addr;
    uint32_t vendor, device, class_code;
    uint32_t irq;                  /* 0 = none */
    bool is_bridge;                /* it can't be given away */
    char driver[OS_DRIVER_MAX];    /* "" = none */
    uint64_t start[OS_PCI_RANGES]; /* of ports or memory; length 0 = no range */
    uint64_t length[OS_PCI_RANGES];
    uint8_t is_ports[OS_PCI_RANGES];
};

enum os_pci_action {
    OS_PCI_RESET,      /* as thoroughly as the device can; fine if it can't */
    OS_PCI_PERMISSIVE, /* pciback lets the guest write all of its configuration space */
};

/* One interface of a USB device, which may have several. */
struct os_usb {
    char bus_id[OS_USB_NAME_MAX]; /* of the device: "1-2.1" */
    char name[OS_USB_NAME_MAX];   /* "1-2.1:1.0" */
    char driver[OS_DRIVER_MAX];   /* of this interface; "" = none */
    uint32_t bus, addr;           /* of the device, as lsusb has them */
    uint32_t vendor, product;
    bool is_hub;
};

/* What a guest may use of the machine. */
enum hyp_io_kind { HYP_IO_PORTS, HYP_IO_MEMORY, HYP_IO_IRQ };
struct hyp_io {
    enum hyp_io_kind kind;
    uint64_t first, count; /* ports; frames of 4 KiB; of interrupts the first alone */
};

#endif
