#!/usr/bin/env bats
# Both ends of driver domains with stock tools: a guest that domo made, served by xl devd; one that xl made, served by
# domo devd; packets and data through a Linux in between.

bats_require_minimum_version 1.5.0

load common

setup_file() {
	cd "$WORK" || return
	world_snapshot before
	driver_create drv >/dev/null
}

setup() { cd "$WORK" || return; }

far_guest() { # NAME LAST-BYTE
	cat <<-C
		name = "$1"
		type = "pv"
		kernel = "$GUEST_KERNEL"
		ramdisk = "$GUEST_RAMDISK"
		extra = "console=hvc0 $GUEST_FAST domoip=10.78.0.$2/24"
		memory = 128
		disk = [ "$DRIVER_DISK,raw,xvda,w,backend=drv" ]
		vif = [ "backend=drv,bridge=xenbr0,mac=00:16:3e:00:01:0$2" ]
	C
}

devd_of_xl() { guest_exec drv "xl devd -p /run/xldevd.pid >/dev/null 2>&1; sleep 1; test -s /run/xldevd.pid"; }
end_devd_of_xl() { guest_exec drv "kill \$(cat /run/xldevd.pid)"; }

works() { # NAME
	wait_connected "$1" vbd 51712
	wait_connected "$1" vif 0
	guest_disk_write "$1" xvda 4 "text of $1"
	[ "$(driver_disk_text drv 4)" = "text of $1" ]
	guest_exec "$1" "ping -c 2 -W 5 10.78.0.1"
}

@test "a guest that domo made is served by xl devd" {
	devd_of_xl
	far_guest mixed 2 >mixed.cfg
	domo create mixed.cfg
	wait_guest_ready mixed
	works mixed
	[ "$(xl block-list mixed)" = "$(domo block-list mixed)" ]
	[ "$(xl network-list mixed)" = "$(domo network-list mixed)" ]
	domo block-detach mixed xvda
	domo block-attach mixed "$DRIVER_DISK,raw,xvda,w,backend=drv"
	works mixed
	domo network-detach mixed 0
	domo destroy mixed
	end_devd_of_xl
	[ "$(driver_loops drv)" -eq 0 ]
}

@test "a guest that xl made is served by domo devd" {
	driver_devd drv
	far_guest mixed 3 >mixed.cfg
	xl create mixed.cfg 3>&-
	wait_guest_ready mixed
	works mixed
	xl block-detach mixed xvda 3>&-
	[ "$(driver_loops drv)" -eq 0 ]
	xl block-attach mixed "$DRIVER_DISK,raw,xvda,w,backend=drv" 3>&-
	works mixed
	# And domo extends and takes from it.
	domo network-attach mixed backend=drv bridge=xenbr0
	domo network-detach mixed 1
	domo block-detach mixed xvda
	xl destroy mixed
	[ "$(driver_loops drv)" -eq 0 ]
	[ -z "$(driver_bridge_ports drv)" ]
}

@test "a guest's data survives a devd that is killed under it, and xl devd takes over what domo devd left" {
	far_guest mixed 4 >mixed.cfg
	domo create mixed.cfg >/dev/null
	wait_guest_ready mixed
	driver_devd_end drv KILL
	works mixed
	devd_of_xl
	domo block-detach mixed xvda
	[ "$(driver_loops drv)" -eq 0 ]
	domo destroy mixed
	end_devd_of_xl
	rm mixed.cfg
}

@test "destroying the driver domain under a guest that xl made: shown, refused, reconnected" {
	guest_exec drv "rm -f /run/devd.pid"
	driver_devd drv
	far_guest mixed 5 >mixed.cfg
	xl create mixed.cfg 3>&-
	wait_guest_ready mixed
	xl destroy drv
	domo tree mixed | grep "disk xvda" | grep -q "NOT served"
	driver_create drv >/dev/null
	driver_devd drv
	domo reconnect mixed
	works mixed
	domo destroy mixed
	driver_destroy drv
	rm mixed.cfg
	domo sweep --remove
	same_world
}
