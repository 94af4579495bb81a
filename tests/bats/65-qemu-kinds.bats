#!/usr/bin/env bats
# What QEMU serves, on real Xen with a real Linux guest: disk images, a screen that is looked at over VNC, a channel, a
# directory shared by 9P; and what is said when QEMU can't. Needs a dom0 with QEMU: lab bats --dm.

bats_require_minimum_version 1.5.0
load common
load vnc

setup_file() {
	cd "$WORK" || return
	world_snapshot before
	head -c 16M /dev/urandom >disk.raw
	qemu-img convert -O qcow2 disk.raw disk.qcow2
	mkdir -p share
	echo from-dom0 >share/file
	GUEST_RAMDISK=/lab/guest/initrd-dm.img domo_create web vif=[] "disk=['$WORK/disk.qcow2,qcow2,xvda,rw']" vnc=1 \
		"channel=['name=org.domo.a,connection=pty','name=org.domo.b,connection=socket,path=$WORK/b.sock']" \
		"p9=['tag=share,path=$WORK/share,security_model=none']" >/dev/null
	wait_guest_ready web
}

setup() { cd "$WORK" || return; }

@test "one QEMU serves all of it, and says that it runs" {
	local id
	id=$(guest_domid web)
	[ "$(xenstore-read "/local/domain/0/device-model/$id/state")" = running ]
	kill -0 "$(xenstore-read "/local/domain/$id/image/device-model-pid")"
	[ "$(pgrep -fc "xen-domid $id ")" = 1 ]
	[ -s /var/log/xen/qemu-dm-web.log ]
}

@test "a qcow2 image: the guest reads what is in it, and what it writes is there" {
	local sum
	wait_connected web vbd 51712
	sum=$(sha256sum <disk.raw)
	[ "$(guest_exec web 'sha256sum </dev/xvda')" = "$sum" ]
	guest_exec web 'echo written-by-the-guest | dd of=/dev/xvda bs=512 seek=100 conv=sync,fsync 2>/dev/null'
	[ "$(domo block-list web --json | json '.[0].target')" = "$WORK/disk.qcow2" ]
	[ "$(domo block-list web)" = "$(xl block-list web)" ]
}

@test "a directory shared by 9P: both sides see each other's files" {
	guest_exec web 'load 9p; load 9pnet_xen; mount -t 9p -o trans=xen,version=9p2000.L share /mnt'
	[ "$(guest_exec web 'cat /mnt/file')" = from-dom0 ]
	guest_exec web 'echo from-the-guest >/mnt/back; sync'
	[ "$(cat share/back)" = from-the-guest ]
}

@test "a channel carries data both ways" {
	local tty
	tty=$(domo channel-list web --json | json '.[0].path')
	[ -c "$tty" ]
	[ "$(domo channel-list web)" = "$(xl channel-list web)" ]
	stty -F "$tty" raw -echo
	# Its settings last as long as it is open.
	guest_exec web 'exec 3<>/dev/hvc1; stty raw -echo <&3; { read -r got <&3; echo "back: $got" >&3; } >/dev/null 2>&1 & exec 3>&-'
	exec {fd}<>"$tty"
	echo ping >&"$fd"
	IFS= read -r -t 20 line <&"$fd"
	exec {fd}>&-
	[ "$line" = "back: ping" ]
	[ -S b.sock ]
}

@test "VNC shows the guest's screen" {
	local port n
	wait_connected web vfb 0
	wait_connected web vkbd 0
	port=$(xenstore-read "/local/domain/$(guest_domid web)/console/vnc-port")
	# Ten lines of the screen, each of a colour of its own.
	guest_exec web 'for n in 0 1 2 3 4 5 6 7 8 9; do
		dd if=/dev/zero bs=3200 count=1 2>/dev/null | tr "\000" "$(echo ABCDEFGHIJ | cut -c$((n + 1)))"
	done | dd of=/dev/fb0 bs=3200 seek=300 2>/dev/null; sleep 1'
	vnc_screen "$port" pixels
	[ "$(stat -c %s pixels)" = $((800 * 600 * 4)) ]
	for n in 1 2 3 4 5 6 7 8 9 a; do
		# Blue, green, red; the fourth byte means nothing.
		[ "$(tail -c +$(((16#$n + 299) * 3200 + 1)) pixels | head -c 3200 | od -An -v -w4 -tx1 | cut -c1-9 | sort -u)" = " 4$n 4$n 4$n" ]
	done
}

@test "vkb-list is xl's; a keyboard and an image come and go while the guest runs" {
	qemu-img create -q -f qcow2 hot.qcow2 8M
	[ "$(domo vkb-list web)" = "$(xl vkb-list web)" ]
	domo block-attach web "$WORK/hot.qcow2,qcow2,xvdb,rw"
	[ "$(guest_exec web 'cat /sys/block/xvdb/size')" = 16384 ]
	domo block-detach web xvdb
	[ "$(guest_exec web 'test -e /sys/block/xvdb || echo gone')" = gone ]
}

@test "an image that another disk writes to is refused, with the reason" {
	LIMIT_MS=3000 expect_error disk.in-use 4 domo block-attach web "$WORK/disk.qcow2,qcow2,xvdc,rw"
	[ -z "$(xenstore-list "/libxl/$(guest_domid web)/device/vbd" | grep 51744)" ]
}

@test "destroy ends QEMU; the image holds what the guest wrote" {
	local pid
	pid=$(xenstore-read "/local/domain/$(guest_domid web)/image/device-model-pid")
	domo destroy web
	run ! kill -0 "$pid"
	[ "$(qemu-img convert -O raw disk.qcow2 after.raw && dd if=after.raw bs=512 skip=100 count=1 2>/dev/null | tr -d '\0')" = written-by-the-guest ]
	rm -f after.raw b.sock pixels hot.qcow2
	same_world
}

@test "a guest without a device model gets one with its first image" {
	qemu-img create -q -f qcow2 hot.qcow2 8M
	domo_create plain vif=[] disk=[] >/dev/null
	wait_guest_ready plain
	run ! pgrep -f "xen-domid $(guest_domid plain) "
	domo block-attach plain "$WORK/hot.qcow2,qcow2,xvda,rw"
	[ "$(guest_exec plain 'cat /sys/block/xvda/size')" = 16384 ]
	pgrep -f "xen-domid $(guest_domid plain) "
	domo destroy plain
	rm -f hot.qcow2
	same_world
}

@test "a screen's port that is taken: said in a second, and nothing is left" {
	# Something that listens there already.
	tiny_create first "vfb=['vncdisplay=7,vncunused=0']"
	run domo create /dev/null name=second 'type="pv"' memory=4 "kernel=$TINY" "vfb=['vncdisplay=7,vncunused=0']"
	[ "$status" -ne 0 ]
	[[ $output == *"ddress already in use"* ]]
	domo destroy first
	DOMO_QEMU=/no/such/qemu run tiny_create third vnc=1
	[ "$status" -ne 0 ]
	[[ $output == */no/such/qemu* ]]
	same_world
}
