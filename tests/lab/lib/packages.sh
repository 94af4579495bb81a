# shellcheck shell=bash
# The files of the lab share their names.
# shellcheck disable=SC2034,SC2154

# What goes into the images, and where it comes from.
#
# The images are made from Debian's packages, downloaded and unpacked but never
# installed: building the lab changes nothing on the machine that builds it, and
# a laptop and a fresh chroot get the same bytes.

xen_version=4.17

# The hypervisor; the kernel is what linux-image-amd64 depends on at the moment.
xen_package=xen-hypervisor-$xen_version-amd64
kernel_metapackage=linux-image-amd64

# Programs of dom0. Only their lib* dependencies are followed: what a package
# needs to be *configured* (perl, ucf, init scripts) has no place in an initramfs.
dom0_packages=(
	base-files bash busybox-static coreutils dash debianutils diffutils
	findutils grep gzip hostname libc-bin mawk ncurses-base ncurses-bin
	procps psmisc sed tar less time xz-utils zlib1g
	util-linux util-linux-extra mount bsdutils bsdextrautils e2fsprogs kmod
	iproute2 bridge-utils iputils-ping
	"xen-utils-$xen_version" xen-utils-common xenstore-utils
	bats jq strace
	# Libraries that our own build loads at run time, sanitizers included.
	"libxenmisc$xen_version" libxenstore4 libyajl2 libxml2 libsmartcols1
	libuuid1 libmnl0 libnettle8 libasan8 libubsan1
)

# Kernel modules of dom0; what they depend on comes along.
dom0_modules=(
	virtio_pci virtio_console virtio_blk
	xenfs xen-evtchn xen-gntdev xen-gntalloc xen-privcmd
	xen-blkback xen-netback xen-pciback
	loop brd bridge tun dummy veth ext4 dm-mod
)

guest_modules=(xen-blkfront xen-netfront)

# What a dom0 has besides when it is to serve devices by QEMU (`--dm`): an archive of its own, because every
# megabyte costs time at each boot, and most jobs do without.
dm_packages=(qemu-system-xen qemu-utils seabios ovmf ipxe-qemu)
dm_guest_modules=(xen-fbfront xen-kbdfront 9pnet_xen 9p ata_piix sd_mod sr_mod 8139cp e1000)
dm_unwanted=(
	usr/share/doc usr/share/man usr/share/info usr/share/locale usr/share/bash-completion usr/share/lintian
	usr/share/bug usr/lib/x86_64-linux-gnu/gconv usr/lib/x86_64-linux-gnu/gio usr/lib/x86_64-linux-gnu/qemu
	usr/share/glib-2.0 usr/share/libthai usr/share/fonts usr/share/OVMF
	usr/bin/qemu-nbd usr/bin/qemu-io
	# Boot ROMs of cards that no test has.
	usr/lib/ipxe/qemu/{efi,pxe}-{e1000e,eepro100,ne2k_pci,pcnet,virtio,vmxnet3}.rom
)

# Parts of the unpacked packages that no job needs. Documentation and
# translations are half the size of a Debian tree, and every megabyte of an
# initramfs is copied twice at boot by an emulated processor.
dom0_unwanted=(
	usr/share/doc usr/share/man usr/share/info usr/share/locale
	usr/share/lintian usr/share/bash-completion usr/share/util-linux
	usr/share/bug usr/share/gcc usr/share/apport usr/share/zoneinfo
	usr/share/pixmaps usr/share/applications usr/share/doc-base
	usr/share/xen-utils-common usr/share/base-files usr/share/initramfs-tools
	usr/share/gdb usr/share/polkit-1 usr/share/menu
	usr/lib/xen-common/boot usr/lib/debug usr/lib/systemd lib/systemd
	usr/lib/udev/hwdb.d usr/lib/x86_64-linux-gnu/gconv
	usr/lib/x86_64-linux-gnu/libtsan.so.2 etc/init.d etc/cron.daily
	usr/lib/x86_64-linux-gnu/engines-3 usr/lib/x86_64-linux-gnu/ossl-modules
	usr/sbin/gdbsx usr/bin/xenalyze usr/bin/localedef
	boot
)
