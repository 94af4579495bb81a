#!/usr/bin/env bats
# Kinds of devices that are parts of this machine, or that a program of another domain serves: created with the guest,
# listed, attached and detached, refused with the reason; nothing of them stays.

bats_require_minimum_version 1.5.0

load ../common

setup_file() {
	cd "$WORK" || return
	domo host stop >/dev/null
	mv "$SIM_DIR/world.json" "$SIM_DIR.world"
	cat >"$SIM_DIR/world.json" <<-W
		{"pci": [
		    {"addr": "0000:00:00.0", "class": 393216},
		    {"addr": "0000:03:00.0", "driver": "e1000e", "class": 131072, "irq": 16,
		     "ranges": ["mem:f0000000+20000", "io:e000+20"]},
		    {"addr": "0000:04:00.0", "driver": "ehci-pci", "irq": 17, "ranges": ["mem:f1000000+1000"]},
		    {"addr": "0000:04:00.1", "driver": "ehci-pci", "irq": 18, "ranges": ["mem:f1001000+1000"]},
		    {"addr": "0000:05:00.0"}],
		 "usb": [
		    {"bus_id": "usb1", "bus": 1, "addr": 1, "driver": "hub", "is_hub": true},
		    {"bus_id": "1-2", "bus": 1, "addr": 4, "driver": "usb-storage"},
		    {"bus_id": "1-3.1", "bus": 1, "addr": 5, "driver": "usbhid", "interfaces": 2}]}
	W
	domo host start >/dev/null
	# What the first guest of a host makes, and later ones find.
	tiny_create first >/dev/null
	domo destroy first >/dev/null
	world_snapshot before
}

setup() { cd "$WORK" || return; }

teardown() {
	destroy_all
	for bdf in 0000:03:00.0 0000:04:00.0 0000:04:00.1 0000:05:00.0; do
		domo pci-assignable-remove -r "$bdf" >/dev/null
	done
	[ "$(domo sweep)" = "nothing is left behind" ]
	same_world
}

teardown_file() {
	domo host stop >/dev/null
	mv "$SIM_DIR.world" "$SIM_DIR/world.json"
	domo host start >/dev/null
	rm -rf "$WORK"/before "$WORK"/after
}

ask() { "$SIM_TOOL" ask "$1"; }
held() { ask "{\"op\":\"held\",\"domid\":$(guest_domid "$1")}" | json .held; }
pci_state() { xenstore-read "/local/domain/0/backend/pci/$(guest_domid "$1")/0/state"; }
stored() { domo list -l "$1" | json ".[0].config.$2"; }
wait_state() { # NAME KIND DEVID STATE
	for _ in $(seq 50); do
		[ "$(backend_state "$1" "$2" "$3")" = "$4" ] && return
		sleep 0.1
	done
	return 1
}
wait_pci() { wait_state "$1" pci 0 4; }

@test "vtpm, pvcalls, vdispl, vsnd: both ends connect, the lists and the stored config have them" {
	tiny_create web "vtpm=['backend=0,uuid=6f1d3c5e-0a7b-4c1d-9e2f-8a4b6c0d1e2f']" "pvcalls=['']" \
		"vdispl=['be-alloc=1,connectors=id0:1920x1080;id1:800x600']" \
		"vsnd=[['card, short-name=Main','pcm, name=a','stream, unique-id=out, type=p']]"
	for kind in vtpm pvcalls vdispl vsnd; do
		wait_state web "$kind" 0 4
		[ "$(backend_state web "$kind" 0)" = 4 ]
	done
	[ "$(domo vdispl-list web --json | json '.[0].connectors[1].resolution')" = 800x600 ]
	domo vdispl-list web | grep -q "Connector: 0, id: id0, width: 1920, height: 1080, req-rref: [0-9]"
	domo vsnd-list web | grep -q '^		stream: 0, unique-id: "out", type: p'
	domo vtpm-list web | grep -q "6f1d3c5e-0a7b-4c1d-9e2f-8a4b6c0d1e2f"
	[ "$(stored web 'vsnds[0].pcms[0].streams[0].type')" = p ]
	[ "$(stored web 'vdispls[0].connectors[0].width')" = 1920 ]
	domo tree web | grep -q vsnd
}

