#!/usr/bin/env bats
# What only a real Linux guest, a real kernel and stock tools can show: packets on the wire, xl's own output, a kernel that takes
# seconds to unpack.

load common

setup_file() {
	cd "$WORK" || return
	world_snapshot before
	GUEST_WORDS="domoip=10.77.0.2/24" domo_create web "disk=[]" "vif=['bridge=xenbr0,mac=00:16:3e:00:00:02']" >/dev/null
	GUEST_WORDS="domoip=10.77.0.3/24" domo_create hot "disk=[]" "vif=[]" >/dev/null
	wait_guest_ready web
	wait_guest_ready hot
}

setup() { cd "$WORK" || return; }

@test "dom0 and the guest reach each other over the bridge" {
	ping -c 2 -W 5 10.77.0.2
	guest_exec web 'ping -c 2 -W 5 10.77.0.1'
}

@test "packets pass over an interface that was attached while the guest ran" {
	domo network-attach hot bridge=xenbr0 mac=00:16:3e:00:00:03
	ping -c 2 -W 10 10.77.0.3
	domo network-detach hot 00:16:3e:00:00:03
}

@test "a kernel out of the guest's own disk: what the bootloader finds is what boots" {
	truncate -s 1M own.img
	cat >loader <<-'L'
		#!/bin/bash
		for word; do
			case $word in
			--output=*) result=${word#*=} ;;
			--output-directory=*) dir=${word#*=} ;;
			--args=*) words=${word#*=} ;;
			esac
		done
		cp "$GUEST_KERNEL" "$dir/kernel"
		cp "$GUEST_RAMDISK" "$dir/ramdisk"
		printf 'kernel %s\0ramdisk %s\0args %s\0\0' "$dir/kernel" "$dir/ramdisk" "$words found" >"$result"
	L
	chmod 755 loader
	export GUEST_KERNEL GUEST_RAMDISK
	domo create /dev/null name=own 'type="pv"' memory=256 "bootloader=\"$WORK/loader\"" "disk=['$WORK/own.img,raw,xvda,w']" \
		"extra=\"console=hvc0 $GUEST_FAST\""
	wait_guest_ready own
	[[ $(guest_exec own 'cat /proc/cmdline') == *" found" ]]
	domo destroy own
	rm own.img loader
}

@test "list, block-list and network-list print what xl prints" {
	# Time(s) moves between the two looks: it is left out of the comparison, the layout is not.
	[ "$(domo list | sed -E 's/ +[0-9.]+$//; s/[rb-]-----/STATE-/')" = "$(xl list | sed -E 's/ +[0-9.]+$//; s/[rb-]-----/STATE-/')" ]
	[ "$(domo block-list web)" = "$(xl block-list web)" ]
	[ "$(domo network-list web)" = "$(xl network-list web)" ]
	[ "$(domo domid web)" = "$(xl domid web)" ]
	[ "$(domo domname "$(domo domid web)")" = web ]
}

@test "destroy leaves the world as it was" {
	domo destroy web
	domo destroy hot
	same_world
}

@test "the kernel cache: cold, warm, bypassed, tampered with" {
	local dir=/var/cache/domo/kernels
	rm -rf "$dir"
	domo_create cold -p "disk=[]" --json --no-cache >/dev/null
	domo destroy cold
	[ -z "$(ls "$dir" 2>/dev/null)" ]
	domo_create cold -p "disk=[]" --json --timing >cold.json
	domo destroy cold
	domo_create warm -p "disk=[]" --json --timing >warm.json
	domo destroy warm
	# Unpacking takes seconds, a hit milliseconds.
	[ "$(json '.timing[] | select(.step == "load-kernel") | .us' <cold.json)" -gt 1000000 ]
	[ "$(json '.timing[] | select(.step == "load-kernel") | .us' <warm.json)" -lt 500000 ]
	# A directory that others may write is not trusted, and creating works all the same.
	chmod 0777 "$dir"
	domo_create warm -p "disk=[]" --json --timing >warm.json
	domo destroy warm
	[ "$(json '.timing[] | select(.step == "load-kernel") | .us' <warm.json)" -gt 1000000 ]
	chmod 0700 "$dir"
	rm -f cold.json warm.json
	same_world
}
