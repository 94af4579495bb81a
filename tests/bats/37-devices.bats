#!/usr/bin/env bats
# What real Linux and stock tools alone can show of disks and interfaces: xl's own scripts, two queues, the environment
# side by side with xl's, a hundred attaches and detaches, what one tool made in the hands of the other.

bats_require_minimum_version 1.5.0

load common

setup_file() {
	cd "$WORK" || return
	truncate -s 8M data.img root.img
	world_snapshot before
	# Linux' netfront keeps two megabytes of the guest's memory for each interface that goes, whichever tool takes it.
	GUEST_WORDS="domoip=10.77.0.4/24" domo_create dev vcpus=2 memory=512 "disk=['$WORK/root.img,raw,xvda,r']" "vif=['bridge=xenbr0']" >/dev/null
	wait_guest_ready dev
}

setup() { cd "$WORK" || return; }

# Another interface has another address on the wire: dom0 must not go on with the one that it knows.
answers() { # ADDRESS
	ip neigh flush to "$1"
	ping -c 2 -W 10 "$1"
}

@test "two queues: a guest with two processors uses both, and packets pass" {
	local front id
	id=$(guest_domid dev)
	front=/local/domain/$id/device/vif/0
	[ "$(xenstore-read "$front/multi-queue-num-queues")" = 2 ]
	xenstore-read "$front/queue-0/tx-ring-ref" "$front/queue-1/tx-ring-ref"
	[ "$(domo network-list dev --json | json '.[0].connected')" = true ]
	[ "$(domo network-list dev)" = "$(xl network-list dev)" ]
	[ "$(printf '%s\n' "/sys/class/net/vif$id.0/queues"/rx-* | wc -l)" -eq 2 ]
	ping -c 2 -W 5 10.77.0.4
	domo network-detach dev 0
	domo network-attach dev bridge=xenbr0
	[ "$(xenstore-read "$front/multi-queue-num-queues")" = 2 ]
	answers 10.77.0.4
	domo network-detach dev 0
}