@test "vdispl and vsnd: attach and detach; pvcalls only with the guest" {
	tiny_create web
	domo vdispl-attach web connectors=x:640x480 | grep -q Connected
	domo vsnd-attach web "card, short-name=Two" "pcm, name=p" "stream, type=c" | grep -q Connected
	[ "$(stored web 'vsnds[0].short_name')" = Two ]
	domo vdispl-detach web 0
	domo vsnd-detach web 0
	[ -z "$(domo vdispl-list web)" ]
	[ -z "$(domo vsnd-list web)" ]
	expect_error config.bad-value 1 domo vdispl-attach web connectors=x:640
	expect_error device.not-found 3 domo vsnd-detach web 0
}

@test "virtio disks are for Arm, and say so" {
	truncate -s 1M v.img
	expect_error unsupported 7 tiny_create web "disk=['$WORK/v.img,raw,xvda,w,specification=virtio']"
	[[ $output == *"for Arm"* ]]
	rm v.img
}

@test "pci: keep for guests, by name, and give back to the driver" {
	[ -z "$(domo pci-assignable-list)" ]
	[ "$(domo pci-assignable-add -n nic 03:00.0)" = "0000:03:00.0: kept for guests, its driver was e1000e" ]
	[ "$(domo pci-assignable-add 03:00.0)" = "0000:03:00.0: was kept for guests already" ]
	[ "$(domo pci-assignable-list)" = "0000:03:00.0 " ]
	[ "$(domo pci-assignable-list -n)" = "0000:03:00.0 nic" ]
	[ "$(xenstore-read /libxl/pci/0000-03-00-0/driver_path)" = /sys/bus/pci/drivers/e1000e ]
	domo pci-assignable-remove -r nic
	[ -z "$(domo pci-assignable-list)" ]
	[ -z "$(xenstore-ls /libxl/pci 2>/dev/null)" ]
	expect_error device.not-found 3 domo pci-assignable-add 0000:77:00.0
	expect_error device.not-assignable 1 domo pci-assignable-add 00:00.0
	expect_error device.not-found 3 domo pci-assignable-remove nic
	expect_error usage 2 domo pci-assignable-add nonsense
}

@test "pci: without pciback it is refused, with the module's name" {
	ask '{"op":"driver","kind":"pci","on":false}'
	expect_error device.driver 1 domo pci-assignable-add 03:00.0
	ask '{"op":"driver","kind":"pci","on":true}'
	[[ $output == *"modprobe xen-pciback"* ]]
}

@test "pci: a guest is created with it, and destroyed" {
	domo pci-assignable-add 03:00.0
	tiny_create web "pci=['03:00.0@5,permissive=1']"
	wait_pci web
	[ "$(domo pci-list web)" = $'Vdev Device\n05.0 0000:03:00.0' ]
	# Two ranges, an interrupt, the function itself.
	[ "$(held web)" -eq 4 ]
	[ "$(stored web 'pcidevs[0].bus')" = 3 ]
	[ "$(xenstore-read "/local/domain/0/backend/pci/$(guest_domid web)/0/opts-0")" = \
		"msitranslate=0,power_mgmt=0,permissive=1,rdm_policy=strict" ]
	[ -z "$(domo pci-assignable-list)" ]
	expect_error device.assigned 4 domo pci-assignable-remove 03:00.0
	expect_error device.assigned 4 tiny_create other "pci=['03:00.0']"
	[[ $output == *"belongs to 'web'"* ]]
	domo destroy web
	[ "$(domo pci-assignable-list)" = "0000:03:00.0 " ]
}

@test "pci: what is not kept for guests is refused with the way to it, unless it is seized" {
	expect_error device.not-assignable 1 tiny_create web "pci=['03:00.0']"
	[[ $output == *"driver 'e1000e'"* ]]
	[[ $output == *"pci-assignable-add 0000:03:00.0"* ]]
	expect_error device.not-found 3 tiny_create web "pci=['77:00.0']"
	expect_error device.exists 4 tiny_create web "pci=['03:00.0,seize=1','03:00.0,seize=1']"
	tiny_create web "pci=['03:00.0']" pci_seize=1
	wait_pci web
	[ "$(xenstore-read /libxl/pci/0000-03-00-0/driver_path)" = /sys/bus/pci/drivers/e1000e ]
}

