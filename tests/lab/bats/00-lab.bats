#!/usr/bin/env bats
# The lab proves itself with stock xl alone: what fails here is not domo's.

load ../helper

setup_file() {
	cd /lab/work || return
	world_snapshot before
	truncate -s 16M disk.img
	cat >stock.cfg <<-EOF
		name = "stock"
		type = "pv"
		kernel = "$GUEST_KERNEL"
		ramdisk = "$GUEST_RAMDISK"
		extra = "console=hvc0 $GUEST_FAST domoip=10.77.0.2/24"
		memory = 256
		disk = [ "format=raw,vdev=xvda,access=rw,target=/lab/work/disk.img" ]
		vif = [ "bridge=xenbr0,mac=00:16:3e:00:00:02" ]
	EOF
	xl create stock.cfg 3>&-
}

setup() { cd /lab/work || return; }

@test "a Linux guest reaches its user space" {
	wait_guest_ready stock
}

@test "both ends of disk and network are connected" {
	wait_connected stock vbd 51712
	wait_connected stock vif 0
	[ "$(frontend_state stock vbd 51712)" = 4 ]
	[ "$(backend_state stock vif 0)" = 4 ]
}

@test "the guest answers on its console, with output and status" {
	[ "$(guest_exec stock 'echo "a  b"; echo c')" = $'a  b\nc' ]
	run guest_exec stock 'printf open; exit 7'
	[ "$status" -eq 7 ]
	[ "$output" = open ]
}

@test "bytes that the guest writes to xvda are in the file" {
	guest_exec stock 'echo written by the guest | dd of=/dev/xvda bs=512 seek=3 conv=sync,fsync 2>/dev/null'
	[ "$(dd if=disk.img bs=512 skip=3 count=1 status=none | head -n 1)" = "written by the guest" ]
}

@test "dom0 and the guest reach each other over the bridge" {
	ping -c 2 -W 5 10.77.0.2
	guest_exec stock 'ping -c 2 -W 5 10.77.0.1'
}

@test "hot-plug and unplug of a second disk" {
	truncate -s 8M second.img
	xl block-attach stock "format=raw,vdev=xvdb,access=rw,target=/lab/work/second.img" 3>&-
	wait_connected stock vbd 51728
	[ "$(guest_exec stock 'cat /sys/block/xvdb/size')" = 16384 ]
	xl block-detach stock xvdb 3>&-
	[ -z "$(losetup -j second.img)" ]
}

@test "a guest shuts down when asked" {
	xl shutdown -w stock 3>&-
	for ((i = 0; i < 50; i++)); do
		xl list stock >/dev/null 2>&1 || return 0
		sleep 0.2
	done
	false
}

@test "nothing of the guest is left" {
	world_snapshot after
	# The first guest ever leaves the roots of the two trees and libxl's memory of
	# which numbers were in use.
	world_compare before after '^\+/(libxl|vm) = |^\+f .* /run/xen/domid-history$'
}

@test "the tiny guest lives in 4 MB" {
	cat >tiny.cfg <<-EOF
		name = "tiny"
		type = "pv"
		kernel = "/lab/guest/tiny"
		memory = 4
	EOF
	xl create tiny.cfg 3>&-
	sleep 1
	xl list tiny | grep -E 'tiny +[0-9]+ +4 +1 +-b----'
	xl destroy tiny 3>&-
}