@test "a recording script sees the same words and environment from domo as from xl" {
	local tool
	cat >/etc/xen/scripts/vif-record <<-S
		#!/bin/bash
		{ echo "args: \$*"; env | grep -E '^(script|XENBUS_[A-Z_]*|vif|netdev|INTERFACE)=' | LC_ALL=C sort; } >>$WORK/record.\$(xenstore-read "\$XENBUS_PATH/gatewaydev")
		[ "\$1" != online ] || xenstore-write "\$XENBUS_PATH/hotplug-status" connected
	S
	cat >/etc/xen/scripts/block-record <<-S
		#!/bin/bash
		{ echo "args: \$*"; env | grep -E '^(script|XENBUS_[A-Z_]*)=' | LC_ALL=C sort; } >>$WORK/record.\$(xenstore-read "\$XENBUS_PATH/params")
		[ "\$1" = add ] || exit 0
		xenstore-write "\$XENBUS_PATH/physical-device" 7:0 "\$XENBUS_PATH/hotplug-status" connected
	S
	chmod 755 /etc/xen/scripts/*-record
	rm -f record.*
	for tool in xl domo; do
		"$tool" network-attach dev script=vif-record "gatewaydev=$tool" bridge=xenbr0 3>&-
		wait_connected dev vif 0
		"$tool" network-detach dev 0 3>&-
		"$tool" block-attach dev "vdev=xvdb,access=ro,script=block-record,target=disk-$tool" 3>&-
		wait_connected dev vbd 51728
		"$tool" block-detach dev xvdb 3>&-
	done
	diff <(sed 's/=xl$/=TOOL/' record.xl) <(sed 's/=domo$/=TOOL/' record.domo)
	diff record.disk-xl record.disk-domo
	[ "$(grep -c '^args: online type_if=vif$' record.domo)" -eq 1 ]
	rm -f record.* /etc/xen/scripts/*-record
}

@test "xl's vif-bridge and vif-route do their work when they are named" {
	local id
	id=$(guest_domid dev)
	cp /etc/xen/scripts/vif-bridge /etc/xen/scripts/vif-bridge-stock
	domo network-attach dev script=vif-bridge-stock bridge=xenbr0
	bridge link | grep "vif$id.0" | grep -q "master xenbr0"
	answers 10.77.0.4
	domo network-detach dev 0
	rm /etc/xen/scripts/vif-bridge-stock
	modprobe dummy numdummies=0
	ip link add gate0 type dummy && ip addr add 10.79.0.1/24 dev gate0 && ip link set gate0 up
	# The script calls a program that dom0 has under another name.
	[ -e /usr/local/sbin/ifconfig ] || ln -s "$(command -v busybox)" /usr/local/sbin/ifconfig
	domo network-attach dev script=vif-route gatewaydev=gate0 ip=10.79.0.9
	ip route | grep -q "10.79.0.9 dev vif$id.0"
	domo network-detach dev 0
	run ! ip link show "vif$id.0"
	ip link del gate0
}

@test "a disk that xl attached, domo detaches, and the other way round; both tell the same, stored config included" {
	xl block-attach dev "$WORK/data.img,raw,xvdb,w" 3>&-
	wait_connected dev vbd 51728
	domo tree dev | grep -q "disk xvdb"
	domo block-detach dev xvdb
	# What xl wrote into the stored config has gone with the disk.
	[ "$(xl list -l dev | jq '[.[0].config.disks[].vdev] | index("xvdb")')" = null ]
	domo block-attach dev "$WORK/data.img,raw,xvdb,w"
	[ "$(xl list -l dev | jq '[.[0].config.disks[] | select(.vdev == "xvdb")] | length')" = 1 ]
	xl block-detach dev xvdb 3>&-
	[ -z "$(losetup -j data.img)" ]
	# xl leaves its entry behind: what domo attaches takes its place.
	domo block-attach dev "$WORK/data.img,raw,xvdb,r"
	[ "$(jq '[.disks[] | select(.vdev == "xvdb")] | length' <(tr -d '\0' <"/var/lib/xen/userdata-d.$(guest_domid dev)."*.libxl-json))" = 1 ]
	diff <(xl list -l dev | jq -S .) <(domo list -l dev | jq -S .)
	domo block-detach dev xvdb
}

@test "while one tool holds libxl's lock the other waits, and the config has both devices in the end" {
	local lock id
	id=$(guest_domid dev)
	lock=/var/lib/xen/userdata-l.$id.$(basename "$(xenstore-read "/local/domain/$id/vm")").domain-userdata-lock
	# As libxl holds it: an exclusive flock on the file of that name.
	flock -x "$lock" sleep 2 3>&- &
	sleep 0.3
	local start=$EPOCHSECONDS
	domo block-attach dev "$WORK/data.img,raw,xvdb,w"
	[ $((EPOCHSECONDS - start)) -ge 1 ]
	wait
	domo network-attach dev bridge=xenbr0 3>&- &
	xl network-attach dev bridge=xenbr0 devid=3 3>&- &
	wait
	[ "$(xl list -l dev | jq '.[0].config.nics | length')" -eq 2 ]
	domo network-detach dev 0
	domo network-detach dev 3
	domo block-detach dev xvdb
}

@test "direct-io-safe, discard, untrusted and cdrom reach the back end and the guest" {
	local back id
	id=$(guest_domid dev)
	domo block-attach dev "vdev=xvdc,access=rw,direct-io-safe,no-discard,untrusted,target=$WORK/data.img"
	back=$(backend_path dev vbd 51744)
	[ "$(xenstore-read "$back/direct-io-safe" "$back/discard-enable" "$back/mode" "/local/domain/$id/device/vbd/51744/trusted" | tr '\n' ' ')" = "1 0 w 0 " ]
	domo block-detach dev xvdc
	domo block-attach dev "vdev=xvdd,devtype=cdrom,target=$WORK/data.img"
	guest_exec dev "test -e /sys/block/xvdd && cat /sys/block/xvdd/ro" | grep -q 1
	[ "$(xenstore-read "$(backend_path dev vbd 51760)/device-type")" = cdrom ]
	domo block-detach dev xvdd
}

@test "forty tiny guests at once on one shared read-only image: no hotplug step takes a second of the idle lab" {
	local i slowest limit failed=0
	for i in $(seq 40); do
		tiny_create "many$i" -p "disk=['$WORK/root.img,raw,xvda,r']" --json --timing >"many$i.json" 2>"many$i.err" 3>&- &
	done
	wait
	for i in $(seq 40); do
		[ "$(json .domid <"many$i.json")" -gt 0 ] || { cat "many$i.err" "many$i.json"; failed=1; }
	done
	for i in $(seq 40); do domo destroy "many$i" >/dev/null || failed=1; done
	[ "$failed" = 0 ]
	slowest=$(jq -s '[.[].timing[] | select(.step | IN("prepare-devices", "connect-backends"))] | max_by(.us) | .us' many*.json)
	limit=$((1000000 * $(host_slowness) / 100))
	echo "the slowest hotplug step took $slowest us, the limit is $limit us"
	[ "$slowest" -lt "$limit" ]
	rm -f many*.json many*.err
}

@test "attached and detached a hundred times each: loop devices, interfaces, nodes, channels and grants are as before" {
	local i
	domo block-attach dev "$WORK/data.img,raw,xvdb,w" && domo block-detach dev xvdb
	domo network-attach dev bridge=xenbr0 devid=5 && domo network-detach dev 5
	rm -f quick0 && quick_world >quick0
	books >books0
	for i in $(seq 100); do
		domo block-attach dev "$WORK/data.img,raw,xvdb,w" --timeout 60 >/dev/null
		domo block-detach dev xvdb --timeout 60 >/dev/null
		domo network-attach dev bridge=xenbr0 devid=5 --timeout 60 >/dev/null
		domo network-detach dev 5 --timeout 60 >/dev/null
	done
	same_quick_world quick0
	books >books1
	cat books0 books1
	# Less is none: the guest's kernel may take a while to let go of what it had before.
	[ -z "$(paste books0 books1 | awk '$6 > $3')" ]
	rm -f quick0 books0 books1
}

# What the kernels at both ends hold: dom0's event channels, the guest's, and its active grants as Xen counts them.
books() {
	echo "dom0 channels $(grep -c 'xen-dyn' /proc/interrupts)"
	echo "guest channels $(guest_exec dev 'grep -c xen-dyn /proc/interrupts')"
	xl dmesg -c >/dev/null
	xl debug-keys g
	sleep 0.5
	echo "guest grants $(xl dmesg | awk -v id="$(guest_domid dev)" '
		/ active --/ {next}
		/grant-table for remote/ {d = $0; sub(/.*remote d/, "", d); sub(/[^0-9].*/, "", d); mine = (d == id)}
		mine && /\[0x[0-9a-f]+\]/ {n++}
		END {print n + 0}')"
}

@test "destroy gives all back" {
	domo destroy dev
	same_world
}