@test "pci: a create that fails later gives a seized device back to its driver" {
	# The first assignment is the quarantine's, which is no condition.
	DOMO_FAULTS="hyp.pci_assign:2 EIO" expect_error host.hypervisor 1 tiny_create web "pci=['03:00.0,seize=1']"
	[ -z "$(domo pci-assignable-list)" ]
	[ -z "$(xenstore-ls /libxl/pci 2>/dev/null)" ]
	expect_error device.not-assignable 1 tiny_create web "pci=['03:00.0']"
	[[ $output == *"driver 'e1000e'"* ]]
}

@test "pci: all functions of a device, by a star" {
	tiny_create web "pci=['04:00.*,seize=1']"
	wait_pci web
	[ "$(domo pci-list web --json | json '.[0].functions[1].addr')" = 0000:04:00.1 ]
	domo pci-detach web '04:00.*'
	[ -z "$(domo pci-list web)" ]
	[ "$(held web)" -eq 0 ]
	[ "$(domo pci-assignable-list | wc -l)" -eq 2 ]
}

@test "pci: a running guest gets a first one, a second one, and gives them up in any order" {
	domo pci-assignable-add 03:00.0
	domo pci-assignable-add 04:00.0
	domo pci-assignable-add -n third 04:00.1
	tiny_create web passthrough=enabled
	domo pci-attach web 03:00.0
	wait_pci web
	domo pci-attach web 04:00.0
	domo pci-attach web name=third
	back=/local/domain/0/backend/pci/$(guest_domid web)/0
	[ "$(xenstore-read "$back/num_devs")" = 3 ]
	[ "$(xenstore-read "$back/state-2")" = 3 ]
	[ "$(pci_state web)" = 4 ]
	[ "$(stored web 'pcidevs[1].bus')" = 4 ]
	expect_error device.exists 4 domo pci-attach web 04:00.0
	# From the middle: the others move up.
	domo pci-detach web 04:00.0
	[ "$(xenstore-read "$back/num_devs")" = 2 ]
	[ "$(xenstore-read "$back/dev-1")" = 0000:04:00.1 ]
	[ "$(xenstore-read "$back/name-1")" = third ]
	run -1 xenstore-read "$back/dev-2"
	[ "$(domo pci-assignable-list)" = "0000:04:00.0 " ]
	domo pci-detach web third
	domo pci-detach web 03:00.0
	[ -z "$(domo pci-list web)" ]
	[ "$(held web)" -eq 0 ]
	[ "$(stored web 'pcidevs | length')" = 0 ]
	expect_error device.not-found 3 domo pci-detach web 03:00.0
}

@test "pci: an attach that fails leaves the bus as it was" {
	domo pci-assignable-add 03:00.0
	domo pci-assignable-add 04:00.0
	tiny_create web "pci=['03:00.0']"
	wait_pci web
	xenstore-ls "/local/domain/0/backend/pci/$(guest_domid web)" >a
	DOMO_FAULTS="hyp.pci_assign EIO" expect_error host.hypervisor 1 domo pci-attach web 04:00.0
	xenstore-ls "/local/domain/0/backend/pci/$(guest_domid web)" >b
	cmp a b
	[ "$(held web)" -eq 4 ]
	[ "$(domo pci-assignable-list)" = "0000:04:00.0 " ]
	rm a b
}

@test "pci: a guest without the front end's driver gets no second one, and says why" {
	domo pci-assignable-add 03:00.0
	domo pci-assignable-add 04:00.0
	tiny_create deaf1 "pci=['03:00.0']" extra=nopci
	expect_error device.guest-no-answer 6 domo pci-attach deaf1 04:00.0
	[[ $output == *xen-pcifront* ]]
	[ "$(held deaf1)" -eq 4 ]
	expect_error device.guest-no-answer 6 domo pci-attach deaf1 04:00.0 --timeout 1
}

@test "pci: a sweep takes away what an attach that was killed left" {
	domo pci-assignable-add 03:00.0
	tiny_create web passthrough=enabled extra=nopci
	domo pci-attach web 03:00.0 --timeout 60 &
	pid=$!
	wait_state web pci 0 3
	kill -9 "$pid"
	wait "$pid" || true
	domo sweep | grep -q "0000:03:00.0"
	domo sweep --remove
	[ -z "$(domo pci-list web)" ]
	[ "$(held web)" -eq 0 ]
	[ "$(domo pci-assignable-list)" = "0000:03:00.0 " ]
}

@test "pci: a guest that was made without passthrough gets none, and pci= with it disabled is refused" {
	domo pci-assignable-add 03:00.0
	tiny_create web
	expect_error host.hypervisor 1 domo pci-attach web 03:00.0
	[[ $output == *passthrough* ]]
	[ "$(domo pci-assignable-list)" = "0000:03:00.0 " ]
	expect_error config.contradiction 1 tiny_create two "pci=['03:00.0']" passthrough=disabled
}

@test "usb: a guest is created with a controller and a device, which goes back to its driver" {
	tiny_create web "usbctrl=['version=2,ports=4']" "usbdev=['hostbus=1,hostaddr=5']"
	wait_state web vusb 0 4
	[ "$(domo usb-list web | sed -n 3p)" = "  Port 1: Bus 001 Device 005" ]
	[ "$(domo usb-list web | wc -l)" -eq 6 ]
	[ "$(xenstore-read /libxl/usbback/1-3_1/1-3_1@1_1/driver_path)" = /sys/bus/usb/drivers/usbhid ]
	[ "$(stored web 'usbdevs[0]["type.hostdev"].hostaddr')" = 5 ]
	expect_error device.assigned 4 tiny_create other "usbdev=['hostbus=1,hostaddr=5']"
	[[ $output == *"belongs to 'web'"* ]]
	domo destroy web
	[ -z "$(xenstore-ls /libxl/usbback 2>/dev/null)" ]
	ask '{"op":"usb_list"}' | grep -q "$(printf usbhid | od -An -tx1 | tr -d ' \n')"
}

@test "usb: controllers and devices come and go while the guest runs" {
	tiny_create web
	domo usbctrl-attach web version=1 ports=2 | grep -q Connected
	domo usbdev-attach web hostbus=1 hostaddr=4
	domo usbdev-attach web hostbus=1 hostaddr=5 controller=0 port=2
	[ "$(domo usb-list web | tail -n 1)" = "  Port 2: Bus 001 Device 005" ]
	[ "$(stored web 'usbdevs | length')" = 2 ]
	expect_error device.exists 4 domo usbdev-attach web hostbus=1 hostaddr=4
	domo usbdev-detach web 0 1
	[ "$(stored web 'usbdevs[0].port')" = 2 ]
	# It is free again.
	domo usbdev-attach web hostbus=1 hostaddr=4 controller=0 port=1
	expect_error device.not-found 3 domo usbdev-detach web 0 3
	expect_error device.not-found 3 domo usbdev-attach web hostbus=9 hostaddr=9
	expect_error device.not-assignable 1 domo usbdev-attach web hostbus=1 hostaddr=1
	domo usbctrl-detach web 0
	[ -z "$(domo usb-list web)" ]
	[ -z "$(xenstore-ls /libxl/usbback 2>/dev/null)" ]
}

@test "usb: a device makes a controller if there is none; without usbback QEMU's serves it" {
	tiny_create web
	domo usbdev-attach web hostbus=1 hostaddr=4
	[ "$(domo usb-list web --json | json '.[0].type')" = pv ]
	domo destroy web
	ask '{"op":"driver","kind":"vusb","on":false}'
	tiny_create web
	domo usbdev-attach web hostbus=1 hostaddr=4
	[ "$(domo usb-list web --json | json '.[0].type')" = qusb ]
	domo destroy web
	ask '{"op":"driver","kind":"vusb","on":true}'
	expect_error unsupported 7 tiny_create web "usbctrl=['type=devicemodel']"
	expect_error config.bad-value 1 tiny_create web "usbctrl=['type=pv,version=3']"
}
